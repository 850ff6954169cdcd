"""Linear programs of payments in a network: amounts within bounds, and what each party may keep of what it gets."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.deals.flows import Array, Flows
from gigawatt.errors import SolveError

LARGEST = 65536.0  # amounts are scaled so that the largest is about this: HiGHS holds bounds to 1e-9


def scale_of(usd: Array) -> float:
    """What amounts are multiplied by for the solver: a power of two, so that nothing is rounded."""
    most = float(usd.max(initial=0.0))
    return float(np.ldexp(LARGEST, -max(int(np.frexp(most)[1]), -1000))) if most > 0.0 else 1.0


def network_solver(flows: Flows, lower: Array, upper: Array, kept_least: Array, kept_most: Array) -> Any:
    """HiGHS with one amount for each payment, between bounds; a party keeps so much of what it gets: in less out.

    Args:
        flows: The payments, none of a party to itself.
        lower, upper: Bounds of each amount, scaled, shape (payments,).
        kept_least, kept_most: Bounds of what each party keeps, scaled, shape (parties,).
    """
    import highspy

    solver = highspy.Highs()
    for name, value in {"output_flag": False, "primal_feasibility_tolerance": 1e-9}.items():
        solver.setOptionValue(name, value)
    count = len(flows.usd)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = count, flows.parties
    program.col_cost_, program.col_lower_, program.col_upper_ = np.zeros(count), lower, upper
    program.row_lower_, program.row_upper_ = kept_least, kept_most
    program.sense_ = highspy.ObjSense.kMaximize
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.arange(0, 2 * count + 1, 2, dtype=np.int32)
    program.a_matrix_.index_ = np.column_stack([flows.payer, flows.payee]).ravel().astype(np.int32)
    program.a_matrix_.value_ = np.tile([-1.0, 1.0], count)
    solver.passModel(program)
    return solver


def greatest(solver: Any, worth: Array) -> Array:
    """The amounts that make the sum of amount times `worth` as large as it can be, scaled, shape (payments,).

    Raises:
        SolveError: HiGHS ended without an answer.
    """
    if not len(worth):
        return np.zeros(0)
    solver.changeColsCost(len(worth), np.arange(len(worth), dtype=np.int32), worth)
    solver.run()
    status = str(solver.getModelStatus().name)
    if status != "kOptimal":
        raise SolveError(f"HiGHS ended without an answer on a network of {len(worth)} payments: {status[1:]}")
    return np.array(solver.getSolution().col_value)
