"""A portfolio at its medians, and the earliest schedule in which tasks are placed one by one in a given order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gigawatt.buildout.deliveries import deliveries
from gigawatt.buildout.draws import MEDIAN, Drawn, draw
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.work import Work

SLACK = 1e-6  # share of a crew by which rounding may exceed it
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Medians:
    """A plan with everything uncertain at its median."""

    plan: Plan
    found: Drawn = field(init=False)
    done: Array = field(init=False)  # (calendars, weeks + 1) weeks of work done by each week border
    made: Array = field(init=False)  # (pools, weeks + 1) units made by each week border

    def __post_init__(self) -> None:
        found = draw(self.plan.work, 0, MEDIAN)
        object.__setattr__(self, "found", found)
        object.__setattr__(self, "done", _running(self.plan.work.pace))
        object.__setattr__(self, "made", _running(found.capacity))

    @property
    def work(self) -> Work:
        """The arrays of the plan."""
        return self.plan.work

    @property
    def task_of_order(self) -> Array:
        """Index of the task that waits for each order; shape (orders,)."""
        return np.repeat(np.arange(len(self.work.weeks)), np.diff(self.work.first_order))

    def before(self, task: int) -> Array:
        """Indices of the predecessors of a task."""
        return self.work.before[self.work.first_before[task] : self.work.first_before[task + 1]]

    def finish_week(self, task: int, begin: Array | float) -> Array:
        """Week at which a task begun at `begin` finishes on its calendar."""
        begin = np.asarray(begin, float)
        weeks = self.found.weeks[task]
        if weeks == 0.0:
            return begin
        done = self.done[self.work.calendar[task]]
        return week_of(done, level_at(done, begin) + weeks, after=1.0)

    def made_week(self, pool: int, units: Array | float) -> Array:
        """Week by which a pool has made so many units since week 0; infinite where it never does."""
        return week_of(self.made[pool], units, after=float(self.found.capacity[pool, -1]))


def _running(rates: Array) -> Array:
    """Sums of weekly rates by each week border; shape (rows, weeks + 1)."""
    return np.concatenate([np.zeros((len(rates), 1)), np.cumsum(rates, axis=1)], axis=1)


def level_at(sums: Array, week: Array | float, after: float = 1.0) -> Array:
    """What has added up by `week`, of sums by week border; `after` is the weekly rate beyond them."""
    last = len(sums) - 1
    level: Array = np.interp(week, np.arange(last + 1.0), sums)
    return np.asarray(level + after * np.maximum(0.0, np.asarray(week) - last))


def week_of(sums: Array, level: Array | float, after: float) -> Array:
    """The first week by which `level` is reached, of sums by week border; the inverse of `level_at`."""
    last = len(sums) - 1
    level = np.asarray(level, float)
    w = np.clip(np.searchsorted(sums, level) - 1, 0, last - 1)  # sums[w] < level <= sums[w + 1]
    rate = sums[w + 1] - sums[w]
    within = w + (level - sums[w]) / np.where(rate > 0.0, rate, 1.0)
    beyond = last + (level - sums[last]) / after if after > 0.0 else np.full(level.shape, np.inf)
    return np.where(level > sums[last], beyond, np.maximum(0.0, within))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weeks at which tasks begin and finish and orders arrive."""

    begin: Array  # (tasks,)
    finish: Array  # (tasks,)
    arrives: Array  # (orders,)


def settled(medians: Medians, wanted: Array, whole: Callable[[Array], Array] = np.asarray) -> Schedule:
    """The schedule in which tasks, taken in the order of their `wanted` begins, each begin as soon as they can.

    Items go to orders in the same order, and so do workers: a later task may go ahead only where it delays none that
    was placed before. Where `wanted` is a schedule that can be kept, no task is later than wanted: orders are served
    by the date they are wanted, which meets all dates that can be met, and every task finds its workers free.
    `whole` rounds weeks up, to begin and finish on steps of time only.
    """
    work = medians.work
    turn = np.lexsort((np.arange(len(wanted)), wanted))
    place = np.empty(len(wanted), np.int64)
    place[turn] = np.arange(len(wanted))
    arrives = deliveries(work._replace(order_rank=place[medians.task_of_order]), medians.found)
    arrives, release = whole(arrives), whole(work.release_week)
    begin, finish = np.zeros(len(wanted)), np.zeros(len(wanted))
    placed: dict[int, list[int]] = {}
    for j in (int(j) for j in turn):
        orders = arrives[work.first_order[j] : work.first_order[j + 1]]
        ready = max([float(release[j]), *finish[medians.before(j)], *orders])
        crew = int(work.crew[j])
        mates = placed.setdefault(crew, [])
        begin[j] = ready if crew < 0 else _free(medians, j, ready, begin[mates], finish[mates], work.workers[mates])
        finish[j] = whole(medians.finish_week(j, begin[j]))
        mates.append(j)
    return Schedule(begin, finish, arrives)


def _free(medians: Medians, task: int, ready: float, begins: Array, finishes: Array, held: Array) -> float:
    """First week from `ready` on at which the workers of a task are free, given the tasks placed already."""
    work = medians.work
    available = work.available[work.crew[task]]
    rises = np.flatnonzero(np.diff(available) > 0.0) + 1.0
    times = np.unique(np.concatenate([[ready], finishes[finishes > ready], rises[rises > ready]]))
    for at in (float(at) for at in times):
        until = float(medians.finish_week(task, at))
        checks = np.concatenate([[at], begins[(begins > at) & (begins < until)]])
        running = (begins[:, None] <= checks) & (checks < finishes[:, None])
        free = available[np.minimum(checks.astype(int), len(available) - 1)] * (1.0 + SLACK)
        if np.all((running * held[:, None]).sum(axis=0) + work.workers[task] <= free):
            return at
    raise ValueError(f"task {task}: {work.workers[task]:g} workers are never free")
