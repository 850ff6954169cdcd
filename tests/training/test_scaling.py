"""Scaling laws: what the papers print, and that the best splits are the best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.errors import GigawattError
from gigawatt.training import (
    compute_optimal,
    data_limited,
    doublings,
    effective_flop,
    law,
    loss,
    sampled_laws,
    serving_optimal,
    tokens_worth,
    training_flop,
)
from gigawatt.training.scaling import FLOP_PER_PARAM_SERVED, LAWS

NAMES = sampled_from(list(LAWS))
DRAWN = sampled_laws(2000, np.random.default_rng(3))


def test_loss_by_hand():
    # 1.69 + 406.4 / 1e9^0.34 + 410.7 / 1e10^0.28, with 1e9^0.34 = 10^3.06 and 1e10^0.28 = 10^2.8.
    assert loss(1e9, 1e10, law("chinchilla-rounded")) == pytest.approx(1.69 + 406.4 / 10**3.06 + 410.7 / 10**2.8)


def test_the_best_split_at_chinchillas_budget_is_about_twenty_tokens_a_parameter():
    # Besiroglu et al. 2024: consistent with 20 tokens per parameter at 5.76e23 FLOP (their figure 5 spans 15 to 30).
    best = compute_optimal(5.76e23)
    assert 15 < best.tokens / best.params < 30


def test_the_unrounded_law_gives_the_papers_forty_billion_at_its_budget():
    # Hoffmann et al. 2022, approach 3: 40 billion parameters at Gopher's 5.76e23 FLOP.
    assert compute_optimal(5.76e23, law("chinchilla")).params == pytest.approx(40e9, rel=0.03)


def test_the_best_size_grows_with_compute_to_the_power_0_513():
    # Besiroglu et al. 2024 print 0.513 (0.476 to 0.555).
    assert compute_optimal(1e24).params / compute_optimal(1e23).params == pytest.approx(10**0.513, rel=0.003)


def test_drawn_laws_are_as_uncertain_as_printed():
    # Besiroglu et al. 2024: standard error of the exponent of size 0.02; A 285 to 744, B 1042 to 5810 (95 %).
    exponents = [one.tokens_power / (one.tokens_power + one.params_power) for one in DRAWN]
    assert np.std(exponents) == pytest.approx(0.02, abs=0.004)
    assert np.quantile([one.params_scale for one in DRAWN], (0.025, 0.975)) == pytest.approx((285, 744), rel=0.15)
    assert np.quantile([one.tokens_scale for one in DRAWN], (0.025, 0.975)) == pytest.approx((1042, 5810), rel=0.35)


def test_coefficients_drawn_together_spread_the_best_size_far_less_than_drawn_alone():
    rng = np.random.default_rng(0)
    together = [np.log10(compute_optimal(1e22, one).params) for one in DRAWN]
    shuffled = rng.permutation(DRAWN)
    apart = [
        np.log10(compute_optimal(1e22, type(one)(
            floor=one.floor, params_scale=other.params_scale, params_power=one.params_power,
            tokens_scale=one.tokens_scale, tokens_power=one.tokens_power)).params)
        for one, other in zip(DRAWN, shuffled, strict=True)
    ]  # fmt: skip
    assert np.std(apart) > 3 * np.std(together)


@given(log_flop=floats(18, 27), shift=floats(0.2, 5), name=NAMES)
def test_no_other_split_has_less_loss(log_flop, shift, name):
    best = compute_optimal(10**log_flop, law(name))
    assert best.flop == pytest.approx(10**log_flop)
    other = loss(best.params * shift, best.tokens / shift, law(name))
    assert other >= loss(best.params, best.tokens, law(name)) - 1e-12


@given(params=floats(1e7, 1e13), tokens=floats(1e8, 1e15), factor=floats(1, 100), name=NAMES)
def test_more_of_either_never_raises_loss(params, tokens, factor, name):
    assert loss(params * factor, tokens, law(name)) <= loss(params, tokens, law(name))
    assert loss(params, tokens * factor, law(name)) <= loss(params, tokens, law(name))


def test_a_thirteen_billion_model_that_serves_two_trillion_tokens_had_better_be_seven():
    # Sardana et al. 2024, section 2, with the unrounded law: 7B on 2.1 times the data saves 17 %.
    by = law("chinchilla")
    budget = next(flop for flop in np.geomspace(1e22, 1e24, 4000) if compute_optimal(flop, by).params > 13e9)
    best, small = compute_optimal(budget, by), serving_optimal(budget, 2e12, by)

    def lifetime(recipe):
        return recipe.flop + FLOP_PER_PARAM_SERVED * recipe.params * 2e12

    assert small.params == pytest.approx(7e9, rel=0.05)
    assert small.tokens / best.tokens == pytest.approx(2.1, rel=0.05)
    assert 1 - lifetime(small) / lifetime(best) == pytest.approx(0.17, abs=0.015)


@given(log_flop=floats(20, 27), log_served=floats(10, 16), name=NAMES)
def test_models_that_serve_more_are_smaller_and_as_good(log_flop, log_served, name):
    by = law(name)
    best, small = compute_optimal(10**log_flop, by), serving_optimal(10**log_flop, 10**log_served, by)
    assert small.params <= best.params * 1.001
    assert loss(small.params, small.tokens, by) == pytest.approx(loss(best.params, best.tokens, by), rel=1e-6)
    assert serving_optimal(10**log_flop, 10 ** (log_served + 1), by).params <= small.params * 1.001


def test_little_data_calls_for_larger_models_than_much():
    plenty, scarce = data_limited(1e24, 1e14), data_limited(1e24, 1e11)
    assert plenty.params == pytest.approx(compute_optimal(1e24).params, rel=0.01)
    assert scarce.params > 1.3 * plenty.params
    assert scarce.flop == pytest.approx(1e24)


def test_four_passes_are_worth_almost_four_times_the_tokens():
    # Muennighoff et al. 2023: up to 4 epochs nearly as good as fresh data. 1 + 15.39 (1 - e^(-3/15.39)).
    assert tokens_worth(1e12, 4) == pytest.approx(3.725e12, rel=1e-3)


@given(passes=floats(0, 1e3))
def test_repeats_are_never_worth_more_than_fresh_tokens(passes):
    assert tokens_worth(1.0, passes) <= passes + 1e-9
    assert tokens_worth(1.0, passes) <= 1 + 15.3878


def test_two_years_at_eight_months_are_three_doublings():
    assert effective_flop(1e25, 2) == pytest.approx(8e25)
    assert effective_flop(1e25, 2, doubling_months=24) == pytest.approx(2e25)
    with pytest.raises(ValueError, match="doubling_months 0"):
        effective_flop(1e25, 2, doubling_months=0)
    assert doublings(8e25, 1e25) == pytest.approx(3)


def test_training_takes_six_flop_a_parameter_and_token():
    assert training_flop(70e9, 2e12) == 8.4e23


def test_an_unknown_law_is_told_with_the_nearest():
    with pytest.raises(GigawattError, match="did you mean 'chinchilla'"):
        law("chinchila")
