"""Moist air: what a thermometer wrapped in wet cloth shows, and how much water air carries."""

from __future__ import annotations

import numpy as np

Array = np.ndarray

KELVIN = 273.15
SEA_LEVEL_PA = 101_325.0
WATER_PER_AIR = 0.621945  # molar mass of water over that of dry air
LATENT_J_PER_G = 2501.0  # heat of evaporation at 0 °C
VAPOUR_J_PER_G_K = 1.86
AIR_J_PER_G_K = 1.006


def wet_bulb_c(temp_c: Array, rh_pct: Array) -> Array:
    """Wet-bulb temperature at sea level, in °C, within 1 °C between -20 and 50 °C.

    The fit holds above 5 % of humidity and not for cold dry air; there the dry-bulb temperature bounds it.

    Source: Stull 2011, doi:10.1175/JAMC-D-11-0143.1.
    """
    humidity = np.clip(np.asarray(rh_pct, dtype=np.float64), 5.0, 99.0)
    temp = np.clip(np.asarray(temp_c, dtype=np.float64), -20.0, 50.0)
    fit = (
        temp * np.arctan(0.151977 * np.sqrt(humidity + 8.313659))
        + np.arctan(temp + humidity)
        - np.arctan(humidity - 1.676331)
        + 0.00391838 * humidity**1.5 * np.arctan(0.023101 * humidity)
        - 4.686035
    )
    return np.asarray(np.minimum(np.asarray(temp_c), fit + np.asarray(temp_c) - temp))


def saturation_pa(temp_c: Array) -> Array:
    """Pressure of water vapour over water at saturation, in Pa. Source: Magnus, WMO-No. 8 (2018), annex 4.B."""
    return np.asarray(611.2 * np.exp(17.62 * temp_c / (243.12 + temp_c)))


def humidity_ratio(temp_c: Array, rh_pct: Array) -> Array:
    """Mass of water over mass of dry air, at sea level."""
    vapour_pa = saturation_pa(temp_c) * np.asarray(rh_pct) / 100
    return np.asarray(WATER_PER_AIR * vapour_pa / (SEA_LEVEL_PA - vapour_pa))


def enthalpy_j_per_g(temp_c: Array, ratio: Array) -> Array:
    """Heat content of moist air above dry air at 0 °C, in J per g of dry air."""
    return np.asarray(AIR_J_PER_G_K * temp_c + ratio * (LATENT_J_PER_G + VAPOUR_J_PER_G_K * temp_c))
