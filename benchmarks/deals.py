"""Deals: loops, circulation, tracing and clearing, with networkx, igraph and the textbook's algorithm beside.

    python -m benchmarks.deals [--size small|typical] [--patient]

Times are medians of wall time after a first call, which compiles. Peers are asked where they are installed, networkx on
the large network only with `--patient` (about a minute).
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from types import ModuleType
from typing import Any

from benchmarks.deals_cases import FIRMS, by_the_textbook, dense, firms, large, network, shocked
from benchmarks.measuring import Measure, machine, median_s, seconds
from gigawatt.deals import (
    Flows,
    circulation,
    clearing,
    clearing_scenarios,
    cycles,
    finn_cycling_index,
    hodge,
    trace_origin,
)

SMALL = {"parties": 200, "debtors": 2_000, "scenarios": 100, "times": 1}
TYPICAL = {"parties": 10_000, "debtors": 100_000, "scenarios": 10_000, "times": 5}
LONGEST = 6  # payments in the longest loop
DEBTS = (3, 5)  # of each firm of the large network
DENSITIES = {0.05: "10 debts", 1.0: "199 debts"}  # of each of 200 firms
EACH = 200
LEFT = (1.0, 0.8)  # alpha = beta: what default leaves


def measure(parties: int, debtors: int, scenarios: int, times: int, patient: int = False) -> Iterator[Measure]:
    """All figures."""
    yield from loops(parties, times, bool(patient))
    yield from turning(parties, times)
    yield from one_clearing(debtors, times)
    yield from many_clearings(scenarios, times)


def figure(name: str, value: float, unit: str = "s", limit: float | None = None) -> Measure:
    """A figure of this subject."""
    return Measure(subject="deals", name=name, value=value, unit=unit, limit=limit)


def timed(name: str, call: Callable[[], object], times: int, limit: float | None = None) -> Measure:
    """Median wall time of a call, after one that is not counted."""
    call()
    return figure(name, median_s(call, times), limit=limit)


def loops(parties: int, times: int, patient: bool) -> Iterator[Measure]:
    """Time of all loops up to six payments, and of peers that find as many."""
    for flows, limit in ((network(parties, 2 * parties, seed=1), 0.1), (firms(), 0.05)):
        count = len(cycles(flows, LONGEST))
        name = f"loops up to {LONGEST} of {flows.parties} parties, {len(flows.usd)} payments"
        ours = timed(f"{name}: {count}", partial(cycles, flows, LONGEST), times, limit)
        yield ours
        for library, spent, found in peers(flows, times, patient):
            yield figure(f"{library}, {flows.parties} parties: {found}", spent)
            yield figure(f"{library} over ours, {flows.parties} parties", spent / ours.value, "times")


def peers(flows: Flows, times: int, patient: bool) -> Iterator[tuple[str, float, int]]:
    """Median time of libraries that list loops, as far as they are installed, and how many they find."""
    edges = list(zip(flows.payer.tolist(), flows.payee.tolist(), strict=True))
    if (library := peer("igraph")) is not None:
        graph = library.Graph(n=flows.parties, edges=edges, directed=True)
        yield "igraph", *counted(lambda: len(graph.simple_cycles(max=LONGEST)), times)
    if (library := peer("networkx")) is not None and (patient or flows.parties <= 1000):
        drawn, find = library.DiGraph(edges), library.simple_cycles
        yield "networkx", *counted(lambda: sum(1 for _ in find(drawn, LONGEST)), 1 if patient else times)


def counted(call: Callable[[], int], times: int) -> tuple[float, int]:
    """Median wall time of a call that counts loops, and how many it counts."""
    found: list[int] = []
    return median(seconds(lambda: found.append(call())) for _ in range(times)), found[0]


def peer(name: str) -> ModuleType | None:
    """A library, where it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def turning(parties: int, times: int) -> Iterator[Measure]:
    """Time of the other questions on who pays whom."""
    few, many = firms(), network(parties // 2, 2 * parties, seed=2)
    count = f"{many.parties} parties, {len(many.usd)} payments"
    yield timed(f"circulation of {FIRMS} firms", partial(circulation, few), times)
    found = circulation(many)
    yield timed(f"circulation of {count}: {len(found.ends)} loops", partial(circulation, many), min(times, 3))
    yield timed(f"Hodge parts of {count}", partial(hodge, many), times)
    yield timed(f"bounds of the source's money for {FIRMS} firms", partial(trace_origin, few, 0), times)
    inputs = few.lacking_usd() + 1.0
    yield timed(f"Finn's cycling index of {FIRMS} firms", partial(finn_cycling_index, few, inputs), times)


def one_clearing(debtors: int, times: int) -> Iterator[Measure]:
    """A large network, greatest and least, with and without costs of bankruptcy."""
    for each in DEBTS:
        debts = large(debtors, each)
        for shock in ("mild", "hard"):
            cash = shocked(debts, shock)
            for which in ("greatest", "least"):
                for left in LEFT:
                    call = partial(clearing, debts.owed, cash, debts.outside, alpha=left, beta=left, which=which)
                    name = f"clearing {debtors} firms x {each} debts, {shock}, alpha = beta = {left:g}, {which}"
                    yield from cleared(name, call, times, 0.1)


def many_clearings(scenarios: int, times: int) -> Iterator[Measure]:
    """Scenarios of 200 firms, of which each owes 10 others or all; a tenth of a second of them by the textbook."""
    for density, words in DENSITIES.items():
        debts = dense(EACH, density)
        for shock in ("mild", "hard"):
            cash = shocked(debts, shock, scenarios)
            for left in LEFT:
                call = partial(clearing_scenarios, debts.owed, cash, debts.outside, alpha=left, beta=left)
                name = f"{scenarios} clearings of {EACH} firms x {words}, {shock}, alpha = beta = {left:g}"
                ours = list(cleared(name, call, times, 1.0))
                yield from ours
                one = median(seconds(partial(by_the_textbook, debts, row, left)) for row in cash[:20])
                yield figure(f"fictitious default in NumPy over ours, {name}", one * scenarios / ours[0].value, "times")


def cleared(name: str, call: Callable[[], Any], times: int, limit_s: float) -> Iterator[Measure]:
    """Wall and CPU time of a clearing, and by how much it misses its equations."""
    found = call()
    name = f"{name}: {100 * found.defaulted.mean():.0f} % default"
    yield timed(name, call, times, limit_s)
    begun = time.process_time()
    call()
    yield figure(f"CPU, {name}", time.process_time() - begun)
    yield figure(f"residual, {name}", found.residual, "of dues", 1e-12)


def main() -> None:
    """Prints the machine and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "typical"), default="typical")
    parser.add_argument("--patient", action="store_true", help="ask networkx about the large network, too")
    asked = parser.parse_args()
    print(", ".join(f"{key} {value}" for key, value in machine().items()))
    sizes = SMALL if asked.size == "small" else TYPICAL
    for one in measure(**sizes, patient=asked.patient):
        bound = "" if one.limit is None else f"  (at most {one.limit:g}: {one.verdict})"
        print(f"{one.name:112s} {one.value:10.3g} {one.unit}{bound}")


if __name__ == "__main__":
    main()
