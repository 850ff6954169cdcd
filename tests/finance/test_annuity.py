"""Annuities and loans: textbook answers, and money conserved over a loan's life."""

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
