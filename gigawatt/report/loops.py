"""Loops of money: ways on which a dollar can come back to who paid it, by a narrow and a wide definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Edges = Mapping[tuple[str, str], float]
Onward = Mapping[str, Mapping[str, float]]
LONGEST = 4
"""Companies in a loop at most."""
FOR_EACH_INVESTMENT = 3
"""Loops kept for each investment."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Companies in the order in which money passes them, and the least that any of them paid the next, USD."""

    companies: tuple[str, ...]
    least_usd: float

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Payer and payee of each step."""
        return tuple(zip(self.companies, (*self.companies[1:], self.companies[0]), strict=True))


def loops(payments: Edges, among: set[str]) -> list[Loop]:
    """Wide definition: all loops of any payments between up to LONGEST companies of `among`, the largest first."""
    onward = _onward(payments, among)
    found = []
    for first in sorted(onward):
        later = {payer: {payee: usd for payee, usd in to.items() if payee >= first} for payer, to in onward.items()}
        found += [Loop(way, least) for way, least in _ways(first, first, (first,), float("inf"), later)]
    return sorted(found, key=lambda loop: (-loop.least_usd, loop.companies))


def investment_loops(invested: Edges, bought: Edges, among: set[str]) -> list[Loop]:
    """Narrow definition: a company invests in another, and purchases lead back to it. The largest first.

    Each loop begins with the investor. For each investment the FOR_EACH_INVESTMENT loops are kept of which most can
    come back, shorter ones first among equals.
    """
    onward = _onward(bought, among)
    found = []
    for (investor, investee), usd in sorted(invested.items()):
        if {investor, investee} <= among and investor != investee and usd > 0:
            ways = _ways(investor, investee, (investor, investee), float("inf"), onward)
            ranked = sorted(ways, key=lambda way: (-min(usd, way[1]), len(way[0]), -way[1], way[0]))
            found += [Loop(way, min(usd, least)) for way, least in ranked[:FOR_EACH_INVESTMENT]]
    return sorted(found, key=lambda loop: (-loop.least_usd, len(loop.companies), loop.companies))


def _onward(payments: Edges, among: set[str]) -> dict[str, dict[str, float]]:
    """What each company of `among` paid to others of it."""
    onward: dict[str, dict[str, float]] = {}
    for (payer, payee), usd in payments.items():
        if payer in among and payee in among and payer != payee and usd > 0:
            onward.setdefault(payer, {})[payee] = usd
    return onward


def _ways(
    goal: str, at: str, way: tuple[str, ...], least: float, onward: Onward
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Ways on from `at` that end at `goal`, with the least payment on them."""
    for payee, usd in onward.get(at, {}).items():
        if payee == goal and len(way) > 1:
            yield way, min(least, usd)
        elif payee not in way and len(way) < LONGEST:
            yield from _ways(goal, payee, (*way, payee), min(least, usd), onward)
