"""The figures below the Gantt chart of a page: power over time, what is waited for, workers in use; and its cards."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.report.gantt_below import shown_weeks
from gigawatt.report.gantt_lines import Array, Gantt, Row, Workers, place, words
from gigawatt.report.headline import Card
from gigawatt.report.numbers import percent, say, scale_of, three
from gigawatt.report.option import TIME, Option, chart, dataset, grid, line, small, time_axis, value_axis
from gigawatt.report.palette import CAPACITY, INK, WORLD
from gigawatt.report.panel import Chart, Numbers, Panel
from gigawatt.report.series import Weekly
from gigawatt.report.words import opening

CREW, EDGE = "#0f6b77", "#4a9cc9"
MOST_CAUSES = 8


def cards(gantt: Gantt) -> list[Card]:
    """What a planner asks first."""
    late = sum(one.is_late for one in gantt.lines)
    dated = sum(one.due is not None for one in gantt.lines)
    low, median, high = gantt.up
    middle = middle_year(gantt)
    spread = f"P10 {say(middle['p10_mw'], 'MW')}, P90 {say(middle['p90_mw'], 'MW')}"
    found = [
        Card("All of it is up", median, f"in the median; P10 {low}, P90 {high}"),
        Card(f"Up by the end of {middle['year']}", say(middle["p50_mw"], "MW"), spread),
    ]
    if dated:
        found.append(Card("Late in the median", f"{late} of {dated}", "projects with a due date"))
    if gantt.causes:
        first = gantt.causes[0]
        found.append(Card("Held by most", opening(words(first["cause"])), f"{percent(first['held_share'])} of the MW"))
    return found


def middle_year(gantt: Gantt) -> Row:
    """The first year at whose end half of the power is up in the median, or the last."""
    half = gantt.years[-1]["p50_mw"] / 2.0
    return next((row for row in gantt.years if row["p50_mw"] >= half), gantt.years[-1])


def panels(gantt: Gantt) -> list[Panel]:
    """The figures, those without data left out."""
    found = [power_panel(gantt), dates_panel(gantt)]
    if gantt.causes:
        found.insert(1, waiting_panel(gantt))
    if gantt.workers:
        found.append(workers_panel(gantt))
    return found


def power_panel(gantt: Gantt) -> Panel:
    """Power that is up: P10, P50, P90, and as due."""
    weeks = shown_weeks(gantt)
    values = {name: row[weeks] for name, row in zip(("P90", "P50", "P10"), gantt.power[::-1], strict=True)}
    looks: dict[str, dict[str, Any]] = {
        "P90": {"lineStyle": {"width": 1.3, "color": EDGE}, "color": EDGE},
        "P50": {"lineStyle": {"width": 2.6, "color": WORLD}},
        "P10": {"lineStyle": {"width": 1.3, "color": EDGE, "type": "dashed"}, "color": EDGE},
    }
    if len(gantt.due_mw):
        values["as due"] = gantt.due_mw[weeks]
        looks["as due"] = {"lineStyle": {"width": 1.5, "color": INK, "type": "dashed"}, "color": INK}
    rows = tuple((str(row["year"]), *(say(row[f"p{n}_mw"], "MW") for n in (10, 50, 90))) for row in gantt.years)
    year = middle_year(gantt)
    low, median, high = (say(year[f"p{n}_mw"], "MW") for n in (10, 50, 90))
    return Panel(
        "power", "Power over time", f"By the end of {year['year']} the median is {median}, P10 {low}, P90 {high}.",
        "MW by the end of each week, with what was up before the plan. P10: nine draws of ten have more.",
        (Chart("power.up", over_weeks(gantt, values, weeks, "MW", looks), height="tall"),),
        Numbers(("End of", "P10", "P50", "P90"), rows, "By year"),
    )  # fmt: skip


def waiting_panel(gantt: Gantt) -> Panel:
    """What tasks wait for, by their MW."""
    rows = gantt.causes
    shown = rows[:MOST_CAUSES]
    scale = 1e3
    bars: Option = {
        "type": "bar", "name": "MW held", "barMaxWidth": 20, "unit": "%", "color": "#c05a6b",
        "data": [round(100.0 * row["held_share"], 2) for row in shown],
    }  # fmt: skip
    across = {"type": "value", "name": "% of the MW, mean of the draws", "nameLocation": "middle", "nameGap": 26}
    names = {"type": "category", "inverse": True, "data": [words(row["cause"]) for row in shown],
             "axisTick": {"show": False}}  # fmt: skip
    option = chart([bars], xAxis=across, yAxis=names, grid=grid(top=8, bottom=40, legendRoom=0))
    table = tuple(
        (words(row["cause"]), percent(row["held_share"]), three(row["mw_weeks"] / scale),
         percent(row["share"]), three(row["task_mw_weeks"] / scale), row["holds"]) for row in rows
    )  # fmt: skip
    first = shown[0]
    return Panel(
        "waiting", "What holds it",
        f"{opening(words(first['cause']))}: {percent(first['held_share'])} of the MW wait longest for it.",
        "What the chain of tasks that decides the date of a project waits for longest, by the MW of the project. The "
        "table has the weeks too, usual lead times included: of these chains, and of all tasks.",
        (Chart("waiting.causes", option, height=f"rows-{len(shown)}"),),
        Numbers(("Cause", "Holds of MW", "GW-weeks waited", "Share", "All tasks", "Holds"), table),
    )  # fmt: skip


def dates_panel(gantt: Gantt) -> Panel:
    """The dates of every project as a table."""
    heads = (
        "Project",
        "Region",
        "MW to build",
        "First or next power",
        "P10",
        "P50",
        "P90",
        "Due",
        "On time",
        "Held by, in draws",
    )
    dates = Numbers(heads, tuple(map(date_cells, gantt.projects)), "Dates", True)
    return Panel(
        "dates", "Dates", "First or next power is a median, P10 to P90 are of full power.",
        "On time: share of the draws in which all phases are up by the due date.", (), dates,
    )  # fmt: skip


def date_cells(row: Row) -> tuple[str, ...]:
    """A project as texts."""
    days = (str(row[key] or "never") for key in ("first_power", "p10", "p50", "p90"))
    on_time = "" if row["on_time"] is None else f"{100 * row['on_time']:.0f} %"
    held = f"{words(row['held_by'])}, {100 * row['held_share']:.0f} %"
    return (row["project"], place(row["region"]), f"{row['mw']:,.0f}", *days, str(row["due"] or ""), on_time, held)


def workers_panel(gantt: Gantt) -> Panel:
    """Workers in use and there, for the pools that are used most."""
    weeks = shown_weeks(gantt)
    charts = tuple(Chart(f"workers.{k}", crew_option(gantt, one, weeks), opening(one.name), height="small")
                   for k, one in enumerate(gantt.workers))  # fmt: skip
    shares = [float((one.used[weeks] / np.maximum(one.there[weeks], 1.0)).max()) for one in gantt.workers]
    return Panel(
        "workers", "Workers",
        f"{opening(gantt.workers[0].name)}, are in use by {percent(shares[0])} in their fullest week.",
        "Mean of the draws in use, and all that are there for these projects.", charts,
    )  # fmt: skip


def crew_option(gantt: Gantt, one: Workers, weeks: Array) -> Option:
    """The chart of one pool of workers."""
    looks: dict[str, dict[str, Any]] = {
        "in use": {
            "color": CREW,
            "lineStyle": {"width": 1, "color": CREW},
            "areaStyle": {"color": CREW, "opacity": 0.4},
        },
        "there": {"color": CAPACITY, "lineStyle": {"width": 1.5, "color": CAPACITY}},
    }
    return small(over_weeks(gantt, {"in use": one.used[weeks], "there": one.there[weeks]}, weeks, "workers", looks))


def over_weeks(
    gantt: Gantt, values: dict[str, Array], weeks: Array, unit: str, looks: dict[str, dict[str, Any]]
) -> Option:
    """Lines over the weeks of the chart."""
    dates = np.datetime64(gantt.start, "D") + 7 * weeks.astype("timedelta64[D]")
    weekly = Weekly(dates, {name: np.asarray(each, float) for name, each in values.items()})
    scale = scale_of(weekly.peak, unit)
    series = [
        {**line(name, WORLD, scale.unit), "name": name, **looks[name], "encode": {"x": TIME, "y": name}}
        for name in values
    ]
    axes = {"xAxis": time_axis(dates), "yAxis": value_axis(scale.unit)}
    return chart(series, dataset=dataset(weekly, scale.size), **axes)
