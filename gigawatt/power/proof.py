"""Bounds on the cost of a program from prices alone: exact arithmetic, whatever the tolerances of who found them."""

from __future__ import annotations

import numpy as np

from gigawatt.power.arrays import Program
from gigawatt.power.system import System

Array = np.ndarray


class Proof:
    """A program as a maker of cuts: prices of its rows in, a bound on the cost of all capacities out."""

    def __init__(self, made: Program) -> None:
        self.made = made
        self.cost, self.lower, self.upper = map(np.concatenate, (made.cost, made.lower, made.upper))
        self.row_lower, self.row_upper = map(np.concatenate, (made.row_lower, made.row_upper))
        starts, self.rows, self.values = made.matrix()
        self.column = np.repeat(np.arange(made.width), np.diff(starts))

    def reduced(self, y: Array) -> Array:
        """What one more of each column costs at prices y of the rows."""
        return np.asarray(self.cost - np.bincount(self.column, self.values * y[self.rows], self.made.width))

    def cut(self, duals: Array) -> tuple[float, Array]:
        """Constant and slopes (N,): constant + slopes . x is at most the cost with capacities x, for every x.

        Prices are first made feasible: signs are cut, load is worth no more than shedding it, and the rows that hold
        an hourly column within its capacity take what is missing. So a wrong price makes the bound lower, never wrong.
        """
        made = self.made
        y = np.where(np.isinf(self.row_lower), np.minimum(duals, 0.0), duals)
        y = np.where(np.isinf(self.row_upper), np.maximum(y, 0.0), y)
        balance, shed = made.rows["balance"], made.columns["shed"]
        y[balance] = np.where(np.isinf(self.upper[shed]), np.minimum(y[balance], self.cost[shed]), y[balance])
        for places, _ in made.held:
            y[places] = 0.0
        missing = self.reduced(y)
        for places, columns in made.held:
            y[places] = np.minimum(missing[columns], 0.0)
        z = self.reduced(y)
        for _, columns in made.held:
            z[columns] = np.maximum(missing[columns], 0.0)
        slopes = z[made.columns["capacity"]]
        z[made.columns["capacity"]] = 0.0
        return self._sum(z, self.lower, self.upper) + self._sum(y, self.row_lower, self.row_upper), slopes

    @staticmethod
    def _sum(prices: Array, when_dear: Array, when_cheap: Array) -> float:
        """Prices times the ends where they hold: the lower one of what is dear, the upper one of what is cheap."""
        ends = np.where(prices > 0.0, when_dear, when_cheap)
        there = prices != 0.0
        return float(prices[there] @ ends[there])

    def bound(self, duals: Array, reach: Array) -> float:
        """A bound on the cost of every answer whose capacities are within `reach`; -inf where that does not suffice."""
        constant, slopes = self.cut(duals)
        return constant + self._sum(slopes, self.lower[self.made.columns["capacity"]], reach)


def floor_usd(system: System) -> float:
    """No capacities and dispatch cost less: all that can be earned at the limits, and 0 for the rest."""
    net = net_usd(system, system.capital_usd)
    earning = net < 0.0
    return float(net[earning] @ system.most[earning])


def net_usd(system: System, capital_usd: Array) -> Array:
    """The least that one more MW of each capacity can cost, all that it can be paid for running counted."""
    net = capital_usd.copy()
    np.add.at(net, system.firm_capacity, np.minimum(system.firm_usd_per_mwh, 0.0) * system.firm_available)
    return np.asarray(net)


def reach_mw(system: System, capital_usd: Array, cost_usd: float) -> Array:
    """How much of each capacity an answer can have that costs no more than `cost_usd`; inf where nothing says."""
    net = net_usd(system, capital_usd)
    earning = net < 0.0
    left = cost_usd - float(net[earning] @ system.most[earning])
    dearest = np.divide(left, net, out=np.full(len(net), np.inf), where=net > 0.0)
    return np.asarray(np.clip(dearest * (1.0 + 1e-9), system.least, system.most))
