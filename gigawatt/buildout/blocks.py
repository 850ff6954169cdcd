"""Draws in blocks on several threads: the same blocks, and so the same figures, whatever the number of threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
BLOCK = 16  # draws that a thread takes at a time


def in_blocks(block: Callable[[int, int], T], rows: int, threads: int | None) -> Iterator[T]:
    """What `block(first, last)` returns for all rows, in their order; it is called as the results are asked for."""
    pairs = [(first, min(first + BLOCK, rows)) for first in range(0, rows, BLOCK)]
    yield block(*pairs[0])  # compiled, or read from disk, once
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        yield from pool.map(lambda pair: block(*pair), pairs[1:])


def run_blocks(block: Callable[[int, int], None], rows: int, threads: int | None) -> None:
    """Call `block(first, last)` for all rows."""
    for _ in in_blocks(block, rows, threads):
        pass
