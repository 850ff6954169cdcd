"""From a folder of CSV files to a book, or to every mistake in them at once."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from gigawatt.book_file.place import Place
from gigawatt.book_file.writing import DEAL_COLUMNS, PARTY_COLUMNS, PAYMENT_COLUMNS
from gigawatt.deals.book import SECTORS, STATUSES, Book, Deal, Party, Payment, catalog_book
from gigawatt.deals.book.book import parties_of
from gigawatt.deals.book.catalog import AS_OF, catalog_parties
from gigawatt.deals.book.parties import NUMBERS, sector
from gigawatt.deals.book.schedule import tranches_of
from gigawatt.errors import GigawattError, Mistake, ScenarioError, nearest, shown

Item = TypeVar("Item")
DEAL_NUMBERS = ("amount", "low", "high", "gigawatts", "notice_days")


def load_book(folder: Path | None = None) -> Book:
    """The book of a folder, or that of the catalog.

    Raises:
        ScenarioError: With every mistake found, each with its file, line and column.
        GigawattError: The folder or its deals.csv is not there.
    """
    if folder is None:
        return catalog_book()
    if not (folder / "deals.csv").is_file():
        raise GigawattError(f"{folder}: no deals.csv there; `gigawatt deals export {folder}` writes one to begin with")
    reading = _Reading(folder)
    deals = reading.rows("deals.csv", DEAL_COLUMNS, reading.deal)
    payments = reading.rows("payments.csv", PAYMENT_COLUMNS, reading.payment)
    given = {party.key: party for party in reading.rows("parties.csv", PARTY_COLUMNS, reading.party)}
    parties = reading.everybody(given, deals, payments)
    if reading.mistakes:
        raise ScenarioError(reading.mistakes)
    return Book(as_of=AS_OF, parties=parties, deals=tuple(deals), payments=tuple(payments))


@dataclass(slots=True)
class _Reading:
    """A folder while it is read."""

    folder: Path
    mistakes: list[Mistake] = field(default_factory=list)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)

    def rows(self, name: str, columns: tuple[str, ...], read: Callable[[Place], Item]) -> list[Item]:
        """What a file holds, row by row; nothing if there is no such file."""
        path = self.folder / name
        if not path.is_file():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            head = list(reader.fieldnames or ())
            for column in head:
                if column not in columns:
                    near = nearest(column, columns)
                    self.mistakes.append(
                        Mistake(str(path), 1, head.index(column) + 1, column, "unknown column",
                                f"allowed: {', '.join(columns)}", near or "")
                    )  # fmt: skip
            found = []
            for row in reader:
                place = Place(str(path), reader.line_num, head, row)
                item = read(place)
                self.unique(name, place)
                self.mistakes += place.mistakes
                if not place.mistakes:
                    found.append(item)
            return found

    def unique(self, name: str, place: Place) -> None:
        """Notes a key that stands twice; payments have one row a year under one key."""
        key = place.row.get("key", "") + (place.row.get("year") or "")
        before = self.keys.setdefault((name, key), place.line)
        self.places[name, place.row.get("key", "")] = place
        if before != place.line:
            place.wrong("key", f"{shown(key)} stands in line {before} already")

    def deal(self, place: Place) -> Deal:
        """The deal of a row."""
        amount, low, high, gigawatts, notice_days = (place.number(column) for column in DEAL_NUMBERS)
        start, end = place.day("start"), place.day("end")
        if end < start:
            place.wrong("end", f"{end} is before the start, {start}")
        if low > amount or amount > high:
            place.wrong("amount", f"{amount:g} is outside its range, {low:g} to {high:g}")
        schedule = place.text("schedule") or "even"
        try:
            planned = sum(tranches_of(schedule).values())
            if planned and planned > amount * (1 + 1e-9):
                place.wrong("schedule", f"tranches add up to {planned:g}, more than the amount, {amount:g}")
        except ValueError as error:
            place.wrong("schedule", f"{shown(schedule)} is no schedule", str(error).split("; or ")[-1])
        return Deal(
            key=place.text("key", required=True), payer=place.text("payer", required=True),
            payee=place.text("payee", required=True), instrument=place.text("instrument", required=True),
            amount=amount, low=low, high=high, currency=place.text("currency") or "USD", gigawatts=gigawatts,
            start=start, end=end, schedule=schedule, history=self.history(place), seniority=place.text("seniority"),
            collateral=place.text("collateral"), condition=place.text("condition"), notice_days=notice_days,
            counted_in=place.text("counted_in"), guarantees=place.text("guarantees"),
            confidence=place.text("confidence"), source=place.text("source"), note=place.text("note"),
        )  # fmt: skip

    def history(self, place: Place) -> tuple[tuple[date, str], ...]:
        """The statuses of a deal by the days from which they hold."""
        found: list[tuple[date, str]] = []
        for part in filter(None, (each.strip() for each in (place.row.get("history") or "").split(";"))):
            day, _, status = part.partition(" ")
            if status not in STATUSES:
                place.wrong("history", f"unknown status {shown(status)}", f"allowed: {', '.join(STATUSES)}",
                            nearest(status, STATUSES))  # fmt: skip
            found.append((place.day("history", day), status))
        if not found:
            place.wrong("history", "is missing", 'such as "2025-09-22 announced; 2026-02-27 lapsed"')
        elif found != sorted(found, key=lambda each: each[0]):
            place.wrong("history", "days are not in order")
        return tuple(found)

    def payment(self, place: Place) -> Payment:
        """The payment of a row."""
        year = place.number("year", required=True)
        return Payment(
            key=place.text("key", required=True), payer=place.text("payer", required=True),
            payee=place.text("payee", required=True), kind=place.text("kind", required=True),
            year=int(year) if math.isfinite(year) else 0, usd=place.number("usd", required=True),
            low_usd=place.number("low_usd"), high_usd=place.number("high_usd"), covers=place.flag("covers"),
            confidence=place.text("confidence"), source=place.text("source"), note=place.text("note"),
        )  # fmt: skip

    def party(self, place: Place) -> Party:
        """The party of a row."""
        numbers: Any = {name: place.number(name, negative=name in ("margin", "growth")) for name in NUMBERS}
        party = Party(
            key=place.text("key", required=True), name=place.text("name"), tier=place.text("tier", required=True),
            group=place.text("group"), core=place.flag("core"), nation=place.text("nation"),
            source=place.text("source"), note=place.text("note"),
        )  # fmt: skip
        return replace(party, **numbers)

    def everybody(
        self, given: Mapping[str, Party], deals: Iterable[Deal], payments: Iterable[Payment]
    ) -> dict[str, Party]:
        """All parties: those given, then those of the catalog or sectors who pay or are paid."""
        parties = dict(given)
        known = {**{name: sector(name) for name in SECTORS}, **catalog_parties()}
        for name in sorted(parties_of(deals, payments) - set(parties)):
            if name in known:
                parties[name] = known[name]
            else:
                self.nobody(name, (*given, *known))
        keys = {deal.key for deal in deals} | {payment.key for payment in payments}
        for deal in deals:
            if deal.counted_in and deal.counted_in not in keys:
                place = self.places["deals.csv", deal.key]
                place.wrong("counted_in", f"unknown deal or payment {shown(deal.counted_in)}", "",
                            nearest(deal.counted_in, keys))  # fmt: skip
                self.mistakes.append(place.mistakes[-1])
        return parties

    def nobody(self, name: str, known: Iterable[str]) -> None:
        """Notes every row that names a party which is in neither parties.csv nor the catalog."""
        near = nearest(name, known)
        for (file, _), place in self.places.items():
            for column in ("payer", "payee"):
                if file != "parties.csv" and (place.row.get(column) or "").strip() == name:
                    place.wrong(column, f"unknown party {shown(name)}", "describe it in parties.csv", near)
                    self.mistakes.append(place.mistakes[-1])
