"""A heap of numbered things in arrays that are given: who comes first stands first. Several may share the arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gigawatt.compiled import kernel


class Heap(NamedTuple):
    """Things by key, then by number. Children of the thing at place n of a heap stand at 2 n + 1 and 2 n + 2 of it."""

    key: np.ndarray
    tie: np.ndarray  # second key, where the first is equal
    item: np.ndarray  # whole numbers


def heap(room: int) -> Heap:
    """A heap with room for so many things."""
    return Heap(np.empty(room), np.empty(room), np.empty(room, np.int64))


@kernel
def put(heap: Heap, start: int, count: int, key: float, tie: float, item: int) -> int:
    """Add a thing to the heap of `count` things that begins at `start`; returns how many there are.

    Changes: heap.
    """
    keys, ties, items = heap
    at = start + count
    while at > start:
        over = start + (at - start - 1) // 2
        if before(keys[over], ties[over], items[over], key, tie, item):
            break
        keys[at], ties[at], items[at] = keys[over], ties[over], items[over]
        at = over
    keys[at], ties[at], items[at] = key, tie, item
    return count + 1


@kernel
def take(heap: Heap, start: int, count: int) -> int:
    """Take the first thing, `heap.item[start]`, off the heap; returns how many are left.

    Changes: heap.
    """
    keys, ties, items = heap
    last = start + count - 1
    key, tie, item = keys[last], ties[last], items[last]
    at = start
    while True:
        under = start + 2 * (at - start) + 1
        if under >= last:
            break
        if under + 1 < last and before(
            keys[under + 1], ties[under + 1], items[under + 1], keys[under], ties[under], items[under]
        ):
            under += 1
        if not before(keys[under], ties[under], items[under], key, tie, item):
            break
        keys[at], ties[at], items[at] = keys[under], ties[under], items[under]
        at = under
    keys[at], ties[at], items[at] = key, tie, item
    return count - 1


@kernel
def before(key: float, tie: float, item: int, other_key: float, other_tie: float, other: int) -> bool:
    """Whether a thing goes before another."""
    if key != other_key:
        return key < other_key
    if tie != other_tie:
        return tie < other_tie
    return item < other
