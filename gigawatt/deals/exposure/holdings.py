"""What firms are worth that own parts of each other, and what a fall of one does to the values of the others.

Own assets are what the market sees in a firm beside its stakes: its market value and debts less what it holds of
others. A fall takes part of them; stakes, debts and costs of failure pass it on (`gigawatt.deals.cross_holdings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from gigawatt.deals.book import Book
from gigawatt.deals.book.parties import or_zero
from gigawatt.deals.cross_holdings import CrossHoldings, cross_holdings
from gigawatt.deals.exposure.dossier import known_name
from gigawatt.deals.exposure.exposures import exposures
from gigawatt.deals.exposure.terms import Terms, catalog_terms
from gigawatt.deals.flows import Array

MOST_HELD = 0.95  # of a firm by others in the book: somebody outside must own the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Who owns which share of whom, and what each firm is worth; arrays have shape (firms,) unless said."""

    firms: tuple[str, ...]
    shares: Array  # [i, j] is the share of j that i owns, shape (firms, firms)
    loans: Array  # [i, j] is what i owes j, shape (firms, firms)
    value_usd: Array  # of all shares
    debt_usd: Array  # to lenders outside: of the opening balance sheet, and borrowed since
    own_usd: Array  # assets beside stakes and loans to other firms

    def number(self, name: str) -> int:
        """Place of a firm.

        Raises:
            ValueError: Its market value is not known.
        """
        if name not in self.firms:
            raise ValueError(f"no market value of {name} is known; known: {', '.join(self.firms)}")
        return self.firms.index(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revaluation:
    """Values of all firms before and after falls."""

    holdings: Holdings
    fall: Mapping[str, float]
    before: CrossHoldings
    after: CrossHoldings

    @property
    def change_usd(self) -> Array:
        """Change of the value of all shares of each firm."""
        out: Array = self.after.equity - self.before.equity
        return out

    def through(self, firm: int) -> list[tuple[str, float]]:
        """Loss of one firm on its stakes in each other, in USD, the largest first."""
        lost = -self.holdings.shares[firm] * self.change_usd
        found = [(name, float(usd)) for name, usd in zip(self.holdings.firms, lost, strict=True) if usd > 0.0]
        return sorted(found, key=lambda pair: -pair[1])


def holdings(book: Book, day: date, status: str = "firm", terms: Terms | None = None) -> Holdings:
    """Shares, loans, market values and own assets of all firms whose market value is known, on a day.

    Shares are those known (table stakes), what was paid in later added at cost over market value; other stakes are
    cost over market value.
    """
    found = exposures(book, day, status, terms or catalog_terms())
    firms = tuple(key for key, party in book.parties.items() if party.market_value_usd > 0.0)
    place = {name: number for number, name in enumerate(firms)}
    value = np.array([book.parties[name].market_value_usd for name in firms])
    debt = np.array([or_zero(book.parties[name].debt_usd) for name in firms])
    shares, loans = np.zeros((len(firms), len(firms))), np.zeros((len(firms), len(firms)))
    since = {deal.key for deal in book.deals if deal.start > book.as_of}
    for row in found.rows:
        if row.holder not in place and row.on in place and row.layer == "debt" and not since.isdisjoint(row.deals):
            debt[place[row.on]] += or_zero(row.usd)
        if row.holder in place and row.on in place and row.holder != row.on:
            i, j = place[row.holder], place[row.on]
            if row.layer == "stake":
                shares[i, j] += or_zero(row.marked_usd) / value[j]
            elif row.layer == "debt":
                loans[j, i] += or_zero(row.usd)
    shares /= np.maximum(1.0, shares.sum(axis=0) / MOST_HELD)
    own = value + debt + loans.sum(axis=1) - shares @ value - loans.sum(axis=0)
    return Holdings(
        firms=firms, shares=shares, loans=loans, value_usd=value, debt_usd=debt, own_usd=np.maximum(0.0, own)
    )


def revalued(
    book: Book, fall: Mapping[str, float], day: date, status: str = "firm", *, threshold: float = 0.0,
    failure_cost: float = 0.0, terms: Terms | None = None,
) -> Revaluation:  # fmt: skip
    """Values of all firms after some have lost a share of their own value.

    Args:
        fall: Share of its value of today that each firm named loses on its own assets, 0 to 1.
        threshold: A firm fails below this share of its value of today, 0 to 1, or if it cannot pay its debts.
        failure_cost: Share of own assets that is lost in failure, 0 to 1.

    Raises:
        ValueError: An unknown firm, or a share not from 0 to 1.
    """
    shares = {known_name(book, name): share for name, share in fall.items()}
    for name, share in {**shares, "threshold": threshold, "failure cost": failure_cost}.items():
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{name}: {share}; from 0 to 1")
    have = holdings(book, day, status, terms)
    lost = np.zeros(len(have.firms))
    for name, share in shares.items():
        lost[have.number(name)] = share * have.value_usd[have.number(name)]
    before = _valued(have, have.own_usd, np.zeros(len(lost)), 0.0)
    after = _valued(have, np.maximum(0.0, have.own_usd - lost), threshold * before.market_value, failure_cost)
    return Revaluation(holdings=have, fall=shares, before=before, after=after)


def _valued(have: Holdings, own: Array, thresholds: Array, failure_cost: float) -> CrossHoldings:
    return cross_holdings(
        have.shares, own, liabilities=have.loans, external_liabilities=have.debt_usd, thresholds=thresholds,
        failure_costs=failure_cost * own,
    )  # fmt: skip
