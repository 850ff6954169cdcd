"""Random numbers that depend on (seed, draw, period, factor) alone, for many draws at once; values within ranges.

The numbers are those of `gigawatt.compiled.drawn`: any draw can be made again by its number, whatever else is drawn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
STEP = np.uint64(0xD1B54A32D192ED03)
PERIOD_BITS = 53  # of a double's fraction
UNIT = 2.0**-PERIOD_BITS
Z90 = 1.6448536269514722  # standard normal quantile at 95 %: half of a 90 % interval


def draw_keys(seed: int, first: int, draws: int) -> np.ndarray:
    """The words from which draws `first`, `first` + 1, ... follow; shape (draws,)."""
    with np.errstate(over="ignore"):
        start = _mixed(np.array([seed], dtype=np.uint64) * GOLDEN + GOLDEN)
        return _mixed(start + np.arange(first, first + draws, dtype=np.uint64) * STEP)


def uniforms(keys: np.ndarray, period: int, factor: int) -> np.ndarray:
    """Numbers in (0, 1], one a draw."""
    with np.errstate(over="ignore"):
        word = _mixed(keys + np.array([period + 1], dtype=np.uint64) * GOLDEN)
        word = _mixed(word + np.array([factor + 1], dtype=np.uint64) * STEP)
    return np.asarray(((word >> np.uint64(64 - PERIOD_BITS)) + np.uint64(1)) * UNIT)


def two_normals(keys: np.ndarray, period: int, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Two independent standard normal numbers a draw, from factors `factor` and `factor` + 1.

    Source: Box and Muller 1958, doi:10.1214/aoms/1177706645.
    """
    radius = np.sqrt(-2.0 * np.log(uniforms(keys, period, factor)))
    angle = 2.0 * np.pi * uniforms(keys, period, factor + 1)
    return radius * np.cos(angle), radius * np.sin(angle)


def in_range(z: ArrayLike, middle: ArrayLike, low: ArrayLike, high: ArrayLike) -> np.ndarray:
    """Values at standard normal numbers `z` with this median and 90 % of draws from `low` to `high`; they broadcast.

    On either side of the median log-normal, or normal if a low end is not above 0: the ends are at z of -Z90 and Z90.
    """
    z, middle, low, high = (np.asarray(each, dtype=float) for each in (z, middle, low, high))
    if np.any(low <= 0):
        return np.asarray(middle + z * np.where(z < 0, middle - low, high - middle) / Z90)
    return np.asarray(middle * np.exp(z * np.where(z < 0, np.log(middle / low), np.log(high / middle)) / Z90))


def _mixed(x: np.ndarray) -> np.ndarray:
    """SplitMix64 finaliser, Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
