"""Kernels that find every positive root of a stream's polynomial in float64, each with its proof.

With the discount factor x = 1 / (1 + rate) the NPV of flows c_0, c_1, ... is the polynomial f(x) = sum c_t x^t, and
rates above -1 are its roots x > 0. Streams whose flows change sign once are `irr_single.py`.

Let f = P - N, gains less losses, whose terms are all positive. P, N and their slopes rise with x, and float64 gives
each within a relative error of (2 periods + 20) 2^-53. Their values at the two ends of a span so enclose f and f'
between them: a span is done when f cannot be 0 in it, or when f' has one sign and the signs at its ends are certain.
What float64 cannot tell is handed on (`irr_exact.py`), never guessed.

x from 0 to `edge` is covered by f, the rest by the reversed stream in y = 1 / x. With dates the exponents are days.
"""

from __future__ import annotations

from math import exp, frexp, ldexp, log

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.finance.returns.single import signs_of_flows

ROUNDOFF = 2.0**-53
TINY = 2.0**-1000  # above all that underflow can add up to
LEFT = 0.4871  # where a span is cut: no round number, so that no root of a round rate lies on a cut
NARROW = 2.0**-46  # width of a span over its place below which float64 cannot tell more
CLOSE = 2.0**-20  # distance over their place below which doubtful spans are one, what is known between them left out
ROUNDS, SPANS, NODES = 60, 256, 20_000  # Newton steps; spans that wait to be looked at, and looked at, at most
SPARE = 20.0  # roundings beyond the two of each period: products, differences, tests
EXPONENT_END = 745.0  # exp(-745) is the last above 0
ROOT, UNDECIDED = 1, 0  # kinds of span
FIELDS = 3  # of a span: from, to, kind
PARTS = 5
PLACE, GAIN, LOSS, GAIN_SLOPE, LOSS_SLOPE = range(PARTS)  # of a row: y, gains, losses and their slopes
WIDE = 1e-11  # certified width of a root over its place that float64 may leave
FAR, LONGEST = 2.0, 900  # periods are covered up to x = 2, days and very many periods (2^periods overflows) up to 1
RANGE = 2.0**-900  # least over greatest flow that float64 is trusted with


@kernel
def fill_parts(row: np.ndarray, d: np.ndarray, days: np.ndarray, dated: bool, y: float) -> None:
    """Puts y, gains, losses and their slopes at y into a row of five; d has rows of the same names."""
    gain, loss, gain_slope, loss_slope = d[GAIN, 0], d[LOSS, 0], 0.0, 0.0
    power, rate = 1.0, log(y) if dated and y > 0.0 else 0.0
    for t in range(1, d.shape[1]):
        below = power  # y^(t - 1)
        power *= y
        if dated:
            power = exp(days[t] * rate) if y > 0.0 else 0.0
            below = power / y if y > 0.0 else 1.0 if days[t] == 1.0 else 0.0
        gain, gain_slope = gain + d[GAIN, t] * power, gain_slope + d[GAIN_SLOPE, t] * below
        loss, loss_slope = loss + d[LOSS, t] * power, loss_slope + d[LOSS_SLOPE, t] * below
    row[PLACE], row[GAIN], row[LOSS], row[GAIN_SLOPE], row[LOSS_SLOPE] = y, gain, loss, gain_slope, loss_slope


@kernel
def certain_sign(row: np.ndarray, error: float) -> int:
    """Sign of gains less losses where it is beyond doubt, else 0."""
    slack = error * (row[GAIN] + row[LOSS]) + TINY
    return 1 if row[GAIN] - row[LOSS] > slack else -1 if row[LOSS] - row[GAIN] > slack else 0


@kernel
def stays_off_zero(a: np.ndarray, b: np.ndarray, sign: int, error: float, low: float, high: float) -> bool:
    """Whether f, of one certain sign at both ends and with slopes from `low` to `high`, has that sign between too."""
    up, down = (GAIN, LOSS) if sign > 0 else (LOSS, GAIN)
    if a[up] * (1.0 - error) > b[down] * (1.0 + error) + TINY:
        return True
    start = a[up] - a[down] - error * (a[up] + a[down])
    end = b[up] - b[down] - error * (b[up] + b[down])
    fall, rise = (-low, high) if sign > 0 else (high, -low)
    # Two lines from the ends bound f from below: where they meet it must still be above 0.
    held, lost = rise * start + fall * end, fall * rise * (b[PLACE] - a[PLACE])
    return bool(held * (1.0 - error) > lost * (1.0 + error) + TINY)


@kernel
def judge(a: np.ndarray, b: np.ndarray, error: float) -> int:
    """Roots between two rows, 0 or 1, or -1 when that is not certain."""
    left, right = certain_sign(a, error), certain_sign(b, error)
    if left == 0 or right == 0:
        return -1
    low = a[GAIN_SLOPE] * (1.0 - error) - b[LOSS_SLOPE] * (1.0 + error) - TINY
    high = b[GAIN_SLOPE] * (1.0 + error) - a[LOSS_SLOPE] * (1.0 - error) + TINY
    if low >= 0.0 or high <= 0.0:
        return 1 if left != right else 0
    return 0 if left == right and stays_off_zero(a, b, left, error, low, high) else -1


@kernel
def relative_error(d: np.ndarray, days: np.ndarray, dated: bool, y: float) -> float:
    """Bound on the relative error of each part at y or above."""
    exponent = min(-log(y) * days[-1], EXPONENT_END) if dated and y > 0.0 else EXPONENT_END if dated else 0.0
    return float(ROUNDOFF * (2.0 * d.shape[1] + SPARE + 10.0 * exponent))


@kernel
def kept(spans: np.ndarray, found: int, start: float, end: float, kind: int) -> int:
    """Number of spans once one more is kept, -1 if there is no place; doubtful spans next to each other become one."""
    doubtful = kind == UNDECIDED and found > 0 and spans[found - 1, 2] == UNDECIDED
    if doubtful and start - spans[found - 1, 1] <= CLOSE * start:
        spans[found - 1, 1] = end
        return found
    if found == len(spans):
        return -1
    spans[found, 0], spans[found, 1], spans[found, 2] = start, end, kind
    return found + 1


@kernel
def isolate(d: np.ndarray, days: np.ndarray, dated: bool, edge: float, spans: np.ndarray) -> int:
    """Number of spans (from, to, kind) of y in (0, edge] filled in, in rising order; -1 when they are too many.

    Outside them there is no root; a span of kind ROOT holds exactly one, in one of kind UNDECIDED there may be any.
    """
    # Row 0 is where the span at hand begins, row `top` where it ends; below `top` are the ends of those to come.
    points = np.empty((SPANS, PARTS))
    fill_parts(points[0], d, days, dated, 0.0)
    fill_parts(points[1], d, days, dated, edge)
    top, found = 1, 0
    for _ in range(NODES):
        a, b = points[0], points[top]
        error = relative_error(d, days, dated, a[PLACE])
        roots = judge(a, b, error)
        if roots < 0 and top + 1 < SPANS and b[PLACE] - a[PLACE] > NARROW * b[PLACE]:
            cut = points[top + 1]
            fill_parts(cut, d, days, dated, a[PLACE] + (b[PLACE] - a[PLACE]) * LEFT)
            if certain_sign(a, error) != 0 or certain_sign(b, error) != 0 or certain_sign(cut, error) != 0:
                top += 1
                continue
        if roots != 0:
            found = kept(spans, found, a[PLACE], b[PLACE], ROOT if roots > 0 else UNDECIDED)
        if found < 0 or top == 1:
            return found
        for k in range(PARTS):
            a[k] = b[k]
        top -= 1
    return -1


@kernel
def narrow(d: np.ndarray, days: np.ndarray, dated: bool, span: np.ndarray) -> float:
    """The one root of a span, which is drawn in around it as far as float64 can prove."""
    row = np.empty(PARTS)
    fill_parts(row, d, days, dated, span[0])
    error = relative_error(d, days, dated, span[0])
    left = certain_sign(row, error)
    y = (span[0] + span[1]) / 2.0
    reach = 0.0
    for _ in range(ROUNDS):
        fill_parts(row, d, days, dated, y)
        sign, value, slope = certain_sign(row, error), row[GAIN] - row[LOSS], row[GAIN_SLOPE] - row[LOSS_SLOPE]
        reach = 2.0 * (error * (row[GAIN] + row[LOSS]) + TINY) / abs(slope) if slope != 0.0 else np.inf
        if sign == left:
            span[0] = y
        elif sign != 0:
            span[1] = y
        step = value / slope if slope != 0.0 else np.inf
        if abs(step) <= reach:
            y = min(max(y - step, span[0]), span[1])
            break
        y = y - step if span[0] < y - step < span[1] else (span[0] + span[1]) / 2.0
    for side in (-1.0, 1.0):
        trial = y + side * 2.0 * reach
        if span[0] < trial < span[1]:
            fill_parts(row, d, days, dated, trial)
            sign = certain_sign(row, error)
            if sign == left and side < 0.0:
                span[0] = trial
            elif sign == -left and side > 0.0:
                span[1] = trial
    return float(y)


@kernel
def half(
    flows: np.ndarray, days: np.ndarray, dated: bool, late: bool, spans: np.ndarray, at: np.ndarray
) -> tuple[int, bool]:
    """Number of spans of one half of the rates, and whether each is a root known to WIDE; at[k] is that of span k.

    The first half is y = x up to the edge, the `late` one y = 1 / x below its inverse, of the reversed stream.
    """
    n, edge = len(flows), 1.0 if dated or len(flows) > LONGEST else FAR
    greatest = 0.0
    for t in range(n):
        greatest = max(greatest, abs(flows[t]))
    d, after = np.zeros((PARTS, n)), np.empty(n)
    # A power of two, so that no digit of a flow is lost.
    scale, exact = ldexp(1.0, frexp(greatest)[1] - 1), True
    for t in range(n):
        from_t = n - 1 - t if late else t
        flow = flows[from_t] / scale
        after[t] = abs(days[from_t] - days[n - 1 if late else 0]) if dated else t
        d[GAIN, t], d[LOSS, t] = max(flow, 0.0), max(-flow, 0.0)
        d[GAIN_SLOPE, t], d[LOSS_SLOPE, t] = d[GAIN, t] * after[t], d[LOSS, t] * after[t]
        exact = exact and (flow == 0.0 or abs(flow) > RANGE)
    found = isolate(d, after, dated, 1.0 / edge if late else edge, spans) if exact else -1
    sure = found >= 0
    for k in range(found):
        if spans[k, 2] == ROOT:
            at[k] = narrow(d, after, dated, spans[k])
        sure = sure and spans[k, 2] == ROOT and spans[k, 1] - spans[k, 0] <= WIDE * spans[k, 1]
    return found, sure


@kernel
def find_several(
    flows: np.ndarray, days: np.ndarray, dated: bool, rates: np.ndarray, count: np.ndarray, sure: np.ndarray
) -> None:
    """Fills in the rates of all roots of each stream, a period's or a day's, in rising order, as far as certain."""
    spans, at = np.empty((flows.shape[1] + SPANS, FIELDS)), np.empty(flows.shape[1] + SPANS)
    for k in range(len(flows)):
        _, first, last, _ = signs_of_flows(flows[k])
        cut, cut_days = flows[k, first : last + 1], days[first : last + 1]
        found, sure_late = half(cut, cut_days, dated, True, spans, at)
        number = 0
        for i in range(found):
            if spans[i, 2] == ROOT and number < rates.shape[1]:
                rates[k, number] = at[i] - 1.0
                number += 1
        found, sure_early = half(cut, cut_days, dated, False, spans, at)
        for i in range(found - 1, -1, -1):
            if spans[i, 2] == ROOT and number < rates.shape[1]:
                rates[k, number] = (1.0 - at[i]) / at[i]
                number += 1
        count[k], sure[k] = number, sure_late and sure_early
