"""Items, their growth and price, pools by region, and shocks."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw
from gigawatt.buildout.deliveries import deliveries
from gigawatt.buildout.design import Design, bill
from gigawatt.buildout.draws import MEDIAN, draw
from gigawatt.buildout.growth import grown, ramped
from gigawatt.buildout.plan import plan, regional_weeks
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import standard_stages
from gigawatt.buildout.supply import (
    REGIONAL,
    Crew,
    Item,
    Pool,
    Shock,
    crews_of,
    item,
    local_crew,
    own_facts,
    pools_of,
    shocks_of,
)

NATURAL = {
    "accelerators": "chips", "logic_wafers": "wafers", "hbm": "GB", "packaging": "wafers", "servers": "racks",
    "optical_transceivers": "units", "power_transformers": "MVA", "mv_transformers": "MVA", "switchgear": "MW",
    "gas_turbines": "MW", "reciprocating_engines": "MW", "fuel_cells": "MW", "backup_generators": "MW", "ups": "MW",
    "batteries": "MWh", "cooling": "MW", "liquid_loops": "MW", "concrete": "m3", "steel": "t", "copper": "t",
    "grid_connection": "MW",
}  # fmt: skip
ITEMS, REGIONS = catalog.items("supply"), catalog.items("regions")
TRADES = ("builders", "electricians", "pipefitters", "technicians")
LINE = Item(
    name="line", unit="t", capacity_per_week=10.0, growth_per_year=0.5, scale_per_week=20.0,
    lead_weeks=Spread(20.0, 10.0, 40.0), usd_per_unit=100.0,
)  # fmt: skip
amounts = floats(0.1, 1e6)


def campus(name="a", region="us_tx", start=OPENING, mw=200.0, **more):
    return Project(name=name, region=region, start=start, phases=(mw,), **more)


def pool_of(name, region, **more):
    (found,) = pools_of({(name, region)}, Portfolio(projects=(campus(region=region),), **more))
    return found


# ------------------------------------------------------------------------------------------------------------- growth


@given(now=amounts, growth=floats(0, 2), scale=amounts)
def test_capacity_never_falls_and_grows_by_no_more_than_its_fastest(now, growth, scale):
    path = grown(now, growth, scale, 60)
    rise = path[1:] / path[:-1] - 1
    assert path[0] == now and (rise >= 0).all() and (rise <= growth / 52 + 1e-12).all()


def test_growth_has_halved_at_the_scale():
    assert grown(20.0, 0.5, 20.0, 2)[1] == approx(20 * (1 + 0.25 / 52))


@given(first=integers(-150, 150), weeks=integers(1, 80))
def test_a_plan_that_starts_another_day_sees_the_same_supply_in_the_same_week(first, weeks):
    whole = grown(10.0, 0.5, 20.0, 400, -160)
    assert grown(10.0, 0.5, 20.0, weeks, first) == approx(whole[first + 160 : first + 160 + weeks], rel=2e-3)


def test_announced_capacities_are_met_on_their_dates_and_grown_from_the_last():
    announced = ((50.0, 30.0), (100.0, 40.0))
    path = ramped(10.0, announced, 0.5, 20.0, 160)
    assert path[[0, 25, 50, 75, 100]] == approx([10, 20, 30, 35, 40])
    assert path[100:] == approx(grown(40.0, 0.5, 20.0, 60))
    assert ramped(10.0, announced, 0.5, 20.0, 30, 90) == approx(path[90:120])
    assert ramped(10.0, announced, 0.5, 20.0, 20, 120) == approx(path[120:140])
    assert ramped(10.0, (), 0.5, 20.0, 160) == approx(grown(10.0, 0.5, 20.0, 160))


@given(before=floats(-300, 0), level=floats(1, 100))
def test_what_was_announced_for_before_the_opening_is_part_of_todays_capacity(before, level):
    assert ramped(10.0, ((before, level),), 0.5, 20.0, 160) == approx(grown(10.0, 0.5, 20.0, 160))
    assert ramped(10.0, ((before, level), (50.0, 30.0)), 0.5, 20.0, 60) == approx(
        ramped(10.0, ((50.0, 30.0),), 0.5, 20.0, 60)
    )


# -------------------------------------------------------------------------------------------------------------- items


def test_all_items_are_there_in_their_natural_units():
    assert {name: item(name).unit for name in NATURAL} == NATURAL
    assert {need.item for need in bill(Design())} <= set(ITEMS)


@pytest.mark.parametrize("name", ITEMS)
def test_every_item_tells_what_expansion_shares_and_shortage_do(name):
    found = item(name)
    assert found.step_per_week > 0 and found.usd_per_step > 0 and found.most_steps_per_year >= 1
    assert found.expansion_weeks is not None and found.expansion_weeks.median > 4
    assert 0 < found.buyer_share.low < found.buyer_share.high < 1 and found.price_response > 0
    assert found.level.low < 1 < found.level.high and found.lead_weeks.median >= 1
    # What makers can add in a year keeps up with their fastest growth.
    fastest = found.capacity_per_week * found.growth_per_year / (1 + found.capacity_per_week / found.scale_per_week)
    local = name in REGIONAL or catalog.value("supply", name, "kind") == "local"  # each region adds its own
    assert local or found.step_per_week * found.most_steps_per_year > 0.8 * fastest


def test_amounts_in_megawatts_of_sites_are_turned_by_the_bill_of_the_standard_design():
    per_mw = next(need.per_mw.median for need in bill(Design()) if need.item == "power_transformers")
    sites_mw = float(catalog.value("supply", "power_transformers", "capacity_per_week"))
    found = item("power_transformers")
    assert found.capacity_per_week == approx(sites_mw * per_mw)
    usd_per_mw = float(catalog.value("supply", "power_transformers", "usd_per_mw"))
    assert found.usd_per_unit * per_mw == approx(usd_per_mw)
    assert found.scale_per_week / found.capacity_per_week == approx(900 / sites_mw)


def in_china(name):
    own = "china.capacity_per_week" in catalog.facts("supply", name)
    return item(name, "china").capacity_per_week if own else 0.0


@pytest.mark.parametrize("name", [name for name in ITEMS if item(name).world_per_week > 0])
def test_no_more_is_open_to_ai_than_all_makers_make(name):
    assert item(name).capacity_per_week + in_china(name) <= item(name).world_per_week


def test_crews_cost_their_hours_at_the_wage():
    weeks = sum(spread.median for spread in crew_weeks_per_mw().values())
    wage = float(catalog.value("campus", "campus", "usd_per_worker_week"))
    assert item("crews").usd_per_unit == approx(weeks * wage, rel=0.03)


def test_memory_wafers_and_packaging_are_paid_within_the_price_of_the_chip():
    assert {name for name in ITEMS if item(name).within == "accelerators"} == {"logic_wafers", "hbm", "packaging"}


def test_a_queue_of_a_year_raises_the_price_by_the_response():
    short = replace(LINE, price_response=0.4)
    assert short.price_usd(0) == 100 and short.price_usd(52) == approx(140) and short.price_usd(-5) == 100


@given(weeks=floats(0, 500), more=floats(0, 100))
def test_a_longer_queue_never_makes_an_item_cheaper(weeks, more):
    hot = item("hbm")
    assert hot.price_usd(weeks + more) >= hot.price_usd(weeks) >= hot.usd_per_unit


def test_one_buyer_gets_its_share_with_the_doubt_about_both():
    part = replace(LINE, level=Spread(1.0, 0.5, 2.0), buyer_share=Spread(0.2, 0.1, 0.4)).for_one_buyer()
    assert part.share == 0.2
    assert part.level.high == approx(math.exp(math.hypot(math.log(2), math.log(2))))
    all_of_it, own = pool_of("steel", "us_tx"), pool_of("steel", "us_tx", one_buyer=True)
    assert own.capacity(9) == approx(item("steel").buyer_share.median * all_of_it.capacity(9))


def test_an_unknown_item_is_named_with_the_nearest_and_the_known():
    with pytest.raises(ValueError, match=r"unknown item 'power_transformer'; did you mean 'power_transformers'\?.*hbm"):
        item("power_transformer")


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("capacity_per_week", 0.0, "capacity_per_week 0 is not above 0"),
        ("capacity_per_week", -3.0, "capacity_per_week -3 is not above 0"),
        ("scale_per_week", math.nan, "scale_per_week nan is not above 0"),
        ("ahead_weeks", -1.0, "ahead_weeks -1 is below 0"),
        ("usd_per_unit", -5.0, "usd_per_unit -5 is below 0"),
        ("growth_per_year", math.inf, "growth_per_year inf is below 0 or not finite"),
    ],
)
def test_an_impossible_amount_is_named_with_its_item(field, value, text):
    with pytest.raises(ValueError, match=f"item line: {text}"):
        replace(LINE, **{field: value})


@pytest.mark.parametrize("weeks", [0.0, -4.0])
def test_lead_times_are_above_zero(weeks):
    with pytest.raises(ValueError, match="wants 0 < low <= median <= high"):
        Spread.exactly(weeks)


def test_an_item_without_a_lead_time_is_named(monkeypatch):
    lacking = {key: fact for key, fact in catalog.facts("supply", "steel").items() if key != "lead_weeks"}
    negative = catalog.facts("supply", "steel")
    negative["lead_weeks"] = replace(negative["lead_weeks"], value=-2.0, low=None, high=None)
    for facts, text in ((lacking, "steel lacks lead_weeks"), (negative, r"steel: .*-2 .*wants 0 < low")):
        monkeypatch.setattr(catalog, "facts", lambda table, name, facts=facts: facts)
        with pytest.raises(ValueError, match=f"catalog supply: {text}"):
            item.__wrapped__("steel")


# ------------------------------------------------------------------------------------------------------------ regions


def test_connections_are_a_pool_of_each_region_and_sum_to_the_world():
    found = {region: pool_of("grid_connection", region) for region in REGIONS}
    assert all(pool.regions == (region,) for region, pool in found.items())
    total = sum(pool.capacity(1)[0] for pool in found.values())
    assert total == approx(item("grid_connection").capacity_per_week)
    assert found["us_tx"].capacity(1)[0] == float(catalog.value("regions", "us_tx", "grid_mw_per_week"))


def test_regions_share_the_makers_of_the_world_and_china_has_its_own():
    names = ("power_transformers", "steel")
    regions = ("us_tx", "europe", "china")
    everywhere = Portfolio(projects=tuple(campus(region, region) for region in regions))
    pools = pools_of({(name, region) for name in names for region in regions}, everywhere)
    assert [(pool.item.name, pool.regions) for pool in pools] == [
        ("power_transformers", ("china",)),
        ("power_transformers", ("europe", "us_tx")),
        ("steel", ("china", "europe", "us_tx")),
    ]
    own, world = pools[0].item, pools[1].item
    assert own.lead_weeks.median < 0.5 * world.lead_weeks.median and own.world_per_week == 0
    assert not item("packaging", "china").announced and item("packaging").announced


def test_every_own_value_of_a_region_replaces_one_of_the_world():
    for name in ITEMS:
        for key in catalog.facts("supply", name):
            region, dot, attribute = key.partition(".")
            if dot and region != "announced":
                assert region in REGIONS and attribute in catalog.facts("supply", name), (name, key)
    assert own_facts("switchgear", "china")["capacity_per_week"].value == 300


def test_equipment_comes_sooner_where_makers_are_less_busy():
    world = pool_of("switchgear", "us_tx")
    assert world.lead_weeks("europe").median == approx(0.79 * world.lead_weeks("us_tx").median)
    chips = pool_of("accelerators", "us_tx")
    assert chips.lead_weeks("europe") == chips.lead_weeks("us_tx")


def test_a_connection_takes_the_months_of_its_region():
    stage = next(stage for stage in standard_stages() if stage.name == "interconnection")
    for region in REGIONS:
        months = catalog.fact("regions", region, "grid_months")
        assert regional_weeks(stage, region).median == approx(float(months.value) * 52 / 12)
        assert regional_weeks(stage, region).high == approx(months.high * 52 / 12)
    shell = next(stage for stage in standard_stages() if stage.name == "shell")
    assert regional_weeks(shell, "china") == shell.weeks


@pytest.mark.parametrize("source", ["gas_reciprocating reciprocating_engines", "fuel_cell_sofc fuel_cells"])
def test_machines_and_their_works_take_together_what_the_power_stage_says_from_order_to_power(source):
    technology, name = source.split()
    works = next(stage for stage in standard_stages() if stage.name == "plant").weeks.median
    months = catalog.fact("power", technology, "lead_months")
    assert months.low <= (item(name).lead_weeks.median + works) * 12 / 52 <= 1.2 * months.high
    assert (item(name).lead_weeks.median + works) * 12 / 52 == approx(float(months.value), rel=0.25)


def test_china_connects_and_powers_a_campus_sooner_than_the_us():
    for region in REGIONS:
        if region.startswith("us_"):
            for attribute in ("grid_months",):
                own, there = (float(catalog.value("regions", r, attribute)) for r in (region, "china"))
                assert there < own


# -------------------------------------------------------------------------------------------------------------- crews


def workers(region):
    return {trade: local_crew(trade, region, Portfolio(projects=(campus(region=region),))).now for trade in TRADES}


def test_crews_are_counted_by_the_work_that_they_do():
    heads = float(catalog.value("regions", "gulf", "builders"))
    assert workers("gulf")["builders"] == approx(0.6 * heads)


@pytest.mark.parametrize("region", REGIONS)
def test_electricians_are_the_tightest_trade(region):
    weeks = dict.fromkeys(TRADES, 0.0)
    for stage in standard_stages():
        if stage.trade:
            weeks[stage.trade] += stage.workers_per_mw * stage.weeks.median
    mw_per_week = {trade: count / weeks[trade] for trade, count in workers(region).items()}
    assert min(mw_per_week, key=mw_per_week.__getitem__) == "electricians"


def test_china_has_several_times_the_crews_of_the_us():
    us = sum(sum(workers(region).values()) for region in REGIONS if region.startswith("us_"))
    assert 2 < sum(workers("china").values()) / us < 6
    assert 60_000 < us < 150_000  # against some 820,000 electricians and 8 M in construction in all


def test_regions_of_a_nation_share_their_workers():
    wanted = {("builders", "us_tx"), ("builders", "us_west"), ("builders", "china")}
    found = {crew.place: crew for crew in crews_of(wanted, Portfolio(projects=(campus(),)))}
    american = [region for region in REGIONS if region.startswith("us_")]
    assert set(found) == {"US", "China"} and set(found["US"].regions) == set(american)
    assert found["US"].now == approx(sum(workers(region)["builders"] for region in american))
    both = Portfolio(projects=(campus(name="a"), campus(name="b", region="us_west")))
    laid = plan(both).work
    assert len({int(crew) for crew in laid.crew if crew >= 0}) == len(laid.available) == len(TRADES)


def test_a_trade_without_workers_is_named_with_its_place(monkeypatch):
    monkeypatch.setattr("gigawatt.buildout.supply.local_crew", lambda trade, region, _: Crew(
        trade=trade, place=region, regions=(region,), now=0.0, growth_per_year=0.1, scale=1.0))  # fmt: skip
    with pytest.raises(ValueError, match=r"there are no \w+ in US \(us_tx, .*\): 0 workers"):
        plan(Portfolio(projects=(campus(),)))


def test_an_unknown_trade_is_named():
    with pytest.raises(ValueError, match="us_tx has no workers of trade 'divers'"):
        crews_of({("divers", "us_tx")}, Portfolio(projects=(campus(),)))


def test_a_plan_that_starts_later_finds_more_supply_and_more_workers():
    later = dt.date(2028, 1, 3)
    now, then = (plan(Portfolio(projects=(campus(start=day),), start=day, weeks=5)) for day in (OPENING, later))
    assert (then.work.capacity[:, 0] > now.work.capacity[:, 0]).all()
    assert (then.work.available[:, 0] > now.work.available[:, 0]).all()


def test_a_project_that_starts_before_the_plan_says_what_it_has_reached():
    with pytest.raises(ValueError, match="starts on 2025-06-01, before the plan on 2026-01-05"):
        Portfolio(projects=(campus(start=dt.date(2025, 6, 1)),))


@pytest.mark.parametrize("start", [dt.date(1900, 1, 1), dt.date(9990, 1, 1)])
def test_a_plan_of_days_of_which_no_supply_is_known_is_refused(start):
    with pytest.raises(ValueError, match=f"a plan of 780 weeks from {start}; wants at least 1, from 2016"):
        Portfolio(projects=(campus(start=start),), start=start)


# ------------------------------------------------------------------------------------------------------------- shocks


def shocks(*pairs):
    portfolio = Portfolio(projects=tuple(campus(region, region) for region in dict.fromkeys(r for _, r in pairs)))
    pools = pools_of(set(pairs), portfolio)
    return pools, {shock.name: shock.cuts(pools) for shock in shocks_of(pools)}


def test_an_export_ban_of_china_hits_other_regions_only():
    pools, cuts = shocks(("power_transformers", "us_tx"), ("power_transformers", "china"))
    assert [pool.regions for pool in pools] == [("china",), ("us_tx",)]
    assert cuts["china_export_ban"].tolist() == [0.0, 0.3]
    _, alone = shocks(("power_transformers", "china"))
    assert "china_export_ban" not in alone


def test_an_earthquake_hits_wafers_packaging_and_chips_together():
    pools, cuts = shocks(*((name, "us_tx") for name in ("logic_wafers", "packaging", "accelerators", "hbm", "steel")))
    hit = {pool.item.name: cut for pool, cut in zip(pools, cuts["taiwan_earthquake"], strict=True)}
    assert hit == {"logic_wafers": 0.6, "packaging": 0.6, "accelerators": 0.6, "hbm": 0.0, "steel": 0.0}


def test_a_region_that_stops_connections_stops_no_other_region():
    pools, cuts = shocks(("grid_connection", "europe"), ("grid_connection", "us_tx"))
    assert dict(zip((pool.regions[0] for pool in pools), cuts["grid_stopped_europe"], strict=True)) == {
        "europe": 0.4, "us_tx": 0.0,
    }  # fmt: skip


def test_every_shock_hits_items_and_regions_that_there_are():
    for name in catalog.items("supply_shocks"):
        facts = catalog.facts("supply_shocks", name)
        assert set(str(facts["items"].value).split()) <= set(ITEMS), name
        for key in ("regions", "spares"):
            assert set(str(facts[key].value).split() if key in facts else []) <= set(REGIONS), name
        assert 0 < float(facts["rate_per_year"].value) <= 1


@pytest.mark.parametrize(("cut", "rate"), [(1.2, 0.1), (-0.1, 0.1), (0.5, -1.0)])
def test_an_impossible_shock_is_named(cut, rate):
    with pytest.raises(ValueError, match="shock flood: "):
        Shock(name="flood", per_week=rate, weeks=Spread.exactly(4.0), cut=cut, items=("hbm",))


def test_a_shock_cuts_its_supplies_together_and_by_no_more_than_they_are():
    found = plan(Portfolio(projects=(campus(),), weeks=520))
    names = [pool.item.name for pool in found.pools]
    wafers, chips, steel = (names.index(name) for name in ("logic_wafers", "accelerators", "steel"))
    quake = [shock.name for shock in found.shocks].index("taiwan_earthquake")
    rates = [np.zeros(len(found.shocks)) for _ in range(2)]
    rates[1][quake] = 0.02
    calm, struck = (found.work._replace(shock_per_week=rate) for rate in rates)
    lost = 0
    for number in range(20):
        share = 1 - draw(struck, 3, number).capacity / draw(calm, 3, number).capacity
        assert (share >= -1e-12).all() and (share < 1).all() and share[steel] == approx(0)
        assert share[wafers] == approx(share[chips])
        lost += (share[wafers] > 0.5).sum()
    assert lost > 100


def test_shocks_last_the_share_of_time_that_their_rate_and_length_give():
    # One comes every 50 weeks of calm and lasts 10: a sixth of the time, half of supply lost.
    pools = 2
    work = plan(Portfolio(projects=(campus(),), weeks=3000)).work
    one = work._replace(
        capacity=np.ones((pools, 3000)), level_down=np.zeros(pools), level_up=np.zeros(pools),
        first_in_pool=np.zeros(pools + 1, np.int64), shock_per_week=np.array([0.02]), shock_weeks=np.array([10.0]),
        shock_down=np.zeros(1), shock_up=np.zeros(1), shock_cut=np.array([[0.5, 0.0]]),
    )  # fmt: skip
    share = 1 - np.mean([draw(one, 7, number).capacity for number in range(100)], axis=(0, 2))
    assert share == approx([0.5 / 6, 0.0], rel=0.05)


def test_levels_of_supply_share_part_of_their_luck():
    work = plan(Portfolio(projects=(campus(),), weeks=2)).work
    calm = work._replace(shock_per_week=np.zeros_like(work.shock_per_week))
    level = np.log(np.array([draw(calm, 1, number).capacity[:, 0] for number in range(1500)]))
    common = np.corrcoef(level.T)[np.triu_indices(level.shape[1], 1)].mean()
    assert common == approx(work.supply_share, abs=0.06)


# ------------------------------------------------------------------------------------------------------------- orders


def test_more_supply_never_delays_an_order_and_less_never_hastens_one():
    projects = tuple(campus(f"p{k}", start=OPENING + dt.timedelta(weeks=4 * k), mw=900.0) for k in range(12))
    work = plan(Portfolio(projects=projects)).work
    weeks = [deliveries(each, draw(each, 1, MEDIAN)) for each in (work, work._replace(capacity=work.capacity / 3))]
    assert (weeks[1] >= weeks[0] - 1e-9).all() and (weeks[1] > weeks[0] + 1).any()


def test_frame_contracts_are_placed_before_the_project_begins():
    found = plan(Portfolio(projects=(campus(start=dt.date(2027, 1, 4)),)))
    names = np.array([pool.item.name for pool in found.pools])[found.work.order_item]
    week = found.work.order_week[names == "power_transformers"]
    assert week == approx(52 - item("power_transformers").ahead_weeks)


def test_a_pool_of_a_region_serves_that_region_only():
    assert Pool(item=LINE, regions=("us_tx",)).capacity(3) == approx(grown(10.0, 0.5, 20.0, 3))
