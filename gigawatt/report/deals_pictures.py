"""Pictures of deals by name, as an SVG file or as a page with choices; the ending of the file decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.deals.book import LADDER, Network
from gigawatt.deals.book.deal import OVER
from gigawatt.report import deals_contagion, deals_network, deals_sankey, deals_timeline, deals_waterfall
from gigawatt.report.deals_ink import Drawing
from gigawatt.report.deals_layers import MOST
from gigawatt.report.deals_page import Axis, Page, html
from gigawatt.report.deals_ties import LAPSED, PAID
from gigawatt.report.page import write_whole

if TYPE_CHECKING:
    from gigawatt.deals.book import Book
    from gigawatt.deals.stress import Stress

Frames = dict[tuple[str, ...], Drawing]
Ask = Callable[[str, str], Network]
"""The network of a period under deals as sure as a status or surer."""


def is_page(path: Path) -> bool:
    """Whether a file is to be a page; ValueError for other endings than those of pages and pictures."""
    ending = path.suffix.lower()
    if ending not in (".svg", ".html"):
        raise ValueError(f"{path}: end its name in .svg for a picture or .html for a page")
    return ending == ".html"


def write(text: str, path: Path) -> Path:
    """Writes a picture or a page, whole or not at all; gives back the path."""
    return write_whole(text, path)


def sankey_page(
    ask: Ask, periods: Sequence[str], shown: Network, book: Book | None = None, gross: bool = False, most: int = MOST
) -> str:
    """The Sankey picture of all years, for a book by status as well, as a page."""
    statuses = LADDER if book is not None else (PAID,)
    frames: Frames = {}
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for period in periods:
        known: list[tuple[Network, tuple[str, ...]]] = []
        for status in statuses:
            network, key = ask(period, status), (period, status)
            twin = next((other for each, other in known if each.edges == network.edges), None)
            if twin is not None and key != (shown.period, shown.status):
                same[key] = twin
                continue
            known.append((network, key))
            frames[key] = deals_sankey.drawing(network, book, gross=gross, most=most)
    axes = Axis("Year", tuple(periods), slides=True), Axis("Deals as sure as", statuses)
    return html(Page(name="sankey", meta="Payments and circles", axes=axes, frames=frames, same=same,
                     kinds=found(frames, "kinds"), coloured=False, first=(shown.period, shown.status)))  # fmt: skip


def network_page(
    ask: Ask, periods: Sequence[str], shown: Network, book: Book | None = None, most: int = deals_network.MOST
) -> str:
    """The network by status of all years as a page."""
    frames: Frames = {}
    for period in periods:
        network = shown if shown.period == period else ask(period, shown.status)
        frames[(period,)] = deals_network.drawing(network, book, most=most)
    known = found(frames, "statuses")
    statuses = [status for status in (PAID, *LADDER, LAPSED) if status in known]
    axes = (Axis("Year", tuple(periods), slides=True),)
    return html(Page(name="network", meta="Ties by status", axes=axes, frames=frames, kinds=found(frames, "kinds"),
                     statuses=statuses if len(statuses) > 1 else (), first=(shown.period,)))  # fmt: skip


def contagion_page(found: Stress) -> str:
    """A shock quarter by quarter as a page with a slider that plays."""
    labels, drawn = deals_contagion.frames(found)
    frames: Frames = {(label,): each for label, each in zip(labels, drawn, strict=True)}
    axes = (Axis("Quarter", tuple(labels), slides=True, plays=True),)
    first = (found.calendar.label(found.calendar.shock),)
    return html(Page(name="contagion", meta="A shock, replayed", axes=axes, frames=frames, first=first))


def waterfall_page(found: Mapping[str, Stress]) -> str:
    """Losses by layer as a page, with a list where there are several shocks by name."""
    frames: Frames = {(name,): deals_waterfall.drawing(each) for name, each in found.items()}
    axes = (Axis("Who cannot pay", tuple(found)),)
    first = (list(found)[-1],)
    return html(Page(name="waterfall", meta="Losses by layer", axes=axes, frames=frames, first=first))


def timeline_page(book: Book, by: str = "instrument", parties: Collection[str] = (), status: str = "") -> str:
    """Deals by date as a page with a choice of lanes."""
    lanes = deals_timeline.LANES
    frames: Frames = {(each,): deals_timeline.drawing(book, by=each, parties=parties, status=status) for each in lanes}
    known = found(frames, "statuses")
    statuses = [each for each in (*LADDER, *OVER) if each in known]
    return html(Page(name="timeline", meta="Deals by date", axes=(Axis("Lanes by", lanes),), frames=frames,
                     kinds=found(frames, "kinds"), statuses=statuses, first=(by,)))  # fmt: skip


def found(frames: Mapping[tuple[str, ...], Drawing], what: str) -> list[str]:
    """Kinds or statuses in any frame."""
    return sorted({each for frame in frames.values() for each in frame.about.get(what, "").split()})
