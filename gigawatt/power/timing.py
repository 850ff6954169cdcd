"""When a supply gives its first and its full power, and what to rent until then.

Each option is ready after its lead time; what exists is ready now. At every arrival the supply that is there by then
is run through the year of the plan, and what it cannot serve is the shortage. Rented power fills the shortage where
the work of the chips is worth more than the rent, its fuel and its carbon:

    value = margin of computing x mean IT power that the bridge serves x months
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gigawatt.catalog import fact, items
from gigawatt.errors import SolveError
from gigawatt.power.lcoe import Technology
from gigawatt.power.load import Load
from gigawatt.power.options import Battery, Bridge, Contract, Grid, Option, Plant
from gigawatt.power.options_text import option, options_of
from gigawatt.power.plan import PowerPlan, dispatch, size
from gigawatt.power.site import SiteYear
from gigawatt.power.targets import Targets, Terms, term
from gigawatt.units import HOURS_PER_YEAR, MONTHS_PER_YEAR

Array = np.ndarray
Row = dict[str, str | float]
Case = Literal["low", "likely", "high"]
HOURS_PER_MONTH = HOURS_PER_YEAR / MONTHS_PER_YEAR
FULL = 1e-3  # share of the load that may be missing more than in the plan itself


def _margin() -> float:
    return term("compute_revenue_usd_per_mw_year") * term("compute_margin") / MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is there from one arrival to the next."""

    month: float
    arrives: tuple[str, ...]
    short_mw: Array  # (T,), load that cannot be served
    served_share: float  # of the load's energy

    @property
    def mean_short_mw(self) -> float:
        """Mean shortage over the hours."""
        return float(self.short_mw.mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Hire:
    """Rented power from one month to another; what it serves, costs and brings."""

    bridge: str
    from_month: float
    to_month: float
    mw: float  # at its largest
    mw_months: float  # that are paid
    mwh: float
    rent_usd: float  # with bringing it in
    energy_usd: float  # fuel, variable operation and the price of carbon
    value_usd: float  # margin of the computing that it allows
    carbon_t: float  # at the stack

    @property
    def cost_usd(self) -> float:
        """Rent and energy."""
        return self.rent_usd + self.energy_usd

    @property
    def net_usd(self) -> float:
        """What it brings beyond its cost."""
        return self.value_usd - self.cost_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Months from the order to power, and the bridge until then."""

    steps: tuple[Step, ...]
    hires: tuple[Hire, ...]
    usd_per_mw_month: float  # margin of computing, per MW of IT
    it_share: float  # IT power over site power
    full_months: float
    held_back_by: str
    first_months: float

    @property
    def first_months_bridged(self) -> float:
        """Months to the first power with what is rented."""
        return min([self.first_months, *(h.from_month for h in self.hires)])

    def month_value_usd(self, month: float) -> float:
        """Margin lost in the month from `month` on, before any bridge, in USD."""
        here = [step for step in self.steps if step.month <= month]
        return here[-1].mean_short_mw * self.it_share * self.usd_per_mw_month if here else 0.0


def lead_months(choice: Option, site: SiteYear, case: Case = "likely") -> float:
    """Months from order to power of an option; of a connection, those of the site's region."""
    if choice.lead_months is not None:
        return choice.lead_months
    if isinstance(choice, Grid) and site.region:
        found = fact("regions", site.region, "grid_months")
        end = {"low": found.low, "likely": None, "high": found.high}[case]
        return float(found.value) if end is None else end
    technology: Technology = choice.technology
    suffix = {"low": "_low", "likely": "", "high": "_high"}[case]
    return float(getattr(technology, f"lead_months{suffix}"))


def timing(
    plan: PowerPlan,
    *,
    bridges: Sequence[Bridge | str] | None = None,
    case: Case = "likely",
    campus_months: float = 0.0,
    usd_per_mw_month: float | None = None,
) -> Timing:
    """When the plan gives power, what holds it back, and what to rent until then.

    Args:
        plan: The supply.
        bridges: What may be rented; None: those among the plan's options, or else all of the catalog.
        case: Lead times at their low, likely or high end.
        campus_months: Months until there is a load; power before that is worth nothing.
        usd_per_mw_month: Margin of computing per MW of IT and month; None: the catalog's revenue and margin.
    """
    margin = _margin() if usd_per_mw_month is None else usd_per_mw_month
    steps = _steps(plan, case, campus_months)
    full = next(step for step in steps if step.served_share >= steps[-1].served_share - FULL)
    first = next((step for step in steps if step.served_share > FULL), full)
    it_share = float(plan.built.load.it_mw.sum() / plan.built.load.site_mw.sum())
    before = [s for s in steps if s.month < full.month]
    wanted = _bridges(plan, bridges)
    return Timing(
        steps=steps, hires=_hires(wanted, before, campus_months, full.month, margin * it_share, plan.built.terms),
        usd_per_mw_month=margin, it_share=it_share, full_months=full.month,
        held_back_by=", ".join(full.arrives) or "nothing", first_months=first.month,
    )  # fmt: skip


def _steps(plan: PowerPlan, case: Case, campus_months: float) -> tuple[Step, ...]:
    """The supply at every arrival, run through the hours of the plan."""
    site, built = plan.built.site, plan.built
    used = [o for o in built.options if not isinstance(o, Bridge) and _new(plan, o) > 1e-3]
    ready = {o.name: max(lead_months(o, site, case), campus_months) for o in used}
    steps = []
    for month in sorted({campus_months, *ready.values()}):
        late = {name for name, months in ready.items() if months > month}
        sizes = {c.name: c.existing for c in built.capacities if c.option in late}
        short = _short_mw(dispatch(plan, sizes=sizes), plan) if late else plan.dispatch.shed_mw
        share = 1.0 - float(short.sum()) / plan.accounts.energy.load_mwh
        arrives = tuple(name for name, months in ready.items() if months == month)
        steps.append(Step(month=month, arrives=arrives, short_mw=short, served_share=share))
    return tuple(steps)


def _short_mw(part: PowerPlan, plan: PowerPlan) -> Array:
    """Load that a part of the supply leaves unserved or stopped beyond what the plan itself stops, (T,)."""
    return np.asarray(part.dispatch.shed_mw + np.maximum(_stopped_mw(part) - _stopped_mw(plan), 0.0))


def _stopped_mw(plan: PowerPlan) -> Array:
    """Flexible load that stops, (T,)."""
    stops = [m for m, source in enumerate(plan.built.firm) if source.role == "flexible"]
    return np.asarray(plan.dispatch.firm_mw[:, stops].sum(axis=1))


def _new(plan: PowerPlan, choice: Option) -> float:
    """New MW of an option; certificates alone bring no power."""
    if isinstance(choice, Contract) and choice.paid == "virtual":
        return 0.0
    places = plan.built.places(choice.name)
    return sum(float(plan.capacity[i]) - plan.built.capacities[i].existing for i in places)


def _bridges(plan: PowerPlan, bridges: Sequence[Bridge | str] | None) -> tuple[Bridge, ...]:
    if bridges is None:
        own = tuple(o for o in plan.built.options if isinstance(o, Bridge))
        bridges = own or tuple(i for i in items("power_contracts") if i.startswith("bridge_"))
    found = tuple(option(b) if isinstance(b, str) else b for b in bridges)
    for other in found:
        if not isinstance(other, Bridge):
            raise ValueError(f"{other.name} is no rented power")
    return found  # type: ignore[return-value]


def _hires(
    bridges: Sequence[Bridge], steps: Sequence[Step], start: float, end: float, usd_per_mw_month: float, terms: Terms
) -> tuple[Hire, ...]:
    """The most valuable rental up to `end`, and before it comes, the most valuable of the quicker ones."""
    spans = [(bridge, max(start, bridge.lead_months)) for bridge in bridges]
    hires = [_hire(b, _within(steps, since, end), end, usd_per_mw_month, terms) for b, since in spans if since < end]
    if not hires or max(h.net_usd for h in hires) <= 0.0:
        return ()
    best = max(hires, key=lambda h: h.net_usd)
    return (*_hires(bridges, steps, start, best.from_month, usd_per_mw_month, terms), best)


def _within(steps: Sequence[Step], start: float, end: float) -> list[Step]:
    """The steps that hold from `start` to `end`, the first of them from `start` on."""
    ends = [*(step.month for step in steps[1:]), np.inf]
    held = [(s, until) for s, until in zip(steps, ends, strict=True) if until > start and s.month < end]
    return [replace(step, month=max(step.month, start)) for step, _ in held]


def _hire(bridge: Bridge, steps: Sequence[Step], end: float, usd_per_mw_month: float, terms: Terms) -> Hire:
    """One rental over these steps. It shrinks as the permanent supply arrives; each MW is paid its least months."""
    since, each = steps[0].month, _energy_usd_per_mwh(bridge, terms)
    ends = np.array([*(step.month for step in steps[1:]), end])
    months = np.diff(ends, prepend=since)
    held = _held_mw(bridge, steps, months, usd_per_mw_month - each * HOURS_PER_MONTH)
    served = [float(_served_mw(bridge, step.short_mw, np.array([mw]))[0]) for step, mw in zip(steps, held, strict=True)]
    mwh = float(np.dot(served, months)) * HOURS_PER_MONTH
    mw_months = float(-np.diff(held, append=0.0) @ _paid_months(bridge, months))
    return Hire(
        bridge=bridge.name, from_month=since, to_month=float(max([since, *ends[held > 0.0]])), mw=float(held[0]),
        mw_months=mw_months, mwh=mwh, energy_usd=mwh * each, value_usd=mwh / HOURS_PER_MONTH * usd_per_mw_month,
        rent_usd=mw_months * bridge.rent_usd_per_mw_month + float(held[0]) * bridge.mobilisation_usd_per_mw,
        carbon_t=mwh * bridge.carbon_t_per_mwh,
    )  # fmt: skip


def _held_mw(bridge: Bridge, steps: Sequence[Step], months: Array, worth_usd_per_mw_month: float) -> Array:
    """MW to hold in each step at the most gain, no more than are ever short; what is given back does not return.

    Of the MW one above the other, each is held to the end of the step at which it gains most over all steps until
    then, or not at all. That is the best of all rentals: what is served grows with MW, by less and less.
    """
    edges = [edge for step in steps for edge in (step.short_mw, _permit_edge_mw(bridge, step.short_mw))]
    most_mw = min(bridge.most_mw, max(float(step.short_mw.max()) for step in steps))
    levels = np.unique(np.minimum(np.concatenate([[0.0], *edges]), most_mw))
    width = np.diff(levels)
    served = np.array([np.diff(_served_mw(bridge, step.short_mw, levels)) for step in steps])
    value_usd = np.cumsum(served * months[:, None], axis=0) * worth_usd_per_mw_month
    paid_usd = _paid_months(bridge, months) * bridge.rent_usd_per_mw_month + bridge.mobilisation_usd_per_mw
    net_usd = value_usd - paid_usd[:, None] * width
    last = np.where(net_usd.max(axis=0) > 0.0, net_usd.argmax(axis=0), -1)
    return np.array([width[last >= k].sum() for k in range(len(steps))])


def _paid_months(bridge: Bridge, months: Array) -> Array:
    """Months that are paid for a MW held to the end of each step."""
    return np.asarray(np.maximum(np.cumsum(months), bridge.least_months))


def _served_mw(bridge: Bridge, short_mw: Array, held_mw: Array) -> Array:
    """Mean power that rented MW serve of a shortage, no more than their permitted hours allow."""
    rising = np.sort(short_mw)
    below = np.concatenate([[0.0], np.cumsum(rising)])
    place = np.searchsorted(rising, held_mw)
    mean_mw = (below[place] + (len(rising) - place) * held_mw) / len(rising)
    return np.asarray(np.minimum(mean_mw, held_mw * min(bridge.hours_per_year / HOURS_PER_YEAR, 1.0)))


def _permit_edge_mw(bridge: Bridge, short_mw: Array) -> Array:
    """MW up to which the permitted hours bind and beyond which the shortage does; none where one binds throughout."""
    rising, count = np.sort(short_mw), len(short_mw)
    below = np.concatenate([[0.0], np.cumsum(rising)])
    # Mean of min(shortage, x) = share x: below + (count - place) x = share count x.
    more = min(bridge.hours_per_year / HOURS_PER_YEAR, 1.0) * count - (count - np.arange(count + 1.0))
    edge = np.divide(below, more, out=np.full(count + 1, -1.0), where=more > 0.0)
    from_mw, to_mw = np.concatenate([[0.0], rising]), np.concatenate([rising, [np.inf]])
    return np.asarray(edge[(edge >= from_mw) & (edge <= to_mw)])


def _energy_usd_per_mwh(bridge: Bridge, terms: Terms) -> float:
    """Fuel, variable operation and the price of carbon of rented power."""
    gas_usd = terms.gas_usd_per_mmbtu * bridge.heat_rate_mmbtu_per_mwh
    fuel_usd = gas_usd or bridge.fuel_usd_per_mwh
    return fuel_usd + bridge.vom_usd_per_mwh + bridge.carbon_t_per_mwh * terms.carbon_usd_per_t


def timing_rows(found: Timing) -> list[Row]:
    """The figures of a timing, one a row with its unit; no full power where much of the load is never served."""
    never = 1.0 - found.steps[-1].served_share
    figures: list[tuple[str, float | str, str]] = [
        ("first power", found.first_months, "months"),
        ("first power with the bridge", found.first_months_bridged, "months"),
        ("all that is built" if never > FULL else "full power", found.full_months, "months"),
        ("never served", max(0.0, never), "1"),
        ("held back by", found.held_back_by, ""),
        ("value of the first month", found.month_value_usd(found.steps[0].month), "USD"),
        ("cost of the bridge", sum(h.cost_usd for h in found.hires), "USD"),
        ("value of the bridge", sum(h.value_usd for h in found.hires), "USD"),
        ("carbon of the bridge", sum(h.carbon_t for h in found.hires), "t"),
    ]
    return [{"figure": name, "value": value, "unit": unit} for name, value, unit in figures]


def step_rows(found: Timing) -> list[Row]:
    """One row per arrival: what comes and how much of the load is served from then on."""
    return [
        {
            "month": step.month,
            "arrives": ", ".join(step.arrives),
            "served_share": step.served_share,
            "mean_short_mw": step.mean_short_mw,
            "month_usd": found.month_value_usd(step.month),
        }
        for step in found.steps
    ]


def hire_rows(found: Timing) -> list[Row]:
    """One row per rental."""
    return [
        {
            "bridge": h.bridge,
            "from_month": h.from_month,
            "to_month": h.to_month,
            "mw": h.mw,
            "mwh": h.mwh,
            "rent_usd": h.rent_usd,
            "energy_usd": h.energy_usd,
            "usd_per_mwh": h.cost_usd / h.mwh if h.mwh else 0.0,
            "carbon_t": h.carbon_t,
            "value_usd": h.value_usd,
            "net_usd": h.net_usd,
        }
        for h in found.hires
    ]


def haste_rows(
    site: SiteYear,
    load: Load,
    options: str | Sequence[Option | str],
    *,
    months: Sequence[float] | None = None,
    targets: Targets | None = None,
    terms: Terms | None = None,
    case: Case = "likely",
) -> list[Row]:
    """What haste costs: for each deadline, the cheapest supply of what is ready by then.

    `months` are the deadlines; None: the lead times of the options. The premium is over the cheapest supply however
    late; a supply that leaves load unserved pays the value of lost load. NaN: what is ready cannot reach the targets.
    """
    choices = [o for o in options_of(options) if not isinstance(o, Bridge)]
    leads = {o.name: lead_months(o, site, case) for o in choices}
    rows: list[Row] = []
    for deadline in sorted(set(leads.values()) if months is None else months):
        there = [o if leads[o.name] <= deadline else _kept(o) for o in choices]
        ready = [o for o in there if o is not None]
        if not ready:
            continue
        plan = _if_any(site, load, ready, targets or Targets(), terms)
        rows.append({
            "months": float(deadline), "options": ", ".join(o.name for o in ready),
            "usd_per_mwh": np.nan if plan is None else plan.usd_per_mwh,
            "unserved_share": np.nan
            if plan is None
            else plan.accounts.energy.unserved_mwh / plan.accounts.energy.load_mwh,
        })  # fmt: skip
    least = float(np.nanmin([float(row["usd_per_mwh"]) for row in rows] + [np.inf]))
    return [row | {"premium_usd_per_mwh": float(row["usd_per_mwh"]) - least} for row in rows]


def _if_any(
    site: SiteYear, load: Load, ready: Sequence[Option], targets: Targets, terms: Terms | None
) -> PowerPlan | None:
    """The cheapest supply of what is ready; None where it cannot reach the targets."""
    names = {o.name for o in ready}
    if any(share > 0.0 and name not in names for name, share in targets.least_share.items()):
        return None
    least, most = (
        {n: x for n, x in shares.items() if n in names} for shares in (targets.least_share, targets.most_share)
    )
    try:
        return size(site, load, ready, targets=replace(targets, least_share=least, most_share=most), terms=terms)
    except SolveError:
        return None


def _kept(choice: Option) -> Option | None:
    """What exists of an option that is not ready, or None."""
    match choice:
        case Plant(existing_mw=mw) | Grid(existing_mw=mw) if mw > 0.0:
            return replace(choice, least_mw=mw, most_mw=mw)
        case Battery(existing_mw=mw) if mw > 0.0:
            mwh = choice.existing_mwh or mw * choice.tied_hours
            return replace(choice, least_mw=mw, most_mw=mw, least_mwh=mwh, most_mwh=mwh)
        case _:
            return None
