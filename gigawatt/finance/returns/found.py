"""Roots of many streams: float64 where that proves the answer, whole numbers for the streams it leaves in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from gigawatt.finance.returns.exact import Root, Span, all_rates
from gigawatt.finance.returns.roots import FAR, FIELDS, LONGEST, SPANS, UNDECIDED, find_several, half
from gigawatt.finance.returns.single import look_at_all

Floats = NDArray[np.float64]
POINT = 1e-3  # relative width up to which a span that float64 cannot decide is told as one rate


class Proof(IntEnum):
    """What proves that the roots are all there."""

    SIGNS = 1  # Descartes' rule: at most one change of sign
    FLOAT = 2  # spans shut out in float64 with bounds on every rounding
    WHOLE = 3  # whole numbers, without rounding
    MISSING = 4  # dated flows that float64 cannot tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Roots of n streams; rates are a period's, or a day's of dated streams."""

    changes: NDArray[np.int64]  # of sign along the flows
    ends: NDArray[np.int64]  # sign of the last flow that is not 0
    count: NDArray[np.int64]
    rates: Floats  # (n, k) in rising order, then nan
    crosses: NDArray[np.bool_]  # (n, k): whether the NPV changes sign there
    proof: NDArray[np.int8]
    touch: Floats


def find(streams: Floats, days: Floats, *, dated: bool) -> Found:
    """All roots of streams (n, periods)."""
    n = len(streams)
    changes, ends, single = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.full(n, np.nan)
    look_at_all(streams, days, dated, changes, ends, single)
    several = np.flatnonzero((changes > 0) & np.isnan(single))
    rates = np.full((n, int(changes[several].max(initial=1))), np.nan)
    rates[:, 0] = single
    count = np.minimum(changes, 1)
    found = Found(
        changes=changes,
        ends=ends,
        count=count,
        rates=rates,
        crosses=np.arange(rates.shape[1]) < count[:, None],
        proof=np.full(n, Proof.SIGNS, dtype=np.int8),
        touch=np.full(n, np.nan),
    )
    if several.size:
        _fill_several(found, streams, days, dated, several)
    return found


def _fill_several(found: Found, streams: Floats, days: Floats, dated: bool, chosen: NDArray[np.int64]) -> None:
    """Roots of the chosen streams, put into what was found."""
    shape = len(chosen), found.rates.shape[1]
    rates, count, sure = np.full(shape, np.nan), np.zeros(shape[0], np.int64), np.zeros(shape[0], np.bool_)
    find_several(streams[chosen], days, dated, rates, count, sure)
    found.rates[chosen], found.count[chosen] = rates, count
    found.crosses[chosen] = np.arange(shape[1]) < count[:, None]
    found.proof[chosen] = np.where(found.changes[chosen] == 1, Proof.SIGNS, Proof.FLOAT)
    for k in chosen[~sure].tolist():
        if dated:
            found.proof[k] = Proof.MISSING
        else:
            _fill_whole(found, np.trim_zeros(streams[k]), k)


def _fill_whole(found: Found, flows: Floats, k: int) -> None:
    """Roots of one stream that float64 leaves in doubt."""
    early, late = (_spans(flows, side) for side in (False, True))
    roots = all_rates(flows.tolist(), [span for span, _ in early], [span for span, _ in late])
    found.rates[k], found.crosses[k] = np.nan, False
    for place, (rate, crosses) in enumerate(roots):
        found.rates[k, place], found.crosses[k, place] = rate, crosses
    found.count[k], found.proof[k] = len(roots), Proof.WHOLE
    doubts = [(span, is_late) for spans, is_late in ((late, True), (early, False)) for span, sure in spans if not sure]
    for span, is_late in doubts:
        touched = _touched(span, is_late, roots)
        found.touch[k] = found.touch[k] if touched is None else touched


def _spans(flows: Floats, late: bool) -> list[tuple[Span, bool]]:
    """Spans of one half of the rates in which roots may be, each with whether float64 is sure of one."""
    spans, at = np.empty((len(flows) + SPANS, FIELDS)), np.empty(len(flows) + SPANS)
    found, _ = half(flows, np.zeros(len(flows)), False, late, spans, at)
    if found < 0:
        edge = Fraction(FAR if len(flows) <= LONGEST else 1)
        return [((Fraction(0), 1 / edge if late else edge), False)]
    return [((Fraction(a), Fraction(b)), kind != UNDECIDED) for a, b, kind in spans[:found].tolist()]


def _touched(span: Span, late: bool, roots: list[Root]) -> float | None:
    """The rate of a narrow span that float64 cannot decide, unless it just holds one root that crosses."""
    a, b = span
    if b - a > POINT * b:
        return None
    low, high = (a - 1, b - 1) if late else (1 / b - 1, 1 / a - 1)
    within = [(rate, crosses) for rate, crosses in roots if low <= rate <= high]
    if [crosses for _, crosses in within] == [True]:
        return None
    return sum(rate for rate, _ in within) / len(within) if within else float((low + high) / 2)
