"""A program handed to HiGHS as arrays, part by part, and what one unit more of each row is worth.

Source of the solver: Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.buildout.expand_arrays import Arrays, cut_out, parts
from gigawatt.errors import SolveError

Array = np.ndarray
Progress = Callable[[str, float], None]
LATER = (0.97, 0.9)  # less than the rest of a module is dropped where that can be
WHOLE = 1e-6  # how far from a whole number still counts as one


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to stop, and whom to tell on the way."""

    gap: float = 1e-3  # to prove, as a share of the cost
    seconds: float = 120.0
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What HiGHS says, in the units of the program."""

    values: Array  # of columns
    duals: Array  # of rows, with whole numbers held: what the cost gains when the bounds of a row rise by one
    objective: float
    bound: float  # no plan costs less

    @property
    def gap(self) -> float:
        """How much cheaper a plan could still be, as a share of the cost."""
        short = max(0.0, self.objective - self.bound)
        return short / abs(self.objective) if short > 0.0 else 0.0


def solved(made: Arrays, limits: Limits) -> Answer | None:
    """The cheapest whole plan to the gap asked for, or None where there is none.

    Parts that share nothing are solved one by one; the largest comes last and may use what is left of the gap.

    Raises:
        SolveError: Time ran out before there was any plan, or HiGHS gave up.
    """
    values, duals = np.zeros(len(made.cost)), np.zeros(len(made.row_lower))
    objective = bound = 0.0
    places = list(parts(made))
    pieces = [cut_out(made, *place) for place in places]
    least = [relaxed(piece) for piece in pieces]
    if any(one is None for one in least):
        return None
    worth = sum(one.objective for one in least if one is not None)
    ends = time.monotonic() + limits.seconds
    for n, (piece, (columns, rows)) in enumerate(zip(pieces, places, strict=True)):
        if limits.progress is not None:
            limits.progress(f"part {n + 1} of {len(pieces)}: {len(columns)} columns, {len(rows)} rows", n / len(pieces))
        last = n == len(pieces) - 1
        spare = limits.gap * worth - (objective - bound) if last else limits.gap * worth / (2 * len(pieces))
        answer = _part(piece, max(spare, 0.0), max(ends - time.monotonic(), 1.0))
        if answer is None:
            return None
        values[columns], duals[rows] = answer.values, answer.duals
        objective, bound = objective + answer.objective, bound + answer.bound
    return Answer(values=values, duals=duals, objective=objective, bound=bound)


def relaxed(made: Arrays) -> Answer | None:
    """The same with modules in parts: a bound on every plan, and None where not even that exists."""
    solver = _loaded(made, whole=False)
    return None if _run(solver) == "kInfeasible" else _read(solver)


def _part(made: Arrays, spare: float, seconds: float) -> Answer | None:
    """The cheapest whole plan of one part, to within `spare` of its cost."""
    whole = np.flatnonzero(made.whole).astype(np.int32)
    linear = _loaded(made, whole=False)
    if _run(linear) == "kInfeasible":
        return None
    first = _read(linear)
    near = np.round(first.values[whole])
    if not len(whole) or np.abs(first.values[whole] - near).max() < WHOLE:
        return _held(linear, whole, near, first.objective)
    solver = _loaded(made, whole=True)
    _begin_with(solver, linear, made, first.values)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", max(spare, 1e-9))
    solver.setOptionValue("time_limit", seconds)
    if _run(solver) == "kInfeasible":
        return None
    told = solver.getInfo()
    if told.primal_solution_status != 2:
        raise SolveError(f"no plan was found within {seconds:.0f} s: allow more time, or ask for longer periods")
    values = np.round(np.array(solver.getSolution().col_value)[whole])
    bound = float(told.mip_dual_bound)
    return _held(linear, whole, values, max(first.objective, bound if np.isfinite(bound) else -np.inf))


def _loaded(made: Arrays, *, whole: bool) -> Any:
    """HiGHS with the program."""
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(made.cost), len(made.row_lower)
    program.col_cost_, program.col_lower_, program.col_upper_ = made.cost, made.lower, made.upper
    program.row_lower_, program.row_upper_ = made.row_lower, made.row_upper
    starts = np.searchsorted(made.column, np.arange(len(made.cost) + 1))
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = starts.astype(np.int32)
    program.a_matrix_.index_, program.a_matrix_.value_ = made.row.astype(np.int32), made.value
    if whole:
        kinds = highspy.HighsVarType
        program.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in made.whole]
    solver.passModel(program)
    return solver


def _run(solver: Any) -> str:
    """Solve from where the solver stands, and name how it ended."""
    solver.run()
    status = str(solver.getModelStatus().name)
    if status in ("kUnknown", "kSolveError") and solver.getInfo().primal_solution_status != 2:
        solver.clearSolver()  # from where it stood it lost its way: from the beginning
        solver.run()
        status = str(solver.getModelStatus().name)
    if status == "kUnboundedOrInfeasible":  # costs are never below 0, so nothing is unbounded
        return "kInfeasible"
    if status == "kModelEmpty":
        return "kOptimal"
    stopped = status in ("kTimeLimit", "kSolveError", "kInterrupt", "kUnknown")  # what was found until then still holds
    if status not in ("kOptimal", "kInfeasible") and not stopped:
        raise SolveError(f"HiGHS ended without a plan: {status[1:]}")
    return status


def _read(solver: Any, bound: float | None = None) -> Answer:
    """The answer that HiGHS holds."""
    solution, objective = solver.getSolution(), float(solver.getInfo().objective_function_value)
    return Answer(
        values=np.array(solution.col_value),
        duals=np.array(solution.row_dual),
        objective=objective,
        bound=objective if bound is None else min(bound, objective),
    )


def _held(linear: Any, whole: Array, values: Array, bound: float) -> Answer:
    """The linear program with its whole numbers held at `values`; prices are read there."""
    linear.changeColsBounds(len(whole), whole, values, values)
    if _run(linear) != "kOptimal":
        raise SolveError("whole modules were found, but no prices for them")
    return _read(linear, bound)


def _begin_with(solver: Any, linear: Any, made: Arrays, values: Array) -> None:
    """Give HiGHS a plan to begin with: the best of some ways of rounding, or none where money forbids all of them."""
    import highspy

    blocks = [np.flatnonzero(made.block == block).astype(np.int32) for block in np.unique(made.block[made.whole])]
    blocks.sort(key=lambda places: -float(made.cost[places] @ values[places]))
    found = [
        _rounded(linear, made, values, order, up) for order in (blocks, blocks[::-1]) for up in (1.0 - WHOLE, *LATER)
    ]
    best = min((one for one in found if one is not None), key=lambda one: float(made.cost @ one), default=None)
    if best is not None:
        plan = highspy.HighsSolution()
        plan.col_value = list(best)
        plan.value_valid = True
        solver.setSolution(plan)


def _rounded(linear: Any, made: Arrays, values: Array, blocks: list[Array], up: float) -> Array | None:
    """Supply by supply, modules are rounded and held, and all the rest is chosen anew, so that later supplies are
    fitted to what rounding gave. Less than `1 - up` of a module is dropped where a plan is left without it."""
    whole = np.flatnonzero(made.whole).astype(np.int32)
    linear.changeColsBounds(len(whole), whole, made.lower[whole], made.upper[whole])
    for places in blocks:
        for rounded in (np.floor(values[places] + up), np.ceil(values[places] - WHOLE)):
            linear.changeColsBounds(len(places), places, rounded, rounded)
            status = _run(linear)
            if status == "kOptimal":
                break
        if status != "kOptimal":
            return None
        values = np.array(linear.getSolution().col_value)
    return values
