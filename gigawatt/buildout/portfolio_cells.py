"""What the cells of a file of projects mean, and what is wrong with those that mean nothing."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gigawatt import catalog
from gigawatt.buildout.csv_cells import Cell
from gigawatt.buildout.design import Design
from gigawatt.buildout.stages import GRID, ONSITE, Stage
from gigawatt.errors import Mistake, nearest, shown
from gigawatt.timeline import parse_date
from gigawatt.units import MW_PER_GW, parse_quantity

NEEDED = ("name", "region", "mw", "start")
COLUMNS = (
    *NEEDED, "phases", "stagger_weeks", "stage", "done", "energised_mw", "chip", "cooling", "redundancy", "power",
    "backup", "priority", "shell", "tempo", "due", "damages_usd_per_mw_day", "damages_cap_share",
)  # fmt: skip
WEEKS = "_weeks"  # after the name of a stage: the column of its duration
PHASES = "a count such as 4, or sizes such as 200/200/300"
YES, NO = ("yes", "true"), ("no", "false")
SAME = 1e-6  # relative: phases that add up
LEAST_PHASE_MW, MOST_PHASE_MW, MOST_PHASES = 1.0, 5e3, 50  # what lies beyond is a slip: "1 W", or 400 for "400 MW"
MOST_MW = 20e3  # of a project
MOST_WEEKS = 1_040.0  # of a stage, or between phases
MOST_YEARS = 20  # from the start of the plan to that of a project
POINTED = re.compile(r"(?P<whole>\d{1,3}(?:\.\d{3})+|\d+)(?:,(?P<part>\d+))?(?P<rest>(?![.,\d]).*)", re.DOTALL)
FORMULA = re.compile(r"\s*[=+\-@]")  # what a spreadsheet would run
GUARD = "'"


@dataclass(slots=True)
class Row:
    """The cells of one project by column, and where their mistakes go."""

    file: str
    stages: Sequence[Stage]
    start: dt.date  # of the portfolio
    mistakes: list[Mistake]
    columns: Sequence[str] = NEEDED  # that the file has
    decimal_comma: bool = False  # whether "1,2 GW" is 1.2 GW
    given: dict[str, Cell] = field(default_factory=dict)
    end: Cell = field(default_factory=lambda: Cell("", 1, 1))

    def wrong(self, cell: Cell, column: str, message: str, allowed: str = "", near: str | None = None) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(self.file, cell.line, cell.column, column, message, allowed, near or ""))

    def text(self, column: str) -> str | None:
        """The text of a cell; None, and a mistake, where a needed one is empty."""
        if column in self.given:
            return self.given[column].text
        if column in NEEDED and column in self.columns:
            self.wrong(self.end, column, "this cell is empty", "every project has one")
        return None

    def name(self, column: str) -> str:
        """A name as it stands."""
        return unguarded(self.text(column) or "")

    def region(self, column: str) -> str:
        """A region of the catalog."""
        return self.one_of(column, self.text(column), tuple(catalog.items("regions")), "region")

    def one_of(self, column: str, text: str | None, known: Sequence[str], what: str) -> str:
        """A text that is one of those known."""
        if text is not None and text not in known:
            said = f"unknown {what} {shown(text)}"
            self.wrong(self.given[column], column, said, f"known: {', '.join(known)}", nearest(text, known))
        return text or ""

    def designed(self, column: str, default: str) -> str:
        """A choice of the design; the default, and a mistake, where there is no such."""
        if column not in self.given:
            return default
        text = self.given[column].text
        asked: dict[str, Any] = {column: text}
        try:
            Design(**asked)
        except ValueError as error:
            self.wrong(self.given[column], column, str(error).removeprefix(f"{column} "))
            return default
        return text

    def yes_or_no(self, column: str) -> bool | None:
        """Yes or no; None where the cell is empty or wrong."""
        text = self.given[column].text.lower() if column in self.given else None
        if text not in (None, *YES, *NO):
            self.wrong(self.given[column], column, f"{shown(text)} is neither yes nor no", "yes, no, or an empty cell")
        return True if text in YES else False if text in NO else None

    def number(self, column: str, unit: str, default: float, *, least: float = 0.0, most: float = math.inf) -> float:
        """A number in `unit`, the default where the cell is empty or wrong; `most` itself is too much."""
        if column not in self.given:
            return default
        cell = self.given[column]
        return self.quantity(cell, column, cell.text, unit, least, most)

    def quantity(
        self, cell: Cell, column: str, text: str, unit: str, least: float = 0.0, most: float = math.inf
    ) -> float:
        """A number of a text; `least`, and a mistake, where it is none."""
        try:
            value = parse_quantity(with_point(text) if self.decimal_comma else text, unit, column).value
        except ValueError as error:
            self.wrong(cell, column, str(error))
            return least
        if not least <= value < most:
            bounds = f"at least {least:g}" + (f" and below {most:g}" if most < math.inf else "")
            self.wrong(cell, column, f"{text} is not allowed", bounds)
            return least
        return value

    def whole(self, column: str, default: int) -> int:
        """A whole number."""
        if column not in self.given:
            return default
        try:
            return int(self.given[column].text)
        except ValueError:
            self.wrong(self.given[column], column, f"{shown(self.given[column].text)} is no whole number", "such as 0")
            return default

    def date(self, column: str) -> dt.date | None:
        """A date."""
        text = self.text(column)
        if text is None:
            return None
        try:
            return parse_date(text)
        except ValueError as error:
            self.wrong(self.given[column], column, str(error))
            return None

    def later(self, column: str) -> dt.date | None:
        """A date after the start of the project, if the cell says one."""
        found = self.date(column)
        begin = self.given.get("start")
        try:
            begun = parse_date(begin.text) if begin is not None else None
        except ValueError:
            begun = None  # has been noted
        if found is not None and begun is not None and found <= begun:
            self.wrong(self.given[column], column, f"{found} is not after the start of the project", f"after {begun}")
        return found

    def stage(self, column: str, design: Design) -> str:
        """A stage that a project of this design goes through."""
        source = GRID if design.power == GRID else ONSITE
        known = tuple(stage.name for stage in self.stages if stage.power in ("", source))
        return self.one_of(column, self.given[column].text if column in self.given else None, known, "stage")

    def phases(self, energised_mw: float) -> tuple[float, ...]:
        """MW of each phase that is still to come: equal ones by their count, or the sizes that are given."""
        cell = self.given.get("phases")
        counted = cell is None or cell.text.isdecimal()  # one size is told from a count by its unit
        sizes = self._sizes(cell) if cell is not None and not counted else ()
        left_mw = self._left_mw(energised_mw)
        if left_mw is None:
            return ()
        if cell is None or counted:
            return self._equal(cell, left_mw)
        total_mw = math.fsum(sizes)
        if all(sizes) and not math.isclose(total_mw, left_mw, rel_tol=SAME):
            less = f" less {energised_mw:g} energised" if energised_mw else ""
            self.wrong(cell, "phases", f"{cell.text} add up to {total_mw:g} MW", f"mw{less} is {left_mw:g} MW")
        else:
            self._bounded(cell, "phases", sizes)
        return sizes

    def _equal(self, cell: Cell | None, left_mw: float) -> tuple[float, ...]:
        """MW of phases of one size; their number stands in the cell, 1 without it."""
        count = int(cell.text) if cell is not None and len(cell.text) < 9 else 1 if cell is None else 10**9
        if cell is not None and not 0 < count <= MOST_PHASES:
            said = f"one phase of that size is written {shown(cell.text + ' MW')}" if count else PHASES
            self.wrong(cell, "phases", f"{cell.text} phases", f"1 to {MOST_PHASES}; {said}")
            return ()
        sizes = (left_mw / count,) * count
        return sizes if self._bounded(cell or self.given["mw"], "mw" if cell is None else "phases", sizes) else ()

    def _bounded(self, cell: Cell, column: str, sizes: Sequence[float]) -> bool:
        """Whether phases are few and of a size that is built; a mistake where they are not."""
        if len(sizes) > MOST_PHASES:
            self.wrong(cell, column, f"{len(sizes)} phases", f"at most {MOST_PHASES}")
            return False
        for mw in sizes:
            if not LEAST_PHASE_MW <= mw <= MOST_PHASE_MW:
                said = f"{LEAST_PHASE_MW:g} MW to {MOST_PHASE_MW / MW_PER_GW:g} GW; `phases` takes {PHASES}"
                self.wrong(cell, column, f"a phase of {mw:,.6g} MW", said)
                return False
        return True

    def _sizes(self, cell: Cell) -> tuple[float, ...]:
        """MW of phases written as 200/200/300."""
        before = len(self.mistakes)
        sizes = tuple(self.quantity(cell, "phases", part, "MW") for part in cell.text.split("/"))
        if not all(sizes) and len(self.mistakes) == before:
            self.wrong(cell, "phases", f"{cell.text}: every phase is above 0 MW", PHASES)
        return sizes

    def _left_mw(self, energised_mw: float) -> float | None:
        """MW of a site that are still to come; None, with a mistake, where there are none."""
        if self.text("mw") is None:
            return None
        cell, before = self.given["mw"], len(self.mistakes)
        total_mw = self.number("mw", "MW", 0.0)
        if total_mw > MOST_MW:
            said = f"at most {MOST_MW / MW_PER_GW:g} GW; a number without a unit is in MW"
            self.wrong(cell, "mw", f"{cell.text} is {total_mw:,.0f} MW", said)
            return None
        if total_mw > energised_mw:
            return total_mw - energised_mw
        if len(self.mistakes) == before:
            least = f"above energised_mw, {energised_mw:g} MW" if energised_mw else "above 0 MW"
            self.wrong(cell, "mw", f"{total_mw:g} MW leave nothing to build", least)
        return None

    def check(self, begin: dt.date | None, stage: str, done: float) -> None:
        """Mistakes of cells that do not go together."""
        if begin is not None and begin < self.start and "stage" not in self.given:
            self.wrong(
                self.given["start"], "start", f"{begin} lies before the plan, which begins on {self.start}",
                "say in a column `stage` which stage the project has reached, or start it later",
            )  # fmt: skip
        if begin is not None and begin.year - self.start.year > MOST_YEARS:
            said = f"{begin} is more than {MOST_YEARS} years after the start of the plan, {self.start}"
            self.wrong(self.given["start"], "start", said, "start it earlier, or begin the plan later")
        if done and not stage and "stage" not in self.given:
            self.wrong(self.given["done"], "done", f"{done:g} of no stage", "say in a column `stage` of which")


def with_point(text: str) -> str:
    """A number as European spreadsheets write it, "1,2 GW" or "1.234,5", with a point in place of its comma.

    Raises:
        ValueError: It may mean two things: 1,200 and 1.200 are a thousand to some and about one to others.
    """
    found = POINTED.fullmatch(text.strip())
    if found is None:
        return text
    whole, part, rest = found["whole"], found["part"], found["rest"]
    grouped = "." in whole
    if (grouped and part is None) or (not grouped and len(part or "") == 3 and whole[0] != "0" and len(whole) <= 3):
        thousands = whole.replace(".", "") + (part or "")
        raise ValueError(f"{shown(text)} may be a thousand or a fraction; write {thousands}{rest}, or one digit less")
    return whole.replace(".", "") + (f".{part}" if part else "") + rest


def guarded(name: str) -> str:
    """A name that a spreadsheet takes for text: one that it would run gets an apostrophe in front."""
    return GUARD + name if FORMULA.match(name.lstrip(GUARD)) else name


def unguarded(text: str) -> str:
    """The name that `guarded` wrote."""
    return text[1:] if text.startswith(GUARD) and FORMULA.match(text.lstrip(GUARD)) else text
