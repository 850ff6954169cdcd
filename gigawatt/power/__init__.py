"""Power behind a site: load, weather, what may feed it, the cheapest supply, when it comes and how sure it is."""

from gigawatt.power.accounts import Accounts, Carbon, Energy, Water, accounts
from gigawatt.power.air import wet_bulb_c
from gigawatt.power.build import build
from gigawatt.power.convolution import OutageTable, outage_table
from gigawatt.power.cooling import Cooling, Loop, Overhead, overhead
from gigawatt.power.draft import Built
from gigawatt.power.lcoe import (
    Technology,
    energy_mwh_per_kw_year,
    fixed_usd_per_kw_year,
    in_book,
    lcoe_usd_per_mwh,
    with_gas_price,
)
from gigawatt.power.load import Flexible, Load, flexible_parts, load, worth_usd_per_mwh
from gigawatt.power.machines import Common, Units
from gigawatt.power.options import Battery, Bridge, Contract, Grid, Option, Plant
from gigawatt.power.options_text import option, options_of, short_names
from gigawatt.power.plan import PowerPlan, dispatch, size
from gigawatt.power.plan_rows import hourly_columns, hourly_rows, in_other_book, tables
from gigawatt.power.prices import Market, market_at, price_and_carbon
from gigawatt.power.reliability import Chips, Reliability, Reserve, Target, reliability_of, reserve
from gigawatt.power.shortfall import commons_of, reliability, reserve_of, units_of
from gigawatt.power.site import SiteYear, site_year, sites
from gigawatt.power.site_csv import read_hours
from gigawatt.power.solar import PvPlant, pv_cf
from gigawatt.power.targets import Targets, Terms
from gigawatt.power.timing import Hire, Timing, haste_rows, hire_rows, lead_months, step_rows, timing, timing_rows
from gigawatt.power.weather import Climate, climate_at, synthetic_weather
from gigawatt.power.wind import Turbine, wind_cf
from gigawatt.power.work import Work, power_share, swing_mw
from gigawatt.power.years import SERIES, Spread, YearModel, year_model

__all__ = [
    "Chips",
    "Common",
    "Cooling",
    "Loop",
    "OutageTable",
    "Overhead",
    "Reliability",
    "Reserve",
    "Target",
    "Units",
    "Work",
    "commons_of",
    "flexible_parts",
    "outage_table",
    "overhead",
    "power_share",
    "reliability",
    "reliability_of",
    "reserve",
    "reserve_of",
    "swing_mw",
    "units_of",
    "wet_bulb_c",
    "worth_usd_per_mwh",
    "SERIES",
    "Spread",
    "YearModel",
    "year_model",
    "Accounts",
    "Battery",
    "Bridge",
    "Built",
    "Carbon",
    "Contract",
    "Energy",
    "Hire",
    "Option",
    "Plant",
    "PowerPlan",
    "Targets",
    "Terms",
    "Timing",
    "Water",
    "accounts",
    "build",
    "dispatch",
    "haste_rows",
    "hire_rows",
    "hourly_columns",
    "hourly_rows",
    "in_book",
    "in_other_book",
    "lead_months",
    "option",
    "options_of",
    "short_names",
    "size",
    "step_rows",
    "tables",
    "timing",
    "timing_rows",
    "wind_cf",
    "Turbine",
    "synthetic_weather",
    "climate_at",
    "Climate",
    "pv_cf",
    "PvPlant",
    "read_hours",
    "price_and_carbon",
    "Market",
    "market_at",
    "Grid",
    "SiteYear",
    "Flexible",
    "Load",
    "load",
    "Technology",
    "energy_mwh_per_kw_year",
    "fixed_usd_per_kw_year",
    "lcoe_usd_per_mwh",
    "site_year",
    "sites",
    "with_gas_price",
]
