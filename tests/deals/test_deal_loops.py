"""Circles of payments: each once, none missed, by brute force and by other libraries."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import integers, sampled_from
from hypothesis.strategies import permutations as orders

from gigawatt.deals import cycles, listed

small = integers(1, 6).flatmap(lambda n: arrays(np.float64, (n, n), elements=sampled_from([0.0, 0.0, 1.0, 2.5])))


def by_brute_force(flows, most):
    """Every tuple of parties, lowest first, round which payments go."""
    found = {}
    for length in range(1, most + 1):
        for parties in permutations(range(len(flows)), length):
            usd = [flows[a, b] for a, b in pairwise((*parties, parties[0]))]
            if parties[0] == min(parties) and min(usd) > 0:
                found[parties] = (min(usd), sum(usd))
    return found


def random_flows(parties, payments, seed):
    rng = np.random.default_rng(seed)
    payer, payee = rng.integers(0, parties, payments), rng.integers(0, parties, payments)
    return listed(payer, payee, rng.uniform(1, 100, payments), parties)


def test_circles_of_three_firms_by_hand():
    # 0 > 1 > 0 and 0 > 1 > 2 > 0.
    found = cycles([[0, 9, 0], [4, 0, 5], [3, 0, 0]], 3)
    assert [(one.parties, one.bottleneck_usd, one.sum_usd) for one in found.largest(2)] == [
        ((0, 1), 4, 13),
        ((0, 1, 2), 3, 17),
    ]
    assert found.by_length().tolist() == [0, 0, 1, 1]
    assert found[0].label(["maker", "lab", "cloud"]) == "maker > lab > maker"


@pytest.mark.parametrize("parties", [1, 2, 5, 7])
def test_a_complete_network_has_as_many_circles_as_combinatorics_says(parties):
    # n! / ((n - k)! k) circles of k parties.
    found = cycles(np.ones((parties, parties)))
    counts = [0, *(np.prod(range(parties - k + 1, parties + 1)) // k for k in range(1, parties + 1))]
    assert found.by_length().tolist() == counts


@given(flows=small, most=integers(1, 7))
def test_every_circle_is_found_once_with_its_bottleneck_and_sum(flows, most):
    rows = cycles(flows, most)
    found = {one.parties: (one.bottleneck_usd, one.sum_usd) for one in rows}
    assert len(found) == len(rows)
    assert found == by_brute_force(flows, min(most, len(flows)))


@given(flows=small, most=integers(1, 6))
def test_without_circles_there_are_none(flows, most):
    assert len(cycles(np.triu(flows, 1), most)) == 0


@given(data=small.flatmap(lambda flows: orders(range(len(flows))).map(lambda order: (flows, order))))
def test_the_order_of_the_parties_changes_no_circle(data):
    flows, order = data
    amounts = sorted((len(one.parties), one.bottleneck_usd, one.sum_usd) for one in cycles(flows))
    turned = cycles(flows[np.ix_(order, order)])
    assert sorted((len(one.parties), one.bottleneck_usd, one.sum_usd) for one in turned) == amounts


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(ValueError, match="max_length must be 1 or more, is 0"):
        cycles([[1]], 0)
    with pytest.raises(ValueError, match="more than 5 circles"):
        cycles(np.ones((4, 4)), limit=5)
    with pytest.raises(IndexError):
        cycles([[1]])[1]


def test_kernels_say_the_same_uncompiled():
    from gigawatt.deals.loops_kernels import bounded_cycles, grown, reach_back

    if not hasattr(bounded_cycles, "py_func"):
        pytest.skip("already uncompiled")
    flows = random_flows(12, 40, seed=3)
    plain = bounded_cycles.py_func
    order = np.argsort(flows.payee, kind="stable")
    back = np.searchsorted(flows.payee[order], np.arange(13))
    names = {"reach_back": reach_back, "grown": grown}
    kept = dict(plain.__globals__)
    try:
        plain.__globals__.update({name: function.py_func for name, function in names.items()})
        count, parties, ends, least, summed = plain(
            flows.starts(), flows.payee, flows.usd, back, flows.payer[order], flows.usd[order], 6, 10**6
        )
    finally:
        plain.__globals__.update({name: kept[name] for name in names})
    found = cycles(flows, 6)
    assert count == len(found) > 0
    assert np.array_equal(parties, found.parties)
    assert np.array_equal(ends, found.ends)
    assert np.array_equal(least, found.bottleneck_usd)
    assert np.array_equal(summed, found.sum_usd)


# ---------------------------------------------------------------------------------------------------------- peers


def turned(parties):
    """A circle with its lowest number first."""
    at = parties.index(min(parties))
    return tuple(parties[at:] + parties[:at])


@pytest.mark.peers
@pytest.mark.parametrize(("parties", "payments", "most"), [(12, 60, None), (60, 250, 6), (400, 1200, 6), (30, 300, 4)])
def test_networkx_finds_the_same_circles(parties, payments, most):
    networkx = pytest.importorskip("networkx")
    flows = random_flows(parties, payments, seed=parties)
    graph = networkx.DiGraph(list(zip(flows.payer.tolist(), flows.payee.tolist(), strict=True)))
    found = [one.parties for one in cycles(flows, most)]
    assert sorted(found) == sorted(turned(one) for one in networkx.simple_cycles(graph, length_bound=most))


@pytest.mark.peers
@pytest.mark.parametrize(("parties", "payments", "most"), [(12, 60, 12), (60, 300, 6), (2000, 6000, 6)])
def test_igraph_finds_no_circle_that_is_not_found_here(parties, payments, most):
    igraph = pytest.importorskip("igraph")
    flows = random_flows(parties, payments, seed=parties)
    edges = list(zip(flows.payer.tolist(), flows.payee.tolist(), strict=True))
    graph = igraph.Graph(n=parties, edges=edges, directed=True)
    theirs = {turned(list(one)) for one in graph.simple_cycles(max=most, output="vpath")}
    ours = {one.parties for one in cycles(flows, most)}
    assert theirs <= ours
    # igraph 1.0.0 misses one circle of two in the largest case, which networkx finds: what it lacks must be circles.
    assert len(ours - theirs) <= 1
    known = set(edges)
    assert all(pair in known for one in ours - theirs for pair in pairwise((*one, one[0])))


@pytest.mark.parametrize("most", [2.0, 2.5, "2", None])
def test_the_longest_length_is_a_whole_number(most):
    pair = [[0, 1], [1, 0]]
    if most is None:
        assert len(cycles(pair, most)) == 1
        return
    with pytest.raises(ValueError, match="max_length must be a whole number"):
        cycles(pair, most)


def test_circles_are_read_like_lists():
    found = cycles([[0, 1, 1], [1, 0, 0], [1, 1, 0]])
    assert {tuple(circle) for circle in found} == {(0, 1), (0, 2), (0, 2, 1)}
    assert [len(circle) for circle in found[:2]] == [len(found[0]), len(found[1])]
    assert found[1:] == list(found)[1:]
    assert len(cycles([])) == 0
    assert len(cycles([[0, 1], [1, 0]], True)) == 0
