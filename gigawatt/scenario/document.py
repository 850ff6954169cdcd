"""YAML text with the place of every value. All that can be wrong with a file becomes a mistake with a place.

Values stay texts: what they mean (a date, a number with its unit, a name) is decided by the field that holds them, so
`no` is never taken for false and `1:30` never for ninety. The text is read event by event, without recursion, so that
deep nesting and repeated aliases are refused before they cost time or memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from gigawatt.scenario.marks import Mark, Mistakes, Node

LARGEST_FILE_BYTES = 5_000_000
DEEPEST = 50  # nested mappings and lists
MOST_VALUES = 100_000  # in one file, aliases written out
MOST_ALIASED = 5_000  # values that aliases may repeat in one file
MOST_TABS = 20  # lines with tabs reported one by one

_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^\s#])", re.MULTILINE)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused(Exception):
    """Reading stopped at a mistake that is already noted."""


def read_bytes(path: Path, label: str, mistakes: Mistakes, at: Mark | None = None) -> bytes | None:
    """The bytes of a file; None after noting why they cannot be had. `at` is the place that names the file."""
    mark, path_named = at or Mark(label, 1, 1), "include" if at else ""
    try:
        if not path.is_file():
            mistakes.add(mark, path_named, f"no such file: {label}" if not path.is_dir() else f"{label} is a folder")
            return None
        if path.stat().st_size > LARGEST_FILE_BYTES:
            mistakes.add(Mark(label, 1, 1), "", f"file too large (got {path.stat().st_size / 1e6:.1f} MB)", _SIZE)
            return None
        return path.read_bytes()
    except (OSError, ValueError) as error:
        mistakes.add(mark, path_named, f"cannot read {label}: {getattr(error, 'strerror', None) or error}")
        return None


_SIZE = f"a scenario file holds at most {LARGEST_FILE_BYTES / 1e6:.0f} MB"


def parse(content: bytes | str, label: str, mistakes: Mistakes) -> Node | None:
    """The document as a tree of nodes; None after noting why there is none."""
    try:
        return _parse(content, label, mistakes)
    except Refused:
        return None


def _parse(content: bytes | str, label: str, mistakes: Mistakes) -> Node | None:
    if len(content) > LARGEST_FILE_BYTES:
        mistakes.add(Mark(label, 1, 1), "", f"text too large (got {len(content) / 1e6:.1f} MB)", _SIZE)
        raise Refused
    text = _decoded(content, label, mistakes) if isinstance(content, bytes) else content
    _refuse_control_characters(text, label, mistakes)
    _refuse_tabs(text, label, mistakes)
    try:
        return _Composer(label, mistakes).document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Mark(label, mark.line + 1, mark.column + 1) if mark else Mark(label, 1, 1)
        mistakes.add(place, "", f"not valid YAML: {error.problem or error.context}", _hint(str(error.problem)))
    except yaml.YAMLError as error:
        mistakes.add(Mark(label, 1, 1), "", f"not valid YAML: {str(error).splitlines()[0]}")
    return None


def _hint(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "a text with ': ' in it needs quotes, and a key needs its own line"
    if "expected <block end>" in problem or "expected ',' or" in problem:
        return "check indentation and brackets on this line and the one before"
    return ""


def _decoded(content: bytes, label: str, mistakes: Mistakes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        byte = f"got byte 0x{content[error.start]:02x}"
        mistakes.add(Mark(label, line, column), "", f"not a text file in UTF-8 ({byte})", "save it as UTF-8 text")
        raise Refused from None


def _place(text: str, position: int, label: str) -> Mark:
    before = text[:position]
    return Mark(label, before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def _refuse_control_characters(text: str, label: str, mistakes: Mistakes) -> None:
    if found := _NOT_TEXT.search(text):
        code = f"got character U+{ord(found.group()):04X}"
        mistakes.add(_place(text, found.start(), label), "", f"not plain text ({code})", "save it as UTF-8 text")
        raise Refused


def _refuse_tabs(text: str, label: str, mistakes: Mistakes) -> None:
    found = list(_TAB_INDENT.finditer(text))
    for match in found[:MOST_TABS]:
        place = _place(text, match.start() + match.group().index("\t"), label)
        mistakes.add(place, "", "tab used as indentation", "indent with spaces")
    if found:
        raise Refused


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    mark: Mark
    is_map: bool
    entries: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: str | None = None
    key_mark: Mark | None = None
    anchor: str | None = None
    size: int = 1


@dataclass(slots=True)
class _Composer:
    """Turns YAML events into nodes; one open collection after another on a stack."""

    label: str
    mistakes: Mistakes
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    values: int = 0
    aliased: int = 0
    root: Node | None = None

    def document(self, events: Iterator[Any]) -> Node | None:
        """The tree of the one document that a file may hold."""
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(event, "a second document starts here", "one scenario a file; remove the line ---")
            elif isinstance(event, yaml.NodeEvent):
                self.node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.close()
        return self.root

    def node(self, event: Any) -> None:
        """Take in one scalar, mapping, list or alias."""
        self.count(event)
        if isinstance(event, yaml.AliasEvent):
            self.alias(event)
            return
        self.check_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        else:
            self.open(event)

    def count(self, event: Any) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            self.refuse(event, "too many values", f"a file holds at most {MOST_VALUES}")

    def check_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self.note(
                event,
                f"tag {event.tag.replace('tag:yaml.org,2002:', '!!')!r} is not used here",
                "write the plain value without a tag",
            )

    def scalar(self, event: Any) -> None:
        plain = event.style is None or event.style == ""
        if self.expects_key():
            self.set_key(event.value, event)
            return
        mark = self.mark(event)
        value = None if plain and event.value in _NULLS else event.value
        self.done(Node(value, mark, mark, plain), event.anchor, 1)

    def open(self, event: Any) -> None:
        if self.expects_key():
            self.refuse(event, "a key must be a name", "write `name: value`; texts with braces need quotes")
        if len(self.stack) >= DEEPEST:
            self.refuse(event, "nested too deeply", f"at most {DEEPEST} levels")
        is_map = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(self.mark(event), is_map, anchor=event.anchor))

    def close(self) -> None:
        group = self.stack.pop()
        value = group.entries if group.is_map else tuple(group.items)
        self.done(Node(value, group.mark, group.mark), group.anchor, group.size)

    def done(self, node: Node, anchor: str | None, size: int) -> None:
        """Hand a finished node to the collection around it."""
        if anchor:
            self.anchors[anchor] = (node, size)
        if not self.stack:
            self.root = node
            return
        around = self.stack[-1]
        around.size += size
        if not around.is_map:
            around.items.append(node)
            return
        if around.key is not None and around.key_mark is not None:
            around.entries.setdefault(around.key, replace(node, key=around.key_mark))
        around.key, around.key_mark = None, None

    def alias(self, event: Any) -> None:
        """Put in what an alias repeats, as long as that stays small."""
        if any(group.anchor == event.anchor for group in self.stack):
            self.refuse(event, f"alias *{event.anchor} stands inside what it repeats")
        if event.anchor not in self.anchors:
            self.refuse(event, f"unknown alias *{event.anchor}")
        if self.expects_key():
            self.refuse(event, "an alias cannot be a key")
        node, size = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MOST_ALIASED:
            self.refuse(event, "aliases repeat too much", f"at most {MOST_ALIASED} values in all")
        self.done(node, None, size)

    def expects_key(self) -> bool:
        return bool(self.stack) and self.stack[-1].is_map and self.stack[-1].key_mark is None

    def set_key(self, key: str, event: Any) -> None:
        """Note the key that the next value belongs to; merge keys and duplicates are mistakes."""
        group = self.stack[-1]
        group.key, group.key_mark = key, self.mark(event)
        if key == "<<":
            self.note(event, "merge keys (<<) are not used here", "use include, or like: NAME")
            group.key = None
        elif key in group.entries:
            first = group.entries[key].key.line
            self.note(event, f"duplicate key {key[:60]!r}", f"first given in line {first}")

    def mark(self, event: Any) -> Mark:
        return Mark(self.label, event.start_mark.line + 1, event.start_mark.column + 1)

    def note(self, event: Any, message: str, allowed: str = "") -> None:
        self.mistakes.add(self.mark(event), self.path(), message, allowed)

    def refuse(self, event: Any, message: str, allowed: str = "") -> None:
        self.note(event, message, allowed)
        raise Refused

    def path(self) -> str:
        """The path of the value that is being read, such as `companies.OpenAI`; long ones are cut."""
        names = [group.key if group.is_map else f"[{len(group.items)}]" for group in self.stack[:5]]
        return ".".join(name[:40] for name in names if name).replace(".[", "[")
