"""What the report shows in one place: charts under a title, what they say, where they come from, and their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from gigawatt.report.numbers import three
from gigawatt.report.option import Option
from gigawatt.report.series import How, Weekly, yearly
from gigawatt.report.words import opening, readable


@dataclass(frozen=True, slots=True)
class Chart:
    """One ECharts option. `label` heads it where several share a panel, `choice` names what its list chooses."""

    name: str
    option: Option
    label: str = ""
    choice: str = ""
    height: str = "normal"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table of texts: the words above the columns, then the rows; folded away unless `unfolded`."""

    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    title: str = "Numbers"
    unfolded: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure of the report."""

    name: str
    title: str
    finding: str
    source: str
    charts: tuple[Chart, ...] = ()
    numbers: Numbers = field(default_factory=Numbers)
    notes: tuple[str, ...] = ()


def joined(first: Numbers, *others: Numbers) -> Numbers:
    """Tables with the same rows side by side."""
    more = zip(*(other.rows for other in others), strict=True)
    rows = tuple(
        (*row, *(cell for cells in rest for cell in cells[1:])) for row, rest in zip(first.rows, more, strict=True)
    )
    return Numbers((*first.headers, *(header for other in others for header in other.headers[1:])), rows, first.title)


def by_year(weekly: Weekly, size: float, how: How, unit: str, first: str = "Year") -> Numbers:
    """A row for each calendar year, a column for each series, over `size`, with the unit in the header."""
    years, values = yearly(weekly, how)
    rows = tuple(
        (str(year), *(three(float(column[place]) / size) for column in values.values()))
        for place, year in enumerate(years)
    )
    return Numbers((first, *(f"{opening(readable(name))}, {unit}" for name in values)), rows)
