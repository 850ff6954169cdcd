"""What the commands of `gigawatt deals` have in common: which book or run, which year, how sure, and the network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.failures import say
from gigawatt.cli.inference import flag
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError, named

if TYPE_CHECKING:
    from gigawatt.deals.book import Book, Network

GIVEN = "gigawatt.deals.given"  # names of the options on the command line that are read so far
BOOK_AND_RUN = "--run asks a run in place of a book: leave --run or --book out"


def agreeing(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    """The value of an option that says where payments come from.

    Options on the command line are read before all others, so that the last call knows all that are given.

    Raises:
        GigawattError: Two options exclude each other, or one needs another.
    """
    name, given = str(param.name), ctx.meta.setdefault(GIVEN, set())
    if is_given(ctx, name):
        given.add(name)
    if {"run", "book"} <= given:
        raise GigawattError(BOOK_AND_RUN)
    if {"run", "status"} <= given:
        raise GigawattError("--status goes with a book: all payments of a run are paid")
    if name == "run" and "runs" in given and "run" not in given:
        raise GigawattError("--runs goes with --run, such as --run latest")
    return value


def is_given(ctx: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def known_status(ctx: typer.Context, param: typer.CallbackParam, value: str | None) -> Any:
    """A status of the ladder, whatever its case.

    Raises:
        GigawattError: There is no such status.
    """
    from gigawatt.deals.book import LADDER

    try:
        return agreeing(ctx, param, value if value is None else named("status", value, LADDER))
    except ValueError as error:
        raise GigawattError(f"--status: {error}") from None


BookFolder = Annotated[
    Path | None,
    typer.Option(
        "--book",
        help="Folder with deals.csv, as `gigawatt deals export` writes it; the catalog unless given.",
        callback=agreeing,
    ),
]
RunOf = Annotated[
    str | None,
    typer.Option(
        "--run",
        help="Ask the money ledger of a run in place of the book: its directory, its name or `latest`.",
        callback=agreeing,
    ),
]
Runs = Annotated[Path, typer.Option("--runs", help="Directory that holds the runs.", callback=agreeing)]
Year = Annotated[int | None, flag("year", "A calendar year; 2026, or the first full year of a run, unless given.")]
To = Annotated[int | None, flag("to", "The last of several years that are added up, from --year on.")]
Status = Annotated[
    str,
    typer.Option(
        "--status",
        help="Deals as sure as this: drawn, firm, signed, terminable, conditional or announced.",
        callback=known_status,
    ),
]
How = Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")]
YEAR = 2026
FIRM = "firm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where payments come from: a book, or a run; and which year of it."""

    book: Path | None = None
    run: str | None = None
    runs: Path = Path("runs")
    year: int | None = None
    status: str = FIRM

    def load(self) -> Book:
        """The book asked for, or that of the run at the start of the year.

        Raises:
            GigawattError: A book and a run are asked for.
        """
        from gigawatt.book_file import checked_book, load_book

        self.require_one()
        if self.run is not None:
            from gigawatt import store
            from gigawatt.book_of_run import book_of_run

            return book_of_run(store.load(store.find(self.run, self.runs)), self.year)
        if self.book is None:
            return load_book()
        found, doubts = checked_book(self.book)
        if doubts:
            _say_doubts(self.book, len(doubts))
        return found

    def network(self, year: int | None = None, status: str | None = None) -> Network:
        """The network of a year, that asked for unless given.

        Raises:
            GigawattError: The year or the status is unknown, or nothing is paid.
        """
        from gigawatt.cli.deals_networks import network_asked

        self.require_one()
        return network_asked(self, year or self.year, status or self.status)

    def require_one(self) -> None:
        """Refuses a book beside a run.

        Raises:
            GigawattError: Both are asked for.
        """
        if self.run is not None and self.book is not None:
            raise GigawattError(BOOK_AND_RUN)


@cache
def _say_doubts(folder: Path, count: int) -> None:
    """Says once where warnings about a book are told."""
    say(f"{folder}: {count} {'warnings' if count > 1 else 'warning'}; `gigawatt deals check {folder}` tells")
