"""Float: how long a task may slip in a schedule before something else does."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.events import successors, work_done, workers_at
from gigawatt.buildout.outcome import Outcome
from gigawatt.buildout.work import Work

Array = np.ndarray
SLIGHT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Floats:
    """Weeks by task in one draw; shapes (tasks,). Infinite for what never ends."""

    total: Array  # by which it may begin later, if crews come when they are wanted, without delay of its project
    free: Array  # by which it may end later while what comes after it begins as it did
    with_crews: Array  # total float that also leaves every other project its crews: see `crew_links`


def floats(outcome: Outcome, row: int = 0) -> Floats:
    """Floats of one draw; those of the medians are in row 0 of a simulation without draws.

    A backward pass over the schedule as it came out: the last task of a project may not end later, and a task must be
    done by the latest begin of all that comes after it. Weeks are those of the calendar, with its holidays.
    """
    work, begin, finish = outcome.plan.work, outcome.begin[row], outcome.finish[row]
    end = outcome.project_finish()[row][work.project]
    after, first_after = successors(work)
    own = [after[first_after[j] : first_after[j + 1]] for j in range(len(begin))]
    free = np.array([min([*begin[own[j]], end[j]]) - finish[j] if math.isfinite(finish[j]) else math.inf
                     for j in range(len(begin))])  # fmt: skip
    linked = [np.array([*own[j], *also], np.int64) for j, also in enumerate(crew_links(work, begin, finish))]
    return Floats(
        total=_backward(work, begin, finish, end, own),
        free=np.maximum(0.0, free),
        with_crews=_backward(work, begin, finish, end, linked),
    )


def _backward(work: Work, begin: Array, finish: Array, end: Array, after: list[Array]) -> Array:
    """Latest begin less begin, when the tasks in `after` must not begin later than at their own latest."""
    done = work_done(work.pace)
    latest, slack = begin.copy(), np.full(len(begin), math.inf)
    for j in np.lexsort((np.arange(len(begin)), begin))[::-1]:
        if not math.isfinite(finish[j]):
            latest[j] = math.inf
            continue
        until = min([end[j], *latest[after[j]]])
        if math.isfinite(until):
            row = done[work.calendar[j]]
            weeks = worked(row, float(finish[j])) - worked(row, float(begin[j]))
            latest[j] = max(begin[j], latest_begin(row, float(until), weeks))
            slack[j] = latest[j] - begin[j]
        else:
            latest[j] = math.inf
    return slack


def worked(done: Array, week: float) -> float:
    """Weeks of work that a calendar has done by a moment; full weeks after its last."""
    horizon = len(done) - 1
    if week >= horizon:
        return float(done[horizon] + week - horizon)
    w = int(week)
    return float(done[w] + (week - w) * (done[w + 1] - done[w]))


def latest_begin(done: Array, until: float, weeks: float) -> float:
    """The last moment at which a task of so much work may begin that is to be done by `until`."""
    if weeks <= 0.0:
        return until
    wanted, horizon = worked(done, until) - weeks, len(done) - 1
    if wanted >= done[horizon]:
        return float(horizon + wanted - done[horizon])
    w = int(np.searchsorted(done, wanted, side="right")) - 1  # done[w] <= wanted < done[w + 1]
    return float(w + (wanted - done[w]) / (done[w + 1] - done[w])) if w >= 0 else 0.0


def crew_links(work: Work, begin: Array, finish: Array) -> list[list[int]]:
    """For each task, those that take over some of its workers.

    Workers are handed on in turn: a task takes first those that were never busy, then those that have been free for
    longest. Each schedule allows many ways to hand workers on; another may leave a task more float, or less.
    """
    found: list[list[int]] = [[] for _ in begin]
    for k in range(len(work.available)):
        own = np.flatnonzero((work.crew == k) & np.isfinite(begin))
        ends = deque(own[np.argsort(finish[own], kind="stable")].tolist())
        lots: deque[tuple[int, float]] = deque()  # (task that held them, workers), longest free first
        busy, free = 0.0, 0.0
        for j in own[np.argsort(begin[own], kind="stable")].tolist():
            while ends and finish[ends[0]] <= begin[j]:
                i = ends.popleft()
                lots.append((i, float(work.workers[i])))
                busy, free = busy - work.workers[i], free + work.workers[i]
            wanted = float(work.workers[j])
            fresh = workers_at(work.available[k], float(begin[j])) - busy - free
            if fresh < 0.0:  # some have left
                free -= sum(workers for _, workers in _taken(lots, -fresh))
            for i, workers in _taken(lots, wanted - max(0.0, fresh)):
                found[i].append(j)
                free -= workers
            busy += wanted
    return found


def _taken(lots: deque[tuple[int, float]], wanted: float) -> list[tuple[int, float]]:
    """Workers taken off the lots that have been free for longest: (task that held them, workers).

    Changes: lots.
    """
    found = []
    while lots and wanted > SLIGHT:
        i, workers = lots.popleft()
        taken = min(workers, wanted)
        found.append((i, taken))
        if workers > taken:
            lots.appendleft((i, workers - taken))
        wanted -= taken
    return found
