"""How well a ranking tells firms that defaulted from those that did not: AUC with its interval, and differences.

The AUC is the probability that a firm that defaulted was ranked above one that did not, ties counted half
(Mann-Whitney). Intervals: Newcombe 2006, doi:10.1002/sim.2324 (method 5), which does not shrink to a point where the
ranking is without a fault; differences of two rankings of the same firms: DeLong, DeLong and Clarke-Pearson 1988,
doi:10.2307/2531595; with uncertain inputs: bootstrap over firms, within each of the two kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Z = 1.959963984540054  # 97.5 % quantile of the standard normal distribution
HALVINGS = 80


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the curve with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """AUC of one ranking less that of another, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_told_apart(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


def pairs(scores: ArrayLike, failed: ArrayLike) -> Array:
    """1 where a firm that failed is ranked above one that did not, 1/2 for a tie; shape (..., failed, others).

    Raises:
        ValueError: Scores that are no numbers, or no firm of one kind.
    """
    score, kind = np.asarray(scores, dtype=np.float64), np.asarray(failed, dtype=np.bool_)
    if score.shape[-1] != len(kind):
        raise ValueError(f"scores of {score.shape[-1]} firms, outcomes of {len(kind)}")
    if np.isnan(score).any():
        raise ValueError("scores: some are no number")
    if kind.all() or not kind.any():
        raise ValueError(f"outcomes: {int(kind.sum())} of {len(kind)} failed; an AUC needs both kinds")
    worse, better = score[..., kind][..., :, np.newaxis], score[..., ~kind][..., np.newaxis, :]
    out: Array = (worse > better) + 0.5 * (worse == better)
    return out


def area(scores: ArrayLike, failed: ArrayLike) -> Array:
    """AUC, 0 to 1, of each row of scores."""
    out: Array = pairs(scores, failed).mean(axis=(-2, -1))
    return out


def auc(scores: ArrayLike, failed: ArrayLike) -> Auc:
    """AUC of one ranking with Newcombe's interval."""
    kind = np.asarray(failed, dtype=np.bool_)
    value, ill, well = float(area(scores, kind)), int(kind.sum()), int((~kind).sum())
    return Auc(value, 1.0 - _upper(1.0 - value, ill, well), _upper(value, ill, well))


def _upper(value: float, ill: int, well: int) -> float:
    """The greatest area that `value` does not contradict: (area - value)^2 = z^2 variance(area), by halving."""
    low, high = value, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        inside = (middle - value) ** 2 <= Z * Z * _variance(middle, ill, well)
        low, high = (middle, high) if inside else (low, middle)
    return low


def _variance(value: float, ill: int, well: int) -> float:
    """Variance of an AUC as Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747, numbers made symmetric."""
    mean = (ill + well) / 2.0 - 1.0
    spread = 1.0 + mean * ((1.0 - value) / (2.0 - value) + value / (1.0 + value))
    return value * (1.0 - value) * spread / (ill * well)


def difference(scores: ArrayLike, others: ArrayLike, failed: ArrayLike) -> Difference:
    """AUC of one ranking less that of another of the same firms, with DeLong's interval."""
    apart = pairs(scores, failed) - pairs(others, failed)
    value = float(apart.mean())
    half = Z * sqrt(_of_means(apart.mean(axis=1)) + _of_means(apart.mean(axis=0)))
    return Difference(value, value - half, value + half)


def standard_error(scores: ArrayLike, failed: ArrayLike) -> float:
    """DeLong's standard error of an AUC."""
    won = pairs(scores, failed)
    return sqrt(_of_means(won.mean(axis=1)) + _of_means(won.mean(axis=0)))


def _of_means(values: Array) -> float:
    """Variance of the mean of some values; 0 for a single one."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.0


def bootstrap(won: Array, seed: int = 1) -> Array:
    """Means of `pairs`, shape (draws, failed, others), each over firms drawn anew within their kind; (draws,).

    The spread holds both kinds of doubt: what the inputs were, and which firms are in the table.
    """
    random = np.random.default_rng(seed)
    draws, ill, well = won.shape
    of_ill, of_well = random.integers(0, ill, (draws, ill)), random.integers(0, well, (draws, well))
    return np.array([won[k][of_ill[k]][:, of_well[k]].mean() for k in range(draws)])
