"""The same shock with fewer and with more deals counted, and at both ends of all amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gigawatt.deals.book import Book
from gigawatt.deals.stress.flows import AMOUNTS
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


def ladder(
    book: Book, defaults: Sequence[str], on: str = "", statuses: Sequence[str] = STATUSES, **shock: Any
) -> tuple[Rung, ...]:
    """The shock for each status and each end of the amounts; `shock` as in `stress`."""
    return tuple(
        rung(stress(book, defaults, status=status, amounts=amounts, **shock), on)
        for status in statuses for amounts in AMOUNTS
    )  # fmt: skip


def rung(found: Stress, on: str = "") -> Rung:
    """One answer of the ladder."""
    more = found.run.defaulted & ~found.without.defaulted
    names = tuple(name for i, name in enumerate(found.firms) if more[i] and name not in found.shock.defaults)
    lost = hit_of(found, on).lost_usd if on else float("nan")
    return Rung(status=found.shock.status, amounts=found.shock.amounts, loss_usd=found.waterfall.total_usd,
                lost_usd=lost, defaults=names)  # fmt: skip
