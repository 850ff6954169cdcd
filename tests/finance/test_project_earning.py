"""Revenue and cost of operation."""

import pytest
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Backstop, Capacity, Contract, Cost, Merchant, Per
from gigawatt.units import HOURS_PER_YEAR
from tests.finance.project_cases import CHIPS, USD_PER_CHIP_H, row, small, worked

FREE = {"contracts": ()}  # all capacity is for the market


def booked(**changes):
    return (Contract(**{"name": "anchor", "usd_per_chip_h": USD_PER_CHIP_H, "months": 1200, **changes}),)


@pytest.mark.parametrize(("used", "paid"), [(0.6, 400), (0.9, 450)])
def test_take_or_pay_is_paid_for_used_or_not(used, paid):
    # Half of 1,000 USD is booked, 80 % of it firm: 400, or more where more is used.
    values = worked(small(contracts=booked(share=0.5, utilisation=used, take_or_pay=0.8)))
    assert row(values, "contracts.anchor.revenue_usd")[1:] == approx([paid] * 5)
    assert row(values, "revenue.firm_usd")[1:] == approx([400] * 5)


def test_a_contract_escalates_from_its_start_and_ends_with_its_months():
    values = worked(small(contracts=booked(start_month=12, months=36, escalation=0.1)))
    assert row(values, "revenue.usd") == approx([0, 0, 1000, 1100, 1210, 0])


def test_a_customer_who_terminates_pays_a_share_of_what_was_still_firm():
    # After two of five years: half of 80 % of three years of 1,000 is 1,200. The market gets the hours.
    contract = booked(months=60, take_or_pay=0.8, ends_early_month=24, termination_share=0.5)
    market = Merchant(usd_per_chip_h=(USD_PER_CHIP_H / 2,), utilisation=0.5)
    values = worked(small(contracts=contract, merchant=market))
    assert row(values, "contracts.anchor.revenue_usd") == approx([0, 1000, 1000, 0, 0, 0])
    assert row(values, "revenue.termination_usd") == approx([0, 0, 0, 1200, 0, 0])
    assert row(values, "merchant.revenue_usd") == approx([0, 0, 0, 250, 250, 250])


def test_old_chips_sell_for_less_at_the_price_of_the_year():
    # Prices of years 2 and 3 of the plan are 2 and 1.5, the last holds; chips are 0, 1, 2 ... years old: 0.9^age.
    prices = tuple(USD_PER_CHIP_H * price for price in (9, 2, 1.5))
    values = worked(small(**FREE, merchant=Merchant(usd_per_chip_h=prices, utilisation=0.5, ageing=-0.1)))
    by_hand = [0, 1000, 750 * 0.9, 750 * 0.81, 750 * 0.729, 750 * 0.6561]
    assert row(values, "merchant.revenue_usd") == approx(by_hand)


def test_new_chips_sell_at_the_price_of_new_chips():
    bought = (Asset(name="all", capex_usd=1000, life_years=2, refreshed=True),)
    market = Merchant(usd_per_chip_h=(USD_PER_CHIP_H,), utilisation=1, ageing=-0.1)
    values = worked(small(**FREE, assets=bought, merchant=market))
    assert row(values, "merchant.revenue_usd") == approx([0, 1000, 900, 1000, 900, 1000])


def test_vendors_take_what_nobody_buys_for_a_time():
    # 40 % is unsold; a quarter of it at half the price is 50 USD a year, for two years.
    vendor = Backstop(guarantor="vendor", share=0.25, usd_per_chip_h=USD_PER_CHIP_H / 2, months=24)
    market = Merchant(usd_per_chip_h=(USD_PER_CHIP_H,), utilisation=0.6)
    values = worked(small(**FREE, merchant=market, backstops=(vendor,)))
    assert row(values, "revenue.backstop_usd") == approx([0, 50, 50, 0, 0, 0])
    assert row(values, "revenue.usd") == approx([0, 650, 650, 600, 600, 600])


def test_capacity_is_what_works_and_fades_each_year():
    values = worked(small(capacity=Capacity(chips=CHIPS, availability=0.9, degradation=0.1), operation_years=3))
    hours = CHIPS * HOURS_PER_YEAR * 0.9
    assert row(values, "revenue.hours") == approx([0, hours, hours * 0.9, hours * 0.81])


@pytest.mark.parametrize(
    ("per", "amount", "paid"),
    [
        (Per.year, 70.0, 70),
        (Per.mw_year, 35.0, 70),  # of 2 MW of IT power
        (Per.chip_hour, USD_PER_CHIP_H * 0.1, 100),  # of 1,000 USD of chip-hours
        (Per.mwh, 0.001, 2 * 1.5 * 0.5 * HOURS_PER_YEAR * 0.001),  # 2 MW of IT power at PUE 1.5 and half load
        (Per.revenue, 0.05, 50),
        (Per.capex, 0.02, 20),
    ],
)
def test_a_cost_is_paid_for_what_it_says_and_escalates(per, amount, paid):
    cost = Cost(name="it", amount=(amount,), per=per, escalation=0.1)
    power = Capacity(chips=CHIPS, it_mw=2, pue=1.5, load_factor=0.5)
    values = worked(small(capacity=power, costs=(cost,), operation_years=2))
    assert row(values, "opex_usd") == approx([0, paid, paid * 1.1])


def test_costs_by_year_of_operation_keep_the_last():
    values = worked(small(costs=(Cost(name="it", amount=(10, 20, 30)),)))
    assert row(values, "opex_usd") == approx([0, 10, 20, 30, 30, 30])


def test_costs_by_year_differ_between_draws_that_start_at_different_times():
    # The first draw is ready after one year, the second after two.
    project = small(costs=(Cost(name="it", amount=(10, 20, 30)),))
    values = worked(project, {"phases.all.months": [12.0, 24.0]})
    assert values["opex_usd"].T.tolist() == [[0, 10, 20, 30, 30, 30], [0, 0, 10, 20, 30, 30]]


def test_energy_is_drawn_by_the_site_and_escalates():
    power = Capacity(chips=CHIPS, it_mw=2, pue=1.5, load_factor=0.5)
    values = worked(small(capacity=power, energy_usd_per_mwh=0.01, energy_escalation=0.1, operation_years=2))
    first = 1.5 * HOURS_PER_YEAR * 0.01
    assert row(values, "costs.energy_usd") == approx([0, first, first * 1.1])


def test_working_capital_is_taken_at_the_start_and_comes_back_at_the_end():
    # Customers pay after 36.5 days, a tenth of a year: 100 of 1,000. Suppliers are paid after 73: 20 of 100.
    project = small(costs=(Cost(name="it", amount=(100,)),), receivable_days=36.5, payable_days=73)
    values = worked(project)
    tenth = 1000 * 36.5 * 24 / HOURS_PER_YEAR
    fifth = 100 * 73 * 24 / HOURS_PER_YEAR
    assert row(values, "working_capital_usd") == approx([0, *[tenth - fifth] * 4, 0])
    taken = [0, tenth - fifth, 0, 0, 0, fifth - tenth]
    assert row(values, "cash.working_capital_usd") == approx(taken)
    assert row(values, "cash.before_tax_usd") == approx([900 * (k > 0) - each for k, each in enumerate(taken)])


def test_quarters_earn_a_quarter():
    values = worked(small(periods_per_year=4, operation_years=1))
    assert row(values, "revenue.usd") == approx([0, 0, 0, 0, 250, 250, 250, 250])


def test_customers_who_pay_late_owe_the_periods_before_too():
    # By month, paid after 120 days of 365: 3.945 months of 1,000 / 12 are owed, as soon as so many are billed.
    values = worked(small(periods_per_year=12, receivable_days=120))
    owed = row(values, "working_capital_usd")[12:]
    assert owed[:3] == approx([1000 / 12, 2000 / 12, 3000 / 12])
    assert owed[5] == approx(1000 * 120 / 365)


def test_what_a_customer_pays_to_leave_is_paid_at_once():
    leaving = (Contract(name="anchor", usd_per_chip_h=USD_PER_CHIP_H, months=60, ends_early_month=24,
                        termination_share=0.5),)  # fmt: skip
    values = worked(small(contracts=leaving, receivable_days=365))
    assert row(values, "revenue.termination_usd") == approx([0, 0, 0, 1500, 0, 0])
    assert row(values, "working_capital_usd") == approx([0, 1000, 1000, 0, 0, 0])
