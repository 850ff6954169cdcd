"""Signs: more of a capacity is never less build-out, a higher price is never a lower bill.

Two kinds. In `next week` tests one value is changed at the end of a week of the run and the week after is compared:
feedbacks have no time to act, so the sign must hold exactly. In `whole run` tests the scenario is changed and five
years are compared; feedbacks may move an outcome either way by a little, `NOISE` of it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from pytest import approx

from gigawatt.buildout.weekly import BINDS, CHIP_ITEM, FIRM_ITEM, LOCAL_ITEM, NO_POWER, SITE_ITEM
from gigawatt.ledger import CHIPS, CLOUD, ENERGY, EQUITY, INTEREST, INVESTORS, LENDERS, LOAN, OPERATIONS, TAX
from gigawatt.world.simulation import simulate
from tests.world.runs import after, copied, next_week, one_class, record, run_stage, scenario, stages

YEARS_5 = 260
NOISE = 0.02
WEEKS = (5, 40, 90, 150, 220, 300, 400, 500)
BASE = scenario("stargate")
NAMES = record("stargate").names
PUE = float(BASE.parameters["fleet.pue"])


def kind(i):
    """Kind of a supply item."""
    return int(record("stargate").tables.supply.kind[i])


# ------------------------------------------------------------------------------- what binds is what would help


def much_of(*kinds):
    """A change that makes some kinds of items plentiful."""

    def change(w, p, t):
        for i in range(len(NAMES.items)):
            if kind(i) in kinds:
                w.build.capacity[i] *= 1e6
        if LOCAL_ITEM in kinds:
            w.build.crew_mw_week[:] *= 1e6

    return change


def nothing(w, p, t):
    """No change."""


def short_of(i):
    """A change that makes one item scarce."""

    def change(w, p, t):
        w.build.capacity[i] *= 0.05

    return change


def after_stage_of(run, name, week, change):
    """The state when one stage has run on a changed copy."""
    w, p, t = after(run, week), copied(run.parameters), copied(run.tables)
    change(w, p, t)
    run_stage(dict(stages())[name], week + 1, w, p, t)
    return w


def finite_difference(week, change, i):
    """(MW started, H100e shipped) more in the next week for 1 % more of an item; the binding codes of the week."""

    def more(w, p, t):
        change(w, p, t)
        w.build.capacity[i] *= 1.01

    base, changed = next_week(record("stargate"), week, change), next_week(record("stargate"), week, more)
    return (changed.build.started_mw_week - base.build.started_mw_week,
            changed.build.shipped_h100e_week - base.build.shipped_h100e_week, base.build)  # fmt: skip


SITE_ITEMS = [i for i in range(len(NAMES.items)) if kind(i) == SITE_ITEM]
CHIP_ITEMS = [i for i in range(len(NAMES.items)) if kind(i) == CHIP_ITEM]
FIRM_ITEMS = [i for i in range(len(NAMES.items)) if kind(i) == FIRM_ITEM]


@pytest.mark.parametrize("scarce", [None, *SITE_ITEMS], ids=["as it is", *(NAMES.items[i] for i in SITE_ITEMS)])
@pytest.mark.parametrize("week", WEEKS)
def test_more_of_the_item_that_binds_sites_starts_more_and_more_of_another_none(week, scarce):
    change = nothing if scarce is None else short_of(scarce)
    for i in SITE_ITEMS:
        started_mw, _, build = finite_difference(week, change, i)
        if build.site_binds == i:
            assert started_mw == approx(0.01 * build.capacity[i], rel=0.15), "capacity also grows a little in the week"
        else:
            assert started_mw == 0.0
    if scarce is not None:
        assert build.site_binds == scarce


@pytest.mark.parametrize("scarce", [False, True], ids=["as it is", "few crews"])
@pytest.mark.parametrize("week", WEEKS)
def test_more_crews_start_more_in_the_nations_where_they_bind_and_nowhere_else(week, scarce):
    def change(w, p, t, nation=None):
        if scarce:
            much_of(SITE_ITEM)(w, p, t)
            w.build.crew_mw_week[:] *= 0.05
            w.build.site_queue_mw[: len(NAMES.sites)] += 1.0
        if nation is not None:
            w.build.crew_mw_week[nation] *= 1.01

    run, crews = record("stargate"), next(i for i in range(len(NAMES.items)) if kind(i) == LOCAL_ITEM)
    base, held = next_week(run, week, change), set()
    for n in range(len(NAMES.nations)):
        more = next_week(run, week, lambda w, p, t, n=n: change(w, p, t, n))
        added_mw = more.build.started_mw_week - base.build.started_mw_week
        regions = [r for r in range(len(NAMES.regions)) if int(run.tables.region.crew_nation[r]) == n]
        if any(base.build.binds[r] == crews for r in regions):
            assert added_mw == approx(0.01 * base.build.crew_mw_week[n], rel=0.15), NAMES.nations[n]
            held.add(n)
        else:
            assert added_mw == approx(0.0, abs=1e-9), NAMES.nations[n]
    assert not scarce or (held and base.build.site_binds == crews)


@pytest.mark.parametrize("scarce", CHIP_ITEMS, ids=[NAMES.items[i] for i in CHIP_ITEMS])
@pytest.mark.parametrize("week", WEEKS)
def test_more_of_the_item_that_binds_chips_ships_more_and_more_of_another_none(week, scarce):
    for i in CHIP_ITEMS:
        _, shipped, build = finite_difference(week, short_of(scarce), i)
        assert shipped > 0 if build.chip_binds == i else shipped == 0.0
    assert build.chip_binds == scarce


@pytest.mark.parametrize("week", WEEKS)
def test_chips_as_they_are_ship_more_only_for_the_item_named(week):
    for i in CHIP_ITEMS:
        _, shipped, build = finite_difference(week, nothing, i)
        assert shipped > 0 if build.chip_binds == i else shipped == 0.0


@pytest.mark.parametrize("week", WEEKS)
def test_where_power_binds_grid_in_a_queue_and_every_plant_start_more(week):
    plenty = much_of(SITE_ITEM, LOCAL_ITEM)

    def without_power(w, p, t):
        plenty(w, p, t)
        w.build.site_queue_mw[: len(NAMES.sites)] += 50.0
        w.build.grid_mw_week[:] *= 0.05
        for i in FIRM_ITEMS:
            w.build.capacity[i] *= 0.05

    run = record("stargate")
    base = next_week(run, week, without_power)
    assert base.build.site_binds == NO_POWER and BINDS[NO_POWER] == "grid and firm power"
    for i in FIRM_ITEMS:
        started_mw, _, _ = finite_difference(week, without_power, i)
        assert started_mw > 0
    for i in SITE_ITEMS:
        started_mw, _, _ = finite_difference(week, without_power, i)
        assert started_mw == 0.0
    for r in range(len(NAMES.regions)):

        def connected(w, p, t, r=r):
            without_power(w, p, t)
            w.build.grid_mw_week[r] *= 1.01

        assert next_week(run, week, connected).build.started_mw_week > base.build.started_mw_week


@pytest.mark.parametrize("week", WEEKS)
def test_a_region_without_power_is_held_by_power_though_an_item_rations_the_others(week):
    region = NAMES.regions.index("us_midwest")

    def change(w, p, t):
        short_of(SITE_ITEMS[0])(w, p, t)
        w.build.site_queue_mw[: len(NAMES.sites)] += 50.0
        w.build.grid_mw_week[region] = 0.0
        t.site.planned[:] = 0.0
        for i in FIRM_ITEMS:
            w.build.capacity[i] = 0.0

    build = next_week(record("stargate"), week, change).build
    assert build.site_binds == SITE_ITEMS[0] and build.binds[region] == NO_POWER
    assert SITE_ITEMS[0] in build.binds[: len(NAMES.regions)]


@pytest.mark.parametrize("week", WEEKS)
def test_what_binds_is_worth_something_where_rent_is_above_cost_and_nothing_where_it_is_below(week):
    def change(w, p, t, rent=20.0):
        w.build.site_queue_mw[: len(NAMES.sites)] += 50.0
        w.market.rent_usd_per_h100e_h = rent

    run = record("stargate")
    dear, cheap = (
        after_stage_of(run, "sites", week, lambda w, p, t, rent=rent: change(w, p, t, rent)).build
        for rent in (20.0, 0.01)
    )
    held = np.isin(dear.binds[: len(NAMES.regions)], (NO_POWER, *range(len(NAMES.items))))
    assert held.any() and (dear.worth_usd_per_mw[: len(NAMES.regions)][held] > 0).all()
    assert (dear.worth_usd_per_mw[: len(NAMES.regions)][~held] == 0).all()
    assert (cheap.worth_usd_per_mw[: len(NAMES.regions)] == 0).all()


@pytest.mark.parametrize("week", WEEKS)
def test_plants_on_site_take_the_place_of_the_grid_one_for_one(week):
    """Where power binds, a MW of plants and a MW of grid in a queue start the same."""
    run = record("stargate")

    def short(grid_mw, firm_mw):
        def change(w, p, t):
            much_of(SITE_ITEM, LOCAL_ITEM)(w, p, t)
            w.build.site_queue_mw[: len(NAMES.sites)] = 50.0
            w.build.grid_mw_week[:] = 10.0
            w.build.grid_mw_week[0] += grid_mw
            for i in FIRM_ITEMS:
                w.build.capacity[i] = 10.0
            w.build.capacity[FIRM_ITEMS[0]] += firm_mw

        return next_week(run, week, change).build.started_mw_week

    assert short(1.0, 0.0) == approx(short(0.0, 1.0)) == approx(short(0.0, 0.0) + 1.0)


# ------------------------------------------------------------------------------------------- prices, in the next week


def compare(week, change):
    """The next week without and with a change."""
    return next_week(record("stargate"), week), next_week(record("stargate"), week, change)


def paid(w, instrument):
    """Paid by all companies under an instrument."""
    return float(w.books.paid_usd[instrument][: len(NAMES.companies)].sum())


def scaled(group, field, factor):
    """A change of a parameter."""

    def change(w, p, t):
        p[group][field] *= factor

    return change


@pytest.mark.parametrize("week", WEEKS)
class TestInTheNextWeek:
    def test_dearer_grid_power_makes_energy_and_the_running_cost_dearer(self, week):
        def change(w, p, t):
            t.region.grid_usd_per_mwh *= 1.1

        base, dear = compare(week, change)
        assert dear.power.mean_usd_per_mwh > base.power.mean_usd_per_mwh
        assert paid(dear, ENERGY) > paid(base, ENERGY)
        assert dear.market.running_usd_per_h100e_h > base.market.running_usd_per_h100e_h

    def test_dearer_gas_makes_energy_dearer_where_plants_run(self, week):
        def change(w, p, t):
            t.region.gas_usd_per_mmbtu *= 1.5

        base, dear = compare(week, change)
        if base.power.firm_mw.sum() > 0:
            assert paid(dear, ENERGY) > paid(base, ENERGY)
        else:
            assert paid(dear, ENERGY) == paid(base, ENERGY)

    def test_scarcer_grids_make_power_dearer(self, week):
        base, dear = compare(week, scaled("cost", "grid_scarcity", 1.5))
        assert dear.power.mean_usd_per_mwh > base.power.mean_usd_per_mwh

    def test_a_higher_pue_draws_more_per_chip(self, week):
        base, hot = compare(week, scaled("fleet", "pue", 1.1))
        load = [w.power.load_mw.sum() / w.power.load_mw[:, :2].sum() for w in (base, hot)]
        assert load[1] - 1 == approx((load[0] - 1) * (1.1 * PUE - 1) / (PUE - 1), rel=0.02)
        assert hot.fleet.unpowered_h100e.sum() >= base.fleet.unpowered_h100e.sum()
        assert (hot.tech.new_mw_per_h100e[:9] > base.tech.new_mw_per_h100e[:9]).all()

    def test_better_availability_fails_fewer_chips(self, week):
        base, sound = compare(week, scaled("fleet", "availability", 1.02))
        assert sound.fleet.failed_h100e.sum() < base.fleet.failed_h100e.sum()
        assert sound.fleet.available_h100e.sum() > base.fleet.available_h100e.sum()
        assert (sound.tech.levelised_usd_per_h100e_h[:9] < base.tech.levelised_usd_per_h100e_h[:9]).all()

    @pytest.mark.parametrize("field", ["facility_usd_per_mw", "capital_rate", "site_opex_per_year"])
    def test_dearer_sites_or_capital_make_compute_dearer(self, week, field):
        base, dear = compare(week, scaled("cost", field, 1.2))
        n = len(NAMES.companies)
        buyers = np.flatnonzero(record("stargate").tables.company.buys[:n].sum(axis=1) > 0)
        assert (dear.tech.levelised_usd_per_h100e_h[buyers] > base.tech.levelised_usd_per_h100e_h[buyers]).all()

    @pytest.mark.parametrize("field", ["facility_usd_per_mw", "capital_rate"])
    def test_dearer_sites_or_capital_order_no_more(self, week, field):
        base, dear = compare(week, scaled("cost", field, 1.5))
        assert dear.build.wanted_mw_week <= base.build.wanted_mw_week * (1 + 1e-12)
        ordered = [w.build.site_queue_mw.sum() + w.build.started_mw_week for w in (base, dear)]
        assert ordered[1] <= ordered[0] * (1 + 1e-12)

    def test_dearer_chips_cost_their_buyers_more(self, week):
        def change(w, p, t):
            t.chip.usd_per_h100e *= 1.2

        base, dear = compare(week, change)
        each = [paid(w, CHIPS) / w.build.shipped_h100e_week for w in (base, dear)]
        assert each[1] > each[0]
        assert dear.build.shipped_h100e_week <= base.build.shipped_h100e_week * (1 + 2 * NOISE)  # buyers shift
        queued = [w.build.chip_queue_h100e.sum() + w.build.shipped_h100e_week for w in (base, dear)]
        assert queued[1] <= queued[0] * (1 + 1e-12)

    def test_a_higher_rate_on_what_is_owed_costs_more_interest(self, week):
        def change(w, p, t):
            w.books.debt_rate *= 1.2

        base, dear = compare(week, change)
        assert paid(dear, INTEREST) > paid(base, INTEREST)

    @pytest.mark.parametrize("field", ["base_rate", "spread_per_turn"])
    def test_dearer_credit_makes_new_debt_no_cheaper(self, week, field):
        base, dear = compare(week, scaled("finance", field, 1.5))
        assert (dear.books.debt_rate >= base.books.debt_rate - 1e-12).all()

    @pytest.mark.parametrize("field", ["max_leverage", "loan_to_value"])
    def test_tighter_credit_lends_no_more_and_puts_no_more_within_reach(self, week, field):
        base, tight = compare(week, scaled("finance", field, 0.5))
        assert paid_by_lenders(tight) <= paid_by_lenders(base) + 1.0
        assert (tight.plan.reach_usd_week <= base.plan.reach_usd_week + 1.0).all()
        assert (tight.plan.refused_usd >= base.plan.refused_usd - 1.0).all()

    def test_shut_credit_lends_nothing_new(self, week):
        def change(w, p, t):
            w.climate.factor[1], w.climate.weeks_left[1] = 0.0, 9.0

        base, shut = compare(week, change)
        assert paid_by_lenders(shut) <= paid_by_lenders(base) + 1.0
        n = len(NAMES.companies)
        assert shut.plan.equity_usd_year[:n].max() == 0.0

    def test_a_higher_tax_takes_more(self, week):
        base, taxed = compare(week, scaled("finance", "tax_rate", 1.2))
        assert paid(taxed, TAX) == approx(1.2 * paid(base, TAX)) and paid(taxed, TAX) > 0

    def test_more_staff_costs_more(self, week):
        base, more = compare(week, scaled("cost", "staff_share", 1.2))
        assert paid(more, OPERATIONS) > paid(base, OPERATIONS)

    def test_more_take_or_pay_gives_clouds_no_less(self, week):
        base, firm = compare(week, scaled("deals", "take_or_pay", 1.1))
        loose = next_week(record("stargate"), week, scaled("deals", "take_or_pay", 0.5))
        got = [w.books.received_usd[CLOUD][: len(NAMES.companies)] for w in (loose, base, firm)]
        assert (got[0] <= got[1] + 1.0).all() and (got[1] <= got[2] + 1.0).all()

    def test_a_higher_floor_gives_a_mission_no_less(self, week):
        tiers = record("stargate").tables.tier.ktokens_out.shape[0]
        for m in range(len(NAMES.missions)):

            def change(w, p, t, m=m):
                t.mission.floor[m] = 0.1

            base, kept = compare(week, change)
            u = 3 + tiers + m
            assert (kept.use.used_h100e[:, u] >= base.use.used_h100e[:, u] - 1e-6).all()
            assert kept.use.used_h100e[:, u].sum() > 0 or base.use.need_h100e[:, u].sum() == 0

    def test_more_export_access_ships_restricted_buyers_no_less(self, week):
        restricted = np.flatnonzero(record("stargate").tables.company.is_restricted)

        def shipped(w):
            return float(w.books.paid_usd[CHIPS][restricted].sum())

        def open_(w, p, t):
            p.build.export_access = 1.0
            much_of(CHIP_ITEM)(w, p, t)

        def shut(w, p, t):
            p.build.export_access = 0.0
            much_of(CHIP_ITEM)(w, p, t)

        assert shipped(next_week(record("stargate"), week, open_)) >= shipped(next_week(record("stargate"), week, shut))

    def test_faster_serving_needs_less_compute_and_makes_tokens_cheaper_to_serve(self, week):
        def change(w, p, t):
            w.tech.serving_gain *= 1.2

        base, fast = compare(week, change)
        tiers = slice(3, 3 + len(NAMES.tiers))
        assert fast.use.need_h100e[:, tiers].sum() < base.use.need_h100e[:, tiers].sum()
        labs = np.flatnonzero(record("stargate").tables.company.is_lab)
        assert (fast.market.cost_usd_per_mtok[labs, 0] < base.market.cost_usd_per_mtok[labs, 0]).all()
        assert (fast.market.price_usd_per_mtok <= base.market.price_usd_per_mtok * (1 + 1e-12)).all()


def paid_by_lenders(w):
    """Lent by the sector of lenders in a week."""
    return float(w.books.paid_usd[LOAN, LENDERS])


# ---------------------------------------------------------------------------------------------------- whole runs


@lru_cache(maxsize=80)
def outcome(*sets, weeks=YEARS_5):
    """What five years come to."""
    with one_class():
        run = simulate(replace(scenario("stargate", *sets), weeks=weeks))
    last, n = run.history[-1], len(run.names.companies)
    received = run.field("books.received_usd")
    china = run.names.companies.index("China")
    return {
        "gw": last.power.energised_mw.sum() / 1e3, "shipped": last.fleet.shipped_h100e.sum(),
        "chips_usd": received[:, CHIPS, :].sum(), "loans": run.field("books.paid_usd")[:, LOAN, LENDERS].sum(),
        "debt": last.books.debt_usd.sum(), "interest": run.field("books.paid_usd")[:, INTEREST].sum(),
        "energy": run.field("books.paid_usd")[:, ENERGY].sum(), "power": run.field("power.mean_usd_per_mwh").mean(),
        "load": run.field("power.load_mw").sum(), "running": run.field("market.running_usd_per_h100e_h").mean(),
        "levelised": run.field("tech.levelised_usd_per_h100e_h")[:, :n].mean(),
        "token": last.market.index_usd_per_mtok[0],
        "failed": run.field("fleet.failed_h100e").sum() / run.field("fleet.counted_h100e").sum(),
        "china": last.fleet.installed_h100e[china].sum(), "cloud": received[:, CLOUD].sum(),
        "installed": last.fleet.installed_h100e.sum(), "served": run.field("market.served")[:, :n].mean(),
    }  # fmt: skip


def times(path, factor):
    """A `--set` text that scales a value of the scenario."""
    if path in BASE.parameters:
        return f"{path}={float(BASE.parameters[path]) * factor:.12g}"
    section, name, field = path.split(".")
    return f"{path}={float(getattr(getattr(BASE, section)[name], field)) * factor:.12g}"


CAPACITIES = [f"supply.{item}.capacity_per_week" for item in BASE.supply]
GRIDS = [f"regions.{region}.grid_mw_per_week" for region in BASE.regions]
GROWTHS = [f"supply.{item}.growth_per_year" for item in BASE.supply]


@pytest.mark.parametrize("path", [*CAPACITIES, *GRIDS, *GROWTHS])
def test_more_of_a_capacity_never_ends_with_less_power_or_chips(path):
    more, base = outcome(times(path, 1.5)), outcome()
    assert more["gw"] >= base["gw"] * (1 - NOISE)
    assert more["shipped"] >= base["shipped"] * (1 - NOISE)


def test_more_of_every_site_item_and_of_power_ends_with_more_power():
    everything = [times(path, 2) for path in (*CAPACITIES, *GRIDS)]
    assert outcome(*everything)["gw"] > outcome()["gw"] * (1 + NOISE)


def test_more_of_what_binds_sites_most_ends_with_more_power():
    binds = record("stargate").field("build.site_binds")[: YEARS_5 // 2]
    items, counts = np.unique(binds[binds >= 0], return_counts=True)
    assert len(items), "the example is to have an item that binds sites"
    item = NAMES.items[int(items[counts.argmax()])]
    assert outcome(times(f"supply.{item}.capacity_per_week", 1.3))["gw"] > outcome()["gw"]


HIGHER = [  # what is raised, by how much, what must not fall (+) or rise (-), and whether it must move
    ("cost.facility_usd_per_mw", 1.5, "gw", -1, False), ("cost.facility_usd_per_mw", 1.5, "levelised", 1, True),
    ("cost.capital_rate", 1.5, "gw", -1, False), ("cost.capital_rate", 1.5, "levelised", 1, True),
    ("build.site_weeks", 1.3, "gw", -1, True), ("build.chip_weeks", 1.3, "installed", -1, True),
    ("cost.grid_scarcity", 2, "power", 1, True), ("cost.grid_scarcity", 2, "running", 1, True),
    ("regions.us_tx.grid_usd_per_mwh", 1.5, "power", 1, True),
    ("regions.us_tx.grid_usd_per_mwh", 1.5, "energy", 1, True),
    ("regions.us_midwest.grid_usd_per_mwh", 1.5, "power", 1, True),
    ("regions.us_tx.gas_usd_per_mmbtu", 2, "power", 1, True),
    ("regions.us_midwest.grid_months", 3, "gw", -1, False), ("regions.us_midwest.firm_months", 3, "gw", -1, False),
    ("cost.grid_price_growth_per_year", 4, "power", 1, True),
    ("finance.spread_per_turn", 3, "interest", 1, True), ("finance.spread_per_turn", 3, "gw", -1, False),
    ("finance.max_leverage", 0.5, "debt", -1, True), ("finance.max_leverage", 0.5, "gw", -1, False),
    ("finance.loan_to_value", 0.5, "debt", -1, True), ("finance.loan_to_value", 0.5, "gw", -1, False),
    ("finance.dilution_per_year", 0.5, "gw", -1, False), ("deals.commitment_cover", 0.5, "gw", -1, False),
    ("tech.serving_gain_per_year", 1.5, "token", -1, True), ("fleet.availability", 1.03, "failed", -1, True),
    ("build.export_access", 4, "china", 1, False), ("finance.tax_rate", 1.5, "gw", -1, False),
    ("deals.take_or_pay", 1.1, "cloud", 1, False), ("market.serving_efficiency", 1.3, "token", -1, True),
    ("build.retire_years", 1.3, "installed", 1, False), ("plan.order_weeks", 2, "gw", -1, False),
]  # fmt: skip


@pytest.mark.parametrize(("path", "factor", "figure", "sign", "moves"), HIGHER,
                         ids=[f"{path} x {factor}: {figure}" for path, factor, figure, _, _ in HIGHER])  # fmt: skip
def test_a_higher_price_or_term_moves_the_outcome_as_it_should(path, factor, figure, sign, moves):
    base, changed = outcome()[figure], outcome(times(path, factor))[figure]
    assert sign * (changed - base) >= (0.0 if moves else -NOISE * abs(base))
    assert not moves or changed != base


def test_a_higher_base_rate_costs_more_interest():
    assert outcome(times("finance.base_rate", 1.6))["interest"] > outcome()["interest"]


def test_no_collateral_and_no_leverage_mean_no_new_debt_beyond_the_deals():
    sets = ("finance.max_leverage=0", "finance.loan_to_value=0", "finance.vendor_financing_usd=0")
    with one_class():
        run = simulate(replace(scenario("stargate", *sets), weeks=YEARS_5))
    last = run.history[-1]
    debts = [d for d in range(len(run.names.deals)) if int(run.tables.deal.kind[d]) == 3]
    from_deals = sum(float(last.deal.paid_usd[d]) for d in debts)
    assert run.field("books.paid_usd")[:, LOAN].sum() == approx(from_deals)


@pytest.mark.parametrize("mission", list(BASE.missions))
def test_a_higher_floor_never_ends_with_less_for_the_mission(mission):
    def got(*sets):
        with one_class():
            run = simulate(replace(scenario("stargate", *sets), weeks=156))
        u = next(k for k, name in run.names.uses(run.tables.tier.ktokens_out.shape[0]).items() if name == mission)
        return run.field("use.used_h100e")[:, :, u].sum()

    assert got(f"missions.{mission}.floor=0.05") >= got(f"missions.{mission}.floor=0.0") * (1 - NOISE)


@pytest.mark.parametrize("chip", [key for key, chip in BASE.chips.items() if chip.family == "nvidia"][-4:])
def test_a_dearer_chip_ships_fewer_or_costs_more(chip):
    base, dear = outcome(), outcome(times(f"chips.{chip}.price_usd", 1.3))
    fewer = dear["shipped"] <= base["shipped"]
    assert fewer or dear["chips_usd"] / dear["shipped"] >= base["chips_usd"] / base["shipped"] * (1 - 1e-9)
    assert dear["shipped"] <= base["shipped"] * (1 + NOISE)
    assert dear["levelised"] >= base["levelised"]


def ai_revenue_usd(run, first, last):
    """AI revenue of all companies over some weeks."""
    return run.field("plan.revenue_usd_week")[first:last].sum()


def test_a_drop_in_demand_and_dear_credit_earn_less_and_build_no_more_while_they_last():
    base, hit = record("stargate"), record("stargate", variant="stress")
    assert ai_revenue_usd(hit, 113, 217) < 0.9 * ai_revenue_usd(base, 113, 217)
    online = [run.history[259].power.energised_mw.sum() for run in (base, hit)]
    assert online[1] <= online[0] * (1 + 1e-3)


def test_the_programme_and_its_budget_bring_power_that_would_not_be_built_without_them():
    without, small, base = (record("stargate", variant="no-programme"), record("stargate", "programme.budget=0.5 T$"),
                            record("stargate"))  # fmt: skip
    online = [run.history[-1].power.energised_mw.sum() for run in (without, small, base)]
    assert online[0] < online[2] and online[1] < online[2]
    delivered = [run.history[-1].lease.programme_mw for run in (without, small, base)]
    assert delivered[0] == 0.0 and 0.0 < delivered[1] < delivered[2]


def test_shares_sold_in_a_year_stay_within_what_the_market_gives():
    run = record("stargate")
    sold = run.field("books.paid_usd")[:, EQUITY, INVESTORS]
    refloated = run.field("plan.defaults").sum(axis=1)
    within = run.field("plan.equity_usd_year").max(axis=0).sum()
    for first in range(0, 468, 26):
        if refloated[first] == refloated[first + 51]:
            assert sold[first : first + 52].sum() <= within
