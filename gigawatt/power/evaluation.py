"""The cost of the best dispatch of given capacities, and a bound on that of all others.

`evaluate` gives a `Cut`: constant + slopes . y is at most the cost of dispatching capacities y, for every y, and equal
to it at the capacities that were asked for. See `chain` for the mathematics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.power import chain
from gigawatt.power.system import Array, Store, System

NO_STORE = Store(charge=-1, discharge=-1, energy=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A bound on the cost of dispatch: constant + slopes . x, in USD, with the prices that prove it."""

    constant: float
    slopes: Array  # (N,), or (N + 1,) with the energy at the start
    price_usd_per_mwh: Array  # (T,)
    worth_usd_per_mwh: Array  # (T,)
    multipliers: Array  # (Q,), USD per unit of each budget

    def at(self, x: Array) -> float:
        """The bound at capacities x, in USD."""
        return self.constant + float(self.slopes @ x)


class Hours:
    """A system as the kernels read it: the blocks of every hour in order of cost, with room for what they fill in.

    The variables are the capacities and, where the store may start with what suits it best, the energy at the start.
    Multipliers price what firm sources take of the budgets.
    """

    def __init__(self, system: System) -> None:
        if not system.chain:
            raise ValueError("the system is no chain over one store")
        self.system = system
        self.store = system.stores[0] if system.stores else NO_STORE
        hours, firm = system.firm_usd_per_mwh.shape
        self.free_start = bool(system.stores) and self.store.start_share is None
        self.count = len(system.names) + self.free_start
        self.load = np.ascontiguousarray(system.load_mw, float)
        self.profile = np.ascontiguousarray(system.free_profile, float)
        self.free_capacity = np.ascontiguousarray(system.free_capacity, np.int64)
        self.firm_cost = np.ascontiguousarray(system.firm_usd_per_mwh, float)
        self.available = np.ascontiguousarray(system.firm_available, float)
        self.firm_capacity = np.ascontiguousarray(system.firm_capacity, np.int64)
        self.use = np.stack([b.use for b in system.budgets]) if system.budgets else np.zeros((0, hours, firm))
        self.cap = np.array([b.cap for b in system.budgets])
        self.cap_slopes = np.zeros((len(system.budgets), self.count))
        for row, budget in zip(self.cap_slopes, system.budgets, strict=True):
            if budget.per_capacity is not None:
                row[: len(system.names)] = budget.per_capacity
        self.order = np.tile(np.append(firm, np.arange(firm)), (hours, 1)).astype(np.int64)
        self.cost, self.size = np.empty((hours, firm + 1)), np.empty((hours, firm + 1))
        self.usable = np.empty((hours, firm))
        self.need, self.lo, self.hi, self.most = np.empty(hours), np.empty(hours), np.empty(hours), np.empty(hours)
        self.after = np.zeros(2)
        self.slope, self.length = (
            np.empty((hours, 2 * firm + 2 + chain.SPARE)),
            np.empty((hours, 2 * firm + 2 + chain.SPARE)),
        )
        self.multipliers = np.zeros(len(system.budgets))
        self.renew()

    def price_budgets(self, multipliers: Array) -> None:
        """Put the blocks of every hour in order of cost, budgets priced at `multipliers`."""
        if not np.array_equal(multipliers, self.multipliers):
            self.multipliers = multipliers.copy()
            self.renew()

    def renew(self) -> None:
        """Put the blocks in order after costs or availability have changed."""
        self.paid = self.firm_cost
        for multiplier, use in zip(self.multipliers, self.use, strict=True):
            self.paid = self.paid + multiplier * use
        shed = self.system.shed_usd_per_mwh
        self.burns = chain.order_blocks(self.paid, self.available, shed, self.order, self.cost, self.usable)

    def fill(self, x: Array) -> tuple[float, float, float, float, float]:
        """Fill need and block sizes for capacities x; the store's charge, discharge, energy, and its start and end."""
        chain.fill_blocks(
            self.load, self.profile, self.free_capacity, self.usable, self.firm_capacity, self.order, x,
            self.need, self.size,
        )  # fmt: skip
        if not self.system.stores:
            return 0.0, 0.0, 0.0, 0.0, 0.0
        store = self.store
        start = x[-1] if store.start_share is None else store.start_share * x[store.energy]
        return x[store.charge], x[store.discharge], x[store.energy], start, start

    def segments(self, charge: float, discharge: float) -> None:
        """Fill the cost of every hour against what the store gives up; call `fill` first."""
        chain.hour_segments(
            self.need, self.size, self.cost, self.system.shed_usd_per_mwh, *self.losses, charge, discharge, self.burns,
            self.slope, self.length, self.most,
        )  # fmt: skip

    def value(self, charge: float, discharge: float, energy: float, start: float, finish: float) -> float:
        """The slope of the value of stored energy at the start, in USD per MWh; fills the bounds of every hour."""
        self.segments(charge, discharge)
        most_in = self.losses[0] * charge
        return chain.value_bounds(
            self.slope, self.length, self.most, most_in, energy, start, finish, self.lo, self.hi, self.after
        )

    @property
    def losses(self) -> tuple[float, float, float]:
        """Efficiency of charging and of discharging, and wear in USD per MWh."""
        return self.store.charge_efficiency, self.store.discharge_efficiency, self.store.wear_usd_per_mwh


def evaluate(hours: Hours, x: Array, multipliers: Array | None = None) -> Cut:
    """The cost of the best dispatch of capacities x as a cut that touches it there, budgets priced at `multipliers`."""
    if multipliers is not None:
        hours.price_budgets(multipliers)
    charge, discharge, energy, start, finish = hours.fill(x)
    ec, ed, wear = hours.losses
    shed, blocks = hours.system.shed_usd_per_mwh, (hours.need, hours.size, hours.cost)
    worth, price = np.zeros(len(hours.load)), np.empty(len(hours.load))
    if energy > 0.0:
        slope = hours.value(charge, discharge, energy, start, finish)
        chain.worth_of_energy(slope, hours.lo, hours.hi, worth)
        chain.prices(*blocks, shed, ec, ed, wear, charge, discharge, worth, price)
    else:  # nothing can be stored: energy is worth what it would bring in the same hour
        chain.prices(*blocks, shed, ec, ed, wear, 0.0, 0.0, worth, price)
        worth[:] = (price - wear) * ed
    return cut_of(hours, price, worth)


def cut_of(hours: Hours, price: Array, worth: Array) -> Cut:
    """The bound that these prices and worths of stored energy prove, at the hours' own costs and multipliers.

    They may come from another system of the same hours: the bound holds, only less tight. No price is above that of
    load that is not served.
    """
    price = np.minimum(price, hours.system.shed_usd_per_mwh)
    slopes = np.zeros(hours.count)
    load_usd = chain.source_slopes(
        price, hours.load, hours.profile, hours.free_capacity, hours.paid, hours.available, hours.firm_capacity, slopes
    )
    if hours.system.stores:
        store, part = hours.store, np.empty(4)
        chain.store_slopes(price, worth, *hours.losses, part)
        for place, value in zip((store.charge, store.discharge, store.energy), part, strict=False):
            slopes[place] += value
        if hours.free_start:
            slopes[-1] += part[chain.START]
        else:
            slopes[store.energy] += store.start_share * part[chain.START]
    mu = hours.multipliers
    return Cut(
        constant=load_usd - float(mu @ hours.cap),
        slopes=slopes - mu @ hours.cap_slopes if mu.size else slopes,
        price_usd_per_mwh=price,
        worth_usd_per_mwh=worth,
        multipliers=mu,
    )
