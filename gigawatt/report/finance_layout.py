"""Where everything of a model stands in its workbook: which sheet, which row, under which heading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gigawatt.finance.project.lines import Input, Line, Model, Table
from gigawatt.report.finance_cells import Place

TIMING, CALCULATIONS, STATEMENTS, OUTPUTS, CHECKS, INPUTS = (
    "Timing", "Calculations", "Statements", "Outputs", "Checks", "Inputs",
)  # fmt: skip
OWN_SHEET = (TIMING, STATEMENTS, OUTPUTS, CHECKS)  # sections with a sheet of their own; all others are calculations
TIME_SHEETS = (TIMING, CALCULATIONS, STATEMENTS, OUTPUTS, CHECKS)
TOP_ROW = 9  # of headings and lines, from 1
CHECKS_TOP_ROW = 13  # below the tolerance and the count of failing checks
INPUTS_TOP_ROW = 9
BY_YEAR, BY_PERIOD = "By year of the plan", "By period, from completion"
AFTER_COMPLETION = ".signed_"  # in the names of tables by period
BASE = "Base"
Cases = Mapping[str, Mapping[str, float | tuple[float, ...]]]  # inputs that differ, by case


@dataclass(frozen=True, slots=True)
class Variant:
    """A row of a table by year that differs between cases: its values in one case, or as the base has them."""

    name: str
    case: str
    table: Table
    columns: int


Row = Line | Input | Table | Variant
Item = str | Row  # a heading, or what has a row of its own


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows of every sheet, and the place of every input and line."""

    rows: Mapping[str, Mapping[int, Item]]
    places: Mapping[str, Place]

    def last_row(self, sheet: str) -> int:
        """The last row of a sheet that is not empty."""
        return max(self.rows[sheet], default=TOP_ROW)


@dataclass(slots=True)
class Making:
    """A layout while it is made."""

    rows: dict[str, dict[int, Item]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def stack(self, sheet: str, top: int, groups: Mapping[str, list[Row]], periods: int) -> int:
        """Headings with what belongs to them from a row on, an empty row between them; the next free row."""
        rows, row = self.rows.setdefault(sheet, {}), top
        for heading, items in groups.items():
            rows[row] = heading
            for row, item in enumerate(items, start=row + 1):  # noqa: B020 - the row goes on below the heading
                rows[row] = item
                self.places[item.name] = Place(sheet, row, _columns(item, periods))
            row += 2
        return row


def layout(model: Model, cases: Cases | None = None) -> Layout:
    """Rows of inputs by the first word of their path, rows of lines by their section, in the order of the model."""
    made = Making()
    numbers = [each for each in model.inputs.values() if isinstance(each, Input)]
    tables = [(BY_PERIOD if AFTER_COMPLETION in each.name else BY_YEAR, row) for each in model.inputs.values()
              if isinstance(each, Table) for row in table_rows(each, cases or {})]  # fmt: skip
    row = made.stack(INPUTS, INPUTS_TOP_ROW, grouped((first_word(each.name), each) for each in numbers), model.periods)
    made.stack(INPUTS, row, grouped(tables), model.periods)
    for sheet in TIME_SHEETS:
        own = [(heading_of(line), line) for line in model.lines.values() if sheet_of(line) == sheet]
        if sheet == OUTPUTS:
            own.sort(key=lambda each: not each[1].scalar)  # answers first, then what they are made of
        top = CHECKS_TOP_ROW if sheet == CHECKS else TOP_ROW
        made.rows.setdefault(sheet, {})
        made.stack(sheet, top, grouped(own), model.periods)
    return Layout(made.rows, made.places)


def table_rows(table: Table, cases: Cases) -> list[Row]:
    """The row of a table; where a case has its own, the row that is read, then one for each of these and the base."""
    own = {case: given[table.name] for case, given in cases.items() if table.name in given}
    if not own:
        return [table]
    columns = max(len(table.values), *(np.size(values) for values in own.values()))
    rows = [Variant(f"{table.name}: {case}", case, table, columns) for case in (BASE, *own)]
    return [Variant(table.name, "", table, columns), *rows]


def sheet_of(line: Line) -> str:
    """The sheet of a line."""
    section = line.section.split(":")[0].strip().lower()
    return next((sheet for sheet in OWN_SHEET if sheet.lower() == section), CALCULATIONS)


def heading_of(line: Line) -> str:
    """The heading above a line: its section, without the name of the sheet."""
    first, _, rest = line.section.partition(":")
    words = rest.strip() if rest and sheet_of(line) in OWN_SHEET else line.section or first or CALCULATIONS
    return words[:1].upper() + words[1:]


def first_word(name: str) -> str:
    """The heading above an input: the first word of a longer path."""
    head, _, rest = name.partition(".")
    return head.replace("_", " ").capitalize() if rest else "Project"


def grouped(items: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    """Items by heading, headings in the order in which they first come."""
    groups: dict[str, list[Row]] = {}
    for heading, item in items:
        groups.setdefault(heading, []).append(item)
    return groups


def _columns(item: Row, periods: int) -> int:
    match item:
        case Variant(columns=columns):
            return columns
        case Table(values=values):
            return len(values)
        case Line(scalar=False):
            return periods
    return 0
