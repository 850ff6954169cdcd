"""Several files and overrides become one tree: what is written later or nearer wins, and null takes away."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from gigawatt.catalog import CatalogError
from gigawatt.scenario.document import parse, read_bytes
from gigawatt.scenario.entities import BASE_SECTIONS, SECTIONS
from gigawatt.scenario.marks import Mark, Mistakes, Node
from gigawatt.scenario.normal import Normaliser, expanded
from gigawatt.scenario.vocabulary import TOP_KEYS, Vocabulary, candidates

CATALOG = "catalog:"
MOST_INCLUDES = 100
LONGEST_SHOWN = 200


def merged(own: Node, under: Node) -> Node:
    """`own` over `under`: mappings are merged key by key, null removes what is under it, all else replaces."""
    if not isinstance(own.value, dict) or not isinstance(under.value, dict):
        return own
    entries = dict(under.map)
    for name, node in own.map.items():
        if node.value is None and name in entries:
            del entries[name]
        else:
            entries[name] = merged(node, entries[name]) if name in entries else node
    return own.with_map(entries)


@dataclass(slots=True)
class Reader:
    """Reads a file and what it includes, each under the file that names it."""

    vocabulary: Vocabulary
    mistakes: Mistakes
    open_files: list[str] = field(default_factory=list)
    includes: int = 0

    def text(self, content: bytes | str, label: str, folder: Path) -> Node:
        """A scenario from its text; relative includes start at `folder`."""
        tree = parse(content, label, self.mistakes)
        empty = Node({}, Mark(label, 1, 1), Mark(label, 1, 1))
        if tree is None:
            return empty
        own = Normaliser(self.vocabulary, self.mistakes).document(tree)
        under = empty
        for node in self.names(own.map.get("include")):
            under = merged(self.include(node, folder), under)
        return merged(own.with_map({key: node for key, node in own.map.items() if key != "include"}), under)

    def names(self, node: Node | None) -> list[Node]:
        """The entries of `include`: one text or a list of them."""
        if node is None or node.value is None:
            return []
        entries = node.value if isinstance(node.value, tuple) else (node,)
        texts = [entry for entry in entries if isinstance(entry.value, str) and entry.value]
        for entry in entries:
            if entry not in texts:
                allowed = "a list of catalog:NAME and file names"
                self.mistakes.add(entry.mark, "include", f"must be a name (got {entry.kind()})", allowed)
        return texts

    def include(self, node: Node, folder: Path) -> Node:
        """The tree of an included preset or file; empty, with a mistake noted, if it cannot be had."""
        name = str(node.value)
        self.includes += 1
        if self.includes > MOST_INCLUDES:
            self.mistakes.add(node.mark, "include", "too many includes", f"at most {MOST_INCLUDES} in all")
        elif name.startswith(CATALOG):
            return self.preset(node, name.removeprefix(CATALOG))
        else:
            return self.file(folder / name, node)
        return Node({}, node.mark, node.mark)

    def preset(self, node: Node, name: str) -> Node:
        try:
            text = self.vocabulary.catalog.preset(name)
        except (CatalogError, OSError, ValueError) as error:
            self.mistakes.add(node.mark, "include", str(error)[:LONGEST_SHOWN])
            return Node({}, node.mark, node.mark)
        return self.text(text, f"{CATALOG}{name}", Path())

    def file(self, path: Path, node: Node | None = None) -> Node:
        """A scenario from its file; `node` is the include that names it."""
        label = os.path.normpath(path)[-LONGEST_SHOWN:]
        at = node.mark if node else Mark(label, 1, 1)
        identity = os.path.realpath(path) if "\0" not in str(path) else label
        if identity in self.open_files:
            self.mistakes.add(at, "include", f"circular include: {label} includes itself, directly or by others")
            return Node({}, at, at)
        content = read_bytes(path, label, self.mistakes, node.mark if node else None)
        if content is None:
            return Node({}, at, at)
        self.open_files.append(identity)
        tree = self.text(content, label, path.parent)
        self.open_files.pop()
        return tree


def with_base(tree: Node, base: Node) -> Node:
    """Sections that the scenario does not mention, from the base preset."""
    missing = {name: base.map[name] for name in BASE_SECTIONS if name not in tree.map and name in base.map}
    return tree.with_map(tree.map | missing)


@dataclass(frozen=True, slots=True)
class Overrider:
    """Applies values given by path, such as `sites.abilene.power_mw`, to a tree."""

    vocabulary: Vocabulary
    mistakes: Mistakes

    def apply(self, tree: Node, path: str, value: Node, where: str) -> Node:
        """The tree with one value set; the same tree after noting a path that leads nowhere."""
        change = self.change(tree, path, value, where)
        return tree if change is None else merged(change, tree)

    def change(self, tree: Node, path: str, value: Node, where: str) -> Node | None:
        """The small tree that a path and a value stand for, in the common form."""
        parts = self.parts(tree, path, value, where)
        if parts is None:
            return None
        before = len(self.mistakes)
        prefix = where.removesuffix(path)
        normal = Normaliser(self.vocabulary, self.mistakes).document(expanded(parts, value), prefix)
        return normal if len(self.mistakes) == before else None

    def parts(self, tree: Node, path: str, value: Node, where: str) -> list[str] | None:
        """A path split at its dots; names of entities and parameters may hold dots themselves."""
        head, _, rest = path.partition(".")
        if self.is_parameter(tree, head, rest):
            head, rest = "parameters", path
        if head not in TOP_KEYS or head in ("include", "overrides", "scenarios"):
            allowed = [name for name in TOP_KEYS if name not in ("include", "overrides", "scenarios")]
            self.mistakes.unknown(value.key, where, "path", head, [*allowed, *self.vocabulary.groups()])
            return None
        if head in SECTIONS and rest:
            return self.entity_parts(tree, head, rest, value, where)
        if head == "parameters" and rest:
            group, _, name = rest.partition(".")
            return [head, group, name] if name else [head, group]
        if head == "programme" and rest:
            return [head, rest]
        if rest:
            self.mistakes.add(value.key, where, f"{head} has no parts to set", f"set {head} as a whole")
            return None
        return [head]

    def is_parameter(self, tree: Node, head: str, rest: str) -> bool:
        """True for `finance.max_leverage`; a group named like a section gives way to the entities of that section."""
        if head not in self.vocabulary.groups() or head not in SECTIONS:
            return head in self.vocabulary.groups() and head not in TOP_KEYS
        names = tree.map[head].map if head in tree.map else {}
        is_entity = any(rest == name or rest.startswith(f"{name}.") for name in names)
        return not is_entity and bool(candidates(rest, self.vocabulary.group(head)))

    def entity_parts(self, tree: Node, section: str, rest: str, value: Node, where: str) -> list[str] | None:
        """Split a path into section, entity and attribute, names with dots being kept whole; None if unknown."""
        names = tree.map[section].map if section in tree.map else {}
        known = max((name for name in names if rest == name or rest.startswith(f"{name}.")), key=len, default=None)
        if known is not None:
            attribute = rest[len(known) + 1 :]
            return [section, known, attribute] if attribute else [section, known]
        is_new = isinstance(value.value, dict) and (value.map or rest in self.vocabulary.items(section))
        if is_new:
            return [section, rest]
        self.mistakes.unknown(value.key, where, f"name in {section}", rest.split(".")[0], names)
        return None


def chosen_overrides(tree: Node, scenario: str | None, mistakes: Mistakes) -> list[str]:
    """The overrides of the scenario of that name, in order; noting unknown names in every scenario."""
    overrides, scenarios = (tree.map[key].map if key in tree.map else {} for key in ("overrides", "scenarios"))
    chosen: list[str] = []
    for name, node in scenarios.items():
        entries = node.value if isinstance(node.value, tuple) else (node,)
        for index, entry in enumerate(entries):
            path = f"scenarios.{name}[{index}]"
            if not isinstance(entry.value, str):
                mistakes.add(entry.mark, path, f"must be a name (got {entry.kind()})", "a list of override names")
            elif entry.value not in overrides:
                mistakes.unknown(entry.mark, path, "override", entry.value, overrides)
            elif name == scenario:
                chosen.append(entry.value)
    if scenario is not None and scenario not in scenarios:
        mistakes.unknown(replace(tree.mark, line=1, column=1), "scenarios", "scenario", scenario, scenarios)
    return chosen


def set_node(text: str, mistakes: Mistakes) -> tuple[str, Node] | None:
    """Path and value of a `--set path=value`; None after noting what is wrong with it."""
    label = "--set"
    path, equals, value = text.partition("=")
    path = path.strip()
    if not equals or not path or not value.strip():
        mistakes.add(Mark(label, 1, 1), path[:LONGEST_SHOWN], f"not path=value (got {text[:LONGEST_SHOWN]!r})",
                     "such as finance.max_leverage=3")  # fmt: skip
        return None
    offset = len(text) - len(value)
    found = Mistakes()
    node = parse(value, label, found)
    for mistake in found:
        mistakes.add(Mark(label, 1, mistake.column + offset), path, mistake.message, mistake.allowed)
    return None if node is None or len(found) else (path, _shifted(node, offset))


def _shifted(node: Node, offset: int) -> Node:
    """The marks of a value as columns of the whole `--set` text; the path itself starts in column 1."""

    def shift(inner: Node, key: Mark | None = None) -> Node:
        value = inner.value
        if isinstance(value, dict):
            value = {name: shift(item) for name, item in value.items()}
        elif isinstance(value, tuple):
            value = tuple(shift(item) for item in value)
        move = [replace(mark, line=1, column=mark.column + offset) for mark in (inner.mark, inner.key)]
        return replace(inner, value=value, mark=move[0], key=key or move[1])

    return shift(node, Mark("--set", 1, 1))
