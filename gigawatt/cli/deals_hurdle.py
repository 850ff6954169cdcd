"""`gigawatt deals hurdle`: what firms outside the circle pay more for money, and what supply is left to them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format

if TYPE_CHECKING:
    from gigawatt.cli.deals_tables import Tables
    from gigawatt.deals.circular import Spread, Supply

EXAMPLES = """\b
Examples:
  gigawatt deals hurdle
  gigawatt deals hurdle --year 2027
  gigawatt deals hurdle --table debt -f csv
  gigawatt deals hurdle --run latest --year 2030"""
COLUMNS = {"debt": ("with", "without", "over_riskless_with", "over_riskless_without", "gap", "to_earn_more", "differs",
                    "of", "source")}  # fmt: skip


class Table(StrEnum):
    """One table alone."""

    supply = "supply"
    debt = "debt"


def hurdle(
    year: Year = None,
    status: Status = FIRM,
    table: Annotated[Table | None, flag("table", "One table alone; of files the first unless given.")] = None,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """What firms outside the circle pay more for debt, and what share of chips, power and finance is left to them.

    The cost of debt is that of loans and bonds of the catalog, and is told for its book alone.
    """
    from gigawatt.cli.deals_tables import asked_for_file
    from gigawatt.cli.deals_texts import say_confidence, say_wrapped
    from gigawatt.cli.deals_years import confidence_of
    from gigawatt.deals.circular import spreads, supply

    source = Source(book=book, run=run, runs=runs, year=year, status=status)
    with spoken():
        network = source.network()
        dearer, scarce = spreads() if book is None and run is None else (), supply(network)
        sure = confidence_of(source, network.where(lambda edge: edge.kind in _kinds()))
        if asked_for_file(how, out):
            _tables(network.period, dearer, scarce).write(table, how, out)
            return
    if table is None:
        say_wrapped(" ".join(_answer(network.period, dearer, scarce)))
        print()
        say_confidence(sure, "purchases and finance")
    if dearer and table is not Table.supply:
        _print_debt(dearer)
    if table is not Table.debt:
        _print_supply(network.period, scarce)
    _notes(dearer)


def _kinds() -> set[str]:
    """Kinds of payment by which what is scarce is bought."""
    from gigawatt.deals.circular.hurdle import SUPPLY

    return {kind for kinds in SUPPLY.values() for kind in kinds}


def _answer(period: str, dearer: Sequence[Spread], scarce: Sequence[Supply]) -> list[str]:
    from gigawatt.cli.deals_texts import percent

    said = []
    if dearer:
        gaps, more = [each.gap for each in dearer], [each.hurdle for each in dearer]
        said.append(
            f"Without a core firm's contract or guarantee behind it debt cost {_points(min(gaps))} to "
            f"{_points(max(gaps))} bp more in {len(dearer)} pairs of real financings, so that a firm must earn "
            f"{percent(min(more))} to {percent(max(more))} more a year to carry the same debt."
        )
    else:
        said.append("What debt costs without a core firm behind it is known of loans of the catalog, and of none here.")
    if not any(each.largest for each in scarce):
        return [*said, f"In {period} nobody outside the core is named, so that nothing can be left to others."]
    left = ", ".join(f"{percent(each.left)} of {each.what}" for each in scarce if each.all_usd)
    said.append(f"Left to firms outside the core in {period}: {left or 'nothing of it is bought or raised'}.")
    return said


def _points(share: float) -> str:
    return f"{share * 1e4:,.0f}"


def _print_debt(dearer: Sequence[Spread]) -> None:
    from gigawatt.cli.deals_texts import aligned, percent
    from gigawatt.cli.output import show

    rows = [{"with": e.insider, "without": e.outsider, "bp": _points(e.inside), "bp without": _points(e.outside),
             "more, bp": _points(e.gap), "to earn more": percent(e.hurdle), "what differs": e.what,
             "sources": ", ".join(e.sources)} for e in dearer]  # fmt: skip
    title = "Debt with a core firm behind it and without, over the riskless rate"
    show(aligned(rows, ("with", "without", "what differs", "sources")), Format.table, title=title,
         least=("sources", "what differs"), whole="--table debt --format csv")  # fmt: skip


def _print_supply(period: str, scarce: Sequence[Supply]) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, percent
    from gigawatt.cli.output import show

    rows = []
    for e in scarce:
        most = ", ".join(f"{name} {billions(usd)}" for name, usd in e.largest)
        shares = [percent(e.core), percent(e.left)] if e.all_usd else ["-", "-"]
        rows.append({"what": e.what, "USD bn": billions(e.all_usd), "to the core": shares[0], "left": shares[1],
                     "most of it to": most})  # fmt: skip
    show(aligned(rows, ("what", "most of it to")), Format.table, title=f"{period}: chips, power, sites and new finance",
         least=("most of it to",), whole="--table supply --format csv")  # fmt: skip


def _notes(dearer: Sequence[Spread]) -> None:
    from gigawatt.cli.deals_texts import say_notes

    of_debt = {
        "to earn more": "level payment that repays a dollar with interest over the years of the debt, against the same "
        "at the insider's rate; margins told without a riskless rate are taken over that of mid-2026",
        "pairs": "no two financings differ in one thing alone; so few pairs are no sample",
    }
    say_notes({
        **(of_debt if dearer else {}),
        "left": "of what the network has; firms that are not in it are not seen, so that all others have more",
    })  # fmt: skip


def _tables(period: str, dearer: Sequence[Spread], scarce: Sequence[Supply]) -> Tables:
    """The tables as files take them."""
    from gigawatt.cli.deals_tables import Tables

    return Tables(
        rows={
            "supply": lambda: [_plain_supply(each, period) for each in scarce],
            "debt": lambda: [_plain_debt(each) for each in dearer],
        },
        columns=COLUMNS, note="cost of debt is that of financings of the catalog; a book of one's own and a run have "
        "none; of supply what the network has",
    )  # fmt: skip


def _plain_debt(found: Spread) -> dict[str, Any]:
    return dict(zip(COLUMNS["debt"], (
        found.insider, found.outsider, found.inside, found.outside, found.gap, found.hurdle, found.what,
        "financings of the catalog", " ".join(found.sources),
    ), strict=True))  # fmt: skip


def _plain_supply(found: Supply, period: str) -> dict[str, Any]:
    nan = float("nan")
    return {
        "year": period, "what": found.what, "usd": found.all_usd, "core": found.core if found.all_usd else nan,
        "left": found.left if found.all_usd else nan,
        "most_of_it_to": "; ".join(f"{name} {usd:.6g}" for name, usd in found.largest),
    }  # fmt: skip
