"""Sizes by hand, against the linear program, by sign, and with their proof."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from
from pytest import approx

from benchmarks.power_cases import CHAINS, PROGRAMS, random_system
from gigawatt.errors import SolveError
from gigawatt.power.program import solve
from gigawatt.power.sizing import size_system
from gigawatt.power.system import Budget, System
from tests.power.small_systems import a_system, excess, hourly_usd

KINDS, SEEDS = sampled_from(sorted(CHAINS)), integers(0, 10**6)
TOLERANCE = 1e-5
SLACK = 1e-7  # of what the rest of the arithmetic may add, in units of the cost
STORE_OF_NOTHING = 5e-7  # peaks: a store that may be built is never quite nothing


def cost(system, **more):
    return size_system(system, **more).cost_usd


def spread(system, *found):
    """What two answers may differ by."""
    return 2.0 * TOLERANCE * max(abs(usd) for usd in found) + 1e-6 * system.load_mw.sum()


def test_a_plant_is_as_large_as_the_load_that_pays_for_it():
    # By hand: the 4th MW would run in one hour only: 15 + 10 USD against 20 USD of going without.
    system = a_system([1, 3, 4, 3], gas=10.0, capital={"gas": 15.0}, shed=20.0)
    found = size_system(system)
    usd = 15 * 3 + 10 * (1 + 3 + 3 + 3) + 20
    assert (
        found.cost_usd == approx(usd, rel=TOLERANCE) and found.cost_usd >= usd * (1 - 1e-12) >= found.bound_usd - 1e-9
    )
    assert found.capacity == approx([3.0], rel=1e-3) and found.start_mwh is None
    assert (found.method, found.gap <= TOLERANCE) == ("chain", True)


def test_a_battery_is_as_large_as_the_night():
    # By hand: 10 MWh at night take 20 MWh of sun, 20 MW and 10 MWh of store: 20 x 8 + 20 x 0.1 + 10 x 2, gas 610.
    losses = {"charge_efficiency": 0.5}
    capital = {"sun": 8.0, "gas": 1.0, "power": 0.1, "energy": 2.0}
    system = a_system([10, 10], sun=[1.0, 0.0], gas=60.0, store=losses, capital=capital)
    found = size_system(system)
    usd = 30 * 8 + 20 * 0.1 + 10 * 2
    assert found.cost_usd == approx(usd, rel=TOLERANCE)
    assert found.capacity == approx([30, 0, 20, 10], rel=1e-3, abs=1e-2)
    assert found.start_mwh == approx(0.0, abs=1e-2)


@given(kind=KINDS, seed=SEEDS, hours=integers(12, 120))
@settings(max_examples=120)
def test_the_cost_is_within_the_tolerance_of_the_program_and_the_bound_is_below_it(kind, seed, hours):
    system = random_system(np.random.default_rng(seed), hours=hours, kind=kind)
    found, least = size_system(system), solve(system)
    rounding = SLACK * abs(least.cost_usd)
    assert least.bound_usd - rounding <= found.cost_usd
    assert found.cost_usd <= found.bound_usd + TOLERANCE * abs(found.cost_usd) * (1 + 1e-9)
    assert found.bound_usd <= least.cost_usd + rounding
    assert found.cost_usd == approx(system.capital_usd @ found.capacity + found.dispatch.cost_usd, rel=1e-9)
    assert found.dispatch.cost_usd == approx(hourly_usd(system, found.dispatch), rel=1e-9, abs=1e-9 * found.cost_usd)


@given(kind=KINDS, seed=SEEDS)
@settings(max_examples=60)
def test_sizes_keep_limits_rows_and_budgets_and_the_dispatch_its_laws(kind, seed):
    system = random_system(np.random.default_rng(seed), hours=60, kind=kind)
    found, peak = size_system(system), system.load_mw.max()
    off = STORE_OF_NOTHING * peak
    assert (found.capacity >= system.least - off).all() and (found.capacity <= system.most + off).all()
    scale = np.abs(system.rows).max(axis=1, initial=1.0)
    assert (system.rows @ found.capacity >= system.rows_least - 1e-6 * peak * scale).all()
    for budget in system.budgets:
        cap = budget.cap + (0.0 if budget.per_capacity is None else budget.per_capacity @ found.capacity)
        assert budget.used(found.dispatch.firm_mw) <= cap + 1e-9 * max(abs(cap), system.load_mw.sum())
    assert {law: by for law, by in excess(system, found.capacity, found.dispatch).items() if by > 1e-9} == {}
    if found.start_mwh is not None:
        assert found.dispatch.stored_mwh[-1, 0] == approx(found.start_mwh, abs=1e-9 * peak)


@given(kind=sampled_from(["usual", "negative prices", "off-grid", "rows", "carbon", "export"]), seed=SEEDS)
@settings(max_examples=25)
def test_a_warm_start_gives_the_same_with_fewer_evaluations(kind, seed):
    system = random_system(np.random.default_rng(seed), hours=200, kind=kind)
    cold = size_system(system)
    again = size_system(system, start=cold.capacity, warm=cold.cuts)
    assert again.cost_usd == approx(cold.cost_usd, abs=spread(system, cold.cost_usd))
    assert again.gap <= TOLERANCE and again.evaluations < cold.evaluations
    dearer = replace(system, capital_usd=1.02 * system.capital_usd)
    warm = size_system(dearer, start=cold.capacity, warm=cold.cuts)
    assert warm.cost_usd == approx(cost(dearer), abs=spread(dearer, warm.cost_usd)) and warm.gap <= TOLERANCE


@given(seed=SEEDS, shed=floats(0.1, 2.0), load=floats(0.5, 1.5))
@settings(max_examples=20)
def test_cuts_of_another_case_never_make_the_bound_wrong(seed, shed, load):
    system = random_system(np.random.default_rng(seed), hours=100, kind="usual")
    other = replace(system, shed_usd_per_mwh=system.shed_usd_per_mwh * shed, load_mw=system.load_mw * load)
    warm, asked = size_system(other, warm=size_system(system).cuts), solve(other).cost_usd
    assert warm.bound_usd <= asked * (1 + SLACK) and warm.cost_usd >= asked * (1 - SLACK) and warm.gap <= TOLERANCE


def test_fixed_capacities_are_kept_and_only_dispatched():
    system = random_system(np.random.default_rng(5), hours=100, kind="usual")
    x = np.array([900.0, 700.0, 300.0, 100.0, 200.0, 250.0, 900.0]) * system.load_mw.max() / 1000.0
    x = np.minimum(x, system.most)
    found = size_system(replace(system, least=x, most=x))
    assert found.capacity == approx(x, rel=1e-12)
    assert found.cost_usd == approx(solve(system, capacity=x).cost_usd, rel=TOLERANCE)


@pytest.mark.parametrize("kind", ["usual", "off-grid", "rows"])
def test_a_store_that_may_not_be_built_is_nothing(kind):
    system = random_system(np.random.default_rng(5), hours=100, kind=kind)
    most = system.most.copy()
    most[-3:] = 0.0
    system = replace(system, most=most, rows=np.zeros((0, len(most))), rows_least=np.zeros(0), rows_names=())
    found = size_system(system)
    assert (found.capacity[-3:] == 0.0).all() and (found.dispatch.stored_mwh == 0.0).all()
    assert found.cost_usd == approx(solve(system).cost_usd, rel=TOLERANCE)


def test_with_nothing_to_build_all_load_is_shed():
    system = random_system(np.random.default_rng(5), hours=100, kind="usual")
    found = size_system(replace(system, most=np.zeros(len(system.names))))
    assert found.cost_usd == approx(system.load_mw.sum() * system.shed_usd_per_mwh) and not found.capacity.any()


@pytest.mark.parametrize("without", ["free", "firm"])
def test_a_supply_without_free_or_without_firm_sources_is_sized(without):
    system = random_system(np.random.default_rng(5), hours=100, kind="usual")
    none, places = np.zeros((100, 0)), np.zeros(0, dtype=np.int64)
    if without == "free":
        system = replace(system, free_profile=none, free_capacity=places)
    else:
        system = replace(
            system, firm_usd_per_mwh=none, firm_available=none, firm_capacity=np.zeros((100, 0), dtype=np.int64)
        )
    assert cost(system) == approx(solve(system).cost_usd, rel=TOLERANCE)


def test_what_costs_nothing_to_build_is_built_up_to_its_limit():
    system = random_system(np.random.default_rng(5), hours=100, kind="usual")
    system = replace(system, capital_usd=np.zeros(7), most=np.full(7, 2.0 * system.load_mw.max()))
    assert cost(system) == approx(solve(system).cost_usd, rel=TOLERANCE)


def test_a_single_hour_is_sized():
    system = random_system(np.random.default_rng(5), hours=1, kind="usual")
    assert cost(system) == approx(solve(system).cost_usd, rel=TOLERANCE)


@given(kind=KINDS, seed=SEEDS, place=integers(0, 20))
@settings(max_examples=30)
def test_more_options_never_cost_more(kind, seed, place):
    system = random_system(np.random.default_rng(seed), hours=60, kind=kind)
    most = system.most.copy()
    most[place % len(most)] = max(system.least[place % len(most)], 0.0)
    with_all = cost(system)
    try:
        without = cost(replace(system, most=most))
    except SolveError:  # a row asks for what may not be built any more
        return
    assert with_all <= without + spread(system, with_all, without)


@given(kind=KINDS, seed=SEEDS, more=floats(1.0, 1.5))
@settings(max_examples=30)
def test_more_load_never_costs_less(kind, seed, more):
    rng = np.random.default_rng(seed)
    system = random_system(rng, hours=60, kind=kind)
    paid = (system.firm_usd_per_mwh < 0.0).any() or (system.free_profile < 0.0).any()
    if paid:  # where taking power is paid for, more load may cost less
        return
    higher = replace(system, load_mw=system.load_mw * rng.uniform(1.0, more, 60))
    once, then = cost(system), cost(higher)
    assert then >= once - spread(system, once, then)


@given(seed=SEEDS, tighter=floats(0.3, 1.0))
@settings(max_examples=25)
def test_a_tighter_carbon_cap_never_raises_emissions_nor_lowers_the_cost(seed, tighter):
    system = random_system(np.random.default_rng(seed), hours=60, kind="carbon")
    carbon = replace(system.budgets[0], per_capacity=None)
    loose, tight = (
        size_system(replace(system, budgets=(replace(carbon, cap=cap),))) for cap in (carbon.cap, tighter * carbon.cap)
    )
    assert tight.cost_usd >= loose.cost_usd - spread(system, loose.cost_usd, tight.cost_usd)
    assert carbon.used(tight.dispatch.firm_mw) <= tighter * carbon.cap * (1 + 1e-9)


@given(seed=SEEDS, usd_per_t=floats(1.0, 300.0))
@settings(max_examples=25)
def test_dearer_carbon_never_raises_emissions(seed, usd_per_t):
    system = replace(random_system(np.random.default_rng(seed), hours=60, kind="usual"), budgets=())
    use = np.tile([0.4, 0.3], (60, 1))
    priced = replace(system, firm_usd_per_mwh=system.firm_usd_per_mwh + usd_per_t * use)
    free, dear = size_system(system), size_system(priced)
    emitted = [float((use * found.dispatch.firm_mw).sum()) for found in (free, dear)]
    # Two answers within a tolerance of the least cost: emissions may rise by what the tolerance buys at this price.
    assert emitted[1] <= emitted[0] + spread(system, free.cost_usd, dear.cost_usd) / usd_per_t


def test_the_multiplier_is_what_one_more_tonne_saves():
    system = random_system(np.random.default_rng(2), hours=120, kind="usual")
    use = np.tile([0.4, 0.3], (120, 1))
    used = float((use * size_system(system).dispatch.firm_mw).sum())

    def capped(share):
        budget = Budget(name="carbon", use=use, cap=share * used)
        return size_system(replace(system, budgets=(budget,)), tolerance=1e-6)

    found, more, less = capped(0.5), capped(0.55), capped(0.45)
    step = 0.05 * used
    slack = 2e-6 * found.cost_usd / step
    saved, paid = (found.cost_usd - more.cost_usd) / step, (less.cost_usd - found.cost_usd) / step
    assert saved - slack <= found.multipliers[0] <= paid + slack


@given(kind=KINDS, seed=SEEDS, scale=sampled_from([1e-3, 2.0, 1e3]))
@settings(max_examples=25)
def test_a_supply_of_another_size_or_currency_costs_so_much_more(kind, seed, scale):
    system = random_system(np.random.default_rng(seed), hours=48, kind=kind)
    budgets = tuple(replace(b, cap=b.cap * scale) for b in system.budgets)
    larger = replace(
        system, load_mw=scale * system.load_mw, least=scale * system.least, most=scale * system.most,
        rows_least=scale * system.rows_least, budgets=budgets,
    )  # fmt: skip
    dearer = replace(
        system, capital_usd=scale * system.capital_usd, firm_usd_per_mwh=scale * system.firm_usd_per_mwh,
        shed_usd_per_mwh=scale * system.shed_usd_per_mwh,
        stores=tuple(replace(s, wear_usd_per_mwh=scale * s.wear_usd_per_mwh) for s in system.stores),
    )  # fmt: skip
    once = cost(system)
    for other in (larger, dearer):
        assert cost(other) / scale == approx(once, abs=spread(system, once))


@given(kind=KINDS, seed=SEEDS)
@settings(max_examples=20)
def test_the_order_of_capacities_does_not_matter(kind, seed):
    rng = np.random.default_rng(seed)
    system = random_system(rng, hours=48, kind=kind)
    order = rng.permutation(len(system.names))
    new = np.argsort(order)  # old place -> new place
    turned = replace(
        system, names=tuple(system.names[k] for k in order), capital_usd=system.capital_usd[order],
        least=system.least[order], most=system.most[order], free_capacity=new[system.free_capacity],
        firm_capacity=new[system.firm_capacity], rows=system.rows[:, order] if system.rows.size else system.rows,
        stores=tuple(
            replace(s, charge=int(new[s.charge]), discharge=int(new[s.discharge]), energy=int(new[s.energy]))
            for s in system.stores
        ),
        budgets=tuple(
            b if b.per_capacity is None else replace(b, per_capacity=b.per_capacity[order]) for b in system.budgets
        ),
    )  # fmt: skip
    once, other = cost(system), cost(turned)
    assert other == approx(once, abs=spread(system, once))


@pytest.mark.parametrize("kind", sorted(set(PROGRAMS) - {"commitment"}))
def test_what_is_no_chain_is_sized_by_the_program(kind):
    system = random_system(np.random.default_rng(1), hours=48, kind=kind)
    found = size_system(system)
    assert found.method == "program" and found.gap <= 1e-6
    with pytest.raises(ValueError, match="no chain"):
        size_system(system, method="chain")


def test_both_methods_agree_and_an_unknown_one_is_refused():
    system = random_system(np.random.default_rng(1), hours=48, kind="usual")
    by_program = size_system(system, method="program")
    assert by_program.method == "program" and cost(system) == approx(by_program.cost_usd, rel=TOLERANCE)
    with pytest.raises(ValueError, match="'barrier' is not auto, chain or program"):
        size_system(system, method="barrier")


def test_rows_that_clash_are_told():
    system = a_system(
        [1.0, 2.0], gas=10.0, capital={"gas": 1.0}, most=np.array([10.0]), rows=np.array([[1.0]]),
        rows_least=np.array([12.0]), rows_names=("reserve",),
    )  # fmt: skip
    with pytest.raises(SolveError, match="clash"):
        size_system(system)


@pytest.mark.parametrize(
    ("kind", "seed", "hours", "scale"), [("started", 3305, 12, 1.0), ("demand charge", 144, 48, 1e3)]
)
def test_a_first_guess_that_is_far_too_large_does_not_hold_up_the_search(kind, seed, hours, scale):
    # Some hours cost so little beside load that is shed that thousands of peaks of a source could be paid for.
    system = random_system(np.random.default_rng(seed), hours=hours, kind=kind)
    larger = replace(
        system, load_mw=scale * system.load_mw, least=scale * system.least, most=scale * system.most,
        rows_least=scale * system.rows_least,
    )  # fmt: skip
    found = size_system(larger)
    assert found.gap <= TOLERANCE and found.evaluations < 100


def test_a_supply_that_is_nearly_paid_for_by_negative_prices_is_proved_too():
    # What it costs in the end is little beside what is paid and earned: the gap is a share of the little.
    rng = np.random.default_rng(5053)
    found = size_system(random_system(rng, hours=int(rng.integers(12, 300)), kind="negative prices"))
    assert found.gap <= TOLERANCE and found.evaluations < 100


@pytest.mark.parametrize("method", ["chain", "program"])
def test_a_store_that_is_paid_to_burn_without_end_is_told(method):
    # Power that costs 100 USD/MWh less than it did: burning it in ever larger stores pays for them.
    system = random_system(np.random.default_rng(1), hours=48, kind="usual")
    system = replace(system, firm_usd_per_mwh=system.firm_usd_per_mwh - 100.0)
    with pytest.raises(SolveError, match="the more of .*charge, discharge.* the less it costs, without end"):
        size_system(system, method=method)


def test_a_closer_tolerance_is_kept():
    system = random_system(np.random.default_rng(1), hours=200, kind="usual")
    assert size_system(system, tolerance=1e-7).gap <= 1e-7


@pytest.mark.parametrize(("dear", "cheap"), [(101.0, -100.0), (99.0, -100.0), (60.0, -30.0), (200.0, -195.0)])
def test_the_bound_holds_where_far_more_than_the_load_can_be_sold(dear, cheap):
    # A connection of 2 GW, sales of up to 1 GW, a load of 1 MW: half of the hours pay for drawing power.
    hours = 24
    price = np.where(np.arange(hours) % 2 == 0, cheap, dear)
    sold = price - 0.01
    system = System(
        names=("grid", "export", "geothermal"),
        capital_usd=np.array([1.0, -sold.sum(), 25.0 * hours]),
        least=np.zeros(3),
        most=np.array([2000.0, 1000.0, np.inf]),
        load_mw=np.ones(hours),
        free_profile=np.column_stack([-np.ones(hours), np.ones(hours)]),
        free_capacity=np.array([1, 2]),
        firm_usd_per_mwh=np.column_stack([price + 5.0, sold]),
        firm_available=np.ones((hours, 2)),
        firm_capacity=np.tile([0, 1], (hours, 1)),
        shed_usd_per_mwh=5000.0,
        rows=np.array([[1.0, -1.0, 0.0]]),
        rows_least=np.zeros(1),
        rows_names=("export within grid",),
    )
    exact, asked = size_system(system), solve(system)
    assert exact.cost_usd == approx(asked.cost_usd, rel=2e-5)
    assert exact.bound_usd <= asked.cost_usd + 1e-9 * abs(asked.cost_usd)


@pytest.mark.parametrize("kind", ["usual", "off-grid", "no gas", "storeless"])
def test_prices_of_a_sizing_pay_for_all_of_it(kind):
    # Without limits the cost grows in proportion to the load, so its price weighted by load is the mean cost.
    system = random_system(np.random.default_rng(11), hours=300, kind=kind)
    system = replace(system, least=np.zeros(len(system.names)), most=np.where(system.capital_usd > 0, np.inf, 0.0))
    if system.firm_usd_per_mwh.min(initial=0.0) < 0.0:
        system = replace(system, firm_usd_per_mwh=np.maximum(system.firm_usd_per_mwh, 0.0))
    found, asked = size_system(system), solve(system)
    energy_mwh = system.load_mw.sum()
    assert found.dispatch.price_usd_per_mwh @ system.load_mw == approx(found.cost_usd, rel=1e-3)
    mean = asked.dispatch.price_usd_per_mwh @ system.load_mw / energy_mwh
    assert found.dispatch.price_usd_per_mwh @ system.load_mw / energy_mwh == approx(mean, rel=1e-3)


def test_the_gap_is_a_share_of_what_is_not_spent_yet():
    system = random_system(np.random.default_rng(4), hours=300, kind="usual")
    sunk = replace(system, sunk_usd=0.95 * size_system(system).cost_usd)
    found, asked = size_system(sunk, tolerance=1e-3), solve(system).cost_usd
    assert found.gap <= 1e-3
    assert found.cost_usd - asked <= 1e-3 * (found.cost_usd - sunk.sunk_usd)
