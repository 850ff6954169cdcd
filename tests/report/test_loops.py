"""Loops of money in a run, and the share that goes round by year and definition."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis.strategies import dictionaries, floats, sampled_from, tuples
from pytest import approx

from gigawatt.deals.circular import DEFINITIONS
from gigawatt.report.loops import LONGEST, circles, circularity_panel, wide_circles
from gigawatt.report.moneyflow import loop_text
from gigawatt.report.page import SECTIONS
from tests.fake_results import fake_results

NAMES = ("Lab", "Cloud", "Maker", "Bank", "Holding")
PAYMENTS = dictionaries(tuples(sampled_from(NAMES), sampled_from(NAMES)), floats(0, 1e12), max_size=12)


def parts(invested=None, bought=None):
    found = {}
    for why, payments in (("equity", invested or {}), ("chips", bought or {})):
        for pair, usd in payments.items():
            found.setdefault(pair, {})[why] = usd
    return found


def wide(paid, among=NAMES):
    return wide_circles(parts(bought=paid), set(among))


def test_a_loop_of_three_is_found_with_its_smallest_payment():
    paid = {("Maker", "Lab"): 30.0, ("Lab", "Cloud"): 60.0, ("Cloud", "Maker"): 40.0, ("Bank", "Lab"): 9.0}
    (loop,) = wide(paid)
    assert loop.usd == 30.0 and loop_text(loop).count("Maker") >= 1 and len(loop.steps) == 3


def test_two_companies_that_pay_each_other_are_a_loop():
    assert [loop.usd for loop in wide({("Lab", "Maker"): 5.0, ("Maker", "Lab"): 2.0})] == [2.0]


def test_outside_parties_close_no_loop():
    assert wide({("Lab", "Bank"): 5.0, ("Bank", "Lab"): 2.0}, {"Lab", "Cloud"}) == ()


@settings(deadline=None)
@given(PAYMENTS)
def test_every_step_of_a_loop_was_paid_and_no_loop_comes_twice(paid):
    found = wide(paid)
    steps = [frozenset((step.payer, step.payee) for step in loop.steps) for loop in found]
    assert all(paid[step.payer, step.payee] >= loop.usd > 0 for loop in found for step in loop.steps)
    assert all(2 <= len(loop.steps) <= LONGEST for loop in found)
    assert len(set(steps)) == len(found)


@settings(deadline=None)
@given(PAYMENTS)
def test_larger_loops_come_first(paid):
    sizes = [loop.usd for loop in wide(paid)]
    assert sizes == sorted(sizes, reverse=True)


def test_an_investment_that_comes_back_as_purchases_is_a_circle():
    bought = {("Lab", "Cloud"): 60.0, ("Cloud", "Maker"): 40.0}
    (loop,) = circles(parts({("Maker", "Lab"): 30.0}, bought), set(NAMES))
    assert loop.parties == ("Maker", "Lab", "Cloud") and loop.usd == 30.0


def test_purchases_alone_are_no_circle():
    assert circles(parts(bought={("Lab", "Maker"): 5.0, ("Maker", "Lab"): 2.0}), set(NAMES)) == ()


@settings(deadline=None)
@given(PAYMENTS, PAYMENTS)
def test_no_more_comes_back_than_was_invested_and_spent(invested, bought):
    for loop in circles(parts(invested, bought), set(NAMES)):
        first, *others = [(step.payer, step.payee) for step in loop.steps]
        assert loop.usd == approx(min(invested[first], *(bought[edge] for edge in others)))


@settings(deadline=None)
@given(PAYMENTS, PAYMENTS)
def test_the_narrow_definition_finds_no_larger_circle_than_the_wide_one(invested, bought):
    narrow = circles(parts(invested, bought), set(NAMES))
    largest = wide_circles(parts(invested, bought), set(NAMES))
    assert not narrow or narrow[0].usd <= largest[0].usd


def test_the_report_tells_the_share_that_goes_round_by_year_and_definition():
    panel = circularity_panel(fake_results(110))
    assert [row[0] for row in panel.numbers.rows] == ["2026", "2027", "2028"]
    assert set(panel.numbers.headers) >= {title for title, _ in DEFINITIONS.values()}
    assert "maximum circulation" in panel.finding and len(panel.notes) == len(DEFINITIONS)


def test_the_page_shows_it_beside_who_pays_whom():
    assert any({"money", "circularity"} <= set(names) for _, _, names in SECTIONS)
