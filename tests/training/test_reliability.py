"""Failures and checkpoints: by hand, that the best interval is best, and against a simulation."""

from math import inf

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis.strategies import floats

from gigawatt.training import Reliability, checkpoint_interval_hours, goodput


def test_the_best_interval_by_hand():
    # Failures every 8 h, checkpoints of 36 s: Young sqrt(2 x 0.01 x 8) = 0.4 h; Daly 0.4 (1 + 0.025 / 3 + ...) - 0.01.
    assert checkpoint_interval_hours(8, 0.01) == pytest.approx(0.4 * (1 + 0.025 / 3 + 0.000625 / 9) - 0.01)


def test_goodput_is_about_young_s_first_order():
    # Lost 0.05 to checkpoints and lost steps, 0.1 / 8 to restarts; the exact form is a little kinder.
    assert goodput(8, 0.01, 0.1) == pytest.approx(1 - 0.05 - 0.0125, abs=0.005)


def test_sixteen_thousand_chips_lose_what_meta_reports():
    # Llama 3.1 405B: 419 unexpected interruptions in 54 days on 16,384 chips, above 90 % effective training time.
    rates = Reliability.from_catalog()
    assert 54 * 24 / rates.failure_hours(16_384) == pytest.approx(419, rel=0.01)
    assert 0.87 < rates.goodput(16_384) < 0.95


@given(mtbf=floats(0.5, 1e4), checkpoint=floats(1e-3, 0.2), restart=floats(0, 1), factor=floats(0.05, 20))
def test_no_other_interval_loses_less(mtbf, checkpoint, restart, factor):
    assume(checkpoint < mtbf / 10)
    best = checkpoint_interval_hours(mtbf, checkpoint)
    # Daly's interval is a series: within 0.1 % of the true optimum here.
    assert goodput(mtbf, checkpoint, restart, best * factor) <= goodput(mtbf, checkpoint, restart) * 1.001


@given(mtbf=floats(1, 1e4), factor=floats(1.01, 10))
def test_more_failures_leave_less(mtbf, factor):
    assert goodput(mtbf / factor, 0.02, 0.3) < goodput(mtbf, 0.02, 0.3)


@given(mtbf=floats(0.01, 1e5), checkpoint=floats(0, 1), restart=floats(0, 5))
def test_goodput_is_a_share(mtbf, checkpoint, restart):
    assert 0 <= goodput(mtbf, checkpoint, restart) <= 1


def test_a_simulated_run_loses_what_the_formula_says():
    rng = np.random.default_rng(7)
    mtbf, checkpoint, restart, interval = 5.0, 0.02, 0.3, 0.45
    wall, useful, fails_at = 0.0, 0.0, rng.exponential(mtbf)
    while useful < 20_000:
        end = wall + interval + checkpoint
        if end <= fails_at:
            wall, useful = end, useful + interval
            continue
        wall = fails_at + restart
        fails_at += rng.exponential(mtbf)
        while fails_at < wall:  # fails again while it restarts
            wall = fails_at + restart
            fails_at += rng.exponential(mtbf)
    assert useful / wall == pytest.approx(goodput(mtbf, checkpoint, restart, interval), rel=0.01)


def test_hopeless_clusters_and_wrong_rates():
    assert goodput(0.001, 1.0, 0.1, 1.0) == 0.0
    with pytest.raises(ValueError, match="restart_hours -1 is below 0"):
        Reliability(chip_hours_per_failure=1, checkpoint_hours=0, restart_hours=-1)
    assert goodput(inf, 0.0, 0.3) == 1.0


def test_an_interval_of_nothing_is_refused_and_not_taken_for_the_best():
    with pytest.raises(ValueError, match="interval_hours 0"):
        goodput(10.0, 0.1, 0.2, interval_hours=0)
