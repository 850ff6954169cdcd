"""Inputs and assumptions drawn within their ranges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.deals.backtest.inputs import Array, Inputs, Ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Values of each draw; the first is the central one. Shape (draws, fields, items)."""

    carrier: Array
    vendor: Array
    loan: Array
    assumption: Array  # shape (draws, assumptions): the same for all firms of a draw


def draws(inputs: Inputs, count: int, seed: int = 1) -> Draws:
    """Central values, then `count` draws: triangular between low and high with the value as mode, each on its own.

    Raises:
        ValueError: Fewer than 0 draws.
    """
    if count < 0:
        raise ValueError(f"draws: {count}; 0 or more")
    random = np.random.default_rng([seed, inputs.frozen])
    return Draws(
        carrier=_drawn(inputs.carrier, count, random),
        vendor=_drawn(inputs.vendor, count, random),
        loan=_drawn(inputs.loan, count, random),
        assumption=_drawn(inputs.assumption, count, random)[:, :, 0],
    )


def _drawn(ranged: Ranged, count: int, random: np.random.Generator) -> Array:
    fixed = ranged.low >= ranged.high
    # A triangle needs a width; values without a range are put back afterwards.
    high = np.where(fixed, ranged.low + 1.0, ranged.high)
    mode = np.where(fixed, ranged.low, ranged.value)
    drawn = random.triangular(ranged.low, mode, high, size=(count, *ranged.value.shape))
    drawn = np.where(fixed, ranged.value, drawn)
    return np.concatenate([ranged.value[np.newaxis], drawn])
