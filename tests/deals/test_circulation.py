"""The part of payments that goes round: by hand, by brute force and another solver, and what must hold for any."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers, just, permutations

from gigawatt.deals import circulation, cycles, listed

usd = floats(1e-3, 1e6) | just(0.0)
payments = integers(1, 7).flatmap(lambda n: arrays(np.float64, (n, n), elements=usd))
whole = integers(2, 4).flatmap(lambda n: arrays(np.float64, (n, n), elements=integers(0, 3).map(float)))


def by_linear_program(flows):
    """The most that circles can carry: one variable for each circle instead of one for each payment."""
    from scipy.optimize import linprog

    found = list(cycles(flows))
    if not found:
        return 0.0
    payer, payee = np.nonzero(flows)
    place = {pair: k for k, pair in enumerate(zip(payer.tolist(), payee.tolist(), strict=True))}
    carried = np.zeros((len(place), len(found)))
    for column, one in enumerate(found):
        for pair in pairwise((*one.parties, one.parties[0])):
            carried[place[pair], column] = 1
    lengths = carried.sum(axis=0)
    return -linprog(-lengths, A_ub=carried, b_ub=flows[payer, payee]).fun


def by_trying(flows):
    """The most that goes round in whole dollars, by trying every number of dollars in every circle."""
    circles = [list(pairwise((*one.parties, one.parties[0]))) for one in cycles(flows)]

    def most(left, at):
        if at == len(circles):
            return 0
        best, taken = most(left, at + 1), 0
        rest = left.copy()
        while all(rest[pair] >= 1 for pair in circles[at]):
            for pair in circles[at]:
                rest[pair] -= 1
            taken += len(circles[at])
            best = max(best, taken + most(rest, at + 1))
        return best

    return most(flows, 0)


def test_two_circles_that_share_a_payment_by_hand():
    # 0 pays 1 ten; 1 pays 0 four and 2 five; 2 pays 0 three: 4 there and back, 3 round all three.
    found = circulation([[0, 10, 0], [4, 0, 5], [3, 0, 0]])
    assert found.total_usd == 4 * 2 + 3 * 3
    assert found.gross_usd == 22
    assert [(one.parties, one.bottleneck_usd, one.sum_usd) for one in found.loops] == [
        ((0, 1), 4, 8),
        ((0, 1, 2), 3, 9),
    ]
    assert found.remainder.tolist() == [[0, 3, 0], [0, 0, 2], [0, 0, 0]]


def test_taking_the_widest_circle_first_is_not_enough():
    # The circle 0 1 2 3 carries 3, and then nothing is left of 0 > 1 and 2 > 3 for the two long circles of 2 that need
    # them. Those first, and 1 is left for the short one.
    flows = np.zeros((10, 10))
    for circle, amount in (((0, 1, 4, 5, 6), 2), ((2, 3, 7, 8, 9), 2), ((0, 1, 2, 3), 3)):
        for pair in pairwise((*circle, circle[0])):
            flows[pair] = amount
    found = circulation(flows)
    assert found.total_usd == 2 * 5 + 2 * 5 + 1 * 4
    assert {one.parties: one.bottleneck_usd for one in found.loops} == {
        (0, 1, 4, 5, 6): 2,
        (2, 3, 7, 8, 9): 2,
        (0, 1, 2, 3): 1,
    }


def test_a_payment_to_oneself_goes_round_in_full():
    found = circulation([[5, 0], [7, 0]])
    assert (found.total_usd, found.loops[0].parties) == (5, (0,))


@pytest.mark.parametrize("flows", [np.zeros((0, 0)), np.zeros((3, 3)), [[0, 1], [0, 0]]])
def test_nothing_goes_round_where_there_is_no_circle(flows):
    found = circulation(flows)
    assert (found.total_usd, found.share, found.loops) == (0, 0, ())


@settings(deadline=None)
@given(flows=whole)
def test_it_is_the_most_that_any_choice_of_circles_carries(flows):
    if len(cycles(flows)) <= 8:  # more are too many to try
        assert circulation(flows).total_usd == pytest.approx(by_trying(flows), abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(flows=integers(1, 5).flatmap(lambda n: arrays(np.float64, (n, n), elements=usd)))
def test_a_program_over_circles_finds_the_same_total(flows):
    assert circulation(flows).total_usd == pytest.approx(by_linear_program(flows), rel=1e-7, abs=1e-3)


@given(flows=payments)
def test_circulation_and_remainder_are_the_flow_and_the_remainder_has_no_circle(flows):
    found = circulation(flows)
    tiny = 1e-11 * flows.max()
    assert found.circulation + found.remainder == pytest.approx(flows, rel=1e-15)
    assert (found.circulation >= 0).all()
    assert (found.remainder >= 0).all()
    assert found.circulation.sum(axis=0) == pytest.approx(found.circulation.sum(axis=1), abs=10 * tiny)
    assert len(cycles(np.where(found.remainder > tiny, found.remainder, 0))) == 0


@given(flows=payments)
def test_its_circles_add_up_to_it_largest_first(flows):
    found = circulation(flows)
    again = np.zeros_like(flows)
    for one in found.loops:
        for pair in pairwise((*one.parties, one.parties[0])):
            again[pair] += one.bottleneck_usd
    assert again == pytest.approx(found.circulation, abs=1e-10 * max(1.0, flows.max()))
    assert sum(one.sum_usd for one in found.loops) == pytest.approx(found.total_usd)
    assert (np.diff(found.bottleneck_usd) <= 0).all()
    assert all(len(set(one.parties)) == len(one.parties) for one in found.loops)


@given(data=payments.flatmap(lambda flows: permutations(range(len(flows))).map(lambda order: (flows, order))))
def test_neither_order_nor_currency_changes_how_much_goes_round(data):
    flows, order = data
    share = circulation(flows).share
    assert circulation(flows[np.ix_(order, order)]).share == pytest.approx(share, abs=1e-9)
    assert circulation(flows * 1e9).share == pytest.approx(share, abs=1e-9)


@given(flows=payments)
def test_payments_that_go_one_way_do_not_go_round(flows):
    assert circulation(np.triu(flows, 1)).total_usd == 0
    assert circulation(flows + flows.T).share == pytest.approx(float(flows.sum() > 0))


def test_thousands_of_parties_are_given_as_a_list():
    rng = np.random.default_rng(4)
    flows = listed(rng.integers(0, 3000, 9000), rng.integers(0, 3000, 9000), rng.uniform(1, 1e6, 9000), 3000)
    found = circulation(flows)
    position = np.bincount(flows.payee, found.circulation_usd, 3000) - np.bincount(
        flows.payer, found.circulation_usd, 3000
    )
    assert np.abs(position).max() < 1e-5  # of payments up to 1e6
    assert 0 < found.share < 1
    assert circulation(listed(flows.payer, flows.payee, found.remainder_usd, 3000)).total_usd == pytest.approx(0)
