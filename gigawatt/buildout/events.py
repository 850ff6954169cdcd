"""The event simulation: every task, crew and delivery of a portfolio, exactly, draw by draw."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.buildout.blocks import run_blocks
from gigawatt.buildout.deliveries import Desk, deliver, desk
from gigawatt.buildout.draws import MEDIAN, Drawn, blank, redraw
from gigawatt.buildout.event_queues import (
    BORDER,
    BUSY,
    FIELDS,
    SLACK,
    TOUCHED,
    WAITING,
    all_due,
    drop,
    enough,
    join,
    leave,
    push,
    serve,
    soonest,
)  # fmt: skip
from gigawatt.buildout.heap import COLUMNS, ITEM, KEY
from gigawatt.buildout.outcome import Outcome
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import Portfolio
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel

Array = np.ndarray


def simulate(what: Portfolio | Plan, draws: int = 1000, seed: int = 1, threads: int | None = None) -> Outcome:
    """When everything begins and ends in each of `draws` draws; the same whatever the number of threads.

    Without draws (0) there is one, in which everything takes its median and no shock comes.

    Raises:
        ValueError: `draws` is below 0, or the portfolio cannot be laid out (see `plan`).
    """
    if draws < 0:
        raise ValueError(f"draws {draws}: wants 0 (medians only) or more")
    laid = plan(what) if isinstance(what, Portfolio) else what
    work = laid.work
    rows, tasks = max(draws, 1), len(work.weeks)
    ready, begin, finish = (np.full((rows, tasks), math.inf) for _ in range(3))
    cause = np.full((rows, tasks), -1, np.int64)
    arrives = np.empty((rows, len(work.order_item)))
    after, first_after = successors(work)
    done, peak = work_done(work.pace), np.maximum.accumulate(work.available, axis=1)

    def block(first: int, last: int) -> None:
        number = first if draws else MEDIAN
        run(
            work, seed, number, blank(work), desk(work), after, first_after, done, peak, ready[first:last],
            begin[first:last], finish[first:last], cause[first:last], arrives[first:last],
        )  # fmt: skip

    run_blocks(block, rows, threads)
    return Outcome(
        plan=laid, method="events", seed=seed, draws=draws, ready=ready, begin=begin, finish=finish, cause=cause,
        arrives=arrives,
    )  # fmt: skip


def successors(work: Work) -> tuple[Array, Array]:
    """Tasks that come after task j: after[first_after[j]:first_after[j + 1]]."""
    task_of_edge = np.repeat(np.arange(len(work.weeks)), np.diff(work.first_before))
    order = np.argsort(work.before, kind="stable")
    first = np.searchsorted(work.before[order], np.arange(len(work.weeks) + 1))
    return task_of_edge[order].astype(np.int64), first.astype(np.int64)


def work_done(pace: Array) -> Array:
    """Weeks of work done by the start of each week of each calendar; shape (calendars, weeks + 1)."""
    done = np.zeros((len(pace), pace.shape[1] + 1))
    np.cumsum(pace, axis=1, out=done[:, 1:])
    return done


@kernel
def run(
    work: Work, seed: int, number: int, found: Drawn, room: Desk, after: np.ndarray, first_after: np.ndarray,
    done: np.ndarray, peak: np.ndarray, ready: np.ndarray, begin: np.ndarray, finish: np.ndarray, cause: np.ndarray,
    arrives: np.ndarray,
) -> None:  # fmt: skip
    """Draws `number`, `number` + 1 ... one in each row; `found` and `room` are used again for each.

    Changes: found, room, ready, begin, finish, cause, arrives.
    """
    for r in range(len(finish)):
        redraw(work, seed, number + r, found)
        deliver(work, found, room, arrives[r])
        follow(
            work, found.weeks, arrives[r], after, first_after, done, peak, ready[r], begin[r], finish[r], cause[r]
        )  # fmt: skip


@kernel
def follow(
    work: Work, weeks: np.ndarray, arrives: np.ndarray, after: np.ndarray, first_after: np.ndarray, done: np.ndarray,
    peak: np.ndarray, ready: np.ndarray, begin: np.ndarray, finish: np.ndarray, cause: np.ndarray,
) -> None:  # fmt: skip
    """One draw, event by event: tasks become ready, begin when their crew is free, and finish.

    All that happens at one moment is taken in before any pool of workers serves its queue. Event j of the heap is the
    finish of task j, event tasks + j the moment at which it is ready.

    Changes: ready, begin, finish, cause (given as infinite, and cause as -1).
    """
    tasks, pools, crews = len(weeks), len(work.capacity), len(work.available)
    first_order, order_item, rank, crew = work.first_order, work.order_item, work.rank, work.crew
    workers, calendar, available = work.workers, work.calendar, work.available
    events, number = np.empty((tasks, COLUMNS)), np.zeros(1, np.int64)
    ahead, own = np.empty(tasks, np.int64), work.release_week.copy()  # predecessors to come; when these are past
    first, waiting = rooms(crew, crews), np.empty((tasks, COLUMNS))
    pool, touched, border = np.zeros((crews, FIELDS)), np.empty(crews, np.int64), math.inf
    pool[:, BORDER] = math.inf
    for j in range(tasks):
        ahead[j] = work.first_before[j + 1] - work.first_before[j]
        if ahead[j] == 0:
            awaken(first_order, order_item, arrives, own[j], j, ready, cause, events, number)
    while number[0] > 0 or border < math.inf:
        now = min(border, events[0, KEY]) if number[0] > 0 else border
        if now == math.inf:
            break
        count = 0
        while number[0] > 0 and events[0, KEY] <= now:
            j = drop(events, number)
            if j < tasks:
                if crew[j] >= 0:
                    count = leave(workers[j], pool, crew[j], touched, count)
                for e in range(first_after[j], first_after[j + 1]):
                    i = after[e]
                    own[i], ahead[i] = max(own[i], now), ahead[i] - 1
                    if ahead[i] == 0:
                        awaken(first_order, order_item, arrives, own[i], i, ready, cause, events, number)
                continue
            j -= tasks
            if crew[j] >= 0:
                count = join(rank[j], ready[j], waiting, first[crew[j]], pool, crew[j], j, touched, count)
            else:
                start(j, now, weeks[j], done, calendar[j], begin, finish, events, number)
        if border <= now:
            count = all_due(pool, now, touched, count)
        for n in range(count):
            k = touched[n]
            most = available[k, min(int(now), available.shape[1] - 1)] * (1 + SLACK)
            while pool[k, WAITING] > 0 and pool[k, BUSY] + workers[int(waiting[first[k], ITEM])] <= most:
                j = serve(workers, waiting, first[k], pool, k)
                start(j, now, weeks[j], done, calendar[j], begin, finish, events, number)
                if now > ready[j]:
                    cause[j] = pools + k
            pool[k, TOUCHED], pool[k, BORDER] = 0, math.inf
            if pool[k, WAITING] > 0:
                pool[k, BORDER] = enough(peak, k, now, pool[k, BUSY] + workers[int(waiting[first[k], ITEM])])
        if count > 0:
            border = soonest(pool)


@kernel
def rooms(crew: np.ndarray, crews: int) -> np.ndarray:
    """Where the queue of each pool of workers begins in an array with room for all tasks; shape (crews + 1,)."""
    first = np.zeros(crews + 1, np.int64)
    for j in range(len(crew)):
        if crew[j] >= 0:
            first[crew[j] + 1] += 1
    for k in range(crews):
        first[k + 1] += first[k]
    return first


@kernel
def awaken(
    first_order: np.ndarray, order_item: np.ndarray, arrives: np.ndarray, own: float, j: int, ready: np.ndarray,
    cause: np.ndarray, events: np.ndarray, number: np.ndarray,
) -> None:  # fmt: skip
    """Predecessors and release of task j are past at `own`: note when its items are there too, which is an event.

    Changes: ready, cause, events, number.
    """
    ready[j] = own
    for o in range(first_order[j], first_order[j + 1]):
        if arrives[o] > ready[j]:
            ready[j] = arrives[o]
            cause[j] = order_item[o]
    push(events, number, ready[j], len(ready) + j)


@kernel
def start(
    j: int, now: float, weeks: float, done: np.ndarray, calendar: int, begin: np.ndarray, finish: np.ndarray,
    events: np.ndarray, number: np.ndarray,
) -> None:  # fmt: skip
    """Task j begins.

    Changes: begin, finish, events, number.
    """
    begin[j] = now
    finish[j] = finished(done[calendar], now, weeks)
    push(events, number, finish[j], j)


@kernel
def finished(done: np.ndarray, begun: float, weeks: float) -> float:
    """When a task of `weeks` of work is finished that begins at `begun`; `done` is work by the start of each week.

    After the last week of the calendar a week is a full week.
    """
    if weeks <= 0:
        return begun
    horizon = len(done) - 1
    if begun >= horizon:
        return begun + weeks
    w = int(begun)
    wanted = done[w] + (begun - w) * (done[w + 1] - done[w]) + weeks
    if wanted > done[horizon]:
        return float(horizon + (wanted - done[horizon]))
    low, high = w, horizon  # done[low] < wanted <= done[high]
    while high - low > 1:
        middle = (low + high) // 2
        if done[middle] < wanted:
            low = middle
        else:
            high = middle
    return float(low + (wanted - done[low]) / (done[high] - done[low]))


def workers_at(available: Array, week: float) -> float:
    """Workers of a pool at a moment: those of its week, of the last one after the horizon."""
    return float(available[min(int(week), len(available) - 1)])
