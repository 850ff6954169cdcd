"""The weeks of a plan, and how to go between weeks, dates and years."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from gigawatt.errors import shown

DAYS_PER_WEEK = 7
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Timeline:
    """`weeks` weeks from `start`; week 0 holds the seven days from `start`."""

    start: dt.date
    weeks: int

    def __post_init__(self) -> None:
        if self.weeks < 1:
            raise ValueError(f"a plan has at least 1 week, not {self.weeks}")
        if self.weeks > (dt.date.max - self.start).days // DAYS_PER_WEEK:
            raise ValueError(f"{self.weeks} weeks from {self.start} end after the year 9999")

    @property
    def end(self) -> dt.date:
        """The first day after the plan."""
        return self.start + dt.timedelta(weeks=self.weeks)

    def date(self, week: int) -> dt.date:
        """The first day of `week`; weeks before 0 and after the end are dates too."""
        return self.start + dt.timedelta(weeks=week)

    def week(self, day: dt.date) -> int:
        """The week that holds `day`; below 0 before the start, `weeks` or more after the end."""
        return (day - self.start).days // DAYS_PER_WEEK

    def year(self, week: int) -> float:
        """The calendar year at the first day of `week`, with its fraction: 2026.5 is mid-2026."""
        return year_of(self.date(week))

    def dates(self) -> tuple[dt.date, ...]:
        """The first day of every week; length `weeks`."""
        return tuple(self.date(week) for week in range(self.weeks))


def year_of(day: dt.date) -> float:
    """The year of a day with the share of that year gone by at its start."""
    first = dt.date(day.year, 1, 1)
    days = 366 if _is_leap(day.year) else 365
    return day.year + (day - first).days / days


def parse_date(value: object) -> dt.date:
    """A date from `2026-06-15`, `2026-06` (its first day), `2027` (1 January) or a date.

    Raises:
        ValueError: The text is not such a date.
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{shown(value)} is not a date; write 2026-06-15, 2026-06 or 2026")
    return _date_of_text(str(value).strip())


def _date_of_text(text: str) -> dt.date:
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"{shown(text)} is not a date; write 2026-06-15, 2026-06 or 2026")
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{shown(text)} is not a date: {error}") from None


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
