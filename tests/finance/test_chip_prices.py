"""Rents of chips: closed forms, draws by number, rents that were seen, and signs."""

from dataclasses import replace
from math import exp, inf, log, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers

from gigawatt import catalog
from gigawatt.compiled import drawn, year_key
from gigawatt.finance.draws import draw_keys, in_range, two_normals, uniforms
from gigawatt.finance.prices import PriceModel, price_model, price_paths, price_quantiles, uncertain_price_model
from gigawatt.finance.prices_check import moves

DRAWS = 20_000
PLAIN = PriceModel(
    entry_usd_per_chip_h=2.0, technology_decline_per_year=0.2, technology_width_per_year=0.1, reversion_per_year=1.5,
    width_per_year=0.4, scarcity_level=0.3, glut_level=0.3,
)  # fmt: skip
H100 = price_model()


@given(seed=integers(0, 2**40), draw=integers(0, 10**9), period=integers(0, 500), factor=integers(0, 9))
def test_numbers_are_those_of_the_compiled_counter(seed, draw, period, factor):
    with np.errstate(over="ignore"):  # words wrap around, also where kernels run uncompiled
        key = np.uint64(year_key(seed, draw))
        number = drawn(key, period, factor)
    assert draw_keys(seed, draw, 1)[0] == key
    assert uniforms(draw_keys(seed, draw, 1), period, factor)[0] == number


def test_normals_are_normal_and_do_not_go_together():
    x, y = two_normals(draw_keys(1, 0, DRAWS), period=3, factor=1)
    later, _ = two_normals(draw_keys(1, 0, DRAWS), period=4, factor=1)
    # 4 standard errors of a mean, a standard deviation and a correlation.
    assert abs(x.mean()) < 4 / sqrt(DRAWS) and abs(x.std() - 1) < 4 / sqrt(2 * DRAWS)
    assert abs(np.corrcoef(x, y)[0, 1]) < 4 / sqrt(DRAWS) and abs(np.corrcoef(x, later)[0, 1]) < 4 / sqrt(DRAWS)


def test_any_draw_comes_again_by_its_number():
    whole = price_paths(H100, 2.35, 24, 300, seed=7)
    assert (price_paths(H100, 2.35, 24, 100, seed=7, first=200) == whole[:, 200:]).all()
    assert (price_paths(H100, 2.35, 12, 300, seed=7) == whole[:12]).all()
    assert (price_paths(H100, 2.35, 24, 300, seed=8) != whole).any()


@pytest.mark.parametrize("months", [1.0, 6.0])
def test_median_and_width_are_those_of_the_closed_form(months):
    # Schwartz and Smith 2000, equations 2 to 4, for one level: log rent at t is normal with
    # mean log entry - decline t + level + (short - level) exp(-k t), variance s^2 (1 - exp(-2 k t)) / 2k + w^2 t.
    paths = price_paths(PLAIN, 3.0, round(24 / months), DRAWS, months=months)
    short, decay = log(3.0 / 2.0), exp(-1.5 * 2)
    mean = log(2.0) - 0.2 * 2 + 0.3 + (short - 0.3) * decay
    width = sqrt(0.4**2 * (1 - decay**2) / 3 + 0.1**2 * 2)
    logs = np.log(paths[-1])
    assert logs.mean() == pytest.approx(mean, abs=4 * width / sqrt(DRAWS))
    assert logs.std() == pytest.approx(width, rel=4 / sqrt(2 * DRAWS))


def test_without_reversion_the_rent_less_its_drift_is_a_martingale():
    # E[P(t)] = P(0) exp((-decline + (s^2 + w^2) / 2) t); standard error of a lognormal mean.
    free = replace(PLAIN, reversion_per_year=0.0)
    last = price_paths(free, 3.0, 24, DRAWS)[-1]
    variance = (0.4**2 + 0.1**2) * 2
    expected = 3.0 * exp(-0.2 * 2 + variance / 2)
    assert last.mean() == pytest.approx(expected, abs=4 * expected * sqrt((exp(variance) - 1) / DRAWS))


def test_times_of_scarcity_and_glut_take_turns_as_often_as_they_should():
    # Levels far apart and quick reversion: the rent tells the regime. Long run: 0.8 / (0.6 + 0.8).
    model = replace(
        H100, scarcity_level=5.0, glut_level=-5.0, reversion_per_year=200.0, technology_decline_per_year=0.0,
        technology_width_per_year=0.0, running_usd_per_chip_h=0.0, width_per_year=0.1,
    )  # fmt: skip
    scarce = price_paths(model, model.entry_usd_per_chip_h * exp(5.0), 240, 2000) > model.entry_usd_per_chip_h
    assert model.scarcity_share == pytest.approx(0.8 / 1.4)
    assert scarce[-1].mean() == pytest.approx(0.8 / 1.4, abs=4 * 0.5 / sqrt(2000))
    assert scarce[0].mean() > 0.9  # a rent that high is a sign of scarcity, which lasts 20 months


def test_the_one_move_that_no_parameter_was_set_on_is_no_surprise():
    # Contracts of a year, March to June 2026: 2.35 to 2.65. One move cannot confirm a model; it could have refuted it.
    (held,) = [move for move in moves() if not move.fitted]
    assert (held.start_usd_per_chip_h, held.end_usd_per_chip_h, held.months) == (2.35, 2.65, 3)
    assert 0.05 < held.below < 0.95


def test_moves_that_the_parameters_were_set_on_lie_where_they_were_put():
    # Pinned: levels, reversion and times of the regimes come from these rents, so this holds the fit, not the model.
    below = [move.below for move in moves() if move.fitted]
    assert below == pytest.approx([0.19, 0.59, 0.21, 0.88], abs=0.015)


def test_the_page_shows_what_the_model_says():
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "chip-prices.md").read_text(encoding="utf-8")
    for one in moves():
        came, low, high = one.end_usd_per_chip_h, one.p10_usd_per_chip_h, one.p90_usd_per_chip_h
        assert f"| {came:.2f} | {low:.2f} to {high:.2f} | {100 * one.below:.0f} % |" in page
    quantiles = price_quantiles(price_paths(H100, 2.35, 60, DRAWS))[:, [4, 11, 23, 35, 59]]
    doubted = price_paths(uncertain_price_model(draws=DRAWS), 2.35, 60, DRAWS)
    quantiles = [*quantiles, *price_quantiles(doubted)[:, [4, 11, 23, 35, 59]]]
    for name, row in zip(("P10", "P50", "P90") * 2, quantiles, strict=True):
        assert f"| {name} | " + " | ".join(f"{value:.2f}" for value in row) in page


def test_doubt_about_the_parameters_widens_the_fan_and_keeps_its_middle():
    fixed, doubted = (
        price_quantiles(price_paths(model, 2.35, 60, DRAWS)) for model in (H100, uncertain_price_model(draws=DRAWS))
    )
    assert (doubted[0] < fixed[0]).all() and (doubted[2] > fixed[2]).all()
    assert doubted[1] == pytest.approx(fixed[1], rel=0.15)
    assert all(0.05 < move.below < 0.95 for move in moves(uncertain=True) if not move.fitted)


def test_parameters_are_drawn_within_their_ranges_and_by_number():
    model = uncertain_price_model(draws=DRAWS, seed=3)
    for name in ("entry_usd_per_chip_h", "glut_level", "width_per_year"):
        fact = catalog.fact("finance", f"price.{name}", "value")
        inside = (getattr(model, name) > fact.low) & (getattr(model, name) < fact.high)
        assert inside.mean() == pytest.approx(0.9, abs=4 * 0.3 / sqrt(DRAWS))
    later = uncertain_price_model(draws=5, seed=3, first=100)
    assert (later.glut_level == model.glut_level[100:105]).all()
    whole = price_paths(model, 2.35, 6, DRAWS, seed=3)
    assert (price_paths(later, 2.35, 6, 5, seed=3, first=100) == whole[:, 100:105]).all()


def test_rents_fall_in_the_end_but_not_below_the_cost_of_running():
    paths = price_paths(H100, 2.35, 240, 2000)
    low, middle, high = price_quantiles(paths)
    assert (low <= middle).all() and (middle <= high).all()
    assert middle[-1] < middle[59] < 2.35
    assert paths.min() == H100.running_usd_per_chip_h


def test_faster_chips_earn_more_in_proportion():
    assert price_model("b200").entry_usd_per_chip_h / H100.entry_usd_per_chip_h == pytest.approx(2250 / 989.4)


@settings(max_examples=25)
@given(start=floats(0.5, 10), more=floats(1.01, 3))
def test_a_higher_rent_today_is_never_lower_tomorrow(start, more):
    low, high = (price_paths(PLAIN, usd, 12, 50, seed=3) for usd in (start, start * more))
    assert (high >= low).all()


@settings(max_examples=25)
@given(decline=floats(0, 0.5), more=floats(0, 0.5))
def test_faster_technology_never_raises_rents(decline, more):
    slow, fast = (
        price_paths(replace(H100, technology_decline_per_year=each), 2.35, 24, 50) for each in (decline, decline + more)
    )
    assert (fast <= slow * (1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"start_usd_per_chip_h": 0.0}, "must be above 0"),
        ({"months": 0.0}, "must be above 0"),
        ({"draws": 0}, "draws 0 at least 1"),
        ({"start_usd_per_chip_h": nan}, "finite"),
        ({"start_usd_per_chip_h": inf}, "finite"),
        ({"months": nan}, "finite"),
        ({"periods": -1}, "0 or more"),
    ],
)
def test_paths_of_nothing_are_refused(wrong, says):
    terms = {"start_usd_per_chip_h": 2.0, "periods": 2, "draws": 2, "months": 1.0} | wrong
    with pytest.raises(ValueError, match=says):
        price_paths(PLAIN, **terms)
    with pytest.raises(ValueError, match="width_per_year must be 0 or more"):
        replace(PLAIN, width_per_year=-0.1)


@pytest.mark.parametrize("name", ["entry_usd_per_chip_h", "scarcity_level", "technology_decline_per_year"])
@pytest.mark.parametrize("value", [nan, inf, np.array([1.0, nan])])
def test_a_model_of_numbers_that_are_none_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be .* finite"):
        replace(PLAIN, **{name: value})


def test_nothing_drawn_has_no_quantiles_and_no_model():
    with pytest.raises(ValueError, match="at least one draw"):
        price_quantiles(np.empty((3, 0)))
    with pytest.raises(ValueError, match="draws 0 must be at least 1"):
        uncertain_price_model(draws=0)


def test_the_ends_of_a_range_are_the_quantiles_of_five_and_ninety_five_per_cent():
    z = np.array([-1.6448536269514722, 0.0, 1.6448536269514722])
    assert in_range(z, 2.0, 1.0, 8.0) == pytest.approx([1, 2, 8])
    assert in_range(z / 2, 2.0, 1.0, 8.0) == pytest.approx([sqrt(2), 2, 4])  # log-normal: half-way in logarithms
    assert in_range(z / 2, 2.0, -1.0, 8.0) == pytest.approx([0.5, 2, 5])  # normal where it reaches below 0
