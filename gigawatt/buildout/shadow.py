"""What one more unit of an item's or a crew's capacity is worth: by finite difference with the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.buildout.fluid import ensemble
from gigawatt.buildout.outcome import cause_names
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import Portfolio

STEP = 0.05  # of capacity, by which it is relaxed
PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowPrice:
    """Worth of one more unit a week of an item, or of one more worker, over some weeks of the plan."""

    cause: str  # the item or trade, with its region where it has one
    unit: str
    first_week: int
    last_week: int
    mw_weeks: float  # of power up until the end of the plan, by unit of capacity
    mw_weeks_per_percent: float  # the same for 1 % of what there is in these weeks
    usd: float | None  # of a unit, where a MW-week has a value


def shadow_prices(
    what: Portfolio | Plan, draws: int = 200, seed: int = 1, usd_per_mw_week: float | None = None,
    step: float = STEP, windows: Sequence[tuple[int, int]] = (), threads: int | None = None,
) -> tuple[ShadowPrice, ...]:  # fmt: skip
    """The worth of every item and crew that something waits for, that of the others being 0.

    Units differ from item to item: what comes first is that of which 1 % more is worth most.

    Capacity is raised by the share `step` in all weeks, or in each of `windows` (first week, week after the last), and
    every scenario is run again with the same draws.
    """
    laid = plan(what) if isinstance(what, Portfolio) else what
    base = ensemble(laid, draws, seed, threads)
    held, before = base.waiting_mw.sum(axis=(1, 2)), base.up_mw_weeks().mean()
    units = [pool.item.unit + "/week" for pool in laid.pools] + ["workers"] * len(laid.crews)
    rows = []
    for code, name in enumerate(cause_names(laid)):
        for first, last in windows or ((0, laid.portfolio.weeks),):
            there, gain = float(capacities(laid)[code, first:last].mean()), 0.0
            if held[code] > 0.0 and there > 0.0:  # a share of nothing is nothing
                more = relaxed(laid, (code,), 1.0 + step, first, last)
                gain = float(ensemble(more, draws, seed, threads).up_mw_weeks().mean() - before) / (step * there)
            rows.append(ShadowPrice(
                cause=name, unit=units[code], first_week=first, last_week=last, mw_weeks=gain,
                mw_weeks_per_percent=gain * there / PERCENT,
                usd=None if usd_per_mw_week is None else gain * usd_per_mw_week,
            ))  # fmt: skip
    return tuple(sorted(rows, key=lambda row: -row.mw_weeks_per_percent))


def capacities(laid: Plan) -> np.ndarray:
    """Capacity of each cause by week; shape (pools + crews, weeks)."""
    return np.concatenate((laid.work.capacity, laid.work.available))


def relaxed(laid: Plan, codes: Sequence[int], factor: float, first: int = 0, last: int | None = None) -> Plan:
    """The same plan with `factor` times the capacity of some causes from week `first` to before week `last`."""
    capacity, available = laid.work.capacity.copy(), laid.work.available.copy()
    for code in codes:
        row = capacity[code] if code < len(capacity) else available[code - len(capacity)]
        row[first:last] *= factor
    return replace(laid, work=laid.work._replace(capacity=capacity, available=available))
