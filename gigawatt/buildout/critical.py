"""The critical path: what was binding, followed back from the end of a project, or of the whole portfolio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gigawatt.buildout.awaited import awaited
from gigawatt.buildout.blocks import run_blocks
from gigawatt.buildout.outcome import OWN, Outcome, cause_names
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel

Array = np.ndarray
NONE = -1
BY_PREDECESSOR, BY_CREW, BY_ITEM, BY_RELEASE = range(4)  # what a task was bound by


@dataclass(frozen=True, slots=True, kw_only=True)
class Critical:
    """Shares of the draws in which a task is on a critical path; shapes (tasks,)."""

    of_project: Array  # on that of its project
    of_portfolio: Array  # on that of the project that ends last, followed through the crews of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A task on a path, and what its begin was bound by: a predecessor, `workers`, an item, or its release."""

    task: int
    begin: float
    finish: float
    bound_by: str
    waited: float  # weeks, for the item or the workers


class Links(NamedTuple):
    """What the tasks of a plan may be bound by; see `Work`."""

    project: np.ndarray  # (tasks,)
    crew: np.ndarray  # (tasks,)
    members: np.ndarray  # tasks of pool k of workers: members[first_member[k]:first_member[k + 1]]
    first_member: np.ndarray  # (crews + 1,)


def critical(outcome: Outcome, threads: int | None = None) -> Critical:
    """How often each task is critical. The walk starts at the task that finishes last and goes back:

    - from a task that waited for workers to one that freed them at the moment when it began (for the path of a project,
      one of its own tasks); where there is none, as if it had not waited;
    - from a task whose last item came after its predecessors, nowhere: the item is what is critical;
    - else to the predecessor that finished last, unless the release was later.
    """
    work, tasks = outcome.plan.work, len(outcome.plan.tasks)
    links, projects = links_of(work), len(outcome.plan.portfolio.projects)
    own, whole = np.zeros((outcome.rows, tasks), np.bool_), np.zeros((outcome.rows, tasks), np.bool_)
    waits = awaited(work, outcome.finish, outcome.arrives)

    def block(first: int, last: int) -> None:
        rows = slice(first, last)
        walk_rows(
            work.project, projects, links, outcome.ready[rows], outcome.begin[rows], outcome.finish[rows],
            waits.own[rows], waits.before[rows], own[rows], whole[rows],
        )  # fmt: skip

    run_blocks(block, outcome.rows, threads)
    return Critical(of_project=own.mean(axis=0), of_portfolio=whole.mean(axis=0))


def path(outcome: Outcome, row: int = 0, project: int | None = None) -> tuple[Link, ...]:
    """The critical path of a draw, first task first: that of a project, or that of the whole portfolio."""
    work = outcome.plan.work
    ready, begin, finish = outcome.ready[row], outcome.begin[row], outcome.finish[row]
    links, waits = links_of(work), awaited(work, outcome.finish[row : row + 1], outcome.arrives[row : row + 1])
    own = np.arange(len(finish)) if project is None else np.flatnonzero(work.project == project)
    names, j, found = cause_names(outcome.plan), int(own[finish[own] == finish[own].max()][-1]), []
    while j != NONE:
        by, before, waited = bound_by(links, ready, begin, finish, waits.own[0], waits.before[0], j, project is None)
        crew, item = len(outcome.plan.pools) + work.crew[j], waits.item[0, j]
        text = {
            BY_PREDECESSOR: "predecessor",
            BY_CREW: names[crew] if work.crew[j] != OWN else "",
            BY_ITEM: names[item] if item != OWN else "",
            BY_RELEASE: "release",
        }[by]
        found.append(Link(task=j, begin=float(begin[j]), finish=float(finish[j]), bound_by=text, waited=waited))
        j = before
    return tuple(reversed(found))


def links_of(work: Work) -> Links:
    """What the tasks of a plan may be bound by."""
    members = np.argsort(work.crew, kind="stable")
    first = np.searchsorted(work.crew[members], np.arange(len(work.available) + 1))
    return Links(work.project, work.crew, members.astype(np.int64), first.astype(np.int64))


@kernel
def walk_rows(
    project: np.ndarray, projects: int, links: Links, ready: np.ndarray, begin: np.ndarray, finish: np.ndarray,
    since: np.ndarray, before: np.ndarray, own: np.ndarray, whole: np.ndarray,
) -> None:  # fmt: skip
    """Mark the tasks on the path of each project, and of the portfolio, in each draw; `since`, `before`: see `Awaited`.

    Changes: own, whole.
    """
    last = np.empty(projects + 1, np.int64)  # of each project, and of all
    for r in range(len(finish)):
        last[:] = NONE
        for j in range(len(project)):
            for p in (int(project[j]), projects):
                if last[p] == NONE or finish[r, j] >= finish[r, last[p]]:
                    last[p] = j
        for p in range(projects + 1):
            found = own[r] if p < projects else whole[r]
            j = last[p]
            while j != NONE:
                found[j] = True
                j = bound_by(links, ready[r], begin[r], finish[r], since[r], before[r], j, p == projects)[1]


@kernel
def bound_by(
    links: Links, ready: np.ndarray, begin: np.ndarray, finish: np.ndarray, since: np.ndarray, before: np.ndarray,
    j: int, is_shared: bool,
) -> tuple[int, int, float]:  # fmt: skip
    """What task j was bound by, the task that this leads to (-1: none), and the weeks that j waited for it."""
    k = links.crew[j]
    if k >= 0 and ready[j] < begin[j] < math.inf:
        for m in range(links.first_member[k], links.first_member[k + 1]):
            i = links.members[m]
            if finish[i] == begin[j] and (is_shared or links.project[i] == links.project[j]):
                return BY_CREW, int(i), float(begin[j] - ready[j])
    if ready[j] > since[j]:
        return BY_ITEM, NONE, float(ready[j] - since[j])
    return (BY_PREDECESSOR if before[j] != NONE else BY_RELEASE), int(before[j]), 0.0
