"""Loops of money: ways on which a dollar can come back to the company that paid it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Edges = Mapping[tuple[str, str], float]
LONGEST = 4
"""Companies in a loop at most."""


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
    """All loops of up to LONGEST companies out of `among`, those through which most could pass first."""
    onward: dict[str, dict[str, float]] = {}
    for (payer, payee), usd in payments.items():
        if payer in among and payee in among and payer != payee and usd > 0:
            onward.setdefault(payer, {})[payee] = usd
    found = [loop for first in sorted(onward) for loop in _from(first, (first,), float("inf"), onward)]
    return sorted(found, key=lambda loop: (-loop.least_usd, loop.companies))


def _from(first: str, way: tuple[str, ...], least: float, onward: Mapping[str, Mapping[str, float]]) -> list[Loop]:
    """Loops that begin with `way`; each is found once, from the company whose name comes first."""
    found = []
    for payee, usd in onward.get(way[-1], {}).items():
        if payee == first and len(way) > 1:
            found.append(Loop(way, min(least, usd)))
        elif payee > first and payee not in way and len(way) < LONGEST:
            found += _from(first, (*way, payee), min(least, usd), onward)
    return found
