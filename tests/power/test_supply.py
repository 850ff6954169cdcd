"""Sources of a site: the cheapest by a month, the price of haste, means of a mix."""

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers

from gigawatt.power import (
    Region,
    Technology,
    cheapest_by,
    mix,
    plant_supply,
    price_of_waiting_less,
    site_price_usd_per_mwh,
    supplies,
)

TEXAS = Region(
    name="us_tx",
    grid_usd_per_mwh=55,
    carbon_g_per_kwh=400,
    grid_months=48,
    firm_technology="turbine",
    firm_usd_per_mwh=85,
)
TURBINE = Technology(
    name="turbine", capex_usd_per_kw=2000, fuel_usd_per_mwh=30, life_years=25, carbon_t_per_mwh=0.5, lead_months=30
)
FUEL_CELL = Technology(
    name="fuel_cell", capex_usd_per_kw=6000, fuel_usd_per_mwh=28, life_years=20, carbon_t_per_mwh=0.38, lead_months=5
)
SOURCES = supplies(TEXAS, [FUEL_CELL, TURBINE], discount_rate=0.08)


def test_who_can_wait_takes_what_is_cheaper():
    # By hand at 8 %: turbine 2000 x 0.0937 / 8.76 + 30 = 51.4; grid 55; fuel cell 6000 x 0.1019 / 8.76 + 28 = 97.8.
    assert [round(s.price_usd_per_mwh, 1) for s in SOURCES] == [51.4, 55.0, 97.8]
    assert cheapest_by(SOURCES, 60).name == "turbine"
    assert cheapest_by(SOURCES, 12).name == "fuel_cell"


def test_carbon_of_a_plant_in_grams_a_kwh_by_hand():
    assert plant_supply(TURBINE, discount_rate=0.08).carbon_g_per_kwh == 500


def test_no_power_in_time_names_the_quickest():
    with pytest.raises(ValueError, match="no power within 3 months; the quickest is fuel_cell, 5 months"):
        cheapest_by(SOURCES, 3)


def test_a_mix_is_the_mean_by_power():
    found = mix(SOURCES, {"grid": 300, "turbine": 100})
    turbine_usd = plant_supply(TURBINE, discount_rate=0.08).price_usd_per_mwh
    assert found.price_usd_per_mwh == pytest.approx(0.75 * 55 + 0.25 * turbine_usd)
    assert found.carbon_g_per_kwh == pytest.approx(425)


def test_a_mix_of_unknown_sources_is_refused():
    with pytest.raises(ValueError, match="unknown source coal; known: "):
        mix(SOURCES, {"coal": 1})
    with pytest.raises(ValueError, match="sum above 0"):
        mix(SOURCES, {"grid": 0})


def test_site_price_by_hand():
    assert site_price_usd_per_mwh(TEXAS, grid_mw=100, firm_mw=200) == pytest.approx(75)
    assert site_price_usd_per_mwh(TEXAS, grid_mw=0, firm_mw=0) == 55


@given(months=integers(5, 60), later=integers(0, 60))
def test_haste_never_makes_power_cheaper(months, later):
    assert price_of_waiting_less(SOURCES, months) >= price_of_waiting_less(SOURCES, months + later) >= 0


@given(grid_mw=floats(0.1, 1e4), firm_mw=floats(0.1, 1e4))
def test_a_site_price_lies_between_its_sources(grid_mw, firm_mw):
    assert 55 <= site_price_usd_per_mwh(TEXAS, grid_mw=grid_mw, firm_mw=firm_mw) <= 85
