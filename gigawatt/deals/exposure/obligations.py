"""Can each firm pay what it owes in a year: the payments of a network as dues, cleared against cash and receipts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gigawatt.deals.book import SECTORS, Book, Edge, Network, network
from gigawatt.deals.clearing_by_rank import ClearingByRank, clearing_by_rank
from gigawatt.deals.flows import Array

RANKS = (
    frozenset({"operations", "core", "energy", "tax", "transfer"}),
    frozenset({"interest", "repayment"}),
    frozenset({"chips", "compute", "subscription", "rent", "build", "revenue_share"}),
    frozenset({"equity", "loan", "bond"}),
)
"""Kinds of payment by who is paid first: what keeps a firm running, lenders, suppliers, new money for others."""

AT_WILL = frozenset({"dividend"})
"""Kinds that nobody owes: a firm pays them if it has enough."""


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
        return _known(self.business_usd.get(name, math.nan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """Dues of one year between firms and to everybody else, in USD; arrays by rank have shape (ranks, firms)."""

    firms: tuple[str, ...]
    core: tuple[str, ...]
    owed: Array  # shape (ranks, firms, firms)
    owed_outside: Array
    means: Array  # cash at the start, credit lines, and what comes from everybody else, shape (firms,)
    unknown: tuple[str, ...] = ()  # named parties of which no cash is known: taken to pay in full

    def without(self, edge: Edge) -> Obligations:
        """The same year without one payment."""
        owed, outside, means = self.owed.copy(), self.owed_outside.copy(), self.means.copy()
        _add(edge, -edge.usd, self.firms, owed, outside, means)
        return Obligations(firms=self.firms, core=self.core, owed=np.maximum(owed, 0.0), unknown=self.unknown,
                           owed_outside=np.maximum(outside, 0.0), means=np.maximum(means, 0.0))  # fmt: skip

    def cleared(self, alpha: float = 1.0, beta: float = 1.0) -> ClearingByRank:
        """Payments of each firm if all dues of the year are settled at once."""
        return clearing_by_rank(list(self.owed), self.means, self.owed_outside, alpha=alpha, beta=beta,
                                names=self.firms)  # fmt: skip


def obligations(net: Network, funds: Funds) -> Obligations:
    """What firms with known cash owe in the year of a network, and what they have to pay it from.

    Ordinary business that leaves something adds to what a firm has; one that costs something is owed first. Dividends
    and buybacks are not owed. Everybody else is taken to pay what the network says.
    """
    named = [name for name in net.parties if name not in SECTORS]
    firms = tuple(name for name in named if not math.isnan(funds.cash_usd.get(name, math.nan)))
    business = np.array([funds.business(name) for name in firms])
    owed, outside = np.zeros((len(RANKS), len(firms), len(firms))), np.zeros((len(RANKS), len(firms)))
    means = np.array([funds.cash(name) for name in firms]) + np.maximum(0.0, business)
    outside[0] = np.maximum(0.0, -business)
    for edge in net.edges:
        _add(edge, edge.usd, firms, owed, outside, means)
    return Obligations(
        firms=firms, core=tuple(name for name in net.core if name in firms), owed=owed, owed_outside=outside,
        means=means, unknown=tuple(name for name in named if name not in firms),
    )  # fmt: skip


def funds_of(book: Book, year: int, status: str = "firm") -> Funds:
    """Cash and committed credit lines at the start of a year, and what ordinary business leaves in it, by party.

    From the opening balance sheets on, each year's payments and ordinary business are added up; a firm that ran short
    starts the next year with nothing. Vehicles are paid for as they buy and keep no cash of their own: theirs is nan.
    """
    cash = {key: math.nan if party.tier == "vehicle" else party.cash_usd for key, party in book.parties.items()}
    business = {key: _known(party.revenue_usd * party.margin) for key, party in book.parties.items()}
    for before in range(book.as_of.year + 1, year):
        for edge in network(book, before, status).edges:
            cash[edge.payer] -= edge.usd
            cash[edge.payee] += edge.usd
        cash = {key: usd if math.isnan(usd) else max(0.0, usd + business[key]) for key, usd in cash.items()}
    lines = {key: _known(party.revolver_usd) for key, party in book.parties.items()}
    return Funds(cash_usd={key: usd + lines[key] for key, usd in cash.items()}, business_usd=business)


def rank_of(kind: str) -> int:
    """Place of a kind of payment among the ranks; what is unknown is paid with the suppliers."""
    return next((number for number, kinds in enumerate(RANKS) if kind in kinds), 2)


def _add(edge: Edge, usd: float, firms: tuple[str, ...], owed: Array, outside: Array, means: Array) -> None:
    """A payment's part in dues and means, in place."""
    if edge.kind in AT_WILL:
        return
    rank = rank_of(edge.kind)
    if edge.payer in firms and edge.payee in firms:
        owed[rank, firms.index(edge.payer), firms.index(edge.payee)] += usd
    elif edge.payer in firms:
        outside[rank, firms.index(edge.payer)] += usd
    elif edge.payee in firms:
        means[firms.index(edge.payee)] += usd


def _known(usd: float) -> float:
    return 0.0 if math.isnan(usd) else usd
