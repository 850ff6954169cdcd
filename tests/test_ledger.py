"""The three ledgers: doors, known postings, and a broken posting of every kind caught and named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists, tuples
from pytest import approx

from gigawatt.compiled import record as record_type
from gigawatt.errors import SolveError
from gigawatt.ledger import (
    BOOKS,
    CHIPS,
    COMPUTE,
    CUSTOMERS,
    EARNED,
    ENERGY,
    EQUITY,
    EXPENSED,
    GOVERNMENT,
    INSTRUMENTS,
    INVESTORS,
    LEDGERS,
    LENDERS,
    LOAN,
    MONEY,
    OPERATIONS,
    POWER,
    REPAYMENT,
    SECTORS,
    SUBSCRIPTION,
    SUPPLIERS,
    TAX,
    UTILITIES,
    close_money,
    ledgers,
    net_worth_usd,
    open_week,
    pay,
    write_off,
)
from gigawatt.world.record import LEDGER_LIMIT
from gigawatt.world.simulation import require_balance
from tests.world.runs import after, next_week, record, week_without_ledgers

EXAMPLES = ("stargate", "one-campus", "telecom-1999")
COMPANIES = 3
MID = 150


def books():
    """Three companies and seven sectors with cash, nothing owed."""
    size = {"C": COMPANIES, "P": COMPANIES + len(SECTORS), "Y": 32, "I": len(INSTRUMENTS), "J": 64}
    b = np.zeros(1, record_type(BOOKS, size)).view(np.recarray)[0]
    b.cash_usd[:] = 1e12
    b.opening_cash_usd[:] = b.cash_usd
    b.equity_usd[:] = b.cash_usd
    b.keep_journal = 1.0
    return b


# ------------------------------------------------------------------------------------------------- doors, by hand


def test_a_payment_leaves_one_account_and_enters_another():
    b = books()
    pay(b, 0, 1, CHIPS, 5e9)
    assert b.cash_usd[0] == 1e12 - 5e9 and b.cash_usd[1] == 1e12 + 5e9
    assert b.paid_usd[CHIPS, 0] == b.received_usd[CHIPS, 1] == 5e9


def test_a_payment_to_a_sector_counts_from_the_end_of_the_parties():
    b = books()
    pay(b, 0, UTILITIES, ENERGY, 1e6)
    assert b.cash_usd[COMPANIES + SECTORS.index("utilities")] == 1e12 + 1e6


def test_the_journal_tells_instrument_payer_and_payee():
    b = books()
    pay(b, CUSTOMERS, 2, SUBSCRIPTION, 7.0)
    parties = COMPANIES + len(SECTORS)
    code = int(b.journal_code[0])
    assert (code // parties**2, code // parties % parties, code % parties) == (SUBSCRIPTION, COMPANIES, 2)
    assert b.entries == 1 and b.journal_usd[0] == 7.0


def test_nothing_paid_is_no_entry():
    b = books()
    pay(b, 0, 1, CHIPS, 0.0)
    assert b.entries == 0


def test_without_a_journal_the_accounts_are_the_same():
    kept, plain = books(), books()
    plain.keep_journal = 0.0
    for b in (kept, plain):
        pay(b, 0, 1, CHIPS, 5e9)
        b.chips_usd[0] += 5e9
    assert plain.entries == 0 and (kept.cash_usd == plain.cash_usd).all()
    assert close_money(plain, COMPANIES) <= LEDGER_LIMIT


def test_every_instrument_says_what_it_does_to_the_equity_of_both_sides():
    assert len(EXPENSED) == len(EARNED) == len(INSTRUMENTS)
    assert not EXPENSED[LOAN] and not EARNED[LOAN] and not EXPENSED[REPAYMENT] and not EARNED[REPAYMENT]
    assert EXPENSED[TAX] and EARNED[TAX] and EXPENSED[OPERATIONS]
    assert EARNED[EQUITY] and not EXPENSED[EQUITY]  # the issuer's equity rises, the buyer swaps cash for a stake


def test_an_expense_lowers_equity_and_a_purchase_does_not():
    b = books()
    pay(b, 0, SUPPLIERS, OPERATIONS, 3e9)
    pay(b, 0, 1, CHIPS, 4e9)
    b.chips_usd[0] += 4e9
    assert close_money(b, COMPANIES) <= LEDGER_LIMIT
    assert b.equity_usd[0] == approx(1e12 - 3e9)
    assert b.equity_usd[1] == approx(1e12 + 4e9)  # the maker earned it


def test_a_loan_changes_no_equity_and_its_write_off_moves_it_from_lender_to_debtor():
    b = books()
    pay(b, LENDERS, 0, LOAN, 1e9)
    b.debt_usd[0, LENDERS] += 1e9
    assert close_money(b, COMPANIES) <= LEDGER_LIMIT
    assert b.equity_usd[0] == b.equity_usd[LENDERS] == approx(1e12)
    open_week(b)
    write_off(b, 0, LENDERS, 4e8)
    assert close_money(b, COMPANIES) <= LEDGER_LIMIT
    assert b.debt_usd[0, LENDERS] == approx(6e8)
    assert b.equity_usd[0] == approx(1e12 + 4e8) and b.equity_usd[LENDERS] == approx(1e12 - 4e8)


def test_net_worth_is_cash_assets_and_claims_less_debts():
    b = books()
    b.chips_usd[0], b.sites_usd[0], b.debt_usd[0, 1], b.debt_usd[2, 0] = 5e9, 6e9, 2e9, 1e9
    b.stake_usd[0, 1] = 3e9
    net_usd, _ = net_worth_usd(b, 0, COMPANIES)
    assert net_usd == approx(1e12 + 5e9 + 6e9 + 3e9 + 1e9 - 2e9)


@given(lists(tuples(integers(0, 2), integers(-7, 2), floats(0, 1e11)), max_size=40))
def test_any_payments_balance_and_conserve_cash(payments):
    b = books()
    for payer, payee, usd in payments:
        pay(b, payer, payee, OPERATIONS, usd)
    assert close_money(b, COMPANIES) <= LEDGER_LIMIT
    assert sum(b.cash_usd) == approx(1e12 * (COMPANIES + len(SECTORS)), rel=1e-12)
    assert sum(b.equity_usd) == approx(sum(b.cash_usd), rel=1e-12)


def test_closing_carries_cash_forward_so_that_the_next_week_balances():
    b = books()
    for _ in range(3):
        open_week(b)
        pay(b, 0, GOVERNMENT, TAX, 1e9)
        assert close_money(b, COMPANIES) <= LEDGER_LIMIT
        assert (b.opening_cash_usd == b.cash_usd).all()


# --------------------------------------------------------------------------------------------------- whole runs


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_ledger_balances_in_every_week(name):
    run = record(name)
    errors = run.field("error.week")
    assert errors.shape == (run.scenario.weeks, len(LEDGERS))
    assert np.isfinite(errors).all() and (errors <= LEDGER_LIMIT).all()
    require_balance(run)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_state_holds_a_number_that_is_not_finite(name):
    run = record(name)
    for group in run.history.dtype.names:
        for field in run.history.dtype[group].names:
            assert np.isfinite(run.field(f"{group}.{field}")).all(), f"{group}.{field}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_journal_has_room_for_every_payment(name):
    run = record(name)
    assert run.field("books.entries").max() < run.field("books.journal_usd").shape[1]


@pytest.mark.parametrize("name", EXAMPLES)
def test_cash_is_conserved_over_the_whole_run(name):
    cash = record(name).field("books.cash_usd").sum(axis=1)
    assert np.ptp(cash) <= 1e-9 * abs(cash[0])


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_worst_error_is_the_largest_of_the_weeks(name):
    run = record(name)
    assert (run.history[-1].error.worst == run.field("error.week").max(axis=0)).all()


# ------------------------------------------------------------------------------------------ one broken posting each


def largest(array):
    """Index of the largest value."""
    return np.unravel_index(int(np.argmax(array)), array.shape)


def cash_from_nowhere(w):
    w.books.cash_usd[0] += 1e6


def cash_from_nowhere_with_equity_to_match(w):
    w.books.cash_usd[0] += 1e6
    w.books.equity_usd[0] += 1e6


def chips_without_payment(w):
    w.books.chips_usd[0] += 1e6


def debt_forgotten(w):
    w.books.debt_usd[largest(w.books.debt_usd)] -= 1e6


def stake_without_purchase(w):
    w.books.stake_usd[INVESTORS, 0] += 1e6


def paid_but_not_received(w):
    i, k = largest(w.books.received_usd)
    w.books.received_usd[i, k] -= 1e6


def entry_of_the_journal_altered(w):
    w.books.journal_usd[largest(w.books.journal_usd)] += 1e6


def entry_of_the_journal_under_another_payer(w):
    parties = len(w.books.cash_usd)
    at = largest(w.books.journal_usd)
    code = int(w.books.journal_code[at])
    payer = (code // parties + 1) % parties
    w.books.journal_code[at] = (code // parties**2 * parties + payer) * parties + code % parties


def chip_used_twice(w):
    w.use.used_h100e[largest(w.use.used_h100e)] *= 1.001


def negative_use(w):
    c, u = largest(w.use.used_h100e)
    other = (u + 1) % w.use.used_h100e.shape[1]
    moved = w.use.used_h100e[c, other] + 10.0
    w.use.used_h100e[c, other] -= moved
    w.use.used_h100e[c, u] += moved


def negative_idle(w):
    c, u = largest(w.use.used_h100e)
    w.use.used_h100e[c, u] += w.use.idle_h100e[c] + 1000.0
    w.use.idle_h100e[c] = -1000.0


def chip_lent_but_not_borrowed(w):
    w.use.spot_lent_h100e[0] += 1000.0
    w.use.idle_h100e[0] -= 1000.0


def lent_without_a_borrower(w):
    lab, owner = largest(w.lease.lent_h100e)
    w.lease.lent_h100e[lab, owner] *= 1.001


def chip_counted_that_nobody_has(w):
    w.fleet.counted_h100e[largest(w.fleet.counted_h100e)] *= 1.001


def load_above_what_is_energised(w):
    z, _ = largest(w.power.load_mw)
    w.power.energised_mw[z] = 0.9 * w.power.load_mw[z].sum()


def supply_below_load(w):
    w.power.grid_mw[largest(w.power.grid_mw)] *= 0.999


def draw_beyond_the_connection(w):
    r = largest(w.power.grid_mw)
    w.power.grid_capacity_mw[r] = 0.9 * w.power.grid_mw[r]


def plant_beyond_its_capacity(w):
    r = largest(w.power.grid_mw)
    moved = 0.5 * w.power.grid_mw[r]
    w.power.grid_mw[r] -= moved
    w.power.firm_mw[r] += moved
    w.power.firm_capacity_mw[r] = 0.0


def load_without_chips(w):
    z, _ = largest(w.power.load_mw)
    w.fleet.it_mw[:] *= 1.001
    assert w.power.load_mw[z].sum() > 0


def cooling_forgotten(w):
    z, _ = largest(w.power.load_mw)
    w.power.load_mw[z, 0] += w.power.load_mw[z, 2]
    w.power.load_mw[z, 2] = 0.0


BROKEN = [
    (MONEY, cash_from_nowhere), (MONEY, cash_from_nowhere_with_equity_to_match), (MONEY, chips_without_payment),
    (MONEY, debt_forgotten), (MONEY, stake_without_purchase), (MONEY, paid_but_not_received),
    (MONEY, entry_of_the_journal_altered), (MONEY, entry_of_the_journal_under_another_payer),
    (COMPUTE, chip_used_twice), (COMPUTE, negative_use), (COMPUTE, negative_idle),
    (COMPUTE, chip_lent_but_not_borrowed), (COMPUTE, lent_without_a_borrower), (COMPUTE, chip_counted_that_nobody_has),
    (POWER, load_above_what_is_energised), (POWER, supply_below_load), (POWER, draw_beyond_the_connection),
    (POWER, plant_beyond_its_capacity), (POWER, load_without_chips), (POWER, cooling_forgotten),
]  # fmt: skip


def closed(w, run):
    """The errors of the week once the ledgers have looked at a state."""
    ledgers(w.error, w.books, w.fleet, w.lease, w.use, w.power, run.parameters.fleet, run.tables)
    return w.error.week


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_week_without_a_broken_posting_balances(name):
    run = record(name)
    assert (closed(week_without_ledgers(run, MID), run) <= LEDGER_LIMIT).all()


@pytest.mark.parametrize(("ledger", "broken"), BROKEN, ids=[f"{LEDGERS[k]}: {f.__name__}" for k, f in BROKEN])
def test_a_broken_posting_is_caught_by_its_ledger_alone_and_named(ledger, broken):
    run = record("stargate")
    w = week_without_ledgers(run, MID)
    broken(w)
    errors = closed(w, run)
    others = [errors[k] for k in range(len(LEDGERS)) if k != ledger]
    assert errors[ledger] > LEDGER_LIMIT and max(others) <= LEDGER_LIMIT
    history = run.history[: MID + 2].copy()
    history[MID + 1] = w
    with pytest.raises(SolveError, match=rf"^{LEDGERS[ledger]}: .* in week {MID + 1} "):
        require_balance(replace(run, history=history))


@pytest.mark.parametrize("broken", [cash_from_nowhere, chips_without_payment, debt_forgotten, stake_without_purchase])
def test_a_posting_broken_between_weeks_is_caught_by_the_next(broken):
    w = next_week(record("stargate"), MID, lambda w, p, t: broken(w))
    assert w.error.week[MONEY] > LEDGER_LIMIT


@pytest.mark.parametrize(
    ("group", "field"),
    [("books", "cash_usd"), ("books", "chips_usd"), ("use", "idle_h100e"), ("power", "grid_mw")],
)
def test_a_number_that_is_not_finite_is_caught(group, field):
    run = record("stargate")
    w = week_without_ledgers(run, MID)
    w[group][field][0] = np.nan
    closed(w, run)
    history = run.history[:2].copy()
    history[1] = w
    with pytest.raises(SolveError):
        require_balance(replace(run, history=history))


def test_the_worst_error_is_kept_when_the_next_week_balances():
    w = next_week(record("stargate"), MID, lambda w, p, t: cash_from_nowhere_with_equity_to_match(w))
    assert w.error.worst[MONEY] >= w.error.week[MONEY] > LEDGER_LIMIT


def test_the_opening_state_is_left_alone_by_copies():
    run = record("one-campus")
    before = run.history[10].tobytes()
    w = after(run, 10)
    w.books.cash_usd[0] += 1.0
    assert run.history[10].tobytes() == before
