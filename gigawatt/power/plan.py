"""The least-cost supply of a site: sizes, hourly dispatch, and what it all comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.accounts import SERVED, Accounts, accounts
from gigawatt.power.build import build
from gigawatt.power.dispatch import Dispatch, dispatch_system
from gigawatt.power.draft import Built
from gigawatt.power.evaluation import Cut
from gigawatt.power.lcoe import quoted
from gigawatt.power.load import Load
from gigawatt.power.load import load as load_of
from gigawatt.power.options import Battery, Contract, Grid, Option, Plant
from gigawatt.power.options_text import options_of
from gigawatt.power.site import SiteYear, site_year
from gigawatt.power.sizing import Sizing, size_system
from gigawatt.power.system import System, no_rows
from gigawatt.power.targets import Targets, Terms
from gigawatt.units import parse_quantity

Array = np.ndarray
Method = Literal["auto", "chain", "program"]
MISSED = 1e-4  # less than this is rounding, of a target as of a limit
UNSERVED = 0.01  # of the load: more is no supply of it
UNPROVED = 0.01  # gap: where the exact method stops short of this, the program answers, in minutes
MUST_SERVE_USD_PER_MWH = 1e6  # stands for a shortage that is ruled out, in methods that want a number


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerPlan:
    """A supply and how it runs. Money is over the hours of the load: a year of 8,760 gives USD a year."""

    built: Built
    capacity: Array  # (N,), in the order of `built.capacities`
    dispatch: Dispatch
    accounts: Accounts
    method: str
    gap: float  # how much cheaper a plan might be, as a share of the cost; proved
    evaluations: int = 0
    seconds: float = 0.0
    proof: tuple[Cut, ...] = ()  # of the gap; a like case starts from it

    @property
    def cost_usd(self) -> float:
        """All causes, over the hours of the load."""
        return self.accounts.cost_usd

    @property
    def usd_per_mwh(self) -> float:
        """Cost of a MWh of load."""
        return self.cost_usd / self.accounts.energy.load_mwh

    @property
    def capex_usd(self) -> float:
        """Upfront cost of what is new."""
        return sum(self.accounts.capex_usd.values())

    def size(self, name: str) -> float:
        """The capacity called `name`, in MW or MWh."""
        names = self.built.system.names
        if name not in names:
            raise ValueError(f"no capacity {name!r} (known: {', '.join(names)})")
        return float(self.capacity[names.index(name)])

    @property
    def price_usd_per_mwh(self) -> float:
        """Mean of the marginal price over the load."""
        return float(self.dispatch.price_usd_per_mwh @ self.built.system.load_mw) / self.accounts.energy.load_mwh

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures must know."""
        options = [o for o in self.built.options if isinstance(o, Plant | Battery | Grid)]
        missing = [o.name for o in options if not quoted(o.technology)]
        notes = []
        if missing and self.built.terms.costs == "market":
            notes.append(f"no market quote, reference cost used: {', '.join(missing)}")
        if not _finite(self.built.system).chain:
            notes.append("more than one store or coupled hours: solved as one program")
        short = self.dispatch.shed_mw
        if short.sum() > SERVED * self.accounts.energy.load_mwh:
            hour, count = int(short.argmax()), int((short > 1e-6 * short.max()).sum())
            notes.append(
                f"{short.sum():.4g} MWh of load not served in {count} hours, {short[hour]:.4g} MW in hour {hour}"
            )
        return (*notes, *_missed(self), *_held(self), *_never_waiting(self))


def _missed(plan: PowerPlan) -> list[str]:
    """Carbon-free targets that are not reached, since load without power leaves less to count them on."""
    targets, carbon = plan.built.targets, plan.accounts.carbon
    pairs = {
        "by the hour": (targets.carbon_free_hourly, carbon.carbon_free_hourly),
        "over the year": (targets.carbon_free_annual, carbon.carbon_free_annual),
    }
    return [
        f"carbon-free {how}: {found:.4g} of the load that is served, target {wanted:g} missed"
        for how, (wanted, found) in pairs.items()
        if wanted is not None and found < wanted - MISSED
    ]


def _never_waiting(plan: PowerPlan) -> list[str]:
    """Load that was to wait and cannot, since the site stops for an hour."""
    load, stores = plan.built.load, plan.built.stores
    parts = [part for part in load.flexible if part.kind == "delay" and part.share > 0]
    hour = int(load.site_mw.argmin())
    return [
        f"{part.name}: nothing waits, for what may wait in every hour is a share of the smallest, 0 MW in hour {hour}"
        for part in parts
        if f"flexible_{part.name}" not in stores
    ]


def _held(plan: PowerPlan) -> list[str]:
    """Virtual contracts whose size ends where they make as much energy as the load takes."""
    virtual = [o for o in plan.built.options if isinstance(o, Contract) and o.paid == "virtual"]
    most = {o.name: float(plan.built.system.most[plan.built.system.names.index(o.name)]) for o in virtual}
    return [
        f"{o.name}: held to {most[o.name]:.4g} MW, which make as much energy as the load takes"
        for o in virtual
        if most[o.name] < o.most_mw and plan.size(o.name) >= most[o.name] * (1.0 - MISSED)
    ]


def size(
    site: SiteYear | str,
    load: Load | float | str,
    options: str | Sequence[Option | str],
    *,
    targets: Targets | None = None,
    terms: Terms | None = None,
    tolerance: float = 1e-5,
    method: Method = "auto",
    warm: PowerPlan | None = None,
) -> PowerPlan:
    """The cheapest supply of a load at a site, with a proved gap.

    Args:
        site: A year of weather, prices and carbon, or its name.
        load: The load by hour, or the largest hour of a site that computes all the time: 1000 (MW) or "1 GW".
        options: What may be built or bought: options, or a text such as "pv,wind,battery,gas<=500MW,grid=300MW".
        targets: What it must reach beside its cost.
        terms: Prices and cost of money; the catalog's where not given.
        tolerance: The gap to prove, as a share of the cost.
        method: "chain" is exact and quick for one store at most, "program" takes everything; "auto" chooses.
        warm: A plan for a like case, of the same options and hours, to start from.

    Raises:
        SolveError: No supply serves the load within the limits; names the hour and the limits that clash.
        ValueError: An option, target or term is out of its range.
    """
    year = site_year(site) if isinstance(site, str) else site
    built = build(year, _load(load, year), options_of(options), targets, terms)
    like = warm is not None and warm.built.system.names == built.system.names
    proof, start = (warm.proof, warm.capacity) if warm is not None and like else ((), None)
    found = _sized(built.system, tolerance, method, start, proof)
    _check_served(built, found)
    return PowerPlan(
        built=built, capacity=found.capacity, dispatch=found.dispatch,
        accounts=accounts(built, found.capacity, found.dispatch), method=found.method, gap=found.gap,
        evaluations=found.evaluations, seconds=found.seconds, proof=found.cuts,
    )  # fmt: skip


def _check_served(built: Built, found: Sizing) -> None:
    """See that a plan serves its load, unless its terms put a price of their own on what is not.

    Raises:
        SolveError: More than `UNSERVED` of the load is left out; names the worst hour and the limits.
    """
    shed_mw, system, terms = found.dispatch.shed_mw, built.system, built.terms
    share = float(shed_mw.sum() / system.load_mw.sum())
    if share <= UNSERVED or terms.shed_usd_per_mwh != Terms().shed_usd_per_mwh:
        return
    hour = int(np.argmax(shed_mw))
    limits = [f"{name} {most:,.0f} MW" for name, most in _limited(built)]
    named = [budget.name for budget in system.budgets] + list(system.rows_names) + limits
    raise SolveError(
        f"{share:.1%} of the load cannot be served with these options and targets: {shed_mw[hour]:,.0f} of "
        f"{system.load_mw[hour]:,.0f} MW are short in hour {hour}, though a lost MWh costs "
        f"{terms.shed_usd_per_mwh:,.0f} USD (limits: {', '.join(named) or 'none but the options'}); relax one, or give "
        f"a price of your own for what is not served"
    )


def _limited(built: Built) -> list[tuple[str, float]]:
    system = built.system
    shown = [(c.name, float(most)) for c, most in zip(built.capacities, system.most, strict=True) if c.shown]
    return [(name, most) for name, most in shown if np.isfinite(most)]


def _load(load: Load | float | str, site: SiteYear) -> Load:
    if isinstance(load, Load):
        return load
    return load_of(site_mw=parse_quantity(load, "MW", "load").value, site=site)


def _sized(system: System, tolerance: float, method: Method, start: Array | None, proof: tuple[Cut, ...]) -> Sizing:
    """The sizes by the method asked for; "auto" turns to the program for a proof, or to name the limits that clash."""
    if method != "auto" or not _finite(system).chain:
        return size_system(system, tolerance=tolerance, method=method, start=start, warm=proof)
    try:
        found = size_system(_finite(system), tolerance=tolerance, start=start, warm=proof)
    except SolveError:
        return size_system(system, tolerance=tolerance, method="program")
    must = not np.isfinite(system.shed_usd_per_mwh)
    if found.gap > UNPROVED or (must and found.dispatch.shed_mw.sum() > SERVED * system.load_mw.sum()):
        return size_system(system, tolerance=tolerance, method="program")
    return found


def _finite(system: System) -> System:
    """The system with a very dear shortage where a shortage is ruled out."""
    if np.isfinite(system.shed_usd_per_mwh):
        return system
    return replace(system, shed_usd_per_mwh=MUST_SERVE_USD_PER_MWH)


def dispatch(
    plan: PowerPlan,
    *,
    site: SiteYear | str | None = None,
    load: Load | float | str | None = None,
    terms: Terms | None = None,
    sizes: Mapping[str, float] | None = None,
    method: Method = "auto",
) -> PowerPlan:
    """The same supply in another year, under another load, on other terms, or with some capacities changed.

    Targets and rows are not looked at. A demand charge by month is paid on the peaks that suit the year best: drawing
    more in an hour is weighed against its charge.

    Raises:
        ValueError: `sizes` names a capacity that the plan does not have.
    """
    year = plan.built.site if site is None else site_year(site) if isinstance(site, str) else site
    drawn = plan.built.load if load is None else _load(load, year)
    built = build(year, drawn, plan.built.options, Targets(), terms or plan.built.terms)
    capacity = _capacities(plan, built, sizes or {})
    peaks = month_peaks(built)
    if peaks.any():
        sized = with_peaks(_finite(built.system), capacity, peaks, method=method)
        found, gap = sized.dispatch, sized.gap
    else:
        found = dispatch_system(_finite(built.system), capacity, method=method)
        gap = found.gap
    capacity = _peaks(built, capacity, found)
    return replace(
        plan, built=built, capacity=capacity, dispatch=found, accounts=accounts(built, capacity, found),
        method=found.method, gap=gap, evaluations=0, seconds=0.0, proof=(),
    )  # fmt: skip


def month_peaks(built: Built) -> Array:
    """Which capacities are the peak of a month that a demand charge is on, (N,)."""
    return np.array(["demand" in c.usd and not c.shown for c in built.capacities], dtype=bool)


def with_peaks(
    system: System, capacity: Array, peaks: Array, *, tolerance: float = 1e-6, method: Method = "auto"
) -> Sizing:
    """Capacities that stay, with those `peaks` of months up to the ones told that cost least with their dispatch."""
    least = np.where(peaks, 0.0, capacity)
    fixed = replace(system, least=least, most=capacity, rows=no_rows(), rows_least=np.zeros(0), rows_names=())
    return size_system(fixed, tolerance=tolerance, method=method, start=capacity)


def _capacities(plan: PowerPlan, built: Built, sizes: Mapping[str, float]) -> Array:
    """Capacities of the plan in another system; the peaks of months as large as the connection."""
    before = dict(zip(plan.built.system.names, plan.capacity, strict=True))
    for name in sizes:
        if name not in before:
            raise ValueError(f"no capacity {name!r} (known: {', '.join(before)})")
    known = before | dict(sizes)
    capacity = np.zeros(len(built.capacities))
    for i, c in enumerate(built.capacities):
        if c.option.startswith("flexible_"):
            capacity[i] = built.system.least[i]
        else:
            capacity[i] = known[c.option] if "demand" in c.usd and not c.shown else known.get(c.name, 0.0)
    return capacity


def _peaks(built: Built, capacity: Array, found: Dispatch) -> Array:
    """Capacities with the peak of each month as it was drawn."""
    capacity = capacity.copy()
    for i in np.flatnonzero(month_peaks(built)).tolist():
        capacity[i] = float(found.firm_mw[built.system.firm_capacity == i].max(initial=0.0))
    return capacity
