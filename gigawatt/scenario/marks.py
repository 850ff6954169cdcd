"""Where each value of a scenario stands, and the list of mistakes found so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gigawatt.errors import Mistake, nearest, shown

FEW_NAMES = 16  # names listed in full in a message; beyond, the first ones and how many more


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; lines and columns count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: None, a text, a tuple of nodes, or a mapping of nodes.

    `key` is the place of the key that holds it. `plain` is False for a text in quotes.
    """

    value: str | tuple[Node, ...] | dict[str, Node] | None
    mark: Mark
    key: Mark
    plain: bool = True

    @property
    def map(self) -> dict[str, Node]:
        """The mapping; empty when the value is none."""
        return self.value if isinstance(self.value, dict) else {}

    def with_map(self, entries: Mapping[str, Node]) -> Node:
        """The same place with another mapping."""
        return replace(self, value=dict(entries))

    def plainly(self) -> object:
        """The value alone, as mappings, lists, texts and None."""
        if isinstance(self.value, dict):
            return {name: node.plainly() for name, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plainly() for node in self.value]
        return _number(self.value) if self.plain and self.value else self.value

    def kind(self) -> str:
        """What the value is, as messages call it."""
        if isinstance(self.value, dict):
            return "a mapping"
        if isinstance(self.value, tuple):
            return "a list"
        return "nothing" if self.value is None else shown(self.value)


def _number(text: str) -> int | float | str:
    """The number a text spells, when it spells it the usual way; else the text."""
    for kind in (int, float):
        try:
            if str(kind(text)) == text and math.isfinite(kind(text)):
                return kind(text)
        except ValueError:
            continue
    return text


class Mistakes:
    """Collects mistakes, so that all of them are reported at once; the same one is kept once."""

    def __init__(self) -> None:
        self._found: dict[Mistake, None] = {}

    def add(self, mark: Mark, path: str, message: str, allowed: str = "", near: str | None = None) -> None:
        """Note one mistake at `mark`."""
        path, message, allowed = (_one_line(text) for text in (path, message, allowed))
        mistake = Mistake(mark.file, mark.line, mark.column, path, message, allowed, shown(near) if near else "")
        self._found.setdefault(mistake)

    def unknown(self, mark: Mark, path: str, what: str, name: str, known: Iterable[str]) -> None:
        """Note a name that is not among the known ones, with the nearest of them."""
        names = list(known)
        self.add(mark, path, f"unknown {what} {shown(name)}", f"known: {listed(names)}", nearest(name, names))

    def __iter__(self) -> Iterator[Mistake]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)


def _one_line(text: str) -> str:
    """The text without line breaks and other characters that do not print."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def listed(names: Iterable[str]) -> str:
    """`a, b, c`, or the first few and how many more; `none` when there are none."""
    all_names = list(names)
    more = len(all_names) - FEW_NAMES
    text = ", ".join(all_names[:FEW_NAMES]) or "none"
    return f"{text} and {more} more" if more > 0 else text
