"""What stands below the projects of a Gantt chart, over the same weeks: power that is up, and workers in use."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from gigawatt.report.gantt_lines import Array, Gantt, Workers
from gigawatt.report.gantt_svg import NOTES, WIDTH, Scale, text
from gigawatt.report.power_svg_axes import axis, tick

POWER, CREW = 128.0, 34.0  # heights
STEP_WEEKS = 2
FEW = 0.4  # of the workers there, up to which the height is that of the use


def power_parts(scale: Scale, y: float) -> tuple[list[str], float]:
    """Power that is up: the median, between P10 and P90, and what was promised; and where it ends."""
    chart = scale.chart
    weeks = shown_weeks(chart)
    top = float(max(chart.power[2, weeks].max(), chart.due_mw[weeks].max() if len(chart.due_mw) else 0.0))
    size, unit = (1e3, "GW") if top >= 2e3 else (1.0, "MW")
    up = axis(0.0, top / size, y + POWER, -POWER + 10.0, 3)
    parts = [text("Power up", 0, y + 14, 12.5, bold=True), text(f"{unit}; band: P10 to P90", 0, y + 29, 11, "faint")]
    if len(chart.due_mw):
        parts += [text("dashed: as due", 0, y + 44, 11, "faint")]
    for value in up.ticks():
        at = up.at(value)
        ends = f'x1="{scale.left:.1f}" x2="{scale.left + scale.width:.1f}" y1="{at:.1f}" y2="{at:.1f}"'
        parts += [
            f'<line {ends} class="g-line-s"/>',
            text(tick(value, up.step), scale.left - 6, at + 4, 11, "faint", "end"),
        ]
    low, median, high = ([(scale.at(w + 1.0), up.at(float(row[w]) / size)) for w in weeks] for row in chart.power)
    parts.append(f'<polygon points="{points(stairs(high) + stairs(low)[::-1])}" class="g-power" fill-opacity="0.2"/>')
    parts.append(f'<polyline points="{points(stairs(median))}" class="g-power-s" stroke-width="2"/>')
    if len(chart.due_mw):
        due = [(scale.at(w + 1.0), up.at(float(chart.due_mw[w]) / size)) for w in weeks]
        dash = 'stroke-width="1.3" stroke-dasharray="5 4"'
        parts.append(f'<polyline points="{points(stairs(due))}" class="g-ink-s" {dash}/>')
    x = WIDTH - NOTES + 14
    parts.append(text(f"by {chart.date(chart.end):%b %Y}", x, y + 14, 11, "faint"))
    for k, (name, row) in enumerate(zip(("P90", "P50", "P10"), chart.power[::-1], strict=True)):
        look = ("ink", "", True) if name == "P50" else ("faint", "", False)
        parts.append(text(f"{name} {row[weeks[-1]] / size:,.3g} {unit}", x, y + 29 + 15 * k, 11, *look))
    return parts, y + POWER + 14.0


def crew_parts(scale: Scale, workers: Workers, y: float) -> tuple[list[str], float]:
    """Workers of a pool: in use as an area, there as a line; and where it ends.

    Where few of them are used the height is that of the use, and the line lies above the drawing.
    """
    weeks = shown_weeks(scale.chart)
    most_used, most_there = float(workers.used[weeks].max()), float(workers.there[weeks].max())
    few = most_used < FEW * most_there
    top, base = (most_used if few else max(most_used, most_there)) or 1.0, y + CREW
    used, there = (
        [(scale.at(w + 0.5), base - (CREW - 4.0) * float(values[w]) / top) for w in weeks]
        for values in (workers.used, workers.there)
    )
    share = workers.used / np.maximum(workers.there, 1.0)
    most = int(share[weeks].argmax())
    area = [(used[0][0], base), *used, (used[-1][0], base)]
    trade, _, region = workers.name.partition(", ")
    x, when = WIDTH - NOTES + 14, f"{scale.chart.date(weeks[most]):%b %Y}"
    ends = f'x1="{scale.left:.1f}" x2="{scale.left + scale.width:.1f}" y1="{base:.1f}" y2="{base:.1f}"'
    parts = [
        text(trade.capitalize(), 0, y + 16, 12, bold=True),
        text(region, 0, y + 29, 11, "faint"),
        f'<line {ends} class="g-line-s"/>',
        f'<polygon points="{points(area)}" class="g-crew" fill-opacity="0.55"/>',
        *([] if few else [f'<polyline points="{points(there)}" class="g-crew-s" stroke-width="1.2"/>']),
        text(f"{top:,.3g}" if top < 1e3 else f"{top / 1e3:,.3g}k", scale.left - 6, y + 10, 9.5, "faint", "end"),
        text(f"{100 * share[weeks[most]]:.0f} % in {when}", x, y + 16, 12),
        text(f"of {workers.there[weeks[most]]:,.0f} workers", x, y + 29, 11, "faint"),
    ]
    return parts, base + 12.0


def shown_weeks(chart: Gantt) -> Array:
    """Weeks that are drawn."""
    last = min(math.floor(chart.end), chart.power.shape[1] - 1)
    return np.unique(np.append(np.arange(0, last, STEP_WEEKS), last))


def stairs(line: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A line whose values hold until the next; runs of the same value are drawn by their ends."""
    found = line[:1]
    for before, here in pairwise(line):
        if here[1] != before[1]:
            found += [(here[0], before[1]), here]
    return [*found, line[-1]]


def points(line: list[tuple[float, float]]) -> str:
    """Points as SVG writes them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
