"""When a deal is paid: what falls due between two days, by the words of its schedule."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.book.deal import Deal
from gigawatt.units import MONTHS_PER_YEAR, QUARTERS_PER_YEAR

SCHEDULES = ("even", "start", "ramp", "per_gw", "milestone", "on_default")
MONTHS_PER_QUARTER = MONTHS_PER_YEAR // QUARTERS_PER_YEAR
ONE_DAY = timedelta(days=1)


def due(deal: Deal, first: date, after: date) -> float:
    """What falls due from `first` up to the day before `after`, in the deal's currency; 0 where nothing is known.

    `even` and, for want of a calendar of deliveries, `per_gw` and `milestone` spread the amount over the days from
    start to end; `ramp` rises in proportion to the time since the start; `start` pays all on the first day;
    `on_default` pays only when called, which is never here. Tranches are spread over their calendar years.
    """
    if not deal.known or deal.schedule == "on_default" or after <= first:
        return 0.0
    tranches = tranches_of(deal.schedule)
    if tranches:
        return sum(usd * _share_of_days(first, after, *_year(year)) for year, usd in tranches.items())
    until = deal.end + ONE_DAY
    if deal.schedule == "start":
        return deal.amount if first <= deal.start < after else 0.0
    if deal.schedule == "ramp":
        return deal.amount * (_elapsed(deal, after, until) ** 2 - _elapsed(deal, first, until) ** 2)
    return deal.amount * _share_of_days(first, after, deal.start, until)


def due_before(deal: Deal, after: date) -> float:
    """All that falls due before a day, in the deal's currency; 0 where nothing is known."""
    return due(deal, date.min, after)


def due_usd(deal: Deal, year: int) -> float:
    """What falls due in a calendar year."""
    return due(deal, *_year(year))


def due_by_quarter(deal: Deal, first: date, quarters: int) -> NDArray[np.float64]:
    """What falls due in each of `quarters` quarters from `first` on, shape (quarters,)."""
    days = quarter_starts(first, quarters + 1)
    return np.array([due(deal, begun, after) for begun, after in pairwise(days)])


def quarter_starts(first: date, count: int) -> list[date]:
    """The first days of `count` quarters of which the first begins with the month of `first`."""
    months = [first.year * 12 + first.month - 1 + MONTHS_PER_QUARTER * place for place in range(count)]
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def quarter_name(day: date) -> str:
    """The calendar quarter of a day as people write it, such as 2027Q1."""
    return f"{day.year}Q{(day.month - 1) // MONTHS_PER_QUARTER + 1}"


def tranches_of(schedule: str) -> dict[int, float]:
    """Amount by calendar year of a schedule such as "2026=1e9 2027=6e9"; empty for the schedules that are words.

    Raises:
        ValueError: A part is no year with an amount of 0 or more.
    """
    if schedule in SCHEDULES:
        return {}
    found: dict[int, float] = {}
    for part in schedule.split():
        year, equals, amount = part.partition("=")
        if not equals or not year.isdigit() or not _is_amount(amount) or int(year) in found:
            raise ValueError(
                f"schedule {schedule!r}: {part!r} is no tranche such as 2026=1e9; or one of {', '.join(SCHEDULES)}"
            )
        found[int(year)] = float(amount)
    if not found:
        raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}, or tranches such as 2026=1e9 2027=6e9")
    return found


def _is_amount(text: str) -> bool:
    try:
        return 0.0 <= float(text) < float("inf")
    except ValueError:
        return False


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year + 1, 1, 1)


def _share_of_days(first: date, after: date, begun: date, until: date) -> float:
    """Share of the days from `begun` to the day before `until` that lie between the two others."""
    days = (min(after, until) - max(first, begun)).days
    return max(0, days) / (until - begun).days


def _elapsed(deal: Deal, day: date, until: date) -> float:
    """Share of the deal's time that is over on a day, 0 to 1."""
    return min(1.0, max(0.0, (day - deal.start).days / (until - deal.start).days))
