"""The Gantt chart of a portfolio as one HTML file, with style, script and data inside, or as one SVG picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template

from gigawatt.buildout.holding import Held
from gigawatt.buildout.outcome import Outcome
from gigawatt.report.gantt_lines import Bar, Gantt, Line, gantt, words
from gigawatt.report.gantt_panels import cards, panels
from gigawatt.report.gantt_picture import FONT, legend_parts, picture
from gigawatt.report.gantt_svg import (
    NAMES,
    NOTES,
    WIDTH,
    Scale,
    bar_part,
    fitting,
    height_of,
    lane_height,
    project_parts,
    style,
    time_lines,
    whisker,
)
from gigawatt.report.page import card_html, data_of, figure, policy, static, write_whole
from gigawatt.report.panel import Panel
from gigawatt.report.tables import escaped

TASK = 17.0  # height of the row of a task
AXIS = 18.0
FINDING = (
    "Every lane is a phase; open a project for its tasks. Bars run from the median begin to the median finish, "
    "whiskers from P10 to P90 of the finish."
)
SOURCE = (
    "The share on the right is of the draws in which the project waits longest for what is named. "
    "Point at a bar for its dates."
)


def write(outcome: Outcome, held: Held, path: str | Path) -> Path:
    """Write the chart of a schedule: a picture where the name ends in .svg, else a page; gives back the path."""
    chart = gantt(outcome, held)
    svg = Path(path).suffix.lower() == ".svg"
    return write_whole(picture(chart) if svg else html(chart), path)


def html(chart: Gantt) -> str:
    """The page as one file of HTML."""
    figures: Sequence[Panel] = panels(chart)
    script = static("charts.js").strip()
    links = '<a href="#figure-gantt">Projects</a>'
    links += "".join(f'<a href="#figure-{panel.name}">{escaped(panel.title)}</a>' for panel in figures)
    return Template(static("power.html")).substitute(
        policy=policy(script), style=static("report.css") + static("gantt.css") + colours(chart), script=script,
        data=data_of(figures, {}), title=escaped(chart.title), meta=escaped(chart.meta), answer=escaped(chart.answer),
        links=links, cards="".join(map(card_html, cards(chart))), made="",
        figures=projects_figure(chart) + "".join(figure(panel, k) for k, panel in enumerate(figures, start=2)),
    )  # fmt: skip


def colours(chart: Gantt) -> str:
    """The classes of the drawing on light pages and on dark ones."""
    light, dark = style(chart.stages), style(chart.stages, dark=True)
    asked = dark.replace(".g-", ':root:not([data-theme="light"]) .g-')
    return (
        f"{light}@media (prefers-color-scheme: dark){{{asked}}}{dark.replace('.g-', ':root[data-theme=dark] .g-')}"
        f"{light.replace('.g-', '.printing .g-')}"
    )


def projects_figure(chart: Gantt) -> str:
    """All projects below an axis that stays in sight, each of which opens to its tasks."""
    legend, low = legend_parts(chart, 12)
    axis = strip(time_lines(Scale(chart), 3.0, AXIS), AXIS)
    lanes = lane_height(chart.lines)
    rows = "".join(project(chart, line, lanes[line.phases]) for line in chart.lines)
    head = f"<h3>Projects</h3><p>{escaped(FINDING)}</p>"
    return (
        f'<figure id="figure-gantt"><figcaption><span class="kicker">Figure 1</span>{head}</figcaption>'
        f'<div class="gantt">{strip(legend, low + 6)}<div class="gantt-axis">{axis}</div>{rows}</div>'
        f'<p class="source">{escaped(SOURCE)}</p></figure>'
    )


def project(chart: Gantt, line: Line, lane: float) -> str:
    """A project: its lanes, and its tasks when opened."""
    scale, height = Scale(chart), height_of(line, lane)
    drawn = [*time_lines(scale, 0.0, height + 8, named=False), *project_parts(line, scale, 3.0, lane)]
    bars = sorted(line.bars, key=lambda bar: (bar.phase, bar.begin))
    rows = [part for k, bar in enumerate(bars) for part in task_parts(bar, scale, k * TASK)]
    high = TASK * len(line.bars)
    tasks = strip([*time_lines(scale, 0.0, high, named=False), *rows], high)
    return f"<details><summary>{strip(drawn, height + 8)}</summary>{tasks}</details>"


def task_parts(bar: Bar, scale: Scale, y: float) -> list[str]:
    """A task in a row of its own."""
    where = "site" if bar.phase < 0 else f"phase {bar.phase + 1}"
    middle = y + TASK / 2
    decides = f"{100 * bar.critical:.0f} % decides" if bar.critical >= 0.005 else ""
    waits = f"{100 * bar.cause_share:.0f} % {bar.cause}" if bar.cause else ""
    note = "; ".join(filter(None, (decides, waits)))
    return [
        fitting(f"{words(bar.stage)}, {where}", 18, middle + 4, NAMES - 34, 11, "soft"),
        *whisker((bar.low, bar.finish, bar.high), scale, middle, "faint"),
        bar_part(bar, scale, middle - 4.5, 9.0),
        fitting(note, WIDTH - NOTES + 14, middle + 4, NOTES - 14, 10.5, "faint"),
    ]


def strip(parts: Sequence[str], height: float) -> str:
    """A drawing as wide as the page."""
    size = f'viewBox="0 0 {WIDTH:g} {height:g}" style="aspect-ratio:{WIDTH:g}/{height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>{"".join(parts)}</svg>'
