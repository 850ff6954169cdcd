"""How far quick schedules are from the best: `python -m benchmarks.buildout_exact [SEEDS]`; needs the extra schedule.

Small portfolios of `tests/buildout/exact_cases.py` are scheduled exactly, by the event simulation in every order of
priority, and by the fluid engine in the order in which projects stand. A larger one, of the catalog's stages and
supply, tells how long a proof takes.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measuring import Measure, machine
from gigawatt.buildout.exact import best_schedule
from gigawatt.buildout.fluid import flow
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from tests.buildout.exact_cases import FRACTIONS, Job, by_mw, laid_out, list_weeks, project_jobs, some_jobs

CASES: dict[str, tuple[Callable[[int], tuple[list[Job], dict]], int, int]] = {
    # name: cases by seed, tasks of a project, steps of time in a week
    "4 projects of 3 tasks": (lambda seed: (project_jobs(seed), FRACTIONS), 3, 28),
    "3 projects of 2 tasks": (some_jobs, 2, 1),
}


def run_exact(seeds: int = 12) -> Iterator[Measure]:
    """Weeks by which the quick schedules are later than the best, in % of its mean finish (or last finish)."""
    for name, (case, tasks, steps) in CASES.items():
        for objective in ("mw_weeks", "finish"):
            late = np.array([_late(*case(seed), tasks, steps, objective) for seed in range(seeds)])
            subject = f"buildout exact: {name}, {objective}, {seeds} cases"
            for column, what in enumerate(("events as they stand", "events, best order", "fluid as they stand")):
                yield Measure(subject=subject, name=f"{what}: mean", value=100 * late[:, column].mean(), unit="%")
                yield Measure(subject=subject, name=f"{what}: most", value=100 * late[:, column].max(), unit="%")
            yield Measure(subject=subject, name="gap that is not proved: most", value=100 * late[:, 3].max(), unit="%")


def _late(jobs: list[Job], terms: dict, tasks: int, steps: int, objective: str) -> tuple[float, float, float, float]:
    laid = laid_out(jobs, **terms)
    best = best_schedule(laid, 10, objective, by_mw(jobs), steps_per_week=steps, workers=2)
    by_order = list_weeks(jobs, objective, tasks=tasks, **terms)
    finish, mw = flow(laid, draws=0).finish[0], np.array([job.mw for job in jobs])
    fluid = float(finish.max() if objective == "finish" else finish @ mw / mw.sum())
    found = np.array([by_order[0], min(by_order), fluid]) / best.objective_week - 1.0
    return float(found[0]), float(found[1]), float(found[2]), best.gap


def run_proof(projects: int, mw: float = 300.0, seconds: float = 20.0) -> Iterator[Measure]:
    """Gap and seconds of an exact schedule of campuses in one region that begin four weeks apart."""
    campuses = tuple(
        Project(name=f"p{n}", region="us_tx", start=OPENING + dt.timedelta(weeks=4 * n), phases=(mw,) * (1 + n % 3))
        for n in range(projects)
    )
    for objective in ("mw_weeks", "finish"):
        began = time.perf_counter()
        best = best_schedule(Portfolio(projects=campuses), seconds, objective)
        tasks = int((best.plan.work.weeks > 0.0).sum())
        subject = f"buildout exact: {projects} campuses, {tasks} tasks, {objective}"
        yield Measure(subject=subject, name="gap", value=100 * best.gap, unit="%")
        yield Measure(subject=subject, name="time", value=time.perf_counter() - began, unit="s")


if __name__ == "__main__":
    print(machine())
    for one in run_exact(int(sys.argv[1]) if len(sys.argv) > 1 else 12):
        print(f"{one.subject:62} {one.name:34} {one.value:8.1f} {one.unit}")
    for count in (3, 5, 8):
        for one in run_proof(count):
            print(f"{one.subject:62} {one.name:34} {one.value:8.1f} {one.unit}", flush=True)
