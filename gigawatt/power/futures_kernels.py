"""The compiled part of futures: outages of machines over a year, and the blocks of its hours in order of cost."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import drawn, kernel, year_key
from gigawatt.power.outages import wait_hours

MOST_MACHINES = 4096  # of one source, so that no two draw the same numbers


@kernel
def in_order(
    key: np.uint64, who: int, machines: int, needed: float, fail: float, repair: float, depth: float, rest: int,
    begins: np.ndarray, share: np.ndarray,
) -> None:  # fmt: skip
    """Share of a source that is in order in every hour, filled into share; `needed` machines give its full power.

    A machine that is out takes `depth` of its power away; `who` tells its draws from those of others. Machine i rests
    for `rest` hours of maintenance from hour begins[i] on, across the year's end if need be.

    Each machine fails and is repaired with a probability `fail` and `repair` an hour, told as waits; it starts the year
    in order or not with the odds of the long run.
    """
    hours = share.size
    share[:] = machines / needed
    for i in range(machines):
        machine, count = who * MOST_MACHINES + i, 0
        down = drawn(key, machine, count) <= fail / (fail + repair)
        t = 0
        while t < hours:
            count += 1
            p = repair if down else fail
            end = min(t + wait_hours(drawn(key, machine, count), p), hours)
            if down:
                for u in range(t, end):
                    if rest == 0 or (u - begins[i]) % hours >= rest:
                        share[u] -= depth / needed
            t, down = end, not down
        for u in range(rest):
            share[(begins[i] + u) % hours] -= depth / needed
    for t in range(hours):
        share[t] = min(max(share[t], 0.0), 1.0)


@kernel
def outage_shares(
    seed: int, year: int, column: np.ndarray, who: np.ndarray, machines: np.ndarray, needed: np.ndarray,
    fail: np.ndarray, repair: np.ndarray, depth: np.ndarray, rest: np.ndarray, first: np.ndarray, begins: np.ndarray,
    share: np.ndarray,
) -> None:  # fmt: skip
    """Share of each group of machines in order, filled into share[group, hour], for year number `year` of a seed."""
    key = year_key(seed, year)
    for g in range(column.size):
        own = begins[int(first[g]) :]
        in_order(
            key, int(who[g]), int(machines[g]), needed[g], fail[g], repair[g], depth[g], int(rest[g]), own, share[g]
        )


@kernel
def combine(base: np.ndarray, slope: np.ndarray, rows: np.ndarray, usual: np.ndarray, out: np.ndarray) -> None:
    """Fills out[t, c] with base[t, c] + sum_r slope[r, c] (rows[r, t] - usual[r, t]); prices may fall below 0.

    A column that follows no row is left as it is.
    """
    hours, columns = base.shape
    for c in range(columns):
        follows = False
        for r in range(slope.shape[0]):
            k = slope[r, c]
            if k != 0.0 and not follows:
                for t in range(hours):
                    out[t, c] = base[t, c] + k * (rows[r, t] - usual[r, t])
            elif k != 0.0:
                for t in range(hours):
                    out[t, c] += k * (rows[r, t] - usual[r, t])
            follows = follows or k != 0.0


@kernel
def tally(
    made: np.ndarray, size: np.ndarray, order: np.ndarray, cost: np.ndarray, carbon: np.ndarray, capacity: np.ndarray,
    made_mwh: np.ndarray, given_mwh: np.ndarray, peaks: np.ndarray,
) -> tuple[float, float]:  # fmt: skip
    """Cost in USD and carbon in t of what the firm sources made; fills what every source made and could have given.

    The free sources are the last place; `peaks` is the most that was drawn through every capacity.
    """
    hours, blocks = made.shape
    usd, carbon_t = 0.0, 0.0
    for t in range(hours):
        for j in range(blocks):
            m = order[t, j]
            mwh = made[t, j]
            made_mwh[m] += mwh
            given_mwh[m] += size[t, j]
            if m < blocks - 1:
                usd += mwh * cost[t, m]
                carbon_t += mwh * carbon[t, m]
                peaks[capacity[t, m]] = max(peaks[capacity[t, m]], mwh)
    return usd, carbon_t
