"""The dossier of a firm: every deal on the side it belongs to, every dollar once."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis.strategies import permutations, sampled_from

from gigawatt.deals.book import LADDER, Book, Deal, Party
from gigawatt.deals.exposure import SECTIONS, AssetTerms, LoanTerms, Range, Stake, Terms, dossier

ASSET = AssetTerms(life_years=Range(5, 3, 7), fall=Range(0.5, 0.3, 0.7), opening_age_years=1, rent_share=0.6)
LOANS = {kind: LoanTerms(years=10, amortised=0.0) for kind in ("chips", "campus", "unsecured")}
TENTH = Stake(share=Range(0.1, 0.1, 0.1), day=date(2026, 1, 1), source="", note="")
TERMS = Terms(assets=MappingProxyType({"chips": ASSET, "campus": ASSET}), loans=MappingProxyType(LOANS),
              stakes={("Maker", "Cloud"): TENTH})  # fmt: skip
PARTIES = {
    "Cloud": Party(key="Cloud", tier="cloud", debt_usd=100.0, market_value_usd=1000.0),
    "Lab": Party(key="Lab", tier="lab"),
    "Maker": Party(key="Maker", tier="maker"), "lenders": Party(key="lenders", tier="lender"),
}  # fmt: skip
DAY = date(2026, 12, 31)


def deal(key, payer, payee, instrument, amount, start=date(2025, 1, 1), end=date(2025, 1, 1), status="firm", **more):
    history = ((date(2025, 1, 1), status),)
    given = {"schedule": "start", "history": history, **more}
    return Deal(key=key, payer=payer, payee=payee, instrument=instrument, amount=amount, start=start, end=end, **given)


DEALS = (
    deal("old-loan", "lenders", "Cloud", "loan", 60.0),
    deal("new-loan", "lenders", "Cloud", "loan", 30.0, start=date(2026, 3, 1), end=date(2026, 3, 1)),
    deal("rent", "Lab", "Cloud", "take_or_pay", 730.0, date(2026, 1, 1), date(2027, 12, 31), schedule="even"),
    deal("stake", "Maker", "Cloud", "equity", 5.0),
    deal("cover", "Maker", "Cloud", "backstop", 40.0, DAY, date(2030, 1, 1), schedule="on_default", guarantees="rent"),
    deal(
        "hidden", "Cloud", "Maker", "purchase_commitment", math.nan, date(2026, 1, 1), date(2028, 1, 1), schedule="even"
    ),
    deal("maybe", "Lab", "Cloud", "take_or_pay", 500.0, date(2027, 1, 1), date(2028, 1, 1), "announced"),
    deal("twice", "Lab", "Cloud", "take_or_pay", 100.0, counted_in="rent"),
)
BOOK = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=DEALS)


def lines(one, section):
    return [(item.party, item.key, item.usd) for item in one.section(section)]


def test_the_dossier_of_a_cloud_by_hand():
    one = dossier(BOOK, "cloud", DAY, terms=TERMS)
    # Of 100 on the opening balance sheet the old loan is 60; the new one came later.
    assert lines(one, "owes") == [("lenders", "old-loan", 60), ("lenders", "", 40), ("lenders", "new-loan", 30)]
    assert one.total_usd("owes") == 130
    assert lines(one, "is promised") == [("Lab", "rent", 365)]
    assert lines(one, "is guaranteed") == [("Maker", "cover", 40)]
    assert lines(one, "is owned") == [("Maker", "stake", 100)]
    assert one.undisclosed("must pay") == 1 and one.total_usd("must pay") == 0 and not one.section("owns")
    assert {(each.key, why) for each, why in one.left_out} == {("maybe", "announced"), ("twice", "inside rent")}


def test_the_other_side_of_each_deal():
    maker, lab = dossier(BOOK, "Maker", DAY, terms=TERMS), dossier(BOOK, "Lab", DAY, terms=TERMS)
    assert lines(maker, "owns") == [("Cloud", "stake", 100)] and maker.section("owns")[0].until is None
    assert lines(maker, "guarantees") == [("Lab", "cover", 40)] and "for Cloud" in maker.section("guarantees")[0].what
    assert lines(lab, "must pay") == [("Cloud", "rent", 365)] and lab.section("is guaranteed")[0].key == "cover"


def test_nobody_of_that_name():
    with pytest.raises(ValueError, match="did you mean Cloud"):
        dossier(BOOK, "Clouds", DAY, terms=TERMS)


@given(order=permutations(DEALS), status=sampled_from(LADDER), name=sampled_from(list(PARTIES)))
def test_no_deal_is_in_two_lines_or_lost(order, status, name):
    one = dossier(replace(BOOK, deals=tuple(order)), name, DAY, status, TERMS)
    keys = [item.key for item in one.items if item.key] + [each.key for each, _ in one.left_out]
    assert len(keys) == len(set(keys))
    own = {each.key for each in DEALS if name in (each.payer, each.payee)}
    assert set(keys) - {"cover"} == own - {"cover"}
    again = dossier(BOOK, name, DAY, status, TERMS)
    assert [one.total_usd(section) for section in SECTIONS] == [again.total_usd(section) for section in SECTIONS]
