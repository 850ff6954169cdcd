"""How sure amounts are: USD by the confidence of the payments and deals that they stand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from gigawatt.deals.book.book import Book, Payment
from gigawatt.deals.book.network import Network
from gigawatt.deals.book.schedule import due_usd

CONFIDENCES = ("primary", "press", "secondary", "own-estimate")
"""From filings and contracts, from newspapers, from those who retell them, and estimated here."""
UNSTATED = "not stated"
ROUNDED = 1e-9  # of an amount: no more than rounding


class Paid(Protocol):
    """An amount with the keys of the deals and payments that it stands on, such as an edge of a network."""

    @property
    def usd(self) -> float: ...
    @property
    def deals(self) -> tuple[str, ...]: ...
    @property
    def payments(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Grounds:
    """What amounts of some calendar years stand on in a book."""

    book: Book
    years: tuple[int, ...]

    def usd(self, paid: Iterable[Paid]) -> dict[str, float]:
        """USD of amounts by confidence, those of CONFIDENCES that occur, then UNSTATED.

        A payment counts with its own confidence, also where deals are inside it; what is above the payments is that of
        the deals, in proportion to what falls due under each.
        """
        found: dict[str, float] = dict.fromkeys((*CONFIDENCES, UNSTATED), 0.0)
        for each in paid:
            for confidence, usd in self._parts(each):
                found[confidence if confidence in CONFIDENCES else UNSTATED] += usd
        return {name: usd for name, usd in found.items() if usd > 0.0}

    def most(self, paid: Paid) -> str:
        """The confidence of the largest part of an amount; UNSTATED where nothing is known of it."""
        found = self.usd([paid])
        return max(found, key=lambda name: found[name]) if found else UNSTATED

    def _parts(self, paid: Paid) -> list[tuple[str, float]]:
        said = [self._payments[key, year] for key in dict.fromkeys(paid.payments) for year in self.years
                if (key, year) in self._payments]  # fmt: skip
        parts = [(each.confidence, each.usd) for each in said]
        rest_usd = paid.usd - sum(usd for _, usd in parts)
        if rest_usd <= ROUNDED * paid.usd:
            return parts
        deals = [self.book.deal(key) for key in dict.fromkeys(paid.deals)]
        due = [sum(due_usd(deal, year) for year in self.years) for deal in deals]
        if sum(due) <= 0.0:
            return [*parts, (UNSTATED, rest_usd)]
        return parts + [(deal.confidence, rest_usd * usd / sum(due)) for deal, usd in zip(deals, due, strict=True)]

    @cached_property
    def _payments(self) -> dict[tuple[str, int], Payment]:
        return {(each.key, each.year): each for each in self.book.payments}


def usd_by_confidence(book: Book, payments: Network) -> dict[str, float]:
    """USD of a network of a book by the confidence of its payments and deals; they add up to its gross payments."""
    return Grounds(book, tuple(payments.years)).usd(payments.edges)


def shares_by_confidence(book: Book, payments: Network) -> dict[str, float]:
    """The same as shares of all that is paid, 0 to 1; empty where nothing is."""
    found = usd_by_confidence(book, payments)
    return {name: usd / sum(found.values()) for name, usd in found.items()}
