"""Accounts of dispatches written by hand."""

import numpy as np
import pytest

from gigawatt.power.accounts import accounts, residual_mw
from gigawatt.power.build import build
from gigawatt.power.dispatch import Dispatch
from gigawatt.power.lcoe import Technology
from gigawatt.power.load import Flexible
from gigawatt.power.options import Contract, Plant
from gigawatt.power.targets import Terms
from tests.power.made_up import FREE, a_battery, a_grid, a_load, a_site, there

TERMS = Terms(discount_rate=0.0, gas_usd_per_mmbtu=4.0, carbon_usd_per_t=20.0, shed_usd_per_mwh=1000.0)


def sun(mw, **changes):
    technology = Technology(name="sun", kind="variable", resource="sun", **(FREE | changes))
    return Plant(name="pv", technology=technology, least_mw=mw, most_mw=mw, existing_mw=mw)


def made(hours, *, free=(), firm=(), charge=(), discharge=(), shed=0.0, curtailed=0.0):
    """A dispatch of `hours` from columns."""

    def side(columns):
        return np.array(columns, float).T if len(columns) else np.zeros((hours, 0))

    return Dispatch(
        free_mw=side(free), firm_mw=side(firm), charge_mw=side(charge), discharge_mw=side(discharge),
        stored_mwh=np.zeros((hours, len(charge))), shed_mw=shed * np.ones(hours),
        curtailed_mw=curtailed * np.ones(hours),
        price_usd_per_mwh=np.zeros(hours), worth_usd_per_mwh=np.zeros((hours, len(charge))), cost_usd=0.0,
        method="by hand", gap=0.0,
    )  # fmt: skip


def test_money_is_split_by_option_and_cause():
    gas = there("gas", mw=80, vom_usd_per_mwh=5.0, fuel_usd_per_mwh=25.0, carbon_t_per_mwh=0.5)
    built = build(a_site(2), a_load(100.0, 2), [gas, a_grid(30)], terms=TERMS)
    found = accounts(built, np.array([80.0, 30.0]), made(2, firm=[(80, 60), (20, 30)], shed=np.array([0, 10.0])))
    assert found.usd["gas"] == pytest.approx({"fuel": 140 * 25, "variable": 140 * 5, "carbon": 140 * 0.5 * 20})
    assert found.usd["grid"] == pytest.approx({"energy": 50 * 50, "carbon": 50 * 0.4 * 20})
    assert found.usd["unserved"] == pytest.approx({"unserved": 10_000})
    assert found.cost_usd == pytest.approx(140 * 40 + 50 * 58 + 10_000)
    assert found.residual_mw == 0


def test_carbon_is_counted_in_five_ways():
    carbon = np.array([600.0, 200.0])
    gas = there("gas", carbon_t_per_mwh=0.4, lifecycle_carbon_t_per_mwh=0.5)
    contract = Contract(name="ppa", usd_per_mwh=40.0, paid="virtual", output=np.array([1.0, 0.0]), most_mw=40.0)
    built = build(a_site(2, carbon=carbon), a_load(100.0, 2), [gas, a_grid(), contract], terms=TERMS)
    found = accounts(built, np.array([100.0, 100.0, 40.0]), made(2, firm=[(70, 20), (30, 80)])).carbon
    assert found.stack_t == pytest.approx(36)
    assert found.location_t == pytest.approx(36 + 18 + 16)
    # 40 of 110 MWh are certified: a mean of 34 / 110 t a MWh for the rest, or nothing of hour 0 and all of hour 1.
    assert found.market_t == pytest.approx(36 + 70 * 34 / 110)
    assert found.matched_t == pytest.approx(36 + 16)
    assert found.lifecycle_t == pytest.approx(90 * 0.5 + 34)
    assert found.carbon_free_hourly == 0
    assert found.carbon_free_annual == pytest.approx(40 / 200)


def test_a_clean_grid_counts_by_its_share():
    built = build(a_site(2), a_load(100.0, 2), [a_grid(carbon_free_share=np.array([0.2, 0.6]))], terms=TERMS)
    found = accounts(built, np.array([100.0]), made(2, firm=[(100, 100)])).carbon
    assert found.carbon_free_hourly == pytest.approx(0.4)


def test_curtailment_is_shared_by_what_offers():
    site = a_site(2, pv=np.array([1.0, 0.5]), wind=1.0)
    wind = Plant(name="wind", technology=Technology(name="wind", kind="variable", resource="wind", **FREE),
                 least_mw=50.0, most_mw=50.0, existing_mw=50.0)  # fmt: skip
    built = build(site, a_load(100.0, 2), [sun(100.0), wind, there("gas", mw=10)], terms=TERMS)
    run = made(2, free=[(100, 50), (50, 50)], firm=[(0, 0)], curtailed=np.array([50.0, 0]))
    found = accounts(built, np.array([100.0, 50.0, 10.0]), run)
    assert found.energy.by_source["pv"] == pytest.approx(100 * 2 / 3 + 50)
    assert found.energy.by_source["wind"] == pytest.approx(50 * 2 / 3 + 50)
    assert found.energy.curtailed_share == pytest.approx(50 / 250)
    assert found.carbon.carbon_free_hourly == pytest.approx(1)


def test_water_is_that_of_cooling_of_plants_and_of_the_grid():
    gas = there("gas", water_l_per_mwh=500.0)
    grid = a_grid()
    built = build(a_site(2), a_load(100.0, 2, litres=0.5), [gas, grid], terms=TERMS)
    found = accounts(built, np.array([100.0, 100.0]), made(2, firm=[(60, 60), (40, 40)])).water
    # 80 MW of IT x 0.5 litres a kWh is 40 m3 an hour.
    assert found.cooling_m3 == pytest.approx(80)
    assert found.plants_m3 == pytest.approx(60)
    assert found.grid_m3 == 0
    assert found.site_m3 == pytest.approx(140)


def test_land_and_the_making_of_stores_follow_the_sizes():
    battery = a_battery(10.0, 40.0, embodied_kg_per_kwh=73.0, land_ha_per_mw=0.1)
    built = build(a_site(24, pv=1.0), a_load(10.0, 24), [sun(10.0, land_ha_per_mw=4.0), battery], terms=TERMS)
    run = made(24, free=[np.full(24, 10.0)], charge=[np.zeros(24)], discharge=[np.zeros(24)])
    found = accounts(built, np.array([10.0, 10.0, 40.0]), run)
    assert found.land_ha == pytest.approx(41)
    assert found.carbon.lifecycle_t == pytest.approx(40 * 73 / 20 / 365)


def test_a_dispatch_that_does_not_balance_is_seen():
    built = build(a_site(2), a_load(100.0, 2), [there("gas")], terms=TERMS)
    assert residual_mw(built, made(2, firm=[(100, 100)])) == 0
    assert residual_mw(built, made(2, firm=[(100, 97)])) == pytest.approx(3)
    assert residual_mw(built, made(2, firm=[(102, 100)], shed=np.array([-2.0, 0]))) == pytest.approx(2)


def test_load_that_stops_is_no_carbon_free_load():
    stops = Flexible(name="batch", share=0.5, usd_per_mwh=60.0)
    built = build(
        a_site(2, pv=0.4),
        a_load(100.0, 2, flexible=[stops]),
        [sun(100.0), there("gas", carbon_t_per_mwh=0.4)],
        terms=TERMS,
    )
    run = made(2, free=[(40, 40)], firm=[(30, 10), (30, 50)])
    found = accounts(built, np.array([100.0, 100.0, 50.0]), run).carbon
    # 120 of 200 MWh run, 80 of them from the sun.
    assert found.carbon_free_hourly == pytest.approx(80 / 120)
    assert found.carbon_free_annual == pytest.approx(80 / 120)


def test_what_a_store_loses_is_no_carbon_free_load():
    site, battery = a_site(2, pv=np.array([1.0, 0.0])), a_battery(100.0, 100.0, efficiency=0.5)
    built = build(site, a_load(50.0, 2), [sun(150.0), battery, there("gas", carbon_t_per_mwh=0.4)], terms=TERMS)
    run = made(2, free=[(150, 0)], firm=[(0, 0)], charge=[(100, 0)], discharge=[(0, 50)])
    found = accounts(built, np.array([150.0, 100.0, 100.0, 100.0]), run)
    assert found.residual_mw == 0
    assert found.carbon.carbon_free_hourly == pytest.approx(1)
    assert found.carbon.carbon_free_annual == pytest.approx(1)
