"""The best hourly dispatch of given capacities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from gigawatt.power import chain
from gigawatt.power.evaluation import Cut, Hours, evaluate
from gigawatt.power.system import Array, System, no_rows

METHODS = ("auto", "chain", "program")
MOST_STARTS = 60  # energies at the start that are tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What every part of a system does in every hour. T hours, K free and M firm sources, S stores; powers in MW."""

    free_mw: Array  # (T, K), what the built capacities could give; what is not needed is in `curtailed_mw`
    firm_mw: Array  # (T, M)
    charge_mw: Array  # (T, S), taken from the bus
    discharge_mw: Array  # (T, S), given to the bus
    stored_mwh: Array  # (T, S), at the end of the hour
    shed_mw: Array  # (T,), load not served
    curtailed_mw: Array  # (T,), surplus not used
    price_usd_per_mwh: Array  # (T,), what one more MWh of load would cost; of a sizing, with what is built for it
    worth_usd_per_mwh: Array  # (T, S), of one more MWh in the store at the start of the hour
    cost_usd: float  # of all hours, capital left out
    method: str  # "chain" or "program"
    gap: float  # (cost - proved bound) / cost


def dispatch_system(
    system: System, capacity: Array, *, method: str = "auto", start_mwh: float | None = None, tolerance: float = 1e-9
) -> Dispatch:
    """The best hourly dispatch of given capacities, with perfect foresight.

    A system with one store at most is dispatched exactly by the recursion of `chain`; others by a linear or mixed
    program. `start_mwh` is a first guess of what the store holds at both ends of the hours.

    Raises:
        ValueError: Shapes do not match, or the method is unknown.
        SolveError: No dispatch keeps the budgets and limits.
    """
    from gigawatt.power.program import solve
    from gigawatt.power.sizing import size_system

    if capacity.shape != (len(system.names),):
        raise ValueError(f"capacity has shape {capacity.shape}, not ({len(system.names)},)")
    if method not in METHODS:
        raise ValueError(f"method {method!r} is not one of {', '.join(METHODS)}")
    if method == "program" or not system.chain:
        return solve(system, capacity=capacity, tolerance=max(tolerance, 1e-7)).dispatch
    if system.budgets:
        fixed = replace(system, least=capacity, most=capacity, rows=no_rows(), rows_least=np.zeros(0), rows_names=())
        return size_system(fixed, tolerance=max(tolerance, 1e-6)).dispatch
    hours = Hours(system)
    if not hours.free_start:
        return path(hours, capacity, evaluate(hours, capacity))
    x = np.append(capacity, 0.0)
    cut = best_start(hours, x, start_mwh, tolerance)
    return path(hours, x, cut)


def best_start(hours: Hours, x: Array, guess_mwh: float | None, tolerance: float) -> Cut:
    """The cut at the best energy to start and end with, which is written to the last place of x.

    The cost is convex and piecewise linear in it: tangents from both sides meet below the kink that is sought.
    """
    full = float(x[hours.store.energy])
    x[-1] = 0.5 * full if guess_mwh is None else min(guess_mwh, full)
    best = cut = evaluate(hours, x)
    best_x = x[-1]
    ends: dict[bool, tuple[float, Cut]] = {}
    for _ in range(MOST_STARTS):
        rising = bool(cut.slopes[-1] > 0.0)
        ends[rising] = (float(x[-1]), cut)
        slack = abs(cut.slopes[-1]) * full
        if slack <= tolerance * abs(cut.at(x)):
            best, best_x = cut, x[-1]
            break
        if len(ends) < 2:
            x[-1] = 0.0 if rising else full
        else:
            (high, cut_high), (low, cut_low) = ends[True], ends[False]
            if high - low <= tolerance * full:
                break
            # Where the two tangents meet, and what they promise there.
            level = x.copy()
            level[-1] = 0.0
            rise = cut_high.slopes[-1] - cut_low.slopes[-1]
            x[-1] = min(max((cut_low.at(level) - cut_high.at(level)) / rise, low), high)
            promised = max(cut_low.at(x), cut_high.at(x))
            if best.at(_with_last(x, best_x)) - promised <= tolerance * abs(promised):
                break
        if x[-1] in (place for place, _ in ends.values()):
            break
        cut = evaluate(hours, x)
        if cut.at(x) < best.at(_with_last(x, best_x)):
            best, best_x = cut, x[-1]
    x[-1] = best_x
    return best


def _with_last(x: Array, last: float) -> Array:
    """A copy of x with another last entry."""
    copy = x.copy()
    copy[-1] = last
    return copy


def path(hours: Hours, x: Array, cut: Cut) -> Dispatch:
    """The dispatch that the prices of a cut belong to, at the capacities x (and start) it was made for."""
    return flows_of(hours, x, _stored(hours, x, cut), cut.price_usd_per_mwh, cut.worth_usd_per_mwh)


def spent(hours: Hours, x: Array, cut: Cut) -> tuple[float, Array]:
    """What that dispatch costs in USD, budgets not priced, and what it uses of each of them (Q,)."""
    flows = _flows(hours, x, _stored(hours, x, cut))
    used = np.empty(len(hours.cap))
    usd = chain.firm_totals(flows.made, hours.order, hours.firm_cost, hours.use, used)
    return usd + _other_usd(hours, flows), used


class _Flows(NamedTuple):
    into: Array  # (T,), as those that follow
    out: Array
    lack: Array
    made: Array  # (T, blocks), in the order of cost


def _stored(hours: Hours, x: Array, cut: Cut) -> Array:
    """Energy in the store at the end of every hour, in MWh."""
    hours.price_budgets(cut.multipliers)
    charge, discharge, energy, start, finish = hours.fill(x)
    count, worth, stored = len(hours.load), cut.worth_usd_per_mwh, np.zeros(len(hours.load))
    if energy > 0.0:
        hours.segments(charge, discharge)
        down, up = np.empty(count), np.empty(count)
        chain.changes(hours.slope, hours.length, hours.losses[0] * charge, worth, down, up)
        chain.stored_path(start, finish, energy, worth, down, up, stored)
    return stored


def _flows(hours: Hours, x: Array, stored: Array) -> _Flows:
    """The cheapest flows that leave `stored` MWh in the store at the end of every hour."""
    charge, discharge, _, start, _ = hours.fill(x)
    into, out, lack = (np.zeros_like(stored) for _ in range(3))
    flows = _Flows(into, out, lack, np.empty_like(hours.size))
    chain.flows(
        hours.need, hours.size, hours.cost, hours.system.shed_usd_per_mwh, *hours.losses, charge, discharge,
        hours.burns, start, stored, flows.into, flows.out, flows.made, flows.lack,
    )  # fmt: skip
    return flows


def _other_usd(hours: Hours, flows: _Flows) -> float:
    """Wear of the store and load that is not served."""
    wear, shed = hours.store.wear_usd_per_mwh, hours.system.shed_usd_per_mwh
    return wear * float(flows.out.sum()) + shed * float(flows.lack.sum())


def flows_of(hours: Hours, x: Array, stored: Array, price: Array, worth: Array) -> Dispatch:
    """The cheapest flows that leave `stored` MWh in the store at the end of every hour, with the prices told."""
    flows = _flows(hours, x, stored)
    made, into, out, lack = flows.made, flows.into, flows.out, flows.lack
    blocks = np.empty_like(made)
    np.put_along_axis(blocks, hours.order, made, axis=1)
    firm_mw, free_mw = blocks[:, :-1], hours.profile * x[hours.free_capacity]
    running = float((firm_mw * hours.firm_cost).sum()) + _other_usd(hours, flows)
    stores = len(hours.system.stores)
    into, out, stored, worth = (a[:, None][:, :stores] for a in (into, out, stored, worth))
    return Dispatch(
        free_mw=free_mw,
        firm_mw=firm_mw,
        charge_mw=into,
        discharge_mw=out,
        stored_mwh=stored,
        shed_mw=lack,
        curtailed_mw=np.maximum(free_mw, 0.0).sum(axis=1) - blocks[:, -1],
        price_usd_per_mwh=price,
        worth_usd_per_mwh=worth,
        cost_usd=running,
        method="chain",
        gap=0.0,
    )


def average(parts: Sequence[Dispatch], weights: Array) -> Dispatch:
    """A weighted mean of dispatches, which is a dispatch again, of the mean capacities."""
    names = [f.name for f in fields(Dispatch)]
    first = parts[0]
    mean = {
        name: sum(w * getattr(p, name) for w, p in zip(weights, parts, strict=True))
        for name in names
        if name not in ("method", "gap")
    }
    return Dispatch(**mean, method=first.method, gap=first.gap)
