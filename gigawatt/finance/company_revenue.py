"""Revenue by quarter: the backlog as it runs off, contracts signed later, and the rest as it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.company import QUARTERS_PER_YEAR, Array, Business, by_quarter, yearly


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Revenue in USD by quarter as planned; shape (quarters,)."""

    contracted_usd: Array
    other_usd: Array
    backlog_usd: Array  # RPO at the end of the quarter


def revenue(business: Business, first_year: int, quarters: int) -> Revenue:
    """What a company plans to sell; contracts that run out are not renewed.

    Raises:
        ValueError: The backlog is smaller than its first quarters at today's rate need.
    """
    from_backlog = run_off_usd(business, quarters)
    booked = _bookings_usd(business, first_year, quarters)
    from_bookings = bookings_run_off_usd(business, booked)
    growth = by_quarter(business.growth, first_year, quarters)
    other = _other_usd(business, (1 + growth) ** (1 / QUARTERS_PER_YEAR))
    contracted = from_backlog + from_bookings
    backlog = business.rpo_usd + np.cumsum(booked - contracted)
    return Revenue(contracted_usd=contracted, other_usd=other, backlog_usd=np.maximum(0.0, backlog))


def run_off_usd(business: Business, quarters: int) -> Array:
    """Revenue from the opening backlog: from today's rate in a straight line to a level that uses it up in time.

    level = rate + (backlog - rate x N) / sum of weights, weights being min(1, (quarter + 1) / ramp).
    """
    rate = business.contracted_usd_per_quarter
    if business.rpo_usd <= 0:
        return np.full(quarters, rate)
    count = max(1, round(business.rpo_years * QUARTERS_PER_YEAR))
    ramp = min(count, max(1, round(business.rpo_ramp_years * QUARTERS_PER_YEAR)))
    weights = np.minimum(1.0, (np.arange(count) + 1) / ramp)
    level = rate + (business.rpo_usd - rate * count) / weights.sum()
    if level < 0:
        raise ValueError(f"backlog of {business.rpo_usd:.3g} USD does not last {count} quarters at {rate:.3g} USD each")
    out = np.zeros(quarters)
    shown = min(quarters, count)
    out[:shown] = (rate + (level - rate) * weights)[:shown]
    return out


def _other_usd(business: Business, factors: Array) -> Array:
    """Revenue beside contracts: as known, or the quarter before times its factor of growth."""
    out, last = np.zeros(len(factors)), business.revenue_usd_per_quarter - business.contracted_usd_per_quarter
    for quarter, by in enumerate(factors):
        last = business.other_usd.get(quarter, last * float(by))
        out[quarter] = last
    return out


def _bookings_usd(business: Business, first_year: int, quarters: int) -> Array:
    """Contracts signed in each quarter: those known, and a quarter of the year's others."""
    years = first_year + np.arange(quarters) // QUARTERS_PER_YEAR
    told = business.bookings_usd
    last = max(told, default=0)
    known = np.array([business.booked_usd.get(quarter, 0.0) for quarter in range(quarters)])
    others = np.array([yearly(told, int(y)) / QUARTERS_PER_YEAR if y <= last else 0.0 for y in years])
    return np.asarray(known + others)


def bookings_run_off_usd(business: Business, booked_usd: Array) -> Array:
    """Revenue from contracts signed later: evenly over their years, after the delay."""
    quarters = len(booked_usd)
    delay = max(1, round(business.booking_delay_years * QUARTERS_PER_YEAR))
    count = max(1, round(business.booking_years * QUARTERS_PER_YEAR))
    out = np.zeros(quarters)
    for quarter, usd in enumerate(booked_usd):
        begin = quarter + delay
        out[begin : begin + count] += usd / count
    return out
