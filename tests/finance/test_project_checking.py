"""What cannot be of a project is found before it is worked out, all of it at once, by path."""

from dataclasses import replace
from math import inf, nan

import pytest

from gigawatt.errors import GigawattError
from gigawatt.finance.project import (
    Asset,
    Backstop,
    Capacity,
    Contract,
    Cost,
    Covenants,
    Merchant,
    Per,
    Phase,
    Project,
    Repayment,
    Reserves,
    Taxes,
    Tranche,
    evaluate,
)
from gigawatt.finance.project.checking import check, problems
from gigawatt.finance.project.checking_bounds import BOUNDS, ProjectError
from gigawatt.finance.project.inputs import Project as Whole

CHIPS = Asset(name="chips", capex_usd=4e9, life_years=5)
ANCHOR = Contract(name="anchor", usd_per_chip_h=3.0, months=60)
SENIOR = Tranche(name="senior", gearing=0.6, years=5, base_rate=(0.04,), spread=0.02)
FINE = Project(name="fine", assets=(CHIPS,), capacity=Capacity(chips=60_000, it_mw=100), contracts=(ANCHOR,),
               debt=(SENIOR,), operation_years=6)  # fmt: skip


def paths(**changes):
    return [problem.path for problem in problems(replace(FINE, **changes))]


def loans(**changes):
    return paths(debt=(replace(SENIOR, **changes),))


def test_a_project_that_makes_sense_has_no_problems():
    assert problems(FINE) == ()
    check(FINE)


def test_evaluate_refuses_what_cannot_be_and_names_all_of_it():
    wrong = replace(FINE, capacity=Capacity(chips=0), assets=(replace(CHIPS, life_years=-1),))
    with pytest.raises(ProjectError) as caught:
        evaluate(wrong)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, GigawattError)
    assert {each.path for each in caught.value.problems} == {"capacity.chips", "assets.chips.life_years"}
    assert "0 is out of range; above 0" in str(caught.value)


@pytest.mark.parametrize("value", [nan, inf, -1.0])
def test_numbers_that_are_none_are_named(value):
    assert paths(assets=(replace(CHIPS, capex_usd=value),)) == ["assets.chips.capex_usd"]


def test_every_number_of_a_project_has_bounds():
    from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS
    from gigawatt.project_file.fields import fields_of

    for entity in (*SECTIONS.values(), *GROUPS.values(), Whole):
        numbers = {name for name, field in fields_of(entity).items() if field.kind in ("number", "table")}
        assert numbers <= set(BOUNDS[entity]), entity


def test_shares_of_phases_sum_to_one():
    assert paths(phases=(Phase(name="a", share=0.5), Phase(name="b", share=0.4))) == ["phases"]


def test_contracts_do_not_book_more_than_there_is_at_the_same_time():
    second = replace(ANCHOR, name="second", share=0.5)
    first = replace(ANCHOR, share=0.6)
    assert paths(contracts=(first, second)) == ["contracts"]
    assert paths(contracts=(replace(first, months=24), replace(second, start_month=24, months=24))) == []
    assert paths(contracts=(replace(first, ends_early_month=24), replace(second, start_month=24, months=24))) == []


def test_contracts_begin_and_end_while_the_project_works():
    assert paths(contracts=(replace(ANCHOR, start_month=72, months=1),)) == ["contracts.anchor.start_month"]
    assert paths(contracts=(replace(ANCHOR, months=73.5),)) == ["contracts.anchor.months"]
    assert paths(contracts=(replace(ANCHOR, months=0),)) == ["contracts.anchor.months"]
    assert paths(contracts=(replace(ANCHOR, ends_early_month=61),)) == ["contracts.anchor.ends_early_month"]
    assert paths(contracts=(replace(ANCHOR, ends_early_month=60),)) == []


def test_an_unknown_schedule_is_told_with_the_nearest():
    (problem,) = problems(replace(FINE, assets=(replace(CHIPS, depreciation="macrs5"),)))
    assert problem.near == "macrs_5"
    assert "macrs_15" in problem.allowed


def test_shares_of_own_depreciation_sum_to_one():
    custom = replace(CHIPS, depreciation="custom", shares=(0.5, 0.4))
    assert paths(assets=(custom,)) == ["assets.chips.shares"]
    assert paths(assets=(replace(custom, shares=(0.5, 0.5)),)) == []


def test_an_unknown_currency_is_told_with_the_nearest():
    (problem,) = problems(replace(FINE, currency="EURO"))
    assert problem.near == "EUR"


def test_a_loan_matures_before_the_project_ends():
    assert loans(years=7) == ["debt.senior.years"]


def test_a_cover_below_one_is_refused():
    assert loans(dscr=0.95) == ["debt.senior.dscr"]
    assert loans(dscr=1.0) == []


def test_a_gearing_leaves_something_to_the_owners():
    assert loans(gearing=1.0) == ["debt.senior.gearing"]


def test_something_says_how_large_a_loan_is():
    assert loans(gearing=inf) == ["debt.senior"]


def test_a_sculpted_loan_needs_a_cover():
    assert loans(repayment=Repayment.sculpted) == ["debt.senior.dscr"]


@pytest.mark.parametrize("balloon", [-0.1, 1.1])
def test_a_balloon_is_a_share(balloon):
    assert loans(balloon=balloon) == ["debt.senior.balloon"]


def test_refinancing_comes_before_maturity_and_belongs_together():
    assert loans(refinance_month=60) == ["debt.senior.refinance_month"]
    assert loans(refinance_spread=0.01) == ["debt.senior.refinance_spread"]


def test_junior_debt_may_not_have_less_gearing_than_senior_debt_alone():
    junior = replace(SENIOR, name="junior", gearing=0.5)
    assert paths(debt=(SENIOR, junior)) == ["debt.junior.gearing"]


def test_a_plan_has_at_most_600_periods():
    assert paths(periods_per_year=12, operation_years=60) == ["operation_years"]


def test_names_within_a_section_differ():
    assert paths(assets=(CHIPS, CHIPS)) == ["assets.chips"]


def test_periods_a_year_are_1_4_or_12():
    assert paths(periods_per_year=2) == ["periods_per_year"]


def test_lock_up_comes_before_default():
    assert paths(covenants=Covenants(lockup_dscr=1.05, default_dscr=1.1)) == ["covenants.lockup_dscr"]


def test_reserves_and_covenants_need_debt():
    found = paths(debt=(), reserves=Reserves(debt_service_months=6), covenants=Covenants(default_dscr=1.1))
    assert found == ["reserves.debt_service_months", "covenants"]


def test_costs_and_energy_need_what_they_are_paid_for():
    dark = Capacity(chips=60_000)
    assert paths(capacity=dark, energy_usd_per_mwh=60) == ["energy_usd_per_mwh"]
    staff = Cost(name="staff", amount=(1e5,), per=Per.mw_year)
    assert paths(capacity=dark, costs=(staff,)) == ["costs.staff.per"]
    assert paths(costs=(Cost(name="fees", amount=(2.0,), per=Per.revenue),)) == ["costs.fees.amount"]


def test_something_is_sold():
    assert paths(contracts=()) == ["contracts"]
    assert paths(contracts=(), merchant=Merchant(usd_per_chip_h=(2.0,), utilisation=0.5)) == []


def test_backstops_take_at_most_all_that_is_free():
    vendors = tuple(Backstop(guarantor=name, share=0.6, usd_per_chip_h=1, months=12) for name in ("a", "b"))
    assert paths(backstops=vendors) == ["backstops"]


def test_a_tax_investor_pays_and_gets():
    assert paths(taxes=Taxes(investor_usd=1e8)) == ["taxes.investor_usd"]
    assert paths(taxes=Taxes(investor_share=0.5)) == ["taxes.investor_share"]


def test_contracts_that_rounding_brings_into_one_period_are_found():
    # In quarters 2 + 5 months are quarters 2 and 3 of service, and 7 months begin in quarter 3.
    early, late = (replace(ANCHOR, name=f"m{month}", start_month=month, months=5) for month in (2, 7))
    (problem,) = problems(replace(FINE, contracts=(early, late)))
    assert problem.path == "contracts"
    assert "rounded to periods" in problem.allowed
    assert paths(contracts=(early, late), periods_per_year=12) == []


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"phases.b.share": 0.6}, "phases"),
        ({"contracts.anchor.share": 1.2}, "contracts.anchor.share"),
        ({"debt.senior.gearing": 1.5}, "debt.senior.gearing"),
        ({"capacity.pue": 0.9}, "capacity.pue"),
        ({"costs.fee.amount": 1.4}, "costs.fee.amount"),
    ],
)
def test_a_case_is_held_to_what_a_project_is_held_to(given, path):
    phases = (Phase(name="a", share=0.5), Phase(name="b", share=0.5))
    costs = (Cost(name="fee", amount=(0.4,), per=Per.revenue),)
    assert paths(phases=phases, costs=costs, cases={"odd": given}) == [f"cases.odd.{path}"]


def test_a_case_may_end_the_project_before_its_contracts():
    assert paths(cases={"short": {"operation_years": 4.0}, "late": {"phases.all.months": 30.0}}) == []


def test_what_no_lender_has_seen_is_refused():
    assert paths(reserves=Reserves(debt_service_months=600)) == ["reserves.debt_service_months"]
    assert loans(upfront_fee=1.0) == ["debt.senior.upfront_fee"]
    assert paths(taxes=Taxes(flip_month=30)) == ["taxes.flip_month"]
    assert paths(assets=(replace(CHIPS, life_years=30, guaranteed_residual=0.1),)) == [
        "assets.chips.guaranteed_residual"
    ]
    assert paths(assets=(replace(CHIPS, life_years=6, guaranteed_residual=0.1),)) == []


def test_no_case_is_called_base():
    assert paths(cases={"Base": {}}) == ["cases.Base"]
