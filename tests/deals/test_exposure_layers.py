"""Exposures on a day: what each deal leaves whom to lose, by hand and for any book."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import dates, floats, permutations, sampled_from

from gigawatt.deals.book import STATUSES, Book, Deal, Party, catalog_book
from gigawatt.deals.exposure import OTHER_DEBT, AssetTerms, LoanTerms, Range, Stake, Terms, exposures, latest_day
from gigawatt.deals.exposure.loans import owed_usd, paid_usd, to_come_usd

SURE = ((date(2025, 1, 1), "firm"),)
ASSET = AssetTerms(life_years=Range(5, 3, 7), fall=Range(0.5, 0.3, 0.7), opening_age_years=1, rent_share=0.6)
LOANS = {"chips": LoanTerms(years=5, amortised=1.0), "campus": LoanTerms(years=5, amortised=0.0),
         "unsecured": LoanTerms(years=7, amortised=0.0)}  # fmt: skip
TERMS = Terms(assets=MappingProxyType({"chips": ASSET, "campus": ASSET}), loans=MappingProxyType(LOANS))
PARTIES = {
    "lab": Party(key="lab", tier="lab", market_value_usd=500.0), "cloud": Party(key="cloud", tier="cloud"),
    "maker": Party(key="maker", tier="maker"), "lenders": Party(key="lenders", tier="lender"),
}  # fmt: skip


def deal(key, payer, payee, instrument, **more):
    given = {"amount": 100.0, "start": date(2026, 1, 1), "end": date(2029, 12, 31), "history": SURE, **more}
    return Deal(key=key, payer=payer, payee=payee, instrument=instrument, **given)


def book(*deals, parties=PARTIES):
    return Book(as_of=date(2025, 12, 31), parties=parties, deals=deals)


STAKE = deal("stake", "maker", "lab", "equity", seniority="equity", end=date(2026, 12, 31), amount=365.0)
RENT = deal("rent", "lab", "cloud", "take_or_pay", amount=1461.0)
LOAN = deal("loan", "lenders", "cloud", "loan", start=date(2026, 1, 1), end=date(2026, 1, 1), schedule="start",
            seniority="senior_secured", collateral="GPUs")  # fmt: skip
COVER = deal("cover", "maker", "lenders", "backstop", amount=30.0, schedule="on_default", guarantees="loan")
ALL = book(STAKE, RENT, LOAN, COVER)
DAY = date(2026, 12, 31)


def cells(found, *names):
    return [tuple(row[name] for name in names) for row in found.table()]


def test_each_deal_is_a_loss_of_whom_it_should_be():
    found = exposures(ALL, DAY, terms=TERMS)
    # The loan was drawn on the first day of a five-year term and is repaid evenly: 364 of 1,826 days are over.
    assert cells(found, "layer", "holder", "on", "usd") == [
        ("stake", "maker", "lab", pytest.approx(365)),
        ("debt", "lenders", "cloud", pytest.approx(100 * (1 - 364 / 1826))),
        ("commitment", "cloud", "lab", pytest.approx(1461 - 365)), ("guarantee", "maker", "cloud", pytest.approx(30)),
    ]  # fmt: skip
    assert found.matrix("guarantee")[found.parties.index("maker"), found.parties.index("cloud")] == 30
    assert found.where(lambda row: row.layer == "guarantee").rows[0].for_whom == "lenders"


def test_what_is_promised_and_not_paid_in_is_a_claim_of_who_counts_on_it():
    found = exposures(book(STAKE), date(2026, 7, 2), terms=TERMS)
    assert cells(found, "layer", "holder", "on", "usd") == [
        ("stake", "maker", "lab", pytest.approx(183)), ("undrawn", "lab", "maker", pytest.approx(182))
    ]  # fmt: skip


def test_a_guarantee_covers_no_more_than_is_owed():
    assert exposures(book(LOAN, replace(COVER, amount=500.0)), DAY, terms=TERMS).total_usd("guarantee") == (
        pytest.approx(exposures(book(LOAN), DAY, terms=TERMS).total_usd("debt"))
    )
    undisclosed = replace(COVER, amount=math.nan)
    assert exposures(book(LOAN, undisclosed), DAY, terms=TERMS).total_usd("guarantee") == pytest.approx(80.1, abs=0.1)


def test_a_guarantee_of_rent_is_on_the_renter():
    cover = deal("cover", "maker", "cloud", "backstop", amount=50.0, schedule="on_default", guarantees="rent")
    (row,) = exposures(book(RENT, cover), DAY, terms=TERMS).where(lambda row: row.layer == "guarantee").rows
    assert (row.holder, row.on, row.for_whom, row.usd) == ("maker", "lab", "cloud", 50.0)


@pytest.mark.parametrize("status", ["lapsed", "superseded"])
def test_a_deal_that_is_over_leaves_nothing(status):
    over = [replace(each, history=((date(2025, 1, 1), "firm"), (date(2026, 6, 1), status))) for each in ALL.deals]
    found = exposures(book(*over), DAY, terms=TERMS)
    assert found.rows == () and found.total_usd() == 0
    assert exposures(book(*over), date(2026, 5, 31), terms=TERMS).total_usd() > 0


def test_a_deal_counted_in_another_leaves_nothing():
    again = replace(RENT, key="again", counted_in="rent")
    assert (
        exposures(book(RENT, again), DAY, terms=TERMS).total_usd()
        == exposures(book(RENT), DAY, terms=TERMS).total_usd()
    )


def test_an_undisclosed_amount_is_shown_and_not_added():
    found = exposures(book(replace(RENT, amount=math.nan)), DAY, terms=TERMS)
    assert math.isnan(found.rows[0].usd) and found.total_usd() == 0
    assert exposures(book(replace(RENT, amount=math.nan)), date(2030, 1, 1), terms=TERMS).rows == ()


def test_a_stake_is_marked_at_the_share_of_the_firms_value():
    share = Stake(share=Range(0.2, 0.1, 0.3), day=date(2026, 1, 1), source="", note="")
    later = replace(STAKE, key="later", start=date(2026, 6, 1), end=date(2026, 6, 1), schedule="start", amount=10.0)
    found = exposures(book(STAKE, later), DAY, terms=replace(TERMS, stakes={("maker", "lab"): share}))
    assert found.total_usd("stake", marked=True) == pytest.approx(0.2 * 500 + 10)
    assert found.total_usd("stake") == pytest.approx(375)


def test_a_stake_without_a_deal_is_marked_too():
    share = Stake(share=Range(0.2, 0.1, 0.3), day=date(2026, 1, 1), source="", note="")
    found = exposures(book(RENT), DAY, terms=replace(TERMS, stakes={("cloud", "lab"): share}))
    assert found.total_usd("stake", marked=True) == pytest.approx(100) and found.total_usd("stake") == 0


def test_unknown_layers_and_statuses_are_refused():
    with pytest.raises(ValueError, match="known: stake"):
        exposures(ALL, DAY, terms=TERMS).matrix("shares")
    with pytest.raises(ValueError, match="status must be"):
        exposures(ALL, DAY, "certain", terms=TERMS)


def test_the_latest_day_is_that_of_the_last_news():
    assert latest_day(book(replace(RENT, history=(*SURE, (date(2026, 5, 4), "terminable"))))) == date(2026, 5, 4)


@given(
    schedule=sampled_from(["even", "start", "ramp", "2026=0.4 2027=0.6"]), day=dates(DAY, date(2035, 1, 1)),
    amount=floats(1.0, 1e12), instrument=sampled_from(["equity", "loan", "lease"]),
)  # fmt: skip
def test_paid_and_to_come_are_all_and_no_more_is_owed_than_was_drawn(schedule, day, amount, instrument):
    each = deal("d", "maker", "cloud", instrument, amount=amount, schedule=schedule)
    whole = 1.0 if "=" in schedule else amount
    assert paid_usd(each, day) + to_come_usd(each, day) == pytest.approx(whole)
    assert -1e-9 <= owed_usd(each, day, TERMS) <= paid_usd(each, day) * (1 + 1e-12) + 1e-9


@given(order=permutations(list(ALL.deals)), names=permutations(list(PARTIES)))
def test_the_order_of_deals_and_parties_changes_nothing(order, names):
    base = exposures(ALL, DAY, terms=TERMS)
    found = exposures(book(*order, parties={name: PARTIES[name] for name in names}), DAY, terms=TERMS)
    place = [found.parties.index(name) for name in base.parties]
    np.testing.assert_allclose(found.matrix()[np.ix_(place, place)], base.matrix())
    assert found.table() == base.table()


@given(status=sampled_from(STATUSES))
def test_a_surer_deal_is_in_every_wider_filter(status):
    one = book(replace(RENT, history=((date(2025, 1, 1), status),)))
    sizes = [exposures(one, DAY, each, TERMS).total_usd() for each in STATUSES[:-2]]
    assert sizes == sorted(sizes)


def test_debt_that_no_deal_explains_is_held_by_lenders():
    # Of 100 on the opening balance sheet a loan drawn before is 60; the loan of the year after explains nothing.
    old = deal("old", "lenders", "cloud", "loan", amount=60.0, start=date(2025, 6, 1), end=date(2025, 6, 1),
               schedule="start")  # fmt: skip
    parties = PARTIES | {"cloud": replace(PARTIES["cloud"], debt_usd=100.0)}
    found = exposures(book(old, LOAN, parties=parties), DAY, terms=TERMS)
    other = [row for row in found.table() if row["kind"] == OTHER_DEBT]
    assert [(row["holder"], row["on"], row["usd"], row["until"]) for row in other] == [("lenders", "cloud", 40.0, None)]
    # Where the filter leaves the loan out, its debt is on the balance sheet all the same.
    assert exposures(book(old, parties=parties), DAY, "drawn", TERMS).total_usd("debt") == 100
    assert not exposures(book(old, parties=parties), date(2025, 12, 30), terms=TERMS).where(
        lambda row: row.kind == OTHER_DEBT
    ).rows  # fmt: skip


def test_the_debt_of_the_opening_is_that_of_the_balance_sheet_for_each_firm():
    catalog = catalog_book()
    found = exposures(catalog, catalog.as_of)
    for key, party in catalog.parties.items():
        owed = math.fsum(row.usd for row in found.rows if (row.on, row.layer) == (key, "debt") and row.usd == row.usd)
        if party.debt_usd > 0.0:
            assert owed == pytest.approx(party.debt_usd), key
