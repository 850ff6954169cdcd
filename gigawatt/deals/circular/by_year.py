"""How much goes round, by year and by how sure the deals are: every definition beside the others, and their range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

from gigawatt.deals.book import LADDER, Book, Network, network
from gigawatt.deals.book.book import full_years
from gigawatt.deals.book.network import added_up
from gigawatt.deals.circular.returning import Returned, investment_returned
from gigawatt.deals.circular.scopes import Scoped, scoped
from gigawatt.deals.circularity import circularity
from gigawatt.deals.cycling import finn_cycling_index

NARROW = ("returned_least", "returned_proportional", "returned_most")
DEFINITIONS = {
    "returned_least": ("investment back, at least", "investment that must have come back to its investor as sales"),
    "returned_proportional": ("investment back, mixed", "the same if everybody passes on a mixture of its receipts"),
    "returned_most": ("investment back, at most", "the same if everybody passes on as much of it as can be"),
    "netted_in_pairs": ("netted in pairs", "what two parties pay back to each other, whichever way it came"),
    "cycling_index": ("Finn's cycling index", "of all that passes through, what has been with the same party before"),
    "circulation": ("maximum circulation", "the largest part of all payments that can be written as circles"),
    "hodge": ("Helmholtz-Hodge", "of squared net payments, what no ranking of the parties explains; no share of money"),
    "netted_at_once": ("netted at once", "what need not move if everybody settles with everybody; no circle is needed"),
}
"""Title of each definition, and what it says, from narrow to wide. All but two are shares of gross payments: the
cycling index is of all that passes through, the Helmholtz-Hodge share of squared amounts."""
NO_CIRCLE = ("hodge", "netted_at_once")
"""Definitions that can be above 0 where no money goes round: told, and left out of the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircularYear:
    """Circular shares of a period by definition, for one scope and one filter of statuses."""

    period: str
    status: str
    scope: str
    gross_usd: float
    circulation_usd: float
    shares: Mapping[str, float]  # by DEFINITIONS; nan where one has no value
    returned: tuple[Returned, ...]  # by investor

    @property
    def of_circles(self) -> dict[str, float]:
        """The shares that have a value, by definitions that are 0 where no money goes round."""
        return {name: share for name, share in self.shares.items() if not isnan(share) and name not in NO_CIRCLE}

    @property
    def least(self) -> tuple[str, float]:
        """The definition of circles that gives the least share, and the share."""
        return min(self.of_circles.items(), key=lambda each: each[1])

    @property
    def largest(self) -> tuple[str, float]:
        """The definition of circles that gives the largest share, and the share."""
        return max(self.of_circles.items(), key=lambda each: each[1])


def circularity_of(payments: Network, scope: str = "everybody") -> CircularYear:
    """Circular shares of one network by every definition.

    Raises:
        ValueError: The scope is unknown.
    """
    seen = scoped(payments, scope)
    wide = circularity(seen.counted.flows())
    gross_usd, round_usd = wide.gross_usd, wide.circulation * wide.gross_usd
    returned = investment_returned(seen.whole, seen.inner)
    least, mixed, most = (sum(each) for each in _columns(returned))
    # All that comes back goes round on circles of two steps or more, whoever's money it is.
    usd = dict(zip(NARROW, (least, mixed, min(most, round_usd / 2.0)), strict=True))
    narrow = {name: each / gross_usd if gross_usd > 0.0 else 0.0 for name, each in usd.items()}
    found = narrow | replace(wide, cycling_index=_cycling(seen)).shares()
    return CircularYear(
        period=payments.period, status=payments.status, scope=scope, gross_usd=gross_usd, circulation_usd=round_usd,
        shares={name: found[name] for name in DEFINITIONS}, returned=returned,
    )  # fmt: skip


def circularity_by_year(
    payments: Book | Iterable[Network], years: Iterable[int] | None = None, status: str = "firm",
    scope: str = "everybody",
) -> tuple[CircularYear, ...]:  # fmt: skip
    """Circular shares by year of a book, or of networks as they come; years in which nothing is paid are left out.

    Args:
        years: Calendar years of a book; by default all in which something is paid.
        status: Deals as sure as this or surer, of a book.
    """
    if isinstance(payments, Book):
        book = payments
        payments = [network(book, year, status) for year in (book.years if years is None else years)]
    return tuple(circularity_of(each, scope) for each in payments if each.edges)


def circularity_by_status(book: Book, year: int, scope: str = "everybody") -> tuple[CircularYear, ...]:
    """Circular shares of a year by filter, from deals that are drawn to all that was announced.

    Each filter holds the deals of those before it; ordinary payments are in all of them.
    """
    return tuple(circularity_of(network(book, year, status), scope) for status in LADDER)


def as_one(networks: Sequence[Network]) -> Network:
    """Several years as one: money invested in one can come back in the next, which no year shows alone.

    Raises:
        ValueError: There is no network.
    """
    if not networks:
        raise ValueError("there is no network to add up")
    if len(networks) == 1:
        return networks[0]
    tier = {name: kind for each in networks for name, kind in zip(each.parties, each.tiers, strict=True)}
    edges = added_up(edge for each in networks for edge in each.edges)
    periods = [each.period for each in networks]
    return replace(
        networks[0], parties=tuple(tier), tiers=tuple(tier.values()), period=f"{periods[0]} to {periods[-1]}",
        core=tuple(dict.fromkeys(name for each in networks for name in each.core)),
        edges=tuple(replace(edge, deals=tuple(dict.fromkeys(edge.deals)), payments=tuple(dict.fromkeys(edge.payments)))
                    for edge in edges),
    )  # fmt: skip


def whole_years(book: Book) -> list[int]:
    """Years whose ordinary payments the book tells in full; all years where it has none.

    In other years little but deals is known, so that shares of all payments say nothing.
    """
    return list(full_years(book.payments) or book.years)


def _columns(returned: tuple[Returned, ...]) -> list[list[float]]:
    names = ("least_usd", "proportional_usd", "most_usd")
    return [[getattr(each, name) for each in returned] for name in names]


def _cycling(seen: Scoped) -> float:
    """Finn's index of the inner parties, with what they get from the others as inputs; nan where it has no value."""
    try:
        return finn_cycling_index(seen.whole.among(seen.inner).flows(), seen.inputs_usd())
    except ValueError:
        return float("nan")
