"""Streams that are hard on root finders, and Sturm's count of their roots in whole numbers to judge any answer by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import gcd

import numpy as np

Floats = np.ndarray
Random = np.random.Generator
ULPS = Fraction(4, 2**53)  # four times the distance of rates next to -1 in float64: roundings of the rate itself


def typical(streams: int, periods: int, seed: int = 0) -> Floats:
    """Two periods of building, then income that varies by half: one change of sign."""
    rng = np.random.default_rng(seed)
    flows = rng.uniform(5, 15, (streams, periods)) * 40 / periods
    flows[:, :2] = -rng.uniform(30, 75, (streams, 2))
    return flows


def with_closure(streams: int, periods: int, seed: int = 0) -> Floats:
    """Streams of `typical` that end in a cost of closure: two changes of sign, two roots or none."""
    flows = typical(streams, periods, seed)
    flows[:, -1] = -np.random.default_rng(seed + 1).uniform(5, 200, streams)
    return flows


# ------------------------------------------------------------------------------------------------- hard streams


def expanded(rates: Sequence[float]) -> Floats:
    """Flows whose roots are these rates, up to the rounding of the flows; periods = rates + 1."""
    factors = ([-1.0, 1.0 + rate] for rate in rates)
    return reduce(np.convolve, factors, np.ones(1))


def chosen_roots(rng: Random) -> Floats:
    """Two to five rates anywhere from -90 % to 1,000 %, and pairs that are not real."""
    flows = expanded(np.expm1(rng.uniform(-2.3, 2.4, rng.integers(2, 6))))
    for _ in range(rng.integers(0, 5)):
        size, angle = rng.uniform(0.5, 1.5), rng.uniform(0.2, 3.1)
        flows = np.convolve(flows, [1.0, -2 * size * np.cos(angle), size * size])
    return flows


def true_multiples(rng: Random) -> Floats:
    """Double and triple roots that the flows hold exactly: 1 + rate in eighths, few digits."""
    factors = [8.0, *rng.integers(2, 16, rng.integers(1, 3))]
    flows = np.ones(1)
    for growth in factors[1:]:
        for _ in range(rng.integers(2, 4)):
            flows = np.convolve(flows, [-growth, factors[0]])
    return flows if rng.random() < 0.5 else np.convolve(flows, [1.0, float(rng.integers(0, 4)), 4.0])


def near_doubles(rng: Random) -> Floats:
    """Two rates 1e-3 to 1e-13 apart, and up to three others."""
    rate = rng.uniform(-0.5, 1.0)
    others = rng.uniform(-0.5, 2.0, rng.integers(0, 4))
    return expanded([rate, rate + 10.0 ** rng.uniform(-13, -3), *others])


def nudged_doubles(rng: Random) -> Floats:
    """A double root with one flow moved by an ulp or three: two roots or none."""
    flows = expanded([rng.uniform(-0.3, 0.6)] * 2 + list(rng.uniform(-0.5, 1.0, rng.integers(0, 3))))
    at = rng.integers(len(flows))
    flows[at] += rng.integers(-3, 4) * np.spacing(flows[at])
    return flows


def alternating(rng: Random) -> Floats:
    """Signs that change every period, sizes over sixteen orders of magnitude."""
    n = rng.integers(4, 26)
    return 10.0 ** rng.uniform(-8, 8, n) * np.where(np.arange(n) % 2, 1.0, -1.0)


def walks(rng: Random) -> Floats:
    """A random walk of up to 25 periods."""
    return np.cumsum(rng.normal(size=rng.integers(3, 26)))


def far_roots(rng: Random) -> Floats:
    """Roots below -90 % or above 1,000 %."""
    low, high = np.expm1(rng.uniform(-12, -2.4, 2)), np.expm1(rng.uniform(2.4, 12, 2))
    return expanded([*low[: rng.integers(0, 3)], *high[: rng.integers(1, 3)]])


def small_whole(rng: Random) -> Floats:
    """Small whole numbers, as between two projects that exclude each other: roots at round rates, zeros within."""
    return rng.integers(-4, 5, rng.integers(3, 16)).astype(float)


def barely_none(rng: Random) -> Floats:
    """A square and a little: no root, by 1e-2 to 1e-15 of its size."""
    flows = expanded([rng.uniform(-0.3, 0.6)] * 2)
    flows[rng.integers(3)] += 10.0 ** rng.uniform(-15, -2)
    return -flows if rng.random() < 0.5 else flows


def closures(rng: Random) -> Floats:
    """Mines and reactors: building, 10 to 35 periods of income, a cost of closure."""
    return with_closure(1, int(rng.integers(14, 40)), int(rng.integers(2**31)))[0]


KINDS: tuple[Callable[[Random], Floats], ...] = (
    chosen_roots, true_multiples, near_doubles, nudged_doubles, alternating, walks, far_roots, small_whole, barely_none,
    closures,
)  # fmt: skip


def hard(streams: int, seed: int = 1) -> Iterator[tuple[str, Floats]]:
    """Streams with the name of their kind, in turn; each number of a seed is always the same stream."""
    for k in range(streams):
        kind = KINDS[k % len(KINDS)]
        yield kind.__name__, kind(np.random.default_rng([seed, k]))


# ---------------------------------------------------------------------------------------------------- reference


def whole_numbers(flows: Sequence[float]) -> list[int]:
    """Coefficients of the polynomial in 1 / (1 + rate) as whole numbers; [] when nothing flows."""
    exact = [Fraction(float(flow)) for flow in flows]
    below = max(flow.denominator for flow in exact)
    poly = [int(flow * below) for flow in exact]
    while poly and poly[-1] == 0:
        poly.pop()
    while poly and poly[0] == 0:
        poly.pop(0)
    return poly


def sturm_chain(poly: list[int]) -> list[list[int]]:
    """Sturm's chain: polynomial, derivative, and remainders with their signs turned, common factors left out."""
    chain = [poly, [t * c for t, c in enumerate(poly)][1:]]
    while len(chain[-1]) > 1:
        left, divisor = list(chain[-2]), chain[-1]
        while len(left) >= len(divisor):
            # Multiplied by |lead|, not lead: the signs of the remainder must stay.
            factor, place, size = left[-1], len(left) - len(divisor), abs(divisor[-1])
            turn = factor if divisor[-1] > 0 else -factor
            left = [c * size for c in left]
            for i, c in enumerate(divisor):
                left[place + i] -= turn * c
            left.pop()
        while left and left[-1] == 0:
            left.pop()
        if not left:
            break
        common = gcd(*left)
        chain.append([-c // common for c in left])
    return chain


def _sign(poly: list[int], x: Fraction | None) -> int:
    if x is None:
        return 1 if poly[-1] > 0 else -1
    total = 0
    for k, c in enumerate(reversed(poly)):
        total = total * x.numerator + c * x.denominator**k
    return (total > 0) - (total < 0)


def roots_between(chain: list[list[int]], low: Fraction, high: Fraction | None) -> int:
    """Different roots above `low` up to `high`, None for all above; neither may be a multiple root."""
    counts = []
    for x in (low, high):
        signs = [sign for sign in (_sign(poly, x) for poly in chain) if sign]
        counts.append(sum(a != b for a, b in pairwise(signs)))
    return counts[0] - counts[1]


def faults(flows: Sequence[float], rates: Sequence[float], within: float = 1e-9) -> tuple[int, int]:
    """False and missed roots of an answer: no root within `within` x (1 + rate), and roots without a rate."""
    poly = whole_numbers(flows)
    if len(poly) < 2:
        return len(rates), 0
    chain = sturm_chain(poly)
    there = roots_between(chain, Fraction(0), None)
    right = 0
    for at, rate in enumerate(sorted(rates)):
        low, high = _reach(sorted(rates), at, within)
        right += rate > -1 and roots_between(chain, 1 / high, 1 / low) >= 1
    return len(rates) - right, there - right


def _reach(rates: Sequence[float], at: int, within: float) -> tuple[Fraction, Fraction]:
    """Where 1 + rate may lie: within its tolerance or a few float64s, not beyond the middle to its neighbours."""
    growth = [1 + Fraction(rate) for rate in rates]
    reach = max(growth[at] * Fraction(within), ULPS)
    low, high = max(growth[at] - reach, growth[at] / 10**6), growth[at] + reach
    if at > 0:
        low = max(low, (growth[at] + growth[at - 1]) / 2)
    if at + 1 < len(rates):
        high = min(high, (growth[at] + growth[at + 1]) / 2)
    return low, high
