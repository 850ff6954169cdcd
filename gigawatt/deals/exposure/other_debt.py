"""Debt of opening balance sheets that no deal of the book explains: owed to lenders, and carried on as it is."""

from __future__ import annotations

import math
from datetime import date

from gigawatt.deals.book import Book, Party
from gigawatt.deals.book.deal import DEBTS
from gigawatt.deals.exposure.layers import OTHER_DEBT, Exposure
from gigawatt.deals.exposure.loans import owed_usd
from gigawatt.deals.exposure.terms import Terms
from gigawatt.deals.stress.claims import pledged_kind, pledged_usd

LENDERS = "lenders"


def other_debts(book: Book, day: date, status: str, terms: Terms) -> list[Exposure]:
    """What lenders hold on each firm beside deals: one row with collateral, if the catalog knows of any, one without.

    A firm's debt of the opening balance sheet less what its loans by deal (as sure as `status` on the day) came to
    then. Nothing is known of its terms, so that it is taken to be rolled over. None before the opening.
    """
    if day < book.as_of:
        return []
    rows = []
    for key, party in book.parties.items():
        usd = 0.0 if party.is_sector else _unexplained_usd(book, party, day, status, terms)
        secured = min(usd, pledged_usd(key)) if pledged_kind(party) else 0.0
        rows += [_row(key, secured, "senior_secured"), _row(key, usd - secured, "senior")]
    return [row for row in rows if row.usd > 0.0]


def secured_on(book: Book, row: Exposure) -> str:
    """What other debt with collateral is secured by: `chips`, `campus`, or "" for other debt without."""
    return pledged_kind(book.parties[row.on]) if row.seniority == "senior_secured" else ""


def _unexplained_usd(book: Book, party: Party, day: date, status: str, terms: Terms) -> float:
    explained = math.fsum(
        owed_usd(deal, book.as_of, terms) for deal in book.standing(status, day)
        if deal.payee == party.key and deal.instrument in DEBTS and deal.known and deal.start <= book.as_of
    )  # fmt: skip
    return 0.0 if math.isnan(party.debt_usd) else max(0.0, party.debt_usd - explained)


def _row(on: str, usd: float, seniority: str) -> Exposure:
    return Exposure(holder=LENDERS, on=on, layer="debt", kind=OTHER_DEBT, seniority=seniority, usd=usd, marked_usd=usd,
                    until=None)  # fmt: skip
