"""The event simulation of a large portfolio, with SimPy beside it: `python -m benchmarks.buildout_events`.

SimPy is given the durations and arrivals of each draw, and so is the simulation for the ratio, on one thread each; what
a draw takes with its drawing and deliveries stands beside it. The schedules are compared task by task.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import resource
import sys
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.measuring import Measure
from benchmarks.run import show
from gigawatt.buildout.critical import critical
from gigawatt.buildout.draws import draw
from gigawatt.buildout.events import follow, simulate, successors, work_done
from gigawatt.buildout.outcome import Outcome
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import OPENING, Portfolio, Project

REGIONS = ("us_tx", "us_midwest", "us_southeast", "us_west", "europe", "gulf", "china", "asia")
SMALL = {"projects": 6, "draws": 16, "beside": 1}
TYPICAL = {"projects": 100, "draws": 1000, "beside": 4}
SECONDS = 10.0
TIMES_FASTER = 100.0
EXACT = 1e-9  # weeks


def portfolio(projects: int, seed: int = 1, one_buyer: bool = False) -> Plan:
    """Campuses of six to seven phases, 40 tasks in the mean, begun within 28 months in eight regions.

    Workers are scarce; with one buyer's share of every supply, items are.
    """
    rng = np.random.default_rng(seed)
    return plan(Portfolio(projects=tuple(
        Project(
            name=f"campus {n}", region=REGIONS[n % len(REGIONS)], stagger_weeks=float(rng.integers(2, 12)),
            start=OPENING + dt.timedelta(weeks=int(rng.integers(0, 120))), priority=int(rng.integers(0, 3)),
            phases=tuple(float(mw) for mw in rng.integers(100, 350, size=6 + (n % 3 == 0))),
        )
        for n in range(projects)
    ), one_buyer=one_buyer))  # fmt: skip


def waiting(found: Outcome) -> dict[str, float]:
    """Shares of the tasks in % that wait for workers or for an item at the last, and mean weeks of the waits."""
    work, pools = found.plan.work, len(found.plan.pools)
    ends = np.isfinite(found.finish)
    waits = np.where(ends, found.begin, 0.0) - np.where(ends, found.ready, 0.0)
    for_item = ((found.cause >= 0) & (found.cause < pools)).mean()
    crewed = work.crew >= 0
    return {
        "tasks that wait for workers": 100.0 * float((waits[:, crewed] > 0.0).mean()),
        "tasks that wait for an item and no workers after it": 100.0 * float(for_item),
        "mean wait for workers of those": float(waits[waits > 0.0].mean()) if (waits > 0.0).any() else 0.0,
        "tasks that never end": 100.0 * float(1.0 - ends.mean()),
    }


def event(name: str, value: float, unit: str, limit: float | None = None) -> Measure:
    """A figure of this subject."""
    return Measure(subject="events", name=name, value=value, unit=unit, limit=limit)


def seconds(call: object) -> tuple[float, float]:
    """Wall and CPU seconds of a call."""
    assert callable(call)
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(projects: int, draws: int, beside: int) -> Iterator[Measure]:
    """Time of the simulation on all cores, of one thread per draw, of SimPy for the same; what waits; memory."""
    laid = portfolio(projects)
    tasks = len(laid.tasks)
    simulate(laid, 1)
    critical(simulate(laid, 1))
    kept: list[Outcome] = []
    wall, cpu = seconds(lambda: kept.append(simulate(laid, draws)))
    found = kept[0]
    case = f"{projects} projects, {tasks} tasks x {draws} draws"
    yield event(case, wall, "s", SECONDS)
    yield event(f"{case}: CPU", cpu, "s", 2.0 * SECONDS)
    for name, value in waiting(found).items():
        yield event(name, value, "weeks" if name.startswith("mean") else "%")
    scarce = portfolio(projects, one_buyer=True)
    wall, _ = seconds(lambda: kept.append(simulate(scarce, draws)))
    yield event("the same with one buyer's share of supply", wall, "s", SECONDS)
    share = waiting(kept.pop())["tasks that wait for an item and no workers after it"]
    yield event("tasks that wait for an item there", share, "%")
    one, _ = seconds(lambda: critical(found))
    yield event("critical paths of all draws", one, "s")
    per_mb = 1024.0**2 if sys.platform == "darwin" else 1024.0
    yield event("peak memory of the process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / per_mb, "MB")
    if beside and importlib.util.find_spec("simpy"):
        yield from of_simpy(laid, found, cpu / draws, beside)


def of_simpy(laid: Plan, found: Outcome, whole_cpu_s: float, beside: int) -> Iterator[Measure]:
    """CPU seconds of SimPy for one draw, how many times ours that is, and how far the schedules are apart."""
    from benchmarks.buildout_simpy import schedule

    apart, theirs_cpu_s, ours_cpu_s = 0.0, 0.0, 0.0
    for r in range(beside):
        weeks = draw(laid.work, found.seed, r).weeks
        started = time.process_time()
        schedules = schedule(laid.work, weeks, found.arrives[r])
        theirs_cpu_s += (time.process_time() - started) / beside
        ours_cpu_s += followed_cpu_s(laid, weeks, found.arrives[r]) / beside
        for theirs, ours in zip(schedules, (found.begin[r], found.finish[r]), strict=True):
            same = (theirs == ours) | (np.abs(np.where(np.isfinite(theirs), theirs, 0.0) - ours) <= EXACT)
            apart = max(apart, float((~same).mean()))
    yield event("one draw: CPU", ours_cpu_s, "s")
    yield event("one draw with drawing and deliveries: CPU", whole_cpu_s, "s")
    yield event("one draw by SimPy: CPU", theirs_cpu_s, "s")
    yield event("ours, of what SimPy takes", ours_cpu_s / theirs_cpu_s, "", 1.0 / TIMES_FASTER)
    yield event("the same with drawing and deliveries", whole_cpu_s / theirs_cpu_s, "")
    yield event(f"tasks that SimPy begins or ends more than {EXACT:g} weeks apart", 100.0 * apart, "%", 0.0)


def followed_cpu_s(laid: Plan, weeks: np.ndarray, arrives: np.ndarray, times: int = 20) -> float:
    """CPU seconds of one schedule from given durations and arrivals."""
    work, tasks = laid.work, len(weeks)
    after, first_after = successors(work)
    done, peak = work_done(work.pace), np.maximum.accumulate(work.available, axis=1)
    started = time.process_time()
    for _ in range(times):
        ready, begin, finish = (np.full(tasks, np.inf) for _ in range(3))
        cause = np.full(tasks, -1, np.int64)
        follow(work, weeks, arrives, after, first_after, done, peak, ready, begin, finish, cause)
    return (time.process_time() - started) / times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
    chosen = parser.parse_args()
    show(list(measure(**(SMALL if chosen.quick else TYPICAL))), chosen.format)


if __name__ == "__main__":
    main()
