"""`gigawatt deals who-funds`: whose money the sales of a firm are, with bounds, and who pays in the end."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, To, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
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


def who_funds(
    firm: Annotated[str, typer.Argument(metavar="FIRM", help="Whose receipts.")],
    source: Annotated[
        str, flag("source", "Whose money: vendors (all makers of chips), self, or names with commas between.")
    ] = "vendors",
    receipts: Annotated[Receipts, flag("receipts", "Sales, or all receipts with investment in the firm.")] = (
        Receipts.sales
    ),
    year: Year = None,
    to: To = None,
    status: Status = FIRM,
    by: Annotated[By | None, flag("by", "The shares by year or by status of the deals alone.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Whose money the sales of a firm are: chip makers' or its own, with bounds; who pays it, and who in the end."""
    from gigawatt.cli.deals_years import network_to
    from gigawatt.deals.circular import who_funds as funding

    asked = Source(book=book, run=run, runs=runs, year=year, status=status)
    with spoken():
        if by is not None:
            _by(by, asked, to, firm, source, receipts.value, how, out)
            return
        network = network_to(asked, to)
        found = {
            each: funding(network, firm, each, receipts.value) for each in dict.fromkeys((source, *_others(source)))
        }
    if by_name(how, out) is not Format.table or out is not None:
        from gigawatt.cli.output import show

        show(_plain_rows(found[source], network.period), how, out)
        return
    word = "sales" if receipts is Receipts.sales else "receipts"
    _answer(found[source], source, word, network.period)
    _print(found)


def _others(source: str) -> tuple[str, ...]:
    """Sources told beside the one asked for."""
    return {"vendors": ("self",), "self": ("vendors",)}.get(source, ())


def _answer(found: Funding, source: str, receipts: str, period: str) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_wrapped

    least, mixed, most = (percent(share) for share in found.shares)
    whose = {"vendors": f"money of chip makers ({', '.join(found.sources)})", "self": "its own money"}
    say_wrapped(
        f"{found.firm}, {period}: of {receipts} of USD {bn(found.receipts_usd)} at least {least} and at most {most} is "
        f"{whose.get(source, 'money of ' + ', '.join(found.sources))}, {mixed} if everybody passes on a mixture. "
        f"In the end {_in_the_end(found)}."
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


def _print(found: dict[str, Funding]) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, keys_text, percent, say_notes
    from gigawatt.cli.output import show

    rows = [{"money of": name, **_bounds(each)} for name, each in found.items()]
    show(aligned(rows, ("money of",)), Format.table, title="Whose money the receipts are")
    one = next(iter(found.values()))
    direct = [{"payer": p.name, "for": p.way, "USD bn": billions(p.usd), "share": percent(p.usd / one.receipts_usd),
               "deals and payments": keys_text(p.deals, p.payments)} for p in one.direct]  # fmt: skip
    show(
        aligned(direct, ("payer", "for", "deals and payments")),
        Format.table,
        title="Who pays it",
        least=("deals and payments",),
    )
    final = [{"payer": p.name, "from": p.way, "USD bn": billions(p.usd), "share": percent(p.usd / one.receipts_usd)}
             for p in one.final]  # fmt: skip
    show(aligned(final, ("payer", "from")), Format.table, title="Who pays in the end, through all who pass money on")
    say_notes({
        "least and most": "by linear programs over all ways in which money can have been passed on; mixed: everybody "
        "passes on a mixture of what it gets, of which nothing in the accounts can say that it is so",
        "money of a source": "all that it pays, wherever it got it; sales of chips to firms that it funds come back as "
        "its own money",
        "own cash": "what a firm pays beyond what it gets in the year from the parties of the network: cash at hand, "
        "other business, or borrowing that is not in it",
        "from outside": "sectors that stand for all others of their kind; they are open ends",
    })  # fmt: skip


def _bounds(found: Funding) -> dict[str, str]:
    from gigawatt.cli.deals_texts import billions, percent

    amounts = (found.least_usd, found.proportional_usd, found.most_usd)
    names = ("least", "mixed", "most")
    shares = {name: percent(share) for name, share in zip(names, found.shares, strict=True)}
    return shares | {f"{name}, bn": billions(usd) for name, usd in zip(names, amounts, strict=True)}


def _by(
    by: By, asked: Source, to: int | None, firm: str, source: str, receipts: str, how: Format, out: Path | None
) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, percent
    from gigawatt.cli.deals_years import networks_by_status, networks_by_year
    from gigawatt.cli.output import show
    from gigawatt.deals.circular import who_funds as funding

    networks = networks_by_year(asked) if by is By.year else networks_by_status(asked, to)
    rows: list[dict[str, Any]] = []
    for network in networks:
        try:
            found = funding(network, firm, source, receipts)
        except ValueError:  # the firm is not there, or sells nothing
            continue
        least, mixed, most = found.shares
        rows.append({"year": network.period, "status": network.status, "receipts_usd": found.receipts_usd,
                     "least": least, "proportional": mixed, "most": most})  # fmt: skip
    if not rows:
        networks[0].number(firm)
    if by_name(how, out) is Format.table and out is None:
        rows = aligned([{**{k: str(row[k]) for k in ("year", "status")}, "receipts, bn": billions(row["receipts_usd"]),
                         **{k: percent(row[k]) for k in ("least", "proportional", "most")}} for row in rows],
                       ("year", "status"))  # fmt: skip
    show(rows, how, out, title=f"{firm}: share of {receipts} that is money of {source}")


def _plain_rows(found: Funding, period: str) -> list[dict[str, Any]]:
    """A row for each figure: the bounds, each direct payer, each payer in the end."""
    head = {"firm": found.firm, "year": period}
    bounds = {"least": found.least_usd, "proportional": found.proportional_usd, "most": found.most_usd}
    rows: list[dict[str, Any]]
    rows = [{**head, "part": "money of the source", "name": name, "for": " ".join(found.sources), "usd": usd,
             "deals": ""} for name, usd in bounds.items()]  # fmt: skip
    for part, payers in (("direct", found.direct), ("in the end", found.final)):
        rows += [{**head, "part": part, "name": p.name, "for": p.way, "usd": p.usd,
                  "deals": " ".join((*p.deals, *p.payments))} for p in payers]  # fmt: skip
    return [{**row, "share": row["usd"] / found.receipts_usd} for row in rows]
