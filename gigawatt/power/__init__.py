"""Power behind a site: levelised cost of each technology, and what is cheapest by when."""

from gigawatt.power.lcoe import (
    Technology,
    energy_mwh_per_kw_year,
    fixed_usd_per_kw_year,
    lcoe_usd_per_mwh,
    with_gas_price,
)
from gigawatt.power.load import Flexible, Load, load
from gigawatt.power.prices import Grid, grid_at, price_and_carbon
from gigawatt.power.site import SiteYear, site_year, sites
from gigawatt.power.site_csv import read_hours
from gigawatt.power.solar import PvPlant, pv_cf
from gigawatt.power.supply import (
    Mix,
    Region,
    Supply,
    cheapest_by,
    mix,
    plant_supply,
    price_of_waiting_less,
    site_price_usd_per_mwh,
    supplies,
)
from gigawatt.power.weather import Climate, climate_at, synthetic_weather
from gigawatt.power.wind import Turbine, wind_cf

__all__ = [
    "wind_cf",
    "Turbine",
    "synthetic_weather",
    "climate_at",
    "Climate",
    "pv_cf",
    "PvPlant",
    "read_hours",
    "price_and_carbon",
    "grid_at",
    "Grid",
    "SiteYear",
    "Flexible",
    "Load",
    "load",
    "Mix",
    "Region",
    "Supply",
    "Technology",
    "cheapest_by",
    "energy_mwh_per_kw_year",
    "fixed_usd_per_kw_year",
    "lcoe_usd_per_mwh",
    "mix",
    "plant_supply",
    "price_of_waiting_less",
    "site_price_usd_per_mwh",
    "site_year",
    "sites",
    "supplies",
    "with_gas_price",
]
