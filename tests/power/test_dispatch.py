"""Dispatch by hand, and against the linear program: cost, balance, limits and prices."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import booleans, floats, integers, sampled_from
from pytest import approx

from benchmarks.power_cases import CHAINS, PROGRAMS, random_system
from gigawatt.errors import SolveError
from gigawatt.power.dispatch import average, dispatch_system
from gigawatt.power.program import solve
from gigawatt.power.system import Budget
from tests.power.small_systems import a_system, drawn_sizes, excess, hourly_usd, near, pinned, sizes_of

LOSSLESS, HALF = {}, {"charge_efficiency": 0.5}
BIG = {"power": 20.0, "energy": 100.0}


def run(system, **more):
    return dispatch_system(system, sizes_of(system), **more)


def test_a_store_carries_the_cheap_hour_into_the_dear_one():
    # By hand: 5 MW more at 10 store 4.5 MWh, of which 3.6 come back and spare 100 each.
    store = {"charge_efficiency": 0.9, "discharge_efficiency": 0.8, "wear_usd_per_mwh": 2.0}
    sizes = {"gas": 30.0, "power": 5.0, "energy": 50.0}
    found = run(a_system([10, 10], gas=np.array([10.0, 100.0]), store=store, sizes=sizes))
    assert found.charge_mw[:, 0] == approx([5, 0]) and found.discharge_mw[:, 0] == approx([0, 3.6])
    assert found.cost_usd == approx(15 * 10 + 6.4 * 100 + 3.6 * 2)
    assert found.price_usd_per_mwh == approx([10, 100])
    # A stored MWh is worth 0.8 x (100 - 2) later and could not be had for less than 10 / 0.9 more: power is the limit.
    assert 10 / 0.9 - 1e-9 <= found.worth_usd_per_mwh[0, 0] <= 0.8 * 98 + 1e-9
    assert (found.method, found.gap) == ("chain", 0.0)


def test_a_store_that_is_full_leaves_the_price_of_the_cheap_hour_low():
    # By hand: 4 MWh fit. In hours 0 and 1 energy is cheap, so it fills in the cheaper one.
    sizes = {"gas": 30.0, "power": 10.0, "energy": 4.0}
    found = run(a_system([10, 10, 10], gas=np.array([12.0, 10.0, 100.0]), store=LOSSLESS, sizes=sizes))
    assert found.stored_mwh[:, 0] == approx([0, 4, 0]) and found.cost_usd == approx(120 + 140 + 600)
    # It is worth 10 while there is room, and 100 after it is full.
    assert found.worth_usd_per_mwh[:, 0] == approx([10, 10, 100], abs=2.0)


def test_a_store_that_is_empty_is_worth_less_afterwards():
    # By hand: what is left of hour 0 goes into hour 1, and nothing is kept for hour 2, which is no dearer than hour 0.
    sizes = {"gas": 12.0, "power": 10.0, "energy": 100.0}
    found = run(a_system([10, 14, 10], gas=10.0, store=LOSSLESS, sizes=sizes, shed=500.0))
    assert found.shed_mw == approx([0, 0, 0], abs=1e-9) and found.cost_usd == approx(10 * 34)
    tight = run(a_system([10, 20, 10], gas=10.0, store=LOSSLESS, sizes=sizes, shed=500.0))
    assert tight.shed_mw.sum() == approx(4.0) and tight.cost_usd == approx(36 * 10 + 4 * 500)


@pytest.mark.parametrize(("dear", "moved"), [(15.0, 0.0), (20.0 - 1e-3, 0.0), (20.0 + 1e-3, 5.0)])
def test_a_store_stays_still_where_losses_eat_the_gain(dear, moved):
    # By hand: half of what is stored comes back, so the dear hour has to cost twice the cheap one.
    found = run(a_system([10, 10], gas=np.array([10.0, dear]), store=HALF, sizes=BIG | {"gas": 20.0, "power": 10.0}))
    assert found.discharge_mw[1, 0] == approx(moved, abs=1e-9)


@pytest.mark.parametrize(("wear", "burnt"), [(0.0, 5.0), (9.0, 5.0), (11.0, 0.0)])
def test_a_negative_price_is_burnt_in_a_store_where_that_pays_for_its_wear(wear, burnt):
    # By hand: of 10 MWh put in, 5 come out at once; the 5 that are lost are paid 10 each, each MWh out wears.
    store = HALF | {"wear_usd_per_mwh": wear}
    found = run(a_system([10.0], gas=-10.0, store=store, sizes={"gas": 40.0, "power": 10.0, "energy": 5.0}))
    assert found.firm_mw[:, 0] == approx([10 + burnt]) and found.cost_usd == approx(-10 * (10 + burnt) + burnt * wear)
    assert found.charge_mw[0, 0] - found.discharge_mw[0, 0] == approx(burnt)


def test_a_store_without_losses_has_nothing_to_burn():
    found = run(a_system([10.0], gas=-10.0, store=LOSSLESS, sizes=BIG | {"gas": 40.0}))
    assert found.cost_usd == approx(-100) and found.price_usd_per_mwh == approx([-10])


def test_sun_makes_way_for_what_is_paid_to_run_and_firm_power_is_not_thrown_away():
    found = run(a_system([10.0], sun=[1.0], gas=-10.0, sizes={"sun": 8.0, "gas": 40.0}))
    assert found.curtailed_mw == approx([8]) and found.firm_mw[:, 0] == approx([10])
    assert found.price_usd_per_mwh == approx([-10])


def test_what_sun_gives_too_much_is_curtailed_at_a_price_of_nothing():
    found = run(a_system([10, 10], sun=[2.0, 0.5], gas=30.0, sizes={"sun": 10.0, "gas": 20.0}))
    assert found.curtailed_mw == approx([10, 0]) and found.free_mw[:, 0] == approx([20, 5])
    assert found.firm_mw[:, 0] == approx([0, 5]) and found.price_usd_per_mwh == approx([0, 30])


def test_load_that_nothing_can_serve_is_shed_at_its_price():
    found = run(a_system([10, 3], gas=30.0, sizes={"gas": 4.0}, shed=700.0))
    assert found.shed_mw == approx([6, 0]) and found.cost_usd == approx(30 * 7 + 6 * 700)
    assert found.price_usd_per_mwh == approx([700, 30])


def test_load_is_rather_shed_than_served_by_what_costs_more():
    found = run(a_system([10], gas=30.0, sizes={"gas": 20.0}, shed=20.0))
    assert found.shed_mw == approx([10]) and found.cost_usd == approx(200)


def test_a_capacity_that_draws_power_is_fed():
    # By hand: -1 MW per MW in every hour is load; it is not curtailed.
    found = run(a_system([10.0], sun=[-1.0], gas=30.0, sizes={"sun": 5.0, "gas": 20.0}))
    assert found.firm_mw[:, 0] == approx([15]) and found.curtailed_mw == approx([0])


@pytest.mark.parametrize(("share", "stored", "usd"), [(0.5, [10, 5], 5 * 1 + 5 * 1), (0.0, [5, 0], 5 * 1 + 5 * 1)])
def test_a_store_ends_with_the_share_it_began_with(share, stored, usd):
    # By hand: hour 1 is fed from hour 0, where power costs 1; what was there at the start is there at the end.
    store = {"start_share": share}
    found = run(a_system([5, 5], gas=np.array([1.0, 100.0]), store=store, sizes=BIG | {"gas": 40.0, "energy": 10.0}))
    assert found.stored_mwh[:, 0] == approx(stored) and found.cost_usd == approx(usd)


@pytest.mark.parametrize(("load", "power", "share"), [([0, 92, 0], 70.0, 0.0), ([50, 50, 0], 70.0, 0.0)])
def test_a_store_that_must_end_empty_takes_nothing_in_the_last_hours(load, power, share):
    # With no load left there is nowhere to give it up again, though energy was worth much an hour before.
    store, sizes = {"start_share": share, "wear_usd_per_mwh": 1.0}, {"sun": 10.0, "gas": 80.0}
    system = a_system(load, sun=[0.8, 0.1, 0.4], gas=50.0, store=store, sizes=sizes | {"power": power, "energy": 60.0})
    found = run(system)
    assert max(excess(system, system.least, found).values()) <= 1e-12
    assert found.cost_usd == approx(solve(system, capacity=system.least).cost_usd, rel=1e-9)


def test_a_full_store_that_must_end_full_and_cannot_charge_gives_nothing():
    system = a_system([10, 20], gas=50.0, store={"start_share": 1.0}, sizes=BIG | {"gas": 15.0})
    no_way_in = replace(
        system, names=(*system.names, "in"), capital_usd=np.zeros(4), least=np.append(system.least, 0.0),
        most=np.append(system.most, 0.0), stores=(replace(system.stores[0], charge=3),),
    )  # fmt: skip
    found = run(no_way_in)
    assert found.stored_mwh[:, 0] == approx([100, 100]) and found.cost_usd == approx(50 * 25 + 5 * 1000)


def test_the_store_begins_with_what_suits_it_best():
    # By hand: dear hour first. What it starts with comes back at the end of the hours, when power is cheap.
    system = a_system([5, 5], gas=np.array([100.0, 1.0]), store=LOSSLESS, sizes=BIG | {"gas": 40.0})
    for guess in (None, 0.0, 3.0, 1e6):
        assert run(system, start_mwh=guess).cost_usd == approx(10.0)


@given(kind=sampled_from(sorted(CHAINS)), seed=integers(0, 10**6), hours=integers(1, 60))
@settings(max_examples=150)
def test_the_dispatch_costs_what_the_linear_program_costs_and_keeps_every_law(kind, seed, hours):
    rng = np.random.default_rng(seed)
    system = replace(random_system(rng, hours=hours, kind=kind), budgets=())
    x = drawn_sizes(system, rng)
    found, asked = dispatch_system(system, x), solve(system, capacity=x).dispatch
    assert found.cost_usd == approx(asked.cost_usd, abs=near(system, asked.cost_usd))
    assert found.cost_usd == approx(hourly_usd(system, found), abs=near(system, asked.cost_usd))
    assert {law: by for law, by in excess(system, x, found).items() if by > 1e-9} == {}


@given(
    kind=sampled_from(sorted(CHAINS)), seed=integers(0, 10**6), hours=integers(1, 40), sign=sampled_from([-1, 0, 1]),
    share=sampled_from([None, 0.0, 0.3, 1.0]), into=sampled_from([0.5, 0.9, 1.0]), out=sampled_from([0.5, 0.9, 1.0]),
    wear=sampled_from([0.0, 1.0, 5.0]), gaps=booleans(), shed=sampled_from([0.0, 30.0, 3000.0]),
)  # fmt: skip
@example("export", 554, 27, 0, 0.0, 0.9, 1.0, 1.0, True, 0.0)  # rounding left a sliver of an hour out of order
@example("fixed", 164, 3, 1, 0.0, 1.0, 1.0, 1.0, True, 3000.0)
@settings(max_examples=150)
def test_the_same_holds_where_prices_tie_hours_have_no_load_and_stores_are_odd(
    kind, seed, hours, sign, share, into, out, wear, gaps, shed
):
    rng = np.random.default_rng(seed)
    system = random_system(rng, hours=hours, kind=kind)
    stores = tuple(
        replace(s, charge_efficiency=into, discharge_efficiency=out, wear_usd_per_mwh=wear, start_share=share)
        for s in system.stores
    )
    system = replace(
        system, budgets=(), stores=stores, shed_usd_per_mwh=shed,
        firm_usd_per_mwh=30.0 * np.round(system.firm_usd_per_mwh / 30.0) * (sign or 1) - 30.0 * (sign == 0),
        load_mw=system.load_mw * (rng.random(hours) < 0.6) if gaps else system.load_mw,
    )  # fmt: skip
    x = drawn_sizes(system, rng)
    found, asked = dispatch_system(system, x), solve(system, capacity=x).dispatch
    assert found.cost_usd == approx(asked.cost_usd, abs=near(system, asked.cost_usd))
    assert {law: by for law, by in excess(system, x, found).items() if by > 1e-9} == {}


@given(kind=sampled_from(sorted(CHAINS)), seed=integers(0, 10**6), share=floats(0, 1))
@settings(max_examples=40)
def test_the_price_is_what_one_more_mwh_of_load_costs(kind, seed, share):
    rng = np.random.default_rng(seed)
    system = pinned(replace(random_system(rng, hours=24, kind=kind), budgets=()), share)
    x, hour = drawn_sizes(system, rng), int(rng.integers(24))
    found, step = dispatch_system(system, x), 1e-5 * system.load_mw.max()

    def rise(way):
        load = system.load_mw.copy()
        load[hour] += way * step
        return way * (dispatch_system(replace(system, load_mw=load), x).cost_usd - found.cost_usd) / step

    slack = 2.0 * near(system, found.cost_usd) / step
    assert rise(-1.0) - slack <= found.price_usd_per_mwh[hour] <= rise(1.0) + slack


def test_prices_and_worth_are_those_of_the_program_where_there_is_only_one_answer():
    # Without ties, and with every hour's last MWh from a block that is neither empty nor full.
    store = {"charge_efficiency": 0.9, "discharge_efficiency": 0.9, "start_share": 0.5}
    gas = np.array([20.0, 31.0, 47.0, 90.0, 25.0, 60.0])
    system = a_system([10, 11, 12, 13, 9, 10], gas=gas, store=store, sizes={"gas": 30, "power": 3, "energy": 5})
    found, asked = run(system), solve(system, capacity=system.least).dispatch
    assert found.price_usd_per_mwh == approx(asked.price_usd_per_mwh)
    inside = np.flatnonzero(
        (found.charge_mw + found.discharge_mw > 0.01) & (found.charge_mw + found.discharge_mw < 2.99)
    )
    assert len(inside)
    assert found.worth_usd_per_mwh[inside] == approx(asked.worth_usd_per_mwh[inside])


@pytest.mark.parametrize("kind", ["usual", "off-grid", "negative prices", "many"])
def test_a_year_costs_the_same_in_two_halves_that_meet(kind):
    rng = np.random.default_rng(3)
    system = pinned(random_system(rng, hours=2000, kind=kind), 0.5)
    x = drawn_sizes(system, rng)
    whole = dispatch_system(system, x).cost_usd
    met = sum(dispatch_system(part, x).cost_usd for part in (_hours(system, 0, 1000), _hours(system, 1000, 2000)))
    assert whole <= met + near(system, met)  # to meet at half full is one more limit
    twice = replace(
        system, load_mw=np.tile(system.load_mw, 2), free_profile=np.tile(system.free_profile, (2, 1)),
        **{n: np.tile(getattr(system, n), (2, 1)) for n in ("firm_usd_per_mwh", "firm_available", "firm_capacity")},
    )  # fmt: skip
    assert dispatch_system(twice, x).cost_usd <= 2 * whole + near(system, whole)


def _hours(system, first, last):
    """Some of the hours of a system."""
    names = ("load_mw", "free_profile", "firm_usd_per_mwh", "firm_available", "firm_capacity")
    return replace(system, **{name: np.ascontiguousarray(getattr(system, name)[first:last]) for name in names})


@given(seed=integers(0, 10**6), tight=floats(0.2, 1.2))
@settings(max_examples=20)
def test_with_budgets_the_dispatch_keeps_them_and_is_within_tolerance_of_the_program(seed, tight):
    rng = np.random.default_rng(seed)
    system = random_system(rng, hours=48, kind="usual")
    x = drawn_sizes(system, rng)
    free = dispatch_system(system, x)
    use = np.tile([0.4, 0.3], (48, 1))
    cap = tight * float((use * free.firm_mw).sum()) + 1e-6 * system.load_mw.sum()
    system = replace(system, budgets=(Budget(name="carbon", use=use, cap=cap),))
    found, asked = dispatch_system(system, x, tolerance=1e-6), solve(system, capacity=x).dispatch
    assert system.budgets[0].used(found.firm_mw) <= cap * (1 + 1e-9)
    whole = asked.cost_usd + float(system.capital_usd @ x)  # the tolerance is a share of the cost with capital
    assert -1e-6 * whole <= found.cost_usd - asked.cost_usd <= 2e-6 * whole
    assert {law: by for law, by in excess(system, x, found).items() if by > 5e-7} == {}  # a store of 1e-7 peaks is none


@pytest.mark.parametrize("kind", sorted(set(PROGRAMS) - {"commitment"}))
def test_what_is_no_chain_is_dispatched_by_the_program(kind):
    rng = np.random.default_rng(1)
    system = random_system(rng, hours=48, kind=kind)
    found = dispatch_system(system, drawn_sizes(system, rng))
    assert found.method == "program" and found.gap <= 1e-6


def test_load_that_must_be_served_is_left_to_the_program():
    system = a_system([10, 12], gas=30.0, store=LOSSLESS, sizes=BIG | {"gas": 11.0}, shed=np.inf)
    found = run(system)
    assert found.method == "program" and found.cost_usd == approx(30 * 22)
    with pytest.raises(SolveError, match="in hour"):
        dispatch_system(system, np.array([10.0, 0.0, 0.0]))


def test_a_mean_of_dispatches_is_a_dispatch_of_the_mean_sizes():
    rng = np.random.default_rng(8)
    system = replace(random_system(rng, hours=48, kind="usual"), budgets=())
    xs = [drawn_sizes(system, rng) for _ in range(3)]
    weights = np.array([0.5, 0.3, 0.2])
    mean = average([dispatch_system(system, x) for x in xs], weights)
    x = sum(w * x for w, x in zip(weights, xs, strict=True))
    assert max(excess(system, x, mean).values()) <= 1e-9
    assert mean.cost_usd == approx(hourly_usd(system, mean), rel=1e-12)
    assert dispatch_system(system, x).cost_usd <= mean.cost_usd * (1 + 1e-12)  # the best is no dearer: cost is convex


def test_what_is_asked_for_wrongly_is_told():
    system = a_system([1.0], gas=1.0, sizes={"gas": 1.0})
    with pytest.raises(ValueError, match=r"capacity has shape \(2,\), not \(1,\)"):
        dispatch_system(system, np.ones(2))
    with pytest.raises(ValueError, match="'simplex' is not one of auto, chain, program"):
        dispatch_system(system, np.ones(1), method="simplex")
