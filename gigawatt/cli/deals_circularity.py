"""`gigawatt deals circularity`: how much of all payments goes round, by every definition, year and status."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, To, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.deals_circularity_rows import Asked

EXAMPLES = """\b
Examples:
  gigawatt deals circularity
  gigawatt deals circularity --year 2027 --status announced --scope core
  gigawatt deals circularity --by year
  gigawatt deals circularity --year 2025 --to 2028 --status conditional
  gigawatt deals circularity --table investors --out investors.csv
  gigawatt deals circularity --run latest --year 2030"""


class Scope(StrEnum):
    """Among whom money is asked to go round."""

    everybody = "everybody"
    core = "core"
    merged = "merged"


class By(StrEnum):
    """What the rows of a table are."""

    definition = "definition"
    year = "year"
    status = "status"


class Table(StrEnum):
    """One table alone."""

    definitions = "definitions"
    statuses = "statuses"
    years = "years"
    investors = "investors"
    coverage = "coverage"
    confidence = "confidence"


OF_BY = {By.definition: Table.definitions, By.status: Table.statuses, By.year: Table.years}
READ = (Table.definitions, Table.statuses, Table.years, Table.investors, Table.coverage)
"""Tables of the whole answer."""


def circularity(
    year: Year = None,
    to: To = None,
    status: Status = FIRM,
    scope: Annotated[Scope, flag("scope", "Among whom: everybody, the core firms, or all others merged.")] = (
        Scope.everybody
    ),
    by: Annotated[By | None, flag("by", "One table alone: a row for each definition, year or status.")] = None,
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """How much of all payments goes round in a circle: every definition, by year, by how sure deals are."""
    from gigawatt.cli.deals_circularity_rows import Asked, tables
    from gigawatt.cli.deals_tables import asked_for_file

    with spoken():
        if by is not None and table is not None:
            raise GigawattError("--by and --table both say which table: leave one out")
        wanted = OF_BY[by] if by else table
        asked = Asked(Source(book=book, run=run, runs=runs, year=year, status=status), to)
        if asked_for_file(how, out):
            tables(asked, scope.value).write(wanted, how, out)
            return
        _answer(asked, scope.value)
        for each in [wanted] if wanted else READ:
            _print(asked, scope.value, each)
        _notes(asked, scope.value, wanted)


def _answer(asked: Asked, scope: str) -> None:
    from gigawatt.cli.deals_circularity_words import answer
    from gigawatt.cli.deals_texts import say_confidence, say_wrapped

    for text in answer(asked, scope):
        say_wrapped(text)
    print()
    say_confidence(asked.confidence, "payments")


def _print(asked: Asked, scope: str, table: Table) -> None:
    from gigawatt.cli.deals_circularity_rows import shown
    from gigawatt.cli.output import show

    title, rows, least = shown(asked, scope, table.value)
    if rows:
        show(rows, Format.table, title=title, least=least, whole=f"--table {table.value} --format csv")


def _notes(asked: Asked, scope: str, table: Table | None) -> None:
    from gigawatt.cli.deals_circularity_words import notes
    from gigawatt.cli.deals_texts import say_notes

    say_notes(notes(asked, scope, table.value if table else ""))
