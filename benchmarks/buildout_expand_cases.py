"""Expansion plans drawn at random: world-wide items, regions with a grid, nations with crews, and a rate to reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from gigawatt.buildout.expand_case import Campus, Case, Source, Use

START = dt.date(2026, 1, 5)
PERIOD_WEEKS = 13.0
TRADES = ("builders", "electricians", "pipefitters", "technicians")
POWERS = ("grid", "gas_turbines", "reciprocating_engines", "fuel_cells")
NATIONS = 6  # whose regions share their crews
STAGES = (14.0, 40.0, 66.0)  # weeks before it is energised at which items are needed


def drawn_case(
    rng: np.random.Generator,
    *,
    items: int = 15,
    regions: int = 12,
    years: int = 10,
    mw_per_week: float = 1000.0,
    modules: float = 0.1,
    by_year: float = 4.5,
) -> Case:
    """A case; `modules` is the size of a module as a share of what an item gives at the start."""
    periods = years * 4
    sources: list[Source] = []
    common: list[Use] = []
    for n in range(items):
        per_mw = float(np.exp(rng.normal(0.0, 2.0)))
        common.append(Use(source=len(sources), per_mw=per_mw, before_weeks=float(rng.choice(STAGES))))
        sources.append(_source(rng, f"item_{n}", "", per_mw, mw_per_week * rng.uniform(0.2, 0.8), modules, periods))
    plants: dict[str, Use] = {}
    for power in POWERS[1:]:
        plants[power] = Use(source=len(sources), per_mw=1.15, before_weeks=STAGES[0])
        sources.append(_source(rng, power, "", 1.15, mw_per_week * rng.uniform(0.02, 0.2), modules, periods))
    campuses: list[Campus] = []
    crews = _crews(rng, sources, regions, mw_per_week, modules, periods)
    for r in range(regions):
        region, size = f"region_{r}", float(rng.lognormal(0.0, 0.6))
        slower = float(rng.uniform(0.9, 1.2))
        used = list(common)
        for trade in TRADES:
            of = crews[trade, r % NATIONS]
            used.append(replace(of, before_weeks=6.0 + slower * of.for_weeks, for_weeks=slower * of.for_weeks))
        grid = Use(source=len(sources), per_mw=1.0, before_weeks=float(rng.uniform(6.0, 20.0)))
        sources.append(_source(rng, "grid", region, 1.0, mw_per_week * 0.3 / regions * size, modules * 2, periods))
        weeks = float(rng.uniform(85.0, 110.0))
        usd = float(rng.uniform(45e6, 50e6))
        for power in POWERS:
            own = grid if power == "grid" else plants[power]
            extra = 0.0 if power == "grid" else float(rng.uniform(0.3e6, 2e6))
            campuses.append(Campus(region=region, power=power, weeks=weeks, uses=(*used, own), usd_per_mw=usd + extra))
    first = round(by_year * 4)
    target = np.where(np.arange(periods) >= first, mw_per_week, 0.0)
    return Case(
        start=START, period_weeks=PERIOD_WEEKS, target=target, sources=tuple(sources), campuses=tuple(campuses),
        holding_share=0.12, fixed_share=0.04,
        opening_usd={f"region_{r}": float(rng.uniform(1e8, 6e8)) for r in range(regions)},
    )  # fmt: skip


def _crews(
    rng: np.random.Generator, sources: list[Source], regions: int, mw_per_week: float, modules: float, periods: int
) -> dict[tuple[str, int], Use]:
    """What a MW takes of the workers of each trade and nation, which are added to the sources."""
    held = {trade: float(rng.uniform(10.0, 30.0)) for trade in TRADES}
    workers = {trade: float(rng.uniform(1.0, 5.0)) for trade in TRADES}
    crews: dict[tuple[str, int], Use] = {}
    for nation in range(min(NATIONS, regions)):
        share = len(range(nation, regions, NATIONS)) / regions * float(rng.lognormal(0.0, 0.6))
        for trade in TRADES:
            now = workers[trade] * held[trade] * mw_per_week * 0.5 * share
            crews[trade, nation] = Use(
                source=len(sources), per_mw=workers[trade], before_weeks=held[trade], for_weeks=held[trade]
            )
            sources.append(_source(rng, trade, f"nation_{nation}", 1.0, now, modules * 1.5, periods, keeps=False))
    return crews


def _source(
    rng: np.random.Generator, name: str, region: str, per_mw: float, mw: float, modules: float, periods: int,
    keeps: bool = True,
) -> Source:  # fmt: skip
    """A supply that gives `mw` a week at the start, some of its growth announced."""
    build = float(rng.uniform(40.0, 150.0))
    growth = rng.uniform(0.0, 0.25) / 4
    weeks = np.minimum(np.arange(periods), build / PERIOD_WEEKS)
    opening = per_mw * mw * (1.0 + growth) ** weeks
    step = per_mw * mw * modules * rng.uniform(0.5, 2.0)
    value = float(rng.lognormal(12.0, 1.0)) / per_mw if keeps else 0.0
    usd = step * (52.0 * value * rng.uniform(0.3, 1.5) if keeps else rng.uniform(5e4, 1e5))
    return Source(
        name=name, region=region, opening=opening, keeps=keeps,
        first_week=float(rng.uniform(0.0, 60.0)) if keeps else 0.0,
        usd_per_unit=value, step=step, usd_per_step=float(usd), build_weeks=build,
        most_per_year=float(rng.integers(4, 12)) * max(1.0, 0.1 / modules), whole=keeps,
    )  # fmt: skip
