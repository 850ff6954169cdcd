"""A book at the ends of its ranges: amounts with a low and a high end, all moved at once.

All ends at once are corners, far less likely than the 90 % of each range.
"""

from __future__ import annotations

from dataclasses import replace
from math import isnan

from gigawatt.deals.book.book import Book, Payment
from gigawatt.deals.book.deal import Deal
from gigawatt.deals.book.schedule import tranches_of

AMOUNTS = ("mid", "low", "high")
"""Where in their ranges amounts are taken."""
CORNERS = {
    "low": ("low", "low"), "high": ("high", "high"),
    "core high, others low": ("high", "low"), "core low, others high": ("low", "high"),
}  # fmt: skip
"""Which end payments within the core take, and which all others."""


def corners(book: Book) -> dict[str, Book]:
    """The book at each corner of its ranges."""
    return {name: book_at(book, *ends) for name, ends in CORNERS.items()}


def book_at(book: Book, inner: str, others: str = "") -> Book:
    """The book with payments and deals between core firms at one end of their range, all others at one end.

    Args:
        inner: `low` or `high`; `mid` for the amounts as they are.
        others: The same for all others; by default as `inner`.

    Raises:
        ValueError: An end is none of these.
    """
    for each in (inner, others or inner):
        if each not in AMOUNTS:
            raise ValueError(f"amounts: {each!r}; one of {', '.join(AMOUNTS)}")
    core = set(book.core)

    def end(each: Deal | Payment) -> str:
        return inner if {each.payer, each.payee} <= core else others or inner

    return replace(
        book, deals=tuple(_deal_at(deal, end(deal)) for deal in book.deals),
        payments=tuple(_payment_at(payment, end(payment)) for payment in book.payments),
    )  # fmt: skip


def _deal_at(deal: Deal, end: str) -> Deal:
    """The deal at an end of its range; tranches move in proportion."""
    usd = {"mid": deal.amount, "low": deal.low, "high": deal.high}[end]
    if isnan(usd) or not deal.known:
        return deal
    tranches = tranches_of(deal.schedule)
    times = usd / deal.amount if deal.amount > 0.0 else 1.0
    schedule = " ".join(f"{year}={each * times!r}" for year, each in tranches.items()) or deal.schedule
    return replace(deal, amount=usd, schedule=schedule)


def _payment_at(payment: Payment, end: str) -> Payment:
    usd = {"mid": payment.usd, "low": payment.low_usd, "high": payment.high_usd}[end]
    return payment if isnan(usd) else replace(payment, usd=usd)
