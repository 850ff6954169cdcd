"""When everything in a portfolio begins and ends, draw by draw: what the event simulation and the fluid engine give."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.plan import Plan
from gigawatt.buildout.work import Work
from gigawatt.units import DAYS_PER_WEEK

Array = np.ndarray
P10, P50, P90 = QUANTILES = (0.1, 0.5, 0.9)
OWN = -1  # cause of a task that waited for nothing but its own predecessors
OWN_NAME = "own work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Weeks from the start of the plan, by draw; infinite where supply never suffices."""

    plan: Plan
    method: str  # "events" or "fluid"
    seed: int
    draws: int  # as asked for; 0 is one draw in which everything takes its median
    ready: Array  # (draws, tasks) when only workers were missing
    begin: Array  # (draws, tasks)
    finish: Array  # (draws, tasks)
    cause: Array  # (draws, tasks) what it waited for last: a pool of supply, then a pool of workers, -1 for neither
    arrives: Array  # (draws, orders)

    @property
    def rows(self) -> int:
        """Draws that are there: at least 1."""
        return len(self.finish)

    @property
    def phases(self) -> tuple[tuple[int, int], ...]:
        """(project, phase) in order."""
        return tuple((p, k) for p, one in enumerate(self.plan.portfolio.projects) for k in range(len(one.phases)))

    @property
    def phase_mw(self) -> Array:
        """Power of each phase; shape (phases,)."""
        return np.array([mw for project in self.plan.portfolio.projects for mw in project.phases])

    def project_finish(self) -> Array:
        """Week at which all tasks of a project are finished; shape (draws, projects)."""
        return _latest(self.finish, self.plan.work.project, len(self.plan.portfolio.projects))

    def phase_finish(self) -> Array:
        """Week at which a phase is energised: all its tasks are finished; shape (draws, phases) as in `phases`.

        A phase without tasks of its own comes with its project.
        """
        work = self.plan.work
        place = {pair: n for n, pair in enumerate(self.phases)}
        pairs = zip(work.project.tolist(), work.phase.tolist(), strict=True)
        group = np.array([place.get(pair, OWN) for pair in pairs], np.int64)
        found = _latest(self.finish, group, len(place))
        whole = self.project_finish()
        for n, (p, _) in enumerate(self.phases):
            if not (group == n).any():
                found[:, n] = whole[:, p]
        return found

    def energised_mw(self, weeks: int | None = None) -> Array:
        """Cumulative power up by the end of each week; shape (draws, weeks), by default those of the portfolio."""
        weeks = weeks or self.plan.portfolio.weeks
        found = np.zeros((self.rows, weeks + 1))
        finish, mw = self.phase_finish(), self.phase_mw
        week = np.clip(np.ceil(np.minimum(finish, weeks + 1)) - 1, 0, weeks).astype(np.int64)  # up by the end of it
        for n in range(len(mw)):
            found[np.arange(self.rows), week[:, n]] += mw[n]
        return np.cumsum(found[:, :weeks], axis=1)

    def probability_by(self, day: dt.date) -> Array:
        """Share of draws in which a project is finished on a day; shape (projects,)."""
        return np.asarray((self.project_finish() <= week_of(self.plan, day)).mean(axis=0))

    def held(self, row: int | None = None) -> Array:
        """Waiting by cause in MW-weeks, mean of the draws or one of them; shape (pools + crews,), see `cause_names`.

        A task of n MW waits for the last of its items from when its predecessors are finished to `ready`, and for
        workers from `ready` to `begin`.
        """
        chosen = range(self.rows) if row is None else (row,)
        mw = np.array([task.mw for task in self.plan.tasks])
        work, pools = self.plan.work, len(self.plan.pools)
        total = np.zeros(pools + len(self.plan.crews))
        for r in chosen:
            item, late = last_item(self.plan, self.finish[r], self.arrives[r])
            for_item = (late > 0.0) & (item >= 0)
            np.add.at(total, item[for_item], (mw * late)[for_item])
            begun = (work.crew >= 0) & np.isfinite(self.ready[r])
            waited = np.where(begun, self.begin[r] - np.where(begun, self.ready[r], 0.0), 0.0)
            np.add.at(total, pools + work.crew[begun], (mw * waited)[begun])
        return total / len(chosen)


def last_item(plan: Plan, finish: Array, arrives: Array) -> tuple[Array, Array]:
    """Of each task in one draw: the pool of the item that came last (-1 for none), and how many weeks later it came
    than all predecessors and the release; 0 where nothing was missing."""
    work = plan.work
    tasks = len(work.weeks)
    own = work.release_week.copy()
    task_of_edge = np.repeat(np.arange(tasks), np.diff(work.first_before))
    np.maximum.at(own, task_of_edge, finish[work.before])
    task_of_order = np.repeat(np.arange(tasks), np.diff(work.first_order))
    last = np.full(tasks, -math.inf)
    np.maximum.at(last, task_of_order, arrives)
    item = np.full(tasks, OWN)
    is_last = arrives == last[task_of_order]
    item[task_of_order[is_last][::-1]] = work.order_item[is_last][::-1]  # the first of several
    finite = np.isfinite(own)
    late = np.where(finite, np.maximum(0.0, last - np.where(finite, own, 0.0)), 0.0)
    return item, late


def beyond_lead_weeks(work: Work, arrives: Array, lead_weeks: Array) -> Array:
    """Weeks by which orders arrive after their lead time, in the queue of a supplier; shape of `arrives`.

    What was ordered so early that its lead time is over before the plan begins could arrive at its begin.
    """
    return np.asarray(np.maximum(0.0, arrives - np.maximum(0.0, work.order_week + lead_weeks)))


def _latest(finish: Array, group: Array, count: int) -> Array:
    """Latest finish of the tasks of each group, those of group -1 left out; shape (draws, count)."""
    found = np.zeros((len(finish), count))
    for n in range(count):
        own = np.flatnonzero(group == n)
        if len(own):
            found[:, n] = finish[:, own].max(axis=1)
    return found


def quantile(values: Array, share: float) -> Array:
    """The least value that at least `share` of the draws (first axis) stay at or below; may be infinite."""
    place = max(0, math.ceil(share * len(values) - 1e-9) - 1)
    return np.asarray(np.partition(values, place, axis=0)[place])


def quantiles(values: Array, shares: Sequence[float] = QUANTILES) -> Array:
    """P10, P50 and P90 of draws along the first axis; shape (3, ...)."""
    return np.array([quantile(values, share) for share in shares])


def date_of(plan: Plan, week: float) -> dt.date | None:
    """The day on which a week (fractional, from the start of the plan) falls; None where it never comes."""
    if not math.isfinite(week):
        return None
    try:
        return plan.portfolio.start + dt.timedelta(days=math.floor(week * DAYS_PER_WEEK + 1e-6))
    except OverflowError:
        return None


def week_of(plan: Plan, day: dt.date) -> float:
    """The end of a day in weeks from the start of the plan."""
    return ((day - plan.portfolio.start).days + 1) / DAYS_PER_WEEK


def cause_names(plan: Plan) -> tuple[str, ...]:
    """Names of the causes by code: items, with their region where every region has its own, then trades by nation."""
    items = [pool.item.name for pool in plan.pools]
    shared = {name for name in items if items.count(name) > 1}
    pools = [f"{p.item.name} in {' and '.join(p.regions)}" if p.item.name in shared else p.item.name
             for p in plan.pools]  # fmt: skip
    return (*pools, *(f"{crew.trade} in {crew.place}" for crew in plan.crews))


def cause_name(plan: Plan, code: int) -> str:
    """Name of one cause; -1 is the task's own chain of work."""
    return OWN_NAME if code == OWN else cause_names(plan)[code]
