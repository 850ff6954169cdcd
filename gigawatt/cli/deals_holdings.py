"""`gigawatt deals holdings`: who owns which part of whom, and what a fall of one does to the values of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_day import Day, on_day
from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, Source, Status
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from datetime import date

    from gigawatt.deals.book import Book
    from gigawatt.deals.exposure import Holdings, Revaluation

EXAMPLES = """\b
Examples:
  gigawatt deals holdings
  gigawatt deals holdings --fall OpenAI=50%
  gigawatt deals holdings --fall OpenAI=80% --fall Anthropic=80% --threshold 50% --cost 20%"""
LEFT = ("owner", "of", "known from", "firm", "through", "fails")


def holdings(
    fall: Annotated[
        list[str] | None,
        flag("fall", "A firm and the share of its value that is lost, such as OpenAI=50%; more with commas."),
    ] = None,
    threshold: Annotated[
        str, flag("threshold", "Share of its value of today below which a firm fails, such as 50%.")
    ] = "0%",
    cost: Annotated[str, flag("cost", "Share of its own assets that a firm loses in failure, such as 20%.")] = "0%",
    day: Day = None,
    status: Status = FIRM,
    book: BookFolder = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Who owns which part of whom at cost and at market; with --fall, what everybody is worth after it."""
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import holdings as holdings_of
    from gigawatt.deals.exposure import revalued
    from gigawatt.units import parse_quantity

    with spoken():
        found, at = on_day(Source(book=book, status=status), day)
        table = by_name(how, out) is Format.table and out is None
        if not fall:
            have = holdings_of(found, at, status)
            if table:
                _stakes(have, at.isoformat(), _unvalued(found, at, status, have))
            else:
                show(plain_stakes(have), how, out, columns=("owner", "firm", "share", "usd"))
            return
        after = revalued(
            found, _falls(fall), at, status, threshold=float(parse_quantity(threshold, "1", "--threshold").value),
            failure_cost=float(parse_quantity(cost, "1", "--cost").value),
        )  # fmt: skip
        if table:
            _revalued(after)
        else:
            show(plain_values(after), how, out)


def _falls(given: list[str]) -> dict[str, float]:
    """NAME=50% as a share by name.

    Raises:
        GigawattError: There is no `=`, or no share.
    """
    from gigawatt.errors import GigawattError, listed_names
    from gigawatt.units import parse_quantity

    out = {}
    for text in listed_names(given):
        name, equals, share = text.partition("=")
        if not equals:
            raise GigawattError(f"--fall {text}: a firm and a share are needed, such as OpenAI=50%")
        out[name.strip()] = float(parse_quantity(share, "1", f"--fall {name.strip()}").value)
    return out


def _unvalued(book: Book, day: date, status: str, have: Holdings) -> list[str]:
    """Firms whose owners are in the book and whose market value is not known, or theirs."""
    from gigawatt.deals.book import SECTORS
    from gigawatt.deals.exposure import exposures

    rows = exposures(book, day, status).where(lambda row: row.layer == "stake" and row.holder not in SECTORS).rows
    return [*dict.fromkeys(row.on for row in rows if not {row.holder, row.on} <= set(have.firms))]


def _stakes(have: Holdings, day: str, unvalued: list[str]) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, bn, counted, percent, say_wrapped
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import catalog_terms

    rows = plain_stakes(have)
    by_owner: dict[str, float] = {}
    for row in rows:
        by_owner[row["owner"]] = by_owner.get(row["owner"], 0.0) + row["usd"]
    whole = sum(by_owner.values())
    first = ", ".join(f"{name} ({bn(usd)})" for name, usd in sorted(by_owner.items(), key=lambda p: -p[1])[:3])
    owned = {name: have.value_usd[j] * have.shares[:, j].sum() for j, name in enumerate(have.firms)}
    most = max(owned, key=lambda name: owned[name]) if whole > 0.0 else ""
    say_wrapped(
        f"On {day} firms of the book hold stakes of USD {bn(whole)} in each other at market value; most of it is held "
        f"by {first}. {bn(owned[most])} of it is in {most}."
        if whole > 0.0
        else f"On {day} no stake is known between firms whose market value is known (market_value_usd of parties.csv)."
    )
    if unvalued:
        say_wrapped(
            f"Stakes in {counted(len(unvalued), 'firm')} are left out, since a market value is not known: "
            f"{', '.join(unvalued)} (gigawatt deals exposures --layer stake has them at cost)."
        )
    if whole == 0.0:
        return
    print()
    known = catalog_terms().stakes
    shown = [{"owner": row["owner"], "of": row["firm"], "share": percent(row["share"]), "USD bn": billions(row["usd"]),
              "of its own value": percent(row["usd"] / have.value_usd[have.number(row["owner"])]),
              "known from": "a share" if (row["owner"], row["firm"]) in known else "cost"} for row in rows]  # fmt: skip
    show(aligned(shown, LEFT), Format.table, title="Stakes, the largest first")
    _notes()


def _revalued(after: Revaluation) -> None:
    import numpy as np

    from gigawatt.cli.deals_texts import aligned, billions, bn, percent, say_wrapped
    from gigawatt.cli.output import show

    firms, change, before = after.holdings.firms, after.change_usd, after.before.equity
    others = [i for i in np.argsort(change) if firms[i] not in after.fall and change[i] < 0.0]
    falls = " and ".join(f"{name} lost {percent(share)} of its value" for name, share in after.fall.items())
    lost = -float(sum(change[i] for i in others))
    first = ", ".join(f"{firms[i]} {bn(-change[i])} ({percent(-change[i] / before[i])})" for i in others[:3])
    failed = [firms[i] for i in range(len(firms)) if after.after.failed[i]]
    said = f"If {falls}, owners of the others would lose USD {bn(lost)} with it{f': {first}' if first else ''}. "
    say_wrapped(said + (f"{' and '.join(failed)} would fail." if failed else "Nobody would fail."))
    print()
    rows = [
        {"firm": firms[i], "before": billions(before[i]), "after": billions(after.after.equity[i]),
         "change": billions(change[i]), "in %": percent(change[i] / before[i]),
         "fails": f"round {after.after.failed_in_round[i]}" if after.after.failed[i] else "",
         "through": ", ".join(f"{name} {bn(usd)}" for name, usd in after.through(int(i))[:3])}
        for i in np.argsort(change) if change[i] < 0.0
    ]  # fmt: skip
    show(aligned(rows, LEFT), Format.table, title="Value of all shares, USD bn, the largest loss first")
    _notes()


def plain_stakes(have: Holdings) -> list[dict[str, Any]]:
    """One row a stake with its share and market value, the largest first."""
    import numpy as np

    rows = [
        {"owner": have.firms[i], "firm": have.firms[j], "share": float(have.shares[i, j]),
         "usd": float(have.shares[i, j] * have.value_usd[j])}
        for i, j in np.argwhere(have.shares > 0.0)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row["usd"])


def plain_values(after: Revaluation) -> list[dict[str, Any]]:
    """One row a firm with its value before and after."""
    from gigawatt.cli.deals_texts import percent

    note = "if " + " and ".join(f"{name} lost {percent(share)} of its value" for name, share in after.fall.items())
    return [
        {"firm": name, "before_usd": float(after.before.equity[i]), "after_usd": float(after.after.equity[i]),
         "change_usd": float(after.change_usd[i]), "failed": bool(after.after.failed[i]),
         "costs_usd": float(after.after.costs[i]), "note": note}
        for i, name in enumerate(after.holdings.firms)
    ]  # fmt: skip


def _notes() -> None:
    from gigawatt.cli.deals_texts import say_notes

    say_notes({
        "shares": "those of the table stakes, what was paid in later added at cost over market value; others at cost "
        "over market value. Stakes of unnamed investors, funds and founders are not in the book",
        "values": "market value at the opening balance sheets, of the last round for firms without a listing. A "
        "firm's own assets are its value and debts less its stakes and loans; a fall takes a share of today's value "
        "off them. Debt is paid before shares, and owners never have less than nothing (Fischer 2014; Elliott, Golub "
        "and Jackson 2014 for costs of failure). Markets may mark a stake down by more, or had never valued it in full",
    })  # fmt: skip
