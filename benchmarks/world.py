"""The compiled week: milliseconds of the loop, balance, same bytes, many scenarios side by side."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import gigawatt
from benchmarks.measuring import Measure, median_s, seconds
from gigawatt import world
from gigawatt.scenario import Scenario
from gigawatt.world.simulation import prepare
from gigawatt.world.step import run as run_weeks


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
