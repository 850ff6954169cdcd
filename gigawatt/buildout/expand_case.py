"""What an expansion plan is asked: supplies that can grow, campuses that can be started, and the rate to reach."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gigawatt.units import DAYS_PER_WEEK, WEEKS_PER_YEAR

Array = np.ndarray
UNIT_USD = 1e9  # one unit of cost in the program
LEAST_MODULES = 1e-6  # less is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A supply of an item, of the world or of a region; or the workers of a trade in a region, which do not keep."""

    name: str
    opening: Array  # units a week in each period that are there or announced; workers: their number
    region: str = ""
    unit: str = "units"
    keeps: bool = True  # what is delivered early waits in stock
    first_week: float = 0.0  # of the first delivery: lead time less what may be ordered ahead of the start
    lead_weeks: float = 0.0
    usd_per_unit: float = 0.0  # for the cost of stock
    step: float = 0.0  # what one module more gives: units a week, or workers
    usd_per_step: float = 0.0
    build_weeks: float = 0.0  # from the order of a module to its first output
    most_per_year: float = math.inf  # modules ordered in any one year
    most_steps: float = math.inf  # modules ordered in all
    whole: bool = True  # lines and plants come whole; places of training in any part
    limited: bool = False  # by a limit that was asked for

    def __post_init__(self) -> None:
        amounts = {
            "step": self.step,
            "usd_per_step": self.usd_per_step,
            "usd_per_unit": self.usd_per_unit,
            "most_per_year": self.most_per_year,
            "most_steps": self.most_steps,
        }
        for name, value in amounts.items():
            if not value >= 0.0:
                raise ValueError(f"{self.label}: {name} is {value:g}; wants 0 or more")
        for name, weeks in (("lead_weeks", self.lead_weeks), ("build_weeks", self.build_weeks)):
            if not 0.0 <= weeks < math.inf:
                raise ValueError(f"{self.label}: {name} is {weeks:g}; wants 0 or more weeks")
        if not (np.asarray(self.opening) >= 0.0).all():
            raise ValueError(f"{self.label}: opening capacity is below 0 or not a number")

    @property
    def label(self) -> str:
        """The item or trade, and its region if it has one."""
        return f"{self.name} in {self.region}" if self.region else self.name

    @property
    def grows(self) -> bool:
        """Whether modules can be ordered."""
        return self.step > 0.0 and min(self.most_per_year, self.most_steps) >= (1.0 if self.whole else LEAST_MODULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a MW takes from a source `before_weeks` it is energised: at once, or held for `for_weeks` from then on."""

    source: int  # index
    per_mw: float
    before_weeks: float
    for_weeks: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campus:
    """A way to build: where, powered by what; every MW is started `weeks` before it is energised."""

    region: str
    power: str
    weeks: float
    uses: tuple[Use, ...]
    usd_per_mw: float = 0.0  # all that a campus costs; only what is above the cheapest counts in the choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The whole question, in numbers.

    Raises:
        ValueError: A share, a rate or the length of a period makes no sense.
    """

    start: dt.date
    period_weeks: float
    target: Array  # MW energised a week, at least, in each period; 0 where nothing is asked
    sources: tuple[Source, ...]
    campuses: tuple[Campus, ...]
    discount_rate: float = 0.08
    holding_share: float = 0.0  # of the value of stock, a year
    fixed_share: float = 0.0  # of the cost of a module, a year, from its first output on
    opening_usd: Mapping[str, float] = field(default_factory=dict)  # once, for the first campus of a region
    budget_usd: Mapping[int, float] = field(default_factory=dict)  # calendar year -> campuses and expansions
    total_usd: float = math.inf  # the same over all years
    region_mw: Mapping[str, float] = field(default_factory=dict)  # most that a region can power

    def __post_init__(self) -> None:
        if not self.campuses:
            raise ValueError("no campus can be started: give at least one region and source of power")
        if not 0.0 < self.period_weeks < math.inf:
            raise ValueError(f"periods of {self.period_weeks:g} weeks; wants above 0")
        if not (np.isfinite(self.target).all() and (self.target >= 0.0).all()):
            raise ValueError("the rate to reach is below 0 or not a number")
        for source in self.sources:
            if len(source.opening) != self.periods:
                raise ValueError(f"{source.label}: opening capacity of {len(source.opening)} of {self.periods} periods")

    @property
    def periods(self) -> int:
        """How many."""
        return len(self.target)

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions that campuses can be in."""
        return tuple(dict.fromkeys(campus.region for campus in self.campuses))

    def date(self, period: float) -> dt.date:
        """The first day of a period."""
        return self.start + dt.timedelta(days=round(period * self.period_weeks * DAYS_PER_WEEK))

    def years(self) -> tuple[int, ...]:
        """Calendar years that the plan is in."""
        return tuple(range(self.start.year, (self.date(self.periods) - dt.timedelta(days=1)).year + 1))

    def in_year(self, year: int) -> Array:
        """Share of the days of each period that is in a calendar year; shape (periods,)."""
        edges = np.array([self.date(t).toordinal() for t in range(self.periods + 1)], dtype=np.float64)
        inside = np.clip(edges, dt.date(year, 1, 1).toordinal(), dt.date(year + 1, 1, 1).toordinal())
        return np.asarray(np.diff(inside) / np.diff(edges))

    def discount(self) -> Array:
        """Worth today of a dollar in the middle of each period; shape (periods,)."""
        return np.asarray(self.worth((np.arange(self.periods) + 0.5) * self.period_weeks))

    def worth(self, weeks: Array | float) -> Array:
        """Worth today of a dollar so many weeks from the start."""
        return np.asarray((1.0 + self.discount_rate) ** (-np.asarray(weeks, dtype=np.float64) / WEEKS_PER_YEAR))


def needed_share(before: float, periods: int) -> Array:
    """Of what is energised evenly over a period, the share whose moment `before` falls j periods earlier, by j."""
    return np.asarray(-np.diff(np.clip(_edges(before, periods), 0.0, 1.0)))


def held_share(before: float, lasts: float, periods: int) -> Array:
    """Of what is energised evenly over a period, the mean share that is held j periods earlier, by j: each part from
    its moment `before` on, for a time of `lasts`."""
    return np.asarray(-np.diff(_begun(_edges(before, periods)) - _begun(_edges(before - lasts, periods))))


def _edges(before: float, periods: int) -> Array:
    """Borders of periods j = 0, 1, ... back from the present one, after the first moment."""
    return 1.0 - np.arange(periods + 1) + before


def _begun(edges: Array) -> Array:
    """Integral up to each edge of the share begun: a square up to 1, a line from there."""
    inside = np.clip(edges, 0.0, 1.0)
    return np.asarray(inside * inside / 2.0 + np.maximum(edges - 1.0, 0.0))


def paid_share(weeks: float, period_weeks: float, periods: int) -> Array:
    """Of a payment in equal parts over `weeks` from the start of period 0, the share of each period."""
    if weeks <= 0.0:
        return np.asarray(np.eye(1, periods)[0])
    return np.asarray(np.diff(np.minimum(np.arange(periods + 1) * period_weeks, weeks)) / weeks)


def paid_before(case: Case, campus: Campus) -> Array:
    """Share of the cost of a MW that is paid j periods before it is energised: in equal parts from its start."""
    periods = campus.weeks / case.period_weeks
    return held_share(periods, periods, case.periods) / periods if periods > 0.0 else np.eye(1, case.periods)[0]


def paid_when(case: Case, campus: Campus) -> Array:
    """Share of the cost of a MW energised in a period (rows) that is paid in each period (columns).

    After the plan the rate is held on: campuses energised then are taken to be those of the last period again, so the
    last row also holds what is paid for them within the plan.
    """
    share, periods = paid_before(case, campus), case.periods
    out = np.array([np.append(share[t::-1], np.zeros(periods - 1 - t)) for t in range(periods)])
    out[-1] = np.cumsum(share[::-1])
    return out
