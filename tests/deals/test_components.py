"""Strongly connected components: who can be on a circle with whom, by brute force."""

import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import integers, sampled_from

from gigawatt.deals.components import components
from gigawatt.deals.flows import as_flows

networks = integers(1, 7).flatmap(lambda n: arrays(np.float64, (n, n), elements=sampled_from([0.0, 0.0, 0.0, 1.0])))


@given(flows=networks)
def test_two_are_in_one_component_if_each_reaches_the_other(flows):
    reaches = np.eye(len(flows)) + flows > 0
    for _ in range(len(flows)):
        reaches = (reaches.astype(int) @ reaches.astype(int)) > 0
    listed = as_flows(flows)
    part = components(listed.starts(), listed.payee)
    assert ((part[:, None] == part) == (reaches & reaches.T)).all()


def test_a_long_circle_and_a_long_chain_need_no_recursion():
    n = 50_000
    onward = np.roll(np.arange(n), -1)
    assert set(components(np.arange(n + 1), onward)) == {0}
    starts = np.minimum(np.arange(n + 1), n - 1)  # the last pays nobody
    assert len(set(components(starts, onward[:-1]))) == n
