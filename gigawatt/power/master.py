"""The master program of sizing: a point well inside the capacities that the cuts leave possible, and a bound.

    min w_n   with   rows w >= right,    rows: the cuts (-slopes, 1), the box, then the linear limits

`centre` follows the central path by Mehrotra's predictor and corrector, from any start, and stops early: such points
lie well inside the set still possible, where the vertices of the master program jump about (Kelley's method). The
multipliers of the cuts, scaled to sum 1, prove a lower bound for any weights, so stopping early costs no rigour.

Source: Mehrotra 1992, doi:10.1137/0802028; Goffin, Haurie, Vial 1992, doi:10.1287/mnsc.38.2.284.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total

ROUNDS = 80
FIRST_SLACK = 1e-3  # least slack of a row at the start, in units of the peak load or of the cost
STAY_INSIDE = 0.95  # of the way to the nearest limit
DAMPING = 1e-13
LEAST_CENTRING = 0.3  # of the gap aimed at: no step goes further


@kernel
def dot(a: np.ndarray, b: np.ndarray) -> float:
    """Sum of products, added in order. Loops in place of linear algebra need no SciPy and give the same bits plain."""
    out = 0.0
    for i in range(a.size):
        out += a[i] * b[i]
    return out


@kernel
def across(rows: np.ndarray, x: np.ndarray, out: np.ndarray) -> None:
    """Fills out with rows x."""
    for k in range(rows.shape[0]):
        out[k] = 0.0
        for i in range(rows.shape[1]):
            out[k] += rows[k, i] * x[i]


@kernel
def down(rows: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """Fills out with y rows."""
    out[:] = 0.0
    for k in range(rows.shape[0]):
        for i in range(rows.shape[1]):
            out[i] += y[k] * rows[k, i]


@kernel
def normal_matrix(rows: np.ndarray, weight: np.ndarray, cuts: int, box_end: int, out: np.ndarray) -> None:
    """Fills the lower half of out with the weighted sum of the squares of rows; those of the box have one entry."""
    m, n = rows.shape
    out[:] = 0.0
    for k in range(m):
        if cuts <= k < box_end:
            i = (k - cuts) % (n - 1)
            out[i, i] += weight[k]
            continue
        for j in range(n):
            scaled = weight[k] * rows[k, j]
            for i in range(j + 1):
                out[j, i] += scaled * rows[k, i]


@kernel
def factorise(matrix: np.ndarray) -> bool:
    """Whether a matrix is positive definite; its lower half becomes its Cholesky factor."""
    for j in range(matrix.shape[0]):
        for k in range(j):
            matrix[j, k] = (matrix[j, k] - dot(matrix[j, :k], matrix[k, :k])) / matrix[k, k]
        left = matrix[j, j] - dot(matrix[j, :j], matrix[j, :j])
        if not left > 0.0:
            return False
        matrix[j, j] = np.sqrt(left)
    return True


@kernel
def solve(factor: np.ndarray, right: np.ndarray) -> None:
    """The solution of factor factor' x = right, filled into right."""
    n = right.size
    for j in range(n):
        right[j] = (right[j] - dot(factor[j, :j], right[:j])) / factor[j, j]
    for j in range(n - 1, -1, -1):
        right[j] = (right[j] - dot(factor[j + 1 :, j], right[j + 1 :])) / factor[j, j]


@kernel
def box_least(reduced: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Least of reduced . x over the box."""
    least = 0.0
    for i in range(low.size):
        if reduced[i] != 0.0:
            least += min(reduced[i] * low[i], reduced[i] * high[i])
    return least


@kernel
def longest_step(values: np.ndarray, change: np.ndarray) -> float:
    """The share of a change, 1 at most, that leaves no value negative."""
    step = 1.0
    for k in range(values.size):
        if change[k] < 0.0:
            step = min(step, -values[k] / change[k])
    return step


@kernel
def centre(
    rows: np.ndarray, right: np.ndarray, cuts: int, low: np.ndarray, high: np.ndarray, w: np.ndarray, target: float,
    weight: np.ndarray,
) -> float:  # fmt: skip
    """A lower bound of the master program; fills w with a central point of about `target` gap and weight of each row.

    The first `cuts` rows are cuts, then n of w >= low and n of -w >= -high, then the other limits.
    """
    m, n = rows.shape
    box_end = cuts + 2 * (n - 1)
    s, off, ds, reduced, dw, normal = np.empty(m), np.empty(m), np.empty(m), np.empty(n), np.empty(n), np.empty((n, n))
    across(rows, w, s)
    s = np.maximum(s - right, FIRST_SLACK * target)
    s[:cuts] = np.maximum(s[:cuts], target)
    y = 1.0 / s
    y /= total(y[:cuts])
    best = -np.inf
    for _ in range(ROUNDS):
        scaled = y / total(y[:cuts])
        scaled[cuts:box_end] = 0.0
        down(rows, scaled, reduced)
        bound = dot(scaled, right) + box_least(-reduced[: n - 1], low, high)
        if bound > best:
            best = bound
            weight[:] = scaled
        across(rows, w, off)
        off -= right + s
        gap = dot(s, y)
        if gap <= target and w[n - 1] - best <= 2.0 * target and np.abs(off).max() <= target:
            break
        normal_matrix(rows, y / s, cuts, box_end, normal)
        for i in range(n):
            normal[i, i] *= 1.0 + DAMPING
        if not factorise(normal):  # out of precision: keep the last point
            return best
        aim, dy, step_s, step_y = -s * y, s, 1.0, 1.0
        for corrector in range(2):
            down(rows, (aim - y * off) / s + y, dw)
            dw[n - 1] -= 1.0
            solve(normal, dw)
            if not np.isfinite(dw).all():
                return best
            across(rows, dw, ds)
            ds += off
            dy = (aim - y * ds) / s
            step_s, step_y = longest_step(s, ds), longest_step(y, dy)
            if corrector == 0:
                left = dot(s + step_s * ds, y + step_y * dy) / gap
                sigma = max(left * left * left, LEAST_CENTRING * target / gap)
                aim = sigma * gap / m - s * y - ds * dy
        step_s = STAY_INSIDE * step_s if step_s < 1.0 else 1.0
        step_y = STAY_INSIDE * step_y if step_y < 1.0 else 1.0
        s += step_s * ds
        w += step_s * dw
        y += step_y * dy
    return best
