"""Circles of money in rows, and what of the circulation needs a party."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_tables import Tables
from gigawatt.cli.deals_texts import aligned, billions, confidence_plain, keys_text
from gigawatt.cli.deals_years import network_to
from gigawatt.deals.book import Grounds, Network
from gigawatt.deals.circular import Circle, Step, all_circles, circulating, narrow_circles, through

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source

Row = dict[str, Any]
COLUMNS = (
    "list", "circle", "payments", "usd", "step", "payer", "payee", "step_usd", "kinds", "deals", "ordinary_payments",
    "confidence",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Circles by list, as asked for."""

    network: Network
    circles: Mapping[str, tuple[Circle, ...]]
    names: tuple[str, ...]  # parties that all circles pass
    round_usd: float  # the maximum circulation, whoever it passes
    without_usd: float | None  # the same without the payments of the party asked for; None unless it is one
    grounds: Grounds | None  # what amounts stand on; None for a run

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The payments of all circles, each pair once with the most that is on any circle."""
        most: dict[tuple[str, str], Step] = {}
        for step in (step for circles in self.circles.values() for circle in circles for step in circle.steps):
            pair = step.payer, step.payee
            if pair not in most or step.usd > most[pair].usd:
                most[pair] = step
        return tuple(most.values())

    @property
    def confidence(self) -> dict[str, float]:
        """USD of these payments by confidence; empty for a run."""
        return self.grounds.usd(self.steps) if self.grounds else {}


def found_of(
    source: Source, to: int | None, wanted: Iterable[str], longest: int, scope: str, names: Iterable[str]
) -> Found:
    """The lists wanted, of circles through all parties named.

    Raises:
        ValueError: A party is unknown, `longest` is too small, or there are millions of circles.
    """
    network = network_to(source, to)
    known = tuple(network.parties[network.number(name)] for name in names)
    every = {each: _circles(network, each, longest, scope) for each in wanted}
    return Found(
        network=network, circles={each: through(circles, known) for each, circles in every.items()}, names=known,
        round_usd=_round_usd(every.get("circulation", ())),
        without_usd=_without(network, known[0], scope) if len(known) == 1 and "circulation" in every else None,
        grounds=Grounds(source.load(), tuple(network.years)) if source.run is None else None,
    )  # fmt: skip


def _circles(network: Network, which: str, longest: int, scope: str) -> tuple[Circle, ...]:
    if which == "circulation":
        return circulating(network, scope)
    return (narrow_circles if which == "narrow" else all_circles)(network, longest, scope)


def _without(network: Network, name: str, scope: str) -> float:
    """What can go round without what a party pays and is paid, in USD."""
    others = network.where(lambda edge: name not in (edge.payer, edge.payee))
    return _round_usd(circulating(others, scope)) if others.edges else 0.0


def _round_usd(circles: Iterable[Circle]) -> float:
    return sum(circle.usd * len(circle.steps) for circle in circles)


def rows(circles: Sequence[Circle]) -> list[Row]:
    """A row for each circle as people read it."""
    out = []
    for circle in circles:
        narrowest = circle.bottleneck
        out.append({
            "circle": circle.label, "USD bn": billions(circle.usd),
            "smallest payment": f"{narrowest.payer} > {narrowest.payee} {billions(narrowest.usd)}",
            "paid for": ", ".join(step.kinds[0] for step in circle.steps),
            "deals and payments": keys_text([key for step in circle.steps for key in (step.deals or step.payments)]),
        })  # fmt: skip
    return aligned(out, ("circle", "smallest payment", "paid for", "deals and payments"))


def tables(found: Found) -> Tables:
    """The tables as files take them."""
    return Tables(
        rows={
            "circles": lambda: [row for each, circles in found.circles.items() for row in _plain(found, each, circles)],
            "confidence": lambda: confidence_plain(found.confidence),
        },
        columns={"circles": COLUMNS, "confidence": ("confidence", "usd", "share")},
        note="the most that can have gone round; the circles of the list circulation are one of several splits that "
        "are as good, and those of wide and narrow share payments",
    )  # fmt: skip


def _plain(found: Found, which: str, circles: Iterable[Circle]) -> list[Row]:
    """A row for each step of each circle."""
    return [
        dict(zip(COLUMNS, (
            which, circle.label, len(circle.steps), circle.usd, number, step.payer, step.payee, step.usd,
            " ".join(step.kinds), " ".join(step.deals), " ".join(step.payments),
            found.grounds.most(step) if found.grounds else "",
        ), strict=True))
        for circle in circles for number, step in enumerate(circle.steps, 1)
    ]  # fmt: skip
