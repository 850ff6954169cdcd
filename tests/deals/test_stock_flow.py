"""A whole economy in the money ledger: model PC of Godley and Lavoie, carried through the doors to its steady state."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from gigawatt.compiled import record
from gigawatt.deals import circulation
from gigawatt.ledger import (
    BOOKS,
    CORE,
    DIVIDEND,
    INSTRUMENTS,
    INTEREST,
    LOAN,
    OPERATIONS,
    REPAYMENT,
    SECTORS,
    TAX,
    close_money,
    net_worth_usd,
    open_week,
    pay,
)

HOUSEHOLDS, FIRMS, GOVERNMENT, CENTRAL_BANK = range(4)
PARTIES = 4
UNIT = 1e9  # USD of one unit of the model, so that what the ledger takes for rounding is small beside it
G, THETA, ALPHA1, ALPHA2 = 20.0, 0.2, 0.6, 0.4
LAMBDA0, LAMBDA1, LAMBDA2, R = 0.635, 5.0, 0.01, 0.025
# Case SFC-PC: closed form, and 3,000 periods run apart from this code. Equations: Godley and Lavoie, Monetary
# Economics, chapter 4, as in the public notebooks kennt/monetary-economics.
STEADY = {"Y": 106.486486486, "YD": 86.486486486, "V": 86.486486, "Bh": 64.864864865, "Hh": 21.621622}


def empty_books():
    """Nobody has or owes anything. Cash is the central bank's notes: its own cash is below 0 by those in issue."""
    size = {"C": PARTIES, "P": PARTIES + len(SECTORS), "Y": 32, "I": len(INSTRUMENTS), "J": 64}
    books = np.zeros(1, record(BOOKS, size)).view(np.recarray)[0]
    books.keep_journal = 1.0
    return books


def hold_bills(books, holder, units):
    """Buy or redeem bills of the government until the holder has so many."""
    change = units * UNIT - books.debt_usd[GOVERNMENT, holder]
    if change >= 0.0:
        pay(books, holder, GOVERNMENT, LOAN, change)
    else:
        pay(books, GOVERNMENT, holder, REPAYMENT, -change)
    books.debt_usd[GOVERNMENT, holder] += change


def period(books, spent=G, rate=R):
    """One period through the doors; what the model says of it, in units, and the error of the ledger."""
    open_week(books)
    bills, central = (books.debt_usd[GOVERNMENT, holder] / UNIT for holder in (HOUSEHOLDS, CENTRAL_BANK))
    wealth = net_worth_usd(books, HOUSEHOLDS, PARTIES)[0] / UNIT
    kept = 1.0 - THETA
    consumed = (ALPHA1 * kept * (spent + rate * bills) + ALPHA2 * wealth) / (1.0 - ALPHA1 * kept)
    income = consumed + spent
    taxed = THETA * (income + rate * bills)
    disposable = income - taxed + rate * bills
    for payer, payee, instrument, units in (
        (HOUSEHOLDS, FIRMS, CORE, consumed),
        (GOVERNMENT, FIRMS, CORE, spent),
        (FIRMS, HOUSEHOLDS, OPERATIONS, income),
        (GOVERNMENT, HOUSEHOLDS, INTEREST, rate * bills),
        (GOVERNMENT, CENTRAL_BANK, INTEREST, rate * central),
        (CENTRAL_BANK, GOVERNMENT, DIVIDEND, rate * central),
        (HOUSEHOLDS, GOVERNMENT, TAX, taxed),
    ):
        pay(books, payer, payee, instrument, units * UNIT)
    wealth += disposable - consumed
    held = wealth * (LAMBDA0 + LAMBDA1 * rate) - LAMBDA2 * disposable
    hold_bills(books, HOUSEHOLDS, held)
    hold_bills(books, CENTRAL_BANK, central - books.cash_usd[GOVERNMENT] / UNIT)  # takes what nobody else takes
    found = {"Y": income, "YD": disposable, "V": wealth, "Bh": held, "Hh": books.cash_usd[HOUSEHOLDS] / UNIT}
    return found, close_money(books, PARTIES)


def flows(books):
    """Who paid whom in the period, from the journal."""
    parties, paid = len(books.cash_usd), np.zeros((PARTIES, PARTIES))
    for code, usd in zip(books.journal_code[: int(books.entries)].astype(int), books.journal_usd, strict=False):
        paid[code // parties % parties, code % parties] += usd
    return paid


def test_it_comes_to_the_known_steady_state_and_every_period_balances():
    books = empty_books()
    errors, notes = [], []
    for _ in range(400):
        found, error = period(books)
        errors.append(error)
        # The equation that the model leaves out: notes in issue are the notes that households hold.
        notes.append(abs(books.cash_usd[CENTRAL_BANK] + books.cash_usd[HOUSEHOLDS]) / UNIT)
        assert abs(books.cash_usd[GOVERNMENT]) + abs(books.cash_usd[FIRMS]) <= 1e-13 * UNIT * 100
        assert found["V"] == approx(net_worth_usd(books, HOUSEHOLDS, PARTIES)[0] / UNIT, abs=1e-12)
        assert books.equity_usd.sum() == approx(0.0, abs=1e-12 * UNIT)
    assert max(errors) < 1e-13
    assert max(notes) < 1e-11
    assert found == approx(STEADY, abs=1e-6)
    # In closed form: nothing is saved, so C = YD and V = (1 - alpha1) / alpha2 YD, and taxes pay for G and interest.
    ratio = (1 - ALPHA1) / ALPHA2
    share = ratio * (LAMBDA0 + LAMBDA1 * R) - LAMBDA2
    disposable = G / (THETA / (1 - THETA) - R * share)
    closed = {"Y": disposable + G, "YD": disposable, "V": ratio * disposable, "Bh": share * disposable,
              "Hh": (ratio - share) * disposable}  # fmt: skip
    assert found == approx(closed, rel=1e-12)


def test_in_the_steady_state_all_payments_go_round_and_before_it_not():
    books = empty_books()
    shares = []
    for _ in range(400):
        period(books)
        shares.append(circulation(flows(books)).share)
    assert shares[0] < 0.9  # notes and bills pile up with households
    assert shares[-1] == approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("spent", "rate"), [(25.0, R), (G, 0.035)])
def test_after_a_change_it_settles_anew_and_still_balances(spent, rate):
    books = empty_books()
    for _ in range(300):
        period(books)
    found, error = period(books, spent, rate)
    for _ in range(600):
        found, error = period(books, spent, rate)
        assert error < 1e-13
    assert found["Y"] - found["YD"] == approx(spent)  # taxes less interest: the budget of the government is balanced
    # Godley and Lavoie: income rises with spending, and, in this model, with the rate of interest too.
    assert found["Y"] > STEADY["Y"]
