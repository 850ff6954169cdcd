"""The book: parties, their deals and their ordinary business, as known on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gigawatt.deals.book.deal import GUARANTEES, Deal, as_sure
from gigawatt.deals.book.parties import Party

PAYMENT_KINDS = (
    "chips", "compute", "subscription", "operations", "core", "energy", "build", "rent", "revenue_share", "equity",
    "loan", "bond", "repayment", "interest", "dividend", "tax", "transfer", "guarantee",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Ordinary business of one calendar year between two parties, such as a maker's sales of chips to a cloud."""

    key: str
    payer: str
    payee: str
    kind: str  # one of PAYMENT_KINDS
    year: int
    usd: float
    low_usd: float = float("nan")  # 90 % interval
    high_usd: float = float("nan")
    covers: bool = False  # True if the deals of the same payer, payee and kind in the year are inside it
    confidence: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Book:
    """Who pays, owns, owes and guarantees whom."""

    as_of: date  # day of the opening balance sheets
    parties: Mapping[str, Party]
    deals: tuple[Deal, ...]
    payments: tuple[Payment, ...] = ()

    @property
    def core(self) -> tuple[str, ...]:
        """The firms whose circle is asked for."""
        return tuple(key for key, party in self.parties.items() if party.core)

    def deal(self, key: str) -> Deal:
        """A deal by its key.

        Raises:
            KeyError: There is none.
        """
        return self._by_key[key]

    def standing(self, status: str = "announced", day: date | None = None) -> tuple[Deal, ...]:
        """Deals as sure as `status` or surer on a day, the last one by default, whose money no other of them holds.

        Raises:
            ValueError: The status is not on the ladder.
        """
        sure = (deal for deal in self.deals if as_sure(deal.status(day), status))
        return tuple(deal for deal in sure if not self.held(deal, day, status))

    def held(self, deal: Deal, day: date | None = None, status: str = "announced") -> bool:
        """True if a payment, or another deal as sure as `status` on the day, holds the money of a deal.

        A lease that is firm stands for itself among firm deals, though an agreement that can be ended holds its money.
        """
        holder = self._by_key.get(deal.counted_in)
        return bool(deal.counted_in) and (holder is None or as_sure(holder.status(day), status))

    @cached_property
    def _by_key(self) -> Mapping[str, Deal]:
        return {deal.key: deal for deal in self.deals}

    @property
    def years(self) -> range:
        """Calendar years in which something is paid."""
        said = [payment.year for payment in self.payments]
        deals = [deal for deal in self.standing() if deal.known and deal.instrument not in GUARANTEES]
        paid = [day.year for deal in deals for day in (deal.start, deal.end)]
        return range(min([*said, *paid], default=0), max([*said, *paid], default=-1) + 1)


def full_years(payments: Iterable[Payment]) -> tuple[int, ...]:
    """Years told as fully as others: with at least half as many payments as the year with most.

    What only some contracts say of years far off does not make a year of ordinary business.
    """
    counts = Counter(payment.year for payment in payments)
    return tuple(sorted(year for year, count in counts.items() if 2 * count >= max(counts.values())))


def parties_of(deals: Iterable[Deal], payments: Iterable[Payment] = ()) -> set[str]:
    """Everybody who pays or is paid."""
    pairs = [(each.payer, each.payee) for each in deals] + [(each.payer, each.payee) for each in payments]
    return {name for pair in pairs for name in pair}
