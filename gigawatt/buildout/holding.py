"""What holds a project: the chain of tasks that made it as late as it is, and what they waited for, draw by draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.awaited import NOTHING, awaited
from gigawatt.buildout.critical import critical
from gigawatt.buildout.outcome import Outcome
from gigawatt.units import WEEKS_PER_YEAR

Array = np.ndarray
A_WAIT = 1.0  # weeks; what is less holds nothing
CENTURY = 100 * WEEKS_PER_YEAR  # what comes later never comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Weeks on the chain of tasks of each project that ends last, and how often each task is critical."""

    waiting: Array  # (draws, projects, causes) for items, then for workers, as in `outcome.cause_names`
    working: Array  # (draws, projects, stages)
    critical: Array  # (tasks,) share of the draws in which it is on the critical path of its project

    def of(self, project: int) -> tuple[int, float, float]:
        """What a project waits for longest in most draws: its code (-1: it waits for nothing), weeks of it in the mean
        of all draws, and the share of draws."""
        counts = np.bincount(self.longest()[:, project] + 1)
        code = int(counts.argmax()) - 1
        weeks = float(self.waiting[:, project, code].mean()) if code != NOTHING else 0.0
        return code, weeks, float(counts.max() / counts.sum())

    def longest(self) -> Array:
        """The cause that each project waits for longest in each draw, -1 for none; shape (draws, projects)."""
        if not self.waiting.shape[2]:
            return np.full(self.waiting.shape[:2], NOTHING)
        return np.where(self.waiting.max(axis=2) >= A_WAIT, self.waiting.argmax(axis=2), NOTHING)

    def longest_work(self, project: int) -> int:
        """The stage that takes most of the chain's weeks of work."""
        return int(self.working[:, project].mean(axis=0).argmax())


def holding(outcome: Outcome) -> Held:
    """Follow the chain of each project from its end back, in each draw: from a task to the predecessor that finished
    last, until there is none.

    A task waits for the item that came last from the finish of that predecessor (or its release) until it is ready, and
    for workers from then until it begins. Where supply does not suffice within a century the wait lasts to the end of
    the plan's weeks, or to the last finish of the draw where that is later.
    """
    plan, work = outcome.plan, outcome.plan.work
    latest = np.where(outcome.finish < CENTURY, outcome.finish, 0.0).max(axis=1)
    end = np.maximum(latest, plan.portfolio.weeks)[:, None]
    ready, begin, finish = (np.minimum(x, end) for x in (outcome.ready, outcome.begin, outcome.finish))
    found = awaited(work, finish, outcome.arrives)
    rows, pools, projects = np.arange(outcome.rows), len(plan.pools), len(plan.portfolio.projects)
    waiting = np.zeros((len(rows), projects, pools + len(plan.crews)))
    working = np.zeros((len(rows), projects, len(plan.stages)))
    for p in range(projects):
        tasks = np.flatnonzero(work.project == p)
        draws, task = rows, tasks[finish[:, tasks].argmax(axis=1)]
        while len(draws):
            at = (draws, task)
            working[draws, p, work.stage[task]] += finish[at] - begin[at]  # a draw comes once: nothing is lost
            for weeks, code in (
                (ready[at] - found.own[at], found.item[at]),
                (begin[at] - ready[at], pools + work.crew[task]),
            ):
                some = (weeks > 0.0) & (code >= 0) & ((code < pools) | (work.crew[task] >= 0))
                waiting[draws[some], p, code[some]] += weeks[some]
            before = found.before[at]
            draws, task = draws[before >= 0], before[before >= 0]
    return Held(waiting=waiting, working=working, critical=critical(outcome).of_project)
