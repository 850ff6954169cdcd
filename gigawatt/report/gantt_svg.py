"""A Gantt chart as SVG: lanes of phases in each project, deliveries that bind, whiskers of the finish, workers, power.

Colours are classes, so that a page can give them a dark twin; a picture that stands alone brings its own style.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from gigawatt.report.gantt_lines import CENTURY, Bar, Gantt, Line, place, words
from gigawatt.report.palette import HUES, TWINS
from gigawatt.units import DAYS_PER_WEEK

WIDTH, MARGIN = 1136.0, 0.0
NAMES, NOTES = 186.0, 214.0  # room for names on the left and notes on the right
ROOM = 9.0  # between projects
TALL, SHORT = 9.0, 2.0  # of a lane of a phase
BLOCK = 30.0  # least height of a project, for two lines of text
LEAST_SIZE = 8.5  # of the font of a text that is long
LETTER = 0.52  # mean width of a letter over the size of its font
COLOURS = {
    "permit": "#5b6675", "interconnection": "#2166ac", "plant": "#b0902c", "shell": "#6b4a2f", "electrical": "#d0632a",
    "mechanical": "#4a9cc9", "racks": "#3b2f8f", "commissioning": "#1d7a3e",
}  # fmt: skip
INKS = {  # role: on light, on dark
    "ink": ("#1f2733", "#e4e8ee"), "soft": ("#48525f", "#b9c2cd"), "faint": ("#667180", "#929dab"),
    "line": ("#dfe3e8", "#2c343e"), "late": ("#a83a4c", "#e68a98"), "kept": ("#1d7a3e", "#5cbd7c"),
    "paper": ("#ffffff", "#12161b"), "power": ("#2166ac", "#6ea6e0"), "crew": ("#0f6b77", "#4fb0bd"),
}  # fmt: skip
ARROW = 5.0
SLIGHT = 0.5  # weeks by which tasks may overlap and stand behind each other all the same
DECIDES = 0.5  # share of draws on the deciding chain from which a task is outlined
OUTLINED = 2.5  # least height of a bar with an outline


def colour(stage: str, stages: Sequence[str]) -> str:
    """The colour of a stage; those that the catalog does not know take hues that are left."""
    left = [hue for hue in HUES if hue not in COLOURS.values()]
    others = [name for name in stages if name not in COLOURS]
    return COLOURS.get(stage) or left[others.index(stage) % len(left)]


def style(stages: Sequence[str], dark: bool = False) -> str:
    """The rules of the classes, on light pages or on dark ones."""
    rules = [
        f".g-{role}{{fill:{inks[dark]}}}.g-{role}-s{{stroke:{inks[dark]};fill:none}}" for role, inks in INKS.items()
    ]
    for k, stage in enumerate(stages):
        hue = colour(stage, stages)
        rules.append(f".g-stage{k}{{fill:{TWINS.get(hue, hue) if dark else hue}}}")
    return "".join(rules)


@dataclass(frozen=True, slots=True)
class Scale:
    """Weeks across the drawing."""

    chart: Gantt
    left: float = NAMES
    width: float = WIDTH - NAMES - NOTES

    def at(self, week: float) -> float:
        """The place of a week, at the right end where it is later or never comes."""
        return self.left + min(max(week, 0.0), self.chart.end) / self.chart.end * self.width

    def is_beyond(self, week: float) -> bool:
        """Whether a week is later than the drawing shows."""
        return week > self.chart.end

    def class_of(self, stage: str) -> str:
        """The class of a stage's colour."""
        return f"g-stage{self.chart.stages.index(stage)}"


# --------------------------------------------------------------------------------------------------------------- texts
def text(said: str, x: float, y: float, size: float, role: str = "ink", anchor: str = "", bold: bool = False) -> str:
    """A line of text."""
    look = (f' text-anchor="{anchor}"' if anchor else "") + (' font-weight="600"' if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" class="g-{role}"{look}>{escape(said)}</text>'


def short(said: str, width: float, size: float) -> str:
    """A text cut to the width."""
    most = int(width / (size * LETTER))
    return said if len(said) <= most else said[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def fitting(said: str, x: float, y: float, width: float, size: float, role: str = "ink", bold: bool = False) -> str:
    """A line of text, smaller where it is long; what does not fit even so is cut, and told when pointed at."""
    size = max(LEAST_SIZE, min(size, round(width / (LETTER * max(len(said), 1)) - 0.05, 1)))
    drawn = text(short(said, width, size), x, y, size, role, bold=bold)
    return drawn if short(said, width, size) == said else f"<g><title>{escape(said)}</title>{drawn}</g>"


def late(weeks: float) -> str:
    """By how much a project is late, in days where it is less than a week."""
    many, unit = (round(weeks), "week") if weeks >= 1.0 else (max(1, math.ceil(weeks * DAYS_PER_WEEK - 1e-6)), "day")
    return f"{many:,} {unit}{'' if many == 1 else 's'} late"


def day(chart: Gantt, week: float) -> str:
    """A week as month and year, such as Apr 2029."""
    return f"{chart.date(week):%b %Y}" if week < CENTURY else "never"


# ---------------------------------------------------------------------------------------------------------------- axis
def time_lines(scale: Scale, top: float, bottom: float, named: bool = True) -> list[str]:
    """Lines at the years, with their numbers on top, and marks at the quarters of short plans."""
    parts = []
    first, last = scale.chart.start, scale.chart.date(scale.chart.end)
    months = (1, 4, 7, 10) if last.year - first.year <= 5 else (1, 7) if last.year - first.year <= 8 else (1,)
    for year in range(first.year, last.year + 1):
        for month in months:
            week = (dt.date(year, month, 1) - first).days / 7
            if not 0 <= week <= scale.chart.end:
                continue
            x = scale.at(week)
            strong = month == 1
            begin = top if strong else top + (6 if named else 0)
            faint = "" if strong else ' stroke-opacity="0.45"'
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{begin:.1f}" y2="{bottom:.1f}" class="g-line-s"{faint}/>'
            )
            if named and strong and x < scale.left + scale.width - 20:
                parts.append(text(str(year), x + 4, top + 8, 11, "faint"))
    if named and scale.at((dt.date(first.year + 1, 1, 1) - first).days / 7) - scale.left > 34:
        parts.append(text(str(first.year), scale.left + 4, top + 8, 11, "faint"))
    return parts


# ------------------------------------------------------------------------------------------------------------ projects
def lane_height(lines: Sequence[Line]) -> dict[int, float]:
    """Height of a lane by number of phases: all phases of a project fit about two lines of text."""
    tall = TALL if len(lines) <= 8 else 6.0
    most = 76.0 if len(lines) <= 8 else 34.0
    return {line.phases: max(SHORT, min(tall, most / (line.phases + 1))) for line in lines}


def height_of(line: Line, lane: float) -> float:
    """Height of a project with its whisker."""
    rows = line.phases + any(bar.phase < 0 for bar in line.bars)
    return max(BLOCK, rows * (lane + gap(lane)) + 8.0)


def gap(lane: float) -> float:
    """Room between lanes."""
    return 1.5 if lane >= 4.0 else 0.5


def project_parts(line: Line, scale: Scale, y: float, lane: float) -> list[str]:
    """A project from `y` down: names, lanes, whisker of full power, due date, and notes."""
    chart, height = scale.chart, height_of(line, lane)
    size = f"{line.mw:,.0f} MW" + (f" + {line.energised_mw:,.0f} up" if line.energised_mw else "")
    parts = [
        fitting(line.name, 0, y + 12, NAMES - 16, 12.5, bold=True),
        fitting(f"{size}, {place(line.region)}", 0, y + 26, NAMES - 16, 11, "faint"),
    ]
    site = [bar for bar in line.bars if bar.phase < 0]
    lanes = [site, *([bar for bar in line.bars if bar.phase == k] for k in range(line.phases))]
    at = y + 1
    for bars in lanes:
        if bars or bars is not site:
            parts += lane_parts(bars, scale, at, lane)
            at += lane + gap(lane)
    parts += whisker(line.full, scale, y + height - 4)
    if line.due is not None:
        parts.append(due_mark(line, scale, y + height - 4))
    x = WIDTH - NOTES + 14
    behind = late(line.full[1] - line.due) if line.due is not None and line.is_late else ""
    parts.append(text(day(chart, line.full[1]), x, y + 12, 12.5, bold=True))
    parts.append(text(behind, x + 68, y + 12, 11, "late"))
    parts.append(fitting(f"{100 * line.held_share:.0f} % {line.held_by}", x, y + 26, NOTES - 14, 11, "faint"))
    return parts


def lane_parts(bars: Sequence[Bar], scale: Scale, y: float, lane: float) -> list[str]:
    """The tasks of a phase, or of the site; those that overlap share the height."""
    known = [bar for bar in bars if bar.begin <= scale.chart.end]
    parts = [thread(known, scale, y + lane / 2)] if known else []
    for bar in sorted(known, key=lambda bar: bar.begin):
        beside = [b for b in known if b is bar or min(b.finish, bar.finish) - max(b.begin, bar.begin) > SLIGHT]
        place, share = beside.index(bar), lane / len(beside)
        parts.append(bar_part(bar, scale, y + place * share, share))
    return parts


def thread(bars: Sequence[Bar], scale: Scale, y: float) -> str:
    """A thin line from the first task of a lane to its last, which shows where it waits."""
    first, last = scale.at(min(bar.begin for bar in bars)), scale.at(max(bar.finish for bar in bars))
    return f'<path d="M{first:.1f} {y:.1f}H{last:.1f}" class="g-faint-s" stroke-opacity="0.5"/>'


def bar_part(bar: Bar, scale: Scale, y: float, height: float) -> str:
    """A task, with an outline where it decides, a tick where a delivery binds, and what it is when pointed at."""
    left, right = scale.at(bar.begin), scale.at(bar.finish)
    wide = max(right - left, 0.8)
    drawn = box(left, y, wide, height, scale.class_of(bar.stage))
    if bar.critical >= DECIDES and height >= OUTLINED:
        drawn += box(left + 0.5, y + 0.5, max(wide - 1.0, 0.4), height - 1.0, "g-ink-s")
    if bar.delivered:
        top = y - min(2.0, height / 3)
        drawn += f'<path d="M{left:.1f} {top:.1f}V{y + height:.1f}" class="g-late-s" stroke-width="2"/>'
    return f"<g><title>{escape(told(bar, scale.chart))}</title>{drawn}</g>"


def box(x: float, y: float, width: float, height: float, look: str) -> str:
    """A rectangle of a class."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{look}"/>'


def told(bar: Bar, chart: Gantt) -> str:
    """A task in words."""
    where = "site" if bar.phase < 0 else f"phase {bar.phase + 1}"
    dates = f"{day_of(chart, bar.begin)} to {day_of(chart, bar.finish)} in the median"
    spread = f"finished {day_of(chart, bar.low)} (P10) to {day_of(chart, bar.high)} (P90)"
    waits = f"; waits last for {bar.cause} in {100 * bar.cause_share:.0f} % of draws" if bar.cause else ""
    decides = f"decides in {100 * bar.critical:.0f} %"
    return f"{words(bar.stage)}, {where}, {bar.mw:,.0f} MW: {dates}; {spread}; {decides}{waits}"


def day_of(chart: Gantt, week: float) -> str:
    """A week as a date."""
    return str(chart.date(week)) if week < CENTURY else "never"


def whisker(full: tuple[float, float, float], scale: Scale, y: float, role: str = "ink") -> list[str]:
    """P10 to P90 as a line with ends, the median as a point; an arrow where it goes on."""
    low, high = scale.at(full[0]), scale.at(full[2])
    ends = f"M{low:.1f} {y - 3:.1f}V{y + 3:.1f}M{low:.1f} {y:.1f}H{high:.1f}"
    if scale.is_beyond(full[2]):
        ends += f"M{high - ARROW:.1f} {y - 3:.1f}L{high:.1f} {y:.1f}L{high - ARROW:.1f} {y + 3:.1f}"
    else:
        ends += f"M{high:.1f} {y - 3:.1f}V{y + 3:.1f}"
    parts = [f'<path d="{ends}" class="g-{role}-s" stroke-width="1.2"/>']
    if not scale.is_beyond(full[1]):
        parts.append(f'<circle cx="{scale.at(full[1]):.1f}" cy="{y:.1f}" r="3.2" class="g-{role}"/>')
    return parts


def due_mark(line: Line, scale: Scale, y: float) -> str:
    """A diamond at the due date: filled where the median is late."""
    due = line.due or 0.0
    x, said = scale.at(due), f"due {scale.chart.date(due)}"
    kind = 'class="g-late"' if line.is_late else 'class="g-kept-s" stroke-width="1.5"'
    return f'<g><title>{escape(said)}</title><path d="M{x:.1f} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" {kind}/></g>'
