"""Break points: the smallest change that leaves a bill unpaid, ranked; customers that fail one by one."""

from dataclasses import replace
from math import isinf, isnan

import pytest
from pytest import approx

from gigawatt.finance.companies.catalog import company
from gigawatt.finance.companies.company import Raise
from gigawatt.finance.companies.gaps import first_gap, largest_gap_usd, months_closed
from gigawatt.finance.companies.liquidity import break_points, stress
from gigawatt.finance.companies.statements import project_statements
from gigawatt.finance.companies.stress import Stress
from tests.finance.test_company_statements import plain


def named(found):
    return {each.name: each for each in found}


def test_break_points_of_a_plain_firm_by_hand():
    found = named(break_points(plain(), 8))
    # A fall d takes 100 d of revenue and saves 0.3 x 70 d of cost in each of 8 quarters, of 108 that are spare.
    fall = found["revenue falls"]
    assert -fall.value == approx(108 / (8 * 79), abs=0.001) and -fall.value >= 108 / (8 * 79)
    assert fall.severity == approx(-fall.value / 0.2) and fall.gap_quarter == "2027 Q4"
    # Its one loan has a fixed rate, and it buys nothing.
    assert isnan(found["rates rise"].value) and isnan(found["capex overruns"].value)
    assert isinf(found["rates rise"].severity)


@pytest.mark.parametrize(("kind", "step"), [("revenue", 0.001), ("rates", -0.0005), ("capex", -0.005)])
def test_a_step_before_the_break_point_all_bills_are_paid(kind, step):
    coreweave = company("CoreWeave")
    (found,) = [each for each in break_points(coreweave) if each.kind == kind]
    at, before = (project_statements(coreweave, 20, Stress(**{kind: v})) for v in (found.value, found.value + step))
    assert largest_gap_usd(at) == approx(found.largest_gap_usd) and largest_gap_usd(at) > 0
    assert largest_gap_usd(before) == 0
    assert first_gap(at)[0] == found.gap_quarter


def test_break_points_stand_weakest_first():
    found = break_points(company("CoreWeave"))
    assert [each.severity for each in found] == sorted(each.severity for each in found)
    assert found[-1].name == "rates rise"


def test_every_customer_of_the_catalog_is_tried():
    names = {each.name for each in break_points(company("CoreWeave"))}
    assert {"OpenAI defaults", "Microsoft defaults", "Meta defaults"} <= names
    assert {"OpenAI defaults", "Microsoft defaults", "Meta defaults"} <= {o.name for o in stress(company("CoreWeave"))}
    assert not any(each.kind == "default" for each in break_points(company("CoreWeave"), base=Stress(defaults="Meta")))


def test_with_a_gap_in_the_plan_nothing_more_is_needed():
    broke = plain(opening={"cash_usd": -500.0})
    assert [each.value for each in break_points(broke, 8) if each.kind in ("revenue", "capex")] == [0.0, 0.0]


def test_signed_money_that_still_comes_lengthens_a_closed_market():
    firm = plain(
        opening={"cash_usd": 10.0}, business={"cost": {2026: 1.2}},
        funding={"raises": (Raise(name="r", usd=88.0, first=0, last=0),)},
    )  # fmt: skip
    made = project_statements(firm, 8)
    short = months_closed(made)
    kept = months_closed(replace(made, stress=Stress(signed_kept=True)))
    # 30 - 70 - 4 a quarter: 10 lasts 10 / 44 of a quarter, and 88 two quarters more.
    assert short == approx(3 * 10 / 44, abs=0.05)
    assert kept == approx(3 * 98 / 44, abs=0.1)


def test_a_base_stress_leaves_less_room():
    alone = {each.name: each for each in break_points(company("CoreWeave"))}
    after = {each.name: each for each in break_points(company("CoreWeave"), base=Stress(revenue=-0.05))}
    assert abs(after["revenue falls"].value) < abs(alone["revenue falls"].value)
    assert after["capex overruns"].value <= alone["capex overruns"].value
