"""What projects are worth, by hand and by sign."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Capacity, Cost, Phase, Repayment, Taxes, Tranche
from gigawatt.units import HOURS_PER_YEAR
from tests.finance.project_cases import CHIPS, MANY, one, projects, row, share, small, worked

ANNUITY = float((1 - 1.1**-5) / 0.1)


def test_npv_irr_and_payback_by_hand():
    # -1,000, then 400 a year for five years: 400 x 3.790787 - 1,000 at 10 %; paid back within the third year of them.
    values = worked(small(costs=(Cost(name="it", amount=(600,)),), discount_rate=0.1))
    assert one(values, "returns.project_npv_usd") == approx(400 * ANNUITY - 1000)
    assert one(values, "returns.project_payback_years") == 3
    rate = one(values, "returns.project_irr")
    assert sum(400 / (1 + rate) ** t for t in range(1, 6)) == approx(1000)


def test_the_rate_of_return_of_quarters_is_effective_a_year():
    # Spent in one quarter, 50 a quarter for ever so long: 5 % a quarter, 1.05^4 - 1 a year.
    project = small(periods_per_year=4, operation_years=100, phases=(Phase(months=3),),
                    assets=(Asset(name="all", capex_usd=5000, life_years=100),))  # fmt: skip
    assert one(worked(project), "returns.project_irr") == approx(1.05**4 - 1, rel=1e-6)


def test_levelised_cost_is_cost_over_hours_both_discounted():
    values = worked(small(costs=(Cost(name="it", amount=(600,)),), discount_rate=0.1,
                          capacity=Capacity(chips=CHIPS, pflop_per_s=2, tokens_per_s=500)))  # fmt: skip
    by_hand = (1000 + 600 * ANNUITY) / (CHIPS * HOURS_PER_YEAR * ANNUITY)
    assert one(values, "lcoc.usd_per_chip_h") == approx(by_hand)
    assert one(values, "lcoc.usd_per_pflop_h") == approx(by_hand / 2)
    assert one(values, "lcoc.usd_per_mtok") == approx(by_hand / (500 * 3600) * 1e6)


def test_selling_at_the_levelised_cost_has_no_npv():
    project = small(costs=(Cost(name="it", amount=(600,)),))
    price = one(worked(project), "lcoc.usd_per_chip_h")
    at_cost = replace(project, contracts=(replace(project.contracts[0], usd_per_chip_h=price),))
    assert one(worked(at_cost), "returns.project_npv_usd") == approx(0, abs=1e-6)


def test_payback_counts_from_the_start_of_the_plan():
    # Nothing in the first year, 1,000 out in the second, 400 a year from the third: paid back in the fifth.
    late = small(costs=(Cost(name="it", amount=(600,)),), phases=(Phase(start_month=12, months=12),))
    assert one(worked(late), "returns.project_payback_years") == 4


def test_payback_waits_for_the_last_time_below_zero():
    # 600 a year, and refreshes after the second and the fourth year, cheap ones and dear ones.
    asset = Asset(name="all", capex_usd=1000, life_years=2, refreshed=True, refresh_usd=300)
    values = worked(small(assets=(asset,), costs=(Cost(name="it", amount=(400,)),)))
    assert row(values, "returns.project_so_far_usd") == approx([-1000, -400, -100, 500, 800, 1400])
    assert one(values, "returns.project_payback_years") == 3
    dear = worked(small(assets=(replace(asset, refresh_usd=800),), costs=(Cost(name="it", amount=(400,)),)))
    assert row(dear, "returns.project_so_far_usd") == approx([-1000, -400, -600, 0, -200, 400])
    assert one(dear, "returns.project_payback_years") == 5


def test_what_is_never_paid_back_has_no_payback():
    assert np.isnan(one(worked(small(costs=(Cost(name="it", amount=(900,)),))), "returns.project_payback_years"))


def test_life_cover_is_the_worth_of_cash_over_debt():
    # 1,000 a year at 10 %, over 800: for the three years of the loan, and for all five of the project.
    loan = Tranche(name="loan", years=3, spread=0.1, amount_usd=800, repayment=Repayment.level)
    values = worked(small(debt=(loan,), draw_timing=0))
    assert row(values, "cover.llcr")[0] == approx(1000 * (1 - 1.1**-3) / 0.1 / 800)
    assert row(values, "cover.plcr")[0] == approx(1000 * ANNUITY / 800)


def test_a_sweep_does_not_change_what_cash_to_come_is_worth():
    loan = Tranche(name="loan", years=5, spread=0.1, amount_usd=800, repayment=Repayment.straight)
    plain, swept = (worked(small(debt=(replace(loan, sweep=sweep),), draw_timing=0)) for sweep in (0, 0.9))
    assert row(swept, "cover.llcr")[0] == approx(row(plain, "cover.llcr")[0])
    assert row(swept, "cover.llcr_worth_usd") == approx(row(plain, "cover.llcr_worth_usd"))


def test_cash_is_discounted_at_the_rates_of_loans_weighted_by_what_is_owed_by_plan():
    # 600 at 10 % and 400 at 5 %, both repaid at once after two years, the second a year later: 8 %, 8 %, 5 %, 5 %, 5 %.
    dear = Tranche(name="dear", years=2, spread=0.1, amount_usd=600, repayment=Repayment.bullet)
    cheap = Tranche(name="cheap", years=3, spread=0.05, amount_usd=400, repayment=Repayment.bullet)
    values = worked(small(debt=(dear, cheap), draw_timing=0))
    assert row(values, "cover.rate")[1:] == approx([0.08, 0.08, 0.05, 0.05, 0.05])


def test_take_or_pay_cover_counts_the_loan_life_alone():
    # 1,000 a year for five years; the loan has three: principal of 800 and interest of 80, 80 and 80.
    loan = Tranche(name="loan", years=3, spread=0.1, amount_usd=800, repayment=Repayment.bullet)
    assert one(worked(small(debt=(loan,), draw_timing=0)), "cover.take_or_pay") == approx(3000 / 1040)


def test_levelised_cost_does_not_depend_on_when_customers_pay():
    later = worked(small(receivable_days=90.0))
    assert one(later, "lcoc.usd_per_chip_h") == approx(one(worked(small()), "lcoc.usd_per_chip_h"))


def test_gearing_lifts_the_return_of_owners_when_debt_is_cheaper_than_the_project():
    project = small(costs=(Cost(name="it", amount=(700,)),))
    loan = Tranche(name="loan", years=5, spread=0.03, gearing=0.6, repayment=Repayment.level)
    plain, geared = worked(project), worked(replace(project, debt=(loan,)))
    assert one(plain, "returns.owners_irr") == approx(one(plain, "returns.project_irr"))
    assert one(geared, "returns.owners_irr") > one(geared, "returns.project_irr") > 0.03


@MANY
@given(projects(), share(0.01, 1))
def test_dearer_assets_are_never_worth_more(project, more):
    """Before tax: where losses are never used, tax is not in proportion to anything."""
    free = replace(project, taxes=Taxes(), costs=())
    dearer = replace(free, assets=tuple(replace(each, capex_usd=each.capex_usd * (1 + more), residual=0.0,
                                                guaranteed_residual=0.0, tax_credit=0.0, refresh_usd=100.0)
                                        for each in free.assets))  # fmt: skip
    cheap = replace(dearer, assets=tuple(replace(each, capex_usd=each.capex_usd / (1 + more))
                                         for each in dearer.assets))  # fmt: skip
    worth = one(worked(dearer), "returns.project_npv_usd"), one(worked(cheap), "returns.project_npv_usd")
    assert worth[0] <= worth[1] + 1e-6


@MANY
@given(projects(), share(0.01, 1))
def test_a_higher_price_is_never_worth_less(project, more):
    taxed = replace(project, taxes=replace(project.taxes, rate=0.2, state_rate=0.0), receivable_days=0.0)
    dearer = tuple(replace(each, usd_per_chip_h=each.usd_per_chip_h * (1 + more)) for each in taxed.contracts)
    worth = one(worked(taxed), "returns.project_npv_usd")
    assert one(worked(replace(taxed, contracts=dearer)), "returns.project_npv_usd") >= worth - 1e-6


@pytest.mark.parametrize("curve", [0.0, 1.0])
def test_months_quarters_and_years_agree_on_sums_and_near_on_rates(curve):
    """Sums are the same. So are rates where money is level within each year; else they near each other."""
    loan = Tranche(name="loan", years=8, spread=0.06, gearing=0.6, amount_usd=inf, repayment=Repayment.straight)
    project = small(operation_years=20, debt=(loan,), phases=(Phase(months=24, curve=curve),), taxes=Taxes(rate=0.2),
                    assets=(Asset(name="all", capex_usd=5000, life_years=20),))  # fmt: skip
    found = {n: worked(replace(project, periods_per_year=n)) for n in (1, 4, 12)}
    for name in ("revenue.usd", "capex.first_usd", "book.worn_usd"):
        assert [row(each, name).sum() for each in found.values()] == approx([row(found[1], name).sum()] * 3)
    debts = [one(each, "cover.gearing") for each in found.values()]
    assert debts == approx([0.6] * 3)
    rates = np.array([one(each, "returns.project_irr") for each in found.values()])
    apart = np.abs(np.diff(rates))
    assert apart.max() < 1e-12 if curve == 0 else apart[1] < apart[0] < 0.02


@MANY
@given(projects(periods_per_year=st.just(1)))
def test_owners_and_project_without_debt_are_one(project):
    alone = replace(project, debt=(), taxes=Taxes(rate=project.taxes.rate), reserves=type(project.reserves)())
    values = worked(replace(alone, costs=()))
    assert row(values, "owners.aftertax_usd") == approx(row(values, "returns.project_usd"), abs=1e-6)
