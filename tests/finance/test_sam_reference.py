"""NREL SAM's single-owner model is what `sam_reference` says it is, odd habits included."""

from dataclasses import replace

import numpy as np
import pytest

from tests.finance.sam_cases import CASES_PER_FAMILY, FAMILIES, draw_case
from tests.finance.sam_reference import reference
from tests.finance.sam_run import LINES, SCALARS, run_sam

pytestmark = pytest.mark.peers


@pytest.fixture(autouse=True)
def sam():
    return pytest.importorskip("PySAM.Singleowner")


def misfit(answer, ours, case, name):
    """Largest difference over the largest value, or over a millionth of the cost (money) or the cost (NPV)."""
    answer, ours = np.atleast_1d(answer), np.atleast_1d(ours)
    assert (np.isnan(answer) == np.isnan(ours)).all(), name
    money = name.startswith("cf_") and not any(word in name for word in ("irr", "price", "dscr", "energy_sales"))
    floor = case.capex_usd if "npv" in name and "energy" not in name else 1e-6 * case.capex_usd if money else 1e-300
    known = ~np.isnan(answer)
    return np.max(np.abs(answer - ours)[known], initial=0.0) / np.max(np.abs(answer[known]), initial=floor)


@pytest.mark.parametrize("family", (*FAMILIES, "corner"))
def test_sam_answers_what_the_reference_says(family):
    for seed in range(CASES_PER_FAMILY):
        case = draw_case(family, seed)
        answers, ours = run_sam(case), reference(case)
        for name in SCALARS + LINES:
            # SAM stops its search for the rate of return at flows of 1e-6 of the largest; its steps repeat to 1e-9
            bound = 1e-9 if "irr" in name or name == "wacc" else 1e-10
            assert misfit(answers[name], ours[name], case, name) < bound, f"{name} of {family} {seed}"


def test_sam_keeps_sculpted_debt_sculpted_where_the_cap_binds():
    case = draw_case("capped", 3)
    answers = run_sam(case)
    cover = answers["cf_pretax_dscr"][1 : case.tenor_years + 1]
    assert cover.min() == pytest.approx(cover.max(), rel=1e-12)
    assert cover.min() > 2 * case.dscr
    assert np.ptp(answers["cf_debt_payment_total"][1 : case.tenor_years + 1]) > 0


def test_sam_takes_debt_service_on_no_loan_from_a_project_that_loses_money_under_a_cap():
    poor = replace(
        draw_case("level", 1), sculpted=True, debt_cap_rate=0.6, price_usd_per_kwh=(1e-3,), equipment_usd=(0.0, 0.0)
    )
    answers = run_sam(replace(poor, salvage_rate=0.0))
    assert answers["size_of_debt"] == 0.0
    assert answers["cf_debt_payment_total"][1] > 0.0
    assert answers["cf_debt_balance"][poor.tenor_years] < 0.0


def test_sam_answers_no_rate_of_return_where_debt_exceeds_the_cost():
    rich = replace(draw_case("level", 1), sculpted=True)
    answers = run_sam(replace(rich, price_usd_per_kwh=(3 * rich.price_usd_per_kwh[0],)))
    assert answers["debt_fraction"] > 100.0
    assert answers["size_of_equity"] < 0.0
    assert np.isnan(answers["project_return_aftertax_irr"])
    assert np.isnan(answers["wacc"])
    assert np.isfinite(answers["project_return_aftertax_npv"])


def test_the_level_loan_has_a_closed_form():
    case = draw_case("level", 1)
    answers = run_sam(case)
    annuity = case.interest_rate / (1 - (1 + case.interest_rate) ** -case.tenor_years)
    raised = case.debt_rate * (1 + case.debt_rate * case.debt_fee_rate)
    bare_usd = answers["cost_installed"] - answers["cost_debt_upfront"] - answers["cf_reserve_debtservice"][0]
    loan_usd = raised * bare_usd / (1 - raised * case.dsra_months / 12 * annuity)
    assert answers["size_of_debt"] == pytest.approx(loan_usd, rel=1e-9)
