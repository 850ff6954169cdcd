"""One row of a CSV file while it is read, with what is wrong in it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date

from gigawatt.book_file.columns import CHOICES, FIRST_YEAR, LAST_YEAR
from gigawatt.errors import Mistake, nearest, shown

YES, NO = ("yes", "true", "1"), ("no", "false", "0", "")
COMMA = re.compile(r"[-+]?[\d.]*(,\d+)+(e\d+)?", re.IGNORECASE)
PLAIN = "a plain number such as 40e9 for 40 bn, or nothing"
POINT = "write a point before decimals and nothing between thousands, such as 1500000000 or 1.5e9"


@dataclass(slots=True)
class Place:
    """A row of a file, with what is wrong in it."""

    file: str
    line: int
    columns: list[str]
    row: dict[str, str]
    mistakes: list[Mistake] = field(default_factory=list)
    commas: list[Mistake] = field(default_factory=list)  # told once for a whole file

    def wrong(self, column: str, message: str, allowed: str = "", near: str | None = None) -> None:
        """Notes a mistake in one cell."""
        self.mistakes.append(self.mistake(column, message, allowed, near))

    def mistake(self, column: str, message: str, allowed: str = "", near: str | None = None) -> Mistake:
        """A mistake in one cell."""
        at = self.columns.index(column) + 1 if column in self.columns else 0
        return Mistake(self.file, self.line, at, column, message, allowed, near or "")

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong in it."""
        return not self.mistakes and not self.commas

    def cell(self, column: str) -> str:
        """The text of a cell without blanks around it."""
        return self.row.get(column, "").strip()

    def text(self, column: str, required: bool = False) -> str:
        """The text of a cell, one of its choices where there are any."""
        text, known = self.cell(column), CHOICES.get(column)
        if required and not text:
            self.wrong(column, "is missing", f"allowed: {', '.join(known)}" if known else "")
        elif known and text and text not in known:
            self.wrong(column, f"unknown {column} {shown(text)}", f"allowed: {', '.join(known)}", nearest(text, known))
        return text

    def number(self, column: str, required: bool = False, negative: bool = False) -> float:
        """The number of a cell; nan for an empty one."""
        text = self.cell(column)
        if not text:
            if required:
                self.wrong(column, "is missing", "a number in USD")
            return math.nan
        if COMMA.fullmatch(text):
            self.commas.append(self.mistake(column, f"{shown(text)} has a comma", POINT))
            return math.nan
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            self.wrong(column, f"{shown(text)} is no number", PLAIN)
        elif found < 0.0 and not negative:
            self.wrong(column, f"{text} is below 0", "0 or more; who pays and who is paid say which way it goes")
        return found

    def range(self, column: str, value: float, low: float, high: float) -> None:
        """Notes ends of a range that are the wrong way round, or do not hold the value between them."""
        if low > high:
            self.wrong(column, f"the low end of its range, {low:g}, is above the high end, {high:g}")
        elif low > value or value > high:
            self.wrong(column, f"{value:g} is outside its range, {_end(low)} to {_end(high)}")
        elif math.isnan(value) and not (math.isnan(low) and math.isnan(high)):
            self.wrong(column, "is missing, and its range is not", "the value as well, or no range")

    def year(self, column: str) -> int:
        """The calendar year of a cell."""
        text = self.cell(column)
        if text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR:
            return int(text)
        self.wrong(column, f"{shown(text)} is no year" if text else "is missing", f"from {FIRST_YEAR} to {LAST_YEAR}")
        return 0

    def day(self, column: str, text: str | None = None) -> date:
        """The day of a cell, or of a part of it."""
        said = self.cell(column) if text is None else text
        try:
            found = date.fromisoformat(said)
        except ValueError:
            self.wrong(column, f"{shown(said)} is no day" if said else "is missing", "a day such as 2026-02-27")
            return date.min
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.wrong(column, f"{said} is far off", f"years from {FIRST_YEAR} to {LAST_YEAR}")
        return found

    def flag(self, column: str) -> bool:
        """Whether a cell says yes."""
        text = self.cell(column).lower()
        if text not in (*YES, *NO):
            self.wrong(column, f"{shown(text)} is neither yes nor no", "allowed: yes, no")
        return text in YES


def _end(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:g}"
