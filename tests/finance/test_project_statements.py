"""Statements close for any project, and one by hand."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from pytest import approx

from gigawatt.finance.project.inputs import Asset, Phase, Repayment, Taxes, Tranche
from gigawatt.finance.project.model import model_of
from gigawatt.finance.project.result import findings
from tests.finance.project_cases import MANY, one, projects, row, small, worked


@MANY
@given(projects())
def test_the_balance_sheet_closes_and_sources_are_uses(project):
    values = worked(project)
    scale = max(1.0, np.abs(row(values, "balance.assets_usd")).max())
    for name in ("balance_sheet", "sources_and_uses", "nothing_below_zero", "fits"):
        assert np.abs(row(values, f"checks.{name}")).max() <= 1e-9 * scale, name


@MANY
@given(projects())
def test_nothing_is_left_when_the_operation_ends(project):
    values = worked(project)
    for name in ("balance.cash_usd", "balance.fixed_usd", "working_capital_usd"):
        assert row(values, name)[-1] == approx(0, abs=1e-6), name


def test_statements_by_hand():
    # 600 of debt at 10 % with no early interest, repaid by 120 a year; 400 of equity; straight books; tax 25 %.
    loan = Tranche(name="loan", repayment=Repayment.straight, years=5, spread=0.1, amount_usd=600)
    values = worked(small(debt=(loan,), draw_timing=0, taxes=Taxes(rate=0.25)))
    interest = np.array([0, 60, 48, 36, 24, 12.0])
    profit = (1000 - 200 - interest) * (interest > 0)
    assert row(values, "income.net_usd") == approx(0.75 * profit)
    assert row(values, "balance.fixed_usd") == approx([1000, 800, 600, 400, 200, 0])
    assert row(values, "loans.balance_usd") == approx([600, 480, 360, 240, 120, 0])
    assert row(values, "balance.equity_usd") == approx([400, 320, 240, 160, 80, 0])


@MANY
@given(projects())
def test_a_year_less_of_operation_still_closes(project):
    """Operation that is drawn shorter than the plan leaves periods after the end."""
    values = worked(replace(project, operation_years=project.operation_years + 1), {"operation_years": [1.5]})
    scale = max(1.0, np.abs(row(values, "balance.assets_usd")).max())
    assert np.abs(row(values, "checks.balance_sheet")).max() <= 1e-9 * scale
    assert one(values, "time.end") < len(row(values, "time.period"))


TWO = (Phase(name="first", share=0.5), Phase(name="second", share=0.5, start_month=24, months=12))


def told(project):
    """Findings by name."""
    return {each.name: each for each in findings(model_of(project), worked(project))}


def test_early_cash_is_held_for_construction_and_let_go_at_completion():
    # 500 is built in the first year and brings 500 in the second, which waits; 500 in the third builds the rest.
    values = worked(small(phases=TWO))
    assert row(values, "sources.operation_usd")[:3] == approx([0, 500, 500])
    assert row(values, "sources.held_usd")[:3] == approx([0, 500, 0])
    assert row(values, "owners.paid_in_usd") == approx([500] + [0] * 7)
    assert row(values, "owners.distributed_usd") == approx([0, 0, 500] + [1000] * 5)
    assert row(values, "balance.cash_usd")[:3] == approx([0, 500, 0])


def test_early_cash_that_is_held_pays_later_uses_first():
    # Three quarters of 2,000 are built in the third year: first 250 of the second year and 250 of the third pay.
    split = (replace(TWO[0], share=0.25), replace(TWO[1], share=0.75))
    values = worked(small(phases=split, assets=(Asset(name="all", capex_usd=2000, life_years=5),)))
    assert row(values, "sources.operation_usd")[:3] == approx([0, 250, 250])
    assert row(values, "owners.paid_in_usd")[:3] == approx([500, 0, 1500 - 500])
    assert row(values, "owners.distributed_usd")[:3] == approx([0, 0, 0])


def test_the_tax_investor_shares_early_cash_but_not_what_he_pays_in():
    # 500 is left at completion, and 100 of his own: half of the 500 is his.
    values = worked(small(phases=TWO, taxes=Taxes(investor_share=0.5, investor_usd=100, flip_month=1200)))
    assert row(values, "owners.distributed_usd")[2] == approx(600)
    assert row(values, "owners.to_investor_usd")[2] == approx(250)


def test_a_lender_is_told_of_early_cash_that_leaves_at_completion():
    found = told(small(phases=TWO))
    assert (found["cash left over"].period, found["cash left over"].amount) == (3, approx(500))


def test_a_lender_is_told_of_debt_credits_and_tax_equity_above_uses():
    # 900 of debt and a credit of 30 %: 200 more than the 1,000 that it costs.
    loan = Tranche(name="loan", repayment=Repayment.straight, years=5, spread=0.1, amount_usd=900)
    asset = Asset(name="all", capex_usd=1000, life_years=5, tax_credit=0.3)
    found = told(small(debt=(loan,), draw_timing=0, assets=(asset,)))
    assert found["sources above uses"].amount == approx(200)
    assert "debt above uses" not in found


@MANY
@given(projects())
def test_sources_of_all_construction_are_its_uses(project):
    values = worked(project)
    names = ("debt", "credit", "investor", "operation", "equity")
    found = sum(row(values, f"sources.{name}_usd").sum() for name in names)
    assert found == approx(row(values, "uses.usd").sum(), rel=1e-9)
