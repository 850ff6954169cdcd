"""Terms of the catalog: every row is of a deal, a party or a kind of asset, and says what can be."""

from __future__ import annotations

import pytest

from gigawatt import catalog
from gigawatt.deals.book import catalog_book
from gigawatt.deals.book.deal import DEBTS, secured_by
from gigawatt.deals.exposure import KINDS, catalog_terms, exposures, latest_day

BOOK, TERMS = catalog_book(), catalog_terms()
DEALS = {deal.key: deal for deal in BOOK.deals}


def test_every_row_is_of_something_there_is():
    known = {*KINDS, "unsecured", *DEALS, *BOOK.parties}
    assert set(catalog.items("residuals")) <= known
    assert {name for pair in TERMS.stakes for name in pair} <= set(BOOK.parties)
    assert set(TERMS.tenants.values()) | set(TERMS.tenants) <= set(BOOK.parties)


def test_ranges_hold_their_middles_and_shares_are_shares():
    ranges = [each for asset in TERMS.assets.values() for each in (asset.life_years, asset.fall)]
    ranges += [stake.share for stake in TERMS.stakes.values()]
    assert all(each.low <= each.middle <= each.high for each in ranges)
    shares = [asset.rent_share for asset in TERMS.assets.values()] + [loan.amortised for loan in TERMS.loans.values()]
    assert all(0.0 <= share <= 1.0 for share in shares)


def test_loans_of_each_kind_have_terms():
    for deal in BOOK.deals:
        if deal.instrument in DEBTS:
            assert TERMS.loan(deal).years > 0
            assert secured_by(deal) in ("", *KINDS)
    assert secured_by(DEALS["crwv-ddtl4"]) == "chips" and secured_by(DEALS["beignet-bonds"]) == "campus"


@pytest.mark.parametrize("status", ["firm", "announced"])
def test_no_firm_is_owned_beyond_its_value(status):
    found = exposures(BOOK, latest_day(BOOK), status)
    stakes = found.matrix("stake", marked=True).sum(axis=0)
    for name, usd in zip(found.parties, stakes, strict=True):
        value = BOOK.parties[name].market_value_usd
        named = sum(row.marked_usd for row in found.rows if row.layer == "stake" and row.on == name
                    and not BOOK.parties[row.holder].is_sector and row.marked_usd == row.marked_usd)  # fmt: skip
        assert value != value or named <= value, (name, usd)
