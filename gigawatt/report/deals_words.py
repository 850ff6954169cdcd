"""What is paid between two parties, in words: kinds, deals with their status and dates, sources."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gigawatt import catalog
from gigawatt.deals.book import Network
from gigawatt.deals.book.network import Edge
from gigawatt.report.deals_ink import usd
from gigawatt.report.words import readable

if TYPE_CHECKING:
    from gigawatt.deals.book import Book, Deal, Payment

LONGEST = 90  # letters of the title of a source
MOST_DEALS = 5  # of one payment that are named
ARROW = " \N{RIGHTWARDS ARROW} "


def pair_lines(network: Network, payer: str, payee: str, book: Book | None = None) -> list[str]:
    """Who pays whom how much, then what it is paid for, under which deals, by which source."""
    edges = network.between(payer, payee)
    said = [f"{payer}{ARROW}{payee}: {usd(sum(edge.usd for edge in edges))} in {network.period}"]
    for edge in edges:
        said += edge_lines(edge, network, book)
    return said


def edge_lines(edge: Edge, network: Network, book: Book | None) -> list[str]:
    """What is paid for one thing, its deals and its sources."""
    said = [f"{readable(edge.kind)}: {usd(edge.usd)}"]
    if book is None:
        return said
    deals = {deal.key: deal for deal in book.deals}
    named = [deals[key] for key in edge.deals if key in deals]
    said += [f"\u2022 {deal_line(deal)}" for deal in named[:MOST_DEALS]]
    if len(named) > MOST_DEALS:
        said.append(f"\u2022 {len(named) - MOST_DEALS} more deals")
    found = [paid for paid in book.payments if paid.key in edge.payments and paid.year in network.years]
    kinds = dict.fromkeys(business_line(paid) for paid in found)
    return [*said, *kinds]


def deal_line(deal: Deal) -> str:
    """A deal: its key, instrument, amount, status, dates and source."""
    amount = usd(deal.amount) + between(deal.low, deal.high) if deal.known else "amount not disclosed"
    said = f"{deal.key}: {readable(deal.instrument)}, {amount}, {deal.status() or 'not yet known'}"
    return f"{said}, {deal.start} to {deal.end}; {source_line(deal.source, deal.confidence)}"


def business_line(paid: Payment) -> str:
    """A payment of a year in ordinary business: its range and source."""
    said = f"ordinary business of {paid.year}, {usd(paid.usd)}{between(paid.low_usd, paid.high_usd)}"
    return f"\u2022 {said}; {source_line(paid.source, paid.confidence)}"


def between(low: float, high: float) -> str:
    """A range in words, or nothing where it is not known or no range."""
    return f" ({usd(low)} to {usd(high)})" if low < high else ""


def source_line(key: str, confidence: str = "") -> str:
    """The title of a source, or its key where the catalog does not know it."""
    title = _titles().get(key, key) or "no source given"
    kind = f" ({confidence})" if confidence and confidence != key else ""
    return f"source: {cut(title)}{kind}"


def cut(said: str) -> str:
    """A text of at most LONGEST letters."""
    return said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


@cache
def _titles() -> dict[str, str]:
    return {source.key: source.title for source in catalog.sources()}


def path_of(names: list[str]) -> str:
    """A circle in words: A, B, C and A again."""
    return ARROW.join([*names, names[0]])
