"""Small portfolios whose best schedule can be found by trying, for the tests and the benchmark of exact schedules."""

import datetime as dt
import itertools
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.buildout.events import simulate
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.work import Work

MONDAY = dt.date(2026, 1, 5)
WEEKS = 104


@dataclass(frozen=True, kw_only=True)
class Job:
    """A task of a project of its own: weeks, workers of the one crew, predecessors, MW, and orders."""

    weeks: float
    workers: float = 0.0
    after: tuple[int, ...] = ()
    mw: float = 0.0
    release: float = 0.0
    orders: tuple[tuple[int, float, float, float], ...] = ()  # pool, units, week of ordering, lead weeks
    outdoor: bool = False


def laid_out(jobs: list[Job], workers=1.0, makes=(), pace=1.0, rank=None) -> Plan:
    """A plan of jobs, each its own project of 1 MW (see `by_mw`), that share one crew and pools, by units a week."""
    project = Project(name="p0", region="us_tx", start=MONDAY, phases=(1.0,))
    projects = tuple(replace(project, name=f"p{n}") for n in range(len(jobs)))
    n, orders = len(jobs), [order for job in jobs for order in job.orders]
    item = np.array([order[0] for order in orders], np.int64)
    week = np.array([order[2] for order in orders], float)
    in_pool = np.lexsort((week, item)).astype(np.int64)
    ranks = np.arange(n) if rank is None else np.array(rank)
    none, whole = np.zeros(n), np.zeros(n, np.int64)
    work = Work(
        project=np.arange(n), phase=whole, stage=whole, region=whole, down=none, up=none, rank=ranks,
        weeks=np.array([job.weeks for job in jobs], float),
        release_week=np.array([job.release for job in jobs], float),
        crew=np.array([0 if job.workers else -1 for job in jobs]),
        workers=np.array([job.workers for job in jobs], float),
        calendar=np.array([int(job.outdoor) for job in jobs]), luck=whole, project_luck=whole,
        pool_luck=np.arange(len(makes)), shock_luck=np.zeros(0, np.int64),
        first_before=np.cumsum([0, *(len(job.after) for job in jobs)]),
        before=np.array([i for job in jobs for i in job.after], np.int64),
        first_order=np.cumsum([0, *(len(job.orders) for job in jobs)]),
        order_item=item, order_units=np.array([order[1] for order in orders], float), order_week=week,
        order_rank=np.repeat(ranks, [len(job.orders) for job in jobs]),
        units_down=np.zeros(len(orders)), units_up=np.zeros(len(orders)),
        lead_weeks=np.array([order[3] for order in orders], float),
        lead_down=np.zeros(len(orders)), lead_up=np.zeros(len(orders)),
        first_in_pool=np.searchsorted(item[in_pool], np.arange(len(makes) + 1)), in_pool=in_pool,
        capacity=np.array([np.broadcast_to(rate, WEEKS) for rate in makes], float).reshape(len(makes), WEEKS),
        level_down=np.zeros(len(makes)), level_up=np.zeros(len(makes)),
        available=np.broadcast_to(np.asarray(workers, float), (1, WEEKS)).copy(),
        pace=np.array([np.ones(WEEKS), np.broadcast_to(pace, WEEKS)]),
        shock_per_week=np.zeros(0), shock_weeks=np.zeros(0), shock_down=np.zeros(0), shock_up=np.zeros(0),
        shock_cut=np.zeros((0, len(makes))), world_share=0.0, project_share=0.0, supply_share=0.0,
    )  # fmt: skip
    portfolio = Portfolio(projects=projects, start=MONDAY, weeks=WEEKS)
    return Plan(
        portfolio=portfolio, tasks=(), regions=("us_tx",), stages=(), pools=(), crews=(), shocks=(), work=work
    )  # fmt: skip


def by_mw(jobs: list[Job]) -> dict[str, float]:
    """Weights of the projects: what each job energises."""
    return {f"p{n}": float(job.mw) for n, job in enumerate(jobs)}


def list_weeks(jobs, objective, tasks=1, **terms) -> list[float]:
    """Objective of the event simulation at medians for every order of priority of projects of so many tasks."""
    mw = np.array([job.mw for job in jobs])
    found = []
    for rank in itertools.permutations(range(len(jobs) // tasks)):
        finish = simulate(laid_out(jobs, rank=np.repeat(rank, tasks), **terms), draws=0).finish[0]
        found.append(float(finish.max() if objective == "finish" else finish @ mw / mw.sum()))
    return found


def some_jobs(seed: int) -> tuple[list[Job], dict]:
    """Six tasks in whole weeks: three chains of two that share a crew of 3 and an item made at one a week."""
    rng = np.random.default_rng(seed)
    jobs = []
    for chain in range(3):
        order = ((0, float(rng.integers(1, 5)), float(rng.integers(-3, 4)), float(rng.integers(0, 4))),)
        jobs.append(Job(weeks=rng.integers(1, 7), workers=rng.integers(1, 4), release=rng.integers(0, 4)))
        jobs.append(
            Job(
                weeks=rng.integers(1, 7), workers=rng.integers(1, 4), after=(2 * chain,), orders=order,
                mw=rng.integers(1, 5), outdoor=True,
            )
        )  # fmt: skip
    pace = np.where(rng.random(WEEKS) < 0.2, 0.0, 1.0)
    return jobs, {"workers": 3.0, "makes": (1.0,), "pace": pace}


def project_jobs(seed: int) -> list[Job]:
    """Four projects of a shell and two trades after it, which share one crew; weeks in fractions."""
    rng = np.random.default_rng(seed)
    jobs: list[Job] = []
    for p in range(4):
        order = ((0, rng.uniform(5, 20), 4.0 * p - 10, rng.uniform(4, 8)),)
        shell = len(jobs)
        jobs.append(Job(weeks=rng.uniform(3, 8), workers=20, release=4.0 * p, outdoor=True))
        jobs.append(Job(weeks=rng.uniform(2, 6), workers=rng.uniform(5, 25), after=(shell,), orders=order))
        jobs.append(Job(weeks=rng.uniform(2, 6), after=(shell + 1,), mw=rng.uniform(50, 400)))
    return jobs


FRACTIONS = {
    "workers": 30.0 * 1.004 ** np.arange(WEEKS), "makes": (2.0,), "pace": np.where(np.arange(WEEKS) < 6, 0.6, 1.0)
}  # fmt: skip
