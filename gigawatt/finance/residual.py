"""What a chip is still worth: curves by generation, the worth of the rents to come, and guarantees of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import ArrayLike

from gigawatt import catalog
from gigawatt.units import HOURS_PER_YEAR, MONTHS_PER_YEAR

PREFIX = "residual."  # items of the catalog table `finance` that hold a curve
CASES = ("low", "middle", "high")  # what is left: little, as expected, much


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualCurve:
    """Share of the purchase price that is left: exp(-decline x age), at least the floor."""

    name: str = "curve"
    decline_per_year: float
    floor: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.decline_per_year < inf and 0 <= self.floor <= 1):
            given = f"decline_per_year {self.decline_per_year:g} and floor {self.floor:g}"
            raise ValueError(f"{self.name}: {given}; wants a finite decline of 0 or more and a floor from 0 to 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualRisk:
    """A guaranteed worth against what chips turn out to be worth, in USD; shortfalls are 0 or more."""

    guaranteed_usd: float
    mean_usd: float
    chance: float  # that chips are worth less than guaranteed
    expected_usd: float  # mean shortfall over all draws: the fair premium, undiscounted
    at_risk_usd: float  # shortfall that is exceeded in 5 % of draws
    tail_usd: float  # mean shortfall of these 5 %


def residual_curve(generation: str, case: str = "middle") -> ResidualCurve:
    """The curve of a generation (`hopper`, `blackwell`, `instinct`, `building`); `case` is low, middle or high.

    Raises:
        ValueError: The generation or the case is unknown.
    """
    known = [item.removeprefix(PREFIX) for item in catalog.items("finance") if item.startswith(PREFIX)]
    if generation not in known or case not in CASES:
        raise ValueError(f"{generation!r}, {case!r}: known are {', '.join(known)} and {', '.join(CASES)}")
    decline = catalog.fact("finance", PREFIX + generation, "decline_per_year")
    # A chip that keeps much declines slowly.
    chosen = {"low": decline.high, "middle": decline.value, "high": decline.low}[case]
    floor = float(catalog.value("finance", PREFIX + generation, "floor"))
    return ResidualCurve(name=generation, decline_per_year=float(chosen or 0.0), floor=floor)


def residual_share(age_years: ArrayLike, curve: ResidualCurve) -> np.ndarray:
    """Share of the purchase price that is left at that age, 1 when new; the shape of `age_years`.

    Raises:
        ValueError: An age is below 0 or no number.
    """
    age = np.asarray(age_years, dtype=float)
    if not np.all(age >= 0):
        raise ValueError(f"age_years must be 0 or more, is {float(age[~(age >= 0)].flat[0]):g}")
    return np.asarray(np.maximum(np.exp(-curve.decline_per_year * age), curve.floor))


def rental_worth_usd(
    paths_usd_per_chip_h: np.ndarray,
    *,
    running_usd_per_chip_h: float,
    rate: float,
    utilisation: float = 1.0,
    months: float = 1.0,
) -> np.ndarray:
    """What the rest of each path earns, worth at the start of each period, in USD; shape (periods + 1, draws).

    Rents above running cost, paid at the ends of periods; the last row is the end, where nothing is left. A chip whose
    rent does not pay its running is off.

    Args:
        paths_usd_per_chip_h: From `price_paths`, shape (periods, draws).

    Raises:
        ValueError: A rent, the running cost or the rate is not finite, or out of bounds.
    """
    if not (-1 < rate < inf and 0 <= utilisation <= 1 and 0 < months < inf):
        bounds = "wants a finite rate above -1, utilisation from 0 to 1 and months above 0"
        raise ValueError(f"rate {rate:g}, utilisation {utilisation:g}, months {months:g}: {bounds}")
    if not (np.all(np.isfinite(paths_usd_per_chip_h)) and 0 <= running_usd_per_chip_h < inf):
        raise ValueError(f"rents must be finite, and running {running_usd_per_chip_h:g} USD per chip-hour 0 or more")
    hours = HOURS_PER_YEAR * months / MONTHS_PER_YEAR * utilisation
    kept = (1 + rate) ** (-months / MONTHS_PER_YEAR)
    earned = np.maximum(paths_usd_per_chip_h - running_usd_per_chip_h, 0.0) * hours
    worth = np.zeros((len(earned) + 1, earned.shape[1]))
    for period in range(len(earned) - 1, -1, -1):
        worth[period] = (worth[period + 1] + earned[period]) * kept
    return worth


def residual_value_at_risk(values_usd: np.ndarray, guaranteed_usd: float, share: float = 0.95) -> ResidualRisk:
    """What a guarantee of residual value may cost: chance, mean and tail of the shortfall.

    Args:
        values_usd: What the assets turn out to be worth, one a draw.
        share: Of draws in which the shortfall stays within `at_risk_usd`.

    Raises:
        ValueError: No draws, an amount that is not finite, or `share` is not between 0 and 1.
    """
    values = np.asarray(values_usd, dtype=float)
    if values.size == 0 or not 0 < share < 1:
        raise ValueError(f"{values.size} draws and share {share:g}: wants at least one, and a share between 0 and 1")
    if not (np.isfinite(values).all() and isfinite(guaranteed_usd)):
        raise ValueError(f"guaranteed_usd {guaranteed_usd:g} and all values_usd must be finite")
    shortfall = np.maximum(guaranteed_usd - values, 0.0)
    at_risk = float(np.quantile(shortfall, share))
    return ResidualRisk(
        guaranteed_usd=guaranteed_usd,
        mean_usd=float(values.mean()),
        chance=float(np.mean(values < guaranteed_usd)),
        expected_usd=float(shortfall.mean()),
        at_risk_usd=at_risk,
        tail_usd=float(shortfall[shortfall >= at_risk].mean()),
    )
