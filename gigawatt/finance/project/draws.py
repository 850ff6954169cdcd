"""Draws of uncertain inputs from their 90 % ranges: each draw known by its number, each input by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from gigawatt.finance.prices_draws import draw_keys, two_normals
from gigawatt.finance.project.lines import Input, Table

Z90 = 1.6448536269514722  # standard normal quantile at 95 %: half of a 90 % interval
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
        value, low, high = (np.asarray(each)[None, :] for each in (self.value, self.low, self.high))
        z = np.asarray(z, float)[:, None]
        straight = value + z * np.where(z < 0, value - low, high - value) / Z90
        if np.any(low <= 0):
            return np.asarray(straight)
        width = np.where(z < 0, np.log(value / low), np.log(high / value)) / Z90
        return np.asarray(value * np.exp(z * width))


def draw(inputs: Inputs, ranges: Mapping[str, Range], draws: int, seed: int = 0, first: int = 0) -> dict[str, Array]:
    """Values of the uncertain inputs, as `evaluate` takes them: (draws,), or (draws, years) of a table.

    An input's draws depend on the seed, the number of the draw and the name of the input alone, so another range more
    changes none of them. Shares stay between 0 and 1.
    """
    if draws < 1 or seed < 0 or first < 0:
        raise ValueError(f"draws {draws} must be at least 1, seed {seed} and first {first} at least 0")
    keys = draw_keys(seed, first, draws)
    return {name: given(inputs, name, each.at(two_normals(keys, 0, 2 * crc32(name.encode()))[0]))
            for name, each in ranges.items()}  # fmt: skip


def given(inputs: Inputs, name: str, values: Array) -> Array:
    """Values of shape (draws, years) in the shape that the input has, within what a share can be."""
    found = inputs[name]
    if found.unit in SHARES:
        values = np.clip(values, 0.0, 1.0)
    if found.unit == "months" or found.unit == "years":
        values = np.maximum(values, 0.0)
    return values if isinstance(found, Table) else values[:, 0]


def spread_of(values: Array, at: tuple[float, ...] = (0.1, 0.5, 0.9)) -> tuple[float, ...]:
    """Quantiles of draws, those without a value left out; nan where none has one."""
    known = values[np.isfinite(values)]
    return tuple(float(q) for q in np.quantile(known, at)) if len(known) else (math.nan,) * len(at)
