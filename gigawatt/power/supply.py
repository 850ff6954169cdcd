"""What can feed a site: the grid or a plant of its own, at what price, with how much carbon, by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from gigawatt.catalog import values_of
from gigawatt.power.lcoe import Technology, lcoe_usd_per_mwh

G_PER_KWH_PER_T_PER_MWH = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The grid of a region and the usual plant at a site there."""

    name: str = "region"
    grid_usd_per_mwh: float
    carbon_g_per_kwh: float  # of the grid, life cycle
    grid_months: float = 0.0  # from request to connection
    firm_technology: str = ""
    firm_usd_per_mwh: float = 0.0
    firm_carbon_g_per_kwh: float = 0.0

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The region called `name` in the catalog's table `regions`."""
        return cls(**values_of("regions", name, cls))


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """One source of firm power for a site."""

    name: str
    price_usd_per_mwh: float
    carbon_g_per_kwh: float
    months: float  # from order to power


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What a site pays and emits on average."""

    price_usd_per_mwh: float
    carbon_g_per_kwh: float


def supplies(
    region: Region, plants: Iterable[Technology], *, discount_rate: float, load_factor: float = 1.0
) -> tuple[Supply, ...]:
    """The grid and each plant as sources, cheapest first."""
    grid = Supply(
        name="grid",
        price_usd_per_mwh=region.grid_usd_per_mwh,
        carbon_g_per_kwh=region.carbon_g_per_kwh,
        months=region.grid_months,
    )
    own = [plant_supply(p, discount_rate=discount_rate, load_factor=load_factor) for p in plants]
    return tuple(sorted((grid, *own), key=lambda s: s.price_usd_per_mwh))


def plant_supply(plant: Technology, *, discount_rate: float, load_factor: float = 1.0) -> Supply:
    """A plant at the site; without reserve plants, which a site off the grid needs on top."""
    return Supply(
        name=plant.name,
        price_usd_per_mwh=lcoe_usd_per_mwh(plant, discount_rate, load_factor),
        carbon_g_per_kwh=plant.carbon_t_per_mwh * G_PER_KWH_PER_T_PER_MWH,
        months=plant.lead_months,
    )


def cheapest_by(sources: Sequence[Supply], months: float) -> Supply:
    """The cheapest source that delivers within `months`.

    Raises:
        ValueError: None delivers by then; names the quickest.
    """
    ready = [s for s in sources if s.months <= months]
    if not ready:
        quickest = min(sources, key=lambda s: s.months)
        raise ValueError(
            f"no power within {months:g} months; the quickest is {quickest.name}, {quickest.months:g} months"
        )
    return min(ready, key=lambda s: s.price_usd_per_mwh)


def price_of_waiting_less(sources: Sequence[Supply], months: float) -> float:
    """Premium in USD per MWh of having power within `months`, over the cheapest source however late."""
    return cheapest_by(sources, months).price_usd_per_mwh - min(s.price_usd_per_mwh for s in sources)


def mix(sources: Sequence[Supply], power_mw: Mapping[str, float]) -> Mix:
    """Price and carbon of a site that draws `power_mw` from each named source on average.

    Raises:
        ValueError: A name is unknown, a power is negative, or nothing is drawn.
    """
    by_name = {s.name: s for s in sources}
    unknown = sorted(set(power_mw) - set(by_name))
    if unknown:
        raise ValueError(f"unknown source {', '.join(unknown)}; known: {', '.join(by_name)}")
    total_mw = sum(power_mw.values())
    if total_mw <= 0 or min(power_mw.values()) < 0:
        raise ValueError(f"powers must be 0 or more with a sum above 0, sum is {total_mw:g} MW")
    shares = {name: mw / total_mw for name, mw in power_mw.items()}
    return Mix(
        price_usd_per_mwh=sum(share * by_name[name].price_usd_per_mwh for name, share in shares.items()),
        carbon_g_per_kwh=sum(share * by_name[name].carbon_g_per_kwh for name, share in shares.items()),
    )


def site_price_usd_per_mwh(region: Region, *, grid_mw: float, firm_mw: float) -> float:
    """Mean price of a site fed by the region's grid and its usual plant, in USD per MWh."""
    total_mw = grid_mw + firm_mw
    if total_mw <= 0:
        return region.grid_usd_per_mwh
    return (grid_mw * region.grid_usd_per_mwh + firm_mw * region.firm_usd_per_mwh) / total_mw
