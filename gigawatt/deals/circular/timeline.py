"""Deals in the order of their announcement, with their status then and on a day, and totals that add nothing twice.

A deal whose money another deal or payment holds (`counted_in`) is listed and left out of the totals, as are deals that
are over and those whose amount was not disclosed. Guarantees stand apart: they pay nothing unless they are called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from gigawatt.deals.book import LADDER, Book, Deal
from gigawatt.deals.book.deal import DEBTS, GUARANTEES, OVER

PARTS = ("equity", "debt", "purchases", "guarantees")
"""What an amount is summed as."""
COUNTED, ELSEWHERE, ENDED, UNDISCLOSED, NOT_YET = (
    "", "counted in another", "over", "amount not disclosed", "not known on the day",
)  # fmt: skip
"""Why a deal is left out of the totals."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A deal of the timeline."""

    deal: Deal
    announced: date
    status_then: str  # when it was announced
    status: str  # on the day asked for; "" if it was not known yet
    since: date | None  # from when on
    left_out: str  # why it is not in the totals, "" if it is


@dataclass(frozen=True, slots=True)
class Total:
    """What deals of one status add up to, in USD, by PARTS; what is counted elsewhere is not in it."""

    status: str
    deals: int
    usd: dict[str, float]
    undisclosed: int  # deals of the status whose amounts are not known


def timeline(
    book: Book, since: date | None = None, until: date | None = None, parties: Collection[str] = (),
    day: date | None = None,
) -> tuple[Entry, ...]:  # fmt: skip
    """Deals announced from `since` to `until`, both included, in order of their announcement.

    Args:
        parties: Payer or payee is among them; by default all.
        day: The status is that of this day; the last one known by default.
    """
    found = []
    for deal in book.deals:
        announced = deal.announced
        if (since and announced < since) or (until and announced > until):
            continue
        if not parties or {deal.payer, deal.payee} & set(parties):
            found.append(_entry(deal, book, day))
    return tuple(sorted(found, key=lambda entry: (entry.announced, entry.deal.key)))


def totals(entries: Iterable[Entry]) -> tuple[Total, ...]:
    """What the deals of each status add up to, from the surest status on; amounts counted elsewhere are left out."""
    listed = [entry for entry in entries if entry.left_out in (COUNTED, UNDISCLOSED)]
    found = []
    for status in LADDER:
        here = [entry.deal for entry in listed if entry.status == status]
        usd = {part: sum(deal.amount for deal in here if deal.known and part_of(deal) == part) for part in PARTS}
        found.append(Total(status, len(here), usd, sum(not deal.known for deal in here)))
    return tuple(found)


def part_of(deal: Deal) -> str:
    """Which of PARTS the amount of a deal is."""
    if deal.instrument in GUARANTEES:
        return "guarantees"
    if deal.instrument in DEBTS:
        return "debt"
    return "equity" if deal.instrument in ("equity", "warrant") else "purchases"


def _entry(deal: Deal, book: Book, day: date | None) -> Entry:
    known = [(since, status) for since, status in deal.history if day is None or since <= day]
    since, status = known[-1] if known else (None, "")
    why = _left_out(deal, status) or (ELSEWHERE if book.held(deal, day) else "")
    return Entry(deal, deal.announced, deal.history[0][1], status, since, why)


def _left_out(deal: Deal, status: str) -> str:
    """Why a deal is not in the totals, whatever holds its money."""
    if not status:
        return NOT_YET
    if status in OVER:
        return ENDED
    return COUNTED if deal.known else UNDISCLOSED
