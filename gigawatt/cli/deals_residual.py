"""`gigawatt deals residual`: who bears it if chips and campuses are worth less than the books say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from gigawatt.cli.deals_day import OTHER_DEBT, Day, on_day, rows_asked
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
LENDERS_LOSE = ("junior", "unsecured", "senior")


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
    failed: Annotated[list[str] | None, flag("failed", "Renters that pay nothing, commas between.")] = None,
    of: Annotated[str | None, flag("of", "One owner in full, year by year.")] = None,
    day: Day = None,
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
            show(_loss_rows(asked, found, of), how, out, columns=("owner", "kind", "layer", "holder", "usd", "note"))
        elif of is not None:
            _one(asked, found, of)
        else:
            _all(asked, found, rows_asked(top))


def _asked(
    source: Source, day: str | None, failed: list[str], falls: Mapping[str, str | None], chips_life: str | None
) -> Asked:
    from gigawatt.deals.exposure import known_name
    from gigawatt.errors import listed_names
    from gigawatt.units import parse_quantity

    book, at = on_day(source, day)
    life = {} if chips_life is None else {"chips": float(parse_quantity(chips_life, "years", "--chips-life").value)}
    return Asked(
        book=book, day=at, status=source.status,
        failed=tuple(known_name(book, name) for name in listed_names(failed)),
        fall={kind: float(parse_quantity(text, "1", f"--{kind}-fall").value)
              for kind, text in falls.items() if text is not None},
        life_years=life,
    )  # fmt: skip


def _all(asked: Asked, found: Residual, top: int) -> None:
    from gigawatt.cli.deals_residual_words import answer
    from gigawatt.cli.deals_texts import aligned, say_wrapped
    from gigawatt.cli.output import show

    say_wrapped(answer(asked, found))
    if not any(each.book_usd for each in found.positions):
        return
    print()
    low, high = asked.at("low"), asked.at("high")
    holders = aligned(_holder_rows(asked.book, found, low, high)[:top], ("holder", "tier"))
    show(holders, Format.table, title="Who bears the fall, USD bn", least=("tier", "low", "high"))
    largest = sorted(found.positions, key=lambda each: -each.book_usd)[:top]
    show(aligned([_asset_row(each) for each in largest], ("owner", "what", "let to", "backed by")), Format.table,
         title="Assets, USD bn, the largest first", least=("backed by", "let to", "not let"))  # fmt: skip
    _notes(asked)


def _holder_rows(book: Book, found: Residual, low: Residual, high: Residual) -> list[dict[str, Any]]:
    from gigawatt.cli.deals_texts import billions
    from gigawatt.deals.exposure import LAYERS_OF_LOSS

    ends = [{name: sum(row.values()) for name, row in each.by_holder().items()} for each in (low, high)]
    borne = [layer for layer in LAYERS_OF_LOSS if any(loss.layer == layer for loss in found.losses)]
    return [
        {"holder": name, "tier": book.parties[name].tier if name in book.parties else "investor",
         **{layer: billions(row[layer]) for layer in borne}, "total": billions(sum(row.values())),
         "low": billions(ends[0].get(name, 0.0)), "high": billions(ends[1].get(name, 0.0))}
        for name, row in found.by_holder().items()
    ]  # fmt: skip


def _asset_row(each: Position) -> dict[str, Any]:
    from gigawatt.cli.deals_texts import billions

    return {
        "owner": each.asset.owner, "what": each.asset.kind, "book": billions(each.book_usd),
        "let": billions(each.contracted_usd), "residual": billions(each.residual_usd), "debt": billions(each.owed_usd),
        "not let": billions(each.owed_on_residual_usd), "other debt": billions(each.asset.other_debt_usd),
        "renters": billions(each.borne_usd("renter")),
        "backers": billions(each.borne_usd("guarantor", "maker")), "owners": billions(each.borne_usd("equity")),
        "lenders": billions(each.borne_usd(*LENDERS_LOSE)),
        "let to": ", ".join(dict.fromkeys(rent.renter for rent in each.asset.rents)),
        "backed by": ", ".join(dict.fromkeys(row.holder for row in each.asset.backstops)),
    }  # fmt: skip


def _one(asked: Asked, found: Residual, owner: str) -> None:
    from gigawatt.cli.deals_residual_words import of_one
    from gigawatt.cli.deals_texts import aligned, billions, bn, say_wrapped
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import catalog_terms

    owner = _owner(found, owner)
    for each in (position for position in found.positions if position.asset.owner == owner):
        say_wrapped(of_one(asked, each))
        print()
        losses = [{"who": loss.holder, "as": loss.layer, "bears": billions(loss.usd)} for loss in each.losses]
        show(aligned(losses, ("who", "as")), Format.table, title=f"A fall of {bn(each.fall_usd)}, USD bn")
        _paths(each, catalog_terms().assets[each.asset.kind], asked.life_years.get(each.asset.kind))
    _notes(asked)


def _owner(found: Residual, name: str) -> str:
    from gigawatt.errors import named

    return named("owner of chips or campuses", name, dict.fromkeys(each.asset.owner for each in found.positions))


def _paths(each: Position, terms: AssetTerms, life_years: float | None) -> None:
    """The book value by year for three lives, with what contracts pay for and what is owed."""
    from gigawatt.cli.deals_texts import aligned, billions
    from gigawatt.cli.output import show
    from gigawatt.deals.exposure import catalog_terms, path

    lives = (terms.life_years.low, life_years or terms.life_years.middle, terms.life_years.high)
    low, middle, high = (path(each.asset, life, terms.rent_share, YEARS) for life in lives)
    rows = []
    for short, (year, book, used, let), long in zip(low, middle, high, strict=True):
        # Loans are repaid from what is drawn by the day; later drawings pay for later assets.
        owed = sum(debt.left_usd(date(year, 12, 31), catalog_terms()) for debt in each.asset.debts)
        rows.append({"end of": str(year), f"book, {lives[0]:g} years": billions(short[1]),
                     f"{lives[1]:g} years": billions(book), f"{lives[2]:g} years": billions(long[1]),
                     "used up": billions(used), "let": billions(let), "owed": billions(owed)})  # fmt: skip
    last = max((n for n, row in enumerate(rows) if any(row[name] != "-" for name in list(row)[1:-1])), default=0)
    show(aligned(rows[: last + 1], ("end of",)), Format.table, title="Book value by life, use and debt, USD bn")


def _loss_rows(asked: Asked, found: Residual, of: str | None) -> list[dict[str, Any]]:
    from gigawatt.cli.deals_residual_words import condition

    owner = "" if of is None else _owner(found, of)
    note = f"{condition(asked, found)}, by straight-line book values"
    return [{"owner": loss.owner, "kind": loss.kind, "layer": loss.layer, "holder": loss.holder, "usd": loss.usd,
             "note": note} for loss in found.losses if owner in ("", loss.owner)]  # fmt: skip


def _notes(asked: Asked) -> None:
    from gigawatt.cli.deals_texts import percent, say_notes
    from gigawatt.deals.exposure import catalog_terms

    chips, campus = (catalog_terms().assets[kind] for kind in ("chips", "campus"))
    life = asked.life_years.get("chips", chips.life_years.middle)
    say_notes({
        "book value": f"straight line over {life:g} years for chips ({chips.life_years.low:g} to "
        f"{chips.life_years.high:g}), {campus.life_years.middle:g} for campuses ({campus.life_years.low:g} to "
        f"{campus.life_years.high:g}); chips of labs, clouds and vehicles, campuses of landlords and vehicles. What "
        "vehicles buy follows the drawing of their loans",
        "let": "what is used up while contracts run: renters pay for it whatever prices do, and bear the fall by "
        f"paying more than the market. Of rents {percent(chips.rent_share)} pay for chips and "
        f"{percent(campus.rent_share)} for campuses; contracts are taken to use what is there before what "
        "is bought later",
        "order": "the residual falls on guarantors of the owner, then the owner (of a vehicle up to its value above "
        "debt, split by equity paid in; of a firm up to its net assets of the opening balance sheet), guarantors of "
        "its debt, lenders: junior ones, those without collateral in the asset (unsecured), the others (senior). A "
        "chip maker that guarantees is shown as maker",
        "debt": "loans by deal that the asset secures and, of other debt, what the catalog knows to be secured by it; "
        "not let: the part that no contract repays. In the column other debt is the rest, for which the owner answers "
        "with all it has",
        "other debt": OTHER_DEBT,
        "low and high": "falls at the ends of their ranges, with the same lives (tables residuals and stakes of the "
        "catalog)",
    })  # fmt: skip
