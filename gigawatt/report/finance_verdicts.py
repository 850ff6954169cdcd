"""The sheet of checks: tolerance, which checks fail, and alerts, which are no errors but what a lender asks about."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gigawatt.finance.project.lines import Line
from gigawatt.finance.project.values import Values
from gigawatt.report.finance_cells import CONSTANT, TOTAL
from gigawatt.report.finance_layout import CHECKS
from gigawatt.report.finance_sheets import FAILS_ROW, TOLERANCE_ROW, Writing, over_periods

TOLERANCE, ROUNDING = 0.01, 1e-12  # USD, or whatever a check counts; of the largest amount, where that is more
ALERTS_ROW = FAILS_ROW + 1
ASSETS = "balance.assets_usd"


def tolerance(values: Values) -> float:
    """How far from 0 a check may be: a hundredth, or what sums of amounts as large as the assets cannot hold."""
    largest = float(np.nanmax(np.abs(values[ASSETS]), initial=0.0)) if ASSETS in values.lines else 0.0
    return max(TOLERANCE, float(f"{ROUNDING * largest:.2g}"))


def worst(values: Values, line: Line) -> float:
    """The value of a line that is farthest from 0; blanks do not count."""
    return float(np.nanmax(np.abs(values[line.name]), initial=0.0))


def write_verdicts(writing: Writing, sheet: Worksheet, checks: Sequence[Line], alerts: Sequence[Line]) -> None:
    """The tolerance, how many checks fail, and for each line the value farthest from 0 and whether it fails."""
    style, bound = writing.style, tolerance(writing.values)
    sheet.write_string(TOLERANCE_ROW - 1, 1, "Tolerance: a check holds where it is no farther from 0", style("text"))
    sheet.write_number(TOLERANCE_ROW - 1, CONSTANT, bound, style("input", "0.00"))
    sheet.write_string(FAILS_ROW - 1, 1, "Checks that fail (1 in the first column)", style("total"))
    last = max(writing.layout.last_row(CHECKS), ALERTS_ROW + 1)
    sheet.write_formula(
        FAILS_ROW - 1, CONSTANT, f"=SUM($A${ALERTS_ROW + 1}:$A${last})", style("total", "0"), writing.fails
    )
    sheet.write_string(ALERTS_ROW - 1, TOTAL, "Farthest from 0", style("small"))
    for line in (*checks, *alerts):
        _farthest(writing, sheet, line)
    for line in checks:
        _verdict(writing, sheet, line, bound)
    if alerts:
        _count(writing, sheet, alerts, bound)


def _farthest(writing: Writing, sheet: Worksheet, line: Line) -> None:
    row, shown = writing.layout.places[line.name].row, worst(writing.values, line)
    cells, constant = over_periods(writing, row), f"${xl_col_to_name(CONSTANT)}${row}"
    found = f"=ABS({constant})" if line.scalar else f"=MAX(MAX({cells}),-MIN({cells}))"
    cached = shown if math.isfinite(shown) else ""
    sheet.write_formula(row - 1, TOTAL, found, writing.style("total", "#,##0.00"), cached)


def _verdict(writing: Writing, sheet: Worksheet, line: Line, bound: float) -> None:
    """1 in the first column where a check fails."""
    row, style = writing.layout.places[line.name].row, writing.style
    test = f"=IF(ISNUMBER($F{row}),IF($F{row}<=${xl_col_to_name(CONSTANT)}${TOLERANCE_ROW},0,1),1)"
    sheet.write_formula(row - 1, 0, test, style("total", "0"), int(not worst(writing.values, line) <= bound))
    bad = {"type": "cell", "criteria": "!=", "value": 0, "format": style("bad")}
    sheet.conditional_format(row - 1, 0, row - 1, 0, bad)


def _count(writing: Writing, sheet: Worksheet, alerts: Sequence[Line], bound: float) -> None:
    """How many alerts there are, coloured where there are any."""
    style, limit = writing.style, f"${xl_col_to_name(CONSTANT)}${TOLERANCE_ROW}"
    rows = [writing.layout.places[line.name].row for line in alerts]
    sheet.write_string(ALERTS_ROW - 1, 1, "Alerts: no errors, but what a lender asks about", style("total"))
    counted = "=" + "+".join(f"IF($F{row}>{limit},1,0)" for row in rows)
    shown = sum(worst(writing.values, line) > bound for line in alerts)
    sheet.write_formula(ALERTS_ROW - 1, CONSTANT, counted, style("total", "0"), shown)
    for row in (ALERTS_ROW, *rows):
        column = CONSTANT if row == ALERTS_ROW else TOTAL
        bad = {"type": "cell", "criteria": ">", "value": bound, "format": style("bad")}
        sheet.conditional_format(row - 1, column, row - 1, column, bad)
