"""Who pays whom in each quarter by the book: deals by their schedules, ordinary payments by year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.book import SECTORS, Book, Deal, Payment, due_by_quarter, quarter_starts
from gigawatt.deals.book.network import INVESTMENTS, is_paid, kind_of
from gigawatt.deals.stress.positions import Array, Mask

QUARTERS_PER_YEAR = 4
RANKS = {"senior_secured": 0, "senior": 1, "lease": 1, "trade": 1, "guarantor": 2, "junior": 2, "equity": 3}
"""Who is paid first: secured debts, then all that ranks equally, then what ranks after it, then tranches of equity."""
TRADE = RANKS["trade"]
CAN_WAIT = frozenset({"chips", "build"})
"""Kinds of orders that a buyer short of money puts off."""
ENOUGH = 0.5  # of the payments of the year with most: a year that has as many is told in full
AMOUNTS = ("mid", "low", "high")


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
        day = self.starts[quarter]
        return f"{day.year}Q{(day.month + 2) // 3}"


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


def flows(book: Book, calendar: Calendar, status: str = "firm", amounts: str = "mid") -> tuple[Flow, ...]:
    """All that is to be paid under deals as sure as `status` or surer, and in ordinary business.

    Years after the last one that the book tells in full are like that one, new money left out. A payment that
    covers its deals replaces what their schedules say in its years, but keeps their days; after them both hold.

    Args:
        amounts: "mid", or the "low" or "high" ends of all ranges at once.

    Raises:
        ValueError: `amounts` or `status` is unknown.
    """
    if amounts not in AMOUNTS:
        raise ValueError(f"amounts: {amounts!r}; one of {', '.join(AMOUNTS)}")
    years = np.array([day.year for day in calendar.starts[:-1]])
    last = last_year(book.payments)
    deals = [_of_deal(deal, book, calendar, amounts) for deal in book.standing(status) if is_paid(deal)]
    ordinary = []
    for rows in _by_key(book.payments):
        usd, known = _of_payments(rows, years, last, amounts)
        if rows[0].covers:
            usd = _covered(deals, rows[0], usd, known, years)
        rank = RANKS["equity"] if rows[0].kind == "equity" else TRADE
        ordinary.append(Flow(payer=rows[0].payer, payee=rows[0].payee, kind=rows[0].kind, usd=usd, rank=rank))
    return tuple(flow for flow in (*deals, *ordinary) if flow.usd.any() and flow.payer != flow.payee)


def last_year(payments: Iterable[Payment]) -> int:
    """The last year that is told as fully as others: with at least half as many payments as the year with most; or 0.

    What only some contracts say of years far off does not make a year of ordinary business.
    """
    counts = Counter(payment.year for payment in payments)
    most = max(counts.values(), default=0)
    return max((year for year, count in counts.items() if count >= most * ENOUGH), default=0)


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


def _of_deal(deal: Deal, book: Book, calendar: Calendar, amounts: str) -> Flow:
    kind = kind_of(deal, book)
    rank = RANKS.get(deal.seniority, RANKS["equity"] if kind == "equity" else TRADE)
    conditional = kind in INVESTMENTS and deal.status() not in ("drawn", "firm", "signed")
    usd = due_by_quarter(deal, calendar.first, calendar.quarters) * factor(deal, amounts)
    return Flow(payer=deal.payer, payee=deal.payee, kind=kind, usd=usd, deal=deal.key, rank=rank,
                conditional=conditional)  # fmt: skip


def factor(deal: Deal, amounts: str) -> float:
    """An end of the range of a deal's amount over the amount; 1 where no range is given."""
    end = {"mid": deal.amount, "low": deal.low, "high": deal.high}[amounts]
    return end / deal.amount if end == end and deal.amount > 0.0 else 1.0


def _by_key(payments: Iterable[Payment]) -> list[list[Payment]]:
    found: dict[tuple[str, str, str, str], list[Payment]] = defaultdict(list)
    for payment in payments:
        found[payment.key, payment.payer, payment.payee, payment.kind].append(payment)
    return [sorted(rows, key=lambda row: row.year) for rows in found.values()]


def _of_payments(rows: list[Payment], years: NDArray[np.int64], last: int, amounts: str) -> tuple[Array, Mask]:
    """A quarter of each year's payment, and in which quarters the book has payments of the year at all."""
    by_year = {row.year: _amount(row, amounts) / QUARTERS_PER_YEAR for row in rows}
    carried = by_year.get(last, 0.0) if rows[0].kind not in INVESTMENTS else 0.0
    usd = [by_year.get(year, carried if year > last else 0.0) for year in years.tolist()]
    return np.array(usd), np.isin(years, list(by_year))


def _amount(row: Payment, amounts: str) -> float:
    end = {"mid": row.usd, "low": row.low_usd, "high": row.high_usd}[amounts]
    return end if end == end else row.usd
