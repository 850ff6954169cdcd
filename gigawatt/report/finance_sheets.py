"""Sheets with periods: the clock above, a row for each line with one formula, and a check in sight on every sheet."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from gigawatt.finance.project.lines import Line, Model
from gigawatt.finance.project.values import Values
from gigawatt.report.finance_cells import (
    BEFORE,
    CONSTANT,
    FIRST,
    HERE,
    OPENING,
    PERIOD_ROW,
    TOTAL,
    Cells,
    in_column,
    is_link,
    row_formula,
)
from gigawatt.report.finance_layout import CHECKS, TIMING, Layout
from gigawatt.report.finance_styles import MONEY, Styles, is_summed, number_format

ENDS, YEAR, PHASE, TITLES = PERIOD_ROW + 1, PERIOD_ROW + 2, PERIOD_ROW + 3, PERIOD_ROW + 4  # rows of the clock
TOLERANCE_ROW, FAILS_ROW = 9, 10  # of the sheet of checks
FAILS = f"{CHECKS}!$E${FAILS_ROW}"
A4, A3 = 9, 8  # as spreadsheets number them
COLUMNS_A_PAGE = 12  # periods on a printed page
TITLES_OF_COLUMNS = ("Line", "Name", "Unit", "Constant", "Total")


@dataclass(frozen=True, slots=True)
class Writing:
    """What the writers of all sheets share."""

    model: Model
    values: Values
    layout: Layout
    blanks: frozenset[str]
    style: Styles
    title: str
    fails: int  # checks that fail as the engine sees it

    def series(self, name: str) -> np.ndarray:
        """The value of a line by period."""
        found: np.ndarray = self.values[name][:, 0]
        return found

    def scalar(self, name: str) -> float:
        """The value of a scalar."""
        return float(self.values[name][0])


def write_time_sheet(writing: Writing, sheet: Worksheet) -> None:
    """A sheet with periods: all lines that belong on it."""
    name, layout, style = sheet.get_name(), writing.layout, writing.style
    head(writing, sheet)
    clock(writing, sheet)
    for row, item in layout.rows[name].items():
        match item:
            case str():
                heading(writing, sheet, row, item)
            case Line():
                sheet.set_row(row - 1, None, None, {"level": 1})
                _line(writing, sheet, row, item)
    _set_up(writing, sheet, layout.last_row(name))
    sheet.ignore_errors({"formula_range": f"A1:{xl_col_to_name(FIRST + writing.model.periods)}{layout.last_row(name)}"})
    sheet.set_column(CONSTANT, TOTAL, _width(writing, name) + 1, style("text"))


def head(writing: Writing, sheet: Worksheet) -> None:
    """The first two rows of every sheet: what the model is, and whether its checks hold."""
    style = writing.style
    sheet.hide_gridlines(2)
    sheet.write_string(0, 1, writing.title, style("title"))
    sheet.write_string(1, 1, sheet.get_name(), style("sheet"))
    sheet.write_string(1, 3, "Checks", style("unit"))
    verdict = f'=IF({FAILS}=0,"OK","FAIL: "&{FAILS})'
    shown = "OK" if writing.fails == 0 else f"FAIL: {writing.fails}"
    sheet.write_formula(1, CONSTANT, verdict, style("verdict"), shown)
    rule = {"type": "cell", "criteria": "==", "value": '"OK"', "format": style("good")}
    sheet.conditional_format(1, CONSTANT, 1, CONSTANT, rule)
    sheet.conditional_format(1, CONSTANT, 1, CONSTANT, {**rule, "criteria": "!=", "format": style("bad")})


def heading(writing: Writing, sheet: Worksheet, row: int, text: str) -> None:
    """A coloured row with a heading, over all columns that are used."""
    band = writing.style("band")
    for column in range(FIRST + writing.model.periods):
        sheet.write_blank(row - 1, column, None, band)
    sheet.write_string(row - 1, 0, text, band)


def clock(writing: Writing, sheet: Worksheet) -> None:
    """Rows with the number of the period, the day it ends, its year and its phase; the titles of the columns."""
    style, on_timing = writing.style, sheet.get_name() == TIMING
    for row, label in ((PERIOD_ROW, "Period"), (ENDS, "Ends"), (YEAR, "Year"), (PHASE, "Phase")):
        for column in range(OPENING):
            sheet.write_blank(row - 1, column, None, style("clock_label"))
        sheet.write_blank(row - 1, OPENING, None, style("clock_label"))
        sheet.write_string(row - 1, 1, label, style("clock_label"))
    for column in range(FIRST + writing.model.periods):
        sheet.write_blank(TITLES - 1, column, None, style("head"))
    for column, text in enumerate(TITLES_OF_COLUMNS, start=1):
        sheet.write_string(TITLES - 1, column, text, style("head" if column < CONSTANT else "head_right"))
    for row, form, text, shown in clock_rows(writing):
        written = text if on_timing else f"={TIMING}!{HERE}{row}"
        for t in range(writing.model.periods):
            there = in_column(written, FIRST + t)
            sheet.write_formula(row - 1, FIRST + t, there, style("clock", form), shown(t))


def clock_rows(writing: Writing) -> list[tuple[int, str, str, Callable[[int], Any]]]:
    """Row, number format, formula and value by period of the clock, as far as the model has lines for it."""
    found: list[tuple[int, str, str, Callable[[int], Any]]] = [
        (PERIOD_ROW, "0", f"={BEFORE}{PERIOD_ROW}+1", lambda t: t + 1)
    ]
    ends, building, operating = (_there(writing, name) for name in ("time.ends", "time.building", "time.operating"))
    if ends:
        days = writing.series("time.ends")
        day = np.datetime64("1899-12-30") + days.astype(int).astype("timedelta64[D]")
        found.append((ENDS, "yyyy-mm-dd", f"={ends}", lambda t: float(days[t])))
        found.append((YEAR, "0", f"=YEAR({HERE}{ENDS})", lambda t: int(str(day[t])[:4])))
    if building and operating:
        text = f'=IF({building}=1,IF({operating}=1,"Both","Construction"),IF({operating}=1,"Operation",""))'
        b, o = writing.series("time.building"), writing.series("time.operating")
        words = [["", "Operation"], ["Construction", "Both"]]
        found.append((PHASE, "", text, lambda t: words[int(b[t])][int(o[t])]))
    return found


def _there(writing: Writing, name: str) -> str:
    place = writing.layout.places.get(name)
    return f"{HERE}{place.row}" if place is not None and place.sheet == TIMING and place.columns else ""


def _line(writing: Writing, sheet: Worksheet, row: int, line: Line) -> None:
    """A row: what the line is, its total where that says something, and its formula in each column."""
    style, form = writing.style, number_format(line.unit, line.kind)
    sheet.write_string(row - 1, 1, line.label, style("text"))
    sheet.write_string(row - 1, 2, line.name, style("name"))
    sheet.write_string(row - 1, 3, line.unit, style("unit"))
    if line.note:
        sheet.write_comment(row - 1, 1, line.note, {"x_scale": 2})
    text = row_formula(Cells(writing.layout.places, writing.blanks, writing.model.periods, line))
    look = style("link" if is_link(line.formula) and "!" in text else "calculation", form)
    if line.scalar:
        sheet.write_formula(row - 1, CONSTANT, text, look, cached(writing.scalar(line.name)))
        return
    series = writing.series(line.name)
    for t in range(writing.model.periods):
        sheet.write_formula(row - 1, FIRST + t, in_column(text, FIRST + t), look, cached(series[t]))
    if sheet.get_name() != CHECKS and is_summed(line.unit, line.kind):
        total = f"=SUM({over_periods(writing, row)})"
        sheet.write_formula(row - 1, TOTAL, total, style("total", form), cached(float(np.nansum(series))))


def over_periods(writing: Writing, row: int) -> str:
    """The cells of a row in all periods."""
    last = xl_col_to_name(FIRST + writing.model.periods - 1)
    return f"${xl_col_to_name(FIRST)}{row}:${last}{row}"


def cached(value: float) -> float | str:
    """The value of a formula as the file keeps it until a spreadsheet works it out again."""
    if math.isnan(value):
        return ""
    return float(value) + 0.0 if math.isfinite(value) else "#DIV/0!"


def _width(writing: Writing, name: str) -> float:
    """Characters that the largest amount of a sheet needs."""
    money = [line.name for line in writing.layout.rows[name].values()
             if isinstance(line, Line) and number_format(line.unit, line.kind) == MONEY]  # fmt: skip
    most = max((float(np.nanmax(np.abs(writing.values[line]), initial=0)) for line in money), default=0.0)
    return max(11.0, len(f"{most:,.0f}") + 1.5) if math.isfinite(most) else 14.0


def _set_up(writing: Writing, sheet: Worksheet, last_row: int) -> None:
    """Widths, panes that stay, outline and print."""
    style, periods = writing.style, writing.model.periods
    for column, width in ((0, 3), (1, 46), (2, 20), (3, 9), (OPENING, 2)):
        sheet.set_column(column, column, width, style("text"))
    sheet.set_column(FIRST, FIRST + periods - 1, _width(writing, sheet.get_name()), style("text"))
    sheet.set_column(FIRST + periods, FIRST + periods, 2, style("text"))
    sheet.outline_settings(symbols_below=False)
    sheet.freeze_panes(TITLES, OPENING)
    printed(sheet, math.ceil(periods / COLUMNS_A_PAGE), A3)
    sheet.repeat_rows(0, TITLES - 1)
    sheet.repeat_columns(0, OPENING - 1)
    sheet.print_area(0, 0, last_row - 1, FIRST + periods - 1)


def printed(sheet: Worksheet, pages_wide: int = 1, paper: int = A4) -> None:
    """Landscape, so many pages wide, numbered."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.set_footer("&L&8&F&C&8&A&R&8Page &P of &N")
