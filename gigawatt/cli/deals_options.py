"""What the commands of `gigawatt deals` have in common: which book or run, which year, how sure, and the network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click
import typer
from click.core import ParameterSource

from gigawatt.cli.inference import flag
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.deals.book import Book, Network

BookFolder = Annotated[
    Path | None, flag("book", "Folder with deals.csv, as `gigawatt deals export` writes it; the catalog unless given.")
]
RunOf = Annotated[
    str | None, flag("run", "Ask the money ledger of a run in place of the book: its directory, its name or `latest`.")
]
Runs = Annotated[Path, flag("runs", "Directory that holds the runs.")]
Year = Annotated[int | None, flag("year", "A calendar year; 2026, or the first full year of a run, unless given.")]
To = Annotated[int | None, flag("to", "The last of several years that are added up, from --year on.")]
Status = Annotated[
    str, flag("status", "Deals as sure as this: drawn, firm, signed, terminable, conditional or announced.")
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
            GigawattError: A book and a run are asked for, or a status of a run.
        """
        from gigawatt.book_file import load_book

        self.require_one()
        if self.run is None:
            return load_book(self.book)
        from gigawatt import store
        from gigawatt.book_of_run import book_of_run

        return book_of_run(store.load(store.find(self.run, self.runs)), self.year)

    def network(self, year: int | None = None, status: str | None = None) -> Network:
        """The network of a year, that asked for unless given.

        Raises:
            GigawattError: The year or the status is unknown, or nothing is paid.
        """
        from gigawatt.cli.deals_networks import network_asked

        self.require_one()
        return network_asked(self, year or self.year, status or self.status)

    def require_one(self) -> None:
        """Refuses what has no use beside a run.

        Raises:
            GigawattError: A book and a run are asked for, or a status of a run.
        """
        if self.run is not None and self.book is not None:
            raise GigawattError("--run asks a run in place of a book: leave --run or --book out")
        if self.run is not None and _given("status"):
            raise GigawattError("--status goes with a book: all payments of a run are paid")


def _given(option: str) -> bool:
    """Whether an option of the running command was given."""
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source(option) is ParameterSource.COMMANDLINE
