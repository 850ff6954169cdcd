"""Cooling: psychrometrics, energy balances by hand, what weather does to PUE and water, and published sites."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from
from pytest import approx

from gigawatt import catalog
from gigawatt.power import Cooling, Loop, overhead, site_year, wet_bulb_c
from gigawatt.power.air import enthalpy_j_per_g, humidity_ratio, saturation_pa

KINDS = [item for item in catalog.items("cooling_kinds") if item != "common"]
PUBLISHED = list(csv.DictReader((Path(__file__).parents[1] / "known/site_efficiency.csv").open(encoding="utf-8")))
CLIMATES = list(csv.DictReader((Path(__file__).parents[1] / "known/cooling_by_climate.csv").open(encoding="utf-8")))
BARE = Cooling(
    name="bare", loss_share=0.0, other_share=0.0,
    air=Loop(rejection="dry", supply_c=24, range_c=10, approach_c=10, move_share=0.0, reject_share=0.0),
)  # fmt: skip


def at(cooling, temp, humidity=50.0, share=1.0):
    """PUE, water and free share in one hour."""
    found = overhead(cooling, np.array([float(temp)]), np.array([float(humidity)]), share)
    return float(found.pue[0]), float(found.water_l_per_kwh[0]), float(found.free_share[0])


def wet_bulb_by_balance(temp, humidity):
    """Wet bulb at which air loses as much heat as the water it takes up needs: the psychrometric equation, halved."""
    low, high, ratio = -40.0, temp, humidity_ratio(temp, humidity)
    for _ in range(80):
        middle = (low + high) / 2
        saturated = humidity_ratio(middle, 100.0)
        held = ((2501 - 2.326 * middle) * saturated - 1.006 * (temp - middle)) / (2501 + 1.86 * temp - 4.186 * middle)
        low, high = (middle, high) if held < ratio else (low, middle)
    return low


def test_wet_bulb_of_the_paper():
    # Stull 2011: 20 °C and 50 % give 13.7 °C.
    assert float(wet_bulb_c(np.array(20.0), np.array(50.0))) == approx(13.7, abs=0.05)


@given(temp=floats(0, 45), humidity=floats(10, 98))
def test_wet_bulb_agrees_with_the_psychrometric_equation(temp, humidity):
    assert float(wet_bulb_c(np.array(temp), np.array(humidity))) == approx(wet_bulb_by_balance(temp, humidity), abs=1.1)


@given(temp=floats(-60, 50), humidity=floats(0, 100))
def test_wet_bulb_is_never_above_the_air(temp, humidity):
    assert float(wet_bulb_c(np.array(temp), np.array(humidity))) <= temp


def test_moist_air_at_25_degrees_as_in_tables():
    # ASHRAE Fundamentals: saturation at 25 °C 3.169 kPa; at 50 % 9.88 g/kg and 50.3 kJ/kg.
    assert saturation_pa(25.0) == approx(3169, rel=0.003)
    assert humidity_ratio(25.0, 50.0) == approx(0.00988, rel=0.005)
    assert enthalpy_j_per_g(25.0, humidity_ratio(25.0, 50.0)) == approx(50.3, rel=0.005)


def test_cold_air_cools_for_nothing_and_warm_air_at_the_cost_of_a_compressor():
    assert at(BARE, 10) == (1.0, 0.0, 1.0)
    # Halfway: 14 + 10 °C is the supply; at 19 °C the sink takes the upper half of the range.
    assert at(BARE, 19)[2] == approx(0.5)
    # By hand at 40 °C: evaporator 18 °C, condenser 55 °C, half of Carnot: 0.5 x 291.15 / 37 = 3.934.
    assert at(BARE, 40)[0] == approx(1 + 37 / (0.5 * 291.15))


def test_losses_and_lights_by_hand():
    # 4 % at full load, 30 % of them fixed: at half load 0.04 (0.3 + 0.7 / 4) / 0.5, with 1 % of full power for lights.
    cooling = replace(BARE, loss_share=0.04, loss_fixed=0.3, other_share=0.01)
    assert at(cooling, 0, share=0.5)[0] == approx(1 + 0.04 * (0.3 + 0.7 / 4) / 0.5 + 0.01 / 0.5)


def test_pads_evaporate_what_the_air_loses():
    # 30 °C, supply 24 °C after 1 °C of fans: pads take 7 of 12 °C; 7 / 12 kWh of heat at 2501 J/g, no drain.
    air = Loop(rejection="outside_air", supply_c=24, range_c=12, approach_c=1, move_share=0.0, reject_share=0.0)
    cooling = replace(BARE, air=air, cycles=1e9)
    assert at(cooling, 30, 20)[1] == approx(7 / 12 * 3600 / 2501)
    assert at(cooling, 30, 20)[2] == 1.0
    # Pads reach 85 % of the way to the wet bulb at most; the compressor does the rest.
    assert at(cooling, 40, 80)[2] < 1.0


def test_a_tower_evaporates_about_as_much_as_its_heat_needs():
    # If all heat went into evaporation: 3600 / 2501 = 1.44 l/kWh, a third more where a quarter is drained.
    tower = Cooling.from_catalog("liquid_tower", loss_share=0.0)
    water = [at(tower, temp, humidity)[1] for temp, humidity in ((0, 60), (20, 60), (35, 30))]
    assert water == sorted(water)
    assert 0.6 * 1.92 < water[0] < water[-1] < 1.25 * 1.92


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_pue_above_one_and_water_only_where_it_evaporates(kind):
    year = site_year("us_tx_abilene")
    found = overhead(Cooling.from_catalog(kind), year.temp_c, year.rh_pct, 0.8)
    assert found.pue.min() > 1.02 and found.pue.max() < 1.6
    assert (found.water_l_per_kwh.max() > 0) == (
        kind in ("evaporative", "tower_chiller", "liquid_adiabatic", "liquid_tower")
    )
    assert ((found.free_share >= 0) & (found.free_share <= 1)).all()


@given(kind=sampled_from(KINDS), temp=floats(-20, 44), humidity=floats(10, 90))
def test_hotter_air_of_the_same_moisture_never_costs_less_power(kind, temp, humidity):
    hotter = humidity * float(saturation_pa(temp) / saturation_pa(temp + 1))
    cooling = Cooling.from_catalog(kind)
    assert at(cooling, temp + 1, hotter)[0] >= at(cooling, temp, humidity)[0] - 2e-4


@given(kind=sampled_from(KINDS), temp=floats(-10, 40), share=floats(0.3, 0.99))
def test_compressors_and_fans_at_part_load_draw_no_more_in_total(kind, temp, share):
    cooling = Cooling.from_catalog(kind)
    full, part = ((at(cooling, temp, 50, s)[0] - 1) * s for s in (1.0, share))
    assert part <= full + 1e-12


def test_warmer_liquid_needs_fewer_hours_of_compressors():
    year = site_year("us_tx_abilene")
    warm = Cooling.from_catalog("liquid_dry")
    cold = replace(warm, liquid=replace(warm.liquid, supply_c=25))
    found = [overhead(c, year.temp_c, year.rh_pct) for c in (warm, cold)]
    assert found[0].pue.mean() < found[1].pue.mean() and found[0].free_share.mean() > found[1].free_share.mean()


# What we compute is the mean over hours at 80 % load with the weather of a place in the same climate.
WITHIN = {"pue": 0.03, "wue": 0.12}
MISSED = {("Microsoft", "pue")}  # older halls that lease and ramp up; shown in the docs, not reached


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row['operator']}-{row['place']}-{row['metric']}")
def test_published_sites(row):
    year = site_year(row["site_year"])
    found = overhead(Cooling.from_catalog(row["cooling"]), year.temp_c, year.rh_pct, 0.8)
    ours = float(found.pue.mean() if row["metric"] == "pue" else found.water_l_per_kwh.mean())
    near = abs(ours - float(row["value"])) <= WITHIN[row["metric"]]
    assert near != ((row["operator"], row["metric"]) in MISSED), f"{ours:.3f} against {row['value']}"


# Ours are sites of today's largest operators: at the good end of what Lei and Masanet find plausible, or beyond it.
@pytest.mark.parametrize("row", CLIMATES, ids=lambda row: f"{row['cooling']}-{row['zone']}")
def test_a_peer_model_by_climate_zone(row):
    year = site_year(row["site_year"])
    found = overhead(Cooling.from_catalog(row["cooling"]), year.temp_c, year.rh_pct, 0.8)
    pue, water = float(found.pue.mean()), float(found.water_l_per_kwh.mean())
    below = 0.005 if row["cooling"] == "tower_chiller" else 0.085
    assert float(row["pue_5"]) - below <= pue <= float(row["pue_95"])
    assert 0.25 * float(row["wue_5"]) <= water <= float(row["wue_95"])


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="unknown cooling_kind 'tower'"):
        Cooling.from_catalog("tower")
    with pytest.raises(ValueError, match="humidity must be between 0 and 100 %"):
        at(BARE, 20, 120)
    with pytest.raises(ValueError, match="load share"):
        at(BARE, 20, 50, 0.0)
    with pytest.raises(ValueError, match="the same finite hours"):
        overhead(BARE, np.zeros(3), np.zeros(2))
    with pytest.raises(ValueError, match="known: outside_air, dry, adiabatic, tower"):
        replace(BARE.air, rejection="river")
