"""A programme of campuses that are ordered at a steady rate in all regions, as a portfolio of cohorts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.announced import announced
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw
from gigawatt.buildout.design import GRID, POWERS, Design, bill
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import Stage, standard_stages
from gigawatt.buildout.supply import Pool, has_own, item, local_crew
from gigawatt.buildout.work import Work
from gigawatt.units import DAYS_PER_WEEK

MIXED = "mixed"
EVERY_WEEKS = 4  # a cohort in each region
ONSITE = tuple(power for power in POWERS if power != GRID)
Array = np.ndarray


def programme(
    mw_per_week: float, share: float = 1.0, regions: Sequence[str] = (), start: dt.date = OPENING,
    power: str = MIXED, weeks: int = 780, every_weeks: int = EVERY_WEEKS, sites: bool = True,
) -> Plan:  # fmt: skip
    """Campuses of `mw_per_week` in all, ordered from `start` on, one cohort a region every few weeks.

    A region's part is as large as what its crews, its grid and the items of its own makers can take in the week of
    the order. `mixed`: sites go to
    the grid first and to plants of their own for the rest; each cohort has the source that lags behind its part most.
    A cohort stands for campuses of the size that durations are for, so that neither size nor practice changes them.
    The plan begins at the opening, however late the orders do, and holds the announced sites that are not up in full:
    they ordered first, so that they come before it in every queue. Where the programme has a share of the world only,
    they draw on the rest of it and are left out.

    Args:
        share: Of all supply and workers, that the programme can get.
        sites: Whether sites under way count.

    Raises:
        ValueError: A region or source of power is unknown, the share is not within 0 and 1, or `start` is early.
    """
    names = [catalog.named("regions", name) for name in regions] or list(catalog.items("regions"))
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share {share:g}: wants above 0 and up to 1 of the world's supply")
    first = ordered_from(start, weeks)
    parts = _parts(names, OPENING, weeks, power)
    owed = np.zeros((len(names), len(POWERS)))
    projects = list(announced().projects) if sites and share == 1.0 else []
    for week in range(first, weeks, every_weeks):
        ordered = parts[:, :, week] / parts[:, :, week].sum() * mw_per_week * every_weeks
        owed += ordered
        for r, name in enumerate(names):
            mw, source = float(ordered[r].sum()), int(owed[r].argmax())
            if mw > 0.0:
                owed[r, source] -= mw
                projects.append(_cohort(f"{name} {week}", name, OPENING + dt.timedelta(weeks=week), mw, POWERS[source]))
    laid = plan(Portfolio(projects=tuple(projects), weeks=weeks, stages=stages_of_cohorts()))
    work = unstretched(laid)
    return replace(laid, work=work._replace(capacity=work.capacity * share, available=work.available * share))


def ordered_from(start: dt.date, weeks: int) -> int:
    """Week of the plan from which a programme is ordered.

    Raises:
        ValueError: It is before the opening of the catalog, or after the end of the plan.
    """
    last = OPENING + dt.timedelta(weeks=weeks - 1)
    if not OPENING <= start <= last:
        raise ValueError(f"orders from {start}: wants {OPENING}, from which supply is known, to {last}")
    return math.ceil((start - OPENING).days / DAYS_PER_WEEK)


def is_cohort(project: Project) -> bool:
    """Whether a project of a programme is ordered by it; a site under way has a date due."""
    return project.due is None


def unstretched(laid: Plan) -> Work:
    """Tasks with the whole gang that they want, however few workers there are: a cohort takes them in parts."""
    own = laid.work.crew >= 0
    wanted = np.array([task.stage.workers_per_mw * task.mw for task in laid.tasks])
    weeks = np.array([0.0 if task.is_done else task.weeks.median for task in laid.tasks])
    return laid.work._replace(workers=np.where(own, wanted, 0.0), weeks=weeks)


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
