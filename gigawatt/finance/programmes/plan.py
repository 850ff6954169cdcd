"""What a programme builds, earns and pays before any funding, quarter by quarter and draw by draw."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from gigawatt.finance.programmes.luck import Factors
from gigawatt.finance.programmes.programme import MOST_AHEAD, Path, Programme, at
from gigawatt.units import HOURS_PER_YEAR, QUARTERS_PER_YEAR

BEYOND = MOST_AHEAD  # quarters after the end that are looked at for what is paid ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Levers that a question may pull, each a factor on every draw; shape () or (draws,).

    `growth` is a factor on the revenue of the target year, reached by growing faster from the start. With `sold` the
    share of serving compute that is sold is given, and demand is not asked, but where it is NaN; with `unbound`
    capacity is not asked.
    """

    growth: float | np.ndarray = 1.0
    price: float | np.ndarray = 1.0
    sold: float | np.ndarray = math.nan
    unbound: bool | np.ndarray = False


AS_PLANNED = Scale()


@dataclass(frozen=True, slots=True)
class Plan:
    """Flows before funding, in USD a quarter, each of shape (quarters, draws)."""

    gw: np.ndarray  # in the mean of the quarter
    revenue: np.ndarray
    sold: np.ndarray  # share of serving compute that is sold
    operating: np.ndarray  # staff, revenue shares, energy and upkeep of own compute
    rent: np.ndarray
    chips: np.ndarray  # capex for chips, new and refreshed
    vendor: np.ndarray  # part of `chips` that a vendor may finance
    site: np.ndarray  # capex for buildings and power
    depreciation: np.ndarray

    @property
    def ebitda(self) -> np.ndarray:
        """Revenue less operating cost and rent."""
        return np.asarray(self.revenue - self.operating - self.rent)

    @property
    def free_cash(self) -> np.ndarray:
        """EBITDA less capex: what the programme leaves before tax, interest and any funding."""
        return np.asarray(self.ebitda - self.chips - self.site)


@dataclass(frozen=True, slots=True)
class Built:
    """What is built and paid whatever is sold, in USD a quarter, each of shape (quarters, draws)."""

    gw: np.ndarray  # in the mean of the quarter
    running: np.ndarray  # staff and others that do not follow revenue, energy and upkeep of own compute
    rent: np.ndarray
    chips: np.ndarray
    vendor: np.ndarray
    site: np.ndarray
    depreciation: np.ndarray

    def times(self, copies: int) -> Built:
        """All draws side by side `copies` times, for as many questions at once."""
        return Built(*(np.tile(getattr(self, field.name), (1, copies)) for field in fields(Built)))


def plan(programme: Programme, luck: Factors, scale: Scale = AS_PLANNED) -> Plan:
    """All flows of the plan before funding."""
    return earned(programme, luck, built(programme, luck), scale)


def built(programme: Programme, luck: Factors) -> Built:
    """What is built, rented and run, before anything is sold."""
    p, n = programme, programme.quarters
    level = gw_at_quarter_ends(p, luck["pace"])
    added = np.diff(level, axis=0)
    mean_gw = (level[:-1] + level[1:])[:n] / 2
    years = p.start_year + np.arange(len(added)) // QUARTERS_PER_YEAR
    own, vendor = (by_year(path, years)[:, None] * added for path in (p.own_share, p.vendor_share))
    held = running_mean_of_total(own + vendor)[:n]
    fresh = _ahead(own + vendor, p.chip_lead_quarters, 1)[:n]
    chips = refreshed(fresh * p.chips_usd_per_gw, p.chip_life_years * luck["chip_life"]) * luck["cost"]
    vendor_part = _ahead(vendor, p.chip_lead_quarters, 1)[:n] * p.chips_usd_per_gw * luck["cost"]
    paid = _ahead(own + vendor, 0, p.facility_build_quarters)[:n] * luck["cost"]
    facility, power = paid * p.facility_usd_per_gw, paid * p.power_usd_per_gw
    fixed = (by_year(p.fixed_cost_usd_per_year, p.calendar) / QUARTERS_PER_YEAR)[:, None] * luck["other_cost"]
    running = fixed + held * p.opex_usd_per_gw_year / QUARTERS_PER_YEAR
    rent = (mean_gw - held) * p.rent_usd_per_gw_year / QUARTERS_PER_YEAR * luck["rent"]
    worn = written_off(chips, p.chip_life_years * luck["chip_life"])
    worn += written_off(facility, np.array([p.facility_life_years])) + written_off(
        power, np.array([p.power_life_years])
    )
    return Built(mean_gw, running, rent, chips, vendor_part, facility + power, worn)


def earned(p: Programme, luck: Factors, there: Built, scale: Scale = AS_PLANNED) -> Plan:
    """The plan that follows from what is built: revenue, and the cost that follows it."""
    revenue, sold = _revenue(p, luck, there.gw, scale)
    operating = there.running + by_year(p.other_cost_share, p.calendar)[:, None] * revenue * luck["other_cost"]
    return Plan(
        there.gw, revenue, sold, operating, there.rent, there.chips, there.vendor, there.site, there.depreciation
    )


def capital_by_owner_usd(p: Programme) -> dict[str, float]:
    """Capital of what is added, by who owns or lends it, without refresh: the owner's own, vendors' and others'."""
    level = gw_at_quarter_ends(p, np.ones(1))[: p.quarters + 1, 0]
    added = np.diff(level)
    own, vendor = (float((by_year(path, p.calendar) * added).sum()) for path in (p.own_share, p.vendor_share))
    chips = vendor * p.chips_usd_per_gw
    held = (own + vendor) * p.cost_usd_per_gw - chips
    return {"own": held, "vendors": chips, "others": p.capital_usd - held - chips}


def by_year(path: Path, years: np.ndarray) -> np.ndarray:
    """Values of a path in each of the years."""
    return np.array([at(path, float(year)) for year in years])


def gw_at_quarter_ends(p: Programme, pace: np.ndarray) -> np.ndarray:
    """GW from the opening on, shape (quarters + BEYOND + 1, draws); a pace of 2 takes twice the time."""
    quarters = np.arange(p.quarters + BEYOND + 1)[:, None] / QUARTERS_PER_YEAR
    ends, levels = zip(*p.gw, strict=True)
    return np.asarray(np.interp(p.start_year - 1 + quarters / pace, ends, levels))


def running_mean_of_total(added: np.ndarray) -> np.ndarray:
    """Total so far in the mean of each quarter."""
    return np.asarray(np.cumsum(added, axis=0) - added / 2)


def _ahead(added: np.ndarray, lead: int, over: int) -> np.ndarray:
    """What comes up from `lead` quarters ahead on, paid in equal parts over `over` quarters."""
    long = np.concatenate([added, np.zeros((lead + over, added.shape[1]))])
    parts = [long[lead + k : lead + k + len(added)] for k in range(over)]
    return np.asarray(sum(parts) / over)


def refreshed(new: np.ndarray, life_years: np.ndarray) -> np.ndarray:
    """Purchases with all their replacements, each bought anew when its life is over; shape of `new`."""
    found = new.copy()
    for quarter in range(len(new)):
        found[quarter] += before(found, quarter, life_years * QUARTERS_PER_YEAR)
    return found


def written_off(bought: np.ndarray, life_years: np.ndarray) -> np.ndarray:
    """Straight-line depreciation from the quarter after the purchase; shape of `bought`."""
    total = np.cumsum(bought, axis=0)
    found = np.zeros_like(total)
    life = life_years * QUARTERS_PER_YEAR
    for quarter in range(1, len(bought)):
        found[quarter] = (total[quarter - 1] - before(total, quarter - 1, life)) / life
    return found


def before(series: np.ndarray, quarter: int, lag: np.ndarray) -> np.ndarray:
    """The series `lag` quarters before, straight between quarters and 0 before the start; shape (draws,)."""
    place = quarter - np.broadcast_to(lag, series.shape[1:])
    whole = np.floor(place).astype(int)
    part, draws = place - whole, np.arange(series.shape[1])
    low = np.where(whole >= 0, series[np.maximum(whole, 0), draws], 0.0)
    high = np.where(whole + 1 >= 0, series[np.clip(whole + 1, 0, quarter), draws], 0.0)
    return np.asarray((1 - part) * low + part * high)


def _revenue(p: Programme, luck: Factors, gw: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Revenue, and the share of serving compute that is sold: the least of demand and of what there is to sell."""
    hours = HOURS_PER_YEAR / QUARTERS_PER_YEAR
    serving_gwh = np.maximum(gw * by_year(p.serving_share, p.calendar)[:, None] * hours, 1e-12)
    price = p.price_usd_per_gwh * luck["price"] * scale.price
    span = p.target_year + 0.5 - p.start_year
    passed = ((np.arange(p.quarters) + 0.5) / QUARTERS_PER_YEAR / span)[:, None]
    wanted_gwh = quarterly_revenue(p)[:, None] / p.price_usd_per_gwh * (luck["revenue"] * scale.growth) ** passed
    wanted = wanted_gwh / serving_gwh
    asked = np.where(scale.unbound, wanted, np.minimum(wanted, p.utilisation))
    sold = np.where(np.isnan(scale.sold), asked, scale.sold)
    return price * sold * serving_gwh, sold


def quarterly_revenue(p: Programme) -> np.ndarray:
    """Revenue that customers are expected to bring at the price of the plan, shape (quarters,).

    Grows evenly from the middle of one year to that of the next; the quarters of a year add up to its revenue.
    """
    years = np.arange(p.start_year - 1, p.start_year + p.years + 1)
    yearly = yearly_revenue(p, years)
    if not yearly.any():
        return np.zeros(p.quarters)
    middles = p.start_year + (np.arange(p.quarters) + 0.5) / QUARTERS_PER_YEAR
    shape = np.exp(np.interp(middles, years + 0.5, np.log(np.maximum(yearly, 1.0))))
    sums = np.repeat(shape.reshape(p.years, -1).sum(axis=1), QUARTERS_PER_YEAR)
    return np.asarray(shape / sums * np.repeat(yearly[1:-1], QUARTERS_PER_YEAR))


def yearly_revenue(p: Programme, years: np.ndarray) -> np.ndarray:
    """Revenue of each year: even growth between the years of `revenue_usd`, then `growth_late`, fading."""
    known, values = (np.array(part, dtype=float) for part in zip(*p.revenue_usd, strict=True))
    if not values.any():
        return np.zeros(len(years))
    if p.fixed_growth is not None:
        return np.asarray(values[0] * (1 + p.fixed_growth) ** (years - known[0]))
    found = np.exp(np.interp(years, known, np.log(values)))
    for place, year in enumerate(years):
        if year > known[-1]:
            found[place] = found[place - 1] * (1 + p.growth_late * p.growth_fade ** (year - known[-1] - 1))
    return np.asarray(found)
