"""Draws of what is uncertain in a programme: factors that share a common luck, each draw known by its number."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.finance.draws import draw_keys, in_range, two_normals
from gigawatt.finance.programmes.programme import DOUBTS, Programme

COMMON = len(DOUBTS)  # stream of the luck that all doubts share
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
    keys = draw_keys(seed, first, draws)
    common = _stream(keys, COMMON)
    found = {name: np.ones(draws) for name in DOUBTS}
    for doubt in programme.doubts:
        own = _stream(keys, DOUBTS.index(doubt.name))
        z = doubt.loading * common + math.sqrt(1 - doubt.loading**2) * own
        found[doubt.name] = in_range(z, 1.0, doubt.low, doubt.high)
    return found


def _stream(keys: np.ndarray, stream: int) -> np.ndarray:
    """Standard normal numbers of one doubt, one a draw."""
    return two_normals(keys, 0, 2 * stream)[0]
