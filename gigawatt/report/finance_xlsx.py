"""A model as a workbook that works itself out: every line a row of one formula, with the engine's values beside it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from gigawatt.finance.project.lines import Line, Model
from gigawatt.finance.project.values import Values
from gigawatt.finance.project.watching import ALERTS
from gigawatt.report.finance_annual import ANNUAL, has_statements, write_annual
from gigawatt.report.finance_cells import CONSTANT, blank_lines
from gigawatt.report.finance_charts import CHARTS, MILLIONS, Drawing, draw, drawings
from gigawatt.report.finance_inputs import checked_cases, write_inputs
from gigawatt.report.finance_layout import CHECKS, INPUTS, OUTPUTS, STATEMENTS, TIME_SHEETS, Cases, layout
from gigawatt.report.finance_sheets import (
    Writing,
    head,
    printed,
    write_time_sheet,
)
from gigawatt.report.finance_styles import Styles
from gigawatt.report.finance_summary import SUMMARY, Summary, write_summary
from gigawatt.report.finance_verdicts import tolerance, worst, write_verdicts
from gigawatt.report.page import write_whole

COVER = "Read me"
CREATED = dt.datetime(2026, 1, 1)  # of every workbook, so that the same model gives the same bytes
DRAWINGS = (
    Drawing("Cash for debt service, and debt service due", MILLIONS, ("cover.cash_usd",), ("waterfall.due_usd",)),
    Drawing("Debt at the end of the period", MILLIONS, ("loans.*.balance_usd",)),
    Drawing("Debt service cover ratio", "x", ("cover.dscr",), number="0.00"),
    Drawing("Cash to owners, sum so far", MILLIONS, ("owners.aftertax_usd",), ("returns.owners_so_far_usd",)),
)
SHEETS_SAY = (
    (SUMMARY, "the answers of the case shown, and all cases side by side as they were when this file was written"),
    (INPUTS, "every number that can be changed, by case, with unit, source and note; blue on yellow"),
    ("Timing", "periods, dates, phases and flags"),
    ("Calculations", "all other lines, section by section"),
    (STATEMENTS, "income, cash flow and balance sheet, by period"),
    (ANNUAL, "the same by calendar year, with the cover of debt service"),
    (OUTPUTS, "returns, cost of compute and cover ratios"),
    (CHARTS, "cash against debt service, debt, cover and what owners get"),
    (
        CHECKS,
        "what must be 0, and whether it is; the verdict stands at the top of every sheet; and alerts, such as a "
        "covenant that is broken",
    ),
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
    summary: Summary | None = None,
) -> bytes:
    """The bytes of the workbook, the same for the same model.

    Args:
        values: The model worked out with one value for each input.
        cases: Inputs that differ from the base, by the name of the case.
        about: Sentences for the first sheet.
        charts: Those of which the model has all lines are drawn.
        summary: What the sheet of that name says; none unless given.

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
        fails = sum(_fails(values, line) for line in _checks(model))
        writing = Writing(model, values, layout(model, cases), blank_lines(model), Styles(file), title, fails)
        _write(writing, file, cases or {}, about, drawings(model, charts), summary)
    return memory.getvalue()


def _write(
    writing: Writing, file: Workbook, cases: Cases, about: Sequence[str], drawn: Sequence[Drawing],
    summary: Summary | None,
) -> None:  # fmt: skip
    """All sheets."""
    names = sheet_names(writing, drawn, summary is not None)
    sheets = {name: file.add_worksheet(name) for name in names}
    _cover(writing, sheets[COVER], about, names)
    if summary is not None:
        write_summary(writing, sheets[SUMMARY], summary)
    write_inputs(writing, sheets[INPUTS], cases)
    for name in TIME_SHEETS:
        write_time_sheet(writing, sheets[name])
    write_verdicts(writing, sheets[CHECKS], _checks(writing.model), _alerts(writing.model))
    if ANNUAL in sheets:
        write_annual(writing, sheets[ANNUAL])
    if CHARTS in sheets:
        draw(writing, file, sheets[CHARTS], drawn)


def sheet_names(writing: Writing, drawn: Sequence[Drawing], summary: bool = False) -> list[str]:
    """The sheets in their order; statements by calendar year and charts where the model has their lines."""
    names = [COVER, *([SUMMARY] if summary else []), INPUTS, *TIME_SHEETS]
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
    """Lines that must be 0."""
    return [line for line in _on_checks(model) if line.section != ALERTS]


def _alerts(model: Model) -> list[Line]:
    """Lines that say what a lender asks about."""
    return [line for line in _on_checks(model) if line.section == ALERTS]


def _on_checks(model: Model) -> list[Line]:
    return [line for line in model.lines.values() if line.section.split(":")[0].strip().lower() == CHECKS.lower()]


def _fails(values: Values, line: Line) -> bool:
    return not worst(values, line) <= tolerance(values)


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
