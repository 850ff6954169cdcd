"""What ties two parties in a year: payments in ordinary business and deals, each with its status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from gigawatt.deals.book import SECTORS, Network, as_sure, due_usd
from gigawatt.deals.book.deal import GUARANTEES
from gigawatt.deals.book.network import ONE_WAY, is_paid, kind_of
from gigawatt.report.deals_ink import TIER_NAMES, usd
from gigawatt.report.deals_words import ARROW, business_line, deal_line
from gigawatt.report.words import readable

if TYPE_CHECKING:
    from gigawatt.deals.book import Book, Deal

PAID = "paid"  # in ordinary business
LAPSED = "lapsed"
FINANCE = frozenset({"lenders", "investors"})
BUSINESS = frozenset(SECTORS) - FINANCE
"""Sectors whose business with everybody is told and not drawn, nor are interest, repayment and dividends to them."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What one party pays another for one thing with one status; a guarantee pays nothing unless it is called."""

    payer: str
    payee: str
    kind: str
    status: str
    usd: float
    said: tuple[str, ...] = ()
    is_contingent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """All ties of a year to draw, tier by party, and what is not drawn."""

    drawn: tuple[Tie, ...]
    tier: dict[str, str]
    gross_usd: dict[str, float]  # paid and received by party, drawn or not; what lapsed is not in it
    members: dict[str, tuple[str, ...]]  # of parties that stand as one
    inside_usd: float  # among small parties that stand as one
    business_usd: float  # with sectors that are not drawn


def ties(network: Network, book: Book | None, most: int) -> Ties:
    """The ties of a network, by status where there is a book; small parties of a tier stand as one."""
    found = list(_ties(network, book) if book is not None else _paid(network))
    outside = [tie for tie in found if is_business(tie)]
    inner = [tie for tie in found if not is_business(tie)]
    gross: dict[str, float] = {}
    for tie in found:
        for name in (tie.payer, tie.payee):
            gross[name] = gross.get(name, 0.0) + tie.usd * (tie.status != LAPSED and not tie.is_contingent)
    tier = _tiers(network, book)
    named = {name: tier[name] for tie in inner for name in (tie.payer, tie.payee)}
    ranked = sorted((name for name in named if name not in SECTORS), key=lambda name: (-gross[name], name))
    small: dict[str, list[str]] = {}
    for name in ranked[most:]:
        small.setdefault(tier[name], []).append(name)
    title = {name: f"{len(names)} small {TIER_NAMES[kind]}" for kind, names in small.items() if len(names) > 1
             for name in names}  # fmt: skip
    drawn, inside_usd = _merged(inner, title)
    members = {title[names[0]]: tuple(names) for names in small.values() if len(names) > 1}
    return Ties(
        drawn=drawn, tier={title.get(name, name): kind for name, kind in named.items()},
        gross_usd={**gross, **{name: sum(gross[each] for each in each_one) for name, each_one in members.items()}},
        members=members, inside_usd=inside_usd,
        business_usd=sum(tie.usd for tie in outside if tie.status != LAPSED and not tie.is_contingent),
    )  # fmt: skip


def is_business(tie: Tie) -> bool:
    """Whether a tie is business with everybody of a kind, or what lenders and investors get back."""
    ends = {tie.payer, tie.payee}
    return bool(ends & BUSINESS) or (tie.payee in FINANCE and tie.kind in ONE_WAY)


def _tiers(network: Network, book: Book | None) -> dict[str, str]:
    known = {} if book is None else {key: party.tier for key, party in book.parties.items()}
    return {**known, **dict(zip(network.parties, network.tiers, strict=True))}


def _ties(network: Network, book: Book) -> Iterator[Tie]:
    """Ordinary payments, deals that count by their status, what lapsed, and guarantees in force."""
    years = network.years
    for year in years:
        yield from _business(book, year)
        covered = {(each.payer, each.payee, each.kind) for each in book.payments if each.year == year and each.covers}
        for deal in book.deals:
            kind, amount = kind_of(deal, book), due_usd(deal, year) if is_paid(deal) else 0.0
            is_own = deal.payer != deal.payee and (deal.payer, deal.payee, kind) not in covered
            if _is_seen(deal, book, network.status) and is_own and amount > 0.0:
                said = f"{_who(deal, kind)}: {usd(amount)} in {year}"
                yield Tie(deal.payer, deal.payee, kind, deal.status(), amount, (said, f"\u2022 {deal_line(deal)}"))
    begun, ended = date(years[0], 1, 1), date(years[-1], 12, 31)
    for deal in book.deals:
        in_force = deal.start <= ended and deal.end >= begun
        if deal.instrument in GUARANTEES and _is_seen(deal, book, network.status) and in_force:
            amount, kind = deal.amount if deal.known else 0.0, kind_of(deal, book)
            called = f"pays only if called{f': up to {usd(amount)}' if amount else ''}"
            said = f"{_who(deal, kind)}: {called}"
            yield Tie(deal.payer, deal.payee, kind, deal.status(), amount, (said, f"\u2022 {deal_line(deal)}"), True)


def _who(deal: Deal, kind: str) -> str:
    return f"{deal.payer}{ARROW}{deal.payee}, {readable(kind)}, {deal.status()}"


def _is_seen(deal: Deal, book: Book, least: str) -> bool:
    """Whether a deal has money of its own, and is sure enough or lapsed."""
    return (deal.status() == LAPSED or as_sure(deal.status(), least)) and not book.held(deal, status=least)


def _business(book: Book, year: int) -> Iterator[Tie]:
    """Ordinary payments of a year, with the deals that are inside them."""
    for paid in book.payments:
        if paid.year == year and paid.payer != paid.payee and paid.usd > 0.0:
            amount = f"{paid.payer}{ARROW}{paid.payee}, {readable(paid.kind)}: {usd(paid.usd)} in {year}"
            yield Tie(paid.payer, paid.payee, paid.kind, PAID, paid.usd, (amount, business_line(paid)))


def _paid(network: Network) -> Iterator[Tie]:
    """The payments of a network without a book."""
    for edge in network.edges:
        amount = f"{edge.payer}{ARROW}{edge.payee}, {readable(edge.kind)}: {usd(edge.usd)} in {network.period}"
        yield Tie(edge.payer, edge.payee, edge.kind, PAID, edge.usd, (amount,))


def _merged(found: list[Tie], title: dict[str, str]) -> tuple[tuple[Tie, ...], float]:
    """Ties of the same parties, kind and status as one, the largest first, and what is paid within a group."""
    sums: dict[tuple[str, str, str, str, bool], Tie] = {}
    inside_usd = 0.0
    for tie in found:
        payer, payee = title.get(tie.payer, tie.payer), title.get(tie.payee, tie.payee)
        if payer == payee:
            inside_usd += tie.usd * (tie.status != LAPSED and not tie.is_contingent)
            continue
        key = payer, payee, tie.kind, tie.status, tie.is_contingent
        before = sums.get(key)
        sums[key] = replace(tie, payer=payer, payee=payee) if before is None else replace(
            before, usd=before.usd + tie.usd, said=tuple(dict.fromkeys(before.said + tie.said))
        )  # fmt: skip
    return tuple(sorted(sums.values(), key=lambda tie: (-tie.usd, tie.payer, tie.payee, tie.kind))), inside_usd
