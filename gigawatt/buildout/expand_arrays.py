"""A mixed-integer program as sparse arrays, and the parts of it that have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

Array = np.ndarray
LEAST = 1e-9  # a weight below this is rounding


class Arrays(NamedTuple):
    """min cost . v with lower <= v <= upper and row_lower <= matrix v <= row_upper, v in part whole numbers.

    The matrix stands as triplets in order of columns, each place once.
    """

    cost: Array
    lower: Array
    upper: Array
    whole: Array
    block: Array  # columns written down together
    row_lower: Array
    row_upper: Array
    row: Array
    column: Array
    value: Array


@dataclass(slots=True)
class Program:
    """A program as it is written down, block by block; columns are 0 or more."""

    cost: list[Array] = field(default_factory=list)
    upper: list[Array] = field(default_factory=list)
    whole: list[Array] = field(default_factory=list)
    row_lower: list[Array] = field(default_factory=list)
    row_upper: list[Array] = field(default_factory=list)
    terms: list[tuple[Array, Array, Array]] = field(default_factory=list)  # row, column, value
    width: int = 0
    height: int = 0

    def columns(self, count: int, *, cost: Array | float = 0.0, upper: Array | float = np.inf,
                whole: bool = False) -> Array:  # fmt: skip
        """The places of new columns, from 0 to `upper`."""
        self.cost.append(np.broadcast_to(np.asarray(cost, dtype=np.float64), count))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self.whole.append(np.full(count, whole))
        self.width += count
        return np.arange(self.width - count, self.width)

    def rows(self, count: int, *, lower: Array | float = -np.inf, upper: Array | float = np.inf) -> Array:
        """The places of new rows."""
        self.row_lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self.height += count
        return np.arange(self.height - count, self.height)

    def put(self, rows: Array, columns: Array, values: Array | float) -> None:
        """Add values x columns to rows."""
        rows, columns, values = np.broadcast_arrays(rows, columns, np.asarray(values, dtype=np.float64))
        self.terms.append((rows.ravel(), columns.ravel(), values.ravel()))

    def earlier(self, rows: Array, columns: Array, weights: Array) -> None:
        """Add to row t - j what column t takes j periods earlier: weights[j]."""
        for j in np.flatnonzero(np.abs(weights) > LEAST):
            if j < len(columns):
                self.put(rows[: len(columns) - j], columns[j:], weights[j])

    def rising(self, columns: Array) -> None:
        """Columns that count what has been done so far: none is less than the one before."""
        rows = self.rows(len(columns) - 1, lower=0.0)
        self.put(rows, columns[1:], 1.0)
        self.put(rows, columns[:-1], -1.0)

    def arrays(self) -> Arrays:
        """All of it; what meets in one place is added."""
        row, column, value = (
            np.concatenate([term[i] for term in self.terms]) if self.terms else np.zeros(0, dtype=np.int64)
            for i in range(3)
        )
        key, place = np.unique(column * self.height + row, return_inverse=True)
        value = np.bincount(place, value, len(key))
        there = np.abs(value) > LEAST
        column, row = np.divmod(key[there], max(self.height, 1))
        cost, upper, whole = map(_joined, (self.cost, self.upper, self.whole))
        row_lower, row_upper = map(_joined, (self.row_lower, self.row_upper))
        block = np.repeat(np.arange(len(self.cost)), [len(part) for part in self.cost])
        return Arrays(
            cost,
            np.zeros(self.width),
            upper,
            whole.astype(bool),
            block,
            row_lower,
            row_upper,
            row,
            column,
            value[there],
        )


def _joined(blocks: list[Array]) -> Array:
    return np.concatenate(blocks) if blocks else np.zeros(0)


def parts(made: Arrays) -> Iterator[tuple[Array, Array]]:
    """Columns and rows of each part that shares no row with another, the largest last; rows without columns stand
    in the first."""
    width, height = len(made.cost), len(made.row_lower)
    label = _labels(made, width, height)
    _, part = np.unique(label, return_inverse=True)
    order = np.argsort(np.bincount(part[:width], minlength=part.max(initial=-1) + 1), kind="stable")
    for one in order:
        yield np.flatnonzero(part[:width] == one), np.flatnonzero(part[width:] == one)


def _labels(made: Arrays, width: int, height: int) -> Array:
    """The least node that each column and row is joined to, found by handing the least on until nothing changes."""
    label = np.arange(width + height)
    left, right = made.column, made.row + width
    while True:
        least = np.minimum(label[left], label[right])
        new = label.copy()
        np.minimum.at(new, left, least)
        np.minimum.at(new, right, least)
        new = new[new]
        if (new == label).all():
            return label
        label = new


def cut_out(made: Arrays, columns: Array, rows: Array) -> Arrays:
    """The program of some of the columns and rows."""
    column_at, row_at = np.full(len(made.cost), -1), np.full(len(made.row_lower), -1)
    column_at[columns], row_at[rows] = np.arange(len(columns)), np.arange(len(rows))
    inside = (column_at[made.column] >= 0) & (row_at[made.row] >= 0)
    return Arrays(
        made.cost[columns], made.lower[columns], made.upper[columns], made.whole[columns], made.block[columns],
        made.row_lower[rows], made.row_upper[rows],
        row_at[made.row[inside]], column_at[made.column[inside]], made.value[inside],
    )  # fmt: skip
