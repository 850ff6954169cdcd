"""`gigawatt deals residual`: who bears it if chips and campuses are worth less than the books say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_options import FIRM, BookFolder, How, Out, Source, Status
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name

if TYPE_CHECKING:
    from gigawatt.deals.book import Book
    from gigawatt.deals.exposure import AssetTerms, Position, Residual

EXAMPLES = """\b
Examples:
  gigawatt deals residual
  gigawatt deals residual --chips-fall 40% --failed OpenAI
  gigawatt deals residual --chips-life "3 years" --chips-fall 30%
  gigawatt deals residual --of Hyperion --day 2029-12-31"""
TOP = 15
YEARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question: a book on a day, and which renters do not pay."""

    book: Book
    day: date
    status: str
    failed: tuple[str, ...]
    fall: Mapping[str, float]
    life_years: Mapping[str, float]

    def at(self, end: str, failed: tuple[str, ...] | None = None) -> Residual:
        """The answer with falls that were not asked for at the `middle`, `low` or `high` end of their ranges."""
        from gigawatt.deals.exposure import catalog_terms, residual

        falls = {kind: getattr(each.fall, end) for kind, each in catalog_terms().assets.items()} | dict(self.fall)
        names = self.failed if failed is None else failed
        return residual(self.book, self.day, self.status, fall=falls, failed=names, life_years=self.life_years)


def residual(
    chips_fall: Annotated[
        str | None, flag("chips-fall", "Fall of chips below book value, such as 40%; 50%, 30 to 70%, unless given.")
    ] = None,
    campus_fall: Annotated[str | None, flag("campus-fall", "Fall of campuses; 25%, 10 to 40%, unless given.")] = None,
    chips_life: Annotated[
        str | None, flag("chips-life", "Years over which chips are written off; 5 unless given.")
    ] = None,
    failed: Annotated[list[str] | None, flag("failed", "A renter that pays nothing; may be given again.")] = None,
    of: Annotated[str | None, flag("of", "One owner in full, year by year.")] = None,
    day: Annotated[
        str | None, flag("day", "Day of the fall, such as 2027-12-31; that of the last news unless given.")
    ] = None,
    status: Status = FIRM,
    top: Annotated[int, flag("top", "Holders and owners that are listed.")] = TOP,
    book: BookFolder = None,
    how: How = Format.table,
    out: Out = None,
) -> None:
    """Who holds residual-value risk: a fall of prices from renters to guarantors, owners and lenders."""
    from gigawatt.cli.output import show

    with spoken():
        falls = {"chips": chips_fall, "campus": campus_fall}
        asked = _asked(Source(book=book, status=status), day, failed or [], falls, chips_life)
        found = asked.at("middle")
        if by_name(how, out) is not Format.table or out is not None:
            show(_loss_rows(found), how, out, columns=("owner", "kind", "layer", "holder", "usd"))
        elif of is not None:
            _one(asked, found, of)
        else:
            _all(asked, found, top)


def _asked(
    source: Source, day: str | None, failed: list[str], falls: Mapping[str, str | None], chips_life: str | None
) -> Asked:
    from gigawatt.deals.exposure import latest_day
    from gigawatt.errors import GigawattError, nearest
    from gigawatt.units import parse_quantity

    book = source.load()
    for name in failed:
        if name not in book.parties:
            near = nearest(name, book.parties)
            raise GigawattError(f"--failed {name}: no such party{f'; did you mean {near}?' if near else ''}")
    life = {} if chips_life is None else {"chips": float(parse_quantity(chips_life, "years", "--chips-life").value)}
    return Asked(
        book=book, day=day_of(day) if day else latest_day(book), status=source.status, failed=tuple(failed),
        fall={kind: float(parse_quantity(text, "1", f"--{kind}-fall").value)
              for kind, text in falls.items() if text is not None},
        life_years=life,
    )  # fmt: skip


def day_of(text: str) -> date:
    """A day such as 2026-12-31.

    Raises:
        GigawattError: It is none.
    """
    from gigawatt.errors import GigawattError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GigawattError(f"--day {text}: no day such as 2026-12-31") from None


def _all(asked: Asked, found: Residual, top: int) -> None:
    from gigawatt.cli.deals_residual_words import answer
    from gigawatt.cli.deals_texts import aligned, say_wrapped
    from gigawatt.cli.output import show

    low, high = asked.at("low"), asked.at("high")
    say_wrapped(answer(asked, found))
    print()
    holders = aligned(_holder_rows(asked.book, found, low, high)[:top], ("holder", "tier"))
    show(holders, Format.table, title="Who bears the fall, USD bn", least=("tier", "junior"))
    largest = sorted(found.positions, key=lambda each: -each.book_usd)[:top]
    show(aligned([_asset_row(each) for each in largest], ("owner", "what", "let to", "backed by")), Format.table,
         title="Assets, USD bn, the largest first", least=("backed by", "let to"))  # fmt: skip
    _notes(asked)


def _holder_rows(book: Book, found: Residual, low: Residual, high: Residual) -> list[dict[str, Any]]:
    from gigawatt.cli.deals_texts import billions
    from gigawatt.deals.exposure import LAYERS_OF_LOSS

    ends = [{name: sum(row.values()) for name, row in each.by_holder().items()} for each in (low, high)]
    return [
        {"holder": name, "tier": book.parties[name].tier if name in book.parties else "investor",
         **{layer: billions(row[layer]) for layer in LAYERS_OF_LOSS}, "total": billions(sum(row.values())),
         "low": billions(ends[0].get(name, 0.0)), "high": billions(ends[1].get(name, 0.0))}
        for name, row in found.by_holder().items()
    ]  # fmt: skip


def _asset_row(each: Position) -> dict[str, Any]:
    from gigawatt.cli.deals_texts import billions

    return {
        "owner": each.asset.owner, "what": each.asset.kind, "book": billions(each.book_usd),
        "let": billions(each.contracted_usd), "residual": billions(each.residual_usd), "debt": billions(each.owed_usd),
        "on residual": billions(each.owed_on_residual_usd), "renters": billions(each.borne_usd("renter")),
        "backers": billions(each.borne_usd("guarantor", "maker")), "owners": billions(each.borne_usd("equity")),
        "lenders": billions(each.borne_usd("junior", "senior")),
        "let to": ", ".join(dict.fromkeys(rent.renter for rent in each.asset.rents)),
        "backed by": ", ".join(dict.fromkeys(row.holder for row in each.asset.backstops)),
    }  # fmt: skip


def _one(asked: Asked, found: Residual, owner: str) -> None:
    from gigawatt.cli.deals_texts import aligned, billions, bn, say_wrapped
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import catalog_terms
    from gigawatt.errors import GigawattError, nearest

    owners = [each.asset.owner for each in found.positions]
    if owner not in owners:
        near = nearest(owner, owners)
        raise GigawattError(f"--of {owner}: owns nothing that is looked at{f'; did you mean {near}?' if near else ''}")
    for each in (position for position in found.positions if position.asset.owner == owner):
        owed = f"on which {bn(each.owed_on_residual_usd)} is owed" if each.owed_on_residual_usd else "free of debt"
        say_wrapped(
            f"{each.asset.name} on {found.day}: USD {bn(each.book_usd)} on the books, {bn(each.contracted_usd)} "
            f"of it paid for by contracts, {bn(each.residual_usd)} residual, {owed}."
        )
        print()
        losses = [{"who": loss.holder, "as": loss.layer, "bears": billions(loss.usd)} for loss in each.losses]
        show(aligned(losses, ("who", "as")), Format.table, title=f"A fall of {bn(each.fall_usd)}, USD bn")
        _paths(each, catalog_terms().assets[each.asset.kind], asked.life_years.get(each.asset.kind))
    _notes(asked)


def _paths(each: Position, terms: AssetTerms, life_years: float | None) -> None:
    """The book value by year for three lives, with what contracts pay for and what is owed."""
    from gigawatt.cli.deals_texts import aligned, billions
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import catalog_terms, owed_usd, path

    lives = (terms.life_years.low, life_years or terms.life_years.middle, terms.life_years.high)
    low, middle, high = (path(each.asset, life, terms.rent_share, YEARS) for life in lives)
    rows = []
    for short, (year, book, used, let), long in zip(low, middle, high, strict=True):
        # Loans are repaid from what is drawn by the day; later drawings pay for later assets.
        owed = sum(min(debt.usd, owed_usd(debt.deal, date(year, 12, 31), catalog_terms())) for debt in each.asset.debts)
        rows.append({"end of": str(year), f"book, {lives[0]:g} years": billions(short[1]),
                     f"{lives[1]:g} years": billions(book), f"{lives[2]:g} years": billions(long[1]),
                     "used up": billions(used), "let": billions(let), "owed": billions(owed)})  # fmt: skip
    last = max((n for n, row in enumerate(rows) if any(row[name] != "-" for name in list(row)[1:])), default=0)
    show(aligned(rows[: last + 1], ("end of",)), Format.table, title="Book value by life, use and debt, USD bn")


def _loss_rows(found: Residual) -> list[dict[str, Any]]:
    return [{"owner": loss.owner, "kind": loss.kind, "layer": loss.layer, "holder": loss.holder, "usd": loss.usd}
            for loss in found.losses]  # fmt: skip


def _notes(asked: Asked) -> None:
    from gigawatt.cli.deals_texts import say_notes
    from gigawatt.deals.exposure import catalog_terms

    chips, campus = (catalog_terms().assets[kind] for kind in ("chips", "campus"))
    life = asked.life_years.get("chips", chips.life_years.middle)
    say_notes({
        "book value": f"straight line over {life:g} years for chips ({chips.life_years.low:g} to "
        f"{chips.life_years.high:g}), {campus.life_years.middle:g} for campuses ({campus.life_years.low:g} to "
        f"{campus.life_years.high:g}); chips of labs, clouds and vehicles, campuses of landlords and vehicles. What "
        "vehicles buy follows the drawing of their loans",
        "let": "what is used up while contracts run: renters pay for it whatever prices do, and bear the fall by "
        f"paying more than the market. Of rents {chips.rent_share:.0%} pay for chips and {campus.rent_share:.0%} for "
        "campuses; contracts are taken to use what is there before what is bought later",
        "order": "the residual falls on guarantors of the owner, then the owner (of a vehicle up to its value above "
        "debt, split by equity paid in; of a firm up to its net assets of the opening balance sheet), guarantors of "
        "its debt, lenders. A chip maker that guarantees is shown as maker",
        "low and high": "falls at the ends of their ranges, with the same lives (tables residuals and stakes of the "
        "catalog)",
    })  # fmt: skip
