"""A year of weather for any place on Earth, made from the stated parameters of its climate.

Each quantity is a normal variable that remembers (AR(1), a share of it for days and the rest for hours), turned into
the quantity by its distribution: clouds by a power law, wind by Weibull's, temperature as it is. Seasons and days come
on top. One draw of clouds moves sun, wind and the daily range of temperature together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Self

import numpy as np

from gigawatt.catalog import facts, items, values_of
from gigawatt.power.solar import PvPlant, clear_sky, pv_cf, solar_position, split
from gigawatt.power.wind import Turbine, wind_cf
from gigawatt.units import DEGREES_PER_HOUR, HOURS_PER_DAY, HOURS_PER_YEAR

Array = np.ndarray

MIDSUMMER_DAY = 172.0  # of the north; the south has it half a year later
WARMEST_HOUR = 15.0  # local solar time
GROUND_WIND = 0.65  # wind at the modules over wind at 100 m: power law from 100 m to 3 m with shear 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """How the weather of a place is distributed, and how long it lasts. Amplitudes are half of the range."""

    name: str = ""
    from_lat: float = 0.0  # the climate stands for latitudes from here, north or south, unless asked for by name
    mean_lat: float = 0.0  # the latitude that `mean_c` holds at
    turbidity: float  # Linke's
    clear_mean: float  # mean of irradiance over that of a clear sky
    clear_season: float  # of it, higher in summer
    clear_least: float  # under the darkest cloud
    clear_days: float  # how long the weather of clouds lasts
    clear_hourly: float  # share of the variance of clouds that changes within hours
    wind_mps: float  # mean at 100 m
    wind_shape: float  # Weibull's k
    wind_season: float  # share of the mean, higher in winter
    wind_daily: float  # share of the mean; strongest at `wind_peak_hour`
    wind_peak_hour: float  # local solar time
    wind_days: float  # how long the weather of wind lasts
    wind_hourly: float  # share of the variance of wind that changes within hours
    wind_cloud: float  # correlation of wind and clouds
    mean_c: float
    season_c: float
    day_c: float
    anomaly_c: float  # standard deviation about season and day
    anomaly_days: float
    dew_gap_c: float  # mean temperature less dew point
    dew_sd_c: float

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The climate called `name` in the catalog's table `climates`."""
        return cls(**values_of("climates", name, cls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """A year of weather, every array (8760,) from 1 January 00:00 UTC."""

    pv_cf: Array
    wind_cf: Array
    temp_c: Array
    rh_pct: Array


def climate_at(lat: float) -> Climate:
    """The climate that stands for this latitude, its temperature moved to it.

    The mean of the air at sea level falls by `cooling_c_per_degree` for each degree away from the equator.
    """
    known = [name for name in items("climates") if "from_lat" in facts("climates", name)]
    bands = sorted(((Climate.from_catalog(name).from_lat, name) for name in known), reverse=True)
    climate = Climate.from_catalog(next(name for start, name in bands if abs(lat) >= start))
    per_degree = float(facts("climates", "earth")["cooling_c_per_degree"].value)
    return replace(climate, mean_c=climate.mean_c - per_degree * (abs(lat) - climate.mean_lat))


def synthetic_weather(
    lat: float,
    lon: float,
    *,
    rng: np.random.Generator,
    climate: Climate | None = None,
    altitude_m: float = 0.0,
    plant: PvPlant | None = None,
    turbine: Turbine | None = None,
) -> Weather:
    """A made-up year of weather; `climate_at(lat)` when no climate is given.

    Raises:
        ValueError: No such place on Earth.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(f"latitude {lat:g} must be within 90 degrees and longitude {lon:g} within 180")
    climate = climate or climate_at(lat)
    sun = solar_position(lat, lon)
    clouds, breeze, air, dew = _latents(climate, rng)
    summer, local_hour = _seasons(lat), local_hours(lon)
    clear = clearness(clouds, summer, climate)
    speed = wind_speed_mps(breeze, summer, local_hour, climate)
    temp_c = temperature_c(air, summer, local_hour, clear, climate)
    sky = split(clear_sky(sun, turbidity=climate.turbidity, altitude_m=altitude_m).ghi * clear, sun)
    return Weather(
        pv_cf=pv_cf(sky, temp_c, GROUND_WIND * speed, lat=lat, lon=lon, plant=plant),
        wind_cf=wind_cf(speed, temp_c, altitude_m=altitude_m, turbine=turbine),
        temp_c=temp_c,
        rh_pct=humidity_pct(temp_c, dew, climate),
    )


def _seasons(lat: float) -> Array:
    """1 at midsummer, -1 at midwinter."""
    day = np.arange(HOURS_PER_YEAR) / HOURS_PER_DAY
    return np.cos(2 * np.pi * (day - MIDSUMMER_DAY) / 365.0) * (1.0 if lat >= 0 else -1.0)


def local_hours(lon: float) -> Array:
    """Local mean solar time in the middle of each hour, 0 to 24."""
    return np.asarray((np.arange(HOURS_PER_YEAR) + 0.5 + lon / DEGREES_PER_HOUR) % HOURS_PER_DAY)


def _latents(climate: Climate, rng: np.random.Generator) -> Iterator[Array]:
    """Standard normal clouds, wind, temperature and dew point, (8760,) each."""
    slow = persistent(rng, climate.clear_days)
    yield lasting(slow, persistent(rng, 2.0 / HOURS_PER_DAY), climate.clear_hourly)
    joint = -climate.wind_cloud * slow + math.sqrt(1 - climate.wind_cloud**2) * persistent(rng, climate.wind_days)
    yield lasting(joint, persistent(rng, 4.0 / HOURS_PER_DAY), climate.wind_hourly)
    yield persistent(rng, climate.anomaly_days)
    yield persistent(rng, climate.anomaly_days)


def persistent(rng: np.random.Generator, days: float) -> Array:
    """Standard normal noise that remembers: its autocorrelation falls to 1/e within `days`, (8760,)."""
    keep = math.exp(-1.0 / (days * HOURS_PER_DAY))
    noise = rng.standard_normal(HOURS_PER_YEAR) * math.sqrt(1.0 - keep**2)
    noise[0] /= math.sqrt(1.0 - keep**2)
    return np.fromiter(accumulate(noise.tolist(), lambda last, new: keep * last + new), float, HOURS_PER_YEAR)


def lasting(slow: Array, fast: Array, fast_share: float) -> Array:
    """Standard normal noise with `fast_share` of its variance from `fast`."""
    return math.sqrt(1.0 - fast_share) * slow + math.sqrt(fast_share) * fast


def normal_share(z: Array) -> Array:
    """Share of a standard normal variable that lies below z, 0 to 1, both left out."""
    share = 0.5 * (1.0 + np.fromiter(map(math.erf, (z / math.sqrt(2.0)).tolist()), float, len(z)))
    return np.clip(share, 1e-12, 1.0 - 1e-12)


def clearness(latent: Array, summer: Array, climate: Climate) -> Array:
    """Irradiance over that of a clear sky: least + (1 - least) U^s, with s such that the mean is that of the season."""
    mean = np.clip(climate.clear_mean + climate.clear_season * summer, climate.clear_least + 0.02, 0.99)
    power = (1.0 - climate.clear_least) / (mean - climate.clear_least) - 1.0
    return np.asarray(climate.clear_least + (1.0 - climate.clear_least) * normal_share(latent) ** power)


def wind_speed_mps(latent: Array, summer: Array, local_hour: Array, climate: Climate) -> Array:
    """Wind at 100 m: Weibull with shape k about the mean of season and hour."""
    day = np.cos(2 * np.pi * (local_hour - climate.wind_peak_hour) / HOURS_PER_DAY)
    mean = climate.wind_mps * (1.0 - climate.wind_season * summer) * (1.0 + climate.wind_daily * day)
    scale = mean / math.gamma(1.0 + 1.0 / climate.wind_shape)
    return np.asarray(scale * (-np.log1p(-normal_share(latent))) ** (1.0 / climate.wind_shape))


def temperature_c(latent: Array, summer: Array, local_hour: Array, clear: Array, climate: Climate) -> Array:
    """Temperature of the air: mean, season a month behind the sun, day wider under a clear sky, and what remains."""
    season = np.roll(summer, 28 * HOURS_PER_DAY)
    sky = np.repeat(clear.reshape(-1, HOURS_PER_DAY).mean(axis=1), HOURS_PER_DAY)
    width = 0.4 + 0.6 * smooth(sky, HOURS_PER_DAY) / sky.mean()
    day = np.cos(2 * np.pi * (local_hour - WARMEST_HOUR) / HOURS_PER_DAY)
    return np.asarray(
        climate.mean_c + climate.season_c * season + climate.day_c * width * day + climate.anomaly_c * latent
    )


def smooth(values: Array, hours: int) -> Array:
    """Mean of the `hours` around each hour, the year closed to a ring."""
    ring = np.concatenate([values[-hours:], values, values[:hours]])
    total = np.cumsum(ring)
    start = hours - hours // 2
    return np.asarray((total[start + hours :] - total[start:-hours])[: len(values)] / hours)


def humidity_pct(temp_c: Array, latent: Array, climate: Climate) -> Array:
    """Relative humidity from the dew point, which follows the mean of the day and not its hours. Source: Magnus."""
    around = smooth(temp_c, 2 * HOURS_PER_DAY)
    dew_c = np.minimum(around - np.maximum(climate.dew_gap_c + climate.dew_sd_c * latent, 0.0), temp_c)
    return np.asarray(np.clip(100.0 * _vapour_pressure(dew_c) / _vapour_pressure(temp_c), 5.0, 100.0))


def _vapour_pressure(temp_c: Array) -> Array:
    """Over its value at 0 °C. Source: Magnus, with the values of Alduchov and Eskridge 1996."""
    return np.asarray(np.exp(17.625 * temp_c / (243.04 + temp_c)))
