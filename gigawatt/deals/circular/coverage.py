"""Cash that enters the core from outside over cash that leaves it, and how long its own cash lasts with finance shut.

Payments between core firms cancel: whatever goes round, the core as a whole lives on what customers pay it, on its
other business, and on new finance. Cash of one firm does not pay the bills of another, so each firm is told, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf, isnan, nan

from gigawatt.deals.book import Book, Edge, Network, network

SUPPLIERS, PAYOUTS, INVESTED = "suppliers", "payouts", "investments"
CLASSES = {"build": "builders", "energy": "energy", "rent": "landlords", "interest": "interest",
           "repayment": "repayments", "tax": "taxes", "dividend": PAYOUTS}  # fmt: skip
"""What a payment out is called, by its kind; wages and other costs of running the business are what customers get."""
LEAVING = (SUPPLIERS, "builders", "landlords", "energy", "wages", "interest", "repayments", "taxes", PAYOUTS, INVESTED)
AT_WILL = (PAYOUTS, INVESTED)
"""What a firm without access to finance can stop: dividends, buybacks and investments outside the group."""
WAYS = {
    "customers": "what others buy, over all that must be paid",
    "with other business": "and what other business leaves after its own costs",
    "with new finance": "and new equity, loans and bonds, over all that is paid, payouts and investments too",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Cash that enters a group of firms from others and leaves it in a year, in USD."""

    period: str
    status: str
    firms: tuple[str, ...]
    sales_usd: float  # what others buy
    business_usd: float  # other business, after its own costs
    finance_usd: float  # new equity, loans and bonds
    core_finance_usd: float  # of it from core firms
    other_usd: float  # interest, repayments and dividends that the group gets
    leaving_usd: Mapping[str, float]  # by LEAVING

    @property
    def due_usd(self) -> float:
        """All that leaves but what a firm can stop at will."""
        return sum(usd for name, usd in self.leaving_usd.items() if name not in AT_WILL)

    @property
    def shut_usd(self) -> float:
        """What is left in the year, or lacks, without new finance, payouts and investments outside."""
        return self.sales_usd + self.business_usd + self.other_usd - self.due_usd

    def cover(self) -> dict[str, float]:
        """Cash in over cash out by WAYS; inf where nothing leaves."""
        sales = self.sales_usd + self.other_usd
        paid = sum(self.leaving_usd.values())
        ways = ((sales, self.due_usd), (sales + self.business_usd, self.due_usd),
                (sales + self.business_usd + self.finance_usd, paid))  # fmt: skip
        return {name: came / left if left > 0.0 else inf for name, (came, left) in zip(WAYS, ways, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """How long a group of firms pays its bills with new finance shut."""

    firms: tuple[str, ...]
    cash_usd: float  # at the opening; nan if nobody knows it
    years: tuple[Coverage, ...]
    from_year: int
    left_usd: tuple[float, ...]  # cash at the end of each year
    years_to_gap: float  # from the opening; inf if the cash lasts through all the years
    years_with_core: float  # the same if core firms still invest as they have signed, and others do not

    @property
    def gap_usd(self) -> float:
        """What lacks at the worst year end; 0 if the cash lasts."""
        return max(0.0, -min(self.left_usd, default=0.0))


def coverage(payments: Network, firms: Collection[str] | None = None, business_usd: float = 0.0) -> Coverage:
    """What enters a group of firms and leaves it, by what it is for; the core by default.

    Args:
        business_usd: What the firms' other business, which is not in the network, leaves after its costs.

    Raises:
        ValueError: A firm is none of the parties, or there is none.
    """
    group = payments.core if firms is None else tuple(payments.parties[payments.number(name)] for name in firms)
    if not group:
        raise ValueError(f"no firm is of the core in {payments.period or 'the network'}")
    came = [edge for edge in payments.edges if edge.payee in group and edge.payer not in group]
    went = [edge for edge in payments.edges if edge.payer in group and edge.payee not in group]
    leaving = dict.fromkeys(LEAVING, 0.0)
    for edge in went:
        leaving[class_of(edge)] += edge.usd
    return Coverage(
        period=payments.period, status=payments.status, firms=group,
        sales_usd=sum(edge.usd for edge in came if edge.is_purchase), business_usd=business_usd,
        finance_usd=sum(edge.usd for edge in came if edge.is_investment),
        core_finance_usd=sum(edge.usd for edge in came if edge.is_investment and edge.payer in payments.core),
        other_usd=sum(edge.usd for edge in came if not edge.is_purchase and not edge.is_investment),
        leaving_usd=leaving,
    )  # fmt: skip


def class_of(edge: Edge) -> str:
    """What a payment that leaves is for, one of LEAVING."""
    if edge.is_investment:
        return INVESTED
    if edge.payee == "customers":
        return "wages"
    return CLASSES.get(edge.kind, SUPPLIERS)


def coverage_by_year(
    book: Book, years: Iterable[int], status: str = "firm", firms: Collection[str] | None = None, business: bool = True
) -> tuple[Coverage, ...]:
    """Coverage of a group by year; the core by default. Other business is that of the opening year in all years.

    Args:
        business: False leaves other business out.
    """
    group = book.core if firms is None else tuple(firms)
    usd = other_business_usd(book, group) if business else 0.0
    found = []
    for year in years:
        payments = network(book, year, status)
        there = tuple(name for name in group if name in payments.parties)
        if there:
            found.append(coverage(payments, there, usd))
    return tuple(found)


def lasting(
    book: Book, years: Iterable[int], status: str = "firm", firms: Collection[str] | None = None, business: bool = True
) -> Lasting:
    """How long the opening cash of a group lasts from the day of the balance sheets on, with new finance shut.

    Nothing is paid out or invested outside any more; all else is paid as the deals and the ordinary business say.
    """
    group = book.core if firms is None else tuple(firms)
    first = book.as_of.year + 1
    found = coverage_by_year(book, (year for year in years if year >= first), status, group, business)
    known = [cash for name in group if not isnan(cash := book.parties[name].cash_usd)]
    cash_usd = sum(known) if known else nan
    shut = _year_by_year(found, first, [each.shut_usd for each in found])
    with_core = _year_by_year(found, first, [each.shut_usd + each.core_finance_usd for each in found])
    ends = dict(zip(range(first, first + len(shut)), accumulate(shut, initial=cash_usd), strict=False))
    return Lasting(
        firms=group, cash_usd=cash_usd, years=found, from_year=first,
        left_usd=tuple(ends[int(each.period)] + each.shut_usd for each in found),
        years_to_gap=years_to_gap(cash_usd, shut), years_with_core=years_to_gap(cash_usd, with_core),
    )  # fmt: skip


def _year_by_year(found: Sequence[Coverage], first: int, usd: Sequence[float]) -> list[float]:
    """Amounts of all years from the first one on: in those in which the group has no payments, its other business."""
    by_year = {int(each.period): amount for each, amount in zip(found, usd, strict=True)}
    return [by_year.get(year, found[0].business_usd) for year in range(first, max(by_year, default=first - 1) + 1)]


def years_to_gap(cash_usd: float, net_usd: Iterable[float]) -> float:
    """Years until cash is used up, with what comes in less what goes out by year; inf if it lasts, nan if unknown.

    Within a year cash changes evenly.
    """
    if isnan(cash_usd):
        return nan
    left = cash_usd
    for year, usd in enumerate(net_usd):
        if left + usd < 0.0:
            return year + left / -usd
        left += usd
    return inf


def other_business_usd(book: Book, firms: Iterable[str]) -> float:
    """What the firms' business outside the network leaves after its own costs, a year, in USD; unknown counts as 0."""
    parts = (book.parties[name].revenue_usd * book.parties[name].margin for name in firms)
    return sum(usd for usd in parts if not isnan(usd))
