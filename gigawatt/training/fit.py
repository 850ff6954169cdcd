"""The fit of the speed of training to published runs, and how well it foretells runs that it has not seen.

Robust least squares in the logarithm of chip-hours (Gauss-Newton with weights), so that half and double weigh the same
and one odd run does not bend the rest. A run from memory counts half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gigawatt.catalog import fact, facts, items
from gigawatt.training.flop import Size
from gigawatt.training.run import Plan, estimate
from gigawatt.training.speed import Chip, Speed, year_of

# Logarithms of tensor, system and small; sparsity; software_per_year: a large A100 run at 0.4 of peak, and half of an
# H100's time outside of its tensor cores. The fit may leave it, at a price (RIDGE) that a few runs outweigh, so that no
# coefficient runs off when a whole family of chips is left out.
START = np.array([log(1.6), log(0.45), log(0.4), 0.1, 0.06])
RIDGE = np.array([0.5, 0.5, 0.5, 3.0, 30.0])
SCALE = 0.1  # of the logarithm of hours: beyond, a run pulls no harder
ROUNDS = 60
STEP = 1e-5  # of a coefficient, for slopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A published run: what was known before it began, and the chip-hours that it took."""

    name: str
    organisation: str
    size: Size
    chip: Chip
    plan: Plan
    chip_hours: float
    weight: float = 1.0
    in_fit: bool = True

    @classmethod
    def from_catalog(cls, item: str) -> Self:
        """One row of the table `training_runs`."""
        known = {name: found.value for name, found in facts("training_runs", item).items()}
        return cls(
            name=item,
            organisation=str(known["organisation"]),
            size=Size.named(item),
            chip=Chip.from_catalog(str(known["chip"])),
            plan=Plan(
                tokens=float(known["tokens"]),
                chips=float(known["chips"]) if "chips" in known else None,
                precision=str(known.get("precision", "bf16")),
                year=year_of(str(known["date"])),
            ),
            chip_hours=float(known["chip_hours"]),
            weight=0.5 if fact("training_runs", item, "chip_hours").confidence == "own-estimate" else 1.0,
            in_fit=bool(known["in_fit"]),
        )


def published_runs() -> tuple[Run, ...]:
    """Every run of the table `training_runs`; `in_fit` tells those that the coefficients come from."""
    return tuple(Run.from_catalog(item) for item in items("training_runs"))


def fitted(runs: Sequence[Run]) -> Speed:
    """Coefficients that the runs give; the band stays at none."""
    weights = np.array([run.weight for run in runs])
    theta = START.copy()
    for _ in range(ROUNDS):
        misses = _misses(runs, theta)
        slopes = np.column_stack([(_misses(runs, theta + step) - misses) / STEP for step in STEP * np.eye(len(START))])
        pull = weights / np.sqrt(1 + (misses / SCALE) ** 2)
        sides = slopes.T * pull
        step = np.linalg.solve(sides @ slopes + np.diag(RIDGE), -sides @ misses - RIDGE * (theta - START))
        theta = theta + np.clip(step, -0.3, 0.3)
    return _speed(theta)


def miss(run: Run, speed: Speed) -> float:
    """Logarithm of estimated over published chip-hours."""
    return log(estimate(run.size, run.chip, plan=run.plan, speed=speed).chip_hours / run.chip_hours)


def left_out(runs: Sequence[Run], group: Callable[[Run], str]) -> dict[str, float]:
    """The miss of each run by coefficients fitted to the runs of all other groups."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(map(group, runs)):
        speed = fitted([run for run in runs if run.in_fit and group(run) != name])
        found |= {run.name: miss(run, speed) for run in runs if group(run) == name}
    return found


def by_family(run: Run) -> str:
    """Chips of one generation: letters and digits of the name up to the first sign, H800 and GH200 with H100."""
    family = run.chip.name.split("-")[0]
    return "h100" if family in ("h800", "gh200", "h200") else run.chip.name if family == "tpu" else family


def by_organisation(run: Run) -> str:
    """Who trained it."""
    return run.organisation


def band(misses: Iterable[float], share: float = 0.8) -> tuple[float, float]:
    """Published over estimated chip-hours: the quantiles between which `share` of the runs lie."""
    tail = (1 - share) / 2
    low, high = np.quantile(-np.array(list(misses)), (tail, 1 - tail))
    return float(np.exp(low)), float(np.exp(high))


def _misses(runs: Sequence[Run], theta: NDArray[np.float64]) -> NDArray[np.float64]:
    speed = _speed(theta)
    return np.array([miss(run, speed) for run in runs])


def _speed(theta: NDArray[np.float64]) -> Speed:
    tensor, system, small = map(float, np.exp(theta[:3]))
    sparsity, software = map(float, theta[3:])
    return Speed(tensor=tensor, system=system, small=small, sparsity=sparsity, software_per_year=software)
