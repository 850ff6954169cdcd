"""Cost of a chip-hour, rented or owned, and what a place asks for energy: price, overhead, carbon, water.

    owned = (chip x A(r, chip life) + site x A(r, site life) + upkeep x (chip + site)) / (hours x availability)

with A the annuity, per chip; energy is paid by the MWh on top. A rent includes site and energy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache
from math import inf
from typing import Any, Self

from gigawatt.annuity import capital_recovery_factor
from gigawatt.inference.shapes import Chip
from gigawatt.units import HOURS_PER_YEAR, W_PER_MW


@cache
def number(table: str, item: str, attribute: str) -> float:
    """A number of the catalog."""
    from gigawatt.catalog import value

    return float(value(table, item, attribute))


def site_field(attribute: str) -> Any:
    """A field whose default is a value of `site` in the catalog's table `serving`."""
    return field(default_factory=lambda: number("serving", "site", attribute))


def parameter_field(item: str) -> Any:
    """A field whose default is a parameter of the catalog."""
    return field(default_factory=lambda: number("parameters", item, "value"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where chips run: what energy costs there, what is lost, how busy the chips are, what capital asks."""

    usd_per_mwh: float = site_field("usd_per_mwh")
    pue: float = parameter_field("fleet.pue")
    g_co2_per_kwh: float = site_field("carbon_g_per_kwh")  # at the meter
    litres_per_kwh: float = site_field("water_l_per_kwh")  # of water on site, per kWh of IT
    utilisation: float = site_field("utilisation")  # share of time under the load that is asked for; idle else
    usd_per_chip_h: float = 0.0  # rent, site and energy included; 0: owned
    capital_rate: float = parameter_field("cost.capital_rate")
    chip_life_years: float = parameter_field("cost.chip_life_years")
    site_life_years: float = parameter_field("cost.site_life_years")
    facility_usd_per_mw: float = parameter_field("cost.facility_usd_per_mw")
    upkeep_per_year: float = parameter_field("cost.site_opex_per_year")  # over fixed assets
    availability: float = parameter_field("fleet.availability")

    def __post_init__(self) -> None:
        if not 1 <= self.pue < inf:
            raise ValueError(f"pue {self.pue:g} is below 1 or no number; PUE is site power over IT power")
        for name in ("utilisation", "availability"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} {getattr(self, name):g} is not above 0 and at most 1")
        for one in fields(self):
            value, life = getattr(self, one.name), one.name.endswith("_life_years")
            if not 0 <= value < inf or (life and value == 0):
                raise ValueError(f"{one.name} {value:g} is not {'above' if life else 'at least'} 0 and finite")

    @classmethod
    def in_region(cls, region: str, **given: float) -> Self:
        """A site with the energy price, carbon and water of a region of the catalog; `given` fields replace those."""
        local = {
            "usd_per_mwh": number("regions", region, "grid_usd_per_mwh"),
            "g_co2_per_kwh": number("regions", region, "carbon_g_per_kwh"),
            "litres_per_kwh": number("regions", region, "water_l_per_kwh"),
        }
        return cls(**(local | given))


def capital_usd_per_chip_h(chip: Chip, site: Site) -> float:
    """What a chip costs in an hour in which it is in order, energy left out, in USD; the rent where it is rented.

    Raises:
        ValueError: Neither a rent nor a price is known.
    """
    if site.usd_per_chip_h > 0:
        return site.usd_per_chip_h
    if chip.price_usd <= 0:
        raise ValueError(f"{chip.name} has no price_usd: say what it rents for, usd_per_chip_h")
    facility_usd = site.facility_usd_per_mw * chip.system_power_w * site.pue / W_PER_MW
    yearly_usd = (
        chip.price_usd * capital_recovery_factor(site.capital_rate, site.chip_life_years)
        + facility_usd * capital_recovery_factor(site.capital_rate, site.site_life_years)
        + site.upkeep_per_year * (chip.price_usd + facility_usd)
    )
    return yearly_usd / (HOURS_PER_YEAR * site.availability)


def refuse_rent(chips: Iterable[Chip | str], sites: Iterable[Site | None]) -> None:
    """ValueError where chips are compared at one rent, which can be that of one chip only."""
    if len(set(chips)) > 1 and any(site is not None and site.usd_per_chip_h > 0 for site in sites):
        raise ValueError("usd_per_chip_h is the rent of one chip: leave it out where several are compared")


def energy_usd_per_mwh(site: Site) -> float:
    """What a MWh at the meter adds to the cost of chips, in USD; nothing where a rent includes it."""
    return 0.0 if site.usd_per_chip_h > 0 else site.usd_per_mwh
