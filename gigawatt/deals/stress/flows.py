"""Who pays whom in each quarter by the book: deals by their schedules, ordinary payments by year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.book import SECTORS, Book, Deal, Payment, due_by_quarter, quarter_starts
from gigawatt.deals.book.book import full_years
from gigawatt.deals.book.network import INVESTMENTS, is_paid, kind_of
from gigawatt.deals.book.schedule import quarter_name
from gigawatt.deals.stress.positions import Array, Mask
from gigawatt.units import QUARTERS_PER_YEAR

RANKS = {"senior_secured": 0, "senior": 1, "lease": 1, "trade": 1, "guarantor": 2, "junior": 2, "equity": 3}
"""Who is paid first: secured debts, then all that ranks equally, then what ranks after it, then tranches of equity."""
TRADE = RANKS["trade"]
CAN_WAIT = frozenset({"chips", "build"})
"""Kinds of orders that a buyer short of money puts off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Quarters from `first` on; what happens, happens in quarter number `shock`."""

    first: date
    quarters: int
    shock: int = 0

    @property
    def starts(self) -> list[date]:
        """First day of each quarter, and the day after the last one."""
        return quarter_starts(self.first, self.quarters + 1)

    def label(self, quarter: int) -> str:
        """A quarter as people write it, such as 2027Q1; "never" for -1."""
        if quarter < 0:
            return "never"
        return quarter_name(self.starts[quarter])


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What one party is to pay another for one thing, by quarter in USD."""

    payer: str
    payee: str
    kind: str
    usd: Array  # shape (quarters,)
    deal: str = ""  # its key; "" for ordinary business
    rank: int = TRADE
    conditional: bool = False

    @property
    def is_finance(self) -> bool:
        """True if the money finances the payee."""
        return self.kind in INVESTMENTS

    @property
    def from_outside(self) -> bool:
        """True if a sector pays."""
        return self.payer in SECTORS

    @property
    def to_outside(self) -> bool:
        """True if a sector is paid."""
        return self.payee in SECTORS


def flows(book: Book, calendar: Calendar, status: str = "firm") -> tuple[Flow, ...]:
    """All that is to be paid under deals as sure as `status` or surer, and in ordinary business.

    Years after the last one that the book tells in full are like that one, new money left out. A payment that
    covers its deals replaces what their schedules say in its years, but keeps their days; after them both hold.

    Raises:
        ValueError: `status` is unknown.
    """
    years = np.array([day.year for day in calendar.starts[:-1]])
    last = max(full_years(book.payments), default=0)
    deals = [_of_deal(deal, book, calendar) for deal in book.standing(status) if is_paid(deal)]
    ordinary = []
    for rows in _together(book.payments):
        usd, known = _of_payments(rows, years, last)
        if rows[0].covers:
            usd = _covered(deals, rows[0], usd, known, years)
        rank = RANKS["equity"] if rows[0].kind == "equity" else TRADE
        ordinary.append(Flow(payer=rows[0].payer, payee=rows[0].payee, kind=rows[0].kind, usd=usd, rank=rank))
    return tuple(flow for flow in (*deals, *ordinary) if flow.usd.any() and flow.payer != flow.payee)


def _covered(deals: list[Flow], one: Payment, usd: Array, known: Mask, years: NDArray[np.int64]) -> Array:
    """What a payment has beyond its deals, which are scaled down to it in the years that it is known for.

    Changes: deals.
    """
    same = [
        k for k, flow in enumerate(deals) if (flow.payer, flow.payee, flow.kind) == (one.payer, one.payee, one.kind)
    ]
    if not same:
        return usd
    beyond = usd.copy()
    by_deals = np.sum([deals[k].usd for k in same], axis=0)
    for year in np.unique(years):
        at = years == year
        whole, paid = by_deals[at].sum(), usd[at].sum()
        beyond[at] = max(0.0, paid - whole) / at.sum()
        if known[at].all() and whole > paid:
            for k in same:
                deals[k] = replace(deals[k], usd=np.where(at, deals[k].usd * (paid / whole), deals[k].usd))
    return beyond


def between_firms(found: Iterable[Flow]) -> tuple[Flow, ...]:
    """Flows of which neither side is a sector."""
    return tuple(flow for flow in found if not flow.from_outside and not flow.to_outside)


def _of_deal(deal: Deal, book: Book, calendar: Calendar) -> Flow:
    kind = kind_of(deal, book)
    rank = RANKS.get(deal.seniority, RANKS["equity"] if kind == "equity" else TRADE)
    conditional = kind in INVESTMENTS and deal.status() not in ("drawn", "firm", "signed")
    usd = due_by_quarter(deal, calendar.first, calendar.quarters)
    return Flow(payer=deal.payer, payee=deal.payee, kind=kind, usd=usd, deal=deal.key, rank=rank,
                conditional=conditional)  # fmt: skip


def _together(payments: Iterable[Payment]) -> list[list[Payment]]:
    """Payments of one key through the years; all that cover the same deals as one, since they do so together."""
    found: dict[tuple[str, str, str, str], list[Payment]] = defaultdict(list)
    for each in payments:
        found["" if each.covers else each.key, each.payer, each.payee, each.kind].append(each)
    return list(found.values())


def _of_payments(rows: list[Payment], years: NDArray[np.int64], last: int) -> tuple[Array, Mask]:
    """A quarter of each year's payments, and in which quarters the book has payments of the year at all."""
    by_year: dict[int, float] = defaultdict(float)
    for row in rows:
        by_year[row.year] += row.usd / QUARTERS_PER_YEAR
    carried = by_year.get(last, 0.0) if rows[0].kind not in INVESTMENTS else 0.0
    usd = [by_year.get(year, carried if year > last else 0.0) for year in years.tolist()]
    return np.array(usd), np.isin(years, list(by_year))
