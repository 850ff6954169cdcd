"""What the world can deliver: items with capacity, growth, lead times and price, crews by trade, and shocks."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.design import Design, bill
from gigawatt.buildout.growth import grown, ramped
from gigawatt.buildout.projects import OPENING, Portfolio
from gigawatt.buildout.spread import Z90, Spread
from gigawatt.catalog import Fact
from gigawatt.errors import nearest
from gigawatt.units import DAYS_PER_WEEK, WEEKS_PER_YEAR

Array = np.ndarray
ANNOUNCED = "announced."  # dated capacities: announced.2026-12
REGIONAL = {"grid_connection": ("grid_mw_per_week", "grid_growth_per_year", "grid_scale_mw_per_week")}
OF_SITES = ("site", "local")  # kinds that the catalog counts in MW of the sites they serve
CERTAIN = Spread.exactly(1.0)
WANTED = ("capacity_per_week", "growth_per_year", "scale_per_week", "lead_weeks")
AMOUNTS = ("capacity_per_week", "scale_per_week", "step_per_week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A thing that is ordered and delivered.

    Raises:
        ValueError: An amount, a time or a price is negative or not finite, or capacity or scale are 0.
    """

    name: str
    unit: str
    capacity_per_week: float  # open to all builders of AI sites in the week of `OPENING`
    growth_per_year: float
    scale_per_week: float  # capacity at which growth has halved
    lead_weeks: Spread  # order to delivery
    usd_per_unit: float
    ahead_weeks: float = 0.0  # by which buyers order before a project begins
    share: float = 1.0  # that the portfolio can get
    level: Spread = CERTAIN  # doubt about the level of capacity
    step_per_week: float = 0.0  # units a week of one line or plant more; 0: not told
    usd_per_step: float = 0.0
    expansion_weeks: Spread | None = None  # from the order of a line to its first output
    most_steps_per_year: float = 0.0
    price_response: float = 0.0  # relative rise of the price for each year of queue
    price_level: Spread = CERTAIN  # doubt about the price
    buyer_share: Spread = CERTAIN  # of the capacity that one large buyer can get
    world_per_week: float = 0.0  # of all makers for all uses; 0: not told
    announced: tuple[tuple[float, float], ...] = ()  # weeks from `OPENING`, capacity then
    within: str = ""  # item whose price holds that of this one
    lead_by: str = ""  # attribute of a region that lengthens or shortens the lead time there

    def __post_init__(self) -> None:
        for name in ("capacity_per_week", "scale_per_week"):
            if not 0.0 < getattr(self, name) < math.inf:
                raise ValueError(f"item {self.name}: {name} {getattr(self, name):g} is not above 0")
        for name in (
            "growth_per_year usd_per_unit ahead_weeks share step_per_week usd_per_step most_steps_per_year "
            "price_response world_per_week"
        ).split():
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ValueError(f"item {self.name}: {name} {getattr(self, name):g} is below 0 or not finite")

    def price_usd(self, queue_weeks: float) -> float:
        """Price of a unit ordered while `queue_weeks` of supply wait: usd_per_unit x (1 + response x years)."""
        return self.usd_per_unit * float(dearer(self.price_response, queue_weeks))

    def for_one_buyer(self) -> Item:
        """The item as one large buyer sees it: its share of the capacity, with the doubt about both."""
        down, up = (
            math.hypot(getattr(self.level, side), getattr(self.buyer_share, side)) * Z90 for side in ("down", "up")
        )
        return replace(self, share=self.buyer_share.median, level=Spread(1.0, math.exp(-down), math.exp(up)))


def dearer(price_response: Array | float, queue_weeks: Array | float) -> Array:
    """Price over the usual one while so many weeks of supply wait: 1 + response x years; 1 without a response."""
    with np.errstate(invalid="ignore"):
        rise = np.asarray(price_response) * np.maximum(0.0, queue_weeks) / WEEKS_PER_YEAR
    return np.asarray(1.0 + np.where(np.asarray(price_response) > 0.0, rise, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One supply of an item: that of the world, or of a region."""

    item: Item
    regions: tuple[str, ...]  # that draw on it
    first_week: int = 0  # of the plan, from `OPENING`

    def capacity(self, weeks: int) -> Array:
        """Units a week open to the portfolio; shape (weeks,)."""
        item = self.item
        path = ramped(
            item.capacity_per_week, item.announced, item.growth_per_year, item.scale_per_week, weeks, self.first_week
        )
        return item.share * path

    def lead_weeks(self, region: str) -> Spread:
        """Order to delivery in a region."""
        by = self.item.lead_by
        return self.item.lead_weeks * float(
            catalog.value("regions", catalog.named("regions", region), by, 1.0) if by else 1.0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Workers of a trade in a nation, whose regions share them; counted by the work that one of the standard does."""

    trade: str
    place: str  # nation, or a region by itself
    regions: tuple[str, ...]
    now: float  # in the week of `OPENING`
    growth_per_year: float
    scale: float
    first_week: int = 0  # of the plan, from `OPENING`

    @property
    def least(self) -> float:
        """Workers at the start of the plan, the fewest there will be."""
        return float(self.workers(1)[0])

    def workers(self, weeks: int) -> Array:
        """Workers open to the portfolio; shape (weeks,)."""
        return grown(self.now, self.growth_per_year, self.scale, weeks, self.first_week)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """A misfortune that cuts several supplies at once while it lasts."""

    name: str
    per_week: float
    weeks: Spread
    cut: float
    items: tuple[str, ...]
    regions: tuple[str, ...] = ()  # whose supply it hits; empty: all

    def __post_init__(self) -> None:
        if not 0.0 <= self.cut <= 1.0 or self.per_week < 0.0:
            raise ValueError(f"shock {self.name}: cut {self.cut:g} is not within 0 and 1, or its rate is below 0")

    def cuts(self, pools: tuple[Pool, ...]) -> Array:
        """Share of capacity lost by pool; shape (pools,)."""
        return np.array([self.cut if self.hits(pool) else 0.0 for pool in pools])

    def hits(self, pool: Pool) -> bool:
        """Whether it cuts this supply."""
        here = not self.regions or bool(set(self.regions) & set(pool.regions))
        return here and pool.item.name in self.items


@cache
def item(name: str, region: str = "") -> Item:
    """An item of the catalog's table `supply`; with a region that has its own makers or grid, that of the region.

    What the catalog counts in MW of sites is turned into the item's own unit by the bill of the standard design.

    Raises:
        ValueError: No such item, or one that lacks a value or has an impossible one; names both.
    """
    if name not in catalog.items("supply"):
        near = nearest(name, catalog.items("supply"))
        hint = f"; did you mean {near!r}?" if near else ""
        raise ValueError(f"unknown item {name!r}{hint} (known: {', '.join(catalog.items('supply'))})")
    facts = catalog.facts("supply", name) if not region else own_facts(name, region)
    lacking = [key for key in WANTED if key not in facts]
    if lacking:
        raise ValueError(f"catalog supply: {name} lacks {', '.join(lacking)}")
    try:
        return _item(name, facts)
    except ValueError as error:
        raise ValueError(f"catalog supply: {name}: {error}") from error


def own_facts(name: str, region: str) -> dict[str, Fact]:
    """Facts of an item for a region: its own, such as `china.lead_weeks`, over those of the world."""
    facts = catalog.facts("supply", name)
    found = {key: fact for key, fact in facts.items() if not key.startswith(ANNOUNCED) and key != "world_per_week"}
    found |= {key.removeprefix(f"{region}."): fact for key, fact in facts.items() if key.startswith(f"{region}.")}
    if name in REGIONAL:
        here = catalog.facts("regions", catalog.named("regions", region))
        found |= {key: here[of] for key, of in zip(WANTED, REGIONAL[name], strict=False)}
    return found


def _item(name: str, facts: Mapping[str, Fact]) -> Item:
    def number(key: str) -> float:
        return float(facts[key].value) if key in facts else 0.0

    def spread(key: str) -> Spread:
        return Spread.of(facts[key]) if key in facts else Spread.exactly(1.0)

    def text(key: str) -> str:
        return str(facts[key].value) if key in facts else ""

    per_mw = _per_mw(name) if text("kind") in OF_SITES else 1.0
    price = "usd_per_unit" if "usd_per_unit" in facts else "usd_per_mw"
    amounts = {key: number(key) * per_mw for key in AMOUNTS}
    dated = [key for key in facts if key.startswith(ANNOUNCED)]
    return Item(
        name=name, unit=text("unit") or facts["capacity_per_week"].unit.removesuffix("/week"), **amounts,
        growth_per_year=number("growth_per_year"), lead_weeks=Spread.of(facts["lead_weeks"]),
        usd_per_unit=number(price) / (per_mw if price == "usd_per_mw" else 1.0), price_level=_relative(spread(price)),
        ahead_weeks=number("ahead_weeks"), level=_relative(spread("capacity_per_week")),
        usd_per_step=number("usd_per_step"), most_steps_per_year=number("most_steps_per_year"),
        expansion_weeks=Spread.of(facts["expansion_weeks"]) if "expansion_weeks" in facts else None,
        price_response=number("price_response"), buyer_share=spread("share"), world_per_week=number("world_per_week"),
        announced=tuple((weeks_from_opening(key.removeprefix(ANNOUNCED)), number(key) * per_mw) for key in dated),
        within=text("within"), lead_by=text("lead_by"),
    )  # fmt: skip


def _per_mw(name: str) -> float:
    """Amount of an item in a MW of site of the standard design; 1 for what is not in its bill."""
    return next((need.per_mw.median for need in bill(Design()) if need.item == name), 1.0)


def _relative(amount: Spread) -> Spread:
    return amount * (1.0 / amount.median)


def weeks_from_opening(month: str) -> float:
    """Weeks from `OPENING` to the first day of a month, given as 2026-12."""
    return (dt.date.fromisoformat(f"{month}-01") - OPENING).days / DAYS_PER_WEEK


def pools_of(wanted: Iterable[tuple[str, str]], portfolio: Portfolio) -> tuple[Pool, ...]:
    """The supplies that (item, region) pairs draw on, in alphabetical order.

    A region with makers or a grid of its own draws on these; all others share the supply of the world.
    """
    drawn: dict[tuple[str, str], list[str]] = {}
    for name, region in sorted(wanted):
        drawn.setdefault((name, region if has_own(name, region) else ""), []).append(region)
    first_week = round((portfolio.start - OPENING).days / DAYS_PER_WEEK)
    return tuple(
        Pool(item=_seen(item(name, of), portfolio), regions=tuple(found), first_week=first_week)
        for (name, of), found in drawn.items()
    )


def _seen(found: Item, portfolio: Portfolio) -> Item:
    return found.for_one_buyer() if portfolio.one_buyer else found


def has_own(name: str, region: str) -> bool:
    """Whether a region has a supply of the item of its own."""
    return name in REGIONAL or f"{region}.capacity_per_week" in catalog.facts("supply", item(name).name)


def crews_of(wanted: Iterable[tuple[str, str]], portfolio: Portfolio) -> tuple[Crew, ...]:
    """The workers that (trade, region) pairs draw on: those of the region's nation, for they travel within it."""
    pairs = {(trade, str(_region(region)["nation"].value)) for trade, region in wanted}
    return tuple(_pooled(trade, nation, portfolio) for trade, nation in sorted(pairs))


def _pooled(trade: str, nation: str, portfolio: Portfolio) -> Crew:
    """Workers of a trade in all regions of a nation; they grow as fast as those of its regions do in the mean."""
    regions = tuple(name for name in catalog.items("regions") if _region(name)["nation"].value == nation)
    local = [local_crew(trade, region, portfolio) for region in regions]
    now = math.fsum(crew.now for crew in local)
    if not now > 0.0:
        raise ValueError(f"catalog regions: there are no {trade} in {nation} ({', '.join(regions)}): {now:g} workers")
    growth = math.fsum(crew.growth_per_year * crew.now for crew in local) / now
    scale = math.fsum(crew.scale for crew in local)
    return replace(local[0], place=nation, regions=regions, now=now, growth_per_year=growth, scale=scale)


def local_crew(trade: str, region: str, portfolio: Portfolio) -> Crew:
    """Workers of a trade at home in a region; their number x the work that one of them does."""
    facts = _region(region)
    if trade not in facts:
        raise ValueError(f"catalog regions: {region} has no workers of trade {trade!r}")
    now = float(facts[trade].value) * float(facts["productivity"].value if "productivity" in facts else 1.0)
    return Crew(
        trade=trade, place=region, regions=(region,), now=now, scale=float(facts["crew_scale"].value) * now,
        growth_per_year=float(facts["crew_growth_per_year"].value),
        first_week=round((portfolio.start - OPENING).days / DAYS_PER_WEEK),
    )  # fmt: skip


def _region(name: str) -> dict[str, Fact]:
    return catalog.facts("regions", catalog.named("regions", name))


def shocks_of(pools: tuple[Pool, ...]) -> tuple[Shock, ...]:
    """Shocks of the catalog that hit one of the pools."""
    found = (_shock(name) for name in catalog.items("supply_shocks"))
    return tuple(shock for shock in found if any(shock.hits(pool) for pool in pools))


@cache
def _shock(name: str) -> Shock:
    facts = catalog.facts("supply_shocks", name)
    spared = str(facts["spares"].value).split() if "spares" in facts else []
    regions = str(facts["regions"].value).split() if "regions" in facts else []
    if spared:
        regions = [region for region in catalog.items("regions") if region not in spared]
    return Shock(
        name=name, per_week=float(facts["rate_per_year"].value) / WEEKS_PER_YEAR, weeks=Spread.of(facts["weeks"]),
        cut=float(facts["cut"].value), items=tuple(str(facts["items"].value).split()), regions=tuple(regions),
    )  # fmt: skip
