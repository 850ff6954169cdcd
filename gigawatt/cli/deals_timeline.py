"""`gigawatt deals timeline`: deals in the order of their announcement, with their status then and on a day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_options import BookFolder, How, Out, Source
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError, listed_names, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gigawatt.cli.deals_tables import Tables
    from gigawatt.deals.circular import Entry

EXAMPLES = """\b
Examples:
  gigawatt deals timeline --from 2025-09-01 --to 2025-12-31
  gigawatt deals timeline --party OpenAI
  gigawatt deals timeline --party Nvidia --status-on 2025-12-31
  gigawatt deals timeline -f csv --out deals.csv"""
PLACES = "payer", "payee", "instrument", "condition", "source", "deal"


class Table(StrEnum):
    """One table alone."""

    deals = "deals"
    totals = "totals"


def timeline(
    since: Annotated[str | None, flag("from", "First day of announcement, such as 2025-09-01.")] = None,
    until: Annotated[str | None, flag("to", "Last day of announcement.")] = None,
    party: Annotated[list[str] | None, flag("party", "Payer or payee; commas between, or may repeat.")] = None,
    status_on: Annotated[
        str | None, flag("status-on", "The day whose status is told; the last one known unless given.")
    ] = None,
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Deals in the order of their announcement: status then and now, amounts, conditions, sources, totals by status."""
    from gigawatt.cli.deals_tables import asked_for_file
    from gigawatt.deals.circular import timeline as entries_of

    with spoken():
        found = Source(book=book).load()
        day, first, last = _day("status-on", status_on), _day("from", since), _day("to", until)
        if first and last and last < first:
            raise GigawattError(f"--to {last} is before --from {first}")
        names = [named("party", name, found.parties) for name in listed_names(party or ())]
        entries = entries_of(found, first, last, names, day)
        if asked_for_file(how, out):
            _tables(entries).write(table, how, out)
            return
    if table is None:
        _answer(entries, day)
    if entries:
        _print(entries, day, table)


def _day(name: str, text: str | None) -> date | None:
    """The day given; None without one.

    Raises:
        GigawattError: It is no day of the calendar.
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise GigawattError(f"--{name} {text}: no day of the calendar such as 2025-09-01") from None


def _answer(entries: Sequence[Entry], day: date | None) -> None:
    from gigawatt.cli.deals_texts import bn, counted, say_confidence, say_wrapped
    from gigawatt.deals.circular import totals

    if not entries:
        say_wrapped("No deal of the book was announced in that time by those asked for.")
        return
    when = f"on {day}" if day else "now"
    usd = {part: sum(total.usd[part] for total in totals(entries)) for part in ("equity", "debt", "purchases")}
    told = ", ".join(f"{bn(amount)} {part}" for part, amount in usd.items() if amount)
    out = sum(bool(entry.left_out) for entry in entries)
    say_wrapped(
        f"{counted(len(entries), 'deal')}; of those that stand {when} USD {bn(sum(usd.values()))} in all"
        f"{f' ({told})' if told else ''}, each amount counted once and guarantees left out; "
        f"{counted(out, 'deal is', 'deals are')} listed and not added. A sum of contracts of many years is no yearly "
        "payment."
    )
    print()
    sure = _confidence(entries)
    if sure:
        say_confidence(sure, "amounts that are added up")


def _confidence(entries: Sequence[Entry]) -> dict[str, float]:
    """USD of the deals that are added up by their confidence."""
    from gigawatt.deals.book import CONFIDENCES
    from gigawatt.deals.circular.timeline import COUNTED, part_of

    counted = [e.deal for e in entries if e.left_out == COUNTED and e.deal.known and part_of(e.deal) != "guarantees"]
    found = {name: sum(deal.amount for deal in counted if deal.confidence == name) for name in CONFIDENCES}
    found["not stated"] = sum(deal.amount for deal in counted if deal.confidence not in CONFIDENCES)
    return {name: usd for name, usd in found.items() if usd}


def _print(entries: Sequence[Entry], day: date | None, table: Table | None) -> None:
    from gigawatt.cli.deals_circularity_words import KEYS
    from gigawatt.cli.deals_texts import aligned, say_notes
    from gigawatt.cli.output import show

    now = f"on {day}" if day else "now"
    if table is not Table.totals:
        rows = aligned([_row(entry, now) for entry in entries], ("announced", "then", now, "since", *PLACES))
        show(rows, Format.table, title="Deals by day of announcement", columns=("announced", "deal"),
             least=("condition", "source", "since", "deal"))  # fmt: skip
    if table is not Table.deals:
        show(aligned(_total_rows(entries), ("status",)), Format.table, title=f"Totals by status {now}, USD bn")
    left = _left_rows(entries)
    if left and table is None:
        show(aligned(left, ("left out because", "deals")), Format.table, title="Listed and not added")
    say_notes({
        "guarantees": "backstops and residual-value guarantees pay nothing unless they are called: not in the sum",
        "counted once": "where another deal or a payment holds the same money, that one is added (`counted_in`)",
        "keys": KEYS,
    })  # fmt: skip


def _tables(entries: Sequence[Entry]) -> Tables:
    """The tables as files take them."""
    from gigawatt.cli.deals_tables import Tables

    return Tables(
        rows={"deals": lambda: [_plain(entry) for entry in entries], "totals": lambda: _plain_totals(entries)},
        columns={"deals": PLAIN},
        note="deals with a reason in left_out are in no total; sums of contracts of many years are no yearly payments",
    )  # fmt: skip


def _plain_totals(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """USD by status and what it is for."""
    from gigawatt.deals.circular import totals

    return [{"status": each.status, "deals": each.deals, **{f"{part}_usd": usd for part, usd in each.usd.items()},
             "not_disclosed": each.undisclosed} for each in totals(entries)]  # fmt: skip


def _row(entry: Entry, now: str) -> dict[str, str]:
    from gigawatt.cli.deals_texts import billions

    deal = entry.deal
    return {
        "announced": entry.announced.isoformat(), "payer": deal.payer, "payee": deal.payee,
        "instrument": deal.instrument, "USD bn": billions(deal.amount) or "?", "then": entry.status_then,
        now: entry.status or "not known yet", "since": entry.since.isoformat() if entry.since else "",
        "condition": deal.condition, "source": deal.source, "deal": deal.key,
    }  # fmt: skip


def _total_rows(entries: Sequence[Entry]) -> list[dict[str, str]]:
    from gigawatt.cli.deals_texts import billions
    from gigawatt.deals.circular import totals

    found = totals(entries)
    rows = [{"status": each.status, "deals": str(each.deals), **{part: billions(usd) for part, usd in each.usd.items()},
             "not disclosed": str(each.undisclosed or "-")} for each in found]  # fmt: skip
    sums = {part: sum(each.usd[part] for each in found) for part in found[0].usd}
    rows.append({
        "status": "all that stand", "deals": str(sum(each.deals for each in found)),
        **{part: billions(usd) for part, usd in sums.items()},
        "not disclosed": str(sum(each.undisclosed for each in found) or "-"),
    })  # fmt: skip
    return rows


def _left_rows(entries: Sequence[Entry]) -> list[dict[str, str]]:
    from gigawatt.cli.deals_texts import billions, keys_text

    rows = []
    for why in dict.fromkeys(entry.left_out for entry in entries if entry.left_out):
        deals = [entry.deal for entry in entries if entry.left_out == why]
        keys = [f"{deal.key} (in {deal.counted_in})" if deal.counted_in else deal.key for deal in deals]
        usd = sum(deal.amount for deal in deals if deal.known)
        rows.append({"left out because": why, "number": str(len(deals)), "USD bn": billions(usd) if usd else "?",
                     "deals": keys_text(keys, most=6)})  # fmt: skip
    return rows


PLAIN = (
    "announced", "payer", "payee", "instrument", "amount", "currency", "start", "end", "status_then", "status", "since",
    "condition", "counted_in", "left_out", "confidence", "source", "note", "deal",
)  # fmt: skip


def _plain(entry: Entry) -> dict[str, Any]:
    """All columns of an entry."""
    deal = entry.deal
    own = {name: getattr(deal, name) for name in PLAIN if hasattr(deal, name) and name not in ("status", "announced")}
    told = {"announced": entry.announced.isoformat(), "status_then": entry.status_then, "status": entry.status,
            "since": entry.since.isoformat() if entry.since else "", "left_out": entry.left_out, "deal": deal.key,
            "start": deal.start.isoformat(), "end": deal.end.isoformat()}  # fmt: skip
    return {name: (own | told)[name] for name in PLAIN}
