"""Which firm matters most to the others: by DebtRank, by loss after clearing, and by how many it brings down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gigawatt.deals.book import SECTORS, Book
from gigawatt.deals.book.schedule import ONE_DAY, due
from gigawatt.deals.cascade import cascade
from gigawatt.deals.exposure.exposures import exposures, latest_day
from gigawatt.deals.exposure.terms import Terms, catalog_terms
from gigawatt.deals.flows import Array
from gigawatt.deals.stress import handed_on, stress

A_YEAR = timedelta(days=365)
BY = ("debtrank", "loss", "falls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """What the failure of one firm does to the others."""

    firm: str
    marked_down_usd: float  # equity that others lose by DebtRank
    marked_down: float  # share of the equity of all firms
    lost_equity: tuple[str, ...]  # firms whose losses on those that fail reach their equity, round by round
    loss_usd: float  # on claims after estates are sold, by `stress`, beyond what is lost without the failure
    falls: tuple[str, ...]  # firms that run out of cash, and vehicles that fall with their tenants

    def by(self, measure: str) -> tuple[float, ...]:
        """What firms are ranked by; larger is more important.

        Raises:
            ValueError: The measure is unknown.
        """
        match measure:
            case "debtrank":
                return self.marked_down_usd, self.loss_usd
            case "loss":
                return self.loss_usd, self.marked_down_usd
            case "falls":
                return float(len(self.falls)), float(len(self.lost_equity)), self.loss_usd
        raise ValueError(f"measure {measure!r}; known: {', '.join(BY)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Who would lose how much of which equity, in USD."""

    firms: tuple[str, ...]
    held: Array  # [i, j] is what i loses if j pays nothing, shape (firms, firms)
    equity: Array  # shape (firms,); nan where it is unknown or not above 0


def claims_of(
    book: Book, day: date, status: str = "firm", *, at_market: bool = False, terms: Terms | None = None
) -> Claims:
    """Stakes, loans and a year's receipts under contract, beside the equity that would bear their loss.

    Args:
        at_market: Stakes and equity at market value, where it is known, in place of cost and book value.
    """
    found = exposures(book, day, status, terms or catalog_terms())
    firms = tuple(key for key, party in book.parties.items() if key not in SECTORS)
    place = {name: number for number, name in enumerate(firms)}
    held = np.zeros((len(firms), len(firms)))
    deals = {deal.key: deal for deal in book.deals}
    for row in found.rows:
        if row.holder not in place or row.on not in place or row.layer not in ("stake", "debt", "commitment"):
            continue
        usd = row.marked_usd if at_market else row.usd
        if row.layer == "commitment":
            usd = due(deals[row.deals[0]], day + ONE_DAY, day + ONE_DAY + A_YEAR)
        held[place[row.holder], place[row.on]] += 0.0 if math.isnan(usd) else usd
    equity = np.array([_equity(book, name, at_market) for name in firms])
    return Claims(firms=firms, held=held, equity=np.where(equity > 0.0, equity, np.nan))


def systemic(
    book: Book, firms: Sequence[str] = (), *, day: date | None = None, status: str = "firm", at_market: bool = False,
    markets_shut: int = 0, chip_price_fall: float = 0.0, terms: Terms | None = None,
    note: Callable[[str, float], None] | None = None,
) -> tuple[Importance, ...]:  # fmt: skip
    """What each firm's failure does to the others, the most important by DebtRank first.

    Args:
        firms: Who fails, one at a time; the core by default.
        day: When claims are looked at; the day of the last news by default.
        at_market: Claims and equity of DebtRank and the cascade at market value.
        markets_shut: Quarters without new money after the failure.
        chip_price_fall: Fall of prices of chips and rents at the same time, 0 to 1.
        note: Told what is being done and the share done.

    Raises:
        ValueError: An unknown firm, or a share not from 0 to 1.
    """
    chosen = tuple(firms) or book.core
    found = claims_of(book, day or latest_day(book), status, at_market=at_market, terms=terms)
    out = []
    for number, name in enumerate(chosen):
        if note is not None:
            note(f"firm {number + 1} of {len(chosen)} fails", number / max(1, len(chosen)))
        run = stress(book, (name,), status=status, markets_shut=markets_shut, chip_price_fall=chip_price_fall)
        lost, share, fallen = marked_down_by(found, name)
        out.append(Importance(
            firm=name, marked_down_usd=lost, marked_down=share, lost_equity=fallen, loss_usd=run.caused_usd,
            falls=run.brought_down,
        ))  # fmt: skip
    return tuple(sorted(out, key=lambda each: [-x for x in each.by("debtrank")]))


def marked_down_by(found: Claims, name: str) -> tuple[float, float, tuple[str, ...]]:
    """Equity that others lose by DebtRank if one firm loses all of its own, in USD and as a share; who then fails.

    Firms without known equity hand on losses and bear none.
    """
    i, known = found.firms.index(name), ~np.isnan(found.equity)
    fails = np.arange(len(known)) == i
    lost = np.where(fails, 0.0, handed_on(found.held, found.equity, fails))
    down = cascade(np.where(known[:, None], found.held, 0.0), np.where(known, found.equity, 1.0), failed=[i])
    fallen = tuple(firm for firm, gone in zip(found.firms, down.failed & known, strict=True) if gone and firm != name)
    return float(lost.sum()), float(lost.sum() / found.equity[known].sum()) if known.any() else 0.0, fallen


def _equity(book: Book, name: str, at_market: bool) -> float:
    """Market value, or assets less debts of the opening balance sheet; nan where nobody knows."""
    party = book.parties[name]
    if at_market and party.market_value_usd > 0.0:
        return party.market_value_usd
    return party.equity_usd
