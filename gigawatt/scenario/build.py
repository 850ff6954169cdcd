"""From the merged tree to typed entities: values of the scenario first, then the catalog, then the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gigawatt.catalog import Fact
from gigawatt.scenario.entities import BASE_SECTIONS, PARTIES, SECTIONS, Entity
from gigawatt.scenario.fields import Spec, default_of, specs
from gigawatt.scenario.marks import Mark, Mistakes, Node, listed
from gigawatt.scenario.origin import Origin
from gigawatt.scenario.values import Names, Value, ValueReader, of_fact, unknown_fact
from gigawatt.scenario.vocabulary import Vocabulary, fitting
from gigawatt.units import Quantity

E = TypeVar("E")
STAND_IN = "suppliers"  # the party that stands in for chip makers outside the scenario
_PARAMETER = Spec(kind="number", meaning="", unit="any", lowest=None)


@dataclass(slots=True)
class Builder:
    """Builds all entities of a tree and remembers where each value came from."""

    vocabulary: Vocabulary
    mistakes: Mistakes
    tree: Node
    names: Names = field(default_factory=Names)
    origins: dict[str, Origin] = field(default_factory=dict)
    marks: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = known_names(self.tree, self.vocabulary)

    @property
    def reader(self) -> ValueReader:
        return ValueReader(self.names, self.mistakes)

    def section(self, name: str) -> dict[str, Any]:
        """All entities of one section, by name; those with mistakes are left out."""
        node = self.tree.map.get(name)
        if node is None:
            return {}
        if node.value is None:
            self.mistakes.add(node.mark, name, "nothing given", "remove the key, or write {} for none")
            return {}
        built = {key: self.entity(name, key, entity) for key, entity in node.map.items()}
        return {key: entity for key, entity in built.items() if entity is not None}

    def entity(self, section: str, key: str, node: Node) -> Entity | None:
        """One entity from its own values and the catalog item of its name, or that named by `like`."""
        path = f"{section}.{key}"
        if node.value is None:
            self.mistakes.add(node.key, path, "nothing to take away here", "write {} to take all from the catalog")
            return None
        facts = self.facts(section, key, node, path)
        if facts is None:
            return None
        own = {name: value for name, value in node.map.items() if name != "like"}
        declared = specs(SECTIONS[section])
        values = self.attributes(SECTIONS[section], own, facts, path, node)
        if values is None:
            return None
        extra = self.extra(own, facts, declared, path)
        return SECTIONS[section](key=key, extra=extra, **values)

    def facts(self, section: str, key: str, node: Node, path: str) -> dict[str, Fact] | None:
        """Catalog facts behind an entity: of its own name, or of the item named by `like`; None if that is unknown."""
        like = node.map.get("like")
        if like is None:
            return dict(self.vocabulary.facts(section, key))
        if not isinstance(like.value, str) or like.value not in self.vocabulary.items(section):
            name = like.value if isinstance(like.value, str) else like.kind()
            self.mistakes.unknown(like.mark, f"{path}.like", "catalog item", name, self.vocabulary.items(section))
            return None
        own_name = {} if "name" in node.map else {"name"}
        return {name: fact for name, fact in self.vocabulary.facts(section, like.value).items() if name not in own_name}

    def attributes(
        self, entity: type, own: Mapping[str, Node], facts: Mapping[str, Fact], path: str, at: Node
    ) -> dict[str, Any] | None:
        """Values of all declared attributes; None after noting required ones that are missing or wrong."""
        values: dict[str, Any] = {}
        missing = []
        before = len(self.mistakes)
        for name, spec in specs(entity).items():
            value = self.attribute(spec, name, own.get(name), facts, f"{path}.{name}", at)
            if value is not None:
                values[name] = value
            elif spec.required and name not in own:
                missing.append(name)
        if missing:
            like = "not in the catalog under this name, so give all of them or `like: NAME`"
            hint = "the catalog does not give it either, so write it here" if facts else like
            self.mistakes.add(at.key, path, f"missing {listed(missing)}", hint if issubclass(entity, Entity) else "")
        if len(self.mistakes) > before:
            return None
        return {name: values.get(name, _default(entity, name, specs(entity)[name])) for name in specs(entity)}

    def attribute(self, spec: Spec, name: str, own: Node | None, facts: Mapping[str, Fact], path: str, at: Node) -> Any:
        """One attribute: what the file says, else the catalog fact, else None."""
        if spec.is_map:
            return self.map(spec, name, own, facts, path)
        fact = facts.get(name)
        if own is not None:
            self.remember(path, own)
            unit = None if spec.unit != "any" else fact.unit if fact else _free_unit(own, name)
            return self.reader.read(spec, name, own, path, unit)
        if fact is None:
            return None
        value = self.reference(spec, self.of_fact(spec, name, fact, path), path, at)
        self.origins[path] = Origin(fact=fact)
        return value

    def of_fact(self, spec: Spec, name: str, fact: Fact, path: str) -> Value:
        """The value of a fact; None after noting that its unit does not fit the field."""
        try:
            return of_fact(spec, name, fact)
        except ValueError as error:
            place = Mark(f"catalog:{fact.table}", 0, 0)
            self.mistakes.add(place, path, f"{fact.item} {fact.attribute}: {error}")
            return None

    def reference(self, spec: Spec, value: Value, path: str, at: Node) -> Value:
        """A name from the catalog, if the scenario has it."""
        if not spec.names or not isinstance(value, str) or not value or self.names.allows(spec.names, value):
            return value
        if path.startswith("chips."):
            return STAND_IN
        unknown_fact(self.mistakes, at.key, path, spec, value, self.names)
        return value

    def map(self, spec: Spec, name: str, own: Node | None, facts: Mapping[str, Fact], path: str) -> Any:
        """A map: keys of the scenario over those of the catalog; shares that sum to 1 are given as a whole."""
        found: dict[str, Any] = {}
        if own is None or spec.total != "one":
            found = self.catalog_map(spec, name, facts, path)
        for key, node in own.map.items() if own is not None else ():
            if self.reader.key(spec, node, key, f"{path}.{key}"):
                self.remember(f"{path}.{key}", node)
                found[key] = self.reader.read(spec, name, node, f"{path}.{key}")
        if own is not None:
            self.remember(path, own)
        return {key: value for key, value in found.items() if value is not None} or None

    def catalog_map(self, spec: Spec, name: str, facts: Mapping[str, Fact], path: str) -> dict[str, Any]:
        """The catalog's values for keys that the scenario has; shares of 1 are shared out among these."""
        prefix = f"{name}."
        given = {key.removeprefix(prefix): fact for key, fact in facts.items() if key.startswith(prefix)}
        kept = {key: fact for key, fact in given.items() if self.names.allows(spec.keys, key)}
        values = {key: self.of_fact(spec, name, fact, path) for key, fact in kept.items()}
        self.origins.update({f"{path}.{key}": Origin(fact=fact) for key, fact in kept.items()})
        return values if spec.total != "one" or len(kept) == len(given) else _shared_out(values)

    def extra(
        self, own: Mapping[str, Node], facts: Mapping[str, Fact], declared: Mapping[str, Spec], path: str
    ) -> dict[str, Quantity | str]:
        """Attributes of the catalog that no field is declared for."""
        found: dict[str, Any] = {}
        for name, fact in facts.items():
            if name.split(".")[0] not in declared:
                found[name] = self.of_fact(_any_spec(fact.unit), name, fact, path)
                self.origins[f"{path}.{name}"] = Origin(fact=fact)
        for name, node in own.items():
            if name not in declared:
                unit = self.vocabulary.attributes(path.split(".")[0])[name]
                self.remember(f"{path}.{name}", node)
                found[name] = self.reader.read(_any_spec(unit), name, node, f"{path}.{name}", unit)
        return found

    def parameters(self) -> dict[str, Quantity]:
        """All parameters `group.field`: of the scenario where given, else of the catalog."""
        given = self.tree.map.get("parameters")
        groups = given.map if given is not None else {}
        found: dict[str, Quantity] = {}
        for name in self.vocabulary.parameters():
            group, _, leaf = name.partition(".")
            node = groups[group].map.get(leaf) if group in groups else None
            found[name] = self.parameter(name, node)
        return found

    def parameter(self, name: str, node: Node | None) -> Quantity:
        """A parameter: the value of the file, else of the catalog, with its origin noted."""
        fact = self.vocabulary.facts("parameters", name)["value"]
        default = of_fact(_PARAMETER, name, fact)
        assert isinstance(default, Quantity)
        path = f"parameters.{name}"
        if node is None:
            self.origins[path] = Origin(fact=fact)
            return default
        self.remember(path, node)
        spec = Spec(kind="number", meaning=fact.note[:80], unit="any", lowest=0.0 if default.value >= 0 else None)
        value = self.reader.read(spec, name, node, path, fact.unit)
        return value if isinstance(value, Quantity) else default

    def remember(self, path: str, node: Node) -> None:
        """Note the place in a file that a value comes from."""
        self.origins[path] = Origin(node.mark.file, node.mark.line, node.mark.column)
        self.marks[path] = node


def _default(entity: type, name: str, spec: Spec) -> Any:
    value = default_of(entity, name)
    unit = "1" if spec.unit == "any" else spec.unit_for(name)
    return Quantity(0.0, unit=unit) if isinstance(value, Quantity) else value


def _free_unit(node: Node, name: str) -> str:
    """The unit of a new item without a catalog unit: the first of the usual ones that its text fits."""
    usual = ("USD/unit",) if name.startswith("usd") else ("MW/week", "units/week", "GB/week")
    return next(iter(fitting(list(usual), node, dict(zip(usual, usual, strict=True)))), usual[0])


def _any_spec(unit: str) -> Spec:
    if unit in ("text", "date"):
        return Spec(kind="text", meaning="", blank=True)
    return Spec(kind="number", meaning="", unit="any", lowest=None)


def _shared_out(values: Mapping[str, Value]) -> dict[str, Any]:
    """Shares scaled to sum to 1."""
    numbers = {key: value for key, value in values.items() if isinstance(value, Quantity)}
    total = sum(value.value for value in numbers.values())
    return {key: Quantity(value.value / total, unit="1") for key, value in numbers.items()} if total else {}


def known_names(tree: Node, vocabulary: Vocabulary) -> Names:
    """The names that values of this scenario may refer to."""
    sections = {name: tuple(tree.map[name].map) if name in tree.map else () for name in SECTIONS}
    known = {
        "company": sections["companies"],
        "party": (*sections["companies"], *PARTIES),
        "segment": sections["segments"],
        "tier": sections["tiers"],
        "region": sections["regions"],
        "chip": sections["chips"],
        "family": _families(tree, vocabulary),
    }
    catalogs = {
        kind: vocabulary.items(table)
        for kind, table in (("model", "models"), ("technology", "power"), ("cooling", "cooling_kinds"))
    }
    return Names(known | {kind: names for kind, names in catalogs.items() if names})


def _families(tree: Node, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Families of the chips of a scenario."""
    found: dict[str, None] = {}
    for key, node in tree.map["chips"].map.items() if "chips" in tree.map else ():
        own, like = node.map.get("family"), node.map.get("like")
        item = like.value if like is not None and isinstance(like.value, str) else key
        fact = vocabulary.facts("chips", item).get("family")
        name = own.value if own is not None else fact.value if fact else None
        if isinstance(name, str):
            found[name] = None
    return tuple(found)


__all__ = ["BASE_SECTIONS", "Builder", "known_names"]
