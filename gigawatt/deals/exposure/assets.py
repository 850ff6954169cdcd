"""Chips and campuses that were financed: who owns them, what they are worth on the books, who rents, who is owed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from gigawatt.deals.book import Book, Deal, Party
from gigawatt.deals.book.deal import DEBTS, PURCHASES, secured_by
from gigawatt.deals.book.schedule import ONE_DAY, due
from gigawatt.deals.exposure.exposures import guarantee_rows
from gigawatt.deals.exposure.layers import Exposure
from gigawatt.deals.exposure.loans import DAYS_PER_YEAR, owed_usd, paid_usd
from gigawatt.deals.exposure.other_debt import other_debts, secured_on
from gigawatt.deals.exposure.terms import CAMPUS, CHIPS, Terms

BUYERS = frozenset({"lab", "cloud", "vehicle"})
BUILDERS = frozenset({"landlord", "vehicle"})
"""Tiers whose chips, and whose campuses, are looked at: large firms' other buildings are not told apart."""
BOUGHT = {CHIPS: "chips", CAMPUS: "build"}
"""Kind of payment by which an asset is bought."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What was bought on a day, with the age that it had then."""

    day: date
    usd: float
    age_years: float = 0.0

    def book_usd(self, day: date, life_years: float) -> float:
        """Value on the books after a straight line to nothing at the end of the life."""
        left = max(life_years - self.age_years, 1.0)
        return self.usd * min(1.0, max(0.0, 1.0 - (day - self.day).days / DAYS_PER_YEAR / left)) * (day >= self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is owed on an asset, by deal or as other debt with this collateral."""

    lender: str
    usd: float
    junior: bool
    deal: Deal | None = None  # None: debt of the opening balance sheet that no deal explains

    def left_usd(self, day: date, terms: Terms) -> float:
        """What of it is owed on a later day: new drawings left out, other debt as it is."""
        return self.usd if self.deal is None else min(self.usd, owed_usd(self.deal, day, terms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """A contract under which somebody pays for the use of an asset."""

    renter: str
    deal: Deal | None
    last: date  # of the term that is firm

    def usd(self, first: date, after: date) -> float:
        """What is due from `first` to the day before `after` within the firm term; 0 where the rent is unknown."""
        return 0.0 if self.deal is None else due(self.deal, first, min(after, self.last + ONE_DAY))

    def whole(self, first: date, after: date) -> float:
        """Share of these days on which the asset is let as a whole, at a rent that is unknown."""
        if self.deal is not None and self.deal.known:
            return 0.0
        begun = first if self.deal is None else max(first, self.deal.start)
        return max(0, (min(after, self.last + ONE_DAY) - begun).days) / max(1, (after - first).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """All chips, or all campuses, of one owner on a day."""

    owner: str
    kind: str  # chips or campus
    vehicle: bool  # whether creditors can look to these assets alone
    day: date
    lots: tuple[Lot, ...]
    debts: tuple[Debt, ...]
    other_debt_usd: float  # of the owner, with no collateral in the asset
    rents: tuple[Rent, ...]
    backstops: tuple[Exposure, ...]  # guarantees of the owner, of its debts, and of its renters

    @property
    def name(self) -> str:
        """Owner and kind."""
        return f"{self.owner}, {self.kind}"

    def book_usd(self, day: date, life_years: float) -> float:
        """Value on the books on a day, of what was bought until the day the asset is looked at."""
        return math.fsum(lot.book_usd(day, life_years) for lot in self.lots)

    @property
    def owed_usd(self) -> float:
        """Debt that the asset secures; all of a vehicle."""
        return math.fsum(debt.usd for debt in self.debts)


def financed_assets(book: Book, day: date, status: str, terms: Terms) -> tuple[Asset, ...]:
    """Chips of labs, clouds and vehicles, and campuses of landlords and vehicles, on a day.

    Firms own what stands on their opening balance sheet and what the book has them buy since; a vehicle's assets are
    bought in step with its loans. Deals as sure as `status` or surer.
    """
    deals = list(book.standing(status, day))
    others = other_debts(book, day, status, terms)
    found = []
    for key, party in book.parties.items():
        for kind, tiers in ((CHIPS, BUYERS), (CAMPUS, BUILDERS)):
            unsecured, secured = _others(book, others, party, kind)
            lots = _lots(book, deals, party, kind, day, terms) if party.tier in tiers else ()
            if any(lot.usd > 0.0 for lot in lots):
                found.append(Asset(
                    owner=key, kind=kind, vehicle=party.tier == "vehicle", day=day, lots=lots,
                    debts=(*_debts(deals, party, kind, day, terms), *secured), other_debt_usd=unsecured,
                    rents=_rents(deals, party, kind, terms), backstops=_backstops(book, deals, party, kind, day, terms),
                ))  # fmt: skip
    return tuple(found)


def _lots(book: Book, deals: list[Deal], party: Party, kind: str, day: date, terms: Terms) -> tuple[Lot, ...]:
    opening = party.chips_usd if kind == CHIPS else party.sites_usd
    opening = 0.0 if math.isnan(opening) else opening
    if party.tier == "vehicle":
        return _as_drawn([deal for deal in deals if deal.payee == party.key and deal.instrument in DEBTS], opening, day)
    lots = [Lot(book.as_of, opening, terms.assets[kind].opening_age_years)]
    for year in range(book.as_of.year + 1, day.year + 1):
        part = min(1.0, (day - date(year - 1, 12, 31)).days / DAYS_PER_YEAR)
        usd = math.fsum(each.usd for each in book.payments
                        if (each.year, each.payer, each.kind) == (year, party.key, BOUGHT[kind]))  # fmt: skip
        lots.append(Lot(date(year, 1, 1) + timedelta(days=round(part * DAYS_PER_YEAR / 2)), part * usd))
    return tuple(lots)


def _as_drawn(loans: list[Deal], cost_usd: float, day: date) -> tuple[Lot, ...]:
    """What a vehicle has bought: of its cost, the share of its loans that is drawn, by year."""
    known = [loan for loan in loans if loan.known]
    whole = math.fsum(loan.amount for loan in known)
    lots = []
    for year in range(min((loan.start.year for loan in known), default=day.year), day.year + 1):
        until, before = min(day, date(year, 12, 31)), date(year - 1, 12, 31)
        usd = math.fsum(paid_usd(loan, until) - paid_usd(loan, before) for loan in known)
        begun = max(date(year, 1, 1), min((loan.start for loan in known), default=day))
        lots.append(Lot(min(day, begun + (until - begun) / 2), cost_usd * usd / whole if whole > 0.0 else 0.0))
    return tuple(lots)


def _debts(deals: list[Deal], party: Party, kind: str, day: date, terms: Terms) -> tuple[Debt, ...]:
    """Loans that are secured by the asset; all loans of a vehicle."""
    out = []
    for deal in deals:
        if deal.payee == party.key and deal.instrument in DEBTS and deal.known:
            secured = secured_by(deal)
            own = CHIPS if party.chips_usd > 0.0 else CAMPUS
            if kind == (secured or (own if party.tier == "vehicle" else "")):
                out.append(Debt(lender=deal.payer, usd=owed_usd(deal, day, terms), deal=deal,
                                junior=deal.seniority == "junior"))  # fmt: skip
    return tuple(debt for debt in out if debt.usd > 0.0)


def _others(book: Book, others: list[Exposure], party: Party, kind: str) -> tuple[float, tuple[Debt, ...]]:
    """Other debt of a firm that nothing of this kind secures, in USD, and that which it does."""
    own = [row for row in others if row.on == party.key]
    secured = [row for row in own if secured_on(book, row) == kind]
    whole = math.fsum(row.usd for row in own if not secured_on(book, row))
    return whole, tuple(Debt(lender=row.holder, usd=row.usd, junior=False) for row in secured)


def _rents(deals: list[Deal], party: Party, kind: str, terms: Terms) -> tuple[Rent, ...]:
    """Compute sold from chips, campuses let; for vehicles also what a tenant pays under a lease with others."""
    rents = [
        Rent(renter=deal.payer, deal=deal, last=_last(deal, terms)) for deal in deals
        if deal.payee == party.key and (deal.known or party.tier == "vehicle") and _lets(deal, party, kind)
    ]  # fmt: skip
    tenant = terms.tenants.get(party.key)
    if tenant and kind == CAMPUS:
        last = max((deal.end for deal in deals if deal.payee == party.key and deal.instrument in DEBTS), default=None)
        if last is not None:
            rents.append(Rent(renter=tenant, deal=None, last=_after(last, terms.firm_years.get(party.key, 0.0))))
    return tuple(rents)


def _lets(deal: Deal, party: Party, kind: str) -> bool:
    """True if a contract is paid from assets of this kind."""
    if deal.instrument == "lease":
        return kind == (CHIPS if party.tier == "cloud" or (party.tier == "vehicle" and party.chips_usd > 0) else CAMPUS)
    return deal.instrument in PURCHASES and kind == CHIPS


def _last(deal: Deal, terms: Terms) -> date:
    """The last day of the term that the renter cannot leave."""
    years = terms.firm_years.get(deal.key)
    return deal.end if years is None else min(deal.end, _after(deal.start, years))


def _after(day: date, years: float) -> date:
    return day + timedelta(days=round(years * DAYS_PER_YEAR))


def _backstops(book: Book, deals: list[Deal], party: Party, kind: str, day: date, terms: Terms) -> tuple[Exposure, ...]:
    """Guarantees of the owner or its debts by others, and of the rents that it is due."""
    out = []
    for deal in deals:
        if deal.schedule != "on_default" or deal.payer == party.key:
            continue
        covered = next((each for each in book.deals if each.key == deal.guarantees), None)
        of_debt = covered is not None and covered.instrument in DEBTS
        secured = secured_by(covered) if covered is not None and of_debt else ""
        for row in guarantee_rows(book, deal, day, terms):
            if party.key in (row.on, row.for_whom) and (not secured or secured == kind):
                out.append(row)
    return tuple(out)
