"""`gigawatt deals exposures`: who would lose how much if whom failed, by layer."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_day import OTHER_DEBT, Day, on_day, rows_asked
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.exposure import Exposures

EXAMPLES = """\b
Examples:
  gigawatt deals exposures
  gigawatt deals exposures --layer guarantee
  gigawatt deals exposures --on OpenAI --status announced
  gigawatt deals exposures --layer stake --matrix --out stakes.csv"""
TOP = 8
OPEN = ("stake", "warrant")  # layers that have no end
LEFT = ("holder", "on", "kind", "rank", "for", "deals", "layer")
HEADS = {
    "stake": "Stakes, at cost and at market", "warrant": "Rights to shares",
    "debt": "Loans, bonds and other debt outstanding",
    "commitment": "Purchases and rents still to come", "undrawn": "New money promised and not paid in",
    "guarantee": "Guarantees, at their cap",
}  # fmt: skip
MATRIX = "Holders by row, on whom by column, USD bn"


class Layer(StrEnum):
    """What kind of tie."""

    stake = "stake"
    warrant = "warrant"
    debt = "debt"
    commitment = "commitment"
    undrawn = "undrawn"
    guarantee = "guarantee"


def exposures(
    layer: Annotated[Layer | None, flag("layer", "One layer alone; all unless given.")] = None,
    holder: Annotated[str | None, flag("holder", "What one party holds or guarantees.")] = None,
    on: Annotated[str | None, flag("on", "What others hold on one party.")] = None,
    matrix: Annotated[bool, flag("matrix", "A matrix of holders by parties, in USD.")] = False,
    marked: Annotated[bool, flag("marked", "Stakes at market value in the matrix.")] = False,
    day: Day = None,
    status: Status = FIRM,
    top: Annotated[int, flag("top", "Rows of each layer.")] = TOP,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    year: Year = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Who holds what on whom: stakes, loans, commitments still to come, promised money, guarantees."""
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import exposures as exposures_of
    from gigawatt.deals.exposure import known_name

    with spoken():
        asked, at = on_day(Source(book=book, run=run, runs=runs, year=year, status=status), day)
        top = rows_asked(top)
        holders, ons = ([known_name(asked, name)] if name else None for name in (holder, on))
        found = exposures_of(asked, at, status).where(
            lambda row: (layer is None or row.layer == layer.value) and (holders is None or row.holder in holders)
            and (ons is None or row.on in ons)
        )  # fmt: skip
        printed = by_name(how, out) is Format.table and out is None
        if matrix:
            rows = matrix_rows(found, marked)
            show(in_billions(rows) if printed else rows, how, out, columns=["holder"], title=MATRIX if printed else "")
        elif not printed:
            show(found.table(), how, out, columns=COLUMNS)
        else:
            _answer(found)
            for each in HEADS:
                _table(found, each, top)
            _notes()


COLUMNS = ("holder", "on", "layer", "kind", "seniority", "for", "usd", "marked_usd", "until", "deals")


def matrix_rows(found: Exposures, marked: bool) -> list[dict[str, Any]]:
    """One row a holder with a column for each party that somebody holds something on."""
    matrix = found.matrix(marked=marked).tolist()
    held = [j for j in range(len(found.parties)) if any(row[j] for row in matrix)]
    return [
        {"holder": name, **{found.parties[j]: row[j] for j in held}}
        for name, row in zip(found.parties, matrix, strict=True) if any(row)
    ]  # fmt: skip


def in_billions(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The matrix as it is printed, a dash for nothing."""
    from gigawatt.cli.deals_texts import aligned, billions

    return aligned([{name: usd if name == "holder" else billions(usd) for name, usd in row.items()} for row in rows],
                   ("holder",))  # fmt: skip


def _answer(found: Exposures) -> None:
    from gigawatt.cli.deals_texts import bn, say_wrapped

    words = {"stake": "stakes of USD {}", "debt": "loans, bonds and other debt of {}",
             "commitment": "purchases and rents to come of {}",
             "undrawn": "new money promised of {}", "guarantee": "guarantees of {}"}  # fmt: skip
    told = [text.format(bn(found.total_usd(layer, marked=True)))
            for layer, text in words.items() if found.total_usd(layer, marked=True) > 0.0]  # fmt: skip
    largest = max((row for row in found.table() if row["usd"] == row["usd"]), key=lambda row: row["usd"], default=None)
    said = f"On {found.day}, by deals that are {found.status} or surer: {', '.join(told) or 'nothing'}."
    if largest is not None:
        until = f", until {largest['until']}" if largest["until"] and largest["layer"] not in OPEN else ""
        said += f" The largest tie is that of {largest['holder']} on {largest['on']}: {bn(largest['usd'])}, "
        said += f"{largest['kind'].replace('_', ' ')}{until}."
    hidden = sum(row.usd != row.usd and row.marked_usd != row.marked_usd for row in found.rows)
    say_wrapped(said + (f" {hidden} amounts are undisclosed and in no sum." if hidden else ""))
    print()


def _table(found: Exposures, layer: str, top: int) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, keys_text
    from gigawatt.cli.output import show

    cells = [row for row in found.table() if row["layer"] == layer]
    rows = []
    for row in cells[:top]:
        money = {"USD bn": billions(row["usd"]) or "n.p."}
        money |= {"at market": billions(row["marked_usd"])} if layer == "stake" else {}
        rows.append({"holder": row["holder"], "on": row["on"], "kind": row["kind"].replace("_", " "),
                     "rank": row["seniority"].replace("_", " "), "for": row["for"], **money,
                     "until": "" if layer in OPEN or row["until"] is None else row["until"].isoformat(),
                     "deals": keys_text(row["deals"].split())})  # fmt: skip
    if not rows:
        return
    empty = [name for name in ("for", "until") if not any(row[name] for row in rows)]
    rows = [{name: text for name, text in row.items() if name not in empty} for row in rows]
    more = f", the largest {top} of {len(cells)}" if len(cells) > top else ""
    show(aligned(rows, LEFT), Format.table, title=f"{HEADS[layer]}, USD bn{more}", least=("rank", "kind"))


def _notes() -> None:
    from gigawatt.cli.deals_texts import say_notes

    say_notes({
        "holder": "who loses if the other fails: owner, lender, seller of what is promised, whoever counts on new "
        "money, guarantor. A commitment of years is no asset of its holder; layers are not to be added up",
        "amounts": "what schedules have due by the day is taken as paid; loans are repaid by the terms of the tables "
        "residuals and financings; a guarantee covers no more than is owed",
        "other debt": OTHER_DEBT,
        "lenders, investors": "everybody of their kind who is not named",
    })  # fmt: skip
