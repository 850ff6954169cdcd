"""Internal rates of return: all of them above -1, with the proof that there are no others.

`irr` takes one stream or many and says of each whether the rate is unique, there are several, or none and why.
How roots are found and proved: `irr_single.py` and `irr_roots.py` (float64), `irr_exact.py` (whole numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.finance.returns.found import Found, Proof, find

Floats = NDArray[np.float64]
Choice = Literal["falling", "nearest", "none"]
DAYS_PER_YEAR = 365.0  # of dated flows, as in XIRR: actual days over 365
LEAST_RATE = float(np.nextafter(-1.0, 0.0))


class Status(IntEnum):
    """How many rates a stream has, and why it has none."""

    UNIQUE = 1
    SEVERAL = 2
    NO_SIGN_CHANGE = 3  # flows all of one sign: no rate can balance them
    NO_ROOT = 4  # signs change, yet the NPV is never 0
    ALL_ZERO = 5  # nothing flows: every rate balances it
    UNDECIDED = 6  # dated flows only: float64 cannot tell a near miss from a root


@dataclass(frozen=True, slots=True, kw_only=True)
class IRR:
    """Rates of return of streams of shape (...,): a period's, or a year's if dates or periods a year are given.

    `rate` is the one root or the chosen one, nan where there is none. `roots` (..., k) are all roots in rising order,
    then nan; `crossing` says of each whether the NPV falls through zero there as the rate rises (-1, as of an
    investment), rises (1, as of a loan) or only touches it (0). `touch` is a rate at which the NPV is nearer to zero
    than float64 resolves without crossing it once: whether it is no root, a double one or two hangs on the last digits
    of the flows. nan elsewhere.
    """

    rate: Floats
    status: NDArray[np.int8]  # Status
    count: NDArray[np.int64]
    roots: Floats
    crossing: NDArray[np.int8]
    proof: NDArray[np.int8]  # Proof
    touch: Floats


def irr(
    cash_flows: ArrayLike,
    *,
    dates: Sequence[date] | NDArray[np.datetime64] | None = None,
    periods_per_year: float | None = None,
    choose: Choice = "falling",
) -> IRR:
    """All internal rates of return above -1 of streams of shape (..., periods).

    Args:
        dates: Day of each period, the same for all streams; rates are then a year's, of 365 days.
        periods_per_year: Makes the rates of even periods effective rates of a year.
        choose: The `rate` of a stream with several roots: the nearest to zero of those at which the NPV falls as the
            rate rises ("falling"), of all ("nearest"), or nan ("none").

    Raises:
        ValueError: No periods, a flow that is not finite (named), dates of another number or with periods_per_year, or
            a `choose` that is none of these.
    """
    if choose not in get_args(Choice):
        raise ValueError(f"choose {choose!r}; allowed: {', '.join(get_args(Choice))}")
    flows = _checked(cash_flows)
    streams = np.ascontiguousarray(flows.reshape(-1, flows.shape[-1]))
    days = np.zeros(streams.shape[1])
    if dates is not None:
        streams, days = _dated(streams, dates, periods_per_year)
    elif periods_per_year is not None and not periods_per_year > 0:
        raise ValueError(f"periods_per_year {periods_per_year:g} must be above 0")
    found = find(streams, days, dated=dates is not None)
    power = DAYS_PER_YEAR if dates is not None else 1.0 if periods_per_year is None else float(periods_per_year)
    shape, widest = flows.shape[:-1], max(int(found.count.max(initial=0)), 1)
    roots, crossing = _compounded(found.rates[:, :widest], power), _crossings(found)[:, :widest]
    return IRR(
        rate=_chosen(roots, crossing, found.count, choose).reshape(shape),
        status=_status(found).reshape(shape),
        count=found.count.reshape(shape),
        roots=roots.reshape(*shape, widest),
        crossing=crossing.reshape(*shape, widest),
        proof=found.proof.reshape(shape),
        touch=_compounded(found.touch, power).reshape(shape),
    )


def mirr(cash_flows: ArrayLike, *, finance_rate: float, reinvest_rate: float) -> Floats:
    """Modified rate of return a period, shape (...,): outflows worth now, inflows worth at the end.

    Outflows are discounted at `finance_rate` to the start, inflows earn `reinvest_rate` to the end; nan where one of
    the two is missing.
    """
    flows = _checked(cash_flows)
    last = flows.shape[-1] - 1
    if min(finance_rate, reinvest_rate) <= -1:
        raise ValueError(f"finance_rate {finance_rate:g} and reinvest_rate {reinvest_rate:g} must be above -1")
    periods = np.arange(last + 1)
    paid = -(np.minimum(flows, 0.0) * np.exp(-periods * np.log1p(finance_rate))).sum(axis=-1)
    earned = (np.maximum(flows, 0.0) * np.exp((last - periods) * np.log1p(reinvest_rate))).sum(axis=-1)
    ends = (paid > 0) & (earned > 0) & (last > 0)
    ratio = np.where(ends, earned, 1.0) / np.where(ends, paid, 1.0)
    return np.where(ends, np.expm1(np.log(ratio) / max(last, 1)), np.nan)


def _checked(cash_flows: ArrayLike) -> Floats:
    """Flows as floats of shape (..., periods), all finite."""
    flows = np.asarray(cash_flows, dtype=np.float64)
    if flows.ndim == 0 or flows.shape[-1] == 0:
        raise ValueError(f"cash_flows has shape {flows.shape}; it must be (..., periods) with at least one period")
    with np.errstate(over="ignore", invalid="ignore"):
        total = flows.sum()  # not finite if any flow is not; quicker than looking at each
    if not np.isfinite(total) and not np.isfinite(flows).all():
        wrong = ~np.isfinite(flows)
        *stream, period = (int(k) for k in np.argwhere(wrong)[0])
        where = f"stream {', '.join(map(str, stream))}, " if stream else ""
        raise ValueError(
            f"cash_flows: {where}period {period} is {flows[(*stream, period)]}; flows must be finite"
            f" ({int(wrong.any(axis=-1).sum())} streams are not)"
        )
    return flows


def _dated(
    streams: Floats, dates: Sequence[date] | NDArray[np.datetime64], periods_per_year: float | None
) -> tuple[Floats, Floats]:
    """Streams with one column a day that has flows, and the days since the first."""
    if periods_per_year is not None:
        raise ValueError("give dates or periods_per_year, not both")
    when = np.asarray(dates, dtype="datetime64[D]").astype(np.int64)
    if when.shape != streams.shape[1:]:
        raise ValueError(f"{when.size} dates for {streams.shape[1]} periods; every period needs its date")
    days, place = np.unique(when, return_inverse=True)
    merged = np.zeros((len(streams), len(days)))
    for t in range(len(when)):
        merged[:, place[t]] += streams[:, t]
    return merged, (days - days[0]).astype(np.float64)


def _crossings(found: Found) -> NDArray[np.int8]:
    """Fall, touch or rise of the NPV at each root: next to rate -1 the NPV has the sign of the last flow."""
    passed: NDArray[np.int64] = np.cumsum(found.crosses, axis=1) - found.crosses
    before = found.ends[:, None] * (1 - 2 * (passed % 2))
    return np.where(found.crosses, -before, 0).astype(np.int8)


def _status(found: Found) -> NDArray[np.int8]:
    """What each stream is, by the number of its roots or why it has none."""
    cases = {
        Status.UNDECIDED: found.proof == Proof.MISSING,
        Status.SEVERAL: found.count > 1,
        Status.UNIQUE: found.count == 1,
        Status.NO_ROOT: found.changes > 0,
        Status.NO_SIGN_CHANGE: found.ends != 0,
    }
    return np.select(list(cases.values()), list(cases), Status.ALL_ZERO).astype(np.int8)


def _compounded(rates: Floats, power: float) -> Floats:
    """Rates over `power` periods; the least above -1 where the rate rounds to -1."""
    if power != 1.0:
        with np.errstate(over="ignore"):
            rates = np.expm1(power * np.log1p(np.maximum(rates, LEAST_RATE)))
    return np.maximum(rates, LEAST_RATE)


def _chosen(roots: Floats, crossing: NDArray[np.int8], count: NDArray[np.int64], choose: Choice) -> Floats:
    """The one root, or of several the nearest to zero of those that `choose` allows."""
    if roots.shape[1] == 1:
        return roots[:, 0]
    far = np.where(np.isnan(roots) | ((choose == "falling") & (crossing != -1)), np.inf, np.abs(roots))
    nearest = far.argmin(axis=1)
    rows = np.arange(len(roots))
    several = np.where(np.isinf(far[rows, nearest]) | (choose == "none"), np.nan, roots[rows, nearest])
    return np.where(count == 1, roots[:, 0], several)
