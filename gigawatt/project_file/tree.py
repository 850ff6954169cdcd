"""The tree of a project file with every key under its full name, and values that are set from outside put into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS
from gigawatt.project_file.fields import Field, fields_of, top_keys
from gigawatt.scenario.document import parse
from gigawatt.scenario.marks import Mark, Mistakes, Node
from gigawatt.scenario.merge import merged, set_node
from gigawatt.scenario.vocabulary import candidates, fitting

_NAME = re.compile(r"[^\s.*?~\[\](){}:/\\,]+( [^\s.*?~\[\](){}:/\\,]+)*")
LONGEST_NAME = 60


def tree_of(content: bytes | str, label: str, sets: Iterable[str], mistakes: Mistakes) -> Node | None:
    """The mapping of a file with full names, and `path=value` texts over it; None where there is no mapping."""
    node = parse(content, label, mistakes)
    if node is None:
        if not len(mistakes):
            mistakes.add(Mark(label, 1, 1), "", "the file is empty", "a project has at least `assets` and `capacity`")
        return None
    if not isinstance(node.value, dict):
        mistakes.add(node.mark, "", f"must be a mapping (got {node.kind()})", "one `key: value` a line")
        return None
    tree = full_names(node, mistakes)
    for text in sets:
        change = _set(text, mistakes)
        if change is not None:
            tree = merged(full_names(change, mistakes), tree)
    return tree


def full_names(tree: Node, mistakes: Mistakes) -> Node:
    """The tree with the full name of each key; unknown keys are noted and left out."""
    top = _renamed(tree, dict.fromkeys(top_keys(), "text") | _units(fields_of_top()), "", mistakes)
    entries = dict(top.map)
    for name, node in top.map.items():
        if name in GROUPS and isinstance(node.value, dict):
            entries[name] = _renamed(node, _units(fields_of(GROUPS[name])), name, mistakes)
        elif name in SECTIONS and isinstance(node.value, dict):
            entries[name] = _section(name, node, mistakes)
    return top.with_map(entries)


def fields_of_top() -> Mapping[str, Field]:
    """The fields of the project itself."""
    from gigawatt.finance.project.inputs import Project

    return fields_of(Project)


def _section(section: str, node: Node, mistakes: Mistakes) -> Node:
    known, entries = _units(fields_of(SECTIONS[section])), {}
    for name, entry in node.map.items():
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            mistakes.add(entry.key, f"{section}.{name[:LONGEST_NAME]}", "not a name that a path may hold",
                         f"letters, digits, - and _, at most {LONGEST_NAME}")  # fmt: skip
        elif isinstance(entry.value, dict):
            entries[name] = _renamed(entry, known, f"{section}.{name}", mistakes)
        else:
            entries[name] = entry
    return node.with_map(entries)


def _units(known: Mapping[str, Field]) -> dict[str, str]:
    return {name: field.units[0] if field.kind in ("number", "table", "whole") else "text"
            for name, field in known.items()}  # fmt: skip


def _renamed(node: Node, known: Mapping[str, str], path: str, mistakes: Mistakes) -> Node:
    """The mapping with full names; unknown and doubled keys are noted."""
    entries: dict[str, Node] = {}
    for key, value in node.map.items():
        there = f"{path}.{key}" if path else key
        names = candidates(key, known)
        if len(names) > 1:
            names = fitting(names, value, known) or names
        if not names:
            mistakes.unknown(value.key, there[:200], "key", key, known)
        elif names[0] in entries:
            mistakes.add(value.key, there, f"{key} means {names[0]}, which is given already",
                         f"first given in line {entries[names[0]].key.line}")  # fmt: skip
        else:
            entries[names[0]] = value
    return node.with_map(entries)


def _set(text: str, mistakes: Mistakes) -> Node | None:
    """The small tree that `path=value` stands for."""
    if not text.partition("=")[0].strip() or not text.partition("=")[2].strip():
        mistakes.add(Mark("--set", 1, 1), "", f"not path=value (got {text[:80]!r})", "such as debt.senior.spread=3%")
        return None
    found = set_node(text, mistakes)
    if found is None:
        return None
    path, node = found
    head, *rest = path.split(".")
    parts = [head, *rest] if head not in SECTIONS or len(rest) < 2 else [head, ".".join(rest[:-1]), rest[-1]]
    for part in reversed(parts):
        node = Node({part: replace(node, key=node.key)}, node.mark, node.key)
    return node
