"""One form for every file: known keys only, full names with units, dotted keys written out as mappings.

`sites.x.power: 1.2 GW` and `sites: {x: {power_mw: 1200}}` come out alike, so that files and overrides can be merged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gigawatt.scenario.entities import SECTIONS, Programme
from gigawatt.scenario.fields import Spec, specs
from gigawatt.scenario.marks import Mistakes, Node, listed
from gigawatt.scenario.vocabulary import TOP_KEYS, Vocabulary, candidates, fitting, is_bare

LONGEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Brings a tree as it was written into the common form, noting every key that is not allowed."""

    vocabulary: Vocabulary
    mistakes: Mistakes

    def document(self, root: Node, prefix: str = "") -> Node:
        """A whole file, or the tree that an override stands for; `prefix` goes before paths in messages."""
        if not isinstance(root.value, dict):
            self.mistakes.add(root.mark, prefix, f"a scenario is a mapping (got {root.kind()})", "write `key: value`")
            return root.with_map({})
        entries = {}
        for key, node in root.map.items():
            if key not in TOP_KEYS:
                self.mistakes.unknown(node.key, prefix + key[:LONGEST_KEY], "key", key, TOP_KEYS)
            elif (normal := self.section(key, node, prefix + key)) is not None:
                entries[key] = normal
        return root.with_map(entries)

    def section(self, key: str, node: Node, path: str) -> Node | None:
        """One top-level key; lists and plain values pass as they are."""
        if key not in SECTIONS and key not in ("programme", "parameters", "overrides", "scenarios"):
            return node
        if node.value is None:
            return node
        if not self.is_mapping(node, path):
            return None
        if key == "programme":
            return self.entity(key, node, path)
        if key == "parameters":
            return self.parameters(node, path)
        return node.with_map(self.entities(key, node, path)) if key in SECTIONS else node

    def is_mapping(self, node: Node, path: str) -> bool:
        if isinstance(node.value, dict):
            return True
        self.mistakes.add(node.mark, path, f"must be a mapping (got {node.kind()})", "write `name: {key: value}`")
        return False

    def entities(self, section: str, node: Node, path: str) -> dict[str, Node]:
        """The entities of a section under their names; wrong names and shapes are noted."""
        found = {}
        for name, entity in node.map.items():
            if not name.strip() or len(name) > LONGEST_KEY:
                allowed = f"1 to {LONGEST_KEY} characters"
                self.mistakes.add(entity.key, path, f"not a name (got {len(name)} characters)", allowed)
            elif entity.value is None:
                found[name] = entity
            elif self.is_mapping(entity, f"{path}.{name}"):
                found[name] = self.entity(section, entity, f"{path}.{name}")
        return found

    def entity(self, section: str, node: Node, path: str) -> Node:
        """One entity: full attribute names, and maps where dotted keys were given."""
        known = self.vocabulary.attributes(section)
        declared = specs(Programme if section == "programme" else SECTIONS[section])
        entries: dict[str, Node] = {}
        for key, value in node.map.items():
            head, dot, rest = key.partition(".")
            name = self.full_name(head, value, known, f"{path}.{key[:LONGEST_KEY]}")
            if name is None or not self.is_map_alike(declared.get(name), dot, value, f"{path}.{name}"):
                continue
            self.put(entries, name, _nested(rest, value) if dot else value, f"{path}.{name}")
        return node.with_map(entries)

    def is_map_alike(self, spec: Spec | None, dot: str, value: Node, path: str) -> bool:
        """False after noting a map for one value, or one value for a map."""
        is_map = bool(dot) or isinstance(value.value, dict)
        if spec is None or value.value is None or spec.is_map == is_map:
            return True
        if is_map:
            self.mistakes.add(value.mark, path, f"must be one value (got {value.kind()})", spec.meaning)
        else:
            allowed = f"give one number for each {spec.keys}: {{{spec.keys}: number}}"
            self.mistakes.add(value.mark, path, f"must be a mapping (got {value.kind()})", allowed)
        return False

    def put(self, entries: dict[str, Node], name: str, node: Node, path: str) -> None:
        """Add a value; maps given in parts are joined, and anything else given twice is a mistake."""
        old = entries.get(name)
        if old is None:
            entries[name] = node
        elif isinstance(old.value, dict) and isinstance(node.value, dict) and not set(old.map) & set(node.map):
            entries[name] = old.with_map(old.map | node.map)
        else:
            self.mistakes.add(node.key, path, "given twice", f"first given in line {old.key.line}")

    def full_name(self, key: str, node: Node, known: Mapping[str, str], path: str) -> str | None:
        """The attribute that a key stands for; None after noting why there is none."""
        names = candidates(key, known)
        if names == [key]:
            return key
        if not names:
            self.mistakes.unknown(node.key, path, "key", key[:LONGEST_KEY], known)
            return None
        if node.value is not None and is_bare(node):
            unit = known[names[0]]
            allowed = f"write `{names[0]}`, or give the value a unit such as {unit}"
            self.mistakes.add(node.mark, path, f"a number without a unit (got {node.kind()})", allowed)
            return names[0]
        fits = fitting(names, node, known) or names
        if len(fits) > 1:
            self.mistakes.add(node.key, path, f"{key!r} may mean {listed(fits)}", "write the full name")
            return None
        return fits[0]

    def parameters(self, node: Node, path: str) -> Node:
        """Parameters as group -> field -> value."""
        groups: dict[str, Node] = {}
        for key, value in node.map.items():
            head, dot, rest = key.partition(".")
            if not self.vocabulary.group(head):
                self.mistakes.unknown(value.key, f"{path}.{key}", "group", head, self.vocabulary.groups())
                continue
            group = _nested(rest, value) if dot else value
            if group.value is None or self.is_mapping(group, f"{path}.{head}"):
                self.put(groups, head, self.group(head, group, f"{path}.{head}"), f"{path}.{head}")
        return node.with_map(groups)

    def group(self, head: str, group: Node, path: str) -> Node:
        known = self.vocabulary.group(head)
        fields: dict[str, Node] = {}
        for key, value in group.map.items():
            if (name := self.full_name(key, value, known, f"{path}.{key[:LONGEST_KEY]}")) is not None:
                self.put(fields, name, value, f"{path}.{name}")
        return group.with_map(fields) if group.value is not None else group


def _nested(path: str, value: Node) -> Node:
    """The mapping that a dotted path stands for."""
    return Node({path: value}, value.mark, value.key)


def expanded(parts: list[str], value: Node) -> Node:
    """Mappings inside each other, one for each part of a path, with the value innermost."""
    node = value
    for part in reversed(parts):
        node = Node({part: replace(node, key=value.key)}, value.mark, value.key)
    return node
