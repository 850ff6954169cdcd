"""Loops of money."""

from __future__ import annotations

from hypothesis import given
from hypothesis.strategies import dictionaries, floats, sampled_from, tuples

from gigawatt.report.loops import LONGEST, Loop, investment_loops, loops

NAMES = ("Lab", "Cloud", "Maker", "Bank", "Holding")
PAYMENTS = dictionaries(tuples(sampled_from(NAMES), sampled_from(NAMES)), floats(0, 1e12), max_size=12)


def test_a_loop_of_three_is_found_with_its_smallest_payment():
    paid = {("Maker", "Lab"): 30.0, ("Lab", "Cloud"): 60.0, ("Cloud", "Maker"): 40.0, ("Bank", "Lab"): 9.0}
    assert loops(paid, set(NAMES)) == [Loop(("Cloud", "Maker", "Lab"), 30.0)]


def test_two_companies_that_pay_each_other_are_a_loop():
    assert [loop.least_usd for loop in loops({("Lab", "Maker"): 5.0, ("Maker", "Lab"): 2.0}, set(NAMES))] == [2.0]


def test_outside_parties_close_no_loop():
    assert loops({("Lab", "Bank"): 5.0, ("Bank", "Lab"): 2.0}, {"Lab", "Cloud"}) == []


@given(PAYMENTS)
def test_every_step_of_a_loop_was_paid_and_no_loop_comes_twice(paid):
    found = loops(paid, set(NAMES))
    assert all(paid[edge] >= loop.least_usd > 0 for loop in found for edge in loop.edges)
    assert all(2 <= len(loop.companies) <= LONGEST for loop in found)
    assert len({frozenset(loop.edges) for loop in found}) == len(found)


@given(PAYMENTS)
def test_larger_loops_come_first(paid):
    sizes = [loop.least_usd for loop in loops(paid, set(NAMES))]
    assert sizes == sorted(sizes, reverse=True)


def test_an_investment_that_comes_back_as_purchases_is_a_circle():
    invested = {("Maker", "Lab"): 30.0}
    bought = {("Lab", "Cloud"): 60.0, ("Cloud", "Maker"): 40.0}
    assert investment_loops(invested, bought, set(NAMES)) == [Loop(("Maker", "Lab", "Cloud"), 30.0)]


def test_purchases_alone_are_no_circle():
    bought = {("Lab", "Maker"): 5.0, ("Maker", "Lab"): 2.0}
    assert investment_loops({}, bought, set(NAMES)) == []


@given(PAYMENTS, PAYMENTS)
def test_no_more_comes_back_than_was_invested_and_spent(invested, bought):
    for loop in investment_loops(invested, bought, set(NAMES)):
        first, *others = loop.edges
        assert loop.least_usd == min(invested[first], *(bought[edge] for edge in others))


@given(PAYMENTS, PAYMENTS)
def test_the_narrow_definition_finds_no_larger_circle_than_the_wide_one(invested, bought):
    both = {pair: invested.get(pair, 0.0) + bought.get(pair, 0.0) for pair in {*invested, *bought}}
    narrow, wide = investment_loops(invested, bought, set(NAMES)), loops(both, set(NAMES))
    assert not narrow or narrow[0].least_usd <= wide[0].least_usd
