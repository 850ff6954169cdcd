"""The sheet of inputs: the case that is shown, and for every input its live value, its values by case and source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gigawatt.finance.project.checking_bounds import bound_at
from gigawatt.finance.project.lines import Input, Table
from gigawatt.report.finance_cells import CONSTANT, FIRST
from gigawatt.report.finance_layout import BASE, BY_PERIOD, BY_YEAR, INPUTS, Cases, Variant
from gigawatt.report.finance_sheets import A3, COLUMNS_A_PAGE, Writing, cached, head, printed
from gigawatt.report.finance_styles import input_format

SWITCH_ROW, NUMBER_ROW, CASES_ROW = 4, 5, 7  # from 1
SOURCE, NOTE = 5, 6  # columns


def checked_cases(inputs: Mapping[str, Input | Table], cases: Cases) -> None:
    """Raises ValueError where a case has a name that a spreadsheet cannot tell from others, or sets no input."""
    seen = {BASE.lower()}
    for case, given in cases.items():
        if case.lower() in seen or not case.strip() or set("*?~") & set(case) or len(case) > 255:
            raise ValueError(f"case {case!r}: names differ from {BASE!r} and each other, without * ? ~")
        seen.add(case.lower())
        for name in given:
            if not (isinstance(inputs.get(name), Input) and np.size(given[name]) == 1) and not (
                isinstance(inputs.get(name), Table) and np.size(given[name]) > 0
            ):
                raise ValueError(f"case {case!r}: {name} is no input with {np.size(given[name])} values")


def write_inputs(writing: Writing, sheet: Worksheet, cases: Cases) -> None:
    """All inputs; those of one value can differ by case, tables by year hold in all cases."""
    style, names = writing.style, [BASE, *cases]
    head(writing, sheet)
    _switch(writing, sheet, names)
    titles = ["", "Input", "Name", "Unit", "Live value", "Source", "Note", *names]
    for column, text in enumerate(titles):
        sheet.write_string(
            CASES_ROW - 1, column, text, style("head_right" if column == CONSTANT or column >= FIRST else "head")
        )
    for row, item in writing.layout.rows[INPUTS].items():
        match item:
            case str():
                _heading(writing, sheet, row, item, max(len(titles), FIRST + _years_below(writing, row)))
            case Input():
                _input(writing, sheet, row, item, cases)
            case Table():
                _described(writing, sheet, row, item)
                _years(writing, sheet, row, item.unit, base_years(writing, item))
            case Variant(case=""):
                _described(writing, sheet, row, item.table)
                _live_years(writing, sheet, row, item, names)
            case Variant():
                values = base_years(writing, item.table)
                own = values if item.case == BASE else np.ravel(cases[item.case][item.table.name]).tolist()
                sheet.set_row(row - 1, None, None, {"level": 1})
                sheet.write_string(row - 1, 1, f"   in the case {item.case}", style("text"))
                _years(writing, sheet, row, item.table.unit, [*own, *[own[-1]] * (item.columns - len(own))])
    _set_up(
        writing,
        sheet,
        max(len(titles), FIRST + max((_years_below(writing, row) for row in writing.layout.rows[INPUTS]), default=0)),
    )


def base_value(writing: Writing, item: Input) -> float:
    """The value of an input in the base case: as drawn where the model was worked out with it, or as the model has."""
    drawn = writing.values.inputs.get(item.name)
    return item.value if drawn is None else float(np.ravel(drawn)[0])


def _switch(writing: Writing, sheet: Worksheet, names: Sequence[str]) -> None:
    style = writing.style
    first, last = xl_col_to_name(FIRST), xl_col_to_name(FIRST + len(names) - 1)
    listed = f"${first}${CASES_ROW}:${last}${CASES_ROW}"
    cell = f"${xl_col_to_name(CONSTANT)}${SWITCH_ROW}"
    sheet.write_string(SWITCH_ROW - 1, 1, "Case shown", style("sheet"))
    sheet.write_string(SWITCH_ROW - 1, CONSTANT, names[0], style("switch"))
    sheet.write_string(SWITCH_ROW - 1, SOURCE, "choose from the list", style("small"))
    sheet.data_validation(SWITCH_ROW - 1, CONSTANT, SWITCH_ROW - 1, CONSTANT, {
        "validate": "list", "source": f"={listed}", "error_title": "No such case",
        "error_message": "Choose one of the cases in the list."})  # fmt: skip
    sheet.write_string(NUMBER_ROW - 1, 1, "Number of the case", style("text"))
    sheet.write_formula(NUMBER_ROW - 1, CONSTANT, f"=MATCH({cell},{listed},0)", style("calculation", "0"), 1)


def _heading(writing: Writing, sheet: Worksheet, row: int, text: str, columns: int) -> None:
    for column in range(columns):
        sheet.write_blank(row - 1, column, None, writing.style("band"))
    sheet.write_string(row - 1, 0, text, writing.style("band"))
    if text in (BY_YEAR, BY_PERIOD):
        first, form = (1, '"Year "0') if text == BY_YEAR else (0, '"Period "0')
        for k in range(columns - FIRST):
            sheet.write_number(row - 1, FIRST + k, first + k, writing.style("band", form))


def _described(writing: Writing, sheet: Worksheet, row: int, item: Input | Table) -> None:
    style = writing.style
    sheet.set_row(row - 1, None, None, {"level": 1})
    texts = {1: (item.label, "text"), 2: (item.name, "name"), 3: (item.unit, "unit"),
             SOURCE: (item.source, "small"), NOTE: (item.note, "small")}  # fmt: skip
    for column, (text, look) in texts.items():
        if text:
            sheet.write_string(row - 1, column, text, style(look))
    if not item.source:
        sheet.write_string(row - 1, SOURCE, "not given", style("missing"))


def _input(writing: Writing, sheet: Worksheet, row: int, item: Input, cases: Cases) -> None:
    """The live value is that of the case shown; a case that says nothing about an input follows the base."""
    style, value = writing.style, base_value(writing, item)
    _described(writing, sheet, row, item)
    form = input_format(item.unit, value)
    base, last = xl_col_to_name(FIRST), FIRST + len(cases)
    choices = ",".join(f"{xl_col_to_name(column)}{row}" for column in range(FIRST, last + 1))
    live = f"=CHOOSE(${xl_col_to_name(CONSTANT)}${NUMBER_ROW},{choices})"
    sheet.write_formula(row - 1, CONSTANT, live, style("calculation", form), cached(value))
    sheet.write_number(row - 1, FIRST, value, style("input", form))
    _allowed(sheet, row, item, last)
    for column, given in enumerate(cases.values(), start=FIRST + 1):
        if item.name in given:
            own = float(np.ravel(given[item.name])[0])
            sheet.write_number(row - 1, column, own, style("input", input_format(item.unit, own)))
        else:
            sheet.write_formula(row - 1, column, f"=${base}{row}", style("calculation", form), cached(value))


def _allowed(sheet: Worksheet, row: int, item: Input, last: int) -> None:
    """Refuses what the input cannot be, in all columns of cases."""
    bound = bound_at(item.name)
    if not math.isfinite(bound.low):
        return
    rule = {"validate": "decimal", "error_title": "Not possible", "error_message": f"{item.name[:60]}: {bound}"}
    if math.isfinite(bound.high):
        sheet.data_validation(row - 1, FIRST, row - 1, last, {
            **rule, "criteria": "between", "minimum": bound.low, "maximum": bound.high})  # fmt: skip
    else:
        sheet.data_validation(row - 1, FIRST, row - 1, last, {
            **rule, "criteria": ">" if bound.open else ">=", "value": bound.low})  # fmt: skip


def base_years(writing: Writing, table: Table) -> list[float]:
    """The values of a table in the base case."""
    drawn = writing.values.inputs.get(table.name)
    return list(table.values) if drawn is None else [float(value) for value in np.ravel(drawn)]


def _years(writing: Writing, sheet: Worksheet, row: int, unit: str, values: Sequence[float]) -> None:
    for year, value in enumerate(values):
        sheet.write_number(row - 1, FIRST + year, value, writing.style("input", input_format(unit, value)))


def _live_years(writing: Writing, sheet: Worksheet, row: int, item: Variant, names: Sequence[str]) -> None:
    """The table of the case shown; a case without its own follows the base."""
    places, values = writing.layout.places, base_years(writing, item.table)
    rows = [places.get(f"{item.name}: {case}", places[f"{item.name}: {BASE}"]).row for case in names]
    for year in range(item.columns):
        column, value = xl_col_to_name(FIRST + year), values[min(year, len(values) - 1)]
        live = f"=CHOOSE(${xl_col_to_name(CONSTANT)}${NUMBER_ROW},{','.join(f'{column}{each}' for each in rows)})"
        look = writing.style("calculation", input_format(item.table.unit, value))
        sheet.write_formula(row - 1, FIRST + year, live, look, cached(value))


def _years_below(writing: Writing, heading: int) -> int:
    """Columns of the longest table below a heading."""
    rows, longest, row = writing.layout.rows[INPUTS], 0, heading + 1
    while isinstance(item := rows.get(row), Table | Variant):
        longest, row = max(longest, writing.layout.places[item.name].columns), row + 1
    return longest


def _set_up(writing: Writing, sheet: Worksheet, columns: int) -> None:
    style = writing.style
    widths = ((0, 2.5), (1, 44), (2, 24), (3, 16), (CONSTANT, 17), (SOURCE, 24), (NOTE, 32))
    for column, width in widths:
        sheet.set_column(column, column, width, style("text"))
    sheet.set_column(FIRST, max(columns, FIRST + 1) - 1, 16, style("text"))
    sheet.outline_settings(symbols_below=False)
    sheet.freeze_panes(CASES_ROW, CONSTANT + 1)
    printed(sheet, max(1, math.ceil((columns - FIRST) / COLUMNS_A_PAGE)), A3)
    sheet.repeat_rows(0, CASES_ROW - 1)
    sheet.repeat_columns(0, 3)
    sheet.print_area(0, 0, writing.layout.last_row(INPUTS) - 1, columns - 1)
