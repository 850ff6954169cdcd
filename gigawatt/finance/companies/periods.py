"""Quarters put together to years, and ratios that say so where they have no base."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np

from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array
from gigawatt.finance.companies.statements import Statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Quarters put together: labels, the quarters of each, and quarters a year over quarters in it."""

    labels: tuple[str, ...]
    parts: tuple[slice, ...]
    annualise: Array

    def flow(self, values: Array) -> Array:
        """Sums over each period; shape (..., periods)."""
        return np.stack([values[..., part].sum(axis=-1) for part in self.parts], axis=-1)

    def stock(self, values: Array) -> Array:
        """Values at the end of each period."""
        return np.stack([values[..., part.stop - 1] for part in self.parts], axis=-1)


def periods(made: Statements, annual: bool) -> Periods:
    """Calendar years (the last one may be cut short, which its label says) or quarters."""
    if not annual:
        parts = tuple(slice(t, t + 1) for t in range(made.quarters))
        return Periods(labels=made.labels, parts=parts, annualise=np.full(made.quarters, float(QUARTERS_PER_YEAR)))
    starts = range(0, made.quarters, QUARTERS_PER_YEAR)
    parts = tuple(slice(t, min(t + QUARTERS_PER_YEAR, made.quarters)) for t in starts)
    counts = [part.stop - part.start for part in parts]
    year = made.company.first_year
    labels = tuple(
        str(year + n) if count == QUARTERS_PER_YEAR else f"{year + n} to Q{count}" for n, count in enumerate(counts)
    )
    return Periods(labels=labels, parts=parts, annualise=QUARTERS_PER_YEAR / np.array(counts, dtype=float))


def ratio(a: Array, b: Array) -> Array:
    """One over the other; NaN where there is nothing to divide by."""
    return np.asarray(np.divide(a, b, out=np.full(np.broadcast(a, b).shape, nan), where=b != 0))


def cover(earned: Array, interest: Array) -> Array:
    """Earnings over interest; infinite without interest."""
    return np.asarray(np.divide(earned, interest, out=np.full(interest.shape, inf), where=interest > 0))


def leverage(debt_usd: Array, ebitda_usd: Array) -> Array:
    """Turns; below 0 for net cash (without bound where nothing is earned), infinite for net debt without earnings."""
    earning = ebitda_usd > 0
    out = np.divide(debt_usd, ebitda_usd, out=np.full(debt_usd.shape, inf), where=earning)
    return np.asarray(np.where(~earning & (debt_usd <= 0), -inf, out))
