"""Whose money the receipts of a firm are, in rows: one year whole, or by year and by status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gigawatt.cli.deals_tables import Tables
from gigawatt.cli.deals_texts import aligned, billions, confidence_plain, keys_text, percent
from gigawatt.cli.deals_years import confidence_of, network_to, networks_by_status, networks_by_year
from gigawatt.deals.book import Grounds, Network
from gigawatt.deals.circular import Funding, who_funds

if TYPE_CHECKING:
    from gigawatt.cli.deals_options import Source

Row = dict[str, Any]
OTHERS = {"vendors": ("self",), "self": ("vendors",)}
"""Sources told beside the one asked for."""
BOUNDS = ("least", "proportional", "most")
COLUMNS = {
    "years": ("year", "status", "receipts_usd", *BOUNDS), "statuses": ("year", "status", "receipts_usd", *BOUNDS),
    "confidence": ("of", "confidence", "usd", "share"),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Whose money is asked for, of which receipts of which firm."""

    source: Source  # of payments
    to: int | None
    firm: str
    money: str  # vendors, self, or names
    receipts: str

    @cached_property
    def network(self) -> Network:
        """Of the year and status asked for."""
        return network_to(self.source, self.to)

    @cached_property
    def found(self) -> dict[str, Funding]:
        """By source of money, the one asked for first."""
        wanted = dict.fromkeys((self.money, *OTHERS.get(self.money, ())))
        return {each: who_funds(self.network, self.firm, each, self.receipts) for each in wanted}

    @property
    def one(self) -> Funding:
        """Of the money asked for."""
        return self.found[self.money]

    @cached_property
    def grounds(self) -> Grounds | None:
        """What amounts stand on; None for a run."""
        return Grounds(self.source.load(), tuple(self.network.years)) if self.source.run is None else None

    @property
    def direct(self) -> dict[str, float]:
        """USD of what the firm is paid by confidence; empty for a run."""
        return self.grounds.usd(self.one.direct) if self.grounds else {}

    @property
    def all(self) -> dict[str, float]:
        """USD of all payments that are traced by confidence; empty for a run."""
        return confidence_of(self.source, self.network)


def tables(asked: Asked) -> Tables:
    """The tables as files take them."""
    return Tables(
        rows={
            "payers": lambda: _plain(asked), "years": lambda: by_network(asked, networks_by_year(asked.source)),
            "statuses": lambda: by_network(asked, networks_by_status(asked.source, asked.to)),
            "confidence": lambda: [{"of": of, **row} for of, usd in
                                   (("receipts", asked.direct), ("all payments traced", asked.all))
                                   for row in confidence_plain(usd)],
        },
        columns=COLUMNS,
        note="bounds over all ways in which money can have been passed on; money in an account has no name",
    )  # fmt: skip


def by_network(asked: Asked, networks: Iterable[Network]) -> list[Row]:
    """Shares by year or status; those in which the firm is not there or sells nothing are left out.

    Raises:
        ValueError: There is no such firm.
    """
    rows: list[Row] = []
    told = list(networks)
    for network in told:
        try:
            found = who_funds(network, asked.firm, asked.money, asked.receipts)
        except ValueError:  # the firm is not there, or sells nothing
            continue
        rows.append({"year": network.period, "status": network.status, "receipts_usd": found.receipts_usd,
                     **dict(zip(BOUNDS, found.shares, strict=True))})  # fmt: skip
    if not rows:
        told[0].number(asked.firm)
    return rows


def shown_by_network(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The same as people read them."""
    return aligned([{"year": row["year"], "status": row["status"], "receipts, bn": billions(row["receipts_usd"]),
                     **{name: percent(row[name]) for name in BOUNDS}} for row in rows], ("year", "status"))  # fmt: skip


def bound_rows(found: Mapping[str, Funding]) -> list[Row]:
    """Least, mixed and most of each source of money, as shares and in USD."""
    rows = []
    for name, each in found.items():
        amounts = (each.least_usd, each.proportional_usd, each.most_usd)
        row: Row = {"money of": name if name in OTHERS else ", ".join(each.sources)}
        row |= {title: percent(share) for title, share in zip(("least", "mixed", "most"), each.shares, strict=True)}
        rows.append(row | {f"{title}, bn": billions(usd) for title, usd in zip(("least", "mixed", "most"), amounts,
                                                                               strict=True)})  # fmt: skip
    return aligned(rows, ("money of",))


def direct_rows(asked: Asked) -> list[Row]:
    """Who pays the firm, for what, under which deals, and how sure that is."""
    rows = []
    for each in asked.one.direct:
        row = {"payer": each.name, "for": each.way, "USD bn": billions(each.usd),
               "share": percent(each.usd / asked.one.receipts_usd)}  # fmt: skip
        if asked.grounds:
            row["confidence"] = asked.grounds.most(each)
        rows.append(row | {"deals and payments": keys_text(each.deals, each.payments)})
    return aligned(rows, ("payer", "for", "confidence", "deals and payments"))


def final_rows(found: Funding) -> list[Row]:
    """Who pays in the end, and from what."""
    rows = [{"payer": each.name, "from": each.way, "USD bn": billions(each.usd),
             "share": percent(each.usd / found.receipts_usd)} for each in found.final]  # fmt: skip
    return aligned(rows, ("payer", "from"))


def _plain(asked: Asked) -> list[Row]:
    """A row for each figure: the bounds, each direct payer, each payer in the end."""
    found, head = asked.one, {"firm": asked.one.firm, "year": asked.network.period}
    bounds = {"least": found.least_usd, "proportional": found.proportional_usd, "most": found.most_usd}
    rows: list[Row]
    rows = [{**head, "part": "money of the source", "name": name, "for": " ".join(found.sources), "usd": usd,
             "deals": "", "confidence": ""} for name, usd in bounds.items()]  # fmt: skip
    for part, payers in (("direct", found.direct), ("in the end", found.final)):
        for each in payers:
            sure = asked.grounds.most(each) if asked.grounds and part == "direct" else ""
            rows.append({**head, "part": part, "name": each.name, "for": each.way, "usd": each.usd,
                         "deals": " ".join((*each.deals, *each.payments)), "confidence": sure})  # fmt: skip
    return [{**row, "share": row["usd"] / found.receipts_usd} for row in rows]
