"""What the world can deliver: items with capacity, growth, lead times and price, crews by trade, and shocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.projects import Portfolio
from gigawatt.buildout.spread import Spread
from gigawatt.units import WEEKS_PER_YEAR

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A thing that is ordered and delivered."""

    name: str
    unit: str
    capacity_per_week: float  # of the world, for all buyers of the kind
    growth_per_year: float
    scale_per_week: float  # capacity at which growth has halved
    lead_weeks: Spread  # order to delivery
    usd_per_unit: float
    ahead_weeks: float = 0.0  # by which buyers order before a project begins
    share: float = 1.0  # that the portfolio can get
    level: Spread = Spread.exactly(1.0)  # doubt about the level of capacity
    step_per_week: float = 0.0  # units a week of one line or plant more; 0: not told
    usd_per_step: float = 0.0
    expansion_weeks: Spread | None = None  # from the order of a line to its first output
    most_steps_per_year: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One supply of an item: that of the world, or of a region."""

    item: Item
    regions: tuple[str, ...]  # that draw on it

    def capacity(self, weeks: int) -> Array:
        """Units a week open to the portfolio; shape (weeks,)."""
        return self.item.share * grown(
            self.item.capacity_per_week, self.item.growth_per_year, self.item.scale_per_week, weeks
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Workers of a trade in a region."""

    trade: str
    region: str
    now: float
    growth_per_year: float
    scale: float

    @property
    def least(self) -> float:
        """Workers at the start, the fewest there will be."""
        return self.now

    def workers(self, weeks: int) -> Array:
        """Workers open to the portfolio; shape (weeks,)."""
        return grown(self.now, self.growth_per_year, self.scale, weeks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """A misfortune that cuts several supplies at once while it lasts."""

    name: str
    per_week: float
    weeks: Spread
    cut: float
    items: tuple[str, ...]
    regions: tuple[str, ...] = ()  # empty: all

    def cuts(self, pools: tuple[Pool, ...]) -> Array:
        """Share of capacity lost by pool; shape (pools,)."""
        return np.array([self.cut if pool.item.name in self.items else 0.0 for pool in pools])


def grown(now: float, growth_per_year: float, scale: float, weeks: int) -> Array:
    """Capacity by week while suppliers expand as fast as they can; growth = fastest / (1 + capacity / scale)."""
    out = np.empty(weeks)
    for w in range(weeks):
        out[w] = now
        now *= 1.0 + growth_per_year / (1.0 + now / scale) / WEEKS_PER_YEAR
    return out


def item(name: str) -> Item:
    """An item of the catalog's table `supply`."""
    facts = catalog.facts("supply", catalog.named("supply", name))
    price = facts.get("usd_per_unit") or facts.get("usd_per_mw")
    capacity = facts["capacity_per_week"]
    return Item(
        name=name, unit=capacity.unit.removesuffix("/week"), capacity_per_week=float(capacity.value),
        growth_per_year=float(facts["growth_per_year"].value), scale_per_week=float(facts["scale_per_week"].value),
        lead_weeks=Spread.of(facts["lead_weeks"]), usd_per_unit=float(price.value) if price else 0.0,
        ahead_weeks=float(facts["ahead_weeks"].value) if "ahead_weeks" in facts else 0.0,
    )  # fmt: skip


def pools_of(wanted: Iterable[tuple[str, str]], portfolio: Portfolio) -> tuple[Pool, ...]:
    """The supplies that (item, region) pairs draw on, in alphabetical order."""
    regions: dict[str, list[str]] = {}
    for name, region in sorted(wanted):
        regions.setdefault(name, []).append(region)
    return tuple(Pool(item=item(name), regions=tuple(found)) for name, found in regions.items())


def crews_of(wanted: Iterable[tuple[str, str]], portfolio: Portfolio) -> tuple[Crew, ...]:
    """The workers that (trade, region) pairs draw on."""
    found = []
    for trade, region in sorted(wanted):
        facts = catalog.facts("regions", catalog.named("regions", region))
        if trade not in facts:
            raise ValueError(f"catalog regions: {region} has no workers of trade {trade!r}")
        growth, scale = float(facts["crew_growth_per_year"].value), float(facts["crew_scale"].value)
        now = float(facts[trade].value)
        found.append(Crew(trade=trade, region=region, now=now, growth_per_year=growth, scale=scale * now))
    return tuple(found)


def shocks_of(pools: tuple[Pool, ...]) -> tuple[Shock, ...]:
    """Shocks of the catalog that hit one of the pools."""
    found = []
    for name in catalog.items("supply_shocks"):
        facts = catalog.facts("supply_shocks", name)
        found.append(
            Shock(
                name=name,
                per_week=float(facts["rate_per_year"].value) / WEEKS_PER_YEAR,
                weeks=Spread.of(facts["weeks"]),
                cut=float(facts["cut"].value),
                items=tuple(str(facts["items"].value).split()),
            )
        )
    return tuple(shock for shock in found if shock.cuts(pools).any())
