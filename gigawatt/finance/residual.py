"""What a chip is still worth: curves by generation, the worth of the rents to come, and guarantees of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigawatt import catalog
from gigawatt.units import HOURS_PER_YEAR, MONTHS_PER_YEAR

PREFIX = "residual."  # items of the catalog table `finance` that hold a curve
CASES = ("low", "middle", "high")  # what is left: little, as expected, much
POWERS = 3  # of log rent by which the worth of later rents is told


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualCurve:
    """Share of the purchase price that is left: exp(-decline x age), at least the floor."""

    name: str = "curve"
    decline_per_year: float
    floor: float = 0.0

    def __post_init__(self) -> None:
        if self.decline_per_year < 0 or not 0 <= self.floor <= 1:
            raise ValueError(
                f"{self.name}: decline_per_year {self.decline_per_year:g} must be 0 or more and floor {self.floor:g} "
                "between 0 and 1"
            )


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
        ValueError: An age is below 0.
    """
    age = np.asarray(age_years, dtype=float)
    if np.any(age < 0):
        raise ValueError(f"age_years must be 0 or more, is {float(age.min()):g}")
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
    """
    if rate <= -1:
        raise ValueError(f"rate {rate:g} must be above -1")
    hours = HOURS_PER_YEAR * months / MONTHS_PER_YEAR * utilisation
    kept = (1 + rate) ** (-months / MONTHS_PER_YEAR)
    earned = np.maximum(paths_usd_per_chip_h - running_usd_per_chip_h, 0.0) * hours
    worth = np.zeros((len(earned) + 1, earned.shape[1]))
    for period in range(len(earned) - 1, -1, -1):
        worth[period] = (worth[period + 1] + earned[period]) * kept
    return worth


def market_worth_usd(paths_usd_per_chip_h: np.ndarray, worth_usd: np.ndarray, period: int) -> np.ndarray:
    """What a buyer pays after `period` periods who knows the rent but not the future, in USD; shape (draws,).

    The mean of what paths with that rent earn from then on: least squares on powers of the log rent.
    Source: Longstaff and Schwartz 2001, doi:10.1093/rfs/14.1.113.

    Args:
        worth_usd: From `rental_worth_usd`, shape (periods + 1, draws).
    """
    if not 1 <= period <= len(paths_usd_per_chip_h):
        raise ValueError(f"period {period} must lie between 1 and {len(paths_usd_per_chip_h)}")
    x = np.log(paths_usd_per_chip_h[period - 1])
    x = (x - x.mean()) / max(float(x.std()), 1e-12)
    basis = np.vander(x, POWERS + 1)
    weights = np.linalg.lstsq(basis, worth_usd[period], rcond=None)[0]
    return np.asarray(np.maximum(basis @ weights, 0.0))


def implied_curve(worth_usd: np.ndarray, *, months: float = 1.0, years: float = 3.0) -> ResidualCurve:
    """The curve that mean worth follows over the first `years`: the residual value that rents alone imply."""
    period = round(years * MONTHS_PER_YEAR / months)
    if not 1 <= period < len(worth_usd):
        raise ValueError(f"years {years:g} must lie within the paths")
    share = float(worth_usd[period].mean() / worth_usd[0].mean())
    return ResidualCurve(name="rents", decline_per_year=-float(np.log(share)) / years)


def residual_value_at_risk(values_usd: np.ndarray, guaranteed_usd: float, share: float = 0.95) -> ResidualRisk:
    """What a guarantee of residual value may cost: chance, mean and tail of the shortfall.

    Args:
        values_usd: What the assets turn out to be worth, one a draw.
        share: Of draws in which the shortfall stays within `at_risk_usd`.

    Raises:
        ValueError: No draws, or `share` is not between 0 and 1.
    """
    values = np.asarray(values_usd, dtype=float)
    if values.size == 0 or not 0 < share < 1:
        raise ValueError(f"{values.size} draws and share {share:g}: wants at least one, and a share between 0 and 1")
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
