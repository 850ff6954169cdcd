"""`gigawatt deals stress`: what happens to the others if a firm cannot pay, or if markets shut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.deals.book import Book
    from gigawatt.deals.stress import Stress

EXAMPLES = """\b
Examples:
  gigawatt deals stress --default OpenAI
  gigawatt deals stress --default OpenAI --on Oracle --pay 50%
  gigawatt deals stress --default OpenAI --shut 4 --chips-fall 40%
  gigawatt deals stress --default OpenAI --default Anthropic --joint
  gigawatt deals stress --shut 6
  gigawatt deals stress --run latest --year 2030 --default OpenAI
  gigawatt deals stress --default Fluidstack --table losses -f csv"""

QUARTERS = 12
TOP = 12


class Table(StrEnum):
    """One table alone."""

    firms = "firms"
    layers = "layers"
    losses = "losses"
    ranges = "ranges"
    quarters = "quarters"
    assumed = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with the book that it is put to; `shock` are the arguments of `stress` beside names and status."""

    book: Book
    names: tuple[str, ...]
    status: str
    shock: dict[str, Any]
    ranged: bool = True  # the book has statuses and ranges of amounts; a run has what was paid

    def answer(self, names: Sequence[str] | None = None, **changed: Any) -> Stress:
        """The shock to these names, or to all of them at once."""
        from gigawatt.deals.stress import stress

        given = self.names if names is None else tuple(names)
        return stress(self.book, given, **{"status": self.status, **self.shock, **changed})


def stress(
    default: Annotated[list[str] | None, flag("default", "A firm that cannot pay; may repeat.")] = None,
    on: Annotated[str | None, flag("on", "The firm that the answer is about; the five most hit unless given.")] = None,
    pay: Annotated[str, flag("pay", "Share of its dues that the firm goes on paying, such as 50%.")] = "0 %",
    quarters: Annotated[int, flag("quarters", "Quarters looked at from the shock on.")] = QUARTERS,
    at: Annotated[
        str | None, flag("at", "When it happens, such as 2027Q1; after the last event of the book unless given.")
    ] = None,
    shut: Annotated[int, flag("shut", "Quarters in which markets give no new money; alone: a test of all firms.")] = 0,
    chips_fall: Annotated[str, flag("chips-fall", "Fall of prices of chips and rents, such as 40%.")] = "0 %",
    joint: Annotated[bool, typer.Option("--joint", help="All firms named at once; one by one unless given.")] = False,
    alpha: Annotated[str, flag("alpha", "Share of cash left in the quarter of a default.")] = "100 %",
    beta: Annotated[str, flag("beta", "Share of receipts from other firms left then.")] = "100 %",
    status: Status = FIRM,
    table: Annotated[Table | None, flag("table", "One table alone.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    year: Year = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """What happens to the others if a firm cannot pay, or if markets shut: cash, first defaults, losses by layer."""
    with spoken():
        shock = {
            "pay_share": share("pay", pay), "chip_price_fall": share("chips-fall", chips_fall),
            "alpha": share("alpha", alpha), "beta": share("beta", beta), "markets_shut": shut,
            "quarters_after": quarters, "at": day(at),
        }  # fmt: skip
        names = tuple(dict.fromkeys(default or ()))
        if not names and not shut:
            raise GigawattError("say who cannot pay, as --default OpenAI, or for how long markets shut, as --shut 4")
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        asked = Asked(book=book_asked(source), names=names, status=status, shock=shock, ranged=run is None)
        if len(names) > 1 and not joint:
            _one_by_one(asked, on, how, out)
            return
        found = asked.answer()
        if on is not None:
            _require(found, on)
        if table is Table.ranges and not asked.ranged:
            raise GigawattError("--table ranges: a run has no statuses and ranges; use a book")
        if by_name(how, out) is not Format.table or out is not None:
            _write(asked, found, on, table or Table.firms, how, out)
        elif table is not None:
            _print(asked, found, on, table)
        else:
            _tell(asked, found, on)


def book_asked(source: Source) -> Book:
    """The book, or that of a run at the start of a year.

    Raises:
        GigawattError: A year without a run: a shock to the book has its own day.
    """
    if source.run is None and source.year is not None:
        raise GigawattError("--year goes with --run; say when it happens with --at, such as --at 2027Q1")
    return source.load()


def share(option: str, text: str) -> float:
    """A share between 0 and 1 from the text of an option.

    Raises:
        GigawattError: It is no share.
    """
    from gigawatt.units import parse_quantity

    try:
        found = float(parse_quantity(text, "1", f"--{option}").value)
    except ValueError as error:
        raise GigawattError(f"--{option} {text}: {error}") from None
    if not 0.0 <= found <= 1.0:
        raise GigawattError(f"--{option} {text}: must lie between 0 and 1, or 0 % and 100 %")
    return found


def day(text: str | None) -> date | None:
    """The first day of a quarter such as 2027Q1, or a day such as 2027-03-01.

    Raises:
        GigawattError: It is neither.
    """
    if text is None:
        return None
    year, found, quarter = text.upper().partition("Q")
    try:
        if found:
            return date(int(year), 3 * int(quarter) - 2, 1)
        return date.fromisoformat(text)
    except ValueError:
        raise GigawattError(f"--at {text}: a quarter such as 2027Q1, or a day such as 2027-01-01") from None


def _require(found: Stress, on: str) -> None:
    """GigawattError for a firm that the book does not have."""
    from gigawatt.errors import nearest

    if on not in found.firms:
        near = nearest(on, found.firms)
        raise GigawattError(f"--on {on}: no such firm in the book" + (f"; did you mean {near}?" if near else ""))


def _tell(asked: Asked, found: Stress, on: str | None) -> None:
    """The answer in words, then the tables."""
    from gigawatt.cli.deals_stress_words import answer, notes
    from gigawatt.cli.deals_texts import say_notes, say_wrapped

    for text in answer(asked, found, on):
        say_wrapped(text)
        print()
    tables = [Table.quarters] if on else []
    tables += [Table.firms, Table.layers]
    if asked.names:
        tables += [Table.losses, Table.ranges] if asked.ranged else [Table.losses]
    for each in tables:
        _print(asked, found, on, each)
    say_notes(notes(found, asked.ranged))


def _print(asked: Asked, found: Stress, on: str | None, table: Table) -> None:
    from gigawatt.cli import deals_stress_rows as rows
    from gigawatt.cli.deals_texts import aligned
    from gigawatt.cli.output import show

    made = rows.shown(asked, found, on, table.value, TOP)
    if made:
        show(aligned(made, rows.LEFT), Format.table, title=rows.title(found, table.value, on), least=rows.LEAST)


def _write(asked: Asked, found: Stress, on: str | None, table: Table, how: Format, out: Path | None) -> None:
    from gigawatt.cli import deals_stress_rows as rows
    from gigawatt.cli.output import show

    made = rows.plain(asked, found, on, table.value)
    show(made, how, out, columns=rows.COLUMNS[table.value])


def _one_by_one(asked: Asked, on: str | None, how: Format, out: Path | None) -> None:
    """A row for each firm that is named, each failing alone; then all at once."""
    from gigawatt.cli import deals_stress_rows as rows
    from gigawatt.cli.deals_texts import aligned, say_wrapped
    from gigawatt.cli.output import show

    found = [asked.answer([name]) for name in asked.names]
    if on is not None:
        _require(found[0], on)
    found.append(asked.answer())
    if by_name(how, out) is not Format.table or out is not None:
        show([rows.plain_shock(each, on) for each in found], how, out)
        return
    title = f"Each alone, then all at once, from {found[0].calendar.label(found[0].calendar.shock)} on, USD bn"
    show(aligned(rows.shock_rows(found, on), rows.LEFT), Format.table, title=title, least=rows.LEAST)
    say_wrapped("More than one alone: losses through firms that one default would not bring down. --joint tells the "
                "joint shock in full.")  # fmt: skip
