"""Annuities and loans: textbook answers, and money conserved over a loan's life."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists

from gigawatt.finance import (
    LevelLoan,
    annuity_factor,
    capital_recovery_factor,
    debt_service_cover,
    debt_that_cover_allows_usd,
    npv_usd,
    schedule,
)
from gigawatt.finance.annuity import annuity_factors, npv, payback_periods


def test_ten_per_cent_over_two_years_by_hand():
    # 0.1 / (1 - 1 / 1.21) = 0.121 / 0.21.
    assert capital_recovery_factor(0.10, 2) == pytest.approx(0.121 / 0.21)


def test_without_interest_the_cost_is_spread_evenly():
    assert capital_recovery_factor(0, 8) == 1 / 8


def test_a_tiny_rate_loses_no_digits():
    # Series: 1/n + r (n + 1) / (2 n); the textbook formula is off by 10 % and more here.
    assert capital_recovery_factor(1e-15, 10) == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize(("rate", "years"), [(-1, 5), (0.1, 0), (0.1, -3)])
def test_rates_and_lives_without_meaning_are_refused(rate, years):
    with pytest.raises(ValueError, match="must be above"):
        capital_recovery_factor(rate, years)


def test_net_present_value_by_hand():
    assert npv_usd(0.10, [-100, 55, 60.5]) == pytest.approx(-100 + 50 + 50)


@given(rate=floats(0, 0.3), years=integers(1, 40))
def test_a_loan_is_repaid_exactly_at_its_end(rate, years):
    plan = schedule(LevelLoan(principal_usd=1e6, rate=rate, years=years))
    # A rounding error of the first year grows with interest: 1e-10 x 1.3^40.
    assert plan[-1].balance_usd == pytest.approx(0, abs=1e-3)
    assert sum(year.repaid_usd for year in plan) == pytest.approx(1e6)


@given(rate=floats(0.001, 0.5), years=integers(1, 60))
def test_payments_are_worth_the_loan(rate, years):
    payment = LevelLoan(principal_usd=1e6, rate=rate, years=years).payment_usd
    assert npv_usd(rate, [-1e6] + [payment] * years) == pytest.approx(0, abs=1e-2)
    assert payment * annuity_factor(rate, years) == pytest.approx(1e6)


@given(flows=lists(floats(-1e9, 1e9), min_size=1, max_size=40), rate=floats(0, 1))
def test_net_present_value_is_the_sum_of_discounted_flows(flows, rate):
    assert npv_usd(rate, flows) == pytest.approx(
        sum(f / (1 + rate) ** t for t, f in enumerate(flows)), rel=1e-9, abs=1e-2
    )


@given(cash=floats(1, 1e9), cover=floats(1, 3), rate=floats(0, 0.3), years=integers(1, 30))
def test_debt_sized_by_cover_has_that_cover(cash, cover, rate, years):
    principal = debt_that_cover_allows_usd(cash, cover=cover, rate=rate, years=years)
    assert debt_service_cover(cash, LevelLoan(principal_usd=principal, rate=rate, years=years)) == pytest.approx(cover)


def test_a_loss_supports_no_debt():
    assert debt_that_cover_allows_usd(-5, cover=1.3, rate=0.08, years=7) == 0


# ------------------------------------------------------------------------------------------------------ arrays


def test_net_present_value_of_streams_at_rates_by_hand():
    # -100 + 110/1.1 = 0; -100 + 110 = 10; 50 + 0.
    assert npv([[0.1], [0.0]], [[-100, 110], [50, 0]]) == pytest.approx(np.array([[0, 50], [10, 50]]), abs=1e-12)


@pytest.mark.parametrize("rate", [1e-18, -1e-18, 1e-12])
def test_balanced_flows_at_a_tiny_rate_keep_every_digit(rate):
    # -3 + 1 + 2 = 0, so the value is -rate x (1 + 2 x 2) and terms of rate^2; Horner's rule gives 0 at 1e-18.
    assert npv(rate, [-3, 1, 2]) == pytest.approx(-5 * rate, rel=1e-11)


@given(flows=lists(floats(-1e9, 1e9), min_size=1, max_size=40), rate=floats(-0.5, 20))
def test_net_present_value_is_right_to_the_last_digits_of_its_flows(flows, rate):
    exact = sum(Fraction(f) / (1 + Fraction(rate)) ** t for t, f in enumerate(flows))
    size = sum(abs(f) * (1 + rate) ** -t for t, f in enumerate(flows))
    assert abs(Fraction(float(npv(rate, flows))) - exact) <= Fraction(1e-14 * size + 1e-300)


@given(rate=floats(-0.5, 2), years=integers(1, 60))
def test_annuity_factors_are_the_values_of_ones(rate, years):
    assert annuity_factors(rate, years) == pytest.approx(npv(rate, [0] + [1] * years), rel=1e-9)
    assert annuity_factors(0, [3, 4]).tolist() == [3, 4]


def test_payback_by_hand():
    flows = [[-100, 40, 40, 40], [-100, 10, 10, 10], [5, 5, 5, 5], [-100, 200, -150, 200]]
    # 20 of the third 40 are missing after two years: 2.5; never; nothing owed; half of the first 200.
    assert payback_periods(flows) == pytest.approx(np.array([2.5, np.nan, 0, 0.5]), nan_ok=True)
    # At 10 %: 110/1.1 = 100 pays back at the end of year 1; 20 years of 10 do not in 3.
    assert payback_periods([-100, 110], rate=0.1) == pytest.approx(1.0)


@given(flows=lists(floats(1, 100), min_size=2, max_size=30), spent=floats(1, 1000), rate=floats(0, 0.3))
def test_discounting_makes_payback_no_earlier(flows, spent, rate):
    plain, discounted = payback_periods([-spent, *flows]), payback_periods([-spent, *flows], rate=rate)
    assert np.isnan(discounted) or discounted >= plain - 1e-9


@pytest.mark.parametrize("rate", [-1, -2, float("nan")])
def test_rates_without_meaning_are_named(rate):
    with pytest.raises(ValueError, match="must be above -1"):
        npv(rate, [1, 2])
