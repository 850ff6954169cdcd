"""The same supplies sized by PyPSA, by our program and by the exact method: one least cost."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from pytest import approx

from benchmarks.power_cases import CHAINS, random_system
from gigawatt.power.dispatch import dispatch_system
from gigawatt.power.program import solve
from gigawatt.power.pypsa import to_pypsa
from gigawatt.power.sizing import size_system

PYPSA = [
    ("usual", 336), ("off-grid", 500), ("no gas", 400), ("negative prices", 300), ("export", 336), ("many", 200),
    ("fixed", 300), ("zeros", 300), ("carbon", 336), ("storeless", 700), ("two stores", 200), ("ramps", 300),
    ("losses", 300),
]  # fmt: skip
SEEDS = {kind: n for n, kind in enumerate(CHAINS)}


def cost_by_pypsa(system):
    """USD of the best sizes and dispatch, by PyPSA and HiGHS; capital of what is given, which it leaves out, added."""
    logging.disable(logging.WARNING)
    try:
        network = to_pypsa(system)
        status = network.optimize(solver_name="highs", output_flag=False, log_to_console=False)
    finally:
        logging.disable(logging.NOTSET)
    assert status == ("ok", "optimal")
    given = system.least == system.most
    return float(network.objective + system.capital_usd[given] @ system.most[given])


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "hours"), PYPSA)
def test_pypsa_finds_the_same_least_cost(kind, hours):
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    system = random_system(np.random.default_rng(40 + SEEDS.get(kind, 0)), hours=hours, kind=kind)
    system = replace(system, budgets=system.budgets[:1])  # the second grows with what is built
    # Both are solved to a vertex; what differs is rounding within HiGHS's tolerances of 1e-7.
    assert solve(system).cost_usd == approx(cost_by_pypsa(system), rel=1e-6)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_pypsa_starts_and_stops_units_at_the_same_cost():
    pytest.importorskip("pypsa", reason="PyPSA is not installed")
    system = random_system(np.random.default_rng(5), hours=72, kind="commitment")
    # PyPSA takes it that units ran before the first hour; with one hour up and down that is no limit.
    unit = replace(system.commitments[0], least_up_hours=1, least_down_hours=1)
    sizes = solve(replace(system, commitments=(unit,)), tolerance=1e-4).capacity
    sizes[2] = max(sizes[2], 2 * unit.unit_mw)
    given = replace(system, commitments=(unit,), least=sizes, most=sizes)
    # Both stop at a proved gap: ours of 1e-6, PyPSA's HiGHS of 1e-4.
    assert solve(given).cost_usd == approx(cost_by_pypsa(given), rel=2e-4)


@pytest.mark.parametrize("kind", CHAINS)
def test_the_exact_method_and_the_program_size_at_the_same_cost(kind):
    system = random_system(np.random.default_rng(60 + SEEDS[kind]), hours=240, kind=kind)
    ours, theirs = size_system(system, tolerance=1e-5), solve(system)
    slack = 1e-8 * abs(theirs.cost_usd)
    assert ours.bound_usd - slack <= theirs.cost_usd <= ours.cost_usd + slack
    assert ours.gap <= 1e-5


@pytest.mark.parametrize("kind", [kind for kind in CHAINS if kind != "carbon"])
def test_the_exact_dispatch_costs_what_the_program_says(kind):
    system = random_system(np.random.default_rng(80 + SEEDS[kind]), hours=500, kind=kind)
    rng = np.random.default_rng(SEEDS[kind])
    most = np.where(np.isfinite(system.most), system.most, 2.0 * system.load_mw.max())
    sizes = np.clip(rng.uniform(0.0, 1.0, len(most)) * most, system.least, system.most)
    ours, theirs = dispatch_system(system, sizes, method="chain"), solve(system, capacity=sizes)
    assert ours.cost_usd == approx(theirs.dispatch.cost_usd, rel=1e-9)
