"""Levelised cost of electricity of one technology.

LCOE = (CRF(rate, life) x capex + fixed O&M) / energy a year + variable O&M + fuel
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from gigawatt.annuity import capital_recovery_factor
from gigawatt.catalog import values_of
from gigawatt.units import HOURS_PER_YEAR

MWH_PER_KWH = 1e-3
MWH_PER_MMBTU = 0.29307107  # 1 million British thermal units, higher heating value


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """A way to make electricity, per kW of net capacity; bought at the start of year 1."""

    name: str = "technology"
    capex_usd_per_kw: float
    fom_usd_per_kw_year: float = 0.0  # fixed operation and maintenance
    vom_usd_per_mwh: float = 0.0  # variable operation and maintenance
    fuel_usd_per_mwh: float = 0.0  # per MWh of electricity
    life_years: float
    efficiency: float = 1.0  # electricity over fuel energy, higher heating value
    carbon_t_per_mwh: float = 0.0  # at the stack, per MWh of electricity
    lead_months: float = 0.0  # from order to power
    capacity_factor: float = 1.0  # highest mean over peak output that the plant can keep up

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The technology called `name` in the catalog's table `power`."""
        return cls(**values_of("power", name, cls))

    @property
    def running_usd_per_mwh(self) -> float:
        """What one more MWh costs once the plant stands, in USD per MWh."""
        return self.vom_usd_per_mwh + self.fuel_usd_per_mwh


def with_gas_price(technology: Technology, gas_usd_per_mmbtu: float) -> Technology:
    """The same plant burning gas at this price."""
    fuel_usd_per_mwh = gas_usd_per_mmbtu / MWH_PER_MMBTU / technology.efficiency
    return replace(technology, fuel_usd_per_mwh=fuel_usd_per_mwh)


def fixed_usd_per_kw_year(technology: Technology, discount_rate: float) -> float:
    """Annualised capex and fixed O&M of 1 kW, in USD per kW and year."""
    recovery = capital_recovery_factor(discount_rate, technology.life_years)
    return recovery * technology.capex_usd_per_kw + technology.fom_usd_per_kw_year


def lcoe_usd_per_mwh(technology: Technology, discount_rate: float, load_factor: float = 1.0) -> float:
    """Levelised cost of electricity before tax and carbon price, in real USD per MWh.

    Args:
        technology: The plant.
        discount_rate: Real cost of capital a year, 0.08 for 8 %.
        load_factor: Mean over peak load; the plant's own `capacity_factor` bounds it.
    """
    energy_mwh = energy_mwh_per_kw_year(technology, load_factor)
    return fixed_usd_per_kw_year(technology, discount_rate) / energy_mwh + technology.running_usd_per_mwh


def energy_mwh_per_kw_year(technology: Technology, load_factor: float = 1.0) -> float:
    """Energy of 1 kW in a year, in MWh."""
    used = min(load_factor, technology.capacity_factor)
    if used <= 0:
        raise ValueError(f"{technology.name}: load factor {used:g} must be above 0")
    return used * HOURS_PER_YEAR * MWH_PER_KWH
