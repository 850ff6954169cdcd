"""Build-out: queues, items, lead times, suppliers and orders."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from gigawatt import catalog
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw
from gigawatt.buildout.stages import weeks_to_power
from gigawatt.buildout.weekly import CHIP_ITEM, FIRM_ITEM, NO_MONEY, NO_ORDERS, NO_POWER, SITE_ITEM
from gigawatt.buildout.weekly_supply import expansion
from gigawatt.ledger import BUILD, BUILDERS, CHIPS, COGS, SUPPLIERS
from gigawatt.scenario import load
from gigawatt.world.setup_sites import delivery_weeks
from tests.world.runs import after, copied, next_week, record, run_stage, stages

RUN = record("stargate")
N, Z, R, ITEMS = len(RUN.names.companies), len(RUN.names.sites), len(RUN.names.regions), len(RUN.names.items)
CALLS = dict(stages())
WEEKS = (5, 60, 150, 300, 500)
EXAMPLES = ("stargate", "one-campus", "telecom-1999")


def after_stage(name, week, change=lambda w, p, t: None):
    """The state when one stage has run on a changed copy."""
    w, p, t = after(RUN, week), copied(RUN.parameters), copied(RUN.tables)
    change(w, p, t)
    run_stage(CALLS[name], week + 1, w, p, t)
    return w


# ------------------------------------------------------------------------------------------------------ conservation


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_megawatt_started_is_under_construction_or_energised(name):
    run = record(name)
    pipe = run.field("build.site_pipe_mw").sum(axis=(1, 2))
    energised = run.field("power.energised_mw").sum(axis=1)
    started = np.cumsum(run.field("build.started_mw_week"))
    first = pipe[0] + energised[0] - started[0]
    assert pipe + energised - started == approx(first, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("name", EXAMPLES)
def test_connections_and_plants_make_what_is_energised(name):
    run = record(name)
    connected = run.field("power.grid_capacity_mw") + run.field("power.firm_capacity_mw")
    region = run.tables.site.region.astype(int)[: len(run.names.sites)]
    energised = np.zeros_like(connected)
    np.add.at(energised, (slice(None), region), run.field("power.energised_mw")[:, : len(region)])
    assert connected == approx(energised, rel=1e-9, abs=1e-6)
    assert run.field("power.grid_capacity_mw").min() >= 0 and run.field("power.firm_capacity_mw").min() >= 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_power_by_owner_is_the_power_of_its_sites(name):
    run = record(name)
    owner = run.tables.site.owner.astype(int)[: len(run.names.sites)]
    by_owner = np.zeros_like(run.field("power.owner_mw"))
    np.add.at(by_owner, (slice(None), owner), run.field("power.energised_mw")[:, : len(owner)])
    assert run.field("power.owner_mw") == approx(by_owner, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("week", WEEKS)
def test_chips_shipped_leave_the_queue_and_enter_the_pipe(week):
    before, w = after(RUN, week), after_stage("chips", week)
    shipped = float(w.build.shipped_h100e_week)
    assert before.build.chip_queue_h100e.sum() - w.build.chip_queue_h100e.sum() == approx(shipped)
    assert w.fleet.shipped_h100e.sum() - before.fleet.shipped_h100e.sum() == approx(shipped)
    retired = before.fleet.installed_h100e.sum() / (float(RUN.parameters.build.retire_years) * 52)
    moved = w.build.chip_pipe_h100e.sum() + w.fleet.installed_h100e.sum()
    was = before.build.chip_pipe_h100e.sum() + before.fleet.installed_h100e.sum()
    assert moved == approx(was + shipped - retired, rel=1e-9)


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_queued_or_built_is_below_zero(name):
    run = record(name)
    for path in ("build.chip_queue_h100e", "build.chip_pipe_h100e", "build.site_queue_mw", "build.site_pipe_mw",
                 "build.firm_pipe_mw", "fleet.installed_h100e", "build.capacity", "build.grid_mw_week"):  # fmt: skip
        assert run.field(path).min() >= 0, path


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_week_takes_more_of_an_item_than_there_is(name):
    run, kinds = record(name), record(name).tables.supply.kind[: len(record(name).names.items)]
    started = run.field("build.started_mw_week")
    capacity = run.field("build.capacity")[:, : len(kinds)]
    capacity = np.concatenate([np.full((1, len(kinds)), np.inf), capacity[:-1]])  # at the end of the week before
    for i in np.flatnonzero(kinds == SITE_ITEM):
        assert (started <= capacity[:, i] * (1 + 1e-9)).all(), run.names.items[i]
    grid = np.concatenate([np.full(1, np.inf), run.field("build.grid_mw_week").sum(axis=1)[:-1]])
    assert (started <= grid + capacity[:, kinds == FIRM_ITEM].sum(axis=1) + 1e-6).all()


@pytest.mark.parametrize("week", WEEKS)
def test_chips_shipped_take_no_more_of_an_item_than_there_is(week):
    w, t = after_stage("chips", week), RUN.tables
    before = after(RUN, week)
    by_chip = w.fleet.shipped_h100e - before.fleet.shipped_h100e
    for i in range(ITEMS):
        if int(t.supply.kind[i]) == CHIP_ITEM:
            assert by_chip @ t.chip.items_per_h100e[:, i] <= before.build.capacity[i] * (1 + 1e-9)


# -------------------------------------------------------------------------------------------------- money for goods


@pytest.mark.parametrize("week", WEEKS)
def test_chips_are_paid_at_their_price_when_they_ship(week):
    before, w = after(RUN, week), after_stage("chips", week)
    bought = before.build.chip_queue_h100e - w.build.chip_queue_h100e
    usd = bought @ w.tech.family_usd_per_h100e
    paid = w.books.paid_usd[CHIPS] - before.books.paid_usd[CHIPS]
    assert paid[:N] == approx(usd[:N], rel=1e-9, abs=1.0)
    assert w.books.chips_usd[:N] - before.books.chips_usd[:N] == approx(usd[:N], rel=1e-9, abs=1e3)


@pytest.mark.parametrize("week", WEEKS)
def test_makers_of_chips_pay_their_suppliers_all_but_the_margin(week):
    w = next_week(RUN, week)
    margin = float(RUN.parameters.finance.chip_margin)
    for c in range(N):
        assert w.books.paid_usd[COGS, c] == approx((1 - margin) * w.books.received_usd[CHIPS, c], rel=1e-6, abs=1.0)
    assert w.books.received_usd[COGS, SUPPLIERS] == approx(w.books.paid_usd[COGS, :N].sum())


@pytest.mark.parametrize("week", WEEKS)
def test_building_is_paid_as_it_advances(week):
    before, w, p = after(RUN, week), after_stage("sites", week), RUN.parameters
    usd = np.zeros(len(before.books.sites_usd))
    for z in range(Z):
        mw = before.build.site_pipe_mw[z].sum() / (p.build.site_weeks + w.build.late_weeks[z])
        labour = RUN.tables.region.labour_cost_factor[int(RUN.tables.site.region[z])]
        usd[int(RUN.tables.site.owner[z])] += mw * p.cost.facility_usd_per_mw * labour
    assert w.books.sites_usd - before.books.sites_usd == approx(usd, rel=1e-6, abs=1e3)
    paid = w.books.received_usd[BUILD, BUILDERS] - before.books.received_usd[BUILD, BUILDERS]
    assert paid == approx(usd.sum(), rel=1e-6)


def test_a_site_is_paid_in_full_by_the_time_it_is_energised():
    """A pipe of stages, each worth an equal part of the cost: what leaves it has been paid once over."""
    w, p, t = after(RUN, 100), copied(RUN.parameters), copied(RUN.tables)
    w.build.site_queue_mw[:] = 0.0
    w.build.site_pipe_mw[:] = 0.0
    z = 0
    w.build.site_pipe_mw[z, 0] = 100.0
    c, r = int(t.site.owner[z]), int(t.site.region[z])
    before = w.books.sites_usd[c]
    for week in range(1500):
        run_stage(CALLS["sites"], week, w, p, t)
    usd = 100.0 * p.cost.facility_usd_per_mw * t.region.labour_cost_factor[r]
    assert w.books.sites_usd[c] - before == approx(usd, rel=1e-6)


# -------------------------------------------------------------------------------------------------------- what binds


def test_without_a_queue_there_are_no_orders_and_nothing_starts():
    def change(w, p, t):
        w.build.site_queue_mw[:] = 0.0
        w.build.unpaid_mw_week = w.build.wanted_mw_week = 0.0

    w = after_stage("sites", 100, change)
    assert w.build.started_mw_week == 0.0 and w.build.site_binds == NO_ORDERS


def test_orders_cut_for_want_of_money_are_named():
    def change(w, p, t):
        w.build.site_queue_mw[:Z] = 0.01
        w.build.wanted_mw_week, w.build.unpaid_mw_week = 100.0, 90.0
        w.build.capacity[:] = 1e9
        w.build.grid_mw_week[:] = 1e9
        w.build.crew_mw_week[:] = 1e9

    assert after_stage("sites", 100, change).build.site_binds == NO_MONEY


def test_power_is_named_where_neither_grid_nor_plants_suffice():
    def change(w, p, t):
        w.build.site_queue_mw[:Z] = 100.0
        w.build.grid_mw_week[:] = 0.1
        w.build.crew_mw_week[:] = 1e9
        for i in range(ITEMS):
            w.build.capacity[i] = 0.1 if int(t.supply.kind[i]) == FIRM_ITEM else 1e9

    w = after_stage("sites", 100, change)
    plants = sum(int(kind) == FIRM_ITEM for kind in RUN.tables.supply.kind[:ITEMS])
    assert w.build.site_binds == NO_POWER
    assert w.build.started_mw_week == approx(0.1 * sum(w.build.site_queue_mw[RUN.tables.site.region == r].sum() > 0
                                                       for r in range(R)) + 0.1 * plants, rel=0.05)  # fmt: skip


def test_a_loss_of_supply_starts_and_ships_less():
    def change(w, p, t):
        w.climate.factor[2], w.climate.weeks_left[2] = 0.4, 10.0

    for week in WEEKS:
        base, less = next_week(RUN, week), next_week(RUN, week, change)
        assert less.build.started_mw_week <= base.build.started_mw_week
        assert less.build.shipped_h100e_week <= base.build.shipped_h100e_week
        assert less.build.shipped_h100e_week + less.build.started_mw_week < (
            base.build.shipped_h100e_week + base.build.started_mw_week)  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- suppliers


def test_suppliers_grow_with_their_backlog_and_shrink_without_one():
    p = RUN.parameters.build
    long, short, none = (expansion(weeks, 0.5, 0.0, p) for weeks in (1000.0, p.backlog_weeks * p.lean, 0.0))
    assert long == approx(0.5 / 52) and short == approx(0.0, abs=1e-12) and none < 0
    assert none >= -p.shrink * 0.5 / 52


def test_suppliers_grow_more_slowly_the_larger_they_are():
    p = RUN.parameters.build
    rates = [expansion(1000.0, 0.5, size, p) for size in (0.0, 1.0, 3.0)]
    assert rates == approx([0.5 / 52, 0.25 / 52, 0.125 / 52])


# ------------------------------------------------------------------------------------------------------------- orders


def test_announced_sites_enter_the_queue_in_their_weeks_and_in_full():
    run = RUN
    for z in range(run.names.announced_sites):
        site = run.scenario.sites[run.names.sites[z]]
        start, end = int(run.tables.site.start_week[z]), int(run.tables.site.end_week[z])
        ordered = (end - start) * run.tables.site.start_mw_per_week[z]
        to_come = float(site.power_mw) - float(site.energised_mw)
        assert ordered <= max(to_come, 0.0) * (1 + 1e-9)


@pytest.mark.parametrize("week", WEEKS)
def test_nobody_orders_without_wanting_more(week):
    def change(w, p, t):
        w.plan.wanted_h100e[:] = 0.0
        w.lease.contract_h100e[:] = 0.0
        w.lease.signed_h100e[:] = 0.0
        w.fleet.full_mw[:] = 0.0
        t.site.end_week[:] = 0.0

    before, w = after(RUN, week), after_stage("orders", week, change)
    assert w.build.wanted_mw_week == 0.0 and (w.build.site_queue_mw == before.build.site_queue_mw).all()
    assert w.build.chip_queue_h100e.sum() <= before.build.chip_queue_h100e.sum() * (1 + 1e-12)


@pytest.mark.parametrize("week", WEEKS)
def test_without_money_nobody_orders_and_money_is_what_was_lacking(week):
    def change(w, p, t):
        w.plan.reach_usd_week[:] = 0.0
        t.site.end_week[:] = 0.0

    before, w = after(RUN, week), after_stage("orders", week, change)
    assert (w.build.site_queue_mw <= before.build.site_queue_mw).all()
    assert w.build.unpaid_mw_week == approx(w.build.wanted_mw_week)


@pytest.mark.parametrize("week", WEEKS)
def test_a_rent_below_cost_orders_less(week):
    def cheap(w, p, t):
        w.market.rent_usd_per_h100e_h = 0.01

    def dear(w, p, t):
        w.market.rent_usd_per_h100e_h = 100.0

    low, high = after_stage("orders", week, cheap), after_stage("orders", week, dear)
    assert low.build.wanted_mw_week <= high.build.wanted_mw_week


@pytest.mark.parametrize("week", WEEKS)
def test_export_rules_hold_back_restricted_buyers_of_restricted_chips_only(week):
    def rules(access):
        def change(w, p, t):
            p.build.export_access = access
            w.build.chip_queue_h100e[:N] = 1000.0
            w.build.capacity[:] = 1e12

        return after_stage("chips", week, change).build.chip_queue_h100e

    strict, free = rules(0.0), rules(1.0)
    t = RUN.tables
    for c in range(N):
        for f in range(len(RUN.names.families)):
            held = t.company.is_restricted[c] > 0 and t.family.restricted[f] > 0
            assert strict[c, f] == (1000.0 if held else 0.0) and free[c, f] == 0.0


# --------------------------------------------------------------------------------------------- crews and lead times


def test_crews_of_the_regions_are_those_of_their_trades():
    """Sites a week that the trade which binds can do: workers x productivity over worker-weeks per MW of the stages."""
    per_mw = {trade: weeks.median for trade, weeks in crew_weeks_per_mw().items()}
    rates = {}
    for region in catalog.items("regions"):
        facts = catalog.facts("regions", region)
        work = float(facts["productivity"].value) if "productivity" in facts else 1.0
        rates[region] = min(float(facts[trade].value) * work / weeks for trade, weeks in per_mw.items())
    for region, mw in rates.items():
        assert catalog.value("regions", region, "crew_share") == approx(mw / sum(rates.values()), rel=0.01)
    assert catalog.value("supply", "crews", "capacity_per_week") == approx(sum(rates.values()), rel=0.01)


def test_a_time_to_build_is_that_of_the_stages():
    """`build.site_weeks` within a tenth of the median weeks from the first works to power of a phase of 200 MW."""
    assert float(RUN.parameters.build.site_weeks) == approx(weeks_to_power("earthworks"), rel=0.1)


def test_the_slowest_item_delays_the_power_of_new_sites_only_where_it_comes_last():
    def weeks(text=None):
        loaded = load("examples/stargate.yaml", sets=[text] if text else [])
        return delivery_weeks(loaded)

    base, permit = weeks(), weeks_to_power("permit") - weeks_to_power("earthworks")
    assert weeks("supply.power_transformers.lead_weeks=600") == approx(
        600 - catalog.value("supply", "power_transformers", "ahead_weeks") - permit + weeks_to_power("commissioning")
    )
    assert weeks("supply.power_transformers.lead_weeks=1") == base
    assert weeks("supply.switchgear.ahead_weeks=0") >= base
