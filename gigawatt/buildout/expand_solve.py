"""A program handed to HiGHS as arrays, part by part, and what one unit more of each row is worth.

Source of the solver: Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gigawatt.buildout.expand_arrays import Arrays, cut_out, parts
from gigawatt.buildout.expand_start import WHOLE, first_plan
from gigawatt.errors import SolveError

Array = np.ndarray
Progress = Callable[[str, float], None]
SEARCHES = ("rins", "rens", "root_reduced_cost")  # of HiGHS for plans: most of its time, little gained on a good start
LINEAR_SECONDS = 3.0  # many times what a linear program takes from a plan near by
START_SHARE = 0.15  # of the time, for a plan to begin with
LEAST_SECONDS = 1.0  # of any search


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to stop, and whom to tell on the way."""

    gap: float = 1e-3  # to prove, as a share of the cost
    seconds: float = 120.0  # of the whole search
    progress: Progress | None = None

    def counting(self) -> Callable[[], Limits]:
        """The same with the seconds that are left of them, whenever it is asked, and `LEAST_SECONDS` at least."""
        ends = time.monotonic() + self.seconds
        return lambda: replace(self, seconds=max(ends - time.monotonic(), min(LEAST_SECONDS, self.seconds)))


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
    left = limits.counting()
    values, duals = np.zeros(len(made.cost)), np.zeros(len(made.row_lower))
    objective = bound = 0.0
    places = list(parts(made))
    begun = []
    for place in places:
        piece = cut_out(made, *place)
        least = _least(piece)
        if least is None:
            return None
        begun.append((piece, *least))
    worth = sum(least.objective for _, _, least in begun)
    for n, (one, (columns, rows)) in enumerate(zip(begun, places, strict=True)):
        if limits.progress is not None:
            limits.progress(f"part {n + 1} of {len(begun)}: {len(columns)} columns, {len(rows)} rows", n / len(begun))
        last = n == len(begun) - 1
        spare = limits.gap * worth - (objective - bound) if last else limits.gap * worth / (2 * len(begun))
        answer = _part(*one, max(spare, 0.0), left())
        if answer is None:
            return None
        values[columns], duals[rows] = answer.values, answer.duals
        objective, bound = objective + answer.objective, bound + answer.bound
    return Answer(values=values, duals=duals, objective=objective, bound=bound)


def relaxed(made: Arrays) -> Answer | None:
    """The same with modules in parts: a bound on every plan, and None where not even that exists."""
    found = _least(made)
    return None if found is None else found[1]


def _least(made: Arrays) -> tuple[Any, Answer] | None:
    """The program with modules in parts, solved; from within, for the simplex alone at times turns in circles."""
    linear = _loaded(made, whole=False)
    linear.setOptionValue("solver", "ipm")
    status = _run(linear)
    linear.setOptionValue("solver", "choose")
    return None if status == "kInfeasible" else (linear, _read(linear))


def _part(made: Arrays, linear: Any, first: Answer, spare: float, limits: Limits) -> Answer | None:
    """The cheapest whole plan of one part, to within `spare` of its cost."""
    left = limits.counting()
    whole = np.flatnonzero(made.whole).astype(np.int32)
    near = np.round(first.values[whole])
    if not len(whole) or np.abs(first.values[whole] - near).max() < WHOLE:
        return _held(linear, whole, near, first.objective)
    least = (1.0 - START_SHARE) * limits.seconds
    start = first_plan(linear, made, first.values, _run_linear, lambda: left().seconds > least)
    if start is not None and float(made.cost @ start) - first.objective <= spare:
        return _held(linear, whole, start[whole], first.objective)
    solver = _searched(made, start, spare, left().seconds)
    if solver is None:
        return None
    told = solver.getInfo()
    bound = max(first.objective, float(told.mip_dual_bound) if np.isfinite(told.mip_dual_bound) else -np.inf)
    if told.primal_solution_status == 2:
        return _held(linear, whole, np.round(np.array(solver.getSolution().col_value)[whole]), bound)
    if start is not None:
        return _held(linear, whole, start[whole], bound)
    raise SolveError(f"no plan was found within {limits.seconds:.0f} s: allow more time, or ask for longer periods")


def _searched(made: Arrays, start: Array | None, spare: float, seconds: float) -> Any:
    """HiGHS after its search for whole plans, from one to begin with if there is any; None where there is no plan."""
    import highspy

    solver = _loaded(made, whole=True)
    if start is not None:
        plan = highspy.HighsSolution()
        plan.col_value = list(start)
        plan.value_valid = True
        solver.setSolution(plan)
        for name in SEARCHES:
            solver.setOptionValue(f"mip_heuristic_run_{name}", False)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", max(spare, 1e-9))
    solver.setOptionValue("time_limit", seconds)
    return None if _run(solver) == "kInfeasible" else solver


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


def _run_linear(solver: Any) -> str:
    """As `_run` for a program without whole numbers; from within where the simplex turns in circles."""
    for way in ("choose", "ipm"):
        solver.setOptionValue("solver", way)
        solver.setOptionValue("time_limit", solver.getRunTime() + LINEAR_SECONDS)  # the clock runs on from run to run
        status = _run(solver)
        if status != "kTimeLimit":
            break
        solver.clearSolver()
    solver.setOptionValue("solver", "choose")
    solver.setOptionValue("time_limit", np.inf)
    return status


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
    if _run_linear(linear) != "kOptimal":
        raise SolveError("whole modules were found, but no prices for them")
    return _read(linear, bound)
