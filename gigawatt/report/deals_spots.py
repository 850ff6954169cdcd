"""Places of parties in a network: columns by tier, within a column by the mean height of those they deal with."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from gigawatt.report.deals_ink import TIER_NAMES, wide
from gigawatt.report.deals_layers import COLUMN
from gigawatt.report.gantt_svg import WIDTH, text
from gigawatt.report.words import opening

LARGE, SMALL = 25.0, 4.0  # radii
SIDE = 60.0  # from the edge to the first and last column
SWEEPS = 24
STAGGER = 24.0  # neighbours in a full column stand apart from each other
FULL = 9  # parties from which a column is staggered
LABEL = 16.0  # room below a circle


@dataclass(frozen=True, slots=True)
class Spot:
    """A party: where it stands, and how large."""

    x: float
    y: float
    radius: float


def spots(
    tier: Mapping[str, str], size_usd: Mapping[str, float], weight: Mapping[tuple[str, str], float], height: float
) -> dict[str, Spot]:
    """Where parties stand in a drawing as wide as the page.

    Args:
        tier: Tier by party.
        size_usd: What the area of the circles shows, by party.
        weight: How strongly two parties draw each other, by pair.
        height: Of the columns in pixels.
    """
    columns: dict[int, list[str]] = defaultdict(list)
    for name in tier:
        columns[COLUMN[tier[name]]].append(name)
    order = [sorted(columns[key], key=lambda name: (-size_usd[name], name)) for key in sorted(columns)]
    near: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (payer, payee), pull in weight.items():
        near[payer][payee] += pull
        near[payee][payer] += pull
    most = max(size_usd.values(), default=0.0) or 1.0
    radius = {name: max(SMALL, LARGE * math.sqrt(size_usd[name] / most)) for name in tier}
    y = _heights(order, radius, height)
    for _ in range(SWEEPS):
        for names in order:
            wanted = {name: (_mean(near[name], y, y[name]), name) for name in names}
            names.sort(key=wanted.__getitem__)
        y = _heights(order, radius, height)
    step = (WIDTH - 2 * SIDE) / max(len(order) - 1, 1)
    found = {}
    for column, names in enumerate(order):
        for place, name in enumerate(names):
            aside = (STAGGER if place % 2 else -STAGGER) if len(names) > FULL else 0.0
            found[name] = Spot(SIDE + step * column + aside, y[name], radius[name])
    return found


def _heights(order: list[list[str]], radius: dict[str, float], height: float) -> dict[str, float]:
    """Heights in which each column fills the drawing, with room for labels."""
    y = {}
    for names in order:
        rooms = [2 * radius[name] + LABEL for name in names]
        gap = (height - sum(rooms)) / (len(names) + 1)
        at = gap
        for name, room in zip(names, rooms, strict=True):
            y[name] = 24.0 + at + radius[name]
            at += room + gap
    return y


def _mean(weight: dict[str, float], y: dict[str, float], own: float) -> float:
    total = sum(weight.values())
    return sum(y[name] * share for name, share in weight.items()) / total if total else own


def heads(tier: Mapping[str, str], where: Mapping[str, Spot]) -> list[str]:
    """Names of the tiers above the columns."""
    columns: dict[int, dict[str, None]] = defaultdict(dict)
    for kind in tier.values():
        columns[COLUMN[kind]][kind] = None
    parts = []
    for column, kinds in columns.items():
        own = [where[name].x for name, kind in tier.items() if COLUMN[kind] == column]
        said = ", ".join(TIER_NAMES[kind] for kind in kinds)
        x = min(max((min(own) + max(own)) / 2, wide(said, 11) / 2), WIDTH - wide(said, 11) / 2)
        parts.append(text(opening(said), x, 10, 11, "faint", anchor="middle"))
    return parts


@dataclass(frozen=True, slots=True)
class Curve:
    """An arrow between two parties, bent to its right, so that the way back runs beside it; paths of an SVG."""

    line: str
    head: str
    middle: tuple[float, float]


def apart(here: Spot, there: Spot) -> float:
    """How far two parties stand from each other, in pixels; 1 for one place."""
    return math.hypot(there.x - here.x, there.y - here.y) or 1.0


def curve(here: Spot, there: Spot, bend: float, head: float, half: float) -> Curve:
    """An arrow from one party to another.

    Args:
        bend: How far the line is drawn aside in its middle, in pixels, as are all below.
        head: Length of the head; the line ends before it.
        half: Half of the breadth of the head.
    """
    length, dx, dy = apart(here, there), there.x - here.x, there.y - here.y
    mx, my = (here.x + there.x) / 2 - dy / length * bend, (here.y + there.y) / 2 + dx / length * bend
    x0, y0 = towards(here.x, here.y, mx, my, here.radius + 1.0)
    x1, y1 = towards(there.x, there.y, mx, my, there.radius + 2.0 + head)
    tip = towards(there.x, there.y, mx, my, there.radius + 1.5)
    return Curve(f"M{x0:.1f} {y0:.1f}Q{mx:.1f} {my:.1f} {x1:.1f} {y1:.1f}", arrow_head(x1, y1, *tip, half),
                 ((x0 + 2 * mx + x1) / 4, (y0 + 2 * my + y1) / 4))  # fmt: skip


def towards(x: float, y: float, to_x: float, to_y: float, by: float) -> tuple[float, float]:
    """A point on the way to another."""
    length = math.hypot(to_x - x, to_y - y) or 1.0
    return x + (to_x - x) / length * by, y + (to_y - y) / length * by


def arrow_head(x: float, y: float, tip_x: float, tip_y: float, half: float) -> str:
    """The head of an arrow."""
    length = math.hypot(tip_x - x, tip_y - y) or 1.0
    ax, ay = -(tip_y - y) / length * half, (tip_x - x) / length * half
    return f"M{x + ax:.1f} {y + ay:.1f}L{tip_x:.1f} {tip_y:.1f}L{x - ax:.1f} {y - ay:.1f}Z"
