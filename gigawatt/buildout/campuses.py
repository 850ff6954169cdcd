"""Campuses that were watched from the first works to power: what was planned, seen and reached, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

from gigawatt import catalog
from gigawatt.units import DAYS_PER_WEEK


@dataclass(frozen=True, slots=True, kw_only=True)
class Campus:
    """One row of the catalog's table `timelines`."""

    key: str
    name: str
    builder: str
    region: str
    shell: str
    start: dt.date  # of the first works
    up: tuple[tuple[dt.date, float], ...]  # MW of the buildings in full operation by a day
    expected: tuple[tuple[dt.date, float], ...]  # the same, expected when the table was read
    begun: tuple[dt.date, ...] = ()  # first works of the second phase and on, where they are dated
    over: tuple[dt.date, str] | None = None  # stage of the first phase that was seen to be over, by a day
    goal_mw: float = 0.0  # power that counts as what is to be predicted; 0 where only the first power is
    forecast: dt.date | None = None  # of the goal, made by others a few months before

    @property
    def first(self) -> tuple[dt.date, float]:
        """Day and MW of the first power."""
        return self.up[0]

    def reached(self, mw: float) -> tuple[dt.date, bool]:
        """The first day with so many MW, and whether it was seen or only expected."""
        for days, is_seen in ((self.up, True), (self.expected, False)):
            for day, power in days:
                if power >= mw:
                    return day, is_seen
        raise ValueError(f"campus {self.key}: {mw:g} MW are neither reached nor expected")

    def weeks_to(self, day: dt.date) -> float:
        """Weeks from the start to a day."""
        return (day - self.start).days / DAYS_PER_WEEK


@cache
def campuses() -> tuple[Campus, ...]:
    """All campuses of the catalog."""
    return tuple(_campus(key) for key in catalog.items("timelines"))


def _campus(key: str) -> Campus:
    facts = catalog.facts("timelines", key)
    text = {name: str(fact.value) for name, fact in facts.items() if fact.unit in ("text", "date")}
    return Campus(
        key=key, name=text["name"], builder=text["builder"], region=text["region"], shell=text["shell"],
        start=dt.date.fromisoformat(text["start"]), up=_days(facts, "up"), expected=_days(facts, "expected"),
        begun=tuple(dt.date.fromisoformat(day) for name, day in text.items() if name.startswith("begun_")),
        over=(dt.date.fromisoformat(facts["stage_over"].as_of), text["stage_over"]) if "stage_over" in text else None,
        goal_mw=float(facts["goal_mw"].value) if "goal_mw" in facts else 0.0,
        forecast=dt.date.fromisoformat(text["forecast"]) if "forecast" in text else None,
    )  # fmt: skip


def _days(facts: dict[str, catalog.Fact], kind: str) -> tuple[tuple[dt.date, float], ...]:
    """(day, MW) of the facts `KIND_1_mw`, `KIND_2_mw` ...; the day is the one as of which the value holds."""
    names = [name for name in facts if name.startswith(f"{kind}_") and name.endswith("_mw")]
    return tuple((dt.date.fromisoformat(facts[name].as_of), float(facts[name].value)) for name in names)
