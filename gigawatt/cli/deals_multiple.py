"""`gigawatt deals multiple`: market value per dollar of contract, what a vendor's dollar brings, and the reversal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format

if TYPE_CHECKING:
    from gigawatt.cli.deals_tables import Tables
    from gigawatt.deals.circular import Amplified, Event, Terms

EXAMPLES = """\b
Examples:
  gigawatt deals multiple
  gigawatt deals multiple Nvidia --year 2026 --status conditional
  gigawatt deals multiple Nvidia --sales 1.3 --stake-after 0.3"""


class Table(StrEnum):
    """One table alone."""

    ends = "ends"
    events = "events"


EVENTS = ("firm", "what", "day", "market_value_usd", "contract_usd", "per_usd", "deal", "source", "note")


def multiple(
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="The maker of chips that invests.")] = "Nvidia",
    year: Year = None,
    status: Status = FIRM,
    sales: Annotated[
        float | None, flag("sales", "Sales a year per USD invested, in place of what comes back by tracing.")
    ] = None,
    stake: Annotated[float, flag("stake", "Worth of the stake per USD paid; 1 at the price of the round.")] = 1.0,
    stake_after: Annotated[float, flag("stake-after", "Worth per USD paid once the customer fails.")] = 0.0,
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Market value that a dollar of contract, or of a vendor's investment, brings by a multiple; and its reversal."""
    from gigawatt.cli.deals_tables import asked_for_file
    from gigawatt.deals.circular import amplified, events, sales_per_usd, vendor_terms

    source = Source(book=book, year=year, status=status)
    with spoken():
        for name, value in (("sales", sales), ("stake", stake), ("stake-after", stake_after)):
            if value is not None and not 0.0 <= value < float("inf"):
                raise ValueError(f"--{name} must be 0 or more, is {value:g}")
        network, known = source.network(), source.load()
        firm = network.parties[network.number(vendor)]
        terms = vendor_terms(known, network, firm)
        per_usd = sales_per_usd(network, firm) if sales is None else (sales, sales, sales)
        found = amplified(per_usd, terms, {"now": stake, "after": stake_after})
        told = events(known)
        if asked_for_file(how, out):
            _tables(found, told, firm, network.period).write(table, how, out)
            return
        if table is None:
            _answer(firm, network.period, found, told)
        if table is not Table.ends:
            _print_events(firm, told, alone=table is not None)
        if table is not Table.events:
            _print(found, terms)


def _answer(vendor: str, period: str, found: Mapping[str, Amplified], told: Sequence[Event]) -> None:
    from gigawatt.cli.deals_texts import say_wrapped, span

    low, middle, high = (each.gained_usd for each in found.values())
    earned = span(found["low"].earnings_usd, found["high"].earnings_usd, lambda usd: f"{usd:.2f}")
    gained = span(low, high, lambda usd: f"{usd:.1f}")
    between = f" ({middle:.1f} in the middle)" if low != high else ""
    said = (
        f"{vendor}, {period}: if the sales that it brings are taken as lasting and paid at the multiple, 1 USD "
        f"invested in customers would move market value by {gained} USD{between}; its earnings of one year are "
        f"{earned} USD. What ends would take back up to {found['high'].reversed_usd:.1f} USD."
    )
    ratios = [event.per_usd for event in told if event.firm == vendor]
    if ratios:
        up, down = [each for each in ratios if each > 0.0], [-each for each in ratios if each < 0.0]
        if up:
            moves = span(min(up), max(up), lambda usd: f"{usd:.1f}")
            said += f" When contracts of {vendor} were told, its market value rose by {moves} USD per USD of contract"
            said += f", and fell by {max(down):.1f} afterwards." if down else "."
    say_wrapped(said)
    print()


def _print_events(vendor: str, told: Sequence[Event], alone: bool) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, say_wrapped
    from gigawatt.cli.output import show

    if not told or not (alone or any(event.firm == vendor for event in told)):
        others = f", of others {', '.join(dict.fromkeys(event.firm for event in told))} (--table events)"
        say_wrapped(f"When contracts were told: no move of market value of {vendor} is known{others if told else ''}.")
        print()
        return
    rows = [{"firm": e.firm, "what": e.what, "day": e.day, "market value, bn": billions(e.usd),
             "contract, bn": billions(e.contract_usd), "USD per USD": f"{e.per_usd:.2f}", "contract": e.deal,
             "source": e.source} for e in sorted(told, key=lambda event: event.firm != vendor)]  # fmt: skip
    title = f"Market value that moved when contracts were told, of {vendor} and for comparison of others"
    show(aligned(rows, ("firm", "what", "day", "contract", "source")), Format.table, title=title,
         least=("source", "contract"), whole="--table events --format csv")  # fmt: skip


def _print(found: Mapping[str, Amplified], terms: Terms) -> None:
    from gigawatt.cli.deals_texts import aligned, say_notes
    from gigawatt.cli.output import show

    cases = [{"end": end, "sales a year": f"{a.sales_usd:.2f}", "net margin": f"{a.margin:.3f}",
              "multiple": f"{a.multiple:.1f}", "earnings a year": f"{a.earnings_usd:.2f}",
              "market value gained": f"{a.gained_usd:.2f}", "lost in reverse": f"{a.reversed_usd:.2f}"}
             for end, a in found.items()]  # fmt: skip
    title = "1 USD of investment: sales x margin x multiple + stake - 1, USD"
    show(aligned(cases, ("end",)), Format.table, title=title)
    low, high = terms.multiples
    margin = (
        f"margin by the catalog's plan of costs and tax; multiple from {low:.1f} (market value over earnings on sales "
        f"of the year) to {high:.1f} (of the last year told)"
        if terms.planned else
        f"margin of the book, before taxes; multiple {low:.1f}, market value over earnings on sales of the year"
    )  # fmt: skip
    say_notes({
        "sales": "what comes back of its investments per USD, as in the table of investors of `gigawatt deals "
        "circularity` for everybody: least, mixed and most; unless --sales is given",
        "margin and multiple": margin,
        "ends": "all low, or all high, at once: corners",
        "moves of a day": "other news of the day is in them; a move says what buyers of shares expected, not what a "
        "contract is worth",
    })  # fmt: skip


def _tables(found: Mapping[str, Amplified], told: Sequence[Event], vendor: str, period: str) -> Tables:
    """The tables as files take them."""
    from gigawatt.cli.deals_tables import Tables

    return Tables(
        rows={
            "ends": lambda: [_plain(end, each, vendor, period) for end, each in found.items()],
            "events": lambda: [
                dict(zip(EVENTS, (e.firm, e.what, e.day, e.usd, e.contract_usd, e.per_usd, e.deal, e.source, e.note),
                         strict=True)) for e in told],
        },
        columns={"events": EVENTS}, note="if sales are taken as lasting and paid at the multiple; ends are corners",
    )  # fmt: skip


def _plain(end: str, found: Amplified, vendor: str, period: str) -> dict[str, Any]:
    """All figures of an end."""
    return {
        "vendor": vendor, "year": period, "end": end, "sales_usd": found.sales_usd, "margin": found.margin,
        "multiple": found.multiple, "earnings_usd": found.earnings_usd, "gained_usd": found.gained_usd,
        "reversed_usd": found.reversed_usd,
    }  # fmt: skip
