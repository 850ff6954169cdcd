"""Residual-value risk: a fall of prices is borne in full, layer by layer, by hand and for any book."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, permutations, sampled_from

from gigawatt.deals.book import Book, Deal, Party, Payment
from gigawatt.deals.exposure import LAYERS_OF_LOSS, AssetTerms, LoanTerms, Range, Terms, financed_assets, path, residual

SURE = ((date(2025, 1, 1), "firm"),)
CHIPS = AssetTerms(life_years=Range(4, 3, 5), fall=Range(0.5, 0.3, 0.7), opening_age_years=0, rent_share=0.5)
CAMPUS = AssetTerms(life_years=Range(10, 8, 20), fall=Range(0.2, 0.1, 0.4), opening_age_years=0, rent_share=1.0)
LOANS = {kind: LoanTerms(years=10, amortised=0.0) for kind in ("chips", "campus", "unsecured")}
TERMS = Terms(assets=MappingProxyType({"chips": CHIPS, "campus": CAMPUS}), loans=MappingProxyType(LOANS))
DAY = date(2025, 12, 31)
PARTIES = {
    "lab": Party(key="lab", tier="lab"),
    "cloud": Party(key="cloud", tier="cloud", cash_usd=10.0, chips_usd=400.0, debt_usd=390.0),
    "vehicle": Party(key="vehicle", tier="vehicle", chips_usd=400.0),
    "maker": Party(key="maker", tier="maker"), "giant": Party(key="giant", tier="cloud", cash_usd=1e6),
    "lenders": Party(key="lenders", tier="lender"), "investors": Party(key="investors", tier="investor"),
}  # fmt: skip


def deal(key, payer, payee, instrument, amount, **more):
    given = {"start": date(2025, 12, 31), "end": date(2025, 12, 31), "schedule": "start", "history": SURE, **more}
    return Deal(key=key, payer=payer, payee=payee, instrument=instrument, amount=amount, **given)


def book(*deals, parties=PARTIES, payments=()):
    return Book(as_of=DAY, parties=parties, deals=deals, payments=payments)


LOAN = deal("loan", "lenders", "vehicle", "loan", 300.0, seniority="senior_secured", collateral="GPUs")
OWN = deal("own", "investors", "vehicle", "equity", 75.0, seniority="equity")
ALSO = deal("also", "maker", "vehicle", "equity", 25.0, seniority="equity")
LET = deal("let", "lab", "vehicle", "lease", math.nan, start=date(2026, 1, 1), end=date(2027, 12, 31), schedule="even")
COVER = deal("cover", "maker", "vehicle", "residual_guarantee", 20.0, start=DAY, end=date(2031, 1, 1),
             schedule="on_default", guarantees="loan")  # fmt: skip


def borne(found, owner="vehicle"):
    out = {}
    for loss in found.losses:
        if loss.owner == owner:
            out[loss.layer, loss.holder] = out.get((loss.layer, loss.holder), 0.0) + loss.usd
    return {key: pytest.approx(usd, abs=0.3) for key, usd in out.items() if usd > 0.3}  # years have 365 or 366 days


def test_a_vehicle_let_for_half_of_its_life():
    # 400 of chips over four years, let for two: 200 are paid for by the lab. The other 200 carry 100 of debt that
    # rents do not repay, so that owners have 100: a fall of 50 % takes 100 of the lab's half and all of theirs.
    assert borne(residual(book(LOAN, OWN, ALSO, LET), DAY, terms=TERMS)) == {
        ("renter", "lab"): 100, ("equity", "investors"): 75, ("equity", "maker"): 25,
    }  # fmt: skip


def test_beyond_the_owners_guarantors_of_debt_pay_then_lenders():
    # A fall of 80 %: 160 of each half; owners 100, the maker its 20, lenders 40.
    assert borne(residual(book(LOAN, OWN, ALSO, LET, COVER), DAY, terms=TERMS, fall={"chips": 0.8})) == {
        ("renter", "lab"): 160, ("equity", "investors"): 75, ("equity", "maker"): 25, ("maker", "maker"): 20,
        ("senior", "lenders"): 40,
    }  # fmt: skip


def test_a_renter_that_fails_leaves_its_part_to_the_others():
    # All 400 are open, 300 of them owed: a fall of 200 takes the owners' 100, 20 of the maker and 80 of lenders.
    assert borne(residual(book(LOAN, OWN, LET, COVER), DAY, failed=["lab"], terms=TERMS)) == {
        ("equity", "investors"): 100, ("maker", "maker"): 20, ("senior", "lenders"): 80,
    }  # fmt: skip


def test_a_guarantee_of_rent_pays_when_the_renter_fails():
    rent = deal(
        "rent", "giant", "vehicle", "backstop", 500.0, schedule="on_default", end=date(2031, 1, 1), guarantees="let"
    )
    found = residual(book(LOAN, OWN, LET, rent), DAY, failed=["lab"], terms=TERMS)
    assert borne(found) == {("guarantor", "giant"): 100, ("equity", "investors"): 100}
    assert ("guarantor", "giant") not in borne(residual(book(LOAN, OWN, LET, rent), DAY, terms=TERMS))


def test_junior_lenders_lose_before_senior_ones():
    # Of 200 that no rent pays for, 20 are the owners' above debts of 280 and 100, of which rents repay 200.
    junior = deal("junior", "investors", "vehicle", "loan", 100.0, seniority="junior")
    found = residual(book(replace(LOAN, amount=280.0), junior, LET), DAY, terms=TERMS, fall={"chips": 0.7})
    assert borne(found) == {
        ("renter", "lab"): 140, ("equity", "owners of vehicle"): 20, ("junior", "investors"): 100,
        ("senior", "lenders"): 20,
    }  # fmt: skip


def test_a_firm_bears_a_fall_up_to_its_net_assets():
    # 400 of chips and 10 of cash against debts of 390 leave 20; the lab's rent pays for 0.5 x 100 a year of 100.
    rent = deal(
        "rent", "lab", "cloud", "take_or_pay", 400.0, start=date(2026, 1, 1), end=date(2029, 12, 31), schedule="even"
    )
    found = residual(book(rent), DAY, terms=TERMS)
    assert borne(found, "cloud") == {("renter", "lab"): 100, ("equity", "cloud"): 20, ("unsecured", "lenders"): 80}


def test_general_support_of_a_firm_comes_before_its_own_loss():
    support = deal(
        "support", "maker", "cloud", "backstop", 150.0, schedule="on_default", end=date(2031, 1, 1), guarantees="cloud"
    )
    assert borne(residual(book(support), DAY, terms=TERMS), "cloud") == {
        ("maker", "maker"): 150, ("equity", "cloud"): 20, ("unsecured", "lenders"): 30
    }  # fmt: skip


def test_a_short_first_term_leaves_the_rest_open():
    short = replace(TERMS, firm_years={"let": 1.0})
    (position,) = [each for each in residual(book(LOAN, LET), DAY, terms=short).positions if each.asset.vehicle]
    assert position.contracted_usd == pytest.approx(100, abs=0.5) and position.residual_usd == pytest.approx(
        300, abs=0.5
    )


def test_chips_bought_since_are_on_the_books():
    paid = Payment(key="p", payer="cloud", payee="maker", kind="chips", year=2026, usd=100.0)
    assets = financed_assets(book(payments=(paid,)), date(2026, 12, 31), "firm", TERMS)
    (cloud,) = [each for each in assets if each.owner == "cloud"]
    # 400 less a year of four, and 100 bought in the middle of the year less an eighth.
    assert cloud.book_usd(date(2026, 12, 31), 4) == pytest.approx(300 + 87.5, rel=1e-3)
    assert [row[0] for row in path(cloud, 4, 0.5, 3)] == [2026, 2027, 2028]


@pytest.mark.parametrize(("given", "word"), [({"fall": {"chips": 1.5}}, "fall of chips"),
                                             ({"life_years": {"campus": 0.0}}, "life of campus")])  # fmt: skip
def test_what_cannot_be_is_refused(given, word):
    with pytest.raises(ValueError, match=word):
        residual(book(LOAN), DAY, terms=TERMS, **given)


PIECES = [LOAN, OWN, ALSO, LET, COVER,
          deal("rent", "giant", "cloud", "take_or_pay", 300.0, end=date(2028, 6, 1), schedule="even"),
          deal("support", "maker", "cloud", "backstop", 30.0, end=date(2031, 1, 1), schedule="on_default",
               guarantees="cloud"),
          deal("junior", "investors", "vehicle", "loan", 60.0, seniority="junior")]  # fmt: skip
falls = floats(0.0, 1.0)
some = lists(sampled_from(PIECES), unique_by=lambda each: each.key)


@given(deals=some, fall=falls, failed=lists(sampled_from(["lab", "giant"])), life=floats(1.0, 9.0))
def test_the_fall_is_borne_once_and_in_full(deals, fall, failed, life):
    found = residual(book(*deals), DAY, fall={"chips": fall}, failed=failed, life_years={"chips": life}, terms=TERMS)
    assert math.fsum(loss.usd for loss in found.losses) == pytest.approx(found.fall_usd, abs=1e-9)
    assert sum(sum(row.values()) for row in found.by_holder().values()) == pytest.approx(found.fall_usd, abs=1e-9)
    assert all(loss.usd > 0 and loss.layer in LAYERS_OF_LOSS for loss in found.losses)
    for each in found.positions:
        assert -1e-9 <= each.contracted_usd <= each.book_usd + 1e-9


@given(deals=some, low=falls, high=falls)
def test_a_deeper_fall_spares_nobody(deals, low, high):
    low, high = sorted((low, high))
    shallow, deep = (residual(book(*deals), DAY, fall={"chips": fall}, terms=TERMS).by_holder() for fall in (low, high))
    for name, row in shallow.items():
        assert all(usd <= deep[name][layer] + 1e-9 for layer, usd in row.items())


@given(order=permutations(PIECES), names=permutations(list(PARTIES)), fall=falls)
def test_order_changes_nothing(order, names, fall):
    base = residual(book(*PIECES), DAY, fall={"chips": fall}, terms=TERMS).by_holder()
    parties = {name: PARTIES[name] for name in names}
    found = residual(book(*order, parties=parties), DAY, fall={"chips": fall}, terms=TERMS).by_holder()
    assert {name: {k: pytest.approx(v, abs=1e-9) for k, v in row.items()} for name, row in base.items()} == found
