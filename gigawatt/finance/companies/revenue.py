"""Revenue by quarter: the backlog as it runs off, contracts signed later, and the rest as it grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Business, by_quarter, yearly


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Revenue in USD by quarter as planned; shape (quarters,)."""

    contracted_usd: Array
    other_usd: Array  # what ended contracts sell again is part of it
    backlog_usd: Array  # RPO at the end of the quarter


def revenue(business: Business, first_year: int, quarters: int) -> Revenue:
    """What a company plans to sell; of contracts that end, `renewal` is sold again, which is nothing by default.

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
    again = business.renewal * (run_off_usd(business, quarters, True) + bookings_run_off_usd(business, booked, True))
    return Revenue(contracted_usd=contracted, other_usd=other + again, backlog_usd=np.maximum(0.0, backlog))


def standing(years: float, run_off_years: float, quarters: int) -> Array:
    """Share of contracts that still run in each quarter since they began; shape (quarters,).

    They end on a straight line over `run_off_years` around `years`, so that the mean one runs for `years` and no
    quarter loses them all; over at most twice `years`.
    """
    count = max(1, round(years * QUARTERS_PER_YEAR))
    over = min(2 * count, round(run_off_years * QUARTERS_PER_YEAR))
    t = np.arange(quarters)
    return np.clip((count + over / 2 - t - 0.5) / over, 0.0, 1.0) if over else (t < count).astype(float)


def run_off_usd(business: Business, quarters: int, ended: bool = False) -> Array:
    """Revenue from the opening backlog: from today's rate in a straight line to a level that uses it up in time.

    level = rate + (backlog - rate x N) / sum of weights, weights being min(1, (quarter + 1) / ramp) x `standing`. With
    `ended` what those contracts would bring that run no more.
    """
    rate = business.contracted_usd_per_quarter
    if business.rpo_usd <= 0:
        return np.full(quarters, 0.0 if ended else rate)
    count = max(1, round(business.rpo_years * QUARTERS_PER_YEAR))
    ramp = min(count, max(1, round(business.rpo_ramp_years * QUARTERS_PER_YEAR)))
    t = np.arange(max(quarters, 2 * count))
    runs, weights = standing(business.rpo_years, business.run_off_years, len(t)), np.minimum(1.0, (t + 1) / ramp)
    level = rate + (business.rpo_usd - rate * count) / (runs * weights).sum()
    if level < 0:
        raise ValueError(f"backlog of {business.rpo_usd:.3g} USD does not last {count} quarters at {rate:.3g} USD each")
    whole = rate + (level - rate) * weights
    return np.asarray((whole * (1 - runs if ended else runs))[:quarters])


def share_lost_after(business: Business, first_year: int, quarters: int, ahead: int = 8) -> float:
    """Share of the contracted revenue of the last of `quarters` that is gone `ahead` quarters later; 0 if it grows.

    Looks for a horizon that ends just before contracts do.
    """
    contracted = revenue(business, first_year, quarters + ahead).contracted_usd
    last = float(contracted[quarters - 1])
    return max(0.0, 1 - float(contracted[-1]) / last) if last > 0 else 0.0


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


def bookings_run_off_usd(business: Business, booked_usd: Array, ended: bool = False) -> Array:
    """Revenue from contracts signed later: level over their years, after the delay; with `ended` what it lost since."""
    quarters = len(booked_usd)
    delay = max(1, round(business.booking_delay_years * QUARTERS_PER_YEAR))
    count = max(1, round(business.booking_years * QUARTERS_PER_YEAR))
    runs = standing(business.booking_years, business.run_off_years, quarters)
    share = (1 - runs if ended else runs) / count
    out = np.zeros(quarters)
    for quarter, usd in enumerate(booked_usd):
        begin = quarter + delay
        out[begin:] += usd * share[: max(0, quarters - begin)]
    return out
