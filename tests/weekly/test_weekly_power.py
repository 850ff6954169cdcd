"""Power, and the compute that runs on it: load, supply, price and carbon; chips powered, failed, lent."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from gigawatt.power.weekly import BUSY, COOLING, IDLE
from tests.world.runs import after, copied, next_week, record, run_stage, stages

RUN = record("stargate")
N, Z, R = len(RUN.names.companies), len(RUN.names.sites), len(RUN.names.regions)
CALLS = dict(stages())
WEEKS = (5, 60, 150, 300, 500)
EXAMPLES = ("stargate", "one-campus", "telecom-1999")


def flow(week, change=lambda w, p, t: None):
    """The state when supply, allocation and power have run on a changed copy."""
    w, p, t = after(RUN, week), copied(RUN.parameters), copied(RUN.tables)
    change(w, p, t)
    for name in ("supply", "needs", "allocation", "power_flow"):
        run_stage(CALLS[name], week + 1, w, p, t)
    return w


@pytest.mark.parametrize("week", WEEKS)
def test_the_grid_comes_first_and_plants_make_the_rest(week):
    w = flow(week)
    load = w.power.grid_mw + w.power.firm_mw
    assert w.power.grid_mw == approx(np.minimum(load, w.power.grid_capacity_mw))
    region = RUN.tables.site.region[:Z].astype(int)
    by_region = np.bincount(region, weights=w.power.load_mw[:Z].sum(axis=1), minlength=len(load))
    assert load == approx(by_region)


@pytest.mark.parametrize("week", WEEKS)
def test_cooling_and_losses_are_pue_less_one_of_the_it_load(week):
    w, overhead = flow(week), RUN.tables.region.overhead[RUN.tables.site.region[:Z].astype(int)]
    it = w.power.load_mw[:Z, BUSY] + w.power.load_mw[:Z, IDLE]
    assert w.power.load_mw[:Z, COOLING] == approx((float(RUN.parameters.fleet.pue) - 1) * overhead * it)


@pytest.mark.parametrize("week", WEEKS)
def test_idle_chips_draw_less_and_busy_ones_in_full(week):
    def nobody_comes(w, p, t):
        w.market.users_m[:] = 0.0
        w.market.gtokens_week[:] = 0.0
        w.market.core_usd_week[:] = 0.0
        w.market.rented_usd_week = 0.0
        w.lab.want_h100e[:] = 0.0
        t.mission.need_h100e[:] = 0.0
        t.mission.tokens_per_s[:] = 0.0

    w, draw = flow(week, nobody_comes), float(RUN.parameters.fleet.idle_draw)
    assert w.power.load_mw[:, BUSY].sum() == approx(0.0, abs=1e-6)
    assert w.power.load_mw[:, IDLE].sum() == approx(draw * w.fleet.it_mw.sum())


@pytest.mark.parametrize("week", WEEKS)
def test_the_price_is_the_mean_of_grid_and_plants_by_what_each_supplies(week):
    w, cost = flow(week), RUN.parameters.cost
    dearer = (1 + float(cost.grid_price_growth_per_year)) ** ((week + 1) / 52)
    for r in range(R):
        grid, firm, t = w.power.grid_mw[r], w.power.firm_mw[r], RUN.tables.region
        if grid + firm > 0:
            scarce = 1 + cost.grid_scarcity * grid / t.reference_mw[r]
            own = t.firm_without_gas_usd_per_mwh[r] + t.firm_mmbtu_per_mwh[r] * t.gas_usd_per_mmbtu[r]
            usd = grid * t.grid_usd_per_mwh[r] * dearer * scarce + firm * own
            gram = grid * t.carbon_g_per_kwh[r] + firm * t.firm_carbon_g_per_kwh[r]
            assert w.power.price_usd_per_mwh[r] == approx(usd / (grid + firm))
            assert w.power.carbon_g_per_kwh[r] == approx(gram / (grid + firm))


@pytest.mark.parametrize("week", WEEKS)
def test_energy_of_all_sites_costs_the_price_of_their_regions(week):
    w = flow(week)
    price = w.power.price_usd_per_mwh[RUN.tables.site.region[:Z].astype(int)]
    usd = float(w.power.load_mw[:Z].sum(axis=1) @ price) * 168
    assert w.power.energy_usd.sum() == approx(usd)
    drawn = (w.power.grid_mw + w.power.firm_mw).sum()
    assert w.power.mean_usd_per_mwh == approx(usd / 168 / drawn)


@pytest.mark.parametrize("week", WEEKS)
def test_dirtier_grids_mean_more_carbon(week):
    def change(w, p, t):
        t.region.carbon_g_per_kwh *= 2

    clean, dirty = flow(week), flow(week, change)
    assert (dirty.power.carbon_g_per_kwh[:R] >= clean.power.carbon_g_per_kwh[:R]).all()


# -------------------------------------------------------------------------------------------------------- compute


@pytest.mark.parametrize("name", EXAMPLES)
def test_installed_chips_are_available_failed_or_without_power(name):
    run = record(name)
    installed = run.field("fleet.counted_h100e").sum(axis=2)
    parts = sum(run.field(f"fleet.{kind}_h100e") for kind in ("available", "failed", "unpowered"))
    assert parts == approx(installed, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("week", WEEKS)
def test_half_the_power_runs_half_the_chips_of_an_owner_who_needs_it_all(week):
    def half(w, p, t):
        owner = t.site.owner[:Z].astype(int)
        w.power.energised_mw[:Z] *= (0.5 * w.fleet.full_mw / np.maximum(w.fleet.room_mw, 1e-9))[owner]

    w, p, t = after(RUN, week), copied(RUN.parameters), RUN.tables
    run_stage(CALLS["supply"], week + 1, w, p, t)
    half(w, p, t)
    run_stage(CALLS["supply"], week + 1, w, p, t)
    installed = w.fleet.counted_h100e[:N].sum(axis=1)
    assert w.fleet.unpowered_h100e[:N] == approx(0.5 * installed)
    assert w.fleet.available_h100e[:N] == approx(0.5 * installed * float(p.fleet.availability))


@pytest.mark.parametrize("week", WEEKS)
def test_lending_moves_compute_and_makes_none(week):
    w = next_week(RUN, week)
    assert w.fleet.usable_h100e.sum() == approx(w.fleet.available_h100e.sum())
    assert w.lease.lent_h100e.min() >= 0


@pytest.mark.parametrize("week", WEEKS)
def test_contracts_beyond_what_there_is_are_served_pro_rata(week):
    def change(w, p, t):
        w.lease.contract_h100e *= 1e3

    w = flow(week, change)
    owners = np.flatnonzero(w.lease.contract_h100e.sum(axis=0) > w.fleet.available_h100e)
    assert len(owners)
    for owner in owners:
        assert w.lease.lent_h100e[:, owner].sum() == approx(w.fleet.available_h100e[owner])
        contract = w.lease.contract_h100e[:, owner]
        assert w.lease.lent_h100e[:, owner] == approx(contract * w.fleet.available_h100e[owner] / contract.sum())


@pytest.mark.parametrize("week", WEEKS)
def test_what_a_lab_serves_on_mixed_chips_is_between_the_best_and_the_worst(week):
    w = next_week(RUN, week)
    for c in np.flatnonzero(RUN.tables.company.is_lab):
        rate = w.fleet.tokens_per_h100e_s[c, 0]
        rates = w.tech.tokens_per_h100e_s[: len(RUN.names.chips), 0]
        assert rates.min() <= rate * (1 + 1e-9) and rate <= rates.max() * (1 + 1e-9)
