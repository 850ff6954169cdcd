"""The networks of several years: of a book, or of the money ledger of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gigawatt.book_of_run import network_of_run, years_of
from gigawatt.cli.deals_networks import network_asked
from gigawatt.deals.book import LADDER, Network, network
from gigawatt.deals.circular import whole_years

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source


def networks_by_year(source: Source, status: str | None = None) -> list[Network]:
    """The networks of all years in which payments are whole, in order.

    Of a book, these are the years with ordinary business besides the deals; in others little but deals is known.
    """
    asked = status or source.status
    if source.run is not None:
        from gigawatt import store

        results = store.load(store.find(source.run, source.runs))
        return [network_of_run(results, year) for year in years_of(results)]
    network_asked(source, None, asked)  # refuses an unknown status
    book = source.load()
    return [network(book, year, asked) for year in whole_years(book)]


def networks_by_status(source: Source) -> list[Network]:
    """The networks of one year by filter, from drawn deals to all that was announced; of a run what it paid."""
    first = source.network()
    if source.run is not None:
        return [first]
    found = [network(source.load(), int(first.period), status) for status in LADDER]
    return [each for each in found if each.edges]
