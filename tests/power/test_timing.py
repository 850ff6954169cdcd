"""Months to power, rented bridges and the price of haste, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists

from gigawatt.power.load import Flexible
from gigawatt.power.options import Bridge
from gigawatt.power.options_text import option
from gigawatt.power.plan import size
from gigawatt.power.targets import Targets, Terms
from gigawatt.power.timing import (
    HOURS_PER_MONTH,
    Step,
    _hire,
    haste_rows,
    hire_rows,
    lead_months,
    step_rows,
    timing,
    timing_rows,
)
from tests.power.made_up import a_grid, a_load, a_plant, a_site

TERMS = Terms(discount_rate=0.0, gas_usd_per_mmbtu=4.0, carbon_usd_per_t=10.0, shed_usd_per_mwh=5000.0)
TURBINE = Bridge(
    name="turbine", rent_usd_per_mw_month=50_000, mobilisation_usd_per_mw=100_000, lead_months=4.0,
    heat_rate_mmbtu_per_mwh=10.0, vom_usd_per_mwh=5.0, carbon_t_per_mwh=0.5,
)  # fmt: skip


def a_step(month: float, *short_mw: float) -> Step:
    return Step(month=month, arrives=(), short_mw=np.array(short_mw), served_share=0.0)


def a_plan():
    """40 MW of a connection are there; a first plant of 30 MW comes in month 12, a second in month 24."""
    options = [
        a_grid(40.0),
        a_plant("engine", most_mw=30.0, lead_months=12.0),
        a_plant("turbine", capex_usd_per_kw=1500.0, lead_months=24.0),
    ]
    return size(a_site(24), a_load(100.0), options, terms=TERMS, tolerance=1e-10)


def test_power_comes_as_its_parts_arrive():
    found = timing(a_plan(), bridges=[])
    assert [(step.month, step.mean_short_mw) for step in found.steps] == [
        (0, pytest.approx(60)), (12, pytest.approx(30)), (24, pytest.approx(0, abs=1e-6)),
    ]  # fmt: skip
    assert (found.first_months, found.full_months, found.held_back_by) == (0, 24, "turbine")
    assert found.hires == ()
    assert step_rows(found)[1]["arrives"] == "engine"


def test_load_that_stops_for_want_of_power_is_short():
    load = replace(a_load(100.0), flexible=(Flexible(name="stopped", share=0.1, usd_per_mwh=300.0),))
    plan = size(a_site(24), load, [a_plant("engine", lead_months=12.0)], terms=TERMS, tolerance=1e-10)
    found = timing(plan, bridges=[])
    assert [step.mean_short_mw for step in found.steps] == pytest.approx([100, 0], abs=1e-6)
    assert found.first_months == 12


def test_a_month_of_haste_is_worth_the_margin_of_what_is_short():
    found = timing(a_plan(), bridges=[], usd_per_mw_month=500_000)
    # 60 MW of site are 48 MW of IT at a PUE of 1.25.
    assert found.month_value_usd(3) == pytest.approx(48 * 500_000)
    assert found.month_value_usd(12) == pytest.approx(24 * 500_000)
    assert found.month_value_usd(30) == pytest.approx(0, abs=1)


def test_a_bridge_by_hand():
    found = timing(a_plan(), bridges=[TURBINE], usd_per_mw_month=500_000)
    (hire,) = found.hires
    # 60 MW from month 4 to 12, then 30 MW to month 24.
    assert (hire.from_month, hire.to_month, hire.mw) == (4, 24, pytest.approx(60))
    assert hire.mw_months == pytest.approx(60 * 8 + 30 * 12)
    assert hire.mwh == pytest.approx((60 * 8 + 30 * 12) * HOURS_PER_MONTH)
    assert hire.rent_usd == pytest.approx(840 * 50_000 + 60 * 100_000)
    assert hire.energy_usd == pytest.approx(hire.mwh * (40 + 5 + 5))
    assert hire.value_usd == pytest.approx(840 * 0.8 * 500_000)
    assert hire.carbon_t == pytest.approx(hire.mwh / 2)
    assert hire_rows(found)[0]["net_usd"] == pytest.approx(hire.net_usd)
    figures = {row["figure"]: row["value"] for row in timing_rows(found)}
    assert figures["cost of the bridge"] == pytest.approx(hire.cost_usd)
    assert figures["held back by"] == "turbine"


def test_a_bridge_that_does_not_pay_is_not_taken():
    assert timing(a_plan(), bridges=[TURBINE], usd_per_mw_month=50_000).hires == ()


def test_least_months_are_paid_in_full():
    found = timing(a_plan(), bridges=[replace(TURBINE, least_months=30.0)], usd_per_mw_month=500_000)
    assert found.hires[0].mw_months == pytest.approx(60 * 30)


def test_a_quick_bridge_goes_before_a_cheap_one():
    quick = replace(TURBINE, name="diesel", lead_months=1.0, heat_rate_mmbtu_per_mwh=0.0, fuel_usd_per_mwh=300.0)
    found = timing(a_plan(), bridges=[TURBINE, quick], usd_per_mw_month=500_000)
    assert [(h.bridge, h.from_month, h.to_month) for h in found.hires] == [("diesel", 1, 4), ("turbine", 4, 24)]


def test_a_permit_limits_the_hours_of_a_bridge():
    few = replace(TURBINE, hours_per_year=876.0)
    hire = timing(a_plan(), bridges=[few], usd_per_mw_month=2_000_000).hires[0]
    # Where 30 MW are short, each of 60 MW that stay runs a tenth of the hours: 160,000 USD a month for 50,000 of rent.
    assert hire.mwh == pytest.approx(0.1 * 60 * 20 * HOURS_PER_MONTH)
    assert hire.mw_months == pytest.approx(60 * 20)


def test_a_bridge_for_few_hours_is_not_rented():
    # 20 MW are short in 3 of 24 hours when the rest is served: 1/8 x 0.8 x 500,000 = 50,000 USD a MW and month at most.
    load = a_load(np.where(np.arange(24) < 3, 120.0, 100.0))
    options = [a_grid(100.0), a_plant("late", lead_months=12.0)]
    plan = size(a_site(24), load, options, terms=TERMS, tolerance=1e-10)
    assert timing(plan, bridges=[TURBINE], usd_per_mw_month=500_000).hires == ()
    (hire,) = timing(plan, bridges=[TURBINE], usd_per_mw_month=900_000).hires
    assert hire.mw == pytest.approx(20, rel=1e-6)
    assert hire.mwh == pytest.approx(20 * 8 * HOURS_PER_MONTH / 8, rel=1e-6)


def test_no_power_is_worth_anything_before_there_is_a_load():
    found = timing(a_plan(), bridges=[TURBINE], campus_months=18.0, usd_per_mw_month=500_000)
    assert found.first_months == 18 and found.full_months == 24
    assert (found.hires[0].from_month, found.hires[0].to_month) == (18, 24)
    assert timing(a_plan(), bridges=[TURBINE], campus_months=36.0).hires == ()


def test_bridges_come_from_the_catalog():
    found = timing(a_plan())
    assert {h.bridge for h in found.hires} <= {"bridge_turbine", "bridge_engine", "bridge_diesel"}
    assert found.hires
    with pytest.raises(ValueError, match="gas is no rented power"):
        timing(a_plan(), bridges=["gas"])


def test_lead_times_have_a_low_and_a_high_end():
    gas, site = option("gas"), a_site(region="us_tx")
    assert [lead_months(gas, site, case) for case in ("low", "likely", "high")] == [12, 20.8, 36]
    # A connection waits as long as its region does.
    assert [lead_months(option("grid"), site, case) for case in ("low", "likely", "high")] == [15, 30, 48]
    assert lead_months(option("grid"), a_site()) == 55


def test_who_can_wait_takes_what_is_cheaper():
    options = [
        a_plant("quick", capex_usd_per_kw=6000.0, lead_months=5.0),
        a_plant("cheap", capex_usd_per_kw=2000.0, lead_months=30.0),
    ]
    rows = haste_rows(a_site(), a_load(), options, terms=TERMS)
    assert [row["months"] for row in rows] == [5, 30]
    # By hand: 4,000 USD/kW more over 20 years and 8,760 hours.
    assert rows[0]["premium_usd_per_mwh"] == pytest.approx(4e6 / 20 / 8760, rel=1e-3)
    assert rows[1]["premium_usd_per_mwh"] == 0


def test_a_deadline_that_targets_cannot_meet_has_no_cost():
    options = [a_plant("quick", lead_months=5.0), a_plant("sure", lead_months=30.0)]
    for targets in (Targets(least_share={"sure": 0.4}), Targets(most_share={"sure": 0.9}, reserve_margin=0.1)):
        rows = haste_rows(a_site(), a_load(), options, terms=TERMS, targets=targets)
        assert np.isnan(rows[0]["usd_per_mwh"]) == bool(targets.least_share)
        assert rows[-1]["premium_usd_per_mwh"] == pytest.approx(0.0, abs=1e-3)
    strict = replace(TERMS, shed_usd_per_mwh=np.inf)
    short = haste_rows(a_site(), a_load(100.0), [a_grid(40.0), *options[1:]], terms=strict)
    assert np.isnan(short[0]["usd_per_mwh"]) and short[-1]["premium_usd_per_mwh"] == 0


def test_what_exists_is_there_before_what_is_new():
    options = [
        a_plant("old", existing_mw=40.0, lead_months=24.0),
        a_plant("new", capex_usd_per_kw=3000.0, lead_months=6.0),
    ]
    rows = haste_rows(a_site(), a_load(), options, months=[6.0, 24.0], terms=TERMS)
    assert rows[0]["options"] == "old, new"
    assert rows[0]["unserved_share"] == pytest.approx(0, abs=1e-9)


def test_a_tied_store_that_exists_is_there_before_what_is_new():
    # Its energy is not told: 100 hours of it come with its power.
    options = [option("iron_air", existing_mw=50.0), a_plant("late", lead_months=30.0), a_grid(100.0)]
    rows = haste_rows(a_site(24), a_load(100.0), options, months=[1.0, 60.0], terms=TERMS)
    assert [row["months"] for row in rows] == [1, 60]
    assert rows[0]["options"] == "iron_air, grid" and np.isfinite(rows[0]["usd_per_mwh"])


def test_a_mw_for_half_a_month_must_pay_its_rent_in_that_half():
    # 100 MW are short for half a month, then 10 MW for 19.5 months: 90 MW would gain 265,000 - 50,000 - 400,000 USD
    # each with 50,000 a month of rent and 400,000 USD to bring them in.
    steps = [a_step(0.0, 100.0), a_step(0.5, 10.0)]
    costly = replace(TURBINE, mobilisation_usd_per_mw=400_000, lead_months=0.0)
    hire, few = (_hire(b, steps, 20.0, 530_000, TERMS) for b in (costly, replace(costly, most_mw=10.0)))
    assert hire.mw == pytest.approx(10) and hire.net_usd == pytest.approx(few.net_usd)
    assert hire.net_usd == pytest.approx(10 * (20 * (530_000 - 50_000 - 50 * HOURS_PER_MONTH) - 400_000))
    # With a free bringing-in, 90 MW leave after their half month.
    free = _hire(replace(costly, mobilisation_usd_per_mw=0.0), steps, 20.0, 530_000, TERMS)
    assert (free.mw, free.mw_months) == (pytest.approx(100), pytest.approx(90 * 0.5 + 10 * 20))


@settings(max_examples=50)
@given(
    short=lists(floats(0, 100), min_size=3, max_size=3), least=floats(0, 30), mobilisation=floats(0, 1e6),
    room=floats(0, 100), hours=floats(500, 8760),
)  # fmt: skip
def test_room_for_fewer_mw_never_nets_more(short, least, mobilisation, room, hours):
    steps = [a_step(month, mw, mw / 3) for month, mw in zip([0.0, 1.0, 9.0], sorted(short)[::-1], strict=True)]
    bridge = replace(TURBINE, least_months=least, mobilisation_usd_per_mw=mobilisation, hours_per_year=hours)
    net, less = (_hire(b, steps, 14.0, 400_000, TERMS).net_usd for b in (bridge, replace(bridge, most_mw=room)))
    assert net >= -1e-6
    assert net >= less - 1e-6 * max(1.0, abs(less))


@settings(max_examples=20)
@given(margin=floats(0, 1e6), more=floats(0, 1e6))
def test_dearer_chips_never_rent_less(margin, more):
    plan = a_plan()
    low, high = (timing(plan, bridges=[TURBINE], usd_per_mw_month=m) for m in (margin, margin + more))
    assert sum(h.mwh for h in high.hires) >= sum(h.mwh for h in low.hires) - 1e-6
    assert all(h.net_usd > 0 for h in (*low.hires, *high.hires))
