"""`gigawatt deals edges`: which payment, taken away, saves or breaks the core."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_day import rows_asked
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.deals_texts import counted
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.book import Book, Network
    from gigawatt.deals.book.confidence import Grounds
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All removals under one assumption on markets."""

    markets: str  # in a word, as columns have it
    shut: int  # quarters without new money
    first: str  # quarter
    last: str
    base: State
    removed: tuple[Removal, ...]

    @property
    def condition(self) -> str:
        """What is assumed: "if markets gave no new money for 4 quarters from 2026Q4 on"."""
        if not self.shut:
            return f"while markets finance the plan (looked at from {self.first} to {self.last})"
        return f"if markets gave no new money for {counted(self.shut, 'quarter')} from {self.first} on"


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
    from gigawatt.cli.deals_texts import say_confidence
    from gigawatt.cli.deals_years import confidence_of
    from gigawatt.cli.output import show
    from gigawatt.deals.book.confidence import Grounds
    from gigawatt.errors import GigawattError

    with spoken():
        if shut < 0 or quarters < 1:
            raise GigawattError(f"--shut {shut} --quarters {quarters}: quarters shut from 0 on, at least 1 looked at")
        top = rows_asked(top)
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        net, asked = _asked(source)
        found = _found(source, net, asked, shut, quarters, everybody)
        if by_name(how, out) is not Format.table or out is not None:
            grounds = None if run else Grounds(asked, (int(net.period),))
            show(plain(found, grounds), how, out, columns=COLUMNS)
            return
        _answer(net, found)
        say_confidence(confidence_of(source, net), "payments of the year")
        for each in [measure] if measure else list(Measure):
            for one in found if each is Measure.losses else found[:1]:
                _tables(one, each, top)
        _notes(net, found[0])


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


def _found(
    source: Source, net: Network, book: Book, shut: int, quarters: int, everybody: bool
) -> tuple[Found, ...]:  # fmt: skip
    """Removals with markets open, and with markets shut for some quarters."""
    from datetime import date

    from gigawatt.cli.progress import ProgressLine
    from gigawatt.deals.exposure import funds_of, removals, survival
    from gigawatt.deals.stress import calendar_of

    funds = funds_of(book, int(net.period), source.status)
    now = calendar_of(book, quarters)
    # The quarter of `gigawatt deals stress`, or the year asked for where that is later.
    at = max(date(int(net.period), 1, 1), now.starts[now.shock])
    out = []
    with ProgressLine("removing payments") as note:
        for closed in sorted({0, shut}):
            plan = survival(book, source.status, shut=closed, at=at, quarters_after=quarters)
            base, removed = removals(net, funds, plan, everybody=everybody, note=note)
            first, last = (plan.calendar.label(t) for t in (plan.calendar.shock, plan.calendar.quarters - 1))
            markets = f"markets shut for {counted(closed, 'quarter')}" if closed else "markets open"
            out.append(Found(markets=markets, shut=closed, first=first, last=last, base=base, removed=removed))
    return tuple(out)


def _answer(net: Network, found: tuple[Found, ...]) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_wrapped
    from gigawatt.deals.exposure import ranked

    base = found[0].base
    said = f"In {net.period} the {len(net.core)} firms of the core pay each other USD {bn(base.gross_usd)}, of which "
    said += f"{percent(base.share)} can go round. "
    carrier = next(iter(ranked(found[0].removed, "circulation", 1)[0]), None)
    if carrier is not None:
        said += f"Most of it hangs on {_named(carrier)}: without it {bn(-carrier.circulation_usd)} less would go round."
    say_wrapped(said)
    for each in found:
        say_wrapped(_who_falls(each))
    print()


def _who_falls(found: Found) -> str:
    """Who would run out of cash under an assumption, and which payments change it most."""
    from gigawatt.deals.exposure import ranked

    fallen = found.base.standing.fallen if found.base.standing is not None else ()
    names = " and ".join([", ".join(fallen[:-1]), fallen[-1]]) if len(fallen) > 1 else "".join(fallen)
    said = f"By these estimates, {found.condition}, {names or 'no firm of the core'} would run out of cash or tenants"
    helps, harms = (next(iter(side), None) for side in ranked(found.removed, "losses", 1))
    told = [f"the removal that {verb} most would be that of {_named(each)}: {_change(each)}"
            for each, verb in ((helps, "saves"), (harms, "breaks")) if each is not None]  # fmt: skip
    return f"{said}; {'; '.join(told)}." if told else f"{said}, and no removal would change it."


def _named(each: Removal) -> str:
    from gigawatt.cli.deals_texts import bn

    return f"{each.edge.payer}'s {bn(each.edge.usd)} to {each.edge.payee} for {each.edge.kind.replace('_', ' ')}"


def _change(each: Removal) -> str:
    from gigawatt.cli.deals_texts import bn

    names = [f"{' and '.join(each.saved)} could pay"] if each.saved else []
    names += [f"{' and '.join(each.brought_down)} could not pay"] if each.brought_down else []
    names += [f"{bn(abs(each.unpaid_usd))} {'more' if each.unpaid_usd > 0 else 'less'} would stay unpaid"]
    return ", ".join(names)


def _tables(found: Found, measure: Measure, top: int) -> None:
    from gigawatt.cli.deals_texts import aligned
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import ranked

    more = f", {found.markets}, {found.first} to {found.last}" if measure is Measure.losses else ""
    for title, side in zip(SIDES[measure], ranked(found.removed, measure.value, top), strict=False):
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


COLUMNS = ("markets", "quarters", "payer", "payee", "kind", "usd", "deals", "circulation_usd", "finn",
           "coverage", "gap_usd", "defaults", "unpaid_usd", "put_off_usd", "saves", "brings_down",
           "confidence", "note")  # fmt: skip


def plain(found: tuple[Found, ...], grounds: Grounds | None) -> list[dict[str, Any]]:
    """One row an edge and state of markets with all changes, as files take them; a run has no grounds."""
    return [
        {"markets": one.markets, "quarters": f"{one.first} to {one.last}", "payer": each.edge.payer,
         "payee": each.edge.payee, "kind": each.edge.kind, "usd": each.edge.usd, "deals": " ".join(each.edge.deals),
         "circulation_usd": each.circulation_usd, "finn": each.finn, "coverage": each.coverage,
         "gap_usd": each.gap_usd, "defaults": each.defaults, "unpaid_usd": each.unpaid_usd,
         "put_off_usd": each.put_off_usd, "saves": ", ".join(each.saved), "brings_down": ", ".join(each.brought_down),
         "confidence": grounds.most(each.edge) if grounds else "run", "note": f"{ASSUMED}; {one.condition}"}
        for one in found for each in one.removed
    ]  # fmt: skip


ASSUMED = "by estimate, if this payment alone were not made and nothing took its place"


def _notes(net: Network, found: Found) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_notes

    base = found.base
    say_notes({
        "all figures": "without the payment less with it; below 0 is less. One payment at a time is taken away and "
        "nothing takes its place: no other supplier, buyer or lender steps in",
        "going round": "maximum circulation within the core; it never rises when a payment goes. Finn's index counts "
        "what enters the core, too, and can rise",
        "cash lacking": f"in {net.period}, what each firm owes beyond its receipts, ordinary business and cash, added "
        f"up: {bn(base.gap_usd)} with all payments. Coverage is what enters the core but new finance over what leaves "
        f"it but payouts and investments, {percent(base.coverage)} (gigawatt deals coverage)",
        "saves and breaks": f"firms of the core that run out of cash from {found.first} to {found.last}, and vehicles "
        "of the core whose tenants do, by the quarters of gigawatt deals stress: open markets finance the plan as it "
        "is, not what a removal tears open; shut ones give nothing at all. Orders are put off first; costs stay "
        "as they are, also those of a maker whose orders are gone. Unpaid is what firms that fall were to pay in these "
        "quarters and do not, on other payments than the one removed",
        "differs from gigawatt deals stress": "there a firm defaults and others rent what it had rented; here one "
        "payment ends for good and nobody rents instead, so that a payee can fall that stands in a stress",
    })  # fmt: skip
