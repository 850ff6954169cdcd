"""The least-cost set of supply expansions, orders and starts of campuses to reach a rate by a date."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gigawatt.buildout.expand_case import UNIT_USD, Case
from gigawatt.buildout.expand_catalog import Wish, case_of
from gigawatt.buildout.expand_program import Layout, first_energised, laid_out
from gigawatt.buildout.expand_rows import campus_rows, cost_rows, module_rows, need_rows, price_rows, year_rows
from gigawatt.buildout.expand_shortage import no_plan
from gigawatt.buildout.expand_solve import Answer, Limits, relaxed, solved
from gigawatt.buildout.sustained import SUSTAINED_YEARS
from gigawatt.timeline import parse_date
from gigawatt.units import DAYS_PER_WEEK, MW_PER_GW, WEEKS_PER_YEAR

Array = np.ndarray
Row = dict[str, Any]
FREE_SHARE = 0.7  # of the time, for a plan that minds no budget
LEAST_DUAL = 1e-9  # of a budget that binds


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A plan to reach a rate, no dearer than `gap` above the cheapest there is."""

    case: Case
    layout: Layout
    answer: Answer

    @property
    def by(self) -> dt.date:
        """The first day of the period from which the highest rate is held."""
        return self.case.date(int(np.flatnonzero(self.case.target >= self.case.target.max())[0]))

    @property
    def usd(self) -> float:
        """What is minimised, worth at the start: modules, stock, opened regions and dearer campuses."""
        return self.answer.objective * UNIT_USD

    @property
    def gap(self) -> float:
        """How much cheaper a plan could still be, as a share of the cost: proved."""
        return self.answer.gap

    @property
    def modules(self) -> list[Row]:
        """What to expand: item, region, ordered, ready, modules, what they add, USD."""
        return module_rows(self.layout, self.answer)

    @property
    def starts(self) -> list[Row]:
        """Campuses by region, source of power and period: start, energised, MW, USD."""
        return campus_rows(self.layout, self.answer)

    @property
    def needs(self) -> list[Row]:
        """By item and period: ordered, made, needed, in stock, and what could be made."""
        return need_rows(self.layout, self.answer)

    @property
    def prices(self) -> list[Row]:
        """What a unit of capacity more in a period would save, the whole modules held; dearest first."""
        return price_rows(self.layout, self.answer)

    @property
    def costs(self) -> list[Row]:
        """Cost by cause, as paid and as worth at the start."""
        return cost_rows(self.layout, self.answer)

    @property
    def years(self) -> list[Row]:
        """GW energised and money by calendar year."""
        return year_rows(self.layout, self.answer)


def expand(
    target_gw_per_week: float = 1.0,
    by: dt.date | str = "2032-06",
    *,
    path: Mapping[str, float] | None = None,
    earliest: bool = False,
    wish: Wish | None = None,
    limits: Limits | None = None,
) -> Expansion:
    """The cheapest plan that energises `target_gw_per_week` from `by` on, to the end of the horizon.

    Args:
        path: Rates (GW a week) to be held before, none above the target, by the date from which each counts.
        earliest: Find the earliest period from which the rate can be held instead; `by` is then not read.

    Raises:
        SolveError: No plan reaches it; the text names what is short, by how much and from when.
        ValueError: A date, name or amount makes no sense.
    """
    wish, limits = wish or Wish(), limits or Limits()
    if not 0.0 < target_gw_per_week < np.inf:
        raise ValueError(f"a target of {target_gw_per_week:g} GW/week; wants above 0")
    _rising(path or {}, target_gw_per_week, None if earliest else parse_date(str(by)))
    if earliest:
        return earliest_expansion(target_gw_per_week, path or {}, wish, limits)
    rates = {**{str(day): rate for day, rate in (path or {}).items()}, str(by): target_gw_per_week}
    return solve_case(case_of(target_path(rates, wish), wish), limits)


def _rising(path: Mapping[str, float], target: float, by: dt.date | None) -> None:
    """ValueError where a rate of a path is not one on the way to the target."""
    for day, rate in path.items():
        if by is not None and parse_date(day) >= by:
            raise ValueError(f"path: {day} is not before {by}, from when the target is held; wants dates before it")
        if rate > target:
            raise ValueError(f"path: {rate:g} GW/week from {day} is above the target of {target:g} GW/week")


def target_path(rates: Mapping[str, float], wish: Wish) -> Array:
    """MW a week by period: each rate holds from the first day of the period that contains its date."""
    out, begins = np.zeros(wish.periods), begins_of(wish)
    for day, rate in sorted((parse_date(day), rate) for day, rate in rates.items()):
        if day < wish.start:
            raise ValueError(f"{day} is before the start of the plan on {wish.start}")
        if rate < 0.0:
            raise ValueError(f"a rate of {rate:g} GW/week from {day}; wants 0 or more")
        first = bisect_right(begins, day) - 1
        if first == wish.periods:
            raise ValueError(
                f"{day} is after the last period of the plan, which begins on {begins[-2]}; ask for more years"
            )
        out[first:] = rate * MW_PER_GW
    return out


def begins_of(wish: Wish) -> list[dt.date]:
    """First days of the periods, and of the time after them."""
    return [
        wish.start + dt.timedelta(days=round(t * wish.period_weeks * DAYS_PER_WEEK)) for t in range(wish.periods + 1)
    ]


def solve_case(case: Case, limits: Limits) -> Expansion:
    """The cheapest plan of a case.

    Raises:
        SolveError: There is none.
    """
    left = limits.counting()
    found = _free_of_budgets(case, limits)
    if found is not None:
        return found
    layout = laid_out(case)
    answer = solved(layout.program.arrays(), left())
    if answer is None:
        raise no_plan(case, left().seconds, limits.progress)
    return Expansion(case=case, layout=layout, answer=answer)


def _free_of_budgets(case: Case, limits: Limits) -> Expansion | None:
    """The cheapest plan that minds no budget, where it keeps within all of them: rows of money join all parts of the
    program, which is solved much faster without them. Where money is short even with modules in parts nothing is tried;
    else a share of the time is."""
    if not case.budget_usd and not np.isfinite(case.total_usd):
        return None
    bound = laid_out(case)
    least = relaxed(bound.program.arrays())
    if least is None or any(abs(least.duals[row]) > LEAST_DUAL for row in bound.years.values()):
        return None
    layout = laid_out(replace(case, budget_usd={}, total_usd=np.inf))
    answer = solved(layout.program.arrays(), replace(limits, seconds=FREE_SHARE * limits.seconds))
    if answer is None:
        return None
    found = Expansion(case=case, layout=layout, answer=answer)
    usd = {row["year"]: row["campuses_usd"] + row["modules_usd"] for row in found.years}
    within = all(usd.get(year, 0.0) <= most for year, most in case.budget_usd.items())
    return found if within and sum(usd.values()) <= case.total_usd else None


def earliest_expansion(gw_per_week: float, path: Mapping[str, float], wish: Wish, limits: Limits) -> Expansion:
    """The cheapest of the plans that hold a rate from the earliest period on from which it can be held.

    A plan that holds it from a period on also holds it from any later one, so the first period is found by halving,
    with modules in parts; whole modules may need a few periods more.
    """
    left, dates = limits.counting(), begins_of(wish)
    last = wish.periods - max(1, round(SUSTAINED_YEARS * WEEKS_PER_YEAR / wish.period_weeks))

    def case_from(period: int) -> Case:
        earlier = {day: rate for day, rate in path.items() if parse_date(day) < dates[period]}
        return case_of(target_path({**earlier, str(dates[period]): gw_per_week}, wish), wish)

    latest = case_from(max(last, 0))
    weeks = min(first_energised(latest, campus)[0] for campus in latest.campuses)
    low, high = min(int(np.ceil(weeks / wish.period_weeks - 1e-9)), last), last
    if relaxed(laid_out(latest).program.arrays()) is None:
        raise no_plan(latest, left().seconds, limits.progress)
    while low < high:
        middle = (low + high) // 2
        if limits.progress is not None:
            limits.progress(f"from {dates[middle]} on?", 0.0)
        if relaxed(laid_out(case_from(middle)).program.arrays()) is None:
            low = middle + 1
        else:
            high = middle
    for period in range(low, last + 1):
        case = case_from(period)
        layout = laid_out(case)
        answer = solved(layout.program.arrays(), left())
        if answer is not None:
            return Expansion(case=case, layout=layout, answer=answer)
    raise no_plan(latest, left().seconds, limits.progress)
