"""Load of a site: shapes of work by hand, phases, scales, what may wait and at what price."""

from dataclasses import replace
from math import exp, pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers
from pytest import approx

from gigawatt.power import (
    Cooling,
    Flexible,
    Load,
    Work,
    flexible_parts,
    load,
    power_share,
    site_year,
    swing_mw,
    worth_usd_per_mwh,
)
from gigawatt.power.work import day_shape, running

SITE = site_year("us_tx_abilene")
TRAINING, INFERENCE, BATCH = (Work.from_catalog(name) for name in ("training", "inference", "batch"))
MIXED = {"training": 0.5, "inference": 0.4, "batch": 0.1}
HOURS = np.arange(24.0 * 7)
WEEKDAY = (HOURS // 24).astype(int)  # from a Monday


def test_a_site_draws_its_computers_times_pue():
    found = load(100.0, cooling=1.25)
    assert found.it_mw.shape == (8760,) and (found.it_mw == 100).all()
    assert (found.site_mw == 125).all() and found.mean_pue == 1.25 and found.water_m3 == 0


@given(site_mw=floats(1, 5000))
def test_the_largest_hour_of_a_site_is_what_was_asked_for(site_mw):
    found = load(site_mw=site_mw, site=SITE, work=MIXED, cooling="evaporative")
    assert found.site_mw.max() == approx(site_mw)
    assert found.site_mw == approx(found.it_mw * found.pue)


def test_twice_the_computers_draw_twice_as_much_with_the_same_pue():
    one, two = (load(mw, site=SITE, work=MIXED) for mw in (100.0, 200.0))
    assert two.site_mw == approx(2 * one.site_mw) and two.pue == approx(one.pue)


def test_an_hourly_load_is_kept_as_it_is():
    rng = np.random.default_rng(1)
    hourly = rng.uniform(50, 100, 48)
    it = load(hourly, site=replace(SITE, temp_c=SITE.temp_c, rh_pct=SITE.rh_pct))
    assert (it.it_mw == hourly).all() and it.site_mw == approx(hourly * it.pue)
    whole = load(site_mw=hourly, site=SITE)
    assert (whole.site_mw == hourly).all() and whole.it_mw == approx(hourly / whole.pue)


def test_water_is_litres_per_kwh_times_energy():
    found = load(100.0, site=SITE, cooling="tower_chiller")
    assert found.water_m3 == approx(found.mean_water_l_per_kwh * 100 * 8760)
    assert 1.3 < found.mean_water_l_per_kwh < 2.0


# --------------------------------------------------------------------------------------------------------------- work


def test_the_day_of_users_by_hand():
    work = replace(INFERENCE, trough=0.4, peak_hour=15, spread_hours=0.0, weekend=0.5)
    shape = day_shape(work, HOURS, WEEKDAY)
    assert (shape[15], shape[3], shape[9]) == approx((1.0, 0.4, 0.7))
    assert shape[24 * 5 + 15] == approx(0.5) and shape[24 * 4 + 15] == approx(1.0)


def test_users_of_many_zones_flatten_the_day_as_a_mean_over_their_clocks():
    work = replace(INFERENCE, weekend=1.0, spread_hours=3.0)
    one = replace(work, spread_hours=0.0)
    clocks = np.random.default_rng(2).normal(0, 3.0, 20_000)
    mean = np.mean([day_shape(one, HOURS[:24] + c, WEEKDAY[:24]) for c in clocks], axis=0)
    assert day_shape(work, HOURS[:24], WEEKDAY[:24]) == approx(mean, abs=0.01)
    amplitude = np.ptp(day_shape(work, HOURS[:24], WEEKDAY[:24]))
    assert amplitude == approx((1 - work.trough) * exp(-((2 * pi * 3 / 24) ** 2) / 2))


def test_serving_peaks_in_the_local_afternoon_of_its_users():
    here = load(100.0, site=SITE, work={"inference": 1.0}, cooling=1.1)  # 100° west: 6.7 hours behind UTC
    there = load(100.0, site=SITE, work={"inference": 1.0}, cooling=1.1, users_lon=0.0)
    peaks = [int(np.argmax(x.it_mw[:24])) for x in (here, there)]
    assert peaks == [22, 15]


def test_serving_keeps_the_mean_over_peak_that_deepseek_reports():
    # 226.75 of at most 278 nodes over a day (DeepSeek, 2025-02-27/28): 0.816, after servers were taken away at night.
    share = power_share(INFERENCE, HOURS, WEEKDAY)
    assert share[:24].mean() / share.max() == approx(0.816, abs=0.04)


def test_training_is_flat_and_its_stops_have_the_share_and_length_of_the_catalog():
    assert np.ptp(power_share(TRAINING, HOURS, WEEKDAY)) == 0
    one = replace(TRAINING, jobs=1, gap_share=0.1, gap_hours=4.0)
    runs = np.concatenate([running(one, 8760, np.random.default_rng(seed)) for seed in range(40)])
    assert runs.mean() == approx(0.9, abs=0.01)
    stops = np.flatnonzero(np.diff(runs) < 0).size
    assert (runs == 0).sum() / stops == approx(4.0, rel=0.05)


def test_drawn_hours_have_the_mean_of_those_without_draws():
    for work in (TRAINING, INFERENCE, BATCH):
        hours = np.arange(8760.0)
        weekday = (hours // 24).astype(int) % 7
        drawn = np.mean([power_share(work, hours, weekday, np.random.default_rng(s)).mean() for s in range(20)])
        assert drawn == approx(power_share(work, hours, weekday).mean(), rel=0.01)


def test_the_same_seed_gives_the_same_hours():
    one, two, other = (load(100.0, work=MIXED, rng=np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert (one.it_mw == two.it_mw).all() and (one.it_mw != other.it_mw).any()


def test_shares_of_work_add_up():
    parts = [load(100.0, work={name: share}, cooling=1.2).it_mw for name, share in MIXED.items()]
    assert load(100.0, work=MIXED, cooling=1.2).it_mw == approx(np.sum(parts, axis=0))


@given(share=floats(0.05, 1))
def test_a_kind_never_draws_more_than_its_peak(share):
    drawn = load(100.0, work={"training": share}, cooling=1.2, rng=np.random.default_rng(5))
    assert drawn.it_mw.max() <= 100 * share * TRAINING.peak_power + 1e-9 and drawn.it_mw.min() >= 0


def test_fast_swings_by_hand():
    # POLCA: 37.5 % of what is provisioned for training within two seconds, 9 % for serving.
    assert swing_mw(1000.0, {"training": 0.6, "inference": 0.4}) == approx(0.6 * 375 + 0.4 * 90)


# ------------------------------------------------------------------------------------------------------------- phases


def test_phases_come_at_their_week_or_date():
    found = load(phases=[(1, 100.0), ("2026-02-01", 300.0)], cooling=1.2)
    assert [found.it_mw[h] for h in (0, 167, 168, 743, 744, 8759)] == [0, 0, 100, 100, 300, 300]
    assert (found.pue == 1.2).all()


def test_the_last_day_of_february_has_no_hours():
    found = load(phases=[("2028-03-01", 100.0)], start="2028-01-01", cooling=1.2)
    assert np.flatnonzero(found.it_mw)[0] == (31 + 28) * 24
    later = load(phases=[("2029-01-01", 100.0)], start="2028-01-01", years=2, cooling=1.2)
    assert np.flatnonzero(later.it_mw)[0] == 8760 and len(later.it_mw) == 17520


def test_phases_under_a_site_power_are_shares_of_the_last():
    found = load(site_mw=1000.0, site=SITE, phases=[(0, 1.0), (26, 4.0)])
    assert found.site_mw.max() == approx(1000) and found.it_mw[0] / found.it_mw[-1] == approx(0.25)


@given(weeks=integers(1, 51), mw=floats(1, 900))
def test_energy_of_phases_is_power_times_time(weeks, mw):
    found = load(phases=[(0, 100.0), (weeks, mw)], cooling=1.0)
    assert found.site_mw.sum() == approx(100 * 168 * weeks + mw * (8760 - 168 * weeks))


# ----------------------------------------------------------------------------------------------------------- flexible


def test_worth_of_a_mwh_of_work_by_hand():
    # A chip of 1.6 kW at a PUE of 1.25 draws 2 kW: 500 chips a MWh, at 3 USD an hour each.
    assert worth_usd_per_mwh(3.0, 1600, 1.25) == approx(1500)


def test_parts_of_a_load_that_can_wait_or_stop():
    parts = flexible_parts(MIXED, 1500.0)
    assert sum(part.share for part in parts) == approx(1.0)
    waiting = {part.name: part for part in parts if part.kind == "delay"}
    assert waiting["training delayed"].share == approx(0.5 * TRAINING.delay_share)
    assert waiting["training delayed"].usd_per_mwh == approx(1500 * TRAINING.delay_cost_share)
    assert waiting["training delayed"].usd_per_mwh < parts[-1].usd_per_mwh < 1500
    assert load(100.0, flexible=parts).flexible == parts


def test_mistakes_are_named():
    with pytest.raises(ValueError, match="give it_mw or site_mw"):
        load()
    with pytest.raises(ValueError, match="give it_mw or site_mw"):
        load(100.0, site_mw=100.0)
    with pytest.raises(ValueError, match="must be above 0"):
        load(-5.0)
    with pytest.raises(ValueError, match="add up to at most 1"):
        load(100.0, work={"training": 0.8, "inference": 0.4})
    with pytest.raises(ValueError, match="did you mean 'training'"):
        load(100.0, work={"trainin": 1.0})
    with pytest.raises(ValueError, match="in order of time"):
        load(phases=[(5, 10.0), (2, 20.0)])
    with pytest.raises(ValueError, match="below 1; PUE"):
        load(100.0, cooling=0.9)
    with pytest.raises(ValueError, match="flexible shares add up"):
        load(100.0, flexible=[Flexible(name=n, share=0.6, usd_per_mwh=1.0) for n in "ab"])
    with pytest.raises(ValueError, match="a delay has a window"):
        Flexible(name="late", share=0.1, usd_per_mwh=1.0, kind="delay")
    with pytest.raises(ValueError, match="headroom 0 must be above 0"):
        Flexible(name="late", share=0.1, usd_per_mwh=1.0, kind="delay", hours=4.0, headroom=0.0)
    with pytest.raises(ValueError, match="finite numbers"):
        Load(site_mw=np.ones(2), it_mw=np.array([1.0, np.nan]), pue=np.ones(2), water_l_per_kwh=np.ones(2))
    with pytest.raises(ValueError, match="after the 8760 hours"):
        load(phases=[(80, 10.0)])


def test_cooling_may_be_one_of_your_own():
    own = Cooling.from_catalog("liquid_dry", loss_share=0.0, other_share=0.0)
    assert load(100.0, site=SITE, cooling=own).mean_pue < load(100.0, site=SITE, cooling="liquid_dry").mean_pue
