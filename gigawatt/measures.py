"""The figures that claims may speak of: which column of which table each one reads, in which unit, over which weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

How = Literal["sum", "mean", "share", "ratio"]
Span = Literal["week", "quarter", "year", "so_far", "lowest", "highest"]
WEEKS_BACK: dict[Span, int] = {"week": 1, "quarter": 13, "year": 52}  # others look back to the first week


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure is taken from a table: which column, over which rows and weeks, times `scale`.

    sum: over the rows; mean: weighted by `weight`; share: of the company in the sum over all companies; ratio: sum of
    the column over sum of `weight`. Over time: the week itself, the mean of the last 13 weeks (quarter), the sum of
    the last 52 (year; a shorter first year is scaled up to one), the sum so far, or the lowest or highest so far.
    """

    table: str
    column: str
    unit: str
    text: str
    by: tuple[str, ...] = ()  # columns in which a name may stand
    how: How = "sum"
    weight: str = ""
    span: Span = "week"
    scale: float = 1.0
    named: bool = False  # a name in the first column of `by` must be given


def _site(column: str, text: str) -> Measure:
    return Measure("capacity", column, "GW", f"{text}, of an owner, region or site, or of all", _SITES, scale=1e-3)


def _build(column: str, unit: str, text: str, span: Span = "week") -> Measure:
    return Measure("buildrate", column, unit, text, span=span, scale=1e-3)


def _load(column: str, text: str) -> Measure:
    return Measure("power", column, "GW", f"{text}, of a region or of all", ("region",), scale=1e-3)


def _by_energy(column: str, unit: str, text: str) -> Measure:
    return Measure("power", column, unit, f"{text}, mean by energy", ("region",), "mean", "energy_mwh")


def _chips(column: str, text: str) -> Measure:
    return Measure("compute", column, "H100e", f"{text}, of a company or of all", ("company",))


def _token(column: str, unit: str, text: str) -> Measure:
    said = f"{text}, mean by tokens served"
    return Measure("tokens", column, unit, said, ("company", "tier"), "mean", "served_gtokens")


def _by_need(column: str, unit: str, text: str) -> Measure:
    return Measure("unmet", column, unit, f"{text}, of a use, or mean by need", ("use",), "mean", "need_h100e")


def _price(column: str, unit: str, text: str) -> Measure:
    return Measure("prices", column, unit, text)


def _balance(column: str, text: str, span: Span = "week") -> Measure:
    return Measure("companies", column, "USD", f"{text}, of a company or of all", ("company",), span=span)


def _flow(column: str, text: str) -> Measure:
    return Measure("companies", column, "USD/year", f"{text} in the last 52 weeks", ("company",), span="year")


_SITES = ("owner", "region", "site")
_USERS = Measure("market", "users_m", "million", "users or seats", ("company", "segment"))
_SERVED = Measure("tokens", "served_gtokens", "Gtokens", "output tokens served in the week", ("company", "tier"))
_BACKLOG = Measure("constraints", "backlog_weeks", "weeks", "orders waiting for a supply item", ("item",), named=True)
_ENERGY = Measure("power", "energy_mwh", "MWh/year", "energy drawn in the last 52 weeks", ("region",), span="year")
_COOLING = Measure("power", "cooling_water_m3", "m3/year", "water for cooling in 52 weeks", ("region",), span="year")
_PLANTS = replace(_COOLING, column="generation_water_m3", text="water of plants, on site and of the grid, in 52 weeks")
_RATE = Measure("companies", "debt_rate", "1", "interest rate of the debt, a year", ("company",), "mean", "debt_usd")
_DEFAULTS = Measure("companies", "defaults", "1", "defaults so far", ("company",))

MEASURES: dict[str, Measure] = {
    "energised_gw": _site("energised_mw", "power that is on"),
    "under_construction_gw": _site("under_construction_mw", "power being built"),
    "gw_per_week": _build("energised_mw_per_week", "GW/week", "power switched on in the week"),
    "started_gw_per_week": _build("started_mw_per_week", "GW/week", "power whose construction began in the week"),
    "programme_gw": _build("programme_mw", "GW", "power delivered to the programme so far"),
    "energised_gw_per_week": _build("energised_mw_per_week", "GW/week", "switched on a week, mean of 13", "quarter"),
    "programme_gw_per_week": _build(
        "programme_mw_per_week", "GW/week", "of the programme, mean of 13 weeks", "quarter"
    ),
    "programme_usd": Measure("buildrate", "programme_usd", "USD", "spent by the programme so far"),
    "backlog_weeks": _BACKLOG,
    "load_gw": _load("load_mw", "power drawn"),
    "grid_gw": _load("grid_mw", "power drawn from the grid"),
    "firm_gw": _load("firm_mw", "power drawn from plants on site"),
    "energy_mwh_per_year": _ENERGY,
    "cooling_water_m3_per_year": _COOLING,
    "generation_water_m3_per_year": _PLANTS,
    "price_usd_per_mwh": _by_energy("price_usd_per_mwh", "USD/MWh", "price of energy"),
    "power_usd_per_mwh": _by_energy("price_usd_per_mwh", "USD/MWh", "price of energy"),
    "carbon_g_per_kwh": _by_energy("carbon_g_per_kwh", "g/kWh", "carbon intensity of energy"),
    "installed_h100e": _chips("installed_h100e", "chips installed"),
    "used_h100e": _chips("used_h100e", "chips at work"),
    "idle_h100e": _chips("idle_h100e", "chips without work"),
    "served_gtokens": _SERVED,
    "served_share": replace(_SERVED, unit="1", text="served over asked for", how="ratio", weight="demand_gtokens"),
    "price_usd_per_mtok": _token("price_usd_per_mtok", "USD/Mtok", "price of output tokens"),
    "cost_usd_per_mtok": _token("cost_usd_per_mtok", "USD/Mtok", "cost of output tokens"),
    "usd_per_query": _token("usd_per_query", "USD", "cost of a query"),
    "j_per_query": _token("j_per_query", "J", "energy of a query"),
    "g_co2_per_query": _token("g_co2_per_query", "g", "carbon of a query"),
    "unmet_share": _by_need("unmet_share", "1", "compute wanted but not given"),
    "shadow_usd_per_h100e_h": _by_need("shadow_usd_per_h100e_h", "USD/H100e/h", "worth of one more hour"),
    "users_m": _USERS,
    "market_share": replace(_USERS, unit="1", text="users of a company over all users", how="share", named=True),
    "rent_usd_per_h100e_h": _price("rent_usd_per_h100e_h", "USD/H100e/h", "spot rent of compute"),
    "running_usd_per_h100e_h": _price("running_usd_per_h100e_h", "USD/H100e/h", "running cost of compute"),
    "levelised_usd_per_h100e_h": _price("levelised_usd_per_h100e_h", "USD/H100e/h", "levelised cost of compute"),
    "token_usd_per_mtok": _price("token_usd_per_mtok", "USD/Mtok", "mean price of output tokens"),
    "usd_per_mtok": _price("token_usd_per_mtok", "USD/Mtok", "mean price of output tokens"),
    "quality_log10_flop": _price("quality_log10_flop", "log10 FLOP", "effective FLOP of the best model on sale"),
    "cash_usd": _balance("cash_usd", "cash"),
    "debt_usd": _balance("debt_usd", "debt"),
    "equity_usd": _balance("equity_usd", "book equity"),
    "lowest_cash_usd": _balance("cash_usd", "lowest cash so far", "lowest"),
    "highest_debt_usd": _balance("debt_usd", "highest debt so far", "highest"),
    "ai_revenue_usd_per_year": _flow("ai_revenue_usd", "AI revenue"),
    "cloud_revenue_usd_per_year": _flow("cloud_revenue_usd", "cloud revenue"),
    "chip_revenue_usd_per_year": _flow("chip_revenue_usd", "chips sold"),
    "ebitda_usd_per_year": _flow("ebitda_usd", "EBITDA"),
    "interest_usd_per_year": _flow("interest_usd", "interest paid"),
    "capex_usd_per_year": _flow("capex_usd", "capex"),
    "equity_issued_usd_per_year": _flow("equity_issued_usd", "shares sold"),
    "refused_usd": _balance("refused_usd", "money sought and refused so far", "so_far"),
    "refused_usd_per_year": _flow("refused_usd", "money sought and refused"),
    "debt_rate": _RATE,
    "defaults": _DEFAULTS,
}
