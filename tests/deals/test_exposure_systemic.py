"""Values of firms that own parts of each other, and whose failure the others feel most."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, permutations

from gigawatt.deals.book import Book, Deal, Party, catalog_book
from gigawatt.deals.exposure import (
    AssetTerms,
    LoanTerms,
    Range,
    Stake,
    Terms,
    claims_of,
    holdings,
    marked_down_by,
    revalued,
    systemic,
)

ASSET = AssetTerms(life_years=Range(5, 3, 7), fall=Range(0.5, 0.3, 0.7), opening_age_years=1, rent_share=0.6)
LOANS = {kind: LoanTerms(years=10, amortised=0.0) for kind in ("chips", "campus", "unsecured")}
QUARTER = Stake(share=Range(0.25, 0.2, 0.3), day=date(2025, 1, 1), source="", note="")
TERMS = Terms(assets=MappingProxyType({"chips": ASSET, "campus": ASSET}), loans=MappingProxyType(LOANS),
              stakes={("Giant", "Lab"): QUARTER})  # fmt: skip
PARTIES = {
    "Lab": Party(key="Lab", tier="lab", core=True, market_value_usd=400.0, cash_usd=40.0, debt_usd=0.0),
    "Giant": Party(key="Giant", tier="cloud", core=True, market_value_usd=1000.0, cash_usd=300.0, debt_usd=50.0),
    "Holding": Party(key="Holding", tier="holding", market_value_usd=100.0, cash_usd=150.0, debt_usd=90.0),
    "Cloud": Party(key="Cloud", tier="cloud", core=True, cash_usd=20.0),
    "lenders": Party(key="lenders", tier="lender"),
}  # fmt: skip
DAY = date(2026, 1, 1)


def deal(key, payer, payee, instrument, amount, end=date(2025, 6, 1), **more):
    given = {"start": date(2025, 6, 1), "schedule": "start", "history": ((date(2025, 1, 1), "firm"),), **more}
    return Deal(key=key, payer=payer, payee=payee, instrument=instrument, amount=amount, end=end, **given)


STAKE = deal("stake", "Holding", "Lab", "equity", 80.0)
RENT = deal("rent", "Lab", "Cloud", "take_or_pay", 730.0, date(2027, 12, 31), start=date(2026, 1, 1), schedule="even")
BOOK = Book(as_of=date(2025, 12, 31), parties=PARTIES, deals=(STAKE, RENT))


def value(found, name):
    return float(found.after.equity[found.holdings.number(name)])


def test_before_any_fall_firms_are_worth_what_markets_say():
    found = revalued(BOOK, {}, DAY, terms=TERMS)
    np.testing.assert_allclose(found.before.equity, found.holdings.value_usd)
    assert not found.change_usd.any() and not found.after.failed.any()


def test_a_fall_of_the_lab_reaches_its_owners_by_their_shares():
    # Giant has a quarter by the table, Holding paid 80 of 400: a fifth. The lab loses half of 400.
    found = revalued(BOOK, {"lab": 0.5}, DAY, terms=TERMS)
    assert value(found, "Lab") == pytest.approx(200)
    assert value(found, "Giant") == pytest.approx(1000 - 50)
    assert value(found, "Holding") == pytest.approx(100 - 40)
    assert found.through(found.holdings.number("Giant")) == [("Lab", pytest.approx(50))]


def test_owners_lose_no_more_than_all_and_then_debt_is_unpaid():
    # Holding: 100 of value and 90 of debt are 110 of its own and 80 of the lab; without own assets 80 pay 80 of 90.
    found = revalued(BOOK, {"Holding": 1.0, "Lab": 1.0}, DAY, terms=TERMS)
    at = found.holdings.number("Holding")
    assert found.after.equity[at] == 0 and found.after.payments[at] == pytest.approx(10) and found.after.failed[at]


def test_failure_costs_come_on_top():
    # Below 85 % of today's value firms fail: the lab at once, the holding after it; a fifth of own assets is lost.
    found = revalued(BOOK, {"Lab": 0.5}, DAY, threshold=0.85, failure_cost=0.2, terms=TERMS)
    assert value(found, "Lab") == pytest.approx(200 - 40)
    assert value(found, "Holding") == pytest.approx(100 - 0.2 * 240 - 0.2 * 110)
    assert found.after.failed.tolist() == [True, False, True]


def test_firms_without_a_market_value_are_told():
    with pytest.raises(ValueError, match="no market value of Cloud"):
        revalued(BOOK, {"Cloud": 0.5}, DAY, terms=TERMS)
    with pytest.raises(ValueError, match="from 0 to 1"):
        revalued(BOOK, {"Lab": 1.5}, DAY, terms=TERMS)


def test_nobody_is_owned_by_firms_alone():
    crowd = [deal(f"s{n}", "Holding", "Lab", "equity", 300.0) for n in range(3)]
    have = holdings(replace(BOOK, deals=tuple(crowd)), DAY, terms=TERMS)
    assert have.shares.sum(axis=0).max() == pytest.approx(0.95)


@given(low=floats(0.0, 1.0), high=floats(0.0, 1.0))
def test_a_deeper_fall_leaves_nobody_better_off(low, high):
    low, high = sorted((low, high))
    shallow, deep = (revalued(BOOK, {"Lab": share}, DAY, threshold=0.7, failure_cost=0.1, terms=TERMS)
                     for share in (low, high))  # fmt: skip
    assert (deep.after.equity <= shallow.after.equity + 1e-9).all()


def test_a_year_of_a_contract_is_365_days_of_it():
    # 730 over the 730 days of 2026 and 2027.
    found = claims_of(BOOK, DAY, terms=TERMS)
    assert found.held[found.firms.index("Cloud"), found.firms.index("Lab")] == pytest.approx(365)


def test_marks_by_debtrank_by_hand():
    # Of the lab's failure: Giant has paid nothing that is known; Holding holds 80 over equity of 60, and loses all 60;
    # the cloud has 365 coming within a year over equity of 20.
    found = claims_of(BOOK, DAY, terms=TERMS)
    lost, share, fallen = marked_down_by(found, "Lab")
    assert lost == pytest.approx(60 + 20) and share == pytest.approx(80 / (40 + 250 + 60 + 20))
    assert set(fallen) == {"Holding", "Cloud"}


def test_at_market_marks_are_those_of_the_market():
    # Giant: a quarter of 400 over 1,000; Holding: 80 over 100; the cloud's equity is that of its books.
    lost, _, fallen = marked_down_by(claims_of(BOOK, DAY, at_market=True, terms=TERMS), "Lab")
    assert lost == pytest.approx(100 + 80 + 20) and fallen == ("Cloud",)


def test_firms_without_known_equity_pass_on_and_bear_nothing():
    parties = {**PARTIES, "Cloud": Party(key="Cloud", tier="cloud")}
    lost, _, fallen = marked_down_by(claims_of(replace(BOOK, parties=parties), DAY, terms=TERMS), "Lab")
    assert lost == pytest.approx(60) and fallen == ("Holding",)


@given(order=permutations(list(PARTIES)))
def test_the_order_of_parties_changes_nothing(order):
    again = replace(BOOK, parties={name: PARTIES[name] for name in order})
    for name in ("Lab", "Giant", "Holding"):
        one, other = (marked_down_by(claims_of(each, DAY, terms=TERMS), name) for each in (BOOK, again))
        assert one[:2] == pytest.approx(other[:2]) and set(one[2]) == set(other[2])
    falls = [dict(zip(found.holdings.firms, found.after.equity.round(6), strict=True))
             for found in (revalued(each, {"Lab": 0.3}, DAY, terms=TERMS) for each in (BOOK, again))]  # fmt: skip
    assert falls[0] == falls[1]


def test_three_measures_of_some_firms_of_the_catalog():
    told = []
    found = systemic(catalog_book(), ("CoreWeave", "OpenAI"), note=lambda what, done: told.append((what, done)))
    assert [each.firm for each in found] == ["OpenAI", "CoreWeave"] and told[0] == ("firm 1 of 2 fails", 0.0)
    assert all(each.loss_usd > 0 and each.firm not in each.falls for each in found)
    with pytest.raises(ValueError, match="known: debtrank"):
        found[0].by("size")
