"""Our project finance against NREL SAM's single-owner model: 83 outputs of 280 random projects.

Where SAM is faulty, what ours does instead. The first test needs no SAM: it holds ours against the restatement of it.
"""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from gigawatt.finance.project import DebtServiceError, evaluate
from gigawatt.finance.returns.irr import Status, irr
from tests.finance.sam_bisection import always_one_sign, bisected
from tests.finance.sam_cases import CASES_PER_FAMILY, FAMILIES, SamCase, draw_case
from tests.finance.sam_ours import LINES, RATES, SCALARS, Ours, sams
from tests.finance.sam_project import level_debt_by_rounds_usd, level_debt_usd, sam_project
from tests.finance.sam_reference import reference
from tests.finance.sam_run import run_sam

MORE = ("equal_principal", "price_by_year")  # families of this file
LOW, FAR = -1 + 1e-6, 1e6  # rates: below and above all rates of return here


@pytest.fixture
def sam():
    return pytest.importorskip("PySAM.Singleowner")


@cache
def case_of(family: str, seed: int) -> SamCase:
    """Case `seed` of a family of `draw_case`, or of `MORE`."""
    if family == "equal_principal":
        return replace(draw_case("level", seed), equal_principal=True)
    if family == "price_by_year":
        case, rng = draw_case("sculpted", seed), np.random.default_rng(seed)
        prices = case.price_usd_per_kwh[0] * rng.uniform(0.8, 1.5, case.years)
        # without the reserve for debt service, which SAM has the owners fill where cash does not
        return replace(case, price_usd_per_kwh=tuple(map(float, prices)), dsra_months=0.0)
    return draw_case(family, seed)


@cache
def ours_of(family: str, seed: int) -> Ours:
    """Our answers; odd seeds sell at a price by year of the plan, even ones by contract."""
    case = case_of(family, seed)
    return Ours(case, evaluate(sam_project(case, market=seed % 2 == 1)))


def misfit(answer, ours, case, name):
    """Largest difference over the largest value, or over a millionth of the cost (money) or the cost (NPV)."""
    answer, ours = np.atleast_1d(answer), np.atleast_1d(ours)
    assert answer.shape == ours.shape, name
    money = name.startswith("cf_") and not any(word in name for word in ("price", "dscr", "energy_sales"))
    floor = case.capex_usd if "npv" in name and "energy" not in name else 1e-6 * case.capex_usd if money else 1e-300
    return np.max(np.abs(answer - ours)) / np.max(np.abs(answer), initial=floor)


def compare(answers, ours, what):
    """Everything but rates of return."""
    for name, get in {**SCALARS, **LINES}.items():
        assert misfit(sams(answers, name), get(ours), ours.case, name) < 1e-10, f"{name} of {what}"


@pytest.mark.parametrize("family", FAMILIES)
def test_our_project_answers_what_the_restatement_of_sam_answers(family):
    for seed in range(3):
        compare(reference(case_of(family, seed)), ours_of(family, seed), f"{family} {seed}")


@pytest.mark.peers
@pytest.mark.parametrize("family", (*FAMILIES, *MORE))
def test_our_project_answers_what_sam_answers(family, sam):
    for seed in range(CASES_PER_FAMILY):
        compare(run_sam(case_of(family, seed)), ours_of(family, seed), f"{family} {seed}")


@pytest.mark.peers
@pytest.mark.parametrize("family", (*FAMILIES, *MORE))
def test_our_rates_of_return_are_sams_where_sam_finds_one(family, sam):
    """SAM stops where the worth is 1e-6 of the largest flow, so its rates are good to 1e-5."""
    for seed in range(CASES_PER_FAMILY):
        answers, ours = run_sam(case_of(family, seed)), ours_of(family, seed)
        for name, get in RATES.items():
            theirs, mine = sams(answers, name), np.atleast_1d(get(ours))
            found = theirs > -100  # not nan, and a rate: SAM also answers -100.006 % for flows that are all negative
            np.testing.assert_allclose(mine[found] / 100, theirs[found] / 100, atol=1e-5, rtol=0)


@pytest.mark.peers  # the peer is the bisection; with SAM's cases it belongs to the same job
@pytest.mark.parametrize("family", (*FAMILIES, *MORE))
def test_our_rates_of_return_are_the_true_ones(family):
    """To 1e-10 of a bisection with 50 digits, between the halfway points to the next roots."""
    for seed in range(CASES_PER_FAMILY):
        ours = ours_of(family, seed)
        for name, answer in (("aftertax", "returns.owners_irr"), ("pretax", "returns.owners_pretax_irr")):
            flows, rate = ours[f"owners.{name}_usd"], ours[answer]
            found = irr(flows)
            if found.status == Status.NO_ROOT:
                assert np.isnan(rate)
                assert always_one_sign(flows)
                continue
            roots = found.roots[: int(found.count)]
            edges = np.concatenate([[LOW], (roots[1:] + roots[:-1]) / 2, [FAR]])
            true = [bisected(flows, low, high) for low, high in pairwise(edges)]
            np.testing.assert_allclose(roots, true, atol=1e-10, rtol=1e-10)
            assert np.min(np.abs(roots - rate)) < 1e-12


@pytest.mark.peers
def test_without_tax_and_debt_our_cost_of_compute_is_sams_lcoe(sam):
    untaxed = [c for c in map(draw_case, ["no_debt"] * CASES_PER_FAMILY, range(CASES_PER_FAMILY))
               if not c.federal_tax_rate[0]]  # fmt: skip
    assert len(untaxed) > 10
    for case in untaxed:
        answers, ours = run_sam(case), evaluate(sam_project(case))
        assert 100 * ours["lcoc.usd_per_chip_h"] == pytest.approx(answers["lcoe_nom"], rel=1e-10)
        assert 100 * ours["lcoc.real_usd_per_chip_h"] == pytest.approx(answers["lcoe_real"], rel=1e-10)


@pytest.mark.peers
def test_sams_share_of_debt_as_our_gearing_gives_sams_loan(sam):
    """Our closed form for fee and reserve; SAM's loan is found by rounds, up to 3e-9 from where they lead."""
    for seed in range(CASES_PER_FAMILY):
        case = draw_case("level", seed)
        answers, project = run_sam(case), sam_project(case)
        geared = replace(project.debt[0], amount_usd=np.inf, gearing=answers["debt_fraction"] / 100)
        ours = evaluate(replace(project, debt=(geared,)))
        assert ours["debt.usd"] == pytest.approx(answers["size_of_debt"], rel=1e-8)
        assert level_debt_usd(case) == pytest.approx(level_debt_by_rounds_usd(case), rel=1e-8)


@pytest.mark.peers
def test_where_cash_does_not_serve_a_loan_sam_is_silent_and_ours_names_it(sam):
    """SAM has the owners pay; ours does so only with recourse, and says so. Without it: reserve, then unpaid."""
    raised = 0
    for family, seed in (("level", 2), ("level", 4), ("level", 13), ("level", 27), ("level", 38), ("cluster", 2)):
        case = draw_case(family, seed)
        assert 0 < run_sam(case)["min_dscr"] < 1
        assert "recourse" in names(evaluate(sam_project(case)))
        alone = sam_project(case, recourse=0.0)
        result = evaluate(alone)
        if "debt not served" in names(result):
            with pytest.raises(DebtServiceError, match="are not paid in period"):
                evaluate(alone, strict=True)
            raised += 1
        else:
            assert result["loans.loan.reserve_drawn_usd"].max() > 0
    assert raised >= 4


def names(result):
    return {finding.name for finding in result.findings}


@pytest.mark.peers
def test_debt_above_the_cost_is_a_finding_and_a_gearing_ends_it(sam):
    rich = replace(draw_case("level", 1), sculpted=True)
    rich = replace(rich, price_usd_per_kwh=(3 * rich.price_usd_per_kwh[0],))
    answers, project = run_sam(rich), sam_project(rich)
    assert answers["debt_fraction"] > 100
    assert np.isnan(answers["project_return_aftertax_irr"])
    result = evaluate(project)
    compare(answers, Ours(rich, result), "debt above the cost")
    (found,) = [each for each in result.findings if each.name == "debt above uses"]
    assert found.amount == pytest.approx(-answers["size_of_equity"], rel=1e-10)
    geared = evaluate(replace(project, debt=(replace(project.debt[0], gearing=0.8),)))
    assert "debt above uses" not in names(geared)
    assert geared["cover.gearing"] == pytest.approx(0.8, rel=1e-12)
    assert geared["returns.owners_irr"] > 0.5


@pytest.mark.peers
def test_nobody_lends_to_a_project_that_loses_money(sam):
    """SAM takes service on a loan of zero under a cap, and lends less than nothing without one."""
    poor = replace(draw_case("level", 1), sculpted=True, price_usd_per_kwh=(1e-3,), equipment_usd=(0.0, 0.0),
                   salvage_rate=0.0)  # fmt: skip
    assert run_sam(replace(poor, debt_cap_rate=0.6))["cf_debt_payment_total"][1] > 0
    assert run_sam(poor)["size_of_debt"] < 0
    for case in (poor, replace(poor, debt_cap_rate=0.6)):
        result = evaluate(sam_project(case), strict=True)
        assert result["debt.usd"] == 0
        assert not result["waterfall.due_usd"].any()
        assert result["waterfall.support_usd"][1:].min() > 0  # owners pay for the operation


@pytest.mark.peers
@pytest.mark.parametrize(("family", "seed"), [("sculpted", 5), ("corner", 2)])
def test_we_find_rates_of_return_that_sam_does_not(family, seed, sam):
    case = draw_case(family, seed)
    assert np.isnan(run_sam(case)["project_return_aftertax_irr"])
    result = evaluate(sam_project(case))
    rate = result["returns.owners_irr"]
    assert rate == pytest.approx(bisected(result["owners.aftertax_usd"], LOW, FAR), abs=1e-10)


@pytest.mark.peers
def test_a_loan_that_outlives_the_project_is_refused(sam):
    """SAM forgets what is left of it."""
    long = replace(draw_case("level", 1), tenor_years=draw_case("level", 1).years + 4, dsra_months=0.0)
    assert run_sam(long)["cf_debt_balance"][-1] > 1e8
    with pytest.raises(ValueError, match=r"debt\.loan\.years: matures 17 years after completion"):
        evaluate(sam_project(long))


@pytest.mark.peers
def test_a_reserve_that_cash_does_not_fill_is_named(sam):
    """SAM has the owners fill it."""
    without = case_of("price_by_year", 1)
    case = replace(without, dsra_months=12.0)
    answers, result = run_sam(case), evaluate(sam_project(case))
    (found,) = [each for each in result.findings if each.name == "reserve not filled"]
    year = found.period - 1
    assert answers["cf_reserve_debtservice"][year] > result["waterfall.reserve_usd"][year] + 1
    assert "reserve not filled" not in names(evaluate(sam_project(without)))


def test_a_loan_that_grows_by_plan_keeps_its_cover_and_is_named():
    """Sculpted service below interest: SAM's principal is below 0; a lender wants to know."""
    for seed in (0, 9, 12, 37):
        case, ours = case_of("sculpted", seed), ours_of("sculpted", seed)
        grows = reference(case)["cf_debt_payment_principal"].min() < -1
        assert grows == (seed != 0)
        assert grows == ("debt grows" in names(ours.result))
        assert ours["cover.least_dscr"] == pytest.approx(case.dscr, rel=1e-10)


@pytest.mark.peers
def test_the_reserve_of_a_loan_of_one_year_comes_back(sam):
    """In SAM it does not, where payments are level."""
    short = replace(draw_case("level", 1), tenor_years=1, dsra_months=6.0)
    answers, result = run_sam(short), evaluate(sam_project(short))
    assert answers["cf_disbursement_debtservice"].sum() == 0
    assert result["debt.reserve_first_usd"].sum() > 0
    assert result["waterfall.freed_usd"].sum() == pytest.approx(result["debt.reserve_first_usd"].sum())
