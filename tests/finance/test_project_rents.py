"""Market prices of a project as paths."""

import numpy as np
from pytest import approx

from gigawatt.finance.project.inputs import Merchant
from gigawatt.finance.project.rents import LINE, TABLE, market_prices
from gigawatt.finance.project.result import evaluate
from tests.finance.project_cases import small

PROJECT = small(periods_per_year=4, contracts=(), merchant=Merchant(usd_per_chip_h=(3.0, 2.5, 2.0), utilisation=0.8))


def test_the_middle_of_the_paths_is_the_price_of_the_project():
    base = evaluate(PROJECT)
    paths = market_prices(base, {}, draws=20_000, seed=1)[LINE]
    assert paths.shape == (20_000, base.model.periods)
    # The median of 20,000 lognormal draws of a width below 1 is known to 1.25 / 141 = 0.9 %; the reference to 2 %.
    assert np.median(paths, axis=0) / base.lines[LINE] == approx(np.ones(base.model.periods), abs=0.06)


def test_prices_both_rise_and_fall_within_half_a_year():
    paths = market_prices(evaluate(PROJECT), {}, draws=2000)[LINE]
    half_a_year = paths[:, 4:] / paths[:, 2:-2]
    assert 0.03 < np.mean(half_a_year > 1.38) < 0.5  # rents of an H100 rose by 38 % from October 2025 to March 2026
    assert np.mean(half_a_year < 0.8) > 0.05


def test_a_path_hangs_on_its_number_alone_and_follows_prices_drawn_by_year():
    base = evaluate(PROJECT)
    few, many = (market_prices(base, {}, draws=draws, seed=7)[LINE] for draws in (5, 50))
    assert np.array_equal(few, many[:5])
    twice = market_prices(base, {TABLE: np.tile([6.0, 5.0, 4.0], (5, 1))}, draws=5, seed=7)[LINE]
    assert twice == approx(2 * few)


def test_paths_are_what_the_project_sells_at():
    base = evaluate(PROJECT)
    given = market_prices(base, {}, draws=3)
    found = evaluate(PROJECT, given, keep=("merchant.revenue_usd", "merchant.hours"))
    assert found.lines["merchant.revenue_usd"] == approx(found.lines["merchant.hours"] * given[LINE].T)
