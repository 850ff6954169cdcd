"""Money now against money later: annuities, level loans, net present value, payback; one number or arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.annuity import capital_recovery_factor

NEAR = 0.5  # |t log(1 + rate)| up to which a flow and its discount are summed apart
Floats = NDArray[np.float64]


def annuity_factor(rate: float, years: float) -> float:
    """Present value of 1 a year, paid at year ends for `years`; years."""
    return 1 / capital_recovery_factor(rate, years)


def npv_usd(rate: float, flows_usd: Sequence[float]) -> float:
    """Net present value in USD of flows at the ends of years 0, 1, 2, ...; the first is not discounted."""
    total = 0.0
    for flow in reversed(flows_usd):
        total = flow + total / (1 + rate)
    return total


def annuity_factors(rates: ArrayLike, years: ArrayLike) -> Floats:
    """`annuity_factor` of rates and years of any shapes that broadcast; years. 0 for no years.

    Level payments that repay 1 are 1 over it, as `capital_recovery_factor` is for one number.

    Raises:
        ValueError: A rate is -1 or less or not finite, or years are below 0 or no number.
    """
    rate, life = _rates(rates), np.asarray(years, dtype=np.float64)
    if not (life >= 0).all():
        raise ValueError(f"years {life[~(life >= 0)].flat[0]:g} must be 0 or more")
    without_interest = np.broadcast_to(life, np.broadcast_shapes(rate.shape, life.shape))
    paid = -np.expm1(-without_interest * np.log1p(rate))
    return np.where(rate == 0, without_interest, paid / np.where(rate == 0, 1.0, rate))


def npv(rates: ArrayLike, cash_flows: ArrayLike) -> Floats:
    """Net present value of streams (..., periods) at rates a period that broadcast with (...), in units of the flows.

    The first flow is not discounted. Near rate 0 a flow and what discounting takes from it are summed apart, with the
    rounding of every sum carried along (Neumaier), so that small rates and balanced flows lose no digits.

    Raises:
        ValueError: A rate is -1 or less.
    """
    flows, rate = np.asarray(cash_flows, dtype=np.float64), _rates(rates)
    exponent = -np.arange(flows.shape[-1]) * np.log1p(rate)[..., None]
    near = np.abs(exponent) < NEAR
    discounted = flows * np.where(near, np.expm1(exponent), np.exp(exponent))
    total = left = np.zeros(discounted.shape[:-1])
    for t in range(flows.shape[-1]):
        for part in (np.where(near[..., t], flows[..., t], 0.0), discounted[..., t]):
            summed = total + part
            lost_part, lost_total = (total - summed) + part, (part - summed) + total
            left = left + np.where(np.abs(total) >= np.abs(part), lost_part, lost_total)
            total = summed
    return np.asarray(total + left)


def payback_periods(cash_flows: ArrayLike, *, rate: float = 0.0) -> Floats:
    """Periods until flows (..., periods), discounted at `rate`, have first paid back what was spent, shape (...).

    A part of a period is counted as if its flow came evenly. 0 if nothing is ever owed at the start, nan if the flows
    never pay back. A stream that is paid back and then falls behind again counts by its first time.
    """
    flows = np.asarray(cash_flows, dtype=np.float64)
    periods = np.arange(flows.shape[-1])
    worth = flows * np.exp(-periods * np.log1p(_rates(rate)))
    balance = np.cumsum(worth, axis=-1)
    first = (balance >= 0).argmax(axis=-1)[..., None]
    owed = -np.take_along_axis(balance, np.maximum(first - 1, 0), axis=-1)
    part = owed / np.where(first > 0, np.take_along_axis(worth, first, axis=-1), 1.0)
    paid = np.take_along_axis(balance, first, axis=-1) >= 0
    return np.asarray(np.where(paid, np.where(first > 0, first - 1 + part, 0.0), np.nan)[..., 0])


def _rates(rates: ArrayLike) -> Floats:
    """Rates as an array, all above -1 and finite."""
    rate = np.asarray(rates, dtype=np.float64)
    known = (rate > -1) & (rate < inf)
    if not known.all():
        raise ValueError(f"rate {rate[~known].flat[0]:g} must be above -1 and finite")
    return rate


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
