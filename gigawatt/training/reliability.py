"""Failures and checkpoints: the share of time that counts.

    wall time / useful time = 1 + (restart + interval / 2) / M + checkpoint / interval        to first order

with M the mean time between failures of the whole cluster. Least at Young's interval sqrt(2 x checkpoint x M).

Source: Young 1974, doi:10.1145/361147.361115; higher order Daly 2006, doi:10.1016/j.future.2004.11.016.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, sqrt
from typing import Self

from gigawatt.training.flop import number

HOPELESS = 100.0  # failures in one interval: a run never gets through
QUICK = 1e-12  # of the time between failures: checkpoints that take no longer cost nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How often chips fail and what a failure costs."""

    chip_hours_per_failure: float
    checkpoint_hours: float  # training stands still
    restart_hours: float  # from a failure to the next useful step, lost steps left out

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name):g} is below 0")
        if self.chip_hours_per_failure == 0:
            raise ValueError("chip_hours_per_failure 0: nothing would ever run")

    @classmethod
    def from_catalog(cls) -> Self:
        """Rates as the catalog's table `training` has them, from the log of Llama 3.1 405B."""
        return cls(**{name: number("failures", name) for name in cls.__slots__})

    def failure_hours(self, chips: float) -> float:
        """Mean time between failures of the cluster."""
        return self.chip_hours_per_failure / chips

    def goodput(self, chips: float) -> float:
        """Share of time that counts on so many chips, with checkpoints at the best interval."""
        return goodput(self.failure_hours(chips), self.checkpoint_hours, self.restart_hours)

    def interval_hours(self, chips: float) -> float:
        """Best time between checkpoints."""
        return checkpoint_interval_hours(self.failure_hours(chips), self.checkpoint_hours)


def checkpoint_interval_hours(failure_hours: float, checkpoint_hours: float) -> float:
    """Best time between checkpoints, in hours (Daly 2006, equation 37; Young's where checkpoints are quick)."""
    if checkpoint_hours >= 2 * failure_hours:
        return failure_hours
    ratio = checkpoint_hours / (2 * failure_hours)
    return sqrt(2 * checkpoint_hours * failure_hours) * (1 + sqrt(ratio) / 3 + ratio / 9) - checkpoint_hours


def goodput(
    failure_hours: float, checkpoint_hours: float, restart_hours: float, interval_hours: float | None = None
) -> float:
    """Share of time that counts, with checkpoints each `interval_hours` of useful work (by default the best).

    Failures at random (Poisson), also during checkpoints and restarts (Daly 2006, equation 20):
    wall / useful = M / interval x exp(restart / M) x (exp((interval + checkpoint) / M) - 1).

    Args:
        failure_hours: Mean time between failures of the whole cluster.
        checkpoint_hours: Time that training stands still to write one checkpoint.
        restart_hours: Time from a failure to the next useful step, lost steps left out.
        interval_hours: Useful time between checkpoints.
    """
    if interval_hours is None and checkpoint_hours < QUICK * failure_hours:
        return exp(-restart_hours / failure_hours)
    best = checkpoint_interval_hours(failure_hours, checkpoint_hours)
    interval = best if interval_hours is None else interval_hours
    if interval <= 0:
        raise ValueError(f"interval_hours {interval:g} must be above 0")
    span = (interval + checkpoint_hours) / failure_hours
    if span + restart_hours / failure_hours > HOPELESS:
        return 0.0
    wall = failure_hours / interval * exp(restart_hours / failure_hours) * expm1(span)
    return min(1.0, 1 / wall)
