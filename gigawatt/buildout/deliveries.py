"""When ordered items arrive: each supplier serves its orders in turn with what it can make."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gigawatt.buildout.draws import Drawn
from gigawatt.buildout.heap import COLUMNS, ITEM, put, take
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel


class Desk(NamedTuple):
    """Room in which one scenario's orders are served; used again for the next."""

    left: np.ndarray  # (orders,) units that are still to be made
    made: np.ndarray  # (weeks + 1,) units that a pool can have made by the start of each week
    waiting: np.ndarray  # (orders,) a heap: who is served next stands first


def desk(work: Work) -> Desk:
    """Room for the orders of `work`."""
    orders = len(work.order_item)
    return Desk(np.empty(orders), np.zeros(work.capacity.shape[1] + 1), np.empty((orders, COLUMNS)))


@kernel
def deliveries(work: Work, found: Drawn) -> np.ndarray:
    """Week at which each order has arrived in full; shape (orders,), infinite where supply never suffices.

    A pool makes `capacity` units a week for the most urgent of the orders placed so far (lowest rank, then the earlier
    one); an order arrives when all of it is made, and not before its lead time is over. Orders placed before week 0
    queue from week 0 on; what was made before is not this portfolio's.
    """
    orders = len(work.order_item)
    arrives = np.empty(orders)
    room = Desk(np.empty(orders), np.zeros(work.capacity.shape[1] + 1), np.empty((orders, COLUMNS)))
    deliver(work, found, room, arrives)
    return arrives


@kernel
def deliver(work: Work, found: Drawn, room: Desk, arrives: np.ndarray) -> None:
    """As `deliveries`, without room of its own.

    Changes: room, arrives.
    """
    made = room.made  # arrays by name: a field that is read in a loop counts references each time
    for i in range(len(found.capacity)):
        row = found.capacity[i]
        for w in range(len(row)):
            made[w + 1] = made[w] + row[w]
        serve(work, found, work.first_in_pool[i], work.first_in_pool[i + 1], room, arrives)


@kernel
def serve(work: Work, found: Drawn, first: int, last: int, room: Desk, arrives: np.ndarray) -> None:
    """Serve the orders of one pool, those from `first` to `last` of `in_pool`; time is counted in units made.

    Changes: room, arrives.
    """
    left, made, waiting = room
    in_pool, week, rank = work.in_pool, work.order_week, work.order_rank
    units, lead_weeks = found.units, found.lead_weeks
    count, following, now = 0, first, 0.0
    until = made_by(week[in_pool[first]], made) if first < last else math.inf
    while count > 0 or following < last:
        if count == 0:
            now = max(now, until)
        while until <= now:
            order = in_pool[following]
            left[order] = units[order]
            count = put(waiting, 0, count, rank[order], following, order)
            following += 1
            until = made_by(week[in_pool[following]], made) if following < last else math.inf
        top = int(waiting[0, ITEM])
        if now + left[top] <= until:
            now += left[top]
            arrives[top] = max(time_of(now, made), week[top] + lead_weeks[top])
            count = take(waiting, 0, count)
        else:
            left[top] -= until - now
            now = until


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
