"""What the exact schedule is made of in whole steps of time: earliest begins, durations, workers and deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.exact_settle import Array, Medians, level_at
from gigawatt.units import DAYS_PER_WEEK

MOST_SUMS = 500  # different amounts of an item that are told apart before its supply is read week by week
GRAIN = 10**9  # whole parts into which workers and units are cut
NEAR = 1e-6  # of a step, within which a time stands on it


@dataclass(frozen=True, slots=True)
class Cap:
    """Tasks that may draw on something together no faster than it comes: `most[k]` from `steps[k]` on."""

    tasks: tuple[int, ...]
    takes: tuple[int, ...]  # by task
    steps: tuple[int, ...]  # rising, the first is 0
    most: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Time in steps. Rounded up, a schedule on the grid can be kept; rounded down, none that can be kept is better."""

    medians: Medians
    up: bool
    steps_per_week: int = DAYS_PER_WEEK

    def step(self, weeks: Array | float) -> Array:
        """Weeks as whole steps; a time within `NEAR` of a step stands on it."""
        steps = np.asarray(weeks, float) * self.steps_per_week
        return (np.ceil(steps - NEAR) if self.up else np.floor(steps + NEAR)).astype(np.int64)

    def finishes(self, task: int, last: int) -> Array:
        """Step at which a task finishes, by the step 0 to `last` at which it begins."""
        return self.step(self.medians.finish_week(task, np.arange(last + 1) / self.steps_per_week))

    def lasts(self, task: int, horizon: int) -> Array:
        """Steps from begin to finish by the step at which it begins; one number where it is always the same."""
        if np.all(self.medians.work.pace[self.medians.work.calendar[task]] == 1.0):
            return self.step(self.medians.found.weeks[task]).reshape(1)
        return self.finishes(task, horizon) - np.arange(horizon + 1)


def heads(medians: Medians) -> Array:
    """Earliest week at which each task could begin were nothing shared with others; shape (tasks,)."""
    work, found = medians.work, medians.found
    begin = work.release_week.astype(float)
    finish = np.zeros(len(begin))
    for j in range(len(begin)):
        for o in range(work.first_order[j], work.first_order[j + 1]):
            pool = int(work.order_item[o])
            from_start = float(made_by(medians, pool, work.order_week[o]))
            alone = float(medians.made_week(pool, from_start + found.units[o]))
            begin[j] = max(begin[j], alone, work.order_week[o] + found.lead_weeks[o])
        begin[j] = max([begin[j], *finish[medians.before(j)]])
        finish[j] = medians.finish_week(j, begin[j])
    return begin


def made_by(medians: Medians, pool: int, week: Array | float) -> Array:
    """Units made by a week from week 0 on."""
    return level_at(medians.made[pool], np.maximum(0.0, week), after=float(medians.found.capacity[pool, -1]))


def crew_cap(grid: Grid, crew: int, horizon: int) -> Cap:
    """Workers of a crew by step, and what its tasks hold."""
    work = grid.medians.work
    tasks = np.flatnonzero((work.crew == crew) & (grid.medians.found.weeks > 0.0))
    weeks = np.arange(max(1, -(-horizon // grid.steps_per_week)))
    available = work.available[crew, np.minimum(weeks, work.available.shape[1] - 1)]
    scale = GRAIN / work.available[crew].max()
    takes = np.round(work.workers[tasks] * scale).astype(np.int64)
    most = np.minimum(np.round(available * scale).astype(np.int64) + len(tasks), takes.sum())
    sums = _sums(takes)
    if sums is not None:  # what lies between two sums nobody can hold
        most = sums[np.searchsorted(sums, most, side="right") - 1].astype(np.int64)
    change = np.flatnonzero(np.diff(most, prepend=-1))
    return Cap(whole(tasks), whole(takes), whole(change * grid.steps_per_week), whole(most[change]))


def item_caps(grid: Grid, horizon: int) -> Iterator[Cap]:
    """For every pool and week of ordering: what is made since then, and the tasks whose orders were placed since.

    A set of orders can be met by its dates if, and only if, for every week of ordering and every date the orders placed
    since the one and wanted by the other take no more than is made between the two (Horn 1974,
    doi:10.1002/nav.3800210113).
    """
    work, medians = grid.medians.work, grid.medians
    task_of_order = medians.task_of_order
    placed = np.maximum(0.0, work.order_week)
    for pool in range(len(work.capacity)):
        mine = work.in_pool[work.first_in_pool[pool] : work.first_in_pool[pool + 1]]
        for since in np.unique(placed[mine]):
            orders = mine[placed[mine] >= since]
            tasks, which = np.unique(task_of_order[orders], return_inverse=True)
            if len(tasks) > 1:
                units = np.bincount(which, medians.found.units[orders])
                yield _item_cap(grid, pool, float(since), tasks, units, horizon)


def _item_cap(grid: Grid, pool: int, since: float, tasks: Array, units: Array, horizon: int) -> Cap:
    """What a pool makes from `since` on, by the steps at which it is enough for some more of the tasks."""
    medians, total = grid.medians, float(units.sum())
    sums = _sums(units)
    start = float(made_by(medians, pool, since))
    if sums is not None:
        steps = grid.step(np.minimum(medians.made_week(pool, start + sums), horizon / grid.steps_per_week + 1.0))
    else:
        weeks = np.arange(-(-horizon // grid.steps_per_week) + 1)
        steps = weeks * grid.steps_per_week
        made = made_by(medians, pool, weeks + (0 if grid.up else 1))
        sums = np.maximum(0.0, made - start)
    steps = np.where(sums <= 0.0, 0, steps)
    most = np.minimum(np.round(sums / total * GRAIN).astype(np.int64) + len(units), GRAIN + len(units))
    last = np.flatnonzero(np.append(np.diff(steps) > 0, True) & (steps <= horizon))  # of those on one step the most
    return Cap(whole(tasks), whole(np.round(units / total * GRAIN)), whole(steps[last]), whole(most[last]))


def _sums(units: Array) -> Array | None:
    """All amounts that some of the units add up to, from 0; None where there are too many."""
    sums = np.zeros(1)
    for amount in units:
        sums = np.unique(np.round(np.concatenate([sums, sums + amount]), 9))
        if len(sums) > MOST_SUMS:
            return None
    return sums


def whole(values: Array) -> tuple[int, ...]:
    """Numbers as integers of Python."""
    return tuple(int(value) for value in values)
