"""Figures on energy: grid and plants on site by region, price and carbon."""

from __future__ import annotations

import numpy as np

from gigawatt.report.numbers import percent, say, scale_of, three
from gigawatt.report.option import area, chart, dataset, over_time, small, time_axis, value_axis
from gigawatt.report.palette import FIRM, GRID, Colours
from gigawatt.report.panel import Chart, Panel, by_year
from gigawatt.report.series import Weekly, gathered, names_in, thinned
from gigawatt.report.words import opening, readable
from gigawatt.results import Results, Table


def region_colours(results: Results) -> Colours:
    """One colour for each region, the same in all figures."""
    return Colours.for_names(names_in(results["power"], "region"))


def mix_panel(results: Results) -> Panel:
    """Power drawn from the grid and from plants on site, region by region."""
    table = results["power"]
    grid_mw, firm_mw = gathered(table, "region", "grid_mw"), gathered(table, "region", "firm_mw")
    peaks = {name: float((grid_mw.values[name] + firm_mw.values[name]).max(initial=0.0)) for name in grid_mw.values}
    ranked = [name for name in sorted(peaks, key=lambda name: -peaks[name]) if peaks[name] > 0]
    return Panel(
        "power", "Power by region", _mix_finding(grid_mw, firm_mw),
        "Table power: grid_mw and firm_mw (plants on site: turbines, engines, fuel cells), means of each step.",
        tuple(_region(name, grid_mw, firm_mw) for name in ranked),
        by_year(_sums(grid_mw, firm_mw), 1000.0, "last", "GW"),
    )  # fmt: skip


def _sums(grid_mw: Weekly, firm_mw: Weekly) -> Weekly:
    return Weekly(grid_mw.dates, {"Grid": grid_mw.total, "On site": firm_mw.total})


def _region(name: str, grid_mw: Weekly, firm_mw: Weekly) -> Chart:
    shown = thinned(Weekly(grid_mw.dates, {"Grid": grid_mw.values[name], "On site": firm_mw.values[name]}), "mean")
    scale = scale_of(float(shown.total.max(initial=0.0)), "MW")
    series = [area("Grid", GRID, scale.unit), area("On site", FIRM, scale.unit)]
    axes = {"xAxis": time_axis(shown.dates), "yAxis": value_axis(scale.unit, min=0)}
    return Chart(
        f"power.{name}",
        small(chart(series, dataset=dataset(shown, scale.size), **axes)),
        opening(readable(name)),
        height="small",
    )


def _mix_finding(grid_mw: Weekly, firm_mw: Weekly) -> str:
    if not len(grid_mw.dates):
        return "No power is drawn in this run."
    grid_end, firm_end = float(grid_mw.total[-1]), float(firm_mw.total[-1])
    total = grid_end + firm_end
    if total <= 0:
        return "No power is drawn at the end of this run."
    return f"At the end {say(total, 'MW')} is drawn, {percent(firm_end / total)} of it from plants on site."


def price_panel(results: Results) -> Panel:
    """Price of energy and its carbon by region."""
    table = results["power"]
    colours = region_colours(results)
    price = gathered(table, "region", "price_usd_per_mwh", weight="energy_mwh")
    carbon = gathered(table, "region", "carbon_g_per_kwh", weight="energy_mwh")
    return Panel(
        "energy", "Price and carbon of energy", _price_finding(table),
        "Table power: price_usd_per_mwh and carbon_g_per_kwh, means of each step weighted by energy_mwh.",
        (
            Chart("energy_price", over_time(_named(price), "$/MWh", colours.of, min=0), "Price of energy"),
            Chart("carbon", over_time(_named(carbon), "gCO₂/kWh", colours.of, min=0), "Carbon intensity"),
        ),
        by_year(price, 1.0, "mean", "$/MWh"),
    )  # fmt: skip


def _named(weekly: Weekly) -> Weekly:
    known = {name: values for name, values in weekly.values.items() if np.isfinite(values).any()}
    return thinned(Weekly(weekly.dates, known), "mean")


def _price_finding(table: Table) -> str:
    last = table.take(table["week"] == table["week"].max(initial=0)) if len(table) else table
    energy = float(last["energy_mwh"].sum()) if len(last) else 0.0
    if energy <= 0:
        return "No energy is drawn at the end of this run."
    price = float((last["price_usd_per_mwh"] * last["energy_mwh"]).sum()) / energy
    carbon = float((last["carbon_g_per_kwh"] * last["energy_mwh"]).sum()) / energy
    twh = float(table["energy_mwh"].sum()) / 1e6
    return f"At the end energy costs ${three(price)}/MWh at {three(carbon)} gCO₂/kWh; {three(twh)} TWh is drawn in all."
