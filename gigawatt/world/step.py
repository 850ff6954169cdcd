"""The week. Read this first: it is the whole economy on one screen.

Each line names a stage, first the groups of the state that it changes, then what it reads, then its parameters and the
tables. No stage calls another and none changes a group that its docstring does not name, so the call is the interface.
"""

from __future__ import annotations

import numpy as np

from gigawatt.allocation.weekly import allocation, needs
from gigawatt.buildout.weekly import chips
from gigawatt.buildout.weekly_orders import orders
from gigawatt.buildout.weekly_sites import sites
from gigawatt.buildout.weekly_supply import suppliers
from gigawatt.compiled import kernel, woven
from gigawatt.deals.weekly import contracts, deals_due, deliveries
from gigawatt.finance.weekly import finance
from gigawatt.finance.weekly_operating import revenue_and_cost
from gigawatt.inference.weekly import technology
from gigawatt.ledger import ledgers, open_week
from gigawatt.market.weekly import choice, demand, forecast
from gigawatt.power.weekly import power_flow
from gigawatt.serving.weekly import supply
from gigawatt.training.weekly import budgets, training
from gigawatt.world.events import events


@woven
def step(week: int, seed: int, w: np.record, p: np.record, t: np.record) -> None:
    """One week of the world `w` with parameters `p` and tables `t`."""
    open_week(w.books)
    events(week, seed, w.climate, p.events, t)
    technology(week, w.tech, w.power, p.tech, p.fleet, p.cost, t)
    demand(week, w.market, w.climate, p.market, t)
    supply(w.fleet, w.lease, w.power, w.tech, p.fleet, t)
    needs(week, w.use, w.market, w.fleet, w.lab, p.market, t)
    allocation(w.use, w.market, w.fleet, p.market, t)
    power_flow(week, w.power, w.fleet, w.lease, w.use, p.fleet, p.cost, t)
    revenue_and_cost(w.books, w.plan, w.market, w.use, w.lease, w.power, p.cost, p.deals.take_or_pay, t)
    training(w.lab, w.market, w.use, w.tech, p.lab, t)
    choice(w.market, w.use, w.fleet, w.power, p.market, p.fleet.pue, p.cost, t)
    forecast(w.plan, w.use, p.plan, t)
    budgets(w.lab, w.plan, w.market, w.books, p.lab, t)
    deals_due(week, w.books, w.deal, w.lease, w.build, w.plan, w.market, w.tech, p.deals, p.finance, t)
    contracts(week, w.lease, w.plan, w.fleet, w.build, w.market, w.tech, p.deals, t)
    deliveries(w.lease, w.fleet, w.use, w.tech, p.deals, t)
    orders(week, w.build, w.plan, w.lease, w.fleet, w.power, w.market, w.tech, w.climate, p.plan, p.fleet.pue, t)
    chips(week, w.build, w.fleet, w.books, w.deal, w.tech, w.climate, w.plan, p.build, p.finance, t)
    sites(w.build, w.power, w.books, w.climate, w.market, w.tech, p.build, p.cost, t)
    suppliers(week, w.build, w.books, p.build, t)
    finance(week, w.books, w.plan, w.lease, w.build, w.climate, w.deal, p.finance, p.cost, t)
    ledgers(w.error, w.books, w.fleet, w.lease, w.use, w.power, p.fleet, t)


@kernel
def run(w: np.record, p: np.record, t: np.record, first: int, weeks: int, seed: int, history: np.ndarray) -> None:
    """Weeks `first` to `first + weeks`; row n of `history`, if it has rows, becomes the state after week first + n."""
    for n in range(weeks):
        step(first + n, seed, w, p, t)
        if n < len(history):
            history[n] = w
