"""Plans of a few tasks with round numbers, laid out as arrays without the catalog; and random ones."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.design import Need
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import Stage
from gigawatt.buildout.supply import Crew, Item, Pool
from gigawatt.buildout.tasks import Task
from gigawatt.buildout.work import Work

MONDAY = dt.date(2026, 1, 5)


@dataclass(frozen=True, kw_only=True)
class Order:
    """So many units of an item, placed in a week."""

    units: float
    item: int = 0
    week: float = 0.0
    lead: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Job:
    """A task: its weeks of work (with a range of so many times up and down), predecessors, crew and orders."""

    weeks: float
    spread: float = 1.0
    after: tuple[int, ...] = ()
    project: int = 0
    release: float = 0.0
    crew: int = -1
    workers: float = 1.0
    rank: int = 0
    mw: float = 100.0
    calendar: int = 0
    orders: tuple[Order, ...] = ()


def laid_out(jobs, available=(), capacity=(), pace=((1.0,),), weeks=200, projects=(), shares=(0.2, 0.3, 0.3)):
    """A plan; workers of each crew, units a week of each item and pace of each calendar by week, the last one lasting.

    Every job is a phase of its project, energised when it finishes if no other comes after it.
    """
    count = 1 + max(job.project for job in jobs)
    phase = [sum(other.project == job.project for other in jobs[:n]) for n, job in enumerate(jobs)]
    own = [tuple(job.mw for job in jobs if job.project == p) for p in range(count)]
    projects = tuple(projects) or tuple(
        Project(name=f"p{p}", region="us_tx", start=MONDAY, phases=own[p]) for p in range(count)
    )
    stages = tuple(
        Stage(name=f"s{n}", weeks=Spread.exactly(max(job.weeks, 1.0)), trade=f"t{job.crew}" if job.crew >= 0 else "",
              workers_per_mw=job.workers / job.mw if job.crew >= 0 else 0.0)
        for n, job in enumerate(jobs)
    )  # fmt: skip
    portfolio = Portfolio(projects=projects, start=MONDAY, weeks=weeks, stages=stages)
    tasks = tuple(
        Task(project=job.project, phase=phase[n], stage=stages[n], mw=job.mw, weeks=Spread.exactly(max(job.weeks, 1.0)),
             release_week=job.release, order_week=job.release, before=job.after,
             orders=tuple(Need(f"item{o.item}", Spread.exactly(o.units / job.mw), f"s{n}") for o in job.orders))
        for n, job in enumerate(jobs)
    )  # fmt: skip
    pools = tuple(
        Pool(item=Item(name=f"item{i}", unit="units", capacity_per_week=max(max(path), 1e-9), growth_per_year=0.0,
                       scale_per_week=1.0, lead_weeks=Spread.exactly(1.0), usd_per_unit=10.0), regions=("us_tx",))
        for i, path in enumerate(capacity)
    )  # fmt: skip
    crews = tuple(
        Crew(trade=f"t{k}", place="us_tx", regions=("us_tx",), now=path[0], growth_per_year=0.0, scale=1.0)
        for k, path in enumerate(available)
    )
    return Plan(
        portfolio=portfolio, tasks=tasks, regions=("us_tx",), stages=tuple(stage.name for stage in stages),
        pools=pools, crews=crews, shocks=(), work=arrays(jobs, phase, available, capacity, pace, weeks, shares),
    )  # fmt: skip


def arrays(jobs, phase, available, capacity, pace, weeks, shares):
    """The arrays of the jobs."""

    def column(values, kind=float):
        return np.array(list(values), kind)

    def paths(given):
        return np.array([[*path, *[path[-1]] * (weeks - len(path))] for path in given], float).reshape(
            len(given), weeks
        )

    orders = [(job, order) for job in jobs for order in job.orders]
    item, week = column((o.item for _, o in orders), np.int64), column(o.week for _, o in orders)
    in_pool = np.lexsort((week, item)).astype(np.int64)
    nothing, width = np.zeros(len(orders)), column(np.log(job.spread) / 1.6448536269514722 for job in jobs)
    return Work(
        project=column((job.project for job in jobs), np.int64), phase=column(phase, np.int64),
        stage=np.arange(len(jobs)), region=np.zeros(len(jobs), np.int64), weeks=column(job.weeks for job in jobs),
        down=width, up=width.copy(), release_week=column(job.release for job in jobs),
        rank=column((job.rank for job in jobs), np.int64), crew=column((job.crew for job in jobs), np.int64),
        workers=column(job.workers if job.crew >= 0 else 0.0 for job in jobs),
        calendar=column((job.calendar for job in jobs), np.int64), luck=np.arange(len(jobs)),
        project_luck=column((job.project for job in jobs), np.int64), pool_luck=np.arange(len(capacity)),
        shock_luck=np.zeros(0, np.int64),
        first_before=np.cumsum([0, *(len(job.after) for job in jobs)]),
        before=column((b for job in jobs for b in job.after), np.int64),
        first_order=np.cumsum([0, *(len(job.orders) for job in jobs)]), order_item=item,
        order_units=column(o.units for _, o in orders), units_down=nothing, units_up=nothing, order_week=week,
        order_rank=column((job.rank for job, _ in orders), np.int64), lead_weeks=column(o.lead for _, o in orders),
        lead_down=nothing, lead_up=nothing,
        first_in_pool=np.searchsorted(item[in_pool], np.arange(len(capacity) + 1)).astype(np.int64), in_pool=in_pool,
        capacity=paths(capacity), level_down=np.zeros(len(capacity)), level_up=np.zeros(len(capacity)),
        available=paths(available), pace=paths(pace), shock_per_week=np.zeros(0), shock_weeks=np.zeros(0),
        shock_down=np.zeros(0), shock_up=np.zeros(0), shock_cut=np.zeros((0, len(capacity))),
        world_share=shares[0], project_share=shares[1], supply_share=shares[2],
    )  # fmt: skip


def made_up(seed, projects=4, tasks=8, is_round=False):
    """A random plan in which crews and items are scarce; `is_round`: whole weeks and workers, so that ties abound."""
    rng = np.random.default_rng(seed)
    jobs, first = [], 0
    for p in range(projects):
        for n in range(tasks):
            drawn = rng.uniform(0.5, 9.0)
            after = tuple(sorted({first + int(b) for b in rng.integers(0, n, size=min(n, 2))})) if n else ()
            orders = tuple(
                Order(units=float(rng.integers(1, 9)), item=int(rng.integers(0, 2)),
                      week=float(rng.integers(-5, 15)), lead=float(rng.integers(0, 8)))
                for _ in range(int(rng.random() < 0.4))
            )  # fmt: skip
            jobs.append(Job(
                weeks=float(np.ceil(drawn)) if is_round else drawn, spread=1.5, after=after, project=p,
                release=float(rng.integers(0, 6)), crew=int(rng.integers(-1, 2)), calendar=int(rng.integers(0, 2)),
                workers=float(rng.integers(1, 6)) if is_round else float(rng.uniform(0.5, 6.0)),
                rank=int(rng.integers(0, 3)), mw=float(rng.integers(50, 150)), orders=orders,
            ))  # fmt: skip
        first += tasks
    available = [6.0 + rng.integers(0, 4, size=60), 6.0 + np.cumsum(rng.random(60) < 0.1)]
    slow = np.where(rng.random(60) < 0.3, rng.choice([0.0, 0.4], size=60), 1.0)
    slow[-1] = 1.0
    return laid_out(jobs, available, rng.uniform(0.5, 2.0, size=(2, 40)), ([1.0], slow))
