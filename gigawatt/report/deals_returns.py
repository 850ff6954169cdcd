"""Ways of money that comes back: out of a node to the right, over or under all columns, and into one further left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from gigawatt.report.deals_layers import Layered, Strand
from gigawatt.report.deals_places import Placed

SPACE, SLIM = 4.0, 1.5  # beside a way; beside one that is thin
THIN = 1.5  # pixels


@dataclass(slots=True)
class Return:
    """A strand that goes back: over the columns or under them, and where it runs."""

    strand: Strand
    width: float
    is_above: bool
    span: tuple[int, int]  # columns of payee and payer
    rise: float = 0.0  # of its middle above the highest node, or below the lowest
    out: float = 0.0  # of its middle right of the payer
    into: float = 0.0  # of its middle left of the payee

    @property
    def space(self) -> float:
        """Room beside it."""
        return SLIM if self.width < THIN else SPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """All ways back, and the room that they take."""

    ways: tuple[Return, ...]
    above: float
    below: float
    out: dict[int, float]  # room right of each column
    into: dict[int, float]  # room left of each column


def returns(layout: Layered, places: Placed) -> Returns:
    """Ways of all strands that do not go to the right."""
    ways = []
    for strand in layout.strands:
        span = layout.nodes[strand.payee].layer, layout.nodes[strand.payer].layer
        if span[0] <= span[1]:
            middle = (places.slots[strand.payer].middle + places.slots[strand.payee].middle) / 2
            ways.append(Return(strand, strand.usd * places.px_per_usd, middle < places.height / 2, span))
    ways.sort(key=lambda way: (way.span[1] - way.span[0], way.strand.loop, way.strand.payer, way.strand.payee))
    room = {side: _rise([way for way in ways if way.is_above is side]) for side in (True, False)}
    out, into = _beside(ways, places, 1), _beside(ways, places, 0)
    return Returns(ways=tuple(ways), above=room[True], below=room[False], out=out, into=into)


def _rise(ways: list[Return]) -> float:
    """Lays ways of one side over each other, short ones inside; the room that they take."""
    most = 0.0
    done: list[Return] = []
    for way in ways:
        under = [each for each in done if each.span[0] <= way.span[1] and way.span[0] <= each.span[1]]
        floor = max((each.rise + each.width / 2 for each in under), default=SPACE)
        way.rise = floor + way.space + way.width / 2
        most = max(most, way.rise + way.width / 2)
        done.append(way)
    return most + SPACE if ways else 0.0


def _beside(ways: list[Return], places: Placed, end: int) -> dict[int, float]:
    """Lays the upright parts beside each column, those of the nearest nodes inside; the room that they take."""
    room: dict[int, float] = defaultdict(float)
    for way in sorted(ways, key=lambda way: _nearest(way, places, end)):
        column = way.span[end]
        at = room[column] + way.space + way.width / 2
        if end:
            way.out = at
        else:
            way.into = at
        room[column] += way.space + way.width
    return dict(room)


def _nearest(way: Return, places: Placed, end: int) -> tuple[float, int]:
    """Sorts ways by how far they go before they leave the columns."""
    y = places.slots[way.strand.payer if end else way.strand.payee].middle
    return (y if way.is_above else places.height - y), way.span[1] - way.span[0]
