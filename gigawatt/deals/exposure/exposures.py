"""From the deals and opening debts of a book to exposures on a day."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

from gigawatt.deals.book import Book, Deal
from gigawatt.deals.book.deal import DEBTS, GUARANTEES
from gigawatt.deals.exposure.layers import Exposure, Exposures, known_sum
from gigawatt.deals.exposure.loans import maturity, owed_usd, paid_usd, to_come_usd
from gigawatt.deals.exposure.other_debt import LENDERS, other_debts
from gigawatt.deals.exposure.terms import Terms, catalog_terms


def exposures(book: Book, day: date, status: str = "firm", terms: Terms | None = None) -> Exposures:
    """What each party holds on, is promised by and guarantees for the others at the end of a day.

    Deals as sure as `status` or surer on that day; lapsed ones, those whose money is counted in another, and sales
    among parties of one sector never count. What a schedule has due by then is taken as paid. Debt of the opening
    balance sheets that no deal explains is `other debt`, held by lenders (`other_debts`).

    Args:
        terms: Shares held and terms of loans; those of the catalog by default.

    Raises:
        ValueError: The status is unknown.
    """
    found = terms or catalog_terms()
    rows = [row for deal in book.standing(status, day) if deal.payer != deal.payee
            for row in _rows(book, deal, day, found)]  # fmt: skip
    stakes = [row for row in rows if row.layer == "stake"]
    marked = [*_marked(book, stakes, day, found), *(row for row in rows if row.layer != "stake")]
    marked += other_debts(book, day, status, found)
    named = {name for row in marked for name in (row.holder, row.on)}
    parties = tuple(key for key in (*book.parties, LENDERS) if key in named)
    return Exposures(parties=tuple(dict.fromkeys(parties)), day=day, status=status, rows=tuple(marked))


def latest_day(book: Book) -> date:
    """The last day on which something is known of a deal."""
    return max((since for deal in book.deals for since, _ in deal.history), default=book.as_of)


def _rows(book: Book, deal: Deal, day: date, terms: Terms) -> list[Exposure]:
    """A deal's exposures; nothing where all is paid."""
    match deal.instrument:
        case "equity":
            return _filled(deal, day, (("stake", deal.payer, deal.payee, paid_usd(deal, day)),
                                       ("undrawn", deal.payee, deal.payer, to_come_usd(deal, day))))  # fmt: skip
        case "warrant":
            return _filled(deal, day, (("warrant", deal.payee, deal.payer, deal.amount),))
        case kind if kind in DEBTS:
            rows = _filled(deal, day, (("debt", deal.payer, deal.payee, owed_usd(deal, day, terms)),
                                       ("undrawn", deal.payee, deal.payer, to_come_usd(deal, day))),
                           maturity(deal, terms))  # fmt: skip
            return rows
        case kind if kind in GUARANTEES:
            return guarantee_rows(book, deal, day, terms)
        case _:
            return _filled(deal, day, (("commitment", deal.payee, deal.payer, to_come_usd(deal, day)),))


def _filled(
    deal: Deal, day: date, found: tuple[tuple[str, str, str, float], ...], until: date | None = None
) -> list[Exposure]:
    """Exposures above 0; one of an undisclosed amount stays as long as the deal runs."""
    rows = []
    for layer, holder, on, usd in found:
        last = deal.end if until is None or layer == "undrawn" else until
        open_ended = layer in ("stake", "warrant")
        begun = deal.start <= day or layer in ("commitment", "undrawn")
        if usd > 0.0 or (math.isnan(usd) and begun and (open_ended or day < last)):
            rows.append(Exposure(
                holder=holder, on=on, layer=layer, kind=deal.instrument, seniority=deal.seniority, usd=usd,
                marked_usd=usd, until=last, status=deal.status(day), deals=(deal.key,),
            ))  # fmt: skip
    return rows


def guarantee_rows(book: Book, deal: Deal, day: date, terms: Terms) -> list[Exposure]:
    """What a guarantor would pay at most, on whom and for whom; never more than is owed where that is known."""
    if day > deal.end:
        return []
    on, for_whom, owed = guaranteed(book, deal, day, terms)
    cap = deal.amount if math.isnan(owed) else owed if math.isnan(deal.amount) else min(deal.amount, owed)
    return [] if cap == 0.0 or on == deal.payer else [Exposure(
        holder=deal.payer, on=on, layer="guarantee", kind=deal.instrument, seniority=deal.seniority, usd=cap,
        marked_usd=cap, until=deal.end, status=deal.status(day), for_whom=for_whom, deals=(deal.key,),
    )]  # fmt: skip


def guaranteed(book: Book, deal: Deal, day: date, terms: Terms) -> tuple[str, str, float]:
    """Whose dues a guarantee covers, who would be paid, and what is owed under the deal it names (nan: not said)."""
    covered = next((each for each in book.deals if each.key == deal.guarantees), None)
    if covered is None:
        on = deal.guarantees if deal.guarantees in book.parties else deal.payee
        return on, deal.payee if on != deal.payee else "", math.nan
    if covered.instrument in DEBTS:
        undrawn = to_come_usd(covered, day)
        return covered.payee, covered.payer, owed_usd(covered, day, terms) + undrawn
    return covered.payer, covered.payee, to_come_usd(covered, day)


def _marked(book: Book, stakes: list[Exposure], day: date, terms: Terms) -> list[Exposure]:
    """Stakes at market value: the share known, of the firm's value; what was paid for later is added at cost."""
    starts = {deal.key: deal.start for deal in book.deals}
    pairs: dict[tuple[str, str], list[Exposure]] = {}
    for row in stakes:
        pairs.setdefault((row.holder, row.on), []).append(row)
    for pair, stake in terms.stakes.items():
        value = book.parties[pair[1]].market_value_usd if pair[1] in book.parties else math.nan
        if math.isnan(value) or pair[0] not in book.parties or stake.day > day:
            continue
        rows = pairs.get(pair, [])
        before = [row for row in rows if starts[row.deals[0]] <= stake.day]
        cost, worth = known_sum(row.usd for row in before), stake.share.middle * value
        if cost > 0.0:
            pairs[pair] = [replace(row, marked_usd=worth * row.usd / cost) if row in before else row for row in rows]
        else:
            bought = Exposure(holder=pair[0], on=pair[1], layer="stake", kind="equity", seniority="equity",
                              marked_usd=worth, usd=math.nan, until=day)  # fmt: skip
            pairs[pair] = [bought, *rows]
    return [row for rows in pairs.values() for row in rows]
