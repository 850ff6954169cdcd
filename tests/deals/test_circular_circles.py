"""Circles by name: those of the circulation, all of them, and those in which an investment comes back."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers

from gigawatt.deals.book import SECTORS, Payment, network, network_of_payments
from gigawatt.deals.circular import all_circles, circularity_of, circulating, narrow_circles, through
from tests.deals.circle_book import BOOK
from tests.deals.test_circular_shares import TIERS, networks

NET = network(BOOK, 2026, "signed")


def test_the_circulation_is_a_circle_of_three_and_one_of_two():
    assert [(circle.label, circle.usd) for circle in circulating(NET)] == [
        ("Lab > Cloud > Maker > Lab", pytest.approx(10)), ("Cloud > Maker > Cloud", pytest.approx(3))
    ]  # fmt: skip


def test_a_step_tells_its_deals_and_the_smallest_payment():
    first = circulating(NET)[0]
    assert [step.deals for step in first.steps] == [("lab-cloud",), (), ("maker-lab",)]
    assert first.bottleneck.payer == "Maker" and first.bottleneck.kinds == ("equity",)


def test_a_payment_that_covers_its_deals_tells_their_keys():
    paid = Payment(key="paid", payer="Lab", payee="Cloud", kind="compute", year=2026, usd=5.0, covers=True)
    book = replace(BOOK, payments=(*BOOK.payments, paid))
    step = circulating(network(book, 2026, "signed"))[0].steps[0]
    assert (step.usd, step.deals, step.payments) == (5.0, ("lab-cloud",), ("paid",))


def test_an_investment_that_comes_back_as_purchases_is_a_narrow_circle():
    (found,) = narrow_circles(NET)
    assert found.label == "Maker > Lab > Cloud > Maker" and found.usd == 10.0


def test_purchases_alone_and_investments_alone_are_no_narrow_circle():
    bought = network_of_payments(["Lab", "Maker"], ["Maker", "Lab"], ["chips", "compute"], [5.0, 2.0], TIERS)
    invested = network_of_payments(["Lab", "Maker"], ["Maker", "Lab"], ["equity", "loan"], [5.0, 2.0], TIERS)
    assert narrow_circles(bought) == narrow_circles(invested) == ()
    assert len(all_circles(bought)) == 1


def test_a_pair_that_invests_and_buys_both_ways_is_two_narrow_circles():
    net = network_of_payments(
        ["Lab", "Maker"] * 2,
        ["Maker", "Lab"] * 2,
        ["equity", "equity", "chips", "compute"],
        [1.0, 2.0, 4.0, 8.0],
        TIERS,
    )
    assert [(circle.label, circle.usd) for circle in narrow_circles(net)] == [
        ("Maker > Lab > Maker", 2.0), ("Lab > Maker > Lab", 1.0)
    ]  # fmt: skip


def test_circles_through_a_party_are_told_apart():
    assert {circle.label for circle in through(all_circles(NET), ["Lab"])} == {"Lab > Cloud > Maker > Lab"}
    assert through(all_circles(NET), ["lenders"]) == ()


def test_so_many_circles_are_kept_of_each_investment():
    net = network_of_payments(
        ["Maker", "Lab", "Cloud", "Lab"], ["Lab", "Cloud", "Maker", "Maker"], ["equity", "compute", "chips", "chips"],
        [10.0, 5.0, 5.0, 4.0], TIERS,
    )  # fmt: skip
    assert len(narrow_circles(net)) == 2
    assert [circle.usd for circle in narrow_circles(net, for_each=1)] == [5.0]


@pytest.mark.parametrize("longest", [-1, 0, 1])
def test_a_circle_of_one_payment_is_refused(longest):
    with pytest.raises(ValueError, match="2 or more"):
        narrow_circles(NET, longest)


@settings(deadline=None, max_examples=60)
@given(networks(), integers(2, 6))
def test_narrow_circles_are_steps_that_were_paid_and_not_above_wide_ones(net, longest):
    wide = {frozenset((s.payer, s.payee) for s in circle.steps): circle.usd for circle in all_circles(net, longest)}
    for circle in narrow_circles(net, longest):
        first, *others = circle.steps
        assert set(first.kinds) <= {"equity", "loan", "bond"}
        assert not any({"equity", "loan", "bond", "interest"} & set(step.kinds) for step in others)
        assert circle.usd == pytest.approx(min(step.usd for step in circle.steps))
        assert circle.usd <= wide[frozenset((s.payer, s.payee) for s in circle.steps)] + 1e-9


@settings(deadline=None, max_examples=40)
@given(networks())
def test_narrow_circles_are_those_that_trying_every_order_finds(net):
    invested, bought = ({(e.payer, e.payee) for e in net.edges if wanted(e)} for wanted in (
        lambda e: e.is_investment, lambda e: e.is_purchase))  # fmt: skip
    firms = [name for name in net.parties if name not in SECTORS]
    tried = {
        way for length in (2, 3, 4) for way in permutations(firms, length)
        if way[:2] in invested and all(pair in bought for pair in zip(way[1:], (*way[2:], way[0]), strict=True))
    }  # fmt: skip
    assert {circle.parties for circle in narrow_circles(net, 4)} == tried


@settings(deadline=None, max_examples=60)
@given(networks())
def test_circles_of_the_circulation_add_up_to_it(net):
    total = sum(circle.usd * len(circle.steps) for circle in circulating(net))
    assert total == pytest.approx(circularity_of(net).circulation_usd, rel=1e-7, abs=1e-7)
    assert all(circle.usd <= circle.bottleneck.usd * (1 + 1e-9) for circle in circulating(net))
