"""Cash that enters the core from outside over cash that leaves it.

Payments between core firms cancel: whatever goes round, the core as a whole lives on what customers pay it, on its
other business, and on new finance. Cash of one firm does not pay the bills of another, so each firm is told, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isnan, nan

from gigawatt.deals.book import Book, Edge, Network, network

SUPPLIERS, PAYOUTS, INVESTED = "suppliers", "payouts", "investments"
CLASSES = {"build": "builders", "energy": "energy", "rent": "landlords", "interest": "interest",
           "repayment": "repayments", "tax": "taxes", "dividend": PAYOUTS}  # fmt: skip
"""What a payment out is called, by its kind; wages and other costs of running the business are what customers get."""
LEAVING = (SUPPLIERS, "builders", "landlords", "energy", "wages", "interest", "repayments", "taxes", PAYOUTS, INVESTED)
AT_WILL = (PAYOUTS, INVESTED)
"""What a firm without access to finance can stop: dividends, buybacks and investments outside the group."""
HALF_YEAR = 0.5
WAYS = {
    "customers": "what others buy from the group, over what it must pay others",
    "with other business": "that and what other business leaves after its own costs, over what the group must pay",
    "all in over all out": "that and new equity, loans and bonds, over all that is paid: payouts and investments "
    "outside the group stand below the line too, so that it can be less than the share before",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Cash that enters a group of firms from others and leaves it in a year, in USD."""

    period: str
    status: str
    firms: tuple[str, ...]
    sales_usd: float  # what others buy
    business_usd: float  # other business, after its own costs; nan before the opening balance sheets
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
        """Cash in over cash out by WAYS; inf where nothing leaves, nan where a part is not known."""
        sales = self.sales_usd + self.other_usd
        paid = sum(self.leaving_usd.values())
        ways = ((sales, self.due_usd), (sales + self.business_usd, self.due_usd),
                (sales + self.business_usd + self.finance_usd, paid))  # fmt: skip
        return {name: came / left if left > 0.0 else inf for name, (came, left) in zip(WAYS, ways, strict=True)}


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
    """Coverage of a group by year; the core by default.

    Args:
        business: False leaves other business out; it is not known for years before the opening balance sheets.
    """
    group = book.core if firms is None else tuple(firms)
    found = []
    for year in years:
        payments = network(book, year, status)
        there = tuple(name for name in group if name in payments.parties)
        if there:
            found.append(coverage(payments, there, other_business_usd(book, group, year) if business else 0.0))
    return tuple(found)


def other_business_usd(book: Book, firms: Iterable[str], year: int) -> float:
    """What the firms' business outside the network leaves after its own costs in a year, in USD.

    It grows as the parties say, from the day of the balance sheets on; what nobody knows of a firm counts as 0. nan
    for years before.
    """
    later = year - book.as_of.year - HALF_YEAR
    if later < 0.0:
        return nan
    parts = (book.parties[name].other_business_usd(later) for name in firms)
    return sum(usd for usd in parts if not isnan(usd))
