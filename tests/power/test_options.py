"""Options from text, and the system that they become."""

from dataclasses import replace

import numpy as np
import pytest

from gigawatt.power.build import build
from gigawatt.power.lcoe import Technology, in_book, with_gas_price
from gigawatt.power.options import Battery, Bridge, Contract, Grid, Plant
from gigawatt.power.options_text import option, options_of, short_names
from gigawatt.power.targets import Targets, Terms
from tests.power.made_up import a_battery, a_grid, a_load, a_plant, a_site, there

NO_INTEREST = Terms(discount_rate=0.0, gas_usd_per_mmbtu=4.0, carbon_usd_per_t=50.0)


def test_a_text_gives_options_with_their_limits():
    pv, wind, battery, gas, grid = options_of("pv>=100MW, wind <= 0.5 GW, battery<=4 GWh hours=4, gas, grid=300MW")
    assert isinstance(pv, Plant) and (pv.name, pv.least_mw, pv.most_mw) == ("pv", 100, np.inf)
    assert wind.most_mw == pytest.approx(500)
    assert isinstance(battery, Battery) and (battery.most_mwh, battery.tied_hours) == (4000, 4)
    assert gas.technology.name == "gas_reciprocating"
    assert isinstance(grid, Grid) and grid.least_mw == grid.most_mw == 300


def test_words_set_what_is_no_limit():
    gas, grid, ppa = options_of(
        "gas existing=200MW gas_price=5$/MMBtu, grid<=1GW demand=7.5$/kW/month export=100MW lead=30 months, "
        "ppa_solar price=45$/MWh"
    )
    assert (gas.existing_mw, gas.gas_usd_per_mmbtu) == (200, 5)
    assert (grid.demand_charge_usd_per_kw_month, grid.export_mw) == (7.5, 100)
    assert grid.lead_months == pytest.approx(30)
    assert isinstance(ppa, Contract) and ppa.usd_per_mwh == 45


def test_every_mistake_of_a_text_is_named():
    with pytest.raises(ValueError) as error:
        options_of("gaz, pv<=3MWh, gas hors=3, wind<=-1MW")
    lines = str(error.value).splitlines()
    assert len(lines) == 4
    assert "did you mean 'gas'?" in lines[0]
    assert "wants a power" in lines[1]
    assert "gas has no 'hors'" in lines[2]
    assert "below 0" in lines[3]


@pytest.mark.parametrize("text", ["gas, gas_engine", "gas,gas"])
def test_an_option_is_given_once(text):
    with pytest.raises(ValueError, match="gas is given twice"):
        options_of(text)


@pytest.mark.parametrize(("made", "message"), [
    (lambda: a_plant(existing_mw=-5.0), "plant: existing_mw -5 must be 0 or more"),
    (lambda: a_plant(least_mw=-5.0), "plant: least_mw -5 must be 0 or more"),
    (lambda: a_plant(least_mw=float("nan")), "plant: least_mw nan must be 0 or more"),
    (lambda: a_plant(least_load=1.5), "plant: least_load 1.5 must be between 0 and 1"),
    (lambda: a_battery(10.0, -40.0), "battery: least_mwh -40 must be 0 or more"),
    (lambda: a_grid(carbon_free_share=np.array([0.5, 1.2])), "grid: carbon_free_share 1.2 must be between 0 and 1"),
    (lambda: a_grid(available=-0.1), "grid: available -0.1 must be between 0 and 1"),
    (lambda: a_grid(demand="week"), "grid: demand 'week' is none of month, year"),
    (lambda: Contract(name="ppa", usd_per_mwh=40.0, paid="taken"), "ppa: paid 'taken' is none of produced"),
    (lambda: Contract(name="ppa", usd_per_mwh=40.0, output=np.array([0.4, -0.1])), "ppa: output -0.1 must be 0"),
    (lambda: Bridge(name="sets", rent_usd_per_mw_month=-1.0), "sets: rent_usd_per_mw_month -1 must be 0 or more"),
    (lambda: options_of("gas existing=-5MW"), "gas: existing_mw -5 must be 0 or more"),
    (lambda: Terms(discount_rate=-0.5), "discount_rate -0.5 must be from 0 to below 1"),
    (lambda: Terms(discount_rate=8.0), "discount_rate 8 must be from 0 to below 1"),
    (lambda: Terms(shed_usd_per_mwh=float("nan")), "shed_usd_per_mwh nan must be 0 or more"),
])  # fmt: skip
def test_what_is_out_of_its_range_is_refused(made, message):
    with pytest.raises(ValueError, match=message):
        made()


def test_a_virtual_contract_is_carbon_free():
    with pytest.raises(ValueError, match="ppa: a virtual contract brings certificates of carbon-free energy"):
        Contract(name="ppa", usd_per_mwh=40.0, paid="virtual", carbon_t_per_mwh=0.4)


def test_no_option_at_all_is_refused():
    with pytest.raises(ValueError, match="no option is given"):
        options_of(" , ")


def test_every_short_name_stands_for_an_option():
    kinds = {type(option(name)) for name in short_names()}
    assert kinds == {Plant, Battery, Grid, Contract, Bridge}
    assert {"pv", "wind", "battery", "gas", "grid", "smr", "geothermal", "bridge_turbine"} <= set(short_names())


def test_a_field_that_an_option_lacks_is_named():
    with pytest.raises(ValueError, match="gas has no mst_mw; did you mean most_mw?"):
        option("gas", mst_mw=3)


def test_books_differ_where_the_market_has_a_price():
    battery = Technology.from_catalog("battery")
    # The 2, 4 and 8 hour batteries of the reference lie on one line: power and energy part.
    for hours in (2, 4, 8):
        whole = Technology.from_catalog(f"battery_{hours}h").capex_usd_per_kw
        assert battery.capex_usd_per_kw + hours * battery.capex_usd_per_kwh == pytest.approx(whole, rel=1e-4)
    assert in_book(battery, "market").capex_usd_per_kwh == 120
    wind = Technology.from_catalog("wind")
    assert in_book(wind, "market") == wind
    with pytest.raises(ValueError, match="neither 'reference' nor 'market'"):
        in_book(wind, "book")


def test_gas_is_burnt_at_the_heat_rate():
    gas = Technology.from_catalog("gas")
    assert with_gas_price(gas, 3.5).fuel_usd_per_mwh == pytest.approx(gas.fuel_usd_per_mwh, rel=0.005)


def test_a_plant_becomes_a_column_with_its_costs():
    # By hand for 24 hours: (1000 / 20 + 10) USD/kW a year x 1000 kW / 365; 4 USD/MMBtu x 8 + 3 + 50 x 0.4 USD/MWh.
    plant = a_plant(fom_usd_per_kw_year=10, heat_rate_mmbtu_per_mwh=8, vom_usd_per_mwh=3, carbon_t_per_mwh=0.4)
    built = build(a_site(), a_load(), [plant], terms=NO_INTEREST)
    assert built.system.names == ("plant",)
    assert built.system.capital_usd[0] == pytest.approx(60_000 / 365)
    assert built.system.firm_usd_per_mwh[0, 0] == pytest.approx(32 + 3 + 20)
    assert built.system.hours == 24 and built.years == pytest.approx(24 / 8760)


def test_a_load_of_two_years_takes_the_weather_twice():
    site = a_site(8760)
    built = build(site, a_load(hours=17520), [option("pv")])
    assert built.system.free_profile[8760:] == pytest.approx(built.system.free_profile[:8760])
    assert built.years == 2


def test_what_exists_is_at_least_there():
    built = build(a_site(), a_load(), [a_plant(existing_mw=30)])
    assert built.system.least[0] == 30
    with pytest.raises(ValueError, match="plant: at least 30 MW, but at most 20"):
        build(a_site(), a_load(), [a_plant(existing_mw=30, most_mw=20)])


def test_a_demand_charge_has_a_capacity_for_each_month():
    grid = replace(a_grid(), demand_charge_usd_per_kw_month=7.0)
    built = build(a_site(8760), a_load(hours=8760), [grid])
    months = [c for c in built.capacities if "demand" in c.usd]
    assert [c.name for c in months] == [f"grid_{m:02d}" for m in range(1, 13)]
    assert all(c.usd["demand"] == pytest.approx(7000) for c in months)
    assert len(built.system.rows_names) == 12
    assert set(built.system.firm_capacity[:744, 0]) == {built.system.names.index("grid_01")}


def test_a_charge_is_paid_for_the_part_of_the_month_that_is_seen():
    grid = replace(a_grid(), demand_charge_usd_per_kw_month=7.44)
    built = build(a_site(48), a_load(hours=48), [grid])
    assert built.capacities[1].usd["demand"] == pytest.approx(7440 * 48 / 744)


def test_a_tied_battery_has_the_cost_of_both_parts_in_its_energy():
    iron = option("iron_air")
    built = build(a_site(8760), a_load(hours=8760), [iron], terms=Terms(discount_rate=0.0))
    power, energy = built.capacities
    # By hand: 4,200 USD/kW over 100 hours is 42 USD/kWh, over 17.5 years.
    assert energy.usd["capital"] == pytest.approx(42_000 / 17.5)
    assert power.usd["capital"] == 0 and power.usd["fixed"] == pytest.approx(42_000)
    assert built.system.rows_least == pytest.approx(2 * [-1e-5 * 100 * 100])
    assert built.system.rows @ np.array([1.0, 100.0]) == pytest.approx([0.1, 0.1])


def test_targets_become_rows_and_budgets():
    options = [option("pv"), there("gas", carbon_t_per_mwh=0.4), a_battery(10, 40)]
    targets = Targets(
        carbon_free_hourly=0.6, carbon_t=100, reserve_margin=0.1, least_share={"pv": 0.3}, most_share={"gas": 0.5},
        battery_hours=(1, 6),
    )  # fmt: skip
    built = build(a_site(), a_load(), options, targets)
    budgets = {b.name: b for b in built.system.budgets}
    assert budgets["carbon-free by the hour"].cap == pytest.approx(0.4 * 2400)
    assert budgets["carbon"].use[0, 0] == pytest.approx(0.4)
    assert budgets["gas at most 0.5 of the load"].cap == pytest.approx(1200)
    assert len(built.system.rows_names) == 4
    reserve = built.system.rows_names.index("reserve of 0.1 over the peak")
    assert built.system.rows_least[reserve] == pytest.approx(110)
    assert built.system.rows[reserve] == pytest.approx([0, 1, 0, 0])


def test_an_unknown_option_of_a_target_is_named():
    with pytest.raises(ValueError, match="no source 'gass'; did you mean 'gas'?"):
        build(a_site(), a_load(), [there("gas")], Targets(least_share={"gass": 0.1}))


def test_a_share_lies_between_0_and_1():
    with pytest.raises(ValueError, match="carbon_free_hourly 1.5 must be between 0 and 1"):
        Targets(carbon_free_hourly=1.5)


def test_a_site_without_wind_says_so():
    with pytest.raises(ValueError, match="wind: the year of made-up has no wind"):
        build(a_site(wind=None), a_load(), [option("wind")])


def test_a_contract_paid_as_delivered_needs_a_limit():
    contract = Contract(name="ppa", usd_per_mwh=40, paid="delivered")
    with pytest.raises(
        ValueError, match="ppa: paid as delivered, it costs nothing to have, so it needs an upper limit"
    ):
        build(a_site(), a_load(), [contract])


def test_power_is_not_sold_dearer_than_it_is_bought():
    grid = a_grid(export_mw=10.0, export_usd_per_mwh=60.0)
    with pytest.raises(ValueError, match="hour 0 sells at 59.99 and buys at 50 USD/MWh, a gain without end"):
        build(a_site(), a_load(), [grid], terms=Terms(carbon_usd_per_t=0))


def test_starts_need_a_size_of_units():
    with pytest.raises(ValueError, match="plant: starts and least load need the size of a unit"):
        build(a_site(), a_load(), [a_plant(least_load=0.4)])
    built = build(a_site(), a_load(), [a_plant(least_load=0.4, start_usd_per_mw=50, ramp_per_hour=0.5, unit_mw=10)])
    assert built.system.commitments[0].start_usd == 500
    assert built.system.ramps[0].up == 0.5
    assert not built.system.chain
