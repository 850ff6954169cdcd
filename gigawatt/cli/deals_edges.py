"""`gigawatt deals edges`: which payment, taken away, saves or breaks the core."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from datetime import date

    from gigawatt.deals.book import Book, Network
    from gigawatt.deals.exposure import Removal, State

EXAMPLES = """\b
Examples:
  gigawatt deals edges
  gigawatt deals edges --measure losses --shut 8
  gigawatt deals edges --year 2027 --status announced --everybody --top 20
  gigawatt deals edges --run latest --measure circulation"""
TOP = 8
SHUT = 4
LEFT = ("from", "to", "for", "saves", "brings down")


class Measure(StrEnum):
    """What an edge is judged by."""

    circulation = "circulation"
    coverage = "coverage"
    losses = "losses"


SIDES = {
    Measure.circulation: ("Without it less goes round",),
    Measure.coverage: ("Without it the core lacks less cash", "Without it the core lacks more cash"),
    Measure.losses: ("It saves to remove it", "It breaks to remove it"),
}  # fmt: skip
Found = tuple["State", tuple["Removal", ...]]


def edges(
    year: Year = None,
    status: Status = FIRM,
    measure: Annotated[Measure | None, flag("measure", "One measure alone; all three unless given.")] = None,
    shut: Annotated[int, flag("shut", "Quarters without new money; 0: markets stay open.")] = SHUT,
    quarters: Annotated[int, flag("quarters", "Quarters in which it is asked who runs out of cash.")] = 12,
    everybody: Annotated[bool, flag("everybody", "Also payments of sectors, such as all end customers.")] = False,
    top: Annotated[int, flag("top", "Rows of each table.")] = TOP,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Take every payment of the core away in turn: what goes round, what cash lacks, who runs dry without it."""
    from gigawatt.cli.output import show
    from gigawatt.errors import GigawattError

    with spoken():
        if shut < 0 or quarters < 1:
            raise GigawattError(f"--shut {shut} --quarters {quarters}: quarters shut from 0 on, at least 1 looked at")
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        net, asked = _asked(source)
        found = _found(source, net, asked, shut, quarters, everybody)
        if by_name(how, out) is not Format.table or out is not None:
            show(plain(found), how, out, columns=COLUMNS)
            return
        _answer(net, found)
        for each in [measure] if measure else list(Measure):
            for markets, (_, removed) in found.items() if each is Measure.losses else list(found.items())[:1]:
                _tables(removed, each, top, markets)
        _notes(net, next(iter(found.values()))[0], quarters)


def _asked(source: Source) -> tuple[Network, Book]:
    """The payments of the year and the book that they are in; of a run, in the words of a book."""
    from dataclasses import replace

    from gigawatt.cli.deals_stress import book_asked
    from gigawatt.deals.book import network

    net = source.network()
    if source.run is None:
        return net, source.load()
    book = book_asked(replace(source, year=int(net.period)))
    return network(book, int(net.period)), book


def _found(source: Source, net: Network, book: Book, shut: int, quarters: int, everybody: bool) -> dict[str, Found]:
    """Removals with markets open, and with markets shut for some quarters."""
    from datetime import date

    from gigawatt.cli.progress import ProgressLine
    from gigawatt.deals.exposure import funds_of, removals, survival

    funds = funds_of(book, int(net.period), source.status)
    at = None if source.year is None and source.run is None else max(date(int(net.period), 1, 1), _first(book.as_of))
    out: dict[str, Found] = {}
    with ProgressLine("removing payments") as note:
        for words, closed in {"markets open": 0, f"markets shut for {shut} quarters": shut}.items():
            if not out or closed:
                plan = survival(book, source.status, shut=closed, at=at, quarters_after=quarters)
                out[words] = removals(net, funds, plan, everybody=everybody, note=note)
    return out


def _first(as_of: date) -> date:
    from datetime import timedelta

    return as_of + timedelta(days=1)


def _answer(net: Network, found: dict[str, Found]) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_wrapped
    from gigawatt.deals.exposure import ranked

    base, removed = next(iter(found.values()))
    said = f"In {net.period} the {len(net.core)} firms of the core pay each other USD {bn(base.gross_usd)}, of which "
    said += f"{percent(base.share)} can go round. "
    carrier = next(iter(ranked(removed, "circulation", 1)[0]), None)
    if carrier is not None:
        said += f"Most of it hangs on {_named(carrier)}: without it {bn(-carrier.circulation_usd)} less goes round. "
    say_wrapped(said + " ".join(_who_falls(words, *each) for words, each in found.items()))
    print()


def _who_falls(markets: str, base: State, removed: tuple[Removal, ...]) -> str:
    from gigawatt.deals.exposure import ranked

    fallen = base.standing.fallen if base.standing is not None else ()
    said = (
        f"With {markets} {', '.join(fallen) or 'no firm of the core'} run{'' if len(fallen) > 1 else 's'} out of cash"
    )
    helps, harms = (next(iter(side), None) for side in ranked(removed, "losses", 1))
    told = [f"{_named(each)} {verb} most ({_change(each)})"
            for each, verb in ((helps, "saves"), (harms, "breaks")) if each is not None]  # fmt: skip
    return f"{said}; to remove {' and '.join(told)}." if told else f"{said}, and no removal changes it."


def _named(each: Removal) -> str:
    from gigawatt.cli.deals_texts import bn

    return f"{each.edge.payer}'s {bn(each.edge.usd)} to {each.edge.payee} for {each.edge.kind.replace('_', ' ')}"


def _change(each: Removal) -> str:
    from gigawatt.cli.deals_texts import bn

    names = [f"{' and '.join(each.saved)} can pay"] if each.saved else []
    names += [f"{' and '.join(each.brought_down)} cannot pay"] if each.brought_down else []
    return ", ".join([*names, f"{bn(abs(each.unpaid_usd))} {'more' if each.unpaid_usd > 0 else 'less'} stays unpaid"])


def _tables(found: tuple[Removal, ...], measure: Measure, top: int, markets: str) -> None:
    from gigawatt.cli.deals_texts import aligned
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import ranked

    more = f", {markets}" if measure is Measure.losses else ""
    for title, side in zip(SIDES[measure], ranked(found, measure.value, top), strict=False):
        if side:
            show(aligned([_row(each, measure) for each in side], LEFT), Format.table, title=f"{title}{more}, USD bn",
                 least=("coverage", "Finn's index", "put off"))  # fmt: skip


def _row(each: Removal, measure: Measure) -> dict[str, Any]:
    from gigawatt.cli.deals_texts import billions

    row = {"from": each.edge.payer, "to": each.edge.payee, "for": each.edge.kind.replace("_", " "),
           "paid": billions(each.edge.usd)}  # fmt: skip
    if measure is Measure.circulation:
        share = each.state.share - each.base.share
        return row | {"going round": billions(each.circulation_usd), "share": _points(share),
                      "Finn's index": _points(each.finn)}  # fmt: skip
    if measure is Measure.coverage:
        return row | {"cash lacking": billions(each.gap_usd), "coverage": _points(each.coverage)}
    return row | {
        "defaults": f"{each.defaults:+d}" if each.defaults else "-", "unpaid": billions(each.unpaid_usd),
        "put off": billions(each.put_off_usd), "saves": ", ".join(each.saved),
        "brings down": ", ".join(each.brought_down),
    }  # fmt: skip


def _points(change: float) -> str:
    return f"{100 * change:+.1f} %" if change == change else ""


COLUMNS = ("markets", "payer", "payee", "kind", "usd", "deals", "circulation_usd", "finn", "coverage", "gap_usd",
           "defaults", "unpaid_usd", "put_off_usd", "saves", "brings_down")  # fmt: skip


def plain(found: dict[str, Found]) -> list[dict[str, Any]]:
    """One row an edge and state of markets with all changes, as files take them."""
    return [
        {"markets": markets, "payer": each.edge.payer, "payee": each.edge.payee, "kind": each.edge.kind,
         "usd": each.edge.usd, "deals": " ".join(each.edge.deals), "circulation_usd": each.circulation_usd,
         "finn": each.finn, "coverage": each.coverage, "gap_usd": each.gap_usd, "defaults": each.defaults,
         "unpaid_usd": each.unpaid_usd, "put_off_usd": each.put_off_usd, "saves": ", ".join(each.saved),
         "brings_down": ", ".join(each.brought_down)}
        for markets, (_, removed) in found.items() for each in removed
    ]  # fmt: skip


def _notes(net: Network, base: State, quarters: int) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_notes

    say_notes({
        "all figures": "without the payment less with it; below 0 is less. One payment at a time is taken away and "
        "nothing takes its place: no other supplier, buyer or lender steps in",
        "going round": "maximum circulation within the core; it never rises when a payment goes. Finn's index counts "
        "what enters the core, too, and can rise",
        "cash lacking": f"in {net.period}, what each firm owes beyond its receipts, ordinary business and cash, added "
        f"up: {bn(base.gap_usd)} with all payments. Coverage is what enters the core but new finance over what leaves "
        f"it but payouts and investments, {percent(base.coverage)} (gigawatt deals coverage)",
        "saves and breaks": f"firms of the core that run out of cash within {quarters} quarters, as in gigawatt deals "
        "stress: open markets finance the plan as it is, not what a removal tears open; shut ones give nothing at all. "
        "Orders are put off first; costs stay as they are, also those of a maker whose orders are gone. Unpaid is what "
        "firms that fall were to pay in these quarters and do not, on other payments than the one removed",
    })  # fmt: skip
