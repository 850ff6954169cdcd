"""When a rate of build-out is first sustained if it is ordered from now on, what holds it, and what more would gain."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.design import Design, chips_per_mw
from gigawatt.buildout.fluid import Ensemble, ensemble
from gigawatt.buildout.outcome import QUANTILES, date_of, quantiles, week_of
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.programme import MIXED, programme
from gigawatt.buildout.projects import OPENING
from gigawatt.buildout.shadow import capacities, relaxed
from gigawatt.units import HOURS_PER_WEEK

Array = np.ndarray
SUSTAINED_WEEKS = 13  # over which the rate is meant
MORE = 0.1  # of the capacity, by which an item is relaxed
TOLD = 0.002  # share of the waiting below which an item is not told
MOST_RELAXED = 10
H100E = 989e12  # dense BF16 FLOP/s of the chip whose rent the catalog holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """An item or a trade, over all its supplies, that the programme waits for."""

    item: str
    waiting_share: float  # of all MW-weeks of waiting until the rate is sustained
    first_week: int | None  # in which it is what most MW wait for in some region; None: it never is
    last_week: int | None
    supply_now: float  # capacity in the first week over what the rate needs
    suffices_week: float  # from which capacity is as large as what the rate needs; inf: not within the plan
    short_at_end: float  # share of the need that is missing in the last week
    gain_weeks: float | None  # by which a tenth more brings the date of the rate forward, mean; None: not asked
    power_weeks: float | None  # by which the power that is up on that date is up earlier
    gain_mw_weeks: float | None  # of power up until the end of the plan
    gain_usd: float | None  # their rent


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The answer: weeks from the start at which the rate is sustained, by draw; infinite: not within the plan."""

    mw_per_week: float
    plan: Plan
    draws: int
    week: Array  # (draws,)
    usd_per_mw_week: float
    mw_by_week: Array  # (weeks,) mean of the draws
    binding: tuple[Binding, ...]  # the most waited for first

    def dates(self) -> tuple[dt.date | None, ...]:
        """P10, P50 and P90; None where it does not come within the plan."""
        return tuple(date_of(self.plan, float(week)) for week in quantiles(self.week, QUANTILES))

    def by_year(self) -> dict[int, float]:
        """Probability that the rate is sustained by the end of each year of the plan."""
        start = self.plan.portfolio.start
        end = start + dt.timedelta(weeks=self.plan.portfolio.weeks)
        return {
            year: float((self.week <= week_of(self.plan, dt.date(year, 12, 31))).mean())
            for year in range(start.year, end.year)
        }

    @property
    def never(self) -> float:
        """Share of the draws in which the rate is not sustained within the plan."""
        return float(np.isinf(self.week).mean())


def when(
    mw_per_week: float, share: float = 1.0, regions: Sequence[str] = (), start: dt.date = OPENING,
    power: str = MIXED, draws: int = 200, seed: int = 1, threads: int | None = None, relax: bool = True,
    said: Callable[[str, float], None] = lambda what, done: None,
) -> When:  # fmt: skip
    """When `mw_per_week`, ordered from `start` on, is first reached as a mean over 13 weeks.

    See `programme` for what is ordered. Crews are shared in parts, for a cohort stands for several campuses.

    Args:
        relax: Also find what a tenth more of each binding item gains, with the same draws.
        said: Is told what is being done, and the share done.

    Raises:
        ValueError: The target is not above 0, or see `programme`.
    """
    if not 0.0 < mw_per_week < math.inf:
        raise ValueError(f"target {mw_per_week:g} MW/week: wants above 0")
    said("laying out the programme", 0.0)
    laid = programme(mw_per_week, share, regions, start, power)
    said(f"{max(draws, 1)} draws of {len(laid.portfolio.projects)} cohorts", 0.05)
    base = ensemble(laid, draws, seed, threads, parts=True)
    value = usd_per_mw_week()
    rows = []
    groups = _by_waiting(base, _until(base, mw_per_week))
    for n, (name, codes, held) in enumerate(groups):
        more: Ensemble | None = None
        if relax and n < MOST_RELAXED:
            said(f"a tenth more of {name}", (1.0 + n) / (1.0 + min(len(groups), MOST_RELAXED)))
            more = ensemble(relaxed(laid, codes, 1.0 + MORE), draws, seed, threads, parts=True)
        rows.append(_row(base, more, mw_per_week, name, codes, held, value))
    return When(
        mw_per_week=mw_per_week, plan=laid, draws=draws, week=reached(base, mw_per_week), usd_per_mw_week=value,
        mw_by_week=base.mw_by_week().mean(axis=0), binding=tuple(rows),
    )  # fmt: skip


def reached(found: Ensemble, mw_per_week: float) -> Array:
    """The end of the first 13 weeks in which as much comes up in the mean; shape (draws,), infinite where none are."""
    mw = np.cumsum(found.mw_by_week(), axis=1)
    window = mw[:, SUSTAINED_WEEKS:] - mw[:, :-SUSTAINED_WEEKS]
    enough = window >= mw_per_week * SUSTAINED_WEEKS * (1 - 1e-9)
    return np.where(enough.any(axis=1), enough.argmax(axis=1) + SUSTAINED_WEEKS + 1.0, math.inf)


def usd_per_mw_week() -> float:
    """Rent of a MW-week of site power: its chips at the catalog's opening rent of an H100's arithmetic, all let."""
    design = Design()
    rent = float(catalog.value("parameters", "market.opening_rent_usd_per_h100e_h", "value"))
    chips = chips_per_mw(design).median
    chips *= float(catalog.value("chips", design.chip, "bf16_flop_per_s")) / H100E
    return chips * rent * HOURS_PER_WEEK


def _until(found: Ensemble, mw_per_week: float) -> int:
    """The week by which the rate is sustained in half of the draws, or the last one."""
    week = float(quantiles(reached(found, mw_per_week), (0.5,))[0])
    return int(min(week, found.plan.portfolio.weeks))


def _by_waiting(found: Ensemble, until: int) -> list[tuple[str, list[int], Array]]:
    """Items and trades by name: the codes of their supplies, and MW that wait by region and week until then."""
    laid = found.plan
    names = [pool.item.name for pool in laid.pools] + [crew.trade for crew in laid.crews]
    groups: dict[str, list[int]] = {}
    for code, name in enumerate(names):
        groups.setdefault(name, []).append(code)
    held = {name: found.waiting_mw[codes].sum(axis=0)[:, :until] for name, codes in groups.items()}
    total = sum(float(waits.sum()) for waits in held.values())
    kept = [name for name in groups if held[name].sum() > TOLD * total]
    return [(name, groups[name], held[name] / total) for name in sorted(kept, key=lambda name: -held[name].sum())]


def _row(
    base: Ensemble, more: Ensemble | None, mw_per_week: float, name: str, codes: list[int], held: Array, value: float
) -> Binding:
    """One item or trade: how much of the waiting is for it, how its supply compares, and what a tenth more gains."""
    binds = np.flatnonzero(np.isin(base.binding()[:, : held.shape[1]], codes).any(axis=0))
    ratio = _supply(base.plan, codes)
    enough = np.flatnonzero(ratio >= 1.0)
    gain_mw = None if more is None else float((more.up_mw_weeks() - base.up_mw_weeks()).mean())
    return Binding(
        item=name,
        waiting_share=float(held.sum()),
        first_week=int(binds[0]) if len(binds) else None,
        last_week=int(binds[-1]) if len(binds) else None,
        supply_now=float(ratio[0]),
        suffices_week=float(enough[0]) if len(enough) else math.inf,
        short_at_end=max(0.0, 1.0 - float(ratio[-1])),
        gain_weeks=None if more is None else _earlier(base, more, mw_per_week),
        power_weeks=None if more is None else _power_earlier(base, more, held.shape[1]),
        gain_mw_weeks=gain_mw,
        gain_usd=None if gain_mw is None else gain_mw * value,
    )


def _earlier(base: Ensemble, more: Ensemble, mw_per_week: float) -> float:
    """Weeks by which the date comes forward, mean of the draws; one that does not come counts as the plan's end."""
    weeks = base.plan.portfolio.weeks
    before, after = (np.minimum(reached(found, mw_per_week), weeks) for found in (base, more))
    return float((before - after).mean())


def _power_earlier(base: Ensemble, more: Ensemble, until: int) -> float:
    """Weeks by which the mean power that is up by the end of week `until` - 1 comes up earlier."""
    before, after = (np.concatenate(([0.0], found.energised_mw().sum(axis=0))) for found in (base, more))
    return until - float(np.interp(before[until], after, np.arange(len(after))))


def _supply(laid: Plan, codes: list[int]) -> Array:
    """Median capacity over what the programme needs in a week, several supplies added up; shape (weeks,)."""
    work, pools = laid.work, len(laid.pools)
    need = 0.0
    for code in codes:
        if code < pools:
            need += float(work.order_units[work.order_item == code].sum())
        else:
            need += float((work.workers * work.weeks)[work.crew == code - pools].sum())
    return np.asarray(capacities(laid)[codes].sum(axis=0) * laid.portfolio.weeks / need)
