"""Circular shares by definition, scope, year and status; investment that comes back as sales."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import composite, floats, integers, lists, sampled_from, tuples

from gigawatt.deals import circularity
from gigawatt.deals.book import (
    LADDER,
    Book,
    Network,
    Payment,
    book_at,
    catalog_book,
    corners,
    network,
    network_of_payments,
)
from gigawatt.deals.circular import (
    DEFINITIONS,
    SCOPES,
    as_one,
    circularity_by_status,
    circularity_by_year,
    circularity_of,
    investment_returned,
    merged,
    open_ended,
    scoped,
)
from tests.deals.circle_book import BOOK, PARTIES, deal

NAMES = (*PARTIES, "Fund", "Site")
TIERS = {key: party.tier for key, party in PARTIES.items()} | {"Fund": "holding", "Site": "landlord"}
KINDS = ("equity", "loan", "compute", "chips", "interest", "build")


@composite
def networks(draw) -> Network:
    """Any payments between nine parties, three of them the core."""
    row = tuples(sampled_from(NAMES), sampled_from(NAMES), sampled_from(KINDS), floats(0.01, 1e3))
    rows = [each for each in draw(lists(row, min_size=1, max_size=16)) if each[0] != each[1]]
    rows.append(("Lab", "Cloud", "compute", draw(floats(0.01, 1e3))))
    payer, payee, kind, usd = zip(*rows, strict=True)
    return network_of_payments(payer, payee, kind, usd, TIERS, ("Lab", "Cloud", "Maker"), "2026")


# ------------------------------------------------------------------------------------------------------------- by hand
def test_the_example_has_the_shares_worked_out_by_hand():
    # Gross 58; 10 round three parties and 3 round two: 36 of 58; netting of pairs 6; of all at once 48.
    found = circularity_of(network(BOOK, 2026, "signed"))
    assert found.gross_usd == pytest.approx(58)
    assert found.circulation_usd == pytest.approx(36)
    assert found.shares["netted_in_pairs"] == pytest.approx(6 / 58)
    assert found.shares["circulation"] == pytest.approx(36 / 58)
    assert found.shares["netted_at_once"] == pytest.approx(48 / 58)


def test_the_core_alone_leaves_out_what_enters():
    found = circularity_of(network(BOOK, 2026, "signed"), "core")
    assert found.gross_usd == pytest.approx(48)
    assert found.shares["circulation"] == pytest.approx(36 / 48)


def test_investment_back_is_at_least_2_and_at_most_10_of_10():
    # The cloud gets the lab's 20 and the maker's 3, buys chips for 15 and keeps 8. All of the maker's 10 can be in the
    # 15, or 8 of it in what is kept. Mixed: 10/20 of the lab's 20, so 10/23 of the 15.
    (found,) = investment_returned(network(BOOK, 2026, "signed"))
    assert (found.investor, found.invested_usd, found.sales_usd) == ("Maker", 10.0, 15.0)
    assert found.least_usd == pytest.approx(2)
    assert found.proportional_usd == pytest.approx(10 * 15 / 23)
    assert found.most_usd == pytest.approx(10)
    assert found.share_of_sales(found.most_usd) == pytest.approx(2 / 3)
    assert found.deals == ("maker-lab",)


def test_money_that_goes_on_as_an_investment_has_not_come_back_as_purchases():
    # The lab invests the maker's money in the cloud, which buys chips with it: no purchase between maker and cloud.
    net = network_of_payments(
        ["Maker", "Lab", "Cloud"], ["Lab", "Cloud", "Maker"], ["equity", "equity", "chips"], [10.0, 10.0, 10.0], TIERS
    )
    (found,) = investment_returned(net)
    assert (found.least_usd, found.proportional_usd, found.most_usd) == pytest.approx((0, 0, 0), abs=1e-9)


def test_the_cycling_index_of_the_core_counts_what_enters():
    # By hand: throughflow 20, 23 and 15, the fund's 10 from outside. A dollar of the lab is back with it with
    # probability 10/13 x 15/23 and more over the short circle; Finn's index by the API gives the same.
    net = network(BOOK, 2026, "signed")
    names = scoped(net, "core").inner
    inputs = [10.0 if name == "Lab" else 0.0 for name in names]
    found = circularity(net.among(names).flows(), inputs).cycling_index
    for scope in ("core", "everybody"):
        assert circularity_of(net, scope).shares["cycling_index"] == pytest.approx(found)


def test_a_lender_who_is_repaid_closes_no_circle_but_where_others_are_merged():
    net = network_of_payments(
        ["lenders", "Cloud"], ["Cloud", "lenders"], ["loan", "repayment"], [5.0, 5.0], TIERS, ("Cloud",)
    )
    assert circularity_of(net, "everybody").shares["circulation"] == 0.0
    assert circularity_of(net, "merged").shares["circulation"] == pytest.approx(1)


def test_merging_can_close_a_circle_and_can_lose_one():
    # Maker pays Fund, Site pays Maker: a circle once Fund and Site are one. A circle of Fund and Site is lost.
    closes = network_of_payments(["Maker", "Site"], ["Fund", "Maker"], ["x", "x"], [1.0, 1.0], TIERS)
    loses = network_of_payments(["Fund", "Site"], ["Site", "Fund"], ["x", "x"], [1.0, 1.0], TIERS)
    into = {"Fund": "both", "Site": "both"}
    assert circularity(closes.flows()).circulation == 0.0
    assert circularity(merged(closes, into).flows()).circulation == pytest.approx(1)
    assert circularity(loses.flows()).circulation == pytest.approx(1)
    assert merged(loses, into).gross_usd == 0.0


def test_years_without_payments_are_left_out():
    found = circularity_by_year(BOOK, [2025, 2026, 2027], "signed")
    assert [each.period for each in found] == ["2026"]
    assert circularity_by_year([network(BOOK, 2026, "signed")]) == found


def test_the_ladder_starts_with_what_is_drawn():
    found = circularity_by_status(BOOK, 2026)
    assert [each.status for each in found] == list(LADDER)
    assert [each.gross_usd for each in found] == pytest.approx([25, 48, 58, 58, 58, 58])
    assert [each.shares["circulation"] > 0 for each in found] == [False, True, True, True, True, True]


def test_money_invested_in_one_year_and_spent_in_the_next_shows_when_years_are_added_up():
    first = network_of_payments(["Maker"], ["Lab"], ["equity"], [5.0], TIERS, ("Lab",), "2026")
    second = network_of_payments(
        ["Lab", "Lab"], ["Maker", "Cloud"], ["chips", "compute"], [4.0, 2.0], TIERS, (), "2027"
    )
    both = as_one([first, second])
    assert both.period == "2026 to 2027" and both.gross_usd == 11.0 and both.core == ("Lab",)
    assert [circularity_of(each).circulation_usd for each in (first, second, both)] == pytest.approx([0, 0, 8])
    assert as_one([first]) == first
    with pytest.raises(ValueError, match="no network"):
        as_one([])


def test_years_as_one_pay_what_the_years_pay_under_the_same_deals():
    book = replace(
        BOOK, deals=(deal("long", "Lab", "Cloud", "take_or_pay", 40.0, schedule="2026=10 2027=30"),), payments=()
    )
    both = as_one([network(book, 2026), network(book, 2027)])
    assert [(edge.usd, edge.deals) for edge in both.edges] == [(40.0, ("long",))]


def test_an_unknown_scope_is_refused():
    with pytest.raises(ValueError, match="everybody, core, merged"):
        circularity_of(network(BOOK, 2026), "world")


def test_amounts_at_their_ends_move_the_range():
    ranged = replace(
        BOOK, deals=tuple(replace(d, low=5.0, high=30.0) if d.key == "maker-lab" else d for d in BOOK.deals)
    )
    assert network(book_at(ranged, "low", "high"), 2026, "signed").gross_usd == pytest.approx(10 + 5 + 20 + 3 + 10)
    assert network(book_at(ranged, "high", "low"), 2026, "signed").gross_usd == pytest.approx(10 + 30 + 20 + 3 + 20)
    assert set(corners(BOOK)) == {"low", "high", "core high, others low", "core low, others high"}


def test_tranches_move_with_the_amount_of_the_deal():
    tranched = deal("t", "Lab", "Cloud", "take_or_pay", 40.0, schedule="2026=10 2027=30", low=20.0, high=80.0)
    book = Book(as_of=BOOK.as_of, parties=PARTIES, deals=(tranched,))
    assert [network(book_at(book, "high", "low"), year).gross_usd for year in (2026, 2027)] == pytest.approx([20, 60])


# -------------------------------------------------------------------------------------------------------------- peers
@pytest.mark.peers
@pytest.mark.parametrize("year", [2025, 2026])
def test_the_most_that_comes_back_is_the_greatest_flow_from_what_was_invested(year):
    # networkx 3: greatest flow over purchases from the investor's purse back to the investor.
    networkx = pytest.importorskip("networkx")
    net = network(catalog_book(), year, "conditional")
    for found in investment_returned(net):
        graph = networkx.DiGraph()
        for edge in net.edges:
            payer = "purse" if edge.payer == found.investor and edge.is_investment else edge.payer
            if payer == "purse" or (edge.is_purchase and edge.payer != found.investor):
                had = graph.get_edge_data(payer, edge.payee, {"capacity": 0.0})["capacity"]
                graph.add_edge(payer, edge.payee, capacity=had + edge.usd)
        assert found.most_usd == pytest.approx(networkx.maximum_flow_value(graph, "purse", found.investor), rel=1e-6)


# ---------------------------------------------------------------------------------------------------------- properties
@settings(deadline=None, max_examples=60)
@given(networks(), sampled_from(list(SCOPES)))
def test_shares_are_between_0_and_1_and_the_range_holds_them_all(net, scope):
    found = circularity_of(net, scope)
    assert set(found.shares) == set(DEFINITIONS)
    assert all(-1e-9 <= share <= 1 + 1e-9 for share in found.shares.values() if share == share)
    assert all(found.least[1] <= share <= found.largest[1] for share in found.of_circles.values())


@settings(deadline=None, max_examples=60)
@given(networks())
def test_without_circles_every_definition_of_circles_is_0(net):
    order = {name: place for place, name in enumerate(net.parties)}
    found = circularity_of(net.where(lambda edge: order[edge.payer] < order[edge.payee]))
    assert found.largest[1] == pytest.approx(0, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(networks(), sampled_from(list(SCOPES)))
def test_narrow_definitions_are_ordered_and_not_above_wide_ones(net, scope):
    shares = circularity_of(net, scope).shares
    ordered = [shares[name] for name in ("returned_least", "returned_proportional", "returned_most", "circulation")]
    assert (np.diff(ordered) >= -1e-7).all()
    assert shares["netted_in_pairs"] <= shares["circulation"] + 1e-9 <= shares["netted_at_once"] + 2e-9


@settings(deadline=None, max_examples=60)
@given(networks())
def test_no_more_comes_back_than_was_invested_and_sold(net):
    for each in investment_returned(net):
        assert each.least_usd <= each.proportional_usd + 1e-6
        assert each.proportional_usd <= each.most_usd + 1e-6
        assert each.most_usd <= min(each.invested_usd, each.sales_usd) * (1 + 1e-6)


@settings(deadline=None, max_examples=60)
@given(networks(), floats(1.0, 1e4), sampled_from(["Lab", "Cloud", "Maker"]), sampled_from(["equity", "compute"]))
def test_money_from_outside_never_raises_circulation(net, usd, payee, kind):
    edges = [(e.payer, e.payee, e.kind, e.usd) for e in net.edges] + [("lenders", payee, kind, usd)]
    more = network_of_payments(*zip(*edges, strict=True), TIERS, net.core, "2026")
    for scope in ("everybody", "core"):
        before, after = circularity_of(net, scope), circularity_of(more, scope)
        assert after.shares["circulation"] <= before.shares["circulation"] + 1e-9
        assert after.circulation_usd == pytest.approx(before.circulation_usd, rel=1e-6, abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(networks())
def test_the_core_is_a_part_of_everybody(net):
    core, everybody = circularity_of(net, "core"), circularity_of(net, "everybody")
    assert core.gross_usd <= everybody.gross_usd * (1 + 1e-12)
    assert core.circulation_usd <= everybody.circulation_usd + 1e-6


@settings(deadline=None, max_examples=60)
@given(networks(), sampled_from(list(SCOPES)), integers(0, 2**32))
def test_the_order_of_parties_and_payments_changes_no_share(net, scope, seed):
    rng = np.random.default_rng(seed)
    order, edges = rng.permutation(len(net.parties)), rng.permutation(len(net.edges))
    moved = replace(
        net, parties=tuple(net.parties[k] for k in order), tiers=tuple(net.tiers[k] for k in order),
        core=net.core[::-1], edges=tuple(net.edges[k] for k in edges),
    )  # fmt: skip
    one, other = circularity_of(net, scope), circularity_of(moved, scope)
    assert one.shares == pytest.approx(other.shares, abs=1e-9, nan_ok=True)
    assert one.gross_usd == pytest.approx(other.gross_usd)


@settings(deadline=None, max_examples=60)
@given(networks())
def test_open_ends_keep_every_payment(net):
    opened = open_ended(net)
    assert opened.gross_usd == pytest.approx(net.gross_usd)
    assert not any(edge.payer.endswith("(paid)") for edge in opened.edges)


@settings(deadline=None, max_examples=60)
@given(lists(tuples(integers(0, 3), sampled_from(LADDER), floats(1.0, 1e3)), min_size=1, max_size=12))
def test_gross_payments_grow_down_the_ladder_of_statuses(rows):
    pairs = (("Lab", "Cloud"), ("Cloud", "Maker"), ("Maker", "Lab"), ("investors", "Lab"))
    deals = tuple(deal(str(n), *pairs[pair], "take_or_pay", usd, status) for n, (pair, status, usd) in enumerate(rows))
    paid = Payment(key="p", payer="customers", payee="Lab", kind="subscription", year=2026, usd=1.0)
    book = Book(as_of=BOOK.as_of, parties=PARTIES, deals=deals, payments=(paid,))
    gross = [each.gross_usd for each in circularity_by_status(book, 2026)]
    assert (np.diff(gross) >= -1e-9).all()
