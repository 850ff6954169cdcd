"""Sizes of a large linear program from dispatches of given sizes: cutting planes, as for one store.

At given capacities the program is a small one, and after a change of capacities HiGHS goes on from its last answer in
a fraction of a second. Each dispatch proves a cut, and the next capacities lie inside what the cuts leave possible.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.arrays import Program, program
from gigawatt.power.highs import Answer, Limits, loaded, read, run
from gigawatt.power.master import centre
from gigawatt.power.proof import Proof, floor_usd, reach_mw
from gigawatt.power.small_program import nearest_within
from gigawatt.power.system import System

Array = np.ndarray
STORE_HOURS = 4.0  # MWh that count like a MW, so that variables are of like size
GUESS = 0.6  # of the peak load: the first point
MOST_DISPATCHES = 300
INSET = 1e-3  # of the box: how far inside its walls the path starts
EARLY = 0.8  # the next point is central to this share of the gap
LAST = 0.3  # and never to less than this share of the tolerance
HIGH_START = 30.0  # gaps above the cuts where the path starts
ROW_SLACK = 1e-9
STILL = 1e-9  # a variable whose limits are nearer than this is fixed


class Oracle:
    """The best dispatch of given capacities, each from where the one before it ended."""

    def __init__(self, system: System, limits: Limits) -> None:
        self.system, self.limits = system, limits
        self.full = program(system)
        self.proof = Proof(self.full)
        self.solver: Any = None
        self.until = None if limits.time_limit_s is None else time.monotonic() + limits.time_limit_s

    def at(self, x: Array) -> tuple[Program, Answer] | None:
        """The dispatch of capacities x in MW, or None where HiGHS has none."""
        made = program(self.system, x)
        if self.solver is None:
            self.solver = loaded(made, Limits(tolerance=self.limits.tolerance), np.zeros(made.width, dtype=bool))
        else:
            ends = map(np.concatenate, (made.lower, made.upper))
            self.solver.changeColsBounds(made.width, np.arange(made.width, dtype=np.int32), *ends)
        left_s = None if self.until is None else max(self.until - time.monotonic(), 0.0)
        ended = run(self.solver, Limits(time_limit_s=left_s))
        if ended != "kOptimal":
            return None
        return made, read(self.solver, "optimal", self.solver.getInfo().objective_function_value)

    def cut(self, made: Program, found: Answer) -> tuple[float, Array]:
        """Constant and slopes of a bound on capital and dispatch, in the units of the program."""
        duals = np.zeros(self.full.height)
        held = {int(places[0]) for places, _ in self.full.held}
        for name, places in self.full.rows.items():
            if name in made.rows and int(places[0]) not in held:
                duals[places] = found.duals[made.rows[name]]
        return self.proof.cut(duals)


@dataclass(slots=True)
class Planes:
    """What is known so far, in the units of the program: cuts, the best point and the bound."""

    unit: Array
    low: Array
    high: Array
    rows: Array
    rows_least: Array
    constants: list[float] = field(default_factory=list)
    slopes: list[Array] = field(default_factory=list)
    best: float = np.inf
    bound: float = -np.inf
    found: tuple[Array, Program, Answer] | None = None

    def keeps_rows(self, x: Array) -> bool:
        """Whether a point keeps the linear limits."""
        return bool((self.rows @ x >= self.rows_least - ROW_SLACK).all())

    def next(self, x: Array, high: Array, floor: float, tolerance: float) -> Array:
        """The next point, by a path from the best one; raises the bound."""
        money = max(abs(self.best), 1e-12)
        moving = np.flatnonzero(high - self.low > STILL)
        unit, still = self.unit[moving], np.delete(np.arange(len(x)), moving)
        slopes, size, count = np.array(self.slopes) / money, len(moving), len(self.constants)
        known = np.array(self.constants) / money + slopes[:, still] @ self.low[still]
        limits = self.rows_least - self.rows[:, still] @ self.low[still]
        used = np.abs(self.rows[:, moving]).max(axis=1, initial=0.0) > 0.0
        rows = np.zeros((count + 2 * size + int(used.sum()), size + 1))
        rows[:count, :size], rows[:count, size] = -slopes[:, moving] * unit, 1.0
        rows[count : count + size, :size] = np.eye(size)
        rows[count + size : count + 2 * size, :size] = -np.eye(size)
        rows[count + 2 * size :, :size] = (self.rows[:, moving] * unit)[used]
        low, top = self.low[moving] / unit, high[moving] / unit
        inset = INSET * (top - low)
        w = np.append(np.clip(x[moving] / unit, low + inset, top - inset), 0.0)
        gap = (self.best - max(self.bound, floor)) / money
        w[size] = np.max(known - rows[:count, :size] @ w[:size]) + HIGH_START * gap
        right = np.concatenate([known, low, -top, limits[used]])
        target = max(EARLY * gap, LAST * tolerance)
        bound = centre(rows, right, count, low, top, w, target, np.zeros(len(rows)))
        self.bound = max(self.bound, money * bound)
        out = self.low.copy()
        out[moving] = np.clip(w[:size] * unit, self.low[moving], high[moving])
        return out


def planes(system: System, scale: float) -> Planes:
    """Nothing known yet: limits and rows in units of `scale` MW."""
    unit = np.ones(len(system.names))
    unit[[store.energy for store in system.stores]] = STORE_HOURS
    rows = np.zeros((0, len(unit)))
    least = np.zeros(0)
    if len(system.rows_least):
        size = np.maximum(np.abs(system.rows * unit).max(axis=1), 1e-12)
        rows, least = system.rows / size[:, None], system.rows_least / size / scale
    return Planes(unit, system.least / scale, system.most / scale, rows, least)


def sized(system: System, limits: Limits) -> tuple[Array, Program, Answer, float] | None:
    """Capacities in MW, their dispatch program and answer, and a bound in USD; None where this way does not lead there.

    It does not where some capacities admit no dispatch, or where nothing limits what a capacity could earn.
    """
    oracle = Oracle(system, limits)
    scale, usd = oracle.full.power_mw, oracle.full.power_mw * oracle.full.price_usd
    known = planes(system, scale)
    x = np.clip(GUESS * known.unit, known.low, known.high)
    if not known.keeps_rows(x):
        try:
            x = nearest_within(x, known.unit, known.low, known.high, known.rows, known.rows_least)
        except SolveError:  # which limits clash is told by who calls
            return None
    capital, floor = np.concatenate(oracle.full.cost[:1]), _floor(system) / usd
    for n in range(MOST_DISPATCHES):
        reached = oracle.at(x * scale)
        late = oracle.until is not None and time.monotonic() > oracle.until
        if reached is None and late and known.found is not None and np.isfinite(known.bound):
            break
        if reached is None:
            return None
        constant, slopes = oracle.cut(*reached)
        known.constants.append(constant)
        known.slopes.append(slopes)
        cost = float(capital @ x) + reached[1].objective
        if known.keeps_rows(x) and cost < known.best:
            known.best, known.found = cost, (x, *reached)
        if known.found is None:
            return None
        reach = reach_mw(system, capital * usd / scale, known.best * usd) / scale
        if not (np.isfinite(reach).all() and np.isfinite(floor)):
            return None
        x = known.next(known.found[0], np.maximum(reach, known.low), floor, limits.tolerance)
        gap = (known.best - known.bound) / max(abs(known.best), 1e-12)
        if limits.progress is not None:
            limits.progress(f"dispatch {n + 1}: proved to {gap:.1e}")
        if gap <= limits.tolerance or late:
            break
    else:
        return None
    best, made, found = known.found
    return best * scale, made, found, known.bound * usd + _given_usd(system)


def _floor(system: System) -> float:
    """As `floor_usd`, capital of what is given left out, as in the program."""
    return floor_usd(system) - _given_usd(system)


def _given_usd(system: System) -> float:
    """Capital of what is given, which the program leaves out."""
    given = system.least == system.most
    return float(system.capital_usd[given] @ system.most[given])
