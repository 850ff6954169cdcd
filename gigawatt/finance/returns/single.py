"""Kernels for streams whose flows change sign once: one rate above -1, by Descartes' rule, and how it is found.

Let x = 1 / (1 + rate) and u = log x. Split the polynomial sum c_t x^t at the change into what comes early and what
comes late, each of one sign; the rate is the zero of h(u) = log(late / -early). h rises with slope 1 or more (late
terms have greater exponents than early ones) and |h''| <= periods^2 / 4 (variances of exponents), so a Newton step of
size s ends within periods^2 / 8 x s^2 of the root: steps end once that is below half a unit in the last place of
1 + rate. All sums are of terms of one sign, so rounding moves the root by no more than (4 periods + 20) 2^-53 of
1 + rate.

Streams go 32 at a time, so that the processor adds up many at once; log and exp are their first Pade fractions
there, equal to the third order, which damps long steps and changes nothing in the last one. What has not settled in a
few steps is done singly.
"""

from __future__ import annotations

from math import exp, expm1, log, sqrt

import numpy as np

from gigawatt.compiled import kernel

STEEP = 2.0**-27  # a Newton step this small, over the periods, leaves less than half a unit in the last place
ROUNDS, QUICK_ROUNDS = 60, 12  # Newton steps at most, singly and in blocks
LANES, WORK = 32, 7  # streams of a block, and rows of numbers that they need
HUGE = 1e70  # sums beyond it, or below its inverse, are left to the proof for several roots


@kernel
def signs_of_flows(flows: np.ndarray) -> tuple[int, int, int, int]:
    """Changes of sign, places of the first and last flow that is not 0, and of the last one before the first change."""
    changes, first, last, turn = 0, -1, -1, -1
    for t in range(len(flows)):
        if flows[t] != 0.0:
            if last >= 0 and (flows[t] > 0.0) != (flows[last] > 0.0):
                turn = last if changes == 0 else turn
                changes += 1
            first = t if first < 0 else first
            last = t
    return changes, first, last, turn


@kernel
def even_crossing(flows: np.ndarray, first: int, turn: int, last: int) -> float:
    """Rate at which flows with one change of sign, after `turn`, are worth 0; nan if sums leave float64."""
    x, low, high = 1.0, 0.0, np.inf
    for _ in range(ROUNDS):
        z = 1.0 / x
        late, late_slope, early, early_slope = 0.0, 0.0, 0.0, 0.0
        for t in range(last, turn, -1):
            late_slope = late_slope * x + late
            late = late * x + flows[t]
        for t in range(first, turn + 1):
            early_slope = early_slope * z + early
            early = early * z + flows[t]
        late, size = late * x, abs(early)
        if not (1.0 / HUGE < size < HUGE and 1.0 / HUGE < abs(late) < HUGE):
            return np.nan
        step = log(-late / early) / (1.0 + late_slope * x * x / late + early_slope * z / early)
        low, high = (low, x) if step > 0.0 else (x, high)
        if abs(step) * (last - first) <= STEEP:
            # 1 + rate = exp(step) / x; so written, rates near 0 keep their digits.
            return (expm1(step) + (1.0 - x)) / x
        x *= exp(-step)
        if not low < x < high:
            x = sqrt(low * high)
    return np.nan


@kernel
def dated_crossing(flows: np.ndarray, days: np.ndarray, first: int, turn: int, last: int) -> float:
    """Rate of a day at which dated flows with one change of sign are worth 0; nan if sums leave float64."""
    u, low, high = 0.0, -np.inf, np.inf
    for _ in range(ROUNDS):
        late, late_slope, early, early_slope = 0.0, 0.0, 0.0, 0.0
        for t in range(first, last + 1):
            after = days[t] - days[turn]
            worth = flows[t] * exp(u * after)
            if t <= turn:
                early, early_slope = early + worth, early_slope + worth * after
            else:
                late, late_slope = late + worth, late_slope + worth * after
        if not (1.0 / HUGE < abs(early) < HUGE and 1.0 / HUGE < abs(late) < HUGE):
            return np.nan
        step = log(-late / early) / (late_slope / late - early_slope / early)
        low, high = (low, u) if step > 0.0 else (u, high)
        u -= step
        if abs(step) * (days[last] - days[first]) <= STEEP:
            return expm1(-u)
        if not low < u < high:
            u = (low + high) / 2.0
    return np.nan


@kernel
def sum_block(
    flows: np.ndarray, x: np.ndarray, sums: np.ndarray, slopes: np.ndarray, begin: int, end: int, by: int
) -> None:
    """Horner's rule from row `begin` to before `end` in steps `by`, for all lanes: sums, and slopes times x."""
    for w in range(0, LANES, 2 + 2):
        # Four at a time by name: they stay in registers and need not wait for each other.
        x0, x1, x2, x3 = x[w], x[w + 1], x[w + 2], x[w + 2 + 1]
        a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = 0.0
        for t in range(begin, end, by):
            b0, b1, b2, b3 = b0 * x0 + a0, b1 * x1 + a1, b2 * x2 + a2, b3 * x3 + a3
            a0, a1 = a0 * x0 + flows[t, w], a1 * x1 + flows[t, w + 1]
            a2, a3 = a2 * x2 + flows[t, w + 2], a3 * x3 + flows[t, w + 2 + 1]
        sums[w], sums[w + 1], sums[w + 2], sums[w + 2 + 1] = a0, a1, a2, a3
        slopes[w], slopes[w + 1], slopes[w + 2], slopes[w + 2 + 1] = b0 * x0, b1 * x1, b2 * x2, b3 * x3


@kernel
def block_crossings(
    late: np.ndarray, early: np.ndarray, low: int, high: int, work: np.ndarray, rate: np.ndarray
) -> None:
    """Rates of the lanes of a block, nan where steps do not settle.

    late (periods, lanes) has its first flow after row `low`, early its last in row `high`; both are 0 or more.
    """
    x, z, after, after_slope, before, before_slope, steps = work
    periods, lead = len(late), low + 1.0 - high
    for w in range(LANES):
        x[w] = periods / (periods + 2.0)  # 8 % at 25 periods: near what investments earn
    for _ in range(QUICK_ROUNDS):
        for w in range(LANES):
            z[w] = 1.0 / x[w]
        sum_block(late, x, after, after_slope, periods - 1, low, -1)
        sum_block(early, z, before, before_slope, 0, high + 1, 1)
        tilt = x if lead > 0.0 else z
        for _ in range(abs(low + 1 - high)):
            for w in range(LANES):
                after[w], after_slope[w] = after[w] * tilt[w], after_slope[w] * tilt[w]
        for w in range(LANES):
            # log(r) is about 2 (r - 1) / (r + 1); both slopes are brought over one denominator to divide once.
            f, e = after[w], before[w]
            steep = lead * f * e + after_slope[w] * e + before_slope[w] * f
            steps[w] = 2.0 * (f - e) * f * e / ((f + e) * steep)
        unsettled = 0
        for w in range(LANES):
            unsettled += 0 if abs(steps[w]) * periods <= STEEP else 1
        if unsettled == 0:
            break
        for w in range(LANES):
            if not abs(steps[w]) * periods <= STEEP:
                x[w] *= (2.0 - steps[w]) / (2.0 + steps[w])
    for w in range(LANES):
        settled = min(after[w], before[w]) > 1.0 / HUGE and max(after[w], before[w]) < HUGE
        settled = settled and abs(steps[w]) * periods <= STEEP
        # 1 + rate = exp(step) / x; so written, rates near 0 keep their digits.
        rate[w] = (steps[w] * (1.0 + steps[w] / 2.0) + (1.0 - x[w])) / x[w] if settled else np.nan


@kernel
def solve_block(
    flows: np.ndarray, chosen: np.ndarray, turn: np.ndarray, late: np.ndarray, early: np.ndarray, work: np.ndarray,
    rate: np.ndarray,
) -> None:  # fmt: skip
    """Fills in the rates of up to LANES chosen streams with one change of sign; the last one fills the lanes left."""
    low, high = flows.shape[1], 0
    for w in range(LANES):
        k = chosen[w]
        sign = 1.0 if flows[k, turn[k]] < 0.0 else -1.0
        low, high = min(low, turn[k]), max(high, turn[k])
        for t in range(flows.shape[1]):
            late[t, w] = max(sign * flows[k, t], 0.0)
            early[t, w] = max(-sign * flows[k, t], 0.0)
    block_crossings(late, early, low, high, work, rate)


@kernel
def look_at_all(
    flows: np.ndarray, days: np.ndarray, dated: bool, changes: np.ndarray, ends: np.ndarray, rate: np.ndarray
) -> None:
    """Fills in changes of sign, the sign of the last flow that is not 0 and, after one change, the rate.

    Rates are a period's or a day's; they stay nan where sums leave float64.
    """
    streams, periods = flows.shape
    late, early = np.empty((periods, LANES)), np.empty((periods, LANES))
    work, found = np.empty((WORK, LANES)), np.empty(LANES)
    turns, chosen, held = np.empty(streams, np.int64), np.empty(LANES, np.int64), 0
    for k in range(streams):
        changes[k], first, last, turns[k] = signs_of_flows(flows[k])
        ends[k] = 0 if last < 0 else 1 if flows[k, last] > 0.0 else -1
        if changes[k] == 1 and dated:
            rate[k] = dated_crossing(flows[k], days, first, turns[k], last)
        elif changes[k] == 1:
            chosen[held] = k
            held += 1
        if held > 0 and (held == LANES or k == streams - 1):
            for w in range(held, LANES):
                chosen[w] = chosen[held - 1]
            solve_block(flows, chosen, turns, late, early, work, found)
            for w in range(held):
                rate[chosen[w]] = found[w]
            held = 0
    for k in range(streams):
        if changes[k] == 1 and not dated and np.isnan(rate[k]):
            _, first, last, _ = signs_of_flows(flows[k])
            rate[k] = even_crossing(flows[k], first, turns[k], last)
