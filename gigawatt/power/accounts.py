"""What a dispatch comes to: money by cause, energy by source, carbon, water and land, and the balance of every hour.

load = used + firm + discharge - charge + unserved - sold        (power ledger, every hour)
location-based = stack + sum_t drawn_t c_t
market-based   = stack + max(0, sum_t drawn_t - certificates) mean c
hourly matched = stack + sum_t max(0, drawn_t - certificates_t) c_t
carbon-free, by the hour    = (served - dirty) / served,   served = load - stopped - unserved
carbon-free, over the year  = (served - dirty + sold + certificates) / served
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.power.dispatch import Dispatch
from gigawatt.power.draft import Built, Source
from gigawatt.units import KWH_PER_MWH

Array = np.ndarray
LITRES_PER_M3 = 1e3
SERVED = 1e-9  # share of the load that counts as nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """Energy over all hours, in MWh."""

    load_mwh: float
    by_source: dict[str, float]  # used, after curtailment; the grid: drawn
    curtailed_mwh: float
    offered_mwh: float  # of sun, wind and contracts before curtailment
    charged_mwh: float
    discharged_mwh: float
    sold_mwh: float
    unserved_mwh: float
    virtual_mwh: float  # of contracts whose power goes elsewhere

    @property
    def curtailed_share(self) -> float:
        """What is not used of what sun, wind and contracts offer."""
        return self.curtailed_mwh / self.offered_mwh if self.offered_mwh > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Carbon:
    """Emissions over all hours, in t CO2 (life cycle: CO2e)."""

    stack_t: float
    grid_t: float  # of the energy drawn, where and when it is drawn
    market_t: float  # stack and grid, certificates of the year set against the energy drawn
    matched_t: float  # the same hour by hour
    lifecycle_t: float  # with fuel supply and making of plants and stores
    # Shares of the load that is served: what stops or goes without power counts on neither side.
    carbon_free_hourly: float  # in its own hour; what stores lose counts as they were charged
    carbon_free_annual: float  # with what is sold and contracted set against it; may be above 1

    @property
    def location_t(self) -> float:
        """Stack and grid, no certificates."""
        return self.stack_t + self.grid_t


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """Water consumed over all hours, in m3."""

    cooling_m3: float
    plants_m3: float
    grid_m3: float  # at the plants of the grid

    @property
    def site_m3(self) -> float:
        """What the site itself takes."""
        return self.cooling_m3 + self.plants_m3


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All that a dispatch of given capacities comes to over its hours."""

    usd: dict[str, dict[str, float]]  # option -> cause
    capex_usd: dict[str, float]  # upfront, of what is new
    energy: Energy
    carbon: Carbon
    water: Water
    land_ha: float
    residual_mw: float  # worst hour of the power ledger

    @property
    def by_cause(self) -> dict[str, float]:
        """USD by cause, in the order in which they are met."""
        causes: dict[str, float] = {}
        for parts in self.usd.values():
            for cause, usd in parts.items():
                causes[cause] = causes.get(cause, 0.0) + usd
        return causes

    @property
    def cost_usd(self) -> float:
        """The sum of all causes."""
        return sum(self.by_cause.values())


def accounts(built: Built, capacity: Array, dispatch: Dispatch) -> Accounts:
    """What a dispatch of these capacities comes to."""
    return Accounts(
        usd=usd_of(built, capacity, dispatch),
        capex_usd=capex_of(built, capacity),
        energy=energy_of(built, capacity, dispatch),
        carbon=carbon_of(built, capacity, dispatch),
        water=water_of(built, dispatch),
        land_ha=sum(c.land_ha * mw for c, mw in zip(built.capacities, capacity.tolist(), strict=True)),
        residual_mw=residual_mw(built, dispatch),
    )


def usd_of(built: Built, capacity: Array, dispatch: Dispatch) -> dict[str, dict[str, float]]:
    """Cost of all hours by option and cause, in USD; what exists has no capital."""
    usd: dict[str, dict[str, float]] = {}

    def add(option: str, cause: str, amount: float) -> None:
        if amount != 0.0:
            parts = usd.setdefault(option, {})
            parts[cause] = parts.get(cause, 0.0) + amount

    for c, size in zip(built.capacities, capacity.tolist(), strict=True):
        for cause, each in c.usd.items():
            add(c.option, cause, each * (size - c.existing if cause == "capital" else size))
    for m, source in enumerate(built.firm):
        for cause, each_hour in source.usd.items():
            add(_option(built, source), cause, float(each_hour @ dispatch.firm_mw[:, m]))
    for s, (name, store) in enumerate(zip(built.stores, built.system.stores, strict=True)):
        cause = "flexible" if name.startswith("flexible_") else "wear"
        add(name, cause, store.wear_usd_per_mwh * float(dispatch.discharge_mw[:, s].sum()))
    unserved_mwh, each_usd = float(dispatch.shed_mw.sum()), built.terms.shed_usd_per_mwh
    # Rounding leaves a trace of load unserved, which is nothing even where it would cost without end.
    if np.isfinite(each_usd) or unserved_mwh > SERVED * built.system.load_mw.sum():
        add("unserved", "unserved", each_usd * unserved_mwh)
    return usd


def _option(built: Built, source: Source) -> str:
    owners = {c.name: c.option for c in built.capacities}
    return owners.get(source.name, source.name)


def capex_of(built: Built, capacity: Array) -> dict[str, float]:
    """Upfront cost of what is new, by option, in USD."""
    capex: dict[str, float] = {}
    for c, size in zip(built.capacities, capacity.tolist(), strict=True):
        if c.shown:
            capex[c.option] = capex.get(c.option, 0.0) + c.capex_usd * (size - c.existing)
    return capex


def used_free_mw(built: Built, dispatch: Dispatch) -> Array:
    """Output of the free sources after curtailment, which all share alike; (T, K), sold energy left out."""
    offers = np.array([source.role != "export" for source in built.free], dtype=bool)
    offered = np.where(offers, dispatch.free_mw, 0.0)
    total = offered.sum(axis=1)
    cut = np.divide(np.minimum(dispatch.curtailed_mw, total), total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(offered * (1.0 - cut)[:, None])


def sold_mw(built: Built, dispatch: Dispatch) -> Array:
    """Power sold to the grid, (T,)."""
    sold = np.zeros(built.system.hours)
    for k, source in enumerate(built.free):
        sold -= dispatch.free_mw[:, k] if source.role == "export" else 0.0
    for m, source in enumerate(built.firm):
        sold -= dispatch.firm_mw[:, m] if source.role == "unsold" else 0.0
    return sold


def certificates_mw(built: Built, capacity: Array) -> Array:
    """Output of contracts whose power goes elsewhere, (T,)."""
    return sum((v.output * capacity[v.capacity] for v in built.virtual), np.zeros(built.system.hours))


def served_mwh(built: Built, dispatch: Dispatch) -> float:
    """Energy of the load that runs, in MWh: without what stops at a price and what is not served."""
    stops = [m for m, source in enumerate(built.firm) if source.role == "flexible"]
    stopped_mwh = float(dispatch.firm_mw[:, stops].sum())
    return float(built.system.load_mw.sum()) - stopped_mwh - float(dispatch.shed_mw.sum())


def energy_of(built: Built, capacity: Array, dispatch: Dispatch) -> Energy:
    """Where the energy comes from and goes to."""
    used = used_free_mw(built, dispatch)
    by_source = {s.name: float(used[:, k].sum()) for k, s in enumerate(built.free) if s.role != "export"}
    for m, source in enumerate(built.firm):
        if source.role != "unsold":
            by_source[source.name] = by_source.get(source.name, 0.0) + float(dispatch.firm_mw[:, m].sum())
    offers = [k for k, source in enumerate(built.free) if source.role != "export"]
    return Energy(
        load_mwh=float(built.system.load_mw.sum()),
        by_source=by_source,
        curtailed_mwh=float(dispatch.curtailed_mw.sum()),
        offered_mwh=float(dispatch.free_mw[:, offers].sum()),
        charged_mwh=float(dispatch.charge_mw.sum()),
        discharged_mwh=float(dispatch.discharge_mw.sum()),
        sold_mwh=float(sold_mw(built, dispatch).sum()),
        unserved_mwh=float(dispatch.shed_mw.sum()),
        virtual_mwh=float(certificates_mw(built, capacity).sum()),
    )


def carbon_of(built: Built, capacity: Array, dispatch: Dispatch) -> Carbon:
    """Emissions of all hours by every way of counting, and how much of the load is carbon-free."""
    hours = built.system.hours
    drawn, grid_t, dirty = np.zeros(hours), np.zeros(hours), np.zeros(hours)
    stack_t = lifecycle_t = 0.0
    for m, source in enumerate(built.firm):
        made = dispatch.firm_mw[:, m]
        if source.role in ("unsold", "flexible"):
            continue
        lifecycle_t += float((made * source.lifecycle_t_per_mwh).sum())
        dirty += made * source.dirty
        if source.role == "grid":
            drawn += made
            grid_t += made * source.carbon_t_per_mwh
        else:
            stack_t += float((made * source.carbon_t_per_mwh).sum())
    for k, source in enumerate(built.free):
        lifecycle_t += float((np.maximum(dispatch.free_mw[:, k], 0.0) * source.lifecycle_t_per_mwh).sum())
    lifecycle_t += sum(c.embodied_t * size for c, size in zip(built.capacities, capacity.tolist(), strict=True))
    bought = certificates_mw(built, capacity)
    mean_t = float(grid_t.sum() / drawn.sum()) if drawn.sum() > 0 else 0.0
    left = np.divide(np.maximum(drawn - bought, 0.0), drawn, out=np.zeros(hours), where=drawn > 0)
    served = served_mwh(built, dispatch)
    clean, traded = served - float(dirty.sum()), float(sold_mw(built, dispatch).sum() + bought.sum())
    return Carbon(
        stack_t=stack_t,
        grid_t=float(grid_t.sum()),
        market_t=stack_t + max(float(drawn.sum() - bought.sum()), 0.0) * mean_t,
        matched_t=stack_t + float((grid_t * left).sum()),
        lifecycle_t=lifecycle_t,
        carbon_free_hourly=max(0.0, clean) / served if served > 0 else 0.0,
        carbon_free_annual=max(0.0, clean + traded) / served if served > 0 else 0.0,
    )


def water_of(built: Built, dispatch: Dispatch) -> Water:
    """Water of cooling, of the plants at the site and of the grid's plants."""
    plants = grid = 0.0
    used = used_free_mw(built, dispatch)
    for k, source in enumerate(built.free):
        plants += source.water_l_per_mwh * float(used[:, k].sum())
    for m, source in enumerate(built.firm):
        litres = source.water_l_per_mwh * float(dispatch.firm_mw[:, m].sum())
        plants, grid = (plants, grid + litres) if source.role == "grid" else (plants + litres, grid)
    cooling = float((built.load.it_mw * built.load.water_l_per_kwh).sum()) * KWH_PER_MWH
    return Water(cooling_m3=cooling / LITRES_PER_M3, plants_m3=plants / LITRES_PER_M3, grid_m3=grid / LITRES_PER_M3)


def residual_mw(built: Built, dispatch: Dispatch) -> float:
    """Worst hour of the power ledger, in MW: 0 to rounding, or the dispatch is wrong."""
    fed = dispatch.free_mw.sum(axis=1) + dispatch.firm_mw.sum(axis=1) + dispatch.discharge_mw.sum(axis=1)
    taken = built.system.load_mw + dispatch.charge_mw.sum(axis=1) + dispatch.curtailed_mw
    worst = float(np.abs(fed + dispatch.shed_mw - taken).max())
    parts = (dispatch.firm_mw, dispatch.charge_mw, dispatch.discharge_mw, dispatch.shed_mw, dispatch.curtailed_mw)
    return max([worst, *(-float(part.min()) for part in parts if part.size)])
