"""What `gigawatt deals picture` draws: a picture of one year, or a page of all years of a book or a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gigawatt import store
from gigawatt.cli.deals_networks import FIRST_YEAR, network_of_run
from gigawatt.cli.deals_options import Source
from gigawatt.deals.book import network
from gigawatt.errors import GigawattError
from gigawatt.report import deals_pictures

if TYPE_CHECKING:
    from gigawatt.deals.book import Book

NEITHER = "--run has no deals: leave it out, or ask for a picture of payments: sankey, network"


def drawn(what: str, source: Source, page: bool, gross: bool = False) -> str:
    """The text of a picture or a page."""
    shown = source.network()
    book = source.load() if source.run is None else None
    if not page:
        return deals_pictures.picture(what, shown, book, gross)
    ask, years = asked(source, book)
    if what == "sankey":
        return deals_pictures.sankey_page(ask, years, shown, book, gross)
    return deals_pictures.network_page(ask, years, shown, book)


def asked(source: Source, book: Book | None) -> tuple[deals_pictures.Ask, list[int]]:
    """Networks by year and status, and the years: those whose ordinary business is known, or those of a run."""
    if book is not None:
        known = sorted({payment.year for payment in book.payments}) or list(book.years)
        years = [year for year in known if network(book, year, source.status).edges]
        return lambda year, status: network(book, year, status), years
    if source.run is None:
        raise GigawattError(NEITHER)
    results = store.load(store.find(source.run, source.runs))
    days = results["money"]["date"].astype("datetime64[Y]").astype(int) + FIRST_YEAR
    return lambda year, status: network_of_run(results, year), [int(year) for year in np.unique(days)]
