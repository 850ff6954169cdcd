"""Uncertain amounts put together: products, quotients and sums of spreads whose doubts do not hang together."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gigawatt.buildout.spread import Z90, Spread


def product(*spreads: Spread) -> Spread:
    """Product of independent amounts: medians multiply, variances of the logarithm add on either side.

    Exact for log-normal factors; where the two sides of a factor differ in width, an approximation.
    """
    median = math.prod(spread.median for spread in spreads)
    down = math.sqrt(math.fsum(spread.down**2 for spread in spreads))
    up = math.sqrt(math.fsum(spread.up**2 for spread in spreads))
    # An exact amount stays exact: exp(0) is 1.
    return Spread(median, median * math.exp(-Z90 * down), median * math.exp(Z90 * up))


def inverse(spread: Spread) -> Spread:
    """One over the amount: its low end is one over the high one."""
    return Spread(1.0 / spread.median, 1.0 / spread.high, 1.0 / spread.low)


def total(spreads: Iterable[Spread]) -> Spread:
    """Sum of independent amounts: medians add, and distances to either end of the interval add as squares.

    The median of a sum of skewed amounts lies a little above the sum of their medians; that is left out.
    """
    given = tuple(spreads)
    median = math.fsum(spread.median for spread in given)
    below = math.sqrt(math.fsum((spread.median - spread.low) ** 2 for spread in given))
    above = math.sqrt(math.fsum((spread.high - spread.median) ** 2 for spread in given))
    return Spread(median, median - below, median + above)


def together(spreads: Iterable[Spread]) -> Spread:
    """Sum of amounts that rise and fall as one: medians and both ends add."""
    given = tuple(spreads)
    low, median, high = (math.fsum(getattr(spread, end) for spread in given) for end in ("low", "median", "high"))
    return Spread(median, low, high)
