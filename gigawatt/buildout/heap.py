"""A heap of numbered things in an array that is given: who comes first stands first. Several may share the array."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import woven

THING = np.dtype([("key", np.float64), ("tie", np.float64), ("item", np.int64)])


def heap(room: int) -> np.ndarray:
    """Room for so many things; those of a heap stand by key, then by `tie`, then by number of the thing."""
    return np.zeros(room, THING).view(np.recarray)


@woven
def put(heap: np.ndarray, start: int, count: int, key: float, tie: float, item: int) -> int:
    """Add a thing to the heap of `count` things that begins at `start`; returns how many there are.

    Changes: heap.
    """
    at = count
    while at > 0 and before(key, tie, item, heap[start + (at - 1) // 2]):
        move(heap, start + (at - 1) // 2, start + at)
        at = (at - 1) // 2
    thing = heap[start + at]
    thing.key, thing.tie, thing.item = key, tie, item
    return count + 1


@woven
def take(heap: np.ndarray, start: int, count: int) -> int:
    """Take the first thing, `heap[start].item`, off the heap; returns how many are left.

    Changes: heap.
    """
    left, at = count - 1, 0
    last = heap[start + left]
    while 2 * at + 1 < left:
        under = 2 * at + 1
        if under + 1 < left and goes_before(heap[start + under + 1], heap[start + under]):
            under += 1
        if not goes_before(heap[start + under], last):
            break
        move(heap, start + under, start + at)
        at = under
    move(heap, start + left, start + at)
    return left


@woven
def before(key: float, tie: float, item: int, other: np.ndarray) -> bool:
    """Whether what is to be added goes before another thing."""
    if key != other.key:
        return key < other.key
    if tie != other.tie:
        return tie < other.tie
    return item < other.item


@woven
def goes_before(thing: np.ndarray, other: np.ndarray) -> bool:
    """Whether a thing goes before another."""
    return before(thing.key, thing.tie, thing.item, other)


@woven
def move(heap: np.ndarray, at: int, to: int) -> None:
    """Put the thing at one place into another.

    Changes: heap.
    """
    thing, place = heap[at], heap[to]
    place.key, place.tie, place.item = thing.key, thing.tie, thing.item
