"""The charts of many power plans: one supply in many years, and the cheapest supplies along carbon-free shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gigawatt.report.numbers import percent, say, three
from gigawatt.report.option import TIME, Option, chart, grid, value_axis
from gigawatt.report.palette import INK
from gigawatt.report.panel import Chart, Numbers, Panel
from gigawatt.report.power import SMALL_USD, bars, cost_split, curtailed, falling, sizes_of
from gigawatt.report.power_page import Page
from gigawatt.report.power_weeks import COLOURS, curve, name_of, word_of
from gigawatt.report.series import listed
from gigawatt.report.words import and_list, opening

if TYPE_CHECKING:
    from gigawatt.power import Futures, PowerPlan

QUANTILES = ("mean", "deviation", "p5", "p50", "p95")


# ---------------------------------------------------------------------------------------------------------- many years


def years_panel(found: Futures) -> Panel:
    """Cost, carbon and unserved load of many years, each in falling order."""
    rows = [
        (opening(str(row["figure"])), *(three(float(row[name])) for name in QUANTILES), str(row["unit"]))
        for row in found.rows()
    ]
    low, high = np.quantile(found.usd_per_mwh, (0.05, 0.95))
    kwh = found.plan.accounts.energy.load_mwh * 1e3
    count = len(found.cost_usd)
    curves = (
        ("years.cost", "Cost of a MWh of load", "$/MWh", found.usd_per_mwh, INK),
        ("years.carbon", "CO\N{SUBSCRIPT TWO}, stacks and grid", "g/kWh", found.carbon_t * 1e6 / kwh, COLOURS["gas"]),
    )
    charts = tuple(Chart(k, falling({label: (v, hue)}, unit, of="years"), label) for k, label, unit, v, hue in curves)
    return Panel(
        "years", f"The same supply in {count:,} years",
        f"A MWh costs ${three(float(found.usd_per_mwh.mean()))} on average; in nine years of ten between "
        f"${three(float(low))} and ${three(float(high))}.",
        f"Years of weather, prices and outages drawn after {found.plan.built.site.name}, seed {found.seed}; each run "
        "anew with perfect foresight. Unserved energy costs what the plan's terms say.",
        charts, Numbers(("Figure", "Mean", "Deviation", "5 % below", "Median", "5 % above", "Unit"), tuple(rows)),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- pareto


def pareto_page(plans: Sequence[PowerPlan]) -> Page:
    """Cost against the carbon-free share, and what is built along it."""
    shares = [100 * plan.accounts.carbon.carbon_free_hourly for plan in plans]
    costs = [plan.usd_per_mwh for plan in plans]
    site, load, terms = plans[0].built.site, plans[0].built.load, plans[0].built.terms
    first, last = (f"{three(shares[k])} % for ${three(costs[k])}" for k in (0, -1))
    rows, paid = f"rows-{len(plans)}", f"costs of the {terms.costs} book at {100 * terms.discount_rate:g} % a year"
    panel = Panel(
        "pareto", "Cost against the carbon-free share",
        f"From {first} to {last} a MWh; the share is of the load, hour by hour.",
        f"The cheapest supply for each share; {paid}.",
        (
            Chart("pareto.cost", pareto_curve(shares, costs), "Cost of a MWh of load", height="tall"),
            Chart("pareto.split", plan_bars(plans, costs_by_option, "$/MWh"), "What it is made of", height=rows),
            Chart("pareto.energy", plan_bars(plans, energy_by_source, "% of load"), "Energy by source", height=rows),
        ), pareto_numbers(plans),
    )  # fmt: skip
    meta = f"{site.name}: {say(float(load.site_mw.max()), 'MW')} at the largest hour"
    notes = [note for note in (site.source, site.note) if note]
    options = and_list([word_of(option.name) for option in plans[0].built.options])
    said = f"The cheapest supply of the load from {options}, for each share of it that must be carbon-free."
    return Page(f"Carbon-free power: {site.place}", meta, said, [panel], (), notes)


def pareto_curve(shares: Sequence[float], costs: Sequence[float]) -> Option:
    """Cost over share."""
    source = {TIME: listed(np.array(shares)), "Cost": listed(np.array(costs))}
    series = curve("Cost", INK, "$/MWh", showSymbol=True, symbolSize=7)
    ends = {"name": "% of the load that is carbon-free, hour by hour", "nameLocation": "middle", "nameGap": 26}
    across = {"type": "value", "min": 0, "max": 100, **ends}
    tip = {"trigger": "item"}
    axes = {"xAxis": across, "yAxis": value_axis("$/MWh", min=0)}
    return chart([series], dataset={"source": source}, tooltip=tip, grid=grid(bottom=64), **axes)


def costs_by_option(plan: PowerPlan) -> dict[str, float]:
    """USD per MWh of load by option."""
    return {option: sum(parts.values()) for option, parts in cost_split(plan).items()}


def energy_by_source(plan: PowerPlan) -> dict[str, float]:
    """Energy used by source in per cent of the load; losses of stores make it more than 100."""
    energy = plan.accounts.energy
    shares = {name: 100 * mwh / energy.load_mwh for name, mwh in energy.by_source.items()}
    return {name: share for name, share in shares.items() if share > SMALL_USD}


def plan_bars(plans: Sequence[PowerPlan], parts_of: Callable[[PowerPlan], dict[str, float]], unit: str) -> Option:
    """One bar a plan, made of options."""
    found = [parts_of(plan) for plan in plans]
    order = list(COLOURS)
    used = {name for parts in found for name in parts}
    ranked = sorted(used, key=lambda name: order.index(name) if name in order else len(order))
    split = {name: np.array([parts.get(name, 0.0) for parts in found]) for name in ranked}
    names = [f"{100 * plan.accounts.carbon.carbon_free_hourly:.3g} %" for plan in plans]
    return bars(split, names, unit)


def pareto_numbers(plans: Sequence[PowerPlan]) -> Numbers:
    """Share, cost, carbon and sizes of each plan."""
    used = dict.fromkeys(name for plan in plans for name in sizes_of(plan))
    rows = tuple(
        (
            percent(plan.accounts.carbon.carbon_free_hourly), three(plan.usd_per_mwh),
            three(plan.accounts.carbon.location_t / plan.accounts.energy.load_mwh * 1e3),
            curtailed(plan), *(three(sizes_of(plan).get(name, 0.0)) for name in used),
        )
        for plan in plans
    )  # fmt: skip
    heads = ("Carbon-free", "$/MWh", "g CO\N{SUBSCRIPT TWO}/kWh", "Offers curtailed")
    return Numbers((*heads, *(f"{name_of(name)}, MW" for name in used)), rows)
