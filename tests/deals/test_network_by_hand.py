"""The network of a year beside a plain count of days and dollars that shares no code with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis.strategies import (
    booleans,
    builds,
    composite,
    dates,
    floats,
    integers,
    just,
    lists,
    permutations,
    sampled_from,
)
from pytest import approx

from gigawatt.deals.book import LADDER, Book, Deal, Party, Payment, network
from gigawatt.deals.book.deal import STATUSES

TIERS = {"Lab": "lab", "Cloud": "cloud", "Maker": "maker", "lenders": "lender"}
PARTIES = {key: Party(key=key, tier=tier, core=tier == "lab") for key, tier in TIERS.items()}
KINDS = {
    "equity": "equity", "take_or_pay": "compute", "swap": "compute", "lease": "rent", "debt": "loan", "loan": "loan",
    "bond": "bond", "revenue_share": "revenue_share", "warrant": "equity", "backstop": "guarantee",
}  # fmt: skip
NAN = float("nan")


@composite
def deals(draw, key):
    start = draw(dates(date(2025, 1, 1), date(2027, 12, 31)))
    days = sorted(draw(lists(dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1, max_size=3, unique=True)))
    return Deal(
        key=key, payer=draw(sampled_from(list(TIERS))), payee=draw(sampled_from(list(TIERS))),
        instrument=draw(sampled_from(list(KINDS))), amount=draw(sampled_from([NAN, 1.0, 2e9]) | floats(0.0, 1e12)),
        start=start, end=start + timedelta(days=draw(integers(0, 900))),
        schedule=draw(sampled_from(["even", "start", "ramp", "milestone", "on_default", "2025=1e9 2027=6e9"])),
        history=tuple((day, draw(sampled_from(STATUSES))) for day in days),
        counted_in=draw(sampled_from(["", "", "", "0", "1", "paid"])),
    )  # fmt: skip


PAID = builds(
    Payment, key=just("paid"), payer=sampled_from(list(TIERS)), payee=sampled_from(list(TIERS)),
    kind=sampled_from(["chips", "compute", "rent", "loan", "equity"]), year=integers(2025, 2027),
    usd=floats(0.0, 1e12), covers=booleans(),
)  # fmt: skip


@composite
def books(draw):
    found = [draw(deals(str(number))) for number in range(draw(integers(0, 5)))]
    return Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=tuple(found),
                payments=tuple(draw(lists(PAID, max_size=4))))  # fmt: skip


def rung(deal: Deal, day: date | None) -> int:
    """Place on the ladder on a day; a large number for what is over or not known."""
    on = [status for since, status in deal.history if day is None or since <= day]
    return list(LADDER).index(on[-1]) if on and on[-1] in LADDER else 99


def paid_in(deal: Deal, year: int) -> float:
    """What falls due in a year, day by day."""
    if deal.amount != deal.amount or deal.schedule == "on_default" or deal.instrument in ("warrant", "backstop"):
        return 0.0
    if "=" in deal.schedule:
        return {2025: 1e9, 2027: 6e9}.get(year, 0.0)
    if deal.schedule == "start":
        return deal.amount if deal.start.year == year else 0.0
    days = [deal.start + timedelta(days=n) for n in range((deal.end - deal.start).days + 1)]
    weight = [2 * n + 1 if deal.schedule == "ramp" else 1 for n in range(len(days))]  # squares are sums of odd numbers
    return deal.amount * sum(w for day, w in zip(days, weight, strict=True) if day.year == year) / sum(weight)


def plain(book: Book, year: int, status: str, day: date | None) -> dict[tuple[str, str, str], float]:
    """USD by payer, payee and kind."""
    least = list(LADDER).index(status)
    reported = {(p.payer, p.payee, p.kind) for p in book.payments if p.year == year and p.covers}
    sums: dict[tuple[str, str, str], float] = {}
    for deal in book.deals:
        holder = [each for each in book.deals if each.key == deal.counted_in]
        is_held = deal.counted_in != "" and (not holder or rung(holder[0], day) <= least)
        buys = deal.instrument in ("take_or_pay", "swap")
        key = deal.payer, deal.payee, "chips" if buys and deal.payee == "Maker" else KINDS[deal.instrument]
        if rung(deal, day) <= least and not is_held and key not in reported:
            sums[key] = sums.get(key, 0.0) + paid_in(deal, year)
    for p in book.payments:
        if p.year == year:
            sums[p.payer, p.payee, p.kind] = sums.get((p.payer, p.payee, p.kind), 0.0) + p.usd
    return {key: usd for key, usd in sums.items() if usd > 0.0 and key[0] != key[1]}


@settings(max_examples=200, deadline=None)
@given(books(), integers(2024, 2028), sampled_from(LADDER), sampled_from([None, date(2025, 3, 1), date(2026, 6, 30)]))
def test_a_year_pays_what_a_plain_count_of_its_days_pays(book, year, status, day):
    found = network(book, year, status, day)
    wanted = plain(book, year, status, day)
    assert {(edge.payer, edge.payee, edge.kind): edge.usd for edge in found.edges} == approx(wanted)
    assert found.gross_usd == approx(sum(wanted.values()))
    assert set(found.parties) == {name for key in wanted for name in key[:2]}
    assert [found.tiers[place] for place in range(len(found.parties))] == [TIERS[name] for name in found.parties]


@settings(max_examples=60, deadline=None)
@given(books(), integers(2025, 2027), sampled_from(LADDER), permutations(range(5)), permutations(list(TIERS)))
def test_the_order_of_deals_payments_and_parties_changes_nothing(book, year, status, order, names):
    moved = replace(
        book, parties={name: book.parties[name] for name in names}, payments=book.payments[::-1],
        deals=tuple(book.deals[place] for place in order if place < len(book.deals)),
    )  # fmt: skip
    one, other = ({(edge.payer, edge.payee, edge.kind): edge.usd for edge in network(each, year, status).edges}
                  for each in (book, moved))  # fmt: skip
    assert one == approx(other)


@settings(max_examples=60, deadline=None)
@given(books(), integers(2025, 2027))
def test_what_is_known_to_be_firm_is_paid_under_every_wider_filter(book, year):
    # Deals that no other holds: where one holds another's money, the whole takes the place of the part.
    plain = replace(book, deals=tuple(replace(deal, counted_in="") for deal in book.deals))
    paid = [{(edge.payer, edge.payee, edge.kind): edge.usd for edge in network(plain, year, status).edges}
            for status in LADDER]  # fmt: skip
    for narrow, wider in pairwise(paid):
        assert all(usd <= wider[key] * (1 + 1e-12) for key, usd in narrow.items())
