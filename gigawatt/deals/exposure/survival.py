"""Who runs out of cash if one payment is taken away for good, quarter by quarter, with markets open or shut.

The quarters are those of `gigawatt.deals.stress`; here a payment is missing in place of a firm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from gigawatt.deals.book import Book, Edge
from gigawatt.deals.stress import (
    QUARTERS,
    Assumptions,
    Calendar,
    Opening,
    Quarters,
    Shock,
    assumed,
    calendar_of,
    flows,
    opening,
    outcome,
)

Key = tuple[str, str, str]
"""Payer, payee and kind of a payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Firms of the core in some quarters."""

    fallen: tuple[str, ...]  # those that run out of cash, in the order of their falls
    quarters: tuple[str, ...]  # in which they do
    unpaid_usd: float  # what those that fall were to pay and do not, by contract and outside
    unpaid_by: Mapping[Key, float] = field(repr=False)  # the part by contract, by payer, payee and kind
    put_off_usd: float  # orders and capex that all of them put off for want of cash


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """The plan of a book from a quarter on, to be run without one payment at a time."""

    book: Book
    opened: Opening
    calendar: Calendar
    terms: Assumptions
    shock: Shock  # which deals count, and for how long markets are shut

    def has(self, edge: Edge) -> bool:
        """True if the edge runs between two firms whose cash is followed, from the first quarter on or later."""
        return bool(self._places(edge).any())

    def without(self, edge: Edge | None = None) -> Standing:
        """The core if a payment ends with the first quarter looked at; None: as planned."""
        contracts = self.opened.contracts
        due = np.array(contracts.due_usd, dtype=np.float64)
        if edge is not None:
            due[self.calendar.shock :, self._places(edge)] = 0.0
        opened = replace(self.opened, contracts=replace(contracts, due_usd=due))
        return self._standing(outcome(self.book, self.shock, self.calendar, self.terms, opened).run)

    def _places(self, edge: Edge) -> np.ndarray:
        key = (edge.payer, edge.payee, edge.kind)
        return np.array([(flow.payer, flow.payee, flow.kind) == key for flow in self.opened.flows], dtype=np.bool_)

    def _standing(self, run: Quarters) -> Standing:
        when = run.first_default_quarter
        inside = np.array([name in self.book.core for name in self.opened.firms], dtype=np.bool_)
        down = sorted(np.flatnonzero(inside & (when >= 0)).tolist(), key=lambda i: (when[i], i))
        by_contract: dict[Key, float] = {}
        for number, (flow, usd) in enumerate(zip(self.opened.flows, run.shortfall_usd.sum(axis=0), strict=True)):
            if run.payer[number] in down:
                key = (flow.payer, flow.payee, flow.kind)
                by_contract[key] = by_contract.get(key, 0.0) + float(usd)
        outside = float(run.unpaid_outside_usd[:, down].sum())
        return Standing(
            fallen=tuple(self.opened.firms[i] for i in down), unpaid_by=by_contract,
            unpaid_usd=math.fsum(by_contract.values()) + outside,
            quarters=tuple(self.calendar.label(int(when[i])) for i in down),
            put_off_usd=float(run.cut_usd[:, inside].sum()),
        )  # fmt: skip


def survival(
    book: Book, status: str = "firm", *, shut: int = 0, at: date | None = None, quarters_after: int = QUARTERS,
    terms: Assumptions | None = None,
) -> Survival:  # fmt: skip
    """The plan of a book, which markets finance while they are open (`gigawatt.deals.stress`).

    Args:
        status: Deals as sure as this count.
        shut: Quarters without new money from the first one looked at.
        at: Its first day; by default the quarter after the last event that the book knows of.
        quarters_after: Quarters looked at.
    """
    known, calendar = terms or assumed(), calendar_of(book, quarters_after, at)
    opened = opening(book, flows(book, calendar, status), calendar, known)
    shock = Shock(status=status, markets_shut=shut)
    return Survival(book=book, opened=opened, calendar=calendar, terms=known, shock=shock)
