"""The stages of construction: what comes after what, how long it takes, and who and what it needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gigawatt import catalog
from gigawatt.buildout.calendar import CALENDARS
from gigawatt.buildout.spread import Spread
from gigawatt.catalog import Fact
from gigawatt.errors import nearest

SITE, PHASE = "site", "phase"  # done once for a project, or for every phase of it
GRID, ONSITE = "grid", "onsite"  # sources of power that a stage belongs to; empty: to both
NEW, STANDING, PREFABRICATED = SHELLS = ("new", "standing", "prefabricated")  # what the halls are built in


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A kind of work. Its duration is that of `reference_mw` and grows with (MW / reference)^size_power."""

    name: str
    weeks: Spread
    after: tuple[str, ...] = ()
    per: str = PHASE
    power: str = ""  # grid or onsite: only projects powered that way go through it
    trade: str = ""  # whose workers it holds while it runs
    workers_per_mw: float = 0.0
    reference_mw: float = 200.0
    size_power: float = 0.0
    learning: float = 0.0  # share by which the duration falls with every doubling of the phases done at the site
    calendar: str = ""  # "outdoor": winter slows it
    in_shell: tuple[tuple[str, Spread], ...] = ()  # (shell, duration) where it is not that of a new building

    def __post_init__(self) -> None:
        if self.per not in (SITE, PHASE):
            raise ValueError(f"stage {self.name}: per is {self.per!r}; allowed: {SITE}, {PHASE}")
        if self.power not in ("", GRID, ONSITE):
            raise ValueError(f"stage {self.name}: power is {self.power!r}; allowed: {GRID}, {ONSITE}, or none")
        if self.calendar not in CALENDARS:
            raise ValueError(
                f"stage {self.name}: unknown calendar {self.calendar!r}; known: {', '.join(CALENDARS[1:])}"
            )
        for name, value, lowest in (("reference_mw", self.reference_mw, 1e-9), ("size_power", self.size_power, 0.0)):
            if not lowest <= value < math.inf:
                raise ValueError(f"stage {self.name}: {name} is {value:g}; wants a number of at least {lowest:g}")
        for shell, _ in self.in_shell:
            if shell not in SHELLS:
                raise ValueError(f"stage {self.name}: unknown shell {shell!r}; known: {', '.join(SHELLS)}")
        if not 0.0 <= self.workers_per_mw < math.inf or (self.workers_per_mw > 0.0 and not self.trade):
            raise ValueError(f"stage {self.name}: {self.workers_per_mw:g} workers per MW of trade {self.trade!r}")
        if not 0.0 <= self.learning < 1.0:
            raise ValueError(f"stage {self.name}: learning {self.learning:g} is not within 0 and 1")

    def duration(self, shell: str = NEW) -> Spread:
        """Weeks of it in a new, a standing or a prefabricated shell."""
        return dict(self.in_shell).get(shell, self.weeks)


@cache
def standard_stages() -> tuple[Stage, ...]:
    """The stages of the catalog, predecessors first."""
    return ordered(_stage(name) for name in catalog.items("stages"))


def _stage(name: str) -> Stage:
    return stage_of(name, catalog.facts("stages", name))


def stage_of(name: str, facts: dict[str, Fact]) -> Stage:
    """A stage from its facts.

    Raises:
        ValueError: It has no duration, or one that is not above 0.
    """
    if "weeks" not in facts:
        raise ValueError(f"stage {name}: has no duration (weeks)")
    texts = {key: str(facts[key].value) for key in ("per", "power", "trade", "calendar") if key in facts}
    numbers = {
        key: float(facts[key].value)
        for key in ("workers_per_mw", "reference_mw", "size_power", "learning")
        if key in facts
    }
    after = tuple(str(facts["after"].value).split()) if "after" in facts else ()
    shells = [(shell, facts[f"{shell}_weeks"]) for shell in SHELLS if f"{shell}_weeks" in facts]
    try:
        weeks, in_shell = Spread.of(facts["weeks"]), tuple((shell, Spread.of(fact)) for shell, fact in shells)
    except ValueError as error:
        raise ValueError(f"stage {name}: weeks {error}") from error
    return Stage(name=name, weeks=weeks, after=after, in_shell=in_shell, **texts, **numbers)  # type: ignore[arg-type]


def ordered(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """The stages with predecessors first.

    Raises:
        ValueError: There are none, a name stands twice, a predecessor is unknown, or stages wait for each other in a
            circle; names them.
    """
    given = tuple(stages)
    if not given:
        raise ValueError("there are no stages")
    known = {stage.name: stage for stage in given}
    if len(known) < len(given):
        twice = sorted({stage.name for stage in given if sum(other.name == stage.name for other in given) > 1})
        raise ValueError(f"stages that stand twice: {', '.join(twice)}")
    for stage in given:
        for name in stage.after:
            if name not in known:
                near = nearest(name, tuple(known))
                hint = f"; did you mean {near!r}?" if near else ""
                raise ValueError(f"stage {stage.name} comes after unknown stage {name!r}{hint}")
    placed: dict[str, Stage] = {}
    while len(placed) < len(given):
        free = [s for s in given if s.name not in placed and all(name in placed for name in s.after)]
        if not free:
            raise ValueError(f"stages wait for each other in a circle: {' -> '.join(_circle(known, placed))}")
        placed |= {stage.name: stage for stage in free}
    return tuple(placed.values())


def longest_chains(stages: Sequence[Stage], weeks: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
    """The longest chain of stages from each one, itself first, to power, with nothing short.

    All that asks for a longest way through the stages asks this; how long it is, `length` tells.

    Args:
        stages: With predecessors first; those that are left out are passed over.
        weeks: Of each of them.
    """
    found: dict[str, tuple[str, ...]] = {}
    for stage in reversed(stages):
        after = (found[other.name] for other in stages if stage.name in other.after)
        found[stage.name] = (stage.name, *max(after, key=lambda chain: length(chain, weeks), default=()))
    return found


def length(chain: Iterable[str], weeks: Mapping[str, float]) -> float:
    """Weeks of a chain of stages."""
    return sum(weeks[name] for name in chain)


def weeks_to_power(name: str, stages: Iterable[Stage] | None = None) -> float:
    """Weeks from the begin of a stage to power on the longest way, at medians, with nothing short."""
    known = standard_stages() if stages is None else ordered(stages)
    weeks = {stage.name: stage.weeks.median for stage in known}
    return length(longest_chains(known, weeks)[name], weeks)


def _circle(known: dict[str, Stage], placed: dict[str, Stage]) -> list[str]:
    """One circle among the stages that could not be placed: each comes after the next."""
    name = next(name for name in known if name not in placed)
    walk: list[str] = []
    while name not in walk:
        walk.append(name)
        name = next(before for before in known[name].after if before not in placed)
    return [*walk[walk.index(name) :], name]
