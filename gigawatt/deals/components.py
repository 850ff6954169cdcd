"""Kernel that says which parties can be on a circle together: the strongly connected components of a network."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel


@kernel
def components(starts: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Component of each vertex, shape (vertices,): two are in one if each reaches the other.

    Edges starts[v] to starts[v + 1] leave v. A payment is on some circle if and only if both its ends are in one
    component.

    Source: Tarjan 1972, doi:10.1137/0201010, with a stack of its own in place of recursion.
    """
    n = len(starts) - 1
    found, number, low = np.full(n, -1), np.full(n, -1), np.empty(n, np.int64)
    edge, path, waiting = starts[:-1].copy(), np.empty(n, np.int64), np.empty(n, np.int64)
    numbered, waits, parts = 0, 0, 0
    for root in range(n):
        if number[root] >= 0:
            continue
        path[0], depth = root, 1
        while depth > 0:
            vertex = path[depth - 1]
            if number[vertex] < 0:
                number[vertex] = low[vertex] = numbered
                numbered += 1
                waiting[waits] = vertex
                waits += 1
            if edge[vertex] < starts[vertex + 1]:
                onward = target[edge[vertex]]
                edge[vertex] += 1
                if number[onward] < 0:
                    path[depth] = onward
                    depth += 1
                elif found[onward] < 0:
                    low[vertex] = min(low[vertex], number[onward])
                continue
            depth -= 1
            if depth > 0:
                low[path[depth - 1]] = min(low[path[depth - 1]], low[vertex])
            if low[vertex] == number[vertex]:
                member = -1
                while member != vertex:
                    waits -= 1
                    member = waiting[waits]
                    found[member] = parts
                parts += 1
    return found
