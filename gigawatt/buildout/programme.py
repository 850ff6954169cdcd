"""A programme of campuses that are ordered at a steady rate in all regions, as a portfolio of cohorts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw
from gigawatt.buildout.design import GRID, POWERS, Design, bill
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import Stage, standard_stages
from gigawatt.buildout.supply import Pool, has_own, item, local_crew
from gigawatt.units import DAYS_PER_WEEK

MIXED = "mixed"
EVERY_WEEKS = 4  # a cohort in each region
ONSITE = tuple(power for power in POWERS if power != GRID)
Array = np.ndarray


def programme(
    mw_per_week: float, share: float = 1.0, regions: Sequence[str] = (), start: dt.date = OPENING,
    power: str = MIXED, weeks: int = 780, every_weeks: int = EVERY_WEEKS,
) -> Plan:  # fmt: skip
    """Campuses of `mw_per_week` in all, ordered from `start` on, one cohort a region every few weeks.

    A region's part is as large as what its crews, its grid and the items of its own makers can take in the week of
    the order. `mixed`: sites go to
    the grid first and to plants of their own for the rest; each cohort has the source that lags behind its part most.
    A cohort stands for campuses of the size that durations are for, so that neither size nor practice changes them.

    Args:
        share: Of all supply and workers, that the programme can get.

    Raises:
        ValueError: A region or source of power is unknown, or the share is not within 0 and 1.
    """
    names = [catalog.named("regions", name) for name in regions] or list(catalog.items("regions"))
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share {share:g}: wants above 0 and up to 1 of the world's supply")
    parts = _parts(names, start, weeks, power)
    owed = np.zeros((len(names), len(POWERS)))
    projects = []
    for week in range(0, weeks, every_weeks):
        ordered = parts[:, :, week] / parts[:, :, week].sum() * mw_per_week * every_weeks
        owed += ordered
        for r, name in enumerate(names):
            mw, source = float(ordered[r].sum()), int(owed[r].argmax())
            if mw > 0.0:
                owed[r, source] -= mw
                projects.append(_cohort(f"{name} {week}", name, start + dt.timedelta(weeks=week), mw, POWERS[source]))
    laid = plan(Portfolio(projects=tuple(projects), start=start, weeks=weeks, stages=stages_of_cohorts()))
    work = laid.work
    return replace(laid, work=work._replace(capacity=work.capacity * share, available=work.available * share))


def stages_of_cohorts() -> tuple[Stage, ...]:
    """The stages of the catalog, whose durations depend on neither size nor practice."""
    return tuple(replace(stage, size_power=0.0, learning=0.0) for stage in standard_stages())


def _cohort(name: str, region: str, day: dt.date, mw: float, power: str) -> Project:
    return Project(name=name, region=region, start=day, phases=(mw,), design=Design(power=power))


def _parts(names: Sequence[str], start: dt.date, weeks: int, power: str) -> Array:
    """MW a week that each region can take by source of power; shape (regions, sources, weeks)."""
    if power not in (MIXED, *POWERS):
        raise ValueError(f"power {power!r}; known: {', '.join((MIXED, *POWERS))}")
    blank = Portfolio(projects=(_cohort("any", names[0], start, 1.0, GRID),), start=start, weeks=weeks)
    most = np.array([np.minimum(_by_crews(name, blank), _by_own_items(name, blank)) for name in names])
    grid = np.array([_path("grid_connection", name, blank) for name in names])
    found = np.zeros((len(names), len(POWERS), weeks))
    if power != MIXED:
        found[:, POWERS.index(power)] = np.minimum(most, grid) if power == GRID else most
        return found
    found[:, 0] = np.minimum(most, grid)
    rest = most - found[:, 0]
    for n, source in enumerate(ONSITE):
        apart = np.array([has_own(source, name) for name in names])
        room = np.maximum(rest[~apart].sum(axis=0), 1e-9)
        found[~apart, 1 + n] = rest[~apart] / room * _path(source, "", blank)
        for r, name in enumerate(names):
            if apart[r]:
                found[r, 1 + n] = _path(source, name, blank)
    plants = np.maximum(found[:, 1:].sum(axis=1), 1e-9)
    found[:, 1:] *= np.minimum(1.0, rest / plants)[:, None]
    return found


def _by_crews(region: str, of: Portfolio) -> Array:
    """MW a week that the workers of a region can build."""
    work = crew_weeks_per_mw(GRID, stages_of_cohorts())
    crews = [local_crew(trade, region, of) for trade in work]
    return np.asarray(np.min([crew.workers(of.weeks) / work[crew.trade].median for crew in crews], axis=0))


def _by_own_items(region: str, of: Portfolio) -> Array:
    """MW a week of the items that only makers of the region supply it with; without such, no limit."""
    own = [need for need in bill(Design()) if need.item != "grid_connection" and has_own(need.item, region)]
    limits = [_path(need.item, region, of) / need.per_mw.median for need in own]
    return np.asarray(np.min([np.full(of.weeks, np.inf), *limits], axis=0))


def _path(name: str, region: str, of: Portfolio) -> Array:
    """Capacity of an item by week."""
    days = (of.start - OPENING).days
    return Pool(item=item(name, region), regions=(region,), first_week=round(days / DAYS_PER_WEEK)).capacity(of.weeks)
