"""One training run on one cluster: time, energy, cost.

chip-hours = FLOP / (peak x MFU) / 3600              useful work, at steady state
wall time  = chip-hours / chips / goodput            goodput: share of time not lost to failures and restarts
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from math import sqrt
from typing import Any, Self

from gigawatt.catalog import facts
from gigawatt.training.scaling import training_flop
from gigawatt.units import HOURS_PER_DAY, SECONDS_PER_HOUR, W_PER_MW


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """What training needs to know of an accelerator; the peak is dense."""

    name: str = "chip"
    bf16_flop_per_s: float
    fp8_flop_per_s: float = 0.0
    system_power_w: float  # with its share of CPU, switches, fans
    usd_per_h: float = 0.0  # rent or levelised cost of a chip-hour, energy included

    @classmethod
    def from_catalog(cls, name: str, usd_per_h: float = 0.0) -> Self:
        """The chip called `name` in the catalog's table `chips`, at this hourly cost."""
        return cls(name=name, usd_per_h=usd_per_h, **_catalog_values(name, cls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The chips of a run and how well they work."""

    chip: Chip
    chips: float
    mfu: float  # useful FLOP over peak while it runs
    goodput: float = 1.0  # share of wall time that is not lost
    pue: float = 1.0
    precision: str = "bf16"  # of the peak that `mfu` refers to

    def __post_init__(self) -> None:
        for name in ("mfu", "goodput"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} {getattr(self, name):g} must be above 0 and at most 1")

    @property
    def peak_flop_per_s(self) -> float:
        """Dense peak of one chip in FLOP/s."""
        peak = self.chip.fp8_flop_per_s if self.precision == "fp8" else self.chip.bf16_flop_per_s
        if peak <= 0:
            raise ValueError(f"{self.chip.name}: no peak for precision {self.precision!r}")
        return peak


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """What a run takes."""

    flop: float
    chip_hours: float  # occupied, lost time included
    days: float
    energy_mwh: float  # at the site's meter
    cost_usd: float


def run(params_active: float, tokens: float, cluster: Cluster) -> TrainingRun:
    """Time, energy and cost of training `params_active` parameters on `tokens` tokens (6 N D)."""
    flop = training_flop(params_active, tokens)
    speed_flop_per_s = cluster.peak_flop_per_s * cluster.mfu * cluster.goodput
    chip_hours = flop / speed_flop_per_s / SECONDS_PER_HOUR
    return TrainingRun(
        flop=flop,
        chip_hours=chip_hours,
        days=chip_hours / cluster.chips / HOURS_PER_DAY,
        energy_mwh=chip_hours * cluster.chip.system_power_w * cluster.pue / W_PER_MW,
        cost_usd=chip_hours * cluster.chip.usd_per_h,
    )


def mfu_of(flop: float, chip_hours: float, peak_flop_per_s: float) -> float:
    """Utilisation that a published run implies: its FLOP over what its chip-hours could have done at peak."""
    return flop / (chip_hours * SECONDS_PER_HOUR * peak_flop_per_s)


def goodput(failure_hours: float, checkpoint_hours: float, restart_hours: float) -> float:
    """Share of time that counts, with checkpoints at the best interval.

    Young's interval sqrt(2 x checkpoint x time between failures) loses sqrt(2 x checkpoint / time between failures)
    of the time; each failure loses a restart besides. First order in checkpoint over time between failures.

    Source: Young 1974, doi:10.1145/361147.361115.

    Args:
        failure_hours: Mean time between failures of the whole cluster.
        checkpoint_hours: Time that training stands still to write one checkpoint.
        restart_hours: Time from a failure to the next useful step, lost steps left out.
    """
    lost = sqrt(2 * checkpoint_hours / failure_hours) + restart_hours / failure_hours
    return max(0.0, 1 - lost)


def checkpoint_interval_hours(failure_hours: float, checkpoint_hours: float) -> float:
    """Best time between checkpoints, in hours (Young 1974)."""
    return sqrt(2 * checkpoint_hours * failure_hours)


def _catalog_values(name: str, cls: type) -> dict[str, Any]:
    """Values of the fields of `cls` that the catalog chip has; the others keep their defaults."""
    known = facts("chips", name)
    missing = [f.name for f in fields(cls) if f.default is MISSING and f.name not in known]
    if missing:
        raise ValueError(f"catalog chips: {name} lacks {', '.join(missing)}")
    return {f.name: known[f.name].value for f in fields(cls) if f.name in known and f.name != "name"}
