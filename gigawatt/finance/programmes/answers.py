"""Answers about a funded programme: its need, its gap, its cover, and when it breaks even."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gigawatt.finance.programmes.fund import Funding
from gigawatt.finance.programmes.programme import Programme, at
from gigawatt.units import QUARTERS_PER_YEAR

NOTHING_USD = 1e3  # less than this in all years is no gap


def low_point_usd(funding: Funding) -> np.ndarray:
    """Deepest sum of free cash since the start, at least 0: money that must come from elsewhere; shape (draws,)."""
    return np.asarray(np.maximum(-np.cumsum(funding.free_cash, axis=0).min(axis=0), 0.0))


def low_point_year(funding: Funding) -> np.ndarray:
    """When the sum of free cash is deepest, as a year with its quarters (2030.25 is the end of Q1), shape (draws,)."""
    deepest = np.cumsum(funding.free_cash, axis=0).argmin(axis=0)
    return np.asarray(funding.programme.start_year + (deepest + 1) / QUARTERS_PER_YEAR)


def outside_usd(funding: Funding) -> np.ndarray:
    """Most outside money in the programme at one time, financing cost included: raised and unfunded less repaid."""
    net = sum(funding.raised.values(), funding.unfunded) - funding.uses["repaid"]
    return np.asarray(np.maximum(np.cumsum(net, axis=0).max(axis=0), 0.0))


def by_calendar_year(funding: Funding, flow: np.ndarray) -> np.ndarray:
    """A flow by year, shape (years, draws)."""
    return np.asarray(flow.reshape(funding.programme.years, QUARTERS_PER_YEAR, -1).sum(axis=1))


def gap_usd(funding: Funding) -> np.ndarray:
    """What no source pays in all years, shape (draws,)."""
    return np.asarray(funding.unfunded.sum(axis=0))


def gap_probability(funding: Funding) -> np.ndarray:
    """Share of draws in which something is unfunded in that year or before, shape (years,)."""
    so_far = np.cumsum(by_calendar_year(funding, funding.unfunded), axis=0)
    return np.asarray((so_far > NOTHING_USD).mean(axis=1))


def break_even(funding: Funding) -> np.ndarray:
    """First year from which free cash stays at 0 or above to the end; NaN where there is none; shape (draws,)."""
    short = by_calendar_year(funding, funding.free_cash) < 0
    years = funding.programme.years
    last_short = np.where(short.any(axis=0), years - 1 - short[::-1].argmax(axis=0), -1)
    return np.where(last_short == years - 1, np.nan, funding.programme.start_year + last_short + 1)


def debt_to_ebitda(funding: Funding) -> np.ndarray:
    """Debt over EBITDA of the last year when debt is highest; infinite without earnings, 0 without debt."""
    peak, draws = funding.owed.argmax(axis=0), np.arange(funding.draws)
    total = np.cumsum(funding.plan.ebitda, axis=0)
    before = np.where(peak >= QUARTERS_PER_YEAR, total[np.maximum(peak - QUARTERS_PER_YEAR, 0), draws], 0.0)
    ebitda = (total[peak, draws] - before) * QUARTERS_PER_YEAR / np.minimum(peak + 1, QUARTERS_PER_YEAR)
    owed = funding.owed[peak, draws]
    ratio = owed / np.maximum(ebitda, 1e-9)
    return np.where(owed <= 0, 0.0, np.where(ebitda > 0, ratio, np.inf))


def fixed_charge_cover(funding: Funding) -> np.ndarray:
    """EBITDA before rent over rent, interest and repayment of the year, NaN without any; shape (years, draws)."""
    earned = by_calendar_year(funding, funding.plan.ebitda + funding.plan.rent)
    due = by_calendar_year(funding, funding.plan.rent + funding.uses["interest"] + funding.uses["repaid"])
    return np.where(due > 0, earned / np.maximum(due, 1e-9), np.nan)


def rent_as_debt_usd(funding: Funding) -> np.ndarray:
    """Take-or-pay rent of the year times the years of it that count as debt, shape (years, draws)."""
    return by_calendar_year(funding, funding.plan.rent) * funding.programme.rent_debt_years


def leverage_with_rent(funding: Funding) -> np.ndarray:
    """Debt at the year end and rent as debt over EBITDA before rent; infinite without earnings; (years, draws)."""
    earned = by_calendar_year(funding, funding.plan.ebitda + funding.plan.rent)
    owed = funding.owed[QUARTERS_PER_YEAR - 1 :: QUARTERS_PER_YEAR] + rent_as_debt_usd(funding)
    ratio = np.where(earned > 0, owed / np.maximum(earned, 1e-9), np.inf)
    return np.where(owed <= 0, 0.0, ratio)


def market_value_usd(funding: Funding, dilution_per_year: float) -> np.ndarray:
    """Market value at which equity pays the gap too at this dilution a year: of the year that needs most.

    Value after the money of the year, rounds that are closed left out; shape (draws,).
    """
    if not 0 < dilution_per_year < 1:
        raise ValueError(f"dilution_per_year {dilution_per_year:g} must lie between 0 and 1")
    sellers = [source for source in funding.programme.sources if source.kind == "equity" and not source.always]
    equity = [funding.raised[source.name] for source in sellers]
    wanted = by_calendar_year(funding, sum(equity, funding.unfunded))
    return np.asarray(wanted.max(axis=0) / dilution_per_year)


def usd_per_mtok(programme: Programme, usd_per_gwh: float | np.ndarray) -> float | np.ndarray:
    """Price per million tokens of a price per GW-hour sold, at the tokens that a GW-hour makes."""
    return usd_per_gwh / (programme.tokens_per_gwh / 1e6)


def with_cost(programme: Programme, cost_usd_per_gw: float) -> Programme:
    """The programme at another cost of a gigawatt, its parts in proportion; rent follows with its capital share."""
    factor = cost_usd_per_gw / programme.cost_usd_per_gw
    parts = ("chips_usd_per_gw", "facility_usd_per_gw", "power_usd_per_gw")
    rent = programme.rent_usd_per_gw_year * (1 + programme.rent_capital_share * (factor - 1))
    scaled = {name: getattr(programme, name) * factor for name in parts}
    return replace(programme, rent_usd_per_gw_year=rent, **scaled)


def with_growth(programme: Programme, growth_per_year: float) -> Programme:
    """The programme with even growth of revenue a year from that of the year before its start."""
    start = at(programme.revenue_usd, programme.start_year - 1)
    return replace(programme, revenue_usd=((programme.start_year - 1, start),), fixed_growth=growth_per_year)
