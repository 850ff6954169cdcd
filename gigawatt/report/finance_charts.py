"""Charts of a model on a sheet of their own: cash against debt service, what is owed, cover, what owners get."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, cycle

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from gigawatt.finance.project.lines import Line, Model
from gigawatt.report.finance_cells import FIRST
from gigawatt.report.finance_layout import TIMING
from gigawatt.report.finance_sheets import ENDS, Writing, head, printed
from gigawatt.report.finance_styles import GREY

COLOURS = ("#2F6DA3", "#D9822B", "#5B9A68", "#9A5B8B", "#7A7F87")
WIDE, HIGH = 620, 300  # points of a chart
ROWS_OF_A_CHART, COLUMNS_OF_A_CHART = 16, 10  # cells that it covers, with a margin
CHARTS, MILLIONS = "Charts", "USD million"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: lines as columns, and lines drawn over them."""

    title: str
    unit: str
    columns: tuple[str, ...]
    over: tuple[str, ...] = ()
    number: str = "#,##0,,"  # in millions


def drawings(model: Model, asked: Sequence[Drawing]) -> list[Drawing]:
    """The charts of which the model has all lines; a name with * stands for all lines that fit it."""
    series = [name for name, line in model.lines.items() if not line.scalar]
    found = []
    for each in asked:
        columns, over = ([fnmatch.filter(series, name) for name in names] for names in (each.columns, each.over))
        if all(columns) and all(over):
            found.append(replace(each, columns=tuple(chain(*columns)), over=tuple(chain(*over))))
    return found


def draw(writing: Writing, file: Workbook, sheet: Worksheet, drawn: Sequence[Drawing]) -> None:
    """A sheet of charts, two side by side."""
    head(writing, sheet)
    for k, each in enumerate(drawn):
        row, column = 3 + (k // 2) * ROWS_OF_A_CHART, 1 + (k % 2) * COLUMNS_OF_A_CHART
        sheet.insert_chart(row, column, _chart(writing, file, each))
    sheet.set_column(0, 0, 3)
    printed(sheet)


def _chart(writing: Writing, file: Workbook, drawing: Drawing) -> Chart:
    """Columns, and lines over them."""
    chart = file.add_chart({"type": "column", "subtype": "stacked"})
    for name, colour in zip(drawing.columns, cycle(COLOURS), strict=False):
        chart.add_series({**_series(writing, name), "fill": {"color": colour}, "gap": 40})
    if drawing.over:
        over = file.add_chart({"type": "line"})
        for name, colour in zip(drawing.over, COLOURS[len(drawing.columns) :], strict=False):
            over.add_series({**_series(writing, name), "line": {"color": colour, "width": 2}})
        chart.combine(over)
    small, grid = {"name": "Calibri", "size": 8}, {"visible": True, "line": {"color": "#D9D9D9"}}
    per_year = max(1, writing.model.periods_per_year)
    chart.set_title({"name": drawing.title, "name_font": {"size": 11}, "overlay": False})
    chart.set_x_axis({"num_format": "yyyy", "num_font": {**small, "rotation": -90}, "label_position": "low",
                      "text_axis": True, "interval_unit": per_year, "interval_tick": per_year})  # fmt: skip
    chart.set_y_axis({"name": drawing.unit, "name_font": small, "num_font": small, "num_format": drawing.number,
                      "major_gridlines": grid, "line": {"color": GREY}})  # fmt: skip
    chart.set_legend({"position": "bottom", "font": small})
    chart.set_size({"width": WIDE, "height": HIGH})
    return chart


def _series(writing: Writing, name: str) -> dict[str, object]:
    """The cells of a line, named by its label's cell, by the day on which each period ends."""
    place, last = writing.layout.places[name], FIRST + writing.model.periods - 1
    line = writing.model.lines[name]
    assert isinstance(line, Line)
    label = xl_rowcol_to_cell(place.row - 1, 1, row_abs=True, col_abs=True)
    return {
        "name": f"={place.sheet}!{label}",
        "categories": [TIMING, ENDS - 1, FIRST, ENDS - 1, last],
        "values": [place.sheet, place.row - 1, FIRST, place.row - 1, last],
    }
