"""What an event simulation keeps: events ahead in a heap, and pools of workers with those who wait for them."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.buildout.heap import ITEM, put, take
from gigawatt.compiled import kernel

SLACK = 1e-9  # share of a pool by which rounding may exceed it
BUSY, RUNNING, WAITING, BORDER, TOUCHED, FIELDS = range(6)  # columns of the state of a pool of workers


@kernel
def push(events: np.ndarray, number: np.ndarray, time: float, code: int) -> None:
    """Add an event to the heap, whose length is `number[0]`.

    Changes: events, number.
    """
    number[0] = put(events, 0, int(number[0]), time, 0.0, code)


@kernel
def drop(events: np.ndarray, number: np.ndarray) -> int:
    """Take the earliest event off the heap; returns its code.

    Changes: events, number.
    """
    code = int(events[0, ITEM])
    number[0] = take(events, 0, int(number[0]))
    return code


@kernel
def soonest(pool: np.ndarray) -> float:
    """The next week border at which a pool may be large enough for the first of its queue."""
    border = math.inf
    for k in range(len(pool)):
        border = min(border, pool[k, BORDER])
    return border


@kernel
def join(
    rank: float, ready: float, waiting: np.ndarray, first: int, pool: np.ndarray, k: int, j: int, touched: np.ndarray,
    count: int,
) -> int:  # fmt: skip
    """Task j joins the queue of pool k, which begins at `first`; returns how many pools are touched.

    It is served by rank, then by the week in which it was ready, then by its number.

    Changes: waiting, pool, touched.
    """
    pool[k, WAITING] = put(waiting, first, int(pool[k, WAITING]), rank, ready, j)
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
def serve(workers: np.ndarray, waiting: np.ndarray, first: int, pool: np.ndarray, k: int) -> int:
    """The first of the queue of pool k takes its workers; returns which task it is.

    Changes: waiting, pool.
    """
    j = int(waiting[first, ITEM])
    pool[k, WAITING] = take(waiting, first, int(pool[k, WAITING]))
    pool[k, BUSY] += workers[j]
    pool[k, RUNNING] += 1
    return j


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
