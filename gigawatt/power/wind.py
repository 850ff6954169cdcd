"""Wind at hub height and what a turbine makes of it; `_mps` is metres per second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from gigawatt.catalog import values_of
from gigawatt.power.air import KELVIN

Array = np.ndarray

STANDARD_DENSITY_KG_PER_M3 = 1.225  # at sea level and 15 °C
GAS_CONSTANT_J_PER_KG_K = 287.05  # of dry air
STANDARD_PRESSURE_PA = 101_325.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turbine:
    """The power curve of a turbine, and what a farm loses between its turbines and its meter."""

    name: str = ""
    cut_in_mps: float
    rated_mps: float
    cut_out_mps: float
    hub_height: float  # m
    losses: float

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The turbine called `name` in the catalog's table `turbines`."""
        return cls(**values_of("turbines", name, cls))


def at_height(speed_mps: Array, *, measured_m: float, hub_m: float, shear: float) -> Array:
    """Wind speed at hub height by the power law, m/s; `shear` is about 0.14 over open land, 0.1 over sea."""
    return np.asarray(speed_mps * (hub_m / measured_m) ** shear)


def air_density_kg_per_m3(temp_c: Array, altitude_m: float = 0.0) -> Array:
    """Density of dry air of the standard atmosphere's pressure, kg/m3."""
    pressure_pa = STANDARD_PRESSURE_PA * (1.0 - 2.25577e-5 * altitude_m) ** 5.25588
    return np.asarray(pressure_pa / (GAS_CONSTANT_J_PER_KG_K * (temp_c + KELVIN)))


def power_curve(speed_mps: Array, turbine: Turbine) -> Array:
    """Output over rated power, 0 to 1: with the cube of the speed from cut-in to rated, then 1 up to cut-out."""
    low, rated = turbine.cut_in_mps**3, turbine.rated_mps**3
    rising = np.clip((speed_mps**3 - low) / (rated - low), 0.0, 1.0)
    return np.where(speed_mps >= turbine.cut_out_mps, 0.0, rising)


def wind_cf(
    speed_mps: Array, temp_c: Array | float = 15.0, *, altitude_m: float = 0.0, turbine: Turbine | None = None
) -> Array:
    """Output of a wind farm over its rated power, 0 to 1 less losses.

    Speed is corrected for the density of the air as IEC 61400-12-1 does for turbines that pitch: v (rho / rho0)^(1/3).

    Args:
        speed_mps: At hub height; see `at_height`.
        temp_c: Of the air.
        altitude_m: Of the site.
        turbine: Turbine.from_catalog("generic") when not given.
    """
    turbine = turbine or Turbine.from_catalog("generic")
    density = air_density_kg_per_m3(np.asarray(temp_c), altitude_m)
    standard = speed_mps * (density / STANDARD_DENSITY_KG_PER_M3) ** (1.0 / 3.0)
    still = np.where(speed_mps >= turbine.cut_out_mps, 0.0, 1.0)  # cut-out looks at the wind itself
    return np.asarray(power_curve(np.minimum(standard, turbine.cut_out_mps - 1e-9), turbine) * still) * (
        1.0 - turbine.losses
    )
