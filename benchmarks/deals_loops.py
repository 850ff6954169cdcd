"""Money that goes round: time of loops, circulation, decomposition and tracing, with networkx and igraph beside.

    python -m benchmarks.deals_loops [--size small|typical]

Peers are asked where they are installed, networkx on the large network only with `--patient` (about a minute).
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np

from benchmarks.measuring import Measure, machine, median_s, seconds
from gigawatt.deals import Flows, circulation, cycles, finn_cycling_index, hodge, listed, trace_origin

SMALL = {"parties": 200, "times": 1}
TYPICAL = {"parties": 10_000, "times": 5}
FIRMS, FIRM_PAYMENTS, FIRM_SEED = 60, 450, 313  # 27,754 loops of up to six payments


def network(parties: int, payments: int, seed: int) -> Flows:
    """Payments between parties drawn at random, amounts over three powers of ten; parallel ones become one."""
    rng = np.random.default_rng(seed)
    payer, payee = rng.integers(0, parties, payments), rng.integers(0, parties, payments)
    return listed(payer, payee, 10.0 ** rng.uniform(6, 9, payments), parties)


def firms() -> Flows:
    """Sixty firms with exactly `FIRM_PAYMENTS` payments between different ones."""
    rng = np.random.default_rng(FIRM_SEED)
    pairs = rng.choice(FIRMS * (FIRMS - 1), FIRM_PAYMENTS, replace=False)
    payer, other = pairs // (FIRMS - 1), pairs % (FIRMS - 1)
    return listed(payer, other + (other >= payer), 10.0 ** rng.uniform(6, 9, FIRM_PAYMENTS), FIRMS)


def measure(parties: int, times: int) -> Iterator[Measure]:
    """Time of each question on networks drawn at random; the first call, which compiles, is not counted."""
    large, dense = network(parties, 2 * parties, seed=1), firms()
    for flows, limit in ((large, 0.1 * parties / 10_000), (dense, 0.05)):
        count = len(cycles(flows, 6))
        name = f"loops up to 6 of {flows.parties} parties, {len(flows.usd)} payments: {count} loops"
        yield timed(name, lambda flows=flows: cycles(flows, 6), times, max(limit, 0.01))
    yield timed(f"circulation of {FIRMS} firms", lambda: circulation(dense), times)
    sparse = network(parties // 2, 2 * parties, seed=2)
    found = circulation(sparse)
    name = f"circulation of {sparse.parties} parties, {len(sparse.usd)} payments: {len(found.ends)} loops"
    yield timed(name, lambda: circulation(sparse), min(times, 2))
    yield timed(f"Hodge parts of {sparse.parties} parties, {len(sparse.usd)} payments", lambda: hodge(sparse), times)
    yield timed(f"bounds of the source's money for {FIRMS} firms", lambda: trace_origin(dense, 0), times)
    inputs = dense.lacking_usd() + 1.0
    yield timed(f"Finn's cycling index of {FIRMS} firms", lambda: finn_cycling_index(dense, inputs), times)


def timed(name: str, call: Callable[[], object], times: int, limit: float | None = None) -> Measure:
    """Median wall time of a call, after one that is not counted."""
    call()
    return Measure(subject="deals", name=name, value=median_s(call, times), unit="s", limit=limit)


def beside(parties: int, patient: bool) -> Iterator[Measure]:
    """The same loops by networkx and igraph, where they are installed, and how many they find."""
    for flows in (network(parties, 2 * parties, seed=1), firms()):
        edges = list(zip(flows.payer.tolist(), flows.payee.tolist(), strict=True))
        if (library := peer("igraph")) is not None:
            graph = library.Graph(n=flows.parties, edges=edges, directed=True)
            yield counted(f"igraph, {flows.parties} parties", lambda g=graph: len(g.simple_cycles(max=6)))
        if (library := peer("networkx")) is not None and (patient or flows.parties <= 1000):
            drawn = library.DiGraph(edges)
            find = library.simple_cycles
            yield counted(f"networkx, {flows.parties} parties", lambda g=drawn, f=find: sum(1 for _ in f(g, 6)))


def counted(name: str, call: Callable[[], int]) -> Measure:
    """Wall time of one call that counts loops."""
    found: list[int] = []
    spent = seconds(lambda: found.append(call()))
    return Measure(subject="deals", name=f"{name}: {found[0]} loops", value=spent, unit="s")


def peer(name: str) -> ModuleType | None:
    """A library, where it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def main() -> None:
    """Prints the machine and the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "typical"), default="typical")
    parser.add_argument("--patient", action="store_true", help="ask networkx about the large network, too")
    asked = parser.parse_args()
    print(", ".join(f"{key} {value}" for key, value in machine().items()))
    sizes = SMALL if asked.size == "small" else TYPICAL
    for one in (*measure(**sizes), *beside(sizes["parties"], asked.patient)):
        bound = "" if one.limit is None else f"  (at most {one.limit:g}: {one.verdict})"
        print(f"{one.name:75s} {one.value:9.4f} {one.unit}{bound}")


if __name__ == "__main__":
    main()
