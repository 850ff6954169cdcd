"""Circularity: published and hand-made answers; bounds that hold for any payments."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers

from gigawatt.deals import bilateral_netting, cycling_index, multilateral_net_usd, returned_share

REEF = json.loads((Path(__file__).resolve().parents[1] / "known" / "oyster_reef.json").read_text())
# A chip maker invests 10 in a lab; the lab pays a cloud 20; the cloud buys chips for 15 from the maker.
MAKER, LAB, CLOUD = range(3)
CIRCLE = np.zeros((3, 3))
CIRCLE[MAKER, LAB], CIRCLE[LAB, CLOUD], CIRCLE[CLOUD, MAKER] = 10, 20, 15

payments = arrays(np.float64, (4, 4), elements=floats(0, 1e6))


def test_cycling_index_of_the_oyster_reef_is_the_published_one():
    assert cycling_index(REEF["flows"], REEF["inputs"]) == pytest.approx(REEF["cycling_index"], abs=1e-7)


def test_a_circle_of_three_does_not_net_pairwise():
    assert bilateral_netting(CIRCLE).circular_share == 0
    # Positions: maker +5, lab -10, cloud +5.
    assert multilateral_net_usd(CIRCLE) == 10


def test_a_pair_that_pays_each_other_nets():
    # 100 there, 60 back: 40 of 160 still move.
    netting = bilateral_netting([[0, 100], [60, 0]])
    assert (netting.gross_usd, netting.net_usd) == (160, 40)
    assert netting.circular_share == pytest.approx(0.75)


def test_the_makers_dollar_returns_after_three_payments():
    assert returned_share(CIRCLE, MAKER, 2) == 0
    assert returned_share(CIRCLE, MAKER, 3) == 1


def test_what_is_paid_outside_does_not_return():
    # The lab pays 5 for staff beside the cloud's 20; the cloud 5 for power beside 15 for chips.
    assert returned_share(CIRCLE, MAKER, 9, outside_usd=[0, 5, 5]) == pytest.approx(20 / 25 * 15 / 20)


def test_a_circle_of_two_by_hand():
    # Input 10 to a; a pays b 20, b pays a 10 and 10 outside: T = (20, 20), G = [[0, 1], [.5, 0]],
    # n_jj = 2 for both, so each cycles half: index 0.5.
    assert cycling_index([[0, 20], [10, 0]], [10, 0]) == pytest.approx(0.5)


def test_no_circle_no_cycling():
    assert cycling_index([[0, 5], [0, 0]], [5, 0]) == 0
    assert cycling_index(np.zeros((2, 2)), [0, 0]) == 0


def test_money_that_goes_round_for_ever_has_no_index():
    with pytest.raises(ValueError, match="a circle loses nothing"):
        cycling_index([[0, 5], [5, 0]], [0, 0])


@pytest.mark.parametrize("flows", [[[0, 1, 2]], [[0, -1], [0, 0]], [[0, np.nan], [0, 0]]])
def test_matrices_without_meaning_are_refused(flows):
    with pytest.raises(ValueError, match="flows must be"):
        bilateral_netting(flows)


@given(flows=payments)
def test_netting_more_widely_never_moves_more(flows):
    netting = bilateral_netting(flows)
    assert multilateral_net_usd(flows) <= netting.net_usd + 1e-6
    assert netting.net_usd <= netting.gross_usd + 1e-6


@given(flows=payments, party=integers(0, 3), steps=integers(1, 8))
def test_no_more_returns_than_was_paid_and_longer_circles_add(flows, party, steps):
    short, long = (returned_share(flows, party, k) for k in (steps, steps + 1))
    assert 0 <= short <= long + 1e-12
    assert long <= 1 + 1e-12


@given(flows=payments, outside=arrays(np.float64, 4, elements=floats(1, 1e6)))
def test_the_cycling_index_is_a_share(flows, outside):
    # Inputs large enough that nobody pays out more than it gets.
    np.fill_diagonal(flows, 0)
    inputs = np.maximum(flows.sum(axis=1) - flows.sum(axis=0), 0) + outside
    assert 0 <= cycling_index(flows, inputs) < 1
