"""`gigawatt deals loops`: circles of money by name, with the smallest payment and the deals behind each step."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigawatt.cli.deals_circularity import Scope
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, To, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format
from gigawatt.errors import listed_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gigawatt.cli.deals_loops_rows import Found

EXAMPLES = """\b
Examples:
  gigawatt deals loops
  gigawatt deals loops --through Nvidia --year 2027
  gigawatt deals loops --wide --longest 6 --status announced
  gigawatt deals loops --narrow --run latest
  gigawatt deals loops --out loops.csv"""
LISTS = {
    "circulation": "circles that the maximum circulation is made of: amounts add up, but others can be as good",
    "narrow": "an investment that comes back to the investor as purchases: the smallest payment on the way",
    "wide": "any payments round to the first payer: circles share payments, so that amounts do not add up",
}


class Table(StrEnum):
    """One table alone."""

    circles = "circles"
    confidence = "confidence"


def loops(
    year: Year = None,
    to: To = None,
    status: Status = FIRM,
    longest: Annotated[int, flag("longest", "Payments in the longest circle of --wide and --narrow.")] = 4,
    through: Annotated[
        list[str] | None,
        flag("through", "Only circles that pass all these parties; commas between, or may repeat."),
    ] = None,
    wide: Annotated[bool, flag("wide", "All circles of any payments alone.")] = False,
    narrow: Annotated[bool, flag("narrow", "Circles in which an investment comes back as purchases alone.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="Circles printed of each list.")] = 12,
    scope: Annotated[Scope, flag("scope", "Among whom: everybody, the core firms, or all others merged.")] = (
        Scope.everybody
    ),
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Circles of money by name, with their smallest payment and the deals behind each step."""
    from gigawatt.cli.deals_loops_rows import found_of, tables
    from gigawatt.cli.deals_tables import asked_for_file

    wanted = [name for name, asked in (("narrow", narrow), ("wide", wide)) if asked] or list(LISTS)
    with spoken():
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        found = found_of(source, to, wanted, longest, scope.value, listed_names(through or ()))
        if asked_for_file(how, out):
            tables(found).write(table, how, out)
            return
        _answer(found, longest)
        if table is Table.confidence:
            _confidence(found)
            return
        for each in wanted:
            _print(found, each, most)
        _notes()


def _answer(found: Found, longest: int) -> None:
    from gigawatt.cli.deals_texts import bn, counted, say_confidence, say_wrapped

    through = f" through {' and '.join(found.names)}" if found.names else ""
    said = []
    if "circulation" in found.circles:
        said.append(_circulation(found))
    counts = {"narrow": ("brings", "bring", "an investment back as purchases"),
              "wide": ("is closed by", "are closed by", "any payments")}  # fmt: skip
    for each, (one, many, what) in counts.items():
        if each in found.circles:
            circles = found.circles[each]
            largest = f", the largest {circles[0].label} up to {bn(circles[0].usd)}" if circles else ""
            said.append(f"{counted(len(circles), 'circle')} of up to {longest} payments{through} "
                        f"{one if len(circles) == 1 else many} {what}{largest}")  # fmt: skip
    sure = "paid in the run" if found.network.status == "paid" else f"deals {found.network.status} or surer"
    say_wrapped(f"{found.network.period}, {sure}: {'; '.join(said)}.")
    print()
    say_confidence(found.confidence, "payments on these circles") if found.steps else None


def _circulation(found: Found) -> str:
    """What can have gone round in all, what of it passes the parties asked for in one split, and what needs them."""
    from gigawatt.cli.deals_texts import bn, counted

    circles = found.circles["circulation"]
    usd = sum(circle.usd * len(circle.steps) for circle in circles)
    if not found.names:
        return f"USD {bn(usd)} can have gone round, on {counted(len(circles), 'circle')}"
    who = " and ".join(found.names)
    text = (f"USD {bn(found.round_usd)} can have gone round in all; in the split shown, one of several that are as "
            f"good, {bn(usd)} of it is on {counted(len(circles), 'circle')} through {who}")  # fmt: skip
    if found.without_usd is None:
        return text
    return f"{text}; without the payments of {who} {bn(found.without_usd)} could have"


def _print(found: Found, which: str, most: int) -> None:
    from gigawatt.cli.deals_loops_rows import rows
    from gigawatt.cli.output import show

    circles = found.circles[which]
    title = f"{which}: {LISTS[which]}"
    if len(circles) > most:
        title += f"; {most} of {len(circles):,} (--most)"
    columns: Sequence[str] = ("circle", "USD bn")
    show(rows(circles[:most]), Format.table, title=title, columns=columns, least=("deals and payments", "paid for"))


def _confidence(found: Found) -> None:
    from gigawatt.cli.deals_texts import confidence_rows
    from gigawatt.cli.output import show

    show(confidence_rows(found.confidence), Format.table, title="How sure the payments on these circles are")


def _notes() -> None:
    from gigawatt.cli.deals_circularity_words import KEYS
    from gigawatt.cli.deals_texts import say_notes

    say_notes({
        "USD bn": "the most that can have gone all the way round: no account says that the same money did",
        "keys": KEYS + "; --out loops.csv has all of them, step by step",
    })  # fmt: skip
