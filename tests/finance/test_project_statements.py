"""Statements close for any project, and one by hand."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from pytest import approx

from gigawatt.finance.project.inputs import Repayment, Taxes, Tranche
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
