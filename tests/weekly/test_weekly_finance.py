"""Finance: interest, ladders, new money, taxes, defaults and who carries the loss; revenue and cost."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from gigawatt.finance.weekly import market_rate
from gigawatt.ledger import (
    CHIPS,
    CLOUD,
    CUSTOMERS,
    DIVIDEND,
    ENERGY,
    EQUITY,
    GUARANTEE,
    INTEREST,
    INVESTORS,
    LENDERS,
    LOAN,
    OPERATIONS,
    REPAYMENT,
    SPOT,
    TAX,
)
from gigawatt.units import HOURS_PER_WEEK
from tests.world.runs import after, copied, next_week, record, run_stage, stages, weeks_on

RUN = record("stargate")
N = len(RUN.names.companies)
CALLS = dict(stages())
WEEKS = (5, 60, 150, 300, 500)
LEDGER_LIMIT = 1e-9


def company(name):
    """Index of a company."""
    return RUN.names.companies.index(name)


def shut(w, weeks=52.0):
    """Shut the market for debt and shares."""
    w.climate.factor[1], w.climate.weeks_left[1] = 0.0, weeks


def rich(w, c, usd=1e14):
    """Give a company cash, with equity to match."""
    w.books.cash_usd[c] += usd
    w.books.opening_cash_usd[c] += usd
    w.books.equity_usd[c] += usd


# ---------------------------------------------------------------------------------------------------- debt service


@pytest.mark.parametrize("week", WEEKS)
def test_interest_is_the_rate_of_a_year_on_what_was_owed_over_52(week):
    before, w = after(RUN, week), next_week(RUN, week)
    for c in range(N):
        if before.books.debt_usd[c, :N].sum() == 0 and w.books.received_usd[LOAN, c] == 0:
            owed = before.books.debt_usd[c, LENDERS] * before.books.debt_rate[c] / 52
            assert w.books.paid_usd[INTEREST, c] == approx(owed)


def test_the_ladder_of_years_holds_all_debt_to_lenders():
    for week in range(0, len(RUN.history), 13):
        w = RUN.history[week]
        assert w.books.due_usd[:N].sum(axis=1) == approx(w.books.debt_usd[:N, LENDERS], rel=1e-6, abs=1e3)


def test_a_loan_is_repaid_at_the_end_of_its_years_and_not_before():
    w, p, t = after(RUN, 51), copied(RUN.parameters), copied(RUN.tables)
    shut(w, 5000.0)
    c = company("Oracle")
    t.count.deals = 0.0
    rich(w, c)
    w.books.debt_usd[c, :] = 0.0
    w.books.debt_usd[c, LENDERS] = 52e9
    w.books.due_usd[c] = 0.0
    w.books.due_usd[c, 1] = 52e9  # due in the second year from now, in weekly parts
    later = weeks_on(w, p, t, 52, 52)
    assert later.books.debt_usd[c, LENDERS] == approx(52e9)
    half = weeks_on(later, p, t, 104, 26)
    assert half.books.debt_usd[c, LENDERS] == approx(26e9)
    end = weeks_on(half, p, t, 130, 26)
    assert end.books.debt_usd[c, LENDERS] == approx(0.0, abs=1.0)


def test_without_credit_and_deals_debt_only_falls():
    w, p, t = after(RUN, 60), copied(RUN.parameters), copied(RUN.tables)
    t.count.deals = 0.0
    shut(w, 5000.0)
    before = w.books.debt_usd[:N].sum(axis=1)
    for week in range(61, 300, 20):
        w = weeks_on(w, p, t, week, 20)
        debt = w.books.debt_usd[:N].sum(axis=1)
        assert (debt <= before + 1.0).all()
        before = debt


@pytest.mark.parametrize("week", WEEKS)
def test_new_debt_stays_within_leverage_and_collateral(week):
    before, w, p = after(RUN, week), next_week(RUN, week), RUN.parameters.finance
    for c in range(N):
        lent = w.books.debt_usd[c].sum() - before.books.debt_usd[c].sum() + w.books.paid_usd[REPAYMENT, c]
        from_deals = w.deal.paid_usd.sum() - before.deal.paid_usd.sum()
        if lent > from_deals + 1.0:
            ebitda = w.plan.ebitda_usd_week[c] * 52
            collateral = p.loan_to_value * (w.books.chips_usd[c] + w.books.sites_usd[c])
            most = p.max_leverage * max(ebitda, p.collateral_earning * collateral)
            assert w.books.debt_usd[c].sum() <= most * (1 + 1e-9) + from_deals


@pytest.mark.parametrize("week", WEEKS)
def test_credit_is_dearer_for_the_indebted_and_after_losses_of_lenders(week):
    w, p, t = after(RUN, week), RUN.parameters.finance, RUN.tables

    def rate(change):
        changed = copied(w)
        change(changed)
        return [market_rate(changed.books, changed.plan, changed.climate, c, p, t) for c in range(N)]

    base = rate(lambda w: None)
    indebted = rate(lambda w: w.books.debt_usd.__imul__(3))
    poor = rate(lambda w: w.plan.ebitda_usd_week.__imul__(0.3))
    scared = rate(lambda w: w.climate.__setattr__("lender_loss_usd", w.climate.lender_loss_usd + 1e11))
    assert all(a >= b - 1e-15 for a, b in zip(indebted, base, strict=True))
    assert all(a >= b - 1e-15 for a, b in zip(poor, base, strict=True) if b < 1)
    assert all(a > b for a, b in zip(scared, base, strict=True))


@pytest.mark.parametrize("week", WEEKS)
def test_what_is_not_given_is_refused(week):
    def change(w, p, t):
        shut(w)
        w.books.cash_usd[:N] *= 0.01
        w.books.opening_cash_usd[:N] = w.books.cash_usd[:N]
        p.finance.buffer_weeks *= 10

    w = next_week(RUN, week, change)
    assert w.plan.refused_usd[:N].sum() > 0
    assert w.books.paid_usd[LOAN, LENDERS] <= sum(RUN.tables.deal.usd)


@pytest.mark.parametrize("week", WEEKS)
def test_dividends_are_paid_out_of_plenty_only(week):
    def poor(w, p, t):
        p.finance.least_cash_usd = 1e15  # nobody has plenty

    def rich(w, p, t):
        w.books.cash_usd[:N] = 1e13

    assert next_week(RUN, week, poor).books.paid_usd[DIVIDEND, :N].sum() == 0.0
    assert (next_week(RUN, week, rich).books.paid_usd[DIVIDEND, :N] > 0).all()


def test_taxes_are_paid_on_profit_only():
    def loss(w, p, t):
        w.plan.ebitda_usd_week[:] = -1e12

    assert next_week(RUN, 100, loss).books.paid_usd[TAX, :N].sum() == 0.0


def test_fixed_assets_wear_by_their_lives():
    w, p = next_week(RUN, 100), RUN.parameters.cost
    before = after(RUN, 100)
    c = company("SoftBank")  # buys no chips: what it has only wears
    if w.books.paid_usd[CHIPS, c] == 0:
        assert w.books.chips_usd[c] == approx(before.books.chips_usd[c] * (1 - 1 / (p.chip_life_years * 52)))


# --------------------------------------------------------------------------------------------------------- default


def broke(name, week=120, guarantee_usd=0.0, guarantor="Nvidia"):
    """(the week before, the next week as it was, the next week in which a company cannot pay)."""
    c = company(name)

    def change(w, p, t):
        shut(w)
        t.company.fixed_usd_week[c] = 1e12
        t.count.deals = 0.0
        if guarantee_usd:
            t.count.deals = 1.0
            t.deal.is_guarantee[0], t.deal.kind[0], t.deal.payer[0], t.deal.payee[0] = 1.0, 6.0, company(guarantor), c
            t.deal.start_week[0], t.deal.end_week[0] = 0.0, 1e4
            t.deal.weight[0], t.deal.usd[0], t.deal.usd_per_gw[0] = 1.0, guarantee_usd, 0.0
            w.deal.paid_usd[0] = 0.0
            rich(w, company(guarantor))

    def only_shut(w, p, t):
        shut(w)
        t.count.deals = 0.0

    return after(RUN, week), next_week(RUN, week, only_shut), next_week(RUN, week, change)


FALLING = ("OpenAI", "CoreWeave", "Oracle", "Neoclouds", "Anthropic")


@pytest.mark.parametrize("name", FALLING)
def test_a_company_without_cash_defaults_and_every_ledger_balances(name):
    before, as_it_was, fell = broke(name)
    c = company(name)
    assert fell.plan.defaults[c] == before.plan.defaults[c] + 1
    assert as_it_was.plan.defaults[c] == before.plan.defaults[c]
    assert (fell.error.week <= LEDGER_LIMIT).all()
    assert fell.books.cash_usd[c] >= 0 and fell.books.paid_usd[EQUITY, INVESTORS] > 0, "refloated by investors"


@pytest.mark.parametrize("name", FALLING)
def test_lenders_keep_the_recovery_and_lose_the_rest(name):
    _, as_it_was, fell = broke(name)
    c, recovery = company(name), float(RUN.parameters.finance.recovery)
    assert fell.books.debt_usd[c] == approx(recovery * as_it_was.books.debt_usd[c])
    assert fell.books.due_usd[c] == approx(recovery * as_it_was.books.due_usd[c])
    lost = (1 - recovery) * as_it_was.books.debt_usd[c, LENDERS]
    others = as_it_was.climate.lender_loss_usd
    assert fell.climate.lender_loss_usd - others == approx((1 - recovery) * as_it_was.books.debt_usd[c].sum(), rel=1e-6)
    assert fell.books.noncash_usd[LENDERS] == approx(as_it_was.books.noncash_usd[LENDERS] - lost)


@pytest.mark.parametrize("name", FALLING)
def test_holders_of_shares_lose_them_all(name):
    before, as_it_was, fell = broke(name)
    c = company(name)
    held = before.books.stake_usd[:, c].copy()
    held[INVESTORS] = 0.0
    assert fell.books.stake_usd[:N, c].sum() == 0.0
    for holder in np.flatnonzero(held > 0):
        assert fell.books.equity_usd[holder] < as_it_was.books.equity_usd[holder]
    assert fell.books.stake_usd[INVESTORS, c] == approx(fell.books.paid_usd[EQUITY, INVESTORS]), "only the new money"


@pytest.mark.parametrize(("cap", "paid"), [(1e6, 1e6), (1e18, None)])
def test_guarantors_pay_up_to_their_cap_and_no_more_than_the_loss(cap, paid):
    _, as_it_was, fell = broke("Oracle", guarantee_usd=cap)
    c, g = company("Oracle"), company("Nvidia")
    lost = (1 - float(RUN.parameters.finance.recovery)) * as_it_was.books.debt_usd[c].sum()
    expected = lost if paid is None else paid
    assert fell.books.paid_usd[GUARANTEE, g] == approx(expected)
    assert fell.deal.paid_usd[0] == approx(expected)
    more_usd = fell.climate.lender_loss_usd - as_it_was.climate.lender_loss_usd
    assert more_usd == approx(lost - expected, rel=1e-6, abs=1.0)
    assert (fell.error.week <= LEDGER_LIMIT).all()


@pytest.mark.parametrize("name", ["stargate", "one-campus", "telecom-1999"])
def test_nobody_ends_a_week_with_less_than_no_cash(name):
    assert record(name).companies("books.cash_usd").min() >= 0


def test_a_guarantor_who_cannot_pay_does_not_end_the_week_with_less_than_no_cash():
    c, g = company("Neoclouds"), company("OpenAI")
    assert g < c

    def change(w, p, t):
        shut(w)
        t.company.fixed_usd_week[c] = 1e12
        t.count.deals = 1.0
        t.deal.is_guarantee[0], t.deal.kind[0], t.deal.payer[0], t.deal.payee[0] = 1.0, 6.0, g, c
        t.deal.start_week[0], t.deal.end_week[0] = 0.0, 1e4
        t.deal.weight[0], t.deal.usd[0], t.deal.usd_per_gw[0] = 1.0, 1e18, 0.0
        w.deal.paid_usd[0] = 0.0
        w.books.debt_usd[c, LENDERS] += 1e13
        w.books.equity_usd[c] -= 1e13
        w.books.equity_usd[LENDERS] += 1e13

    w = next_week(RUN, 120, change)
    assert w.plan.defaults[c] > RUN.history[120].plan.defaults[c]
    assert w.books.cash_usd[g] >= 0


def test_a_guarantee_is_not_called_without_a_default():
    w, p, t = after(RUN, 120), RUN.parameters, copied(RUN.tables)
    w = weeks_on(w, p, t, 121, 20)
    if w.plan.defaults.sum() == RUN.history[120].plan.defaults.sum():
        assert w.books.paid_usd[GUARANTEE].sum() == 0.0


def test_losses_of_lenders_make_credit_dearer_for_others():
    _, as_it_was, fell = broke("Oracle")
    p, t = RUN.parameters.finance, RUN.tables
    for name in ("CoreWeave", "Meta", "Neoclouds"):
        c = company(name)
        rates = [market_rate(w.books, w.plan, w.climate, c, p, t) for w in (as_it_was, fell)]
        assert rates[1] > rates[0]


def test_losses_of_lenders_are_forgotten_in_time():
    _, _, fell = broke("Oracle")
    t = copied(RUN.tables)
    t.count.deals = 0.0
    later = weeks_on(fell, RUN.parameters, t, 122, 10)
    if later.plan.defaults.sum() == fell.plan.defaults.sum():
        memory = float(RUN.parameters.events.lender_memory_weeks)
        assert later.climate.lender_loss_usd == approx(fell.climate.lender_loss_usd * (1 - 1 / memory) ** 10)


def test_a_lab_in_default_hands_back_part_of_its_leases_and_its_orders_fall_away():
    _, as_it_was, fell = broke("OpenAI")
    c = company("OpenAI")
    kept = 1 - float(RUN.parameters.finance.rejected_leases)
    assert fell.lease.contract_h100e[c] == approx(kept * as_it_was.lease.contract_h100e[c])
    assert fell.lease.signed_h100e[c].sum() == 0.0
    assert as_it_was.lease.contract_h100e[c].sum() > 0


def test_an_owner_in_default_orders_nothing_more():
    _, as_it_was, fell = broke("Oracle")
    c = company("Oracle")
    mine = np.flatnonzero(RUN.tables.site.owner[: len(RUN.names.sites)] == c)
    assert fell.build.chip_queue_h100e[c].sum() == 0.0 and fell.build.site_queue_mw[mine].sum() == 0.0
    assert as_it_was.build.chip_queue_h100e[c].sum() + as_it_was.build.site_queue_mw[mine].sum() > 0


def test_a_higher_recovery_costs_lenders_less():
    def fall(recovery):
        def change(w, p, t):
            shut(w)
            t.company.fixed_usd_week[company("Oracle")] = 1e12
            p.finance.recovery = recovery

        return next_week(RUN, 120, change).climate.lender_loss_usd

    assert fall(0.2) > fall(0.4) > fall(0.8)


# ---------------------------------------------------------------------------------------------- revenue and cost


@pytest.mark.parametrize("week", WEEKS)
def test_spot_compute_is_paid_at_the_rent_and_every_lender_gets_its_share(week):
    w = after(RUN, week)
    for name in ("open_week", "needs", "allocation"):
        run_stage(CALLS[name], week, w, RUN.parameters, RUN.tables)
    run_stage(CALLS["power_flow"], week, w, RUN.parameters, RUN.tables)
    run_stage(CALLS["revenue_and_cost"], week, w, RUN.parameters, RUN.tables)
    rent = w.market.rent_usd_per_h100e_h * HOURS_PER_WEEK
    assert w.books.paid_usd[SPOT, :N] == approx(w.use.spot_borrowed_h100e[:N] * rent, rel=1e-9, abs=1.0)
    assert w.books.received_usd[SPOT, :N] == approx(w.use.spot_lent_h100e[:N] * rent, rel=1e-9, abs=1.0)


@pytest.mark.parametrize("week", WEEKS)
def test_leases_are_paid_at_the_price_signed_by_take_or_pay_or_use(week):
    w = next_week(RUN, week)
    for lab in range(N):
        used = w.use.used_h100e[lab].sum()
        utilised = min(1.0, used / (used + w.use.idle_h100e[lab])) if used > 0 else 0.0
        price = before_price(week)[lab]
        paid_share = max(float(RUN.parameters.deals.take_or_pay), utilised)
        usd = (w.lease.lent_h100e[lab] * price).sum() * HOURS_PER_WEEK * paid_share
        assert w.books.paid_usd[CLOUD, lab] == approx(usd, rel=1e-9, abs=1.0)


def before_price(week):
    """Prices of leases when the week began: contracts move them later in the week."""
    return after(RUN, week).lease.usd_per_h100e_h


@pytest.mark.parametrize("week", WEEKS)
def test_energy_is_paid_to_the_last_dollar_that_power_cost(week):
    w = next_week(RUN, week)
    assert w.books.paid_usd[ENERGY, :N] == approx(w.power.energy_usd[:N])


@pytest.mark.parametrize("week", WEEKS)
def test_what_suppliers_and_others_get_beyond_their_float_goes_round(week):
    w = next_week(RUN, week)
    assert w.books.cash_usd[CUSTOMERS] > 0
    for sector in (-4, -3, -2, -1):  # government, utilities, suppliers, builders
        assert w.books.cash_usd[sector] >= float(RUN.parameters.cost.sector_float_usd) * 0.99


@pytest.mark.parametrize("week", WEEKS)
def test_operations_rise_with_fixed_cost_dollar_for_dollar(week):
    def change(w, p, t):
        t.company.fixed_usd_week[0] += 1e6

    base, dear = next_week(RUN, week), next_week(RUN, week, change)
    assert dear.books.paid_usd[OPERATIONS, 0] - base.books.paid_usd[OPERATIONS, 0] == approx(1e6, rel=1e-6)
