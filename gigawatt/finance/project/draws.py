"""Draws of uncertain inputs from their 90 % ranges: each draw known by its number, each input by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from gigawatt.finance.draws import draw_keys, in_range, two_normals
from gigawatt.finance.project.checking_bounds import bound_at
from gigawatt.finance.project.lines import Input, Table

SHARES = ("share", "flag")  # units of inputs that stay between 0 and 1
Array = np.ndarray
Inputs = Mapping[str, Input | Table]


@dataclass(frozen=True, slots=True)
class Range:
    """The median and the ends of the 90 % range of an input, one each or one a year; all years move together."""

    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def at(self, z: Array) -> Array:
        """Values at standard normal numbers, shape (n, years): lognormal where the low end is above 0, else normal."""
        return in_range(np.asarray(z, float)[:, None], self.value, self.low, self.high)


def draw(inputs: Inputs, ranges: Mapping[str, Range], draws: int, seed: int = 0, first: int = 0) -> dict[str, Array]:
    """Values of the uncertain inputs, as `evaluate` takes them: (draws,), or (draws, years) of a table.

    An input's draws depend on the seed, the number of the draw and the name of the input alone, so another range more
    changes none of them. Values stay within what an input can be: shares between 0 and 1, a PUE at 1 or above.
    """
    if draws < 1 or seed < 0 or first < 0:
        raise ValueError(f"draws {draws} must be at least 1, seed {seed} and first {first} at least 0")
    keys = draw_keys(seed, first, draws)
    return {name: given(inputs, name, each.at(two_normals(keys, 0, 2 * crc32(name.encode()))[0]))
            for name, each in ranges.items()}  # fmt: skip


def given(inputs: Inputs, name: str, values: Array) -> Array:
    """Values of shape (draws, years) in the shape that the input has, moved into what it can be."""
    found = inputs[name]
    values = bound_at(name).nearest(values)
    if found.unit in SHARES:
        values = np.clip(values, 0.0, 1.0)
    return values if isinstance(found, Table) else values[:, 0]


def spread_of(values: Array, at: tuple[float, ...] = (0.1, 0.5, 0.9)) -> tuple[float, ...]:
    """Quantiles of draws, those without a value left out; nan where none has one."""
    known = values[np.isfinite(values)]
    return tuple(float(q) for q in np.quantile(known, at)) if len(known) else (math.nan,) * len(at)
