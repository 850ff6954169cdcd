"""When everything in a portfolio begins and ends, draw by draw: what the event simulation and the fluid engine give."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.awaited import awaited
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
        rows = slice(None) if row is None else slice(row, row + 1)
        work, pools = self.plan.work, len(self.plan.pools)
        mw = np.array([task.mw for task in self.plan.tasks])
        found = awaited(work, self.finish[rows], self.arrives[rows])
        for_item, for_crew = found.weeks(work, self.ready[rows], self.begin[rows])
        total = np.zeros(pools + len(self.plan.crews))
        for weeks, code in ((for_item, found.item), (for_crew, np.broadcast_to(pools + work.crew, for_crew.shape))):
            some = (weeks > 0.0) & (code >= 0)
            np.add.at(total, code[some], (mw * weeks)[some])
        return total / len(found.own)


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
