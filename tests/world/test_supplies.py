"""Sites with a supply of their own: planned once, then priced, dated and counted week by week like all others."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.errors import ScenarioError, SolveError
from gigawatt.scenario import load
from gigawatt.units import HOURS_PER_WEEK
from gigawatt.world import supplies
from gigawatt.world.explain import explain
from gigawatt.world.simulation import simulate
from tests.world.runs import one_class, record

HEAD = "start: 2026-01-05\nweeks: 160\ninclude: [catalog:companies-2026, catalog:sites-2026]\nsites:\n"
MIXED = 'supply: "pv, wind, battery, gas, grid=300MW"'


def text(*sites):
    return HEAD + "".join(f"  {site}\n" for site in sites or ("abilene: {}",))


@cache
def run(*sites):
    with one_class():
        return simulate(load(text(*sites)))


def place(found, site="abilene"):
    return found.names.sites.index(site)


@pytest.fixture(scope="module")
def mixed():
    return run(f"abilene: {{{MIXED}, carbon_free: 60 %}}")


def test_a_site_with_a_supply_pays_what_its_plan_costs_and_emits_what_it_emits(mixed):
    planned = supplies.site_supply(mixed.scenario, "abilene")
    z, r, t = place(mixed), mixed.names.regions.index("us_tx"), mixed.tables
    price, grid = mixed.field("power.site_usd_per_mwh")[0, z], mixed.field("power.grid_mw")[0, r]
    scarce = float(mixed.parameters.cost.grid_scarcity) * grid / t.region.reference_mw[r]
    grid_usd = planned.grid_share * t.region.grid_usd_per_mwh[r] * scarce
    assert 0 < planned.grid_share < 0.4
    assert price == approx(planned.usd_per_mwh + grid_usd)
    carbon = t.site.plan_carbon_g_per_kwh[z] + planned.grid_share * t.region.carbon_g_per_kwh[r]
    assert carbon == approx(planned.carbon_g_per_kwh)


def test_energy_of_an_owner_is_paid_site_by_site(mixed):
    load_mw, price = mixed.field("power.load_mw").sum(axis=2), mixed.field("power.site_usd_per_mwh")
    owner = mixed.tables.site.owner[: len(mixed.names.sites)].astype(int)
    usd = (load_mw * price)[:, : len(owner)] * HOURS_PER_WEEK
    paid = mixed.field("power.energy_usd")
    for c in set(owner):
        assert paid[:, c] == approx(usd[:, owner == c].sum(axis=1))


def test_connections_and_plants_of_a_region_add_up_to_what_is_energised(mixed):
    region = mixed.tables.site.region[: len(mixed.names.sites)].astype(int)
    energised = mixed.field("power.energised_mw")[:, : len(region)]
    both = mixed.field("power.grid_capacity_mw") + mixed.field("power.firm_capacity_mw")
    for r in range(len(mixed.names.regions)):
        assert both[:, r] == approx(energised[:, region == r].sum(axis=1))


def test_more_carbon_free_power_means_a_cleaner_region(mixed):
    dirty = run(f"abilene: {{{MIXED}}}")
    r = mixed.names.regions.index("us_tx")
    assert mixed.field("power.carbon_g_per_kwh")[0, r] < dirty.field("power.carbon_g_per_kwh")[0, r]


def test_no_power_comes_before_its_supply_does():
    slow, plain = run('shackelford: {supply: "geothermal, battery"}'), run()
    z = place(slow, "shackelford")
    weeks = slow.tables.site.supply_weeks[z]
    assert weeks == approx(55 * 52 / 12)
    mw, before = (found.field("power.energised_mw")[:, z] for found in (slow, plain))
    assert before[100] > 100 and mw[150] < 0.2 * before[150]


def test_a_quick_supply_keeps_the_announced_dates():
    quick, plain = run('shackelford: {supply: "fuel_cell"}'), run()
    z = place(quick, "shackelford")
    assert quick.tables.site.start_week[z] == plain.tables.site.start_week[z]
    assert quick.tables.site.end_week[z] == plain.tables.site.end_week[z]


def test_sites_without_a_supply_plan_nothing(monkeypatch):
    monkeypatch.setattr(supplies, "plan_at", None)  # would fail if it were called
    supplies.planned.cache_clear()
    assert supplies.site_supplies(load(text())) == {}


def test_what_cannot_be_served_names_the_site():
    with pytest.raises(SolveError, match=r"^sites\.abilene\.supply: "):
        supplies.site_supplies(load(text('abilene: {supply: "pv<=100MW"}')))


def test_a_place_that_nobody_knows_is_named_with_the_nearest_one():
    with pytest.raises(ScenarioError, match=r"regions\.us_tx\.place: unknown site-year 'us_tx_abilen'.*us_tx_abilene"):
        load(text(), None, ["regions.us_tx.place=us_tx_abilen"])
    assert load(text(), None, ["regions.us_tx.place=31.4,-103.5"]).regions["us_tx"].place == "31.4,-103.5"


def test_dearer_gas_makes_a_planned_supply_dearer():
    usd = []
    for gas in (3, 6):
        one = load(text('abilene: {supply: "gas"}'), None, [f"regions.us_tx.gas_usd_per_mmbtu={gas}"])
        usd.append(supplies.site_supply(one, "abilene").usd_per_mwh)
    assert usd[1] - usd[0] == approx(3 * 7.583, rel=1e-3)


# ------------------------------------------------------------------------------------------------- of all sites


def test_water_of_owners_is_water_of_regions():
    found = record("stargate")
    regions = found.field("power.cooling_water_m3") + found.field("power.generation_water_m3")
    assert found.field("power.water_m3").sum(axis=1) == approx(regions.sum(axis=1))
    assert (regions.sum(axis=1) > 0).all()


def test_a_kwh_of_computing_takes_more_cooling_water_where_it_is_hot_and_dry():
    found, litres = record("stargate"), {}
    region = found.tables.site.region[: len(found.names.sites)].astype(int)
    it_mwh = found.field("power.load_mw")[:, : len(region), :2].sum(axis=2) * HOURS_PER_WEEK
    for r, name in enumerate(found.names.regions):
        litres[name] = found.field("power.cooling_water_m3")[-1, r] / it_mwh[-1, region == r].sum()
    assert litres["gulf"] > litres["us_tx"] > litres["us_midwest"] > litres["europe"]


def test_new_orders_come_no_sooner_than_power_does():
    found = record("stargate")
    months = np.array([min(float(catalog.value("regions", r, n)) for n in ("grid_months", "firm_months"))
                       for r in found.names.regions])  # fmt: skip
    n, build = len(months), found.parameters.build
    told = (found.field("build.power_wait_weeks")[:, :n] + float(build.site_weeks)) * 12 / 52
    assert (told >= months - 1e-9).all() and (told >= float(build.site_weeks) * 12 / 52 - 1e-9).all()
    late = found.field("build.late_weeks")[:, : len(found.names.sites)]
    announced = found.names.announced_sites
    assert (late[:, :announced] == 0).all() and late[:, announced:].max() > 0


@pytest.mark.parametrize(("quantity", "rows"), [
    ("power.price_usd_per_mwh[us_tx]", ("firm_without_gas_usd_per_mwh", "firm_mmbtu_per_mwh", "gas_usd_per_mmbtu")),
    ("power.carbon_g_per_kwh[us_tx]", ("firm_carbon_g_per_kwh", "carbon_g_per_kwh")),
    ("power.cooling_water_m3[us_tx]", ("water_l_per_kwh",)),
    ("power.months_to_power[us_tx]", ("grid_months", "firm_months")),
])  # fmt: skip
def test_explain_walks_to_the_rows_of_the_region(quantity, rows):
    with one_class():
        found = explain(load(text()), quantity)
    inputs = {row["name"]: row for row in found.rows() if row["kind"] == "input"}
    for row in rows:
        assert f"regions.us_tx.{row}" in inputs, sorted(inputs)
    computed = [row for row in rows if row.startswith("firm_")]
    assert all("gigawatt-power" in inputs[f"regions.us_tx.{row}"]["text"] for row in computed if row != "firm_months")


def test_explain_names_the_options_of_a_planned_site():
    with one_class():
        found = explain(load(text(f"abilene: {{{MIXED}}}")), "power.price_usd_per_mwh[us_tx]")
    assert "sites.abilene.supply" in {row["name"] for row in found.rows()}
