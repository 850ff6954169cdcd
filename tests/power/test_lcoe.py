"""Levelised cost of electricity: by hand, by its definition, and by sign."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from gigawatt.finance import npv_usd
from gigawatt.power import Technology, energy_mwh_per_kw_year, lcoe_usd_per_mwh, with_gas_price

CCGT = Technology(
    name="gas_ccgt",
    capex_usd_per_kw=1000,
    fom_usd_per_kw_year=20,
    vom_usd_per_mwh=2,
    life_years=20,
    efficiency=0.5,
    capacity_factor=0.9,
)


def test_lcoe_without_interest_is_cost_over_energy():
    # By hand: (1000 / 20 + 20) USD per kW-year over 4.38 MWh per kW-year, plus 2.
    assert lcoe_usd_per_mwh(CCGT, 0, load_factor=0.5) == pytest.approx(70 / 4.38 + 2)


def test_gas_at_four_dollars_and_half_efficiency_costs_27_a_mwh():
    # One mmBtu is 0.29307 MWh of heat, half of it electricity.
    assert with_gas_price(CCGT, 4).fuel_usd_per_mwh == pytest.approx(4 / 0.29307107 / 0.5)


def test_a_plant_gives_no_more_than_its_capacity_factor():
    assert energy_mwh_per_kw_year(CCGT, 1.0) == pytest.approx(0.9 * 8.76)


def test_a_plant_that_never_runs_has_no_price():
    with pytest.raises(ValueError, match="gas_ccgt: load factor 0 must be above 0"):
        lcoe_usd_per_mwh(CCGT, 0.08, load_factor=0)


@given(rate=floats(0.001, 0.3), load_factor=floats(0.05, 0.9))
def test_selling_at_lcoe_has_npv_zero(rate, load_factor):
    price_usd = lcoe_usd_per_mwh(CCGT, rate, load_factor)
    energy_mwh = energy_mwh_per_kw_year(CCGT, load_factor)
    yearly_usd = energy_mwh * (price_usd - CCGT.running_usd_per_mwh) - CCGT.fom_usd_per_kw_year
    assert npv_usd(rate, [-CCGT.capex_usd_per_kw] + [yearly_usd] * 20) == pytest.approx(0, abs=1e-6)


COSTS = ["capex_usd_per_kw", "fom_usd_per_kw_year", "vom_usd_per_mwh", "fuel_usd_per_mwh"]


@given(rate=floats(0, 0.3), field=sampled_from(COSTS), extra=floats(1, 5000))
def test_dearer_plant_makes_dearer_power(rate, field, extra):
    dearer = replace(CCGT, **{field: getattr(CCGT, field) + extra})
    assert lcoe_usd_per_mwh(dearer, rate) > lcoe_usd_per_mwh(CCGT, rate)


@given(rate=floats(0, 0.2), more=floats(0.001, 0.1))
def test_dearer_money_makes_dearer_power(rate, more):
    assert lcoe_usd_per_mwh(CCGT, rate + more) > lcoe_usd_per_mwh(CCGT, rate)
