"""What the week takes from the power stage: supplies of regions and of plans, and the rows that hold them."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.power import supply
from gigawatt.power.lcoe import Technology, in_book, lcoe_usd_per_mwh
from gigawatt.power.targets import term

TOOL = Path(__file__).parents[2] / "tools" / "make_region_supply.py"
REGIONS = catalog.items("regions")
SAMPLE = "us_midwest"
HOT_AND_DRY, COOL = ("gulf", "us_west"), ("europe", "us_midwest")


def tool():
    spec = importlib.util.spec_from_file_location("make_region_supply", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def number(region, attribute):
    return float(catalog.value("regions", region, attribute))


@pytest.mark.parametrize("region", [pytest.param(r, marks=() if r == SAMPLE else pytest.mark.slow) for r in REGIONS])
def test_rows_of_the_catalog_are_what_the_power_stage_gives(region):
    rows = tool().rows_of(region)
    assert len(rows) == 9
    for _, attribute, *numbers, _, source, _ in [(*row[:3], row[4], row[5], *row[7:]) for row in rows]:
        found = catalog.fact("regions", region, attribute)
        assert found.source == source == "gigawatt-power" and "tools/make_region_supply.py" in found.note
        assert [found.value, found.low, found.high] == approx([float(each) for each in numbers], rel=2e-3, abs=1e-4)


@pytest.fixture(scope="module")
def texas():
    return supply.Place.of("us_tx")


@pytest.fixture(scope="module")
def plain(texas):
    return supply.supply_of(supply.plan_at(texas, 100.0, "gas"))


def test_one_plant_costs_its_lcoe_at_the_load_factor_of_the_climate(texas, plain):
    engine = in_book(Technology.from_catalog("gas_reciprocating"), "market")
    here = replace(engine, capex_usd_per_kw=engine.capex_usd_per_kw * 0.9, fuel_usd_per_mwh=3.2 * 7.583)
    load = texas.load(100.0).site_mw
    # Engines for the largest hour, and as many more as are out of order in the mean.
    used = float(load.mean() / load.max()) * engine.capacity_factor
    by_hand = lcoe_usd_per_mwh(here, term("discount_rate"), used)
    assert plain.usd_per_mwh == approx(by_hand, rel=1e-4)
    assert plain.stack_g_per_kwh == approx(394) and plain.carbon_g_per_kwh == approx(465)
    assert (plain.grid_share, plain.connection_share, plain.machine_share) == (0, 0, approx(1))
    assert plain.first_months == plain.full_months == 20.8


def test_spare_machines_and_backup_cost_something_and_leave_next_to_nothing_unserved(texas):
    usual = supply.usual_plant(texas, 100.0)
    bare = supply.supply_of(supply.plan_at(texas, 100.0, "gas"))
    assert 0 < usual.supply.usd_per_mwh - bare.usd_per_mwh < 0.25 * bare.usd_per_mwh
    assert usual.unserved_share < 1e-4 and usual.backup_share < 0.02
    assert usual.supply.carbon_g_per_kwh > bare.carbon_g_per_kwh  # diesel


def test_dearer_gas_makes_firm_power_dearer_by_the_gas_that_it_burns(texas):
    cheap = supply.usual_plant(texas, 100.0)
    dear = supply.usual_plant(replace(texas, gas_usd_per_mmbtu=texas.gas_usd_per_mmbtu + 1), 100.0)
    assert dear.spare == cheap.spare
    assert dear.supply.usd_per_mwh - cheap.supply.usd_per_mwh == approx(cheap.mmbtu_per_mwh, rel=1e-3)


def test_a_connection_draws_all_from_the_grid_at_its_price_and_in_its_months(texas):
    found = supply.supply_of(supply.plan_at(texas, 100.0, "grid"))
    assert found.grid_share == approx(1) and found.connection_share == approx(1) and found.machine_share == 0
    assert found.first_months == number("us_tx", "grid_months")
    connection = Technology.from_catalog("grid")
    assert found.usd_per_mwh > number("us_tx", "grid_usd_per_mwh") * 0.98 and connection.capex_usd_per_kw > 0
    assert found.grid_water_l_per_kwh == approx(connection.water_l_per_mwh / 1e3)


def test_only_plants_that_burn_gas_are_machines_of_the_makers_of_turbines_and_engines(texas):
    assert supply.supply_of(supply.plan_at(texas, 100.0, "geothermal")).machine_share == 0
    assert supply.supply_of(supply.plan_at(texas, 100.0, "fuel_cell")).machine_share == approx(1, rel=1e-3)


def test_a_cleaner_supply_emits_less_and_costs_no_less(texas):
    dirty, clean = (
        supply.supply_of(supply.plan_at(texas, 100.0, "pv, wind, battery, gas", carbon_free=share))
        for share in (0, 0.9)
    )
    assert clean.carbon_g_per_kwh < 0.5 * dirty.carbon_g_per_kwh
    assert clean.usd_per_mwh >= dirty.usd_per_mwh * (1 - 1e-4)


def test_hot_and_dry_regions_evaporate_more_and_lose_more_to_cooling():
    for hot in HOT_AND_DRY:
        for cool in COOL:
            assert number(hot, "water_l_per_kwh") > number(cool, "water_l_per_kwh")
    assert number("gulf", "pue") > number("us_tx", "pue") > number("europe", "pue")


def test_the_price_of_a_region_s_grid_stands_for_its_year(texas):
    assert texas.site.delivery_usd_per_mwh == number("us_tx", "delivery_usd_per_mwh")
    paid = texas.site.price_usd_per_mwh.mean() + texas.site.delivery_usd_per_mwh
    assert paid == approx(number("us_tx", "grid_usd_per_mwh"))
    values = {name: fact.value for name, fact in catalog.facts("regions", "us_tx").items()} | {"grid_usd_per_mwh": 90.0}
    assert supply.Place.of("elsewhere", values).site.price_usd_per_mwh.mean() == approx(90 - 13)
    with pytest.raises(ValueError, match="delivery_usd_per_mwh 90 is part of grid_usd_per_mwh 90"):
        supply.Place.of("elsewhere", values | {"delivery_usd_per_mwh": 90.0})
