"""The networks of several years: of a book, or of the money ledger of a run; one by one, or added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gigawatt.book_of_run import network_of_run, years_of
from gigawatt.cli.deals_networks import network_asked
from gigawatt.deals.book import LADDER, Book, Network, network, usd_by_confidence
from gigawatt.deals.circular import as_one, whole_years
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source


def networks_by_year(source: Source, status: str | None = None) -> list[Network]:
    """The networks of all years in which payments are whole, in order.

    Of a book, these are the years with ordinary business besides the deals; in others little but deals is known.
    """
    asked = status or source.status
    source.require_one()
    if source.run is not None:
        from gigawatt import store

        results = store.load(store.find(source.run, source.runs))
        return [network_of_run(results, year) for year in years_of(results)]
    network_asked(source, None, asked)  # refuses an unknown status
    book = source.load()
    return [network(book, year, asked) for year in whole_years(book)]


def network_to(source: Source, to: int | None) -> Network:
    """The network of the year asked for, or of all years from it to another as one.

    Raises:
        GigawattError: The last year is before the first.
    """
    first = source.network()
    if to is None:
        return first
    years = _years(first, to)
    return as_one([first, *(source.network(year) for year in years[1:])])


def networks_by_status(source: Source, to: int | None = None) -> list[Network]:
    """The networks of the years asked for by filter, from drawn deals to all announced; of a run what it paid."""
    first = source.network()
    if source.run is not None:
        return [network_to(source, to)]
    book = source.load()
    found = [network_of_book(book, _years(first, to), status) for status in LADDER]
    return [each for each in found if each.edges]


def network_of_book(book: Book, years: range, status: str) -> Network:
    """The network of several years of a book as one."""
    return as_one([network(book, year, status) for year in years])


def _years(first: Network, to: int | None) -> range:
    begin = int(first.period)
    if to is not None and to < begin:
        raise GigawattError(f"--to {to} is before the year {begin}")
    return range(begin, (to or begin) + 1)


def confidence_of(source: Source, found: Network) -> dict[str, float]:
    """USD of a network by the confidence of its payments and deals; empty for a run, which computes them."""
    return {} if source.run is not None else usd_by_confidence(source.load(), found)
