"""The master program of sizing: a point well inside the capacities that the cuts leave possible, and a bound.

    min w_n   with   rows w >= right,    rows: the cuts (-slopes, 1), the box, then the linear limits

`centre` follows the central path by Mehrotra's predictor and corrector, from any start, and stops early: such points
lie well inside the set still possible, where the vertices of the master program jump about (Kelley's method). The
multipliers of the cuts, scaled to sum 1, prove a lower bound for any weights, so stopping early costs no rigour.

Source: Mehrotra 1992, doi:10.1137/0802028; Goffin, Haurie, Vial 1992, doi:10.1287/mnsc.38.2.284.
"""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel

ROUNDS = 80
FIRST_SLACK = 1e-3  # least slack of a row at the start, in units of the peak load or of the cost
STAY_INSIDE = 0.95  # of the way to the nearest limit
DAMPING = 1e-13


@kernel
def box_least(reduced: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Least of reduced . x over the box."""
    least = 0.0
    for i in range(low.size):
        if reduced[i] != 0.0:
            least += min(reduced[i] * low[i], reduced[i] * high[i])
    return least


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
    transposed = np.ascontiguousarray(rows.T)
    s = np.maximum(rows @ w - right, FIRST_SLACK * target)
    s[:cuts] = np.maximum(s[:cuts], target)
    y = 1.0 / s
    y /= y[:cuts].sum()
    best = -np.inf
    for _ in range(ROUNDS):
        scaled = y / y[:cuts].sum()
        scaled[cuts:box_end] = 0.0
        bound = scaled @ right + box_least(-(transposed @ scaled)[: n - 1], low, high)
        if bound > best:
            best = bound
            weight[:] = scaled
        gap, off = s @ y, rows @ w - right - s
        if gap <= target and w[n - 1] - best <= 2.0 * target and np.abs(off).max() <= target:
            break
        lack = -(transposed @ y)
        lack[n - 1] += 1.0
        normal = (transposed * (y / s)) @ rows
        for i in range(n):
            normal[i, i] *= 1.0 + DAMPING
        inverse = np.linalg.inv(normal)
        aim, sigma = -s * y, 0.0
        dw, ds, dy, step_s, step_y = w, s, y, 1.0, 1.0
        for corrector in range(2):
            dw = inverse @ (transposed @ ((aim - y * off) / s) - lack)
            if not np.isfinite(dw).all():  # out of precision: keep the last point
                return best
            ds = rows @ dw + off
            dy = (aim - y * ds) / s
            step_s, step_y = 1.0, 1.0
            for k in range(m):
                if ds[k] < 0.0:
                    step_s = min(step_s, -s[k] / ds[k])
                if dy[k] < 0.0:
                    step_y = min(step_y, -y[k] / dy[k])
            if corrector == 0:
                sigma = max(((s + step_s * ds) @ (y + step_y * dy) / gap) ** 3, 0.3 * target / gap)
                aim = sigma * gap / m - s * y - ds * dy
        step_s = STAY_INSIDE * step_s if step_s < 1.0 else 1.0
        step_y = STAY_INSIDE * step_y if step_y < 1.0 else 1.0
        s += step_s * ds
        w += step_s * dw
        y += step_y * dy
    return best
