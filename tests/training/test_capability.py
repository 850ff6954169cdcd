"""Exam error by compute, rates that need a task, and attempts at the time of the answer."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from gigawatt.errors import GigawattError
from gigawatt.training import answer_flop, answer_usd, coverage, exam_error, hallucination_rate, training_flop

KNOWN = Path(__file__).resolve().parents[1] / "known" / "training_capability.csv"


def test_four_in_five_published_models_lie_in_the_band():
    with KNOWN.open() as lines:
        rows = list(csv.DictReader(lines))
    bands = [exam_error(training_flop(float(row["params_active"]), float(row["tokens"]))) for row in rows]
    inside = [band.low <= float(row["mmlu_error"]) <= band.high for band, row in zip(bands, rows, strict=True)]
    assert sum(inside) / len(inside) >= 0.8


@given(log_flop=floats(15, 30), more=floats(0, 5))
def test_more_compute_never_errs_more_and_stays_between_ceiling_and_chance(log_flop, more):
    small, large = exam_error(10**log_flop), exam_error(10 ** (log_flop + more))
    assert large.value <= small.value + 1e-12
    assert 0.08 - 1e-9 <= small.low <= small.value <= small.high <= 0.75 + 1e-9


def test_there_is_no_rate_without_a_task():
    with pytest.raises(GigawattError, match="no rate without a task"):
        hallucination_rate("everything")
    grounded, closed = hallucination_rate("grounded-summary"), hallucination_rate("closed-book-facts")
    assert grounded.high < closed.low


def test_an_answer_by_hand():
    # 37 billion active x 2 x 20,000 tokens x 4 attempts; at 0.1 of 989 TFLOP/s and 2 USD an hour.
    flop = answer_flop(37e9, 20_000, samples=4)
    assert flop == pytest.approx(5.92e15)
    assert answer_usd(flop, 2.0, 989e12, 0.1) == pytest.approx(5.92e15 / 98.9e12 / 3600 * 2)


def test_ten_attempts_at_one_in_ten():
    assert coverage(0.1, 10) == pytest.approx(1 - 0.9**10)
    # Beta(1, 9): the chance that k attempts all fail is 9 / (9 + k), which falls as a power of k.
    assert coverage(0.1, 10, heterogeneity=0.1) == pytest.approx(1 - 9 / 19)


@given(p=floats(0.001, 0.999), k=floats(1, 1e4), more=floats(1, 100), spread=floats(0, 5))
def test_more_attempts_never_hurt_and_unlike_problems_gain_less(p, k, more, spread):
    assert coverage(p, k, spread) <= coverage(p, k * more, spread) + 1e-9
    assert coverage(p, k, spread) <= coverage(p, k) + 1e-9
    assert coverage(p, 1, spread) == pytest.approx(p, rel=1e-6)
