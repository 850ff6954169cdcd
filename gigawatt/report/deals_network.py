"""A network of deals by status: solid where paid or firm, dashed, dotted, or grey and struck where lapsed."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from gigawatt.deals.book import Network
from gigawatt.report.deals_ink import (
    FAMILIES,
    KIND_HUES,
    TIER_HUES,
    TIER_NAMES,
    Drawing,
    family,
    hue_look,
    kind_look,
    legend_rows,
    round_usd,
    stroke,
    svg,
    tipped,
    usd,
)
from gigawatt.report.deals_sankey_words import years_said
from gigawatt.report.deals_spots import STAGGER, Spot, apart, curve, heads, spots
from gigawatt.report.deals_ties import LAPSED, PAID, Tie, Ties, ties
from gigawatt.report.gantt_svg import short, text
from gigawatt.report.palette import PALE

if TYPE_CHECKING:
    from gigawatt.deals.book import Book

HEIGHT = 660.0
MOST = 40  # parties of their own
BROAD, HAIR = 16.0, 0.8  # widest line, and narrowest
DASHES = {  # of a line by status
    PAID: "", "drawn": "", "firm": "", LAPSED: "",
    "signed": "12 2", "terminable": "9 4", "conditional": "6 5", "announced": "1.5 4",
}  # fmt: skip
WORDS = {
    "": "paid, drawn or firm", "12 2": "signed", "9 4": "terminable on notice", "6 5": "conditional",
    "1.5 4": "announced",
}  # fmt: skip
STRUCK = "lapsed: would have been paid"


def network_picture(network: Network, book: Book | None = None, *, most: int = MOST) -> str:
    """The picture as text of an SVG file.

    Args:
        network: What is paid, deals as sure as its status or surer.
        book: Where statuses, deals and sources come from; without it all is paid.
        most: Parties with a circle of their own, the largest; the others of a tier stand as one.
    """
    return svg(drawing(network, book, most=most))


def drawing(network: Network, book: Book | None = None, *, most: int = MOST) -> Drawing:
    """The picture without a frame."""
    found = ties(network, book, most)
    where = _spots(found)
    top = max((tie.usd for tie in found.drawn if not tie.is_contingent), default=1.0)
    lines = _lines(found, where, BROAD / top)
    key, end = _legend(found, BROAD / top, HEIGHT + 50)
    parts = (*heads(found.tier, where), *lines, *_circles(found, where), *key)
    about = {"kinds": {tie.kind for tie in found.drawn}, "statuses": {tie.status for tie in found.drawn}}
    return Drawing(
        title=f"Who is tied to whom in {network.period}, by status", answer=_answer(found, network), parts=parts,
        height=end, notes=_notes(found, network), about={key: " ".join(sorted(each)) for key, each in about.items()},
    )  # fmt: skip


def _spots(found: Ties) -> dict[str, Spot]:
    """Where the parties stand."""
    weight: dict[tuple[str, str], float] = defaultdict(float)
    for tie in found.drawn:
        weight[tie.payer, tie.payee] += math.sqrt(tie.usd)
    return spots(found.tier, {name: found.gross_usd[name] for name in found.tier}, weight, HEIGHT)


# --------------------------------------------------------------------------------------------------------------- marks
def _lines(found: Ties, where: dict[str, Spot], px_per_usd: float) -> list[str]:
    """Ties as curved arrows, the broadest below; those of the same two parties beside each other."""
    parts, seen = [], dict[tuple[str, str], int]()
    number = {name: place for place, name in enumerate(where)}
    for tie in found.drawn:
        pair = tie.payer, tie.payee
        seen[pair] = seen.get(pair, 0) + 1
        ends = " ".join(str(number[name]) for name in pair)
        parts.append(_line(tie, where[tie.payer], where[tie.payee], seen[pair] - 1, px_per_usd, ends))
    return parts


def _line(tie: Tie, here: Spot, there: Spot, turn: int, px_per_usd: float, ends: str) -> str:
    """A tie, bent to its right, so that the way back runs beside it."""
    size = HAIR if tie.is_contingent else max(HAIR, tie.usd * px_per_usd)
    aside = 26.0 if abs(there.x - here.x) < 4 * STAGGER else 6.0
    bend = min(0.10 * apart(here, there) + 9.0 * turn + aside, 90.0)
    way = curve(here, there, bend, head=4.0 + 1.1 * size, half=2.0 + 0.75 * size)
    look = hue_look(PALE) if tie.status == LAPSED else kind_look(tie.kind)
    dash = "2 5" if tie.is_contingent else DASHES[tie.status]
    dashes = f' stroke-dasharray="{dash}" stroke-linecap="{"round" if dash[0] == "1" else "butt"}"' if dash else ""
    line = f'd="{way.line}" class="{look}-s" stroke-width="{size:.3f}"'
    drawn = f'<path {line} stroke-opacity="0.75"{dashes}/><path d="{way.head}" class="{look}"/>'
    if tie.status == LAPSED:
        drawn += _strike(*way.middle)
    marks = f'class="item" data-status="{tie.status}" data-kinds="{kind_look(tie.kind)}" data-usd="{tie.usd:.9g}"'
    called = ' data-called="yes"' if tie.is_contingent else ""
    return tipped(tie.said, drawn, f'{marks}{called} data-ends="{ends}"')


def _strike(x: float, y: float) -> str:
    """A cross over a line that is no more."""
    return (
        f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10M{x - 5:.1f} {y + 5:.1f}l10 -10" class="g-late-s" stroke-width="1.6"/>'
    )


def _circles(found: Ties, where: dict[str, Spot]) -> list[str]:
    """Parties with their names below them."""
    parts, labels = [], []
    for number, (name, spot) in enumerate(where.items()):
        look = hue_look(TIER_HUES[found.tier[name]])
        said = [name, f"pays and gets {usd(found.gross_usd[name])}", TIER_NAMES[found.tier[name]]]
        said += [", ".join(found.members[name])] if name in found.members else []
        drawn = f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="{spot.radius:.1f}" class="{look}"/>'
        parts.append(tipped(said, drawn, f'class="node" data-node="{number}"'))
        label = text(short(name, 120, 11), spot.x, spot.y + spot.radius + 12, 11, anchor="middle")
        labels.append(f'<g class="d-halo label">{label}</g>')
    return [*parts, *labels]


# --------------------------------------------------------------------------------------------------------------- words
def _legend(found: Ties, px_per_usd: float, y: float) -> tuple[list[str], float]:
    """Colours of the kinds there are, dashes of the statuses there are, and the scale."""
    kinds = {family(tie.kind) for tie in found.drawn}
    colours = [(stroke(hue_look(KIND_HUES[name]), 4.0), name) for name in FAMILIES if name in kinds]
    parts, y = legend_rows(colours, y)
    sample = round_usd(8.0 / px_per_usd)
    statuses = {DASHES[tie.status] for tie in found.drawn if tie.status != LAPSED and not tie.is_contingent}
    lines = [(stroke("g-soft", sample * px_per_usd), f"{usd(sample)}: {sample * px_per_usd:.1f} px wide")]
    lines += [(stroke("g-soft", 2.5, dash), said) for dash, said in WORDS.items() if dash in statuses]
    if any(tie.is_contingent for tie in found.drawn):
        lines.append((stroke("d-a24a96", 1.2, "2 5"), "guarantee: pays only if called, width says nothing"))
    if any(tie.status == LAPSED for tie in found.drawn):
        lines.append((f"{stroke(hue_look(PALE), 3.0)}{_strike(9, 0)}", STRUCK))
    drawn, y = legend_rows(lines, y + 21)
    return [*parts, *drawn], y


def _answer(found: Ties, network: Network) -> str:
    """What the picture shows, by status."""
    sums: dict[str, float] = defaultdict(float)
    for tie in found.drawn:
        if not tie.is_contingent:
            sums[DASHES[tie.status] if tie.status != LAPSED else LAPSED] += tie.usd
    lapsed = sums.pop(LAPSED, 0.0)
    said = [f"{usd(amount)} {WORDS[dash]}" for dash, amount in sorted(sums.items(), key=lambda each: -each[1])]
    after = f"; {usd(lapsed)} would have been and lapsed" if lapsed else ""
    return f"Among named parties, lenders and investors in {network.period}: {', '.join(said)}{after}."


def _notes(found: Ties, network: Network) -> tuple[str, ...]:
    """Definitions, what is not drawn, and the source."""
    said = [
        f"Width is the amount; lines below {HAIR:g} px are drawn as hairlines. The area of a circle is in "
        "proportion to all that the party pays and gets."
    ]
    if found.business_usd:
        said.append(
            f"{usd(found.business_usd)} is not drawn and counts in the circles: business with customers, suppliers, "
            "builders, utilities and governments; interest, repayment and dividends to lenders and investors."
        )
    if found.members:
        names = "; ".join(f"{name}: {', '.join(each)}" for name, each in found.members.items())
        inside = f"; {usd(found.inside_usd)} among them is not drawn" if found.inside_usd else ""
        said.append(f"Small parties stand together ({names}){inside}.")
    source = "the money ledger of the run" if network.status == PAID else "the book of deals; status as last known"
    return (*said, f"Source: {source}, calendar {years_said(network)}.")
