"""Draws of what is uncertain in a programme: factors that share a common luck, each draw known by its number."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.finance.programme import DOUBTS, Programme

Z90 = 1.6448536269514722  # standard normal quantile at 95 %: half of a 90 % interval
COMMON = len(DOUBTS)  # stream of the luck that all doubts share
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
Factors = dict[str, np.ndarray]


def factors(programme: Programme, draws: int | None, seed: int = 0, first: int = 0) -> Factors:
    """A factor for each doubt, shape (draws,); 1 for what is not in doubt.

    Draw `n` of a seed is the same whatever else is drawn: `first=n, draws=1` replays it. Without `draws` all is at its
    median, in one draw.
    """
    if draws is None:
        return {name: np.ones(1) for name in DOUBTS}
    if draws < 1 or first < 0 or seed < 0:
        raise ValueError(f"draws {draws} must be at least 1, seed {seed} and first {first} at least 0")
    numbers = np.arange(first, first + draws, dtype=np.uint64)
    common = normal(seed, numbers, COMMON)
    found = {name: np.ones(draws) for name in DOUBTS}
    for doubt in programme.doubts:
        own = normal(seed, numbers, DOUBTS.index(doubt.name))
        z = doubt.loading * common + math.sqrt(1 - doubt.loading**2) * own
        width = np.where(z < 0, -math.log(doubt.low), math.log(doubt.high)) / Z90
        found[doubt.name] = np.exp(width * z)
    return found


def normal(seed: int, numbers: np.ndarray, stream: int) -> np.ndarray:
    """Standard normal numbers that depend on the seed, the number and the stream only (Box-Muller)."""
    radius = np.sqrt(-2 * np.log(_uniform(seed, numbers, 2 * stream)))
    return np.asarray(radius * np.cos(2 * math.pi * _uniform(seed, numbers, 2 * stream + 1)))


def _uniform(seed: int, numbers: np.ndarray, stream: int) -> np.ndarray:
    """In (0, 1], 53 bits each."""
    key = _mixed(np.array([seed % 2**64], dtype=np.uint64) + GOLDEN)
    key = _mixed(key ^ _mixed(np.array([stream + 1], dtype=np.uint64) * GOLDEN))
    word = _mixed(key ^ _mixed((numbers + np.uint64(1)) * GOLDEN))
    return np.asarray(((word >> np.uint64(11)) + np.uint64(1)) / 2.0**53)


def _mixed(x: np.ndarray) -> np.ndarray:
    """A well-mixed word. Source: SplitMix64 finaliser, Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
