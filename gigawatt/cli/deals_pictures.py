"""What `gigawatt deals picture` draws: a picture, or a page of all years, quarters or lanes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt import store
from gigawatt.cli.deals_networks import FIRST_YEAR, network_of_run
from gigawatt.cli.deals_options import Source
from gigawatt.deals.book import LADDER, network
from gigawatt.errors import GigawattError, nearest
from gigawatt.report import deals_contagion, deals_network, deals_pictures, deals_sankey, deals_timeline
from gigawatt.report.deals_waterfall import waterfall_picture

if TYPE_CHECKING:
    from gigawatt.deals.book import Book
    from gigawatt.deals.stress import Stress

TOGETHER = "all at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the options say; `shock` are the arguments of `stress` beside names and status."""

    what: str
    page: bool
    source: Source
    gross: bool
    by: str
    parties: tuple[str, ...]
    defaults: tuple[str, ...]
    shock: dict[str, Any]


def drawn(wanted: Wanted) -> str:
    """The text of a picture or a page."""
    match wanted.what:
        case "sankey" | "network":
            return _payments(wanted)
        case "timeline":
            return _timeline(wanted)
        case "waterfall" if wanted.page:
            return deals_pictures.waterfall_page(_each(wanted))
        case "waterfall":
            return waterfall_picture(_stressed(wanted, wanted.defaults))
    found = _stressed(wanted, wanted.defaults)
    return deals_pictures.contagion_page(found) if wanted.page else deals_contagion.contagion(found)


def _payments(wanted: Wanted) -> str:
    """Who pays whom: the year asked for, or a page of all years."""
    shown, book = wanted.source.network(), wanted.source.load() if wanted.source.run is None else None
    if wanted.page:
        ask, years = _asked(wanted.source, book)
        if wanted.what == "sankey":
            return deals_pictures.sankey_page(ask, years, shown, book, wanted.gross)
        return deals_pictures.network_page(ask, years, shown, book)
    if wanted.what == "sankey":
        return deals_sankey.sankey(shown, book, gross=wanted.gross)
    return deals_network.network_picture(shown, book)


def _asked(source: Source, book: Book | None) -> tuple[deals_pictures.Ask, list[int]]:
    """Networks by year and status, and the years: those whose ordinary business is known, or those of a run."""
    if book is not None:
        known = sorted({payment.year for payment in book.payments}) or list(book.years)
        years = [year for year in known if network(book, year, source.status).edges]
        return lambda year, status: network(book, year, status), years
    results = store.load(store.find(str(source.run), source.runs))
    days = results["money"]["date"].astype("datetime64[Y]").astype(int) + FIRST_YEAR
    return lambda year, status: network_of_run(results, year), [int(year) for year in np.unique(days)]


def _timeline(wanted: Wanted) -> str:
    """The deals by date."""
    book, status = wanted.source.load(), wanted.source.status
    if status and status not in LADDER:
        near = nearest(status, LADDER)
        raise GigawattError(f"--status {status}: unknown{f'; did you mean {near}?' if near else ''} "
                            f"known: {', '.join(LADDER)}")  # fmt: skip
    if wanted.page:
        return deals_pictures.timeline_page(book, wanted.by, wanted.parties, status)
    return deals_timeline.timeline(book, by=wanted.by, parties=wanted.parties, status=status)


def _stressed(wanted: Wanted, names: tuple[str, ...]) -> Stress:
    """The shock asked for, to these names."""
    from gigawatt.deals.stress import stress

    if not names and not wanted.shock["markets_shut"]:
        raise GigawattError("say who cannot pay, as --default OpenAI, or for how long markets shut, as --shut 4")
    return stress(wanted.source.load(), names, status=wanted.source.status, **wanted.shock)


def _each(wanted: Wanted) -> dict[str, Stress]:
    """Each name alone, then all at once."""
    names = wanted.defaults
    if len(names) < 2:
        return {"".join(names) or TOGETHER: _stressed(wanted, names)}
    return {**{name: _stressed(wanted, (name,)) for name in names}, TOGETHER: _stressed(wanted, names)}
