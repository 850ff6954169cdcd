"""Circles of money by name: who pays whom round to the first, the smallest payment, and the deals behind each step.

Three lists, which answer different questions: the circles that the maximum circulation is made of, whose amounts add
up; all circles up to a length, which share payments, so that theirs do not; and those in which an investment comes
back to the investor as purchases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gigawatt.deals.book import Edge, Network
from gigawatt.deals.circular.scopes import scoped
from gigawatt.deals.circulation import circulation
from gigawatt.deals.flows import Array, Places
from gigawatt.deals.loops import Cycles, Loop, cycles

LONGEST = 4  # payments in a circle


@dataclass(frozen=True, slots=True)
class Step:
    """What one party of a circle pays the next in the period, in USD, and for what."""

    payer: str
    payee: str
    usd: float
    kinds: tuple[str, ...]  # the largest payment first
    deals: tuple[str, ...]  # keys of the deals it is paid under
    payments: tuple[str, ...]  # keys of the ordinary payments in it


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle of payments; the first party of a narrow one is the investor."""

    steps: tuple[Step, ...]
    usd: float  # what goes round: the smallest payment, or its part of the circulation

    @property
    def parties(self) -> tuple[str, ...]:
        """In the order in which money passes them."""
        return tuple(step.payer for step in self.steps)

    @property
    def bottleneck(self) -> Step:
        """The smallest of its payments."""
        return min(self.steps, key=lambda step: step.usd)

    @property
    def label(self) -> str:
        """In words, such as `Nvidia > OpenAI > Oracle > Nvidia`."""
        return " > ".join((*self.parties, self.parties[0]))


def circulating(network: Network, scope: str = "everybody") -> tuple[Circle, ...]:
    """The circles that the maximum circulation is made of, the largest first; length times amount adds up to it.

    The total is unique; its circles need not be.

    Raises:
        ValueError: The scope is unknown.
    """
    counted = scoped(network, scope).counted
    edges = _by_pair(counted)
    return tuple(_named(loop, counted, edges) for loop in circulation(counted.flows()).loops)


def all_circles(network: Network, longest: int = LONGEST, scope: str = "everybody") -> tuple[Circle, ...]:
    """Every circle of up to `longest` payments with its smallest payment, the largest first.

    Raises:
        ValueError: The scope is unknown, `longest` is below 1, or there are millions of circles.
    """
    counted = scoped(network, scope).counted
    found = cycles(counted.flows(), longest)
    edges = _by_pair(counted)
    return tuple(_named(loop, counted, edges) for loop in found.largest(len(found)))


def narrow_circles(
    network: Network, longest: int = LONGEST, scope: str = "everybody", for_each: int | None = None
) -> tuple[Circle, ...]:
    """Circles in which an investment comes back to the investor as purchases, the largest first, shorter before longer.

    Each begins with the investment; its amount is the smallest of the investment and of the purchases that follow.

    Args:
        for_each: How many are kept of each investment; by default all.

    Raises:
        ValueError: The scope is unknown, `longest` is below 2, or there are millions of circles.
    """
    if longest < 2:
        raise ValueError(f"longest must be 2 or more, is {longest}")
    counted = scoped(network, scope).counted
    invested = counted.where(lambda edge: edge.is_investment)
    bought = counted.where(lambda edge: edge.is_purchase)
    both = counted.where(lambda edge: edge.is_investment or edge.is_purchase)
    found: list[Circle] = []
    for parties, usd in _invested_first(
        cycles(both.flows(), longest), invested.flows().matrix(), bought.flows().matrix()
    ):
        names = tuple(counted.parties[int(party)] for party in parties)
        found.append(Circle(_steps(names, _by_pair(invested), _by_pair(bought)), usd))
    return tuple(_kept(sorted(found, key=_rank), for_each))


def through(circles: Iterable[Circle], names: Iterable[str]) -> tuple[Circle, ...]:
    """The circles that pass all of these parties."""
    wanted = set(names)
    return tuple(circle for circle in circles if wanted <= set(circle.parties))


def _invested_first(found: Cycles, invested: Array, bought: Array) -> list[tuple[Places, float]]:
    """Parties of each circle from an investor on, and what can come back, for all ways to turn it."""
    out: list[tuple[Places, float]] = []
    starts = found.ends - found.lengths
    for length in np.unique(found.lengths):
        places = starts[found.lengths == length][:, None] + np.arange(length)
        for turn in range(int(length) if length > 1 else 0):
            parties = np.roll(found.parties[places], -turn, axis=1)
            onward = np.roll(parties, -1, axis=1)
            usd = np.minimum(invested[parties[:, 0], onward[:, 0]], bought[parties[:, 1:], onward[:, 1:]].min(axis=1))
            out += [(parties[place], float(usd[place])) for place in np.flatnonzero(usd > 0.0)]
    return out


def _rank(circle: Circle) -> tuple[float, int, float, tuple[str, ...]]:
    """Most that comes back first, then fewer steps, then the largest of the smallest purchases."""
    return -circle.usd, len(circle.steps), -min(step.usd for step in circle.steps[1:]), circle.parties


def _kept(circles: list[Circle], for_each: int | None) -> list[Circle]:
    """The first `for_each` of each investment."""
    seen: dict[tuple[str, str], int] = {}
    out = []
    for circle in circles:
        first = circle.steps[0].payer, circle.steps[0].payee
        seen[first] = seen.get(first, 0) + 1
        if for_each is None or seen[first] <= for_each:
            out.append(circle)
    return out


Pairs = dict[tuple[str, str], list[Edge]]


def _by_pair(network: Network) -> Pairs:
    pairs: Pairs = {}
    for edge in network.edges:
        pairs.setdefault((edge.payer, edge.payee), []).append(edge)
    return pairs


def _named(loop: Loop, network: Network, edges: Pairs) -> Circle:
    names = tuple(network.parties[party] for party in loop.parties)
    return Circle(_steps(names, edges, edges), loop.bottleneck_usd)


def _steps(names: tuple[str, ...], first: Pairs, others: Pairs) -> tuple[Step, ...]:
    """A step from each party to the next: of payments in `first`, then of those in `others`."""
    pairs = zip(names, (*names[1:], names[0]), strict=True)
    return tuple(_step(pair, (others if place else first)[pair]) for place, pair in enumerate(pairs))


def _step(pair: tuple[str, str], edges: list[Edge]) -> Step:
    largest = sorted(edges, key=lambda edge: -edge.usd)
    deals = tuple(key for edge in largest for key in edge.deals)
    payments = tuple(key for edge in largest for key in edge.payments)
    return Step(*pair, sum(edge.usd for edge in edges), tuple(edge.kind for edge in largest), deals, payments)
