"""`gigawatt deals coverage`: cash that enters the core over cash that leaves it, and how long it lasts."""

from __future__ import annotations

from math import isinf, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, RunOf, Runs, Source, Status
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gigawatt.deals.book import Book
    from gigawatt.deals.circular import Coverage, Lasting

EXAMPLES = """\b
Examples:
  gigawatt deals coverage
  gigawatt deals coverage --firms OpenAI,Oracle,CoreWeave
  gigawatt deals coverage --status announced -f csv
  gigawatt deals coverage --run latest"""


def coverage(
    firms: Annotated[
        str | None, flag("firms", "These firms as one group, commas between, in place of the core.")
    ] = None,
    status: Status = FIRM,
    book: BookFolder = None,
    run: RunOf = None,
    runs: Runs = Path("runs"),
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Cash that enters the core over cash that leaves it, by year; years to the first gap with new finance shut."""
    from gigawatt.cli.output import show

    source = Source(book=book, run=run, runs=runs, status=status)
    with spoken():
        group = [name.strip() for name in (firms or "").split(",") if name.strip()] or None
        found = years_of(source, group)
        if by_name(how, out) is not Format.table or out is not None:
            show([_plain(each) for each in found], how, out)
            return
        lasts = _lasts(source, group)
        _answer(found, lasts, group)
        show(cover_rows(found), Format.table, title="Cash in over cash out, by what counts as cash in")
        show(_flow_rows(found), Format.table, title="What enters and what leaves, USD bn")
        if lasts:
            show(_firm_rows(source, lasts), Format.table, title="With new finance shut: cash at year ends, USD bn")
        _notes()


def years_of(source: Source, group: Sequence[str] | None = None) -> list[Coverage]:
    """Coverage of a group, or of the core, by year of a book or a run."""
    from gigawatt.cli.deals_years import networks_by_year
    from gigawatt.deals.circular import coverage as of_network
    from gigawatt.deals.circular import coverage_by_year, whole_years

    if source.run is not None:
        return [of_network(network, group) for network in networks_by_year(source)]
    book = source.load()
    _known(book, group)
    networks_by_year(source)  # refuses an unknown status
    return list(coverage_by_year(book, whole_years(book), source.status, group))


def _known(book: Book, group: Sequence[str] | None) -> None:
    """Refuses names that the book does not have."""
    from gigawatt.errors import GigawattError, nearest

    for name in group or ():
        if name not in book.parties:
            near = nearest(name, book.parties)
            hint = f"; did you mean {near}?" if near else ""
            raise GigawattError(f"--firms {name}: unknown{hint} known: {', '.join(book.parties)}")


def _lasts(source: Source, group: Sequence[str] | None) -> dict[str, Lasting]:
    """How long cash lasts: the group with its other business and without, and each of its firms."""
    from gigawatt.deals.circular import lasting, whole_years

    book = source.load()
    years, names = whole_years(book), tuple(group or book.core)
    what = ", ".join(group) if group else "the core as one"
    found = {what: lasting(book, years, source.status, names)}
    if source.run is None:
        found[f"{what}, without other business"] = lasting(book, years, source.status, names, business=False)
    if len(names) > 1:
        found |= {name: lasting(book, years, source.status, (name,)) for name in names}
    return {name: each for name, each in found.items() if each.years}


def _answer(found: Sequence[Coverage], lasts: dict[str, Lasting], group: Sequence[str] | None) -> None:
    from gigawatt.cli.deals_texts import bn, percent, say_wrapped

    who = ", ".join(group) if group else f"the core ({len(found[0].firms)} firms)"
    at = next((each for each in found if each.period == "2026"), found[0])
    cover = {name: percent(share) for name, share in at.cover().items()}
    said = (
        f"In {at.period} customers pay {who} {cover['customers']} of what it must pay others; with its other business "
        f"{cover['with other business']}; with new finance, payouts and investments {cover['with new finance']}."
    )
    heads = 2 if at.business_usd else 1
    for name, each in list(lasts.items())[:heads]:
        said += f" With new finance shut, the cash of {name} (USD {bn(each.cash_usd)}) lasts {_years(each)}."
    singles = [(name, each) for name, each in lasts.items() if each.firms == (name,) and len(at.firms) > 1]
    short = [name for name, each in singles if each.years_to_gap < 1.0]
    if short:
        said += f" One by one, {len(short)} firms run out within a year: {', '.join(short)}."
    say_wrapped(said)
    print()


def _years(found: Lasting) -> str:
    last = found.years[-1].period
    if isnan(found.years_to_gap):
        return "for a time that nobody can tell"
    return f"beyond {last}" if isinf(found.years_to_gap) else f"{found.years_to_gap:.1f} years"


def cover_rows(found: Sequence[Coverage]) -> list[dict[str, str]]:
    """Cash in over cash out by year, and what a year leaves without new finance."""
    from gigawatt.cli.deals_texts import aligned, billions, percent

    rows = [
        {"year": each.period, **{name: percent(share) for name, share in each.cover().items()},
         "left without finance, USD bn": billions(each.shut_usd)}
        for each in found
    ]  # fmt: skip
    return aligned(rows, ("year",))


def _flow_rows(found: Sequence[Coverage]) -> list[dict[str, str]]:
    from gigawatt.cli.deals_texts import aligned, billions

    rows = []
    for each in found:
        came = {"customers": each.sales_usd, "other business": each.business_usd, "finance": each.finance_usd,
                "other": each.other_usd}  # fmt: skip
        gone = {f"to {name}" if n == 0 else name: usd for n, (name, usd) in enumerate(each.leaving_usd.items())}
        rows.append({"year": each.period, **{name: billions(usd) for name, usd in (came | gone).items()}})
    return aligned(rows, ("year",))


def _firm_rows(source: Source, lasts: dict[str, Lasting]) -> list[dict[str, str]]:
    from gigawatt.cli.deals_texts import aligned, billions

    rows = []
    for name, each in lasts.items():
        ends = {year.period: billions(usd) for year, usd in zip(each.years, each.left_usd, strict=True)}
        rows.append({"firm": name, "opening cash": billions(each.cash_usd), **ends,
                     "years to gap": _lasting_text(each.years_to_gap),
                     "if core firms still invest": _lasting_text(each.years_with_core)})  # fmt: skip
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return aligned([{name: row.get(name, "") for name in columns} for row in rows], ("firm",))


def _lasting_text(years: float) -> str:
    return "" if isnan(years) else "lasts" if isinf(years) else f"{years:.1f}"


def _notes() -> None:
    from gigawatt.cli.deals_texts import say_notes
    from gigawatt.deals.circular import WAYS

    say_notes({
        **WAYS,
        "finance shut": "no new equity, loans or bonds; nothing paid out to owners or invested outside; all else is "
        "paid as deals and ordinary business say, though firms would then order less: a lower bound of the time",
        "other business": "revenue outside the network x margin of the opening year, in all years alike, before what "
        "taxes on it the payments do not have; of a run it is inside what customers pay",
        "as one": "cash of one firm does not pay the bills of another: the core as one lasts longer than its firms",
    })  # fmt: skip


def _plain(found: Coverage) -> dict[str, Any]:
    """All figures of a year."""
    return {
        "year": found.period, "status": found.status, "firms": " ".join(found.firms), "customers_usd": found.sales_usd,
        "other_business_usd": found.business_usd, "finance_usd": found.finance_usd, "other_usd": found.other_usd,
        **{f"{name}_usd": usd for name, usd in found.leaving_usd.items()}, "shut_usd": found.shut_usd,
        **{f"cover, {name}": share for name, share in found.cover().items()},
    }  # fmt: skip
