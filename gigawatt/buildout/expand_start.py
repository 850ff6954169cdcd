"""A whole plan to begin with: modules of the relaxed program rounded supply by supply, then bettered in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gigawatt.buildout.expand_arrays import Arrays

Array = np.ndarray
Run = Callable[[Any], str]
GoOn = Callable[[], bool]
WHOLE = 1e-6  # how far from a whole number still counts as one
DROPPED = (WHOLE, 0.03, 0.1, 0.25, 0.5, 1.0 - WHOLE)  # how much of a module is left out at most, tried in turn
GAIN = 1e-5  # share of the cost below which another round is not worth its time


def first_plan(linear: Any, made: Arrays, values: Array, run: Run, go_on: GoOn) -> Array | None:
    """The best plan of two ways of rounding, by turns bettered while `go_on` says so; None where both fail.

    Args:
        linear: HiGHS with the relaxed program, solved; it is left with bounds of its columns changed.
        values: Its answer.
        run: Solves and names how it ended.
    """
    blocks = [np.flatnonzero((made.block == block) & made.whole) for block in np.unique(made.block[made.whole])]
    blocks.sort(key=lambda places: -float(made.cost[places] @ values[places]))
    found: list[Array] = []
    for order in (blocks, blocks[::-1]):
        if go_on() or not found:
            plan = _rounded(linear, made, values, order, run, go_on)
            found += [] if plan is None else [plan]
    if not found:
        return None
    best = min(found, key=lambda plan: float(made.cost @ plan))
    whole = np.flatnonzero(made.whole)
    _hold(linear, whole, best[whole], best[whole])
    gained = np.inf
    while go_on() and gained > GAIN * abs(float(made.cost @ best)):
        before = float(made.cost @ best)
        for places in blocks:
            if go_on():
                best = _bettered(linear, made, best, places, run, go_on)
        gained = before - float(made.cost @ best)
    return best


def _rounded(linear: Any, made: Arrays, values: Array, blocks: list[Array], run: Run, go_on: GoOn) -> Array | None:
    """Supply by supply, modules are rounded and held the way after which all costs least; the rest is chosen anew, so
    that later supplies are fitted to what rounding gave."""
    whole = np.flatnonzero(made.whole)
    _hold(linear, whole, made.lower[whole], made.upper[whole])
    for places in blocks:
        found = _cheapest(linear, values, places, run, go_on)
        if found is None:
            return None
        values = found
        _hold(linear, places, values[places], values[places])
    return values


def _bettered(linear: Any, made: Arrays, best: Array, places: Array, run: Run, go_on: GoOn) -> Array:
    """One supply chosen anew, those of the others held."""
    _hold(linear, places, made.lower[places], made.upper[places])
    found = None
    if run(linear) == "kOptimal":
        values = np.array(linear.getSolution().col_value)
        if float(made.cost @ values) < float(made.cost @ best) * (1.0 - WHOLE):
            found = _cheapest(linear, values, places, run, go_on)
    if found is not None and float(made.cost @ found) < float(made.cost @ best):
        best = found
    _hold(linear, places, best[places], best[places])
    return best


def _cheapest(linear: Any, values: Array, places: Array, run: Run, go_on: GoOn) -> Array | None:
    """The cheapest answer of all ways of rounding one supply, or the first where time is short; None where none leaves
    a plan."""
    best, least, tried = None, np.inf, set()
    for dropped in DROPPED:
        rounded = np.ceil(values[places] - dropped)
        if rounded.tobytes() in tried or (best is not None and not go_on()):
            continue
        tried.add(rounded.tobytes())
        _hold(linear, places, rounded, rounded)
        if run(linear) == "kOptimal" and linear.getInfo().objective_function_value < least:
            least = linear.getInfo().objective_function_value
            best = np.array(linear.getSolution().col_value)
            best[places] = rounded
    return best


def _hold(linear: Any, places: Array, lower: Array, upper: Array) -> None:
    linear.changeColsBounds(len(places), places.astype(np.int32), lower, upper)
