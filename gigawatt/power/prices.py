"""Hourly price and carbon of a grid: a year with the shape of a real market, that follows the local sun and wind.

An index of scarcity is made of the hour and month, the weekend, what sun and wind do beyond their season, and noise
that remembers. Ranked over the year and sent through the quantiles of the market it becomes a price: so a year has
the market's spread, negative hours and spikes, and they fall on the hours where they belong. Carbon goes the same way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Self

import numpy as np

from gigawatt import catalog
from gigawatt.power.weather import lasting, persistent
from gigawatt.units import DAYS_PER_WEEK, DEGREES_PER_HOUR, HOURS_PER_DAY, HOURS_PER_YEAR

Array = np.ndarray

SHARES = (0.0, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 1.0)
MONTHS = ("january", "april", "july", "october")  # whose middle the four daily shapes stand for
MIDDLES = np.array([15.0, 105.0, 196.0, 288.0])  # their days of the year
FIRST_WEEKDAY = 2  # of 2025, a Wednesday; Monday is 0
DAYS_PER_YEAR = HOURS_PER_YEAR // HOURS_PER_DAY
FAST_DAYS = 6.0 / HOURS_PER_DAY
SEASON_DAYS = 31  # of the mean that sun and wind are compared with
EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """How a price or a carbon intensity swings over a year. The index has a standard deviation of about 1."""

    quantiles: tuple[float, ...]  # at SHARES of the hours
    months: tuple[tuple[float, ...], ...]  # index by local hour (24), in the middle of MONTHS
    weekend: float  # index on Saturday and Sunday less that of the week
    noise: float  # standard deviation of what is left of the index
    days: float  # how long that lasts
    hourly: float  # share of its variance that changes within hours
    sun: float  # of the index, by one standard deviation of the local sun above its season
    wind: float

    @classmethod
    def from_catalog(cls, grid: str, what: str) -> Self:
        """The swing of `what` ("price" or "carbon") in the catalog's table `grids`."""
        facts = catalog.facts("grids", catalog.named("grids", grid))
        return cls(
            quantiles=_numbers(facts[f"{what}_quantiles"].value),
            months=tuple(_numbers(facts[f"{what}_{month}"].value) for month in MONTHS),
            **{name: float(facts[f"{what}_{name}"].value) for name in ("weekend", "noise", "hourly", "sun", "wind")},
            days=float(facts[f"{what}_lasting_days"].value),
        )


def _numbers(text: float | str) -> tuple[float, ...]:
    return tuple(float(part) for part in str(text).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A market: where it is, what it costs and emits on average, and how both swing."""

    name: str
    region: str  # of the catalog's table `regions`
    lat: float  # of its load, degrees
    lon: float
    mean_usd_per_mwh: float  # of the energy, which is what swings
    delivery_usd_per_mwh: float  # on top, the same in every hour
    mean_g_per_kwh: float
    price: Swing
    carbon: Swing
    together: float  # correlation of the noises of price and carbon

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The market called `name` in the table `grids`; means that it does not give are those of its region."""
        name = catalog.named("grids", name)
        facts = catalog.facts("grids", name)
        means = catalog.facts("regions", str(facts["region"].value)) | facts
        delivery = float(means["delivery_usd_per_mwh"].value)
        return cls(
            name=name,
            region=str(facts["region"].value),
            lat=float(facts["lat"].value),
            lon=float(facts["lon"].value),
            mean_usd_per_mwh=energy_usd_per_mwh(float(means["grid_usd_per_mwh"].value), delivery),
            delivery_usd_per_mwh=delivery,
            mean_g_per_kwh=float(means["carbon_g_per_kwh"].value),
            price=Swing.from_catalog(name, "price"),
            carbon=Swing.from_catalog(name, "carbon"),
            together=float(facts["together"].value),
        )


def energy_usd_per_mwh(grid_usd_per_mwh: float, delivery_usd_per_mwh: float) -> float:
    """Mean price of energy, in USD/MWh: what large loads pay, less the delivery that is part of it.

    Raises:
        ValueError: Nothing is left for energy.
    """
    if not 0.0 <= delivery_usd_per_mwh < grid_usd_per_mwh:
        raise ValueError(
            f"delivery_usd_per_mwh {delivery_usd_per_mwh:g} is part of grid_usd_per_mwh {grid_usd_per_mwh:g}, "
            "so it must be 0 or more and below that"
        )
    return grid_usd_per_mwh - delivery_usd_per_mwh


def market_at(lat: float, lon: float) -> Market:
    """The market whose load is nearest, over the surface of the Earth."""
    places = {name: catalog.facts("grids", name) for name in catalog.items("grids")}
    far = {n: distance_km(lat, lon, float(f["lat"].value), float(f["lon"].value)) for n, f in places.items()}
    return Market.from_catalog(min(far, key=far.__getitem__))


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Shortest way between two places over the surface of the Earth, km."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def price_and_carbon(
    grid: Market,
    *,
    rng: np.random.Generator,
    pv_cf: Array | None = None,
    wind_cf: Array | None = None,
    first_weekday: int = FIRST_WEEKDAY,
) -> tuple[Array, Array]:
    """Price in USD/MWh and carbon in g/kWh of every hour, (8760,) each, with the means of the grid.

    Args:
        grid: The market.
        rng: Draws the noise.
        pv_cf: Of the place, (8760,); sun above its season makes power cheap where there is much of it.
        wind_cf: The same of wind.
        first_weekday: Of 1 January, Monday is 0.
    """
    sun, wind = beyond_season(pv_cf), beyond_season(wind_cf)
    first = noise(grid.price, rng)
    second = lasting(noise(grid.carbon, rng), first, grid.together**2)
    second = second if grid.together >= 0 else lasting(noise(grid.carbon, rng), -first, grid.together**2)
    price = swung(grid.price, index(grid.price, grid.lon, first_weekday, sun, wind, first))
    carbon = swung(grid.carbon, index(grid.carbon, grid.lon, first_weekday, sun, wind, second))
    return price * (grid.mean_usd_per_mwh / price.mean()), carbon * (grid.mean_g_per_kwh / carbon.mean())


def noise(swing: Swing, rng: np.random.Generator) -> Array:
    """Standard normal noise that remembers as the index does, (8760,)."""
    return lasting(persistent(rng, swing.days), persistent(rng, FAST_DAYS), swing.hourly)


def beyond_season(cf: Array | None) -> Array:
    """How far each hour is from the mean of its hour within a month, in standard deviations of that; 0 if not known."""
    if cf is None:
        return np.zeros(HOURS_PER_YEAR)
    days = cf.reshape(-1, HOURS_PER_DAY)
    half = SEASON_DAYS // 2
    total = np.cumsum(np.concatenate([days[-half - 1 :], days, days[:half]]), axis=0)
    apart = (days - (total[SEASON_DAYS:] - total[:-SEASON_DAYS]) / SEASON_DAYS).ravel()
    return np.asarray(apart / max(float(apart.std()), 1e-12))


def index(swing: Swing, lon: float, first_weekday: int, sun: Array, wind: Array, left: Array) -> Array:
    """The index of scarcity: calendar, sun, wind and what is left, (8760,)."""
    quiet = max(swing.noise**2 - swing.sun**2 - swing.wind**2, 0.0)  # what sun and wind do not account for
    return calendar(swing, lon, first_weekday) + swing.sun * sun + swing.wind * wind + math.sqrt(quiet) * left


def calendar(swing: Swing, lon: float, first_weekday: int) -> Array:
    """The part of the index that hour, month and weekend give, (8760,)."""
    local = np.arange(HOURS_PER_YEAR) + round(lon / DEGREES_PER_HOUR)
    weights = month_weights(local // HOURS_PER_DAY % DAYS_PER_YEAR)
    shape = np.einsum("tm,mt->t", weights, np.array(swing.months)[:, local % HOURS_PER_DAY])
    weekday = (local // HOURS_PER_DAY + first_weekday) % DAYS_PER_WEEK
    return np.asarray(shape + np.where(weekday >= 5, swing.weekend, 0.0))


def month_weights(day: Array) -> Array:
    """How much each of the four shapes counts on a day of the year, (len(day), 4); two neighbours share."""
    after = np.searchsorted(MIDDLES, day, side="right") % len(MIDDLES)
    before = after - 1
    span = (MIDDLES[after] - MIDDLES[before]) % DAYS_PER_YEAR
    share = ((day - MIDDLES[before]) % DAYS_PER_YEAR) / span
    weights = np.zeros((len(day), len(MIDDLES)))
    rows = np.arange(len(day))
    weights[rows, before] = 1.0 - share
    weights[rows, after] += share
    return weights


def swung(swing: Swing, index: Array) -> Array:
    """Values whose ranks are those of the index and whose quantiles are those of the market."""
    ranks = np.empty(len(index), dtype=np.int64)
    ranks[np.argsort(index, kind="stable")] = np.arange(len(index))
    by_rank = np.interp(scores(len(index)), nodes(len(index)), swing.quantiles)
    return np.asarray(by_rank[ranks])


@cache
def scores(count: int) -> Array:
    """Normal scores of the ranks 0 to count - 1; made once, not to be written to."""
    normal = NormalDist()
    found = np.array([normal.inv_cdf((rank + 0.5) / count) for rank in range(count)])
    found.flags.writeable = False
    return found


def nodes(count: int) -> Array:
    """Normal scores of SHARES, the ends at those of the first and last of `count` ranks."""
    normal, end = NormalDist(), 0.5 / count
    return np.array([normal.inv_cdf(min(max(share, end), 1.0 - end)) for share in SHARES])
