"""Sizing and dispatch as one linear or mixed-integer program, solved by HiGHS: for what is no chain.

Several stores, losses with time, ramps and whole units couple the hours in ways that the recursion over one store does
not know. The program knows them all and is slow: seconds for a year, where the recursion takes milliseconds. Sizes of
long linear programs are found by cutting planes over dispatches of given sizes (`planes`), others in one program.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.arrays import Program, budget_unit, program
from gigawatt.power.clashes import explained
from gigawatt.power.dispatch import Dispatch
from gigawatt.power.highs import Answer, Limits, answer
from gigawatt.power.planes import sized
from gigawatt.power.proof import Proof, reach_mw
from gigawatt.power.system import System

Array = np.ndarray
LONG_COLUMNS = 15_000  # of a linear program; about 2,500 hours of a usual system


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What the program answers."""

    capacity: Array  # (N,), MW or MWh
    dispatch: Dispatch
    cost_usd: float  # capital and dispatch
    bound_usd: float  # no answer is cheaper
    status: str  # "optimal", or "time limit" where an answer was found but not proved to the tolerance
    seconds: float  # CPU, arrays and solver
    multipliers: Array  # (Q,), USD saved by one more unit of each budget

    @property
    def gap(self) -> float:
        """How much cheaper an answer might be, as a share of the cost."""
        return gap(self.cost_usd, self.bound_usd)


def gap(cost_usd: float, bound_usd: float) -> float:
    """The share of a cost that is not proved to be needed."""
    return max(cost_usd - bound_usd, 0.0) / max(abs(cost_usd), 1e-12)


def solve(
    system: System,
    *,
    capacity: Array | None = None,
    tolerance: float = 1e-6,
    time_limit_s: float | None = None,
    progress: Callable[[str], None] | None = None,
) -> Solved:
    """The least-cost capacities and dispatch of a system; with given capacities, the dispatch alone.

    What ran before the first hour is whatever suits best; only stores end as they began. With given capacities the
    rows on capacities are not looked at.

    Args:
        tolerance: Gap at which a search over whole units, or by cutting planes, ends.
        progress: Called with a line now and then.

    Raises:
        SolveError: There is no answer, and these limits clash; or time ran out before there was one.
    """
    started = time.process_time()
    limits = Limits(tolerance=tolerance, time_limit_s=time_limit_s, progress=progress)
    made = program(system, capacity)
    by_cuts = sized(system, limits) if capacity is None and _is_long(made) else None
    if by_cuts is not None:
        x, made, found, bound_usd = by_cuts
    else:
        solved = answer(made, limits)
        if solved is None:
            raise SolveError(explained(system, capacity))
        found = solved
        x = _capacity(system, made, found) if capacity is None else np.asarray(capacity, dtype=np.float64)
    hourly_usd = _hourly_usd(made, found)
    cost_usd = float(system.capital_usd @ x) + hourly_usd
    if by_cuts is None:
        bound_usd = _bound_usd(system, made, found, x, cost_usd)
    share = gap(cost_usd, bound_usd)
    return Solved(
        capacity=x,
        dispatch=_dispatch(system, made, found, x, hourly_usd, share),
        cost_usd=cost_usd,
        bound_usd=min(bound_usd, cost_usd),
        status="time limit" if by_cuts is not None and share > tolerance else found.status,
        seconds=time.process_time() - started,
        multipliers=_multipliers(system, made, found),
    )


def _is_long(made: Program) -> bool:
    """Whether cutting planes are faster than one large program: it is linear and has many hours."""
    return made.width > LONG_COLUMNS and not any(whole.any() for whole in made.whole)


def _capacity(system: System, made: Program, found: Answer) -> Array:
    x = found.values[made.columns["capacity"]] * made.power_mw
    return np.asarray(np.clip(x, system.least, system.most))


def _block(made: Program, found: Answer, name: str, count: int) -> Array:
    """Hourly values (T, count) of all sources or stores of a kind, in MW or MWh."""
    places = [made.columns[f"{name} {n}"] for n in range(count)]
    if not places:
        return np.zeros((len(made.columns["shed"]), 0))
    return np.ascontiguousarray(np.maximum(found.values[np.column_stack(places)], 0.0) * made.power_mw)


def _hourly_usd(made: Program, found: Answer) -> float:
    """The cost of all hours, capital left out."""
    usd = made.power_mw * made.price_usd
    hourly = np.concatenate([cost * (name != "capacity") for name, cost in zip(made.columns, made.cost, strict=True)])
    return float(hourly @ np.maximum(found.values, 0.0)) * usd


def _bound_usd(system: System, made: Program, found: Answer, x: Array, cost_usd: float) -> float:
    """A bound below the cost of every answer, capital that is given counted."""
    usd = made.power_mw * made.price_usd
    counted = made.cost[0] * usd / made.power_mw
    given = float((system.capital_usd - counted) @ x)
    if any(whole.any() for whole in made.whole):
        return min(found.bound * usd + given, cost_usd)
    reach = reach_mw(system, counted, cost_usd - given) / made.power_mw
    bound = Proof(made).bound(found.duals, np.clip(reach, made.lower[0], made.upper[0]))
    return min((bound if np.isfinite(bound) else found.objective) * usd + given, cost_usd)


def _dispatch(system: System, made: Program, found: Answer, x: Array, hourly_usd: float, share: float) -> Dispatch:
    firms, stores = system.firm_usd_per_mwh.shape[1], len(system.stores)
    free_mw = system.free_profile * x[system.free_capacity]
    firm_mw, shed_mw = _block(made, found, "firm", firms), found.values[made.columns["shed"]] * made.power_mw
    charge_mw, discharge_mw = _block(made, found, "charge", stores), _block(made, found, "discharge", stores)
    shed_mw = np.maximum(shed_mw, 0.0)
    given = free_mw.sum(axis=1) + firm_mw.sum(axis=1) + discharge_mw.sum(axis=1) - charge_mw.sum(axis=1) + shed_mw
    return Dispatch(
        free_mw=free_mw,
        firm_mw=firm_mw,
        charge_mw=charge_mw,
        discharge_mw=discharge_mw,
        stored_mwh=_block(made, found, "stored", stores),
        shed_mw=shed_mw,
        curtailed_mw=np.maximum(given - system.load_mw, 0.0),
        price_usd_per_mwh=found.duals[made.rows["balance"]] * made.price_usd,
        worth_usd_per_mwh=_worth(system, made, found),
        cost_usd=hourly_usd,
        method="program",
        gap=share,
    )


def _worth(system: System, made: Program, found: Answer) -> Array:
    """USD per MWh in each store (T, S) at the start of each hour, what is lost in the hour taken off."""
    worth = np.zeros((system.hours, len(system.stores)))
    for s, store in enumerate(system.stores):
        worth[:, s] = -found.duals[made.rows[f"carry {s}"]] * (1.0 - store.loss_per_hour) * made.price_usd
    return worth


def _multipliers(system: System, made: Program, found: Answer) -> Array:
    """USD that one more unit of each budget saves."""
    duals = [float(found.duals[made.rows[f"budget {q}"]][0]) for q in range(len(system.budgets))]
    units = [budget_unit(budget) for budget in system.budgets]
    return np.array([max(-dual, 0.0) * made.price_usd / unit for dual, unit in zip(duals, units, strict=True)])
