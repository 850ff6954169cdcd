"""A model as a workbook that works itself out: every line a row of one formula, with the engine's values beside it."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gigawatt.finance.project.lines import Line, Model
from gigawatt.finance.project.values import Values
from gigawatt.report.finance_annual import ANNUAL, has_statements, write_annual
from gigawatt.report.finance_cells import CONSTANT, TOTAL, blank_lines
from gigawatt.report.finance_charts import CHARTS, MILLIONS, Drawing, draw, drawings
from gigawatt.report.finance_inputs import checked_cases, write_inputs
from gigawatt.report.finance_layout import CHECKS, INPUTS, OUTPUTS, STATEMENTS, TIME_SHEETS, Cases, layout
from gigawatt.report.finance_sheets import (
    FAILS_ROW,
    TOLERANCE_ROW,
    Writing,
    head,
    over_periods,
    printed,
    write_time_sheet,
)
from gigawatt.report.finance_styles import Styles
from gigawatt.report.page import write_whole

COVER = "Read me"
TOLERANCE = 0.01  # USD, or whatever a check counts
CREATED = dt.datetime(2026, 1, 1)  # of every workbook, so that the same model gives the same bytes
DRAWINGS = (
    Drawing("Cash for debt service, and debt service due", MILLIONS, ("cover.cash_usd",), ("waterfall.due_usd",)),
    Drawing("Debt at the end of the period", MILLIONS, ("loans.*.balance_usd",)),
    Drawing("Debt service cover ratio", "x", ("cover.dscr",), number="0.00"),
    Drawing("Cash to owners, sum so far", MILLIONS, ("owners.aftertax_usd",), ("returns.owners_so_far_usd",)),
)
SHEETS_SAY = (
    (INPUTS, "every number that can be changed, by case, with unit, source and note; blue on yellow"),
    ("Timing", "periods, dates, phases and flags"),
    ("Calculations", "all other lines, section by section"),
    (STATEMENTS, "income, cash flow and balance sheet, by period"),
    (ANNUAL, "the same by calendar year, with the cover of debt service"),
    (OUTPUTS, "returns, cost of compute and cover ratios"),
    (CHARTS, "cash against debt service, debt, cover and what owners get"),
    (CHECKS, "what must be 0, and whether it is; the verdict stands at the top of every sheet"),
)
LEGEND = (
    ("input", "Input: a number to change"),
    ("calculation", "Calculation: a formula, the same in every period of its row"),
    ("link", "Link: the value of a cell on another sheet"),
)
READ = (
    "Signs: amounts are above 0 as their label says, so revenue, cost and debt service are all above 0 and formulas "
    "subtract; cash flows to owners are below 0 where owners pay in.",
    "Time: the number, last day, year and phase of each period stand at the top of every sheet, in the same columns.",
    "The grey column before the first period and the one after the last stay empty: formulas read them as 0.",
    "Change inputs on the sheet Inputs alone, or choose another case there. Nothing is hidden, there are no macros, no "
    "links to other files and no functions that change by themselves.",
    "The values in this file were worked out by gigawatt; a spreadsheet works them out again when it opens the file.",
)


def write_model_xlsx(
    model: Model, values: Values, path: str | Path, *, title: str, cases: Cases | None = None, about: Sequence[str] = ()
) -> Path:
    """Write the workbook of a model; gives back the path. Arguments as for `model_workbook`."""
    return write_whole(model_workbook(model, values, title=title, cases=cases, about=about), path)


def model_workbook(
    model: Model,
    values: Values,
    *,
    title: str,
    cases: Cases | None = None,
    about: Sequence[str] = (),
    charts: Sequence[Drawing] = DRAWINGS,
) -> bytes:
    """The bytes of the workbook, the same for the same model.

    Args:
        values: The model worked out with one value for each input.
        cases: Inputs that differ from the base, by the name of the case.
        about: Sentences for the first sheet.
        charts: Those of which the model has all lines are drawn.

    Raises:
        ValueError: Several draws, a line drawn in place of its formula, a case that sets no input, or a formula that a
            spreadsheet cannot have.
    """
    _one_case(model, values)
    checked_cases(model.inputs, cases or {})
    memory = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(memory, {**as_text, "in_memory": True}) as file:
        file.set_properties({"title": title, "created": CREATED})
        file.set_calc_mode("auto")
        style = Styles(file)
        placed, fails = layout(model, cases), sum(_fails(values, line) for line in _checks(model))
        writing = Writing(model, values, placed, blank_lines(model), style, title, fails)
        drawn = drawings(model, charts)
        sheets = {name: file.add_worksheet(name) for name in sheet_names(writing, drawn)}
        _cover(writing, sheets[COVER], about, list(sheets))
        write_inputs(writing, sheets[INPUTS], cases or {})
        for name in TIME_SHEETS:
            write_time_sheet(writing, sheets[name])
        _verdicts(writing, sheets[CHECKS])
        if ANNUAL in sheets:
            write_annual(writing, sheets[ANNUAL])
        if CHARTS in sheets:
            draw(writing, file, sheets[CHARTS], drawn)
    return memory.getvalue()


def sheet_names(writing: Writing, drawn: Sequence[Drawing]) -> list[str]:
    """The sheets in their order; statements by calendar year and charts where the model has their lines."""
    names = [COVER, INPUTS, *TIME_SHEETS]
    if has_statements(writing):
        names.insert(names.index(STATEMENTS) + 1, ANNUAL)
    if drawn:
        names.insert(names.index(OUTPUTS) + 1, CHARTS)
    return names


def _one_case(model: Model, values: Values) -> None:
    for name, found in values.lines.items():
        if found.shape[-1] != 1:
            raise ValueError(f"{name}: {found.shape[-1]} draws; a workbook shows one")
    if given := [name for name in values.inputs if name in model.lines]:
        raise ValueError(f"{given[0]}: given in place of its formula, so a workbook could not work it out")


def _checks(model: Model) -> list[Line]:
    return [line for line in model.lines.values() if line.section.split(":")[0].strip().lower() == CHECKS.lower()]


def _worst(values: Values, line: Line) -> float:
    """The value of a check that is farthest from 0; blanks do not count."""
    return float(np.nanmax(np.abs(values[line.name]), initial=0.0))


def _fails(values: Values, line: Line) -> bool:
    return not _worst(values, line) <= TOLERANCE


def _verdicts(writing: Writing, sheet: Worksheet) -> None:
    """The tolerance, how many checks fail, and for each check the value farthest from 0 and whether it fails."""
    style, values = writing.style, writing.values
    sheet.write_string(TOLERANCE_ROW - 1, 1, "Tolerance: a check holds where it is no farther from 0", style("text"))
    sheet.write_number(TOLERANCE_ROW - 1, CONSTANT, TOLERANCE, style("input", "0.00"))
    sheet.write_string(FAILS_ROW - 1, 1, "Checks that fail (1 in the first column)", style("total"))
    tolerance, last = f"${xl_col_to_name(CONSTANT)}${TOLERANCE_ROW}", writing.layout.last_row(CHECKS)
    counted = f"=SUM($A${FAILS_ROW + 1}:$A${max(last, FAILS_ROW + 1)})"
    sheet.write_formula(FAILS_ROW - 1, CONSTANT, counted, style("total", "0"), writing.fails)
    sheet.write_string(FAILS_ROW, TOTAL, "Farthest from 0", style("small"))
    for line in _checks(writing.model):
        row = writing.layout.places[line.name].row
        cells = over_periods(writing, row)
        constant = f"${xl_col_to_name(CONSTANT)}${row}"
        worst = f"=ABS({constant})" if line.scalar else f"=MAX(MAX({cells}),-MIN({cells}))"
        shown = _worst(values, line)
        sheet.write_formula(row - 1, TOTAL, worst, style("total", "#,##0.00"), shown if math.isfinite(shown) else "")
        found = f"$F{row}"
        test = f"=IF(ISNUMBER({found}),IF({found}<={tolerance},0,1),1)"
        sheet.write_formula(row - 1, 0, test, style("total", "0"), int(_fails(values, line)))
        bad = {"type": "cell", "criteria": "!=", "value": 0, "format": style("bad")}
        sheet.conditional_format(row - 1, 0, row - 1, 0, bad)


def _cover(writing: Writing, sheet: Worksheet, about: Sequence[str], names: Sequence[str]) -> None:
    """What the workbook is and how to read it."""
    style = writing.style
    head(writing, sheet)
    row = 3
    for text in about:
        sheet.merge_range(row, 1, row, CONSTANT, "", style("said"))
        sheet.write_string(row, 1, text, style("said"))
        sheet.set_row(row, 12.5 * (1 + len(text) // 110))
        row += 1
    row = _list(writing, sheet, row + 1, "Sheets", [each for each in SHEETS_SAY if each[0] in names])
    sheet.write_string(row, 1, "Colours", style("sheet"))
    for row, (look, text) in enumerate(LEGEND, start=row + 1):  # noqa: B020 - the row goes on below the list
        sheet.write_number(row, 1, 1234, style(look, "#,##0"))
        sheet.write_string(row, 2, text, style("text"))
    row += 2
    sheet.write_string(row, 1, "How to read it", style("sheet"))
    for text in READ:
        row += 1
        sheet.merge_range(row, 1, row, CONSTANT, "", style("said"))
        sheet.write_string(row, 1, text, style("said"))
        sheet.set_row(row, 12.5 * (1 + len(text) // 110))
    for column, width in ((0, 2.5), (1, 22), (2, 60), (3, 12), (CONSTANT, 14)):
        sheet.set_column(column, column, width)
    printed(sheet)


def _list(writing: Writing, sheet: Worksheet, row: int, title: str, rows: Sequence[tuple[str, str]]) -> int:
    """A list of sheets, each a link to it; the next free row."""
    sheet.write_string(row, 1, title, writing.style("sheet"))
    for row, (name, text) in enumerate(rows, start=row + 1):  # noqa: B020 - the row goes on below the title
        sheet.write_url(row, 1, f"internal:'{name}'!A1", writing.style("link"), name)
        sheet.write_string(row, 2, text, writing.style("text"))
    return row + 2
