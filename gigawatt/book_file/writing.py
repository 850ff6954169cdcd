"""A book written as CSV files."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gigawatt import catalog
from gigawatt.book_file import csv_file
from gigawatt.book_file.columns import DEALS, ORDER, PARTIES, PAYMENTS, SOURCES
from gigawatt.deals.book import Book


def write_book(book: Book, folder: Path | str, like: Path | str | None = None) -> tuple[Path, ...]:
    """Writes a book as CSV files, which `load_book` reads back equal but for the ranges of parties; their paths.

    Args:
        like: Folder whose sources.csv describes sources of the book beside those of the catalog.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Iterable[Any]] = {
        DEALS: book.deals, PARTIES: book.parties.values(), PAYMENTS: book.payments,
    }  # fmt: skip
    for name, items in tables.items():
        _write(place / name, ([_cell(getattr(item, column)) for column in ORDER[name]] for item in items))
    rows = _sources(book, None if like is None else Path(like) / SOURCES)
    _write(place / SOURCES, ([row.get(column, "") for column in ORDER[SOURCES]] for row in rows))
    return tuple(place / name for name in (*tables, SOURCES))


def _sources(book: Book, own: Path | None) -> list[dict[str, str]]:
    """The sources that the book names, with their addresses: its own, then those of the catalog."""
    named = {each.source for each in book.deals} | {each.source for each in book.payments}
    named |= {each.source for each in book.parties.values()}
    known = {source.key: {name: getattr(source, name) for name in ORDER[SOURCES]} for source in catalog.sources()}
    if own is not None and own.is_file():
        known |= {row.get("key", "").strip(): row for _, row, _ in csv_file.read(own).rows}
    return [row for key, row in sorted(known.items()) if key in named]


def _write(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(ORDER[path.name])
        writer.writerows(rows)


def _cell(value: object) -> str:
    """A value as a CSV file holds it; numbers in full, nothing for what nobody knows."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return "" if math.isnan(value) else f"{value:.17g}" if float(f"{value:.15g}") != value else f"{value:.15g}"
        case tuple():
            return "; ".join(f"{day} {status}" for day, status in value)
        case _:
            return str(value)
