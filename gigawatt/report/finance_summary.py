"""The sheet that says it all on a page: the answers of the case shown, and all cases as they were when written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gigawatt.report.finance_cells import CONSTANT
from gigawatt.report.finance_inputs import SWITCH_ROW
from gigawatt.report.finance_layout import INPUTS
from gigawatt.report.finance_sheets import Writing, cached, head, printed
from gigawatt.report.finance_styles import number_format

SUMMARY = "Summary"
TOP, FIRST_CASE = 4, 4  # row of the first title, from 1; column of the first case, from 0


@dataclass(frozen=True, slots=True)
class Summary:
    """Answers by name of their line, and the same by case; the text is written for a case that has none."""

    answers: Sequence[str]
    cases: Sequence[tuple[str, Sequence[float | str]]]


def write_summary(writing: Writing, sheet: Worksheet, summary: Summary) -> None:
    """Each answer in a row: live for the case shown, then as worked out for each case."""
    style = writing.style
    head(writing, sheet)
    sheet.write_string(TOP - 1, 1, "Case shown", style("sheet"))
    sheet.write_formula(TOP - 1, 3, f"={INPUTS}!${xl_col_to_name(CONSTANT)}${SWITCH_ROW}", style("link"), "Base")
    for column in range(FIRST_CASE + len(summary.cases)):
        sheet.write_blank(TOP, column, None, style("head"))
    for column, text in ((1, "Answer"), (2, "Unit"), (3, "Live")):
        sheet.write_string(TOP, column, text, style("head" if column < 3 else "head_right"))
    for k, (case, _) in enumerate(summary.cases):
        sheet.write_string(TOP, FIRST_CASE + k, f"{case}, as written", style("head_right"))
    for row, name in enumerate(summary.answers, start=TOP + 1):
        line, place = writing.model.lines[name], writing.layout.places[name]
        form = number_format(line.unit, line.kind)
        sheet.write_string(row, 1, line.label, style("text"))
        sheet.write_string(row, 2, line.unit, style("unit"))
        there = f"={place.sheet}!${xl_col_to_name(CONSTANT)}${place.row}"
        sheet.write_formula(row, 3, there, style("link", form), cached(writing.scalar(name)))
        for k, (_, values) in enumerate(summary.cases):
            value = values[row - TOP - 1]
            if isinstance(value, str):
                sheet.write_string(row, FIRST_CASE + k, value, style("text"))
            else:
                sheet.write_number(row, FIRST_CASE + k, value, style("calculation", form))
    for column, width in ((0, 2.5), (1, 46), (2, 12), (3, 18)):
        sheet.set_column(column, column, width)
    sheet.set_column(FIRST_CASE, FIRST_CASE + max(len(summary.cases), 1) - 1, 20)
    printed(sheet)
