"""Debt as it is sized, drawn and planned; the arithmetic by hand stands in the comments."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pytest import approx

from gigawatt.finance.annuity import capital_recovery_factor
from gigawatt.finance.project.inputs import Asset, Contract, Cost, Merchant, Phase, Repayment, Reserves, Taxes, Tranche
from tests.finance.project_cases import MANY, USD_PER_CHIP_H, one, projects, row, share, small, worked

RATE = 0.1
ANNUITY = float((1 - 1.1**-5) / 0.1)  # of five years at 10 %: 3.790787


def loan(**changes):
    """1,000 USD at 10 % for five years; the asset costs 3,000, so that debt is never more than uses."""
    return Tranche(**{"name": "loan", "years": 5, "spread": RATE, "amount_usd": 1000, **changes})


def borrowed(*loans, **changes):
    dear = (Asset(name="all", capex_usd=3000, life_years=5),)
    return small(**{"assets": dear, "draw_timing": 0, "debt": loans, **changes})


def test_interest_before_completion_by_hand_of_two_periods():
    # 500 drawn in each of two years, each on the half: 500 x 1.05 = 525; 525 x 1.1 + 525 = 1102.5 at completion.
    two_years = {"phases": (Phase(months=24),), "assets": (Asset(name="all", capex_usd=1000, life_years=5),)}
    values = worked(borrowed(loan(amount_usd=1102.5), draw_timing=0.5, **two_years))
    assert row(values, "debt.loan.drawn_usd")[:3] == approx([500, 500, 0])
    assert row(values, "uses.interest_usd")[:3] == approx([25, 77.5, 0])
    assert row(values, "sources.debt_usd")[:3] == approx([525, 577.5, 0])
    assert row(values, "sources.equity_usd") == approx([0] * 7)


def test_fees_by_hand():
    # 2 % at the start; 1 % a year on what is not yet drawn: all in the first year, 1 - 525 / 1102.5 in the second.
    two_years = {"phases": (Phase(months=24),), "assets": (Asset(name="all", capex_usd=1000, life_years=5),)}
    fees = {"upfront_fee": 0.02, "commitment_fee": 0.01, "amount_usd": 1102.5}
    values = worked(borrowed(loan(**fees), draw_timing=0.5, **two_years))
    assert row(values, "uses.fees_usd")[:3] == approx([22.05 + 11.025, 11.025 - 5.25, 0])


def test_gearing_counts_interest_before_completion():
    # Debt d costs d (1 - 1 / 1.05) of interest: d = 60 % of (1,000 + d / 21), so d = 600 / (1 - 0.6 / 21).
    values = worked(small(debt=(loan(amount_usd=inf, gearing=0.6),)))
    assert one(values, "debt.usd") == approx(600 / (1 - 0.6 / 21))
    assert one(values, "cover.gearing") == approx(0.6, rel=1e-12)


@MANY
@given(projects(), share(0.05, 0.95))
def test_gearing_binds_exactly_with_interest_fees_and_reserves(project, gearing):
    assume(project.debt)
    only = replace(project.debt[0], gearing=gearing, amount_usd=inf, dscr=0.0)
    values = worked(replace(project, debt=(only,)))
    assert row(values, "uses.usd").sum() == approx(one(values, f"debt.{only.name}.uses_usd"), rel=1e-9)
    assert one(values, "cover.gearing") == approx(gearing, rel=1e-9)


@pytest.mark.parametrize(
    ("how", "service"),
    [
        (Repayment.level, [900 / ANNUITY] * 5),
        (Repayment.straight, [270, 252, 234, 216, 198]),
        (Repayment.bullet, [90, 90, 90, 90, 990]),
        (Repayment.sculpted, [900 / ANNUITY] * 5),  # cash is level, so service is
    ],
)
def test_service_by_hand(how, service):
    values = worked(borrowed(loan(repayment=how, amount_usd=900)))
    assert row(values, "debt.service_usd")[1:] == approx(service)
    assert row(values, "waterfall.paid_usd")[1:] == approx(service)
    assert row(values, "loans.balance_usd")[-1] == 0


def test_a_balloon_is_left_to_maturity():
    # Level: 600 is repaid by an annuity and 400 bears interest until it falls due; straight: 120 a year.
    level = row(worked(borrowed(loan(balloon=0.4, repayment=Repayment.level))), "debt.loan.planned_usd")
    payment = (1000 - 400 / 1.1**5) / ANNUITY
    assert level[-2] == approx((payment + 400) / 1.1)
    straight = row(worked(borrowed(loan(balloon=0.4, repayment=Repayment.straight))), "debt.loan.planned_usd")
    assert straight == approx([1000, 880, 760, 640, 520, 0])


def test_sculpted_debt_is_the_worth_of_cash_over_cover():
    # 1,000 a year at a DSCR of 2: 500 x 3.790787.
    values = worked(borrowed(loan(repayment=Repayment.sculpted, dscr=2, amount_usd=inf)))
    assert one(values, "debt.usd") == approx(500 * ANNUITY)
    assert row(values, "cover.dscr")[1:] == approx([2] * 5)


def test_sculpted_service_follows_cash_that_rises_and_falls():
    costs = (Cost(name="it", amount=(100, 500, 300, 0, 700)),)
    values = worked(borrowed(loan(repayment=Repayment.sculpted, dscr=2, amount_usd=inf), costs=costs))
    assert row(values, "debt.service_usd")[1:] == approx([450, 250, 350, 500, 150])
    assert one(values, "debt.usd") == approx(sum(s / 1.1**t for t, s in enumerate([450, 250, 350, 500, 150], start=1)))


@MANY
@given(projects(), share(1.05, 3))
def test_sculpted_cover_is_the_one_asked_for_where_nothing_else_binds(project, dscr):
    assume(project.debt)
    only = replace(project.debt[0], repayment=Repayment.sculpted, gearing=inf, amount_usd=inf, dscr=dscr, balloon=0.0)
    values = worked(replace(project, debt=(only,)))
    counted, service = row(values, "cash.counted_usd"), row(values, "debt.service_usd")
    served = service > 1e-6
    assert counted[served] == approx(dscr * service[served], rel=1e-9)


@MANY
@given(projects())
def test_debt_is_never_above_what_cover_gearing_and_amount_allow(project):
    values = worked(project)
    before = 0.0
    counted = row(values, "cash.counted_usd")
    senior = np.zeros_like(counted)
    for each in project.debt:
        debt = one(values, f"debt.{each.name}.usd")
        assert 0 <= debt <= each.amount_usd * (1 + 1e-12)
        if debt > 0:
            assert before + debt <= each.gearing * one(values, f"debt.{each.name}.uses_usd") * (1 + 1e-9)
        service = row(values, f"debt.{each.name}.service_usd")
        if each.dscr > 0 and not (each.repayment is Repayment.sculpted and each.balloon):
            asked = service > 1e-9
            assert (counted / each.dscr - senior - service)[asked].min(initial=0) >= -1e-6
        before, senior = before + debt, senior + service


@MANY
@given(projects())
def test_service_as_planned_is_worth_the_debt_and_repays_it(project):
    values = worked(project)
    for each in project.debt:
        path = f"debt.{each.name}"
        debt, completion = one(values, f"{path}.usd"), int(one(values, "time.completion"))
        planned = row(values, f"{path}.planned_usd")
        assert planned[completion - 1] == approx(debt, abs=1e-6)
        assert planned[-1] == approx(0, abs=1e-6)
        service, factor = row(values, f"{path}.service_usd"), row(values, f"{path}.discount_factor")
        if each.repayment is not Repayment.sculpted or row(values, f"{path}.room_usd").any():
            assert service @ factor == approx(debt, rel=1e-9, abs=1e-6)


def test_a_level_loan_stops_where_the_tightest_year_does():
    # Cash is 400 in the worst year: at a DSCR of 1.6 it serves 250 a year.
    costs = (Cost(name="it", amount=(0, 600, 0)),)
    values = worked(borrowed(loan(repayment=Repayment.level, dscr=1.6, amount_usd=inf), costs=costs))
    assert one(values, "debt.usd") == approx(250 * ANNUITY)
    assert one(values, "cover.least_dscr") == approx(1.6)


def test_a_junior_loan_gets_what_the_senior_leaves():
    # Cash 1,000: at 2.0 the senior takes 500; at 1.25 both take 800, so the junior 300, for five years at 10 %.
    senior = loan(name="senior", repayment=Repayment.sculpted, dscr=2, amount_usd=inf)
    junior = loan(name="junior", repayment=Repayment.level, dscr=1.25, amount_usd=inf)
    values = worked(borrowed(senior, junior))
    assert one(values, "debt.senior.usd") == approx(500 * ANNUITY)
    assert one(values, "debt.junior.usd") == approx(300 * ANNUITY)


def test_gearing_of_a_junior_loan_counts_the_senior():
    senior, junior = loan(name="senior", gearing=0.5, amount_usd=inf), loan(name="junior", gearing=0.7, amount_usd=inf)
    values = worked(small(debt=(senior, junior)))
    uses = row(values, "uses.usd").sum()
    assert one(values, "debt.usd") == approx(0.7 * uses)
    assert one(values, "debt.senior.usd") == approx(0.5 * one(values, "debt.senior.uses_usd"))


def test_the_rate_is_floating_on_what_is_not_swapped_and_the_spread():
    # Half of 5, 4, 3 % ... and half of a swap at 3 %, plus 2 %.
    values = worked(borrowed(loan(base_rate=(0.05, 0.04, 0.03), spread=0.02, hedged=0.5, swap_rate=0.03)))
    assert row(values, "debt.loan.rate") == approx([0.06, 0.055, 0.05, 0.05, 0.05, 0.05])


def test_level_service_stays_level_when_rates_move():
    values = worked(borrowed(loan(base_rate=(0, 0.01, 0.03, 0.02, 0.05, 0.04), repayment=Repayment.level)))
    service = row(values, "waterfall.paid_usd")[1:]
    assert service == approx([service[0]] * 5)
    assert row(values, "loans.balance_usd")[-1] == 0


def test_refinancing_changes_the_spread_and_takes_a_fee():
    # After two of five years: 600 of 1,000 is owed on a straight loan; 1 % of it is 6, then 5 % instead of 10 %.
    again = loan(repayment=Repayment.straight, refinance_month=24, refinance_spread=0.05, refinance_fee=0.01)
    values = worked(borrowed(again))
    assert row(values, "finance.interest_usd")[1:] == approx([100, 80, 30, 20, 10])
    assert row(values, "finance.late_fees_usd")[1:] == approx([0, 0, 6, 0, 0])


def test_lenders_count_market_revenue_residual_values_and_tax_as_told():
    # Contract 500; market 500, half counted: 750. Tax on what is counted, without debt: 25 % of 750 - 600 of wear.
    contract = (Contract(name="a", share=0.5, usd_per_chip_h=USD_PER_CHIP_H, months=1200),)
    market = Merchant(usd_per_chip_h=(USD_PER_CHIP_H,), utilisation=1)
    project = borrowed(loan(repayment=Repayment.sculpted, dscr=2, amount_usd=inf), contracts=contract, merchant=market,
                       merchant_counted=0.5, taxes=Taxes(rate=0.25))  # fmt: skip
    values = worked(project)
    assert row(values, "cash.counted_usd")[1:] == approx([750 - 37.5] * 5)
    assert row(values, "debt.service_usd")[1:] == approx([712.5 / 2] * 5)


def test_residual_values_that_lenders_do_not_count_leave_debt_as_it_is():
    # Two lives end within the loan: each sells for a fifth, and the profit on it is taxed.
    chips = Asset(name="chips", capex_usd=1000, life_years=2, refreshed=True, refresh_usd=300)
    cover = loan(repayment=Repayment.sculpted, dscr=1.5, amount_usd=inf)
    taxed = small(assets=(chips,), draw_timing=0, debt=(cover,), taxes=Taxes(rate=0.25), residual_counted=0)
    sold = worked(replace(taxed, assets=(replace(chips, residual=0.2),)))
    assert row(sold, "capex.sold_usd")[2] == approx(200)
    assert row(sold, "debt.service_usd") == approx(row(worked(taxed), "debt.service_usd"))


def test_half_a_year_of_service_is_kept_in_reserve():
    # Quarters of a straight loan of 800 over two years at 10 %: 100 + interest on what is left.
    project = borrowed(loan(repayment=Repayment.straight, years=2, amount_usd=800), periods_per_year=4,
                       operation_years=3, reserves=Reserves(debt_service_months=6))  # fmt: skip
    values = worked(project)
    service = row(values, "debt.service_usd")[4:]
    assert service[:8] == approx([100 + 0.025 * (800 - 100 * k) for k in range(8)])
    padded = np.append(service, [0, 0])
    assert row(values, "waterfall.reserve_usd")[3:] == approx(padded[:-1][: len(service) + 1] + padded[1:])
    assert row(values, "uses.reserves_usd").sum() == approx(service[0] + service[1])


def test_a_part_of_a_period_counts_as_a_part_of_its_service():
    values = worked(borrowed(loan(repayment=Repayment.straight), reserves=Reserves(debt_service_months=18)))
    asked = approx([300 + 140, 280 + 130, 260 + 120, 240 + 110, 220, 0])
    assert row(values, "debt.reserve_target_usd") == asked
    assert row(values, "waterfall.reserve_target_usd") == asked


def test_a_loan_matures_at_the_end_of_operation_at_the_latest():
    values = worked(borrowed(loan(years=30, repayment=Repayment.straight)))
    assert one(values, "debt.loan.maturity") == 6
    assert row(values, "loans.balance_usd")[-2:] == approx([200, 0])


def test_a_sculpted_loan_without_a_cover_follows_the_cash():
    costs = (Cost(name="it", amount=(0, 500, 0)),)
    service = row(worked(borrowed(loan(repayment=Repayment.sculpted), costs=costs)), "debt.service_usd")[1:]
    assert service / service[0] == approx([1, 0.5, 1, 1, 1])


@given(st.floats(0.001, 0.3), st.integers(1, 30))
@MANY
def test_level_service_is_the_annuity(rate, years):
    values = worked(borrowed(loan(spread=rate, years=years, repayment=Repayment.level), operation_years=30))
    assert row(values, "debt.service_usd")[1 : years + 1] == approx(1000 * capital_recovery_factor(rate, years))


def test_debt_without_any_limit_is_refused():
    with pytest.raises(ValueError, match="loan.*needs a limit"):
        worked(borrowed(loan(amount_usd=inf)))
