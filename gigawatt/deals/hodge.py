"""Helmholtz-Hodge decomposition of net payments: what runs downhill, what turns in triangles, what turns in the large.

The net flow of each pair is split into three parts that are orthogonal to each other: the gradient of a potential,
turns around triangles of parties who all deal with each other (curl), and turns around holes (harmonic). The circular
share is the part of the squared net flow that no potential explains. It is a measure of inconsistency with a ranking,
not of directed circles: three firms of whom one pays the other two, and the second the third, have no circle and yet a
circular share above 0. What a pair pays back to each other is netted before and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.components import components
from gigawatt.deals.flows import Array, Flows, Places, added, as_flows, square

WEIGHTS = ("unit", "links", "volume")
ROUNDED = 1e-12  # of the largest payment: how far a matrix with signs may be from [i, j] = -[j, i]
SETTLED = 1e-15  # relative gradient of the squared error at which least squares has settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Hodge:
    """The three parts of the net flow of each pair that deals; a pair is named once, the lower number first."""

    payer: Places  # lower number of the pair; a negative flow runs the other way
    payee: Places
    net_usd: Array
    gradient_usd: Array
    curl_usd: Array
    harmonic_usd: Array
    weight: Array  # of each pair
    potential: Array  # of each party, money runs from high to low; mean 0 over each part of the network whose parties
    # deal with each other, 0 for who deals with nobody (of all least-squares potentials the shortest); USD over weight

    @property
    def gradient(self) -> Array:
        """The part that runs downhill as a matrix, in USD: [i, j] is what i pays j net, and minus [j, i]."""
        return self._matrix(self.gradient_usd)

    @property
    def curl(self) -> Array:
        """The part that turns in triangles as a matrix, in USD."""
        return self._matrix(self.curl_usd)

    @property
    def harmonic(self) -> Array:
        """The part that turns round holes as a matrix, in USD."""
        return self._matrix(self.harmonic_usd)

    @property
    def gradient_share(self) -> float:
        """Share of the squared net flow, each over its weight, that runs down the potential."""
        return self._share(self.gradient_usd)

    @property
    def curl_share(self) -> float:
        """Share that turns in triangles."""
        return self._share(self.curl_usd)

    @property
    def harmonic_share(self) -> float:
        """Share that turns round holes: circles of four or more parties that no triangles fill."""
        return self._share(self.harmonic_usd)

    @property
    def circular_share(self) -> float:
        """Share of the squared net flow that no potential explains: curl and harmonic; 0 to 1."""
        return self._share(self.curl_usd + self.harmonic_usd)

    def _matrix(self, part: Array) -> Array:
        out = np.zeros((len(self.potential), len(self.potential)))
        out[self.payer, self.payee], out[self.payee, self.payer] = part, -part
        return out

    def _share(self, part: Array) -> float:
        whole = float((self.net_usd**2 / self.weight).sum())
        return min(1.0, float((part**2 / self.weight).sum()) / whole) if whole > 0.0 else 0.0


def hodge(flows: ArrayLike | Flows, weights: str | ArrayLike = "unit") -> Hodge:
    """Gradient, curl and harmonic part of the net payments between pairs.

    Minimises the sum over pairs of (net_ij - w_ij (potential_i - potential_j))^2 / w_ij; what is left is split by a
    second least squares over triangles. Money runs from a high potential to a low one: that of the source, whose
    gradient is s_j - s_i, is minus ours. Where all pairs net to 0 there is nothing to split, and all shares are 0,
    gradient and circular both.

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or what i pays j net, minus what j
            pays i, so that [i, j] = -[j, i] to 1e-12 of the largest; or Flows. Net amounts cannot tell a pair that pays
            back all from one that does not deal: give payments where such pairs should count as links.
        weights: Of each pair: `unit` is 1; `links` is how many of the two directions are paid, 1 or 2; `volume` is
            what the pair pays there and back; or a symmetric matrix, above 0 for all pairs that deal.

    Raises:
        ValueError: Weights are unknown, of a wrong shape, not symmetric or not above 0.

    Source: Jiang, Lim, Yao and Ye 2011, doi:10.1007/s10107-010-0419-x; for trade between firms
    doi:10.1007/s41109-019-0202-8.
    """
    found = as_flows(_one_way(flows)).between_parties()
    lower, upper, net, gross, links = _pairs(found)
    unit = float(gross.max(initial=0.0)) or 1.0  # parts do not depend on the currency, nor on its rounding
    weight = _weights(weights, lower, upper, gross / unit, links, found.parties)
    root = np.sqrt(weight)
    target = net / unit / root
    n, m = found.parties, len(net)

    def uphill(potential: Array) -> Array:
        return root * (potential[lower] - potential[upper])

    def inflow(flow: Array) -> Array:
        return added(lower, root * flow, n) - added(upper, root * flow, n)

    size = added(lower, weight, n) + added(upper, weight, n)
    potential = least_squares(uphill, inflow, target, size)
    gradient = uphill(potential)
    first, second, third = _triangles(lower, upper, n)

    def turning(turns: Array) -> Array:
        return (added(first, turns, m) + added(second, turns, m) - added(third, turns, m)) / root

    def turned(flow: Array) -> Array:
        scaled = flow / root
        return scaled[first] + scaled[second] - scaled[third]

    sides = 1.0 / weight[first] + 1.0 / weight[second] + 1.0 / weight[third]
    curl = turning(least_squares(turning, turned, target - gradient, sides))
    parts = [part * root * unit for part in (gradient, curl, target - gradient - curl)]
    return Hodge(
        payer=lower, payee=upper, net_usd=net, gradient_usd=parts[0], curl_usd=parts[1], harmonic_usd=parts[2],
        weight=weight, potential=_centred(potential, lower, upper) * unit,
    )  # fmt: skip


def _centred(potential: Array, lower: Places, upper: Places) -> Array:
    """The potential less its mean over each part of parties that deal with each other, directly or through others."""
    n = len(potential)
    ends = np.concatenate([lower, upper])
    order = np.argsort(ends, kind="stable")
    starts = np.searchsorted(ends[order], np.arange(n + 1)).astype(np.int64)
    part = components(starts, np.concatenate([upper, lower])[order])
    count = np.maximum(np.bincount(part, minlength=n), 1)
    centred: Array = potential - (added(part, potential, n) / count)[part]
    return centred


def _one_way(flows: ArrayLike | Flows) -> ArrayLike | Flows:
    """Net payments with signs as payments one way; others as they are."""
    if isinstance(flows, Flows):
        return flows
    matrix = square(flows, "flows")
    largest = float(np.abs(matrix).max(initial=0.0))
    signed = bool((np.abs(matrix + matrix.T) <= ROUNDED * largest).all())
    return np.maximum((matrix - matrix.T) / 2.0, 0.0) if signed else matrix


def least_squares(
    apply: Callable[[Array], Array], transpose: Callable[[Array], Array], target: Array, size: Array
) -> Array:
    """x that brings A x nearest to `target`, by conjugate gradients on the columns of A scaled to one length.

    Args:
        apply, transpose: A x and A' y.
        size: Squared length of each column of A; columns of 0 get x = 0.
    """
    scale = np.where(size > 0.0, 1.0 / np.sqrt(np.where(size > 0.0, size, 1.0)), 0.0)
    x, left = np.zeros(len(size)), target.copy()
    slope = scale * transpose(left)
    step, steep = slope.copy(), float(slope @ slope)
    enough = SETTLED**2 * float(target @ target)
    for _ in range(10 * len(size) + 10):
        if steep <= enough:
            break
        moved = apply(scale * step)
        far = steep / float(moved @ moved)
        x += far * step
        left -= far * moved
        slope = scale * transpose(left)
        before, steep = steep, float(slope @ slope)
        step = slope + steep / before * step
    return scale * x


def _pairs(flows: Flows) -> tuple[Places, Places, Array, Array, Array]:
    """Pairs that deal: lower and upper number, net and gross payments, directions paid."""
    low, high = np.minimum(flows.payer, flows.payee), np.maximum(flows.payer, flows.payee)
    keys, place = np.unique(low * flows.parties + high, return_inverse=True)
    place, count = place.ravel(), len(keys)
    signed = np.where(flows.payer < flows.payee, flows.usd, -flows.usd)
    sums = [added(place, what, count) for what in (signed, flows.usd, np.ones(len(signed)))]
    parties = max(flows.parties, 1)
    return keys // parties, keys % parties, sums[0], sums[1], sums[2]


def _weights(weights: str | ArrayLike, lower: Places, upper: Places, gross: Array, links: Array, parties: int) -> Array:
    if isinstance(weights, str):
        named = {"unit": np.ones(len(gross)), "links": links, "volume": gross}
        if weights not in named:
            raise ValueError(f"weights must be {', '.join(WEIGHTS)} or a matrix, not {weights!r}")
        return named[weights]
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (parties, parties):
        raise ValueError(f"weights must have shape {(parties, parties)}, one for each pair, not {given.shape}")
    there, back = given[lower, upper], given[upper, lower]
    if not ((there == back) & (there > 0.0) & np.isfinite(there)).all():
        raise ValueError("weights must be symmetric, finite and above 0 for every pair that deals")
    return there


def _triangles(lower: Places, upper: Places, parties: int) -> tuple[Places, Places, Places]:
    """Pairs a-b, b-c and a-c of every triangle a < b < c, as three arrays of places."""
    place = {(int(a), int(b)): k for k, (a, b) in enumerate(zip(lower, upper, strict=True))}
    above: list[set[int]] = [set() for _ in range(parties)]
    for a, b in place:
        above[a].add(b)
    found = [(k, place[b, c], place[a, c]) for (a, b), k in place.items() for c in sorted(above[a] & above[b])]
    sides: NDArray[np.int64] = np.array(found, dtype=np.int64).reshape(-1, 3)
    return sides[:, 0], sides[:, 1], sides[:, 2]
