"""An uncertain amount by its median and 90 % interval, and the kernels that draw it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from gigawatt.catalog import Fact
from gigawatt.compiled import drawn, kernel

Z90 = 1.6448536269514722  # standard normal quantile at 95 %: half of a 90 % interval
TURN = 2.0 * math.pi


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with a 90 % interval; log-normal on either side of the median, each with its own width.

    Raises:
        ValueError: The median is not above 0, or not within the interval.
    """

    median: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 < self.low <= self.median <= self.high < math.inf:
            raise ValueError(
                f"{self.median:g} ({self.low:g} to {self.high:g}): wants 0 < low <= median <= high; "
                "an amount without doubt has low = median = high"
            )

    @classmethod
    def exactly(cls, value: float) -> Self:
        """An amount without doubt."""
        return cls(value, value, value)

    @classmethod
    def of(cls, fact: Fact) -> Self:
        """The value of a catalog fact with its range; without one it is exact."""
        value = float(fact.value)
        return cls(value, value if fact.low is None else fact.low, value if fact.high is None else fact.high)

    @property
    def down(self) -> float:
        """Standard deviation of the logarithm below the median."""
        return math.log(self.median / self.low) / Z90

    @property
    def up(self) -> float:
        """Standard deviation of the logarithm above the median."""
        return math.log(self.high / self.median) / Z90

    def at(self, z: float) -> float:
        """The amount at `z` standard deviations from the median."""
        return float(stretched(self.median, self.down, self.up, z))

    def __mul__(self, factor: float) -> Spread:
        return Spread(self.median * factor, self.low * factor, self.high * factor)


@kernel
def stretched(median: float, down: float, up: float, z: float) -> float:
    """The amount at z standard deviations: median x exp(z x down) below the median, exp(z x up) above it."""
    width = down if z < 0.0 else up
    return median if width == 0.0 else median * math.exp(width * z)


@kernel
def normal(key: np.uint64, stream: int, count: int) -> float:
    """A standard normal number that depends on its three counters only.

    Source: Box and Muller 1958, doi:10.1214/aoms/1177706645.
    """
    radius = math.sqrt(-2.0 * math.log(drawn(key, stream, 2 * count)))
    return radius * math.cos(TURN * drawn(key, stream, 2 * count + 1))
