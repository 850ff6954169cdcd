"""The same shock with fewer and with more deals counted, at both ends of all amounts, and of each assumption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from gigawatt.deals.book import AMOUNTS, Book
from gigawatt.deals.stress.assumptions import Assumptions, assumed, fact
from gigawatt.deals.stress.hits import hit_of
from gigawatt.deals.stress.shocks import Stress, stress

STATUSES = ("drawn", "firm", "announced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One answer: which deals count, at which end of the amounts, and what comes out, in USD."""

    status: str
    amounts: str
    loss_usd: float  # of all layers
    lost_usd: float  # receipts of the firm asked for; nan if none is
    defaults: tuple[str, ...]  # beside those named, and those who default without the shock


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What comes out with one assumption at its low and at its high end, in USD."""

    assumption: str
    loss_usd: tuple[float, float]  # of all layers
    lost_usd: tuple[float, float]  # receipts of the firm asked for; nan if none is
    defaults: tuple[tuple[str, ...], tuple[str, ...]]  # beside those named, and those who default without the shock

    @property
    def width_usd(self) -> float:
        """By how much the loss of all layers moves."""
        return abs(self.loss_usd[1] - self.loss_usd[0])


def ladder(
    book: Book, defaults: Sequence[str], on: str = "", statuses: Sequence[str] = STATUSES, **shock: Any
) -> tuple[Rung, ...]:
    """The shock for each status and each end of the amounts; `shock` as in `stress`."""
    return tuple(
        rung(stress(book, defaults, status=status, amounts=amounts, **shock), on)
        for status in statuses for amounts in AMOUNTS
    )  # fmt: skip


def swings(
    book: Book, defaults: Sequence[str], on: str = "", terms: Assumptions | None = None, **shock: Any
) -> tuple[Swing, ...]:
    """Each assumption moved alone to the ends of its range, that which moves the losses most first."""
    made = []
    for each in fields(Assumptions):
        ends = fact(each.name).low, fact(each.name).high
        moved = [replace(terms or assumed(), **{each.name: end}) for end in ends if end is not None]
        low, high = (rung(stress(book, defaults, terms=one, **shock), on) for one in moved)
        made.append(Swing(assumption=each.name, loss_usd=(low.loss_usd, high.loss_usd), defaults=(low.defaults,
                          high.defaults), lost_usd=(low.lost_usd, high.lost_usd)))  # fmt: skip
    return tuple(sorted(made, key=lambda swing: -swing.width_usd))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far an answer moves over rungs and swings: how many firms default beside those named, and losses in USD."""

    falls: tuple[int, int]
    loss_usd: tuple[float, float]
    others: tuple[str, ...]  # firms in default in some answers and not in the central one, most often first


def spread(found: Stress, rungs: Iterable[Rung], moved: Iterable[Swing]) -> Spread:
    """The ends of all answers, the central one among them; only firms that are judged by their cash count."""
    every = [(found.waterfall.total_usd, found.brought_down)]
    every += [(each.loss_usd, each.defaults) for each in rungs]
    every += [pair for each in moved for pair in zip(each.loss_usd, each.defaults, strict=True)]
    judged = {name for name in found.firms if name not in found.opened.lacks}
    fallen = [judged & set(names) for _, names in every]
    times = Counter(name for names in fallen for name in names - fallen[0])
    counts, losses = [len(names) for names in fallen], [usd for usd, _ in every]
    return Spread(falls=(min(counts), max(counts)), loss_usd=(min(losses), max(losses)),
                  others=tuple(sorted(times, key=lambda name: (-times[name], name))))  # fmt: skip


def rung(found: Stress, on: str = "") -> Rung:
    """One answer of the ladder."""
    lost = hit_of(found, on).lost_usd if on else float("nan")
    return Rung(status=found.shock.status, amounts=found.shock.amounts, loss_usd=found.waterfall.total_usd,
                lost_usd=lost, defaults=found.brought_down)  # fmt: skip
