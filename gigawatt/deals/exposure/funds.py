"""What firms have beside the payments of a network: cash at the start of a year, and what ordinary business leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gigawatt.deals.book import Book, network
from gigawatt.deals.book.parties import or_zero

AT_WILL = frozenset({"dividend"})
"""Kinds of payment that nobody owes: a firm pays them if it has enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What firms have beside the payments of a network, in USD by name."""

    cash_usd: Mapping[str, float]  # at the start of the year, with committed credit lines; nan where nobody knows
    business_usd: Mapping[str, float] = field(default_factory=dict)  # left of ordinary business; may be below 0

    def cash(self, name: str) -> float:
        """Cash and lines; nan where nobody knows."""
        return self.cash_usd.get(name, math.nan)

    def business(self, name: str) -> float:
        """What ordinary business leaves in the year; 0 where nobody knows."""
        return or_zero(self.business_usd.get(name, math.nan))


def funds_of(book: Book, year: int, status: str = "firm") -> Funds:
    """Cash and committed credit lines at the start of a year, and what ordinary business leaves in it, by party.

    From the opening balance sheets on, each year's payments and ordinary business are added up; a firm that ran short
    starts the next year with nothing. Vehicles are paid for as they buy and keep no cash of their own: theirs is nan.
    """
    cash = {key: math.nan if party.tier == "vehicle" else party.cash_usd for key, party in book.parties.items()}
    business = {key: or_zero(party.revenue_usd * party.margin) for key, party in book.parties.items()}
    for before in range(book.as_of.year + 1, year):
        for edge in network(book, before, status).edges:
            cash[edge.payer] -= edge.usd
            cash[edge.payee] += edge.usd
        cash = {key: usd if math.isnan(usd) else max(0.0, usd + business[key]) for key, usd in cash.items()}
    lines = {key: or_zero(party.revolver_usd) for key, party in book.parties.items()}
    return Funds(cash_usd={key: usd + lines[key] for key, usd in cash.items()}, business_usd=business)
