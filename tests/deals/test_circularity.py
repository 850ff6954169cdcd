"""Circularity: published and hand-made answers; bounds that hold for any payments."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers

from gigawatt.deals import (
    bilateral_netting,
    circularity,
    circulation,
    hodge,
    listed,
    multilateral_net_usd,
    returned_share,
    trace_origin,
    ultimate_payers,
)

# A chip maker invests 10 in a lab; the lab pays a cloud 20; the cloud buys chips for 15 from the maker.
MAKER, LAB, CLOUD = range(3)
CIRCLE = np.zeros((3, 3))
CIRCLE[MAKER, LAB], CIRCLE[LAB, CLOUD], CIRCLE[CLOUD, MAKER] = 10, 20, 15

payments = arrays(np.float64, (4, 4), elements=floats(0, 1e6).map(lambda usd: usd if usd > 1e-3 else 0.0))


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


def test_definitions_disagree_about_the_same_payments():
    # 10 goes round three payments, so 30 of 45. Positions are +5, -10, +5: 10 of 45 still moves if all net at once.
    found = circularity(CIRCLE)
    assert found.gross_usd == 45
    # T = 15 (maker), 10 + 10 (lab), 20 (cloud); round the circle 10/15 x 20/20 x 15/20 = 1/2 comes back: n = 2.
    shares = {"netted_in_pairs": 0, "circulation": 30 / 45, "cycling_index": 0.5, "netted_at_once": 35 / 45}
    # Net flows 10, 20, 15: the potential explains all but their mean of 15, 3 x 15^2 of 725.
    shares["hodge"] = 675 / 725
    assert found.shares() == pytest.approx(shares)


def test_no_directed_circle_is_no_circularity_except_by_hodge_and_netting_at_once():
    # The first pays both others and the second the third. No potential gives 1, 1 and 1: it leaves 1/3 on each.
    found = circularity([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    assert (found.netted_in_pairs, found.circulation, found.cycling_index) == (0, 0, 0)
    assert found.hodge == pytest.approx(3 * (1 / 3) ** 2 / 3)
    assert found.netted_at_once == pytest.approx(1 / 3)


def test_a_closed_circle_has_no_cycling_index_but_goes_round_in_full():
    found = circularity([[0, 5], [5, 0]])
    assert (found.circulation, found.netted_in_pairs, found.netted_at_once) == (1, 1, 1)
    assert math.isnan(found.cycling_index)


@given(flows=payments)
def test_netting_of_pairs_circulation_and_netting_at_once_are_in_this_order(flows):
    # What a pair pays back is a circle of two; a circle changes nobody's net position.
    low = bilateral_netting(flows).circular_share
    middle = circulation(flows).share
    gross = flows.sum()
    high = 1 - multilateral_net_usd(flows) / gross if gross else 0
    assert low <= middle + 1e-9
    assert middle <= high + 1e-9


@given(flows=payments)
def test_a_list_of_payments_says_the_same_as_a_matrix(flows):
    payer, payee = (part.ravel() for part in np.indices(flows.shape))
    halves = listed(np.tile(payer, 2), np.tile(payee, 2), np.tile(flows.ravel() / 2, 2), len(flows))
    assert np.array_equal(halves.matrix(), flows)
    assert bilateral_netting(halves).net_usd == pytest.approx(bilateral_netting(flows).net_usd)
    assert returned_share(halves, 0, 3) == pytest.approx(returned_share(flows, 0, 3))


@pytest.mark.parametrize(
    ("payer", "payee", "usd"), [([0], [1, 2], [1.0]), ([-1], [0], [1.0]), ([5], [0], [1.0]), ([0], [1], [-1.0])]
)
def test_lists_without_meaning_are_refused(payer, payee, usd):
    with pytest.raises(ValueError, match="flows must be"):
        listed(payer, payee, usd, 3)


def test_the_example_of_the_page():
    """docs/explanation/circularity.md: fund and maker each pay the lab 10; it pays 20, the cloud 15, the maker 3."""
    flows = np.zeros((4, 4))
    flows[3, LAB], flows[MAKER, LAB], flows[LAB, CLOUD], flows[CLOUD, MAKER], flows[MAKER, CLOUD] = 10, 10, 20, 15, 3
    shares = [round(100 * share, 1) for share in circularity(flows).shares().values()]
    assert shares == [10.3, 62.1, 46.3, 79.0, 82.8]
    weighted = [round(100 * hodge(flows, weights).circular_share, 1) for weights in ("links", "volume")]
    assert weighted == [77.1, 72.1]
    own = trace_origin(flows, MAKER)
    usd = [float(getattr(own, name)[MAKER]) for name in ("lower_usd", "proportional_usd", "upper_usd")]
    # The cloud gets 13 of the maker's 23, keeps 8 of them or none, and pays on 15 of 23.
    assert usd == pytest.approx([5, 15 * 13 / 23, 13])
    assert ultimate_payers(flows, MAKER).own_cash == pytest.approx([0, 0, 0, 1])


@pytest.mark.parametrize("party", [-1, 2])
def test_a_dollar_of_nobody_is_refused(party):
    with pytest.raises(ValueError, match=f"party must be among parties 0 to 1, is {party}"):
        returned_share([[0, 1], [1, 0]], party, 2)


def test_nobody_has_no_circular_share():
    assert set(circularity([]).shares().values()) == {0.0}
