"""From a project file to a `Project` with the ranges of its inputs, or to every mistake in it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.errors import GigawattError, ScenarioError, nearest
from gigawatt.finance.project.checking_bounds import CURRENCIES, GROUPS, SECTIONS, Problem, outside_of
from gigawatt.finance.project.delaying import delay_months
from gigawatt.finance.project.inputs import Contract, Cost, Per, Phase, Project
from gigawatt.project_file.cases import Cases, ended_in_cases, read_cases, read_sources
from gigawatt.project_file.fields import AMOUNT_UNITS, NAMED, Field, fields_of
from gigawatt.project_file.tree import tree_of
from gigawatt.project_file.values import Since, Values
from gigawatt.scenario.document import read_bytes
from gigawatt.scenario.marks import Mark, Mistakes, Node, listed
from gigawatt.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from gigawatt.finance.project.draws import Range
    from gigawatt.finance.project.lines import Input, Table

TEXT_LABEL = "<text>"
OUT_OF_RANGE = "is out of range"


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A project, the ranges of its uncertain inputs by path, and what the file says about it."""

    project: Project
    ranges: Mapping[str, Range] = field(default_factory=dict)
    description: str = ""


def load_project(path_or_text: str | Path, sets: Iterable[str] = ()) -> ProjectFile:
    """The project of a YAML file, or of YAML text (a str with a line break).

    Args:
        sets: Values such as `debt.senior.spread=3%`, put over those of the file.

    Raises:
        ScenarioError: With every mistake found, each with its place in the file.
    """
    mistakes = Mistakes()
    found: ProjectFile | None = None
    text = isinstance(path_or_text, str) and "\n" in path_or_text
    label = TEXT_LABEL if text else str(path_or_text)
    content = str(path_or_text) if text else read_bytes(Path(path_or_text), label, mistakes)
    if content is not None:
        tree = tree_of(content, label, sets, mistakes)
        name = "project" if text else Path(label).stem
        found = _Reading(mistakes).project(tree, name) if tree is not None else None
    if len(mistakes) or found is None:
        raise ScenarioError(mistakes)
    return found


@dataclass(slots=True)
class _Reading:
    """One project while it is read."""

    mistakes: Mistakes
    values: Values = field(init=False)

    def __post_init__(self) -> None:
        self.values = Values(self.mistakes)

    def project(self, tree: Node, name: str) -> ProjectFile | None:
        """The project of a tree with full names; None where a part of it cannot be read."""
        self.head(tree)
        named = tree.map.get("name")
        own = self.entity(Project, tree, "", skipped=("name",)) | {"name": self.text(named, "name") or name}
        phases = self.section(tree, "phases")
        self.values.since = _since(phases or (Phase(),), self.values.start)
        worked = own.get("operation_years", Project.__dataclass_fields__["operation_years"].default)
        self.values.years = max(1, ceil(self.values.since.completion / MONTHS_PER_YEAR + worked))
        parts: dict[str, Any] = {"phases": phases} if phases else {}
        for section in SECTIONS:
            if section != "phases" and section in tree.map:
                parts[section] = self.section(tree, section)
        for group, entity in GROUPS.items():
            if group in tree.map:
                parts[group] = self.group(entity, tree.map[group], group)
        missing = [key for key in ("assets", "capacity") if key not in tree.map]
        if missing:
            place = Mark(tree.mark.file, 1, 1)
            self.mistakes.add(place, "", f"missing {listed(missing)}", "a project needs assets and what they can do")
        parts = {name: part for name, part in parts.items() if part is not None}
        if "capacity" not in parts:
            return None
        return self.finished(Project(**{"assets": (), **own, **parts}), tree)

    def finished(self, project: Project, tree: Node) -> ProjectFile | None:
        """The project with sources and cases, once it is known to make sense."""
        from gigawatt.finance.project.checking import problems

        self.note(problems(project), tree)
        project = ended_in_cases(project, tree.map.get("cases"))
        inputs = self.inputs(project)
        if inputs is None:
            return None
        sources = read_sources(tree.map.get("sources"), inputs, self.mistakes) | self.values.sources
        cases: Cases = read_cases(tree.map.get("cases"), project, inputs, self.values)
        for path in self.values.ranges:
            if path not in inputs:
                self.mistakes.add(self.place(path, tree), path, "a range of a value that this project does not use",
                                  "give one number")  # fmt: skip
        described = self.text(tree.map.get("description"), "description") or ""
        told = replace(project, sources=sources, cases=cases)
        if not project.delay_months:
            told = replace(told, delay_months=delay_months(told, self.values.ranges))
        self.note((each for each in problems(told) if each.path.startswith("cases")), tree)
        self.ends_of_ranges(told, tree)
        return ProjectFile(told, dict(self.values.ranges), described)

    def ends_of_ranges(self, project: Project, tree: Node) -> None:
        """What an end of a range alone makes impossible."""
        from gigawatt.finance.project.checking_cases import problems_with

        if len(self.mistakes):
            return
        for path, each in self.values.ranges.items():
            for end in (each.low, each.high):
                for problem in problems_with(project, {path: end if len(end) > 1 else end[0]})[:1]:
                    self.mistakes.add(self.place(path, tree), path, f"at {end[0]:g}, an end of the range, "
                                      f"{problem.path}: {problem.message}", problem.allowed)  # fmt: skip

    def note(self, found: Iterable[Problem], tree: Node) -> None:
        """Problems with their places; not those of parts in which something could not be read."""
        unread = [mistake.path for mistake in self.mistakes]
        clock = any(path.startswith(("phases", "operation_years", "start", "periods_per_year")) for path in unread)
        for each in found:
            follows = any(path == each.path or path.startswith(f"{each.path}.") for path in unread)
            if not follows and not (clock and each.path.startswith(("contracts", "backstops", "debt"))):
                message = each.message
                written = self.found(each.path, tree)
                if message.endswith(OUT_OF_RANGE) and written is not None and isinstance(written.value, str):
                    message = f"{written.kind()} {OUT_OF_RANGE}"  # as it is written, with its unit
                self.mistakes.add(self.place(each.path, tree), each.path, message, each.allowed, each.near)

    def inputs(self, project: Project) -> Mapping[str, Input | Table] | None:
        """The inputs of the model; None where mistakes do not let it be made."""
        from gigawatt.finance.project.model import model_of

        try:
            return model_of(project).inputs
        except (GigawattError, ValueError, ArithmeticError, LookupError):
            if len(self.mistakes):
                return None
            raise

    def place(self, path: str, tree: Node) -> Mark:
        """Where a path stands in the file, or what it is part of."""
        node, rest = tree, path
        found = Mark(tree.mark.file, 1, 1)
        while rest and isinstance(node.value, dict):
            name = max((n for n in node.map if rest == n or rest.startswith(f"{n}.")), key=len, default=None)
            if name is None:
                break
            node, rest = node.map[name], rest[len(name) + 1 :]
            found = node.key if isinstance(node.value, dict) else node.mark
        return found

    def found(self, path: str, tree: Node) -> Node | None:
        """The value at a path of plain keys; None where the file has none."""
        node: Node | None = tree
        rest = path
        while rest and node is not None:
            name = max((n for n in node.map if rest == n or rest.startswith(f"{n}.")), key=len, default=None)
            node, rest = (None, "") if name is None else (node.map[name], rest[len(name) + 1 :])
        return node.map.get("value", node) if node is not None else None

    def head(self, tree: Node) -> None:
        """Currency and first day, which other values are read by."""
        node = tree.map.get("currency")
        if node is not None and isinstance(node.value, str):
            if node.value in CURRENCIES:
                self.values.currency = node.value
            else:
                near = nearest(node.value, CURRENCIES)
                self.mistakes.add(node.mark, "currency", f"unknown currency {node.value[:20]!r}",
                                  f"known: {listed(CURRENCIES)}", near)  # fmt: skip
        start = tree.map.get("start")
        if start is not None:
            day = self.values.date(start, "start")
            self.values.start = day if day is not None else self.values.start

    def text(self, node: Node | None, path: str) -> str | None:
        return None if node is None else self.values.text(node, path)

    def section(self, tree: Node, section: str) -> tuple[Any, ...]:
        """The entries of a section in order; those that cannot be made are left out."""
        node, entity = tree.map.get(section), SECTIONS[section]
        if node is None:
            return ()
        if not isinstance(node.value, dict):
            self.mistakes.add(node.mark, section, f"must be a mapping of names (got {node.kind()})",
                              "such as `chips: {capex: 4 B$, life: 5 years}`")  # fmt: skip
            return ()
        made = []
        for name, entry in node.map.items():
            path = f"{section}.{name}"
            if entry.value is not None and not isinstance(entry.value, dict):
                self.mistakes.add(entry.mark, path, f"must be a mapping (got {entry.kind()})", "one `key: value` each")
                continue
            given = self.entity(entity, entry, path)
            if self.complete(entity, given, entry, path):
                made.append(entity(**{NAMED.get(entity, "name"): name}, **given))
        return tuple(made)

    def group(self, entity: type, node: Node, path: str) -> Any:
        """One of a kind, such as `taxes`."""
        if not isinstance(node.value, dict):
            self.mistakes.add(node.mark, path, f"must be a mapping (got {node.kind()})", "one `key: value` each")
            return None
        given = self.entity(entity, node, path)
        return entity(**given) if self.complete(entity, given, node, path) else None

    def entity(self, entity: type, node: Node, path: str, skipped: tuple[str, ...] = ()) -> dict[str, Any]:
        """The values that are given, by field; wrong ones are noted."""
        given = {}
        for name, spec in fields_of(entity).items():
            value = node.map.get(name)
            if value is None or name in skipped:
                continue
            there = f"{path}.{name}" if path else name
            found = self.values.read(self.spec(entity, spec, node), value, there)
            if found is not None:
                given[name] = found
                if entity is Contract and name == "start_month":
                    self.values.starts[path] = found
        return given

    def spec(self, entity: type, spec: Field, node: Node) -> Field:
        """The field, with the unit of an amount as what it is paid for asks."""
        if entity is not Cost or spec.name != "amount":
            return spec
        per = node.map.get("per")
        name = per.value if per is not None and isinstance(per.value, str) else Per.year
        return replace(spec, units=AMOUNT_UNITS[Per(name)]) if name in list(Per) else replace(spec, units=("any",))

    def complete(self, entity: type, given: Mapping[str, Any], node: Node, path: str) -> bool:
        """Whether all required values are there; missing ones are noted."""
        missing = [name for name, spec in fields_of(entity).items() if spec.required and name not in node.map]
        if missing:
            self.mistakes.add(node.key, path, f"missing {listed(missing)}")
        made = all(name in given for name, spec in fields_of(entity).items() if spec.required)
        if not made:
            for each in outside_of(entity, given, path):
                field_there = node.map[each.path.rpartition(".")[2]]
                self.mistakes.add(field_there.mark, each.path, each.message, each.allowed)
        return made


def _since(phases: Iterable[Phase], start: dt.date) -> Since:
    """What months count from, as months after the start of the plan."""
    ready = [phase.start_month + phase.months for phase in phases]
    return Since(start, min(ready), max(ready))
