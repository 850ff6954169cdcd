"""The compiled week: milliseconds of the loop, seconds of compilation, balance, same bytes, many scenarios."""

from __future__ import annotations

import copy
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import gigawatt
from benchmarks.measuring import Measure, median_s, seconds, usage
from gigawatt import world
from gigawatt.scenario import Scenario
from gigawatt.world.simulation import prepare
from gigawatt.world.step import run as run_weeks

START = (
    "import os, sys, time; from gigawatt import scenario, world; world.simulate; "
    "started = time.perf_counter(), sum(os.times()[:4]); world.simulate(scenario.load(sys.argv[1])); "
    "print(time.perf_counter() - started[0], sum(os.times()[:4]) - started[1])"
)


def measure(path: Path, times: int = 9, many: int = 16) -> Iterator[Measure]:
    """The figures of the compiled world for one scenario."""
    scenario = gigawatt.load(path)
    yield from loop(scenario, times)
    yield from balance(scenario)
    yield from same_bytes(scenario, many)


def loop(scenario: Scenario, times: int) -> Iterator[Measure]:
    """Milliseconds for all weeks: every week's state and payment kept, and only the last state kept."""
    _, p, t, opening = prepare(scenario)
    history = np.zeros(scenario.weeks, opening.dtype).view(np.recarray)

    def weeks(kept: Any, journal: float) -> float:
        w = copy.deepcopy(opening)
        w.books.keep_journal = journal
        return seconds(lambda: run_weeks(w, p, t, 0, scenario.weeks, scenario.seed, kept))

    weeks(history, 1.0)  # touches the memory, loads the machine code
    kept = float(np.median([weeks(history, 1.0) for _ in range(times)]))
    bare = float(np.median([weeks(history[:0], 0.0) for _ in range(times)]))
    named = f"loop of {scenario.weeks} weeks"
    yield Measure(subject="loop", name=f"{named}, history kept", value=1000 * kept, unit="ms", limit=20)
    yield Measure(subject="loop", name=f"{named}, last state only", value=1000 * bare, unit="ms", limit=20)
    per_s = scenario.weeks / 52 / bare
    yield Measure(subject="loop", name="speed of one thread, last state only", value=per_s, unit="scenario-years/s")


def balance(scenario: Scenario) -> Iterator[Measure]:
    """Worst relative error of each ledger over the run, and seconds of `gigawatt.run` in this process."""
    results = gigawatt.run(scenario)
    for row in results.tables["checks"].rows():
        name = f"{row['ledger']}: {row['check']}"
        yield Measure(subject="balance", name=name, value=float(row["worst_relative_error"]), unit="", limit=1e-9)
    once = median_s(lambda: gigawatt.run(scenario), 3)
    yield Measure(subject="run", name="world.run in one process: weeks, tables, figures", value=once, unit="s", limit=3)


def same_bytes(scenario: Scenario, many: int) -> Iterator[Measure]:
    """Bytes that differ between runs and between one thread and two; scenario-years a second on two threads."""
    once, again = (world.simulate(scenario).history.tobytes() for _ in range(2))
    yield differing("two runs, state of every week", [once], [again])
    one = [state.tobytes() for state in world.run_many([scenario] * many, threads=1)]
    two: list[bytes] = []
    took = seconds(lambda: two.extend(state.tobytes() for state in world.run_many([scenario] * many, threads=2)))
    yield differing(f"1 and 2 threads, last state of {many} scenarios", one, two)
    per_s = many * scenario.weeks / 52 / took
    yield Measure(subject="loop", name="run_many on 2 threads, opening included", value=per_s, unit="scenario-years/s")


def differing(name: str, a: list[bytes], b: list[bytes]) -> Measure:
    """How many of the states differ in any byte."""
    different = sum(x != y for x, y in zip(a, b, strict=True))
    return Measure(subject="same bytes", name=f"differences: {name}", value=different, unit="states", limit=0)


def compilation(path: Path, other: Path) -> Iterator[Measure]:
    """Seconds of the first simulation with an empty cache less those with a full one; then of another scenario."""
    with tempfile.TemporaryDirectory() as cache:
        (cold_s, cold_cpu_s), (warm_s, warm_cpu_s), (other_s, _) = (
            first_run(scenario, cache) for scenario in (path, path, other)
        )
    wall, cpu = cold_s - warm_s, cold_cpu_s - warm_cpu_s
    yield Measure(subject="compilation", name="empty cache, wall", value=wall, unit="s", limit=15)
    yield Measure(subject="compilation", name="empty cache, CPU of all processes", value=cpu, unit="s")
    yield Measure(subject="compilation", name="simulation with a full cache", value=warm_s, unit="s")
    yield Measure(subject="compilation", name=f"first simulation of {other.stem}, same cache", value=other_s, unit="s")


def first_run(path: Path, cache: str) -> tuple[float, float]:
    """Wall and CPU seconds (children too) from a scenario file to the state of every week, in a process of its own."""
    done = usage((sys.executable, "-c", START, str(path)), {"GIGAWATT_CACHE": cache})
    wall_s, cpu_s = map(float, done.output.split()[-2:])
    return wall_s, cpu_s
