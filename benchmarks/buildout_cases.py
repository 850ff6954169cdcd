"""Portfolios made up for tests and benchmarks, in which crews and items are really scarce."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.design import Design
from gigawatt.buildout.fluid import flow
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import OPENING, Portfolio, Project

PLENTY = 1e12
ITEMS = (3.0, 10.0, 30.0)  # times what the catalog has of them, so that workers are short


def generated(seed: int) -> Plan:
    """A made-up portfolio: 60 to 160 projects of 1 to 6 phases begun within two years in 2 to 4 regions, some powered
    on site. Workers are those of the catalog, fewer than so many projects want; items are, as drawn, three, ten or
    thirty times as many as the catalog has, for else workers hardly hold the last project."""
    rng = np.random.default_rng(seed)
    regions = rng.choice(list(catalog.items("regions")), size=int(rng.integers(2, 5)), replace=False)
    powers = ("grid", "grid", "gas_turbines", "reciprocating_engines", "fuel_cells")
    projects = tuple(
        Project(
            name=f"campus {n}",
            region=str(rng.choice(regions)),
            start=OPENING + dt.timedelta(weeks=int(rng.integers(0, 104))),
            phases=tuple(float(mw) for mw in rng.uniform(50, 500, size=int(rng.integers(1, 7)))),
            design=Design(power=powers[int(rng.integers(0, len(powers)))]),
            stagger_weeks=float(rng.uniform(4, 30)),
            priority=int(rng.integers(0, 3)),
        )
        for n in range(int(rng.integers(60, 161)))
    )
    laid = plan(Portfolio(projects=projects))
    return replace(laid, work=laid.work._replace(capacity=laid.work.capacity * float(rng.choice(ITEMS))))


def large(projects: int = 20, phases: int = 8) -> Plan:
    """Campuses in three regions, each phase a year or more after the one before it, so that work fills 780 weeks."""
    rng = np.random.default_rng(7)
    regions = ("us_tx", "us_midwest", "gulf")
    made = tuple(
        Project(
            name=f"campus {n}",
            region=regions[n % len(regions)],
            start=OPENING + dt.timedelta(weeks=int(rng.integers(0, 52))),
            phases=tuple(float(mw) for mw in rng.uniform(100, 500, size=phases)),
            stagger_weeks=440.0 / phases,
            priority=n % 3,
        )
        for n in range(projects)
    )
    return scarce(plan(Portfolio(projects=made)), np.array([0.5, 0.5]), rng)


def scarce(laid: Plan, tightness: np.ndarray, rng: np.random.Generator) -> Plan:
    """The same plan with so few workers and items that all of them would be busy for `tightness` times as long as the
    portfolio takes with plenty of both; growth by week stays as it was."""
    work = laid.work
    free = work._replace(capacity=np.full_like(work.capacity, PLENTY), available=np.full_like(work.available, PLENTY))
    finish = flow(replace(laid, work=free), draws=0).finish
    weeks = min(float(finish.max() - work.release_week.min()), work.pace.shape[1] - 1.0)
    available, capacity = work.available.copy(), work.capacity.copy()
    for k in range(len(available)):
        own = work.crew == k
        wanted = float((work.workers * work.weeks)[own].sum()) / (tightness[0] * rng.uniform(0.6, 1.4))
        most = float(work.workers[own].max(initial=0.0))
        available[k] = np.maximum(most, available[k] * wanted / available[k, : int(weeks)].sum())
    for i in range(len(capacity)):
        wanted = float(work.order_units[work.order_item == i].sum()) / (tightness[1] * rng.uniform(0.6, 1.4))
        capacity[i] *= wanted / capacity[i, : int(weeks)].sum()
    return replace(laid, work=work._replace(available=available, capacity=capacity))
