"""Many drawn years of one plan: the same in any order, right against the slow way, worse with outages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gigawatt.power.futures import futures, influence
from gigawatt.power.futures_kernels import combine
from gigawatt.power.load import load
from gigawatt.power.machines import Common, Units
from gigawatt.power.options import Contract
from gigawatt.power.options_text import option
from gigawatt.power.plan import PowerPlan, dispatch, size
from gigawatt.power.shortfall import reliability, units_of
from gigawatt.power.site import site_year
from gigawatt.power.years import year_model

SITE = site_year("us_tx_abilene")


@pytest.fixture(scope="module")
def plan() -> PowerPlan:
    return size(SITE, 1000.0, "pv,wind,battery,gas,grid=600MW")


def test_a_year_is_the_same_however_many_are_drawn(plan):
    many, late = futures(plan, 30), futures(plan, 4, first=26)
    assert late.cost_usd.tolist() == many.cost_usd[26:].tolist()
    assert futures(plan, 30, threads=1).unserved_mwh.tolist() == many.unserved_mwh.tolist()


def test_a_drawn_year_costs_what_its_dispatch_alone_costs(plan):
    found = futures(plan, 3, outages=False)
    for number in range(3):
        year = year_model(SITE).year(number)
        alone = dispatch(plan, site=year, load=plan.built.load)
        # The store starts with what the plan has, not with what would suit this year best.
        assert found.cost_usd[number] == pytest.approx(alone.cost_usd, rel=2e-4)
        assert found.cost_usd[number] >= alone.cost_usd * (1 - 1e-9)
        assert found.pv_cf[number] == pytest.approx(year.pv_cf.mean())
        assert found.carbon_t[number] == pytest.approx(alone.accounts.carbon.market_t, rel=5e-3)


def test_what_is_made_and_unserved_adds_up_to_the_load():
    found = futures(size(SITE, 1000.0, "gas,diesel"), 20)
    served = found.firm_mwh.sum(axis=1) + found.unserved_mwh
    assert served == pytest.approx(np.full(20, found.plan.accounts.energy.load_mwh))


def test_outages_cost(plan):
    sure = tuple(replace(u, forced_outage_rate=0.0, planned_hours=0.0) for u in units_of(plan))
    safe, real = futures(plan, 20, units=sure), futures(plan, 20)
    assert (real.cost_usd >= safe.cost_usd - 1e-6 * safe.cost_usd).all()
    assert real.cost_usd.mean() > safe.cost_usd.mean()


def test_machines_are_out_as_often_as_their_rate_says():
    plan = size(SITE, 1000.0, "gas")
    gas = Units(name="gas", unit_mw=plan.size("gas"), firm=0, count=1, forced_outage_rate=0.1, mttr_hours=50)
    found = futures(plan, 400, units=(gas,))
    share = found.unserved_mwh.sum() / (400 * plan.accounts.energy.load_mwh)
    known = plan.accounts.energy.unserved_mwh / plan.accounts.energy.load_mwh
    # About 70 outages of 50 hours in 4 years: 400 years hold some 7,000, so a standard error near 0.0015.
    assert share - known * 0.9 == pytest.approx(0.1, abs=0.006)


@pytest.mark.parametrize("planned_hours", [0.0, 240.0])
def test_drawn_years_lose_as_much_as_years_of_outages(planned_hours):
    # A plan derates nuclear for its outages; where they are drawn, they must not count twice. Without stores both ways
    # of drawing years ask the same of the same machines.
    plan = size(SITE, 200.0, "nuclear")
    reactors = tuple(replace(u, unit_mw=10.0, planned_hours=planned_hours) for u in units_of(plan))
    by_weather = futures(plan, 400, units=reactors)
    by_outages = reliability(plan, units=reactors, commons=(), years=2000)
    error_mwh = by_weather.unserved_mwh.std() / 20
    assert by_weather.unserved_mwh.mean() == pytest.approx(by_outages.eue_mwh, abs=4 * error_mwh + 1)


def test_maintenance_takes_machines_out_for_its_hours():
    plan = size(SITE, 100.0, "gas")
    need_mw = plan.size("gas")
    gas = Units(name="gas", unit_mw=need_mw, firm=0, count=1, planned_hours=240)
    found = futures(plan, 2, units=(gas,), commons=())
    sure = futures(plan, 2, units=(replace(gas, planned_hours=0),), commons=())
    lost_mwh = found.unserved_mwh - sure.unserved_mwh
    # It rests in days of low load: in winter the load of all hours is next to its least.
    assert lost_mwh == pytest.approx(np.full(2, 240 * plan.built.system.load_mw.min()), rel=1e-3)


@pytest.mark.parametrize("resource", ["sun", "wind", ""])
def test_a_virtual_contract_is_settled_at_the_prices_and_the_output_of_each_year(resource):
    strike = Contract(name="cfd", usd_per_mwh=35.0, paid="virtual", resource=resource, least_mw=300, most_mw=300)
    plan = size(SITE, 200.0, ["gas", "grid=100MW", strike])
    found = futures(plan, 3, outages=False)
    for number in range(3):
        alone = dispatch(plan, site=year_model(SITE).year(number), load=plan.built.load)
        assert found.cost_usd[number] == pytest.approx(alone.cost_usd, rel=1e-6)


def test_a_common_cause_takes_all_it_hits_in_the_same_hours(plan):
    names = [source.name for source in plan.built.firm]
    sure = tuple(Units(name=name, unit_mw=1e3, firm=names.index(name)) for name in ("gas", "grid"))
    dark = Common(name="storm", hits=("gas", "grid"), outages_per_year=50.0, outage_hours=20.0)
    both = futures(plan, 100, units=sure, commons=(dark,))
    made = both.firm_mwh.sum(axis=1)
    calm = futures(plan, 100, outages=False).firm_mwh.sum(axis=1)
    # Out for 1,000 of 8,760 hours: what sun, wind and battery do not give is unserved then.
    assert both.unserved_mwh.mean() / calm.mean() == pytest.approx(1000 / 8760, abs=0.025)
    half = futures(plan, 100, units=sure, commons=(replace(dark, share=0.5),))
    assert made.mean() < half.firm_mwh.sum(axis=1).mean() < calm.mean()


def test_a_demand_charge_is_paid_on_the_peaks_that_come_out():
    grid = replace(option("grid"), demand_charge_usd_per_kw_month=8.0)
    plan = size(SITE, 1000.0, ["pv", "battery", "gas", grid])
    found = futures(plan, 2, outages=False)
    for number in range(2):
        alone = dispatch(plan, site=year_model(SITE).year(number), load=plan.built.load)
        assert found.cost_usd[number] == pytest.approx(alone.cost_usd, rel=1e-3)


def test_what_follows_the_site_is_found_by_asking(plan):
    found = influence(plan)
    free, firm = [s.name for s in plan.built.free], [s.name for s in plan.built.firm]
    assert found.profile[0, free.index("pv")] == pytest.approx(1.0) and found.profile[0, free.index("wind")] == 0.0
    assert found.cost[2, firm.index("grid")] == pytest.approx(1.0) and found.cost[2, firm.index("gas")] == 0.0


def test_a_drawn_price_may_fall_below_nothing():
    base, slope, out = np.full((2, 1), 20.0), np.ones((1, 1)), np.empty((2, 1))
    combine(base, slope, np.array([[-5.0, 30.0]]), np.full((1, 2), 20.0), out)
    assert out[:, 0].tolist() == [-5.0, 30.0]


def test_only_whole_years_with_one_store_are_drawn():
    with pytest.raises(ValueError, match="one year"):
        futures(size(SITE, load(site_mw=np.full(48, 1000.0)), "gas,grid"), 2)


def test_the_rows_tell_mean_and_spread(plan):
    rows = {row["figure"]: row for row in futures(plan, 40).rows()}
    assert rows["cost"]["p5"] < rows["cost"]["p50"] < rows["cost"]["p95"]
    assert rows["sun"]["unit"] == "capacity factor"


def test_curtailment_of_the_years_is_told_on_the_basis_of_the_plan():
    plan = size("us_tx_abilene", 100.0, "pv=400MW,battery,gas,grid<=20MW export=10MW")
    found = futures(plan, 3, outages=False)
    sun_mwh = plan.size("pv") * 8760 * found.pv_cf
    assert found.offered_mwh == pytest.approx(sun_mwh, rel=1e-9)
    (row,) = [row for row in found.rows() if row["figure"] == "curtailed"]
    assert row["unit"] == "share of what is offered"
    assert row["mean"] == pytest.approx((found.curtailed_mwh / sun_mwh).mean())
    assert 0.5 < row["mean"] / plan.accounts.energy.curtailed_share < 2.0
