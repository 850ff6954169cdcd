"""Plans known by hand, and what must hold of every plan."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from

from gigawatt.annuity import capital_recovery_factor
from gigawatt.errors import SolveError
from gigawatt.power.build import build
from gigawatt.power.lcoe import Technology, in_book, lcoe_usd_per_mwh, with_gas_price
from gigawatt.power.load import Flexible
from gigawatt.power.load import load as load_of
from gigawatt.power.options import Contract
from gigawatt.power.options_text import option, options_of
from gigawatt.power.plan import dispatch
from gigawatt.power.plan import size as size_to
from gigawatt.power.plan_rows import book_rows, capacity_rows, cost_rows, hourly_columns, hourly_rows, tables
from gigawatt.power.targets import Targets, Terms
from tests.power.made_up import a_battery, a_grid, a_load, a_plant, a_site, there

EXACT = 1e-6
NO_INTEREST = Terms(discount_rate=0.0, gas_usd_per_mmbtu=4.0, carbon_usd_per_t=0.0, shed_usd_per_mwh=1000.0)


def size(*case, **more):
    """A plan proved far beyond what the test looks at."""
    return size_to(*case, **({"tolerance": 1e-9} | more))


def test_one_plant_and_a_flat_load_cost_the_levelised_cost():
    terms = Terms(discount_rate=0.07, gas_usd_per_mmbtu=4.2)
    plan = size(a_site(168), a_load(hours=168), "gas", terms=terms)
    gas = with_gas_price(in_book(Technology.from_catalog("gas"), "market"), 4.2)
    assert plan.size("gas") == pytest.approx(100 / gas.capacity_factor)
    assert plan.usd_per_mwh == pytest.approx(lcoe_usd_per_mwh(gas, 0.07), rel=EXACT)


def test_a_battery_buys_cheap_and_sells_dear():
    # One-way efficiency 0.9: 1 MWh is charged at 10 USD, 0.81 MWh of the next hour need not be bought at 100 USD.
    site, load = a_site(2, price=np.array([10.0, 100.0])), a_load(1.0, 2)
    plan = size(site, load, [a_grid(5.0), a_battery(1.0, 2.0, efficiency=0.81)], terms=NO_INTEREST)
    assert plan.cost_usd == pytest.approx(2 * 10 + 0.19 * 100, rel=EXACT)
    assert plan.dispatch.charge_mw[:, 0] == pytest.approx([1, 0], abs=1e-6)
    assert plan.dispatch.discharge_mw[:, 0] == pytest.approx([0, 0.81], abs=1e-6)


def test_wear_is_paid_for_what_reaches_the_bus():
    site, load = a_site(2, price=np.array([10.0, 100.0])), a_load(1.0, 2)
    plan = size(site, load, [a_grid(5.0), a_battery(1.0, 2.0, vom_usd_per_mwh=5.0)], terms=NO_INTEREST)
    assert plan.accounts.usd["battery"] == pytest.approx({"wear": 5.0})
    assert plan.cost_usd == pytest.approx(25, rel=EXACT)


@pytest.mark.parametrize(("carbon_usd_per_t", "runs"), [(0.0, "coal"), (33.0, "coal"), (34.0, "gas")])
def test_a_carbon_price_turns_the_merit_order(carbon_usd_per_t, runs):
    # 20 + 1.0 p against 40 + 0.4 p USD/MWh: equal at 33.3 USD/t.
    options = [
        there("coal", fuel_usd_per_mwh=20, carbon_t_per_mwh=1.0),
        there("gas", vom_usd_per_mwh=40, carbon_t_per_mwh=0.4),
    ]
    plan = size(a_site(), a_load(), options, terms=replace(NO_INTEREST, carbon_usd_per_t=carbon_usd_per_t))
    assert plan.accounts.energy.by_source[runs] == pytest.approx(2400)


def test_sun_is_built_until_it_saves_no_more_than_it_costs():
    # 10 hours of sun, 14 without: a plant at 50 USD/MWh exists; sun costs 876 USD/kW over 20 years = 120 USD/MW a day,
    # and saves 500. It is built for the whole load and no more.
    sun = replace(option("pv"), technology=Technology(name="sun", kind="variable", resource="sun",
                                                      capex_usd_per_kw=876.0, life_years=20.0))  # fmt: skip
    pv = np.where((np.arange(24) >= 7) & (np.arange(24) < 17), 1.0, 0.0)
    plan = size(a_site(24, pv=pv), a_load(), [sun, there(vom_usd_per_mwh=50.0)], terms=NO_INTEREST)
    assert plan.size("pv") == pytest.approx(100, rel=EXACT)
    assert plan.cost_usd == pytest.approx(100 * 120 + 1400 * 50, rel=EXACT)


def test_what_exists_is_not_paid_again():
    new = size(a_site(), a_load(), [a_plant(fom_usd_per_kw_year=8.0)], terms=NO_INTEREST)
    there_is = size(a_site(), a_load(), [a_plant(fom_usd_per_kw_year=8.0, existing_mw=40.0)], terms=NO_INTEREST)
    assert there_is.size("plant") == pytest.approx(100)
    # 1,000 USD/kW over 20 years is 50,000 USD per MW and year; operation is paid for all of it.
    assert new.cost_usd - there_is.cost_usd == pytest.approx(40 * 50_000 / 365)
    assert there_is.accounts.usd["plant"]["fixed"] == pytest.approx(100 * 8_000 / 365)
    assert there_is.capex_usd == pytest.approx(60e6)


def test_a_demand_charge_is_on_the_peak_of_the_month():
    load = a_load(np.where(np.arange(744) == 500, 100.0, 60.0), 744)
    grid = a_grid(200.0, demand_charge_usd_per_kw_month=5.0)
    terms = replace(NO_INTEREST, shed_usd_per_mwh=1e5)
    plan = size(a_site(744), load, [grid], terms=terms)
    assert plan.accounts.usd["grid"]["demand"] == pytest.approx(100 * 5_000)
    shaved = size(a_site(744), load, [grid, a_battery(40.0, 40.0)], terms=terms)
    assert shaved.accounts.usd["grid"]["demand"] < 62 * 5_000


def test_surplus_is_sold_at_the_price_of_the_grid():
    pv = replace(option("pv"), least_mw=50.0, most_mw=50.0, existing_mw=50.0)
    site = a_site(24, pv=np.where(np.arange(24) < 12, 1.0, 0.0), price=30.0)
    plan = size(site, a_load(10.0), [pv, a_grid(100.0, export_mw=25.0)], terms=NO_INTEREST)
    # 12 hours: 40 MW left, 25 sold, 15 curtailed; 12 hours: 10 MW bought.
    assert plan.accounts.energy.sold_mwh == pytest.approx(300)
    assert plan.accounts.energy.curtailed_mwh == pytest.approx(180)
    assert plan.accounts.usd["grid"] == pytest.approx({"energy": 120 * 30.0, "export": -300 * 29.99})
    assert plan.accounts.energy.curtailed_share == pytest.approx(180 / 600)


def test_nothing_is_sold_at_a_negative_price():
    pv = replace(option("pv"), least_mw=50.0, most_mw=50.0, existing_mw=50.0)
    plan = size(a_site(4, pv=1.0, price=-5.0), a_load(10.0, 4), [pv, a_grid(30.0, export_mw=25.0)], terms=NO_INTEREST)
    assert plan.accounts.usd["grid"].get("export", 0.0) == pytest.approx(0, abs=1e-6)


def test_contracts_pay_for_what_is_produced_or_for_what_is_taken():
    output = np.array([1.0, 1.0, 0.0, 0.0])
    contract = Contract(name="ppa", usd_per_mwh=40.0, output=output, least_mw=150.0, most_mw=150.0)
    cases = {"produced": 40 * 300, "delivered": 40 * 200}
    for paid, usd in cases.items():
        plan = size(a_site(4), a_load(100.0, 4), [replace(contract, paid=paid), a_grid()], terms=NO_INTEREST)
        assert plan.accounts.usd["ppa"]["contract"] == pytest.approx(usd)


def test_certificates_match_a_year_and_not_an_hour():
    output = np.array([2.0, 2.0, 0.0, 0.0])
    contract = Contract(name="ppa", usd_per_mwh=60.0, paid="virtual", output=output)
    site, load = a_site(4, carbon=500.0), a_load(100.0, 4)
    plan = size(site, load, [contract, a_grid()], targets=Targets(carbon_free_annual=0.5), terms=NO_INTEREST)
    # Half of 400 MWh needs 50 MW of 4 MWh each; settled at 60 - 50 USD/MWh.
    assert plan.size("ppa") == pytest.approx(50, rel=EXACT)
    assert plan.accounts.usd["ppa"]["contract"] == pytest.approx(200 * 10)
    carbon = plan.accounts.carbon
    assert carbon.location_t == pytest.approx(200)
    assert carbon.market_t == pytest.approx(100)
    assert carbon.matched_t == pytest.approx(100)
    assert carbon.carbon_free_annual == pytest.approx(0.5)
    assert carbon.carbon_free_hourly == pytest.approx(0, abs=1e-9)
    whole = size(site, load, [contract, a_grid()], targets=Targets(carbon_free_annual=1.0), terms=NO_INTEREST)
    assert whole.accounts.carbon.market_t == pytest.approx(0, abs=1e-3)
    assert whole.accounts.carbon.matched_t == pytest.approx(100)  # nothing covers hours 2 and 3


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_an_hourly_target_is_reached(share):
    targets = Targets(carbon_free_hourly=share)
    plan = size(a_site(48), a_load(hours=48), "pv, battery, gas", targets=targets)
    assert plan.accounts.carbon.carbon_free_hourly >= share - 1e-6


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_stopping_load_does_not_reach_an_hourly_target(share):
    load = a_load(hours=48, flexible=[Flexible(name="batch", share=0.3, usd_per_mwh=60.0)])
    plan = size(a_site(48), load, "pv, battery, gas", targets=Targets(carbon_free_hourly=share))
    energy = plan.accounts.energy
    stopped = energy.by_source["flexible_batch"]
    assert stopped > 1.0
    served = energy.load_mwh - stopped - energy.unserved_mwh
    assert energy.by_source["gas"] <= (1 - share) * served + 1e-3
    assert plan.accounts.carbon.carbon_free_hourly == pytest.approx(1 - energy.by_source["gas"] / served)
    assert plan.notes == ()


def test_an_annual_target_is_met_to_the_megawatt_hour_where_stores_lose():
    terms = replace(NO_INTEREST, shed_usd_per_mwh=1e5)
    options = [option("pv"), option("battery"), option("gas"), a_grid(30.0)]
    plan = size(a_site(48), a_load(hours=48), options, targets=Targets(carbon_free_annual=1.0), terms=terms)
    assert plan.accounts.energy.charged_mwh > plan.accounts.energy.discharged_mwh + 1.0
    assert plan.accounts.carbon.carbon_free_annual == pytest.approx(1, abs=1e-4)


def test_a_target_that_is_missed_for_load_without_power_is_in_the_notes():
    # 60 MW of gas for 100 MW: half of the load may be gas, which is more than half of what is served.
    plan = size(a_site(pv=0.1), a_load(), [there("gas", mw=60.0, carbon_t_per_mwh=0.4), sun_there(200.0)],
                targets=Targets(carbon_free_hourly=0.5), terms=NO_INTEREST)  # fmt: skip
    assert plan.accounts.carbon.carbon_free_hourly == pytest.approx(20 / 70)
    assert plan.notes[-1] == "carbon-free by the hour: 0.2857 of the load that is served, target 0.5 missed"
    whole = size(
        a_site(pv=0.1), a_load(), [sun_there(200.0)], targets=Targets(carbon_free_hourly=1.0), terms=NO_INTEREST
    )
    assert whole.accounts.carbon.carbon_free_hourly == pytest.approx(1)
    assert whole.accounts.energy.unserved_mwh == pytest.approx(80 * 24)


def sun_there(mw):
    return replace(option("pv"), least_mw=mw, most_mw=mw, existing_mw=mw)


def test_a_virtual_contract_that_earns_is_held_to_the_load_and_the_notes_say_so():
    contract = Contract(name="ppa", usd_per_mwh=40.0, paid="virtual", output=np.array([0.5, 0.5, 0.0, 0.0]))
    plan = size(a_site(4, price=50.0), a_load(100.0, 4), [contract, a_grid()], terms=NO_INTEREST)
    assert plan.size("ppa") == pytest.approx(400)
    assert plan.notes[-1] == "ppa: held to 400 MW, which make as much energy as the load takes"
    told = size(
        a_site(4, price=50.0), a_load(100.0, 4), [replace(contract, most_mw=300.0), a_grid()], terms=NO_INTEREST
    )
    assert told.size("ppa") == pytest.approx(300) and "held" not in " ".join(told.notes)


def test_a_carbon_cap_holds():
    free = size(a_site(48), a_load(hours=48), "pv, battery, gas")
    capped = size(
        a_site(48), a_load(hours=48), "pv, battery, gas", targets=Targets(carbon_t=free.accounts.carbon.stack_t / 2)
    )
    assert capped.accounts.carbon.stack_t <= free.accounts.carbon.stack_t / 2 * (1 + 1e-6)
    assert capped.cost_usd > free.cost_usd


def test_a_reserve_margin_is_built():
    plan = size(a_site(), a_load(), "pv, battery, gas", targets=Targets(reserve_margin=0.2))
    assert plan.size("gas") >= 120 - 1e-4


def test_least_shares_and_hours_of_a_battery_hold():
    targets = Targets(least_share={"pv": 0.4}, battery_hours=(2.0, 3.0))
    plan = size(a_site(), a_load(), "pv, battery>=10MW, gas", targets=targets)
    assert plan.size("pv") * a_site().pv_cf.sum() >= 0.4 * 2400 - 1e-3
    assert 2 - 1e-6 <= plan.size("battery_energy") / plan.size("battery") <= 3 + 1e-6


def test_a_battery_of_so_many_hours_has_them():
    plan = size_to(a_site(168), a_load(hours=168), "pv, battery>=20MW hours=4, gas")
    assert plan.method == "chain" and plan.gap <= 1e-5
    assert plan.size("battery_energy") / plan.size("battery") == pytest.approx(4, rel=2e-3)


def test_load_stops_where_power_is_dearer_than_its_worth():
    site = a_site(4, price=np.array([20.0, 20.0, 500.0, 20.0]))
    load = a_load(100.0, 4, flexible=[Flexible(name="batch", share=0.3, usd_per_mwh=200.0)])
    plan = size(site, load, [a_grid(200.0)], terms=NO_INTEREST)
    assert plan.accounts.usd["flexible_batch"] == pytest.approx({"flexible": 30 * 200.0})
    assert plan.accounts.usd["grid"]["energy"] == pytest.approx(300 * 20 + 70 * 500)


def test_load_that_can_wait_runs_when_power_is_cheap():
    site = a_site(4, price=np.array([20.0, 500.0, 20.0, 20.0]))
    train = Flexible(name="train", share=0.3, usd_per_mwh=1.0, kind="delay", hours=2.0, headroom=0.3)
    load = a_load(100.0, 4, flexible=[train])
    plan = size(site, load, [a_grid(200.0)], terms=NO_INTEREST)
    assert plan.accounts.usd["grid"]["energy"] == pytest.approx(330 * 20 + 70 * 500)
    assert plan.accounts.usd["flexible_train"] == pytest.approx({"flexible": 30.0})


def test_load_that_waits_is_caught_up_on_idle_chips_only():
    # 3 hours at 20 USD/MWh have 10 MW of idle chips each, so 30 of the 100 MWh in the dear hour wait.
    site = a_site(5, price=np.array([20.0, 500.0, 20.0, 20.0, 20.0]))
    train = Flexible(name="train", share=0.6, usd_per_mwh=1.0, kind="delay", hours=3.0, headroom=0.1)
    plan = size(site, a_load(100.0, 5, flexible=[train]), [a_grid(200.0)], terms=NO_INTEREST)
    assert plan.dispatch.charge_mw[:, 0] == pytest.approx([0, 0, 10, 10, 10], abs=1e-6)
    assert plan.dispatch.firm_mw[:, 0] == pytest.approx([100, 70, 110, 110, 110], abs=1e-6)


@settings(max_examples=10)
@given(
    seed=integers(0, 1000), share=floats(0.05, 0.5), hours=sampled_from([1.0, 2.5, 6.0, 24.0]), room=floats(0.02, 0.5)
)
def test_load_that_waits_runs_within_its_window(seed, share, hours, room):
    rng = np.random.default_rng(seed)
    site_mw = rng.uniform(40.0, 100.0, 96)
    part = Flexible(name="batch", share=share, usd_per_mwh=0.1, kind="delay", hours=hours, headroom=room)
    plan = size_to(random_site(seed, 96), a_load(site_mw, 96, flexible=[part]), [a_grid(200.0)], terms=NO_INTEREST)
    put_off, caught_up = plan.dispatch.discharge_mw[:, 0], plan.dispatch.charge_mw[:, 0]
    assert (put_off <= share * site_mw + 1e-6).all()
    assert (site_mw - put_off + caught_up <= (1 + room) * site_mw.max() + 1e-6).all()
    # With the oldest first, all that was due `hours` ago has run when no more waits than fell due since.
    due, run = np.cumsum(share * site_mw), np.cumsum(share * site_mw - put_off + caught_up)
    due_before = np.interp(np.arange(1, 97) - hours, np.arange(97), np.concatenate([[0.0], due]))
    assert (run >= due_before - 1e-4).all()
    assert run[-1] == pytest.approx(due[-1], rel=1e-6)


def test_a_load_that_stops_has_nothing_that_waits_and_the_notes_say_so():
    part = Flexible(name="train", share=0.3, usd_per_mwh=1.0, kind="delay", hours=2.0)
    load = a_load(np.array([100.0, 0.0, 100.0]), 3, flexible=[part])
    plan = size(a_site(3), load, [a_grid(200.0)], terms=NO_INTEREST)
    assert plan.built.stores == ()
    assert plan.notes[-1].startswith("train: nothing waits") and plan.notes[-1].endswith("0 MW in hour 1")


@pytest.mark.parametrize("seed", [1, 2])
def test_load_that_waits_costs_the_same_by_either_method(seed):
    part = Flexible(name="train", share=0.4, usd_per_mwh=2.0, kind="delay", hours=6.0)
    load = a_load(np.random.default_rng(seed).uniform(40.0, 100.0, 72), 72, flexible=[part])
    found, program = (size_to(random_site(seed), load, "pv, gas, grid<=40MW", method=m) for m in ("chain", "program"))
    assert found.gap <= 1e-5 and found.accounts.residual_mw < 1e-4
    assert found.cost_usd == pytest.approx(program.cost_usd, rel=2e-5)


def test_parts_that_wait_share_the_idle_chips():
    parts = [Flexible(name=name, share=0.2, usd_per_mwh=1.0, kind="delay", hours=4.0) for name in "ab"]
    built = build(a_site(), a_load(100.0, flexible=parts), [a_grid(200.0)])
    size_of = dict(zip(built.system.names, built.system.most, strict=True))
    room = parts[0].headroom
    assert size_of["flexible_a_catch_up"] + size_of["flexible_b_catch_up"] == pytest.approx(100 * room)
    assert size_of["flexible_a"] == pytest.approx(20) and size_of["flexible_a_energy"] == pytest.approx(80)


def test_load_that_cannot_be_served_is_paid():
    plan = size(a_site(), a_load(), [there("small", mw=60.0)], terms=NO_INTEREST)
    assert plan.accounts.usd["unserved"] == pytest.approx({"unserved": 40 * 24 * 1000.0})


def test_what_is_not_served_is_in_the_notes():
    plan = size(a_site(), a_load(), [there("small", mw=60.0)], terms=NO_INTEREST)
    assert plan.notes[-1] == "960 MWh of load not served in 24 hours, 40 MW in hour 0"


MUST = replace(NO_INTEREST, shed_usd_per_mwh=np.inf)


def test_load_that_must_be_served_is():
    plan = size(a_site(48), a_load(hours=48), "pv, battery, gas", terms=MUST)
    assert plan.accounts.energy.unserved_mwh == pytest.approx(0, abs=1e-5)
    assert np.isfinite(plan.cost_usd) and "unserved" not in plan.accounts.usd


def test_what_cannot_be_served_names_hour_and_limits():
    with pytest.raises(
        SolveError, match="load 100 MW exceeds supply 57.12 MW in hour 0 .*23 more hours.*gas at most 60"
    ):
        size(a_site(), a_load(), "gas<=60MW", terms=MUST)


def test_targets_that_no_size_meets_are_named():
    with pytest.raises(SolveError, match="reserve of 0.2 over the peak.*gas at most 60"):
        size(a_site(), a_load(), "gas<=60MW, battery", targets=Targets(reserve_margin=0.2))
    with pytest.raises(SolveError, match="budget 'gas at least 0.9 of the load'.*gas at most 60"):
        size(a_site(), a_load(), "gas<=60MW", targets=Targets(least_share={"gas": 0.9}))


def test_the_same_supply_in_the_same_year_costs_the_same():
    grid = "grid<=60MW demand=7$/kW/month"
    plan = size(a_site(744), a_load(hours=744), f"pv, battery, gas, {grid}")
    again = dispatch(plan)
    assert again.cost_usd == pytest.approx(plan.cost_usd, rel=1e-5)
    assert again.size("grid_01") <= plan.size("grid") + 1e-6


def test_a_plan_is_dispatched_by_its_monthly_peaks():
    # 10 MW of a charge of 5,000 USD/MW are needed in February; each MW more would save 5 USD/MWh in 672 hours.
    load = a_load(np.where(np.arange(1416) < 744, 200.0, 110.0), 1416)
    options = [a_grid(100.0, demand_charge_usd_per_kw_month=5.0), there(vom_usd_per_mwh=55.0)]
    plan = size(a_site(1416), load, options, terms=NO_INTEREST)
    again = dispatch(plan)
    assert plan.size("grid_02") == pytest.approx(10, rel=1e-4)
    assert again.size("grid_01") == pytest.approx(100, rel=1e-4) and again.size("grid_02") == pytest.approx(
        10, rel=1e-4
    )
    assert again.cost_usd == pytest.approx(plan.cost_usd, rel=1e-6)
    program = dispatch(plan, method="program")
    assert program.cost_usd == pytest.approx(plan.cost_usd, rel=1e-6)
    # In another year, 10 USD/MWh cheaper, 672 hours of the grid are worth their charge.
    cheaper = dispatch(plan, site=a_site(1416, price=40.0))
    assert cheaper.size("grid_02") == pytest.approx(100, rel=1e-4)


def test_less_sun_and_more_load_make_the_same_supply_dearer():
    plan = size(a_site(48), a_load(hours=48), "pv>=50MW, battery, gas")
    darker = dispatch(plan, site=a_site(48, pv=0.1))
    heavier = dispatch(plan, load=a_load(110.0, 48))
    assert darker.cost_usd > plan.cost_usd and heavier.cost_usd > plan.cost_usd
    assert heavier.accounts.energy.unserved_mwh > 0
    with pytest.raises(ValueError, match="no capacity 'gass'"):
        dispatch(plan, sizes={"gass": 3.0})


def test_two_stores_are_sized_as_one_program():
    plan = size(a_site(168), a_load(hours=168), "pv, battery, iron_air, gas")
    assert plan.method == "program" and "more than one store" in " ".join(plan.notes)
    assert plan.gap <= 1e-5


def test_a_load_may_be_a_number_or_a_text():
    plan = size("us_tx_abilene", "10 MW", [there("gas", mw=50.0, vom_usd_per_mwh=30.0)])
    assert plan.built.system.load_mw.max() == pytest.approx(10)
    assert plan.built.system.hours == 8760


def test_rows_add_up():
    plan = size(a_site(48), a_load(hours=48, litres=0.4), "pv, wind, battery, gas existing=20MW, grid<=30MW")
    assert sum(row["usd"] for row in cost_rows(plan)) == pytest.approx(plan.cost_usd, rel=1e-12)
    capex = sum(row["capex_usd"] for row in capacity_rows(plan))
    assert capex == pytest.approx(plan.capex_usd)
    assert {"summary", "capacities", "energy", "costs", "books", "carbon"} == set(tables(plan))
    assert [row["planned_with"] for row in book_rows(plan)] == ["yes", "no"]
    assert len(hourly_rows(plan)) == 48
    assert "wind, grid" in plan.notes[0]


def test_the_hours_of_a_plan_balance():
    plan = size(a_site(48), a_load(hours=48), "pv, battery, gas<=80MW, grid<=30MW export=20MW")
    c = hourly_columns(plan)
    fed = c["pv_mw"] + c["gas_mw"] + c["grid_mw"] + c["battery_discharge_mw"] + c["unserved_mw"]
    assert fed == pytest.approx(c["load_mw"] + c["battery_charge_mw"] + c["sold_mw"], abs=1e-5)


OPTIONS = ["pv", "wind", "battery", "gas", "grid<=40MW", "ccgt<=50MW", "diesel"]


def random_site(seed, hours=72):
    rng = np.random.default_rng(seed)
    return replace(
        a_site(hours), wind_cf=np.clip(rng.normal(0.35, 0.3, hours), 0, 1), price_usd_per_mwh=rng.normal(50, 40, hours)
    )


@settings(max_examples=10)
@given(seed=integers(0, 1000), low=floats(0, 100), more=floats(1, 200))
def test_dearer_carbon_never_raises_emissions(seed, low, more):
    site, options = random_site(seed), options_of("pv, wind, battery, gas, grid<=40MW")
    cheap, dear = (
        size(site, a_load(hours=72), options, terms=Terms(carbon_usd_per_t=usd), tolerance=1e-7)
        for usd in (low, low + more)
    )
    slack_t = 2e-7 * dear.cost_usd / more  # both are optimal only within the tolerance
    assert dear.accounts.carbon.location_t <= cheap.accounts.carbon.location_t + slack_t + 1e-3


@settings(max_examples=10)
@given(seed=integers(0, 1000), base=sampled_from(["gas", "diesel", "gas, pv"]), more=sampled_from(OPTIONS))
def test_more_options_never_cost_more(seed, base, more):
    site, load = random_site(seed), a_load(hours=72)
    few = options_of(base)
    many = [*few, *(o for o in options_of(more) if o.name not in {f.name for f in few})]
    assert size_to(site, load, many).cost_usd <= size_to(site, load, few).cost_usd * (1 + 2e-5)


@settings(max_examples=10)
@given(seed=integers(0, 1000), share=floats(0, 0.9))
def test_every_plan_balances_and_adds_up(seed, share):
    options = "pv, wind, battery, gas, grid<=40MW demand=5$/kW/month export=20MW"
    plan = size_to(random_site(seed), a_load(hours=72), options, targets=Targets(carbon_free_hourly=share))
    assert plan.gap <= 1e-5
    assert plan.accounts.residual_mw < 1e-4
    found = plan.capacity @ plan.built.system.capital_usd + plan.dispatch.cost_usd
    assert plan.cost_usd == pytest.approx(found, rel=1e-9)
    energy = plan.accounts.energy
    fed = sum(energy.by_source.values()) + energy.discharged_mwh + energy.unserved_mwh
    assert fed == pytest.approx(energy.load_mwh + energy.charged_mwh + energy.sold_mwh, rel=1e-6)


@pytest.mark.parametrize("options", [
    "gas", "grid<=40MW, diesel", "pv, battery hours=4, gas", "wind, iron_air, ccgt",
    "pv, wind, battery, gas, grid<=40MW demand=5$/kW/month export=20MW", "ppa_solar<=80MW, ppa_wind<=30MW, grid, gas",
])  # fmt: skip
@pytest.mark.parametrize("seed", [1, 2])
def test_the_exact_method_and_the_program_agree(options, seed):
    load = a_load(hours=72, flexible=[Flexible(name="batch", share=0.2, usd_per_mwh=90.0)])
    targets = Targets(carbon_free_hourly=0.3) if "pv" in options else None
    found, program = (
        size_to(random_site(seed), load, options, targets=targets, method=m) for m in ("chain", "program")
    )
    assert found.gap <= 1e-5
    assert found.cost_usd == pytest.approx(program.cost_usd, rel=2e-5)


@settings(max_examples=10)
@given(rate=floats(0.0, 0.15), more=floats(0.01, 0.1))
def test_dearer_money_never_makes_power_cheaper(rate, more):
    site, load = a_site(48), a_load(hours=48)
    cheap, dear = (size_to(site, load, "pv, battery, gas", terms=Terms(discount_rate=r)) for r in (rate, rate + more))
    assert dear.cost_usd >= cheap.cost_usd * (1 - 2e-5)


def test_capital_is_an_annuity():
    plan = size(a_site(8760, pv=0.3), a_load(hours=8760), [a_plant()], terms=replace(NO_INTEREST, discount_rate=0.06))
    assert plan.accounts.usd["plant"]["capital"] == pytest.approx(1e8 * capital_recovery_factor(0.06, 20))


@pytest.mark.parametrize(
    "targets",
    [Targets(), Targets(carbon_free_hourly=0.8), Targets(carbon_free_hourly=1.0), Targets(carbon_free_annual=0.9)],
)
def test_the_marginal_price_pays_for_the_whole_plan(targets):
    # Shares of the load grow with it, so cost grows in proportion: the price of one more MWh is the mean cost.
    plan = size_to("us_tx_abilene", load_of(site_mw=np.full(672, 100.0)), "pv,wind,battery,gas", targets=targets)
    assert plan.price_usd_per_mwh == pytest.approx(plan.usd_per_mwh, rel=1e-3)


def test_a_target_is_not_met_by_switching_off():
    with pytest.raises(SolveError, match=r"of the load cannot be served.*in hour \d+.*carbon-free by the hour"):
        size_to("us_tx_abilene", load_of(site_mw=np.full(168, 100.0)), "gas", targets=Targets(carbon_free_hourly=0.5))
    cheap = Terms(shed_usd_per_mwh=200.0)
    hours = load_of(site_mw=np.full(168, 100.0))
    assert size_to("us_tx_abilene", hours, "gas", targets=Targets(carbon_free_hourly=0.5), terms=cheap).usd_per_mwh > 0
