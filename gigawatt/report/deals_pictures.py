"""Pictures of deals by name, as an SVG file or as a page with choices; the ending of the file decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.deals.book import LADDER, Network
from gigawatt.report import deals_network, deals_sankey
from gigawatt.report.deals_ink import Drawing
from gigawatt.report.deals_page import Axis, Page, html
from gigawatt.report.deals_ties import LAPSED, PAID
from gigawatt.report.page import write_whole

if TYPE_CHECKING:
    from gigawatt.deals.book import Book

Ask = Callable[[int, str], Network]
"""The network of a year under deals as sure as a status or surer."""


def is_page(path: Path) -> bool:
    """Whether a file is to be a page; ValueError for other endings than those of pages and pictures."""
    ending = path.suffix.lower()
    if ending not in (".svg", ".html"):
        raise ValueError(f"{path}: end its name in .svg for a picture or .html for a page")
    return ending == ".html"


def write(text: str, path: Path) -> Path:
    """Writes a picture or a page, whole or not at all; gives back the path."""
    return write_whole(text, path)


def sankey_page(ask: Ask, years: Sequence[int], shown: Network, book: Book | None = None, gross: bool = False) -> str:
    """The Sankey picture of all years, for a book by status as well, as a page."""
    statuses = LADDER if book is not None else (PAID,)
    frames: dict[tuple[str, ...], Drawing] = {}
    same: dict[tuple[str, ...], tuple[str, ...]] = {}
    for year in years:
        known: list[tuple[Network, tuple[str, ...]]] = []
        for status in statuses:
            network, key = ask(year, status), (str(year), status)
            twin = next((other for each, other in known if each.edges == network.edges), None)
            if twin is not None and key != (shown.period, shown.status):
                same[key] = twin
                continue
            known.append((network, key))
            frames[key] = deals_sankey.drawing(network, book, gross=gross)
    axes = Axis("Year", tuple(map(str, years)), slides=True), Axis("Deals as sure as", statuses)
    return html(Page(name="sankey", meta="Payments and circles", axes=axes, frames=frames, same=same,
                     kinds=found(frames, "kinds"), first=(shown.period, shown.status)))  # fmt: skip


def network_page(ask: Ask, years: Sequence[int], shown: Network, book: Book | None = None) -> str:
    """The network by status of all years as a page."""
    frames: dict[tuple[str, ...], Drawing] = {}
    for year in years:
        network = shown if shown.period == str(year) else ask(year, shown.status)
        frames[(str(year),)] = deals_network.drawing(network, book)
    known = found(frames, "statuses")
    statuses = [status for status in (PAID, *LADDER, LAPSED) if status in known]
    axes = (Axis("Year", tuple(map(str, years)), slides=True),)
    return html(Page(name="network", meta="Ties by status", axes=axes, frames=frames, kinds=found(frames, "kinds"),
                     statuses=statuses if len(statuses) > 1 else (), first=(shown.period,)))  # fmt: skip


def found(frames: Mapping[tuple[str, ...], Drawing], what: str) -> list[str]:
    """Kinds or statuses in any frame."""
    return sorted({each for frame in frames.values() for each in frame.about.get(what, "").split()})


def picture(name: str, shown: Network, book: Book | None = None, gross: bool = False) -> str:
    """The picture of one network as text of an SVG file: `sankey` or `network`."""
    if name == "sankey":
        return deals_sankey.sankey(shown, book, gross=gross)
    return deals_network.network_picture(shown, book)
