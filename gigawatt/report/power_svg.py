"""Charts as one SVG picture: draws the options of `power`, stacks, lines and bars, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from gigawatt.report.option import TIME, Option
from gigawatt.report.panel import Chart, Panel
from gigawatt.report.power_svg_axes import (
    FAINT_INK,
    LETTER,
    Axis,
    Box,
    Points,
    axis,
    category_ticks,
    pairs,
    text,
    tick,
    value_lines,
    value_ticks,
    wrapped,
)

if TYPE_CHECKING:
    from gigawatt.report.power_page import Page

WIDTH, MARGIN, GAP = 1100.0, 32.0, 40.0
HEIGHTS = {"normal": 220.0, "tall": 280.0}
BAR = 34.0  # height of a row of bars
SOFT = "#48525f"
FONT = 'font-family="Helvetica Neue, Liberation Sans, Arial, sans-serif"'


def picture(page: Page) -> str:
    """All figures below each other, as text of an SVG file."""
    parts, y = [text(page.title, MARGIN, 48, 26, weight=600)], 64.0
    for said in wrapped(page.answer, WIDTH - 2 * MARGIN, 14):
        y += 19
        parts.append(text(said, MARGIN, y, 14, SOFT))
    y += 20
    for panel in page.panels:
        drawn, y = panel_parts(panel, y)
        parts += drawn
    for note in page.notes:
        for said in wrapped(note, WIDTH - 2 * MARGIN, 11):
            y += 15
            parts.append(text(said, MARGIN, y, 11, SOFT))
    size = f'width="{WIDTH:.0f}" height="{y + MARGIN:.0f}" viewBox="0 0 {WIDTH:.0f} {y + MARGIN:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} role="img" aria-label={quoteattr(page.title)}>'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#ffffff"/>', *parts, "</svg>\n"])


def panel_parts(panel: Panel, y: float) -> tuple[list[str], float]:
    """A figure from `y` down, and where it ends."""
    y += 34
    parts = [text(panel.title, MARGIN, y, 18, weight=600)]
    for said in wrapped(panel.finding, WIDTH - 2 * MARGIN, 13):
        y += 18
        parts.append(text(said, MARGIN, y, 13, SOFT))
    wide = WIDTH - 2 * MARGIN
    charts = list(panel.charts)
    rows = [[charts.pop(0)]] if len(charts) % 2 else []
    rows += [charts[k : k + 2] for k in range(0, len(charts), 2)]
    for row in rows:
        each, ends = (wide - GAP * (len(row) - 1)) / len(row), []
        for place, chart in enumerate(row):
            drawn, end = chart_parts(chart, MARGIN + place * (each + GAP), y + 12, each)
            parts += drawn
            ends.append(end)
        y = max(ends)
    for said in wrapped(panel.source, wide, 11):
        y += 15
        parts.append(text(said, MARGIN, y, 11, FAINT_INK))
    return parts, y + 14


def chart_parts(chart: Chart, left: float, y: float, width: float) -> tuple[list[str], float]:
    """A chart with its label and legend, and where it ends."""
    parts = []
    if chart.label:
        y += 16
        parts.append(text(chart.label, left, y, 13, SOFT, weight=600))
    drawn, y = legend_parts(chart.option, left, y + 8, width)
    parts += drawn
    bars = chart.option["yAxis"].get("type") == "category"
    if bars:
        names = chart.option["yAxis"]["data"]
        box = Box(left + 12 + 13 * LETTER * max(map(len, names)), y + 8, 0.0, BAR * len(names))
        box = Box(box.left, box.top, left + width - box.left - 24, box.height)
        return parts + bar_parts(chart.option, box), box.bottom + 44
    box = Box(left + 46, y + 26, width - 62, HEIGHTS.get(chart.height, HEIGHTS["normal"]))
    named = chart.option["xAxis"].get("name")
    return parts + line_parts(chart.option, box), box.bottom + (42 if named else 26)


def legend_parts(option: Option, left: float, y: float, width: float) -> tuple[list[str], float]:
    """Marks and names of the series in rows, and where they end."""
    parts: list[str] = []
    x, y = left, y + 12
    for series in option["series"]:
        name = series["name"]
        room = 20 + 12 * LETTER * len(name) + 16
        if x + room > left + width and x > left:
            x, y = left, y + 18
        parts += [legend_mark(series, x, y), text(name, x + 19, y, 12, SOFT)]
        x += room
    return parts, y


def legend_mark(series: Option, x: float, y: float) -> str:
    """A block for a layer or a bar, a stroke for a line."""
    if series["type"] == "bar" or "stack" in series:
        look = f'fill="{series["color"]}" fill-opacity="{series.get("areaStyle", {}).get("opacity", 1.0):g}"'
        return f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="13" height="9" rx="2" {look}/>'
    ends = f'x1="{x:.1f}" x2="{x + 13:.1f}" y1="{y - 4:.1f}" y2="{y - 4:.1f}"'
    return f'<line {ends} stroke="{series["color"]}" stroke-width="2.5"/>'


# --------------------------------------------------------------------------------------------------- lines and stacks


def line_parts(option: Option, box: Box) -> list[str]:
    """Axes, stacks and lines over a category axis."""
    source = option["dataset"]["source"]
    labels = source[TIME]
    drawn = list(stacked(option))
    low = min((value for _, below, above in drawn for value in (*below, *above)), default=0.0)
    high = max((value for _, below, above in drawn for value in (*below, *above)), default=1.0)
    up = axis(low, high, box.bottom, -box.height)
    plain = option["xAxis"]["type"] == "value"
    places = labels if plain else list(range(len(labels)))
    across = Axis(0.0, max(len(labels) - 1.0, 1.0), box.left, box.width, 1.0)
    across = axis(min(labels), max(labels), box.left, box.width, 5) if plain else across
    parts = value_lines(up, box, option["yAxis"].get("name", ""))
    ticks = value_ticks(option["xAxis"], across, box) if plain else category_ticks(option["xAxis"], labels, across, box)
    parts += ticks
    for series, below, above in drawn:
        top = [(across.at(place), up.at(value)) for place, value in zip(places, above, strict=True)]
        base = [(across.at(place), up.at(value)) for place, value in zip(places, below, strict=True)]
        parts += series_parts(series, base, top)
    return parts


def series_parts(series: Option, base: Points, top: Points) -> list[str]:
    """The area, the line and the points of a series."""
    parts, colour, line = [], series["color"], series["lineStyle"]
    if "areaStyle" in series:
        opacity = series["areaStyle"]["opacity"]
        parts.append(f'<polygon points="{pairs(top + base[::-1])}" fill="{colour}" fill-opacity="{opacity:g}"/>')
    if line["width"]:
        dash = ' stroke-dasharray="6 4"' if line.get("type") == "dashed" else ""
        style = f'fill="none" stroke="{colour}" stroke-width="{min(line["width"], 1.8):g}"{dash}'
        parts.append(f'<polyline points="{pairs(top)}" {style} stroke-linejoin="round"/>')
    if series["showSymbol"]:
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in top]
    return parts


def stacked(option: Option) -> Iterator[tuple[Option, list[float], list[float]]]:
    """Every series with the values that it begins and ends at: layers of one sign lie on each other."""
    source = option["dataset"]["source"]
    count = len(source[TIME])
    tops: dict[bool, list[float]] = {True: [0.0] * count, False: [0.0] * count}
    for series in option["series"]:
        values = [value or 0.0 for value in source[series["encode"]["y"]]]
        if "stack" not in series:
            yield series, [0.0] * count, values
            continue
        up = sum(values) >= 0
        below = tops[up]
        tops[up] = [base + value for base, value in zip(below, values, strict=True)]
        yield series, below, tops[up]


# ---------------------------------------------------------------------------------------------------------------- bars


def bar_parts(option: Option, box: Box) -> list[str]:
    """Bars that lie, made of the series, one for each category."""
    names, series = option["yAxis"]["data"], option["series"]
    values = [[value or 0.0 for value in each["data"]] for each in series]
    highs = [sum(max(own[row], 0.0) for own in values) for row in range(len(names))]
    lows = [sum(min(own[row], 0.0) for own in values) for row in range(len(names))]
    along = axis(min(lows, default=0.0), max(highs, default=1.0), box.left, box.width, 6)
    parts = []
    for value in along.ticks():
        x = along.at(value)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{box.top:.1f}" y2="{box.bottom:.1f}" stroke="#e8ebef"/>')
        parts.append(text(tick(value, along.step), x, box.bottom + 15, 11, FAINT_INK, "middle"))
    for row, name in enumerate(names):
        y = box.top + BAR * row
        parts.append(text(name, box.left - 8, y + BAR / 2 + 4, 12, SOFT, "end"))
        ends = {True: 0.0, False: 0.0}
        for each, own in zip(series, values, strict=True):
            up = own[row] >= 0
            first, last = sorted((along.at(ends[up]), along.at(ends[up] + own[row])))
            ends[up] += own[row]
            size = f'x="{first:.1f}" y="{y + 6:.1f}" width="{last - first:.1f}" height="{BAR - 12:.0f}"'
            parts += [f'<rect {size} fill="{each["color"]}"/>'] if own[row] else []
    parts.append(
        text(option["xAxis"].get("name", ""), box.left + box.width / 2, box.bottom + 32, 11, FAINT_INK, "middle")
    )
    return parts
