"""What an event simulation keeps: events ahead in a heap, and pools of workers with those who wait for them."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.compiled import kernel

SLACK = 1e-9  # share of a pool by which rounding may exceed it
TIME, CODE, COUNT = 0, 1, 0  # columns of the heap of events; its first row holds their number
BUSY, RUNNING, WAITING, BORDER, TOUCHED, FIELDS = range(6)  # columns of the state of a pool of workers


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
def soonest(pool: np.ndarray) -> float:
    """The next week border at which a pool may be large enough for the first of its queue."""
    border = math.inf
    for k in range(len(pool)):
        border = min(border, pool[k, BORDER])
    return border


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
