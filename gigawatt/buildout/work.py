"""A portfolio as arrays: every task, order and pool; what the fluid engine, the event simulation and the exact
schedule all read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Work(NamedTuple):
    """Tasks stand with predecessors first. Times are weeks from the start of the plan.

    Ranges are widths of the logarithm below and above the median (see `Spread`). Shapes: tasks, orders, edges (one for
    each predecessor of each task), pools (of supply), crews (pools of workers), weeks, shocks, calendars.
    """

    project: np.ndarray  # (tasks,) index of the project
    phase: np.ndarray  # (tasks,) index of the phase, -1 for what is done once for the site
    stage: np.ndarray  # (tasks,) index of the stage
    region: np.ndarray  # (tasks,) index of the region
    weeks: np.ndarray  # (tasks,) duration, median; 0 for what is done
    down: np.ndarray  # (tasks,)
    up: np.ndarray  # (tasks,)
    release_week: np.ndarray  # (tasks,) not before
    rank: np.ndarray  # (tasks,) lower goes first where workers are short
    crew: np.ndarray  # (tasks,) index of the pool of workers, -1 for none
    workers: np.ndarray  # (tasks,) held from begin to finish
    calendar: np.ndarray  # (tasks,) index of the calendar
    luck: np.ndarray  # (tasks,) number of its own luck, by its name: the same in every portfolio
    project_luck: np.ndarray  # (tasks,) number of the luck of its project
    first_before: np.ndarray  # (tasks + 1,) predecessors of task j: before[first_before[j]:first_before[j + 1]]
    before: np.ndarray  # (edges,)
    first_order: np.ndarray  # (tasks + 1,) orders that task j waits for
    order_item: np.ndarray  # (orders,) index of the pool
    order_units: np.ndarray  # (orders,) median
    units_down: np.ndarray  # (orders,)
    units_up: np.ndarray  # (orders,)
    order_week: np.ndarray  # (orders,) when it is placed
    order_rank: np.ndarray  # (orders,) lower is served first
    lead_weeks: np.ndarray  # (orders,) order to delivery, median
    lead_down: np.ndarray  # (orders,)
    lead_up: np.ndarray  # (orders,)
    first_in_pool: np.ndarray  # (pools + 1,) orders of pool i: in_pool[first_in_pool[i]:first_in_pool[i + 1]]
    in_pool: np.ndarray  # (orders,) in the order of placing
    capacity: np.ndarray  # (pools, weeks) units a week open to the portfolio, median
    level_down: np.ndarray  # (pools,) of the level of capacity
    level_up: np.ndarray  # (pools,)
    pool_luck: np.ndarray  # (pools,) number of the luck of a pool, by its name
    available: np.ndarray  # (crews, weeks) workers
    pace: np.ndarray  # (calendars, weeks) share of a full week's work that is done
    shock_per_week: np.ndarray  # (shocks,)
    shock_weeks: np.ndarray  # (shocks,) how long it lasts, median
    shock_down: np.ndarray  # (shocks,)
    shock_up: np.ndarray  # (shocks,)
    shock_luck: np.ndarray  # (shocks,) number of the luck of a shock, by its name
    shock_cut: np.ndarray  # (shocks, pools) share of capacity that is lost
    world_share: float  # of the variance of durations that all projects share
    project_share: float  # that the tasks of a project share
    supply_share: float  # of the variance of levels of supply that all pools share
