"""From a file or text to a `Scenario`, or to every mistake in it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import gigawatt.catalog
from gigawatt.claims import Claim, parse_claim
from gigawatt.errors import ScenarioError
from gigawatt.scenario.build import Builder
from gigawatt.scenario.check import check_programme, check_sections, check_shock
from gigawatt.scenario.entities import BASE_SECTIONS, SECTIONS, STANDING_USES, Programme, Shock
from gigawatt.scenario.fields import Spec, specs
from gigawatt.scenario.marks import Mark, Mistakes, Node
from gigawatt.scenario.merge import Overrider, Reader, chosen_overrides, merged, set_node, with_base
from gigawatt.scenario.scenario import Scenario
from gigawatt.scenario.vocabulary import Catalog, Vocabulary, candidates
from gigawatt.timeline import Timeline
from gigawatt.units import Quantity

MOST_WEEKS = 2600
TEXT_LABEL = "<text>"
_DATE = Spec(kind="date", meaning="first day of the plan, a Monday")
_WEEKS = Spec(
    kind="number", meaning=f"whole number of weeks, 1 to {MOST_WEEKS}", unit="weeks", lowest=1, highest=MOST_WEEKS
)
_SEED = Spec(kind="number", meaning="whole number that starts the random draws", unit="1", highest=2**53)
_TEXT = Spec(kind="text", meaning="a text", blank=True)


def load(path_or_text: str | Path, scenario: str | None = None, sets: Sequence[str] = ()) -> Scenario:
    """The scenario of a YAML file, or of YAML text (a str with a line break).

    Args:
        path_or_text: File, or text with at least one line break.
        scenario: Name of an entry of `scenarios`; its overrides are applied in order.
        sets: Values such as `finance.max_leverage=3`, applied last.

    Raises:
        ScenarioError: With every mistake found, each with its place in a file.
    """
    return load_with(gigawatt.catalog, path_or_text, scenario, sets)


def load_with(
    catalog: Catalog, path_or_text: str | Path | bytes, scenario: str | None = None, sets: Sequence[str] = ()
) -> Scenario:
    """`load` with another catalog; bytes are taken as the content of a file."""
    mistakes = Mistakes()
    loaded = _Loading(Vocabulary(catalog), mistakes).scenario(path_or_text, scenario, sets)
    if len(mistakes) or loaded is None:
        raise ScenarioError(mistakes)
    return loaded


@dataclass(frozen=True, slots=True)
class _Loading:
    """One load: read, merge, override, build, check."""

    vocabulary: Vocabulary
    mistakes: Mistakes

    def scenario(self, given: str | Path | bytes, scenario: str | None, sets: Sequence[str]) -> Scenario | None:
        tree, name = self.tree(given)
        if len(self.mistakes) and not tree.map:
            return None  # the file could not be read at all
        base = Reader(self.vocabulary, self.mistakes).text(self.base_text(), "catalog:base", Path())
        tree = self.overridden(with_base(tree, base), scenario, sets)
        name = f"{name}-{scenario}" if scenario else name
        return self.built(tree, base, name)

    def tree(self, given: str | Path | bytes) -> tuple[Node, str]:
        """The merged tree of a file or text, and the name that the file gives it."""
        reader = Reader(self.vocabulary, self.mistakes)
        if isinstance(given, bytes) or (isinstance(given, str) and "\n" in given):
            tree, name = reader.text(given, TEXT_LABEL, Path()), "scenario"
        else:
            tree, name = reader.file(Path(given)), Path(given).stem
        own = tree.map.get("name")
        return tree, str(own.value) if own is not None and own.value else name

    def base_text(self) -> str:
        """The base preset; empty where the catalog has none."""
        try:
            return self.vocabulary.catalog.preset("base")
        except gigawatt.catalog.CatalogError:
            return "{}\n"

    def overridden(self, tree: Node, scenario: str | None, sets: Sequence[str]) -> Node:
        """The tree with the overrides of the named scenario, then the sets. Other overrides are checked too."""
        overrider = Overrider(self.vocabulary, self.mistakes)
        chosen = chosen_overrides(tree, scenario, self.mistakes)
        every = tree.map["overrides"].map if "overrides" in tree.map else {}
        changed = tree
        for name in [*chosen, *(other for other in every if other not in chosen)]:
            for path, value in self.entries(every[name], f"overrides.{name}"):
                under = changed if name in chosen else tree
                change = overrider.change(under, path, value, f"overrides.{name}.{path}")
                if change is not None and name in chosen:
                    changed = merged(change, changed)
                elif change is not None:
                    self.check_change(merged(change, tree), change, f"overrides.{name}.")
        for text in sets:
            if (parsed := set_node(text, self.mistakes)) is not None:
                changed = overrider.apply(changed, parsed[0], parsed[1], parsed[0])
        return changed

    def entries(self, override: Node, path: str) -> list[tuple[str, Node]]:
        if not isinstance(override.value, dict):
            allowed = "write `dotted.path: value`"
            self.mistakes.add(override.mark, path, f"must be a mapping (got {override.kind()})", allowed)
        return list(override.map.items())

    def check_change(self, tree: Node, change: Node, prefix: str) -> None:
        """Note values of an override that is not applied now, as it would be if it were."""
        found = Mistakes()
        builder = Builder(self.vocabulary, found, tree)
        for section in SECTIONS:
            for key in change.map[section].map if section in change.map else ():
                if section in tree.map and key in tree.map[section].map:
                    builder.entity(section, key, tree.map[section].map[key])
        if "parameters" in change.map:
            builder.parameters()
        if "programme" in change.map:
            _programme(builder, tree)
        places = {(place.file, place.line) for place in _marks(change)}
        for mistake in found:
            if (mistake.file, mistake.line) in places:
                mark = Mark(mistake.file, mistake.line, mistake.column)
                self.mistakes.add(mark, prefix + mistake.path, mistake.message, mistake.allowed)

    def built(self, tree: Node, base: Node, name: str) -> Scenario | None:
        """The scenario of a merged tree; None if there are mistakes."""
        builder = Builder(self.vocabulary, self.mistakes, tree)
        head = self.head(tree, builder)
        timeline = head.get("timeline")
        sections = {section: builder.section(section) for section in SECTIONS}
        programme = _programme(builder, tree)
        shocks, claims = self.shocks(builder, tree, timeline), self.claims(builder, tree, timeline)
        parameters = builder.parameters()
        check_sections(builder, sections)
        if len(self.mistakes) or timeline is None:
            return None
        return Scenario(
            name=name, description=head["description"], start=timeline.start, weeks=timeline.weeks, seed=head["seed"],
            programme=programme, parameters=parameters, shocks=shocks, claims=claims, source=_source(tree, base, name),
            origins=builder.origins, **sections,
        )  # fmt: skip

    def head(self, tree: Node, builder: Builder) -> dict[str, Any]:
        """Start, weeks, seed and description, after their checks."""
        reader = builder.reader

        def read(key: str, spec: Spec) -> Any:
            node = tree.map.get(key)
            if node is None or (node.value is None and spec.blank):
                return None
            builder.remember(key, node)
            return reader.read(spec, key, node, key)

        missing = [key for key in ("start", "weeks") if key not in tree.map]
        if missing:
            allowed = "such as `start: 2026-01-05` (a Monday) and `weeks: 520`"
            self.mistakes.add(Mark(tree.mark.file, 1, 1), "", f"missing {', '.join(missing)}", allowed)
        start, weeks, seed = read("start", _DATE), read("weeks", _WEEKS), read("seed", _SEED)
        read("name", replace(_TEXT, blank=False))
        described = read("description", _TEXT) or ""
        self.whole(tree, "weeks", weeks)
        self.whole(tree, "seed", seed)
        timeline = self.timeline(tree, start, weeks)
        return {"timeline": timeline, "seed": int(float(seed or 0)), "description": described}

    def whole(self, tree: Node, key: str, quantity: Quantity | None) -> None:
        if quantity is not None and (quantity.low is not None or quantity.value != int(quantity.value)):
            node = tree.map[key]
            self.mistakes.add(node.mark, key, f"must be a whole number (got {node.kind()})")

    def timeline(self, tree: Node, start: date | None, weeks: Quantity | None) -> Timeline | None:
        if start is not None and start.weekday():
            monday = date.fromordinal(start.toordinal() - start.weekday())
            message = f"must be a Monday (got {start}, a {start:%A})"
            self.mistakes.add(tree.map["start"].mark, "start", message, "", monday.isoformat())
        return Timeline(start, int(weeks.value)) if start is not None and weeks is not None else None

    def entries_of(self, tree: Node, key: str) -> list[tuple[str, Node]]:
        """The entries of a list, with their paths."""
        node = tree.map.get(key)
        if node is None or node.value == ():
            return []
        if not isinstance(node.value, tuple):
            self.mistakes.add(node.mark, key, f"must be a list (got {node.kind()})", "one entry a line, after `- `")
            return []
        return [(f"{key}[{index}]", entry) for index, entry in enumerate(node.value)]

    def shocks(self, builder: Builder, tree: Node, timeline: Timeline | None) -> tuple[Shock, ...]:
        """The shocks of the file, in order."""
        found = []
        for path, node in self.entries_of(tree, "shocks"):
            if not isinstance(node.value, dict):
                allowed = "write `{kind: demand_drop, rate_per_year: 0.05, size: 0.4, weeks: 52}`"
                self.mistakes.add(node.mark, path, f"must be a mapping (got {node.kind()})", allowed)
                continue
            values = builder.attributes(Shock, self.keys_of_shock(node, path), {}, path, node)
            if values is not None:
                found.append(Shock(**values))
                check_shock(builder, found[-1], path, timeline)
        return tuple(found)

    def keys_of_shock(self, node: Node, path: str) -> dict[str, Node]:
        """The entries of a shock under their full names."""
        known = self.vocabulary.attributes("shocks")
        own = {}
        for key, value in node.map.items():
            names = candidates(key, known)
            if names:
                own[names[0]] = value
            else:
                self.mistakes.unknown(value.key, f"{path}.{key[:100]}", "key", key, specs(Shock))
        return own

    def claims(self, builder: Builder, tree: Node, timeline: Timeline | None) -> tuple[Claim, ...]:
        """The claims of the file, in order."""
        found = []
        for path, node in self.entries_of(tree, "claims"):
            builder.remember(path, node)
            try:
                claim = parse_claim(node.value if isinstance(node.value, str) else "", claim_names(tree))
            except ValueError as error:
                self.mistakes.add(node.mark, path, f"{error} (got {node.kind()})")
                continue
            found.append(claim)
            if timeline and not (claim.days[0] < timeline.end and timeline.start <= claim.days[1]):
                allowed = f"from {timeline.start} to before {timeline.end}"
                self.mistakes.add(node.mark, path, f"date outside the plan (got {node.kind()})", allowed)
        return tuple(found)


def claim_names(tree: Node) -> dict[str, list[str]]:
    """Names that claims may use, by the column of the results they stand in."""
    names = {section: list(tree.map[section].map) if section in tree.map else [] for section in SECTIONS}
    singular = {"company": "companies", "tier": "tiers", "region": "regions", "site": "sites", "segment": "segments"}
    found = {column: names[section] for column, section in singular.items()}
    uses = [*STANDING_USES, *names["tiers"], *names["missions"]]
    return found | {"use": uses, "item": [*names["supply"], "grid"]}


def _programme(builder: Builder, tree: Node) -> Programme | None:
    node = tree.map.get("programme")
    if node is None or node.value is None:
        return None
    values = builder.attributes(Programme, node.map, {}, "programme", node)
    if values is None:
        return None
    programme = Programme(**values)
    check_programme(builder, programme)
    return programme


def _marks(node: Node) -> list[Mark]:
    inner = node.map.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, tuple) else ()
    return [node.mark, node.key, *(mark for item in inner for mark in _marks(item))]


def _source(tree: Node, base: Node, name: str) -> dict[str, Any]:
    """The merged tree as plain data, without the sections that are as the base preset has them."""
    dropped = {"name", "overrides", "scenarios"} | {key for key in BASE_SECTIONS if _same(tree, base, key)}
    return {"name": name} | {key: node.plainly() for key, node in tree.map.items() if key not in dropped}


def _same(tree: Node, base: Node, key: str) -> bool:
    """Whether a section is as the base preset has it."""
    return key in tree.map and key in base.map and tree.map[key].plainly() == base.map[key].plainly()
