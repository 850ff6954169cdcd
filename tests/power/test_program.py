"""The program by hand, by its own prices and bounds, by sign, and what it says when there is no answer."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from
from pytest import approx

from benchmarks.power_cases import CHAINS, KINDS, random_system
from gigawatt.errors import SolveError
from gigawatt.power.arrays import program
from gigawatt.power.highs import Limits, answer
from gigawatt.power.program import solve
from gigawatt.power.proof import Proof
from gigawatt.power.system import Budget, Commitment, Ramp, Store, System

LINEAR = [kind for kind in KINDS if kind != "commitment"]


def one_plant(load, usd_per_mwh=10.0, *, most=10.0, capital=0.0, shed=50.0, **more):
    """A firm source of at most 10 MW."""
    load = np.array(load, dtype=float)
    hours = len(load)
    costs = np.broadcast_to(np.asarray(usd_per_mwh, dtype=float), hours)
    wanted = {
        "names": ("gas",), "capital_usd": np.array([capital]), "least": np.array([0.0]), "most": np.array([most]),
        "load_mw": load, "free_profile": np.zeros((hours, 0)), "free_capacity": np.zeros(0, dtype=np.int64),
        "firm_usd_per_mwh": costs[:, None].copy(), "firm_available": np.ones((hours, 1)),
        "firm_capacity": np.zeros((hours, 1), dtype=np.int64), "shed_usd_per_mwh": shed,
    }  # fmt: skip
    return System(**{**wanted, **more})


def with_store(system, power_mw, energy_mwh, **settings):
    """The system with a store of given size."""
    n, size = len(system.names), np.array([power_mw, energy_mwh])
    store = Store(charge=n, discharge=n, energy=n + 1, **settings)
    return replace(
        system,
        names=(*system.names, f"power {n}", f"energy {n}"),
        capital_usd=np.append(system.capital_usd, [0.0, 0.0]),
        least=np.append(system.least, size),
        most=np.append(system.most, size),
        stores=(*system.stores, store),
    )


def test_a_plant_is_as_large_as_the_load_that_pays_for_it():
    # By hand: the 4th MW would run in one hour only: 15 + 10 USD against 20 USD of going without.
    found = solve(one_plant([1, 3, 4, 3], capital=15.0, shed=20.0, most=np.inf))
    assert found.capacity == approx([3.0])
    assert found.cost_usd == approx(15 * 3 + 10 * (1 + 3 + 3 + 3) + 20)
    assert found.dispatch.shed_mw == approx([0, 0, 1, 0])


def test_a_battery_carries_cheap_hours_into_dear_ones():
    # By hand: it holds 10 MWh and gives back 8; the other 2 MWh of the dear hour cost 100 each, the 20 MWh before 1.
    system = with_store(one_plant([10, 10], [1.0, 100.0], most=30.0, shed=1000.0), 20.0, 10.0, discharge_efficiency=0.8)
    found = solve(system, capacity=np.array([30.0, 20.0, 10.0])).dispatch
    assert found.cost_usd == approx(20 * 1 + 2 * 100)
    assert found.charge_mw[:, 0] == approx([10, 0]) and found.discharge_mw[:, 0] == approx([0, 8])
    assert found.stored_mwh[:, 0] == approx([10, 0])
    assert found.price_usd_per_mwh == approx([1, 100])
    assert found.worth_usd_per_mwh[1, 0] == approx(80)


def test_a_store_that_leaks_gives_back_less():
    # By hand: of 10 MWh, 9 are left an hour later.
    system = with_store(one_plant([0, 10], [1.0, 100.0], shed=1000.0), 20.0, 10.0, loss_per_hour=0.1)
    assert solve(system).dispatch.cost_usd == approx(10 * 1 + 1 * 100)


def test_a_store_ends_with_the_share_it_began_with():
    system = with_store(one_plant([5, 5], [1.0, 100.0]), 20.0, 10.0, start_share=0.5)
    found = solve(system).dispatch
    # By hand: 5 MWh are there at the start; 5 more are bought at 1, and 5 MWh must be left.
    assert found.stored_mwh[:, 0] == approx([10, 5]) and found.cost_usd == approx(10)


def test_a_slow_plant_begins_to_climb_early():
    # By hand: from the 2 MW of the first hour to 7 in the second; only what is free can be thrown away.
    system = one_plant([2, 10], least=np.array([10.0]), ramps=(Ramp(firm=0, up=0.5, down=1.0),))
    found = solve(system)
    assert found.dispatch.firm_mw[:, 0] == approx([2, 7]) and found.dispatch.shed_mw == approx([0, 3])


def test_a_slow_plant_stays_low_when_it_must_come_down():
    system = one_plant([10, 2], least=np.array([10.0]), ramps=(Ramp(firm=0, up=1.0, down=0.3),))
    assert solve(system).dispatch.firm_mw[:, 0] == approx([5, 2])


def test_what_is_not_free_is_never_thrown_away():
    # By hand: a grid that pays 10 for each MWh gives what is used and no more; sun is curtailed for it.
    system = one_plant([3, 4], [-10.0, -10.0], free_profile=np.array([[1.0], [0.0]]), free_capacity=np.array([0]))
    found = solve(system)
    assert found.cost_usd == approx(-70) and found.dispatch.price_usd_per_mwh == approx([-10, -10])
    assert found.dispatch.curtailed_mw == approx([10, 0])


UNIT = Commitment(firm=0, unit_mw=10.0, least_load=0.5, start_usd=10.0)


@pytest.mark.parametrize(("start", "usd", "made"), [(10.0, 410, [0, 10, 0]), (100.0, 450, [5, 10, 0])])
def test_a_unit_is_off_while_that_saves_more_than_a_start(start, usd, made):
    # By hand: off in the dear hours, 10 MWh go unserved: 300 + 100 + a start; on before and off after: 200 + 100 + 150.
    unit = replace(UNIT, start_usd=start)
    found = solve(one_plant([5, 10, 5], [40.0, 10.0, 40.0], shed=30.0, commitments=(unit,)))
    assert found.dispatch.cost_usd == approx(usd) and found.dispatch.firm_mw[:, 0] == approx(made)


@pytest.mark.parametrize(("hours", "usd"), [(1, 550), (2, 600), (3, 650)])
def test_a_unit_stays_on_for_its_least_hours(hours, usd):
    # By hand: 100 for the second hour; others unserved at 150 each, or run at half load for 300, 200 and 200.
    unit = replace(UNIT, start_usd=0.0, least_up_hours=hours)
    system = one_plant([5, 10, 5, 5], [60.0, 10.0, 40.0, 40.0], shed=30.0, commitments=(unit,))
    assert solve(system).cost_usd == approx(usd)


@pytest.mark.parametrize(("hours", "usd"), [(1, 500), (2, 500), (3, 600)])
def test_a_unit_stays_off_for_its_least_hours(hours, usd):
    # By hand: two dear hours unserved, 150 each; where three hours off are asked for, run through them for 200 each.
    unit = replace(UNIT, start_usd=0.0, least_down_hours=hours)
    system = one_plant([10, 5, 5, 10], [10.0, 40.0, 40.0, 10.0], shed=30.0, commitments=(unit,))
    assert solve(system).cost_usd == approx(usd)


def test_units_are_built_whole():
    # By hand: 14 MW need two units of 10 MW; one and 4 MWh not served would cost 4 x 50 more than the second unit.
    found = solve(one_plant([14.0], capital=5.0, most=np.inf, commitments=(replace(UNIT, least_load=0.0),)))
    assert found.capacity == approx([20.0]) and found.cost_usd == approx(20 * 5 + 14 * 10)
    assert found.gap <= 1e-6


def test_a_unit_that_is_slow_may_start_at_its_least_load():
    # By hand: on for hour 1 at half load, then 10 % more an hour.
    unit, ramp = replace(UNIT, start_usd=0.0), Ramp(firm=0, up=0.1, down=0.1)
    found = solve(one_plant([0, 5, 6, 7], commitments=(unit,), ramps=(ramp,)))
    assert found.dispatch.firm_mw[:, 0] == approx([0, 5, 6, 7]) and found.cost_usd == approx(180)


def test_two_halves_of_a_store_are_one_store():
    system = random_system(np.random.default_rng(4), hours=120, kind="usual")
    plain = replace(system, stores=(), names=system.names[:4], capital_usd=system.capital_usd[:4],
                    least=system.least[:4], most=system.most[:4])  # fmt: skip
    mw = system.load_mw.max()
    one, half = (mw * 0.5, mw * 3.0), (mw * 0.25, mw * 1.5)
    losses = {"charge_efficiency": 0.9, "discharge_efficiency": 0.95}
    whole = solve(with_store(plain, *one, **losses))
    halves = solve(with_store(with_store(plain, *half, **losses), *half, **losses))
    assert halves.cost_usd == approx(whole.cost_usd, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_every_hour_balances_within_every_limit(kind):
    system = random_system(np.random.default_rng(7), hours=48, kind=kind)
    found = solve(system, tolerance=1e-4)
    d, mw = found.dispatch, system.load_mw.max()
    given = d.free_mw.sum(axis=1) + d.firm_mw.sum(axis=1) + d.discharge_mw.sum(axis=1) - d.charge_mw.sum(axis=1)
    assert given + d.shed_mw - d.curtailed_mw == approx(system.load_mw, abs=1e-9 * mw)
    within = system.firm_available * found.capacity[system.firm_capacity]
    assert (d.firm_mw <= within + 1e-7 * mw).all()
    assert (d.curtailed_mw <= np.maximum(d.free_mw, 0.0).sum(axis=1) + 1e-7 * mw).all()
    for s, store in enumerate(system.stores):
        before = np.roll(d.stored_mwh[:, s], 1) * (1.0 - store.loss_per_hour)
        flow = store.charge_efficiency * d.charge_mw[:, s] - d.discharge_mw[:, s] / store.discharge_efficiency
        assert d.stored_mwh[:, s] == approx(before + flow, abs=1e-6 * mw)
        assert (d.stored_mwh[:, s] <= found.capacity[store.energy] + 1e-7 * mw).all()
    assert found.status == "optimal" and found.gap <= 1e-4
    spent = (d.firm_mw * system.firm_usd_per_mwh).sum() + system.shed_usd_per_mwh * d.shed_mw.sum()
    if not system.commitments and not any(store.wear_usd_per_mwh for store in system.stores):
        assert d.cost_usd == approx(spent, rel=1e-9)
    assert found.cost_usd == approx(system.capital_usd @ found.capacity + d.cost_usd)


@pytest.mark.parametrize("kind", LINEAR)
def test_the_bound_is_proved_and_dispatch_of_the_sizes_costs_the_same(kind):
    system = random_system(np.random.default_rng(11), hours=96, kind=kind)
    found = solve(system)
    assert found.gap <= 1e-9
    assert solve(system, capacity=found.capacity).cost_usd == approx(found.cost_usd, rel=1e-9)


@pytest.mark.parametrize("kind", LINEAR)
def test_cutting_planes_end_at_the_cost_of_one_program(kind, monkeypatch):
    system = random_system(np.random.default_rng(17), hours=96, kind=kind)
    whole = solve(system)
    lines = []
    monkeypatch.setattr("gigawatt.power.program.LONG_COLUMNS", 0)
    found = solve(system, progress=lines.append)
    slack = 1e-9 * abs(whole.cost_usd)
    assert found.bound_usd - slack <= whole.cost_usd <= found.cost_usd + slack and found.gap <= 1e-6
    assert "proved to" in lines[-1] and found.status == "optimal"
    assert found.cost_usd == approx(system.capital_usd @ found.capacity + found.dispatch.cost_usd)
    if len(system.rows_least):
        assert (system.rows @ found.capacity >= system.rows_least - 1e-6 * system.load_mw.max()).all()


def test_cutting_planes_leave_what_they_cannot_solve_to_one_program(monkeypatch):
    monkeypatch.setattr("gigawatt.power.program.LONG_COLUMNS", 0)
    test_load_that_cannot_be_met_is_named_with_hour_and_limits()
    test_a_row_that_asks_for_too_much_is_named_with_what_it_clashes_with()
    test_what_earns_without_end_is_named()


@given(kind=sampled_from(LINEAR), seed=integers(0, 1000), noise=floats(0, 1))
@settings(max_examples=25)
def test_wrong_prices_prove_a_lower_bound_never_a_higher(kind, seed, noise):
    rng = np.random.default_rng(seed)
    system = random_system(rng, hours=24, kind=kind)
    made = program(system)
    found = answer(made, Limits())
    duals = found.duals * (1.0 + noise * rng.normal(size=len(found.duals))) + noise * rng.normal(size=len(found.duals))
    reach = np.minimum(system.most / made.power_mw, 1e3)
    assert Proof(made).bound(duals, reach) <= found.objective + 1e-9 * abs(found.objective)


@pytest.mark.parametrize("kind", ["usual", "two stores", "losses", "ramps", "negative prices"])
def test_the_price_is_what_one_more_mwh_costs(kind):
    system = random_system(np.random.default_rng(5), hours=60, kind=kind)
    found = solve(system)
    step = 1e-4 * system.load_mw.max()
    for hour in (3, 17, 40):
        sides = []
        for way in (-1.0, 1.0):
            load = system.load_mw.copy()
            load[hour] += way * step
            sides.append(
                way * (solve(replace(system, load_mw=load), capacity=found.capacity).cost_usd - found.cost_usd)
            )
        low, high = np.array(sides) / step
        assert low - 1e-5 * abs(low) - 1e-6 <= found.dispatch.price_usd_per_mwh[hour] <= high + 1e-5 * abs(high) + 1e-6


def test_the_multiplier_is_what_one_more_tonne_saves():
    system = random_system(np.random.default_rng(2), hours=120, kind="carbon")
    used = solve(replace(system, budgets=())).dispatch
    cap = 0.6 * system.budgets[0].used(used.firm_mw)

    def capped(tonnes):
        return solve(replace(system, budgets=(replace(system.budgets[0], cap=tonnes),)))

    found, step = capped(cap), 1e-3 * cap
    low, high = capped(cap + step), capped(cap - step)
    slopes = [(found.cost_usd - low.cost_usd) / step, (high.cost_usd - found.cost_usd) / step]
    assert 0.0 < slopes[0] * (1 - 1e-6) <= found.multipliers[0] <= slopes[1] * (1 + 1e-6)
    assert system.budgets[0].used(found.dispatch.firm_mw) == approx(cap)


@given(kind=sampled_from(sorted(CHAINS)), seed=integers(0, 1000), more=floats(1.0, 3.0))
@settings(max_examples=25)
def test_higher_limits_never_cost_more(kind, seed, more):
    system = random_system(np.random.default_rng(seed), hours=36, kind=kind)
    wider = replace(system, most=system.most * more)
    assert solve(wider).cost_usd <= solve(system).cost_usd * (1 + 1e-9)


@given(seed=integers(0, 1000), dearer=floats(1.0, 2.0))
@settings(max_examples=15)
def test_dearer_firm_power_never_costs_less(seed, dearer):
    system = random_system(np.random.default_rng(seed), hours=36, kind="two stores")
    costs = np.where(system.firm_usd_per_mwh > 0, dearer, 1.0) * system.firm_usd_per_mwh
    assert solve(replace(system, firm_usd_per_mwh=costs)).cost_usd >= solve(system).cost_usd * (1 - 1e-9)


def test_load_that_cannot_be_met_is_named_with_hour_and_limits():
    system = one_plant([5, 950, 3], most=800.0, shed=np.inf)
    with pytest.raises(SolveError, match="load 950 MW exceeds supply 800 MW in hour 1 .gas 800.*: gas at most 800"):
        solve(system)
    with pytest.raises(SolveError, match=r"in hour 1 \(gas 100\)"):
        solve(system, capacity=np.array([100.0]))


def test_hours_beyond_the_worst_are_counted():
    with pytest.raises(SolveError, match="in hour 2 .gas 3., and in 2 more hours"):
        solve(one_plant([5, 4, 9], most=3.0, shed=np.inf))


def test_a_row_that_asks_for_too_much_is_named_with_what_it_clashes_with():
    system = one_plant([1.0, 2.0], rows=np.array([[1.0]]), rows_least=np.array([12.0]), rows_names=("reserve",))
    with pytest.raises(SolveError, match="no capacities meet row 'reserve'; limits that clash: .*gas at most 10"):
        solve(system)


def test_a_budget_that_is_too_small_is_named():
    budget = Budget(name="carbon", use=np.full((2, 1), 0.4), cap=0.8)
    system = one_plant([1.0, 2.0], shed=np.inf, budgets=(budget,))
    with pytest.raises(SolveError, match="exceeds supply .* limits that clash: budget 'carbon'"):
        solve(system)


def test_what_earns_without_end_is_named():
    # A grid that pays for what a store burns, in and out in one hour.
    system = with_store(one_plant([1.0], -10.0, most=np.inf, capital=0.1), 1.0, 1.0, charge_efficiency=0.5)
    endless = replace(system, capital_usd=np.array([0.1, 0.1, 0.1]), most=np.array([np.inf, np.inf, 1.0]))
    with pytest.raises(SolveError, match="the more of gas, power 1, the less it costs"):
        solve(endless)


def test_capacities_that_hold_no_whole_units_are_refused():
    system = one_plant([14.0], most=100.0, commitments=(UNIT,))
    with pytest.raises(SolveError, match="gas: 15 to 15 MW holds no whole number of units of 10 MW"):
        solve(system, capacity=np.array([15.0]))


def test_too_little_time_is_said():
    system = random_system(np.random.default_rng(1), hours=2000, kind="two stores")
    with pytest.raises(SolveError, match=r"no answer within 0\.001 s"):
        solve(system, time_limit_s=0.001)


def test_what_is_known_when_time_runs_out_is_told_with_its_gap(monkeypatch):
    clock = count()
    monkeypatch.setattr("gigawatt.power.planes.time.monotonic", lambda: next(clock))
    monkeypatch.setattr("gigawatt.power.program.LONG_COLUMNS", 0)
    system = random_system(np.random.default_rng(1), hours=96, kind="two stores")
    found = solve(system, time_limit_s=30.0)
    assert found.status == "time limit" and 1e-6 < found.gap < np.inf


def test_progress_is_told_line_by_line():
    lines = []
    solve(random_system(np.random.default_rng(1), hours=48), progress=lines.append)
    assert any("Optimal" in line for line in lines) and all(line == line.strip() for line in lines)
