"""Tables on the terminal and in files: the same rows as text, CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from gigawatt.cli.failures import say
from gigawatt.errors import GigawattError

WIDE = 4000  # characters of a line when nobody is looking at a terminal
GAP = 3  # blanks between columns
WORD, NAME = 20, 60  # letters of a word, and of a cell of one word, that are never broken; numbers never are
FORMULA = re.compile(r"'*\s*[=+\-@]")  # what a spreadsheet would run, perhaps behind apostrophes
PLAIN = ("", "txt")  # endings of files that hold a table as text
Rows = Sequence[Mapping[str, Any]]


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def show(
    rows: Rows,
    how: Format,
    out: Path | None = None,
    title: str = "",
    columns: Sequence[str] = (),
    least: Sequence[str] = (),
    whole: str = "--format csv",
) -> None:
    """Writes the rows to `out`, or prints them; `columns` names those of an empty table.

    `least` are the columns that a narrow terminal can do without, the least needed first; `whole` are the options that
    write the table with all of them.
    """
    how = by_name(how, out)
    columns = list(rows[0]) if rows else list(columns)
    if how is Format.parquet:
        _parquet(rows, out, columns)
    elif out is None and how is Format.table:
        _print(rows, columns, title, least=least, whole=whole)
    else:
        text = as_text(rows, how, columns)
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8", newline="")
    if out is not None:
        say(f"wrote {out}")


def by_name(how: Format, out: Path | None) -> Format:
    """The format asked for; without one, what the name of the file tells (`.csv`, `.json`, `.parquet`, `.txt`).

    Raises:
        GigawattError: The ending of the name is unknown, or another format was asked for.
    """
    if out is None:
        return how
    suffix, known = out.suffix.lstrip(".").lower(), [each.value for each in Format if each is not Format.table]
    if how is Format.table and suffix not in (*known, *PLAIN):
        endings = ", ".join(f".{each}" for each in (*known, PLAIN[-1]))
        raise GigawattError(f"{out}: unknown ending; known: {endings}; or say which --format it has")
    if how is not Format.table and suffix in known and suffix != how.value:
        raise GigawattError(f"--format {how.value} and the name {out} contradict each other: leave one of them out")
    return Format(suffix) if suffix in known else how


def as_text(rows: Rows, how: Format, columns: Sequence[str]) -> str:
    """The rows as text of one format."""
    if how is Format.json:
        plain = [{column: _json(row[column]) for column in columns} for row in rows]
        return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False, default=str) + "\n"
    if how is Format.csv:
        return _csv(rows, columns)
    with io.StringIO() as text:
        _print(rows, columns, "", text)
        return text.getvalue()


def cell(value: Any) -> str:
    """A value as people read it in a table."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    return str(value)


def number(value: float) -> str:
    """A number with five digits that matter: 1,234.5 or 1.2345e+12."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e6):
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.5g}"
    return f"{value:,.5g}" if 1e-4 <= abs(value) < 1e5 else f"{value:.5g}"


def _json(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _csv(rows: Rows, columns: Sequence[str]) -> str:
    with io.StringIO(newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_safe("" if (v := row[c]) is None or v != v else v) for c in columns] for row in rows)
        return text.getvalue()


def _safe(value: Any) -> Any:
    """A value that a spreadsheet does not run: texts that look like a formula get an apostrophe in front."""
    if not isinstance(value, str) or not FORMULA.match(value):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def width_there_is(narrow: bool) -> int:
    """Characters of a line: of the terminal (COLUMNS, where that is set); without one no bound, but where COLUMNS asks
    for it and what is written can be made `narrow`, as tables and prose can."""
    if sys.stdout.isatty() or (narrow and os.environ.get("COLUMNS", "").isdecimal()):
        return shutil.get_terminal_size().columns
    return WIDE


def fitted(rows: Rows, columns: Sequence[str], least: Sequence[str], width: int) -> dict[str, str]:
    """The columns that are shown, with their headings; those of `least` go while the rest is wider than `width`.

    Headings are folded to the width of what stands below them where the table would be too wide. What is still too wide
    wraps texts between words; where that is not enough, the columns furthest to the right go.
    """
    heads = {name: name for name in columns}
    if _wide(natural(rows, heads)) <= width:
        return heads
    for name in columns:
        most = max(*(len(_told(row[name], name)) for row in rows), *map(len, name.split() or [""]), 1)
        heads[name] = "\n".join(textwrap.wrap(name, most, break_on_hyphens=False)) or name
    for name in least:
        if _wide(natural(rows, heads)) > width:
            heads.pop(name, None)
    if _wide(natural(rows, heads)) > width:
        heads = {name: "\n".join(name.split()) or name for name in heads}
    while len(heads) > 1 and _wide(smallest(rows, heads)) > width:
        heads.popitem()
    return heads


def unpadded(rows: Rows, columns: Sequence[str]) -> tuple[list[dict[str, Any]], set[str]]:
    """Rows without the blanks that put texts of one column right of each other, and the names of such columns.

    A heading and cells that are all equally long were padded; the names are given with their padding and without.
    """

    def is_padded(name: str) -> bool:
        texts = [name, *(str(row[name]) for row in rows)]
        return bool(name.strip()) and len({len(text) for text in texts}) == 1 and any(text[0] == " " for text in texts)

    padded = {name for name in columns if is_padded(name)}
    plain = [
        {name.strip() if name in padded else name: str(row[name]).strip() if name in padded else row[name]
         for name in columns} for row in rows
    ]  # fmt: skip
    return plain, padded | {name.strip() for name in padded}


def natural(rows: Rows, heads: Mapping[str, str]) -> dict[str, int]:
    """Width of each column with every cell on one line."""
    return {
        name: max([len(_told(row[name], name)) for row in rows] + [len(line) for line in head.split("\n")])
        for name, head in heads.items()
    }


def smallest(rows: Rows, heads: Mapping[str, str]) -> dict[str, int]:
    """Width of each column with cells wrapped between words; no number is broken."""
    return {
        name: max([_longest(_told(row[name], name)) for row in rows] + [len(line) for line in head.split("\n")])
        for name, head in heads.items()
    }


def widths(rows: Rows, heads: Mapping[str, str], width: int) -> dict[str, int]:
    """Width of each column where all together are as wide as there is room: the widest give way first."""
    found, floor = natural(rows, heads), smallest(rows, heads)
    while _wide(found) > width:
        name = max(found, key=lambda each: (found[each] > floor[each], found[each]))
        if found[name] <= floor[name]:
            break
        found[name] -= 1
    return found


def _wide(found: Mapping[str, int]) -> int:
    """Characters of a line of a table."""
    return sum(found.values()) + GAP * (len(found) - 1) + 2


def _longest(text: str) -> int:
    """Letters of the longest part of a cell that stays whole; blanks before a single word are part of it."""
    words = text.split()
    most = NAME if len(words) == 1 else WORD
    if len(words) == 1:
        words = [text.rstrip()]
    return max((len(word) if not re.search("[A-Za-z]", word) else min(len(word), most) for word in words), default=0)


def _told(value: Any, column: str) -> str:
    """A value in its column: years without a comma."""
    words = re.split(r"[ _]", column.lower())
    if words[-1] == "year" and "per" not in words and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return cell(value)


def _print(
    rows: Rows, columns: Sequence[str], title: str, file: io.StringIO | None = None, least: Sequence[str] = (),
    whole: str = "",
) -> None:  # fmt: skip
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows, right = unpadded(rows, columns)
    width = width_there_is(True) if file is None else WIDE
    columns = [name.strip() if name in right else name for name in columns]
    heads = fitted(rows, columns, least, width)
    room = widths(rows, heads, width)
    console = Console(file=file, width=max(width, _wide(room)), soft_wrap=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name, head in heads.items():
        many = any(" " in _told(row[name], name) for row in rows)
        side: Literal["left", "right"] = "right" if name in right or _is_number(rows, name) else "left"
        table.add_column(Text(head), justify=side, overflow="fold", no_wrap=not many, width=room[name])
    for row in rows:
        table.add_row(*(Text(_told(row[name], name)) for name in heads))
    with console.capture() as captured:
        console.print(table)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n")
    head = textwrap.fill(title, max(width, WORD), break_long_words=False, break_on_hyphens=False)
    console.file.write(f"{head}\n\n{text}\n\n" if title else f"{text}\n")
    left = [name for name in columns if name not in heads]
    if left:
        say(f"left out, for want of width: {', '.join(name.strip() for name in left)} ({whole} has all)")


def _is_number(rows: Rows, column: str) -> bool:
    """Whether every value given is a number."""
    given = [row[column] for row in rows if row[column] not in (None, "")]
    return bool(given) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given)


def _parquet(rows: Rows, out: Path | None, columns: Sequence[str]) -> None:
    if out is None:
        raise GigawattError("--format parquet writes a file: say which with --out FILE.parquet")
    from gigawatt.results import Table, as_column
    from gigawatt.store import write_parquet

    write_parquet(
        Table(out.stem, {column: as_column(_column([row[column] for row in rows])) for column in columns}), out
    )


def _column(values: list[Any]) -> list[Any]:
    """Cells of one kind: numbers with gaps as floats, dates with gaps as dates, and anything mixed as text."""
    given = [value for value in values if value is not None and value != ""]
    if given and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return values if len(given) == len(values) else [math.nan if v in (None, "") else float(v) for v in values]
    if given and all(isinstance(value, date) for value in given):
        import numpy as np

        return [np.datetime64("NaT" if value in (None, "") else value, "D") for value in values]
    if values and all(isinstance(value, bool) for value in values):
        return values
    return ["" if value is None else str(value) for value in values]
