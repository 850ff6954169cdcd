"""All that one firm pays, owes, owns, is owed and guarantees, each dollar once in the totals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from gigawatt.deals.book import Book, Deal, Party, as_sure
from gigawatt.deals.exposure.exposures import exposures
from gigawatt.deals.exposure.layers import OTHER_DEBT, Exposure, known_sum
from gigawatt.deals.exposure.other_debt import secured_on
from gigawatt.deals.exposure.terms import Terms, catalog_terms
from gigawatt.errors import named

SECTIONS = {
    "owes": "loans, bonds and other debt drawn and not repaid",
    "must pay": "purchases, rents and new money that it has promised, still to come",
    "guarantees": "what it pays at most if others do not",
    "owns": "stakes, loans and rights to shares, stakes at market value where its share is known",
    "is owned": "stakes and rights to shares that others hold in it",
    "is promised": "purchases, rents and new money that others have promised, still to come",
    "is guaranteed": "what others pay at most if it does not, or if those who owe it do not",
}
"""Parts of a dossier; each is a sum of its own, and no two are to be added."""

OPEN = frozenset({"stake", "warrant"})
"""Layers that have no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a dossier."""

    section: str  # one of SECTIONS
    what: str
    party: str  # with whom; "" for what stands on the balance sheet alone
    usd: float  # nan if it was not disclosed
    until: date | None
    status: str = ""
    seniority: str = ""
    key: str = ""  # of the deal
    confidence: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What one firm has to do with all others on a day."""

    party: Party
    day: date
    status: str
    items: tuple[Item, ...]
    left_out: tuple[tuple[Deal, str], ...]  # deals of the firm that do not count, and why

    def section(self, name: str) -> tuple[Item, ...]:
        """Lines of one part, the largest first, undisclosed amounts last."""
        found = [item for item in self.items if item.section == name]
        return tuple(sorted(found, key=lambda item: (math.isnan(item.usd), -item.usd, item.party, item.key)))

    def total_usd(self, name: str) -> float:
        """Sum of one part; 0 if nothing is known in it."""
        found = known_sum(item.usd for item in self.items if item.section == name)
        return 0.0 if math.isnan(found) else found

    def undisclosed(self, name: str) -> int:
        """How many amounts of a part nobody has published."""
        return sum(math.isnan(item.usd) for item in self.items if item.section == name)


def dossier(book: Book, name: str, day: date, status: str = "firm", terms: Terms | None = None) -> Dossier:
    """Everything that a firm owes, must pay, guarantees, owns, is promised and is guaranteed, on a day.

    Debt on the opening balance sheet that no deal explains is one line of its own, so that no dollar is in two lines.

    Raises:
        ValueError: Nobody is called so; the nearest name is told.
    """
    key = known_name(book, name)
    found = terms or catalog_terms()
    deals = {deal.key: deal for deal in book.deals}
    items = [
        item for row in exposures(book, day, status, found).rows
        if (item := _item(row, key, book, deals)) is not None
    ]  # fmt: skip
    return Dossier(party=book.parties[key], day=day, status=status, items=tuple(items),
                   left_out=tuple(_left_out(book, key, day, status)))  # fmt: skip


def known_name(book: Book, name: str) -> str:
    """The key of a party, letter case aside.

    Raises:
        ValueError: Nobody is called so; the nearest name is told.
    """
    return named("party", name, book.parties)


def _item(row: Exposure, key: str, book: Book, deals: dict[str, Deal]) -> Item | None:
    """A line from the side of one firm; None if it has no part in an exposure."""
    held, on, for_whom = row.holder == key, row.on == key, row.for_whom == key
    match row.layer:
        case "stake" | "warrant" | "debt":
            section = "owns" if held else "" if not on else "owes" if row.layer == "debt" else "is owned"
        case "guarantee":
            section = "guarantees" if held else "is guaranteed" if on or for_whom else ""
        case _:
            section = "is promised" if held else "must pay" if on else ""
    if not section:
        return None
    deal = deals.get(row.deals[0]) if row.deals else None
    other = row.on if held else row.holder
    what = row.kind.replace("_", " ") + (" to come" if row.layer == "undrawn" else "")
    what += (
        f", for {row.on}" if for_whom and row.on != key else f", for {row.for_whom}" if held and row.for_whom else ""
    )
    item = Item(
        section=section, what=what, party=other, usd=row.marked_usd if row.layer == "stake" else row.usd,
        until=None if row.layer in OPEN else row.until, status=row.status, seniority=row.seniority,
    )  # fmt: skip
    if row.kind == OTHER_DEBT:
        kind = secured_on(book, row)
        what = f"{OTHER_DEBT} on the balance sheet of {book.as_of}{f', secured by {kind}' if kind else ''}"
        return replace(item, what=what, source=book.parties[row.on].source)
    if deal is None:
        return replace(item, until=None)
    return replace(item, key=deal.key, confidence=deal.confidence, source=deal.source, note=deal.note)


def _left_out(book: Book, key: str, day: date, status: str) -> Iterable[tuple[Deal, str]]:
    """Deals of a firm that are not in the sums, each with the reason."""
    for deal in book.deals:
        now = deal.status(day)
        if key not in (deal.payer, deal.payee) or not now:
            continue
        if book.held(deal, day, status):
            yield deal, f"inside {deal.counted_in}"
        elif not as_sure(now, status):
            yield deal, now
