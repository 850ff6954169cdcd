"""Scaling laws: what the papers print, and that the closed form is the optimum."""

import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.training import (
    CHINCHILLA,
    REPLICATED,
    compute_optimal,
    doublings,
    effective_flop,
    loss,
    tokens_worth,
    training_flop,
)

LAWS = sampled_from([REPLICATED, CHINCHILLA])


def test_loss_by_hand():
    # 1.69 + 406.4 / 1e9^0.34 + 410.7 / 1e10^0.28, with 1e9^0.34 = 10^3.06 and 1e10^0.28 = 10^2.8.
    assert loss(1e9, 1e10, CHINCHILLA) == pytest.approx(1.69 + 406.4 / 10**3.06 + 410.7 / 10**2.8)


def test_the_best_split_at_chinchillas_budget_is_about_twenty_tokens_a_parameter():
    # Besiroglu et al. 2024: consistent with 20 tokens per parameter at 5.76e23 FLOP (their figure 5 spans 15 to 30).
    best = compute_optimal(5.76e23)
    assert 15 < best.tokens / best.params < 30


def test_the_best_size_grows_with_compute_to_the_power_0_513():
    # Besiroglu et al. 2024 print 0.513 (0.476 to 0.555).
    assert compute_optimal(1e24).params / compute_optimal(1e23).params == pytest.approx(10**0.513, rel=0.003)


@given(log_flop=floats(18, 27), shift=floats(0.2, 5), law=LAWS)
def test_no_other_split_has_less_loss(log_flop, shift, law):
    best = compute_optimal(10**log_flop, law)
    assert best.flop == pytest.approx(10**log_flop)
    other = loss(best.params * shift, best.tokens / shift, law)
    assert other >= loss(best.params, best.tokens, law) - 1e-12


@given(params=floats(1e7, 1e13), tokens=floats(1e8, 1e15), factor=floats(1, 100), law=LAWS)
def test_more_of_either_never_raises_loss(params, tokens, factor, law):
    assert loss(params * factor, tokens, law) <= loss(params, tokens, law)
    assert loss(params, tokens * factor, law) <= loss(params, tokens, law)


def test_four_passes_are_worth_almost_four_times_the_tokens():
    # Muennighoff et al. 2023: up to 4 epochs nearly as good as fresh data. 1 + 15.39 (1 - e^(-3/15.39)).
    assert tokens_worth(1e12, 4) == pytest.approx(3.725e12, rel=1e-3)


@given(passes=floats(0, 1e3))
def test_repeats_are_never_worth_more_than_fresh_tokens(passes):
    assert tokens_worth(1.0, passes) <= passes + 1e-9
    assert tokens_worth(1.0, passes) <= 1 + 15.387756


def test_two_years_at_eight_months_are_three_doublings():
    assert effective_flop(1e25, 2, 8) == pytest.approx(8e25)
    assert doublings(8e25, 1e25) == pytest.approx(3)


def test_training_takes_six_flop_a_parameter_and_token():
    assert training_flop(70e9, 2e12) == 8.4e23
