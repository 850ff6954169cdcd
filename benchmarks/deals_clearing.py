"""Clearing: time of one large network and of many scenarios, and how far payments are from their equations.

    python -m benchmarks.deals_clearing [--size small|typical]

Wall and CPU time are the least of several calls, after one that compiles. Networks are drawn: debts lognormal between
random pairs, debts outside a share of those between firms, and cash that would just do, times a random shock.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measuring import Measure, machine
from gigawatt.deals.clearing import clearing
from gigawatt.deals.clearing_scenarios import clearing_scenarios
from gigawatt.deals.liabilities import SparseLiabilities

SMALL = {"firms": 2_000, "scenarios": 100, "times": 1}
TYPICAL = {"firms": 100_000, "scenarios": 10_000, "times": 3}
DEBTS = (3, 5)  # of each firm of the large network
SHOCKS = {"mild": (0.7, 1.6), "hard": (0.3, 1.3)}  # cash over what would just do, uniform between these


def least_s(call: Callable[[], object], times: int) -> tuple[float, float]:
    """Wall and CPU seconds of a call, the least of several after one."""
    call()
    used = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        used.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(wall for wall, _ in used), min(cpu for _, cpu in used)


def drawn(firms: int, each: int, rng: np.random.Generator) -> tuple[SparseLiabilities, np.ndarray, np.ndarray]:
    """A network: debts, debts outside, and cash with which everybody could just pay."""
    debtor, creditor = rng.integers(0, firms, (2, firms * each))
    debtor, creditor = debtor[debtor != creditor], creditor[debtor != creditor]
    amount = rng.lognormal(0, 1, len(debtor))
    owed, due = np.bincount(debtor, amount, firms), np.bincount(creditor, amount, firms)
    outside = owed * 0.5
    enough = np.maximum(0.0, owed + outside - due) + 0.1 * owed
    return SparseLiabilities(size=firms, debtor=debtor, creditor=creditor, amount_usd=amount), outside, enough


def told(subject: str, name: str, call: Callable[[], Any], times: int, limit_s: float) -> Iterator[Measure]:
    """Wall and CPU time of a clearing, and its residual."""
    found = call()
    wall, cpu = least_s(call, times)
    name = f"{name}: {100 * found.defaulted.mean():.0f} % default"
    yield Measure(subject=subject, name=name, value=wall, unit="s", limit=limit_s)
    yield Measure(subject=subject, name=f"CPU, {name}", value=cpu, unit="s", limit=limit_s)
    yield Measure(subject=subject, name=f"residual, {name}", value=found.residual, unit="of dues", limit=1e-12)


def large(firms: int, times: int) -> Iterator[Measure]:
    """One clearing of a large network, greatest and least, with and without bankruptcy costs."""
    for each in DEBTS:
        rng = np.random.default_rng(1)
        debts, outside, enough = drawn(firms, each, rng)
        for shock, (low, high) in SHOCKS.items():
            cash = enough * rng.uniform(low, high, firms)
            for which, left in (("greatest", 1.0), ("greatest", 0.8), ("least", 1.0), ("least", 0.8)):
                call = partial(clearing, debts, cash, outside, alpha=left, beta=left, which=which)
                name = f"{firms} firms x {each} debts, {shock}, alpha = beta = {left:g}, {which}"
                yield from told("clearing", name, call, times, limit_s=0.1)


def many(scenarios: int, times: int) -> Iterator[Measure]:
    """Scenarios of 200 firms, of which each owes 10 others or all."""
    for density, words in ((0.05, "10 debts"), (1.0, "199 debts")):
        rng = np.random.default_rng(2)
        owed = rng.lognormal(0, 1, (200, 200)) * (rng.random((200, 200)) < density)
        np.fill_diagonal(owed, 0)
        outside = owed.sum(axis=1) * 0.5
        enough = np.maximum(0.0, owed.sum(axis=1) + outside - owed.sum(axis=0)) + 0.1 * owed.sum(axis=1)
        for shock, (low, high) in SHOCKS.items():
            cash = enough * rng.uniform(low, high, (scenarios, 200))
            for left in (1.0, 0.8):
                call = partial(clearing_scenarios, owed, cash, outside, alpha=left, beta=left)
                name = f"{scenarios} scenarios x 200 firms x {words}, {shock}, alpha = beta = {left:g}"
                yield from told("scenarios", name, call, times, limit_s=1.0)


def measure(firms: int, scenarios: int, times: int) -> Iterator[Measure]:
    """All of it."""
    yield from large(firms, times)
    yield from many(scenarios, times)


def main() -> None:
    """Prints all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "typical"), default="typical")
    chosen = SMALL if parser.parse_args().size == "small" else TYPICAL
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for one in measure(**chosen):
        print(f"{one.subject:10s} {one.value:10.3g} {one.unit:8s} {one.verdict:6s} {one.name}")


if __name__ == "__main__":
    main()
