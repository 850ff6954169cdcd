"""Figures on the build-out: power by owner and site, the weekly rate and what holds it, supply item by item."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from gigawatt.report.energy import region_colours
from gigawatt.report.numbers import percent, say, scale_of
from gigawatt.report.option import (
    Option,
    area,
    chart,
    chosen,
    dashed,
    dataset,
    grid,
    line,
    over_time,
    small,
    time_axis,
    value_axis,
)  # fmt: skip
from gigawatt.report.palette import ASKED, CAPACITY, FAIL, INK, PROGRAMME, WORLD, Colours
from gigawatt.report.panel import Chart, Panel, by_year
from gigawatt.report.series import (
    Floats,
    Weekly,
    columns_of,
    day,
    gathered,
    largest,
    moving_mean,
    ratio,
    thinned,
    without_zeros,
)  # fmt: skip
from gigawatt.report.words import month, opening, readable
from gigawatt.results import Results, Table

MEAN_WEEKS = 4
LAYERS = 8
BAND_HEIGHT, BAND_GAP = 0.85, 0.15
BAND_WEEKS = 4
SMALL_CHARTS = 20
FAR_ABOVE = 5.0  # orders over capacity from which a logarithmic axis is needed to see both
EVERYONE = "All owners"


def capacity_panel(results: Results, companies: Colours) -> Panel:
    """Power that is on, stacked by owner, site or region."""
    table = results["capacity"]
    views = {
        "By owner": ("owner", companies),
        "By site": ("site", Colours()),
        "By region": ("region", region_colours(results)),
    }
    options = {name: _stack(table, key, colours) for name, (key, colours) in views.items()}
    by_owner = without_zeros(gathered(table, "owner", "energised_mw"))
    scale = scale_of(by_owner.peak, "MW")
    return Panel(
        "capacity", "Power that is on", _capacity_finding(by_owner),
        "Table capacity, column energised_mw: power at the meter of each campus, on the last day of each step.",
        (Chart("capacity", chosen(options), choice="View", height="tall"),),
        by_year(largest(by_owner, LAYERS), scale.size, "last", scale.unit),
    )  # fmt: skip


def _stack(table: Table, key: str, colours: Colours) -> Option:
    shown = thinned(largest(without_zeros(gathered(table, key, "energised_mw")), LAYERS), "last")
    return over_time(shown, "MW", colours.of, area)


def _capacity_finding(by_owner: Weekly) -> str:
    if not len(by_owner.dates):
        return "No site comes up in this run."
    ends = {name: float(values[-1]) for name, values in by_owner.values.items()}
    first = max(ends, key=lambda name: ends[name], default="")
    total = sum(ends.values())
    if total <= 0:
        return "No site is on at the end of this run."
    owner = f"{first} owns {percent(ends[first] / total)} of it"
    return f"{say(total, 'MW')} is on by {month(by_owner.dates[-1])}; {owner}."


def rate_panel(results: Results) -> Panel:
    """Power switched on in a week against the target, with what holds it back below."""
    table = results["buildrate"]
    weekly = rates(table)
    step = thinned(weekly, "last")
    bands = {"Sites": table["site_binding"], "Chips": table["chip_binding"]}
    return Panel(
        "buildrate", "Build rate and what holds it", _rate_finding(table, weekly),
        "Table buildrate: energised_mw_per_week and programme_mw_per_week as means of four weeks, "
        "programme_target_mw_per_week; bands from site_binding and chip_binding, the item whose relaxation adds power.",
        (Chart("buildrate", _rate_option(step, table["date"], bands), height="taller"),),
        by_year(weekly, 1000.0, "mean", "GW/week"),
    )  # fmt: skip


def rates(table: Table) -> Weekly:
    """Mean build rate of four weeks, MW a week: all owners, and the programme and its target when there is one."""
    columns = {EVERYONE: "energised_mw_per_week"}
    if float(table["programme_target_mw_per_week"].max(initial=0.0)) > 0:
        columns |= {"Programme": "programme_mw_per_week", "Programme target": "programme_target_mw_per_week"}
    raw = columns_of(table, columns)
    mean = raw.map(lambda values: moving_mean(values, MEAN_WEEKS)).values
    return Weekly(raw.dates, {**mean, **{k: v for k, v in raw.values.items() if k == "Programme target"}})


def _rate_option(step: Weekly, dates: NDArray[np.datetime64], bands: dict[str, NDArray[np.object_]]) -> Option:
    scale = scale_of(step.peak, "MW/week")
    drawn = {EVERYONE: (line, WORLD), "Programme": (line, PROGRAMME), "Programme target": (dashed, INK)}
    lines = [drawn[name][0](name, drawn[name][1], scale.unit) for name in step.values]
    if "Programme target" in step.values:
        lines[-1]["step"] = "end"
    strips = _strips(dates, bands)
    hidden = {"axisLine": {"show": False}, "axisTick": {"show": False}, "splitLine": {"show": False}}
    rows = {"type": "value", "gridIndex": 1, "min": 0, "max": len(bands), "axisLabel": {"show": False}, **hidden}
    names = {"type": "category", "gridIndex": 1, "data": list(bands), "inverse": True, "position": "left", **hidden}
    ends = {"min": day(dates[0]), "max": day(dates[-1])} if len(dates) else {}
    place = {"left": 46, "outerBoundsMode": "none"}
    return chart(
        lines + strips,
        dataset=dataset(step, scale.size),
        grid=[grid(bottom=138, **place), grid(top="auto", height=56, bottom=64, **place)],
        xAxis=[time_axis(dates, **ends, show=False), time_axis(dates, gridIndex=1, **ends)],
        yAxis=[value_axis(scale.unit, min=0), rows, names],
    )


def _strips(dates: NDArray[np.datetime64], bands: dict[str, NDArray[np.object_]]) -> list[Option]:
    """One invisible series for each item, whose marked areas are the stretches in which it binds."""
    pieces: dict[str, list[list[Option]]] = {}
    for place, (band, items) in enumerate(bands.items(), start=1):
        top = len(bands) - place + BAND_HEIGHT
        for item, first, last in stretches(steadied(items)):
            start = {"name": f"{band} held by {readable(item)}", "xAxis": day(dates[first]), "yAxis": top}
            end = {"xAxis": day(dates[min(last + 1, len(dates) - 1)]), "yAxis": top - BAND_HEIGHT + BAND_GAP}
            pieces.setdefault(item, []).append([start, end])
    colours = Colours()
    return [_strip(opening(readable(item)), colours.of(item), spans) for item, spans in pieces.items()]


def _strip(name: str, colour: str, spans: list[list[Option]]) -> Option:
    marks = {"data": spans, "itemStyle": {"color": colour, "opacity": 0.9}, "label": {"show": False}}
    place = {"xAxisIndex": 1, "yAxisIndex": 1, "band": True, "color": colour}
    return {"type": "line", "name": name, "data": [], "tooltip": {"trigger": "item"}, "markArea": marks, **place}


def stretches(items: NDArray[np.object_]) -> list[tuple[str, int, int]]:
    """Runs of the same non-empty text: text, first and last week."""
    runs = []
    for item, weeks in groupby(enumerate(items.tolist()), key=lambda pair: pair[1]):
        places = [week for week, _ in weeks]
        if item:
            runs.append((item, places[0], places[-1]))
    return runs


def steadied(items: NDArray[np.object_]) -> NDArray[np.object_]:
    """The texts with each four weeks showing their most frequent one, so that a strip can be read."""
    steady = items.copy()
    for first in range(0, len(items), BAND_WEEKS):
        steady[first : first + BAND_WEEKS] = Counter(items[first : first + BAND_WEEKS].tolist()).most_common(1)[0][0]
    return steady


def mostly(items: NDArray[np.object_]) -> tuple[str, float]:
    """The most frequent non-empty text and its share of all weeks."""
    counts = Counter(item for item in items.tolist() if item)
    if not counts:
        return "", 0.0
    item, count = counts.most_common(1)[0]
    return item, count / len(items)


def _rate_finding(table: Table, weekly: Weekly) -> str:
    if not len(weekly.dates):
        return "No weeks in this run."
    world = weekly.values[EVERYONE]
    best = int(np.argmax(world))
    site, share = mostly(table["site_binding"])
    held = f" Sites are held back most by {readable(site)}, in {percent(share)} of weeks." if site else ""
    return f"The best four weeks, in {month(weekly.dates[best])}, bring {say(world[best], 'MW/week')}.{held}"


def supply_panel(results: Results) -> Panel:
    """Capacity of each supply item against what is asked of it."""
    table = results["constraints"]
    have, asked = gathered(table, "item", "capacity_per_week"), gathered(table, "item", "asked_per_week")
    weeks = {item: int(table.where(item=item)["binding"].sum()) for item in have.values}
    ranked = sorted(have.values, key=lambda item: -weeks[item])[:SMALL_CHARTS]
    charts = tuple(_item_chart(table.where(item=item), item, have, asked) for item in ranked)
    worst = ranked[0] if ranked else ""
    count = len(have.dates)
    named = f"What binds most often is {readable(worst)}: in {weeks[worst]} of {count} weeks." if worst else ""
    return Panel(
        "supply", "Supply: capacity against orders", named or "No supply item in this run.",
        "Table constraints: capacity_per_week and asked_per_week, means of each step; shaded where binding is true "
        "(more of the item would have meant more power or chips). Each item in its own unit; logarithmic where orders "
        "are far above capacity.",
        charts, by_year(asked.over(have).map(lambda x: 100 * x), 1.0, "mean", "% of capacity asked for"),
    )  # fmt: skip


def _decades(capacity: Floats, peak: float) -> Option:
    """A logarithmic axis by powers of ten, from below the smallest `capacity` to above `peak`."""
    low, high = float(np.floor(np.log10(capacity[capacity > 0].min()))), float(np.ceil(np.log10(peak)))
    return {"type": "log", "min": 10.0**low, "max": 10.0**high}


def _item_chart(table: Table, item: str, have: Weekly, asked: Weekly) -> Chart:
    unit = str(table["unit"][0])
    shown = thinned(Weekly(have.dates, {"Capacity": have.values[item], "Asked for": asked.values[item]}), "mean")
    scale = scale_of(shown.peak, unit)
    axis: Option = {"min": 0}
    if float(np.nanmedian(ratio(shown.values["Asked for"], shown.values["Capacity"]))) > FAR_ABOVE:
        axis = _decades(shown.values["Capacity"] / scale.size, shown.peak / scale.size)
        shown = shown.map(lambda values: np.where(values >= axis["min"] * scale.size, values, np.nan))
    binding = np.where(table["binding"], "binding", "").astype(object)
    spans = [[{"name": "Binding", "xAxis": day(have.dates[a])}, {"xAxis": day(have.dates[b])}]
             for _, a, b in stretches(binding)]  # fmt: skip
    shade = {"silent": True, "data": spans, "itemStyle": {"color": FAIL, "opacity": 0.14}, "label": {"show": False}}
    series = [line("Capacity", CAPACITY, scale.unit, markArea=shade), line("Asked for", ASKED, scale.unit)]
    axes = {"xAxis": time_axis(shown.dates), "yAxis": value_axis(scale.unit, **axis)}
    return Chart(
        f"supply.{item}",
        small(chart(series, dataset=dataset(shown, scale.size), **axes)),
        opening(readable(item)),
        height="small",
    )
