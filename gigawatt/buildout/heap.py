"""A heap of numbered things in an array that is given: who comes first stands first. Several may share the array."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import woven

KEY, TIE, ITEM = range(3)  # columns: things stand by key, then by tie, then by number
COLUMNS = 3


@woven
def put(heap: np.ndarray, start: int, count: int, key: float, tie: float, item: int) -> int:
    """Add a thing to the heap of `count` things that begins at row `start`; returns how many there are.

    Changes: heap.
    """
    at = count
    heap[start + at, KEY], heap[start + at, TIE], heap[start + at, ITEM] = key, tie, item
    while at > 0 and goes_before(heap, start + at, start + (at - 1) // 2):
        swap(heap, start + at, start + (at - 1) // 2)
        at = (at - 1) // 2
    return count + 1


@woven
def take(heap: np.ndarray, start: int, count: int) -> int:
    """Take the first thing, number `heap[start, ITEM]`, off the heap; returns how many are left.

    Changes: heap.
    """
    left, at = count - 1, 0
    swap(heap, start, start + left)
    while 2 * at + 1 < left:
        under = 2 * at + 1
        if under + 1 < left and goes_before(heap, start + under + 1, start + under):
            under += 1
        if not goes_before(heap, start + under, start + at):
            break
        swap(heap, start + under, start + at)
        at = under
    return left


@woven
def goes_before(heap: np.ndarray, a: int, b: int) -> bool:
    """Whether the thing in row a goes before that in row b."""
    if heap[a, KEY] != heap[b, KEY]:
        return bool(heap[a, KEY] < heap[b, KEY])
    if heap[a, TIE] != heap[b, TIE]:
        return bool(heap[a, TIE] < heap[b, TIE])
    return bool(heap[a, ITEM] < heap[b, ITEM])


@woven
def swap(heap: np.ndarray, a: int, b: int) -> None:
    """Exchange two rows.

    Changes: heap.
    """
    heap[a, KEY], heap[b, KEY] = heap[b, KEY], heap[a, KEY]
    heap[a, TIE], heap[b, TIE] = heap[b, TIE], heap[a, TIE]
    heap[a, ITEM], heap[b, ITEM] = heap[b, ITEM], heap[a, ITEM]
