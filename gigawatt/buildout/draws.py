"""One draw of everything uncertain in a portfolio: durations, lead times, and what suppliers and crews give."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gigawatt.buildout.spread import normal, stretched
from gigawatt.buildout.work import Work
from gigawatt.compiled import drawn, kernel, year_key

WORLD, PROJECT, TASK, ITEM = range(4)  # streams of random numbers; 4 is not used
LEVEL, SHOCK = range(5, 7)
MEDIAN = -1  # number of the draw in which everything takes its median and no shock comes


class Drawn(NamedTuple):
    """What one draw made of the uncertain parts of `Work`."""

    weeks: np.ndarray  # (tasks,) duration on a full calendar and with all its workers
    lead_weeks: np.ndarray  # (orders,)
    units: np.ndarray  # (orders,) amount of the item
    capacity: np.ndarray  # (pools, weeks) units a week


def blank(work: Work) -> Drawn:
    """Room for one draw."""
    orders, pools = len(work.order_item), work.capacity.shape
    return Drawn(np.empty(len(work.weeks)), np.empty(orders), np.empty(orders), np.empty(pools))


@kernel
def draw(work: Work, seed: int, number: int) -> Drawn:
    """Draw `number` of a seed; the same whatever else is drawn. `MEDIAN` gives medians without shocks.

    Every project, task, pool and shock has luck of its own that goes by its name: it does not change with what else is
    in the portfolio.

    Durations share a part of their luck: of the variance of the logarithm `world_share` is common to all projects and
    `project_share` to the tasks of one. Lead times and levels of supply of a pool are drawn once for the pool.
    """
    tasks, orders = len(work.weeks), len(work.order_item)
    found = Drawn(np.empty(tasks), np.empty(orders), np.empty(orders), np.empty(work.capacity.shape))
    redraw(work, seed, number, found)
    return found


@kernel
def redraw(work: Work, seed: int, number: int, found: Drawn) -> None:
    """As `draw`, into the room of an earlier draw.

    Changes: found.
    """
    key = year_key(seed, number)
    certain = number == MEDIAN
    last_for(work, key, certain, found.weeks)
    pools, horizon = work.capacity.shape
    common = 0.0 if certain else math.sqrt(work.supply_share) * normal(key, LEVEL, 0)
    for i in range(pools):
        lead_z, amount_z, level_z = 0.0, 0.0, 0.0
        if not certain:
            luck = int(work.pool_luck[i])
            lead_z, amount_z = normal(key, ITEM, 2 * luck), normal(key, ITEM, 2 * luck + 1)
            level_z = common + math.sqrt(1.0 - work.supply_share) * normal(key, LEVEL, 1 + luck)
        for place in range(work.first_in_pool[i], work.first_in_pool[i + 1]):
            o = work.in_pool[place]
            found.lead_weeks[o] = stretched(work.lead_weeks[o], work.lead_down[o], work.lead_up[o], lead_z)
            found.units[o] = stretched(work.order_units[o], work.units_down[o], work.units_up[o], amount_z)
        level = stretched(1.0, work.level_down[i], work.level_up[i], level_z)
        drawn_row, row = found.capacity[i], work.capacity[i]
        for w in range(horizon):
            drawn_row[w] = row[w] * level
    if not certain:
        strike(work, key, found.capacity)


@kernel
def last_for(work: Work, key: np.uint64, certain: bool, weeks: np.ndarray) -> None:
    """How long each task takes. Tasks of a project stand together, so its luck is drawn once.

    Changes: weeks.
    """
    own = math.sqrt(1.0 - work.world_share - work.project_share)
    world = 0.0 if certain else math.sqrt(work.world_share) * normal(key, WORLD, 0)
    of, project = -1, 0.0
    for j in range(len(weeks)):
        z = 0.0
        if not certain and work.down[j] + work.up[j] > 0.0:
            if work.project[j] != of:
                of = int(work.project[j])
                project = math.sqrt(work.project_share) * normal(key, PROJECT, int(work.project_luck[j]))
            z = own * normal(key, TASK, int(work.luck[j])) + (world + project)
        weeks[j] = stretched(work.weeks[j], work.down[j], work.up[j], z)


@kernel
def strike(work: Work, key: np.uint64, capacity: np.ndarray) -> None:
    """Shocks arrive at random (Poisson); while one lasts, each pool that it hits gives less by the shock's cut.

    Changes: capacity.
    """
    pools, horizon = capacity.shape
    for s in range(len(work.shock_per_week)):
        count, at = 0, 0.0
        while work.shock_per_week[s] > 0.0:
            turn = int(work.shock_luck[s]) + count
            at -= math.log(drawn(key, SHOCK, turn)) / work.shock_per_week[s]
            if at >= horizon:
                break
            z = normal(key, SHOCK + 1, turn)
            lasts = stretched(work.shock_weeks[s], work.shock_down[s], work.shock_up[s], z)
            for w in range(int(at), min(horizon, int(at + lasts) + 1)):
                share = min(w + 1.0, at + lasts) - max(float(w), at)  # of this week that the shock lasts
                for i in range(pools):
                    capacity[i, w] *= 1.0 - work.shock_cut[s, i] * max(0.0, share)
            at += lasts
            count += 1
