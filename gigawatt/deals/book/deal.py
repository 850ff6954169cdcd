"""A deal: who pays whom by which instrument, when, how surely, and who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

INSTRUMENTS = (
    "equity", "purchase_commitment", "take_or_pay", "lease", "debt", "loan", "bond", "warrant", "backstop",
    "residual_guarantee", "revenue_share", "swap",
)  # fmt: skip
DEBTS = frozenset({"debt", "loan", "bond"})
GUARANTEES = frozenset({"backstop", "residual_guarantee"})
PURCHASES = frozenset({"purchase_commitment", "take_or_pay", "swap"})

LADDER = ("drawn", "firm", "signed", "terminable", "conditional", "announced")
"""Statuses from the surest on: a filter takes its own and all before it."""
OVER = ("lapsed", "superseded")
"""Statuses of deals that never count."""
STATUSES = (*LADDER, *OVER)

CHIPS = ("gpu", "tpu", "chip")
"""Words of a collateral that is chips."""
SENIORITIES = ("senior_secured", "senior", "lease", "trade", "guarantor", "junior", "equity")
"""From who is paid first."""

KINDS = {
    "equity": "equity", "purchase_commitment": "compute", "take_or_pay": "compute", "lease": "rent", "debt": "loan",
    "loan": "loan", "bond": "bond", "warrant": "equity", "backstop": "guarantee", "residual_guarantee": "guarantee",
    "revenue_share": "revenue_share", "swap": "compute",
}  # fmt: skip
"""What a payment under an instrument is; a purchase from a maker is `chips`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A contract between two parties; the payer pays, lends, invests or guarantees.

    `amount` is what is paid over its whole life, nan where it was not disclosed.
    """

    key: str
    payer: str
    payee: str
    instrument: str  # one of INSTRUMENTS
    amount: float = float("nan")
    low: float = float("nan")  # 90 % interval of the amount
    high: float = float("nan")
    currency: str = "USD"
    gigawatts: float = float("nan")
    start: date
    end: date
    schedule: str = "even"  # even, start, ramp, per_gw, milestone, on_default, or tranches "2026=1e9 2027=6e9"
    history: tuple[tuple[date, str], ...]  # status from each day on
    seniority: str = ""  # one of SENIORITIES
    collateral: str = ""
    condition: str = ""
    notice_days: float = float("nan")  # notice after which a side may end it
    counted_in: str = ""  # deal or payment that holds the same money: never add the two
    guarantees: str = ""  # deal or party whose debt or rent a guarantee covers
    confidence: str = ""
    source: str = ""
    note: str = ""

    def status(self, day: date | None = None) -> str:
        """Status on a day, the last one by default; "" before the deal was known."""
        found = ""
        for since, status in self.history:
            if day is None or since <= day:
                found = status
        return found

    @property
    def known(self) -> bool:
        """True if its amount was disclosed."""
        return self.amount == self.amount

    @property
    def announced(self) -> date:
        """The first day on which something was known of it."""
        return self.history[0][0]


def secured_by(deal: Deal) -> str:
    """What a debt is secured by before others: `chips`, `campus`, or nothing."""
    if deal.instrument not in DEBTS or deal.seniority != "senior_secured":
        return ""
    words = deal.collateral.lower()
    return "chips" if any(word in words for word in CHIPS) else "campus" if "campus" in words else ""


def as_sure(status: str, least: str) -> bool:
    """True if a status is as high on the ladder as another, or higher.

    Raises:
        ValueError: `least` is not on the ladder.
    """
    if least not in LADDER:
        raise ValueError(f"status must be one of {', '.join(LADDER)}, is {least!r}")
    return status in LADDER and LADDER.index(status) <= LADDER.index(least)
