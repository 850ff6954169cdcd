"""Weeks of a power plan: what feeds the load by the hour, what the store holds, what a MWh is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from gigawatt.power import hourly_columns
from gigawatt.report.numbers import Scale, percent, scale_of, three
from gigawatt.report.option import TIME, Option, chart, line, value_axis
from gigawatt.report.palette import FAIL, FAINT, HUES, INK, PALE, PALER, SLATE
from gigawatt.report.panel import Chart, Panel
from gigawatt.report.series import Floats, listed
from gigawatt.report.words import opening, readable
from gigawatt.units import DEGREES_PER_HOUR, HOURS_PER_DAY, HOURS_PER_WEEK, HOURS_PER_YEAR

if TYPE_CHECKING:
    from gigawatt.power import PowerPlan

NORTH_SUMMER, NORTH_WINTER = date(2025, 7, 14), date(2025, 1, 13)  # Mondays in the middle of the season
MINUS = "\N{MINUS SIGN}"
GIVING, TAKING = ", giving", ", taking"
PUT_OFF, CAUGHT_UP = ", put off", ", caught up"
LEAST_TOLD = 5e-3  # share of the load
SEEN = 1e-3  # share of the peak below which a series is not drawn

COLOURS: dict[str, str] = {  # of a technology, in all charts; from the bottom of a stack to its top
    "nuclear": "#3b2f8f", "smr": "#2f4468", "geothermal": "#1d7a3e", "hydro": "#2f9685", "ccgt": "#6b4a2f",
    "fuel_cell": "#7d7a2b", "gas": "#d0632a", "ocgt": "#c05a6b", "aero": "#c283ab", "grid": "#2166ac",
    "diesel": SLATE, "ppa_wind": "#86c8ee", "ppa_solar": "#d9bf63", "wind": "#4a9cc9", "offshore_wind": "#0f6b77",
    "pv": "#b0902c", "battery": "#a24a96", "iron_air": "#882255", "sold": "#94a35b", "flexible": PALE,
    "unserved": FAIL, "curtailed": FAINT,
}  # fmt: skip
NAMES = {"pv": "PV", "ccgt": "Gas CCGT", "ocgt": "Gas turbine", "aero": "Gas aeroderivative", "smr": "SMR",
         "ppa_solar": "PPA solar", "ppa_wind": "PPA wind", "gas": "Gas engines"}  # fmt: skip


def technology(name: str) -> str:
    """The technology whose colour a source, store or option has: `battery_4h` that of `battery`."""
    known = [each for each in COLOURS if name == each or name.startswith(f"{each}_") or name.endswith(f"_{each}")]
    return max(known, key=len, default=name)


def colour_of(name: str) -> str:
    """The colour of a source, store or option; the same in all charts."""
    kind = technology(name)
    return COLOURS.get(kind) or HUES[crc32(kind.encode()) % len(HUES)]


def name_of(name: str) -> str:
    """A source, store or option in words."""
    flexible = f"Load, {name.removeprefix('flexible_')}" if name.startswith("flexible_") else ""
    return NAMES.get(name) or flexible or opening(readable(name))


def curve(name: str, colour: str, unit: str, **more: Any) -> Option:
    """A line of column `name`, which is its name in the legend too."""
    return {**line(name, colour, unit, **more), "name": name}


def word_of(name: str) -> str:
    """The same within a sentence."""
    said = name_of(name)
    return said if said[:2].isupper() else said[:1].lower() + said[1:]


def said_of(store: str) -> tuple[str, str]:
    """What a store's giving and taking is called: of load that waits, to be put off and caught up."""
    return (PUT_OFF, CAUGHT_UP) if store.startswith("flexible_") else (GIVING, TAKING)


@dataclass(frozen=True, slots=True)
class Layer:
    """A series of a stack."""

    name: str  # in words
    source: str
    mw: Floats


def layers(plan: PowerPlan) -> list[Layer]:
    """What feeds the load, from the bottom of the stack to its top, then what is thrown away and what is stored."""
    columns = hourly_columns(plan)
    stores = plan.built.stores
    fed = [source.name for source in (*plan.built.firm, *plan.built.free) if f"{source.name}_mw" in columns]
    found = [Layer(name_of(name), name, columns[f"{name}_mw"]) for name in dict.fromkeys(fed)]
    given, taken = plan.dispatch.discharge_mw, plan.dispatch.charge_mw
    found += [Layer(name_of(name) + said_of(name)[0], name, given[:, s]) for s, name in enumerate(stores)]
    found += [Layer(opening(name), name, columns[f"{name}_mw"]) for name in ("unserved", "curtailed")]
    order = list(COLOURS)
    found.sort(key=lambda layer: order.index(technology(layer.source)) if technology(layer.source) in order else -1)
    found += [Layer(name_of(name) + said_of(name)[1], name, -taken[:, s]) for s, name in enumerate(stores)]
    if "sold_mw" in columns:
        found.append(Layer("Sold", "sold", -columns["sold_mw"]))
    peak = float(plan.built.system.load_mw.max())
    return [layer for layer in found if float(np.abs(layer.mw).max()) > SEEN * peak]


@dataclass(frozen=True, slots=True)
class Week:
    """168 hours of a plan, with what they are called."""

    name: str
    title: str
    first: int  # hour of the plan


def weeks(plan: PowerPlan) -> list[Week]:
    """A week of summer, a week of winter, and the one whose energy is worth most."""
    hours, ahead = plan.built.system.hours, ahead_hours(plan)
    if hours < HOURS_PER_YEAR:
        return [Week("week", "The first week", 0)]
    south = plan.built.site.lat < 0
    summer, winter = (NORTH_WINTER, NORTH_SUMMER) if south else (NORTH_SUMMER, NORTH_WINTER)
    found = [
        Week("summer", "A week of summer", hour_of(summer) - ahead),
        Week("winter", "A week of winter", hour_of(winter) - ahead),
    ]
    worth = plan.dispatch.price_usd_per_mwh * plan.built.system.load_mw
    starts = np.arange(-ahead % HOURS_PER_DAY, hours - HOURS_PER_WEEK + 1, HOURS_PER_DAY)
    total = np.concatenate(([0.0], np.cumsum(worth)))
    dearest = int(starts[np.argmax(total[starts + HOURS_PER_WEEK] - total[starts])])
    return [*found, Week("dearest", "The week of the dearest energy", dearest)]


def hour_of(day: date) -> int:
    """Hour of the year at which a day begins."""
    return (day - date(day.year, 1, 1)).days * HOURS_PER_DAY


def ahead_hours(plan: PowerPlan) -> int:
    """Hours by which local time is ahead of UTC, by longitude."""
    lon = plan.built.site.lon
    return round(lon / DEGREES_PER_HOUR) if np.isfinite(lon) else 0


def labels(plan: PowerPlan, week: Week) -> list[str]:
    """The hours of a week in local time: "14 July" at midnight, "14 July, 05:00" after it."""
    start = week.first + ahead_hours(plan)
    found = []
    for hour in range(start, start + HOURS_PER_WEEK):
        day = date(2025, 1, 1) + timedelta(days=hour // HOURS_PER_DAY % 365)
        said = f"{day.day} {day:%b}"
        found.append(said if hour % HOURS_PER_DAY == 0 else f"{said}, {hour % HOURS_PER_DAY:02d}:00")
    return found


def hour_axis(**more: object) -> Option:
    """The axis of a week, with a tick at every midnight."""
    label = {"interval": HOURS_PER_DAY - 1, "showMaxLabel": False, "align": "left"}
    tick = {"interval": HOURS_PER_DAY - 1}
    return {"type": "category", "boundaryGap": False, "axisLabel": label, "axisTick": tick, **more}


def week_panel(plan: PowerPlan, week: Week) -> Panel:
    """A week hour by hour: the stack, the store and the price."""
    hours = slice(week.first, week.first + min(HOURS_PER_WEEK, plan.built.system.hours))
    ahead = ahead_hours(plan)
    zone = f"UTC{'+' if ahead >= 0 else MINUS}{abs(ahead)}"
    return Panel(
        week.name, week.title, week_finding(plan, hours),
        f"Dispatch of the plan, hourly; hours in local time by longitude ({zone}). {plan.built.site.source}",
        (dispatch_chart(plan, week, hours), *store_chart(plan, week, hours), price_chart(plan, week, hours)),
    )  # fmt: skip


def week_finding(plan: PowerPlan, hours: slice) -> str:
    """What a week shows, in a sentence."""
    load = plan.built.system.load_mw[hours]
    price = plan.dispatch.price_usd_per_mwh[hours]
    mean = float(price @ load / load.sum())
    given = {
        layer.source: float(layer.mw[hours].sum()) for layer in layers(plan) if layer.source not in plan.built.stores
    }
    given = {name: mwh / float(load.sum()) for name, mwh in given.items() if name != "curtailed"}
    best = [pair for pair in sorted(given.items(), key=lambda pair: -pair[1])[:3] if pair[1] >= LEAST_TOLD]
    told = ", ".join(f"{word_of(name)} {percent(share)}" for name, share in best)
    return f"Of the load: {told}. A MWh is worth ${three(mean)} on average, ${three(float(price.max()))} at most."


def dispatch_chart(plan: PowerPlan, week: Week, hours: slice) -> Chart:
    """The stack of what feeds the load, and the load as a line."""
    load = plan.built.system.load_mw[hours]
    stack = [layer for layer in layers(plan) if float(np.abs(layer.mw[hours]).max()) > SEEN * float(load.max())]
    scale = scale_of(float(plan.built.system.load_mw.max()), "MW")
    source: Option = {TIME: labels(plan, week)[: len(load)]}
    source |= {layer.name: listed(layer.mw[hours], scale.size) for layer in stack} | {"Load": listed(load, scale.size)}
    series = [filled(layer, scale) for layer in stack] + [curve("Load", INK, scale.unit, z=5)]
    axes = {"xAxis": hour_axis(axisLine={"onZero": True}), "yAxis": value_axis(scale.unit)}
    return Chart(
        f"{week.name}.dispatch", chart(series, dataset={"source": source}, **axes), "What feeds the load", height="tall"
    )


def filled(layer: Layer, scale: Scale) -> Option:
    """A layer of the stack; what a store takes is paler than what it gives."""
    colour = colour_of(layer.source)
    colour = PALER.get(colour, (colour,))[0] if layer.name.endswith((TAKING, CAUGHT_UP)) else colour
    look = {"areaStyle": {"color": colour, "opacity": 0.88}, "lineStyle": {"width": 0, "color": colour}}
    return curve(layer.name, colour, scale.unit, stack="all", **look)


def store_chart(plan: PowerPlan, week: Week, hours: slice) -> tuple[Chart, ...]:
    """Energy in the stores; none where nothing is stored."""
    held = {name: plan.dispatch.stored_mwh[hours, s] for s, name in enumerate(plan.built.stores)}
    held = {name: mwh for name, mwh in held.items() if float(plan.dispatch.stored_mwh.max()) > 1.0 and mwh.max() > 0}
    if not held:
        return ()
    scale = Scale(1e3, "GWh") if max(float(mwh.max()) for mwh in held.values()) >= 1e3 else Scale(1.0, "MWh")
    source: Option = {TIME: labels(plan, week)[: hours.stop - hours.start]}
    source |= {name_of(name): listed(mwh, scale.size) for name, mwh in held.items()}
    series = [
        line(
            name_of(name),
            colour_of(name),
            scale.unit,
            areaStyle={"color": colour_of(name), "opacity": 0.25},
        )
        for name in held
    ]
    axes = {"xAxis": hour_axis(), "yAxis": value_axis(scale.unit, min=0)}
    return (Chart(f"{week.name}.store", chart(series, dataset={"source": source}, **axes), "Energy stored"),)


def price_chart(plan: PowerPlan, week: Week, hours: slice) -> Chart:
    """Marginal price of load, and the price of the grid where there is one."""
    price = plan.dispatch.price_usd_per_mwh[hours]
    source: Option = {TIME: labels(plan, week)[: len(price)], "Marginal price": listed(price)}
    series = [curve("Marginal price", INK, "$/MWh", step="middle")]
    if any(each.role == "grid" for each in plan.built.firm):
        market = np.resize(plan.built.site.price_usd_per_mwh, plan.built.system.hours)[hours]
        source["Grid price"] = listed(market)
        series.insert(0, curve("Grid price", COLOURS["grid"], "$/MWh", step="middle"))
    axes = {"xAxis": hour_axis(), "yAxis": value_axis("$/MWh")}
    return Chart(f"{week.name}.price", chart(series, dataset={"source": source}, **axes), "What a MWh is worth")
