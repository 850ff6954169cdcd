"""Chips, software gains, levelised cost, training runs and shocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers
from pytest import approx

from gigawatt.inference.weekly import annuity
from gigawatt.training.weekly import H100_FLOP_PER_S
from tests.world.runs import EXAMPLES, after, copied, record, record_of, run_stage, stages, weeks_on

RUN = record("stargate")
N, K = len(RUN.names.companies), len(RUN.names.chips)
CALLS = dict(stages())
LABS = np.flatnonzero(RUN.tables.company.is_lab)
WEEKS = (5, 60, 150, 300, 500)


def stage(name, week, w, p=RUN.parameters, t=RUN.tables):
    """Run one stage on a state."""
    run_stage(CALLS[name], week, w, p, t)
    return w


# ----------------------------------------------------------------------------------------------------- technology


@given(floats(0.001, 0.3), integers(1, 40))
def test_an_annuity_pays_back_one_dollar(rate, years):
    payment = annuity(rate, years)
    assert sum(payment / (1 + rate) ** k for k in range(1, years + 1)) == approx(1.0)
    assert annuity(0.0, years) == approx(1 / years)


@given(integers(0, 1000))
def test_shares_of_a_familys_shipments_add_up_to_one(week):
    w = stage("technology", week, after(RUN, 10))
    for f in range(len(RUN.names.families)):
        mine = RUN.tables.chip.family[:K] == f
        assert w.tech.mix[:K][mine].sum() == approx(1.0) and (w.tech.mix[:K] >= 0).all()


def test_a_newer_chip_takes_over_and_an_unborn_one_ships_nothing():
    shipped = np.diff(RUN.field("fleet.shipped_h100e")[:, :K], axis=0)
    year = RUN.tables.count.start_year + np.arange(1, len(RUN.history)) / 52
    for k in range(K):
        assert shipped[year < RUN.tables.chip.volume_year[k] - 1 / 52, k].sum() == approx(0.0, abs=1e-6) or (
            int(np.flatnonzero(RUN.tables.chip.family[:K] == RUN.tables.chip.family[k])[0]) == k)  # fmt: skip


def test_software_gains_compound_by_their_yearly_rates():
    p = RUN.parameters.tech
    gain = RUN.field("tech.serving_gain"), RUN.field("tech.training_gain")
    assert gain[0][103] / gain[0][51] == approx(1 + p.serving_gain_per_year)
    assert gain[1][103] / gain[1][51] == approx(2 ** (1 / p.algorithm_doubling_years))


@pytest.mark.parametrize("week", WEEKS)
def test_tokens_of_a_chip_grow_with_the_software(week):
    w = stage("technology", week, after(RUN, week))
    assert w.tech.tokens_per_h100e_s[:K] == approx(RUN.tables.chip.tokens_per_h100e_s[:K] * w.tech.serving_gain)


@pytest.mark.parametrize("week", WEEKS)
def test_the_levelised_cost_is_annuities_upkeep_and_power_over_available_hours(week):
    w, cost, fleet = stage("technology", week, after(RUN, week)), RUN.parameters.cost, RUN.parameters.fleet
    power = after(RUN, week).power.mean_usd_per_mwh
    for c in range(N):
        usd, mw = w.tech.new_usd_per_h100e[c], w.tech.new_mw_per_h100e[c]
        site = mw * cost.facility_usd_per_mw
        yearly = usd * annuity(cost.capital_rate, fleet.life_years)
        yearly += site * annuity(cost.capital_rate, cost.site_life_years)
        yearly += cost.site_opex_per_year * (usd + site)
        assert w.tech.levelised_usd_per_h100e_h[c] == approx(yearly / (52 * 168 * fleet.availability) + mw * power)
        assert w.tech.all_in_usd_per_h100e[c] == approx(usd + site)


# -------------------------------------------------------------------------------------------------------- training


@pytest.mark.parametrize("week", WEEKS)
def test_a_week_of_training_adds_its_effective_compute(week):
    w, p = after(RUN, week), copied(RUN.parameters)
    p.lab.release_weeks = 1e9
    before, gain = w.lab.run_flop.copy(), w.tech.training_gain
    stage("training", week, w, p)
    for c in LABS:
        flop = w.use.used_h100e[c, 0] * H100_FLOP_PER_S * p.lab.mfu * p.lab.final_run_share * 604800 * gain
        assert w.lab.run_flop[c] - before[c] == approx(flop, rel=1e-6, abs=1e10)


def test_a_model_is_released_when_it_has_grown_enough_and_not_too_soon():
    p, c = RUN.parameters.lab, int(LABS[0])
    on_sale = 10.0 ** after(RUN, 100).market.quality_log10_flop[c]

    def released(run_flop, weeks):
        w = after(RUN, 100)
        w.lab.run_flop[c], w.lab.run_weeks[c] = run_flop, weeks
        w.use.used_h100e[c, 0] = 1.0
        old = w.market.quality_log10_flop[c]
        stage("training", 101, w)
        return w.market.quality_log10_flop[c] > old, w

    assert not released(1.01 * p.release_step * on_sale, p.release_weeks - 2)[0]
    assert not released(0.5 * p.release_step * on_sale, p.release_weeks + 5)[0]
    done, w = released(1.01 * p.release_step * on_sale, p.release_weeks)
    assert done and w.lab.run_flop[c] == 0.0 and w.lab.releases[c] == RUN.history[100].lab.releases[c] + 1
    assert w.market.quality_log10_flop[c] == approx(np.log10(1.01 * p.release_step * on_sale), rel=1e-6)


def test_quality_never_falls_and_rises_by_the_step_of_a_release():
    quality = RUN.companies("market.quality_log10_flop")[:, LABS]
    steps = np.diff(quality, axis=0)
    assert (steps >= 0).all()
    assert (steps[steps > 0] >= np.log10(float(RUN.parameters.lab.release_step)) - 1e-9).all()


@pytest.mark.parametrize("week", WEEKS)
def test_more_expected_revenue_or_cash_trains_no_less(week):
    base = stage("budgets", week, after(RUN, week))
    rich, dear = after(RUN, week), after(RUN, week)
    rich.plan.expected_usd_week *= 2
    rich.books.cash_usd[:N] *= 2
    dear.market.rent_usd_per_h100e_h *= 2
    assert (stage("budgets", week, rich).lab.want_h100e >= base.lab.want_h100e).all()
    assert stage("budgets", week, dear).lab.want_h100e == approx(base.lab.want_h100e / 2)


# ---------------------------------------------------------------------------------------------------------- shocks


def climate(week, seed_week, change):
    """The climate after one week of events."""
    w, p = after(RUN, week), copied(RUN.parameters)
    change(w, p)
    stage("events", seed_week, w, p)
    return w.climate


def test_a_single_run_has_fair_weather_without_dated_shocks():
    assert (RUN.field("climate.factor")[:, :3] == 1.0).all()


def test_a_shock_at_a_certain_rate_hits_at_once_and_holds_its_weeks():
    def certain(w, p):
        p.events.credit_shut_per_year, p.events.credit_shut_size = 52.0, 0.7

    hit = climate(10, 11, certain)
    assert hit.factor[1] == approx(0.3) and hit.weeks_left[1] == RUN.parameters.events.credit_shut_weeks


def test_demand_heals_by_half_in_its_half_life_and_credit_at_once():
    w, p = after(RUN, 10), RUN.parameters
    w.climate.factor[0], w.climate.factor[1] = 0.5, 0.0
    w.climate.weeks_left[:] = 1.0
    half = round(float(p.events.demand_half_life_weeks))
    for week in range(half):
        stage("events", 11 + week, w)
        assert w.climate.factor[1] == 1.0
    assert w.climate.factor[0] == approx(0.75, rel=0.01)


def test_a_dated_shock_comes_on_its_date_and_goes():
    text = (EXAMPLES / "one-campus.yaml").read_text()
    run = record_of(text + "shocks: [{kind: demand_drop, at: 2026-03-02, size: 40 %, weeks: 10}]\n")
    factor = run.field("climate.factor")[:, 0]
    assert (factor[:8] == 1.0).all() and factor[8:18] == approx(0.6)
    assert (np.diff(factor[18:]) >= 0).all() and factor[-1] > 0.9


def test_shocks_come_as_often_as_their_rate_says():
    p, hits = copied(RUN.parameters), 0
    p.events.supply_loss_per_year, p.events.supply_loss_weeks = 2.6, 1.0  # one week in twenty
    w = after(RUN, 10)
    for week in range(2000):
        stage("events", week, w, p)
        hits += w.climate.factor[2] < 1.0
    assert hits == approx(100, abs=40)  # four standard deviations


def test_a_drop_in_demand_lowers_revenue():
    w, p, t = after(RUN, 150), RUN.parameters, copied(RUN.tables)
    t.count.shocks, t.shock.kind[0], t.shock.week[0], t.shock.loss[0], t.shock.weeks[0] = 1.0, 0.0, 155.0, 0.5, 26.0
    hit, base = weeks_on(w, p, t, 151, 12), weeks_on(w, p, RUN.tables, 151, 12)
    assert hit.climate.factor[0] == 0.5
    assert hit.market.gtokens_week.sum() < base.market.gtokens_week.sum()
