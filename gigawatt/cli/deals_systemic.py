"""`gigawatt deals systemic`: whose failure the others feel most, by three measures side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_day import Day, on_day
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status, Year
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.book import Book
    from gigawatt.deals.exposure import Importance

EXAMPLES = """\b
Examples:
  gigawatt deals systemic
  gigawatt deals systemic --shut 4 --chips-fall 40%
  gigawatt deals systemic --run latest --year 2030
  gigawatt deals systemic --everybody --at-market --status announced"""
LEFT = ("firm", "lose their equity", "run out of cash or tenants")


def systemic(
    shut: Annotated[int, flag("shut", "Quarters without new money after the failure.")] = 0,
    chips_fall: Annotated[str, flag("chips-fall", "Fall of prices of chips and rents at the same time.")] = "0%",
    at_market: Annotated[bool, flag("at-market", "DebtRank with stakes and equity at market value.")] = False,
    everybody: Annotated[bool, flag("everybody", "All named parties, not the core alone.")] = False,
    day: Day = None,
    status: Status = FIRM,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    year: Year = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Rank firms by what their failure does to the others: DebtRank, loss after clearing, firms brought down."""
    from gigawatt.cli.output import show
    from gigawatt.cli.progress import ProgressLine
    from gigawatt.deals.book import SECTORS
    from gigawatt.deals.exposure import systemic as ranked
    from gigawatt.units import parse_quantity

    with spoken():
        found, at = on_day(Source(book=book, run=run, runs=runs, year=year, status=status), day)
        named = tuple(key for key in found.parties if key not in SECTORS) if everybody else found.core
        prices_fall = float(parse_quantity(chips_fall, "1", "--chips-fall").value)
        with ProgressLine("firms fail") as note:
            rows = ranked(
                found, named, day=at, status=status, at_market=at_market,
                markets_shut=shut, chip_price_fall=prices_fall,
                note=note,
            )  # fmt: skip
        when = _when(found, shut, prices_fall)
        if by_name(how, out) is not Format.table or out is not None:
            show(plain(rows, when), how, out)
            return
        _answer(rows, when)
        _table(rows)
        _notes(at_market, marked(rows))


def _when(book: Book, shut: int, chips_fall: float) -> str:
    """What is assumed beside the failure: "from 2026Q4 on, with markets open"."""
    from gigawatt.cli.deals_texts import counted, percent
    from gigawatt.deals.stress import QUARTERS, calendar_of

    calendar = calendar_of(book, QUARTERS)
    markets = f"shut for {counted(shut, 'quarter')}" if shut else "open"
    fall = "" if not chips_fall else f" and prices of chips and rents {percent(chips_fall)} lower"
    return f"from {calendar.label(calendar.shock)} on, with markets {markets}{fall}"


def marked(rows: tuple[Importance, ...]) -> bool:
    """True if DebtRank and the cascade have anything to say: stakes, loans or contracts between firms."""
    return any(each.marked_down_usd or each.lost_equity for each in rows)


def places(rows: tuple[Importance, ...]) -> dict[str, dict[str, int]]:
    """Place of each firm by each measure, 1 first; firms that are equal share the better place."""
    from gigawatt.deals.exposure import BY

    out: dict[str, dict[str, int]] = {each.firm: {} for each in rows}
    for measure in BY:
        for each in rows:
            out[each.firm][measure] = 1 + sum(other.by(measure)[0] > each.by(measure)[0] for other in rows)
    return out


def _answer(rows: tuple[Importance, ...], when: str) -> None:
    from gigawatt.cli.deals_texts import bn, counted, percent, say_wrapped

    by = {measure: max(rows, key=lambda each, m=measure: each.by(m)) for measure in ("debtrank", "loss", "falls")}  # type: ignore[misc]
    worth, lost, falls = by["debtrank"], by["loss"], by["falls"]
    said = f"If one of {counted(len(rows), 'firm')} at a time paid nothing {when}, then, by these estimates: "
    if marked(rows):
        said += f"{worth.firm} would matter most by DebtRank, marking down the equity of the others by USD "
        said += f"{bn(worth.marked_down_usd)} ({percent(worth.marked_down)}). "
    also = " also" if marked(rows) and lost is worth else ""
    said += f"{lost.firm} would{also} leave the largest loss once estates are sold, {bn(lost.loss_usd)}. "
    if falls.falls:
        said += f"{falls.firm} would bring down most others ({len(falls.falls)}: {', '.join(falls.falls)})."
    else:
        said += "None would bring down another."
    say_wrapped(said)
    print()


def _table(rows: tuple[Importance, ...]) -> None:
    from gigawatt.cli.deals_texts import aligned, billions
    from gigawatt.cli.output import show

    place = places(rows)
    marks = {each.firm: {"DebtRank": billions(each.marked_down_usd), "of equity": f"{100 * each.marked_down:.2f} %"}
             for each in rows if marked(rows)}  # fmt: skip
    shown = [
        {"firm": each.firm, **marks.get(each.firm, {}), "loss": billions(each.loss_usd), "fall": str(len(each.falls)),
         "places": " / ".join(str(place[each.firm][measure]) for measure in place[each.firm]
                              if measure != "debtrank" or marks),
         "run out of cash or tenants": ", ".join(each.falls),
         **({"lose their equity": ", ".join(each.lost_equity)} if marks else {})}
        for each in (rows if marks else sorted(rows, key=lambda each: -each.loss_usd))
    ]  # fmt: skip
    show(aligned(shown, LEFT), Format.table, title="Failure of one firm at a time, USD bn",
         least=("lose their equity", "of equity"))  # fmt: skip


def plain(rows: tuple[Importance, ...], when: str) -> list[dict[str, Any]]:
    """One row a firm with all measures and its place by each, as files take them."""
    place = places(rows)
    return [
        {"firm": each.firm, "debtrank_usd": each.marked_down_usd, "debtrank": each.marked_down,
         "loss_usd": each.loss_usd, "falls": len(each.falls), "fallen": " ".join(each.falls),
         "lose_equity": " ".join(each.lost_equity),
         **{f"place_by_{measure}": number for measure, number in place[each.firm].items()},
         "note": f"by estimate, if {each.firm} paid nothing {when}"}
        for each in rows
    ]  # fmt: skip


def _notes(at_market: bool, marks: bool) -> None:
    from gigawatt.cli.deals_day import OTHER_DEBT
    from gigawatt.cli.deals_texts import say_notes

    equity = "market value" if at_market else "the equity of the opening balance sheet"
    by_value = {
        "DebtRank": "a fall of a firm's equity marks down what others hold of it, and so on (Bardoscia and others "
        f"2015): stakes and loans, and what it must pay them by contract within a year, over {equity}. A mark, not "
        "cash that lacks",
        "lose their equity": "firms whose claims on those that fail reach their equity, round by round, nothing being "
        "recovered (Gai and Kapadia 2010)",
    }
    left_out = {"DebtRank": "left out, since no stakes, loans or contracts between firms stand here to be marked down"}
    say_notes({
        **(by_value if marks else left_out),
        "loss": "what creditors, contract partners, guarantors and owners lose in three years, after estates are sold "
        "and contracts let again, beyond what they lose without the failure (gigawatt deals stress)",
        "fall": "firms that run out of cash in these quarters and would not otherwise, and vehicles without tenants",
        "places": f"by {'DebtRank, by ' if marks else ''}loss, by number brought down. They differ: "
        f"{'one asks for value, ' if marks else ''}one for money, one for firms. What a failed maker no longer "
        "delivers is in none of them",
        "other debt": OTHER_DEBT + ". Lenders are no firm that fails, so that it counts in equity and in loss alone",
    })  # fmt: skip
