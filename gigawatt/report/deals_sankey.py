"""A Sankey picture of payments that knows circles: what does not go round runs to the right, circles come back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gigawatt.deals.book import Network
from gigawatt.report.deals_ink import (
    LOOP_HUES,
    TIER_HUES,
    TIER_NAMES,
    Drawing,
    hue_look,
    kind_look,
    svg,
    tipped,
    usd,
    wide,
)
from gigawatt.report.deals_layers import MOST, REST, Layered, Node, Strand, layered
from gigawatt.report.deals_places import LABEL, Placed, Slot, placed
from gigawatt.report.deals_returns import Return, Returns, returns
from gigawatt.report.deals_sankey_words import ENTERS, LEAVES, LOOP, LOOPS, STRAND, answer, legend, notes
from gigawatt.report.deals_words import pair_lines, path_of
from gigawatt.report.gantt_svg import WIDTH, short, text
from gigawatt.report.palette import PALE, SLATE
from gigawatt.report.words import and_list, opening

if TYPE_CHECKING:
    from gigawatt.deals.book import Book

HEIGHT = 620.0  # of the columns
BAR = 11.0  # width of a node
EDGE = 4.0  # left and right of all
TAIL = 142.0  # room for labels of the last column
LABEL_LINE = 13.0  # from one line of a label to the next
HEAD = 26.0  # room for the names of the columns
MOST_PAIRS = 4  # of a bundle that are told in full
WIDER = 1.08  # names in capitals over the mean width of letters


@dataclass(slots=True)
class Canvas:
    """Where columns stand, and how much of each side of a node is taken."""

    layout: Layered
    places: Placed
    ways: Returns
    network: Network
    book: Book | None
    x: list[float] = field(default_factory=list)  # left edge of each column
    top: float = 0.0
    starts: dict[Strand, float] = field(default_factory=dict)  # middle of each strand where it leaves its payer
    ends: dict[Strand, float] = field(default_factory=dict)
    passes: dict[Strand, list[float]] = field(default_factory=dict)  # at each column between


def sankey(network: Network, book: Book | None = None, *, most: int = MOST, gross: bool = False) -> str:
    """The picture as text of an SVG file.

    Args:
        book: Where deals and sources are looked up, to be told when pointed at.
        most: Parties with a node of their own.
        gross: Draw in full what a party gets from a sector and pays to it; by default the difference.
    """
    return svg(drawing(network, book, most=most, gross=gross))


def drawing(network: Network, book: Book | None = None, *, most: int = MOST, gross: bool = False) -> Drawing:
    """The picture without a frame."""
    layout = layered(network, most, LOOPS, gross)
    places = placed(layout, HEIGHT)
    canvas = Canvas(layout, places, returns(layout, places), network, book)
    _columns(canvas)
    _ports(canvas)
    parts = [*_heads(canvas), *_ribbons(canvas), *_arcs(canvas), *_nodes(canvas)]
    key, end = legend(layout, places.px_per_usd, canvas.top + places.height + canvas.ways.below + 34)
    return Drawing(
        title=f"Who pays whom in {network.period}, and what goes round",
        answer=answer(layout, network), parts=(*parts, *key), height=end,
        notes=notes(layout, network), about={"kinds": " ".join(sorted({edge.kind for edge in network.edges}))},
    )  # fmt: skip


def _columns(canvas: Canvas) -> None:
    """Spreads the columns over the width, with room for what comes back."""
    count, ways = canvas.layout.columns, canvas.ways
    between = [ways.out.get(c, 0.0) + ways.into.get(c + 1, 0.0) for c in range(count - 1)]
    free = WIDTH - 2 * EDGE - TAIL - BAR * count - sum(between) - ways.into.get(0, 0.0) - ways.out.get(count - 1, 0.0)
    each = free / max(count - 1, 1)
    x = EDGE + ways.into.get(0, 0.0)
    for column in range(count):
        canvas.x.append(x)
        x += BAR + each + (between[column] if column < count - 1 else 0.0)
    canvas.top = HEAD + ways.above


def _ports(canvas: Canvas) -> None:
    """Gives each strand its place on both sides of the nodes, and where it passes."""
    slots, ways = canvas.places.slots, canvas.places.ways
    bundles: dict[tuple[int, int], list[Strand]] = defaultdict(list)
    back = {id(way.strand) for way in canvas.ways.ways}
    for strand in canvas.layout.strands:
        if id(strand) not in back:
            bundles[strand.payer, strand.payee].append(strand)
    for strands in bundles.values():
        strands.sort(key=lambda strand: (strand.loop == REST, strand.loop))
    for number in range(len(canvas.layout.nodes)):
        out = sorted((pair for pair in bundles if pair[0] == number), key=lambda pair: slots[ways[pair][1]].middle)
        into = sorted((pair for pair in bundles if pair[1] == number), key=lambda pair: slots[ways[pair][-2]].middle)
        _side(canvas, number, [s for pair in out for s in bundles[pair]], canvas.starts, 1)
        _side(canvas, number, [s for pair in into for s in bundles[pair]], canvas.ends, 0)
    for pair, strands in bundles.items():
        for strand in strands:
            canvas.passes[strand] = []
        for slot in ways[pair][1:-1]:
            y = canvas.top + slots[slot].y
            for strand in strands:
                size = strand.usd * canvas.places.px_per_usd
                canvas.passes[strand].append(y + size / 2)
                y += size


def _side(canvas: Canvas, number: int, forward: list[Strand], at: dict[Strand, float], end: int) -> None:
    """Stacks the strands of one side of a node: ways back over the columns, then forward, then ways under them."""
    own = [way for way in canvas.ways.ways if (way.strand.payer if end else way.strand.payee) == number]
    beside = (lambda way: way.out) if end else (lambda way: way.into)
    above = sorted((way for way in own if way.is_above), key=beside)
    below = sorted((way for way in own if not way.is_above), key=beside, reverse=True)
    y = canvas.top + canvas.places.slots[number].y
    for strand in [*(way.strand for way in above), *forward, *(way.strand for way in below)]:
        size = strand.usd * canvas.places.px_per_usd
        at[strand] = y + size / 2
        y += size


# ------------------------------------------------------------------------------------------------------------- marks
def _ribbons(canvas: Canvas) -> list[str]:
    """Strands that go to the right, those of circles on top."""
    forward = [strand for strand in canvas.layout.strands if strand in canvas.passes]
    parts = []
    for strand in sorted(forward, key=lambda strand: (strand.loop != REST, -strand.usd)):
        layer = canvas.layout.nodes[strand.payer].layer
        x, y = canvas.x[layer] + BAR, canvas.starts[strand]
        path = f"M{x:.1f} {y:.2f}"
        for step, there in enumerate([*canvas.passes[strand], canvas.ends[strand]], start=1):
            left = canvas.x[layer + step]
            middle = (x + left) / 2
            path += f"C{middle:.1f} {y:.2f} {middle:.1f} {there:.2f} {left:.1f} {there:.2f}"
            x, y = left + BAR, there
            path += f"H{x:.1f}" if step <= len(canvas.passes[strand]) else ""
        parts.append(_strand(canvas, strand, path, "forward"))
    return parts


def _arcs(canvas: Canvas) -> list[str]:
    """Strands that come back."""
    return [_strand(canvas, way.strand, _way_back(canvas, way), "back") for way in reversed(canvas.ways.ways)]


def _way_back(canvas: Canvas, way: Return) -> str:
    """Right out of the payer, up or down, back, and into the payee, with round corners."""
    begin, end = canvas.starts[way.strand], canvas.ends[way.strand]
    left, right = canvas.x[way.span[0]], canvas.x[way.span[1]] + BAR
    x_in, x_out = left - way.into, right + way.out
    lane = canvas.top - way.rise if way.is_above else canvas.top + canvas.places.height + way.rise
    up = -1.0 if way.is_above else 1.0
    r_out, r_in = (min(way.width / 2 + 3.0, abs(lane - y) / 2, x) for y, x in ((begin, way.out), (end, way.into)))
    return (
        f"M{right:.1f} {begin:.2f}H{x_out - r_out:.1f}Q{x_out:.1f} {begin:.2f} {x_out:.1f} {begin + up * r_out:.2f}"
        f"V{lane - up * r_out:.2f}Q{x_out:.1f} {lane:.2f} {x_out - r_out:.1f} {lane:.2f}"
        f"H{x_in + r_in:.1f}Q{x_in:.1f} {lane:.2f} {x_in:.1f} {lane - up * r_in:.2f}"
        f"V{end + up * r_in:.2f}Q{x_in:.1f} {end:.2f} {x_in + r_in:.1f} {end:.2f}H{left:.1f}"
    )


def _strand(canvas: Canvas, strand: Strand, path: str, way: str) -> str:
    """A strand as wide as its amount."""
    look, opacity = _look(canvas, strand)
    said = _told(canvas, strand)
    kinds = {edge.kind for pair in strand.pairs for edge in canvas.network.between(*pair)}
    size = strand.usd * canvas.places.px_per_usd
    drawn = f'<path d="{path}" class="{look}-s" stroke-width="{size:.3f}" stroke-opacity="{opacity:g}"/>'
    hues = " ".join(sorted(set(map(kind_look, kinds))))
    marks = f'class="item" data-way="{way}" data-loop="{strand.loop}" data-kinds="{hues}" data-usd="{strand.usd:.9g}"'
    marks += f' data-ends="{strand.payer} {strand.payee}"'
    return tipped(said, drawn, marks)


def _look(canvas: Canvas, strand: Strand) -> tuple[str, float]:
    if strand.loop != REST:
        return hue_look(LOOP_HUES[strand.loop] if strand.loop < LOOPS else SLATE), LOOP
    if canvas.layout.nodes[strand.payer].is_outside:
        return hue_look(ENTERS), STRAND
    return hue_look(LEAVES if canvas.layout.nodes[strand.payee].is_outside else PALE), STRAND + 0.1


def _told(canvas: Canvas, strand: Strand) -> list[str]:
    """What a strand says when pointed at."""
    here, there = canvas.layout.nodes[strand.payer], canvas.layout.nodes[strand.payee]
    said = [f"{here.name} \N{RIGHTWARDS ARROW} {there.name}: {usd(strand.usd)}, {_around(canvas.layout, strand)}"]
    for pair in strand.pairs[:MOST_PAIRS]:
        said += pair_lines(canvas.network, *pair, canvas.book)
        back = sum(edge.usd for edge in canvas.network.between(*pair[::-1]))
        said += [f"and back: {usd(back)}"] if back > 0.0 else []
    more = len(strand.pairs) - MOST_PAIRS
    return [*said, f"and {more} more pairs"] if more > 0 else said


def _around(layout: Layered, strand: Strand) -> str:
    if strand.loop == REST:
        return "does not go round"
    if strand.loop == LOOPS:
        return "in smaller circles"
    return f"goes round {path_of(list(layout.rounds[strand.loop].parties))}"


def _nodes(canvas: Canvas) -> list[str]:
    """Bars of the parties with their labels."""
    parts, labels = [], []
    for number, node in enumerate(canvas.layout.nodes):
        slot = canvas.places.slots[number]
        x, y = canvas.x[node.layer], canvas.top + slot.y
        look = hue_look(TIER_HUES[node.tier])
        bar = f'<rect x="{x:.1f}" y="{y:.1f}" width="{BAR:g}" height="{max(slot.size, 1.0):.2f}" class="{look}"/>'
        parts.append(tipped(_node_told(canvas, number, node), bar, f'class="node" data-node="{number}"'))
        lines = _label(canvas, node, slot, _room(canvas, number) - x - BAR - 10)
        first = y + slot.size / 2 + 4 - LABEL_LINE * (len(lines) - 1) / 2
        drawn = "".join(text(said, x + BAR + 4, first + LABEL_LINE * k, 11) for k, said in enumerate(lines))
        labels.append(f'<g class="d-halo label">{drawn}</g>')
    return [*parts, *labels]


def _label(canvas: Canvas, node: Node, slot: Slot, room: float) -> list[str]:
    """Name and amount of a node, on two lines where its bar is high enough; the name alone where there is no room."""
    amount = usd(slot.usd) + (" net" if node.is_outside and _is_netted(canvas, node.name) else "")
    if wide(f"{node.name} {amount}", 11) * WIDER <= room:
        return [f"{node.name} {amount}"]
    name = short(node.name, room / WIDER, 11)
    return [name, amount] if slot.size >= 2 * LABEL_LINE and wide(amount, 11) * WIDER <= room else [name]


def _is_netted(canvas: Canvas, sector: str) -> bool:
    """Whether money comes back to a sector from those whom it pays, which is taken off."""
    edges = canvas.network.edges if canvas.layout.netted_usd > 0.0 else ()
    paid = {edge.payee for edge in edges if edge.payer == sector}
    return any(edge.payee == sector and edge.payer in paid for edge in edges)


def _room(canvas: Canvas, number: int) -> float:
    """Where the label of a node must end: at the next node beside it, or two columns on."""
    node, own = canvas.layout.nodes[number], canvas.places.slots[number].middle
    for column in range(node.layer + 1, min(node.layer + 3, canvas.layout.columns)):
        beside = (canvas.places.slots[k] for k, each in enumerate(canvas.layout.nodes) if each.layer == column)
        if any(slot.y - LABEL / 2 < own < slot.y + slot.size + LABEL / 2 for slot in beside):
            return canvas.x[column]
    return canvas.x[node.layer + 2] if node.layer + 2 < canvas.layout.columns else WIDTH


def _node_told(canvas: Canvas, number: int, node: Node) -> list[str]:
    """What a node says when pointed at."""
    paid = sum(strand.usd for strand in canvas.layout.strands if strand.payer == number)
    received = sum(strand.usd for strand in canvas.layout.strands if strand.payee == number)
    said = [node.name, f"pays {usd(paid)}, gets {usd(received)} here"]
    if not node.is_outside:
        gap = received - paid
        said.append(f"keeps {usd(gap)}" if gap >= 0 else f"pays {usd(-gap)} from its own cash")
    return [*said, ", ".join(node.members)] if len(node.members) > 1 else said


def _heads(canvas: Canvas) -> list[str]:
    """Names of the tiers in each column."""
    parts: list[str] = []
    before: set[str] = set()
    for column, x in enumerate(canvas.x):
        sums: dict[str, float] = defaultdict(float)
        for number, node in enumerate(canvas.layout.nodes):
            if node.layer == column:
                sums[TIER_NAMES[node.tier]] += canvas.places.slots[number].usd
        names = sorted(sums, key=lambda name: -sums[name])[:2]
        room = (canvas.x[column + 1] if column + 1 < len(canvas.x) else WIDTH) - x
        said = and_list(names) if wide(and_list(names), 11) <= room - 6 else names[0]
        more = f"further {said}" if said in before else said
        before.add(said)
        parts.append(text(short(opening(more), room - 4, 11), x, 10, 11, "faint"))
    return parts
