"""What no deal says and exposures need: shares held, terms of loans, lives of assets, falls of their prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType

from gigawatt import catalog
from gigawatt.catalog import Fact
from gigawatt.deals.book import Deal
from gigawatt.deals.book.deal import secured_by

CHIPS, CAMPUS = "chips", "campus"
KINDS = (CHIPS, CAMPUS)


@dataclass(frozen=True, slots=True)
class Range:
    """A middle value with the ends of its 90 % interval."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """How a loan is repaid: even repayments of a share from the last drawing on, the rest at maturity."""

    years: float  # from the first drawing to maturity
    amortised: float  # share repaid before maturity, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetTerms:
    """An asset of one kind: how long it is written off, how far its price may fall, what rent pays for it."""

    life_years: Range
    fall: Range  # share of book value lost in a slump
    opening_age_years: float  # mean age of what is on the books at first
    rent_share: float  # of rent and compute sold, the part that pays for the asset


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """A share of a firm, known on a day."""

    share: Range
    day: date
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """All that exposures take beside the book."""

    assets: Mapping[str, AssetTerms]  # by kind
    loans: Mapping[str, LoanTerms]  # by deal, or by `chips`, `campus` and `unsecured` for all others
    firm_years: Mapping[str, float] = field(default_factory=dict)  # first term of leases that the renter may leave
    stakes: Mapping[tuple[str, str], Stake] = field(default_factory=dict)  # by holder and firm
    tenants: Mapping[str, str] = field(default_factory=dict)  # renter of a campus whose lease is with somebody else

    def loan(self, deal: Deal) -> LoanTerms:
        """Terms of a loan: its own, or those of its kind."""
        return self.loans.get(deal.key) or self.loans[secured_by(deal) or "unsecured"]


@cache
def catalog_terms() -> Terms:
    """Terms of the catalog: tables `residuals` and `stakes`, and the financings that `residuals` names."""
    known = {item: catalog.facts("residuals", item) for item in catalog.items("residuals")}
    firms = {key: facts["firm_years"] for key, facts in known.items() if "firm_years" in facts}
    return Terms(
        assets=MappingProxyType({kind: _asset(known[kind]) for kind in KINDS}),
        loans=MappingProxyType({key: _loan(facts) for key, facts in known.items()
                                if "financing" in facts or "loan_years" in facts}),
        firm_years=MappingProxyType({key: float(fact.value) for key, fact in firms.items()}),
        stakes=MappingProxyType(dict(_stake(item) for item in catalog.items("stakes"))),
        tenants=MappingProxyType({key: str(facts["tenant"].value) for key, facts in known.items()
                                  if "tenant" in facts}),
    )  # fmt: skip


def _asset(facts: Mapping[str, Fact]) -> AssetTerms:
    return AssetTerms(
        life_years=_range(facts["life_years"]), fall=_range(facts["fall"]),
        opening_age_years=float(facts["opening_age_years"].value), rent_share=float(facts["rent_share"].value),
    )  # fmt: skip


def _loan(facts: Mapping[str, Fact]) -> LoanTerms:
    """Terms of a financing of the catalog, or given here."""
    if "financing" in facts:
        found = catalog.facts("financings", str(facts["financing"].value))
        return LoanTerms(years=float(found["years"].value), amortised=float(found["amortised"].value))
    return LoanTerms(years=float(facts["loan_years"].value), amortised=float(facts["amortised"].value))


def _stake(item: str) -> tuple[tuple[str, str], Stake]:
    facts = catalog.facts("stakes", item)
    share = facts["share"]
    found = Stake(share=_range(share), day=date.fromisoformat(share.as_of), source=share.source, note=share.note)
    return (str(facts["holder"].value), str(facts["firm"].value)), found


def _range(fact: Fact) -> Range:
    middle = float(fact.value)
    return Range(middle, middle if fact.low is None else fact.low, middle if fact.high is None else fact.high)
