"""From a folder of CSV files to a book, or to every mistake in them at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from gigawatt.book_file import csv_file, rows
from gigawatt.book_file.columns import DEALS, PARTIES, PAYMENTS, SOURCES
from gigawatt.book_file.doubts import doubts
from gigawatt.book_file.place import Place
from gigawatt.deals.book import SECTORS, Book, Deal, Party, Payment, catalog_book
from gigawatt.deals.book.book import parties_of
from gigawatt.deals.book.catalog import AS_OF, catalog_parties
from gigawatt.deals.book.parties import sector
from gigawatt.errors import GigawattError, Mistake, ScenarioError, nearest, shown

Item = TypeVar("Item")


def load_book(folder: Path | str | None = None) -> Book:
    """The book of a folder, or that of the catalog.

    Raises:
        ScenarioError: With every mistake found, each with its file, line and column.
        GigawattError: The folder or its deals.csv is not there.
    """
    return catalog_book() if folder is None else checked_book(folder)[0]


def checked_book(folder: Path | str) -> tuple[Book, tuple[Mistake, ...]]:
    """The book of a folder, and what is allowed but seldom meant, in the order of the files.

    Raises:
        ScenarioError: With every mistake found, each with its file, line and column.
        GigawattError: The folder or its deals.csv is not there.
    """
    reading = _Reading(folder_of(folder))
    deals = reading.read(DEALS, rows.deal)
    payments = reading.read(PAYMENTS, rows.payment)
    given = {party.key: party for party in reading.read(PARTIES, rows.party)}
    sources = reading.read(SOURCES, lambda place: place.text("key", required=True))
    if not reading.is_whole:  # names of a file that cannot be read would all be unknown
        raise ScenarioError(reading.mistakes)
    parties = reading.everybody(given, deals, payments)
    reading.references(parties)
    if not deals and not payments and not reading.mistakes:
        path = str(reading.folder / DEALS)
        reading.mistakes.append(Mistake(path, 0, 0, "", "has no deals", "one row a deal below the first line"))
    if reading.mistakes:
        raise ScenarioError(reading.mistakes)
    book = Book(as_of=AS_OF, parties=parties, deals=tuple(deals), payments=tuple(payments))
    taken = [name for name in parties if name not in given and name not in SECTORS]
    return book, doubts(reading.folder, book, reading.places, sources, taken)


def folder_of(said: Path | str) -> Path:
    """The folder of a book, named itself or by one of its files.

    Raises:
        GigawattError: It has no deals.csv.
    """
    path = Path(said)
    folder = path.parent if path.is_file() and path.name in (DEALS, PARTIES, PAYMENTS, SOURCES) else path
    if not (folder / DEALS).is_file():
        raise GigawattError(f"{folder}: no deals.csv there; `gigawatt deals export {folder}` writes one to begin with")
    return folder


@dataclass(slots=True)
class _Reading:
    """A folder while it is read."""

    folder: Path
    mistakes: list[Mistake] = field(default_factory=list)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    is_whole: bool = True  # every file could be read to its end

    def read(self, name: str, item: Callable[[Place], Item]) -> list[Item]:
        """What a file holds, row by row; nothing if there is no such file."""
        path = self.folder / name
        if not path.is_file():
            return []
        file = csv_file.read(path)
        self.mistakes += file.mistakes
        self.is_whole = self.is_whole and file.is_whole
        found, commas = [], []
        for line, cells, more in file.rows:
            place = Place(str(path), line, file.head, cells)
            if more > 0:
                place.wrong("", f"{more} more {'cells' if more > 1 else 'cell'} than columns",
                            "a text with a comma in it stands in quotes")  # fmt: skip
                self.mistakes += place.mistakes
                continue
            made = item(place)
            self.unique(name, place)
            self.mistakes += place.mistakes
            commas += place.commas
            if place.is_good:
                found.append(made)
        if commas:
            more_said = f", as {len(commas) - 1} more in this file" if len(commas) > 1 else ""
            self.mistakes.append(replace(commas[0], message=commas[0].message + more_said))
        return found

    def unique(self, name: str, place: Place) -> None:
        """Notes a key that stands twice; payments have one row a year under one key."""
        key = f"{place.cell('key')} {place.cell('year')}" if name == PAYMENTS else place.cell("key")
        before = self.keys.setdefault((name, key), place.line)
        self.places.append(place)
        if before != place.line:
            place.wrong("key", f"{shown(place.cell('key'))} stands in line {before} already")

    def everybody(
        self, given: Mapping[str, Party], deals: Iterable[Deal], payments: Iterable[Payment]
    ) -> dict[str, Party]:
        """All parties: those given, then those of the catalog or sectors who pay or are paid."""
        parties = dict(given)
        known = {**{name: sector(name) for name in SECTORS}, **catalog_parties()}
        bad = {place.cell("key") for place in self.places if place.file.endswith(PARTIES) and not place.is_good}
        for name in sorted(parties_of(deals, payments) - set(parties)):
            if name in known:
                parties[name] = known[name]
            elif name not in bad:
                self.nobody(name, (*given, *known))
        return parties

    def nobody(self, name: str, known: Iterable[str]) -> None:
        """Notes every row that names a party which is in neither parties.csv nor the catalog."""
        near, file = nearest(name, known), self.folder / PARTIES
        where = f"describe it in {file}" + ("" if file.is_file() else ", which is not there yet")
        for place in self.places:
            for column in ("payer", "payee"):
                if place.cell(column) == name:
                    self.mistakes.append(place.mistake(column, f"unknown party {shown(name)}", where, near))

    def references(self, parties: Iterable[str]) -> None:
        """Notes deals, payments and parties that a deal names and that are not there."""
        keys = {place.cell("key") for place in self.places if not place.file.endswith((PARTIES, SOURCES))}
        known = {"counted_in": ("deal or payment", keys), "guarantees": ("deal or party", keys | set(parties))}
        for place in self.places:
            for column, (what, names) in known.items():
                said = place.cell(column)
                if said and said not in names:
                    self.mistakes.append(
                        place.mistake(column, f"unknown {what} {shown(said)}", "", nearest(said, names))
                    )
