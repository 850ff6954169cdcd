"""Input-output analysis: a case by hand, and that output covers use and demand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats

from gigawatt.deals import leontief


def test_an_economy_of_three_sectors():
    # Case LEONTIEF-3: inverse checked by hand, (1 - A) times each column is a unit vector.
    found = leontief([[0.2, 0.2, 0.2], [0.4, 0.1, 0.1], [0.3, 0.1, 0.1]], [10, 15, 20])
    assert found.inverse == pytest.approx(np.array([[1.6, 0.4, 0.4], [0.78, 1.32, 0.32], [0.62, 0.28, 1.28]]), abs=1e-9)
    assert found.output_usd == pytest.approx([30, 34, 36])
    assert found.gross_output is found.output_usd
    assert found.multipliers == pytest.approx([3.0, 2.0, 2.0])


@given(
    raw=arrays(np.float64, (4, 4), elements=floats(0, 1)),
    demand=arrays(np.float64, 4, elements=floats(0, 1e6)),
    own=floats(0.05, 0.9),
)
def test_output_is_what_sectors_use_and_what_is_left_is_demand(raw, demand, own):
    uses = raw / np.maximum(raw.sum(axis=0), 1e-9) * (1 - own)
    found = leontief(uses, demand)
    assert found.output_usd - uses @ found.output_usd == pytest.approx(demand, abs=1e-6)
    assert (found.output_usd >= demand - 1e-6).all()


@pytest.mark.parametrize("uses", [[[1.0]], [[0.5, 0.6], [0.6, 0.5]], [[0, 2], [1, 0]]])
def test_an_economy_that_uses_up_what_it_makes_meets_no_demand(uses):
    with pytest.raises(ValueError, match="no output meets"):
        leontief(uses, np.ones(len(uses)))


@pytest.mark.parametrize(
    ("uses", "demand"), [([[0.1, 0.2]], [1]), ([[0.1]], [1, 2]), ([[-0.1]], [1]), ([[0.1]], [np.inf])]
)
def test_what_has_no_meaning_is_refused(uses, demand):
    with pytest.raises(ValueError, match="coefficients must|demand must"):
        leontief(uses, demand)


def test_one_number_is_the_demand_for_everything():
    assert (
        leontief([[0, 0.5], [0, 0]], 10).output_usd.tolist()
        == leontief([[0, 0.5], [0, 0]], [10, 10]).output_usd.tolist()
    )
    assert leontief([], []).output_usd.tolist() == []
