"""A Gantt chart as one SVG picture that stands alone."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from gigawatt.report.gantt_below import crew_parts, power_parts
from gigawatt.report.gantt_lines import Gantt, words
from gigawatt.report.gantt_svg import (
    LETTER,
    ROOM,
    WIDTH,
    Scale,
    height_of,
    lane_height,
    project_parts,
    style,
    text,
    time_lines,
)
from gigawatt.report.power_svg_axes import wrapped

MARGIN = 32.0
DIAMOND = "M6 -9l4.5 4.5l-4.5 4.5l-4.5 -4.5z"
WHISKER = "M0 -4H13M0 -7V-1M13 -7V-1M6.5 -7.2a3.2 3.2 0 1 0 .01 0"
MARKS = (  # path, look, meaning
    ("M0.5 -8.5h12v8h-12z", 'class="g-ink-s"', "decides the date in most draws"),
    ("M6 -11V1", 'class="g-late-s" stroke-width="2"', "began when a scarce item came"),
    (WHISKER, 'class="g-ink-s" stroke-width="1.2"', "full power, P10 to P90"),
    (DIAMOND, 'class="g-kept-s" stroke-width="1.5"', "due, kept in the median"),
    (DIAMOND, 'class="g-late"', "due, missed in the median"),
)
FONT = 'font-family="Helvetica Neue, Liberation Sans, Arial, sans-serif"'


def picture(chart: Gantt) -> str:
    """The chart as text of an SVG file."""
    parts, y = [text(chart.title, 0, 26, 26, bold=True), text(chart.meta, 0, 46, 12, "faint")], 48.0
    for said in wrapped(chart.answer, WIDTH, 14):
        y += 19
        parts.append(text(said, 0, y, 14, "soft"))
    drawn, y = legend_parts(chart, y + 26)
    parts += drawn
    drawn, y = body_parts(chart, y + 14)
    return framed([*parts, *drawn], y, chart)


def body_parts(chart: Gantt, y: float) -> tuple[list[str], float]:
    """Projects, power and workers below each other over the same weeks, and where they end."""
    scale, top = Scale(chart), y
    lanes, parts = lane_height(chart.lines), []
    y += 16
    for line in chart.lines:
        parts += project_parts(line, scale, y, lanes[line.phases])
        y += height_of(line, lanes[line.phases]) + ROOM
        parts.append(f'<line x1="0" x2="{WIDTH:g}" y1="{y - ROOM / 2:.1f}" y2="{y - ROOM / 2:.1f}" class="g-line-s"/>')
    bottom = y - ROOM / 2
    drawn, y = power_parts(scale, y + 12)
    parts += drawn
    for workers in chart.workers:
        drawn, y = crew_parts(scale, workers, y + 4)
        parts += drawn
    return [*time_lines(scale, top, bottom), *time_lines(scale, bottom + 12, y - 10, named=False), *parts], y


def legend_parts(chart: Gantt, y: float) -> tuple[list[str], float]:
    """Stages by colour, and what the marks mean; and where they end."""
    parts, x = [], 0.0
    for stage in chart.stages:
        x, y = placed(x, y, words(stage))
        block = f'x="{x:.1f}" y="{y - 9:.1f}" width="13" height="9"'
        parts += [f'<rect {block} class="{Scale(chart).class_of(stage)}"/>', text(words(stage), x + 18, y, 12, "soft")]
        x += room(words(stage))
    x, y = 0.0, y + 18
    for path, look, said in MARKS:
        x, y = placed(x, y, said)
        parts += [
            f'<path transform="translate({x:.1f} {y:.1f})" d="{path}" {look}/>',
            text(said, x + 19, y, 12, "soft"),
        ]
        x += room(said)
    return parts, y


def placed(x: float, y: float, said: str) -> tuple[float, float]:
    """Where an entry of the legend stands: on the next row where it does not fit."""
    return (0.0, y + 18) if x > 0.0 and x + room(said) > WIDTH else (x, y)


def room(said: str) -> float:
    """Width of an entry of the legend."""
    return 36.0 + 12 * LETTER * len(said)


def framed(parts: list[str], height: float, chart: Gantt) -> str:
    """The picture with its paper, margins and style."""
    wide, high = WIDTH + 2 * MARGIN, height + 2 * MARGIN
    size = f'width="{wide:.0f}" height="{high:.0f}" viewBox="{-MARGIN:g} {-MARGIN:g} {wide:.0f} {high:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} role="img" aria-label={quoteattr(chart.title)}>'
    paper = f'<rect x="{-MARGIN:g}" y="{-MARGIN:g}" width="100%" height="100%" class="g-paper"/>'
    return "\n".join([head, f"<style>{style(chart.stages)}</style>", paper, *parts, "</svg>\n"])
