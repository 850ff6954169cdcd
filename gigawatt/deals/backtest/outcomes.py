"""What happened by the end of 2002: read for scoring only, never by the test itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gigawatt import catalog
from gigawatt.catalog import Fact
from gigawatt.deals.book.schedule import quarter_name

TABLE = "telecom_outcomes"
EVERYBODY = "all vendors"  # item with what was published of all makers together


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a carrier defaulted by the end of 2002, when, and how."""

    defaulted: bool
    on: date | None
    later: date | None  # of a default after the end of 2002
    taken_over: date | None  # bought by a stronger carrier
    event: str

    @property
    def quarter(self) -> str:
        """Quarter of the default, such as 2001Q2; empty without one."""
        return quarter_name(self.on) if self.on else ""


def outcome(carrier: str) -> Outcome:
    """What became of one carrier."""
    facts = catalog.facts(TABLE, carrier)
    return Outcome(
        defaulted=bool(facts["defaulted"].value),
        on=_day(facts.get("defaulted_on")),
        later=_day(facts.get("defaulted_later_on")),
        taken_over=_day(facts.get("taken_over_on")),
        event=str(facts["event"].value),
    )


def _day(fact: Fact | None) -> date | None:
    return date.fromisoformat(str(fact.value)) if fact else None


def defaulted(carriers: tuple[str, ...]) -> NDArray[np.bool_]:
    """Whether each carrier defaulted by the end of 2002, shape (carriers,)."""
    return np.array([outcome(name).defaulted for name in carriers])


def published_losses(vendor: str) -> tuple[Fact, ...]:
    """What a maker of equipment published on losses from loans to customers, as provisions, reserves and charges."""
    if vendor not in catalog.items(TABLE):
        return ()
    return tuple(catalog.facts(TABLE, vendor).values())
