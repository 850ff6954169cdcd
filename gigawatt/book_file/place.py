"""One row of a CSV file while it is read, with what is wrong in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date

from gigawatt.deals.book import INSTRUMENTS, TIERS
from gigawatt.deals.book.book import PAYMENT_KINDS
from gigawatt.deals.book.deal import SENIORITIES
from gigawatt.errors import Mistake, nearest, shown

CHOICES: dict[str, tuple[str, ...]] = {
    "instrument": INSTRUMENTS, "tier": TIERS, "kind": PAYMENT_KINDS, "seniority": ("", *SENIORITIES),
    "currency": ("USD",),
}  # fmt: skip
YES, NO = ("yes", "true", "1"), ("no", "false", "0", "")


@dataclass(slots=True)
class Place:
    """A row of a file, with what is wrong in it."""

    file: str
    line: int
    columns: list[str]
    row: dict[str, str]
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, column: str, message: str, allowed: str = "", near: str | None = None) -> None:
        """Notes a mistake in one cell."""
        at = self.columns.index(column) + 1 if column in self.columns else 0
        self.mistakes.append(Mistake(self.file, self.line, at, column, message, allowed, near or ""))

    def text(self, column: str, required: bool = False) -> str:
        """The text of a cell, one of its choices where there are any."""
        text = (self.row.get(column) or "").strip()
        known = CHOICES.get(column)
        if required and not text:
            self.wrong(column, "is missing", f"allowed: {', '.join(known)}" if known else "")
        elif known and text and text not in known:
            self.wrong(column, f"unknown {column} {shown(text)}", f"allowed: {', '.join(filter(None, known))}",
                       nearest(text, known))  # fmt: skip
        return text

    def number(self, column: str, required: bool = False, negative: bool = False) -> float:
        """The number of a cell; nan for an empty one."""
        text = (self.row.get(column) or "").strip()
        if not text:
            if required:
                self.wrong(column, "is missing", "a number in USD")
            return math.nan
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            self.wrong(column, f"{shown(text)} is no number", "a plain number such as 1.5e9, or nothing")
        elif found < 0.0 and not negative:
            self.wrong(column, f"{text} is below 0", "0 or more")
        return found

    def day(self, column: str, text: str | None = None) -> date:
        """The day of a cell, or of a part of it."""
        said = (self.row.get(column) or "").strip() if text is None else text
        try:
            return date.fromisoformat(said)
        except ValueError:
            self.wrong(column, f"{shown(said)} is no day" if said else "is missing", "a day such as 2026-02-27")
            return date.min

    def flag(self, column: str) -> bool:
        """Whether a cell says yes."""
        text = (self.row.get(column) or "").strip().lower()
        if text not in (*YES, *NO):
            self.wrong(column, f"{shown(text)} is neither yes nor no", "allowed: yes, no")
        return text in YES
