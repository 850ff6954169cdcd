"""Outage years: the IEEE test system, convolution, hand cases of stores and standby machines, draws that repeat."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from gigawatt.compiled import drawn, year_key
from gigawatt.power import Common, Units, outage_table, reliability_of
from gigawatt.power.machines import fleet, planned_from
from gigawatt.power.outages import wait_hours
from tests.power.supplies import firm_supply, rts

SURE = Units(name="plant", unit_mw=100, firm=0)  # never fails


def table_of(units):
    """The outage table of machines whose counts are given."""
    flat = [(u.unit_mw, u.forced_outage_rate) for u in units for _ in range(u.count + u.spare)]
    return outage_table([mw for mw, _ in flat], [rate for _, rate in flat])


# -------------------------------------------------------------------------------------------------------- convolution


def test_two_machines_by_hand():
    # 100 MW out 10 % and 50 MW out 20 %: 150 MW 0.72, 100 MW 0.18, 50 MW 0.08, nothing 0.02.
    table = outage_table([100, 50], [0.1, 0.2], step_mw=50)
    assert table.probability == approx([0.72, 0.18, 0.08, 0.02])
    hours, mwh = table.loss_of_load(np.array([120.0, 60.0]))
    assert hours == approx((0.18 + 0.08 + 0.02) + (0.08 + 0.02))
    assert mwh == approx(20 * 0.18 + 70 * 0.08 + 120 * 0.02 + 10 * 0.08 + 60 * 0.02)


@given(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=1, max_size=12), st.floats(-20, 500))
def test_convolution_agrees_with_all_states_one_by_one(machines, load):
    table = outage_table([mw for mw, _ in machines], [q for _, q in machines])
    states = {0.0: 1.0}
    for mw, q in machines:
        up = {power + mw: p * (1 - q) for power, p in states.items()}
        states = {k: up.get(k, 0.0) + states.get(k, 0.0) * q for k in {*up, *states}}
    hours = sum(p for power, p in states.items() if power < load - 1e-9)
    mwh = sum(p * max(0.0, load - power) for power, p in states.items())
    assert table.loss_of_load(np.array([load])) == approx((hours, mwh), abs=1e-9)


def test_the_ieee_reliability_test_system():
    known, load, units = rts()
    hours, mwh = table_of(units).loss_of_load(load)
    assert len(load) == 8736 and sum(u.unit_mw * u.count for u in units) == 3405
    assert hours == approx(known["lole_hours"], abs=5e-6)
    assert mwh == approx(known["eue_mwh"], abs=0.5)


def test_a_machine_that_fits_no_step_is_named():
    with pytest.raises(ValueError, match=r"2\.5 MW out 0\.1 of the time does not fit steps of 1 MW"):
        outage_table([2.5], [0.1])


# ------------------------------------------------------------------------------------------------------ Monte Carlo


def test_outage_years_of_the_ieee_test_system_agree_with_its_convolution():
    _, load, units = rts()
    system, sizes = firm_supply(load, [u.unit_mw * u.count for u in units])
    found = reliability_of(system, sizes, units, years=4000, seed=5)
    hours, mwh = table_of(units).loss_of_load(load)
    assert abs(found.lole_hours - hours) < 3.5 * found.lole_error_hours
    assert abs(found.eue_mwh - mwh) < 3.5 * found.eue_error_mwh
    assert found.lole_error_hours / hours < 0.03
    assert sum(found.by_cause_mwh.values()) == approx(found.eue_mwh)
    assert max(found.by_cause_mwh, key=found.by_cause_mwh.get) == "400 MW"


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.integers(10, 60), st.integers(1, 5), st.floats(0.02, 0.3), st.floats(2, 80)), min_size=1,
             max_size=4),
    st.floats(0.5, 0.95), st.integers(0, 1000),
)  # fmt: skip
def test_independent_machines_agree_with_convolution(groups, share, seed):
    units = [
        Units(name=str(m), unit_mw=mw, count=n, firm=m, forced_outage_rate=q, mttr_hours=r)
        for m, (mw, n, q, r) in enumerate(groups)
    ]
    total = sum(mw * n for mw, n, _, _ in groups)
    load = total * share * (0.8 + 0.2 * np.sin(np.arange(2000.0) / 24 * 2 * np.pi))
    system, sizes = firm_supply(load, [mw * n for mw, n, _, _ in groups])
    found = reliability_of(system, sizes, units, years=600, seed=seed)
    hours, mwh = table_of(units).loss_of_load(load)
    assert abs(found.lole_hours - hours) < 4.5 * found.lole_error_hours + 0.5
    assert abs(found.eue_mwh - mwh) < 4.5 * found.eue_error_mwh + 0.02 * total


def test_times_between_events_are_geometric():
    key, p = np.uint64(year_key(7, 1)), 0.02
    waits = np.array([wait_hours(drawn(key, 3, k), p) for k in range(20_000)])
    assert waits.min() == 1 and waits.mean() == approx(1 / p, rel=0.03)
    assert (waits > 35).mean() == approx((1 - p) ** 35, abs=0.015)
    assert wait_hours(0.5, 0.0) > 10**8 and wait_hours(0.5, 1.0) == 1


def test_draws_are_even_and_unrelated_between_years_and_machines():
    one, two = (np.array([drawn(np.uint64(year_key(1, y)), m, 0) for m in range(4000)]) for y in (1, 2))
    for numbers in (one, two):
        assert numbers.min() > 0 and numbers.max() <= 1
        assert numbers.mean() == approx(0.5, abs=0.02) and numbers.std() == approx(12**-0.5, rel=0.03)
        assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.07
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.07


def test_a_year_is_the_same_whatever_else_is_drawn():
    _, load, units = rts()
    system, sizes = firm_supply(load, [u.unit_mw * u.count for u in units])
    whole = reliability_of(system, sizes, units, years=60, seed=9)
    part = reliability_of(system, sizes, units, years=20, seed=9, first_year=40)
    assert (whole.unserved_mwh[40:] == part.unserved_mwh).all() and part.unserved_mwh.any()


def test_another_machine_never_makes_a_year_worse():
    _, load, units = rts()
    system, sizes = firm_supply(load, [u.unit_mw * u.count for u in units])
    years = [
        reliability_of(system, sizes, [replace(u, spare=k * (u.unit_mw == 100)) for u in units], years=300, seed=2)
        for k in range(4)
    ]
    for fewer, more in pairwise(years):
        assert (more.unserved_mwh <= fewer.unserved_mwh + 1e-6).all() and more.eue_mwh < fewer.eue_mwh


# --------------------------------------------------------------------------------------------- hand cases, step by step


def test_what_never_fails_and_suffices_loses_nothing():
    system, sizes = firm_supply(np.full(500, 90.0), [100.0])
    found = reliability_of(system, sizes, [SURE], years=5)
    assert found.eue_mwh == 0 and found.lole_hours == 0 and found.energy_nines == float("inf")
    assert found.clean_years_share == 1


def test_a_supply_that_is_too_small_by_hand():
    load = np.full(240, 80.0)
    load[100:105] = 130.0  # five hours of 30 MW too much
    load[200] = 110.0
    system, sizes = firm_supply(load, [100.0])
    found = reliability_of(system, sizes, [SURE], years=2)
    assert (found.unserved_mwh == 160).all() and (found.loss_hours == 6).all() and (found.events == 2).all()
    assert (found.longest_hours == 5).all() and (found.dropped_mw == 40).all()
    assert found.events_by_hours[5] == 1 and found.events_by_hours[1] == 1
    assert found.by_cause_mwh["sun, wind or size"] == 160


def test_a_store_bridges_by_hand():
    # 30 MW are short for five hours: 40 MWh at 80 % one way give 32 MWh; 8 hours of 20 MW at 80 % fill 40 MWh in 2.5.
    load = np.full(240, 80.0)
    load[100:105] = 130.0
    load[107:110] = 130.0
    system, sizes = firm_supply(load, [100.0], stores=[(50, 40, 0.8)])
    found = reliability_of(system, sizes, [SURE], years=1)
    refilled = 2 * 20 * 0.8 * 0.8  # two hours of 20 MW of surplus, there and back
    assert found.unserved_mwh[0] == approx(150 - 32 + 90 - refilled)
    assert found.loss_hours[0] == 4 + 3 - 0  # the first hour is bridged, the second in part; then 25.6 of 30 MW


def test_free_power_and_flexible_load_come_before_unserved_load():
    load, sun = np.full(48, 120.0), np.zeros(48)
    sun[10] = 15.0
    system, sizes = firm_supply(load, [100.0, 12.0], free=sun)
    found = reliability_of(system, sizes, [SURE], flexible=(1,), years=1)
    # 20 MW short in 47 hours and 5 in one; 12 MW may stop.
    assert found.flexed_mwh[0] == approx(47 * 12 + 5) and found.unserved_mwh[0] == approx(47 * 8)
    assert found.loss_hours[0] == 47


def test_standby_machines_carry_a_shortage_when_the_store_is_half_empty():
    load = np.full(100, 100.0)
    load[50:60] = 130.0
    system, sizes = firm_supply(load, [100.0], stores=[(50, 100, 1.0)])
    diesel = Units(name="diesel", unit_mw=10, count=3, standby=True)
    found = reliability_of(system, sizes, [SURE, diesel], years=1)
    # Two hours leave 40 of 100 MWh; standby machines carry the other eight.
    assert found.unserved_mwh[0] == 0 and found.standby_mwh[0] == approx(8 * 30)
    early = reliability_of(system, sizes, [SURE, diesel], years=1, start_below=1.0)
    assert early.standby_mwh[0] == approx(10 * 30)
    none = reliability_of(system, sizes, [SURE], years=1)
    assert none.unserved_mwh[0] == approx(300 - 100)


def test_standby_machines_fail_to_start_as_often_as_they_should():
    # One hour in ten is short by the power of one machine, so that each is a call of its own.
    load = np.where(np.arange(8760) % 10 == 5, 110.0, 100.0)
    system, sizes = firm_supply(load, [100.0])
    diesel = Units(
        name="diesel", unit_mw=10, count=1, standby=True, start_failure=0.05, forced_outage_rate=0.02, mttr_hours=1
    )
    found = reliability_of(system, sizes, [SURE, diesel], years=200)
    assert found.lole_hours / 876 == approx(1 - 0.95 * 0.98, rel=0.03)
    assert found.by_cause_mwh["diesel"] == approx(found.eue_mwh)
    together = replace(diesel, start_failure=0.0, forced_outage_rate=0.0, count=2, together=0.1)
    both = reliability_of(system, sizes, [SURE, together], years=200)
    assert both.lole_hours / 876 == approx(0.1, rel=0.03)


def test_standby_machines_fail_while_they_run():
    # Always short, never repaired within the year: on the mean a machine runs 100 hours of 2000.
    system, sizes = firm_supply(np.full(2000, 110.0), [100.0])
    diesel = Units(name="diesel", unit_mw=10, count=1, standby=True, mttf_hours=100, mttr_hours=1e7)
    found = reliability_of(system, sizes, [SURE, diesel], years=3000)
    assert found.standby_mwh.mean() == approx(1000, rel=0.06)


def test_a_common_cause_takes_out_its_share_of_all_that_it_hits():
    system, sizes = firm_supply(np.full(8760, 100.0), [60.0, 40.0])
    plants = [Units(name="gas", unit_mw=60, firm=0), Units(name="engines", unit_mw=40, firm=1)]
    cut = Common(name="pipeline", hits=("gas", "engines"), outages_per_year=3, outage_hours=10, share=0.5)
    found = reliability_of(system, sizes, plants, commons=[cut], years=3000)
    assert found.lole_hours == approx(30, rel=0.05) and found.mean_event_hours == approx(10, rel=0.05)
    assert found.eue_mwh == approx(50 * found.lole_hours)
    assert found.by_cause_mwh["pipeline"] == approx(found.eue_mwh)


def test_a_store_whose_machines_fail_gives_less():
    load = np.where(np.arange(8760) % 24 == 12, 120.0, 90.0)
    system, sizes = firm_supply(load, [100.0], stores=[(20, 100, 1.0)])
    blocks = Units(name="blocks", unit_mw=5, store=0, forced_outage_rate=0.1, mttr_hours=10)
    found = reliability_of(system, sizes, [SURE, blocks], years=300)
    # Each of four blocks is out a tenth of the time; the mean power that lacks at noon is 2 MW.
    assert found.eue_mwh == approx(365 * 20 * 0.1, rel=0.05)


def test_what_only_a_broken_store_leaves_unserved_is_blamed_on_the_store():
    load = np.where(np.arange(8760) % 24 == 12, 120.0, 90.0)
    system, sizes = firm_supply(load, [100.0], stores=[(20, 100, 1.0)])
    blocks = Units(name="blocks", unit_mw=5, store=0, forced_outage_rate=0.1, mttr_hours=10)
    found = reliability_of(system, sizes, [SURE, blocks], years=20)
    assert found.eue_mwh > 0 and found.by_cause_mwh["blocks"] == approx(found.eue_mwh)
    storm = Common(name="storm", hits=("blocks",), outages_per_year=50, outage_hours=20, share=0.5)
    sure = replace(blocks, forced_outage_rate=0.0)
    assert reliability_of(system, sizes, [SURE, sure], commons=[storm], years=20).by_cause_mwh["storm"] > 0


def test_a_large_store_takes_no_more_blame_than_what_lacks():
    # 30 MW short for an hour: the plant's other half would have closed the gap, and so would 30 of the store's 300 MW.
    load = np.full(100, 50.0)
    load[50] = 80.0
    system, sizes = firm_supply(load, [100.0], stores=[(300, 300, 1.0)])
    half = Common(name="half", hits=("plant",), outages_per_year=80, outage_hours=100, share=0.5)
    off = Common(name="off", hits=("cells",), outages_per_year=80, outage_hours=100, share=1.0)
    cells = Units(name="cells", unit_mw=300, store=0)
    found = reliability_of(system, sizes, [SURE, cells], commons=[half, off], years=200)
    both = found.by_cause_mwh["half"], found.by_cause_mwh["off"]
    assert both[0] > 0 and both[1] / both[0] == approx(30 / 50)


def test_what_standby_machines_put_into_a_store_is_counted():
    # 50 MW are short in every hour. The store carries the first and is empty; then diesel carries them, and in four
    # hours its other 50 MW fill the store again, half of which arrives.
    system, sizes = firm_supply(np.full(200, 150.0), [100.0], stores=[(50, 100, 0.5)])
    diesel = Units(name="diesel", unit_mw=100, count=1, standby=True)
    found = reliability_of(system, sizes, [SURE, diesel], years=1)
    assert found.unserved_mwh[0] == 0 and found.standby_mwh[0] == approx(199 * 50 + 4 * 50)


def test_maintenance_takes_machines_out_one_after_the_other_when_load_is_low():
    load = np.where(np.arange(8760) < 4380, 100.0, 70.0)
    begins = planned_from(np.full(4, 25.0), np.full(4, 240), load)
    assert (begins >= 4380 - 24).all() and len(set(begins)) == 4
    assert (np.diff(np.sort(begins)) >= 240).all()
    system, sizes = firm_supply(load, [100.0])
    served = Units(name="plant", unit_mw=25, firm=0, planned_hours=240)
    assert reliability_of(system, sizes, [served], years=2).eue_mwh == 0
    flat, sizes = firm_supply(np.full(8760, 100.0), [100.0])
    assert reliability_of(flat, sizes, [served], years=2).lole_hours == 4 * 240


def test_a_spare_machine_more_moves_no_maintenance_of_the_others():
    load = 90 + 10 * np.sin(np.arange(8760.0) / 8760 * 2 * np.pi)
    large = Units(name="large", unit_mw=40, firm=0, forced_outage_rate=0.05, planned_hours=400)
    small = Units(name="small", unit_mw=9, firm=1, forced_outage_rate=0.05, planned_hours=300, spare=2)
    system, sizes = firm_supply(load, [80.0, 36.0])

    def windows(spares):
        units = (replace(large, spare=spares), small)
        chains = fleet(system, sizes, units, (), (), None, None).chains
        planned = chains.length > 0
        machine = chains.who[chains.owner[planned]]
        return dict(zip(machine.tolist(), chains.begin[planned].tolist(), strict=True))

    for spares in range(5):
        fewer, more = windows(spares), windows(spares + 1)
        assert len(more) == len(fewer) + 1 and all(more[who] == begin for who, begin in fewer.items())


def test_weather_years_take_turns():
    system, sizes = firm_supply(np.full(100, 90.0), [100.0])
    net = np.stack([np.full(100, 90.0), np.full(100, 105.0), np.full(100, 110.0)])
    found = reliability_of(system, sizes, [SURE], net_mw=net, years=6)
    assert found.unserved_mwh == approx([0, 500, 1000] * 2)


PLAIN = """
import numpy as np
from tests.power.supplies import firm_supply
from gigawatt.power import Common, Units, reliability_of
load = 90 + 25 * np.sin(np.arange(600.0) / 24 * 2 * np.pi)
system, sizes = firm_supply(load, [100.0, 10.0], stores=[(20, 60, 0.9)], free=np.where(load > 100, 3.0, 0.0))
units = [Units(name="gas", unit_mw=20, firm=0, forced_outage_rate=0.1, mttr_hours=12, planned_hours=48),
         Units(name="cells", unit_mw=10, store=0, forced_outage_rate=0.05, mttr_hours=9),
         Units(name="diesel", unit_mw=5, count=3, standby=True, start_failure=0.1, mttf_hours=40, together=0.05)]
cut = Common(name="pipeline", hits=("gas",), outages_per_year=20, outage_hours=8, share=0.7)
with np.errstate(over="ignore"):
    r = reliability_of(system, sizes, units, commons=[cut], flexible=(1,), years=12, seed=4)
print([x.hex() for x in (*map(float, r.unserved_mwh), *map(float, r.standby_mwh), *r.by_cause_mwh.values())])
"""


def test_plain_and_compiled_years_agree():
    outputs = [
        subprocess.run([sys.executable, "-W", "ignore", "-c", PLAIN], capture_output=True, text=True, check=True,
                       cwd=Path(__file__).parents[2], env=os.environ | {"NUMBA_DISABLE_JIT": off}).stdout
        for off in ("0", "1")
    ]  # fmt: skip
    plain, compiled = ([float.fromhex(x) for x in eval(out)] for out in outputs)
    assert plain == approx(compiled, rel=1e-12) and sum(plain) > 0
