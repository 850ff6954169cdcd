"""The cost of an hour, the value of stored energy and the cuts that follow, against linear programs and differences."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from
from pytest import approx

from benchmarks.measuring import ROOT
from benchmarks.power_cases import CHAINS, random_system
from gigawatt.power import chain
from gigawatt.power.evaluation import Hours, cut_of, evaluate
from gigawatt.power.program import solve
from gigawatt.power.small_program import least_cost
from tests.power.small_systems import a_system, drawn_sizes, near, pinned

KINDS = sampled_from(sorted(CHAINS))
SEEDS = integers(0, 10**6)


def hour_usd(need, size, cost, shed, store, charge, discharge, given_up):
    """The least cost of one hour in which the store gives up so much, by a linear program."""
    ec, ed, wear = store
    blocks, high = len(size), [*size, np.inf, charge, discharge]
    found = least_cost(
        cost=np.array([*cost, shed, 0.0, wear]),
        rows=np.array([[1.0] * (blocks + 1) + [-1.0, 1.0], [0.0] * (blocks + 1) + [-ec, 1.0 / ed]]),
        lower=np.array([need, given_up]),
        upper=np.array([need, given_up]),
        low=np.zeros(blocks + 3),
        high=np.array(high),
    )
    assert found is not None
    return float(found[0] @ np.array([*cost, shed, 0.0, wear]))


@given(
    seed=SEEDS, lowest=sampled_from([-80.0, 0.0]), share=sampled_from([0.6, 0.9, 1.0]), wear=sampled_from([0.0, 7.0])
)
@settings(max_examples=150)
def test_an_hour_costs_what_its_linear_program_costs_whatever_the_store_gives_up(seed, lowest, share, wear):
    rng = np.random.default_rng(seed)
    blocks = int(rng.integers(1, 5))
    cost = np.sort(np.round(rng.uniform(lowest, 90.0, blocks), rng.integers(0, 3)))
    size, need = rng.uniform(0, 50, blocks) * (rng.random(blocks) < 0.8), float(rng.uniform(0, 80))
    charge, discharge = rng.uniform(0, 60, 2) * (rng.random(2) < 0.9)
    store, room = (share, float(rng.uniform(0.5, 1.0)), wear), 2 * blocks + 6
    slope, length, most = np.zeros((1, room)), np.zeros((1, room)), np.zeros(1)
    chain.hour_segments(
        np.array([need]),
        size[None],
        cost[None],
        900.0,
        *store,
        charge,
        discharge,
        bool(cost[0] < 0.0),
        slope,
        length,
        most,
    )
    count = int(np.flatnonzero(np.isinf(slope[0]))[0])
    slopes, lengths = slope[0, :count], length[0, :count]
    assert (np.diff(slopes) >= -1e-9).all() and (lengths > 0.0).all()
    first = -store[0] * charge
    assert first + lengths.sum() == approx(most[0], abs=1e-9)
    ends = np.append(0.0, np.cumsum(lengths))
    asked = np.unique(np.clip(np.append(ends, rng.uniform(0.0, ends[-1], 4)), 0.0, ends[-1] * (1 - 1e-12)))
    lowest_usd = hour_usd(need, size, cost, 900.0, store, charge, discharge, first)
    told = lowest_usd + np.interp(asked, ends, np.append(0.0, np.cumsum(slopes * lengths)))
    by_program = [hour_usd(need, size, cost, 900.0, store, charge, discharge, first + way) for way in asked]
    assert told == approx(np.array(by_program), abs=1e-6, rel=1e-8)


def point(hours, rng):
    """Sizes and, where it is free, the energy at the start."""
    x = drawn_sizes(hours.system, rng)
    return np.append(x, rng.random() * x[hours.store.energy]) if hours.free_start else x


def drawn(kind, seed, count=30):
    rng = np.random.default_rng(seed)
    system = replace(random_system(rng, hours=count, kind=kind), budgets=())
    return rng, system, Hours(system)


@given(kind=KINDS, seed=SEEDS)
@settings(max_examples=100)
def test_a_cut_touches_the_cost_where_it_was_made_and_lies_below_it_everywhere(kind, seed):
    rng, system, hours = drawn(kind, seed)
    points = [point(hours, rng) for _ in range(5)]
    cuts = [evaluate(hours, x) for x in points]
    for x, own in zip(points, cuts, strict=True):
        usd = own.at(x)
        assert max(cut.at(x) for cut in cuts) <= usd + near(system, usd)
    x = points[0]
    share = x[-1] / x[hours.store.energy] if hours.free_start and x[hours.store.energy] else None
    asked = solve(system if share is None else pinned(system, share), capacity=x[: len(system.names)])
    if share is not None or not hours.free_start:
        assert cuts[0].at(x) == approx(asked.dispatch.cost_usd, abs=near(system, asked.dispatch.cost_usd))


@given(kind=KINDS, seed=SEEDS)
@settings(max_examples=60)
def test_slopes_lie_between_the_differences_to_both_sides(kind, seed):
    rng, system, hours = drawn(kind, seed, count=20)
    x = np.maximum(point(hours, rng), 0.01 * system.load_mw.max())
    if hours.free_start:
        x[-1] = min(x[-1], 0.9 * x[hours.store.energy])
    cut = evaluate(hours, x)
    step, usd = 1e-6 * system.load_mw.max(), cut.at(x)
    slack = 2.0 * near(system, usd) / step
    smooth = 0
    for place in range(len(x)):
        sides = []
        for way in (-1.0, 1.0):
            moved = x.copy()
            moved[place] += way * step
            sides.append(way * (evaluate(hours, moved).at(moved) - usd) / step)
        assert sides[0] - slack <= cut.slopes[place] <= sides[1] + slack
        smooth += sides[1] - sides[0] <= slack
    assert smooth >= len(x) / 3  # so the bracket is mostly closed


@given(kind=KINDS, seed=SEEDS, other=SEEDS, shed=floats(0.1, 2.0), wear=sampled_from([0.0, 3.0]))
@settings(max_examples=60)
def test_prices_of_another_case_of_the_same_hours_prove_a_bound(kind, seed, other, shed, wear):
    rng, system, hours = drawn(kind, seed, count=24)
    old = evaluate(hours, point(hours, rng))
    draw = np.random.default_rng(other)
    changed = replace(
        system,
        load_mw=system.load_mw * draw.uniform(0.5, 1.5, 24),
        free_profile=system.free_profile * draw.uniform(0.5, 1.5, system.free_profile.shape),
        firm_usd_per_mwh=system.firm_usd_per_mwh + draw.normal(0.0, 20.0, system.firm_usd_per_mwh.shape),
        firm_available=system.firm_available * draw.uniform(0.5, 1.0, system.firm_available.shape),
        shed_usd_per_mwh=system.shed_usd_per_mwh * shed,
        stores=tuple(replace(store, wear_usd_per_mwh=wear) for store in system.stores),
    )
    now = Hours(changed)
    bound = cut_of(now, old.price_usd_per_mwh, old.worth_usd_per_mwh)
    for _ in range(3):
        y = point(now, rng)
        usd = evaluate(now, y).at(y)
        assert bound.at(y) <= usd + near(changed, usd)


@given(kind=KINDS, seed=SEEDS, noise=floats(0.0, 100.0))
@settings(max_examples=40)
def test_any_prices_prove_a_bound(kind, seed, noise):
    rng, system, hours = drawn(kind, seed, count=24)
    y = point(hours, rng)
    own = evaluate(hours, y)
    usd = own.at(y)
    wrong = (own.price_usd_per_mwh + noise * rng.normal(size=24), own.worth_usd_per_mwh + noise * rng.normal(size=24))
    assert cut_of(hours, *wrong).at(y) <= usd + near(system, usd)


@given(seed=SEEDS, multipliers=sampled_from([(0.0, 0.0), (20.0, 5.0), (300.0, 0.0), (1e6, 1e6)]))
@settings(max_examples=40)
def test_with_budgets_priced_the_cut_is_the_cost_with_that_price_less_what_the_caps_are_worth(seed, multipliers):
    rng = np.random.default_rng(seed)
    system = random_system(rng, hours=30, kind="carbon")
    hours, mu = Hours(system), np.array(multipliers[: len(system.budgets)])
    x = point(hours, rng)
    cut = evaluate(hours, x, mu)
    size, energy = len(system.names), x[hours.store.energy]
    dearer = system.firm_usd_per_mwh + sum(m * budget.use for m, budget in zip(mu, system.budgets, strict=True))
    priced = replace(system, budgets=(), firm_usd_per_mwh=dearer)
    asked = solve(pinned(priced, x[-1] / energy if energy else 0.0), capacity=x[:size]).dispatch.cost_usd
    caps = [b.cap + (0.0 if b.per_capacity is None else b.per_capacity @ x[:size]) for b in system.budgets]
    scale = max(abs(asked), abs(float(mu @ np.array(caps))))
    assert cut.at(x) == approx(asked - float(mu @ np.array(caps)), abs=1e-9 * scale + near(system, asked))
    assert cut.multipliers == approx(mu)


@given(kind=KINDS, seed=SEEDS)
@settings(max_examples=40)
def test_the_order_of_sources_does_not_matter(kind, seed):
    rng, system, hours = drawn(kind, seed)
    x = point(hours, rng)
    firm = rng.permutation(system.firm_usd_per_mwh.shape[1])
    free = rng.permutation(len(system.free_capacity))
    turned = replace(
        system,
        free_profile=np.ascontiguousarray(system.free_profile[:, free]),
        free_capacity=system.free_capacity[free],
        **{
            name: np.ascontiguousarray(getattr(system, name)[:, firm])
            for name in ("firm_usd_per_mwh", "firm_available", "firm_capacity")
        },
    )
    one, other = evaluate(hours, x), evaluate(Hours(turned), x)
    assert other.at(x) == approx(one.at(x), abs=near(system, one.at(x)))


@given(kind=KINDS, seed=SEEDS)
@settings(max_examples=25)
def test_what_was_asked_before_does_not_matter(kind, seed):
    rng, _, hours = drawn(kind, seed)
    x = point(hours, rng)
    first = evaluate(hours, x)
    evaluate(hours, point(hours, rng))
    again = evaluate(hours, x)
    assert (again.slopes == first.slopes).all() and again.constant == first.constant
    assert (again.price_usd_per_mwh == first.price_usd_per_mwh).all()


def test_worth_rises_only_where_the_store_is_full_and_falls_only_where_it_is_empty():
    system = pinned(replace(random_system(np.random.default_rng(2), hours=8760, kind="usual"), budgets=()), 0.5)
    x = np.array([600.0, 700.0, 300.0, 100.0, 400.0, 400.0, 1500.0]) * system.load_mw.max() / 1000.0
    from gigawatt.power.dispatch import dispatch_system

    found = dispatch_system(system, np.clip(x, system.least, system.most))
    change, before = np.diff(found.worth_usd_per_mwh[:, 0]), found.stored_mwh[:-1, 0]
    energy, slack = x[-1], 1e-6 * x[-1]
    assert (before[change > 1e-6] >= energy - slack).all() and (before[change < -1e-6] <= slack).all()
    assert (change > 1e-6).sum() > 50 and (change < -1e-6).sum() > 50


@pytest.mark.parametrize("kind", sorted(CHAINS))
def test_a_system_with_no_hours_of_load_costs_what_runs_for_nothing(kind):
    system = random_system(np.random.default_rng(1), hours=12, kind=kind)
    idle = replace(
        system, budgets=(), load_mw=np.zeros(12), firm_usd_per_mwh=np.abs(system.firm_usd_per_mwh),
        free_profile=np.maximum(system.free_profile, 0.0),
    )  # fmt: skip
    hours = Hours(idle)
    x = np.clip(np.ones(hours.count), 0.0, np.append(idle.most, np.inf)[: hours.count])
    assert evaluate(hours, x).at(x) == approx(0.0, abs=1e-9)


def test_a_supply_that_is_no_chain_is_refused():
    with pytest.raises(ValueError, match="no chain"):
        Hours(a_system([1.0], gas=1.0, store={"loss_per_hour": 0.1}))


PLAIN = """
import sys
import numpy as np
from benchmarks.power_cases import random_system
from gigawatt.power import chain
from gigawatt.power.sizing import size_system
out = []
for kind in ("usual", "negative prices", "carbon", "started"):
    found = size_system(random_system(np.random.default_rng(1), hours=48, kind=kind))
    out += [found.capacity, [found.cost_usd, found.bound_usd, found.evaluations], found.dispatch.price_usd_per_mwh]
    out += [found.dispatch.stored_mwh[:, 0], found.dispatch.firm_mw.ravel(), found.multipliers]
np.save(sys.argv[1], np.concatenate(out))
print("prices is a", type(chain.prices).__name__)
"""


def test_compiled_and_plain_python_size_and_dispatch_alike(tmp_path):
    found = []
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    for disabled, kind in (("0", "CPUDispatcher"), ("1", "function")):
        file = tmp_path / f"{disabled}.npy"
        variables = os.environ | {"PYTHONPATH": path, "NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run([sys.executable, "-c", PLAIN, str(file)], cwd=ROOT, env=variables, capture_output=True,
                              text=True, check=True)  # fmt: skip
        assert f"prices is a {kind}" in done.stdout
        found.append(np.load(file))
    assert found[0].tobytes() == found[1].tobytes()
