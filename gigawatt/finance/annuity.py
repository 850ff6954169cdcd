"""Money now against money later: annuities, level loans, net present value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from gigawatt.annuity import capital_recovery_factor


def annuity_factor(rate: float, years: float) -> float:
    """Present value of 1 a year, paid at year ends for `years`; years."""
    return 1 / capital_recovery_factor(rate, years)


def npv_usd(rate: float, flows_usd: Sequence[float]) -> float:
    """Net present value in USD of flows at the ends of years 0, 1, 2, ...; the first is not discounted."""
    total = 0.0
    for flow in reversed(flows_usd):
        total = flow + total / (1 + rate)
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelLoan:
    """A loan repaid by equal payments at year ends."""

    principal_usd: float
    rate: float
    years: int

    @property
    def payment_usd(self) -> float:
        """Debt service a year, interest and principal together, in USD."""
        return self.principal_usd * capital_recovery_factor(self.rate, self.years)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanYear:
    """One year of a loan, in USD; `balance_usd` is owed after the payment."""

    interest_usd: float
    repaid_usd: float
    balance_usd: float


def schedule(loan: LevelLoan) -> list[LoanYear]:
    """Interest, repayment and balance of each year."""
    years: list[LoanYear] = []
    balance = loan.principal_usd
    for _ in range(loan.years):
        interest = balance * loan.rate
        repaid = loan.payment_usd - interest
        balance -= repaid
        years.append(LoanYear(interest_usd=interest, repaid_usd=repaid, balance_usd=balance))
    return years


def debt_service_cover(cash_flow_usd: float, loan: LevelLoan) -> float:
    """DSCR: cash flow available for debt service over debt service; infinite without debt."""
    return cash_flow_usd / loan.payment_usd if loan.principal_usd > 0 else inf


def debt_that_cover_allows_usd(cash_flow_usd: float, *, cover: float, rate: float, years: float) -> float:
    """Largest level loan in USD whose debt service `cash_flow_usd` a year covers `cover` times."""
    return max(cash_flow_usd, 0.0) / cover * annuity_factor(rate, years)
