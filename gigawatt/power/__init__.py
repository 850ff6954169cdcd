"""Power behind a site: load, weather, what may feed it, the cheapest supply, when it comes and how sure it is."""

from gigawatt.power.accounts import Accounts, Carbon, Energy, Water, accounts
from gigawatt.power.air import wet_bulb_c
from gigawatt.power.build import build
from gigawatt.power.cooling import Cooling, Loop, Overhead, overhead
from gigawatt.power.dispatch import Dispatch, dispatch_system
from gigawatt.power.draft import Built
from gigawatt.power.futures import Futures, futures
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
from gigawatt.power.outage_table import OutageTable, outage_table
from gigawatt.power.pareto import pareto
from gigawatt.power.plan import PowerPlan, dispatch, size
from gigawatt.power.plan_rows import hourly_columns, hourly_rows, in_other_book, seen_sizes, tables
from gigawatt.power.prices import Market, market_at, price_and_carbon
from gigawatt.power.pypsa import from_pypsa, to_pypsa
from gigawatt.power.reliability import Chips, Reliability, Reserve, Target, reliability_of, reserve
from gigawatt.power.rolling import Foresight, rolling
from gigawatt.power.shortfall import cause_rows, commons_of, reliability, reliability_rows, reserve_of, units_of
from gigawatt.power.site import SiteYear, site_year, sites
from gigawatt.power.site_csv import read_hours
from gigawatt.power.sizing import Sizing, size_system
from gigawatt.power.solar import PvPlant, pv_cf
from gigawatt.power.system import Budget, Commitment, Ramp, Store, System
from gigawatt.power.targets import Targets, Terms
from gigawatt.power.timing import Hire, Timing, haste_rows, hire_rows, lead_months, step_rows, timing, timing_rows
from gigawatt.power.weather import Climate, climate_at, synthetic_weather
from gigawatt.power.wind import Turbine, wind_cf
from gigawatt.power.work import Work, power_share, swing_mw
from gigawatt.power.years import SERIES, Spread, YearModel, year_model

__all__ = [
    "Accounts",
    "Battery",
    "Bridge",
    "Budget",
    "Built",
    "Carbon",
    "Chips",
    "Climate",
    "Commitment",
    "Common",
    "Contract",
    "Cooling",
    "Dispatch",
    "Energy",
    "Flexible",
    "Foresight",
    "Futures",
    "Grid",
    "Hire",
    "Load",
    "Loop",
    "Market",
    "Option",
    "OutageTable",
    "Overhead",
    "Plant",
    "PowerPlan",
    "PvPlant",
    "Ramp",
    "Reliability",
    "Reserve",
    "SERIES",
    "SiteYear",
    "Sizing",
    "Spread",
    "Store",
    "System",
    "Target",
    "Targets",
    "Technology",
    "Terms",
    "Timing",
    "Turbine",
    "Units",
    "Water",
    "Work",
    "YearModel",
    "accounts",
    "build",
    "climate_at",
    "cause_rows",
    "commons_of",
    "dispatch",
    "dispatch_system",
    "energy_mwh_per_kw_year",
    "fixed_usd_per_kw_year",
    "flexible_parts",
    "from_pypsa",
    "futures",
    "haste_rows",
    "hire_rows",
    "hourly_columns",
    "hourly_rows",
    "in_book",
    "in_other_book",
    "lcoe_usd_per_mwh",
    "lead_months",
    "load",
    "market_at",
    "option",
    "options_of",
    "outage_table",
    "overhead",
    "pareto",
    "power_share",
    "price_and_carbon",
    "pv_cf",
    "read_hours",
    "reliability",
    "reliability_of",
    "reliability_rows",
    "reserve",
    "reserve_of",
    "rolling",
    "seen_sizes",
    "short_names",
    "site_year",
    "sites",
    "size",
    "size_system",
    "step_rows",
    "swing_mw",
    "synthetic_weather",
    "tables",
    "timing",
    "timing_rows",
    "to_pypsa",
    "units_of",
    "wet_bulb_c",
    "wind_cf",
    "with_gas_price",
    "worth_usd_per_mwh",
    "year_model",
]
