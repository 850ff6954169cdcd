"""What there is today of every item and trade that a design needs, in the world or in one region, and how it grows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.combined import together
from gigawatt.buildout.design import Design
from gigawatt.buildout.plan import plan
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.supply import local_crew
from gigawatt.units import WEEKS_PER_YEAR

Array = np.ndarray

SEARCHED_WEEKS = 40 * WEEKS_PER_YEAR
SMALL_MW = 1.0  # of the campus whose supplies are asked for


@dataclass(frozen=True, slots=True)
class SupplyToday:
    """What there is of an item or of workers of a trade, by week, while suppliers expand as they do."""

    unit: str
    by_week: Array
    level: Spread  # doubt about it, relative
    world_per_year: float | None

    @property
    def a_week(self) -> Spread:
        """Units of the opening week, or workers in it."""
        return self.level * float(self.by_week[0])

    def years_until(self, per_week: float) -> float:
        """Years until `per_week` is reached; infinite if it is not within those looked at."""
        enough = np.nonzero(self.by_week >= per_week)[0]
        return float(enough[0]) / WEEKS_PER_YEAR if len(enough) else math.inf


@cache
def supplies(design: Design, region: str | None) -> dict[str, SupplyToday]:
    """What a plan with one campus in each region (or in the one) could draw on, item by item and trade by trade."""
    regions = catalog.items("regions") if region is None else (region,)
    projects = tuple(
        Project(name=name, region=name, start=OPENING, phases=(SMALL_MW,), design=design) for name in regions
    )
    laid = plan(Portfolio(projects=projects, weeks=SEARCHED_WEEKS))
    found: dict[str, SupplyToday] = {}
    for pool in laid.pools:
        name, world = pool.item.name, pool.item.world_per_week * WEEKS_PER_YEAR
        by_week = pool.capacity(SEARCHED_WEEKS)
        if name in found:
            by_week, world = by_week + found[name].by_week, max(world, found[name].world_per_year or 0.0)
        found[name] = SupplyToday(pool.item.unit, by_week, pool.item.level, world or None)
    trades = dict.fromkeys(crew.trade for crew in laid.crews)
    for crew in (local_crew(trade, name, laid.portfolio) for trade in trades for name in regions):
        workers = crew.workers(SEARCHED_WEEKS)
        before = found[crew.trade].by_week if crew.trade in found else 0.0
        counted = together(Spread.of(catalog.fact("regions", name, crew.trade)) for name in regions)
        found[crew.trade] = SupplyToday("workers", workers + before, counted * (1.0 / counted.median), None)
    return found
