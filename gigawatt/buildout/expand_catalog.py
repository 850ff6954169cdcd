"""The question of an expansion plan from the catalog: bills, stages, supplies, crews and prices in numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.calendar import pace
from gigawatt.buildout.capex import capex
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw, stages_of
from gigawatt.buildout.design import POWERS, Design, bill
from gigawatt.buildout.expand_case import Campus, Case, Source, Use
from gigawatt.buildout.expand_regions import known_name, modules_a_year, regions_of
from gigawatt.buildout.plan import regional_weeks
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import length, longest_chains
from gigawatt.buildout.supply import REGIONAL, Crew, Pool, crews_of, item, pools_of
from gigawatt.errors import shown
from gigawatt.units import WEEKS_PER_YEAR

Array = np.ndarray
PERIODS = {"month": 12, "quarter": 4, "half-year": 2, "year": 1}  # of a year
CREWS = "crews"  # item that says what more workers take


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of the plan beside its rate; all that is not given comes from the catalog."""

    start: dt.date = OPENING
    horizon_years: float = 10.0
    period: str = "quarter"
    regions: Sequence[str] = ()  # empty: those that the chip may be sold to; ("all",): all
    powers: Sequence[str] = POWERS
    design: Mapping[str, Any] = field(default_factory=dict)  # chip, cooling, redundancy
    budget_usd: float | Mapping[int, float] | None = None  # of every calendar year, or of some
    total_usd: float = math.inf
    limits: Mapping[str, float] = field(default_factory=dict)  # item -> units a week; region -> MW
    discount_rate: float | None = None

    @property
    def period_weeks(self) -> float:
        """Weeks of a period."""
        if self.period not in PERIODS:
            raise ValueError(f"period {shown(self.period)}; known: {', '.join(PERIODS)}")
        return WEEKS_PER_YEAR / PERIODS[self.period]

    @property
    def periods(self) -> int:
        """How many."""
        if not 0.0 < self.horizon_years <= 50.0:
            raise ValueError(f"a horizon of {self.horizon_years:g} years; wants above 0 and at most 50")
        return math.ceil(self.horizon_years * PERIODS[self.period] - 1e-9) if self.period_weeks else 0


def case_of(target: Array, wish: Wish) -> Case:
    """The whole question in numbers; `target` is in MW a week by period.

    Raises:
        ValueError: A region, power, chip, item or limit is unknown; names the nearest.
    """
    regions = regions_of(wish.regions, str(wish.design.get("chip", Design().chip)))
    powers = [known_name("power", name, POWERS) for name in wish.powers]
    designs = {power: Design(power=power, **wish.design) for power in powers}
    project = Project(name="plan", region=regions[0], start=wish.start, phases=(1.0,))
    portfolio = Portfolio(projects=(project,), start=wish.start, weeks=math.ceil(wish.horizon_years * WEEKS_PER_YEAR))
    wanted = {(need.item, region) for design in designs.values() for need in bill(design) for region in regions}
    pools = pools_of(wanted, portfolio)
    trades = {(s.trade, r) for p in powers for s in stages_of(p) if s.workers_per_mw > 0.0 for r in regions}
    crews = crews_of(trades, portfolio)
    sources = [_of_pool(pool, wish) for pool in pools] + [_of_crew(crew, wish) for crew in crews]
    place = {(pool.item.name, region): i for i, pool in enumerate(pools) for region in pool.regions}
    place |= {(crew.trade, region): len(pools) + i for i, crew in enumerate(crews) for region in crew.regions}
    speed = {region: _pace(wish, region) for region in regions}
    campuses = tuple(_campus(region, design, place, speed[region]) for region in regions for design in designs.values())
    return Case(
        start=wish.start, period_weeks=wish.period_weeks, target=target,
        sources=_limited(tuple(sources), wish, regions),
        campuses=campuses,
        discount_rate=_fact("discount_rate") if wish.discount_rate is None else wish.discount_rate,
        holding_share=_fact("holding_share_per_year"), fixed_share=_fact("fixed_share_per_year"),
        opening_usd=dict.fromkeys(regions, _fact("region_usd")), budget_usd=_budget(wish), total_usd=wish.total_usd,
        region_mw={name: value for name, value in wish.limits.items() if name in regions},
    )  # fmt: skip


def _fact(name: str) -> float:
    return float(catalog.value("buildout", "expansion", name))


def _budget(wish: Wish) -> dict[int, float]:
    """USD by calendar year."""
    if wish.budget_usd is None:
        return {}
    if isinstance(wish.budget_usd, Mapping):
        return dict(wish.budget_usd)
    last = wish.start + dt.timedelta(weeks=wish.horizon_years * WEEKS_PER_YEAR)
    return dict.fromkeys(range(wish.start.year, last.year + 1), wish.budget_usd)


def _of_pool(pool: Pool, wish: Wish) -> Source:
    """The supply of an item: what will be there by the time that an order of today gives its first output is taken as
    announced, later growth as what the plan decides."""
    of = pool.item
    build = of.expansion_weeks.median if of.expansion_weeks is not None else 0.0
    announced = max([build, *(week - pool.first_week for week, _ in of.announced)])
    lead = max(pool.lead_weeks(region).median for region in pool.regions)
    own = len(pool.regions) == 1 and (of.name in REGIONAL or of != item(of.name))
    return Source(
        name=of.name, region=pool.regions[0] if own else "", unit=of.unit,
        opening=_held_from(pool.capacity, announced, wish), lead_weeks=lead,
        first_week=max(0.0, lead - of.ahead_weeks), usd_per_unit=of.usd_per_unit, step=of.step_per_week * of.share,
        usd_per_step=of.usd_per_step, build_weeks=build, most_per_year=modules_a_year(pool, own),
    )  # fmt: skip


def _of_crew(crew: Crew, wish: Wish) -> Source:
    """The workers of a trade: a class of new ones is the same share of them, and as dear a worker, as the catalog says
    of crews in all. Places of training come in any part of a class."""
    more = item(CREWS)
    build = more.expansion_weeks.median if more.expansion_weeks is not None else 0.0
    work = sum(weeks.median for weeks in crew_weeks_per_mw().values())
    usd_per_worker = more.usd_per_step / (more.step_per_week * work)
    step = crew.least * more.step_per_week / more.capacity_per_week
    return Source(
        name=crew.trade, region=crew.place, unit="workers", keeps=False,
        opening=_held_from(crew.workers, build, wish), step=step, usd_per_step=usd_per_worker * step,
        build_weeks=build, most_per_year=more.most_steps_per_year, whole=False,
    )  # fmt: skip


def _held_from(capacity: Any, announced: float, wish: Wish) -> Array:
    """Mean capacity of each period, as in the week `announced` from then on."""
    weeks = math.ceil(wish.periods * wish.period_weeks)
    path = np.asarray(capacity(weeks), dtype=np.float64)
    path = path[np.minimum(np.arange(weeks), max(0, math.ceil(announced) - 1))]
    made = np.append(0.0, np.cumsum(path))
    edges = np.arange(wish.periods + 1) * wish.period_weeks
    return np.asarray(np.diff(np.interp(edges, np.arange(weeks + 1), made)) / wish.period_weeks)


def _pace(wish: Wish, region: str) -> dict[str, float]:
    """Share of a full week's work that is done in a region by calendar, the mean of the weeks."""
    weeks = math.ceil(wish.horizon_years * WEEKS_PER_YEAR)
    names = {stage.calendar for power in POWERS for stage in stages_of(power)}
    return {name: float(pace(name, region, wish.start, weeks).mean()) for name in names}


def _campus(region: str, design: Design, place: Mapping[tuple[str, str], int], speed: Mapping[str, float]) -> Campus:
    """A way to build: every stage takes as long as it does in its region, and is as late as it may be begun without
    holding up the last one."""
    stages = stages_of(design.power)
    weeks = {stage.name: regional_weeks(stage, region).median / speed[stage.calendar] for stage in stages}
    before = {name: length(chain, weeks) for name, chain in longest_chains(stages, weeks).items()}
    uses = [
        Use(source=place[need.item, region], per_mw=need.per_mw.median, before_weeks=before[need.stage])
        for need in bill(design)
    ]
    uses += [
        Use(source=place[stage.trade, region], per_mw=stage.workers_per_mw, before_weeks=before[stage.name],
            for_weeks=weeks[stage.name])
        for stage in stages
        if stage.workers_per_mw > 0.0
    ]  # fmt: skip
    return Campus(
        region=region, power=design.power, weeks=max(before.values()), uses=tuple(uses),
        usd_per_mw=capex(design, region).all.median,
    )  # fmt: skip


def _limited(sources: tuple[Source, ...], wish: Wish, regions: Sequence[str]) -> tuple[Source, ...]:
    """Sources within the limits asked for: capacity, and with it modules."""
    items = tuple(dict.fromkeys(source.name for source in sources))
    for name, value in wish.limits.items():
        if name not in regions:
            known_name("item or region of a limit", name, (*items, *regions))
        if not value >= 0.0:
            raise ValueError(f"limit {name}: {value:g} is below 0")
    return tuple(
        _within(source, wish.limits[source.name]) if source.name in wish.limits else source for source in sources
    )


def _within(source: Source, most: float) -> Source:
    opening = np.minimum(source.opening, most)
    room = (most - opening[-1]) / source.step if source.step > 0.0 else 0.0
    return replace(source, opening=opening, most_steps=math.floor(room + 1e-9), limited=True)
