"""Answers about a funded programme: its need, its gap, when it breaks even, and what would carry it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from gigawatt.finance.programme import QUARTERS_PER_YEAR, Programme, at
from gigawatt.finance.programme_fund import Funding, fund
from gigawatt.finance.programme_plan import Scale, yearly_revenue

ASKED = ("revenue", "growth", "price", "utilisation")
GOALS = ("funded", "break-even")
STEPS = 20  # halvings of the search: factors to about 1e-5
WIDEST = 64.0  # factors that are tried: from 1/64 to 64
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


def revenue_usd_per_gw(funding: Funding) -> np.ndarray:
    """Revenue of a year over its mean GW, shape (years, draws)."""
    gw_years = by_calendar_year(funding, funding.plan.gw) / QUARTERS_PER_YEAR
    return np.asarray(by_calendar_year(funding, funding.plan.revenue) / np.maximum(gw_years, 1e-12))


@dataclass(frozen=True, slots=True)
class Required:
    """What carries a programme, all else as planned; arrays are (draws,).

    `value` is NaN where no factor up to 64 is enough, and 0 where next to nothing is. `needs_sold` is the share of
    serving compute that it sells in the target year: above the `utilisation` of the programme, its gigawatts cannot
    earn it at the price of the plan.
    """

    what: str
    goal: str
    unit: str
    planned: float
    value: np.ndarray
    needs_sold: np.ndarray


def required(
    programme: Programme, what: str, goal: str = "funded", draws: int | None = None, seed: int = 0, first: int = 0
) -> Required:
    """The least revenue, growth, price or utilisation that reaches a goal, draw by draw, by bisection.

    - `revenue`: of the target year, reached by growing faster from the start; compute is not asked whether it can.
    - `growth`: the same as even growth a year from the year before the start to the target year.
    - `price`: per GW-hour sold, from the start on, at the volumes of the plan.
    - `utilisation`: share of serving compute that is sold at the price of the plan, from the start on.

    Goals: `funded`, nothing unfunded in any year with all sources at their limits; `break-even`, free cash (before
    interest) at 0 or above in every year from the target year on, which is what customers alone must carry.

    Raises:
        ValueError: `what` or `goal` is none of these, or the plan has no revenue.
    """
    for given, known in ((what, ASKED), (goal, GOALS)):
        if given not in known:
            raise ValueError(f"{given!r} cannot be asked for; allowed: {', '.join(known)}")
    if not yearly_revenue(programme, np.array([programme.start_year])).any():
        raise ValueError(f"{programme.name}: a plan without revenue has none to solve for")
    lever = "growth" if what == "revenue" else what
    factor, hopeless, needless = _least(programme, lever, goal, draws, seed, first)
    carried = fund(programme, draws, seed, first, _scale(programme, lever, factor))
    value, sold = _in_its_unit(programme, what, factor, carried)
    blank, settled = np.where(hopeless, np.nan, 0.0), hopeless | needless
    unit, planned = _planned(programme, what)
    return Required(what, goal, unit, planned, np.where(settled, blank, value), np.where(settled, blank, sold))


@lru_cache(maxsize=16)  # revenue and growth are one search
def _least(
    programme: Programme, lever: str, goal: str, draws: int | None, seed: int, first: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The least factor of each draw that reaches the goal, where even the largest fails, and where the least does."""
    count = 1 if draws is None else draws
    low, high = np.full(count, 1 / WIDEST), np.full(count, WIDEST)

    def reached(factor: np.ndarray) -> np.ndarray:
        return _reached(fund(programme, draws, seed, first, _scale(programme, lever, factor)), goal)

    hopeless, needless = ~reached(high), reached(low)
    for _ in range(STEPS):
        middle = np.sqrt(low * high)
        enough = reached(middle)
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high, hopeless, needless


def _reached(funding: Funding, goal: str) -> np.ndarray:
    """In which draws the goal is reached, shape (draws,)."""
    if goal == "funded":
        return np.asarray(gap_usd(funding) <= NOTHING_USD)
    free = by_calendar_year(funding, funding.free_cash)[_target(funding.programme) :]
    return np.asarray((free >= 0).all(axis=0))


def _target(p: Programme) -> int:
    """Place of the target year among the years of the plan."""
    return p.asked_year - p.start_year


def _scale(p: Programme, what: str, factor: np.ndarray) -> Scale:
    match what:
        case "price":
            return Scale(price=factor)
        case "utilisation":
            return Scale(sold=p.utilisation * factor)
        case _:
            return Scale(growth=factor, unbound=True)


def _planned(p: Programme, what: str) -> tuple[str, float]:
    """Unit of what is asked for, and its value in the plan: of the target year where it changes."""
    start, end = yearly_revenue(p, np.array([p.start_year - 1, p.asked_year]))
    known = {
        "revenue": ("USD/year", float(end)),
        "growth": ("1/year", float((end / start) ** (1 / _span(p)) - 1)),
        "price": ("USD/GWh", p.price_usd_per_gwh),
        "utilisation": ("1", float(fund(p).plan.sold.reshape(p.years, -1)[_target(p)].mean())),
    }
    return known[what]


def _span(p: Programme) -> int:
    return p.asked_year - (p.start_year - 1)


def _in_its_unit(p: Programme, what: str, factor: np.ndarray, carried: Funding) -> tuple[np.ndarray, np.ndarray]:
    """A factor in the unit of what was asked for, and the share of compute that is then sold in the target year."""
    place = _target(p)
    revenue = by_calendar_year(carried, carried.plan.revenue)[place]
    sold = by_calendar_year(carried, carried.plan.sold)[place] / QUARTERS_PER_YEAR
    start = float(yearly_revenue(p, np.array([p.start_year - 1]))[0])
    match what:
        case "revenue":
            return revenue, sold
        case "growth":
            return (revenue / start) ** (1 / _span(p)) - 1, sold
        case "price":
            return p.price_usd_per_gwh * factor * carried.luck["price"], sold
        case _:
            return p.utilisation * factor, sold


def usd_per_mtok(programme: Programme, usd_per_gwh: float | np.ndarray) -> float | np.ndarray:
    """Price per million tokens of a price per GW-hour sold, at the tokens that a GW-hour makes."""
    return usd_per_gwh / (programme.tokens_per_gwh / 1e6)


def with_cost(programme: Programme, cost_usd_per_gw: float) -> Programme:
    """The programme at another cost of a gigawatt, its parts in proportion."""
    factor = cost_usd_per_gw / programme.cost_usd_per_gw
    parts = ("chips_usd_per_gw", "facility_usd_per_gw", "power_usd_per_gw")
    return replace(programme, **{name: getattr(programme, name) * factor for name in parts})


def with_growth(programme: Programme, growth_per_year: float) -> Programme:
    """The programme with even growth of revenue a year from that of the year before its start."""
    start = at(programme.revenue_usd, programme.start_year - 1)
    return replace(programme, revenue_usd=((programme.start_year - 1, start),), fixed_growth=growth_per_year)
