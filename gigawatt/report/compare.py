"""Two runs side by side: which inputs differ, and what that does to the figures and tables.

from gigawatt.report.compare import compare
compare("runs/stargate-1234abcd", "runs/stargate-5678abcd").figures.rows()
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gigawatt import store
from gigawatt.errors import GigawattError, nearest
from gigawatt.results import SCHEMA, Array, Kind, Results, Table
from gigawatt.results_columns import column_unit
from gigawatt.units import format_quantity

INPUTS: dict[str, Kind] = {"path": "text", "a": "text", "b": "text", "unit": "text", "change": "text"}
FIGURES: dict[str, Kind] = {"figure": "text", "unit": "text", "a": "float", "b": "float", "change": "float",
                            "relative": "float", "text_a": "text", "text_b": "text"}  # fmt: skip
COLUMNS: dict[str, Kind] = {"column": "text", "unit": "text", "a": "float", "b": "float", "change": "float",
                            "relative": "float", "largest_difference": "float", "at": "text"}  # fmt: skip
ALL: dict[str, Kind] = {"part": "text", "name": "text", "unit": "text", "a": "text", "b": "text", "change": "text"}
NOT_INPUTS = ("name", "description")  # they change no result


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between run a and run b: `inputs`, the headline `figures`, and tables that were asked for."""

    inputs: Table
    figures: Table
    tables: dict[str, Table]

    def parts(self) -> list[Table]:
        """All tables, inputs first."""
        return [self.inputs, self.figures, *self.tables.values()]

    def all(self) -> Table:
        """Inputs and figures as one table of texts, for a file."""
        rows = [{"part": "inputs", "name": row["path"], **{key: row[key] for key in ("unit", "a", "b", "change")}}
                for row in self.inputs.rows()]  # fmt: skip
        rows += [{"part": "figures", "name": row["figure"], "unit": row["unit"], "a": row["text_a"], "b": row["text_b"],
                  "change": _relative_text(row["relative"])} for row in self.figures.rows()]  # fmt: skip
        return Table.from_rows("comparison", rows, ALL)


def compare(a: Results | Path | str, b: Results | Path | str, tables: Sequence[str] = ()) -> Comparison:
    """What differs between two runs, given as results or as their directories.

    Args:
        tables: Result tables to compare column by column too, over the rows that both runs have.

    Raises:
        GigawattError: A run is damaged, or a table is unknown.
    """
    one, two = (run if isinstance(run, Results) else store.load(run) for run in (a, b))
    inputs = _inputs(_values(a, one), _values(b, two))
    return Comparison(inputs, _figures(one, two), {name: _columns(name, one, two) for name in tables})


def readable_rows(table: Table) -> list[dict[str, str]]:
    """Rows of a table of a comparison with numbers in the units of their row, for people."""
    rows = []
    for row in table.rows():
        unit = str(row.get("unit", ""))
        cells = {"a": row.get("text_a", row["a"]), "b": row.get("text_b", row["b"])}
        shown = {
            k: _shown(cells.get(k, v), unit)
            for k, v in row.items()
            if k not in ("text_a", "text_b", "relative", "unit")
        }
        rows.append(shown | ({"relative": _relative_text(row["relative"])} if "relative" in row else {}))
    return rows


def flat(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Nested plain data as dotted paths and values; lists have their position in brackets."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list | tuple):
        for position, value in enumerate(data):
            yield from flat(value, f"{path}[{position}]")
    else:
        yield path, data


@dataclass(frozen=True, slots=True)
class _Value:
    text: str
    unit: str = ""


def _values(run: Results | Path | str, results: Results) -> dict[str, _Value]:
    """Every input by path: the values used, and what else the merged scenario of a saved run says."""
    used = {
        str(row["path"]).removeprefix("parameters."): _Value(_interval(row), str(row["unit"]))
        for row in results.tables["assumptions"].rows()
    }
    if isinstance(run, Results):
        return used
    merged = {path.removeprefix("parameters."): value for path, value in flat(store.merged_scenario(run))}
    return {path: _Value(str(value)) for path, value in merged.items() if path not in NOT_INPUTS} | used


def _interval(row: Mapping[str, Any]) -> str:
    """Value and, where there is one, its 90 % interval."""
    ends = [row["low"], row["high"]]
    missing = any(end is None or math.isnan(end) for end in ends)
    return str(row["value"]) if missing else f"{row['value']} ({ends[0]:.6g} to {ends[1]:.6g})"


def _inputs(a: dict[str, _Value], b: dict[str, _Value]) -> Table:
    none = _Value("(none)")
    rows = []
    for path in dict.fromkeys([*a, *b]):
        one, two = a.get(path, none), b.get(path, none)
        if one != two:
            rows.append({"path": path, "a": one.text, "b": two.text, "unit": (one if one.unit else two).unit,
                         "change": _relative_text(_relative(_number(one.text), _number(two.text)))})  # fmt: skip
    return Table.from_rows("inputs", rows, INPUTS)


def _figures(a: Results, b: Results) -> Table:
    ones, twos = ({figure.name: figure for figure in results.figures} for results in (a, b))
    rows = []
    for name in dict.fromkeys([*ones, *twos]):
        one, two = ones.get(name), twos.get(name)
        values = [figure.value if figure else math.nan for figure in (one, two)]
        unit = (one or two).unit  # type: ignore[union-attr]
        texts = {"text_a": one.text if one else "(none)", "text_b": two.text if two else "(none)"}
        rows.append({"figure": name, "unit": unit, **_change(*values), **texts})
    return Table.from_rows("figures", rows, FIGURES)


def _columns(name: str, a: Results, b: Results) -> Table:
    """Each column of numbers of one table: means over the rows that both have, and where they differ most."""
    if name not in a.tables or name not in b.tables:
        close = nearest(name, a.tables)
        raise GigawattError(
            f"no table {name!r}; " + (f"did you mean {close}?" if close else f"known: {', '.join(a.tables)}")
        )
    one, two = _matched(a.tables[name], b.tables[name])
    keys = _keys(one)
    rows = []
    for column, kind in one.kinds().items():
        if kind == "float":
            unit = column_unit(name, column) if name in SCHEMA else ""
            rows.append({"column": column, "unit": unit, **_change(_mean(one[column]), _mean(two[column])),
                         **_largest(one[column], two[column], keys)})  # fmt: skip
    return Table.from_rows(name, rows, COLUMNS)


def _matched(a: Table, b: Table) -> tuple[Table, Table]:
    """The rows that have the same week, date and names in both, in the order of the first."""
    places = {key: place for place, key in enumerate(_keys(b))}
    pairs = [(place, places[key]) for place, key in enumerate(_keys(a)) if key in places]
    one, two = (np.array([pair[side] for pair in pairs], dtype=int) for side in (0, 1))
    return a.take(one), b.take(two)


def _keys(table: Table) -> list[tuple[Any, ...]]:
    columns = [column for column, kind in table.kinds().items() if kind in ("int", "date", "text")]
    names = [column for column in columns if not column.endswith("binding")]
    return list(zip(*(table[column].tolist() for column in names), strict=True))


def _largest(a: Array, b: Array, keys: list[tuple[Any, ...]]) -> dict[str, Any]:
    difference = np.nan_to_num(b - a)
    if not difference.any():
        return {"largest_difference": 0.0, "at": ""}
    place = int(np.argmax(np.abs(difference)))
    return {"largest_difference": float(difference[place]), "at": " ".join(str(part) for part in keys[place][1:])}


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def _change(a: float, b: float) -> dict[str, float]:
    return {"a": a, "b": b, "change": b - a, "relative": _relative(a, b)}


def _relative(a: float, b: float) -> float:
    """Change over the first value; missing when that is zero or not a number."""
    return (b - a) / abs(a) if a and math.isfinite(a) and math.isfinite(b) else math.nan


def _relative_text(relative: Any) -> str:
    return "" if math.isnan(relative) else f"{relative:+.1%}"


def _number(text: str) -> float:
    """The number that a text starts with."""
    try:
        return float(text.split(" ")[0])
    except ValueError:
        return math.nan


def _shown(value: Any, unit: str) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else format_quantity(value, unit)
