"""What a programme waits for, supply by supply: how long, how it compares with the need, and what more would gain."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.fluid import Ensemble
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.programme import is_cohort, ordered_from
from gigawatt.buildout.shadow import capacities

Array = np.ndarray
TOLD = 0.01  # share of the waiting below which a supply is not told
ERRORS = 2.0  # standard errors that a gain has to exceed


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A supply of an item or the workers of a trade in a nation, or all of them together."""

    name: str
    codes: tuple[int, ...]  # causes, see `outcome.cause_names`
    waiting_share: float  # of all MW-weeks of waiting beyond lead times
    held: Array  # (weeks,) in which it is what most MW wait for in some region, until the rate is sustained


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A supply that the programme waits for; a gain within twice its standard error is None, as is one not asked."""

    item: str
    supplies: int  # 1, or several that are told together
    asked: bool  # whether it was found out what a tenth more gains
    waiting_share: float  # of all MW-weeks of waiting beyond lead times until the rate is sustained
    first_week: int | None  # in which it is what most MW wait for in some region; None: it never is
    last_week: int | None
    supply_now: float  # capacity in the week of the first orders over what the programme orders a week in the mean
    suffices_week: float  # from which capacity is as large as that; inf: not within the plan
    short_at_end: float  # share of that which is missing in the last week
    gain_weeks: float | None  # by which a tenth more brings the date of the rate forward, mean of the draws
    gain_weeks_error: float | None  # standard error of it
    power_weeks: float | None  # by which the power that is up on the median date is up earlier
    gain_mw_weeks: float | None  # of power up until the end of the plan
    gain_usd: float | None  # their rent


def supplies_by_waiting(found: Ensemble, until: int, regions: Sequence[str]) -> list[Supply]:
    """What is waited for in some regions in the weeks before `until`, the most waited for first.

    Where more than one supply of an item or trade is waited for, all of them together stand beside each.
    """
    here = [found.plan.regions.index(region) for region in regions]
    waits = found.waiting_mw[:, here, :until].sum(axis=(1, 2))
    total = float(waits.sum())
    binds = found.binding()[here, :until]
    names = supply_names(found.plan)
    groups: list[tuple[tuple[int, ...], str]] = [((code,), names[code]) for code in range(len(waits))]
    groups += [(codes, f"{name}, all") for name, codes in _alike(found.plan, waits).items() if len(codes) > 1]
    rows = [
        Supply(name=name, codes=codes, waiting_share=float(waits[list(codes)].sum()) / total,
               held=np.flatnonzero(np.isin(binds, codes).any(axis=0)))
        for codes, name in groups if waits[list(codes)].sum() > TOLD * total
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row.waiting_share)


def supply_names(laid: Plan) -> tuple[str, ...]:
    """Items, with their region where it has its own and the others as `outside` it; trades with their nation."""
    items = [pool.item.name for pool in laid.pools]
    alone = {name: [p.regions[0] for p in laid.pools if p.item.name == name and len(p.regions) == 1] for name in items}
    pools = []
    for pool in laid.pools:
        name = pool.item.name
        if items.count(name) == 1:
            pools.append(name)
        elif len(pool.regions) == 1:
            pools.append(f"{name} in {pool.regions[0]}")
        else:
            pools.append(f"{name} outside {', '.join(alone[name])}")
    return (*pools, *(f"{crew.trade} in {crew.place}" for crew in laid.crews))


def as_binding(
    base: Ensemble, supply: Supply, gains: Sequence[Array], usd_per_mw_week: float, start: dt.date, certain: bool
) -> Binding:
    """A supply with what it gains; `gains` by draw: weeks of the date, weeks of the power, MW-weeks; empty: not asked.

    Args:
        certain: Whether there is one draw at medians, which has no error.
    """
    first = ordered_from(start, base.plan.portfolio.weeks)
    ratio = supply_over_need(base.plan, supply.codes, first)
    enough = np.flatnonzero(ratio[first:] >= 1.0)
    weeks, power, mw_weeks = (beyond_error(gain, certain) for gain in gains) if gains else (None, None, None)
    return Binding(
        item=supply.name,
        supplies=len(supply.codes),
        asked=bool(gains),
        waiting_share=supply.waiting_share,
        first_week=int(supply.held[0]) if len(supply.held) else None,
        last_week=int(supply.held[-1]) if len(supply.held) else None,
        supply_now=float(ratio[first]),
        suffices_week=float(first + enough[0]) if len(enough) else math.inf,
        short_at_end=max(0.0, 1.0 - float(ratio[-1])),
        gain_weeks=weeks,
        gain_weeks_error=standard_error(gains[0]) if gains and not certain else None,
        power_weeks=power,
        gain_mw_weeks=mw_weeks,
        gain_usd=None if mw_weeks is None else mw_weeks * usd_per_mw_week,
    )


def beyond_error(gain: Array, certain: bool = False) -> float | None:
    """Mean of the draws; None where it is within twice its standard error, and so may be nothing."""
    mean = float(gain.mean())
    error = 0.0 if certain else standard_error(gain)
    return mean if abs(mean) > ERRORS * error else None


def standard_error(gain: Array) -> float:
    """Of the mean of some draws; infinite for one."""
    return float(gain.std(ddof=1)) / math.sqrt(len(gain)) if len(gain) > 1 else math.inf


def supply_over_need(laid: Plan, codes: Sequence[int], first: int) -> Array:
    """Median capacity over what the cohorts need a week, from the first order to the last; shape (weeks,).

    Cohorts of all regions that share the supplies count, sites under way do not.
    """
    work, pools = laid.work, len(laid.pools)
    ours = np.array([is_cohort(project) for project in laid.portfolio.projects])
    orders = np.repeat(ours[work.project], np.diff(work.first_order))
    tasks = ours[work.project]
    need = 0.0
    for code in codes:
        if code < pools:
            need += float(work.order_units[orders & (work.order_item == code)].sum())
        else:
            need += float((work.workers * work.weeks)[tasks & (work.crew == code - pools)].sum())
    there = capacities(laid)[list(codes)].sum(axis=0) * (laid.portfolio.weeks - first)
    return np.asarray(there / need) if need > 0.0 else np.full(laid.portfolio.weeks, math.inf)


def _alike(laid: Plan, waits: Array) -> dict[str, tuple[int, ...]]:
    """Supplies of each item and trade of which more than one is waited for."""
    kinds = [pool.item.name for pool in laid.pools] + [crew.trade for crew in laid.crews]
    found: dict[str, list[int]] = {}
    for code, kind in enumerate(kinds):
        found.setdefault(kind, []).append(code)
    return {kind: tuple(codes) for kind, codes in found.items() if (waits[codes] > 0.0).sum() > 1}
