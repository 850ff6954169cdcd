"""Weeks in which less work is done: winter and heat outdoors, and the holidays of a region.

A region of the catalog gives each of its `SEASONS` and `HOLIDAYS` by `NAME_days` and `NAME_pace`, the share of a common
day's work that is done then. Days that fall into two of them do the product of both.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from functools import cache

import numpy as np

from gigawatt import catalog
from gigawatt.units import DAYS_PER_WEEK

CALENDARS = ("", "outdoor")
Array = np.ndarray
NEW_MOON = dt.datetime(2000, 1, 6, 18, 14)  # UTC; source: Meeus, Astronomical Algorithms, chapter 49
LUNATION_DAYS = 29.530588861
CHINA_TIME = dt.timedelta(hours=8)
FIRST_LUNAR_NEW_YEAR = (1, 21)  # the new moon on or after this day begins the lunar year
RAMADAN = dt.date(2026, 2, 18)  # the first day of one
LUNAR_MONTHS_A_YEAR = 12
TRAVEL_DAYS = 7  # by which workers leave for home before the lunar New Year


def new_moon(after: dt.date) -> dt.date:
    """Day of the first mean new moon on or after a day, in the time of China; true ones differ by up to 14 hours."""
    since = (dt.datetime.combine(after, dt.time()) - CHINA_TIME - NEW_MOON) / dt.timedelta(days=LUNATION_DAYS)
    return (NEW_MOON + math.ceil(since) * dt.timedelta(days=LUNATION_DAYS) + CHINA_TIME).date()


def lunar_new_year(year: int) -> dt.date:
    """First day of the lunar year, within a day."""
    return new_moon(dt.date(year, *FIRST_LUNAR_NEW_YEAR))


def ramadans(year: int) -> list[dt.date]:
    """First days of the Ramadans that begin in a year, within a day or two: twelve lunations apart."""
    apart = LUNAR_MONTHS_A_YEAR * LUNATION_DAYS
    first = math.ceil((dt.date(year, 1, 1) - RAMADAN).days / apart)
    days = [RAMADAN + dt.timedelta(days=round((first + k) * apart)) for k in range(2)]
    return [day for day in days if day.year == year]


def thanksgiving(year: int) -> dt.date:
    """The fourth Thursday of November."""
    first = dt.date(year, 11, 1)
    return first + dt.timedelta(days=(3 - first.weekday()) % DAYS_PER_WEEK + 3 * DAYS_PER_WEEK)


Starts = Callable[[int], list[dt.date]]
HOLIDAYS: dict[str, Starts] = {  # first days that fall into a year
    "christmas": lambda year: [dt.date(year, 12, 24)],
    "thanksgiving": lambda year: [thanksgiving(year)],
    "august": lambda year: [dt.date(year, 8, 1)],
    "golden_week": lambda year: [dt.date(year, 10, 1)],
    "lunar_new_year": lambda year: [lunar_new_year(year) - dt.timedelta(days=TRAVEL_DAYS)],
    "ramadan": ramadans,
    "eid": lambda year: [day + dt.timedelta(days=math.floor(LUNATION_DAYS)) for day in ramadans(year)],
}
SEASONS = {"winter": (1, 15), "heat": (7, 31)}  # outdoors, about this day


def pace(calendar: str, region: str, start: dt.date, weeks: int) -> Array:
    """Share of a common week's work that is done in each week from `start`; shape (weeks,), 1 in a common week.

    Raises:
        ValueError: No such calendar or region.
    """
    if calendar not in CALENDARS:
        raise ValueError(f"calendar {calendar!r}; known: {', '.join(map(repr, CALENDARS))}")
    daily = np.ones(weeks * DAYS_PER_WEEK)
    years = range(start.year - 1, (start + dt.timedelta(weeks=weeks)).year + 2)
    for name, days, share in slow_times(catalog.named("regions", region), calendar == "outdoor"):
        for year in years:
            for begin in _begins(name, days, year):
                first = (begin - start).days
                daily[max(0, first) : max(0, first + days)] *= share
    return np.asarray(daily.reshape(weeks, DAYS_PER_WEEK).mean(axis=1))


def _begins(name: str, days: int, year: int) -> list[dt.date]:
    if name in SEASONS:
        return [dt.date(year, *SEASONS[name]) - dt.timedelta(days=days // 2)]
    return HOLIDAYS[name](year)


@cache
def slow_times(region: str, outdoor: bool) -> tuple[tuple[str, int, float], ...]:
    """(name, days, pace) of what slows work in a region."""
    facts = catalog.facts("regions", region)
    names = (*HOLIDAYS, *SEASONS) if outdoor else tuple(HOLIDAYS)
    return tuple(
        (name, int(float(facts[f"{name}_days"].value)), float(facts[f"{name}_pace"].value))
        for name in names
        if f"{name}_days" in facts
    )
