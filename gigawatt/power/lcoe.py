"""Levelised cost of electricity of one technology.

LCOE = (CRF(rate, life) x capex + fixed O&M) / energy a year + variable O&M + fuel
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

from gigawatt.annuity import capital_recovery_factor
from gigawatt.catalog import fact, values_of
from gigawatt.units import HOURS_PER_YEAR

MWH_PER_KWH = 1e-3
MWH_PER_MMBTU = 0.29307107  # 1 million British thermal units, higher heating value
Book = Literal["reference", "market"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Technology:
    """A way to make or store electricity, per kW (kWh) of net capacity; bought at the start of year 1.

    Costs are in USD of 2025. `capex` and `fom` are those of the reference book; the `market_` ones are quotes of
    2025/26, None where there are none.
    """

    name: str = "technology"
    kind: str = "firm"  # firm, variable, storage, grid or backup
    resource: str = ""  # sun or wind, whose hours it follows
    capex_usd_per_kw: float
    market_capex_usd_per_kw: float | None = None
    fom_usd_per_kw_year: float = 0.0  # fixed operation and maintenance
    market_fom_usd_per_kw_year: float | None = None
    capex_usd_per_kwh: float = 0.0  # of a store; in `capex_usd_per_kw` too where `duration_hours` is given
    market_capex_usd_per_kwh: float | None = None
    fom_usd_per_kwh_year: float = 0.0
    market_fom_usd_per_kwh_year: float | None = None
    duration_hours: float = 0.0  # of a store whose energy comes with its power; 0: sized apart
    vom_usd_per_mwh: float = 0.0  # variable operation and maintenance
    fuel_usd_per_mwh: float = 0.0  # per MWh of electricity
    heat_rate_mmbtu_per_mwh: float = 0.0  # gas on higher heating value; 0: burns none
    life_years: float
    efficiency: float = 1.0  # electricity over fuel energy, or of a round trip
    carbon_t_per_mwh: float = 0.0  # at the stack, per MWh of electricity
    lifecycle_carbon_t_per_mwh: float = 0.0  # CO2e with fuel supply and building
    embodied_kg_per_kwh: float = 0.0  # CO2e of making a store
    water_l_per_mwh: float = 0.0  # consumed
    land_ha_per_mw: float = 0.0
    unit_mw: float = 0.0  # of one machine; 0: not made of units
    lead_months: float = 0.0  # from order to power
    lead_months_low: float = 0.0
    lead_months_high: float = 0.0
    capacity_factor: float = 1.0  # highest mean over peak output that the plant can keep up
    inflow_share: float = 1.0  # the part of it that water allows; the rest of the lack is outages and maintenance

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The technology called `name` in the catalog's table `power`."""
        found = cls(**values_of("power", name, cls))
        lead = fact("power", found.name, "lead_months")
        low, high = (found.lead_months if end is None else end for end in (lead.low, lead.high))
        return replace(found, lead_months_low=low, lead_months_high=high)

    @property
    def in_order_share(self) -> float:
        """Share of the time in order and not in maintenance: the capacity factor without lack of water."""
        return self.capacity_factor / self.inflow_share

    @property
    def running_usd_per_mwh(self) -> float:
        """What one more MWh costs once the plant stands, in USD per MWh."""
        return self.vom_usd_per_mwh + self.fuel_usd_per_mwh


def with_gas_price(technology: Technology, gas_usd_per_mmbtu: float) -> Technology:
    """The same plant burning gas at this price, by its heat rate or, without one, by its efficiency."""
    heat_rate = technology.heat_rate_mmbtu_per_mwh or 1 / MWH_PER_MMBTU / technology.efficiency
    return replace(technology, fuel_usd_per_mwh=gas_usd_per_mmbtu * heat_rate)


MARKET = {
    "capex_usd_per_kw": "market_capex_usd_per_kw",
    "capex_usd_per_kwh": "market_capex_usd_per_kwh",
    "fom_usd_per_kw_year": "market_fom_usd_per_kw_year",
    "fom_usd_per_kwh_year": "market_fom_usd_per_kwh_year",
}


def in_book(technology: Technology, book: Book) -> Technology:
    """The same plant with the costs of a book; what the market does not quote stays at its reference."""
    if book not in ("reference", "market"):
        raise ValueError(f"costs {book!r} are neither 'reference' nor 'market'")
    if book == "reference":
        return technology
    quoted = {name: getattr(technology, market) for name, market in MARKET.items()}
    return replace(technology, **{name: usd for name, usd in quoted.items() if usd is not None})


def quoted(technology: Technology) -> bool:
    """Whether the market book has a price of its own for this technology."""
    return technology.market_capex_usd_per_kw is not None or technology.market_capex_usd_per_kwh is not None


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
