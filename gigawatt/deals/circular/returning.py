"""Investment that comes back as purchases: the narrow circle, by investor, with bounds.

An investor's money is marked when it invests (equity, loan, bond) and followed from purchase to purchase until it is
back with the investor as sales, where it is counted once. Money in an account has no name, so there is a least and a
greatest amount that can have come back and one in between, if everybody passes on a mixture of what it gets.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gigawatt.deals.book import Edge, Network
from gigawatt.deals.flows import Flows, listed
from gigawatt.deals.tracing import trace_origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a party invests in others, and how much of it comes back to it as purchases, in USD."""

    investor: str
    invested_usd: float
    sales_usd: float  # all that others buy from it in the network
    least_usd: float
    proportional_usd: float
    most_usd: float
    deals: tuple[str, ...] = ()  # keys of the deals that it invests under
    payments: tuple[str, ...] = ()  # keys of the ordinary payments that it invests by

    def share_of_sales(self, usd: float) -> float:
        """An amount over its sales; 0 without sales."""
        return usd / self.sales_usd if self.sales_usd > 0.0 else 0.0

    def share_of_invested(self, usd: float) -> float:
        """An amount over what it invests."""
        return usd / self.invested_usd if self.invested_usd > 0.0 else 0.0


def investment_returned(network: Network, inner: Collection[str] | None = None) -> tuple[Returned, ...]:
    """By investor who also sells, how much of its investments comes back as purchases; most invested first.

    Args:
        network: All payments, also those that enter and leave: they thin out the money that is followed.
        inner: Parties that pass money on; by default all.
    """
    among = set(network.parties if inner is None else inner)
    found = []
    for name in network.parties:
        invested = [e for e in network.edges if e.payer == name and e.is_investment and {name, e.payee} <= among]
        sold = [e for e in network.edges if e.payee == name and e.is_purchase and e.payer in among]
        if name in among and invested and sold:
            sales_usd = sum(edge.usd for edge in network.edges if edge.payee == name and edge.is_purchase)
            found.append(_followed(network, name, among, invested, sales_usd))
    return tuple(sorted(found, key=lambda each: -each.invested_usd))


def _followed(network: Network, name: str, among: set[str], invested: list[Edge], sales_usd: float) -> Returned:
    source = len(network.parties)
    origin = trace_origin(_marked(network, name, among), source, bounds_of=[network.number(name)])
    at = network.number(name)
    return Returned(
        investor=name, invested_usd=sum(edge.usd for edge in invested), sales_usd=sales_usd,
        least_usd=float(origin.lower_usd[at]), proportional_usd=float(origin.proportional_usd[at]),
        most_usd=float(origin.upper_usd[at]), deals=tuple(key for edge in invested for key in edge.deals),
        payments=tuple(key for edge in invested for key in edge.payments),
    )  # fmt: skip


def _marked(network: Network, name: str, among: set[str]) -> Flows:
    """The payments with three parties more: the investor's purse, and two ends for what is not followed.

    What the investor pays otherwise, and all that is no purchase between parties of `among`, leaves at one end and
    enters from the other, so that it neither carries the money nor is forgotten.
    """
    place = {party: number for number, party in enumerate(network.parties)}
    purse, leaves, enters = (len(place) + extra for extra in range(3))
    rows: list[tuple[int, int, float]] = []
    for edge in network.edges:
        payer, payee, inner = place[edge.payer], place[edge.payee], {edge.payer, edge.payee} <= among
        if edge.payer == name:
            rows.append((purse if inner and edge.is_investment else enters, payee, edge.usd))
        elif inner and edge.is_purchase:
            rows.append((payer, payee, edge.usd))
        else:
            rows += [(payer, leaves, edge.usd), (enters, payee, edge.usd)]
    payers, payees, usd = zip(*rows, strict=True)
    return listed(payers, payees, usd, len(place) + 3)
