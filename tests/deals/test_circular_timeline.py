"""Deals in the order of their announcement, and totals by status that add nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, sampled_from, tuples

from gigawatt.deals.book import LADDER, STATUSES, Book, catalog_book
from gigawatt.deals.circular import timeline, totals
from tests.deals.circle_book import BOOK, DAY, PARTIES, deal

LETTER = replace(
    deal("letter", "Maker", "Lab", "equity", 100.0),
    history=((date(2025, 9, 22), "announced"), (date(2026, 2, 27), "lapsed")),
)
PART = replace(deal("part", "Maker", "Lab", "equity", 4.0), counted_in="maker-lab")
HIDDEN = deal("hidden", "Lab", "Cloud", "lease", float("nan"))
PROMISE = deal("promise", "Maker", "Cloud", "backstop", 7.0, schedule="on_default")
ALL = replace(BOOK, deals=(*BOOK.deals, LETTER, PART, HIDDEN, PROMISE))


def entry(key, **asked):
    return next(each for each in timeline(ALL, **asked) if each.deal.key == key)


def test_deals_come_in_the_order_of_their_announcement():
    assert timeline(ALL)[0].deal.key == "letter"
    assert [each.announced for each in timeline(ALL)] == sorted(each.announced for each in timeline(ALL))


def test_a_status_is_told_as_it_was_and_as_it_is_on_the_day():
    now, before = entry("letter"), entry("letter", day=date(2025, 12, 31))
    assert (now.status_then, now.status, now.since) == ("announced", "lapsed", date(2026, 2, 27))
    assert (before.status, before.left_out) == ("announced", "")
    assert entry("letter", day=date(2025, 1, 1)).left_out == "not known on the day"


def test_from_to_and_parties_choose():
    assert {each.deal.key for each in timeline(ALL, until=date(2025, 12, 31))} == {"letter"}
    assert "letter" not in {each.deal.key for each in timeline(ALL, since=DAY)}
    assert {each.deal.key for each in timeline(ALL, parties=["investors"])} == {"fund-lab"}


def test_nothing_is_added_twice():
    # Firm: 20 + 3 of purchases, a guarantee of 7 apart, and a lease of unknown size; drawn 10, signed 10 of equity.
    found = {total.status: total for total in totals(timeline(ALL))}
    assert found["firm"].usd == {"equity": 0, "debt": 0, "purchases": 23.0, "guarantees": 7.0}
    assert found["firm"].undisclosed == 1 and found["firm"].deals == 4
    assert found["drawn"].usd["equity"] == found["signed"].usd["equity"] == 10.0
    assert entry("part").left_out == "counted in another" and entry("letter").left_out == "over"


def test_a_letter_stands_for_itself_until_the_contract_that_replaces_it_is_known():
    letter = replace(LETTER, counted_in="maker-lab")
    found = timeline(replace(ALL, deals=(*BOOK.deals, letter)), day=date(2025, 12, 31))
    assert found[0].left_out == "" and found[0].deal.key == "letter"


@given(lists(tuples(sampled_from(STATUSES), floats(1.0, 1e3)), max_size=12))
def test_totals_add_up_to_what_stands(rows):
    deals = tuple(deal(str(n), "Lab", "Cloud", "take_or_pay", usd, status) for n, (status, usd) in enumerate(rows))
    found = totals(timeline(Book(as_of=DAY, parties=PARTIES, deals=deals)))
    assert [total.status for total in found] == list(LADDER)
    stands = sum(usd for status, usd in rows if status in LADDER)
    assert sum(sum(total.usd.values()) for total in found) == pytest.approx(stands)


def test_the_lapsed_letter_of_the_catalog_is_not_added_to_what_replaced_it():
    found = {each.deal.key: each for each in timeline(catalog_book(), parties=["OpenAI"])}
    assert found["nvda-openai-loi"].left_out == "over" and found["nvda-openai-30"].left_out == ""
