"""`gigawatt deals who-funds`: whose money the sales of a firm are, with bounds, and who pays in the end."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, To, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.deals_who_funds_rows import Asked
    from gigawatt.deals.circular import Funding

EXAMPLES = """\b
Examples:
  gigawatt deals who-funds Nvidia
  gigawatt deals who-funds CoreWeave --source self --year 2027
  gigawatt deals who-funds OpenAI --receipts all
  gigawatt deals who-funds Oracle --source OpenAI,SoftBank --by year"""


WAYS = {"from outside": "money from outside", "own cash": "own cash of firms", "a closed circle": "without origin"}


class Receipts(StrEnum):
    """What of a firm's receipts is asked for."""

    sales = "sales"
    all = "all"


class By(StrEnum):
    """What the rows of a table alone are."""

    year = "year"
    status = "status"


class Table(StrEnum):
    """One table alone."""

    payers = "payers"
    years = "years"
    statuses = "statuses"
    confidence = "confidence"


OF_BY = {By.year: Table.years, By.status: Table.statuses}


def who_funds(
    firm: Annotated[str, typer.Argument(metavar="FIRM", help="Whose receipts.")],
    source: Annotated[
        list[str] | None,
        flag(
            "source",
            "Whose money: vendors (all makers of chips, unless given), self, or names; commas between, or may repeat.",
        ),
    ] = None,
    receipts: Annotated[Receipts, flag("receipts", "Sales, or all receipts with investment in the firm.")] = (
        Receipts.sales
    ),
    year: Year = None,
    to: To = None,
    status: Status = FIRM,
    by: Annotated[By | None, flag("by", "The shares by year or by status of the deals alone.")] = None,
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Whose money the sales of a firm are: chip makers' or its own, with bounds; who pays it, and who in the end."""
    from gigawatt.cli.deals_tables import asked_for_file
    from gigawatt.cli.deals_who_funds_rows import Asked, tables

    with spoken():
        if by is not None and table is not None:
            raise GigawattError("--by and --table both say which table: leave one out")
        wanted = OF_BY[by] if by else table
        payments = Source(book=book, run=run, runs=runs, year=year, status=status)
        asked = Asked(payments, to, firm, ",".join(source or ()) or "vendors", receipts.value)
        if asked_for_file(how, out):
            tables(asked).write(wanted, how, out)
        elif wanted in (Table.years, Table.statuses):
            _by(asked, wanted)
        else:
            _answer(asked)
            _print(asked, wanted)


def _answer(asked: Asked) -> None:
    from gigawatt.cli.deals_texts import bn, confidence_text, percent, say_confidence, say_wrapped

    found, word = asked.one, "sales" if asked.receipts == Receipts.sales else "receipts"
    least, mixed, most = (percent(share) for share in found.shares)
    whose = {"vendors": f"money of chip makers ({', '.join(found.sources)})", "self": "its own money"}
    here = " in the book" if asked.source.run is None else " in the run"
    say_wrapped(
        f"{found.firm}, {asked.network.period}: of {word} of USD {bn(found.receipts_usd)}{here} at least {least} and "
        f"at most {most} is {whose.get(asked.money, 'money of ' + ', '.join(found.sources))}, {mixed} if everybody "
        f"passes on a mixture. In the end {_in_the_end(found)}."
    )
    print()
    say_confidence(asked.direct, word)
    if asked.all:
        say_wrapped(
            f"Of all payments that are traced, USD {bn(sum(asked.all.values()))}, {confidence_text(asked.all)}."
        )
        print()


def _in_the_end(found: Funding) -> str:
    """What share enters from outside and what is own cash, with the largest payer of each."""
    from gigawatt.cli.deals_texts import percent

    told = []
    for way in dict.fromkeys(payer.way for payer in found.final):
        payers = [payer for payer in found.final if payer.way == way]
        most = f" ({payers[0].name} {percent(payers[0].usd / found.receipts_usd)})" if payers[0].name else ""
        told.append(f"{percent(sum(payer.usd for payer in payers) / found.receipts_usd)} is {WAYS[way]}{most}")
    return " and ".join(told)


def _print(asked: Asked, table: Table | None) -> None:
    from gigawatt.cli.deals_texts import confidence_rows, say_notes
    from gigawatt.cli.deals_who_funds_rows import bound_rows, direct_rows, final_rows
    from gigawatt.cli.output import show

    if table is Table.confidence:
        show(confidence_rows(asked.direct), Format.table, title="How sure the receipts are")
        show(confidence_rows(asked.all), Format.table, title="How sure all payments that are traced are")
        return
    show(bound_rows(asked.found), Format.table, title="Whose money the receipts are")
    show(direct_rows(asked), Format.table, title="Who pays it", least=("deals and payments", "confidence"),
         whole="--table payers --format csv")  # fmt: skip
    title = "Who pays in the end, through all who pass money on"
    show(final_rows(asked.one), Format.table, title=title)
    say_notes(_notes())


def _notes() -> dict[str, str]:
    from gigawatt.cli.deals_circularity_words import KEYS, SALES

    return {
        "least and most": "by linear programs over all ways in which money can have been passed on; mixed: everybody "
        "passes on a mixture of what it gets, of which nothing in the accounts can say that it is so",
        "money of a source": "all that it pays, wherever it got it and for whatever, purchases, interest and dividends "
        "too; `gigawatt deals circularity` follows investments alone, through purchases alone, so that its figures of "
        "an investor's own money are smaller",
        "own cash": "what a firm pays beyond what it gets in the year from the parties of the network: cash at hand, "
        "other business, or borrowing that is not in it",
        "from outside": "sectors that stand for all others of their kind; they are open ends",
        "sales of a firm": SALES, "keys": KEYS,
    }  # fmt: skip


def _by(asked: Asked, table: Table) -> None:
    from gigawatt.cli.deals_texts import say_confidence
    from gigawatt.cli.deals_who_funds_rows import by_network, shown_by_network
    from gigawatt.cli.deals_years import networks_by_status, networks_by_year
    from gigawatt.cli.output import show

    networks = networks_by_year(asked.source) if table is Table.years else networks_by_status(asked.source, asked.to)
    title = f"{asked.firm}: share of {asked.receipts} that is money of {asked.money}"
    show(shown_by_network(by_network(asked, networks)), Format.table, title=title)
    say_confidence(asked.all, f"payments of {asked.network.period}")
