"""Whose money the sales of a firm are, and who pays in the end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import sampled_from

from gigawatt.deals.book import network, network_of_payments
from gigawatt.deals.circular import who_funds
from tests.deals.circle_book import BOOK
from tests.deals.test_circular_shares import TIERS, networks

NET = network(BOOK, 2026, "signed")


def test_of_the_makers_15_at_least_5_and_at_most_13_is_its_own_money():
    # docs/explanation/circularity.md: 33, 57 and 87 %; the investment comes back, and what it paid the cloud.
    found = who_funds(NET, "Maker", "self")
    assert found.receipts_usd == 15.0
    assert found.shares == pytest.approx((5 / 15, 8.4782608696 / 15, 13 / 15))
    assert who_funds(NET, "Maker", "vendors").shares == found.shares
    assert [(payer.name, payer.usd) for payer in found.direct] == [("Cloud", 15.0)]


def test_in_the_end_the_fund_pays_all_of_it():
    (only,) = who_funds(NET, "Maker").final
    assert (only.name, only.way) == ("investors", "from outside") and only.usd == pytest.approx(15)


def test_own_cash_is_what_a_firm_pays_beyond_what_it_gets():
    net = network_of_payments(["customers", "Cloud"], ["Cloud", "Maker"], ["compute", "chips"], [6.0, 10.0], TIERS)
    found = who_funds(net, "Maker", "Cloud").final
    assert [(payer.name, payer.way, payer.usd) for payer in found] == [
        ("customers", "from outside", pytest.approx(6)), ("Cloud", "own cash", pytest.approx(4))
    ]  # fmt: skip


def test_sales_leave_out_who_invests_in_the_firm():
    assert who_funds(NET, "Cloud").receipts_usd == 23.0
    with pytest.raises(ValueError, match="Lab sells nothing in 2026"):
        who_funds(NET, "Lab")
    assert who_funds(NET, "Lab", receipts="all").shares == pytest.approx((0.5, 0.5, 0.5))


def test_a_sector_that_is_paid_funds_nobody_with_it():
    # What suppliers get is not what investors give: the maker's money does not come back through them.
    net = network_of_payments(
        ["Maker", "investors", "Lab"], ["investors", "Lab", "Maker"], ["dividend", "equity", "chips"], [9.0, 9.0, 9.0],
        TIERS,
    )  # fmt: skip
    assert who_funds(net, "Maker", "self").shares == (0.0, 0.0, 0.0)


def test_names_count_whatever_their_case():
    net = network(BOOK, 2026, "signed")
    assert who_funds(net, "maker", "maker, LAB") == who_funds(net, "Maker", "Maker,Lab")


def test_unknown_names_are_told_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean Maker"):
        who_funds(NET, "Makr")
    with pytest.raises(ValueError, match="unknown party in 2026 'Nobody'"):
        who_funds(NET, "Maker", "Cloud,Nobody")
    with pytest.raises(ValueError, match="sales or all"):
        who_funds(NET, "Maker", receipts="some")
    with pytest.raises(ValueError, match="nobody makes chips"):
        who_funds(network_of_payments(["Lab"], ["Cloud"], ["compute"], [1.0], TIERS), "Cloud")


@settings(deadline=None, max_examples=80)
@given(networks(), sampled_from(["self", "Lab", "Cloud,Lab"]), sampled_from(["sales", "all"]))
def test_bounds_are_ordered_shares_and_payers_add_up(net, source, receipts):
    try:
        found = who_funds(net, "Cloud", source, receipts)
    except ValueError:
        return
    least, mixed, most = found.shares
    assert -1e-9 <= least <= mixed + 1e-9 <= most + 2e-9 <= 1 + 1e-6
    for payers in (found.direct, found.final):
        assert sum(payer.usd for payer in payers) == pytest.approx(found.receipts_usd, rel=1e-6)
