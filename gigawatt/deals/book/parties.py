"""A party of the book: its place in the chain, its opening balance sheet and its yearly business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isnan

TIERS = (
    "customers", "lab", "cloud", "landlord", "maker", "supplier", "holding", "vehicle", "lender", "investor", "public",
)  # fmt: skip
SECTORS = {
    "customers": "customers", "lenders": "lender", "investors": "investor", "government": "public",
    "utilities": "supplier", "suppliers": "supplier", "builders": "supplier",
}  # fmt: skip
"""Parties that stand for everybody of their kind who is not named, and their tiers."""

NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A firm, or a sector that stands for all others of its kind; numbers that nobody knows are nan.

    The balance sheet is that of the book's day. Loans by deal that were drawn by then are inside `debt_usd`, whoever
    lent them; the rest of it is owed to lenders who are not named.
    """

    key: str
    name: str = ""
    tier: str = "supplier"  # one of TIERS
    group: str = ""  # name in the weekly world
    core: bool = False  # one of the firms whose circle is asked for
    nation: str = ""
    cash_usd: float = NAN
    debt_usd: float = NAN  # loans and bonds, without leases
    lease_usd: float = NAN  # operating and finance leases on the balance sheet
    chips_usd: float = NAN  # chips and servers, net of depreciation
    sites_usd: float = NAN  # sites, power and other fixed assets, net
    other_assets_usd: float = NAN
    other_liabilities_usd: float = NAN
    revenue_usd: float = NAN  # a year, from outside the named parties
    margin: float = NAN  # share of it left after what is paid outside; may be negative
    growth: float = NAN  # of revenue_usd, a year; may be negative
    capex_usd: float = NAN  # a year
    revolver_usd: float = NAN  # committed and undrawn
    market_value_usd: float = NAN  # of all shares
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # 90 % interval by name of the number
    source: str = ""
    note: str = ""

    @property
    def is_sector(self) -> bool:
        """True if it stands for everybody of its kind who is not named."""
        return self.key in SECTORS

    @property
    def equity_usd(self) -> float:
        """Assets less liabilities of the opening balance sheet; nan where cash is not known, other gaps count as 0.

        What is leased is taken to be worth what is owed for it, so that leases stand on neither side.
        """
        assets = (self.chips_usd, self.sites_usd, self.other_assets_usd)
        debts = (self.debt_usd, self.other_liabilities_usd)
        return self.cash_usd + sum(u for u in assets if u == u) - sum(u for u in debts if u == u)

    def other_business_usd(self, years: float) -> float:
        """What business outside the book leaves after its costs at a time, in USD a year; nan where nobody knows.

        Args:
            years: Since the day of the book; revenue has grown so long, where its growth is known.
        """
        grown = 1.0 if isnan(self.growth) else (1.0 + self.growth) ** years
        return self.revenue_usd * self.margin * grown

    @property
    def title(self) -> str:
        """Its name in full, or its key."""
        return self.name or self.key


NUMBERS = tuple(each.name for each in fields(Party) if each.type == "float")
"""Fields of a party that are numbers, in their order."""


def or_zero(value: float) -> float:
    """A number, 0 where nobody knows it."""
    return 0.0 if isnan(value) else value


def sector(key: str) -> Party:
    """The party that stands for everybody of a kind who is not named."""
    return Party(key=key, tier=SECTORS[key], group=key)
