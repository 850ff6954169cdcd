"""Rates of return: time of a stream beside pyxirr and numpy-financial, and false and missed roots of hard streams.

    python -m benchmarks.finance_irr [--size small|typical|gigawatt]

Peers are asked one stream at a time, as they are made to be, with arrays and with lists; where they are not installed
their columns stay empty. Roots are judged by Sturm's count in whole numbers; peers, who give one rate a stream, by
whether it is a rate of the stream, and whether there are others.
"""

from __future__ import annotations

import argparse
import importlib
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np

from benchmarks.finance_irr_cases import faults, hard, typical, with_closure
from benchmarks.measuring import machine
from gigawatt.finance.returns.irr import irr

SIZES = {"small": (200, 50, 3), "typical": (20_000, 2_000, 5), "gigawatt": (100_000, 10_000, 5)}
CASES: tuple[tuple[str, Callable[[int, int], np.ndarray], int], ...] = (
    ("one change of sign, 25 periods", typical, 25),
    ("one change of sign, 120 periods", typical, 120),
    ("one change of sign, 480 periods", typical, 480),
    ("closure at the end, 25 periods", with_closure, 25),
    ("closure at the end, 480 periods", with_closure, 480),
)


def peer(name: str) -> ModuleType | None:
    """A library, where it is installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def least_cpu_s(call: Callable[[], object], times: int) -> float:
    """CPU time of a call in seconds, the least of several: a busy machine only ever adds."""
    used = []
    for _ in range(times):
        begun = time.process_time()
        call()
        used.append(time.process_time() - begun)
    return min(used)


def peer_us(library: ModuleType | None, streams: Sequence[np.ndarray] | list[list[float]], times: int) -> float:
    """CPU time of one stream in microseconds, in a loop; nan without the library."""
    if library is None:
        return float("nan")
    ask = library.irr
    return least_cpu_s(lambda: [ask(stream) for stream in streams], times) / len(streams) * 1e6


def speeds(streams: int, times: int) -> list[dict[str, float | str]]:
    """Time of a stream of each case in microseconds, ours and of peers."""
    pyxirr, npf = peer("pyxirr"), peer("numpy_financial")
    rows: list[dict[str, float | str]] = []
    for name, make, periods in CASES:
        flows = make(streams if periods < 100 else max(streams // 10, 20), periods)
        irr(flows[:2])  # compiled, or read from the cache
        few = flows[: 2000 if periods < 100 else 100]
        ours = least_cpu_s(lambda flows=flows: irr(flows), times) / len(flows) * 1e6
        by_array, by_list = peer_us(pyxirr, list(few), times), peer_us(pyxirr, few.tolist(), times)
        # numpy-financial finds eigenvalues: seconds for ten streams of 480 periods.
        by_npf = peer_us(npf, list(few[: 100 if periods < 100 else 2]), 1 if periods > 100 else times)
        rows.append({"case": name, "ours": ours, "pyxirr": by_array, "lists": by_list, "npf": by_npf})
    return rows


def judged(streams: int, answer: Callable[[np.ndarray], list[float]], within: float = 1e-9) -> Counter[str]:
    """False and missed roots of an answer over hard streams, and by kind; a root is right `within` x (1 + rate)."""
    found: Counter[str] = Counter()
    for kind, flows in hard(streams):
        false, missed = faults(flows, answer(flows), within)
        found["false"] += false
        found["missed"] += missed
        found["streams with a fault"] += bool(false or missed)
        found[kind] += false + missed
    return found


def all_roots(flows: np.ndarray) -> list[float]:
    """Our answer."""
    found = irr(flows)
    return found.roots[: int(found.count)].tolist()


def one_rate(library: ModuleType) -> Callable[[np.ndarray], list[float]]:
    """The answer of a peer: at most one rate."""

    def answer(flows: np.ndarray) -> list[float]:
        try:
            rate = library.irr(flows)
        except Exception:  # a peer that gives up has no answer
            return []
        return [float(rate)] if rate is not None and np.isfinite(rate) and rate > -1 else []

    return answer


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=tuple(SIZES), default="gigawatt")
    streams, hard_streams, times = SIZES[parser.parse_args(arguments).size]
    print("\n".join(f"{key:<10} {value}" for key, value in machine().items()))
    print(f"{'load':<10} {os.getloadavg()[0]:.1f}\n")
    print(f"CPU us a stream, least of {times}; ours: one batch, one thread, all roots; peers: one by one, one rate")
    print(f"{'':<34}{'ours':>9}{'pyxirr':>10}{'ratio':>8}{'lists':>10}{'ratio':>8}{'npf':>12}{'ratio':>9}")
    for row in speeds(streams, times):
        ours, parts = float(row["ours"]), [f"{row['case']:<34}{row['ours']:>9.3f}"]
        for name, width in (("pyxirr", 8), ("lists", 8), ("npf", 9)):
            parts.append(f"{row[name]:>{width + 2 if name != 'npf' else 12}.2f}{float(row[name]) / ours:>{width}.1f}")
        print("".join(parts))
    print(f"\nroots of {hard_streams} hard streams, by Sturm's count in whole numbers; peers give one at most")
    answers = {"ours": all_roots}
    answers |= {name: one_rate(library) for name in ("pyxirr", "numpy_financial") if (library := peer(name))}
    for name, answer in answers.items():
        found = judged(hard_streams, answer, 1e-9 if name == "ours" else 1e-6)  # peers stop earlier
        print(f"{name:<17}{found['false']} false, {found['missed']} missed; {found['streams with a fault']} streams")


if __name__ == "__main__":
    main()
