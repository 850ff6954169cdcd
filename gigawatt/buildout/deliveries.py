"""When ordered items arrive: each supplier serves its orders in turn with what it can make."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.buildout.draws import Drawn
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel


@kernel
def deliveries(work: Work, found: Drawn) -> np.ndarray:
    """Week at which each order has arrived in full; shape (orders,), infinite where supply never suffices.

    A pool makes `capacity` units a week for the most urgent of the orders placed so far (lowest rank, then the earlier
    one); an order arrives when all of it is made, and not before its lead time is over. Orders placed before week 0
    queue from week 0 on; what was made before is not this portfolio's.
    """
    arrives = np.full(len(work.order_item), math.inf)
    waiting = np.empty(len(work.order_item), np.int64)
    for i in range(len(work.capacity)):
        first, last = work.first_in_pool[i], work.first_in_pool[i + 1]
        made = np.zeros(work.capacity.shape[1] + 1)  # by the start of each week
        for w in range(work.capacity.shape[1]):
            made[w + 1] = made[w] + found.capacity[i, w]
        serve(work, found, work.in_pool[first:last], made, waiting, arrives)
    return arrives


@kernel
def serve(
    work: Work, found: Drawn, orders: np.ndarray, made: np.ndarray, waiting: np.ndarray, arrives: np.ndarray
) -> None:
    """Serve the orders of one pool, given by the week of placing; time is counted in units made.

    Changes: waiting, arrives.
    """
    left = found.units.copy() if len(orders) else found.units
    count, following, now = 0, 0, 0.0
    while count > 0 or following < len(orders):
        if count == 0:
            now = max(now, made_by(work.order_week[orders[following]], made))
        while following < len(orders) and made_by(work.order_week[orders[following]], made) <= now:
            place(work, waiting, count, orders[following])
            count += 1
            following += 1
        top = waiting[count - 1]
        until = made_by(work.order_week[orders[following]], made) if following < len(orders) else math.inf
        if now + left[top] <= until:
            now += left[top]
            arrives[top] = max(time_of(now, made), work.order_week[top] + found.lead_weeks[top])
            count -= 1
        else:
            left[top] -= until - now
            now = until


@kernel
def place(work: Work, waiting: np.ndarray, count: int, order: int) -> None:
    """Insert an order into the queue, the most urgent last; among equals the earlier one goes first.

    Changes: waiting.
    """
    k = count
    while k > 0 and work.order_rank[waiting[k - 1]] <= work.order_rank[order]:
        waiting[k] = waiting[k - 1]
        k -= 1
    waiting[k] = order


@kernel
def made_by(week: float, made: np.ndarray) -> float:
    """Units made until `week`; after the last week as in that one."""
    horizon = len(made) - 1
    if week <= 0.0:
        return 0.0
    w = min(int(week), horizon - 1)
    return float(made[w] + (week - w) * (made[w + 1] - made[w]))


@kernel
def time_of(units: float, made: np.ndarray) -> float:
    """Week by which so many units are made; infinite where they never are."""
    horizon = len(made) - 1
    w = int(np.searchsorted(made, units)) - 1  # made[w] < units <= made[w + 1]
    if w < 0:
        return 0.0
    w = min(w, horizon - 1)
    rate = made[w + 1] - made[w]
    return w + (units - made[w]) / rate if rate > 0.0 else math.inf
