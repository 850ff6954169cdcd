"""Deals, payments and parties from the rows of their files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from gigawatt.book_file.place import Place
from gigawatt.deals.book import STATUSES, Deal, Party, Payment
from gigawatt.deals.book.parties import NUMBERS
from gigawatt.deals.book.schedule import tranches_of
from gigawatt.errors import nearest, shown

DEAL_NUMBERS = ("amount", "low", "high", "gigawatts", "notice_days")
BELOW_ZERO = ("margin", "growth")


def deal(place: Place) -> Deal:
    """The deal of a row."""
    amount, low, high, gigawatts, notice_days = (place.number(column) for column in DEAL_NUMBERS)
    start, end = place.day("start"), place.day("end")
    if end < start:
        place.wrong("end", f"{end} is before the start, {start}")
    if not place.commas:
        place.range("amount", amount, low, high)
    schedule = _schedule(place, amount)
    return Deal(
        key=place.text("key", required=True), payer=place.text("payer", required=True),
        payee=place.text("payee", required=True), instrument=place.text("instrument", required=True),
        amount=amount, low=low, high=high, currency=place.text("currency") or "USD", gigawatts=gigawatts,
        start=start, end=end, schedule=schedule, history=_history(place), seniority=place.text("seniority"),
        collateral=place.text("collateral"), condition=place.text("condition"), notice_days=notice_days,
        counted_in=place.text("counted_in"), guarantees=place.text("guarantees"),
        confidence=place.text("confidence"), source=place.text("source"), note=place.text("note"),
    )  # fmt: skip


def _schedule(place: Place, amount: float) -> str:
    """The schedule of a deal; tranches may not be more than the amount."""
    schedule = place.text("schedule") or "even"
    try:
        planned = sum(tranches_of(schedule).values())
        if planned and planned > amount * (1 + 1e-9):
            place.wrong("schedule", f"tranches add up to {planned:g}, more than the amount, {amount:g}")
    except ValueError as error:
        place.wrong("schedule", f"{shown(schedule)} is no schedule", str(error).split("; or ")[-1])
    return schedule


def _history(place: Place) -> tuple[tuple[date, str], ...]:
    """The statuses of a deal by the days from which they hold."""
    found: list[tuple[date, str]] = []
    for part in filter(None, (each.strip() for each in place.cell("history").split(";"))):
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


def payment(place: Place) -> Payment:
    """The payment of a row."""
    usd, low_usd, high_usd = place.number("usd", required=True), place.number("low_usd"), place.number("high_usd")
    if place.is_good:
        place.range("usd", usd, low_usd, high_usd)
    return Payment(
        key=place.text("key", required=True), payer=place.text("payer", required=True),
        payee=place.text("payee", required=True), kind=place.text("kind", required=True), year=place.year("year"),
        usd=usd, low_usd=low_usd, high_usd=high_usd, covers=place.flag("covers"),
        confidence=place.text("confidence"), source=place.text("source"), note=place.text("note"),
    )  # fmt: skip


def party(place: Place) -> Party:
    """The party of a row."""
    numbers: Any = {name: place.number(name, negative=name in BELOW_ZERO) for name in NUMBERS}
    found = Party(
        key=place.text("key", required=True), name=place.text("name"), tier=place.text("tier", required=True),
        group=place.text("group"), core=place.flag("core"), nation=place.text("nation"),
        source=place.text("source"), note=place.text("note"),
    )  # fmt: skip
    return replace(found, **numbers)
