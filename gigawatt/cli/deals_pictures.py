"""What `gigawatt deals picture` draws: a picture, or a page of all years, quarters or lanes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_options import Source
from gigawatt.cli.deals_years import network_of_book, network_to, networks_by_year
from gigawatt.deals.book import network
from gigawatt.errors import GigawattError, named
from gigawatt.report import deals_contagion, deals_network, deals_pictures, deals_sankey, deals_timeline
from gigawatt.report.deals_layers import MOST
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
    to: int | None
    source: Source
    gross: bool
    most: int | None
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
    """Who pays whom: the years asked for, or a page of all years."""
    source = wanted.source
    shown, book = network_to(source, wanted.to), source.load() if source.run is None else None
    if wanted.page:
        ask, periods = _asked(source, book, wanted.to)
        if wanted.what == "sankey":
            return deals_pictures.sankey_page(ask, periods, shown, book, wanted.gross, _most(wanted, MOST))
        return deals_pictures.network_page(ask, periods, shown, book, _most(wanted, deals_network.MOST))
    if wanted.what == "sankey":
        return deals_sankey.sankey(shown, book, gross=wanted.gross, most=_most(wanted, MOST))
    return deals_network.network_picture(shown, book, most=_most(wanted, deals_network.MOST))


def _most(wanted: Wanted, otherwise: int) -> int:
    """How many parties stand alone."""
    if wanted.most is not None and wanted.most < 1:
        raise GigawattError(f"--most {wanted.most}: at least 1")
    return wanted.most or otherwise


def _asked(source: Source, book: Book | None, to: int | None) -> tuple[deals_pictures.Ask, list[str]]:
    """Networks by period and status, and the periods: all whole years, or the years asked for as one."""
    if to is not None:
        only = network_to(source, to)
        if book is None:
            return lambda period, status: only, [only.period]
        return lambda period, status: network_of_book(book, only.years, status), [only.period]
    if book is None:
        known = {network.period: network for network in networks_by_year(source)}
        return lambda period, status: known[period], list(known)
    periods = [each.period for each in networks_by_year(source) if each.edges]
    shown = source.network().period
    if shown not in periods:
        periods = sorted([*periods, shown], key=int)
    return lambda period, status: network(book, int(period), status), periods


def _timeline(wanted: Wanted) -> str:
    """The deals by date."""
    book, status = wanted.source.load(), wanted.source.status
    known = [name for name in book.parties if any(name in (deal.payer, deal.payee) for deal in book.deals)]
    parties = tuple(named("party of a deal", name, known) for name in wanted.parties)
    if wanted.page:
        return deals_pictures.timeline_page(book, wanted.by, parties, status)
    return deals_timeline.timeline(book, by=wanted.by, parties=parties, status=status)


def _stressed(wanted: Wanted, names: tuple[str, ...]) -> Stress:
    """The shock asked for, to these names."""
    from gigawatt.deals.stress import stress

    if not names and not wanted.shock["markets_shut"]:
        raise GigawattError("say who cannot pay, as --default OpenAI, or for how long markets shut, as --shut 4")
    book = wanted.source.load()
    firms = [named("party", name, book.parties) for name in names]
    return stress(book, firms, status=wanted.source.status, **wanted.shock)


def _each(wanted: Wanted) -> dict[str, Stress]:
    """Each name alone, then all at once."""
    names = wanted.defaults
    if len(names) < 2:
        return {"".join(names) or TOGETHER: _stressed(wanted, names)}
    return {**{name: _stressed(wanted, (name,)) for name in names}, TOGETHER: _stressed(wanted, names)}
