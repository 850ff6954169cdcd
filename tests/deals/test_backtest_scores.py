"""AUC with its interval and paired differences: by hand, published, properties, peers."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigawatt.deals.backtest.scores import Z, area, auc, bootstrap, difference, pairs, standard_error

# Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747: ratings 1 to 5 of 58 normal and 51 abnormal images.
NORMAL, ABNORMAL = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)


def ratings():
    levels = np.arange(1, 6)
    scores = np.concatenate([np.repeat(levels, NORMAL), np.repeat(levels, ABNORMAL)])
    return scores.astype(float), np.repeat([False, True], [58, 51])


samples = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5), st.booleans()), min_size=4, max_size=25).filter(
    lambda rows: 2 <= sum(row[2] for row in rows) <= len(rows) - 2
)


def split(rows):
    first, second, failed = zip(*rows, strict=True)
    return np.array(first, float), np.array(second, float), np.array(failed)


def test_ties_count_half():
    # Pairs of (3, 2) against (2, 1): 1, 1, 1/2, 1.
    assert auc([3, 2, 2, 1], [True, True, False, False]).value == 3.5 / 4
    assert auc([0, 0, 0], [True, False, False]).value == 0.5


def test_the_published_ratings_of_images_have_the_published_area_and_error():
    scores, failed = ratings()
    assert round(auc(scores, failed).value, 3) == 0.893
    assert standard_error(scores, failed) == pytest.approx(0.032, abs=0.002)


def test_the_interval_solves_its_equation():
    # Newcombe's method 5: bounds are where (area - value)^2 = z^2 variance(area).
    scores, failed = ratings()
    found = auc(scores, failed)
    for bound in (found.low, found.high):
        q1, q2 = bound / (2 - bound), 2 * bound**2 / (1 + bound)
        star = (51 + 58) / 2 - 1
        variance = (bound * (1 - bound) + star * (q1 - bound**2 + q2 - bound**2)) / (51 * 58)
        assert abs(bound - found.value) == pytest.approx(Z * sqrt(variance), rel=1e-6)


def test_a_ranking_without_a_fault_has_an_interval_all_the_same():
    found = auc([4, 3, 2, 1], [True, True, False, False])
    assert found.value == found.high == 1.0 and 0.2 < found.low < 0.9


@given(samples)
def test_turning_a_ranking_over_turns_its_area_and_interval_over(rows):
    scores, _, failed = split(rows)
    found, turned = auc(scores, failed), auc(-scores, failed)
    assert found.value + turned.value == pytest.approx(1.0)
    assert found.low + turned.high == pytest.approx(1.0, abs=1e-9)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0


@given(samples)
def test_only_the_order_counts(rows):
    scores, _, failed = split(rows)
    assert auc(np.exp(scores) + 3, failed) == auc(scores, failed)


@given(samples)
def test_a_difference_is_that_of_the_areas_and_changes_sign_with_its_sides(rows):
    first, second, failed = split(rows)
    found, back = difference(first, second, failed), difference(second, first, failed)
    assert found.value == pytest.approx(auc(first, failed).value - auc(second, failed).value)
    assert (found.low, found.high) == pytest.approx((-back.high, -back.low))
    same = difference(first, first, failed)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0) and not same.is_told_apart


def test_the_interval_of_a_difference_from_a_constant_is_that_of_the_area():
    # A constant ranking has no spread of its own.
    scores, failed = ratings()
    found = difference(scores, np.zeros(109), failed)
    assert found.high - found.value == pytest.approx(Z * standard_error(scores, failed))


@given(samples)
def test_areas_of_many_rows_are_those_of_each(rows):
    first, second, failed = split(rows)
    both = area(np.array([first, second]), failed)
    assert both == pytest.approx([auc(first, failed).value, auc(second, failed).value])


def test_the_bootstrap_agrees_with_the_published_error():
    scores, failed = ratings()
    drawn = bootstrap(np.repeat(pairs(scores, failed)[np.newaxis], 2000, axis=0))
    assert drawn.mean() == pytest.approx(0.893, abs=0.004)
    assert drawn.std() == pytest.approx(0.032, abs=0.003)


def test_what_has_no_area_is_refused():
    with pytest.raises(ValueError, match="2 of 2 failed"):
        auc([1, 2], [True, True])
    with pytest.raises(ValueError, match="scores of 3 firms, outcomes of 2"):
        auc([1, 2, 3], [True, False])
    with pytest.raises(ValueError, match="no number"):
        auc([1, float("nan")], [True, False])


@pytest.mark.peers
@given(samples)
def test_the_area_is_that_of_mann_and_whitney_in_scipy(rows):
    stats = pytest.importorskip("scipy.stats")
    scores, _, failed = split(rows)
    count = stats.mannwhitneyu(scores[failed], scores[~failed]).statistic
    assert auc(scores, failed).value == pytest.approx(count / (failed.sum() * (~failed).sum()))
