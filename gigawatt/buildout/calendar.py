"""Weeks in which less work is done: winter outdoors, and the holidays of a region."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np

from gigawatt import catalog

CALENDARS = ("", "outdoor")
Array = np.ndarray
COLDEST_DAY, HALF_YEAR = 15, 182


@cache
def _facts(region: str) -> dict[str, float]:
    facts = catalog.facts("regions", catalog.named("regions", region))
    names = ("winter_pace", "winter_weeks", "holiday_weeks", "holiday_month")
    return {name: float(facts[name].value) for name in names if name in facts}


def pace(calendar: str, region: str, start: dt.date, weeks: int) -> Array:
    """Share of a full week's work that is done in each week from `start`; shape (weeks,), 1 in a common week.

    Holidays stop all work; outdoors, the weeks about the coldest (mid-January north of the equator) go slower.
    """
    facts = _facts(region)
    out = np.ones(weeks)
    for w in range(weeks):
        day = start + dt.timedelta(weeks=w)
        out[w] -= facts.get("holiday_weeks", 0.0) * (day.month == int(facts.get("holiday_month", 0)) and day.day <= 7)
        from_cold = abs((day.timetuple().tm_yday - COLDEST_DAY + HALF_YEAR) % (2 * HALF_YEAR) - HALF_YEAR)
        if calendar == "outdoor" and from_cold <= facts.get("winter_weeks", 0.0) * 7 / 2:
            out[w] *= facts.get("winter_pace", 1.0)
    return out
