"""Results: what one run of a scenario says, as named tables whose columns carry their units.

`COLUMNS` describes every table and column; `SCHEMA` is the same without the words. `check_schema(results)` compares a
run with it, so that reports, claims and outside users can rely on names, kinds and units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gigawatt.errors import GigawattError
from gigawatt.results_columns import COLUMNS, SCHEMA, Column, Kind, column_unit

__all__ = [
    "COLUMNS", "SCHEMA", "Column", "Figure", "Kind", "Progress", "Results", "Table", "check_schema", "column_unit",
    "schema_problems",
]  # fmt: skip

Array = NDArray[Any]
Cell = str | int | float | bool | date | None
Progress = Callable[[str, float], None]
"""Told what is being done and which share of the whole is done (0 to 1): `progress("week 52 of 520", 0.1)`."""

KIND_OF_DTYPE: dict[str, Kind] = {"M": "date", "i": "int", "u": "int", "f": "float", "O": "text", "b": "bool"}
DTYPE_OF_KIND = {"date": "datetime64[D]", "int": "int64", "float": "float64", "text": "object", "bool": "bool"}


def as_column(values: Sequence[Any] | Array, kind: Kind | None = None) -> Array:
    """Values as a column: dates by day, text as objects, numbers as 64-bit int or float."""
    array = np.asarray(values, dtype=DTYPE_OF_KIND[kind]) if kind else np.asarray(values)
    if array.dtype.kind in "US":
        return array.astype(object)
    if array.dtype.kind == "O" and len(array) and isinstance(array[0], date):
        return array.astype("datetime64[D]")
    known = KIND_OF_DTYPE.get(array.dtype.kind)
    if known is None:
        raise ValueError(f"a column cannot hold {array.dtype}: dates, numbers, text and true or false only")
    return array.astype(DTYPE_OF_KIND[known], copy=False)


def plain(value: Any) -> Cell:
    """One cell as a plain Python value; a missing date is None."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else value.astype("datetime64[D]").item()
    return value.item() if isinstance(value, np.generic) else value  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length under their names, in order."""

    name: str
    columns: dict[str, Array]

    def __post_init__(self) -> None:
        columns = {column: as_column(values) for column, values in self.columns.items()}
        lengths = {column: len(values) for column, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"table {self.name}: columns differ in length: {lengths}")
        object.__setattr__(self, "columns", columns)

    @classmethod
    def from_rows(cls, name: str, rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind] | None = None) -> Table:
        """A table of the rows, in the columns of `kinds` (default: those of SCHEMA, else of the first row)."""
        rows = list(rows)
        kinds = kinds or SCHEMA.get(name)
        if kinds is None:
            return cls(name, {column: as_column([row[column] for row in rows]) for column in (rows[0] if rows else ())})
        return cls(name, {column: as_column([row[column] for row in rows], kind) for column, kind in kinds.items()})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, column: str) -> Array:
        try:
            return self.columns[column]
        except KeyError:
            known = ", ".join(self.columns)
            raise KeyError(f"table {self.name} has no column {column!r}; it has {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.name == other.name and _same_columns(self.columns, other.columns)

    __hash__ = None  # type: ignore[assignment]

    def kinds(self) -> dict[str, Kind]:
        """Kind of each column."""
        return {column: KIND_OF_DTYPE[values.dtype.kind] for column, values in self.columns.items()}

    def rows(self) -> list[dict[str, Cell]]:
        """One dict a row, with plain Python values (dates as `datetime.date`, a missing date as None)."""
        lists = [values.tolist() for values in self.columns.values()]
        return [dict(zip(self.columns, cells, strict=True)) for cells in zip(*lists, strict=True)]

    def where(self, **equals: Cell) -> Table:
        """The rows in which every named column has the given value: `where(company="OpenAI", week=52)`."""
        keep = np.ones(len(self), dtype=bool)
        for column, value in equals.items():
            keep &= self[column] == (np.datetime64(value) if isinstance(value, date) else value)
        return self.take(keep)

    def take(self, rows: Array) -> Table:
        """The rows that a mask or a list of positions picks."""
        return Table(self.name, {column: values[rows] for column, values in self.columns.items()})

    def to_pandas(self) -> Any:
        """The table as a pandas DataFrame; needs pandas."""
        columns: dict[str, Array] = {
            column: values.astype("datetime64[s]") if values.dtype.kind == "M" else values
            for column, values in self.columns.items()
        }
        return _library("pandas").DataFrame(columns)

    def to_polars(self) -> Any:
        """The table as a Polars DataFrame; needs polars."""
        columns = {c: values.tolist() if values.dtype.kind == "O" else values for c, values in self.columns.items()}
        return _library("polars").DataFrame(columns)


def _library(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise GigawattError(f"{name} is not installed here; install it to get {name} tables") from error


def _same_columns(a: Mapping[str, Array], b: Mapping[str, Array]) -> bool:
    return list(a) == list(b) and all(_same(a[column], b[column]) for column in a)


def _same(a: Array, b: Array) -> bool:
    """Equal kinds and values, a missing number or date being equal to another."""
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fM")


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline: `value` in `unit`, `text` as people read it, `field` the quantity that `explain` follows."""

    name: str
    value: float
    unit: str
    text: str
    field: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Figure) and _figure_key(self) == _figure_key(other)

    def __hash__(self) -> int:
        return hash(_figure_key(self))


def _figure_key(figure: Figure) -> tuple[str, str, str, str, str]:
    """All fields as text; the shortest text of a number is exact, and one missing value equals another."""
    return figure.name, repr(float(figure.value)), figure.unit, figure.text, figure.field


@dataclass(frozen=True)
class Results:
    """All that one run of a scenario says. Two results are equal when every table and figure is."""

    scenario_name: str
    hash: str
    tables: dict[str, Table]
    figures: list[Figure]
    manifest: dict[str, Any] = field(default_factory=dict, compare=False)

    def __getitem__(self, table: str) -> Table:
        try:
            return self.tables[table]
        except KeyError:
            raise KeyError(f"no table {table!r}; there are {', '.join(self.tables)}") from None

    def figure(self, name: str) -> Figure:
        """The headline figure of that name."""
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(f"no figure {name!r}; there are {', '.join(figure.name for figure in self.figures)}")

    def to_frames(self, library: Literal["pandas", "polars"] = "pandas") -> dict[str, Any]:
        """Every table as a DataFrame, by name."""
        return {name: getattr(table, f"to_{library}")() for name, table in self.tables.items()}


def schema_problems(results: Results) -> list[str]:
    """Where the tables of `results` differ from SCHEMA, one sentence each."""
    problems = [f"table {name} is missing" for name in SCHEMA if name not in results.tables]
    for name, table in results.tables.items():
        problems += _table_problems(name, table)
    return problems


def check_schema(results: Results) -> None:
    """Raises GigawattError naming every difference between the tables and SCHEMA."""
    problems = schema_problems(results)
    if problems:
        raise GigawattError("the results do not follow the schema:\n  " + "\n  ".join(problems))


def _table_problems(name: str, table: Table) -> list[str]:
    if name not in SCHEMA:
        return [f"table {name} is not in the schema"]
    kinds = table.kinds()
    if list(kinds) != list(SCHEMA[name]):
        return [f"table {name} has columns {', '.join(kinds)}; the schema says {', '.join(SCHEMA[name])}"]
    wrong = [(c, kinds[c], kind) for c, kind in SCHEMA[name].items() if kinds[c] != kind]
    mixed = [c for c, kind in SCHEMA[name].items() if kind == kinds[c] == "text" and not _all_text(table[c])]
    return [f"column {name}.{c} is {was}; the schema says {kind}" for c, was, kind in wrong] + [
        f"column {name}.{c} holds something that is not text" for c in mixed
    ]


def _all_text(values: Array) -> bool:
    return all(type(value) is str for value in values)
