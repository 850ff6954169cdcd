"""The scenario: everything a run needs, typed and frozen, with the origin of every value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from gigawatt.claims import Claim
from gigawatt.scenario.entities import (
    SECTIONS,
    Chip,
    Company,
    Deal,
    Mission,
    Programme,
    Region,
    Segment,
    Shock,
    Site,
    Supply,
    Tier,
)
from gigawatt.scenario.origin import Origin
from gigawatt.timeline import Timeline
from gigawatt.units import Quantity

FORMAT = 1  # raise when the same scenario means something else, so that hashes differ


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario file with its includes, overrides and catalog values resolved.

    `parameters` maps `group.field` to its quantity. Shocks and claims keep the order of the file.
    """

    name: str
    description: str
    start: date
    weeks: int
    seed: int
    programme: Programme | None
    companies: dict[str, Company]
    segments: dict[str, Segment]
    tiers: dict[str, Tier]
    missions: dict[str, Mission]
    regions: dict[str, Region]
    supply: dict[str, Supply]
    chips: dict[str, Chip]
    sites: dict[str, Site]
    deals: dict[str, Deal]
    parameters: dict[str, Quantity]
    shocks: tuple[Shock, ...]
    claims: tuple[Claim, ...]
    source: dict[str, Any] = field(repr=False, compare=False)
    origins: dict[str, Origin] = field(repr=False, compare=False)

    @property
    def timeline(self) -> Timeline:
        """The weeks of the plan."""
        return Timeline(self.start, self.weeks)

    @property
    def hash(self) -> str:
        """SHA-256 of everything that can change a result; name and description cannot."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """The scenario as JSON in one fixed spelling."""
        content = {item.name: _plain(getattr(self, item.name)) for item in fields(self) if item.compare}
        for name in ("name", "description"):
            del content[name]
        return json.dumps(content | {"format": FORMAT}, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def merged(self) -> dict[str, Any]:
        """Plain data that, written as YAML and loaded again, gives the same scenario."""
        return json.loads(json.dumps(self.source))  # type: ignore[no-any-return]

    def origin(self, path: str) -> Origin:
        """Where the value at a path such as `companies.OpenAI.cash_usd` or `finance.max_leverage` comes from.

        Raises:
            KeyError: The scenario has no value there.
        """
        for full in (path, f"parameters.{path}"):
            if full in self.origins:
                return self.origins[full]
        if path in self.values():
            return Origin()
        raise KeyError(f"no value at {path!r}")

    def values(self) -> dict[str, Quantity | str]:
        """Every value used, by path; dates as text. Maps give one value for each key."""
        found: dict[str, Quantity | str] = {"start": self.start.isoformat()}
        found |= {"weeks": Quantity(float(self.weeks), unit="weeks"), "seed": Quantity(float(self.seed), unit="1")}
        for section in SECTIONS:
            for key, entity in getattr(self, section).items():
                found.update(_values(entity, f"{section}.{key}"))
        if self.programme is not None:
            found.update(_values(self.programme, "programme"))
        found |= {f"parameters.{name}": quantity for name, quantity in self.parameters.items()}
        for index, shock in enumerate(self.shocks):
            found.update(_values(shock, f"shocks[{index}]"))
        return found | {f"claims[{index}]": claim.text for index, claim in enumerate(self.claims)}

    def assumptions(self) -> Iterator[tuple[str, Quantity | str, Origin]]:
        """Path, value and origin of every value used, in the order of the sections.

        Amounts that are 0 because nobody gave them are left out.
        """
        for path, value in self.values().items():
            if path in self.origins or isinstance(value, str) or value.value:
                yield path, value, self.origins.get(path, Origin())


def _values(entity: Any, path: str) -> Iterator[tuple[str, Quantity | str]]:
    named = {item.name: getattr(entity, item.name) for item in fields(entity) if item.name not in ("key", "extra")}
    for name, value in (named | getattr(entity, "extra", {})).items():
        if isinstance(value, dict):
            yield from ((f"{path}.{name}.{key}", inner) for key, inner in value.items())
        elif isinstance(value, date):
            yield f"{path}.{name}", value.isoformat()
        elif value not in (None, ""):
            yield f"{path}.{name}", value


def _plain(value: Any) -> Any:
    """Values as JSON can hold them."""
    match value:
        case Quantity():
            ends = [None if end is None else float(end) for end in (value.value, value.low, value.high)]
            return [*ends, value.unit, value.shape]
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_plain(inner) for inner in value]
        case _ if hasattr(value, "__dataclass_fields__"):
            return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        case _:
            return value
