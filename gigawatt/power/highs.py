"""A program handed to HiGHS as arrays, and its answer.

Source of the solver: Huangfu and Hall 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.arrays import Program

Array = np.ndarray
Progress = Callable[[str], None]
NEAR = 1e-6  # of the unit of power: how far sizes may move when prices are sought
SIMPLEX_COLUMNS = 50_000  # from there on the interior-point method sizes quicker; dispatch alone is always for simplex


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What HiGHS says, in the units of the program."""

    values: Array  # of columns
    duals: Array  # of rows: what the objective gains when the bounds of a row rise by one
    objective: float
    bound: float  # as HiGHS tells it: of the branches left, or the objective itself
    status: str  # "optimal" or "time limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When to stop, and whom to tell on the way."""

    tolerance: float = 1e-6
    time_limit_s: float | None = None
    progress: Progress | None = None


def answer(made: Program, limits: Limits) -> Answer | None:
    """The best values of a program, or None where it has none or no best one.

    Whole columns and sizes are fixed at their best and the rest solved again, so that there are prices.

    Raises:
        SolveError: Time ran out before there was any answer, or HiGHS gave up.
    """
    whole = np.concatenate(made.whole)
    solver = loaded(made, limits, whole)
    status = run(solver, limits)
    if status in ("kInfeasible", "kUnbounded", "kUnboundedOrInfeasible"):
        return None
    told = solver.getInfo()
    if status not in ("kOptimal", "kTimeLimit") or told.primal_solution_status != 2:
        raise SolveError(_without_answer(status, limits))
    found = "optimal" if status == "kOptimal" else "time limit"
    if not whole.any():
        return read(solver, found, told.objective_function_value)
    return _with_prices(solver, made, whole, found, told.mip_dual_bound)


def _without_answer(status: str, limits: Limits) -> str:
    if status == "kTimeLimit":
        return f"no answer within {limits.time_limit_s:g} s: allow more time, or fewer hours or units"
    return f"HiGHS ended without an answer: {status[1:]}"


def loaded(made: Program, limits: Limits, whole: Array) -> Any:
    """HiGHS with the program and its settings."""
    import highspy

    solver = highspy.Highs()
    settings: dict[str, object] = {"output_flag": limits.progress is not None, "log_to_console": False}
    settings["mip_rel_gap"] = limits.tolerance
    if not whole.any():
        settings["solver"] = "ipm" if made.held and made.width > SIMPLEX_COLUMNS else "simplex"
    for name, value in settings.items():
        solver.setOptionValue(name, value)
    solver.passModel(_arrays(made, whole))
    return solver


def _arrays(made: Program, whole: Array) -> Any:
    """The program as HiGHS reads it, column by column."""
    import highspy

    out = highspy.HighsLp()
    out.num_col_, out.num_row_ = made.width, made.height
    out.col_cost_, out.col_lower_, out.col_upper_ = map(np.concatenate, (made.cost, made.lower, made.upper))
    out.row_lower_, out.row_upper_ = map(np.concatenate, (made.row_lower, made.row_upper))
    out.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    out.a_matrix_.start_, out.a_matrix_.index_, out.a_matrix_.value_ = made.matrix()
    if whole.any():
        kinds = highspy.HighsVarType
        out.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in whole]
    return out


def run(solver: Any, limits: Limits) -> str:
    """Solve from where the solver stands, and name how it ended."""
    if limits.time_limit_s is not None:
        solver.setOptionValue("time_limit", solver.getRunTime() + limits.time_limit_s)
    if limits.progress is not None:
        tell = limits.progress
        solver.cbLogging.subscribe(lambda event: tell(event.message.strip()) if event.message.strip() else None)
    solver.run()
    return str(solver.getModelStatus().name)


def read(solver: Any, status: str, bound: float) -> Answer:
    """The answer that HiGHS holds."""
    solution = solver.getSolution()
    return Answer(
        values=np.array(solution.col_value),
        duals=np.array(solution.row_dual),
        objective=float(solver.getInfo().objective_function_value),
        bound=float(bound),
        status=status,
    )


def _with_prices(solver: Any, made: Program, whole: Array, status: str, bound: float) -> Answer:
    """The answer once more as a linear program, its whole numbers and sizes fixed: a matter of seconds."""
    import highspy

    places = np.flatnonzero(whole).astype(np.int32)
    values = np.array(solver.getSolution().col_value)
    lower, upper = values.copy(), values.copy()
    lower[places] = upper[places] = np.round(values[places])
    sizes = made.columns["capacity"]
    lower[sizes] = np.maximum(made.lower[0], values[sizes] - NEAR)
    upper[sizes] = np.maximum(np.minimum(made.upper[0], values[sizes] + NEAR), lower[sizes])
    fixed = np.append(sizes, places).astype(np.int32)
    solver.changeColsIntegrality(len(places), places, np.full(len(places), highspy.HighsVarType.kContinuous))
    solver.changeColsBounds(len(fixed), fixed, lower[fixed], upper[fixed])
    solver.setOptionValue("time_limit", np.inf)
    if run(solver, Limits()) != "kOptimal":
        raise SolveError("whole units were found, but no prices for them")
    return read(solver, status, bound)
