"""The debt stack: what is drawn, owed and due by tranche and quarter, and the ladder of maturities.

Amounts are whole cents, so that sums are exact: a float holds whole numbers up to 9e15, or 90 trillion USD in cents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import OPENING, QUARTERS_PER_YEAR, Array, Company, Raise, Tranche

CENTS = 100.0


def cents(usd: float | Array) -> Array:
    """An amount in whole cents."""
    return np.asarray(np.rint(np.asarray(usd, dtype=float) * CENTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Tranches by quarter, in cents; shapes (tranches, quarters), `opening` (tranches,)."""

    opening: Array
    drawn: Array
    repaid: Array
    owed: Array  # at the end of the quarter

    @property
    def owed_before(self) -> Array:
        """Owed at the start of each quarter."""
        return np.concatenate([self.opening[:, None], self.owed[:, :-1]], axis=1)


def evenly(total: Array | float, first: int, last: int, quarters: int) -> Array:
    """A total in cents paid in equal parts from `first` to `last`, in whole cents; shape (quarters,)."""
    parts = max(1, last - first + 1)
    done = np.clip((np.arange(OPENING, quarters) - first + 1) / parts, 0.0, 1.0)
    return np.diff(np.rint(np.asarray(total) * done))


def stack(tranches: tuple[Tranche, ...], quarters: int, closed_from: int | None = None) -> Stack:
    """The tranches over the quarters; none is drawn from the quarter `closed_from` on."""
    count = len(tranches)
    opening, drawn, repaid = np.zeros(count), np.zeros((count, quarters)), np.zeros((count, quarters))
    for n, tranche in enumerate(tranches):
        total = float(cents(tranche.principal_usd))
        if tranche.drawn_last == OPENING:
            opening[n] = total
        else:
            drawn[n] = evenly(total, tranche.drawn_first, tranche.drawn_last, quarters)
        if closed_from is not None:
            drawn[n, closed_from:] = 0.0
        # What is not drawn within the quarters looked at is repaid beyond them.
        whole = total if closed_from is None else opening[n] + drawn[n].sum()
        repaid[n] = evenly(whole, tranche.first, tranche.last, quarters)
    owed = opening[:, None] + np.cumsum(drawn - repaid, axis=1)
    return Stack(opening=opening, drawn=drawn, repaid=repaid, owed=owed)


def raised(raises: tuple[Raise, ...], quarters: int, closed_from: int | None = None) -> Array:
    """Shares sold under signed deals, in cents by quarter; none from the quarter `closed_from` on."""
    out = sum((evenly(float(cents(r.usd)), r.first, r.last, quarters) for r in raises), np.zeros(quarters))
    if closed_from is not None:
        out[closed_from:] = 0.0
    return np.asarray(out)


def rest_of_debt(debt_usd: float, told: tuple[Tranche, ...], rate: float, years: float) -> tuple[Tranche, ...]:
    """Opening debt that no tranche tells of, due evenly over twice its mean remaining life.

    Raises:
        ValueError: The tranches add up to more than the debt.
    """
    rest = debt_usd - sum(t.principal_usd for t in told if t.drawn_last == OPENING)
    if rest < -0.005 * max(debt_usd, 1.0):
        raise ValueError(f"tranches of {debt_usd - rest:.4g} USD are more than the debt of {debt_usd:.4g} USD")
    if rest <= 1.0:
        return ()
    last = max(0, round(2 * years * QUARTERS_PER_YEAR) - 1)
    return (Tranche(name="other debt", principal_usd=rest, rate=rate, first=0, last=last, assumed=True),)


def ladder_usd(company: Company) -> dict[int, float]:
    """Principal due by calendar year of all debt signed, drawn or still to be drawn; USD."""
    tranches = company.funding.tranches
    quarters = 1 + max((t.last for t in tranches), default=0)
    due = stack(tranches, quarters).repaid.sum(axis=0)
    years = company.first_year + np.arange(quarters) // QUARTERS_PER_YEAR
    return {int(y): float(due[years == y].sum()) / CENTS for y in np.unique(years)}
