"""The search of `sizing`: what is known of a system's cost so far, and where to look next.

Variables x are the capacities and, where the store may start with what suits it best, the energy at its start.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gigawatt.errors import SolveError
from gigawatt.power.dispatch import Dispatch, average, path, spent
from gigawatt.power.evaluation import Cut, Hours, cut_of, evaluate
from gigawatt.power.master import centre
from gigawatt.power.small_program import cheapest_mix, nearest_within
from gigawatt.power.system import Array, System

SMALLEST_STORE = 1e-8  # share of the peak load: a store of nothing has no worth of energy
STORE_HOURS = 4.0  # MWh that count like a MW, so that variables are of like size
GUESS, FIRM_GUESS = 0.6, 1.1  # of the peak load: the first point, where nothing better is known
WIDEST = 100.0  # peak loads: no store charges faster, where a source is paid to run and nothing limits it
STILL = 1e-9  # of its unit: a variable whose limits are nearer than this is fixed
INSET = 1e-3  # of the box: how far inside its walls the path starts
EARLY = 1.2  # the next point is central to this share of the gap
PROGRESS, PATIENCE = 0.9, 3  # a gap that stays above such a share for so many points: go closer,
CLOSER, MOST_CLOSER = 0.5, 10  # by this factor for each further point, so many times at most
LAST = 0.3  # and never to less than this share of the tolerance
HIGH_START = 30.0  # gaps above the cuts where the path starts
ROW_SLACK = 1e-9
TRACE = 1e-4  # of its unit: what is smaller is left out if the plan stays as good
CARRIES = 1e-6  # weight from which on a cut is part of the proof


def with_load_usd(system: System, multipliers: Array) -> float:
    """What a MWh of load is worth by raising the caps of budgets that are shares of the load, in USD per MWh."""
    return float(sum(usd * budget.per_load for usd, budget in zip(multipliers, system.budgets, strict=True)))


class Search:
    """Cuts, evaluated points, the best of them and the bound."""

    def __init__(self, system: System, start: Array | None) -> None:
        self.system, self.hours = system, Hours(system)
        self._set_box()
        self._set_limits()
        self.moving = np.flatnonzero(self.high - self.low > STILL * self.unit)
        # A store is never quite nothing: the bound also holds without that.
        self.not_counted = float(self.capital @ (self.low - self.told_low))
        self.floor = self._least_running_usd()
        self.cuts: list[Cut] = []
        self.weights = np.zeros(0)
        self.tried: list[tuple[Array, Cut]] = []  # points that keep the limits
        self.costs: list[float] = []  # of those, at true prices
        self.beyond: list[Array] = []  # what they use of the budgets above the caps
        self.mix = np.zeros(0)
        self.last_gap, self.idle = np.inf, 0
        self.evaluations, self.bound_usd, self.best_usd = 0, -np.inf, np.inf
        self.multipliers = np.zeros(len(system.budgets))
        self.x = self.best_x = self._first(start)
        if system.budgets:
            self._try_without()

    def _set_box(self) -> None:
        system, n = self.system, self.hours.count
        size, peak = len(system.names), max(float(system.load_mw.max()), 1e-9)
        self.unit = np.full(n, peak)
        self.capital, self.low, self.high = np.zeros(n), np.zeros(n), np.full(n, np.inf)
        self.capital[:size], self.low[:size], self.high[:size] = system.capital_usd, system.least, system.most
        self.told_low = self.low.copy()
        for store in system.stores:
            self.unit[store.energy] *= STORE_HOURS
            for place in {store.charge, store.discharge, store.energy}:
                self.low[place] = max(self.low[place], min(SMALLEST_STORE * self.unit[place], self.high[place]))
        self.high = np.maximum(self.high, self.low)
        if self.hours.free_start:
            self.unit[-1] *= STORE_HOURS
            self.high[-1] = self.high[system.stores[0].energy]

    def _set_limits(self) -> None:
        """The linear limits, each scaled to its largest entry; a store starts with no more than it holds."""
        system, size = self.system, len(self.system.names)
        count = len(system.rows_least) + self.hours.free_start
        self.limits, self.limits_least = np.zeros((count, self.hours.count)), np.zeros(count)
        if len(system.rows_least):
            self.limits[: len(system.rows_least), :size] = system.rows
            self.limits_least[: len(system.rows_least)] = system.rows_least
        if self.hours.free_start:
            self.limits[-1, system.stores[0].energy], self.limits[-1, -1] = 1.0, -1.0
        largest = np.abs(self.limits * self.unit).max(axis=1, initial=0.0)
        largest[largest == 0.0] = 1.0
        self.limits, self.limits_least = self.limits / largest[:, None], self.limits_least / largest

    def _least_running_usd(self) -> float:
        """No dispatch costs less: what is paid for running, at the limits of the sources and of what can be used."""
        system = self.system
        paid = np.minimum(system.firm_usd_per_mwh, 0.0) * system.firm_available
        if not paid.any():
            return 0.0
        high = np.where(np.isfinite(self.high), self.high, WIDEST * self.unit[0])
        used = system.load_mw + sum(high[s.charge] for s in system.stores)
        drawn = np.maximum(-system.free_profile, 0.0)  # by capacities that are a load, such as what may be sold
        used = used + drawn @ high[system.free_capacity]
        most = np.minimum(self.high[system.firm_capacity], used[:, None])
        return float((paid[paid < 0.0] * most[paid < 0.0]).sum())

    def _first(self, start: Array | None) -> Array:
        """The first point to look at, inside all limits."""
        x = GUESS * self.unit
        x[np.unique(self.system.firm_capacity)] = FIRM_GUESS * self.unit[0]  # so that no load is unserved there
        if start is not None:
            x[: len(start)] = start
        x = np.clip(x, self.low, self.high)
        if self.hours.free_start:
            x[-1] = min(0.5 * x[self.system.stores[0].energy], self.high[-1])
        if self._keeps_limits(x):
            return x
        return nearest_within(x, self.unit, self.low, self.high, self.limits, self.limits_least)

    def _keeps_limits(self, x: Array) -> bool:
        return bool((self.limits @ x >= self.limits_least - ROW_SLACK).all())

    def _try_without(self) -> None:
        """Try the first point with budgets so dear that nothing uses them: a plan that keeps them, if any does."""
        use, system = self.hours.use, self.system
        least = np.array([u[u > 0.0].min() if (u > 0.0).any() else 1.0 for u in use])
        dearest = system.shed_usd_per_mwh - min(float(self.hours.firm_cost.min(initial=0.0)), 0.0)
        self._try(self.x, evaluate(self.hours, self.x, 2.0 * dearest / least))
        if (self.beyond[-1] > 0.0).any():
            self.tried, self.costs, self.beyond = [], [], []

    def look(self) -> None:
        """Evaluate the point that is aimed at, and learn from it."""
        cut = evaluate(self.hours, self.x, self.multipliers)
        self.evaluations += 1
        self.cuts.append(cut)
        if self._keeps_limits(self.x):
            self._try(self.x, cut)
        self._choose()

    def remember(self, old: Cut) -> None:
        """Take the bound that the prices of another case of the same hours prove here into account."""
        if len(old.multipliers) == len(self.multipliers):
            self.hours.price_budgets(old.multipliers)
        self.cuts.append(cut_of(self.hours, old.price_usd_per_mwh, old.worth_usd_per_mwh))

    def _try(self, x: Array, cut: Cut) -> None:
        """Keep a point that the limits allow, with what its dispatch costs and uses."""
        cost, beyond = cut.at(x), np.zeros(0)
        if self.system.budgets:
            cost, used = spent(self.hours, x, cut)
            beyond = used - self.hours.cap - self.hours.cap_slopes @ x
        self.tried.append((x.copy(), cut))
        self.costs.append(cost + float(self.capital @ x))
        self.beyond.append(beyond)

    def _choose(self) -> None:
        """The best plan of what was tried: a point, or with budgets the cheapest mix of points that keeps them."""
        if not self.costs:
            return
        if not self.system.budgets:
            if self.costs[-1] < self.best_usd:
                self.best_usd, self.mix = self.costs[-1], np.append(np.zeros(len(self.costs) - 1), 1.0)
                self.best_x = self.tried[-1][0]
            return
        costs = np.array(self.costs)
        found = cheapest_mix(costs, np.array(self.beyond))
        if found is not None:
            self.mix, self.multipliers = found
            self.best_usd = float(self.mix @ costs)
            self.best_x = np.array(sum(w * x for w, (x, _) in zip(self.mix, self.tried, strict=True)))

    def proved(self, tolerance: float) -> bool:
        """Whether the best plan is within `tolerance` of the bound, as a share of its cost."""
        return self.best_usd - self.bound_usd <= tolerance * abs(self.best_usd - self.system.sunk_usd)

    def aim(self, tolerance: float) -> None:
        """Set the next point from the cuts, and raise the bound."""
        if not self.moving.size:
            reached = max(cut.at(self.low) for cut in self.cuts) + float(self.capital @ self.told_low)
            self.bound_usd = max(self.bound_usd, reached)
            return
        money, unit = max(abs(self.best_usd), 1.0), self.unit[self.moving]
        low, high = self._box()
        rows, right = self._master(low, high, money)
        count, size = len(self.cuts), len(self.moving)
        inset = INSET * (high - low)
        w = np.append(np.clip(self.best_x[self.moving] / unit, low + inset, high - inset), 0.0)
        gap = (self.best_usd - max(self.bound_usd, self.floor)) / money
        w[size] = np.max(right[:count] - rows[:count, :size] @ w[:size]) + HIGH_START * gap
        known = np.isinf(self.bound_usd) and count > 1  # cuts of a like case: go straight for what they prove
        wanted = tolerance * abs(self.best_usd - self.system.sunk_usd) / money
        target = max(0.0 if known else EARLY * gap, LAST * wanted) * self._closeness()
        weights = np.zeros(len(rows))
        bound_usd = money * centre(rows, right, count, low, high, w, target, weights) - self.not_counted
        if bound_usd > self.bound_usd:
            self.bound_usd, self.weights = bound_usd, weights[:count]
        self.x = self.low.copy()
        self.x[self.moving] = np.clip(w[:size] * unit, self.low[self.moving], self.high[self.moving])
        if self.hours.free_start:
            self.x[-1] = min(self.x[-1], self.x[self.system.stores[0].energy])

    def _master(self, low: Array, high: Array, money: float) -> tuple[Array, Array]:
        """Rows and right sides of the master program over the moving variables: cuts, box and limits."""
        moving, count, size = self.moving, len(self.cuts), len(self.moving)
        still = np.setdiff1d(np.arange(len(self.low)), moving)
        slopes = (np.array([cut.slopes for cut in self.cuts]) + self.capital) / money
        known = np.array([cut.constant for cut in self.cuts]) / money + slopes[:, still] @ self.low[still]
        limits = self.limits[:, moving] * self.unit[moving] / self.unit[0]
        least = (self.limits_least - self.limits[:, still] @ self.low[still]) / self.unit[0]
        used = limits.any(axis=1)
        rows = np.zeros((count + 2 * size + int(used.sum()), size + 1))
        rows[:count, :size], rows[:count, size] = -slopes[:, moving] * self.unit[moving], 1.0
        rows[count : count + size, :size] = np.eye(size)
        rows[count + size : count + 2 * size, :size] = -np.eye(size)
        rows[count + 2 * size :, :size] = limits[used]
        return rows, np.concatenate([known, low, -high, least[used]])

    def _closeness(self) -> float:
        """How much nearer than usual to go to the least that the cuts allow: where the last points taught nothing."""
        gap = self.best_usd - self.bound_usd
        if gap < PROGRESS * self.last_gap:
            self.last_gap, self.idle = gap, 0
        else:
            self.idle += 1
        return float(CLOSER ** np.clip(self.idle - PATIENCE, 0, MOST_CLOSER))

    def _box(self) -> tuple[Array, Array]:
        """Limits of the moving variables in their units: none is worth more than the best plan costs in all."""
        left = self.best_usd - self.floor - min(float(np.minimum(self.capital, 0.0) @ self._finite_high()), 0.0)
        afford = np.divide(left, self.capital, out=np.full(len(self.low), np.inf), where=self.capital > 0.0)
        high = np.minimum(self.high, np.maximum(afford, self.low))
        if self.hours.free_start:
            high[-1] = min(high[-1], high[self.system.stores[0].energy])
        high = np.maximum(high, self.low + STILL * self.unit)
        return self.low[self.moving] / self.unit[self.moving], high[self.moving] / self.unit[self.moving]

    def _finite_high(self) -> Array:
        return np.where(np.isfinite(self.high), self.high, 0.0)

    def tidy(self, tolerance: float) -> None:
        """Leave out what is built in traces, if limits are kept and the plan stays within `tolerance` of the bound."""
        x = np.where(self.best_x < self.told_low + TRACE * self.unit, self.told_low, self.best_x)
        for store in self.system.stores:
            places = [store.charge, store.discharge, store.energy]
            if not x[places].all():
                x[places] = self.told_low[places]
        if self.hours.free_start:
            x[-1] = min(x[-1], x[self.system.stores[0].energy])
        if self.system.budgets or not self._keeps_limits(x) or np.array_equal(x, self.best_x):
            return
        cut = evaluate(self.hours, x)
        cost = cut.at(x) + float(self.capital @ x)
        if cost - self.bound_usd <= tolerance * abs(cost - self.system.sunk_usd):
            self._try(x, cut)
            self.best_usd, self.best_x = cost, x
            self.mix = np.append(np.zeros(len(self.costs) - 1), 1.0)

    def _check_charging(self) -> None:
        """The least cost of running holds for stores that charge at most at `WIDEST`.

        Raises:
            SolveError: A store with no limit charges faster: it is paid to burn, the more the better.
        """
        for store in self.system.stores:
            open_end = not np.isfinite(self.high[store.charge])
            if self.floor < 0.0 and open_end and self.best_x[store.charge] > WIDEST * self.unit[0]:
                names = ", ".join(self.system.names[k] for k in dict.fromkeys((store.charge, store.discharge)))
                raise SolveError(f"the more of {names}, the less it costs, without end: set an upper limit")

    def best_plan(self) -> tuple[Array, float | None, float, Dispatch]:
        """Capacities, energy at the start, cost and dispatch of the best plan; the cost is that of the dispatch."""
        self._check_charging()
        places = np.flatnonzero(self.mix)
        weights = self.mix[places]
        x = sum(w * self.tried[k][0] for w, k in zip(weights, places, strict=True))
        dispatch = average([path(self.hours, *self.tried[k]) for k in places], weights)
        start = float(x[-1]) if self.hours.free_start else None
        size = len(self.system.names)
        return x[:size], start, dispatch.cost_usd + float(self.capital @ x), self._priced(dispatch)

    def _priced(self, dispatch: Dispatch) -> Dispatch:
        """The dispatch with the prices that prove the bound: those of fixed sizes leave out what is built for a MWh."""
        if not self.weights.size:
            return dispatch
        price, worth = np.zeros(self.system.hours), np.zeros(self.system.hours)
        for weight, cut in zip(self.weights, self.cuts, strict=False):
            price += weight * cut.price_usd_per_mwh
            worth += weight * cut.worth_usd_per_mwh
        price -= with_load_usd(self.system, self.budgets_usd())
        worth = worth[:, None][:, : len(self.system.stores)]
        return replace(dispatch, price_usd_per_mwh=price, worth_usd_per_mwh=worth)

    def budgets_usd(self) -> Array:
        """What one more unit of each budget would save, by the cuts that carry the bound."""
        if not self.weights.size:
            return self.multipliers
        return np.asarray(self.weights @ np.array([cut.multipliers for cut in self.cuts[: len(self.weights)]]))

    def proof(self) -> tuple[Cut, ...]:
        """The cuts that carry the bound."""
        return tuple(cut for cut, weight in zip(self.cuts, self.weights, strict=False) if weight > CARRIES)
