"""Facts of the catalog: one value a row, read from CSV with the standard library alone.

A table is a file `TABLE.csv` beside this module. Most tables are long (one row per item and attribute);
`deals` is wide (one row per deal) and is unfolded here into the same facts.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from gigawatt.errors import GigawattError, nearest

FOLDER = Path(__file__).parent
COLUMNS = ("item", "attribute", "value", "unit", "low", "high", "as_of", "confidence", "source", "note")
SOURCE_COLUMNS = ("key", "title", "author", "url", "published", "read_on", "licence", "note")
CONFIDENCES = ("primary", "press", "secondary", "own-estimate")
TEXT_UNITS = ("text", "date")
DEAL_TEXTS = {
    "payer": "text",
    "payee": "text",
    "payer_party": "text",
    "payee_party": "text",
    "instrument": "text",
    "status": "text",
    "start": "date",
    "end": "date",
    "schedule": "text",
    "trigger": "text",
    "seniority": "text",
    "collateral": "text",
    "condition": "text",
    "counted_in": "text",
    "guarantees": "text",
    "currency": "text",
}
DEAL_NUMBERS = {"gigawatts": "GW", "notice_days": "days"}
HISTORIES = {"deals": "deal_status"}
"""Tables whose items have a table of their statuses by day beside them, under the same names."""


class CatalogError(GigawattError):
    """A table, item, attribute, source or preset that the catalog does not hold, or a row it cannot read."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value with its unit, its range (a 90 % interval where given), its date and its source."""

    table: str
    item: str
    attribute: str
    value: float | str
    unit: str
    low: float | None
    high: float | None
    as_of: str
    confidence: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read; `licence` holds the attribution that must be printed, if any."""

    key: str
    title: str
    author: str
    url: str
    published: str
    read_on: str
    licence: str
    note: str


def unknown(kind: str, name: str, known: tuple[str, ...]) -> CatalogError:
    """An error that names what is unknown, the nearest known name, and what there is when that is short."""
    near = nearest(name, known)
    hint = f"; did you mean {near!r}?" if near else ""
    listed = f" (known: {', '.join(known)})" if len(known) <= 16 else ""
    return CatalogError(f"unknown {kind} {name!r}{hint}{listed}")


@cache
def tables() -> tuple[str, ...]:
    """Names of all tables, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.csv") if path.stem != "sources"))


@cache
def _table(table: str) -> dict[str, dict[str, Fact]]:
    """All facts of one table: item -> attribute -> fact, in the order of the file."""
    if table not in tables():
        raise unknown("table", table, tables())
    unfold = _deal_facts if table == "deals" else _long_fact
    found: dict[str, dict[str, Fact]] = {}
    for line, row in enumerate(read_rows(table), start=2):
        try:
            for fact in unfold(table, row):
                found.setdefault(fact.item, {})[fact.attribute] = fact
        except (KeyError, TypeError, ValueError) as error:
            raise CatalogError(f"{table}.csv:{line}: cannot read this row: {error}") from error
    return found


def read_rows(table: str) -> list[dict[str, str]]:
    """The rows of one CSV file as they stand in it."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _long_fact(table: str, row: dict[str, str]) -> list[Fact]:
    value = row["value"] if row["unit"] in TEXT_UNITS else float(row["value"])
    return [_fact(table, row, row["attribute"], value, row["unit"])]


def _deal_facts(table: str, row: dict[str, str]) -> list[Fact]:
    """A deal's columns as facts that share one source; the amount is `amount_usd`."""
    facts = [_fact(table, row, name, row[name], unit, ranged=False) for name, unit in DEAL_TEXTS.items()]
    numbers = {name: unit for name, unit in DEAL_NUMBERS.items() if row[name]}
    facts += [_fact(table, row, name, float(row[name]), unit, ranged=False) for name, unit in numbers.items()]
    if row["value"]:
        facts.append(_fact(table, row, "amount_usd", float(row["value"]), row["unit"]))
    return facts


def _fact(table: str, row: dict[str, str], attribute: str, value: float | str, unit: str, ranged: bool = True) -> Fact:
    low, high = (row["low"], row["high"]) if ranged else ("", "")
    return Fact(
        table,
        row["item"],
        attribute,
        value,
        unit,
        float(low) if low else None,
        float(high) if high else None,
        row["as_of"],
        row["confidence"],
        row["source"],
        row["note"],
    )


def items(table: str) -> tuple[str, ...]:
    """Names of the items of one table, in the order of the file."""
    return tuple(_table(table))


def facts(table: str, item: str) -> dict[str, Fact]:
    """All facts of one item, by attribute."""
    known = _table(table)
    if item not in known:
        raise unknown(f"item of {table}", item, tuple(known))
    return dict(known[item])


def fact(table: str, item: str, attribute: str) -> Fact:
    """One fact; CatalogError with the nearest name where there is none."""
    known = facts(table, item)
    if attribute not in known:
        raise unknown(f"attribute of {table} {item}", attribute, tuple(known))
    return known[attribute]


class _Required:
    """Stands for a default that was not given."""


_REQUIRED = _Required()
Default = TypeVar("Default")


def value(table: str, item: str, attribute: str, default: Default | _Required = _REQUIRED) -> float | str | Default:
    """The value of one fact; `default` where the item has no such attribute, CatalogError without one."""
    if not isinstance(default, _Required) and attribute not in facts(table, item):
        return default
    return fact(table, item, attribute).value


Nested = dict[str, "Fact | Nested"]


def nested(table: str, item: str) -> Nested:
    """Facts of one item with dotted attributes as nested dicts: `share.consumer` is `["share"]["consumer"]`."""
    tree: Nested = {}
    for attribute, found in facts(table, item).items():
        *groups, leaf = attribute.split(".")
        branch = tree
        for group in groups:
            inner = branch.setdefault(group, {})
            if isinstance(inner, Fact):
                raise CatalogError(f"{table} {item}: {group!r} is both a value and a group of values")
            branch = inner
        branch[leaf] = found
    return tree


@cache
def _sources() -> dict[str, Source]:
    rows = read_rows("sources")
    return {row["key"]: Source(**{name: row[name] for name in SOURCE_COLUMNS}) for row in rows}


def sources() -> tuple[Source, ...]:
    """All sources, in the order of the file."""
    return tuple(_sources().values())


def source(key: str) -> Source:
    """The source of that key."""
    if key not in _sources():
        raise unknown("source", key, tuple(_sources()))
    return _sources()[key]


def find(name: str) -> tuple[str, str]:
    """(table, item) of the item called `name`, letter case aside; the first table in the alphabet that has it."""
    named = [table for table in reversed(tables()) if table not in HISTORIES.values()]
    everywhere = {item: table for table in named for item in _table(table)}
    lowered = {item.lower(): item for item in everywhere}
    item = name if name in everywhere else lowered.get(name.lower(), "")
    if not item:
        raise unknown("item", name, tuple(everywhere))
    return everywhere[item], item


def preset(name: str) -> str:
    """Text of presets/NAME.yaml."""
    known = {path.stem: path for path in sorted((FOLDER / "presets").glob("*.yaml"))}
    if name not in known:
        raise unknown("preset", name, tuple(known))
    return known[name].read_text(encoding="utf-8")
