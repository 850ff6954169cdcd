"""Helmholtz-Hodge parts of net payments: pure cases, orthogonal parts, and what least squares of NumPy says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers, just, permutations, sampled_from

from gigawatt.deals import hodge

usd = floats(1e-3, 1e6) | just(0.0)
payments = integers(1, 7).flatmap(lambda n: arrays(np.float64, (n, n), elements=usd))
weightings = sampled_from(["unit", "links", "volume"])


def circle(parties):
    return np.roll(np.eye(parties), 1, axis=1)


def test_a_circle_of_three_is_all_curl_and_one_of_four_all_harmonic():
    assert hodge(circle(3)).curl_share == pytest.approx(1)
    four = hodge(circle(4))
    assert (four.gradient_share, four.curl_share, four.harmonic_share) == pytest.approx((0, 0, 1), abs=1e-12)


def test_payments_down_a_potential_are_all_gradient():
    # Differences of the heights 7, 4, 2 and 1.
    heights = np.array([7.0, 4, 2, 1])
    found = hodge(np.maximum(heights[:, None] - heights, 0))
    assert found.gradient_share == pytest.approx(1)
    assert found.circular_share == pytest.approx(0, abs=1e-12)
    assert found.potential == pytest.approx(heights - 3.5)


def test_three_equal_payments_one_way_are_circular_by_a_ninth():
    # Heights 2/3, 0, -2/3 give 2/3, 2/3, 4/3 of 1, 1, 1: what is left is 1/3 on each, 3 / 9 of 3.
    found = hodge([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert found.circular_share == pytest.approx(1 / 9)
    assert found.potential == pytest.approx([2 / 3, 0, -2 / 3])


def test_the_parts_are_matrices_too():
    found = hodge([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert found.gradient == pytest.approx(np.array([[0, 2, 4], [-2, 0, 2], [-4, -2, 0]]) / 3)
    assert found.curl == pytest.approx(np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]) / 3)
    assert found.harmonic == pytest.approx(np.zeros((3, 3)), abs=1e-12)


def test_net_payments_may_have_signs():
    flows = np.array([[0.0, 3, 1, 0], [0, 0, 2, 5], [0, 0, 0, 1], [4, 0, 0, 0]])
    plain, signed = hodge(flows), hodge(flows - flows.T)
    assert signed.net_usd == pytest.approx(plain.net_usd)
    assert signed.potential == pytest.approx(plain.potential)
    assert signed.curl_share == pytest.approx(plain.curl_share)
    assert plain.gradient + plain.curl + plain.harmonic == pytest.approx(flows - flows.T)
    with pytest.raises(ValueError, match="0 or more"):
        hodge([[0, -1], [2, 0]])


def test_a_tree_of_payments_has_no_circular_part():
    assert hodge([[0, 5, 1], [2, 0, 0], [0, 0, 0]]).circular_share == pytest.approx(0, abs=1e-12)


def test_weights_by_hand():
    # Circle of three with one payment of 3: net 3, 1, 1. Unit weights: mean 5/3 turns, 3 x 25/9 of 11. Volume: each
    # flow over its own volume is 1, so all of it turns: the turn is 3 / (1/3 + 1 + 1) on each.
    flows = circle(3) * [[1], [1], [3]]
    assert hodge(flows).circular_share == pytest.approx(25 / 3 / 11)
    turn = 3 / (1 / 3 + 1 + 1)
    assert hodge(flows, "volume").circular_share == pytest.approx(turn**2 * (1 / 3 + 1 + 1) / (3 + 1 + 1))
    assert hodge(flows, flows + flows.T).curl_share == pytest.approx(hodge(flows, "volume").curl_share)


def test_pairs_net_first():
    found = hodge([[0, 5], [5, 0]])
    assert (found.net_usd.tolist(), found.circular_share) == ([0], 0)


@pytest.mark.parametrize("weights", ["gross", [[0, 1], [2, 0]], [[0, -1], [-1, 0]]])
def test_weights_without_meaning_are_refused(weights):
    with pytest.raises(ValueError, match="weights must be"):
        hodge([[0, 1], [0, 0]], weights)


def by_least_squares(flows, found):
    """Gradient part by a dense matrix of pairs and parties."""
    pairs = np.arange(len(found.payer))
    heights = np.zeros((len(pairs), len(flows)))
    heights[pairs, found.payer], heights[pairs, found.payee] = 1, -1
    root = np.sqrt(found.weight)
    best = np.linalg.lstsq(heights * root[:, None], found.net_usd / root, rcond=None)[0]
    return found.weight * (heights @ best)


@given(flows=payments)
def test_the_gradient_is_the_least_squares_of_numpy(flows):
    found = hodge(flows)
    assert found.gradient_usd == pytest.approx(by_least_squares(flows, found), abs=1e-9 * max(1.0, flows.max()))


@given(flows=payments, weights=weightings)
def test_parts_add_up_and_shares_too(flows, weights):
    found = hodge(flows, weights)
    whole = found.gradient_usd + found.curl_usd + found.harmonic_usd
    assert whole == pytest.approx(found.net_usd, abs=1e-9 * max(1.0, flows.max()))
    shares = found.gradient_share + found.curl_share + found.harmonic_share
    assert shares == pytest.approx(float(np.abs(found.net_usd).sum() > 0), abs=1e-6)
    assert found.circular_share == pytest.approx(found.curl_share + found.harmonic_share, abs=1e-6)


@given(flows=payments, weights=weightings)
def test_what_turns_changes_no_position(flows, weights):
    found = hodge(flows, weights)
    turning = found.curl_usd + found.harmonic_usd
    n = len(flows)
    position = np.bincount(found.payer, turning, n) - np.bincount(found.payee, turning, n)
    assert np.abs(position).max() <= 1e-7 * max(1.0, flows.max())


@given(data=payments.flatmap(lambda flows: permutations(range(len(flows))).map(lambda order: (flows, order))))
def test_neither_order_nor_currency_changes_the_shares(data):
    flows, order = data
    share = hodge(flows).circular_share
    assert hodge(flows[np.ix_(order, order)]).circular_share == pytest.approx(share, abs=1e-9)
    assert hodge(flows * 1e9).circular_share == pytest.approx(share, abs=1e-9)


def test_the_potential_of_several_parts_is_the_shortest_of_all():
    # Only 1 deals, with 3 and 4: 0.63 and 0.32 below it, and the mean of the three is 0; 0 and 2 deal with nobody.
    flows = np.zeros((5, 5))
    flows[1, 3], flows[1, 4] = 0.63, 0.32
    assert hodge(flows).potential == pytest.approx([0, 0.95 / 3, 0, -0.94 / 3, -0.01 / 3], abs=1e-15)


@given(payments)
def test_the_potential_is_that_of_least_squares_of_shortest_length(flows):
    flows = flows * (flows > 1e5)  # few deal, so there are several parts
    found = hodge(flows)
    n, m = len(flows), len(found.net_usd)
    uphill = np.zeros((m, n))
    uphill[np.arange(m), found.payer], uphill[np.arange(m), found.payee] = 1, -1
    shortest = np.linalg.lstsq(uphill, found.net_usd, rcond=None)[0]
    assert found.potential == pytest.approx(shortest, abs=1e-6)


@given(payments, weightings)
def test_no_share_is_above_one_to_the_last_bit(flows, weights):
    found = hodge(flows, weights)
    shares = (found.gradient_share, found.curl_share, found.harmonic_share, found.circular_share)
    assert all(0 <= share <= 1 for share in shares)


def test_a_circle_given_by_net_amounts_has_a_curl_share_of_one_to_the_last_bit():
    assert hodge([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]).curl_share <= 1


def test_net_amounts_may_be_rounded():
    found = hodge([[0, 0.1 + 0.2, -1], [-0.3, 0, 1], [1, -1, 0]])
    assert found.net_usd == pytest.approx([0.3, -1, 1])
    with pytest.raises(ValueError, match="0 or more"):
        hodge([[0, 0.31, -1], [-0.3, 0, 1], [1, -1, 0]])


def test_weights_of_a_wrong_shape_are_named():
    with pytest.raises(ValueError, match=r"weights must have shape \(3, 3\).*not \(1, 1\)"):
        hodge(circle(3), [[1]])


def test_nobody_has_no_parts():
    assert hodge([]).gradient_share == 0
