"""Small dense linear programs, by HiGHS: a point within limits, and the cheapest mix of what was tried."""

from __future__ import annotations

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.system import Array


def nearest_within(x: Array, unit: Array, low: Array, high: Array, limits: Array, least: Array) -> Array:
    """The point of the box that keeps limits @ point >= least and lies nearest to x, by the sum of |point - x| / unit.

    Raises:
        SolveError: The limits clash with each other or with the box.
    """
    n = len(x)
    near = np.concatenate([np.eye(n) * unit, -np.eye(n), np.eye(n)], axis=1)  # point / unit - over + under = x / unit
    rows = np.concatenate([near, np.concatenate([limits * unit, np.zeros((len(least), 2 * n))], axis=1)])
    rows[:n, :n] /= unit
    solved = least_cost(
        cost=np.concatenate([np.zeros(n), np.ones(2 * n)]),
        rows=rows,
        lower=np.concatenate([x / unit, least]),
        upper=np.concatenate([x / unit, np.full(len(least), np.inf)]),
        low=np.concatenate([low / unit, np.zeros(2 * n)]),
        high=np.concatenate([high / unit, np.full(2 * n, np.inf)]),
    )
    if solved is None:
        raise SolveError("the limits on capacities clash: no sizes keep them all")
    point: Array = np.clip(solved[0][:n] * unit, low, high)
    return point


def cheapest_mix(cost: Array, beyond: Array) -> tuple[Array, Array] | None:
    """Weights (K,) of tried points, sum 1, that cost least and go beyond no budget, and what each budget is worth (Q,).

    Args:
        cost: Cost of each point, (K,).
        beyond: What each uses of each budget above its cap, (K, Q); below it is negative.
    """
    scale = np.maximum(np.abs(beyond).max(axis=0), 1e-300)
    money = max(float(np.abs(cost).max()), 1e-300)
    count, budgets = beyond.shape
    solved = least_cost(
        cost=cost / money,
        rows=np.concatenate([np.ones((1, count)), (beyond / scale).T]),
        lower=np.append(1.0, np.full(budgets, -np.inf)),
        upper=np.append(1.0, np.zeros(budgets)),
        low=np.zeros(count),
        high=np.ones(count),
    )
    if solved is None:
        return None
    weights = np.maximum(solved[0], 0.0)
    return weights / weights.sum(), np.maximum(-solved[1][1:], 0.0) * money / scale


def least_cost(
    cost: Array, rows: Array, lower: Array, upper: Array, low: Array, high: Array
) -> tuple[Array, Array] | None:
    """Values and duals of  min cost @ v  with  lower <= rows @ v <= upper,  low <= v <= high;  None if impossible."""
    import highspy

    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = rows.shape
    program.col_cost_, program.col_lower_, program.col_upper_ = cost, low, high
    program.row_lower_, program.row_upper_ = lower, upper
    by_column = np.ascontiguousarray(rows.T)
    filled = by_column != 0.0
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.append(0, np.cumsum(filled.sum(axis=1))).astype(np.int32)
    program.a_matrix_.index_ = np.nonzero(filled)[1].astype(np.int32)
    program.a_matrix_.value_ = by_column[filled]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "simplex")
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution = solver.getSolution()
    return np.array(solution.col_value), np.array(solution.row_dual)
