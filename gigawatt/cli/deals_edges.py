"""`gigawatt deals edges`: which payment, taken away, saves or breaks the core."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.book import Network
    from gigawatt.deals.exposure import Removal, State

EXAMPLES = """\b
Examples:
  gigawatt deals edges
  gigawatt deals edges --year 2027 --status announced --measure losses
  gigawatt deals edges --shut --everybody --top 20
  gigawatt deals edges --run latest --measure circulation"""
TOP = 8
LEFT = ("from", "to", "for", "saves", "brings down")


class Measure(StrEnum):
    """What an edge is judged by."""

    circulation = "circulation"
    coverage = "coverage"
    losses = "losses"


SIDES = {
    Measure.circulation: ("Without it less goes round",),
    Measure.coverage: ("Without it the core lacks less cash", "Without it the core lacks more cash"),
    Measure.losses: ("It saves to remove it: fewer default, or less stays unpaid",
                     "It breaks to remove it: more default, or more stays unpaid"),
}  # fmt: skip


def edges(
    year: Year = None,
    status: Status = FIRM,
    measure: Annotated[Measure | None, flag("measure", "One measure alone; all three unless given.")] = None,
    shut: Annotated[bool, flag("shut", "Lenders and investors give no new money in the year.")] = False,
    everybody: Annotated[bool, flag("everybody", "Also payments of sectors, such as all end customers.")] = False,
    alpha: Annotated[float, flag("alpha", "Share of cash and outside receipts left in default.")] = 1.0,
    beta: Annotated[float, flag("beta", "Share of receipts from other firms left in default.")] = 1.0,
    top: Annotated[int, flag("top", "Rows of each table.")] = TOP,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Take every payment of the core away in turn: what goes round, what cash lacks, who can pay without it."""
    from gigawatt.cli.output import show
    from gigawatt.cli.progress import ProgressLine
    from gigawatt.deals.exposure import funds_of, removals

    with spoken():
        source = Source(book=book, run=run, runs=runs, year=year, status=status)
        net = source.network()
        net = without_new_money(net) if shut else net
        funds = None if run else funds_of(source.load(), int(net.period), status)
        with ProgressLine("removing payments") as note:
            base, found = removals(net, funds, everybody=everybody, alpha=alpha, beta=beta, note=note)
        if by_name(how, out) is not Format.table or out is not None:
            show(plain(found), how, out, columns=COLUMNS)
            return
        _answer(net, base, found, shut)
        for each in [measure] if measure else list(Measure):
            if each is not Measure.losses or funds is not None:
                _tables(found, each, top)
        _notes(net, base, bool(funds), shut)


def without_new_money(net: Network) -> Network:
    """The network without loans, bonds and equity from lenders and investors who are not named."""
    from gigawatt.deals.book import SECTORS

    return net.where(lambda edge: not (edge.is_investment and edge.payer in SECTORS))


def _answer(net: Network, base: State, found: tuple[Removal, ...], shut: bool) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_wrapped
    from gigawatt.deals.exposure import ranked

    said = f"{net.period}{', markets shut' if shut else ''}: the {len(net.core)} firms of the core pay each other "
    said += f"USD {bn(base.gross_usd)}, of which {percent(base.share)} can go round. "
    carrier = next(iter(ranked(found, "circulation", 1)[0]), None)
    if carrier is not None:
        said += f"Most of it hangs on {_named(carrier)}: without it {bn(-carrier.circulation_usd)} less goes round. "
    if base.unpaid_usd == base.unpaid_usd:
        said += _who_falls(base, found)
    say_wrapped(said)
    print()


def _who_falls(base: State, found: tuple[Removal, ...]) -> str:
    from gigawatt.cli.deals_texts import bn
    from gigawatt.deals.exposure import ranked

    fallen = ", ".join(base.fallen) or "nobody"
    said = f"Of their dues {bn(base.unpaid_usd)} cannot be paid in the year ({fallen} short). "
    helps, harms = (next(iter(side), None) for side in ranked(found, "losses", 1))
    if helps is not None:
        said += f"Removing {_named(helps)} saves most ({_change(helps)}); "
    return said + (f"removing {_named(harms)} breaks most ({_change(harms)})." if harms is not None else "")


def _named(each: Removal) -> str:
    from gigawatt.cli.deals_texts import bn

    return f"{each.edge.payer}'s {bn(each.edge.usd)} to {each.edge.payee} for {each.edge.kind.replace('_', ' ')}"


def _change(each: Removal) -> str:
    from gigawatt.cli.deals_texts import bn

    more = "more" if each.unpaid_usd > 0 else "less"
    names = [f"{' and '.join(each.saved)} can pay"] if each.saved else []
    names += [f"{' and '.join(each.brought_down)} cannot pay"] if each.brought_down else []
    return ", ".join([*names, f"{bn(abs(each.unpaid_usd))} {more} stays unpaid"])


def _tables(found: tuple[Removal, ...], measure: Measure, top: int) -> None:
    from gigawatt.cli.deals_texts import aligned
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import ranked

    for title, side in zip(SIDES[measure], ranked(found, measure.value, top), strict=False):
        if side:
            show(aligned([_row(each, measure) for each in side], LEFT), Format.table, title=f"{title}, USD bn",
                 least=("coverage", "Finn's index"))  # fmt: skip


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
    return row | {"defaults": f"{each.defaults:+d}" if each.defaults else "-", "unpaid": billions(each.unpaid_usd),
                  "saves": ", ".join(each.saved), "brings down": ", ".join(each.brought_down)}  # fmt: skip


def _points(change: float) -> str:
    return f"{100 * change:+.1f} %" if change == change else ""


COLUMNS = ("payer", "payee", "kind", "usd", "deals", "circulation_usd", "finn", "coverage", "gap_usd", "defaults",
           "unpaid_usd", "saves", "brings_down")  # fmt: skip


def plain(found: tuple[Removal, ...]) -> list[dict[str, Any]]:
    """One row an edge with all changes, as files take them."""
    return [
        {"payer": each.edge.payer, "payee": each.edge.payee, "kind": each.edge.kind, "usd": each.edge.usd,
         "deals": " ".join(each.edge.deals), "circulation_usd": each.circulation_usd, "finn": each.finn,
         "coverage": each.coverage, "gap_usd": each.gap_usd, "defaults": each.defaults,
         "unpaid_usd": each.unpaid_usd, "saves": " ".join(each.saved), "brings_down": " ".join(each.brought_down)}
        for each in found
    ]  # fmt: skip


def _notes(net: Network, base: State, funds: bool, shut: bool) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_notes

    notes = {
        "all figures": "without the payment less with it; below 0 is less. One payment at a time is taken away and "
        "nothing takes its place: no other supplier, buyer or lender steps in",
        "going round": "maximum circulation within the core; it never rises when a payment goes. Finn's index counts "
        "what enters the core, too, and can rise",
        "cash lacking": "what each firm owes beyond its receipts, ordinary business and cash, added up: "
        f"{bn(base.gap_usd)} with all payments. Coverage is what enters the core but new finance over what leaves it "
        f"but payouts and investments, {percent(base.coverage)} (gigawatt deals coverage)",
    }
    if funds:
        notes["unpaid"] = (
            "dues of the core that stay unpaid when the year is settled at once (Eisenberg and Noe with ranks: running "
            "costs, debt service, purchases and rent, new money for others; no dividends) from cash, credit lines, "
            "ordinary business and receipts. Everybody outside who is no firm with known cash pays in full, vehicles "
            "as well; orders are not cut. Later years start with the cash of the opening balance sheets and the "
            "payments between added up"
        )
    if not shut:
        notes["markets"] = "lenders and investors give what the book says; --shut asks without them"
    say_notes(notes)
