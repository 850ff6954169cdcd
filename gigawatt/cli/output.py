"""Tables on the terminal and in files: the same rows as text, CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from gigawatt.cli.failures import say
from gigawatt.errors import GigawattError

WIDE = 4000  # characters of a line when nobody is looking at a terminal
Rows = Sequence[Mapping[str, Any]]


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def show(rows: Rows, how: Format, out: Path | None = None, title: str = "", columns: Sequence[str] = ()) -> None:
    """Writes the rows to `out`, or prints them; `columns` names those of an empty table."""
    how = by_name(how, out)
    columns = list(rows[0]) if rows else list(columns)
    if how is Format.parquet:
        _parquet(rows, out, columns)
    elif out is None and how is Format.table:
        _print(rows, columns, title)
    else:
        text = as_text(rows, how, columns)
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8", newline="")
    if out is not None:
        say(f"wrote {out}")


def by_name(how: Format, out: Path | None) -> Format:
    """The format asked for; without one, what the name of the file tells (`.csv`, `.json`, `.parquet`)."""
    suffix = out.suffix.lstrip(".") if out is not None else ""
    return Format(suffix) if how is Format.table and suffix in list(Format) else how


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
        writer.writerows(["" if (v := row[c]) is None or v != v else v for c in columns] for row in rows)
        return text.getvalue()


def _print(rows: Rows, columns: Sequence[str], title: str, file: io.StringIO | None = None) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    looking = file is None and sys.stdout.isatty()
    console = Console(file=file, width=None if looking else WIDE, soft_wrap=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(Text(column), justify="right" if _is_number(rows, column) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(row[column])) for column in columns))
    with console.capture() as captured:
        console.print(table)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n")
    console.file.write(f"{title}\n\n{text}\n\n" if title else f"{text}\n")


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
