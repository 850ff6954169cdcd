"""What sizing and dispatch of a supply take, how close they come, and what PyPSA and HiGHS take for the same.

    python -m benchmarks.power [--quick] [--rows] [--format json]

Systems are drawn at random by `power_cases`. Times are CPU seconds of one process, with machine code in the cache. What
PyPSA takes is measured where it is installed (extra `peers`); `--quick` leaves it out, and HiGHS with it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np

from benchmarks.measuring import Measure, Usage, usage
from benchmarks.power_cases import CHAINS, random_system
from benchmarks.run import show
from gigawatt.power import futures, size
from gigawatt.power.dispatch import dispatch_system, path
from gigawatt.power.evaluation import Hours, evaluate
from gigawatt.power.program import solve
from gigawatt.power.sizing import Sizing, size_system
from gigawatt.power.system import System
from gigawatt.units import HOURS_PER_YEAR

TOLERANCE = 1e-5
APART = {"off-grid": 0.1, "negative prices": 0.1, "no gas": 0.1, "many": 0.2, "demand charge": None}  # CPU s
BESIDE = (("usual", 1), ("off-grid", 1), ("negative prices", 1))  # kinds and seeds that other solvers are asked too
DISPATCHED = ("usual", "off-grid", "negative prices", "started")
BOUNDS = {"median": 0.1, "most": 0.25, "ten years": 1.0, "futures": 15.0}  # CPU s
DISPATCH_MS = 0.5
SLOWER = 200.0  # times that PyPSA takes
DRAWN_YEARS = 10_000
SMALL: dict[str, Any] = {"hours": 168, "seeds": 1, "times": 1, "years": 0, "others": False}
TYPICAL: dict[str, Any] = {"years": 1000, "others": False}


@dataclass(frozen=True, slots=True)
class Sized:
    """One case that was sized."""

    kind: str
    seed: int
    capacities: int
    cpu_s: float
    found: Sizing


def case(kind: str, seed: int, hours: int = HOURS_PER_YEAR) -> System:
    """A system that is the same on every machine."""
    return random_system(np.random.default_rng(seed), hours=hours, kind=kind)


def cpu_s(call: Callable[[], object], times: int) -> float:
    """Median CPU time of a call, of all threads of this process."""
    return median(_cpu_s(call) for _ in range(times))


def _cpu_s(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def warm_up() -> None:
    """Compile, or read machine code, before anything is measured."""
    for kind in ("usual", "carbon", "storeless"):
        size_system(case(kind, 0, hours=48))
    system = case("started", 0, hours=48)
    dispatch_system(system, np.full(len(system.names), float(system.load_mw.max())))


def sized(kind: str, seed: int, hours: int, times: int) -> Sized:
    """A case, sized several times."""
    system = case(kind, seed, hours)
    found = size_system(system, tolerance=TOLERANCE)
    spent = cpu_s(lambda: size_system(system, tolerance=TOLERANCE), times)
    return Sized(kind, seed, len(system.names), spent, found)


def power(name: str, value: float, unit: str, limit: float | None = None) -> Measure:
    """A figure of this subject."""
    return Measure(subject="power", name=name, value=value, unit=unit, limit=limit)


def of_sizing(cases: Sequence[Sized]) -> Iterator[Measure]:
    """CPU time, evaluations and proved gap of all cases, then of those with many capacities."""
    spent = [one.cpu_s for one in cases]
    name = f"size {len(cases)} cases"
    yield power(f"{name}: median CPU", median(spent), "s", BOUNDS["median"])
    slowest = max(cases, key=lambda one: one.cpu_s)
    yield power(f"{name}: most CPU ({slowest.kind})", slowest.cpu_s, "s", BOUNDS["most"])
    yield power(f"{name}: largest proved gap", max(one.found.gap for one in cases), "", TOLERANCE)
    yield power(f"{name}: median evaluations", median(one.found.evaluations for one in cases), "")
    yield power(f"{name}: most evaluations", max(one.found.evaluations for one in cases), "")
    for kind, limit in APART.items():
        some = [one for one in cases if one.kind == kind]
        if some:
            what = f"size {len(some)} of {some[0].capacities} capacities, {kind}: median CPU"
            yield power(what, median(one.cpu_s for one in some), "s", limit)


def of_a_long_time(years: int, times: int) -> Iterator[Measure]:
    """Several years in one problem."""
    one = sized("usual", 1, years * HOURS_PER_YEAR, times)
    yield power(f"size {years} years in one problem: CPU", one.cpu_s, "s", BOUNDS["ten years"])
    yield power(f"size {years} years in one problem: proved gap", one.found.gap, "", TOLERANCE)


def of_dispatch(hours: int, times: int) -> Iterator[Measure]:
    """CPU time of a year at given capacities and start, and how far its cost is from the linear program's."""
    evaluated, whole, off = [], [], []
    for kind in DISPATCHED:
        system = replace(case(kind, 2, hours), budgets=())
        system = replace(system, stores=tuple(replace(store, start_share=0.5) for store in system.stores))
        x = size_system(system, tolerance=1e-3).capacity
        ready = Hours(system)
        evaluated.append(cpu_s(lambda ready=ready, x=x: evaluate(ready, x), 10 * times))
        whole.append(cpu_s(lambda ready=ready, x=x: path(ready, x, evaluate(ready, x)), 10 * times))
        asked, found = solve(system, capacity=x).dispatch.cost_usd, dispatch_system(system, x).cost_usd
        off.append(abs(found - asked) / max(abs(asked), float(system.load_mw.sum())))  # where it is free, of 1 USD/MWh
    per_year = 1e3 * HOURS_PER_YEAR / hours
    yield power("dispatch of a year, cost and prices: CPU", per_year * median(evaluated), "ms", DISPATCH_MS)
    yield power("dispatch of a year, with every flow: CPU", per_year * median(whole), "ms")
    yield power("dispatch: cost off that of the linear program", max(off), "", 1e-9)


def of_years(years: int) -> Iterator[Measure]:
    """A plan in drawn years of weather, price and outages, on one thread."""
    plan = size("us_tx_abilene", 1000.0, "pv,wind,battery,gas,grid")
    futures(plan, 2, threads=1)
    spent = _cpu_s(lambda: futures(plan, years, threads=1))
    yield power(
        f"{DRAWN_YEARS:,} drawn years, from {years:,}: CPU", spent * DRAWN_YEARS / years, "s", BOUNDS["futures"]
    )


def beside(kind: str, seed: int, hours: int) -> Iterator[Measure]:
    """One case by the exact method, by arrays handed to HiGHS, and by PyPSA where it is there, each on its own."""
    what = f"{kind}, {hours} h"
    solvers = ["ours", "HiGHS", *(["PyPSA + HiGHS"] if importlib.util.find_spec("pypsa") else [])]
    used = {solver: alone(solver, kind, seed, hours) for solver in solvers}
    told = {solver: json.loads(one.output) for solver, one in used.items()}
    for solver in solvers:
        yield power(f"{what}, {solver}: CPU", told[solver]["cpu_s"], "s")
        yield power(f"{what}, {solver}: peak memory", used[solver].peak_mb, "MB")
    least = min(one["usd"] for one in told.values())
    yield power(f"{what}: cost above the least of all", (told["ours"]["usd"] - least) / abs(least), "", TOLERANCE)
    for solver in solvers[1:]:
        limit = 1.0 / SLOWER if solver.startswith("PyPSA") else None
        yield power(f"{what}: CPU over that of {solver}", told["ours"]["cpu_s"] / told[solver]["cpu_s"], "", limit)


def alone(solver: str, kind: str, seed: int, hours: int) -> Usage:
    """What one solver takes in a process of its own."""
    return usage((sys.executable, "-m", "benchmarks.power", "--only", solver, kind, str(seed), str(hours)))


def solved(solver: str, system: System) -> float:
    """The least cost that a solver finds, in USD."""
    if solver == "ours":
        return size_system(system, tolerance=TOLERANCE).cost_usd
    if solver == "HiGHS":
        return solve(system).cost_usd
    from gigawatt.power.pypsa import to_pypsa

    logging.disable(logging.WARNING)
    network = to_pypsa(system)
    network.optimize(solver_name="highs", output_flag=False, log_to_console=False)
    given = system.least == system.most
    return float(network.objective + system.capital_usd[given] @ system.most[given])


def tell(solver: str, kind: str, seed: int, hours: int) -> None:
    """Print the CPU time and cost of one case; imports and compilation come before."""
    if solver == "ours":
        warm_up()
    elif solver == "HiGHS":
        solve(case("usual", 0, 24))
    else:
        solved(solver, case("usual", 0, 24))
    system, started = case(kind, seed, hours), time.process_time()
    usd = solved(solver, system)
    sys.stdout.write(json.dumps({"cpu_s": time.process_time() - started, "usd": usd}) + "\n")


def measure(
    *, hours: int = HOURS_PER_YEAR, seeds: int = 3, times: int = 3, years: int = DRAWN_YEARS, others: bool = True
) -> Iterator[Measure]:
    """All figures; fewer hours, seeds and years make a small case."""
    if others:
        for kind, seed in BESIDE:
            yield from beside(kind, seed, hours)
    warm_up()
    yield from of_sizing([sized(kind, seed, hours, times) for kind in CHAINS for seed in range(seeds)])
    if hours == HOURS_PER_YEAR:
        yield from of_a_long_time(10, times)
    yield from of_dispatch(hours, times)
    if years:
        yield from of_years(years)


def rows(cases: Sequence[Sized]) -> str:
    """Every case: kind, seed, capacities, CPU seconds, evaluations and gap."""
    lines = [f"{'kind':16s} {'seed':>4s} {'capacities':>10s} {'CPU s':>7s} {'evaluations':>11s} {'gap':>8s}"]
    lines += [
        f"{c.kind:16s} {c.seed:4d} {c.capacities:10d} {c.cpu_s:7.3f} {c.found.evaluations:11d} {c.found.gap:8.1e}"
        for c in cases
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave PyPSA and HiGHS out, and draw fewer years")
    parser.add_argument("--rows", action="store_true", help="every case that is sized, instead of all figures")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    parser.add_argument("--only", nargs=4, metavar=("SOLVER", "KIND", "SEED", "HOURS"), help="one case, as JSON")
    asked = parser.parse_args(arguments)
    if asked.only:
        solver, kind, seed, hours = asked.only
        tell(solver, kind, int(seed), int(hours))
    elif asked.rows:
        warm_up()
        print(rows([sized(kind, seed, HOURS_PER_YEAR, 3) for kind in CHAINS for seed in range(3)]))
    else:
        if not asked.quick and importlib.util.find_spec("pypsa") is None:
            print("PyPSA is left out: it is not installed here (extra peers)", file=sys.stderr)
        show(list(measure(others=not asked.quick, years=DRAWN_YEARS // (10 if asked.quick else 1))), asked.format)


if __name__ == "__main__":
    main()
