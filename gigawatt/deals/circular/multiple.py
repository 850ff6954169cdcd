"""Market value that a dollar of contract or of a vendor's investment brings, and what its end takes away.

A share price that is a multiple of earnings turns sales into market value. If a vendor invests 1 USD in a customer and
that brings sales of s USD a year at net margin m, and the market pays the multiple P for a dollar of yearly earnings,
its market value moves by

    s m P + v - 1

with v what the stake is worth: 1 at the price of the round. Counted as what they are, sales of one year are worth s m;
P takes them as lasting. When the investment ends and the sales with it, s m P goes, and the stake falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

from gigawatt import catalog
from gigawatt.deals.book import Book, Network
from gigawatt.deals.book.parties import or_zero
from gigawatt.deals.circular.returning import investment_returned
from gigawatt.deals.circular.scopes import scoped

MULTIPLIERS = "today-multiplier"  # item of the table of facts
EVENTS = (
    ("Oracle", "contract with OpenAI told", "oracle_market_value_added_in_one_day", "openai-oracle-300", 1),
    ("Nvidia", "letter of intent, OpenAI", "nvidia_market_value_added_on_openai_announcement", "nvda-openai-loi", 1),
    ("Oracle", "after the peak", "oracle_market_value_lost_after_peak", "openai-oracle-300", -1),
)  # fmt: skip
"""Who, what, the fact, the deal whose amount it is measured by, and whether value was added or lost."""
ENDS = ("low", "middle", "high")
PLAN = {"cost.2026", "operating.2026", "tax_rate", "revenue_last_year_usd"}
"""What the catalog must know of a vendor's costs."""


@dataclass(frozen=True, slots=True)
class Event:
    """Market value that moved when a contract was told, or afterwards."""

    firm: str
    what: str
    day: str
    usd: float  # negative where value was lost
    deal: str
    contract_usd: float
    source: str
    note: str

    @property
    def per_usd(self) -> float:
        """Market value per dollar of the contract."""
        return self.usd / self.contract_usd


@dataclass(frozen=True, slots=True)
class Amplified:
    """What 1 USD of a vendor's investment does to its market value, in USD."""

    sales_usd: float  # a year, that the dollar brings
    margin: float
    multiple: float  # market value over earnings of a year
    stake_usd: float = 1.0  # worth of the stake per dollar paid
    stake_after_usd: float = 0.0  # worth once the customer fails

    @property
    def earnings_usd(self) -> float:
        """Earnings of one year: what the sales are worth if they come once."""
        return self.sales_usd * self.margin

    @property
    def gained_usd(self) -> float:
        """What market value moves by, the dollar paid taken off."""
        return self.earnings_usd * self.multiple + self.stake_usd - 1.0

    @property
    def reversed_usd(self) -> float:
        """What goes when the sales end and the stake falls; 0 or more."""
        return self.earnings_usd * self.multiple + self.stake_usd - self.stake_after_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the market pays for a vendor's earnings, from its past and its coming sales."""

    vendor: str
    market_value_usd: float
    margin: float  # net, of sales
    past_sales_usd: float  # of the last year told
    coming_sales_usd: float  # of the network's year
    planned: bool = True  # by the catalog's plan of costs and tax; by the margin of the book without one

    @property
    def multiples(self) -> tuple[float, float]:
        """Market value over earnings: of the coming year and of the past one, the lower first."""
        found = [
            self.market_value_usd / (sales * self.margin) for sales in (self.coming_sales_usd, self.past_sales_usd)
        ]
        return min(found), max(found)


def events(book: Book) -> tuple[Event, ...]:
    """Market value that was added or lost, by the facts of the catalog, over the contracts of a book that has them."""
    known = {deal.key: deal for deal in book.deals}
    found = []
    for firm, what, name, key, sign in EVENTS:
        if key in known and known[key].known:
            fact = catalog.fact("facts", MULTIPLIERS, name)
            usd = sign * float(fact.value)
            found.append(Event(firm, what, fact.as_of, usd, key, known[key].amount, fact.source, fact.note))
    return tuple(found)


def vendor_terms(book: Book, payments: Network, vendor: str) -> Terms:
    """Net margin and multiple of a vendor: costs and tax of its plan in the catalog, market value of the book.

    Without a plan the margin of the book holds, before taxes, and the sales of the year stand for those of the past.

    Raises:
        ValueError: Neither the catalog nor the book knows them.
    """
    party = book.parties.get(vendor)
    known = catalog.facts("statements", vendor) if vendor in catalog.items("statements") else {}
    sales_usd = sum(edge.usd for edge in payments.edges if edge.payee == vendor and edge.is_purchase)
    if party is not None:
        sales_usd += or_zero(party.revenue_usd)
    planned = set(known) >= PLAN
    if party is None or isnan(party.market_value_usd) or not (planned or (party.margin > 0.0 and sales_usd > 0.0)):
        raise ValueError(
            f"margin and market value of {vendor} are not known: a book can give market_value_usd and margin in its "
            "parties.csv"
        )
    if not planned:
        return Terms(vendor=vendor, market_value_usd=party.market_value_usd, margin=party.margin, planned=False,
                     past_sales_usd=sales_usd, coming_sales_usd=sales_usd)  # fmt: skip
    costs = sum(_number(known[name].value) for name in ("cost.2026", "operating.2026", "stock.2026") if name in known)
    return Terms(
        vendor=vendor, market_value_usd=party.market_value_usd,
        margin=(1.0 - costs) * (1.0 - _number(known["tax_rate"].value)),
        past_sales_usd=_number(known["revenue_last_year_usd"].value), coming_sales_usd=sales_usd,
    )  # fmt: skip


def sales_per_usd(payments: Network, vendor: str) -> tuple[float, float, float]:
    """Sales of a vendor that are its own investment come back, per dollar invested: at least, in proportion, at most.

    Followed as `circularity_of` follows it for everybody: sectors are open ends and pass nothing on.

    Raises:
        ValueError: The vendor invests in nobody who can buy from it.
    """
    seen = scoped(payments, "everybody")
    for each in investment_returned(seen.whole, seen.inner):
        if each.investor == vendor:
            usd = (each.least_usd, each.proportional_usd, each.most_usd)
            low, middle, high = (each.share_of_invested(amount) for amount in usd)
            return low, middle, high
    raise ValueError(f"{vendor} has no investment in {payments.period or 'the network'} that can come back as sales")


def amplified(sales: tuple[float, float, float], terms: Terms, stakes: Mapping[str, float]) -> dict[str, Amplified]:
    """What a dollar of investment does at the low ends, in the middle and at the high ends of sales and multiple.

    Args:
        stakes: Worth of the stake per dollar paid, and `after` a failure, in USD.
    """
    low, high = terms.multiples
    cases = zip(ENDS, sales, (low, (low + high) / 2.0, high), strict=True)
    return {
        name: Amplified(usd, terms.margin, multiple, stakes["now"], stakes["after"]) for name, usd, multiple in cases
    }


def _number(value: float | str) -> float:
    """A value of the catalog, or of the fact that it names: "=facts/nvidia/revenue_fy2026"."""
    if isinstance(value, str) and value.startswith("="):
        table, item, attribute = value.removeprefix("=").split("/")
        return float(catalog.fact(table, item, attribute).value)
    return float(value)
