"""Axes, numbers and texts of the charts drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from xml.sax.saxutils import escape

from gigawatt.report.option import Option
from gigawatt.report.palette import INK

LETTER = 0.52  # mean width of a letter over the size of its font
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
FAINT_INK = "#667180"
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Box:
    """The drawing area of a chart, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from `low` to `high` along `length` pixels from `start` on; falling where `length` is below 0."""

    low: float
    high: float
    start: float
    length: float
    step: float

    def at(self, value: float) -> float:
        """The place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * self.length

    def ticks(self) -> list[float]:
        """Round values along the axis."""
        count = round((self.high - self.low) / self.step)
        return [self.low + k * self.step for k in range(count + 1)]


def axis(low: float, high: float, start: float, length: float, count: int = 4) -> Axis:
    """An axis whose ends are round."""
    low, high = min(low, 0.0), max(high, 0.0)
    rough = (high - low or 1.0) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(each * size for each in STEPS if each * size >= rough * (1 - 1e-9))
    return Axis(
        math.floor(low / step + 1e-9) * step, math.ceil((high or 1.0) / step - 1e-9) * step, start, length, step
    )


def value_lines(up: Axis, box: Box, unit: str) -> list[str]:
    """Lines across the drawing at round values, with their numbers, and the unit above them."""
    parts = [text(unit, box.left - 40, box.top - 10, 11, FAINT_INK)]
    for value in up.ticks():
        y, colour = up.at(value), "#9aa3ae" if abs(value) < 1e-12 else "#e8ebef"
        ends = f'x1="{box.left:.1f}" x2="{box.left + box.width:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
        parts += [
            f'<line {ends} stroke="{colour}"/>',
            text(tick(value, up.step), box.left - 6, y + 4, 11, FAINT_INK, "end"),
        ]
    return parts


def category_ticks(axis: Option, labels: Sequence[str], across: Axis, box: Box) -> list[str]:
    """Labels below the drawing at every so many categories, and the name of the axis."""
    step = int(axis.get("axisLabel", {}).get("interval", -1)) + 1 or max(1, len(labels) // 8)
    left = axis.get("axisLabel", {}).get("align") == "left"
    parts = []
    for k in range(0, len(labels), step):
        x = across.at(k)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{box.bottom:.1f}" y2="{box.bottom + 4:.1f}" stroke="#c9ced6"/>'
        )
        parts.append(
            text(labels[k], x + (3 if left else 0), box.bottom + 17, 11, FAINT_INK, "start" if left else "middle")
        )
    if axis.get("name"):
        parts.append(text(axis["name"], box.left + box.width / 2, box.bottom + 34, 11, FAINT_INK, "middle"))
    return parts


def value_ticks(axis: Option, across: Axis, box: Box) -> list[str]:
    """Numbers below the drawing at round values, and the name of the axis."""
    parts = [
        text(tick(value, across.step), across.at(value), box.bottom + 17, 11, FAINT_INK, "middle")
        for value in across.ticks()
    ]
    return [*parts, text(axis.get("name", ""), box.left + box.width / 2, box.bottom + 34, 11, FAINT_INK, "middle")]


def text(
    said: str, x: float, y: float, size: float, colour: str = INK, anchor: str = "start", weight: int = 400
) -> str:
    """A line of text."""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"'
    look = (f' text-anchor="{anchor}"' if anchor != "start" else "") + (
        f' font-weight="{weight}"' if weight != 400 else ""
    )
    return f"<text {place}{look}>{escape(said)}</text>"


def wrapped(said: str, width: float, size: float) -> list[str]:
    """A text in lines that fit the width."""
    return wrap(said, max(20, int(width / (size * LETTER))))


def pairs(points: Points) -> str:
    """Points as SVG writes them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def tick(value: float, step: float) -> str:
    """A round value with the digits that its step needs."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if str(f"{step:.1e}").startswith("2.5") else 0))
    return f"{value + 0.0:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
