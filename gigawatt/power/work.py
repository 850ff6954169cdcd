"""What the computers of a site do, and how much of their power each kind of work draws hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp, pi
from typing import Self

import numpy as np

from gigawatt.catalog import values_of
from gigawatt.units import HOURS_PER_DAY

Array = np.ndarray
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of work. Powers are over the IT power that is provisioned for it, work is over its busiest hour."""

    name: str
    busy_power: float  # hourly mean at full work
    idle_power: float  # hourly mean without work
    peak_power: float  # of seconds
    swing_share: float  # change of power within two seconds
    trough: float  # work in the quietest hour of a day over that in its busiest, where all users share a clock
    weekend: float  # work on Saturday and Sunday over that on other days
    peak_hour: float  # of the users' local time
    spread_hours: float  # standard deviation of the users' local time
    gap_share: float  # of hours in which a job stands still
    gap_hours: float  # mean length of such a stop
    jobs: float  # that run side by side, each with stops of its own
    spread: float  # standard deviation of the hourly mean of power
    spread_corr_hours: float  # time over which that deviation is forgotten
    delay_share: float  # of the work that can wait
    delay_cost_share: float  # cost of waiting over the value of the chip-hours that wait

    def __post_init__(self) -> None:
        if not 0 <= self.idle_power <= self.busy_power <= 1:
            raise ValueError(f"{self.name}: powers must rise from idle to busy, within 0 to 1")
        if not (0 <= self.trough <= 1 and 0 <= self.weekend <= 1 and 0 <= self.gap_share < 1):
            raise ValueError(f"{self.name}: trough, weekend and gap_share must be between 0 and 1")

    @classmethod
    @cache
    def from_catalog(cls, name: str) -> Self:
        """The work called `name` in the catalog's table `workloads`."""
        return cls(**values_of("workloads", name, cls))


def day_shape(work: Work, local_hour: Array, weekday: Array) -> Array:
    """Work over that of the busiest hour, by the users' local hour and day of the week (0 = Monday).

    A cosine between 1 and the trough. Users whose clocks differ by a standard deviation of s hours see its amplitude
    shrink by exp(-(2 pi s / 24)^2 / 2), the mean of a cosine over a normal spread of its phase.
    """
    turn = 2 * pi / HOURS_PER_DAY
    amplitude = (1 - work.trough) / 2 * exp(-((turn * work.spread_hours) ** 2) / 2)
    shape = (1 + work.trough) / 2 + amplitude * np.cos(turn * (local_hour - work.peak_hour))
    return shape * np.where(weekday >= SATURDAY, work.weekend, 1.0)


def power_share(work: Work, local_hour: Array, weekday: Array, rng: np.random.Generator | None = None) -> Array:
    """Hourly mean of power over provisioned IT power; (T,). Without `rng`, stops are spread evenly over the hours."""
    active = day_shape(work, local_hour, weekday)
    hours = len(active)
    deviation = np.zeros(hours)
    if rng is None:
        active = active * (1 - work.gap_share)
    else:
        active = active * running(work, hours, rng)
        deviation = work.spread * _remembering(hours, work.spread_corr_hours, rng)
    share = work.idle_power + (work.busy_power - work.idle_power) * active + deviation
    return np.clip(share, 0.0, work.peak_power)


def running(work: Work, hours: int, rng: np.random.Generator) -> Array:
    """Share of the jobs that run, hour by hour; stops and runs have geometric lengths, `gap_share` of hours stand."""
    jobs = max(1, round(work.jobs))
    if work.gap_share == 0:
        return np.ones(hours)
    stop_hours = max(1.0, work.gap_hours)
    run_hours = max(1.0, stop_hours * (1 - work.gap_share) / work.gap_share)
    total = np.zeros(hours)
    for _ in range(jobs):
        count = int(2 * hours / (stop_hours + run_hours)) + 20
        lengths = np.empty(2 * count, dtype=np.int64)
        lengths[0::2] = rng.geometric(1 / run_hours, count)
        lengths[1::2] = rng.geometric(1 / stop_hours, count)
        on = np.repeat(np.arange(2 * count) % 2 == 0, lengths)
        start = 0 if len(on) < 2 * hours else int(rng.integers(0, len(on) - hours))
        total += np.resize(on[start:], hours)
    return total / jobs


def _remembering(hours: int, memory_hours: float, rng: np.random.Generator) -> Array:
    """A normal deviation of unit size whose correlation falls by e in `memory_hours`."""
    keep = exp(-1 / memory_hours)
    drawn = rng.standard_normal(hours)
    out = np.empty(hours)
    value = drawn[0]
    for t in range(hours):
        value = value if t == 0 else keep * value + (1 - keep * keep) ** 0.5 * drawn[t]
        out[t] = value
    return out


def swing_mw(it_mw: float, work: Mapping[str, float]) -> float:
    """Change of power within two seconds, in MW, that a site with `it_mw` of computers must ride through.

    Adds the swings of all kinds of work, as if they came together; within the hour nothing of it is seen.
    """
    return it_mw * sum(share * Work.from_catalog(name).swing_share for name, share in work.items())
