"""Every circle of payments up to a length: who pays whom round to the first, and the smallest payment in it.

Circles share payments, so their amounts do not add up to the money that goes round: that is the
[circulation](gigawatt.deals.circulation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import index
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.deals.flows import Array, Flows, Places, as_flows
from gigawatt.deals.loops_kernels import bounded_cycles

LIMIT = 5_000_000  # circles held at once: 0.4 GB at length 6


@dataclass(frozen=True, slots=True)
class Loop:
    """A circle of payments: each party pays the next, the last the first. Iterate for its parties."""

    parties: tuple[int, ...]  # the lowest number first
    bottleneck_usd: float  # the smallest of its payments, or what a decomposition gives to it
    sum_usd: float  # its payments together

    def __len__(self) -> int:
        return len(self.parties)

    def __iter__(self) -> Iterator[int]:
        return iter(self.parties)

    def label(self, names: Sequence[str]) -> str:
        """The circle in words, such as `Nvidia > OpenAI > Oracle > Nvidia`."""
        return " > ".join(names[party] for party in (*self.parties, self.parties[0]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycles:
    """Circles of payments, as columns; iterate for one `Loop` each, or take some by place or slice."""

    parties: Places  # of all circles end to end
    ends: Places  # where each circle ends in `parties`, shape (circles,)
    bottleneck_usd: Array  # smallest payment of each circle
    sum_usd: Array  # payments of each circle together

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, place: int) -> Loop: ...

    @overload
    def __getitem__(self, place: slice) -> list[Loop]: ...

    def __getitem__(self, place: int | slice) -> Loop | list[Loop]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(f"circle {place} of {len(self)}")
        place %= len(self)
        begin = int(self.ends[place - 1]) if place else 0
        parties = tuple(int(party) for party in self.parties[begin : self.ends[place]])
        return Loop(parties, float(self.bottleneck_usd[place]), float(self.sum_usd[place]))

    def __iter__(self) -> Iterator[Loop]:
        return (self[place] for place in range(len(self)))

    @property
    def lengths(self) -> Places:
        """Payments in each circle, shape (circles,)."""
        return np.diff(self.ends, prepend=0)

    def by_length(self) -> Places:
        """How many circles have 0, 1, 2, ... payments."""
        return np.bincount(self.lengths).astype(np.int64)

    def largest(self, count: int) -> list[Loop]:
        """The circles with the largest bottlenecks, largest first."""
        return [self[int(place)] for place in np.argsort(-self.bottleneck_usd, kind="stable")[:count]]


def cycles(flows: ArrayLike | Flows, max_length: int | None = None, *, limit: int = LIMIT) -> Cycles:
    """Every circle of up to `max_length` payments in which no party comes twice, each once.

    A payment to oneself is a circle of one. Payments from one party to another count as one edge.

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or Flows.
        max_length: Payments in the longest circle, 1 or more; by default as many as there are parties. The number of
            circles can grow as fast as the factorial of the parties, so give a bound for dense networks.
        limit: The most circles that may be held.

    Raises:
        ValueError: `max_length` is below 1 or no whole number, or there are more than `limit` circles.

    Source: the problem is that of Johnson 1975, doi:10.1137/0204007; search from the lowest vertex as in Tiernan 1970
    (Communications of the ACM 13), cut short by distances.
    """
    found = as_flows(flows)
    most = max(found.parties, 1) if max_length is None else _whole(max_length)
    if most < 1:
        raise ValueError(f"max_length must be 1 or more, is {max_length}")
    order = np.argsort(found.payee, kind="stable")
    back = np.searchsorted(found.payee[order], np.arange(found.parties + 1)).astype(np.int64)
    bound = min(most, max(found.parties, 1))
    sides = (found.starts(), found.payee, found.usd, back, found.payer[order], found.usd[order])
    count, parties, ends, bottleneck, summed = bounded_cycles(*sides, bound, limit)
    if count > limit:
        raise ValueError(f"there are more than {limit} circles of up to {most} payments: lower max_length")
    return Cycles(parties=parties, ends=ends, bottleneck_usd=bottleneck, sum_usd=summed)


def _whole(max_length: int) -> int:
    try:
        return int(index(max_length))
    except TypeError:
        raise ValueError(f"max_length must be a whole number, is {max_length!r}") from None
