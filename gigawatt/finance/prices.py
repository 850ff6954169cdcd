"""Paths of the rent of a chip: around the cost of new entry, which falls, between times of scarcity and of glut.

log rent = long + short,  rent at least what it costs to keep the chip on
long:  d long  = -decline dt + technology_width dW   cost of the same work in new chips
short: d short = reversion (level - short) dt + width dZ,  level that of scarcity or of glut, which take turns

Source of the two factors: Schwartz and Smith 2000, doi:10.1287/mnsc.46.7.893.12034; of the turns: Hamilton 1989,
doi:10.2307/1912559.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, log, sqrt

import numpy as np

from gigawatt import catalog
from gigawatt.finance.levelised_chips import H100, chip_named, flop_per_s
from gigawatt.finance.parameters import parameter
from gigawatt.finance.prices_draws import draw_keys, two_normals, uniforms
from gigawatt.units import MONTHS_PER_YEAR

SHARES = (0.1, 0.5, 0.9)  # P10, P50, P90
REGIME, NOISE = 0, 1  # factors of a draw


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceModel:
    """How the rent of a chip moves; levels are logarithms of rent over cost of entry.

    Raises:
        ValueError: A width or intensity is below 0, or the cost of entry is not above 0.
    """

    entry_usd_per_chip_h: float  # what a newcomer needs for the same work today
    technology_decline_per_year: float = 0.0
    technology_width_per_year: float = 0.0  # standard deviation
    reversion_per_year: float = 0.0
    width_per_year: float = 0.0  # standard deviation of what reverts
    scarcity_level: float = 0.0
    glut_level: float = 0.0
    leave_scarcity_per_year: float = 0.0
    leave_glut_per_year: float = 0.0
    running_usd_per_chip_h: float = 0.0

    def __post_init__(self) -> None:
        if self.entry_usd_per_chip_h <= 0:
            raise ValueError(f"entry_usd_per_chip_h must be above 0, is {self.entry_usd_per_chip_h:g}")
        for name in (
            "technology_width_per_year", "reversion_per_year", "width_per_year", "leave_scarcity_per_year",
            "leave_glut_per_year", "running_usd_per_chip_h",
        ):  # fmt: skip
            if not 0 <= getattr(self, name) < inf:
                raise ValueError(f"{name} must be 0 or more, is {getattr(self, name):g}")

    @property
    def scarcity_share(self) -> float:
        """Share of time in scarcity in the long run; a half if neither ever ends."""
        both = self.leave_scarcity_per_year + self.leave_glut_per_year
        return self.leave_glut_per_year / both if both > 0 else 0.5

    def scarcity_now(self, start_usd_per_chip_h: float) -> float:
        """Probability that a market with this rent is in scarcity, by Bayes' rule from how rents stand in each."""
        short = log(start_usd_per_chip_h / self.entry_usd_per_chip_h)
        if self.scarcity_level == self.glut_level or self.reversion_per_year == 0 or self.width_per_year == 0:
            return self.scarcity_share
        variance = self.width_per_year**2 / (2 * self.reversion_per_year)
        gap = ((short - self.glut_level) ** 2 - (short - self.scarcity_level) ** 2) / (2 * variance)
        share = self.scarcity_share
        if share in (0.0, 1.0):
            return share
        return 1 / (1 + (1 - share) / share * exp(-min(max(gap, -700.0), 700.0)))


def price_model(chip: str = H100) -> PriceModel:
    """The model of the catalog for a chip: entry by its dense BF16 speed, running cost by its power, both over an H100.

    Raises:
        ValueError: The catalog does not know the chip, its speed or its power.
    """
    item = chip_named(chip)
    speed = flop_per_s(item, "bf16") / flop_per_s(H100, "bf16")
    power = float(catalog.value("chips", item, "system_power_w")) / float(
        catalog.value("chips", H100, "system_power_w")
    )
    given = {name: parameter(f"price.{name}") for name in PriceModel.__dataclass_fields__}
    given["entry_usd_per_chip_h"] *= speed
    given["running_usd_per_chip_h"] *= power
    return PriceModel(**given)


def price_paths(
    model: PriceModel,
    start_usd_per_chip_h: float,
    periods: int,
    draws: int,
    *,
    seed: int = 0,
    first: int = 0,
    months: float = 1.0,
) -> np.ndarray:
    """Rents in USD per chip-hour at the end of each period, shape (periods, draws).

    Column n is draw number `first` + n of the seed, the same whatever else is drawn.

    Args:
        start_usd_per_chip_h: Rent today, above 0.
        months: Length of a period.

    Raises:
        ValueError: `start_usd_per_chip_h` or `months` is not above 0, or a count or number is below 0.
    """
    if start_usd_per_chip_h <= 0 or months <= 0:
        raise ValueError(f"start {start_usd_per_chip_h:g} USD per chip-hour and months {months:g} must be above 0")
    if periods < 0 or draws < 0 or first < 0:
        raise ValueError(f"periods {periods}, draws {draws} and first {first} must be 0 or more")
    step = months / MONTHS_PER_YEAR
    keys = draw_keys(seed, first, draws)
    long = np.full(draws, log(model.entry_usd_per_chip_h))
    short = np.full(draws, log(start_usd_per_chip_h / model.entry_usd_per_chip_h))
    scarce = uniforms(keys, 0, REGIME) <= model.scarcity_now(start_usd_per_chip_h)
    kept = exp(-model.reversion_per_year * step)
    wide, drift = _step_width(model, step), model.technology_decline_per_year * step
    found = np.empty((periods, draws))
    for period in range(periods):
        scarce = _turned(model, scarce, uniforms(keys, period + 1, REGIME), step)
        noise, technology = two_normals(keys, period + 1, NOISE)
        level = np.where(scarce, model.scarcity_level, model.glut_level)
        short = level + (short - level) * kept + wide * noise
        long = long - drift + model.technology_width_per_year * sqrt(step) * technology
        found[period] = np.exp(long + short)
    return np.asarray(np.maximum(found, model.running_usd_per_chip_h))


def _step_width(model: PriceModel, step: float) -> float:
    """Standard deviation of the short-run part over a step, exact for any length."""
    pull = 2 * model.reversion_per_year
    return model.width_per_year * sqrt(-expm1(-pull * step) / pull if pull > 0 else step)


def _turned(model: PriceModel, scarce: np.ndarray, chance: np.ndarray, step: float) -> np.ndarray:
    """Whether each draw is in scarcity after a step: exact probabilities of a chain of two states."""
    both = model.leave_scarcity_per_year + model.leave_glut_per_year
    mixed = -expm1(-both * step)
    stays, comes = 1 - (1 - model.scarcity_share) * mixed, model.scarcity_share * mixed
    return np.asarray(chance <= np.where(scarce, stays, comes))


def price_quantiles(paths: np.ndarray, shares: tuple[float, ...] = SHARES) -> np.ndarray:
    """Quantiles over draws in USD per chip-hour, shape (shares, periods): P10, P50, P90 unless told otherwise."""
    return np.asarray(np.quantile(paths, shares, axis=1))
