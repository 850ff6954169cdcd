"""One draw of everything uncertain in a portfolio: durations, lead times, and what suppliers and crews give."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gigawatt.buildout.spread import normal, stretched
from gigawatt.buildout.work import Work
from gigawatt.compiled import drawn, kernel, year_key

WORLD, PROJECT, TASK, ITEM, ORDER, LEVEL, SHOCK = range(7)  # streams of random numbers
MEDIAN = -1  # number of the draw in which everything takes its median and no shock comes


class Drawn(NamedTuple):
    """What one draw made of the uncertain parts of `Work`."""

    weeks: np.ndarray  # (tasks,) duration on a full calendar and with all its workers
    lead_weeks: np.ndarray  # (orders,)
    units: np.ndarray  # (orders,) amount of the item
    capacity: np.ndarray  # (pools, weeks) units a week


@kernel
def draw(work: Work, seed: int, number: int) -> Drawn:
    """Draw `number` of a seed; the same whatever else is drawn. `MEDIAN` gives medians without shocks.

    Durations share a part of their luck: of the variance of the logarithm `world_share` is common to all projects and
    `project_share` to the tasks of one. Lead times and levels of supply of a pool are drawn once for the pool.
    """
    key = year_key(seed, number)
    certain = number == MEDIAN
    tasks, orders = len(work.weeks), len(work.order_item)
    pools, horizon = work.capacity.shape
    world = math.sqrt(work.world_share)
    project = math.sqrt(work.project_share)
    own = math.sqrt(1.0 - work.world_share - work.project_share)
    weeks, lead_weeks, units = np.empty(tasks), np.empty(orders), np.empty(orders)
    for j in range(tasks):
        z = 0.0
        if not certain and work.down[j] + work.up[j] > 0.0:
            z = own * normal(key, TASK, j)
            z += world * normal(key, WORLD, 0) + project * normal(key, PROJECT, int(work.project[j]))
        weeks[j] = stretched(work.weeks[j], work.down[j], work.up[j], z)
    lead_z, level_z, amount_z = np.zeros(pools), np.zeros(pools), np.zeros(pools)
    if not certain:
        for i in range(pools):
            lead_z[i], amount_z[i] = normal(key, ITEM, 2 * i), normal(key, ITEM, 2 * i + 1)
            level_z[i] = math.sqrt(work.supply_share) * normal(key, LEVEL, 0)
            level_z[i] += math.sqrt(1.0 - work.supply_share) * normal(key, LEVEL, 1 + i)
    for o in range(orders):
        i = int(work.order_item[o])
        lead_weeks[o] = stretched(work.lead_weeks[o], work.lead_down[o], work.lead_up[o], lead_z[i])
        units[o] = stretched(work.order_units[o], work.units_down[o], work.units_up[o], amount_z[i])
    capacity = np.empty((pools, horizon))
    for i in range(pools):
        level = stretched(1.0, work.level_down[i], work.level_up[i], level_z[i])
        for w in range(horizon):
            capacity[i, w] = work.capacity[i, w] * level
    if not certain:
        strike(work, key, capacity)
    return Drawn(weeks, lead_weeks, units, capacity)


@kernel
def strike(work: Work, key: np.uint64, capacity: np.ndarray) -> None:
    """Shocks arrive at random (Poisson); while one lasts, each pool that it hits gives less by the shock's cut.

    Changes: capacity.
    """
    pools, horizon = capacity.shape
    for s in range(len(work.shock_per_week)):
        count, at = 0, 0.0
        while work.shock_per_week[s] > 0.0:
            at -= math.log(drawn(key, SHOCK, 2 * (count * len(work.shock_per_week) + s))) / work.shock_per_week[s]
            if at >= horizon:
                break
            z = normal(key, SHOCK + 1, count * len(work.shock_per_week) + s)
            lasts = stretched(work.shock_weeks[s], work.shock_down[s], work.shock_up[s], z)
            for w in range(int(at), min(horizon, int(at + lasts) + 1)):
                share = min(w + 1.0, at + lasts) - max(float(w), at)  # of this week that the shock lasts
                for i in range(pools):
                    capacity[i, w] *= 1.0 - work.shock_cut[s, i] * max(0.0, share)
            at += lasts
            count += 1
