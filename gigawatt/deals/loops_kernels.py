"""Kernel that lists the elementary cycles of a directed graph up to a length, each once.

Every cycle is found from its lowest vertex, the root, over vertices above it. A vertex is entered only if its distance
to the root fits into the edges that are left. That leaves out no cycle. Locks that learn from failed visits (Gupta and
Suzumura 2021, arXiv:2105.10094) save some dead ends but can miss cycles (Bauernöppel and Sack 2025, arXiv:2512.08392),
so there are none here. The graph is held row by row: edges starts[v] to starts[v + 1] leave v.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel

ROOM = 32  # places of a list to begin with


@kernel
def reach_back(root: int, most: int, back: np.ndarray, source: np.ndarray, lock: np.ndarray, seen: np.ndarray) -> int:
    """Vertices above the root that reach it in fewer than `most` edges: how many, which in `seen`, how near in `lock`.

    A vertex may be entered on a path of fewer vertices than its lock.
    """
    count, at, seen[0] = 1, 0, root
    lock[root] = most + 1
    while at < count:
        vertex = seen[at]
        at += 1
        left = lock[vertex] - 1  # a vertex at distance d is entered on paths of up to most - d vertices
        if left < 2:
            break
        for edge in range(back[vertex], back[vertex + 1]):
            before = source[edge]
            if before > root and lock[before] == 0:
                lock[before] = left
                seen[count] = before
                count += 1
    return count


@kernel
def grown(values: np.ndarray, needed: int) -> np.ndarray:
    """The array, or a copy of twice the length if `needed` places do not fit."""
    if needed <= len(values):
        return values
    out = np.empty(2 * needed, values.dtype)
    out[: len(values)] = values
    return out


@kernel
def bounded_cycles(
    starts: np.ndarray, target: np.ndarray, weight: np.ndarray, back: np.ndarray, source: np.ndarray,
    back_weight: np.ndarray, most: int, limit: int,
) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Count of cycles of up to `most` edges, their vertices end to end, ends, least and summed weights.

    Edges of a vertex are in the order of `target`. Edges back[v] to back[v + 1] enter v, in the order of `source` and
    `back_weight`. A path that is one vertex short of the longest cycle goes on only to vertices with an edge to the
    root, so their cycles are noted without entering them. Stops after `limit` + 1 cycles.
    """
    n = len(starts) - 1
    vertices, ends = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64)
    least, summed = np.empty(ROOM), np.empty(ROOM)
    lock, seen, on_path = np.zeros(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.bool_)
    path, edge_of = np.empty(most, np.int64), np.empty(most, np.int64)
    low, carried, closing = np.empty(most), np.empty(most), np.zeros(n)
    found, filled, begin = 0, 0, starts[:-1].copy()
    for root in range(n):
        reaching = reach_back(root, most, back, source, lock, seen)
        for edge in range(back[root], back[root + 1]):
            closing[source[edge]] = back_weight[edge]
        path[0], edge_of[0], low[0], carried[0] = root, begin[root], np.inf, 0.0
        depth = 1
        while depth > 0:
            last = depth - 1
            vertex = path[last]
            entered = False
            while edge_of[last] < starts[vertex + 1] and not entered:
                edge = edge_of[last]
                edge_of[last] += 1
                onward = target[edge]
                inner = onward != root
                if inner and (depth >= lock[onward] or on_path[onward]):
                    continue
                if not inner or depth + 1 == most:
                    vertices, ends = grown(vertices, filled + depth + 1), grown(ends, found + 1)
                    least, summed = grown(least, found + 1), grown(summed, found + 1)
                    for k in range(depth):
                        vertices[filled + k] = path[k]
                    filled += depth
                    least[found], summed[found] = min(low[last], weight[edge]), carried[last] + weight[edge]
                    if inner:
                        vertices[filled] = onward
                        filled += 1
                        least[found] = min(least[found], closing[onward])
                        summed[found] += closing[onward]
                    ends[found] = filled
                    found += 1
                    if found > limit:
                        return found, vertices[:filled], ends[:found], least[:found], summed[:found]
                else:
                    while begin[onward] < starts[onward + 1] and target[begin[onward]] < root:
                        begin[onward] += 1  # edges to vertices below the root are behind us
                    path[depth], edge_of[depth] = onward, begin[onward]
                    low[depth], carried[depth] = min(low[last], weight[edge]), carried[last] + weight[edge]
                    on_path[onward] = True
                    depth += 1
                    entered = True
            if not entered:
                depth -= 1
                on_path[vertex] = False
        for k in range(reaching):
            lock[seen[k]] = 0
        for edge in range(back[root], back[root + 1]):
            closing[source[edge]] = 0.0
    return found, vertices[:filled], ends[:found], least[:found], summed[:found]
