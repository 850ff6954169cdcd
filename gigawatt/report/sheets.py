"""Tables on the sheets of a workbook: headers with units that stay in sight, widths, number formats, print set-up."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Row = dict[str, Any]
FORMATS: dict[str, dict[str, Any]] = {
    "text": {"valign": "top"},
    "any": {"num_format": "#,##0.######", "valign": "top"},
    "number": {"num_format": "#,##0.0", "valign": "top"},
    "whole": {"num_format": "0", "valign": "top"},
    "year": {"num_format": "0", "bold": True},
    "mw": {"num_format": "#,##0", "valign": "top"},
    "percent": {"num_format": "0 %", "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"},
    "coming": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"},  # a date, or never
    "month": {"num_format": "mmm yy", "rotation": 90, "font_size": 8, "bold": True},
    "header": {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "bg_color": "#eef1f4"},
    "said": {"italic": True, "font_color": "#5b6675"},
}
NEVER = "never"  # in place of a date that does not come


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the key of its rows, its header with unit, its width in characters, and its format."""

    key: str
    header: str
    width: float
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook, and the formats that its sheets share."""

    file: Workbook
    formats: dict[str, Format] = field(default_factory=dict)

    def format(self, kind: str) -> Format:
        """The format of a kind of cell."""
        if kind not in self.formats:
            self.formats[kind] = self.file.add_format(FORMATS[kind])
        return self.formats[kind]


def a_table(
    book: Book, name: str, columns: Sequence[Column], rows: Sequence[Row], said: Sequence[str]
) -> tuple[Worksheet, int]:
    """A sheet with a table below what is said of it; gives back the sheet and the row of the headers, from 0."""
    sheet = book.file.add_worksheet(name)
    for k, line in enumerate(said):
        sheet.write_string(k, 0, line, book.format("said"))
    top = len(said) + 1
    for c, column in enumerate(columns):
        sheet.set_column(c, c, column.width)
        sheet.write_string(top, c, column.header, book.format("header"))
        for r, row in enumerate(rows, start=top + 1):
            cell(book, sheet, r, c, row.get(column.key), column.kind)
    sheet.freeze_panes(top + 1, 1)
    if rows:
        sheet.autofilter(top, 0, top + len(rows), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.set_footer("&L&A&RPage &P of &N")
    return sheet, top


def cell(book: Book, sheet: Worksheet, row: int, column: int, value: Any, kind: str) -> None:
    """One value; text is written as text even where it begins with "=", and what is not there leaves the cell empty."""
    form = book.format(kind)
    match value:
        case None if kind == "coming":
            sheet.write_string(row, column, NEVER, form)
        case None:
            sheet.write_blank(row, column, None, form)
        case dt.date():
            sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), form)
        case str():
            sheet.write_string(row, column, value, form)
        case _ if math.isinf(value):
            sheet.write_string(row, column, NEVER, form)
        case _:
            sheet.write_number(row, column, float(value), form)
