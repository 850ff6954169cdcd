"""The event simulation: every task, crew and delivery of a portfolio, exactly, draw by draw."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from gigawatt.buildout.deliveries import Desk, deliver, desk
from gigawatt.buildout.draws import MEDIAN, Drawn, blank, redraw
from gigawatt.buildout.outcome import Outcome
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import Portfolio
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel

Array = np.ndarray
SLACK = 1e-9  # share of a pool by which rounding may exceed it
BLOCK = 16  # draws that a thread takes at a time
TIME, CODE, COUNT = 0, 1, 0  # columns of the heap of events; its first row holds their number
BUSY, RUNNING, WAITING, BORDER, TOUCHED, FIELDS = range(6)  # columns of the state of a pool of workers


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

    in_blocks(block, rows, threads)
    return Outcome(
        plan=laid, method="events", seed=seed, draws=draws, ready=ready, begin=begin, finish=finish, cause=cause,
        arrives=arrives,
    )  # fmt: skip


def in_blocks(block: Callable[[int, int], None], rows: int, threads: int | None) -> None:
    """Call `block(first, last)` for all rows on several threads; blocks are the same whatever their number."""
    pairs = [(first, min(first + BLOCK, rows)) for first in range(0, rows, BLOCK)]
    block(*pairs[0])  # compiled, or read from disk, once
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for _ in pool.map(lambda pair: block(*pair), pairs[1:]):
            pass


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
    heap = np.zeros((tasks + 1, 2))
    ahead, own = np.empty(tasks, np.int64), work.release_week.copy()  # predecessors to come; when these are past
    first, waiting = rooms(crew, crews), np.empty(tasks, np.int64)
    pool, touched, border = np.zeros((crews, FIELDS)), np.empty(crews, np.int64), math.inf
    pool[:, BORDER] = math.inf
    for j in range(tasks):
        ahead[j] = work.first_before[j + 1] - work.first_before[j]
        if ahead[j] == 0:
            push(heap, ready_at(first_order, order_item, arrives, own[j], j, ready, cause), tasks + j)
    while heap[0, COUNT] > 0 or border < math.inf:
        now = min(border, heap[1, TIME]) if heap[0, COUNT] > 0 else border
        if now == math.inf:
            break
        count = 0
        while heap[0, COUNT] > 0 and heap[1, TIME] <= now:
            code = drop(heap)
            if code >= tasks:
                j = code - tasks
                if crew[j] >= 0:
                    count = join(rank, ready, waiting, first[crew[j]], pool, crew[j], j, touched, count)
                else:
                    start(j, now, weeks[j], done, calendar[j], begin, finish, heap)
                continue
            if crew[code] >= 0:
                count = leave(workers[code], pool, crew[code], touched, count)
            for e in range(first_after[code], first_after[code + 1]):
                j = after[e]
                own[j] = max(own[j], now)
                ahead[j] -= 1
                if ahead[j] > 0:
                    continue
                if ready_at(first_order, order_item, arrives, own[j], j, ready, cause) > now or crew[j] < 0:
                    push(heap, ready[j], tasks + j)
                else:
                    count = join(rank, ready, waiting, first[crew[j]], pool, crew[j], j, touched, count)
        if border <= now:
            count = all_due(pool, now, touched, count)
        for n in range(count):
            k = touched[n]
            most = available[k, min(int(now), available.shape[1] - 1)] * (1 + SLACK)
            while pool[k, WAITING] > 0 and pool[k, BUSY] + workers[waiting[first[k]]] <= most:
                j = serve(rank, ready, workers, waiting, first[k], pool, k)
                start(j, now, weeks[j], done, calendar[j], begin, finish, heap)
                if now > ready[j]:
                    cause[j] = pools + k
            pool[k, TOUCHED], pool[k, BORDER] = 0, math.inf
            if pool[k, WAITING] > 0:
                pool[k, BORDER] = enough(peak, k, now, pool[k, BUSY] + workers[waiting[first[k]]])
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
def soonest(pool: np.ndarray) -> float:
    """The next week border at which a pool may be large enough for the first of its queue."""
    border = math.inf
    for k in range(len(pool)):
        border = min(border, pool[k, BORDER])
    return border


@kernel
def ready_at(
    first_order: np.ndarray, order_item: np.ndarray, arrives: np.ndarray, own: float, j: int, ready: np.ndarray,
    cause: np.ndarray,
) -> float:  # fmt: skip
    """Predecessors and release of task j are past at `own`: note and return when its items are there too.

    Changes: ready, cause.
    """
    week = own
    for o in range(first_order[j], first_order[j + 1]):
        if arrives[o] > week:
            week = arrives[o]
            cause[j] = order_item[o]
    ready[j] = week
    return week


@kernel
def start(
    j: int, now: float, weeks: float, done: np.ndarray, calendar: int, begin: np.ndarray, finish: np.ndarray,
    heap: np.ndarray,
) -> None:  # fmt: skip
    """Task j begins.

    Changes: begin, finish, heap.
    """
    begin[j] = now
    finish[j] = finished(done[calendar], now, weeks)
    push(heap, finish[j], j)


@kernel
def join(
    rank: np.ndarray, ready: np.ndarray, waiting: np.ndarray, first: int, pool: np.ndarray, k: int, j: int,
    touched: np.ndarray, count: int,
) -> int:  # fmt: skip
    """Task j joins the queue of pool k, which begins at `first`; returns how many pools are touched.

    Changes: waiting, pool, touched.
    """
    enqueue(rank, ready, waiting, first, int(pool[k, WAITING]), j)
    pool[k, WAITING] += 1
    return touch(pool, k, touched, count)


@kernel
def leave(workers: float, pool: np.ndarray, k: int, touched: np.ndarray, count: int) -> int:
    """A task of pool k is finished, its workers are free; returns how many pools are touched.

    Changes: pool, touched.
    """
    pool[k, RUNNING] -= 1
    pool[k, BUSY] = pool[k, BUSY] - workers if pool[k, RUNNING] > 0 else 0.0  # so that rounding does not add up
    return touch(pool, k, touched, count)


@kernel
def touch(pool: np.ndarray, k: int, touched: np.ndarray, count: int) -> int:
    """Note that pool k is to be served at this moment; returns how many are.

    Changes: pool, touched.
    """
    if pool[k, TOUCHED] > 0:
        return count
    pool[k, TOUCHED] = 1
    touched[count] = k
    return count + 1


@kernel
def all_due(pool: np.ndarray, now: float, touched: np.ndarray, count: int) -> int:
    """Note the pools at whose week border we are; returns how many are to be served.

    Changes: pool, touched.
    """
    for k in range(len(pool)):
        if pool[k, BORDER] <= now:
            count = touch(pool, k, touched, count)
    return count


@kernel
def serve(
    rank: np.ndarray, ready: np.ndarray, workers: np.ndarray, waiting: np.ndarray, first: int, pool: np.ndarray, k: int
) -> int:
    """The first of the queue of pool k takes its workers; returns which task it is.

    Changes: waiting, pool.
    """
    j = waiting[first]
    pool[k, WAITING] -= 1
    dequeue(rank, ready, waiting, first, int(pool[k, WAITING]))
    pool[k, BUSY] += workers[j]
    pool[k, RUNNING] += 1
    return int(j)


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


@kernel
def enough(peak: np.ndarray, k: int, now: float, wanted: float) -> float:
    """The next week at whose border pool k may be large enough; infinite where it never will be.

    `peak` is the most there has been so far: while the pool has never been so large before, the first time that it is
    can be looked up; where workers have left, the next week is as good a guess as any.
    """
    horizon, w = peak.shape[1], int(now)
    if w + 1 >= horizon:
        return math.inf
    if peak[k, w] * (1 + SLACK) >= wanted:
        return w + 1.0
    low, high = w, horizon
    while high - low > 1:
        middle = (low + high) // 2
        if peak[k, middle] * (1 + SLACK) >= wanted:
            high = middle
        else:
            low = middle
    return float(high) if high < horizon else math.inf


@kernel
def push(heap: np.ndarray, time: float, code: int) -> None:
    """Add an event. Rows of the heap are (time, code), the earliest in row 1; row 0 holds their number.

    Changes: heap.
    """
    heap[0, COUNT] += 1
    at = int(heap[0, COUNT])
    while at > 1 and heap[at // 2, TIME] > time:
        heap[at, TIME], heap[at, CODE] = heap[at // 2, TIME], heap[at // 2, CODE]
        at //= 2
    heap[at, TIME], heap[at, CODE] = time, code


@kernel
def drop(heap: np.ndarray) -> int:
    """Take the earliest event off the heap; returns its code.

    Changes: heap.
    """
    found, last = heap[1, CODE], int(heap[0, COUNT])
    heap[0, COUNT] -= 1
    time, code = heap[last, TIME], heap[last, CODE]
    at = 1
    while 2 * at < last:
        child = 2 * at
        if child + 1 < last and heap[child + 1, TIME] < heap[child, TIME]:
            child += 1
        if time <= heap[child, TIME]:
            break
        heap[at, TIME], heap[at, CODE] = heap[child, TIME], heap[child, CODE]
        at = child
    heap[at, TIME], heap[at, CODE] = time, code
    return int(found)


@kernel
def goes_first(rank: np.ndarray, ready: np.ndarray, a: int, b: int) -> bool:
    """Whether task a is served before task b: lower rank, then ready earlier, then lower index."""
    if rank[a] != rank[b]:
        return bool(rank[a] < rank[b])
    if ready[a] != ready[b]:
        return bool(ready[a] < ready[b])
    return a < b


@kernel
def enqueue(rank: np.ndarray, ready: np.ndarray, waiting: np.ndarray, first: int, count: int, j: int) -> None:
    """Add task j to a queue of `count` tasks: a heap that begins at `first`, with the next to be served on top.

    Changes: waiting.
    """
    at = count
    while at > 0 and goes_first(rank, ready, j, waiting[first + (at - 1) // 2]):
        waiting[first + at] = waiting[first + (at - 1) // 2]
        at = (at - 1) // 2
    waiting[first + at] = j


@kernel
def dequeue(rank: np.ndarray, ready: np.ndarray, waiting: np.ndarray, first: int, count: int) -> None:
    """Take the first task off a queue, which leaves `count`.

    Changes: waiting.
    """
    j = waiting[first + count]
    at = 0
    while 2 * at + 1 < count:
        child = 2 * at + 1
        if child + 1 < count and goes_first(rank, ready, waiting[first + child + 1], waiting[first + child]):
            child += 1
        if not goes_first(rank, ready, waiting[first + child], j):
            break
        waiting[first + at] = waiting[first + child]
        at = child
    if count > 0:
        waiting[first + at] = j
