"""What lenders and rating agencies read off the statements: cover, leverage, free cash flow, walls of maturities.

Ratios of a quarter are annualised (times four); those of a year take its sums. Adjusted debt adds what a company must
pay but does not show as debt, one step at a time, in the manner of the rating agencies' adjustments (S&P Global
Ratings, "Corporate Methodology: Ratios And Adjustments": leases and guaranteed debt in, surplus cash out).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np

from gigawatt.finance.company import OPENING, QUARTERS_PER_YEAR, Array, Company, Vehicle
from gigawatt.finance.company_leases import factor
from gigawatt.finance.company_statements import Lines, Statements

MONTHS_PER_QUARTER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Quarters put together: labels, the quarters of each, and quarters a year over quarters in it."""

    labels: tuple[str, ...]
    parts: tuple[slice, ...]
    annualise: Array

    def flow(self, values: Array) -> Array:
        """Sums over each period; shape (..., periods)."""
        return np.stack([values[..., part].sum(axis=-1) for part in self.parts], axis=-1)

    def stock(self, values: Array) -> Array:
        """Values at the end of each period."""
        return np.stack([values[..., part.stop - 1] for part in self.parts], axis=-1)


def periods(made: Statements, annual: bool) -> Periods:
    """Calendar years (the last one may be cut short, which its label says) or quarters."""
    if not annual:
        parts = tuple(slice(t, t + 1) for t in range(made.quarters))
        return Periods(labels=made.labels, parts=parts, annualise=np.full(made.quarters, float(QUARTERS_PER_YEAR)))
    starts = range(0, made.quarters, QUARTERS_PER_YEAR)
    parts = tuple(slice(t, min(t + QUARTERS_PER_YEAR, made.quarters)) for t in starts)
    counts = [part.stop - part.start for part in parts]
    year = made.company.first_year
    labels = tuple(
        str(year + n) if count == QUARTERS_PER_YEAR else f"{year + n} to Q{count}" for n, count in enumerate(counts)
    )
    return Periods(labels=labels, parts=parts, annualise=QUARTERS_PER_YEAR / np.array(counts, dtype=float))


def metrics(made: Statements, annual: bool = True) -> Lines:
    """Metrics by period; shape (..., periods). Ratios without a base are infinite or NaN, never 0.

    Growth is on the period before (the last year, or the last quarter), a year cut short being annualised.
    """
    p = periods(made, annual)
    ebitda, interest = p.flow(made.income["ebitda"]), -p.flow(made.income["interest_expense"])
    revenue, fcf = p.flow(made.income["revenue"]), p.flow(made.cash["free_cash_flow"])
    debt, cash = p.stock(made.balance["debt"] + made.balance["gap"]), p.stock(made.balance["cash"])
    tax, due = -p.flow(made.income["tax"]), p.flow(made.memo["due"])
    first = made.company.business.revenue_last_year_usd if annual else made.company.business.revenue_usd_per_quarter
    before = np.concatenate([np.full((*revenue.shape[:-1], 1), first), revenue[..., :-1]], axis=-1)
    at_start = np.concatenate([np.full((*cash.shape[:-1], 1), made.opening["cash"]), cash[..., :-1]], axis=-1)
    a = p.annualise
    found = {
        "revenue_growth": _ratio(revenue * (a if annual else 1.0) - before, before),
        "ebitda_margin": _ratio(ebitda, revenue),
        "interest_cover": _cover(ebitda, interest),
        "operating_cover": _cover(p.flow(made.income["operating_income"]), interest),
        "ffo_to_debt": _ratio((ebitda - interest - tax) * a, debt),
        "free_cash_flow_usd": fcf, "debt_usd": debt, "net_debt_usd": debt - cash,
        "net_debt_to_ebitda": _leverage(debt - cash, ebitda * a),
        "due_usd": due, "refinancing_usd": np.maximum(0.0, due - np.maximum(0.0, at_start + fcf)),
        "liquidity_usd": cash + p.stock(made.memo["unused_revolver"]),
        "gap_usd": p.stock(made.balance["gap"]),
        "backlog_usd": p.stock(made.memo["backlog"]),
    }  # fmt: skip
    return found | adjusted(made, p)


def adjusted(made: Statements, p: Periods) -> Lines:
    """Adjusted debt step by step, each over EBITDA with the rent that goes with it added back."""
    base = p.stock(made.balance["debt"] + made.balance["gap"] - made.balance["cash"])
    ebitda = p.flow(made.income["ebitda"]) * p.annualise
    rent = p.flow(made.memo["rent"]) * p.annualise
    vehicles = [v for v in made.company.funding.vehicles if not v.in_leases]
    owed = sum((vehicle_debt_usd(v, made.quarters) for v in vehicles), np.zeros(made.quarters))
    paid = sum((_vehicle_rent_usd(v, made.quarters) for v in vehicles), np.zeros(made.quarters))
    leased = base + p.stock(made.balance["lease_liability"])
    signed = leased + p.stock(made.memo["uncommenced"])
    through = signed + p.stock(owed)
    all_in = through + p.stock(made.memo["commitments"])
    vehicle_rent = p.stock(paid) * QUARTERS_PER_YEAR
    return {
        "lease_liability_usd": leased - base, "uncommenced_usd": signed - leased, "vehicles_usd": through - signed,
        "commitments_usd": all_in - through, "adjusted_debt_usd": through,
        "leverage_with_leases": _leverage(leased, ebitda + rent),
        "leverage_with_uncommenced": _leverage(signed, ebitda + rent),
        "leverage_with_vehicles": _leverage(through, ebitda + rent + vehicle_rent),
        "leverage_with_commitments": _leverage(all_in, ebitda + rent + vehicle_rent),
    }  # fmt: skip


def vehicle_debt_usd(vehicle: Vehicle, quarters: int) -> Array:
    """What a vehicle owes at the end of each quarter, repaid by level rent from the quarter after its first."""
    first, count = max(vehicle.first, OPENING), round(vehicle.years * QUARTERS_PER_YEAR)
    age = np.arange(quarters) - first
    whole = factor(vehicle.rate, count)
    left = np.array([factor(vehicle.rate, max(0, count - max(0, int(a)))) for a in age])
    return np.asarray(np.where(age >= 0, vehicle.debt_usd * left / whole, 0.0))


def _vehicle_rent_usd(vehicle: Vehicle, quarters: int) -> Array:
    count = round(vehicle.years * QUARTERS_PER_YEAR)
    age = np.arange(quarters) - max(vehicle.first, OPENING)
    return np.where((age > 0) & (age <= count), vehicle.debt_usd / factor(vehicle.rate, count), 0.0)


def _ratio(a: Array, b: Array) -> Array:
    return np.asarray(np.divide(a, b, out=np.full(np.broadcast(a, b).shape, nan), where=b != 0))


def _cover(earned: Array, interest: Array) -> Array:
    """Earnings over interest; infinite without interest."""
    return np.asarray(np.divide(earned, interest, out=np.full(interest.shape, inf), where=interest > 0))


def _leverage(debt_usd: Array, ebitda_usd: Array) -> Array:
    """Turns; below 0 for net cash (without bound where nothing is earned), infinite for net debt without earnings."""
    earning = ebitda_usd > 0
    out = np.divide(debt_usd, ebitda_usd, out=np.full(debt_usd.shape, inf), where=earning)
    return np.asarray(np.where(~earning & (debt_usd <= 0), -inf, out))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """The first calendar year in which principal due exceeds cash at its start and its free cash flow."""

    year: int | None
    due_usd: float
    short_usd: float  # what must be refinanced or raised in that year


def refinancing_wall(made: Statements) -> Wall:
    """The wall of a projection; no year where cash always suffices."""
    found, p = metrics(made), periods(made, annual=True)
    for n in range(len(p.labels)):
        if found["refinancing_usd"][n] > 0 and found["due_usd"][n] > 0:
            year = made.company.first_year + n
            return Wall(year=year, due_usd=float(found["due_usd"][n]), short_usd=float(found["refinancing_usd"][n]))
    return Wall(year=None, due_usd=0.0, short_usd=0.0)


def first_gap(made: Statements) -> tuple[str | None, float]:
    """(quarter, USD) of the first bill that cannot be paid; (None, 0) where there is none."""
    rise = np.diff(made.balance["gap"], prepend=0.0)
    short = np.flatnonzero(rise > 0)
    return (made.labels[short[0]], float(rise[short[0]])) if len(short) else (None, 0.0)


def largest_gap_usd(made: Statements) -> float:
    """The most that is unpaid at the end of a quarter, in USD."""
    return float(made.balance["gap"].max())


def months_of_liquidity(made: Statements, start: int = 0) -> float:
    """Months until cash and the unused revolver are spent without any new money from `start` on; infinite if never.

    The statements must be those with refinancing closed; the last quarter counts as long as cash lasts in it.
    """
    before = made.balance["gap"][start - 1] if start else 0.0
    for t in range(start, made.quarters):
        rise = made.balance["gap"][t] - before
        if rise > 0:
            flow = made.cash["change_in_cash"][t] - rise - max(0.0, made.cash["change_in_revolver"][t])
            had = made.opening["cash"] if t == 0 else made.balance["cash"][t - 1]
            had += _unused_before(made, t)
            part = had / -flow if flow < 0 else 0.0
            return float(MONTHS_PER_QUARTER * (t - start + min(1.0, max(0.0, part))))
        before = made.balance["gap"][t]
    return inf


def _unused_before(made: Statements, t: int) -> float:
    return float(made.memo["unused_revolver"][t - 1]) if t else made.company.funding.revolver_usd


def customer_concentration(company: Company) -> tuple[str, float]:
    """(largest customer, its share of contracted revenue); ("", 0) where none is told."""
    known = company.business.customers
    name = max(known, key=known.__getitem__, default="")
    return name, known.get(name, 0.0)
