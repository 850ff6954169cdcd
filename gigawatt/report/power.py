"""The charts of one power plan: cost split, weeks, duration curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gigawatt.power import seen_sizes
from gigawatt.power.draft import CAUSES
from gigawatt.report.headline import Card
from gigawatt.report.numbers import percent, say, scale_of, three
from gigawatt.report.option import TIME, Option, chart, grid, value_axis
from gigawatt.report.palette import INK
from gigawatt.report.panel import Chart, Numbers, Panel
from gigawatt.report.power_page import Page
from gigawatt.report.power_weeks import COLOURS, colour_of, curve, name_of, week_panel, weeks, word_of
from gigawatt.report.series import Floats, listed
from gigawatt.report.words import and_list, opening

if TYPE_CHECKING:
    from gigawatt.power import PowerPlan

NO_SHARE = 1e-6  # a share that is nothing but rounding
POINTS = 200  # of a duration curve
SMALL_USD = 5e-3  # per MWh: not drawn


def plan_panels(plan: PowerPlan) -> list[Panel]:
    """The figures of one plan."""
    return [cost_panel(plan), *(week_panel(plan, week) for week in weeks(plan)), duration_panel(plan)]


def plan_page(plan: PowerPlan, *, more: Sequence[Panel] = ()) -> Page:
    """The page of one plan, with further figures at its end."""
    site, load, accounts = plan.built.site, plan.built.load, plan.accounts
    sizes = [f"{say(size, 'MW')} of {word_of(name)}" for name, size in sizes_of(plan).items()]
    said = f"The cheapest supply is {and_list(sizes)}. It costs ${three(plan.usd_per_mwh)} a MWh, proved to be within "
    intensity = accounts.carbon.location_t / accounts.energy.load_mwh * 1e3
    cards = [
        Card("A MWh of load", f"${three(plan.usd_per_mwh)}", f"{plan.built.terms.costs} costs"),
        Card("Upfront", say(plan.capex_usd, "USD"), f"{say(plan.cost_usd / plan.built.years, 'USD')} a year in all"),
        Card("Carbon-free, hour by hour", percent(accounts.carbon.carbon_free_hourly), "of the load served"),
        Card("CO\N{SUBSCRIPT TWO}", f"{three(intensity)} g/kWh", "stacks and grid, location-based"),
        Card("Curtailed", curtailed(plan), "of what sun, wind and contracts offer"),
    ]
    return Page(
        f"Power supply: {site.place}", f"{site.name}: {say(float(load.site_mw.max()), 'MW')} at the largest hour, "
        f"{say(float(load.site_mw.mean()), 'MW')} on average", f"{said}{percent(plan.gap)} of the cheapest there is.",
        [*plan_panels(plan), *more], cards, [note for note in (site.source, site.note) if note],
    )  # fmt: skip


def curtailed(plan: PowerPlan) -> str:
    """What is not used of what sun, wind and contracts offer, in per cent; rounding is nothing."""
    share = plan.accounts.energy.curtailed_share
    return percent(share if share > NO_SHARE else 0.0)


def sizes_of(plan: PowerPlan) -> dict[str, float]:
    """MW of what is built, largest first."""
    sizes = {
        c.option: float(size)
        for c, size in zip(plan.built.capacities, seen_sizes(plan), strict=True)
        if c.shown and c.unit == "MW" and size > 0.0
    }
    return dict(sorted(sizes.items(), key=lambda pair: -pair[1]))


# ---------------------------------------------------------------------------------------------------------- cost split


def cost_split(plan: PowerPlan) -> dict[str, dict[str, float]]:
    """USD per MWh of load by option and cause, without what is too small to be seen."""
    load_mwh = plan.accounts.energy.load_mwh
    split = {
        option: {cause: usd / load_mwh for cause, usd in parts.items() if abs(usd / load_mwh) >= SMALL_USD}
        for option, parts in plan.accounts.usd.items()
    }
    order = list(COLOURS)
    kept = {option: parts for option, parts in split.items() if parts}
    return dict(sorted(kept.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)))


def cost_panel(plan: PowerPlan) -> Panel:
    """Cost of a MWh by cause and option."""
    split = cost_split(plan)
    causes = [cause for cause in CAUSES if any(cause in parts for parts in split.values())]
    rows = [
        (
            name_of(option),
            *(three(parts[cause]) if cause in parts else "" for cause in causes),
            three(sum(parts.values())),
        )
        for option, parts in split.items()
    ]
    rows.append(("All", *(three(sum(p.get(c, 0.0) for p in split.values())) for c in causes), three(plan.usd_per_mwh)))
    largest = max(split, key=lambda option: sum(split[option].values()), default="")
    named = f" The largest part is {word_of(largest)}." if largest else ""
    terms = plan.built.terms
    return Panel(
        "cost", "What a MWh costs",
        f"A MWh of load costs ${three(plan.usd_per_mwh)}, or {say(plan.cost_usd / plan.built.years, 'USD')} a year; "
        f"{say(plan.capex_usd, 'USD')} is spent upfront.{named}",
        f"Costs of the {terms.costs} book at {100 * terms.discount_rate:g} % a year, gas at "
        f"${three(terms.gas_usd_per_mmbtu)}/MMBtu, CO\N{SUBSCRIPT TWO} at ${three(terms.carbon_usd_per_t)}/t.",
        (Chart("cost.split", split_bars(split, causes), height=f"rows-{max(2, len(causes))}"),),
        Numbers(("$/MWh", *(opening(cause) for cause in causes), "All"), tuple(rows)),
    )  # fmt: skip


def split_bars(split: dict[str, dict[str, float]], causes: list[str]) -> Option:
    """One bar a cause, made of options."""
    parts = {option: np.array([usd.get(cause, 0.0) for cause in causes]) for option, usd in split.items()}
    return bars(parts, [opening(cause) for cause in causes], "$/MWh of load")


def bars(split: dict[str, Floats], names: list[str], unit: str) -> Option:
    """Bars that lie, one for each name, made of sources or options in their colours."""
    series = [
        {
            "type": "bar", "name": name_of(option), "stack": "all", "barMaxWidth": 22, "unit": unit.split(" of ")[0],
            "color": colour_of(option), "data": listed(values),
        }
        for option, values in split.items()
    ]  # fmt: skip
    ends = {"type": "value", "name": unit, "nameLocation": "middle", "nameGap": 26}
    rows = {"type": "category", "inverse": True, "data": names, "axisTick": {"show": False}}
    return chart(series, xAxis=ends, yAxis=rows, grid=grid(top=8, bottom=40, legendRoom=0))


# ----------------------------------------------------------------------------------------------------- duration curves


def duration_panel(plan: PowerPlan) -> Panel:
    """Load, what sun and wind leave of it, and prices, each in falling order."""
    load, offered = plan.built.system.load_mw, offered_mw(plan)
    net = load - offered
    price = plan.dispatch.price_usd_per_mwh
    power = {"Load": (load, INK), "Load less what sun and wind offer": (net, COLOURS["pv"])}
    prices = {"Marginal price": (price, INK)}
    if any(source.role == "grid" for source in plan.built.firm):
        market = np.resize(plan.built.site.price_usd_per_mwh, plan.built.system.hours)
        prices = {"Grid price": (market, COLOURS["grid"])} | prices
    surplus, cheap = float((net < 0).mean()), float((price < 0.5 * plan.price_usd_per_mwh).mean())
    return Panel(
        "duration", "Hours in falling order",
        f"Sun and wind offer more than the load in {percent(surplus)} of hours; in {percent(cheap)} a MWh is worth "
        "less than half of its mean.",
        "Dispatch of the plan: every curve sorted by itself. Prices above the 99.5th percentile are cut off.",
        (
            Chart("duration.power", falling(power, "MW"), "Power"),
            Chart("duration.price", falling(prices, "$/MWh", cut=0.995), "Prices"),
        ),
    )  # fmt: skip


def offered_mw(plan: PowerPlan) -> Floats:
    """What sun, wind and contracts offer in every hour, before any of it is curtailed."""
    system = plan.built.system
    free = [k for k, source in enumerate(plan.built.free) if source.role != "export"]
    return np.asarray(system.free_profile[:, free] @ plan.capacity[system.free_capacity[free]])


def falling(curves: dict[str, tuple[Floats, str]], unit: str, cut: float = 1.0, of: str = "hours") -> Option:
    """Curves in falling order over the share of hours."""
    scale = scale_of(max(float(np.abs(values).max()) for values, _ in curves.values()), unit)
    share = np.linspace(0.0, 1.0, POINTS + 1)
    source: Option = {TIME: [f"{100 * each:.3g} %" for each in share]}
    for name, (values, _) in curves.items():
        limit = float(np.quantile(values, cut))
        source[name] = listed(np.minimum(np.quantile(values, 1.0 - share), limit), scale.size)
    series = [curve(name, colour, scale.unit) for name, (_, colour) in curves.items()]
    label = {"interval": POINTS // 5 - 1, "showMaxLabel": True}
    ticks = {"type": "category", "boundaryGap": False, "axisLabel": label, "axisTick": {"interval": POINTS // 5 - 1}}
    ticks |= {"name": f"share of {of}", "nameLocation": "middle", "nameGap": 26, "axisLine": {"onZero": False}}
    place = grid(bottom=64)
    return chart(series, dataset={"source": source}, xAxis=ticks, yAxis=value_axis(scale.unit), grid=place)
