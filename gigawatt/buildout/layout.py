"""Tasks, pools, crews and shocks laid out as the arrays of `Work`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.calendar import CALENDARS, pace
from gigawatt.buildout.projects import Portfolio
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.supply import REGIONAL, Crew, Pool, Shock, has_own
from gigawatt.buildout.tasks import Task
from gigawatt.buildout.work import Work

Array = np.ndarray
WHOLE = frozenset("project phase stage region rank crew calendar luck project_luck order_item order_rank".split())
TASKS = "project phase stage region weeks down up release_week rank crew workers calendar luck project_luck".split()
ORDERS = "order_item order_units units_down units_up order_week order_rank lead_weeks lead_down lead_up".split()


def laid_out(
    portfolio: Portfolio,
    tasks: Sequence[Task],
    pools: tuple[Pool, ...],
    crews: tuple[Crew, ...],
    shocks: tuple[Shock, ...],
) -> Work:
    """The arrays of a portfolio."""
    regions = list(dict.fromkeys(portfolio.projects[task.project].region for task in tasks))
    orders, first_order = order_columns(portfolio, tasks, pools)
    before = [index for task in tasks for index in task.before]
    return Work(
        **task_columns(portfolio, tasks, regions, crews), **orders, first_order=first_order,
        before=np.array(before, np.int64), first_before=_firsts([len(task.before) for task in tasks]),
        **queue_columns(orders, len(pools)), **supply_columns(pools, crews, shocks, portfolio.weeks),
        pace=np.array([pace(name, r, portfolio.start, portfolio.weeks) for name in CALENDARS for r in regions]),
        world_share=_share("world_share"), project_share=_share("project_share"), supply_share=_share("supply_share"),
    )  # fmt: skip


def task_columns(
    portfolio: Portfolio, tasks: Sequence[Task], regions: list[str], crews: tuple[Crew, ...]
) -> dict[str, Any]:
    """One row for each task."""
    crew_of = {(crew.trade, region): k for k, crew in enumerate(crews) for region in crew.regions}
    stages, there = [stage.name for stage in portfolio.stages], [crew.workers(portfolio.weeks) for crew in crews]
    rows = []
    for task in tasks:
        project = portfolio.projects[task.project]
        crew = crew_of[task.stage.trade, project.region] if task.wants_crew else -1
        workers, weeks = crewed(task, there[crew]) if crew >= 0 else (0.0, task.weeks)
        rows.append((
            task.project, task.phase, stages.index(task.stage.name), regions.index(project.region),
            0.0 if task.is_done else weeks.median, weeks.down, weeks.up, task.release_week, project.priority,
            crew, workers, CALENDARS.index(task.stage.calendar) * len(regions) + regions.index(project.region),
            luck(project.name, task.stage.name, task.phase), luck(project.name),
        ))  # fmt: skip
    return _columns(TASKS, rows)


def crewed(task: Task, there: Array) -> tuple[float, Spread]:
    """Workers held and duration; a task that wants more workers than there are at its release takes longer with all.

    Args:
        there: Workers by week.
    """
    wanted, most = task.stage.workers_per_mw * task.mw, float(there[min(int(task.release_week), len(there) - 1)])
    return (wanted, task.weeks) if wanted <= most else (most, task.weeks * (wanted / most))


def order_columns(portfolio: Portfolio, tasks: Sequence[Task], pools: tuple[Pool, ...]) -> tuple[dict[str, Any], Array]:
    """One row for each order, and the first order of each task."""
    pool_of = {(pool.item.name, region): i for i, pool in enumerate(pools) for region in pool.regions}
    rows = []
    for task in tasks:
        project = portfolio.projects[task.project]
        for need in task.orders:
            i = pool_of[need.item, project.region]
            item, amount, lead = pools[i].item, need.per_mw, pools[i].lead_weeks(project.region)
            rows.append((
                i, amount.median * task.mw, amount.down, amount.up, order_week(task, item.ahead_weeks, lead),
                project.priority, lead.median, lead.down, lead.up,
            ))  # fmt: skip
    return _columns(ORDERS, rows), _firsts([len(task.orders) for task in tasks])


def order_week(task: Task, ahead_weeks: float, lead: Spread) -> float:
    """When an item of a task is ordered: `ahead_weeks` before its project begins; for a phase that begins later than
    the lead time is long (in all but 5 % of cases), by the weeks between the two later than that."""
    return task.order_week - ahead_weeks + max(0.0, task.later_weeks - lead.high)


def queue_columns(orders: dict[str, Array], pools: int) -> dict[str, Any]:
    """The orders of each pool by the week of placing."""
    in_pool = np.lexsort((orders["order_week"], orders["order_item"])).astype(np.int64)
    first = np.searchsorted(orders["order_item"][in_pool], np.arange(pools + 1)).astype(np.int64)
    return {"in_pool": in_pool, "first_in_pool": first}


def supply_columns(
    pools: tuple[Pool, ...], crews: tuple[Crew, ...], shocks: tuple[Shock, ...], weeks: int
) -> dict[str, Any]:
    """What pools make and crews hold by week, and what shocks cut."""
    return {
        "capacity": np.array([pool.capacity(weeks) for pool in pools]).reshape(len(pools), weeks),
        "level_down": np.array([pool.item.level.down for pool in pools], np.float64),
        "level_up": np.array([pool.item.level.up for pool in pools], np.float64),
        "available": np.array([crew.workers(weeks) for crew in crews]).reshape(len(crews), weeks),
        "shock_per_week": np.array([shock.per_week for shock in shocks], np.float64),
        "shock_weeks": np.array([shock.weeks.median for shock in shocks], np.float64),
        "shock_down": np.array([shock.weeks.down for shock in shocks], np.float64),
        "shock_up": np.array([shock.weeks.up for shock in shocks], np.float64),
        "pool_luck": np.array([luck(pool.item.name, *own_region(pool)) for pool in pools], np.int64),
        "shock_luck": np.array([luck(shock.name) for shock in shocks], np.int64),
        "shock_cut": np.array([shock.cuts(pools) for shock in shocks]).reshape(len(shocks), len(pools)),
    }


def own_region(pool: Pool) -> tuple[str, ...]:
    """The region of a pool that serves only one of those that there are."""
    return pool.regions if pool.item.name in REGIONAL or has_own(pool.item.name, pool.regions[0]) else ()


def luck(*names: str | int) -> int:
    """Number of the luck of something by its name; equal for equal names, in every portfolio and on every machine."""
    return crc32("|".join(map(str, names)).encode()) >> 1


def _share(name: str) -> float:
    return float(catalog.value("buildout", "draws", name))


def _columns(names: list[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        name: np.array([row[k] for row in rows], np.int64 if name in WHOLE else np.float64)
        for k, name in enumerate(names)
    }


def _firsts(counts: list[int]) -> Array:
    """Where each part begins, and the end of the last; shape (parts + 1,)."""
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.int64)
