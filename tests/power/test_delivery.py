"""What delivery adds to the price of the grid: a flat load pays the mean of its region, no battery shifts it away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up import a_battery, a_grid, a_load, a_site
from pytest import approx

from gigawatt import catalog
from gigawatt.power import Terms, options_of, site_year, sites, size
from gigawatt.power.prices import Market, energy_usd_per_mwh

NO_INTEREST = Terms(discount_rate=0.0)


def paid(site, grid, *others, load=None):
    """Energy and demand charge of a day, USD/MWh."""
    hours = len(site.price_usd_per_mwh)
    return size(site, load or a_load(100.0, hours), [grid, *others], terms=NO_INTEREST).usd_per_mwh


@pytest.fixture(scope="module")
def day():
    return replace(a_site(24, price=np.repeat([10.0, 80.0], 12)), delivery_usd_per_mwh=13.0)


@pytest.mark.parametrize("region", catalog.items("regions"))
def test_every_region_says_which_part_of_its_price_is_delivery(region):
    delivery, grid = (catalog.fact("regions", region, f"{name}_usd_per_mwh") for name in ("delivery", "grid"))
    assert 0 < delivery.low < delivery.value < delivery.high < grid.low and delivery.note


@pytest.mark.parametrize("name", sites())
def test_energy_and_delivery_of_a_site_add_up_to_what_large_loads_pay(name):
    site, grid = site_year(name), str(catalog.value("site_years", name, "grid"))
    facts = catalog.facts("regions", Market.from_catalog(grid).region) | catalog.facts("grids", grid)
    assert site.price_usd_per_mwh.mean() + site.delivery_usd_per_mwh == approx(float(facts["grid_usd_per_mwh"].value))
    assert site.delivery_usd_per_mwh == facts["delivery_usd_per_mwh"].value > 0


def test_a_flat_load_pays_the_mean_of_its_region():
    texas = site_year("us_tx_abilene")
    assert paid(texas, a_grid(), load=a_load(100.0, 8760)) == approx(
        catalog.value("regions", "us_tx", "grid_usd_per_mwh")
    )


def test_a_flat_load_pays_the_same_where_part_of_delivery_is_a_demand_charge():
    texas = site_year("us_tx_abilene")
    for charge in (3.0, 7.45):  # USD/kW/month, 4.1 and 10.2 USD/MWh of a flat load
        grid = a_grid(demand_charge_usd_per_kw_month=charge)
        assert 0 < grid.delivery_at(13.0) < 13 and grid.delivery_at(1.0) == 0
        assert paid(texas, grid, load=a_load(100.0, 8760)) == approx(58.0)


def test_delivery_is_the_same_in_every_hour_so_a_battery_saves_none_of_it(day):
    # A battery without losses that carries half the day: all is bought at 10, and every MWh is delivered.
    shifted = a_battery(100.0, 1200.0)
    assert paid(day, a_grid(200.0)) == approx(45.0 + 13.0)
    assert paid(day, a_grid(200.0), shifted) == approx(10.0 + 13.0)


def test_a_delivery_charge_that_is_given_stands_in_place_of_the_site_s(day):
    assert paid(day, a_grid(delivery_usd_per_mwh=5.0)) == approx(50.0)
    assert paid(day, a_grid(delivery_usd_per_mwh=0.0)) == approx(45.0)
    none, five, zero = (
        options_of("grid")[0],
        options_of("grid delivery=5$/MWh")[0],
        options_of("grid delivery=0$/MWh")[0],
    )
    assert [each.delivery_at(13.0) for each in (none, five, zero)] == [13.0, 5.0, 0.0]


def test_a_price_that_is_given_is_all_that_power_costs(day):
    assert paid(day, a_grid(usd_per_mwh=60.0)) == approx(60.0)
    assert paid(day, a_grid(usd_per_mwh=60.0, delivery_usd_per_mwh=4.0)) == approx(64.0)


def test_surplus_is_sold_without_delivery(day):
    sunny = replace(day, price_usd_per_mwh=np.full(24, 30.0), pv_cf=np.ones(24))
    pv = replace(options_of("pv=200MW")[0], existing_mw=200.0)
    bare = replace(pv, technology=replace(pv.technology, market_capex_usd_per_kw=None, fom_usd_per_kw_year=0.0))
    found = size(sunny, a_load(100.0, 24), [bare, a_grid(export_mw=100.0)], terms=NO_INTEREST)
    assert found.usd_per_mwh == approx(-30.0, abs=0.05)  # 100 MW sold for each 100 MW used


def test_more_delivery_than_price_is_refused():
    assert energy_usd_per_mwh(58.0, 13.0) == 45.0
    for delivery in (60.0, 58.0, -1.0):
        with pytest.raises(ValueError, match=f"delivery_usd_per_mwh {delivery:g} is part of grid_usd_per_mwh 58"):
            energy_usd_per_mwh(58.0, delivery)
