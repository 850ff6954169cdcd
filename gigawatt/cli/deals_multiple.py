"""`gigawatt deals multiple`: market value per dollar of contract, what a vendor's dollar brings, and the reversal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.circular import Amplified, Event, Terms

EXAMPLES = """\b
Examples:
  gigawatt deals multiple
  gigawatt deals multiple Nvidia --year 2026 --status conditional
  gigawatt deals multiple Nvidia --sales 1.3 --stake-after 0.3"""


def multiple(
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="The maker of chips that invests.")] = "Nvidia",
    year: Year = None,
    status: Status = FIRM,
    sales: Annotated[
        float | None, flag("sales", "Sales a year per USD invested, in place of what comes back by tracing.")
    ] = None,
    stake: Annotated[float, flag("stake", "Worth of the stake per USD paid; 1 at the price of the round.")] = 1.0,
    stake_after: Annotated[float, flag("stake-after", "Worth per USD paid once the customer fails.")] = 0.0,
    book: BookFolder = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Market value that a dollar of contract, or of a vendor's investment, brings by a multiple; and its reversal."""
    from gigawatt.cli.output import show
    from gigawatt.deals.circular import amplified, events, sales_per_usd, vendor_terms

    source = Source(book=book, year=year, status=status)
    with spoken():
        for name, value in (("sales", sales), ("stake", stake), ("stake-after", stake_after)):
            if value is not None and not 0.0 <= value < float("inf"):
                raise ValueError(f"--{name} must be 0 or more, is {value:g}")
        network, known = source.network(), source.load()
        terms = vendor_terms(known, network, vendor)
        per_usd = sales_per_usd(network, vendor) if sales is None else (sales, sales, sales)
        found = amplified(per_usd, terms, {"now": stake, "after": stake_after})
        told = events(known)
    if by_name(how, out) is not Format.table or out is not None:
        show([_plain(end, each, vendor, network.period) for end, each in found.items()], how, out)
        return
    _answer(vendor, network.period, found, told)
    _print(found, told, terms)


def _answer(vendor: str, period: str, found: dict[str, Amplified], told: tuple[Event, ...]) -> None:
    from gigawatt.cli.deals_texts import say_wrapped

    low, middle, high = (each.gained_usd for each in found.values())
    said = (
        f"{vendor}, {period}: 1 USD invested in customers moves market value by {low:.1f} to {high:.1f} USD "
        f"({middle:.1f} in the middle) if the sales that it brings are taken as lasting and paid at the multiple; its "
        f"earnings of one year are {found['low'].earnings_usd:.2f} to {found['high'].earnings_usd:.2f} USD. "
        f"What ends takes back up to {found['high'].reversed_usd:.1f} USD."
    )
    if told:
        ratios = [event.per_usd for event in told]
        up = [ratio for ratio in ratios if ratio > 0.0]
        said += (
            f" When contracts were told, market value rose by {min(up):.1f} to {max(up):.1f} USD per USD of contract"
        )
        if min(ratios) < 0:
            said += f", and fell by {-min(ratios):.1f} afterwards"
        said += "."
    say_wrapped(said)
    print()


def _print(found: dict[str, Amplified], told: tuple[Event, ...], terms: Terms) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, say_notes
    from gigawatt.cli.output import show

    rows = [{"firm": e.firm, "what": e.what, "day": e.day, "market value, bn": billions(e.usd),
             "contract, bn": billions(e.contract_usd), "USD per USD": f"{e.per_usd:.2f}", "contract": e.deal,
             "source": e.source} for e in told]  # fmt: skip
    if rows:
        show(aligned(rows, ("firm", "what", "day", "contract", "source")), Format.table,
             title="Market value that moved when contracts were told", least=("source", "contract"))  # fmt: skip
    cases = [{"end": end, "sales a year": f"{a.sales_usd:.2f}", "net margin": f"{a.margin:.3f}",
              "multiple": f"{a.multiple:.1f}", "earnings a year": f"{a.earnings_usd:.2f}",
              "market value gained": f"{a.gained_usd:.2f}", "lost in reverse": f"{a.reversed_usd:.2f}"}
             for end, a in found.items()]  # fmt: skip
    show(
        aligned(cases, ("end",)), Format.table, title="1 USD of investment: sales x margin x multiple + stake - 1, USD"
    )
    low, high = terms.multiples
    say_notes({
        "sales": "what comes back of its investments per USD (gigawatt deals circularity), unless --sales is given",
        "margin and multiple": f"margin by the catalog's plan of costs and tax; multiple from {low:.1f} (market value "
        f"over earnings on sales of the year) to {high:.1f} (of the last year told)",
        "ends": "all low, or all high, at once: corners",
        "moves of a day": "other news of the day is in them; a move says what buyers of shares expected, not what a "
        "contract is worth",
    })  # fmt: skip


def _plain(end: str, found: Amplified, vendor: str, period: str) -> dict[str, Any]:
    """All figures of an end."""
    return {
        "vendor": vendor, "year": period, "end": end, "sales_usd": found.sales_usd, "margin": found.margin,
        "multiple": found.multiple, "earnings_usd": found.earnings_usd, "gained_usd": found.gained_usd,
        "reversed_usd": found.reversed_usd,
    }  # fmt: skip
