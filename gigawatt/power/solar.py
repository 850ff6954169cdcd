"""Sun, sky and photovoltaics: from irradiance to the output of a plant, by the names and conventions of pvlib.

Hours start at 1 January 00:00 UTC; an hour's value is its mean and the sun stands where it is in the middle of the
hour. Angles in arguments and results are in degrees, azimuth from north over east.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from gigawatt.catalog import values_of
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR

Array = np.ndarray

SOLAR_CONSTANT_W_PER_M2 = 1361.0
STANDARD_W_PER_M2 = 1000.0  # of standard test conditions, at 25 °C
STANDARD_C = 25.0
YEAR_START_DAYS = (
    9131.5  # 2025-01-01 00:00 UTC in days since J2000.0, which is noon; other years differ by 0.3 degrees at most
)
LOWEST_COS_ZENITH = 0.01745  # of one degree above the horizon, below which beam over horizontal is not trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """Where the sun stands in the middle of each hour, (8760,)."""

    zenith: Array  # degrees, without refraction
    azimuth: Array  # degrees from north over east
    extra_w_per_m2: Array  # beam above the air

    @property
    def cos_zenith(self) -> Array:
        """Cosine of the zenith angle, 0 by night."""
        return np.asarray(np.maximum(np.cos(np.radians(self.zenith)), 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Irradiance:
    """Global horizontal, direct normal and diffuse horizontal irradiance, (8760,) in W/m2."""

    ghi: Array
    dni: Array
    dhi: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class PvPlant:
    """A plant of equal modules; output is per unit of its AC rating."""

    name: str = ""
    tracking: float = 1.0  # 1: horizontal axis from north to south, turning; 0: fixed and facing the equator
    tilt: float = 0.0  # of fixed modules; 0: as much as the latitude says
    max_angle: float = 60.0
    ground_cover: float = 0.35  # module area over ground area
    dc_ac: float = 1.34
    losses: float = 0.14
    gamma_per_c: float = -0.0037  # change of power with cell temperature
    albedo: float = 0.2
    faiman_u0: float = 25.0  # W/m2/K
    faiman_u1: float = 6.84  # W s/m3/K
    inverter: float = 0.96  # nominal efficiency

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The plant called `name` in the catalog's table `pv_plants`."""
        return cls(**values_of("pv_plants", name, cls))


def solar_position(lat: float, lon: float) -> Sun:
    """Where the sun stands in the middle of every hour of a year; within 0.01 degrees until 2050.

    Source: Michalsky 1988, doi:10.1016/0038-092X(88)90045-X.
    """
    hours = np.arange(HOURS_PER_YEAR) + 0.5
    days = YEAR_START_DAYS + hours / HOURS_PER_DAY
    anomaly = np.radians(357.528 + 0.9856003 * days)
    mean_longitude = 280.460 + 0.9856474 * days
    longitude = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    sidereal_hours = 6.697375 + 0.0657098242 * days + hours % HOURS_PER_DAY
    hour_angle = np.radians(15.0 * sidereal_hours + lon) - ascension
    phi = np.radians(lat)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    east = -np.cos(declination) * np.sin(hour_angle)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour_angle)
    return Sun(
        zenith=np.degrees(np.arccos(np.clip(up, -1.0, 1.0))),
        azimuth=np.degrees(np.arctan2(east, north)) % 360.0,
        extra_w_per_m2=_extra_w_per_m2(days),
    )


def _extra_w_per_m2(days: Array) -> Array:
    """Beam irradiance above the air. Source: Spencer 1971."""
    angle = 2 * np.pi * ((days - YEAR_START_DAYS) % 365.0) / 365.0
    distance = (
        1.00011 + 0.034221 * np.cos(angle) + 0.00128 * np.sin(angle)
        + 0.000719 * np.cos(2 * angle) + 7.7e-05 * np.sin(2 * angle)
    )  # fmt: skip
    return np.asarray(SOLAR_CONSTANT_W_PER_M2 * distance)


def clear_sky(sun: Sun, *, turbidity: float, altitude_m: float = 0.0) -> Irradiance:
    """Irradiance without clouds; `turbidity` is Linke's, about 2 in clean cold air and 7 in dusty heat.

    Source: Ineichen and Perez 2002, doi:10.1016/S0038-092X(02)00045-2; air mass of Kasten and Young 1989.
    """
    cos_zenith = sun.cos_zenith
    air = _air_mass(sun.zenith) * np.exp(-altitude_m / 8434.5)
    near, far = np.exp(-altitude_m / 8000.0), np.exp(-altitude_m / 1250.0)
    scale, loss = 5.09e-5 * altitude_m + 0.868, 3.92e-5 * altitude_m + 0.0387
    ghi = scale * sun.extra_w_per_m2 * cos_zenith * np.exp(-loss * air * (near + far * (turbidity - 1.0)))
    beam = (0.664 + 0.163 / near) * np.exp(-0.09 * air * (turbidity - 1.0)) * sun.extra_w_per_m2
    most = 1.0 - (0.1 - 0.2 * np.exp(-turbidity)) / (0.1 + 0.882 / near)
    dni = np.minimum(beam, ghi * most / np.maximum(cos_zenith, 1e-6))
    dni = np.where(cos_zenith > 0.0, dni, 0.0)
    return Irradiance(ghi=ghi, dni=dni, dhi=ghi - dni * cos_zenith)


def _air_mass(zenith: Array) -> Array:
    z = np.minimum(zenith, 90.0)
    return np.asarray(1.0 / (np.cos(np.radians(z)) + 0.50572 * (96.07995 - z) ** -1.6364))


def split(ghi: Array, sun: Sun) -> Irradiance:
    """Direct and diffuse parts of global irradiance. Source: Erbs, Klein and Duffie 1982."""
    cos_zenith = sun.cos_zenith
    kt = np.clip(ghi / (sun.extra_w_per_m2 * np.maximum(cos_zenith, 0.065)), 0.0, 2.0)
    middle = 0.9511 - 0.1604 * kt + 4.388 * kt**2 - 16.638 * kt**3 + 12.336 * kt**4
    share = np.where(kt <= 0.22, 1.0 - 0.09 * kt, np.where(kt <= 0.80, middle, 0.165))
    dhi = share * ghi
    low = (sun.zenith > 87.0) | (ghi <= 0.0)
    dni = np.where(low, 0.0, (ghi - dhi) / np.maximum(cos_zenith, LOWEST_COS_ZENITH))
    return Irradiance(ghi=ghi, dni=dni, dhi=ghi - dni * cos_zenith)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """How modules stand to the sun, (8760,)."""

    tilt: Array  # degrees
    cos_aoi: Array  # cosine of the angle between sun and normal, 0 behind the plane


def plane(plant: PvPlant, sun: Sun, lat: float) -> Plane:
    """Tilt of the modules and angle of incidence, hour by hour."""
    zenith = np.radians(sun.zenith)
    east = np.sin(zenith) * np.sin(np.radians(sun.azimuth))
    if not plant.tracking:
        tilt = plant.tilt or min(abs(lat), plant.max_angle)
        toward = -np.sin(zenith) * np.cos(np.radians(sun.azimuth)) * (1.0 if lat >= 0 else -1.0)  # of the equator
        cos_aoi = np.cos(zenith) * np.cos(np.radians(tilt)) + toward * np.sin(np.radians(tilt))
        return Plane(tilt=np.full(HOURS_PER_YEAR, tilt), cos_aoi=_in_front(cos_aoi, zenith))
    angle = tracker_angle(plant, east, np.cos(zenith))
    cos_aoi = east * np.sin(np.radians(angle)) + np.cos(zenith) * np.cos(np.radians(angle))
    return Plane(tilt=np.abs(angle), cos_aoi=_in_front(cos_aoi, zenith))


def _in_front(cos_aoi: Array, zenith: Array) -> Array:
    return np.where(zenith < np.pi / 2, np.clip(cos_aoi, 0.0, 1.0), 0.0)


def tracker_angle(plant: PvPlant, east: Array, up: Array) -> Array:
    """Rotation of a horizontal north-south axis, degrees, east positive; turned back so that no row shades the next.

    Source: Anderson and Mikofski 2020, NREL/TP-5K00-76626.
    """
    ideal = np.degrees(np.arctan2(east, up))
    reach = np.abs(np.cos(np.radians(ideal))) / plant.ground_cover
    back = np.where(reach < 1.0, np.degrees(np.arccos(np.minimum(reach, 1.0))), 0.0)
    angle = ideal - np.sign(ideal) * back
    return np.where(up > 0.0, np.clip(angle, -plant.max_angle, plant.max_angle), 0.0)


def plane_irradiance(sky: Irradiance, sun: Sun, on: Plane, albedo: float) -> tuple[Array, Array]:
    """Irradiance that heats the modules and what of it gets through the glass, (8760,) each, in W/m2.

    Source: Hay and Davies 1980 for the sky; De Soto et al. 2006, doi:10.1016/j.solener.2005.06.010, for the glass.
    """
    beam = sky.dni * on.cos_aoi
    clear = np.minimum(sky.dni / sun.extra_w_per_m2, 1.0)
    ratio = on.cos_aoi / np.maximum(sun.cos_zenith, LOWEST_COS_ZENITH)
    round_sun = sky.dhi * clear * ratio
    around = sky.dhi * (1.0 - clear) * 0.5 * (1.0 + np.cos(np.radians(on.tilt)))
    ground = sky.ghi * albedo * 0.5 * (1.0 - np.cos(np.radians(on.tilt)))
    through = glass(on.cos_aoi)
    total = np.maximum(beam + round_sun + around + ground, 0.0)
    return total, np.maximum((beam + round_sun) * through + around * glass_of_sky(on.tilt) + ground, 0.0)


def glass(cos_aoi: Array) -> Array:
    """Share of light that passes the cover, over that of light from straight ahead. Source: De Soto et al. 2006."""
    refraction, extinction, thickness = 1.526, 4.0, 0.002  # of glass: index, 1/m, m
    cos_in = np.clip(cos_aoi, 1e-6, 1.0)
    sin_out = np.sqrt(1.0 - cos_in**2) / refraction
    cos_out = np.sqrt(1.0 - sin_out**2)
    across = ((cos_in - refraction * cos_out) / (cos_in + refraction * cos_out)) ** 2
    along = ((cos_out - refraction * cos_in) / (cos_out + refraction * cos_in)) ** 2
    passed = np.exp(-extinction * thickness / cos_out) * (1.0 - 0.5 * (across + along))
    straight = np.exp(-extinction * thickness) * (1.0 - ((refraction - 1.0) / (refraction + 1.0)) ** 2)
    return np.where(cos_aoi > 0.0, passed / straight, 0.0)


def glass_of_sky(tilt: Array) -> Array:
    """Share of even light from the sky that passes the cover: `glass` at an angle that stands for the whole sky.

    Source: Brandemuehl and Beckman 1980, doi:10.1016/0038-092X(80)90453-3.
    """
    return glass(np.cos(np.radians(59.7 - 0.1388 * tilt + 0.001497 * tilt**2)))


def cell_temperature_c(heating: Array, temp_c: Array, wind_mps: Array, plant: PvPlant) -> Array:
    """Temperature of the cells, °C. Source: Faiman 2008, doi:10.1002/pip.813."""
    return np.asarray(temp_c + heating / (plant.faiman_u0 + plant.faiman_u1 * wind_mps))


def inverter_cf(dc: Array, plant: PvPlant) -> Array:
    """AC output over AC rating for DC power over AC rating. Source: PVWatts 5, NREL/TP-6A20-62641."""
    load = np.maximum(dc * plant.inverter, 1e-9)  # over the DC power at which the inverter is full
    efficiency = plant.inverter / 0.9637 * (-0.0162 * load - 0.0059 / load + 0.9858)
    return np.asarray(np.clip(np.where(dc > 0.0, efficiency, 0.0) * dc, 0.0, 1.0))


def pv_cf(
    sky: Irradiance, temp_c: Array, wind_mps: Array, *, lat: float, lon: float, plant: PvPlant | None = None
) -> Array:
    """Output of a PV plant over its AC rating, (8760,), 0 to 1.

    Sky of Hay and Davies on the tracked or fixed plane, glass of De Soto, cells of Faiman, DC and inverter of PVWatts.
    Shading by hills, snow and single-row dirt are in `losses`.

    Args:
        sky: Irradiance of each hour.
        temp_c: Air temperature.
        wind_mps: Wind at the modules.
        lat: Degrees north.
        lon: Degrees east.
        plant: PvPlant.from_catalog("tracking") when not given.
    """
    plant = plant or PvPlant.from_catalog("tracking")
    sun = solar_position(lat, lon)
    heating, useful = plane_irradiance(sky, sun, plane(plant, sun, lat), plant.albedo)
    cell_c = cell_temperature_c(heating, temp_c, wind_mps, plant)
    dc = useful / STANDARD_W_PER_M2 * (1.0 + plant.gamma_per_c * (cell_c - STANDARD_C))
    return inverter_cf(dc * plant.dc_ac * (1.0 - plant.losses), plant)
