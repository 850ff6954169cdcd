"""Headline, bridge and the ratios of a credit committee: definitions by hand, and sums that must agree."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from pytest import approx

from gigawatt.finance.companies.catalog import company, names
from gigawatt.finance.companies.company import OPENING, Leases, Tranche, Vehicle
from gigawatt.finance.companies.credit import concentration
from gigawatt.finance.companies.leases import worth_of_rents
from gigawatt.finance.companies.metrics import bridge, credit_metrics, headline, indicated_rating, metrics, new_money
from gigawatt.finance.companies.statements import project_statements
from tests.finance.test_company_statements import plain


def test_cover_of_fixed_charges_and_debt_service_by_hand():
    lease = Leases(liability_usd=100.0, years=5.0, rate=0.06)
    rent = 4 * 100 / worth_of_rents(0.06, 20)
    vehicle = Vehicle(name="v", debt_usd=100.0, rate=0.08, years=5.0)
    through = 4 * 100 / worth_of_rents(0.08, 20)
    firm = plain(business={"contracted_usd_per_quarter": 80.0}, funding={"vehicles": (vehicle,)})
    found = credit_metrics(project_statements(replace(firm, leases=lease), 8))
    # EBITDA is 120 before rent, interest 16; 200 fall due in the second year.
    assert found["fixed_charge_cover"][0] == approx(120 / (16 + rent + through), rel=1e-3)
    assert found["dscr"] == approx(np.array([(120 - rent) / 16, (120 - rent) / 216]), rel=1e-3)
    assert found["take_or_pay_cover"][1] == approx(320 / (216 + rent + through), rel=1e-3)
    assert found["contracted_share"][0] == approx(0.8)
    assert found["cost_of_debt"][0] == approx(0.08)


def test_without_debt_and_leases_there_is_nothing_to_cover():
    found = credit_metrics(project_statements(plain(funding={"tranches": ()}), 4))
    assert found["fixed_charge_cover"][0] == inf and found["dscr"][0] == inf
    assert np.isnan(found["cost_of_debt"][0]) and np.isnan(found["tenor_years"][0])
    assert indicated_rating(project_statements(plain(funding={"tranches": ()}), 4)) is None


def test_security_tenor_and_concentration_by_hand():
    two = (
        Tranche(name="a", principal_usd=60.0, rate=0.1, first=7, last=7, secured=True),
        Tranche(name="b", principal_usd=140.0, rate=0.05, first=11, last=11),
    )
    firm = plain(
        opening={"chips_usd": 120.0}, assets={"chip_life_years": 400.0, "past_growth": 0.0, "in_progress": 1.0},
        business={"customers": {"Big": 0.6, "Small": 0.2}}, funding={"tranches": two},
    )  # fmt: skip
    found = credit_metrics(project_statements(firm, 4))
    assert (found["secured_usd"][0], found["unsecured_usd"][0]) == (approx(60.0), approx(140.0))
    assert found["chip_loan_to_value"][0] == approx(0.5, rel=5e-3)
    assert found["asset_loan_to_value"][0] == approx(200 / 120, rel=5e-3)
    # At the end of quarter 3, four and eight quarters are left.
    assert found["tenor_years"][0] == approx((60 * 1 + 140 * 2) / 200)
    assert found["cost_of_debt"][0] == approx((6 + 7) / 200)
    assert concentration(firm) == (0.6, approx(0.36 + 0.04))


@pytest.mark.parametrize("name", names())
def test_the_bridge_ends_at_adjusted_debt(name):
    made = project_statements(company(name), 12)
    rows, found = bridge(made), metrics(made)
    sums = {row.name: row for row in rows if row.kind == "sum"}
    assert sums["net debt"].usd == approx(found["net_debt_usd"])
    assert sums["net debt with leases and vehicles"].usd == approx(found["looked_through_debt_usd"])
    assert sums["adjusted net debt"].usd == approx(found["adjusted_debt_usd"])
    counted = [row for row in rows if row.counted and row.kind != "sum"]
    assert sums["adjusted net debt"].opening_usd == approx(sum(row.opening_usd for row in counted))


def test_vehicles_stand_in_the_bridge_by_name_and_some_are_only_told():
    meta = {row.name: row for row in bridge(project_statements(company("Meta"))) if row.kind == "vehicle"}
    assert {name: row.counted for name, row in meta.items()} == {"hyperion": False, "el paso": True}
    oracle = [row for row in bridge(project_statements(company("Oracle"))) if row.kind == "vehicle"]
    assert len(oracle) == 4 and not any(row.counted for row in oracle)


@pytest.mark.parametrize("name", names())
def test_what_pays_for_a_year_adds_up_to_what_it_needs(name):
    made = project_statements(company(name))
    for year in (0, 3):
        told = headline(made, year)
        assert sum(told["needs"].values()) == approx(sum(told["paid_by"].values()), abs=1.0)
        assert told["due_signed_usd"] + told["due_assumed_usd"] + told["due_new_usd"] == approx(told["repaid_usd"])


def test_a_year_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="year 2 must be 0 to 1"):
        headline(project_statements(plain(), 8), 2)


def test_new_money_is_what_no_signed_deal_brings():
    found = new_money(project_statements(company("CoreWeave")))
    parts = ("new_debt_usd", "new_shares_usd", "revolver_usd", "unpaid_usd")
    assert found["new_money_usd"] == approx(sum(found[part] for part in parts))
    assert found["signed_debt_usd"][0] > 0 and found["due_assumed_usd"][0] > 0  # "other debt", repaid evenly
    assert found["due_usd"] == approx(found["due_signed_usd"] + found["due_assumed_usd"] + found["due_new_usd"])
    # Oracle's bonds of 2025 and 2026 fall due beyond; what it repays is on an assumed ladder.
    assert new_money(project_statements(company("Oracle")))["due_signed_usd"][:5].sum() == 0


def test_debt_that_no_tranche_tells_of_has_an_assumed_ladder():
    for name in names():
        for tranche in company(name).funding.tranches:
            assert tranche.assumed or tranche.name != "other debt"
    coreweave = company("CoreWeave").funding.tranches
    assert not any(t.assumed for t in coreweave if t.name.startswith("term loans") and t.drawn_last == OPENING)


def test_a_rating_falls_with_cover():
    rich, poor = (plain(business={"cost": {2026: cost}}) for cost in (0.2, 0.75))
    best, worst = (indicated_rating(project_statements(firm, 4)) for firm in (rich, poor))
    assert best is not None and worst is not None
    assert best[1] < worst[1]  # 60 of 4 covers fifteen times, 5 of 4 once
