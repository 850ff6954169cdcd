"""The weekly fluid engine: scenarios a second, and how near its dates are to those of the event simulation.

`python -m benchmarks.buildout` prints the figures and every one of the portfolios.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.buildout_cases import PLENTY, generated, large
from benchmarks.measuring import Measure
from gigawatt.buildout.events import simulate
from gigawatt.buildout.fluid import ensemble, flow
from gigawatt.buildout.outcome import Outcome, quantile

SMALL = {"scenarios": 64, "portfolios": 1, "draws": 20}
TYPICAL = {"scenarios": 10_000, "portfolios": 20, "draws": 500}


def measure(scenarios: int, portfolios: int, draws: int) -> Iterator[Measure]:
    """Speed of the ensemble, how scarce things were in it, and agreement over generated portfolios."""
    yield from speed(scenarios)
    rows = [agreement(seed, draws) for seed in range(portfolios)]
    for figure, limit in (("p50", 2.0), ("p90", 5.0), ("mean", 2.0)):
        worst = max(abs(row[figure]) for row in rows)
        label = f"{figure} against the event simulation, worst of {portfolios}"
        yield Measure(subject="buildout", name=label, value=100 * worst, unit="%", limit=limit)
    for name in ("p50", "mean"):
        most = max(row[f"crews_{name}"] for row in rows)
        label = f"{name}: what waiting for workers adds, most of {portfolios}"
        yield Measure(subject="buildout", name=label, value=100 * most, unit="%")


def speed(scenarios: int) -> Iterator[Measure]:
    """Time of an ensemble of 20 projects over 780 weeks."""
    laid = large()
    ensemble(laid, draws=64)
    wall, cpu = time.perf_counter(), time.process_time()
    found = ensemble(laid, draws=scenarios)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    weeks = laid.portfolio.weeks
    case = f"{scenarios} scenarios x {len(laid.pools)} items x {weeks} weeks x {len(laid.portfolio.projects)} projects"
    limit = 5.0 * scenarios / 10_000
    yield Measure(subject="buildout", name=case, value=wall, unit="s", limit=limit)
    yield Measure(subject="buildout", name="CPU of it, all threads", value=cpu, unit="s", limit=2 * limit)
    yield Measure(subject="buildout", name="tasks in each", value=len(laid.tasks), unit="tasks")
    yield Measure(subject="buildout", name="speed", value=scenarios / wall, unit="scenarios/s")
    for name, rows in (("items", slice(0, len(laid.pools))), ("workers", slice(len(laid.pools), None))):
        share = float((found.waiting_mw[rows].sum(axis=(0, 1)) > 0.0).mean())
        yield Measure(subject="buildout", name=f"weeks in which {name} are waited for", value=100 * share, unit="%")
    median = float(quantile(found.finish, 0.5))
    yield Measure(subject="buildout", name="P50 of the last project", value=median, unit="weeks")


def agreement(seed: int, draws: int) -> dict[str, float]:
    """Relative difference of P50, P90 of the finish and of the mean MW-weighted date of one generated portfolio, and by
    how much plenty of workers would bring the dates of the event simulation forward."""
    laid = generated(seed)
    exact, found = (figures(engine(laid, draws)) for engine in (simulate, flow))
    plenty = laid.work._replace(available=np.full_like(laid.work.available, PLENTY))
    free = figures(simulate(replace(laid, work=plenty), draws))
    row = {"portfolio": float(seed), "projects": float(len(laid.portfolio.projects)), "tasks": float(len(laid.tasks))}
    row |= {f"{name}_weeks": value for name, value in exact.items()}
    row |= {name: found[name] / exact[name] - 1.0 for name in exact}
    return row | {f"crews_{name}": exact[name] / free[name] - 1.0 for name in exact}


def figures(found: Outcome) -> dict[str, float]:
    """P50 and P90 of the portfolio's finish and the mean MW-weighted date, in weeks from its start."""
    last = found.project_finish().max(axis=1)
    mw = found.phase_mw
    mean = float((found.phase_finish() * mw).sum(axis=1).mean() / mw.sum())
    return {"p50": float(quantile(last, 0.5)), "p90": float(quantile(last, 0.9)), "mean": mean}


def main() -> None:
    """Prints all of it."""
    print(
        "portfolio projects tasks  P50 weeks  P90 weeks |  P50 %   P90 %  mean % | workers add: P50 %   P90 %  mean %"
    )
    for seed in range(TYPICAL["portfolios"]):
        row = agreement(seed, TYPICAL["draws"])
        near = " ".join(f"{100 * row[name]:7.3f}" for name in ("p50", "p90", "mean"))
        crews = " ".join(f"{100 * row['crews_' + name]:7.2f}" for name in ("p50", "p90", "mean"))
        print(f"{seed:9d} {row['projects']:8.0f} {row['tasks']:5.0f} {row['p50_weeks']:10.1f} {row['p90_weeks']:10.1f}"
              f" | {near} |            {crews}")  # fmt: skip
    for one in measure(**TYPICAL):
        print(f"{one.name}: {one.value:.6g} {one.unit} {one.verdict}")


if __name__ == "__main__":
    main()
