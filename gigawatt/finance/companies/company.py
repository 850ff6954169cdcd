"""A company as lenders read it: what it opens with, what it sells, buys, owes and may raise.

All quarters count from the first after the opening: 0 is 2026 Q1 for a company that opens at 2025-12-31, and
`OPENING` (-1) is what stands at the opening itself. Amounts are in nominal USD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

import numpy as np

from gigawatt.catalog import Fact
from gigawatt.units import QUARTERS_PER_YEAR as QUARTERS_PER_YEAR

Array = np.ndarray
ByYear = Mapping[int, float]  # calendar year -> value
ByQuarter = Mapping[int, float]  # quarter from the opening -> value
OPENING = -1  # the quarter of what stands at the opening
DAYS_PER_QUARTER = 365 / 4
OPENING_DATA = (
    "cash_usd", "debt_usd", "debt_rate", "debt_years", "chips_usd", "sites_usd", "other_assets_usd",
    "other_liabilities_usd", "tax_losses_usd", "revenue_usd_per_quarter", "revenue_last_year_usd",
    "contracted_usd_per_quarter", "rpo_usd", "rpo_years", "customer", "chip_life_years", "site_life_years",
    "in_progress", "lease_usd", "lease_years", "uncommenced_usd", "uncommenced_years", "commitments_usd",
    "commitment_years", "tranche", "raise", "vehicle", "receivable_days", "payable_days", "deferred_days",
    "revolver_usd", "base_rate",
)  # fmt: skip
# Marks of debts and vehicles, which are not counted as numbers.
FLAGS = ("floating", "secured", "assumed", "in_leases", "in_costs", "new_debt_bullet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The balance sheet at the opening, but for what follows from debts, leases and days outstanding."""

    cash_usd: float
    chips_usd: float  # chips and servers, net
    sites_usd: float  # sites, power, other fixed assets, net
    other_assets_usd: float = 0.0  # goodwill, stakes, other
    other_liabilities_usd: float = 0.0
    tax_losses_usd: float = 0.0  # carried forward, off the balance sheet: no deferred tax asset is booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """What is sold and what it costs; shares are of revenue, maps by calendar year are read between mid-years."""

    revenue_usd_per_quarter: float  # of the quarter before the first
    revenue_last_year_usd: float = 0.0  # of the calendar year before the first; 0 where not told
    contracted_usd_per_quarter: float = 0.0  # part of it under contract
    growth: ByYear  # a year, of revenue beside contracts
    other_usd: ByQuarter = field(default_factory=dict)  # revenue beside contracts of quarters that are known
    rpo_usd: float = 0.0  # remaining performance obligations (ASC 606): the backlog under contract
    rpo_years: float = 5.0  # over which it becomes revenue
    rpo_ramp_years: float = 1.0  # until it does so at full rate
    bookings_usd: ByYear  # contracts signed in a year, beside those of quarters that are known
    booked_usd: ByQuarter = field(default_factory=dict)  # contracts signed in quarters that are known
    booking_years: float = 5.0
    booking_delay_years: float = 0.5
    run_off_years: float = 2.0  # within which contracts end, half of them before the years above are over
    renewal: float = 0.0  # share of what contracts end that is sold again, at their price, beside contracts
    customers: Mapping[str, float]  # share of contracted revenue
    cost: ByYear  # cost of revenue, cash, without leases and depreciation
    operating: ByYear  # research, sales, general: cash
    stock: ByYear  # share-based compensation
    fixed_cost: float = 0.7  # share of costs that stays when revenue falls short of plan
    receivable_days: float = 45.0
    payable_days: float = 45.0  # of costs; capex is told as it is paid, and unpaid capex of the opening stays owed
    deferred_days: float = 0.0  # of revenue, paid in advance
    tax_rate: float = 0.21


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """What is bought and how it wears: straight line by vintage, from the quarter after purchase."""

    capex_usd: ByYear  # plan, and the years before the opening
    capex_growth: float = 0.0  # a year, after the last year of the plan
    past_growth: float = 0.3  # a year, before the first year told
    chip_share: float = 0.65  # of capex that is chips and servers
    chip_life_years: float = 5.0
    site_life_years: float = 20.0
    in_progress: float = 0.15  # share of net assets at the opening that is not in service and does not wear yet
    invest_usd: ByYear  # stakes bought, by year


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """Operating leases on the balance sheet, those signed but not commenced, and other firm purchases."""

    liability_usd: float = 0.0
    years: float = 10.0
    uncommenced_usd: float = 0.0  # undiscounted
    uncommenced_years: float = 15.0
    first: int = 0  # quarter in which the first of them commences
    last: int = 7
    rate: float = 0.06
    commitments_usd: float = 0.0  # take-or-pay purchases, undiscounted, not on the balance sheet
    commitment_years: float = 5.0

    def __post_init__(self) -> None:
        """Refuses what no lease can be."""
        _within("leases", self, ("liability_usd", "uncommenced_usd", "commitments_usd", "rate"), 0.0)
        _within("leases", self, ("years", "uncommenced_years", "commitment_years"), 1 / QUARTERS_PER_YEAR)
        if not 0 <= self.first <= self.last:
            raise ValueError(f"leases commence in quarters {self.first} to {self.last}: must be 0 or later, in order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tranche:
    """One debt: drawn evenly from `drawn_first` to `drawn_last`, repaid evenly from `first` to `last`."""

    name: str
    principal_usd: float
    rate: float  # all-in, a year
    floating: float = 0.0  # share of it whose rate moves with the base rate; 1: all
    drawn_first: int = OPENING
    drawn_last: int = OPENING
    first: int  # quarter of the first repayment; equal to `last` for a bullet
    last: int
    secured: bool = False  # on chips and sites
    assumed: bool = False  # its days of repayment are assumed, not told by its terms

    def __post_init__(self) -> None:
        """Refuses debt that would be repaid before it is drawn, or owed at less than nothing."""
        _within(f"debt {self.name!r}", self, ("principal_usd", "rate"), 0.0)
        _within(f"debt {self.name!r}", self, ("floating",), 0.0, 1.0)
        stands = self.drawn_first == self.drawn_last == OPENING
        if not stands and not 0 <= self.drawn_first <= self.drawn_last:
            raise ValueError(
                f"debt {self.name!r} is drawn in quarters {self.drawn_first} to {self.drawn_last}: must be 0 or later, "
                f"in order, or both {OPENING} for debt that stands at the opening"
            )
        if not max(0, self.drawn_last) <= self.first <= self.last:
            raise ValueError(
                f"debt {self.name!r} is repaid in quarters {self.first} to {self.last}: must be "
                f"{max(0, self.drawn_last)}, when it is drawn, or later, in order"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """Shares sold under a deal that is signed."""

    name: str
    usd: float
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """Debt of a company that is not consolidated, which analysts look through."""

    name: str
    debt_usd: float
    rate: float
    years: float
    first: int = OPENING  # quarter from which it counts
    in_leases: bool = False  # its rent already stands among the leases: told, not added
    in_costs: bool = False  # its rent is paid within the costs of the plan, so that it is added back to EBITDA

    def __post_init__(self) -> None:
        """Refuses what no vehicle can be."""
        _within(f"vehicle {self.name!r}", self, ("debt_usd", "rate"), 0.0)
        _within(f"vehicle {self.name!r}", self, ("years",), 1 / QUARTERS_PER_YEAR)
        _within(f"vehicle {self.name!r}", self, ("first",), OPENING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """How a want of cash is met, in this order: revolver, new term debt, shares; then the buffer; then a gap."""

    tranches: tuple[Tranche, ...]
    raises: tuple[Raise, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    base_rate: float = 0.036  # floating, a year
    cash_rate: float = 0.035
    revolver_usd: float = 0.0  # committed
    revolver_margin: float = 0.015
    min_cash_usd: float = 0.0
    max_leverage: float = 3.5  # debt over annualised EBITDA
    loan_to_value: float = 0.0  # debt over fixed assets, of lenders on assets: the tighter of the two; 0: none
    new_debt_margin: float = 0.02
    new_debt_years: float = 7.0
    new_debt_bullet: bool = False
    equity_usd_per_year: float = 0.0  # most shares sold beyond `raises`
    payout: float = 0.0  # dividends and buy-backs over net income


@dataclass(frozen=True, kw_only=True)
class Company:
    """A company at its opening, with its plan; `facts` are the catalog rows that all of it comes from."""

    name: str
    title: str
    opening_date: str  # ISO
    opening: Opening
    business: Business
    assets: Assets
    leases: Leases
    funding: Funding
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    published: tuple[Fact, ...] = field(default=(), repr=False)  # what was told later: compared with, not used

    @property
    def first_year(self) -> int:
        """Calendar year of quarter 0; companies open at the end of a calendar year."""
        return int(self.opening_date[:4]) + 1

    @property
    def debt_usd(self) -> float:
        """Debt that stands at the opening."""
        return sum(t.principal_usd for t in self.funding.tranches if t.drawn_last == OPENING)

    def sourced(self, opening: bool) -> tuple[int, int]:
        """Numbers with a published source, and all numbers, of what stood at the opening or of the plan after it."""
        told = [f for f in self.facts if f.attribute.rpartition(".")[2] not in FLAGS]
        numbers = [f for f in told if not isinstance(f.value, str) and self._is_opening(f) == opening]
        return sum(fact.confidence != "own-estimate" for fact in numbers), len(numbers)

    def _is_opening(self, fact: Fact) -> bool:
        """Whether a row tells what stood or was signed, rather than what is planned or assumed."""
        group, _, rest = fact.attribute.partition(".")
        return int(rest) < self.first_year if group == "capex_usd" else group in OPENING_DATA


def _within(what: str, told: object, names: tuple[str, ...], least: float, most: float = inf) -> None:
    """Refuses numbers of a dataclass out of bounds, NaN and infinity among them."""
    for name in names:
        value = getattr(told, name)
        if not (least <= value <= most and value < inf):
            bound = f"at least {least:g}" if most == inf else f"{least:g} to {most:g}"
            raise ValueError(f"{what}: {name} {value:g} must be {bound} and finite")


def quarter_label(company: Company, quarter: int) -> str:
    """`2026 Q1` of quarter 0."""
    years, rest = divmod(quarter, QUARTERS_PER_YEAR)
    return f"{company.first_year + years} Q{rest + 1}"


def by_quarter(values: ByYear, first_year: int, quarters: int) -> Array:
    """Values at the middle of each quarter, straight lines between mid-years, flat outside; shape (quarters,)."""
    if not values:
        return np.zeros(quarters)
    years = sorted(values)
    middle = first_year + (np.arange(quarters) + 0.5) / QUARTERS_PER_YEAR
    return np.interp(middle, [year + 0.5 for year in years], [values[year] for year in years])


def yearly(values: ByYear, year: int, growth: float = 0.0) -> float:
    """The value of a year; after the last one told it grows, before it and in years left out it is 0."""
    if year in values:
        return values[year]
    last = max(values, default=year)
    return values[last] * (1 + growth) ** (year - last) if last < year else 0.0
