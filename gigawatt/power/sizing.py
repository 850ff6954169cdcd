"""Least-cost capacities of a system, with a proof: cutting planes on the central path.

Each evaluation of a trial point gives the cost of its best dispatch and a cut, a bound on the cost of every other
point. The next trial point lies inside what the cuts leave possible; their weights prove that nothing is cheaper than
the bound. It ends when cost and bound are within the tolerance.

Limits on what the firm sources make over all hours (budgets) are priced: the weights of the cuts also weigh the
multipliers, each evaluation is priced at their mean, and the plan is the cheapest mix of evaluated dispatches that
keeps the budgets, which is a plan again since everything is linear.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gigawatt.errors import SolveError
from gigawatt.power.dispatch import Dispatch
from gigawatt.power.evaluation import Cut
from gigawatt.power.search import Search, with_load_usd
from gigawatt.power.system import Array, System

MOST_EVALUATIONS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """The cheapest capacities found, what they cost, and the bound that proves how good they are."""

    capacity: Array  # (N,), in the order of `System.names`
    start_mwh: float | None  # in the store at the first hour and after the last
    cost_usd: float  # capital and dispatch, for the hours of the system
    sunk_usd: float = 0.0  # part of it that is spent anyway
    bound_usd: float  # no capacities cost less
    method: str  # "chain" or "program"
    evaluations: int
    seconds: float  # CPU
    multipliers: Array  # (Q,), what a unit more of each budget would save, in USD, as the bound proves it
    dispatch: Dispatch  # its prices are those of the sizing: of one more MWh, for which capacities may grow
    cuts: tuple[Cut, ...] = ()  # those that carry the proof, to start a like case from

    @property
    def gap(self) -> float:
        """The most that could be saved, as a share of the cost that is not sunk."""
        cost = self.cost_usd - self.sunk_usd
        return (self.cost_usd - self.bound_usd) / abs(cost) if cost else 0.0


def size_system(
    system: System,
    *,
    tolerance: float = 1e-5,
    method: str = "auto",
    start: Array | None = None,
    warm: Sequence[Cut] = (),
    progress: Callable[[str], None] | None = None,
) -> Sizing:
    """The cheapest capacities to within `tolerance` of their cost, proved.

    A system with one store at most is sized by the exact method ("chain"); others as one linear or mixed program.

    Args:
        system: What can be built.
        tolerance: Largest gap between cost and bound, as a share of the cost.
        method: "auto", "chain" or "program".
        start: Capacities to try first, (N,).
        warm: Cuts of a like case of the same hours: other costs, limits, profiles or loads are taken into account.
        progress: Told in a line how far it is, for anything slow.

    Raises:
        SolveError: No capacities keep the limits.
        ValueError: The method is unknown or does not fit the system.
    """
    if method not in ("auto", "chain", "program"):
        raise ValueError(f"method {method!r} is not auto, chain or program")
    if method == "program" or (method == "auto" and not system.chain):
        return _by_program(system, tolerance, progress)
    clock = time.process_time()
    search = Search(system, start)
    for cut in warm:
        search.remember(cut)
    while search.evaluations < MOST_EVALUATIONS:
        search.look()
        if search.proved(tolerance):
            break
        search.aim(tolerance)
        if search.proved(tolerance):
            break
    if not search.mix.any():
        raise SolveError("no capacities and dispatch keep the budgets")
    search.tidy(tolerance)
    capacity, start_mwh, cost_usd, dispatch = search.best_plan()
    return Sizing(
        capacity=capacity,
        start_mwh=start_mwh,
        cost_usd=cost_usd,
        sunk_usd=system.sunk_usd,
        bound_usd=min(search.bound_usd, cost_usd),
        method="chain",
        evaluations=search.evaluations,
        seconds=time.process_time() - clock,
        multipliers=search.budgets_usd(),
        dispatch=dispatch,
        cuts=search.proof(),
    )


def _by_program(system: System, tolerance: float, progress: Callable[[str], None] | None) -> Sizing:
    """The same by one linear or mixed program."""
    from gigawatt.power.program import solve

    solved = solve(system, tolerance=tolerance, progress=progress)
    price = solved.dispatch.price_usd_per_mwh - with_load_usd(system, solved.multipliers)
    return Sizing(
        capacity=solved.capacity,
        start_mwh=None,
        cost_usd=solved.cost_usd,
        sunk_usd=system.sunk_usd,
        bound_usd=solved.bound_usd,
        method="program",
        evaluations=1,
        seconds=solved.seconds,
        multipliers=solved.multipliers,
        dispatch=replace(solved.dispatch, price_usd_per_mwh=price),
    )
