"""Seconds that compilation adds to the first run with an empty cache."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Measure, usage

START = (
    "import os, sys, time; from gigawatt import scenario, world; world.simulate; "
    "started = time.perf_counter(), sum(os.times()[:4]); world.simulate(scenario.load(sys.argv[1])); "
    "print(time.perf_counter() - started[0], sum(os.times()[:4]) - started[1])"
)


def measure(path: Path, other: Path) -> Iterator[Measure]:
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
