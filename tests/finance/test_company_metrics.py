"""Metrics, stresses and lives of chips: definitions by hand, directions, published levels."""

from dataclasses import replace
from math import inf, isnan

import numpy as np
import pytest
from pytest import approx

from gigawatt.finance.companies.catalog import company
from gigawatt.finance.companies.company import Leases, Vehicle
from gigawatt.finance.companies.leases import worth_of_rents
from gigawatt.finance.companies.life import life_effect
from gigawatt.finance.companies.liquidity import capex_cut, stress
from gigawatt.finance.companies.metrics import (
    first_gap,
    first_negative_equity,
    largest_gap_usd,
    metrics,
    months_of_liquidity,
    periods,
    refinancing_wall,
)
from gigawatt.finance.companies.published import against_published
from gigawatt.finance.companies.statements import project_statements
from gigawatt.finance.companies.stress import Stress
from tests.finance.test_company_statements import plain


def test_metrics_of_a_plain_firm_by_hand():
    found = metrics(project_statements(plain(business={"revenue_last_year_usd": 320.0}), 8))
    assert found["interest_cover"] == approx(np.array([30 / 4, 30 / 4]))
    assert found["ebitda_margin"] == approx(np.array([0.3, 0.3]))
    assert found["revenue_growth"] == approx(np.array([0.25, 0.0]))
    # 200 of debt less 100 + 4 x 26 of cash over 120 a year.
    assert found["net_debt_to_ebitda"][0] == approx((200 - 204) / 120)
    assert found["ffo_to_debt"][0] == approx((120 - 16) / 200)
    assert found["due_usd"] == approx(np.array([0.0, 200.0]))
    assert found["refinancing_usd"] == approx(np.array([0.0, 0.0]))  # 204 + 104 cover it


def test_a_quarter_is_annualised_and_a_cut_year_says_so():
    made = project_statements(plain(), 6)
    assert metrics(made, annual=False)["net_debt_to_ebitda"][0] == approx((200 - 126) / 120)
    assert periods(made, annual=True).labels == ("2026", "2027 to Q2")
    assert metrics(made)["revenue_growth"][1] == approx(0.0)
    assert metrics(made)["net_debt_to_ebitda"][1] == approx((200 - 256) / 120)


def test_without_interest_cover_is_infinite_and_without_earnings_leverage_is():
    free = metrics(project_statements(plain(funding={"tranches": ()}), 4))
    assert free["interest_cover"][0] == inf
    losing = metrics(project_statements(plain(opening={"cash_usd": 0.0}, business={"cost": {2026: 1.0}}), 4))
    assert losing["net_debt_to_ebitda"][0] == inf


def test_adjusted_debt_adds_leases_and_vehicles_step_by_step():
    vehicle = Vehicle(name="v", debt_usd=100.0, rate=0.08, years=5.0)
    firm = plain(funding={"vehicles": (vehicle,)})
    leases = Leases(liability_usd=50.0, years=5.0, rate=0.06, commitments_usd=40.0, commitment_years=5.0)
    found = metrics(project_statements(replace(firm, leases=leases), 4))
    rent, other = 4 * 50 / worth_of_rents(0.06, 20), 4 * 100 / worth_of_rents(0.08, 20)
    owed = 50 / worth_of_rents(0.06, 20) * worth_of_rents(0.06, 16)
    net = found["net_debt_usd"][0]
    assert found["leverage_with_leases"][0] == approx((net + owed) / 120, rel=1e-3)  # EBITDA is 120 before rent
    vehicle_owed = 100 / worth_of_rents(0.08, 20) * worth_of_rents(0.08, 16)
    assert found["looked_through_debt_usd"][0] == approx(net + owed + vehicle_owed, rel=1e-3)
    bought = 2 * worth_of_rents(0.06, 16)  # 40 over 20 quarters, of which 16 are left
    assert found["adjusted_debt_usd"][0] == approx(net + owed + vehicle_owed + bought, rel=1e-3)
    assert found["leverage_with_commitments"][0] == approx(found["adjusted_debt_usd"][0] / (120 + 4 * 2.0), rel=1e-3)
    # The rent of the vehicle is added back to EBITDA only where the costs hold it.
    assert found["leverage_with_vehicles"][0] == approx((net + owed + vehicle_owed) / 120, rel=1e-3)
    paid = plain(funding={"vehicles": (replace(vehicle, in_costs=True),)})
    found = metrics(project_statements(replace(paid, leases=leases), 4))
    assert found["leverage_with_vehicles"][0] == approx((net + owed + vehicle_owed) / (120 + other), rel=1e-3)
    assert rent > 0 and found["commitments_usd"][0] == approx(2 * worth_of_rents(0.06, 16), rel=1e-3)


def test_a_vehicle_whose_rent_stands_among_the_leases_is_not_counted_twice():
    assert all(v.in_leases for v in company("Oracle").funding.vehicles)
    assert metrics(project_statements(company("Oracle")))["vehicles_usd"].sum() == 0
    # Hyperion stands among the leases not commenced; El Paso was signed after the opening: 13 bn from May 2026.
    found = metrics(project_statements(company("Meta")))["vehicles_usd"]
    assert 12e9 < found[0] < 13e9 and (np.diff(found) < 0).all()


def test_a_wall_is_the_year_in_which_debt_due_exceeds_cash_and_free_cash_flow():
    made = project_statements(plain(opening={"cash_usd": 0.0}, business={"cost": {2026: 0.7}}), 8)
    # 10 of EBITDA and 4 of interest: 48 of cash by the end of 2027, of 200 due in that year.
    wall = refinancing_wall(made)
    assert (wall.year, wall.due_usd) == (2027, approx(200.0))
    assert wall.short_usd == approx(200 - 48, abs=0.01)
    quarter, usd = first_gap(made)
    assert (quarter, usd) == ("2027 Q4", approx(200 - 48, abs=0.01))
    assert largest_gap_usd(made) == approx(152.0, abs=0.01)
    assert refinancing_wall(project_statements(plain(), 8)).year is None


def test_months_of_liquidity_by_hand():
    # 100 of cash and 20 of revolver against 44 a quarter: 30 - 70 - 4 = -44, so 120 / 44 quarters and interest on 20.
    firm = plain(business={"cost": {2026: 1.2}}, funding={"revolver_usd": 20.0})
    made = project_statements(firm, 8, Stress(refinancing_closed=True))
    assert made.cash["operating"][0] == approx(-44.0)
    assert months_of_liquidity(made) == approx(3 * 120 / 44, abs=0.05)
    assert months_of_liquidity(project_statements(plain(), 4, Stress(refinancing_closed=True))) == inf


@pytest.mark.parametrize("name", ["CoreWeave", "Oracle", "Nebius"])
def test_each_stress_hurts_in_its_own_way(name):
    found = {each.name: each for each in stress(company(name))}
    plan = found["plan"]
    assert found["revenue -20%"].ebitda_usd < plan.ebitda_usd
    if name != "Oracle":  # its bonds are fixed and its cash earns more
        assert found["rates +2%"].net_income_usd < plan.net_income_usd
    assert found["rates +2%"].ebitda_usd == plan.ebitda_usd
    assert found["chips 4 years"].net_income_usd <= plan.net_income_usd
    assert found["markets closed"].largest_gap_usd >= plan.largest_gap_usd
    worst = found["all of these"]
    assert worst.largest_gap_usd >= max(each.largest_gap_usd for each in found.values())
    assert worst.liquidity_months <= plan.liquidity_months


def test_a_shorter_life_moves_earnings_but_no_cash_where_no_tax_is_paid():
    effect, tried = life_effect(company("CoreWeave"), 4.0, 8)
    reported = project_statements(company("CoreWeave"), 8)
    assert effect.reported_years == 6 and (effect.depreciation_usd > 0).all()
    assert effect.net_income_usd == approx(-effect.depreciation_usd, rel=0.07)  # no tax; less debt, less interest
    assert np.array_equal(tried.income["ebitda"], reported.income["ebitda"])
    assert tried.cash["operating"] == approx(reported.cash["operating"], rel=0.05)  # less debt, less interest
    assert effect.book_value_usd == approx(-np.cumsum(effect.depreciation_usd))
    taxed, _ = life_effect(company("Meta"), 4.0, 8)
    assert taxed.net_income_usd == approx(0.85 * taxed.operating_income_usd, rel=0.02)


def test_the_first_quarter_of_coreweave_is_near_the_published_one():
    # Q1 2026 as published (finance facts): revenue 2.08 bn, capex 6.8 bn, interest 26 % of revenue, net loss 0.74 bn,
    # backlog 99.4 bn, adjusted operating margin about 1 %. The opening, the year's capex and the quarter's bookings are
    # inputs, and shares of cost are set with the loss in view. The errors are pinned as they are.
    made = project_statements(company("CoreWeave"), 4)
    ratios = {
        row.fact: row.ratio
        for row in against_published(company("CoreWeave"), made)
        if row.date == "2026 Q1" and row.fact != "adjusted operating margin"
    }
    assert ratios == approx(
        {"revenue": 0.95, "capex": 1.07, "interest share": 1.01, "net income": 0.87, "backlog": 0.94}, abs=0.01
    )
    before_stock = made.income["operating_income"][0] - made.income["stock_compensation"][0]
    assert before_stock / made.income["revenue"][0] == approx(0.039, abs=0.002)  # 1 % published


def test_softbanks_gap_is_pinned_beside_what_a_rating_agency_said():
    # S&P saw a gap of 32 bn over two years (finance facts); the plan here refinances nothing but its bridge.
    made = project_statements(company("SoftBank"), 12)
    assert first_gap(made)[0] == "2027 Q1"
    assert made.balance["gap"][7] / 32e9 == approx(0.56, abs=0.02)
    assert largest_gap_usd(made) / 32e9 == approx(0.83, abs=0.02)


def test_negative_equity_is_flagged():
    assert first_negative_equity(project_statements(plain(), 8)) == ("2026 Q1", approx(-100 + 26))
    assert first_negative_equity(project_statements(plain(opening={"cash_usd": 500.0}), 8)) == (None, 0.0)
    told = {each.name: each for each in stress(company("CoreWeave"))}
    assert told["chips 4 years"].least_equity_usd < told["plan"].least_equity_usd


def test_a_shorter_life_of_chips_takes_debt_from_lenders_on_assets():
    # Four years instead of six: what can be lent against falls as fast as the book value.
    reported, tried = (
        project_statements(company("CoreWeave"), 20, Stress(chip_life_years=life)) for life in (None, 4.0)
    )
    assert tried.balance["debt"][7] / reported.balance["debt"][7] == approx(0.86, abs=0.02)
    assert largest_gap_usd(reported) == 0 and largest_gap_usd(tried) > 5e9


def test_the_cut_of_capex_that_pays_all_bills_is_the_least():
    for tried in (Stress(revenue=-0.2), Stress(defaults="OpenAI", start=2)):
        cut = capex_cut(company("CoreWeave"), tried, 12)
        assert 0 < cut < 1
        gaps = [
            largest_gap_usd(project_statements(company("CoreWeave"), 12, replace(tried, capex=-share)))
            for share in (cut - 0.01, cut)
        ]
        assert gaps[0] > 0 and gaps[1] == 0
    assert capex_cut(company("Meta"), Stress(), 8) == 0
    # Without capex to cut, nothing helps.
    assert isnan(capex_cut(plain(opening={"cash_usd": -500.0}), Stress(), 8))


def test_rates_never_fall_below_nothing():
    made = project_statements(company("CoreWeave"), 8, Stress(rates=-0.5))
    assert (made.income["interest_expense"] <= 0).all()
    assert (made.income["interest_income"] >= 0).all()
    fixed = project_statements(company("Meta"), 8, Stress(rates=-0.5)).income["interest_expense"]
    assert fixed == approx(project_statements(company("Meta"), 8).income["interest_expense"])
