"""Dispatch as it is lived: the next days are known only by forecast, and every hour is decided on its own.

Each hour the value of stored energy is found anew from forecasts of the hours ahead (the recursion of `chain` over a
window), and the store does what is best for the hour as it turned out. Beyond the window stored energy is worth
what it was on average at that hour of the day, with perfect foresight. Errors of a forecast of k hours ahead follow

    e_0 = 0,  e_k = stays e_k-1 + spread sqrt(1 - stays^2) z_k,        seen = true (1 + e_k)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from gigawatt.catalog import values_of
from gigawatt.compiled import kernel
from gigawatt.power import chain
from gigawatt.power.dispatch import Dispatch, dispatch_system, flows_of
from gigawatt.power.evaluation import Hours
from gigawatt.power.system import Array, System
from gigawatt.units import HOURS_PER_DAY

LOAD, FREE, PRICE = range(3)  # what forecasts err in
ERRORS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """How far and how well the hours ahead are seen: spreads of relative errors, where leads are long enough."""

    name: str = "foresight"
    window_hours: int = 48
    free_spread: float = 0.0  # of what sun and wind give
    load_spread: float = 0.0
    price_spread: float = 0.0  # of firm sources whose cost changes from hour to hour
    stays: float = 0.0  # correlation of the errors of one hour ahead and the next

    @classmethod
    def from_catalog(cls, name: str = "day_ahead") -> Self:
        """The foresight called `name` in the catalog's table `foresight`."""
        return cls(**values_of("foresight", name, cls))


@kernel
def rolling_worth(
    need: np.ndarray, size: np.ndarray, cost: np.ndarray, moves: np.ndarray, z: np.ndarray, stays: float,
    load_spread: float, free_spread: float, price_spread: float, later: np.ndarray, shed: float, ec: float, ed: float,
    wear: float, charge: float, discharge: float, energy: float, start: float, burns: bool, worth: np.ndarray,
    price: np.ndarray, stored: np.ndarray,
) -> None:  # fmt: skip
    """Worth of stored energy as seen in every hour, the price that clears it and the energy left; fills the last three.

    Columns of size and cost are the firm sources, then the free ones; `moves` tells whose cost is forecast.
    """
    hours, blocks = size.shape
    window = z.shape[1]
    room = 2 * blocks + chain.SPARE
    slope, length, most = np.empty((window + 1, room)), np.empty((window + 1, room)), np.empty(window + 1)
    seen_need, seen_size, seen_cost = np.empty(window), np.empty((window, blocks)), np.empty((window, blocks))
    lo, hi, after = np.empty(window + 1), np.empty(window + 1), np.empty(2)
    step, errors = np.sqrt(1.0 - stays**2), np.zeros(z.shape[2])
    s = start
    for t in range(hours):
        ahead = min(window, hours - t)
        errors[:] = 0.0
        for k in range(ahead):
            if k > 0:
                for i in range(errors.size):
                    errors[i] = stays * errors[i] + step * z[t, k, i]
            u = t + k
            seen_need[k] = need[u] * max(1.0 + load_spread * errors[LOAD], 0.0)
            for b in range(blocks):
                factor = max(1.0 + free_spread * errors[FREE], 0.0) if b == blocks - 1 else 1.0
                dearer = 1.0 + price_spread * errors[PRICE] if b < blocks - 1 and moves[b] else 1.0
                kept = min(cost[u, b] * dearer, shed)
                place = b  # blocks are put in order as they come
                while place > 0 and seen_cost[k, place - 1] > kept:
                    seen_cost[k, place], seen_size[k, place] = seen_cost[k, place - 1], seen_size[k, place - 1]
                    place -= 1
                seen_cost[k, place], seen_size[k, place] = kept, size[u, b] * factor
        chain.hour_segments(
            seen_need[:ahead], seen_size[:ahead], seen_cost[:ahead], shed, ec, ed, wear, charge, discharge, burns,
            slope, length, most,
        )  # fmt: skip
        # After the window the store is emptied at what energy is worth by then; nothing is charged there.
        slope[ahead, 0], length[ahead, 0] = -np.inf, ec * charge
        slope[ahead, 1], length[ahead, 1] = -later[(t + ahead) % later.size], energy
        slope[ahead, 2], length[ahead, 2] = np.inf, np.inf
        most[ahead] = energy
        top = chain.value_bounds(
            slope[: ahead + 1], length[: ahead + 1], most[: ahead + 1], ec * charge, energy, s, 0.0, lo, hi, after
        )
        worth[t] = -top
        bid, ask = ec * worth[t], worth[t] / ed + wear
        price[t] = chain.clearing_price(seen_need[0], seen_size[0], seen_cost[0], shed, charge, discharge, bid, ask)
        s = first_move(slope[0], length[0], ec * charge, top, -(shed - wear) * ed, after, s)
        stored[t] = s


@kernel
def first_move(
    slope: np.ndarray, length: np.ndarray, most_in: float, top: float, lost: float, after: np.ndarray, s: float
) -> float:
    """Energy left after the first hour in MWh: as near to what there is as the worth of energy allows.

    Where it is worth nothing the store takes all it can, since forecasts may turn out too good; where it is worth what
    lost load costs (slope `lost`) it gives all it can, since later hours may turn out better.
    """
    up, down, k = most_in, most_in, 0
    while slope[k] <= top + chain.JOIN:
        up -= length[k] if slope[k] < top - chain.JOIN else 0.0
        down -= length[k]
        k += 1
    low: float = max(after[0], s + down)
    high: float = max(min(after[1], s + up), low)
    if top <= lost + chain.TIE:
        return low
    return high if top >= -chain.JOIN else min(max(s, low), high)


def rolling(
    system: System,
    capacity: Array,
    foresight: Foresight | None = None,
    *,
    rng: np.random.Generator | None = None,
    perfect: Dispatch | None = None,
) -> Dispatch:
    """The dispatch of given capacities when only forecasts of the hours ahead are known.

    Its cost counts what the store holds more at the end than at the start, at the worth of the last hour.

    Args:
        system: A chain over one store, without budgets.
        capacity: (N,).
        foresight: None: the catalog's day-ahead forecasts.
        rng: Draws the errors; None: seed 0.
        perfect: The dispatch with perfect foresight, if it is known already.

    Raises:
        ValueError: The system is no chain, or has budgets.
    """
    if not system.chain or system.budgets or not system.stores:
        raise ValueError("only a system with one store and without budgets can be dispatched hour by hour")
    foresight = foresight or Foresight.from_catalog()
    rng = rng or np.random.default_rng(0)
    perfect = perfect or dispatch_system(system, capacity)
    hours = Hours(system)
    start = float(perfect.stored_mwh[-1, 0])
    x = np.append(capacity, start) if hours.free_start else capacity
    charge, discharge, energy, _, _ = hours.fill(x)
    count = system.hours
    blocks = np.empty_like(hours.size)
    np.put_along_axis(blocks, hours.order, hours.size, axis=1)
    costs = np.append(np.minimum(hours.firm_cost, system.shed_usd_per_mwh), np.zeros((count, 1)), axis=1)
    moves = np.ptp(hours.firm_cost, axis=0) > 0.0
    z = rng.standard_normal((count, min(int(foresight.window_hours), count), ERRORS), np.float32)
    worth, price, stored = np.empty(count), np.empty(count), np.empty(count)
    rolling_worth(
        hours.need, blocks, costs, moves, z, foresight.stays, foresight.load_spread, foresight.free_spread,
        foresight.price_spread, usual_worth(perfect), system.shed_usd_per_mwh, *hours.losses, charge, discharge, energy,
        start, hours.burns, worth, price, stored,
    )  # fmt: skip
    found = flows_of(hours, x, stored, price, worth)
    kept_usd = (stored[-1] - start) * float(perfect.worth_usd_per_mwh[-1, 0])
    return replace(found, cost_usd=found.cost_usd - kept_usd, method="rolling")


def usual_worth(perfect: Dispatch) -> Array:
    """What stored energy is worth on average at each hour of the day, (24,), in USD per MWh."""
    worth = perfect.worth_usd_per_mwh[:, 0]
    return np.array([worth[hour::HOURS_PER_DAY].mean() for hour in range(HOURS_PER_DAY)])
