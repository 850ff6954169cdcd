"""How much goes round, in rows: by definition and scope, by year, by status, by investor; amounts and shares whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_texts import aligned, billions, keys_text, percent, span
from gigawatt.cli.deals_years import network_of_book, network_to, networks_by_status
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

    def ladder(self, scope: str) -> list[CircularYear]:
        """By status, from drawn deals to all announced; what a run paid is one status."""
        return [circularity_of(each, scope) for each in networks_by_status(self.source, self.to)]

    def ends(self, scope: str) -> dict[str, CircularYear]:
        """As given and with all amounts at the ends of their ranges; empty for a run, whose payments have no ranges."""
        if self.source.run is not None:
            return {}
        years, status = self.network.years, self.source.status
        books = corners(self.source.load())
        found = {name: circularity_of(network_of_book(each, years, status), scope) for name, each in books.items()}
        return {"as given": self.scopes[scope], **found}


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
    """By investor: what it invests, what it sells, and how much of the investment comes back as sales."""
    rows = []
    for each in found.returned:
        back = [each.least_usd, each.proportional_usd, each.most_usd]
        rows.append({
            "investor": each.investor,
            "invests, bn": billions(each.invested_usd), "sells, bn": billions(each.sales_usd),
            "back, least": billions(back[0]), "mixed": billions(back[1]), "most": billions(back[2]),
            "of its sales": span(each.share_of_sales(back[0]), each.share_of_sales(back[2])),
            "invested under": keys_text(each.deals, each.payments),
        })  # fmt: skip
    return aligned(rows, ("investor", "invested under"))


def plain_rows(found: Iterable[CircularYear], ends: Mapping[str, CircularYear] | None = None) -> list[Row]:
    """A row for each period, status, scope and definition, for files: share, and low and high over the corners."""
    rows = []
    for each in found:
        for name, (title, _) in DEFINITIONS.items():
            shares = [end.shares[name] for end in (ends or {}).values()]
            rows.append({
                "year": each.period, "status": each.status, "scope": each.scope, "definition": title,
                "share": each.shares[name], "low": _known(min, shares), "high": _known(max, shares),
                "gross_usd": each.gross_usd,
            })  # fmt: skip
    return rows


def _known(pick: Callable[[list[float]], float], shares: list[float]) -> float:
    known = [share for share in shares if share == share]
    return pick(known) if known else float("nan")
