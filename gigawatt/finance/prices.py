"""Paths of the rent of a chip: around the cost of new entry, which falls, between times of scarcity and of glut.

log rent = long + short,  rent at least what it costs to keep the chip on
long:  d long  = -decline dt + technology_width dW   cost of the same work in new chips
short: d short = reversion (level - short) dt + width dZ,  level that of scarcity or of glut, which take turns

Source of the two factors: Schwartz and Smith 2000, doi:10.1287/mnsc.46.7.893.12034; of the turns: Hamilton 1989,
doi:10.2307/1912559.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf, sqrt

import numpy as np

from gigawatt import catalog
from gigawatt.finance.draws import draw_keys, in_range, two_normals, uniforms
from gigawatt.finance.levelised import Amount, plain
from gigawatt.finance.levelised_chips import H100, chip_named, flop_per_s
from gigawatt.finance.parameters import parameter
from gigawatt.units import MONTHS_PER_YEAR

SHARES = (0.1, 0.5, 0.9)  # P10, P50, P90
SIGNED = ("technology_decline_per_year", "scarcity_level", "glut_level")  # may be below 0
REGIME, NOISE, PARAMETERS = 0, 1, 10  # factors of a draw: the last one and those after it of period 0
MOST_LOG_ODDS = 700.0  # whose exponential a double still holds


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceModel:
    """How the rent of a chip moves; levels are logarithms of rent over cost of entry. Numbers, or one a draw.

    Raises:
        ValueError: A width or intensity is below 0, the cost of entry is not above 0, or a number is not finite.
    """

    entry_usd_per_chip_h: Amount  # what a newcomer needs for the same work today
    technology_decline_per_year: Amount = 0.0
    technology_width_per_year: Amount = 0.0  # standard deviation
    reversion_per_year: Amount = 0.0
    width_per_year: Amount = 0.0  # standard deviation of what reverts
    scarcity_level: Amount = 0.0
    glut_level: Amount = 0.0
    leave_scarcity_per_year: Amount = 0.0
    leave_glut_per_year: Amount = 0.0
    running_usd_per_chip_h: Amount = 0.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value = np.asarray(getattr(self, name), dtype=float)
            least = -inf if name in SIGNED else 0.0
            above = value > 0 if name == "entry_usd_per_chip_h" else value >= least
            wrong = ~(np.isfinite(value) & above)
            if wrong.any():
                bound = "above 0" if name == "entry_usd_per_chip_h" else "0 or more" if least == 0 else "a number"
                raise ValueError(f"{name} must be {bound} and finite, is {value[wrong].flat[0]:g}")

    @property
    def scarcity_share(self) -> Amount:
        """Share of time in scarcity in the long run; a half if neither ever ends."""
        both = np.asarray(self.leave_scarcity_per_year + self.leave_glut_per_year, dtype=float)
        share = np.where(both > 0, self.leave_glut_per_year / np.where(both > 0, both, 1.0), 0.5)
        return plain(share)

    def scarcity_now(self, start_usd_per_chip_h: float) -> Amount:
        """Probability that a market with this rent is in scarcity, by Bayes' rule from how rents stand in each."""
        short = np.log(start_usd_per_chip_h / np.asarray(self.entry_usd_per_chip_h))
        narrow = np.asarray(self.width_per_year, dtype=float) ** 2  # 0 where rents tell nothing
        gap = (short - self.glut_level) ** 2 - (short - self.scarcity_level) ** 2
        told = gap * self.reversion_per_year / np.where(narrow > 0, narrow, inf)
        odds = np.exp(np.clip(told, -MOST_LOG_ODDS, MOST_LOG_ODDS))
        share = np.asarray(self.scarcity_share)
        return plain(share * odds / (share * odds + 1 - share))


FIELDS = tuple(field.name for field in fields(PriceModel))


def price_model(chip: str = H100) -> PriceModel:
    """The model of the catalog for a chip: entry by its dense BF16 speed, running cost by its power, both over an H100.

    Raises:
        ValueError: The catalog does not know the chip, its speed or its power.
    """
    return PriceModel(**_of_chip(chip, {name: parameter(f"price.{name}") for name in FIELDS}))


def uncertain_price_model(chip: str = H100, *, draws: int, seed: int = 0, first: int = 0) -> PriceModel:
    """A model with its parameters drawn too, one set a draw: normal within the catalog's 90 % ranges on either side.

    For `price_paths` with the same draws, seed and first. Parameters are drawn each for itself.
    """
    if draws < 1 or first < 0:
        raise ValueError(f"draws {draws} must be at least 1 and first {first} 0 or more")
    keys = draw_keys(seed, first, draws)
    given: dict[str, Amount] = {}
    for number, name in enumerate(FIELDS):
        fact = catalog.fact("finance", f"price.{name}", "value")
        middle = float(fact.value)
        low, high = (middle if end is None else end for end in (fact.low, fact.high))
        given[name] = in_range(two_normals(keys, 0, PARAMETERS + 2 * number)[0], middle, low, high)
    return PriceModel(**_of_chip(chip, given))


def _of_chip(chip: str, given: Mapping[str, Amount]) -> dict[str, Amount]:
    """Parameters of an H100 as those of a chip."""
    item = chip_named(chip)
    speed = flop_per_s(item, "bf16") / flop_per_s(H100, "bf16")
    watts = [float(catalog.value("chips", name, "system_power_w")) for name in (item, H100)]
    scaled = {
        "entry_usd_per_chip_h": given["entry_usd_per_chip_h"] * speed,
        "running_usd_per_chip_h": given["running_usd_per_chip_h"] * watts[0] / watts[1],
    }
    return {**given, **scaled}


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
        ValueError: `start_usd_per_chip_h` or `months` is not above 0 and finite, there are no draws, or a number is
            below 0.
    """
    _check_asked(start_usd_per_chip_h, months, periods, draws, first)
    step = months / MONTHS_PER_YEAR
    keys = draw_keys(seed, first, draws)
    long = np.log(model.entry_usd_per_chip_h) + np.zeros(draws)
    short = np.log(start_usd_per_chip_h / np.asarray(model.entry_usd_per_chip_h)) + np.zeros(draws)
    scarce = uniforms(keys, 0, REGIME) <= model.scarcity_now(start_usd_per_chip_h)
    kept = np.exp(-np.asarray(model.reversion_per_year) * step)
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


def _check_asked(start_usd_per_chip_h: float, months: float, periods: int, draws: int, first: int) -> None:
    """ValueError for a start, step or count that cannot be."""
    if not (0 < start_usd_per_chip_h < inf and 0 < months < inf):
        given = f"start {start_usd_per_chip_h:g} USD per chip-hour and months {months:g}"
        raise ValueError(f"{given} must be above 0 and finite")
    if periods < 0 or draws < 1 or first < 0:
        raise ValueError(f"periods {periods} and first {first} must be 0 or more, draws {draws} at least 1")


def _step_width(model: PriceModel, step: float) -> Amount:
    """Standard deviation of the short-run part over a step, exact for any length."""
    pull = 2 * np.asarray(model.reversion_per_year, dtype=float)
    pulled = np.where(pull > 0, pull, 1.0)
    return plain(model.width_per_year * np.sqrt(np.where(pull > 0, -np.expm1(-pulled * step) / pulled, step)))


def _turned(model: PriceModel, scarce: np.ndarray, chance: np.ndarray, step: float) -> np.ndarray:
    """Whether each draw is in scarcity after a step: exact probabilities of a chain of two states."""
    mixed = -np.expm1(-np.asarray(model.leave_scarcity_per_year + model.leave_glut_per_year) * step)
    stays, comes = 1 - (1 - model.scarcity_share) * mixed, model.scarcity_share * mixed
    return np.asarray(chance <= np.where(scarce, stays, comes))


def price_quantiles(paths: np.ndarray, shares: tuple[float, ...] = SHARES) -> np.ndarray:
    """Quantiles over draws in USD per chip-hour, shape (shares, periods): P10, P50, P90 unless told otherwise.

    Raises:
        ValueError: There are no draws.
    """
    if np.ndim(paths) != 2 or np.shape(paths)[1] == 0:
        raise ValueError(f"paths of shape {np.shape(paths)}: wants (periods, draws) with at least one draw")
    return np.asarray(np.quantile(paths, shares, axis=1))
