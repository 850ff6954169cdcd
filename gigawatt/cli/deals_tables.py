"""Which table of an answer is written to a file: one by its name, or as JSON all of them by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, as_text, by_name, show

Row = dict[str, Any]
DIGITS = 12  # that are written: amounts are no more exact, and sums of floats not quite round


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables of an answer by name, made when they are written; the first is that of a file unless asked."""

    rows: Mapping[str, Callable[[], Sequence[Row]]]
    columns: Mapping[str, Sequence[str]]  # of tables that can be empty
    note: str  # what is assumed and what the figures are not

    def write(self, name: str | None, how: Format, out: Path | None) -> None:
        """Writes one table; without a name all as JSON, with the note, or else the first."""
        how = by_name(how, out)
        if name is None and how is Format.json:
            text = json.dumps({"note": self.note} | {each: self._plain(each) for each in self.rows}, indent=1,
                              ensure_ascii=False) + "\n"  # fmt: skip
            if out is None:
                print(text, end="")
            else:
                out.write_text(text, encoding="utf-8")
                say(f"wrote {out}")
            return
        first, *others = self.rows
        found = rounded(self.rows[name or first]())
        show(found, how, out, columns=self.columns.get(name or first, ()))
        if name is None and others:
            say(f"this is table {first}; --table {', '.join(others)} for another, --format json for all. {self.note}")

    def _plain(self, name: str) -> Any:
        found = rounded(self.rows[name]())
        columns = list(found[0]) if found else list(self.columns.get(name, ()))
        return json.loads(as_text(found, Format.json, columns))


def asked_for_file(how: Format, out: Path | None) -> bool:
    """Whether a table is asked for as a file, and no answer to read."""
    return by_name(how, out) is not Format.table or out is not None


def rounded(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows with numbers of DIGITS digits, and years as numbers where they are one year."""
    return [{name: _cell(name, value) for name, value in row.items()} for row in rows]


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    return int(value) if name == "year" and isinstance(value, str) and value.isdigit() else value
