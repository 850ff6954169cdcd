"""Finn's cycling index: published and hand-made answers; a share for any network that loses money to the outside."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, permutations

from gigawatt.deals import circulation, cycled, finn_cycling_index

REEF = json.loads((Path(__file__).resolve().parents[1] / "known" / "oyster_reef.json").read_text())
payments = arrays(np.float64, (4, 4), elements=floats(0, 1e6).map(lambda usd: usd if usd > 1e-3 else 0.0))
outsides = arrays(np.float64, 4, elements=floats(1, 1e6))


def with_enough(flows, outside):
    """Inputs large enough that nobody pays out more than it gets."""
    return np.maximum(flows.sum(axis=1) - flows.sum(axis=0), 0) + outside


def test_the_oyster_reef_is_the_published_one():
    # enaR's article flow_simple prints FCI 0.1101686, TST 83.5833, APL 2.015512; the long digits are R's own.
    found = cycled(REEF["flows"], REEF["inputs"])
    assert finn_cycling_index(REEF["flows"], REEF["inputs"]) == found.index
    assert found.index == pytest.approx(REEF["cycling_index"], abs=1e-7)
    assert found.index == pytest.approx(0.11016860881324611, abs=1e-12)
    assert found.total_throughflow_usd == pytest.approx(83.5833, abs=1e-9)
    assert found.mean_path_length == pytest.approx(2.0155124186158666, abs=1e-12)
    assert found.cycled_usd == pytest.approx(9.208255881020193, abs=1e-9)
    assert found.inputs_usd == 41.47


def test_a_circle_of_two_by_hand():
    # Input 10 to a; a pays b 20, b pays a 10 and 10 outside: T = (20, 20), G = [[0, 1], [.5, 0]],
    # n_jj = 2 for both, so each cycles half: index 0.5, and a dollar goes through 4 parties.
    found = cycled([[0, 20], [10, 0]], [10, 0])
    assert found.index == pytest.approx(0.5)
    assert found.mean_path_length == pytest.approx(4)


def test_what_a_party_pays_itself_is_cycled():
    # 10 in, 10 to oneself, 10 out: T = 20, half of it has been there before.
    assert finn_cycling_index([[10]], [10]) == pytest.approx(0.5)


def test_no_circle_no_cycling():
    assert finn_cycling_index([[0, 5], [0, 0]], [5, 0]) == 0
    assert finn_cycling_index(np.zeros((2, 2)), [0, 0]) == 0


@pytest.mark.parametrize(("flows", "inputs"), [([[0, 5], [5, 0]], [0, 0]), ([[0, 9], [5, 0]], [0, 0])])
def test_money_that_goes_round_for_ever_has_no_index(flows, inputs):
    with pytest.raises(ValueError, match="a circle gets nothing from outside, or less than"):
        finn_cycling_index(flows, inputs)


@pytest.mark.parametrize("inputs", [[1], [1, -1], [1, np.nan]])
def test_inputs_without_meaning_are_refused(inputs):
    with pytest.raises(ValueError, match="inputs must"):
        finn_cycling_index([[0, 5], [0, 0]], inputs)


@given(flows=payments, outside=outsides)
def test_the_index_is_a_share_and_zero_without_circles(flows, outside):
    assert 0 <= finn_cycling_index(flows, with_enough(flows, outside)) < 1


@given(flows=payments, outside=outsides, order=permutations(range(4)))
def test_without_circles_it_is_zero_to_the_last_bit_whatever_comes_in(flows, outside, order):
    above = np.triu(flows, 1)[np.ix_(order, order)]
    assert finn_cycling_index(above, outside) == 0.0
    assert finn_cycling_index(above, np.zeros(4)) == 0.0
    assert cycled(above, with_enough(above, outside)).cycled_usd == 0.0


@given(flows=payments, outside=outsides)
def test_there_is_cycling_where_there_is_circulation(flows, outside):
    assert (finn_cycling_index(flows, with_enough(flows, outside)) > 0) == (circulation(flows).total_usd > 0)


@given(flows=payments, outside=outsides, order=permutations(range(4)))
def test_neither_order_nor_currency_matters(flows, outside, order):
    inputs = with_enough(flows, outside)
    index = finn_cycling_index(flows, inputs)
    assert finn_cycling_index(flows[np.ix_(order, order)], inputs[order]) == pytest.approx(index, abs=1e-9)
    assert finn_cycling_index(flows * 1024, inputs * 1024) == pytest.approx(index, abs=1e-12)


def test_one_number_enters_at_every_party():
    circle = [[0, 1], [1, 0]]
    assert finn_cycling_index(circle, 1) == finn_cycling_index(circle, [1, 1])
    assert finn_cycling_index([], []) == 0


def test_a_circle_fed_by_less_than_can_be_told_is_said_to_be_so():
    with pytest.raises(ValueError, match="less than float64 can tell"):
        finn_cycling_index([[0, 1e12], [1e12 - 1e-3, 0]], [1e-3, 0])
