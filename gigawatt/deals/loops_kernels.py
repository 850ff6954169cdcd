"""Kernel that lists the elementary cycles of a directed graph up to a length, each once.

Every cycle is found from its lowest vertex, the root, over vertices above it. A vertex is entered only if it can still
reach the root in the edges that are left: at first by its distance to the root, and after a failed visit only on a
shorter path than that one, until a way out of it has been found (locks of Gupta and Suzumura 2021, arXiv:2105.10094,
after Johnson 1975, doi:10.1137/0204007). The graph is held row by row: edges starts[v] to starts[v + 1] leave v.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel

ROOM = 32  # places of a list to begin with


@kernel
def reach_back(root: int, most: int, back: np.ndarray, source: np.ndarray, lock: np.ndarray, seen: np.ndarray) -> int:
    """Lock of each vertex above the root that reaches it in fewer than `most` edges; how many they are, in `seen`."""
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
def unlock(
    vertex: int, opened: int, back: np.ndarray, source: np.ndarray, lock: np.ndarray, on_path: np.ndarray,
    known: np.ndarray, queue: np.ndarray,
) -> None:  # fmt: skip
    """Open a vertex from which a way to the root was found, and all from which it can be reached."""
    if lock[vertex] >= opened:
        return
    lock[vertex] = opened
    count, at, queue[0] = 1, 0, vertex
    while at < count:
        vertex = queue[at]
        at += 1
        opened = lock[vertex] - 1
        for edge in range(back[vertex], back[vertex + 1]):
            before = source[edge]
            if known[before] and not on_path[before] and lock[before] < opened:
                lock[before] = opened
                queue[count] = before
                count += 1


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
    starts: np.ndarray, target: np.ndarray, weight: np.ndarray, back: np.ndarray, source: np.ndarray, most: int,
    limit: int,
) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Count of cycles of up to `most` edges, their vertices end to end, ends, least and summed weights.

    Stops after `limit` + 1 cycles.
    """
    n = len(starts) - 1
    vertices, ends = np.empty(ROOM, np.int64), np.empty(ROOM, np.int64)
    least, summed = np.empty(ROOM), np.empty(ROOM)
    lock, known, on_path = np.zeros(n, np.int64), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    seen, queue = np.empty(n, np.int64), np.empty(n, np.int64)
    path, edge_of, way_out = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    low, carried = np.empty(most), np.empty(most)
    found, filled = 0, 0
    for root in range(n):
        reaching = reach_back(root, most, back, source, lock, seen)
        for k in range(1, reaching):
            known[seen[k]] = True
        path[0], edge_of[0], way_out[0], low[0], carried[0] = root, starts[root], most, np.inf, 0.0
        depth = 1
        while depth > 0:
            last = depth - 1
            vertex = path[last]
            entered = False
            while edge_of[last] < starts[vertex + 1] and not entered:
                edge = edge_of[last]
                edge_of[last] += 1
                onward = target[edge]
                if onward == root:
                    way_out[last] = 1
                    vertices, ends = grown(vertices, filled + depth), grown(ends, found + 1)
                    least, summed = grown(least, found + 1), grown(summed, found + 1)
                    for k in range(depth):
                        vertices[filled + k] = path[k]
                    filled += depth
                    ends[found] = filled
                    least[found], summed[found] = min(low[last], weight[edge]), carried[last] + weight[edge]
                    found += 1
                    if found > limit:
                        return found, vertices[:filled], ends[:found], least[:found], summed[:found]
                elif onward > root and depth < lock[onward]:
                    path[depth], edge_of[depth], way_out[depth] = onward, starts[onward], most
                    low[depth], carried[depth] = min(low[last], weight[edge]), carried[last] + weight[edge]
                    on_path[onward] = True
                    depth += 1
                    lock[onward] = depth
                    entered = True
            if not entered:
                depth -= 1
                on_path[vertex] = False
                if depth > 0:
                    way_out[depth - 1] = min(way_out[depth - 1], way_out[depth] + 1)
                    if way_out[depth] < most:
                        unlock(vertex, most - way_out[depth] + 1, back, source, lock, on_path, known, queue)
        for k in range(reaching):
            lock[seen[k]], known[seen[k]] = 0, False
    return found, vertices[:filled], ends[:found], least[:found], summed[:found]
