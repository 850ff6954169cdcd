"""Reliability in hours, nines and dollars, reserves to a target, and what a plan stands for."""

from dataclasses import replace
from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers
from pytest import approx

from benchmarks.outage_years import measures
from gigawatt import catalog
from gigawatt.errors import SolveError
from gigawatt.power import (
    Chips,
    Common,
    Target,
    Units,
    commons_of,
    flexible_parts,
    load,
    outage_table,
    reliability,
    reliability_of,
    reserve,
    reserve_of,
    site_year,
    size,
    units_of,
)
from gigawatt.power.reliability import _fewest
from gigawatt.power.shortfall import cause_rows, reliability_rows
from tests.power.supplies import firm_supply

HOURS = 8760
CHIPS = Chips(site_w=2000, usd_per_hour=3.0, restart_hours=0.5)
ENGINES = Units(name="engines", unit_mw=20, firm=0, forced_outage_rate=0.03, mttr_hours=24, usd_per_mw_year=1e5)


def flat(load_mw=100.0, firm_mw=100.0):
    """A flat load and one firm source."""
    return firm_supply(np.full(HOURS, load_mw), [firm_mw])


def test_nines_hours_and_dollars_by_hand():
    load_mw = np.full(HOURS, 80.0)
    load_mw[100:104] = 120.0
    system, sizes = firm_supply(load_mw, [100.0])
    found = reliability_of(system, sizes, years=2, chips=CHIPS)
    assert (found.eue_mwh, found.eue_error_mwh, found.lole_hours, found.events_per_year) == (80, 0, 4, 1)
    assert found.mean_event_hours == 4 and found.quantile_mwh(0.99) == 80
    assert found.energy_nines == approx(-log10(80 / (80 * HOURS + 160)))
    assert found.time_nines == approx(-log10(4 / HOURS))
    # 80 MWh off and 20 MW dropped for half an hour more: 90 MWh of chips at 2 kW each, 3 USD an hour.
    assert found.lost_chip_hours == approx(90 / 0.002) and found.lost_usd == approx(135_000)


def test_chips_of_the_catalog():
    chips = Chips.of("h100-sxm", pue=1.2, usd_per_hour=2.0)
    assert chips.site_w == approx(float(catalog.value("chips", "h100-sxm", "system_power_w")) * 1.2)
    assert chips.usd_per_hour == 2.0 and chips.restart_hours > 0
    assert Chips.of().usd_per_hour > 1


@pytest.mark.parametrize("item", [i for i in catalog.items("outages") if "mttr_hours" in catalog.facts("outages", i)])
def test_every_technology_of_the_table_makes_machines(item):
    sized = item in catalog.items("power") and "unit_mw" in catalog.facts("power", item)
    size_of = {} if sized else {"unit_mw": 50.0}
    standby = "start_failure" in catalog.facts("outages", item)
    made = Units.of(item, **size_of, **({"count": 3} if standby else {"firm": 0}))
    assert made.standby == standby and 0 < made.forced_outage_rate < 0.2 and made.unit_mw > 0


def test_a_grid_connection_is_out_as_often_as_its_rows_say():
    circuit = Units.of("grid_interconnection", firm=0, unit_mw=100.0, planned_hours=0)
    system, sizes = flat()
    found = reliability_of(system, sizes, [circuit], years=4000)
    rate = float(catalog.value("outages", "grid_interconnection", "outages_per_year"))
    hours = float(catalog.value("outages", "grid_interconnection", "outage_hours"))
    assert found.events_per_year == approx(rate, rel=0.08) and found.lole_hours == approx(rate * hours, rel=0.1)


def test_two_circuits_are_out_together_as_the_square_of_one():
    system, sizes = flat()
    circuit = Units.of("grid_interconnection", firm=0, unit_mw=100.0, planned_hours=0, outages_per_year=20.0)
    one, two = (reliability_of(system, sizes, [replace(circuit, spare=k)], years=2000) for k in (0, 1))
    assert one.lole_hours == approx(200, rel=0.03)
    assert two.lole_hours == approx(HOURS * (200 / HOURS) ** 2, rel=0.12)


@settings(max_examples=30)
@given(need=integers(0, 300), most=integers(0, 300))
def test_the_search_finds_the_fewest(need, most):
    tried = []

    def enough(k):
        tried.append(k)
        return k >= need

    assert _fewest(enough, most) == (need if need <= most else None)
    assert len(tried) <= 20 and max(tried) <= most


def test_a_reserve_of_engines_reaches_its_target_with_the_fewest():
    system, sizes = flat(200.0, 200.0)
    units = [replace(ENGINES, planned_hours=0)]
    found = reserve(system, sizes, units, "engines", Target(lole_hours=8.0), years=3000)
    exact = [outage_table([20] * (10 + k), [0.03] * (10 + k)).loss_of_load(system.load_mw)[0] for k in range(6)]
    assert found.spare == min(k for k, hours in enumerate(exact) if hours <= 8.0)
    assert found.mw == found.spare * 20 and found.cost_usd == found.mw * 1e5
    assert found.reliability.lole_hours <= 8.0
    assert list(found.tried.values()) == sorted(found.tried.values(), reverse=True)
    enough = reserve(system, sizes, units, "engines", Target(energy_nines=1.0), years=300)
    assert enough.spare == 0 and enough.cost_usd == 0


def test_a_reserve_that_cannot_be_reached_says_what_was_out():
    system, sizes = flat()
    cut = Common(name="pipeline", hits=("engines",), outages_per_year=2, outage_hours=20)
    with pytest.raises(SolveError, match=r"4 further machines 'engines' do not reach the target; unserved: pipeline"):
        reserve(system, sizes, [ENGINES], "engines", Target(energy_nines=6), most=4, commons=[cut], years=200)
    with pytest.raises(ValueError, match="no machines called 'turbines'; known: engines"):
        reserve(system, sizes, [ENGINES], "turbines", Target(energy_nines=3))


def test_many_small_machines_fail_in_lots_that_hold_their_power():
    system, sizes = flat(90.0)
    cells = Units(name="cells", unit_mw=0.1, firm=0, forced_outage_rate=0.2, mttr_hours=10)
    found = reliability_of(system, sizes, [cells], years=50)
    assert found.lole_hours > 0
    one = reliability_of(system, sizes, [replace(cells, forced_outage_rate=0.0)], years=1)
    assert one.eue_mwh == 0


def test_mistakes_are_named():
    system, sizes = flat()
    with pytest.raises(ValueError, match="there is no firm source 3; the system has 1 and 0 stores"):
        reliability_of(system, sizes, [replace(ENGINES, firm=3)])
    with pytest.raises(ValueError, match="firm source 0 is described more than once"):
        reliability_of(system, sizes, [ENGINES, replace(ENGINES, name="more")])
    with pytest.raises(ValueError, match="pipeline hits turbines; known: engines"):
        reliability_of(system, sizes, [ENGINES], commons=[
            Common(name="pipeline", hits=("turbines",), outages_per_year=1, outage_hours=5)])  # fmt: skip
    with pytest.raises(ValueError, match="forced outage rate must be below 1"):
        replace(ENGINES, forced_outage_rate=1.0)
    with pytest.raises(ValueError, match="give the firm source or the store"):
        Units(name="lost", unit_mw=1.0)
    with pytest.raises(ValueError, match="give the count of standby machines"):
        Units.of("diesel_backup")
    with pytest.raises(ValueError, match="at least 1, and 0 to 1"):
        reliability_of(system, sizes, years=0)
    with pytest.raises(ValueError, match=r"net_mw has \(2, 100\) hours, the system 8760"):
        reliability_of(system, sizes, net_mw=np.ones((2, 100)))
    with pytest.raises(ValueError, match="flexible_mw holds a value that is no number"):
        reliability_of(system, sizes, flexible_mw=np.full(HOURS, np.nan))
    with pytest.raises(ValueError, match="capacity must be 1 finite numbers"):
        reliability_of(system, np.array([np.inf]))
    with pytest.raises(ValueError, match="power must be above 0"):
        Chips(site_w=0.0, usd_per_hour=1.0, restart_hours=0.0)


# -------------------------------------------------------------------------------------------------------------- plans


@pytest.fixture(scope="module")
def plan():
    """A quarter of a year of a site with sun, a battery, engines and a grid that sells and buys."""
    site = site_year("us_tx_abilene")
    asked = load(site_mw=np.full(2016, 100.0), site=site, flexible=flexible_parts({"batch": 0.2}, 1000.0))
    return size(site, asked, "pv,battery,gas,grid=60MW")


def test_a_plan_stands_for_machines_stores_and_circuits(plan):
    units = {unit.name: unit for unit in units_of(plan)}
    assert set(units) == {"battery", "gas", "grid"}
    assert units["grid"].spare == 1 and units["battery"].store is not None
    assert {cause.name: cause.hits for cause in commons_of(plan)} == {"gas_supply": ("gas",), "grid_system": ("grid",)}


def test_a_plan_loses_less_with_spare_engines_and_diesel(plan):
    bare = reliability(plan, years=60)
    spare = reliability(plan, spare={"gas": 2}, years=60)
    diesel = reliability(plan, standby=[Units.of("diesel_backup", count=40)], years=60)
    assert bare.eue_mwh > spare.eue_mwh > 0 or bare.eue_mwh > 0 == spare.eue_mwh
    assert diesel.eue_mwh < bare.eue_mwh and diesel.standby_mwh.mean() > 0
    assert bare.load_mwh == approx(100 * 2016)
    with pytest.raises(ValueError, match="no machines called nuclear; known: gas, grid, battery"):
        reliability(plan, spare={"nuclear": 1})


def test_a_plan_whose_machines_never_fail_serves_its_load(plan):
    sure = tuple(replace(u, forced_outage_rate=0.0, planned_hours=0) for u in units_of(plan))
    found = reliability(plan, units=sure, commons=(), years=2)
    # The plan was made with foresight and sheds nothing; a store that is kept full serves it as well.
    assert found.eue_mwh == approx(0, abs=1e-3 * found.load_mwh)


def test_the_reserve_of_a_plan_is_priced_as_the_plan_pays(plan):
    found = reserve_of(plan, "gas", Target(energy_nines=3.0), years=60)
    paid = sum(next(c.usd for c in plan.built.capacities if c.name == "gas").values()) / plan.built.years
    assert found.cost_usd == approx(found.mw * paid) and found.reliability.energy_nines >= 3.0


def test_rows_tell_every_figure_and_causes_add_up(plan):
    found = reliability(plan, years=60)
    rows = {row["figure"]: row for row in reliability_rows(found)}
    assert rows["expected unserved energy"]["value"] == found.eue_mwh and rows["years drawn"]["value"] == 60
    causes = cause_rows(found)
    assert sum(row["share"] for row in causes) == approx(1.0) and causes[0]["mwh"] >= causes[-1]["mwh"]


def test_a_plan_meets_other_weather(plan):
    worse = np.stack([plan.built.system.load_mw, 2 * plan.built.system.load_mw])
    found = reliability(plan, net_mw=worse, years=20)
    assert found.unserved_mwh[1::2].mean() > found.unserved_mwh[0::2].mean()


def test_the_small_benchmark_runs():
    small = list(measures("small"))
    assert len(small) == 3 and all(one.value >= 0 for one in small)
    assert next(one for one in small if one.unit == "standard errors").value < 4
