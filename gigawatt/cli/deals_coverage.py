"""`gigawatt deals coverage`: cash that enters the core over cash that leaves it, and how long it lasts."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format

if TYPE_CHECKING:
    from gigawatt.cli.deals_coverage_rows import Covered

EXAMPLES = """\b
Examples:
  gigawatt deals coverage
  gigawatt deals coverage --firms OpenAI,Oracle,CoreWeave
  gigawatt deals coverage --at 2027Q1
  gigawatt deals coverage --status announced --table cash -f csv
  gigawatt deals coverage --run latest"""


class Table(StrEnum):
    """One table alone."""

    cover = "cover"
    cash = "cash"
    confidence = "confidence"


def coverage(
    firms: Annotated[
        list[str] | None,
        flag("firms", "These firms as one group in place of the core; commas between, or may repeat."),
    ] = None,
    at: Annotated[
        str | None,
        flag("at", "From when on new finance is shut, such as 2027Q1; after the last event of the book unless given."),
    ] = None,
    status: Status = FIRM,
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Cash that enters the core over cash that leaves it, by year; years to the first gap with new finance shut."""
    from gigawatt.cli.deals_coverage_rows import covered, tables
    from gigawatt.cli.deals_tables import asked_for_file

    with spoken():
        found = covered(Source(book=book, run=run, runs=runs, status=status), firms or (), at)
        if asked_for_file(how, out):
            tables(found).write(table, how, out)
            return
        if table is None:
            _answer(found)
        for each in [table] if table else [Table.cover, Table.cash]:
            _print(found, each)
        if table is None:
            _notes(found)


def _answer(found: Covered) -> None:
    from gigawatt.cli.deals_coverage_words import answer, differs
    from gigawatt.cli.deals_texts import say_confidence, say_wrapped

    for text in (answer(found), differs(found)):
        if text:
            say_wrapped(text)
            print()
    say_confidence(found.confidence, "payments that enter or leave")


def _print(found: Covered, table: Table) -> None:
    from gigawatt.cli.deals_coverage_rows import cash_rows, cover_rows, flow_rows
    from gigawatt.cli.deals_texts import confidence_rows
    from gigawatt.cli.output import show

    whole = f"--table {table.value} --format csv"
    if table is Table.cover:
        title = "Cash in over cash out, by what counts as cash in"
        show(cover_rows(found.years, found.ends), Format.table, title=title, least=("left without finance, USD bn",),
             whole=whole)  # fmt: skip
        show(flow_rows(found.years), Format.table, title="What enters and what leaves, USD bn",
             least=("taxes", "repayments", "other"), whole=whole)  # fmt: skip
    elif table is Table.cash and found.lasts:
        title = f"If new finance stopped on {found.start}: cash then and at year ends, USD bn"
        show(cash_rows(found), Format.table, title=title, whole=whole,
             least=("if core firms still invest", "opening cash", "first gap"))  # fmt: skip
    elif table is Table.confidence and found.confidence:
        show(confidence_rows(found.confidence), Format.table, title="How sure the payments that enter or leave are")


def _notes(found: Covered) -> None:
    from gigawatt.cli.deals_coverage_words import notes
    from gigawatt.cli.deals_texts import say_notes

    say_notes(notes(found))
