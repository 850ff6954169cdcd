"""A programme of compute by its numbers: gigawatts, their cost and owners, its income, and who may fund it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

import numpy as np

from gigawatt.units import QUARTERS_PER_YEAR

MOST_AHEAD = 16  # quarters before it comes up in which anything is paid
LONGEST_CHIP_LIFE = 20.0  # years
BOUNDLESS = ("revenue_multiple", "capacity_usd_per_year")  # limits of a source that may be left open
SOURCE_KINDS = ("equity", "level", "bullet", "cash")
USES_TO_LEND_ON = ("any", "vendor", "site", "capex", "revenue")
Path = tuple[tuple[int, float], ...]  # values by year, in order; straight between them, level outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Money from outside: how much a year, on what terms, against what.

    `kind`: equity is never repaid; a level loan is repaid in equal parts over `years`, a bullet loan at the end of
    `years`; cash of a sponsor is neither repaid nor costs interest.

    Limits, all of which hold:

    - the capacity of the market for this programme (`capacity_usd_per_year`);
    - `advance` of what it lends on (`lends_on`): any use, the chips that vendors finance, sites (buildings and power),
      all capex, or the revenue of the quarter;
    - for loans, `revenue_multiple` of the last year's revenue outstanding at most;
    - for equity, `dilution_per_year` of the market value, which is `value_multiple` times annualised revenue.
    """

    name: str
    kind: str
    capacity_usd_per_year: Path
    rate: float = 0.0
    years: float = 5.0
    lends_on: str = "any"
    advance: float = 1.0
    revenue_multiple: float = math.inf
    dilution_per_year: float = 0.0
    value_multiple: Path = ()
    always: bool = False  # given whether it is needed or not, such as a round that is closed; no luck in its capacity

    def __post_init__(self) -> None:
        _one_of(self.name, "kind", self.kind, SOURCE_KINDS)
        _one_of(self.name, "lends_on", self.lends_on, USES_TO_LEND_ON)
        _finite(self.name, self, BOUNDLESS)
        if not self.capacity_usd_per_year or min(usd for _, usd in self.capacity_usd_per_year) < 0:
            raise ValueError(f"{self.name}: capacity_usd_per_year wants years with amounts of at least 0")
        if self.rate < 0 or self.years < 0.25 or self.advance < 0:
            raise ValueError(f"{self.name}: rate and advance at least 0, years at least 0.25")
        if self.revenue_multiple < 0 or not 0 <= self.dilution_per_year <= 1:
            raise ValueError(f"{self.name}: revenue_multiple at least 0, dilution_per_year from 0 to 1")

    @property
    def is_debt(self) -> bool:
        """Whether it is owed back."""
        return self.kind in ("level", "bullet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A factor on one number of the programme: median 1, a 90 % interval, and its share in the common luck.

    Log-normal on either side of 1. `loading`, -1 to 1: correlation with the luck that all doubts share, so that two
    doubts are correlated by the product of their loadings.
    """

    name: str
    low: float
    high: float
    loading: float = 0.0

    def __post_init__(self) -> None:
        _one_of("doubt", "name", self.name, DOUBTS)
        if not (0 < self.low <= 1 <= self.high < math.inf and abs(self.loading) <= 1):
            raise ValueError(f"doubt {self.name}: wants 0 < low <= 1 <= high and a loading of -1 to 1")


DOUBTS = ("cost", "chip_life", "pace", "revenue", "price", "rent", "other_cost", "capacity", "value", "rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A build-out of compute and the money that flows through its owner, from `start_year` for `years`.

    Nominal USD. Compute is `own` (its owner pays capex and refresh), vendor-financed (as own, and chip vendors lend
    the chips' price) or leased (take-or-pay rent, whether it is used or not); what was there at the start is leased.
    """

    name: str
    title: str
    start_year: int
    years: int
    target_year: int  # of the revenue that `required` tells
    gw: Path  # at year ends, of IT load or as announced; the first is the opening
    own_share: Path  # of what is added in a year
    vendor_share: Path
    chips_usd_per_gw: float  # chips, servers and network
    facility_usd_per_gw: float  # land, building, cooling
    power_usd_per_gw: float  # electrical gear and supply
    chip_life_years: float
    facility_life_years: float
    power_life_years: float
    facility_build_quarters: int  # quarters over which a site is paid, up to when it comes up
    chip_lead_quarters: int  # quarters before it comes up in which its chips are paid
    opex_usd_per_gw_year: float  # energy and upkeep of own compute
    rent_usd_per_gw_year: float
    rent_capital_share: float = 0.0  # of rent; follows another cost of a gigawatt, see `with_cost`
    rent_debt_years: float = 0.0  # of rent that count as debt beside what is borrowed
    revenue_usd: Path  # by calendar year
    growth_late: float  # of revenue in the first year after the last of `revenue_usd`
    growth_fade: float  # share of the growth that is left a year later
    price_usd_per_gwh: float  # of compute sold to customers
    utilisation: float  # most that can be sold of what serves customers: nights, peaks, failures
    serving_share: Path  # of all compute; the rest trains and searches
    tokens_per_gwh: float
    fixed_cost_usd_per_year: Path  # staff and others that do not follow revenue
    other_cost_share: Path  # of revenue: revenue shares, payments, sales
    tax_rate: float
    cash_usd: float
    minimum_cash_usd: float
    sources: tuple[Source, ...]
    doubts: tuple[Doubt, ...] = ()
    citation: str = ""
    about: str = ""
    fixed_growth: float | None = field(default=None)  # of revenue a year, in place of `revenue_usd` after its first

    def __post_init__(self) -> None:
        _finite(self.name, self)
        self._check_paths()
        positive = "years chip_life_years facility_life_years power_life_years price_usd_per_gwh utilisation"
        for name in positive.split():
            if not getattr(self, name) > 0:
                raise ValueError(f"{self.name}: {name} {getattr(self, name):g} must be above 0")
        if not 0.5 <= self.chip_life_years <= LONGEST_CHIP_LIFE:
            bound = f"from 0.5 to {LONGEST_CHIP_LIFE:g}"
            raise ValueError(f"{self.name}: chip_life_years {self.chip_life_years:g} must be {bound}")
        if not (0 <= self.rent_capital_share <= 1 and self.rent_debt_years >= 0):
            raise ValueError(f"{self.name}: rent_capital_share from 0 to 1, rent_debt_years at least 0")
        if not 0 <= self.tax_rate <= 1:
            raise ValueError(f"{self.name}: tax_rate {self.tax_rate:g} must be from 0 to 1")
        if self.utilisation > 1:
            raise ValueError(f"{self.name}: utilisation {self.utilisation:g} is a share of what serves, at most 1")
        levels = [gw for _, gw in self.gw]
        if not levels or min(levels) < 0 or levels != sorted(levels):
            raise ValueError(f"{self.name}: gw wants at least one year, none below 0, and never falls")
        for year in range(self.start_year, self.start_year + self.years):
            if at(self.own_share, year) + at(self.vendor_share, year) > 1 + 1e-9:
                raise ValueError(f"{self.name}: own_share and vendor_share of {year} are above 1 together")

    def _check_paths(self) -> None:
        """ValueError for a path without years, revenue that begins from nothing, or times that cannot be."""
        paths = "gw own_share vendor_share revenue_usd serving_share fixed_cost_usd_per_year other_cost_share"
        for name in paths.split():
            if not getattr(self, name):
                raise ValueError(f"{self.name}: {name} wants a value of at least one year")
        revenue = [usd for _, usd in self.revenue_usd]
        if min(revenue) < 0 or (min(revenue) == 0 < max(revenue)):
            raise ValueError(f"{self.name}: revenue_usd wants amounts above 0 in all its years, or 0 in all")
        if self.fixed_growth is not None and self.fixed_growth <= -1:
            raise ValueError(f"{self.name}: growth of {self.fixed_growth:g} a year must be above -1")
        if not (1 <= self.facility_build_quarters <= MOST_AHEAD and 0 <= self.chip_lead_quarters < MOST_AHEAD):
            raise ValueError(f"{self.name}: facility_build_quarters and chip_lead_quarters of at most {MOST_AHEAD}")

    @property
    def asked_year(self) -> int:
        """The target year, or the last year of the plan where that comes first."""
        return min(max(self.target_year, self.start_year), self.start_year + self.years - 1)

    @property
    def cost_usd_per_gw(self) -> float:
        """Capital of a gigawatt, whoever pays it."""
        return self.chips_usd_per_gw + self.facility_usd_per_gw + self.power_usd_per_gw

    @property
    def added_gw(self) -> float:
        """What the programme adds from its start to its end."""
        return at(self.gw, self.start_year + self.years - 1) - at(self.gw, self.start_year - 1)

    @property
    def capital_usd(self) -> float:
        """Capital of all that is added, whoever pays it, without the refresh of chips."""
        return self.added_gw * self.cost_usd_per_gw

    @property
    def quarters(self) -> int:
        """Quarters of the plan."""
        return self.years * QUARTERS_PER_YEAR

    @property
    def calendar(self) -> np.ndarray:
        """Calendar year of each quarter, shape (quarters,)."""
        return self.start_year + np.arange(self.quarters) // QUARTERS_PER_YEAR


def at(path: Path, year: float) -> float:
    """Value of a path in a year: straight between its years, level before and after them."""
    return float(np.interp(year, [point for point, _ in path], [value for _, value in path]))


def _finite(owner: str, item: Source | Programme, boundless: tuple[str, ...] = ()) -> None:
    """ValueError for a number, or a number of a path, that is not finite; those of `boundless` may be infinite."""
    for entry in fields(item):
        given = getattr(item, entry.name)
        paths = given if isinstance(given, tuple) else ()
        values = (
            [given] if isinstance(given, float) else [one for pair in paths if isinstance(pair, tuple) for one in pair]
        )
        for value in values:
            if math.isnan(value) or (math.isinf(value) and entry.name not in boundless):
                raise ValueError(f"{owner}: {entry.name} {value:g} must be finite")


def _one_of(owner: str, what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ValueError(f"{owner}: {what} {given!r}; allowed: {', '.join(known)}")
