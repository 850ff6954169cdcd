"""Among whom money is asked to go round: everybody, the core firms only, or the core with all others merged.

The answer hangs on who is in the network. A sector such as `lenders` stands for everybody of its kind: who lends to one
firm is hardly ever who is repaid by another, so that a circle through a sector is one on paper.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.deals.book import SECTORS, Network
from gigawatt.deals.book.network import added_up
from gigawatt.deals.flows import Array

SCOPES = {
    "everybody": "all parties; sectors such as lenders are open ends: money enters and leaves there, no circle closes",
    "core": "payments from one core firm to another; all that enters the core or leaves it is left out",
    "merged": "the core firms one by one, all others merged by their place in the chain; circles through them count",
}
PAID = " (paid)"
MERGED = {
    "customers": "customers", "lab": "other labs", "cloud": "other clouds", "landlord": "landlords",
    "maker": "other makers", "supplier": "suppliers", "holding": "holdings", "vehicle": "vehicles",
    "lender": "lenders", "investor": "investors", "public": "government",
}  # fmt: skip
"""What parties outside the core are called together, by tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """A network as a scope sees it."""

    name: str  # one of SCOPES
    whole: Network  # with all that enters and leaves
    counted: Network  # the payments whose sum is the gross
    inner: tuple[str, ...]  # parties on whose circles money can go round

    def inputs_usd(self) -> Array:
        """What each inner party has from others than inner parties, or of its own cash, in USD, shape (inner,)."""
        got, paid, outside = (dict.fromkeys(self.inner, 0.0) for _ in range(3))
        for edge in self.whole.edges:
            if edge.payee in got:
                got[edge.payee] += edge.usd
                outside[edge.payee] += edge.usd if edge.payer not in paid else 0.0
            if edge.payer in paid:
                paid[edge.payer] += edge.usd
        return np.array([outside[name] + max(paid[name] - got[name], 0.0) for name in self.inner])


def scoped(network: Network, scope: str) -> Scoped:
    """The network as a scope sees it.

    Raises:
        ValueError: The scope is unknown.
    """
    if scope == "everybody":
        inner = tuple(name for name in network.parties if name not in SECTORS)
        return Scoped(name=scope, whole=network, counted=open_ended(network), inner=inner)
    if scope == "core":
        return Scoped(name=scope, whole=network, counted=network.among(network.core), inner=network.core)
    if scope == "merged":
        joined = merged(network, {name: MERGED[tier] for name, tier in _outside(network)})
        return Scoped(name=scope, whole=joined, counted=joined, inner=joined.parties)
    raise ValueError(f"scope must be one of {', '.join(SCOPES)}, is {scope!r}")


def open_ended(network: Network, ends: Collection[str] = tuple(SECTORS)) -> Network:
    """The same payments with each of `ends` as two parties, one that pays and one that is paid."""
    paid = {name for edge in network.edges if (name := edge.payee) in ends}
    tier = dict(zip(network.parties, network.tiers, strict=True))
    last = tuple(name for name in network.parties if name in paid)
    return replace(
        network, parties=network.parties + tuple(name + PAID for name in last),
        tiers=network.tiers + tuple(tier[name] for name in last),
        edges=tuple(replace(e, payee=e.payee + PAID) if e.payee in paid else e for e in network.edges),
    )  # fmt: skip


def merged(network: Network, into: dict[str, str]) -> Network:
    """The network with parties merged as `into` says; what they pay within a group is left out.

    A circle between groups stays one, whoever is merged; new ones can close where money reaches one member of a group
    and another one pays. What goes round within a group is lost, so that merging can raise or lower the share.
    """
    tier: dict[str, str] = {}
    for name, kind in zip(network.parties, network.tiers, strict=True):
        tier.setdefault(into.get(name, name), kind)
    edges = (replace(e, payer=into.get(e.payer, e.payer), payee=into.get(e.payee, e.payee)) for e in network.edges)
    return replace(
        network, parties=tuple(tier), tiers=tuple(tier.values()), edges=added_up(edges),
        core=tuple(name for name in network.core if name not in into),
    )  # fmt: skip


def _outside(network: Network) -> list[tuple[str, str]]:
    """Parties that are not of the core, with their tiers."""
    pairs = zip(network.parties, network.tiers, strict=True)
    return [(name, tier) for name, tier in pairs if name not in network.core]
