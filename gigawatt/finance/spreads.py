"""Credit spread of one financing: expected loss, risk premium and structure, from contracts, customers and security.

hazard of the debt   = construction x builder + operation x (covered x (customers + operator) + rest x sponsor), less
                       guarantees, each with its loss
corporate spread     = published curve at the hazard of an unsecured bond that loses as much x (years / 10)^slope
spread               = corporate spread x (1 + premium of borrowers that live on AI compute alone)

A customer under contract does not shield lenders from the operator: if the operator fails, contracts may end. Lenders
with security then take contracts and chips over and lose what project finance loses, others as much as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from gigawatt.finance.parameters import parameter
from gigawatt.finance.spreads_default import (
    HORIZON_YEARS,
    Collateral,
    corporate_spread,
    hazard_per_year,
    loss_given_default,
    nearest_rating,
)

BP = 1e4  # basis points in 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who pays under the contracts: a share of contracted revenue and a rating on either scale."""

    name: str = "customer"
    share: float = 1.0
    rating: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How far customers are bound."""

    take_or_pay: float = 1.0  # share of debt service that is owed whatever is used
    years: float = inf  # from the end of construction
    termination: float = 0.0  # share of what is owed that customers may walk away from without paying for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """A backstop of customers' payments or of the debt; it does not build the site."""

    rating: str
    share: float = 1.0  # of the debt
    completion: bool = False  # holds while the site is built, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Financing:
    """A debt with what stands behind it. Without customers it rests on the borrower's own rating.

    Raises:
        ValueError: A share, life or ratio is out of bounds, or customers' shares add up to more than 1.
    """

    sponsor: str  # rating of the borrower: who builds, and who pays what contracts do not cover
    years: float  # to maturity
    customers: Sequence[Customer] = ()
    contract: Contract = Contract()
    dscr: float = 1.0  # cash available over debt service if customers pay
    collateral: Collateral | None = None
    amortised: float = 1.0  # share repaid evenly by maturity; the rest falls due at the end
    guarantee: Guarantee | None = None
    construction_years: float = 0.0
    subordinated: bool = False
    single_purpose: bool = True  # lives on AI compute alone; False for a diversified company
    size_usd: float = inf

    def __post_init__(self) -> None:
        shares = [customer.share for customer in self.customers]
        guaranteed = self.guarantee.share if self.guarantee else 0.0
        for name, value in (
            *((f"share of {customer.name}", customer.share) for customer in self.customers),
            ("take_or_pay", self.contract.take_or_pay),
            ("termination", self.contract.termination),
            ("amortised", self.amortised),
            ("guaranteed share", guaranteed),
        ):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} is {value:g}; it must lie between 0 and 1")
        if sum(shares) > 1 + 1e-9:
            raise ValueError(f"shares of customers add up to {sum(shares):g}; at most 1")
        if not (0 < self.years < inf and 0 <= self.construction_years <= self.years):
            raise ValueError(
                f"years {self.years:g} must be above 0, finite, and construction {self.construction_years:g} within"
            )
        if not (0 <= self.dscr < inf and self.contract.years >= 0 and self.size_usd > 0):
            terms = f"dscr {self.dscr:g}, contract years {self.contract.years:g}, size {self.size_usd:g} USD"
            raise ValueError(f"{terms}: wants a finite dscr and contract years of 0 or more, and a size above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditSpread:
    """Spread over the benchmark in basis points, by cause, and what it was derived from."""

    expected_loss_bp: float  # hazard of history x loss
    risk_premium_bp: float  # what the corporate bond market asks beyond it
    structure_bp: float  # illiquidity and doubt about a new kind of asset
    hazard_per_year: float
    loss_given_default: float  # mean over causes
    rating: str  # whose unsecured bonds have the nearest expected loss
    covered: float  # share of debt service in operation that named customers pay under contracts

    @property
    def total_bp(self) -> float:
        """The whole spread."""
        return self.expected_loss_bp + self.risk_premium_bp + self.structure_bp


def spread_over_benchmark(financing: Financing) -> CreditSpread:
    """What lenders ask over a risk-free rate of the same life, in basis points by cause.

    A better customer, longer or firmer contracts, more cover, a lower loan to value and a guarantee never raise it.
    """
    risk, covered = _risk(financing)
    equal = risk.lost_per_year / parameter("spread.loss_unsecured")
    market = corporate_spread(equal) * _by_life(financing)
    expected = min(risk.lost_per_year, market)
    novelty = parameter("spread.single_purpose") if financing.single_purpose else 0.0
    small = parameter("spread.small_issue") if financing.size_usd < parameter("spread.small_issue_below") else 0.0
    return CreditSpread(
        expected_loss_bp=expected * BP,
        risk_premium_bp=(market - expected) * BP,
        structure_bp=(novelty * market + small) * BP,
        hazard_per_year=risk.hazard_per_year,
        loss_given_default=risk.lost_per_year / risk.hazard_per_year,
        rating=nearest_rating(equal),
        covered=covered,
    )


def _by_life(financing: Financing) -> float:
    """Factor on ten-year spreads for the time to maturity: longer debts pay more, less than in proportion."""
    return float((financing.years / HORIZON_YEARS) ** parameter("spread.life_slope"))


@dataclass(frozen=True, slots=True)
class _Risk:
    """How often a debt fails and the share of it that is lost a year."""

    hazard_per_year: float
    lost_per_year: float

    def __add__(self, other: _Risk) -> _Risk:
        return _Risk(self.hazard_per_year + other.hazard_per_year, self.lost_per_year + other.lost_per_year)

    def __rmul__(self, share: float) -> _Risk:
        return _Risk(share * self.hazard_per_year, share * self.lost_per_year)


def _risk(financing: Financing) -> tuple[_Risk, float]:
    """(Risk of the debt, share of debt service in operation that named customers pay)."""
    sponsor, (slump, replaced) = hazard_per_year(financing.sponsor), _losses(financing)
    alone, covered = _Risk(sponsor, sponsor * slump), _covered(financing)
    running = (1 - covered) * alone
    bound = sum(each.share for each in financing.customers)
    for share, hazard in (*((each.share, hazard_per_year(each.rating)) for each in financing.customers),
                          (1 - bound, sponsor)):  # fmt: skip
        # A contract never makes a debt worse: if the customer fails there is still what there was without it.
        pays = min(hazard, sponsor)
        stopped = parameter("spread.operator") * (sponsor - pays)
        running += (covered * share) * _Risk(pays + stopped, pays * slump + stopped * replaced)
    built = alone
    if backstop := financing.guarantee:
        hazard = hazard_per_year(backstop.rating)
        pays_too = _Risk(hazard, hazard * slump)
        running = _guaranteed(running, pays_too, backstop.share)
        built = _guaranteed(built, pays_too, backstop.share if backstop.completion else 0.0)
    building = financing.construction_years / financing.years
    return building * built + (1 - building) * running, covered * bound


def _losses(financing: Financing) -> tuple[float, float]:
    """(Loss if those who pay fail, loss if customers stand and the operator must be replaced)."""
    slump = loss_given_default(
        financing.collateral,
        years=financing.years,
        amortised=financing.amortised,
        subordinated=financing.subordinated,
    )
    first = financing.collateral is not None and financing.collateral.ltv_senior == 0 and not financing.subordinated
    return slump, parameter("spread.least_loss") if first else slump


def _guaranteed(risk: _Risk, guarantor: _Risk, share: float) -> _Risk:
    """Risk when a guarantor pays `share`: the better of the two, since both would have to fail."""
    return (1 - share) * risk + share * min(risk, guarantor, key=lambda one: one.lost_per_year)


def _covered(financing: Financing) -> float:
    """Share of debt service in operation that contracts pay: what they are worth times cover, at most 1.

    Of the debt that outlives the contract only what is then outstanding counts: with even repayment the square.
    """
    contract = financing.contract
    if not financing.customers:
        return 0.0
    operation_years = financing.years - financing.construction_years
    outlived: float = max(0.0, 1 - contract.years / operation_years) if operation_years > 0 else 0.0
    lasting: float = 1 - outlived ** (1 + financing.amortised)
    return min(1.0, contract.take_or_pay * (1 - contract.termination) * lasting * financing.dscr)
