"""Who loses how much if whom falls, by layer: what each party holds on, is promised by and guarantees for others."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from gigawatt.deals.book.parties import or_zero
from gigawatt.deals.flows import Array

LAYERS = ("stake", "warrant", "debt", "commitment", "undrawn", "guarantee")
"""Shares paid for; rights to shares; loans and bonds drawn and not yet repaid; purchases and rents still to come;
money promised and not yet paid in; what a guarantor would have to pay at most."""
OTHER_DEBT = "other debt"
"""Kind of debt of the opening balance sheet that no deal explains."""
HELD = frozenset({"stake", "warrant", "debt"})
"""Layers that are assets of the holder today; the others are promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one party would lose, or would have to pay, if another failed."""

    holder: str
    on: str
    layer: str  # one of LAYERS
    kind: str  # the instrument, or OTHER_DEBT
    seniority: str = ""
    usd: float  # paid so far, owed, still to come, or the cap; nan if it was not disclosed
    marked_usd: float  # stakes at the payee's market value where the share is known; else as `usd`
    until: date | None  # None: not known, or no end
    status: str = ""
    for_whom: str = ""  # guarantees: who would be paid
    deals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposures:
    """Exposures of all parties on a day, one for each deal."""

    parties: tuple[str, ...]
    day: date
    status: str
    rows: tuple[Exposure, ...]

    def where(self, wanted: Callable[[Exposure], bool]) -> Exposures:
        """The same parties with the exposures wanted."""
        return replace(self, rows=tuple(row for row in self.rows if wanted(row)))

    def matrix(self, layers: str | Collection[str] = LAYERS, *, marked: bool = False) -> Array:
        """[i, j] is what i holds on j in USD, shape (parties, parties); undisclosed amounts count as nothing.

        Raises:
            ValueError: A layer is unknown.
        """
        chosen = {layers} if isinstance(layers, str) else set(layers)
        if chosen - set(LAYERS):
            raise ValueError(f"layer {sorted(chosen - set(LAYERS))[0]!r}; known: {', '.join(LAYERS)}")
        place = {name: number for number, name in enumerate(self.parties)}
        out = np.zeros((len(place), len(place)))
        for row in self.rows:
            usd = row.marked_usd if marked else row.usd
            if row.layer in chosen and not math.isnan(usd):
                out[place[row.holder], place[row.on]] += usd
        return out

    def total_usd(self, layers: str | Collection[str] = LAYERS, *, marked: bool = False) -> float:
        """All exposures of these layers; a promise and its guarantee both count."""
        return float(self.matrix(layers, marked=marked).sum())

    def table(self) -> list[dict[str, Any]]:
        """One row for each holder, debtor, layer, kind and seniority, the largest first, with the deals behind it."""
        cells: dict[tuple[str, ...], list[Exposure]] = {}
        for row in self.rows:
            cells.setdefault((row.holder, row.on, row.layer, row.kind, row.seniority, row.for_whom), []).append(row)
        table = [
            {"holder": holder, "on": on, "layer": layer, "kind": kind, "seniority": seniority, "for": for_whom,
             "usd": known_sum(row.usd for row in rows), "marked_usd": known_sum(row.marked_usd for row in rows),
             "until": _last(rows), "deals": " ".join(key for row in rows for key in row.deals)}
            for (holder, on, layer, kind, seniority, for_whom), rows in cells.items()
        ]  # fmt: skip
        return sorted(
            table, key=lambda row: (LAYERS.index(row["layer"]), -or_zero(row["usd"]), row["holder"], row["on"])
        )


def known_sum(amounts: Any) -> float:
    """Sum of the amounts that are known; nan if none is."""
    found = [float(usd) for usd in amounts if not math.isnan(usd)]
    return math.fsum(found) if found else math.nan


def _last(rows: Iterable[Exposure]) -> date | None:
    """The latest end, None where none is known."""
    return max((row.until for row in rows if row.until is not None), default=None)
