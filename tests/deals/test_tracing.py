"""Whose money it was: by hand, by the cut that limits it, and bounds that hold for any payments."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers, just, permutations

from gigawatt.deals import trace_origin, ultimate_payers

usd = floats(1e-3, 1e6) | just(0.0)
payments = integers(2, 6).flatmap(lambda n: arrays(np.float64, (n, n), elements=usd))
MAKER, LAB, CLOUD = range(3)
# A chip maker invests 10 in a lab; the lab pays a cloud 20; the cloud buys chips for 15 from the maker.
CIRCLE = np.zeros((3, 3))
CIRCLE[MAKER, LAB], CIRCLE[LAB, CLOUD], CIRCLE[CLOUD, MAKER] = 10, 20, 15


def test_how_much_of_its_revenue_a_maker_funds_itself():
    # The cloud has 10 of the maker's money and 10 of the lab's. It keeps 5: the lab's at best, the maker's at worst.
    found = trace_origin(CIRCLE, MAKER)
    assert found.lower == pytest.approx([5 / 15, 1, 10 / 20])
    assert found.proportional == pytest.approx([7.5 / 15, 1, 10 / 20])
    assert found.upper == pytest.approx([10 / 15, 1, 10 / 20])


def test_receipts_from_outside_thin_out_the_makers_money():
    # The cloud's other customers pay it 20: it has 10 of 40, of which it pays on 15 and can keep 25.
    found = trace_origin(CIRCLE, MAKER, inputs=[0, 0, 20])
    assert found.lower_usd == pytest.approx([0, 10, 10])
    assert found.proportional == pytest.approx([1 / 4, 1, 10 / 40])
    assert found.upper == pytest.approx([10 / 15, 1, 10 / 40])


def test_money_that_turns_between_two_others_counts_each_time():
    # The source pays 1; the two pay each other 10, of nobody else's money: all of it is the source's in the end.
    found = trace_origin([[0, 1, 0], [0, 0, 10], [0, 10, 0]], 0)
    assert found.proportional == pytest.approx([0, 1, 1])
    assert found.lower[1] == pytest.approx(1 / 11)


def test_several_sources_count_as_one():
    found = trace_origin(CIRCLE, [MAKER, LAB])
    assert found.proportional == pytest.approx([1, 1, 1])


def test_a_closed_circle_that_the_source_does_not_reach_is_left_alone():
    flows = np.zeros((4, 4))
    flows[0, 1], flows[2, 3], flows[3, 2] = 1, 5, 5
    assert trace_origin(flows, 0).upper == pytest.approx([0, 1, 0, 0])
    assert ultimate_payers(flows, 3).circle == pytest.approx(1)


def test_who_pays_the_maker_in_the_end():
    # Nobody in the circle has cash of its own but the lab: 10 of its 20.
    assert ultimate_payers(CIRCLE, MAKER).own_cash == pytest.approx([0, 1, 0])
    # With 10 of users at the lab and 20 at the cloud there is no own cash: T = 15, 20, 40 and what the maker gets is
    # 1/2 of the cloud's users, 1/4 of the lab's, and 1/4 the maker's own money, which is the same mixture again.
    found = ultimate_payers(CIRCLE, MAKER, inputs=[0, 10, 20])
    assert found.outside == pytest.approx([0, 1 / 3, 2 / 3])


def test_bounds_are_worked_out_for_those_asked_for():
    found = trace_origin(CIRCLE, MAKER, bounds_of=[MAKER])
    assert np.isnan(found.upper[LAB])
    assert found.upper[MAKER] == pytest.approx(10 / 15)


def test_who_is_not_there_is_refused():
    with pytest.raises(ValueError, match="source must be among parties 0 to 2"):
        trace_origin(CIRCLE, 3)
    with pytest.raises(ValueError, match="bounds_of must be among"):
        trace_origin(CIRCLE, 0, bounds_of=[-1])
    with pytest.raises(ValueError, match="gets nothing"):
        ultimate_payers([[0, 1], [0, 0]], 0)


def least_cut(flows, source, target):
    """Payments across the cheapest way to part the parties, source and target on either side."""
    others = [one for one in range(len(flows)) if one not in (source, target)]
    sides = [{source, *chosen} for size in range(len(others) + 1) for chosen in combinations(others, size)]
    return min(flows[np.ix_(sorted(side), sorted(set(range(len(flows))) - side))].sum() for side in sides)


@settings(deadline=None)
@given(flows=payments)
def test_at_most_what_the_cheapest_cut_lets_through(flows):
    """Without circles the greatest amount is the maximum flow."""
    above = np.triu(flows, 1)
    found = trace_origin(above, 0)
    cuts = [0, *(least_cut(above, 0, target) for target in range(1, len(above)))]
    assert found.upper_usd == pytest.approx(cuts, abs=1e-8 * max(1.0, flows.max()))


@settings(deadline=None)
@given(flows=payments, outside=usd)
def test_the_three_are_in_order_and_shares(flows, outside):
    found = trace_origin(flows, 0, inputs=np.full(len(flows), outside))
    assert (found.lower >= 0).all()
    assert (found.lower <= found.proportional).all()
    assert (found.proportional <= found.upper).all()
    assert (found.upper <= 1 + 1e-9).all()


@settings(deadline=None)
@given(flows=payments, outside=usd)
def test_money_of_everybody_adds_up_to_all_receipts(flows, outside):
    np.fill_diagonal(flows, 0)
    for party in np.flatnonzero(flows.sum(axis=0) + outside > 0):
        found = ultimate_payers(flows, int(party), np.full(len(flows), outside))
        assert found.own_cash.sum() + found.outside.sum() + found.circle == pytest.approx(1)
        assert (found.own_cash >= -1e-9).all()


@settings(deadline=None)
@given(data=payments.flatmap(lambda flows: permutations(range(len(flows))).map(lambda order: (flows, order))))
def test_neither_order_nor_currency_changes_a_share(data):
    flows, order = data
    found = trace_origin(flows, order[0])
    turned = trace_origin(flows[np.ix_(order, order)], 0)
    dearer = trace_origin(flows * 1024, order[0])
    for name in ("lower", "proportional", "upper"):
        share = getattr(found, name)
        assert getattr(turned, name) == pytest.approx(share[list(order)], abs=1e-6)
        assert getattr(dearer, name) == pytest.approx(share, abs=1e-6)
