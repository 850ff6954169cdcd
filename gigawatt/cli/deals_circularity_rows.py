"""How much goes round, in rows: by definition and scope, by year, by status, by investor; amounts and shares whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_coverage_rows import COVER_COLUMNS, cover_plain, cover_rows, years_of
from gigawatt.cli.deals_tables import Tables
from gigawatt.cli.deals_texts import (
    aligned,
    billions,
    confidence_plain,
    confidence_rows,
    keys_text,
    own_estimate,
    percent,
    span,
)
from gigawatt.cli.deals_years import confidence_of, network_of_book, network_to, networks_by_status, networks_by_year
from gigawatt.deals.book import Network, corners
from gigawatt.deals.circular import DEFINITIONS, SCOPES, CircularYear, circularity_of

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source

Row = dict[str, Any]
SHORT = {
    "returned_least": "back, least", "returned_proportional": "mixed", "returned_most": "most",
    "netted_in_pairs": "in pairs", "cycling_index": "Finn", "circulation": "circulation", "hodge": "Hodge",
    "netted_at_once": "at once",
}  # fmt: skip
"""Definitions as the heads of narrow columns."""
NARROW_LAST = ("at once", "Hodge", "in pairs")


@dataclass(frozen=True)
class Asked:
    """The source, its network of the year asked for, and what circularity that has."""

    source: Source
    to: int | None = None  # last of several years that are added up

    @cached_property
    def network(self) -> Network:
        """Of the year and status asked for."""
        return network_to(self.source, self.to)

    @cached_property
    def scopes(self) -> dict[str, CircularYear]:
        """By scope."""
        return {scope: circularity_of(self.network, scope) for scope in SCOPES}

    @cached_property
    def confidence(self) -> dict[str, float]:
        """USD of all payments by confidence; empty for a run."""
        return confidence_of(self.source, self.network)

    def ladder(self) -> list[Network]:
        """By status, from drawn deals to all announced; what a run paid is one status."""
        return networks_by_status(self.source, self.to)

    def years(self) -> list[Network]:
        """All years that are told in full."""
        return networks_by_year(self.source)

    def ends(self, scope: str) -> dict[str, CircularYear]:
        """As given and with all amounts at the ends of their ranges; empty for a run, whose payments have no ranges."""
        if self.source.run is not None:
            return {}
        years, status = self.network.years, self.source.status
        books = corners(self.source.load())
        found = {name: circularity_of(network_of_book(each, years, status), scope) for name, each in books.items()}
        return {"as given": self.scopes[scope], **found}


def shown(asked: Asked, scope: str, table: str) -> tuple[str, list[Row], tuple[str, ...]]:
    """Title of a table, its rows as people read them, and the columns that it can do without."""
    period = asked.network.period
    match table:
        case "definitions":
            return f"{period}, by definition and scope", definition_rows(asked, scope), ()
        case "statuses":
            rows = [] if asked.source.run else period_rows(_circular(asked.ladder(), scope), "status")
            return f"{period}, {scope}, by how sure deals are; each holds the above", rows, NARROW_LAST
        case "years":
            rows = period_rows(_circular(asked.years(), scope), "year")
            return f"By year, {scope}, {asked.network.status}", rows, NARROW_LAST
        case "investors":
            title = f"{period}, investment that comes back as sales, by investor"
            return title, investor_rows(asked.scopes[scope]), ("invested under",)
        case "coverage":
            title = "Cash that enters the core over cash that leaves it (more: gigawatt deals coverage)"
            last = ("left without finance, USD bn",)
            return title, cover_rows(years_of(asked.source)) if asked.network.core else [], last
    return f"{period}, how sure all payments are", confidence_rows(asked.confidence), ()


def tables(asked: Asked, scope: str) -> Tables:
    """The tables as files take them."""
    return Tables(
        rows={
            "definitions": lambda: _plain_definitions(asked, scope),
            "statuses": lambda: _plain_periods(asked, asked.ladder(), scope),
            "years": lambda: _plain_periods(asked, asked.years(), scope),
            "investors": lambda: _plain_investors(asked.scopes[scope]),
            "coverage": lambda: cover_plain(years_of(asked.source)) if asked.network.core else [],
            "confidence": lambda: confidence_plain(asked.confidence),
        },
        columns={"investors": INVESTORS, "coverage": COVER_COLUMNS, "confidence": ("confidence", "usd", "share")},
        note="no one share is the circular share; payments of a year stand for money in motion, and circular is no "
        "judgement; own_estimate is the share of the payments that are own estimates",
    )  # fmt: skip


def _circular(networks: Iterable[Network], scope: str) -> list[CircularYear]:
    return [circularity_of(each, scope) for each in networks if each.edges]


def definition_rows(asked: Asked, scope: str) -> list[Row]:
    """Each definition with its share by scope, and of one scope with amounts at the ends of their ranges."""
    ends = asked.ends(scope)
    rows = []
    for name, (title, _) in DEFINITIONS.items():
        row: Row = {"definition": title}
        row |= {each: percent(found.shares[name]) for each, found in asked.scopes.items()}
        if ends:
            row[f"{scope}, amounts at their ends"] = _over(found.shares[name] for found in ends.values())
        rows.append(row)
    gross: Row = {"definition": "gross payments, USD bn"}
    gross |= {each: billions(found.gross_usd) for each, found in asked.scopes.items()}
    if ends:
        sums = [found.gross_usd for found in ends.values()]
        gross[f"{scope}, amounts at their ends"] = span(min(sums), max(sums), billions)
    return aligned([gross, *rows], ("definition",))


def _over(shares: Iterable[float]) -> str:
    """From the least to the largest of the shares that have a value."""
    known = [share for share in shares if share == share]
    return span(min(known), max(known)) if known else percent(float("nan"))


def period_rows(found: Sequence[CircularYear], head: str) -> list[Row]:
    """A row for each year or status: gross payments, each definition, and which ends give the range."""
    rows = []
    for each in found:
        row: Row = {head: each.period if head == "year" else each.status, "gross, bn": billions(each.gross_usd)}
        rows.append(row | {short: percent(each.shares[name]) for name, short in SHORT.items()})
    return aligned(rows, (head,))


def investor_rows(found: CircularYear) -> list[Row]:
    """By investor: what it invests, what it sells here, and how much of the investment comes back as sales."""
    rows = []
    for each in found.returned:
        back = [each.least_usd, each.proportional_usd, each.most_usd]
        rows.append({
            "investor": each.investor,
            "invests, bn": billions(each.invested_usd), "sells in the book, bn": billions(each.sales_usd),
            "back, least": billions(back[0]), "mixed": billions(back[1]), "most": billions(back[2]),
            "of its sales in the book": span(each.share_of_sales(back[0]), each.share_of_sales(back[2])),
            "invested under": keys_text(each.deals, each.payments),
        })  # fmt: skip
    return aligned(rows, ("investor", "invested under"))


INVESTORS = (
    "year", "status", "scope", "investor", "invested_usd", "sales_in_the_book_usd", "least_usd", "mixed_usd",
    "most_usd", "least_of_sales_in_the_book", "most_of_sales_in_the_book", "deals", "ordinary_payments",
)  # fmt: skip


def _plain_investors(found: CircularYear) -> list[Row]:
    """All figures of each investor."""
    return [
        dict(zip(INVESTORS, (
            found.period, found.status, found.scope, each.investor, each.invested_usd, each.sales_usd, each.least_usd,
            each.proportional_usd, each.most_usd, each.share_of_sales(each.least_usd),
            each.share_of_sales(each.most_usd), " ".join(each.deals), " ".join(each.payments),
        ), strict=True))
        for each in found.returned
    ]  # fmt: skip


def _plain_definitions(asked: Asked, scope: str) -> list[Row]:
    """A row for each scope and definition, with low and high of the scope asked for."""
    sure = own_estimate(asked.confidence)
    rows = _plain([asked.scopes[scope]], [sure], asked.ends(scope))
    return rows + _plain([each for name, each in asked.scopes.items() if name != scope], [sure] * len(asked.scopes))


def _plain_periods(asked: Asked, networks: Sequence[Network], scope: str) -> list[Row]:
    """A row for each year, or status, and definition."""
    paid = [each for each in networks if each.edges]
    sure = [own_estimate(confidence_of(asked.source, each)) for each in paid]
    return _plain(_circular(paid, scope), sure)


def _plain(
    found: Sequence[CircularYear], own: Sequence[float], ends: Mapping[str, CircularYear] | None = None
) -> list[Row]:
    """A row for each period, status, scope and definition, for files: share, and low and high over the corners."""
    rows = []
    for each, sure in zip(found, own, strict=False):
        for name, (title, _) in DEFINITIONS.items():
            shares = [end.shares[name] for end in (ends or {}).values()]
            rows.append({
                "year": each.period, "status": each.status, "scope": each.scope, "definition": title,
                "share": each.shares[name], "low": _known(min, shares), "high": _known(max, shares),
                "gross_usd": each.gross_usd, "own_estimate": sure,
            })  # fmt: skip
    return rows


def _known(pick: Callable[[list[float]], float], shares: list[float]) -> float:
    known = [share for share in shares if share == share]
    return pick(known) if known else float("nan")
