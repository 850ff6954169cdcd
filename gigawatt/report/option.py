"""Building blocks of ECharts options: plain dicts that a page, a report or a notebook can draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gigawatt.report.numbers import scale_of
from gigawatt.report.series import Weekly, day, listed
from gigawatt.report.words import opening, readable

Option = dict[str, Any]
TIME = "date"
"""Name of the column of dates in every dataset."""

LEGEND_ROOM = 30
MONTHS_UP_TO_DAYS = 1000


def grid(**places: Any) -> Option:
    """A drawing area with room for labels, and below it for ECharts' own legend."""
    room = {"left": 8, "right": 18, "top": 30, "bottom": 8 + LEGEND_ROOM, "legendRoom": LEGEND_ROOM}
    return {**room, "outerBoundsMode": "same", "outerBoundsContain": "axisLabel", **places}


def time_axis(dates: Any, **more: Any) -> Option:
    """The axis of `dates`, labelled by year; short runs get months too."""
    long = len(dates) > 0 and (dates[-1] - dates[0]).astype(int) > MONTHS_UP_TO_DAYS
    forms = {"year": "{yyyy}", "month": "" if long else "{MMM} {yyyy}", "day": "" if long else "{d} {MMM}"}
    ticks = {"splitNumber": 5} if long else {}
    label = {"hideOverlap": True, "formatter": forms}
    return {"type": "time", "axisLabel": label, "splitLine": {"show": False}, **ticks, **more}


def value_axis(unit: str, **more: Any) -> Option:
    """An axis of numbers named after its unit, the name above its left end."""
    name = {"name": unit, "nameLocation": "end", "nameGap": 12, "nameTextStyle": {"align": "left"}}
    return {"type": "value", "splitNumber": 4, **name, **more}


def dataset(weekly: Weekly, size: float) -> Option:
    """The series over `size` as columns of one dataset."""
    columns = {name: listed(values, size) for name, values in weekly.values.items()}
    return {"source": {TIME: [day(date) for date in weekly.dates], **columns}}


def line(name: str, colour: str, unit: str, **more: Any) -> Option:
    """A line of column `name` of the dataset."""
    style = {"color": colour, "lineStyle": {"width": 2, "color": colour}, "showSymbol": False}
    return {
        "type": "line",
        "name": opening(readable(name)),
        "encode": {"x": TIME, "y": name},
        "unit": unit,
        **style,
        **more,
    }


def area(name: str, colour: str, unit: str, **more: Any) -> Option:
    """One layer of a stack."""
    layer = {"stack": "all", "areaStyle": {"color": colour, "opacity": 0.88}}
    return line(name, colour, unit, lineStyle={"width": 0.5, "color": colour}, **layer, **more)


def dashed(name: str, colour: str, unit: str, **more: Any) -> Option:
    """A dashed line, for what is wanted rather than there."""
    return line(name, colour, unit, lineStyle={"width": 1.75, "color": colour, "type": "dashed"}, **more)


def legend(names: list[str]) -> Option:
    """ECharts' own legend below the drawing; the page draws its own instead."""
    return {"type": "scroll", "bottom": 0, "left": 0, "itemWidth": 14, "itemHeight": 8, "data": names}


def chart(series: list[Option], **parts: Any) -> Option:
    """An option with what all charts share."""
    names = [each["name"] for each in series if each.get("name")]
    shared = {"animation": False, "tooltip": {"trigger": "axis"}, "legend": legend(names)}
    return {**shared, "grid": grid(), **parts, "series": series}


def over_time(
    weekly: Weekly, unit: str, colour: Callable[[str], str], draw: Callable[..., Option] = line, **axis: Any
) -> Option:
    """A chart of all series over time, in the magnitude of `unit` that suits the largest."""
    peak = float(abs(weekly.total).max()) if draw is area and len(weekly.dates) else weekly.peak
    scale = scale_of(peak, unit)
    series = [draw(name, colour(name), scale.unit) for name in weekly.values]
    axes = {"xAxis": time_axis(weekly.dates), "yAxis": value_axis(scale.unit, **axis)}
    return chart(series, dataset=dataset(weekly, scale.size), **axes)


def small(option: Option) -> Option:
    """The option as one of many small charts: fewer ticks, no legend."""
    axes = {"xAxis": {**option["xAxis"], "splitNumber": 3}, "yAxis": {**option["yAxis"], "splitNumber": 2}}
    narrow = grid(top=24, right=12, bottom=4, left=2, legendRoom=0)
    return {**option, **axes, "grid": narrow, "legend": {"show": False, "data": option["legend"]["data"]}}


def chosen(options: Mapping[str, Option], first: int = 0) -> Option:
    """Several options under names, one shown at a time (ECharts' timeline; a list to choose from on the page)."""
    timeline = {"axisType": "category", "data": list(options), "currentIndex": first, "autoPlay": False}
    return {"baseOption": {"timeline": timeline, "animation": False}, "options": list(options.values())}
