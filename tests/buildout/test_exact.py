"""The exact schedule against optima by hand, by trying all orders, and against the event simulation."""

import datetime as dt
import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from pytest import approx

from gigawatt.buildout.events import simulate
from gigawatt.buildout.exact import MOST_TASKS, Exact, best_schedule
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.work import Work
from gigawatt.errors import SolveError

MONDAY = dt.date(2026, 1, 5)
WEEKS = 104
peers = pytest.mark.peers


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
    """A plan of jobs, each its own project, that share one crew and pools which make so many units a week."""
    project = Project(name="p0", region="us_tx", start=MONDAY, phases=(1.0,))
    projects = tuple(replace(project, name=f"p{n}") for n in range(len(jobs)))
    n, orders = len(jobs), [order for job in jobs for order in job.orders]
    item = np.array([order[0] for order in orders], np.int64)
    week = np.array([order[2] for order in orders], float)
    in_pool = np.lexsort((week, item)).astype(np.int64)
    ranks = np.arange(n) if rank is None else np.array(rank)
    none, whole = np.zeros(n), np.zeros(n, np.int64)
    work = Work(
        project=np.arange(n), phase=whole, stage=whole, region=whole, weeks=np.array([job.weeks for job in jobs], float),
        down=none, up=none, release_week=np.array([job.release for job in jobs], float), rank=ranks,
        crew=np.array([0 if job.workers else -1 for job in jobs]), workers=np.array([job.workers for job in jobs], float),
        mw=np.array([job.mw for job in jobs], float), calendar=np.array([int(job.outdoor) for job in jobs]),
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


def exact(jobs, objective="mw_weeks", seconds=10.0, steps_per_week=1, **terms) -> Exact:
    pytest.importorskip("ortools", reason="OR-Tools is not installed")
    return best_schedule(laid_out(jobs, **terms), seconds, objective, steps_per_week=steps_per_week, workers=2)


HAND = {
    "two phases share one crew: the larger goes first": (
        [Job(weeks=3, workers=1, mw=100), Job(weeks=3, workers=1, mw=300)], {}, "mw_weeks", (3 * 300 + 6 * 100) / 400),
    "weeks per MW decide (Smith's rule)": (
        [Job(weeks=4, workers=1, mw=100), Job(weeks=1, workers=1, mw=50), Job(weeks=3, workers=1, mw=90)], {},
        "mw_weeks", (1 * 50 + 4 * 90 + 8 * 100) / 240),
    "three equal tasks on two crews take two rounds": (
        [Job(weeks=5, workers=1, mw=1)] * 3, {"workers": 2}, "finish", 10),
    "longest first balances two crews": (
        [Job(weeks=w, workers=1, mw=1) for w in (2, 3, 4, 5, 6)], {"workers": 2}, "finish", 10),
    "idle until the heavy one comes (no list does)": (
        [Job(weeks=10, workers=1, mw=1), Job(weeks=1, workers=1, mw=100, release=1)], {}, "mw_weeks",
        (2 * 100 + 12 * 1) / 101),
    "a chain is as long as its tasks": (
        [Job(weeks=2), Job(weeks=3, after=(0,)), Job(weeks=4, after=(1,), mw=1)], {}, "finish", 9),
    "the one transformer goes to the larger project": (
        [Job(weeks=2, mw=100, orders=((0, 1, 0, 0),)), Job(weeks=2, mw=500, orders=((0, 1, 0, 0),))],
        {"makes": (0.1,)}, "mw_weeks", (12 * 500 + 22 * 100) / 600),
    "the item goes to the one whose other work is long": (
        [Job(weeks=1, mw=1, orders=((0, 5, 0, 0),)), Job(weeks=9, mw=1, orders=((0, 5, 0, 0),))], {"makes": (1.0,)},
        "finish", 14),
    "lead time holds however much is made": (
        [Job(weeks=2, mw=1, orders=((0, 1, -4, 30),))], {"makes": (100.0,)}, "finish", 28),
    "what was made before the order is not the order's": (
        [Job(weeks=1, mw=1, orders=((0, 4, 10, 0),))], {"makes": (1.0,)}, "finish", 15),
    "an urgent late order overtakes an early one": (
        [Job(weeks=1, mw=1, orders=((0, 10, 0, 0),)), Job(weeks=1, mw=100, orders=((0, 2, 4, 0),))],
        {"makes": (1.0,)}, "mw_weeks", (7 * 100 + 13 * 1) / 101),
    "a second crew comes in week 6": (
        [Job(weeks=8, workers=1, mw=1), Job(weeks=8, workers=1, mw=1)],
        {"workers": np.where(np.arange(WEEKS) < 6, 1.0, 2.0)}, "finish", 14),
    "workers who leave finish what they are at": (
        [Job(weeks=8, workers=1, mw=1), Job(weeks=4, workers=1, mw=1)],
        {"workers": np.where(np.arange(WEEKS) < 6, 2.0, 1.0)}, "finish", 8),
    "outdoor work waits for no winter that it can avoid": (
        [Job(weeks=4, workers=1, mw=1, outdoor=True), Job(weeks=4, workers=1, mw=1)],
        {"pace": np.where(np.arange(WEEKS) < 4, 0.5, 1.0)}, "finish", 8),
    "holidays are not worked": (
        [Job(weeks=3, mw=1, outdoor=True)], {"pace": np.where(np.arange(WEEKS) == 1, 0.0, 1.0)}, "finish", 4),
}  # fmt: skip


@peers
@pytest.mark.parametrize("name", HAND)
def test_optimum_by_hand(name):
    jobs, terms, objective, week = HAND[name]
    found = exact(jobs, objective, **terms)
    assert found.status == "optimal"
    assert found.objective_week == approx(week)
    assert found.bound_week == approx(week)


@peers
@pytest.mark.parametrize("name", HAND)
def test_no_order_of_priority_is_better_than_the_exact_schedule(name):
    jobs, terms, objective, _ = HAND[name]
    best = exact(jobs, objective, **terms).objective_week
    assert min(list_weeks(jobs, objective, **terms)) >= best - 1e-9


def list_weeks(jobs, objective, **terms) -> list[float]:
    """Objective of the event simulation at medians for every order of priority."""
    mw = np.array([job.mw for job in jobs])
    found = []
    for rank in itertools.permutations(range(len(jobs))):
        finish = simulate(laid_out(jobs, rank=rank, **terms), draws=0).finish[0]
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


def by_trying(jobs: list[Job], objective: str, workers: float, makes: tuple[float], pace) -> float:
    """The least objective over all orders in which tasks can be placed, week by week, one unit of the item a week."""
    best = np.inf
    for turn in itertools.permutations(range(len(jobs))):
        if any(turn.index(i) > turn.index(j) for j, job in enumerate(jobs) for i in job.after):
            continue
        arrives = {}
        taken: set[int] = set()
        for j in turn:
            for _, units, week, lead in jobs[j].orders:
                free = (w for w in itertools.count(max(0, int(week))) if w not in taken)
                weeks = list(itertools.islice(free, int(units)))
                taken |= set(weeks)
                arrives[j] = max(weeks[-1] + 1, week + lead)
        free, finish = [workers] * WEEKS, {}
        for j in turn:
            job = jobs[j]
            begin = int(max([job.release, arrives.get(j, 0), *(finish[i] for i in job.after)]))
            while True:
                worked = np.cumsum(pace[begin:] if job.outdoor else np.ones(WEEKS - begin))
                end = begin + int(np.searchsorted(worked, job.weeks)) + 1
                if min(free[begin:end]) >= job.workers:
                    break
                begin += 1
            finish[j] = end
            free[begin:end] = [left - job.workers for left in free[begin:end]]
        mw = sum(job.mw for job in jobs)
        mean = sum(job.mw * finish[j] for j, job in enumerate(jobs)) / mw
        best = min(best, mean if objective == "mw_weeks" else max(finish.values()))
    return best


@peers
@pytest.mark.parametrize("objective", ["mw_weeks", "finish"])
@pytest.mark.parametrize("seed", range(12))
def test_optimum_by_trying_every_order(seed, objective):
    jobs, terms = some_jobs(seed)
    found = exact(jobs, objective, **terms)
    assert found.status == "optimal"
    assert found.objective_week == approx(by_trying(jobs, objective, **terms))
    assert found.bound_week == approx(found.objective_week, rel=1e-5)
