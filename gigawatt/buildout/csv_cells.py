"""Cells of a CSV file with their places, so that a mistake can be named by file, line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass

DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of a cell and where it begins; lines and columns count from 1."""

    text: str
    line: int
    column: int


def cells(text: str, delimiter: str = ",") -> list[list[Cell]]:
    """Rows of cells, empty lines left out; a cell in double quotes may hold delimiters, line ends and `""` for a quote.

    Blanks about a cell are no part of it, within quotes they are.

    Raises:
        ValueError: A quote is not closed, or something stands behind it; names the line.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = re.compile(rf"[^{re.escape(delimiter)}\n]*")
    rows: list[list[Cell]] = [[]]
    place, line, first = 0, 1, 0  # first: place at which the line begins
    while place <= len(text):
        start = place + _blanks(text, place, delimiter)
        column, at_line = start - first + 1, line
        if text.startswith('"', start):
            said, place = _quoted(text, start, line)
            line += said.count("\n")
            first = text.rfind("\n", 0, place) + 1
        else:
            found = plain.match(text, start)
            said, place = (found[0].strip(), found.end()) if found else ("", start)
        place += _blanks(text, place, delimiter)
        if place < len(text) and text[place] not in (delimiter, "\n"):
            raise ValueError(f"line {line}: {text[place]!r} behind the quotes of a cell; write a quote within it twice")
        rows[-1].append(Cell(said, at_line, column))
        if place >= len(text) or text[place] == "\n":
            rows.append([])
            line, first = line + 1, place + 1
        place += 1
    return [row for row in rows if any(cell.text for cell in row)]


def delimiter_of(text: str) -> str:
    """What stands between the cells of the first line: a comma, a semicolon or a tab."""
    header = text.lstrip().split("\n", 1)[0]
    return max(DELIMITERS, key=header.count)


def _blanks(text: str, place: int, delimiter: str) -> int:
    """Blanks from `place` on."""
    end = place
    while end < len(text) and text[end] in " \t" and text[end] != delimiter:
        end += 1
    return end - place


def _quoted(text: str, start: int, line: int) -> tuple[str, int]:
    """The text of a cell in quotes that begins at `start`, and the place after it; what follows a quote is kept."""
    said, place = "", start + 1
    while True:
        end = text.find('"', place)
        if end < 0:
            raise ValueError(f"line {line}: a quote is not closed")
        said += text[place:end]
        if not text.startswith('""', end):
            return said, end + 1
        said, place = said + '"', end + 2
