"""The network asked for: of a year of a book, or of the money ledger of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gigawatt.book_of_run import network_of_run
from gigawatt.deals.book import Network, network
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source


def network_asked(source: Source, year: int | None, status: str) -> Network:
    """The network of one year; an error names the years that there are."""
    if source.run is not None:
        from gigawatt import store

        return network_of_run(store.load(store.find(source.run, source.runs)), year)
    from gigawatt.cli.deals_options import YEAR

    book = source.load()
    wanted = YEAR if year is None and YEAR in book.years else year if year is not None else max(book.years)
    found = network(book, wanted, status)
    if not found.edges:
        raise GigawattError(f"nothing is paid in {wanted}: the book has {book.years[0]} to {book.years[-1]}")
    return found
