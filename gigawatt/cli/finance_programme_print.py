"""Words and tables of a programme on a screen of any width: lines folded, tables in parts, no figure cut."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from gigawatt.cli.output import GAP, Format, cell, show, width_there_is

WIDE = 110  # characters of a line of words
WIDEST_TEXT = 34  # characters of a text in a table that is folded for want of width
Rows = Sequence[Mapping[str, Any]]


def say_text(text: str, head: str = "", indent: int = 0) -> None:
    """Prints a paragraph, or a heading with its text beside it."""
    width = max(min(width_there_is(narrow=True), WIDE), 30)
    blank = " " * indent
    typer.echo(textwrap.fill(text, width, initial_indent=head.ljust(indent), subsequent_indent=blank))


def show_in_parts(rows: Rows, key: str, title: str = "", legend: str = "") -> None:
    """Prints a table; where it is wider than the screen, as several, each with the column `key`."""
    if title:
        say_text(title)
    for line in legend.splitlines():
        say_text(line, indent=2, head="  ")
    typer.echo("")
    width = width_there_is(narrow=True)
    for names in parts(rows, key, width):
        if len(names) == 2 and _needs(rows, names) > width:
            _show_lines(rows, *names)
            continue
        # The name of no column: what fits needs none left out, but the width that COLUMNS asks for is to be kept.
        show([{name: row[name] for name in names} for row in rows], Format.table, least=("",))
        typer.echo("")


def _show_lines(rows: Rows, key: str, name: str) -> None:
    """A column of long words, as a line for each row."""
    indent = max(len(str(row[key])) for row in rows) + GAP
    typer.echo(f" {name}:")
    for row in rows:
        say_text(cell(row[name]), f" {row[key]}", indent + 1)
    typer.echo("")


def _needs(rows: Rows, names: Sequence[str]) -> int:
    """Characters of a table of these columns."""
    return sum(_width(rows, name) for name in names) + GAP * (len(names) - 1) + 2


def parts(rows: Rows, key: str, width: int) -> list[list[str]]:
    """Columns of each part, `key` first in all: as few parts as the width allows, and of like width."""
    room = width - 2
    wide = {name: _width(rows, name) for name in rows[0]}
    found = _packed(wide, key, room)
    for narrower in range(room, 0, -1):
        fitting = _packed(wide, key, narrower)
        if len(fitting) > len(found):
            break
        found = fitting
    return found


def _packed(wide: Mapping[str, int], key: str, room: int) -> list[list[str]]:
    """Columns in their order, a new part where the next is too wide."""
    found, used = [[key]], wide[key]
    for name, needs in wide.items():
        if name == key:
            continue
        if used + GAP + needs > room and len(found[-1]) > 1:
            found.append([key])
            used = wide[key]
        found[-1].append(name)
        used += GAP + needs
    return found


def _width(rows: Rows, name: str) -> int:
    """Characters of a column whose heading is folded; texts of several words may be folded too."""
    texts = [cell(row[name]) for row in rows]
    longest_word = max(len(word) for text in [name, *texts] for word in text.split() or [""])
    widest = max(map(len, texts))
    if widest > WIDEST_TEXT and any(" " in text for text in texts):
        widest = WIDEST_TEXT
    return max(longest_word, widest)
