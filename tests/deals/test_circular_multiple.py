"""Market value per dollar of contract and of investment, its reversal, and the hurdle of firms outside the circle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gigawatt.annuity import capital_recovery_factor
from gigawatt.deals.book import catalog_book, network, network_of_payments
from gigawatt.deals.circular import (
    Amplified,
    amplified,
    circularity_of,
    events,
    sales_per_usd,
    spreads,
    supply,
    vendor_terms,
    who_funds,
)
from gigawatt.deals.circular.multiple import Terms
from tests.deals.circle_book import BOOK
from tests.deals.test_circular_shares import TIERS


def test_a_dollar_that_brings_half_a_dollar_of_sales_at_half_margin_and_thirty_times_earnings():
    # 0.5 x 0.5 x 30 = 7.5; the stake at its price makes up for the dollar; all of it goes in a failure, with the stake.
    found = Amplified(0.5, 0.5, 30.0)
    assert (found.earnings_usd, found.gained_usd, found.reversed_usd) == (0.25, 7.5, 8.5)
    assert Amplified(0.5, 0.5, 30.0, stake_usd=1.2, stake_after_usd=0.4).gained_usd == pytest.approx(7.7)
    assert Amplified(0.5, 0.5, 30.0, stake_usd=1.2, stake_after_usd=0.4).reversed_usd == pytest.approx(8.3)


def test_without_sales_a_stake_at_its_price_moves_nothing():
    assert Amplified(0.0, 0.5, 30.0).gained_usd == 0.0


@given(floats(0, 2), floats(0, 1), floats(0, 100), floats(0, 2), floats(0, 1))
def test_what_reverses_is_what_was_gained_and_the_dollar_less_what_is_left(sales, margin, multiple, stake, after):
    found = Amplified(sales, margin, multiple, stake, after)
    assert found.reversed_usd == pytest.approx(found.gained_usd + 1.0 - after, abs=1e-9)


def test_multiples_are_of_past_and_of_coming_sales():
    terms = Terms(vendor="M", market_value_usd=100.0, margin=0.5, past_sales_usd=5.0, coming_sales_usd=10.0)
    assert terms.multiples == (20.0, 40.0)
    found = amplified((0.0, 0.2, 0.8), terms, {"now": 1.0, "after": 0.0})
    assert [each.multiple for each in found.values()] == [20.0, 30.0, 40.0]
    assert [each.gained_usd for each in found.values()] == pytest.approx([0.0, 3.0, 16.0])


def test_sales_per_dollar_are_what_comes_back():
    assert sales_per_usd(network(BOOK, 2026, "signed"), "Maker") == pytest.approx((0.2, 10 * 15 / 23 / 10, 1.0))
    with pytest.raises(ValueError, match="has no investment"):
        sales_per_usd(network(BOOK, 2026, "firm"), "Maker")


def test_events_of_the_catalog_per_dollar_of_contract():
    # Sources: 250 bn in a day over a contract of 300; 170 over 100 pledged; nearly 400 lost.
    found = events(catalog_book())
    assert [round(event.per_usd, 2) for event in found] == [0.83, 1.70, -1.33]
    assert all(event.source and event.day for event in found)
    assert events(BOOK) == ()


def test_terms_of_a_vendor_are_known_where_its_plan_is():
    book = catalog_book()
    terms = vendor_terms(book, network(book, 2026), "Nvidia")
    assert 0 < terms.margin < 1 and 1 < terms.multiples[0] <= terms.multiples[1]
    with pytest.raises(ValueError, match="margin and market value of OpenAI are not known"):
        vendor_terms(book, network(book, 2026), "OpenAI")


def test_ddtl_5_costs_225_points_more_than_ddtl_4():
    first = spreads()[0]
    assert (first.insider, first.outsider) == ("CoreWeave DDTL 4.0", "CoreWeave DDTL 5.0")
    assert first.gap == pytest.approx(0.0225)
    rate = first.benchmark
    charge = [capital_recovery_factor(rate + spread, 6.0) for spread in (0.0225, 0.045)]
    assert first.hurdle == pytest.approx(charge[1] / charge[0] - 1)


def test_every_outsider_pays_more():
    assert all(each.gap > 0 and each.hurdle > 0 and each.sources for each in spreads())


def test_supply_is_shared_by_hand():
    net = network_of_payments(
        ["Cloud", "Site", "lenders", "lenders", "Maker", "Cloud"],
        ["Maker", "Maker", "Cloud", "Site", "Cloud", "suppliers"],
        ["chips", "chips", "loan", "loan", "loan", "chips"], [30.0, 10.0, 6.0, 2.0, 99.0, 5.0], TIERS,
        ("Lab", "Cloud", "Maker"),
    )  # fmt: skip
    found = {each.what: each for each in supply(net)}
    assert found["chips"].core == pytest.approx(0.75) and found["chips"].largest == (("Site", 10.0),)
    assert found["loans and bonds"].left == pytest.approx(0.25)
    assert found["energy"].all_usd == 0.0 == found["energy"].core == found["energy"].left


def test_what_comes_back_and_sales_are_the_same_in_every_question():
    payments = network(catalog_book(), 2026)
    (nvidia,) = [each for each in circularity_of(payments).returned if each.investor == "Nvidia"]
    back = [each * nvidia.invested_usd for each in sales_per_usd(payments, "Nvidia")]
    assert back == pytest.approx([nvidia.least_usd, nvidia.proportional_usd, nvidia.most_usd])
    assert who_funds(payments, "Nvidia").receipts_usd == pytest.approx(nvidia.sales_usd)
