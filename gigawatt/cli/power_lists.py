"""The lists of `gigawatt power`: site-years, and technologies with their costs in both books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.output import Format, show
from gigawatt.cli.power_asked import TERMS, numbers
from gigawatt.cli.power_rows import Row, digits, percent

if TYPE_CHECKING:
    from gigawatt.power import SiteYear, Technology, Terms

SITES = {
    "sun_share": "sun %", "wind_share": "wind %", "temp_c": "mean C", "price_usd_per_mwh": "grid USD/MWh",
    "delivery_usd_per_mwh": "delivery USD/MWh", "carbon_g_per_kwh": "grid g/kWh",
}  # fmt: skip
TECHNOLOGIES = {
    "reference_usd_per_kw": "USD/kW", "reference_usd_per_kwh": "USD/kWh", "reference_usd_per_mwh": "LCOE",
    "market_usd_per_kw": "market USD/kW", "market_usd_per_kwh": "market USD/kWh", "market_usd_per_mwh": "market LCOE",
    "life_years": "years", "carbon_t_per_mwh": "t CO2/MWh", "unit_mw": "MW a unit",
    "lead_months": "months", "lead_months_low": "least", "lead_months_high": "most",
}  # fmt: skip


def list_sites(how: Format, out: Path | None) -> None:
    """The site-years with what they offer."""
    from gigawatt.power import site_year, sites

    found = [site_row(site_year(name)) for name in sites()]
    title = (
        "site-years: capacity factors of sun and wind, mean temperature, energy, delivery and carbon of the grid there"
    )
    show_list(found, SITES, how, out, title)


def site_row(site: SiteYear) -> Row:
    """What a site-year offers."""
    return {
        "site": site.name, "place": site.place, "lat": site.lat, "lon": site.lon, "sun_share": float(site.pv_cf.mean()),
        "wind_share": None if site.wind_cf is None else float(site.wind_cf.mean()), "temp_c": float(site.temp_c.mean()),
        "price_usd_per_mwh": float(site.price_usd_per_mwh.mean()), "delivery_usd_per_mwh": site.delivery_usd_per_mwh,
        "carbon_g_per_kwh": float(site.carbon_g_per_kwh.mean()),
        "weather": "drawn" if site.source.startswith("drawn") else "measured",
    }  # fmt: skip


def list_technologies(how: Format, out: Path | None, terms: Mapping[str, str | None], site: str | None) -> None:
    """What can be built, with costs in both books; LCOE of sun and wind only where a site is given."""
    from gigawatt.power import Terms, option, short_names, site_year

    paid = Terms(**numbers(terms, TERMS))  # type: ignore[arg-type]
    means = {"": 1.0} if site is None else mean_output(site_year(site))
    choices = {name: choice.technology for name in short_names() if hasattr(choice := option(name), "technology")}
    found = [technology_row(name, technology, paid, means) for name, technology in choices.items()]
    if how is Format.table and out is None:
        found = [row | lacking(choices[row["option"]], row, means) for row in found]
    where = f"sun and wind at {site}" if site else "of sun and wind with --site"
    title = (
        f"technologies: capex in the reference and the market book; LCOE in USD/MWh at {100 * paid.discount_rate:g} %"
    )
    show_list(found, TECHNOLOGIES, how, out, f"{title} and full load, {where}")


def mean_output(site: SiteYear) -> dict[str, float]:
    """Capacity factor by resource."""
    found = {"": 1.0, "sun": float(site.pv_cf.mean())}
    return found if site.wind_cf is None else found | {"wind": float(site.wind_cf.mean())}


def technology_row(name: str, technology: Technology, terms: Terms, means: Mapping[str, float]) -> Row:
    """Costs of a technology in both books; no LCOE of what stores, carries, or has an output that is not known."""
    from gigawatt.power import in_book, lcoe_usd_per_mwh, with_gas_price
    from gigawatt.power.lcoe import quoted

    if technology.heat_rate_mmbtu_per_mwh:
        technology = with_gas_price(technology, terms.gas_usd_per_mmbtu)
    used = None if technology.kind in ("storage", "grid") else means.get(technology.resource)
    row: Row = {"option": name, "kind": technology.kind}
    for book in ("reference", "market"):
        costs, told = in_book(technology, book), book == "reference" or quoted(technology)
        row |= {
            f"{book}_usd_per_kw": costs.capex_usd_per_kw if told else None,
            f"{book}_usd_per_kwh": costs.capex_usd_per_kwh or None if told else None,
            f"{book}_usd_per_mwh": lcoe_usd_per_mwh(costs, terms.discount_rate, used) if told and used else None,
        }
    return row | {
        "life_years": technology.life_years, "carbon_t_per_mwh": technology.carbon_t_per_mwh,
        "unit_mw": technology.unit_mw or None, "lead_months": technology.lead_months,
        "lead_months_low": technology.lead_months_low, "lead_months_high": technology.lead_months_high,
    }  # fmt: skip


def lacking(technology: Technology, row: Row, means: Mapping[str, float]) -> Row:
    """What stands for the LCOE of sun and wind where no site says how much they give."""
    if technology.resource in means:
        return {}
    said = "no wind there" if "sun" in means else "needs --site"
    return {f"{book}_usd_per_mwh": said for book in ("reference", "market") if row[f"{book}_usd_per_kw"] is not None}


def show_list(rows: Sequence[Row], heads: Mapping[str, str], how: Format, out: Path | None, title: str) -> None:
    """Rows under short heads and rounded where people read them, else as they are."""
    if how is Format.table and out is None:
        rows = [{heads.get(name, name): told(name, value) for name, value in row.items()} for row in rows]
    show(rows, how, out, title=title)


def told(name: str, value: Any) -> Any:
    """A value as people read it: shares in per cent."""
    if not isinstance(value, float):
        return value
    return percent(value) if name.endswith("_share") else round(value, 1) if name.endswith("_c") else digits(value)
