"""Which keys a scenario may use, and which name a key without its unit stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gigawatt.catalog import CatalogError, Fact
from gigawatt.scenario.entities import SECTIONS, Programme, Shock
from gigawatt.scenario.fields import specs
from gigawatt.scenario.marks import Node
from gigawatt.units import parse_quantity, unit_of

TOP_KEYS = (
    "name", "description", "start", "weeks", "seed", "include", "programme", *SECTIONS, "parameters", "shocks",
    "claims", "overrides", "scenarios",
)  # fmt: skip
_BARE = re.compile(r"[-+]?[\d_.,]+([eE][-+]?\d+)?")


class Catalog(Protocol):
    """What the scenario language asks of a catalog; `gigawatt.catalog` is one."""

    def items(self, table: str) -> Iterable[str]: ...
    def facts(self, table: str, item: str) -> Mapping[str, Fact]: ...
    def preset(self, name: str) -> str: ...


@dataclass(slots=True)
class Vocabulary:
    """Names of attributes, parameters and catalog items, read from the catalog once."""

    catalog: Catalog
    _items: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _attributes: dict[str, dict[str, str]] = field(default_factory=dict)

    def items(self, table: str) -> tuple[str, ...]:
        """Items of a catalog table; none where the catalog has no such table."""
        if table not in self._items:
            try:
                self._items[table] = tuple(self.catalog.items(table))
            except CatalogError:
                self._items[table] = ()
        return self._items[table]

    def facts(self, table: str, item: str) -> Mapping[str, Fact]:
        """Facts of an item; none for an item that the catalog does not hold."""
        return self.catalog.facts(table, item) if item in self.items(table) else {}

    def attributes(self, section: str) -> dict[str, str]:
        """Attributes of a section with their units: the declared ones, then others of the catalog."""
        if section not in self._attributes:
            declared = _declared({"programme": Programme, "shocks": Shock}.get(section) or SECTIONS[section])
            others = (fact for item in self.items(section) for fact in self.facts(section, item).values())
            extra = {fact.attribute.split(".")[0]: fact.unit for fact in others}
            like = {"like": "text"} if section in SECTIONS else {}
            self._attributes[section] = extra | like | declared
        return self._attributes[section]

    def parameters(self) -> dict[str, str]:
        """Parameters `group.field` with their units."""
        if "parameters" not in self._attributes:
            names = self.items("parameters")
            self._attributes["parameters"] = {name: self.facts("parameters", name)["value"].unit for name in names}
        return self._attributes["parameters"]

    def groups(self) -> tuple[str, ...]:
        """Groups of parameters, such as `finance`."""
        return tuple(dict.fromkeys(name.split(".")[0] for name in self.parameters()))

    def group(self, name: str) -> dict[str, str]:
        """Fields of one group of parameters with their units."""
        return {full.split(".", 1)[1]: unit for full, unit in self.parameters().items() if full.startswith(f"{name}.")}


def _declared(entity: type) -> dict[str, str]:
    return {name: spec.unit_for(name) if spec.kind == "number" else "text" for name, spec in specs(entity).items()}


def candidates(key: str, known: Mapping[str, str]) -> list[str]:
    """Known names that are `key` with a unit behind it: `budget` may be `budget_usd`."""
    if key in known:
        return [key]
    return [name for name in known if name.startswith(f"{key}_") and _is_unit_suffix(name.removeprefix(f"{key}_"))]


def _is_unit_suffix(suffix: str) -> bool:
    return all(word == "per" or unit_of(f"x_{word}") != "1" for word in suffix.split("_"))


def fitting(names: list[str], node: Node, known: Mapping[str, str]) -> list[str]:
    """Those of `names` whose unit the value can be read in."""
    sample = _sample(node)
    return [name for name in names if sample is None or _parses(sample, known[name])]


def is_bare(node: Node) -> bool:
    """True for numbers without a unit, such as `1200` or `8 to 30`."""
    sample = _sample(node)
    return sample is None or all(_BARE.fullmatch(part.strip()) for part in re.split(r"\s+to\s+", sample))


def _sample(node: Node) -> str | None:
    """The first text in a value."""
    if isinstance(node.value, str):
        return node.value
    parts = node.map.values() if isinstance(node.value, dict) else node.value or ()
    return next((text for text in map(_sample, parts) if text is not None), None)


def _parses(text: str, unit: str) -> bool:
    try:
        parse_quantity(text, unit)
    except ValueError:
        return False
    return True
