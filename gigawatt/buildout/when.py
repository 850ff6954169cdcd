"""When a rate of build-out is first sustained if it is ordered from now on, what holds it, and what more would gain."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.binding import Binding, as_binding, supplies_by_waiting
from gigawatt.buildout.design import Design, chips_per_mw
from gigawatt.buildout.fluid import Ensemble, ensemble
from gigawatt.buildout.outcome import QUANTILES, date_of, quantiles, week_of
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.programme import MIXED, programme
from gigawatt.buildout.projects import OPENING
from gigawatt.buildout.shadow import relaxed
from gigawatt.buildout.sustained import SUSTAINED_WEEKS
from gigawatt.units import HOURS_PER_WEEK, MW_PER_GW

Array = np.ndarray
MORE = 0.1  # of the capacity, by which an item is relaxed
MOST_RELAXED = 12
DRAWS_RELAXED = 64  # the first of the draws, the same for all items
H100E = 989e12  # dense BF16 FLOP/s of the chip whose rent the catalog holds


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The answer: weeks from the start of the plan at which the rate begins to be sustained, by draw; infinite: not
    within the plan."""

    gw_per_week: float
    start: dt.date  # from which it is ordered; the plan begins at the opening
    plan: Plan
    draws: int
    week: Array  # (draws,)
    usd_per_mw_week: float
    mw_by_week: Array  # (weeks,) mean of the draws, in the regions asked for
    binding: tuple[Binding, ...]  # what gains most first, then the most waited for

    def dates(self) -> tuple[dt.date | None, ...]:
        """P10, P50 and P90; None where it does not come within the plan."""
        return tuple(date_of(self.plan, float(week)) for week in quantiles(self.week, QUANTILES))

    def by_year(self) -> dict[int, float]:
        """Probability that the rate is sustained from a day on that is not after the end of each year of the plan."""
        end = self.plan.portfolio.start + dt.timedelta(weeks=self.plan.portfolio.weeks)
        return {
            year: float((self.week <= week_of(self.plan, dt.date(year, 12, 31))).mean())
            for year in range(self.start.year, end.year)
        }

    @property
    def never(self) -> float:
        """Share of the draws in which the rate is not sustained within the plan."""
        return float(np.isinf(self.week).mean())


def when(
    gw_per_week: float, share: float = 1.0, regions: Sequence[str] = (), start: dt.date = OPENING,
    power: str = MIXED, draws: int = 200, seed: int = 1, threads: int | None = None, relax: bool = True,
    sites: bool = True, said: Callable[[str, float], None] = lambda what, done: None,
) -> When:  # fmt: skip
    """When a rate, ordered from `start` on, comes up in the mean of the year that then begins.

    See `programme` for what is ordered. Sites under way count where they stand in the regions that are asked for.

    Args:
        gw_per_week: GW of site power a week, as in `needs` and `expand`.
        relax: Also find what a tenth more of each item and trade gains, in the first of the same draws.
        sites: Whether sites under way count, see `programme`.
        said: Is told what is being done, and the share done.

    Raises:
        ValueError: The target is not above 0, or see `programme`.
    """
    if not 0.0 < gw_per_week < math.inf:
        raise ValueError(f"target {gw_per_week:g} GW/week: wants above 0")
    mw_per_week = gw_per_week * MW_PER_GW
    said("laying out the programme", 0.0)
    laid = programme(mw_per_week, share, regions, start, power, sites=sites)
    asked = tuple(catalog.named("regions", region) for region in regions) or laid.regions
    said(f"{max(draws, 1)} draws of {len(laid.portfolio.projects)} cohorts and sites", 0.02)
    base = ensemble(laid, draws, seed, threads)
    week = reached(base, mw_per_week, asked)
    until = int(min(float(quantiles(week, (0.5,))[0]), laid.portfolio.weeks - 1.0)) + 1
    value = usd_per_mw_week()
    found = supplies_by_waiting(base, until, asked)
    fewer, few = min(draws, DRAWS_RELAXED), _first(base, DRAWS_RELAXED)
    count = min(len(found), MOST_RELAXED) if relax else 0
    work = draws + count * fewer
    rows = []
    for n, supply in enumerate(found):
        gains: tuple[Array, ...] = ()
        if n < count:
            said(f"a tenth more of {supply.name}", (draws + n * fewer) / max(work, 1))
            more = ensemble(relaxed(laid, supply.codes, 1.0 + MORE), fewer, seed, threads)
            gains = _gains(few, more, mw_per_week, asked, until)
        rows.append(as_binding(base, supply, gains, value, start, certain=draws == 0))
    return When(
        gw_per_week=gw_per_week, start=start, plan=laid, draws=draws, week=week, usd_per_mw_week=value,
        mw_by_week=base.mw_by_week(asked).mean(axis=0), binding=tuple(sorted(rows, key=_by_gain)),
    )  # fmt: skip


def reached(found: Ensemble, mw_per_week: float, regions: Sequence[str] = ()) -> Array:
    """The first week from which the mean MW that come up a week, over the year that then begins, are at or above the
    rate; shape (draws,), infinite where there is none within the plan."""
    mw = np.cumsum(found.mw_by_week(regions), axis=1)
    mw = np.concatenate((np.zeros((len(mw), 1)), mw), axis=1)
    year = mw[:, SUSTAINED_WEEKS:] - mw[:, :-SUSTAINED_WEEKS]
    enough = year >= mw_per_week * SUSTAINED_WEEKS * (1 - 1e-9)
    return np.where(enough.any(axis=1), enough.argmax(axis=1).astype(np.float64), math.inf)


def usd_per_mw_week() -> float:
    """Rent of a MW-week of site power: its chips at the catalog's opening rent of an H100's arithmetic, all let."""
    design = Design()
    rent = float(catalog.value("parameters", "market.opening_rent_usd_per_h100e_h", "value"))
    chips = chips_per_mw(design).median
    chips *= float(catalog.value("chips", design.chip, "bf16_flop_per_s")) / H100E
    return chips * rent * HOURS_PER_WEEK


def _first(base: Ensemble, draws: int) -> Ensemble:
    """The first of its draws."""
    return replace(
        base, draws=min(base.draws, draws), project_finish=base.project_finish[:draws],
        phase_finish=base.phase_finish[:draws],
    )  # fmt: skip


def _gains(
    base: Ensemble, more: Ensemble, mw_per_week: float, regions: Sequence[str], until: int
) -> tuple[Array, Array, Array]:
    """Of each draw: weeks by which the date comes forward (one that does not come counts as the plan's end), weeks by
    which the power up in week `until` comes forward, and MW-weeks until the end of the plan."""
    weeks = base.plan.portfolio.weeks
    before, after = (np.minimum(reached(found, mw_per_week, regions), weeks) for found in (base, more))
    up, up_more = (np.cumsum(found.mw_by_week(regions), axis=1) for found in (base, more))
    ends = np.arange(1.0, weeks + 1.0)
    power = [
        np.interp(a[until - 1], a, ends) - np.interp(a[until - 1], b, ends) for a, b in zip(up, up_more, strict=True)
    ]
    return before - after, np.array(power), (up_more - up).sum(axis=1)


def _by_gain(one: Binding) -> tuple[float, ...]:
    """What brings the date forward most stands first, then what brings most power, then what is waited for most."""
    return (-(one.gain_weeks or 0.0), -(one.gain_mw_weeks or 0.0), -one.waiting_share)
