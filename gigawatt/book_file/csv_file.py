"""The rows of a CSV file as they stand, or why it cannot be read at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gigawatt.book_file.columns import ORDER, required
from gigawatt.errors import Mistake, nearest, shown

UTF16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = {";": "semicolons", "\t": "tabs"}
SAVE = "save it as 'CSV UTF-8 (comma delimited)'"
POINTS = "put commas between the columns and points into numbers (1.5e9, not 1,5e9)"


@dataclass(slots=True)
class CsvFile:
    """Rows by line, each with its cells by column; what is wrong with the file as a whole."""

    path: Path
    head: list[str] = field(default_factory=list)
    rows: list[tuple[int, dict[str, str], int]] = field(default_factory=list)  # line, cells, cells beyond the columns
    mistakes: list[Mistake] = field(default_factory=list)
    is_whole: bool = False  # read to its end

    def wrong(self, message: str, allowed: str, line: int = 0, column: int = 0, name: str = "", near: str = "") -> None:
        """Notes a mistake of the file."""
        self.mistakes.append(Mistake(str(self.path), line, column, name, message, allowed, near))


def read(path: Path) -> CsvFile:
    """The rows of a file of a book; empty rows are left out, and nothing is read below a head that cannot be."""
    found = CsvFile(path)
    text = _text(found)
    if not text.strip():
        if not found.mistakes:
            found.wrong("is empty", f"the first line names the columns: {', '.join(required(path.name))} and others")
        return found
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begun = 1
    try:
        for line, cells in _lines(reader):
            begun = line
            if not found.head:
                found.head = [cell.strip() for cell in cells]
                if not _is_readable(found, text):
                    return found
            elif any(cell.strip() for cell in cells):
                row = dict(zip(found.head, cells, strict=False))
                found.rows.append((line, row, len(cells) - len(found.head)))
            begun = reader.line_num + 1
        found.is_whole = True
    except csv.Error:
        found.wrong("a text that begins with a quote here does not end before the next comma",
                    'a quote within a quoted text stands twice, as "he said ""so"""', line=begun)  # fmt: skip
    return found


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the lines in which they end, as editors count."""
    for cells in reader:
        yield reader.line_num, cells  # type: ignore[attr-defined]


def _text(found: CsvFile) -> str:
    """The text of a file; nothing, with a mistake, for other encodings than UTF-8."""
    data = found.path.read_bytes()
    if data.startswith(UTF16) or b"\0" in data:
        found.wrong("is UTF-16 ('Unicode text'), not UTF-8", SAVE)
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found.wrong(f"is not UTF-8 (byte {error.start + 1} of the file)", SAVE, line=line)
        return ""


def _is_readable(found: CsvFile, text: str) -> bool:
    """Whether the head has the columns that are needed; notes what is wrong with it."""
    columns, first = ORDER[found.path.name], text.lstrip("\ufeff").splitlines()[0]
    for separator, name in SEPARATORS.items():
        if len(found.head) <= first.count(separator):
            found.wrong(f"{name} between the columns", POINTS, line=1)
            return False
    for place, column in enumerate(found.head, 1):
        if column in found.head[: place - 1]:
            found.wrong("stands twice", "each column once", 1, place, column)
        elif column not in columns:
            found.wrong("unknown column", f"allowed: {', '.join(columns)}", 1, place, column or shown(column),
                        nearest(column, columns) or "")  # fmt: skip
    missing = [column for column in required(found.path.name) if column not in found.head]
    for column in missing:
        found.wrong("no such column", "each row needs it", 1, 0, column)
    return not missing
