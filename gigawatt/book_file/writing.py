"""A book written as CSV files."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from gigawatt.deals.book import Book, Deal, Party, Payment

DEAL_COLUMNS = tuple(each.name for each in fields(Deal))
PARTY_COLUMNS = tuple(each.name for each in fields(Party) if each.name != "ranges")
PAYMENT_COLUMNS = tuple(each.name for each in fields(Payment))


def write_book(book: Book, folder: Path) -> tuple[Path, ...]:
    """Writes a book as CSV files, which `load_book` reads back equal but for the ranges of parties; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: tuple[tuple[str, tuple[str, ...], Iterable[Any]], ...] = (
        ("deals.csv", DEAL_COLUMNS, book.deals),
        ("parties.csv", PARTY_COLUMNS, book.parties.values()),
        ("payments.csv", PAYMENT_COLUMNS, book.payments),
    )
    for name, columns, items in tables:
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_cell(getattr(item, column)) for column in columns] for item in items)
    return tuple(folder / name for name, _, _ in tables)


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
