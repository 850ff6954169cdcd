"""How long the cash of a group of firms lasts if new finance stops on a day, quarter by quarter.

Until that day markets are open and all is paid and raised as the book says, so that rounds drawn by then are cash at
hand. From it on nothing is raised, paid out to owners or invested outside the group; all else is paid as it falls due.
Nothing is put off, no credit line is drawn, and nobody's failure touches others: `gigawatt.deals.stress` does that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf, isnan, nan

import numpy as np

from gigawatt.deals.book import Book, Edge, Network, due_by_quarter, network
from gigawatt.deals.book.network import is_paid
from gigawatt.deals.book.schedule import MONTHS_PER_QUARTER, quarter_name, quarter_starts
from gigawatt.deals.circular.coverage import AT_WILL, class_of
from gigawatt.deals.flows import Array
from gigawatt.units import QUARTERS_PER_YEAR

KEPT = 1.0  # share of opening cash below which nobody falls while markets are open


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """How long a group of firms pays its bills with new finance shut."""

    firms: tuple[str, ...]
    start: date  # first day without new finance
    opening_usd: float  # cash on the day of the balance sheets; nan if nobody knows it
    cash_usd: float  # cash at the start
    ends: dict[int, float]  # cash at the end of each calendar year from the start on; empty without any payment
    years_to_gap: float  # from the start; inf if the cash lasts through all the years
    years_with_core: float  # the same if core firms still invest as they have signed, and others do not

    @property
    def gap_usd(self) -> float:
        """What lacks at the worst year end; 0 if the cash lasts."""
        return max(0.0, -min(self.ends.values(), default=0.0))

    @property
    def first_gap(self) -> str:
        """The calendar quarter in which cash is used up, such as 2027Q1; "" if it lasts."""
        if isnan(self.years_to_gap) or self.years_to_gap == inf:
            return ""
        return quarter_name(quarter_starts(self.start, int(self.years_to_gap * QUARTERS_PER_YEAR) + 1)[-1])


@dataclass(frozen=True)
class Quarterly:
    """Payments of a book by quarter from the day after its balance sheets to the end of a year."""

    book: Book
    years: tuple[int, ...]  # those that are told, of all from the first on
    paid: tuple[tuple[Edge, Array], ...]  # what is paid, and USD by quarter

    @property
    def first(self) -> date:
        """The day after the balance sheets."""
        return self.book.as_of + timedelta(days=1)

    @property
    def quarters(self) -> int:
        """Quarters up to the end of the last year."""
        return QUARTERS_PER_YEAR * (self.years[-1] - self.first.year + 1) if self.years else 0

    def number(self, day: date | None) -> int:
        """The quarter that begins on a day or next after it; by default after the last event that the book knows of.

        Raises:
            ValueError: It is before the balance sheets, or after the last year.
        """
        last = max((known for deal in self.book.deals for known, _ in deal.history), default=self.book.as_of)
        wanted = day or (self.first if last <= self.first else last + timedelta(days=1))
        starts = quarter_starts(self.first, self.quarters + 1)
        at = next((number for number, begun in enumerate(starts) if begun >= wanted), self.quarters)
        if day and (wanted < self.first or at >= self.quarters):
            raise ValueError(f"finance can stop from {starts[0]} to {starts[-1]}, not on {wanted}")
        return max(0, min(at, self.quarters - 1))

    def net(self, firms: Collection[str]) -> dict[str, Array]:
        """What a group gets less what it pays others, in USD by quarter, and of it new finance and what is at will."""
        zero = np.zeros(self.quarters)
        found = {name: zero.copy() for name in ("shut", "finance", "core finance", "at will", "business")}
        for edge, usd in self.paid:
            if edge.payee in firms and edge.payer not in firms:
                found["finance" if edge.is_investment else "shut"] += usd
                if edge.is_investment and self.book.parties[edge.payer].core:
                    found["core finance"] += usd
            elif edge.payer in firms and edge.payee not in firms:
                found["at will" if class_of(edge) in AT_WILL else "shut"] -= usd
        for name in firms:
            party = self.book.parties[name]
            rate = np.array([party.other_business_usd((k + 0.5) / QUARTERS_PER_YEAR) for k in range(self.quarters)])
            found["business"] += np.nan_to_num(rate) / QUARTERS_PER_YEAR
        return found


def quarterly(book: Book, years: Iterable[int], status: str = "firm") -> Quarterly:
    """Payments by quarter of the years from the day after the balance sheets on.

    What is paid under a deal keeps the deal's days, also inside a payment; the rest of a year is even.
    """
    first = book.as_of + timedelta(days=1)
    told = tuple(sorted(year for year in years if year >= first.year))
    if not told:
        return Quarterly(book, (), ())
    paid = []
    for year in told:
        payments: Network = network(book, year, status)
        for edge in payments.edges:
            usd = np.zeros(QUARTERS_PER_YEAR * (told[-1] - first.year + 1))
            usd[QUARTERS_PER_YEAR * (year - first.year) :][:QUARTERS_PER_YEAR] = _of_year(book, edge, year)
            paid.append((edge, usd))
    return Quarterly(book, told, tuple(paid))


def lasting(
    found: Quarterly, firms: Collection[str] | None = None, start: date | None = None, *, business: bool = True,
    kept: float = KEPT,
) -> Lasting:  # fmt: skip
    """How long the cash of a group, by default the core, lasts with new finance shut.

    Args:
        start: First day without new finance, up to the next quarter; by default after the last event of the book.
        business: False leaves other business out from then on.
        kept: While markets are open each firm raises what it needs to keep this share of its opening cash.

    Raises:
        ValueError: The start is outside the years, or there are none.
    """
    group = found.book.core if firms is None else tuple(firms)
    if not found.years:
        raise ValueError(f"the book has no payments after {found.book.as_of}")
    at = found.number(start)
    begin = quarter_starts(found.first, at + 1)[-1]
    known = [name for name in group if not isnan(found.book.parties[name].cash_usd)]
    opening_usd = sum(found.book.parties[name].cash_usd for name in known) if known else nan
    cash_usd = sum(_at_hand(found, name, at, kept) for name in known) if known else nan
    net = found.net(group)
    shut = net["shut"][at:] + (net["business"][at:] if business else 0.0)
    moved = any(usd.any() for name, usd in net.items() if name != "business")
    ends = {begin.year + n: float(cash_usd + shut[: _until(begin, n)].sum())
            for n in range(found.years[-1] - begin.year + 1)} if moved else {}  # fmt: skip
    return Lasting(
        firms=group, start=begin, opening_usd=opening_usd, cash_usd=cash_usd, ends=ends,
        years_to_gap=years_to_gap(cash_usd, shut, 1.0 / QUARTERS_PER_YEAR),
        years_with_core=years_to_gap(cash_usd, shut + net["core finance"][at:], 1.0 / QUARTERS_PER_YEAR),
    )  # fmt: skip


def years_to_gap(cash_usd: float, net_usd: Iterable[float], length: float = 1.0) -> float:
    """Years until cash is used up, with what comes in less what goes out by period; inf if it lasts, nan if unknown.

    Within a period cash changes evenly.

    Args:
        length: Of a period, in years.
    """
    if isnan(cash_usd):
        return nan
    left = cash_usd
    for period, usd in enumerate(net_usd):
        if left + usd < 0.0:
            return float((period + left / -usd) * length)
        left += usd
    return inf


def _at_hand(found: Quarterly, name: str, at: int, kept: float) -> float:
    """Cash of a firm at the beginning of a quarter, if markets are open until then."""
    opening_usd = found.book.parties[name].cash_usd
    net = found.net((name,))
    left = opening_usd
    for usd in np.sum([net[part] for part in ("shut", "finance", "at will", "business")], axis=0)[:at]:
        left = max(left + float(usd), kept * opening_usd)
    return left


def _until(begin: date, years: int) -> int:
    """Quarters from a day to the end of its calendar year, or that of some years later."""
    return QUARTERS_PER_YEAR * (years + 1) - (begin.month - 1) // MONTHS_PER_QUARTER


def _of_year(book: Book, edge: Edge, year: int) -> Array:
    """USD by quarter of a calendar year: deals by their days, at most what is paid, and the rest evenly."""
    deals = [book.deal(key) for key in edge.deals]
    due = sum(
        (due_by_quarter(deal, date(year, 1, 1), QUARTERS_PER_YEAR) for deal in deals if is_paid(deal)),
        np.zeros(QUARTERS_PER_YEAR),
    )
    if due.sum() > edge.usd:
        return np.asarray(due * (edge.usd / due.sum()))
    return np.asarray(due + (edge.usd - due.sum()) / QUARTERS_PER_YEAR)
