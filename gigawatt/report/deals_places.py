"""Where nodes and strands of layered payments stand: order by barycentres, then height by relaxation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from gigawatt.report.deals_layers import Layered, Strand

SWEEPS = 12
TURNS = 60
LABEL = 15.0  # least distance of the middles of named nodes, so that their labels do not touch
GAP, SLIM = 9.0, 4.0  # below a node; below a bundle that only passes, or as much as it is wide where that is less


@dataclass(slots=True)
class Slot:
    """A node, or a bundle of strands where it passes a column: its column, height and upper edge in pixels."""

    layer: int
    usd: float
    node: int = -1  # -1: a bundle that passes
    size: float = 0.0
    y: float = 0.0
    before: dict[int, float] = field(default_factory=lambda: defaultdict(float))  # weight by slot in the column before
    after: dict[int, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def middle(self) -> float:
        """Its middle."""
        return self.y + self.size / 2

    @property
    def room(self) -> float:
        """Height with the room that its label needs."""
        return max(self.size + GAP, LABEL) if self.node >= 0 else self.size + min(SLIM, self.size)


@dataclass(frozen=True, slots=True)
class Placed:
    """All slots, those of nodes first; the way of each bundle through them; pixels of a dollar; pixels in all."""

    slots: list[Slot]
    ways: dict[tuple[int, int], list[int]]  # slots by payer and payee, for strands that go to the right
    px_per_usd: float
    height: float


def placed(layout: Layered, height: float) -> Placed:
    """Slots in their places within `height` pixels."""
    slots, ways = _slots(layout)
    columns: list[list[int]] = [[] for _ in range(layout.columns)]
    for number, slot in enumerate(slots):
        columns[slot.layer].append(number)
    for column in columns:
        column.sort(key=lambda number: (slots[number].node < 0, -slots[number].usd, number))
    _order(slots, columns)
    px = _scale(slots, columns, height)
    for slot in slots:
        slot.size = slot.usd * px
    _relax(slots, columns, height)
    low = min((slot.y for slot in slots), default=0.0)
    for slot in slots:
        slot.y -= low
    return Placed(slots, ways, px, max((slot.y + slot.size for slot in slots), default=0.0))


def _slots(layout: Layered) -> tuple[list[Slot], dict[tuple[int, int], list[int]]]:
    """Slots of the nodes, then those where bundles pass a column between payer and payee."""
    paid, received = [0.0] * len(layout.nodes), [0.0] * len(layout.nodes)
    for strand in layout.strands:
        paid[strand.payer] += strand.usd
        received[strand.payee] += strand.usd
    slots = [Slot(node.layer, max(paid[k], received[k]), k) for k, node in enumerate(layout.nodes)]
    ways: dict[tuple[int, int], list[int]] = {}
    for (payer, payee), usd in _bundles(layout, layout.strands).items():
        way = [payer]
        for layer in range(layout.nodes[payer].layer + 1, layout.nodes[payee].layer):
            slots.append(Slot(layer, usd))
            way.append(len(slots) - 1)
        ways[payer, payee] = [*way, payee]
        for here, there in zip(ways[payer, payee], ways[payer, payee][1:], strict=False):
            slots[here].after[there] += usd
            slots[there].before[here] += usd
    return slots, ways


def _bundles(layout: Layered, strands: Sequence[Strand]) -> dict[tuple[int, int], float]:
    """Dollars by payer and payee of the strands that go to the right."""
    sums: dict[tuple[int, int], float] = defaultdict(float)
    for strand in strands:
        if layout.nodes[strand.payer].layer < layout.nodes[strand.payee].layer:
            sums[strand.payer, strand.payee] += strand.usd
    return dict(sums)


def _order(slots: list[Slot], columns: list[list[int]]) -> None:
    """Sorts each column by the mean place of neighbours, from left to right and back."""
    for sweep in range(SWEEPS):
        rightward = sweep % 2 == 0
        rank = {number: place / max(len(column), 1) for column in columns for place, number in enumerate(column)}
        for column in columns if rightward else columns[::-1]:
            near = {number: slots[number].before if rightward else slots[number].after for number in column}
            wanted = {number: (_mean(near[number], rank, rank[number]), number) for number in column}
            column.sort(key=wanted.__getitem__)
            rank |= {number: place / max(len(column), 1) for place, number in enumerate(column)}


def _mean(near: dict[int, float], rank: dict[int, float], own: float) -> float:
    """Weighted mean of the places of neighbours; its own place if there are none."""
    total = sum(near.values())
    return sum(rank[number] * usd for number, usd in near.items()) / total if total else own


def _scale(slots: list[Slot], columns: list[list[int]], height: float) -> float:
    """Pixels of a dollar with which every column fits, room for labels included."""
    low, high = 0.0, height / max(max((slot.usd for slot in slots), default=1.0), 1e-300)
    for _ in range(TURNS):
        px = (low + high) / 2
        need = 0.0
        for column in columns:
            for number in column:
                slots[number].size = slots[number].usd * px
            need = max(need, sum(slots[number].room for number in column))
        low, high = (px, high) if need <= height else (low, px)
    return low


def _relax(slots: list[Slot], columns: list[list[int]], height: float) -> None:
    """Moves slots towards the mean height of their neighbours, and apart where they meet."""
    for column in columns:
        y = (height - sum(slots[number].room for number in column)) / 2
        for number in column:
            slots[number].y = y
            y += slots[number].room
    strength = 1.0
    for turn in range(TURNS):
        strength *= 0.97
        for column in columns if turn % 2 == 0 else columns[::-1]:
            for number in column:
                slot = slots[number]
                near = slot.before if turn % 2 == 0 else slot.after
                wanted = _middle(near, slots)
                if wanted is not None:
                    slot.y += (wanted - slot.middle) * strength
            column.sort(key=lambda number: (slots[number].middle, number))
            _apart(slots, column, height)


def _middle(near: dict[int, float], slots: list[Slot]) -> float | None:
    total = sum(near.values())
    return sum(slots[number].middle * usd for number, usd in near.items()) / total if total else None


def _apart(slots: list[Slot], column: list[int], height: float) -> None:
    """Pushes slots of a column down, then up, until none overlap and all are within the height."""
    y = 0.0
    for number in column:
        slot = slots[number]
        slot.y = max(slot.y, y)
        y = slot.y + slot.room
    y = height
    for number in reversed(column):
        slot = slots[number]
        slot.y = min(slot.y, y - slot.room)
        y = slot.y
