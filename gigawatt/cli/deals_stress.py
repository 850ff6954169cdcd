"""`gigawatt deals stress`: what happens to the others if a firm cannot pay, or if markets shut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.deals_tables import asked_for_file
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError, listed_names, named

if TYPE_CHECKING:
    from gigawatt.deals.book import Book
    from gigawatt.deals.stress import Rung, Stress, Swing

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
    cash = "cash"
    assumed = "assumed"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with the book that it is put to; `shock` are the arguments of `stress` beside names and status."""

    book: Book
    names: tuple[str, ...]
    status: str
    shock: dict[str, Any]
    on: str = ""  # the firm that the answer is about
    ranged: bool = True  # the book has statuses and ranges of amounts; a run has what was paid

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        """The answer with fewer and with more deals and at the ends of amounts; none of a run."""
        from gigawatt.deals.stress import ladder

        return ladder(self.book, self.names, self.on, **self.shock) if self.ranged else ()

    @cached_property
    def moved(self) -> tuple[Swing, ...]:
        """The answer at both ends of each assumption."""
        from gigawatt.deals.stress import swings

        return swings(self.book, self.names, self.on, status=self.status, **self.shock)

    def answer(self, names: Sequence[str] | None = None, **changed: Any) -> Stress:
        """The shock to these names, or to all of them at once."""
        from gigawatt.deals.stress import stress

        given = self.names if names is None else tuple(names)
        return stress(self.book, given, **{"status": self.status, **self.shock, **changed})


def stress(
    default: Annotated[list[str] | None, flag("default", "Who cannot pay; may repeat, or commas between.")] = None,
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
        given = listed_names(default or ())
        _require_sense(given, on, shock, table, joint)
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        found_book = book_asked(source)
        names = tuple(dict.fromkeys(firm_named(found_book, "default", name) for name in given))
        asked = Asked(book=found_book, names=names, status=status, shock=shock, ranged=run is None,
                      on="" if on is None else firm_named(found_book, "on", on))  # fmt: skip
        if len(names) > 1 and not joint:
            _one_by_one(asked, how, out)
            return
        found = asked.answer()
        if table is Table.ranges and not asked.ranged:
            raise GigawattError("--table ranges: a run has no statuses and ranges; use a book")
        if asked_for_file(how, out):
            _write(asked, found, table, how, out)
        elif table is not None:
            _print(asked, found, table)
        else:
            _tell(asked, found)


def _require_sense(
    names: Sequence[str], on: str | None, shock: Mapping[str, Any], table: Table | None, joint: bool
) -> None:
    """Refuses a question without a shock, and options that would have no say in the answer."""
    fall, shut = shock["chip_price_fall"], shock["markets_shut"]
    if not names and not shut:
        alone = f"; what used chips are worth by themselves: gigawatt deals residual --chips-fall {100 * fall:g}%"
        raise GigawattError("say who cannot pay, as --default OpenAI, or for how long markets shut, as --shut 4"
                            + (alone if fall else ""))  # fmt: skip
    if shut > shock["quarters_after"]:
        raise GigawattError(f"--shut {shut}: only {shock['quarters_after']} quarters are looked at; --quarters {shut} "
                            "looks at all")  # fmt: skip
    if not names:
        used = {"pay": shock["pay_share"] or None, "joint": joint or None}
        refuse("nobody is named by --default", used)
    if names and shock["pay_share"] >= 1.0:
        raise GigawattError("--pay 100 %: a firm that pays all its dues is in no default; less than 100 %")
    if len(names) == 1:
        refuse("one firm alone", {"joint": joint or None})
    if len(names) > 1 and not joint:
        refuse("firms one by one are one table (--joint asks for all at once)", {"table": table})
    if table is Table.cash and on is None:
        raise GigawattError("--table cash: of one firm; say which with --on, such as --on Oracle")
    if table in (Table.layers, Table.losses):
        refuse(f"--table {table.value} is of all firms", {"on": on})


def firm_named(book: Book, option: str, name: str) -> str:
    """The firm of the book that is meant, letter case aside.

    Raises:
        GigawattError: There is none, or it is a sector.
    """
    from gigawatt.deals.book import SECTORS

    if name.strip().casefold() in SECTORS:
        raise GigawattError(f"--{option} {name}: a sector, which stands for all firms that are not named; name a firm")
    try:
        return named("firm", name, (key for key in book.parties if key not in SECTORS))
    except ValueError as error:
        raise GigawattError(f"--{option}: {error}") from None


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


def _tell(asked: Asked, found: Stress) -> None:
    """The answer in words, then the tables."""
    from gigawatt.cli.deals_stress_premise import notes
    from gigawatt.cli.deals_stress_words import answer
    from gigawatt.cli.deals_texts import say_notes, say_wrapped

    for text in answer(asked, found):
        say_wrapped(text)
        print()
    tables = [Table.quarters, Table.cash] if asked.on else []
    tables += [Table.firms, Table.layers]
    tables += [Table.losses] if asked.names else []
    tables += [Table.ranges] if asked.ranged else []
    for each in tables:
        _print(asked, found, each)
    say_notes(notes(asked, found))


def _print(asked: Asked, found: Stress, table: Table) -> None:
    from gigawatt.cli import deals_stress_rows as rows
    from gigawatt.cli.deals_texts import aligned
    from gigawatt.cli.output import show

    made = rows.shown(asked, found, table.value, TOP)
    if made:
        show(aligned(made, rows.LEFT), Format.table, title=rows.title(found, table.value, asked.on), least=rows.LEAST,
             whole=f"--table {table.value} --format csv")  # fmt: skip


def _write(asked: Asked, found: Stress, table: Table | None, how: Format, out: Path | None) -> None:
    from gigawatt.cli import deals_stress_plain as plain
    from gigawatt.cli.deals_stress_premise import condition
    from gigawatt.cli.deals_tables import Tables

    left_out = {Table.ranges: not asked.ranged, Table.cash: not asked.on}
    kept = [each.value for each in Table if not left_out.get(each)]
    made = Tables(rows={name: partial(plain.rows, asked, found, name) for name in kept}, columns=plain.COLUMNS,
                  note=condition(asked, found))  # fmt: skip
    made.write(table.value if table else None, how, out)


def _one_by_one(asked: Asked, how: Format, out: Path | None) -> None:
    """A row for each firm that is named, each failing alone; then all at once."""
    from gigawatt.cli import deals_stress_plain as plain
    from gigawatt.cli import deals_stress_rows as rows
    from gigawatt.cli.deals_stress_premise import notes
    from gigawatt.cli.deals_stress_words import alone
    from gigawatt.cli.deals_tables import rounded
    from gigawatt.cli.deals_texts import aligned, say_notes, say_wrapped
    from gigawatt.cli.output import show

    found = [*(asked.answer([name]) for name in asked.names), asked.answer()]
    if asked_for_file(how, out):
        show(rounded([plain.of_shock(asked, each) for each in found]), how, out)
        return
    say_wrapped(alone(asked, found))
    print()
    title = f"Each alone, then all at once, from {found[0].calendar.label(found[0].calendar.shock)} on, USD bn"
    show(aligned(rows.shock_rows(asked, found), rows.LEFT), Format.table, title=title, least=rows.LEAST)
    say_wrapped("More than one alone: losses through firms that one default would not bring down. --joint tells the "
                "joint shock in full.")  # fmt: skip
    say_notes(notes(asked, found[-1]))
