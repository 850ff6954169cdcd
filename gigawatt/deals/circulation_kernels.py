"""Kernel that takes a flow apart into circles, the one with the largest bottleneck first.

Payments enter a graph without circles from the largest down. One that closes a circle has the smallest amount in it:
that is the circle's bottleneck, and no circle that is left has a larger one. It is taken off all payments of the
circle, and what is left of them queues up anew.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.deals.loops_kernels import ROOM, grown


@kernel
def way(
    begin: int, end: int, starts: np.ndarray, target: np.ndarray, inside: np.ndarray, mark: np.ndarray, turn: int,
    came: np.ndarray, stack: np.ndarray,
) -> bool:  # fmt: skip
    """Whether the edges inside lead from `begin` to `end`; `came` then holds the edge by which each was entered."""
    mark[begin], stack[0], count = turn, begin, 1
    while count > 0 and mark[end] != turn:
        count -= 1
        vertex = stack[count]
        for edge in range(starts[vertex], starts[vertex + 1]):
            onward = target[edge]
            if inside[edge] and mark[onward] != turn:
                mark[onward], came[onward], stack[count] = turn, edge, onward
                count += 1
    return bool(mark[end] == turn)


@kernel
def turned_round(values: np.ndarray, first: int, last: int) -> None:
    """Turn the order of the values from `first` to `last` round."""
    while first < last:
        values[first], values[last] = values[last], values[first]
        first += 1
        last -= 1


@kernel
def widest_circles(
    starts: np.ndarray, source: np.ndarray, target: np.ndarray, left: np.ndarray, tiny: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges of the circles in order, end to end, their ends and bottlenecks; taken off `left` until no circle is left.

    Amounts of `tiny` or less count as nothing: they are set to 0 where a circle leaves them, else left alone.
    """
    n, m = len(starts) - 1, len(target)
    edges, ends, bottleneck = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64), np.empty(ROOM)
    inside, mark, came = np.zeros(m, np.bool_), np.zeros(n, np.int64), np.empty(n, np.int64)
    stack = np.empty(n + 1, np.int64)
    queue = [(-left[edge], edge) for edge in range(m) if left[edge] > tiny]
    heapify(queue)
    found, filled, turn = 0, 0, 0
    while len(queue) > 0:
        edge = heappop(queue)[1]
        turn += 1
        inside[edge] = True
        first, vertex = target[edge], source[edge]
        if not way(first, vertex, starts, target, inside, mark, turn, came, stack):
            continue
        usd, begun = left[edge], filled
        edges = grown(edges, filled + n)
        edges[filled] = edge
        filled += 1
        while vertex != first:
            edges[filled] = came[vertex]
            vertex = source[came[vertex]]
            filled += 1
        turned_round(edges, begun + 1, filled - 1)
        for k in range(begun, filled):
            passed = edges[k]
            inside[passed] = False
            rest = left[passed] - usd
            left[passed] = rest if rest > tiny else 0.0
            if rest > tiny:
                heappush(queue, (-rest, passed))
        ends, bottleneck = grown(ends, found + 1), grown(bottleneck, found + 1)
        ends[found], bottleneck[found] = filled, usd
        found += 1
    return edges[:filled], ends[:found], bottleneck[:found]
