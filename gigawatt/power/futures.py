"""A plan in many years: other weather, prices, carbon and outages, each year dispatched anew and exactly.

Weather, price and carbon of a year come from `years` (a generator calibrated to the plan's own site-year), outages of
machines from their rates in the catalog. The load stays that of the plan, and so do the days of maintenance, which are
chosen for its own year. What a column of the system takes from the site's year is found by asking: the system is built
again with one series of the site changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gigawatt.power import chain
from gigawatt.power.build import build
from gigawatt.power.draft import Built, columns
from gigawatt.power.evaluation import Hours
from gigawatt.power.futures_kernels import combine, outage_shares, tally
from gigawatt.power.machines import Common, Units, machine_size, planned_from
from gigawatt.power.options import Contract
from gigawatt.power.plan import PowerPlan, month_peaks, with_peaks
from gigawatt.power.shortfall import available_in_order, commons_of, net_load_mw, units_of
from gigawatt.power.site import SiteYear
from gigawatt.power.system import Array
from gigawatt.power.targets import Targets
from gigawatt.power.years import SERIES, year_model
from gigawatt.units import HOURS_PER_YEAR

ROWS = ("pv_cf", "wind_cf", "price_usd_per_mwh", "carbon_g_per_kwh")  # of a year, that a system depends on
AT = tuple(SERIES.index(name) for name in ROWS)
PV, WIND, PRICE = 0, 1, 2
PEAKS_TOLERANCE = 1e-5  # of the peaks of the months that a demand charge is on, as a share of the cost
CHUNK = 25  # years that a thread draws at once
COLUMNS = 8  # of the table of years, before the energy of the firm sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Futures:
    """What each of Y drawn years comes to, and the plan they were drawn for."""

    plan: PowerPlan
    seed: int
    cost_usd: Array  # (Y,), capital, fixed cost and dispatch
    unserved_mwh: Array  # (Y,)
    carbon_t: Array  # (Y,), at the stack and of the grid where it is drawn
    curtailed_mwh: Array  # (Y,)
    offered_mwh: Array  # (Y,), of sun, wind and contracts before curtailment
    firm_mwh: Array  # (Y, M), made by each firm source
    pv_cf: Array  # (Y,), means of the years
    wind_cf: Array
    price_usd_per_mwh: Array

    @property
    def usd_per_mwh(self) -> Array:
        """Cost of a MWh of load in each year, (Y,)."""
        return self.cost_usd / self.plan.accounts.energy.load_mwh

    @property
    def curtailed_share(self) -> Array:
        """What is not used of what sun, wind and contracts offer in each year, (Y,)."""
        offered = self.offered_mwh > 0.0
        return np.asarray(np.divide(self.curtailed_mwh, self.offered_mwh, out=np.zeros(len(offered)), where=offered))

    def rows(self) -> list[dict[str, float | str]]:
        """Mean, spread and quantiles of each figure, one row each."""
        load_mwh = self.plan.accounts.energy.load_mwh
        figures = {
            "cost": (self.usd_per_mwh, "USD/MWh"),
            "carbon": (self.carbon_t / load_mwh * 1e3, "g/kWh"),
            "unserved": (self.unserved_mwh / load_mwh * 1e6, "ppm of the load"),
            "curtailed": (self.curtailed_share, "share of what is offered"),
            "sun": (self.pv_cf, "capacity factor"),
            "wind": (self.wind_cf, "capacity factor"),
            "price of the grid": (self.price_usd_per_mwh, "USD/MWh"),
        }
        return [{"figure": name, **summary(values), "unit": unit} for name, (values, unit) in figures.items()]


def summary(values: Array) -> dict[str, float]:
    """Mean, standard deviation and quantiles."""
    low, median, high = np.quantile(values, (0.05, 0.5, 0.95))
    return {
        "mean": float(values.mean()),
        "deviation": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        "p5": float(low),
        "p50": float(median),
        "p95": float(high),
    }


class Settled(NamedTuple):
    """A contract whose difference of price and strike is paid: a product of two series of the site."""

    place: int  # of its capacity
    usd_per_mwh: float  # strike
    row: int | None  # of `ROWS`, that its output follows
    output: Array  # (T,), per MW, of the plan's year

    def usd(self, rows: Array) -> float:
        """What a MW costs in a year of these series, (4, T)."""
        output = self.output if self.row is None else rows[self.row]
        return float(np.dot(self.usd_per_mwh - rows[PRICE], output))


class Influence(NamedTuple):
    """How the arrays of a system follow the series of `ROWS`: change per unit of each, and the series they hold for."""

    usual: Array  # (4, T)
    profile: Array  # (4, K)
    cost: Array  # (4, M)
    carbon: Array  # (4, M)
    capital: Array  # (4, N), per unit of the sum over the hours; 0 for what is settled
    settled: tuple[Settled, ...]


def influence(plan: PowerPlan) -> Influence:
    """What each column of a plan's system takes from the series of its site.

    Raises:
        ValueError: An option follows a series of the site otherwise than in proportion.
    """
    built, site = plan.built, plan.built.site
    base, hours = _built(built, site), built.system.hours
    parts: dict[str, list[Array]] = {"profile": [], "cost": [], "carbon": [], "capital": []}
    for name in ROWS:
        series = getattr(site, name)
        step = np.zeros(hours) if series is None else _step(series, name)
        other = base if series is None else _built(built, replace(site, **{name: series + step}))
        parts["profile"].append(_even(other.system.free_profile - base.system.free_profile, step, name))
        parts["cost"].append(_even(other.system.firm_usd_per_mwh - base.system.firm_usd_per_mwh, step, name))
        parts["carbon"].append(_even(_carbon(other) - _carbon(base), step, name))
        parts["capital"].append((other.system.capital_usd - base.system.capital_usd) / (step.sum() or 1.0))
    settled, capital = _settled(built), np.array(parts.pop("capital"))
    capital[:, [one.place for one in settled]] = 0.0
    usual = [np.zeros(hours) if getattr(site, n) is None else getattr(site, n) for n in ROWS]
    return Influence(
        usual=np.array(usual),
        capital=capital,
        settled=settled,
        **{name: np.array(rows) for name, rows in parts.items()},
    )


def _settled(built: Built) -> tuple[Settled, ...]:
    """The virtual contracts of a plan."""
    options, found = {option.name: option for option in built.options}, []
    for virtual in built.virtual:
        contract = options[built.capacities[virtual.capacity].option]
        assert isinstance(contract, Contract)
        row = None if contract.output is not None else {"sun": PV, "wind": WIND}.get(contract.resource)
        found.append(Settled(virtual.capacity, contract.usd_per_mwh, row, virtual.output))
    return tuple(found)


def _step(series: Array, name: str) -> Array:
    """A change of a series of the site that leaves it within its bounds: sun and wind are halved."""
    return -0.5 * series if name in ROWS[:PRICE] else np.ones_like(series)


def _built(built: Built, site: SiteYear) -> Built:
    return build(site, built.load, built.options, Targets(), built.terms)


def _carbon(built: Built) -> Array:
    hours = built.system.hours
    return columns([np.broadcast_to(np.asarray(s.carbon_t_per_mwh, float), hours) for s in built.firm], hours)


def _even(change: Array, step: Array, name: str) -> Array:
    """The change of every column per unit of a step of the series, the same in all hours."""
    slope = step @ change / (float(step @ step) or 1.0)
    if change.size and np.abs(change - step[:, None] * slope).max() > 1e-6 * max(1.0, float(np.abs(change).max())):
        raise ValueError(f"an option follows {name} of the site, but not in proportion: its years cannot be drawn")
    return np.asarray(slope)


class Outages(NamedTuple):
    """Machines of the firm sources as the kernel reads them."""

    column: Array  # the firm source that a group belongs to
    who: Array  # number by which it draws: a common cause hits several sources in the same hours
    machines: Array
    needed: Array  # for the full power
    fail: Array  # probability of failing in an hour in order
    repair: Array  # of being repaired in an hour out of order
    depth: Array  # share of its power that one that is out takes away
    rest: Array  # hours of maintenance of each a year
    first: Array  # place in `begins` of the first of the group
    begins: Array  # first hour of the maintenance of every machine


def outages_of(plan: PowerPlan, units: Sequence[Units], commons: Sequence[Common] = ()) -> Outages:
    """Machines and common causes of a plan's firm sources; stores and standby machines are part of `reliability`."""
    columns = {unit.name: unit.firm for unit in units}
    rows: list[tuple[float, ...]] = []
    resting: list[tuple[float, float, int]] = []  # MW of every machine, hours of its maintenance, kind if it is spare
    system = plan.built.system
    for unit in units:
        if unit.firm is None or unit.standby or (unit.forced_outage_rate <= 0.0 and unit.planned_hours <= 0.0):
            continue
        built_mw = float(plan.capacity[system.firm_capacity[:, unit.firm]].max(initial=0.0))
        unit_mw, needed = machine_size(unit, built_mw)
        if needed > 0:
            repair, rest = 1.0 / unit.mttr_hours, round(unit.planned_hours)
            fail = repair * unit.forced_outage_rate / (1.0 - unit.forced_outage_rate)
            who, count = unit.firm, needed + unit.spare
            rows.append((unit.firm, who, count, needed, fail, repair, 1.0, rest, len(resting)))
            resting += [(unit_mw, rest, who if i >= needed else -1) for i in range(count)]
    for number, common in enumerate(commons):
        who = system.firm_usd_per_mwh.shape[1] + number
        fail = common.outages_per_year / (HOURS_PER_YEAR - common.outages_per_year * common.outage_hours)
        for name in common.hits:
            column = columns.get(name)
            if column is not None and fail > 0.0:
                rows.append((column, who, 1, 1.0, fail, 1.0 / common.outage_hours, common.share, 0, 0))
    table = np.array(rows, dtype=float).reshape(-1, len(Outages._fields) - 1)
    unit_mw_of, rest_of, spare_of = (np.array(part) for part in (zip(*resting, strict=True) if resting else ((),) * 3))
    begins = planned_from(unit_mw_of, rest_of.astype(int), net_load_mw(plan), spare_of.astype(int).tolist())
    return Outages(*(np.ascontiguousarray(column) for column in (*table.T, np.append(begins, 0))))


class Year:
    """One drawn year at a time: arrays of the plan's system that are filled anew and dispatched."""

    def __init__(self, plan: PowerPlan, base: Built, follows: Influence, machines: Outages, available: Array) -> None:
        self.base, self.follows, self.machines, self.available = base, follows, machines, available
        self.hours = Hours(base.system)
        self.usual_carbon = _carbon(base)
        self.carbon = self.usual_carbon.copy()
        self.usual_sums = follows.usual.sum(axis=1)
        self.hours.profile, self.hours.firm_cost = self.hours.profile.copy(), self.hours.firm_cost.copy()
        self.hours.available = available.copy()
        self.x = np.zeros(self.hours.count)
        self.peak = month_peaks(base)
        self.capacity = np.where(self.peak, 0.0, plan.capacity)
        wide = [
            plan.size(c.option) if peak else x
            for c, peak, x in zip(base.capacities, self.peak, plan.capacity, strict=True)
        ]
        self.x[: len(wide)] = self.wide = np.array(wide)
        self.known_usd = float(base.system.capital_usd @ self.capacity)
        if base.system.stores:
            self.start_mwh = float(plan.dispatch.stored_mwh[-1, 0])
            if self.hours.free_start:
                self.x[-1] = self.start_mwh
        self.offers = [k for k, source in enumerate(base.free) if source.role != "export"]
        count = base.system.hours
        self.share = np.ones((len(machines.column), count))
        self.worth, self.stored, self.down, self.up = (np.zeros(count) for _ in range(4))
        self.into, self.out, self.lack = (np.zeros(count) for _ in range(3))
        self.made = np.empty_like(self.hours.size)

    def draw(self, rows: Array, seed: int, number: int) -> None:
        """Fill the arrays of the system with a year's series and its outages."""
        follows, system, hours = self.follows, self.base.system, self.hours
        combine(system.free_profile, follows.profile, rows, follows.usual, hours.profile)
        combine(system.firm_usd_per_mwh, follows.cost, rows, follows.usual, hours.firm_cost)
        combine(self.usual_carbon, follows.carbon, rows, follows.usual, self.carbon)
        if len(self.machines.column):
            outage_shares(seed, number, *self.machines, self.share)
            for column in np.unique(self.machines.column).astype(int):
                parts = self.share[self.machines.column == column]
                np.multiply(self.available[:, column], parts.prod(axis=0), out=hours.available[:, column])
        hours.renew()
        if self.peak.any():
            self.x[: len(self.wide)] = self.best_peaks()

    def best_peaks(self) -> Array:
        """The capacities with those peaks of the months that cost least in the year drawn."""
        hours, system = self.hours, self.base.system
        stores = system.stores
        if hours.free_start and self.wide[stores[0].energy] > 0.0:
            full = min(self.start_mwh / float(self.wide[stores[0].energy]), 1.0)
            stores = (replace(stores[0], start_share=full),)
        drawn = replace(
            system, free_profile=hours.profile, firm_usd_per_mwh=hours.firm_cost, firm_available=hours.available,
            stores=stores,
        )  # fmt: skip
        return with_peaks(drawn, self.wide, self.peak, tolerance=PEAKS_TOLERANCE).capacity

    def dispatch(self) -> None:
        """The best dispatch of the year, into `made`, `into`, `out` and `lack`."""
        hours = self.hours
        charge, discharge, energy, start, finish = hours.fill(self.x)
        if energy > 0.0:
            slope = hours.value(charge, discharge, energy, start, finish)
            chain.worth_of_energy(slope, hours.lo, hours.hi, self.worth)
            chain.changes(hours.slope, hours.length, hours.losses[0] * charge, self.worth, self.down, self.up)
            chain.stored_path(start, finish, energy, self.worth, self.down, self.up, self.stored)
        chain.flows(
            hours.need, hours.size, hours.cost, hours.system.shed_usd_per_mwh, *hours.losses, charge, discharge,
            hours.burns, start, self.stored, self.into, self.out, self.made, self.lack,
        )  # fmt: skip

    def run(self, rows: Array, seed: int, number: int, out: Array) -> None:
        """Draw and dispatch year `number`; fills out with the columns of `Futures`, energy of the firm sources last."""
        self.draw(rows, seed, number)
        self.dispatch()
        hours, system = self.hours, self.base.system
        firm = system.firm_usd_per_mwh.shape[1]
        made_mwh, given_mwh, peaks = np.zeros(firm + 1), np.zeros(firm + 1), np.zeros(len(self.capacity))
        usd, carbon_t = tally(
            self.made, hours.size, hours.order, hours.firm_cost, self.carbon, hours.firm_capacity, made_mwh, given_mwh,
            peaks,
        )  # fmt: skip
        sums = rows.sum(axis=1)
        change = self.follows.capital @ self.capacity @ (sums - self.usual_sums)
        for one in self.follows.settled:
            change += self.capacity[one.place] * (one.usd(rows) - system.capital_usd[one.place])
        unserved = float(self.lack.sum())
        out[0] = self.known_usd + float(change) + usd + float(system.capital_usd[self.peak] @ peaks[self.peak])
        out[0] += system.shed_usd_per_mwh * unserved + hours.store.wear_usd_per_mwh * float(self.out.sum())
        out[1:4] = unserved, carbon_t, given_mwh[firm] - made_mwh[firm]
        out[4] = float(hours.profile.sum(axis=0)[self.offers] @ self.capacity[system.free_capacity[self.offers]])
        out[5:COLUMNS] = sums[:3] / rows.shape[1]
        out[COLUMNS:] = made_mwh[:firm]


def futures(
    plan: PowerPlan,
    years: int = 100,
    *,
    seed: int = 0,
    first: int = 0,
    outages: bool = True,
    units: Sequence[Units] | None = None,
    commons: Sequence[Common] | None = None,
    threads: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Futures:
    """A plan of one year of 8,760 hours in many drawn years; year n of a seed is the same however many are drawn.

    Args:
        plan: Its capacities stay, and its load. Targets are not looked at.
        years: How many.
        seed: Of weather, prices and outages.
        first: Number of the first year.
        outages: Whether machines fail and rest for maintenance; if not, plants give their mean availability.
        units: The machines; None: those of the catalog.
        commons: What takes out several sources at once; None: those of the catalog, if the machines are.
        threads: That share the work.
        progress: Told how many years are done.

    Raises:
        ValueError: The plan is no chain over one store, or not of one year.
    """
    system = plan.built.system
    if not system.chain or system.hours != HOURS_PER_YEAR or years < 1:
        raise ValueError("futures need a plan of one year with one store at most, and at least one year to draw")
    model, follows = year_model(plan.built.site), influence(plan)
    known = units_of(plan) if units is None else units
    shared = commons_of(plan) if units is None and commons is None else commons or ()
    machines = outages_of(plan, known, shared) if outages else outages_of(plan, ())
    available = available_in_order(plan, known if outages else ())
    base = _built(plan.built, plan.built.site)
    table = np.zeros((years, COLUMNS + system.firm_usd_per_mwh.shape[1]))
    done = 0

    def chunk(begin: int) -> int:
        count = min(CHUNK, years - begin)
        one = Year(plan, base, follows, machines, available)
        drawn = np.empty((count, len(SERIES), HOURS_PER_YEAR))
        model.fill(drawn, seed=seed, first=first + begin)
        for k in range(count):
            one.run(drawn[k, AT, :], seed, first + begin + k, table[begin + k])
        return count

    with ThreadPoolExecutor(max_workers=threads) as pool:
        for count in pool.map(chunk, range(0, years, CHUNK)):
            done += count
            if progress is not None:
                progress(done)
    names = (
        "cost_usd", "unserved_mwh", "carbon_t", "curtailed_mwh", "offered_mwh", "pv_cf", "wind_cf", "price_usd_per_mwh",
    )  # fmt: skip
    figures = dict(zip(names, table[:, :COLUMNS].T, strict=True))
    return Futures(plan=plan, seed=seed, firm_mwh=table[:, COLUMNS:], **figures)
