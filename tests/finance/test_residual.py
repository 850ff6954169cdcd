"""Residual values: a published guide, the worth of rents by hand, guarantees against draws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, sampled_from

from gigawatt.finance.annuity import annuity_factor
from gigawatt.finance.prices import price_model, price_paths
from gigawatt.finance.residual import (
    ResidualCurve,
    rental_worth_usd,
    residual_curve,
    residual_share,
    residual_value_at_risk,
)

H100 = price_model()


@pytest.mark.parametrize(("months", "low", "high"), [(12, 0.60, 0.70), (24, 0.42, 0.48), (36, 0.25, 0.35)])
def test_the_curve_of_an_h100_is_fitted_to_the_published_guide(months, low, high):
    # v2-pseo-ai.pages.dev/tools/residual-value-guide: 60 to 70 % after 12 months, 45 % after 24, 25 to 35 % after 36.
    assert low <= residual_share(months / 12, residual_curve("hopper")) <= high


def test_what_rents_imply_hangs_on_the_years_that_are_counted():
    # Pinned, as the page shows them: chips that earn for ten years keep more of their worth than those that earn for
    # five, so that rents alone do not confirm the guide's 65, 45 and 30 %.
    for years, shares in ((5, (0.68, 0.44, 0.26)), (10, (0.73, 0.54, 0.40))):
        paths = price_paths(H100, 2.35, 12 * years, 5000)
        worth = rental_worth_usd(paths, running_usd_per_chip_h=H100.running_usd_per_chip_h, rate=0.1, utilisation=0.75)
        found = [worth[months].mean() / worth[0].mean() for months in (12, 24, 36)]
        assert found == pytest.approx(shares, abs=0.015)


def test_level_rents_are_worth_an_annuity():
    # 2.25 USD/h over running cost, 730 h a month at a twelfth of a year's hours, five years: an annuity by months.
    flat = np.full((60, 1), 2.5)
    worth = rental_worth_usd(flat, running_usd_per_chip_h=0.25, rate=0.1)
    monthly = 1.1 ** (1 / 12) - 1
    assert worth[0, 0] == pytest.approx(2.25 * 730 * annuity_factor(monthly, 60))
    assert worth[48, 0] == pytest.approx(2.25 * 730 * annuity_factor(monthly, 12))
    assert worth[60, 0] == 0


def test_a_chip_that_does_not_pay_its_running_is_off():
    assert (rental_worth_usd(np.full((12, 3), 0.2), running_usd_per_chip_h=0.25, rate=0.1) == 0).all()


@given(age=floats(0, 20), more=floats(0, 10), name=sampled_from(["hopper", "blackwell", "instinct", "building"]))
def test_what_is_left_never_grows_with_age(age, more, name):
    curve = residual_curve(name)
    assert residual_share(0, curve) == 1
    assert residual_share(age + more, curve) <= residual_share(age, curve)
    low, high = residual_curve(name, "low"), residual_curve(name, "high")
    assert residual_share(age, low) <= residual_share(age, curve) <= residual_share(age, high)


def test_shares_of_many_ages_come_at_once():
    curve = ResidualCurve(decline_per_year=0.4, floor=0.1)
    assert residual_share([0, 1, 100], curve) == pytest.approx([1, np.exp(-0.4), 0.1])


def test_a_guarantee_by_hand():
    # Worth 0 to 99, 50 guaranteed: 50 of 100 draws fall short, by 1 to 50, in the mean 12.75 over all.
    risk = residual_value_at_risk(np.arange(100.0), 50.0)
    assert (risk.chance, risk.mean_usd) == (0.5, 49.5)
    assert risk.expected_usd == pytest.approx(50 * 51 / 2 / 100)
    assert risk.at_risk_usd == pytest.approx(45.05)  # between the 95th and 96th of sorted shortfalls, 45 and 46
    assert risk.tail_usd == pytest.approx((46 + 47 + 48 + 49 + 50) / 5)


@given(values=lists(floats(0, 1e5), min_size=1, max_size=50), less=floats(0, 1e5), more=floats(0, 1e5))
def test_a_higher_guarantee_never_costs_less(values, less, more):
    low, high = (residual_value_at_risk(np.array(values), guaranteed) for guaranteed in (less, less + more))
    assert high.expected_usd >= low.expected_usd and high.at_risk_usd >= low.at_risk_usd - 1e-6
    assert high.chance >= low.chance and high.at_risk_usd <= high.tail_usd + 1e-6


def test_wider_rents_put_more_at_risk():
    wide = replace(H100, width_per_year=2 * H100.width_per_year, technology_width_per_year=0.3)
    calm = replace(H100, width_per_year=0.1, technology_width_per_year=0.0, leave_scarcity_per_year=1e-9)
    tails = []
    for model in (calm, wide):
        paths = price_paths(model, 2.35, 60, 5000)
        worth = rental_worth_usd(paths, running_usd_per_chip_h=0.25, rate=0.1)
        value = worth[36] / worth[36].mean()
        tails.append(residual_value_at_risk(value, 1.0).at_risk_usd)
    assert tails[1] > 2 * tails[0]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: residual_share(-1, residual_curve("hopper")), "0 or more"),
        (lambda: residual_curve("volta"), "known are hopper"),
        (lambda: ResidualCurve(decline_per_year=-0.1), "decline of 0 or more"),
        (lambda: residual_value_at_risk(np.array([]), 1), "at least one"),
        (lambda: residual_share(np.nan, residual_curve("hopper")), "0 or more"),
        (lambda: ResidualCurve(decline_per_year=np.inf), "finite"),
        (lambda: residual_value_at_risk(np.array([1.0, np.nan]), 1), "finite"),
        (lambda: residual_value_at_risk(np.array([1.0]), np.nan), "finite"),
        (lambda: residual_value_at_risk(np.array([1.0]), 1, share=np.nan), "between 0 and 1"),
        (lambda: rental_worth_usd(np.full((2, 1), np.nan), running_usd_per_chip_h=0, rate=0.1), "rents must be finite"),
        (lambda: rental_worth_usd(np.ones((2, 1)), running_usd_per_chip_h=0, rate=np.nan), "finite rate"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
