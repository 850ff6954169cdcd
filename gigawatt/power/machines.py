"""The machines behind a plan, as reliability sees them: how many, how often out, how long, and what fails together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple, Self

import numpy as np

from gigawatt.catalog import facts, items
from gigawatt.power.outages import BLOCK_HOURS, Chains, Hours, Machines, Standbys, Storages
from gigawatt.power.system import System
from gigawatt.units import HOURS_PER_DAY, HOURS_PER_YEAR

Array = np.ndarray

MOST_LOTS = 64  # more machines of a kind fail in lots, which is never better than one by one
KIND = 1 << 20  # numbers by which machines draw: kind x KIND + place among its like
COMMON, STANDBY, WHOLE, PLANNED = (kind << 40 for kind in (1, 2, 3, 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Equal machines: of a firm source or a store of the system, or standby machines beside it."""

    name: str
    unit_mw: float
    firm: int | None = None  # column of `System.firm_usd_per_mwh`
    store: int | None = None  # place in `System.stores`
    standby: bool = False  # starts only when it is needed
    count: int | None = None  # None: as many as the capacity asks for
    spare: int = 0  # further machines, N+k
    forced_outage_rate: float = 0.0  # of hours; of a standby machine: of calls
    mttr_hours: float = 24.0
    mttf_hours: float = 0.0  # of a standby machine while it runs; 0: never fails
    planned_hours: float = 0.0  # of maintenance of each machine a year
    start_failure: float = 0.0  # of calls of a standby machine
    together: float = 0.0  # of calls that find the whole standby fleet out of order
    usd_per_mw_year: float = 0.0  # of a further machine

    def __post_init__(self) -> None:
        if self.unit_mw <= 0 or self.spare < 0 or (self.count is not None and self.count < 0):
            raise ValueError(f"{self.name}: machines of {self.unit_mw:g} MW, {self.count} and {self.spare} of them")
        if not 0 <= self.forced_outage_rate < 1 or self.mttr_hours < 1:
            raise ValueError(f"{self.name}: forced outage rate must be below 1, repair takes an hour at least")
        if not self.standby and (self.firm is None) == (self.store is None):
            raise ValueError(f"{self.name}: give the firm source or the store that these machines are")
        if self.standby and self.firm is None and self.count is None:
            raise ValueError(f"{self.name}: give the count of standby machines")
        if self.standby and self.planned_hours:
            raise ValueError(f"{self.name}: maintenance of standby machines is part of their forced outage rate")

    @classmethod
    def of(cls, technology: str, **changes: Any) -> Self:
        """Machines of a technology with the rates of the catalog's table `outages` and the size of table `power`.

        `changes` are fields, or rows of the table: `outages_per_year` and `outage_hours` where it tells by those.
        """
        known = {name: fact.value for name, fact in facts("outages", technology).items()} | changes
        if "outages_per_year" in known:
            hours = float(known["outage_hours"])
            rate = float(known["outages_per_year"]) * hours / HOURS_PER_YEAR
            known = {"forced_outage_rate": rate, "mttr_hours": hours} | known
        if "unit_mw" not in known and technology in items("power"):
            known |= {key: fact.value for key, fact in facts("power", technology).items() if key in ("unit_mw",)}
        known |= {"name": changes.get("name", technology)}
        every: dict[str, Any] = {"standby": "start_failure" in known} | known
        return cls(**{key: found for key, found in every.items() if key in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Something that takes out a share of several kinds of machine at once."""

    name: str
    hits: tuple[str, ...]  # names of `Units`
    outages_per_year: float
    outage_hours: float
    share: float = 1.0  # of their power

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or self.outages_per_year < 0 or self.outage_hours < 1:
            raise ValueError(f"{self.name}: share within 0 to 1, rate of 0 or more, an hour or more each")
        if self.outages_per_year * self.outage_hours >= HOURS_PER_YEAR:
            raise ValueError(f"{self.name}: out for more than the whole year")

    @classmethod
    def of(cls, name: str, hits: tuple[str, ...], **changes: Any) -> Self:
        """A common cause with the rates of the catalog's table `outages`: `gas_supply`, `grid_system`."""
        known = {key: fact.value for key, fact in facts("outages", name).items() if key in cls.__dataclass_fields__}
        return cls(**(known | {"name": name, "hits": hits} | changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All that a run of outage years needs, as arrays."""

    hours: Hours
    machines: Machines
    chains: Chains
    standbys: Standbys
    storages: Storages
    causes: tuple[str, ...]  # names of the places of `cause`


def fleet(
    system: System, capacity: Array, units: tuple[Units, ...], commons: tuple[Common, ...], flexible: tuple[int, ...],
    net_mw: Array | None, flexible_mw: Array | None,
) -> Fleet:  # fmt: skip
    """Machines and hours of a system of given size. Firm sources that no `Units` describe never fail.

    Raises:
        ValueError: `units` or `commons` name what is not there, or something twice.
    """
    check(system, units, commons, flexible)
    capacity = _sizes_of(system, capacity)
    _check_hours(system, net_mw, flexible_mw)
    standby = tuple(u for u in units if u.standby)
    columns = [m for m in range(system.firm_usd_per_mwh.shape[1]) if m not in flexible]
    columns = [m for m in columns if m not in {u.firm for u in standby}]
    limit = system.firm_available * capacity[system.firm_capacity]
    peak = limit.max(axis=0, initial=0.0)
    running = [
        _of(units, firm=m) or Units(name=_source(system, m), unit_mw=max(peak[m], 1e-9), firm=m) for m in columns
    ]
    running += [
        _of(units, store=s) or Units(name=system.names[store.discharge], unit_mw=1e9, store=s)
        for s, store in enumerate(system.stores)
    ]
    sizes = [_sizes(u, _peak(system, capacity, peak, u)) for u in running]
    net = np.atleast_2d(_net(system, capacity) if net_mw is None else np.asarray(net_mw, dtype=np.float64))
    share = np.divide(limit, peak, out=np.zeros_like(limit), where=peak > 0)[:, columns]
    stops = limit[:, list(flexible)].sum(axis=1) + (0.0 if flexible_mw is None else flexible_mw)
    stores = [(capacity[s.charge], capacity[s.discharge], capacity[s.energy]) for s in system.stores]
    return Fleet(
        hours=_hours(net, np.broadcast_to(np.maximum(stops, 0.0), net.shape), share),
        machines=Machines(
            np.array([mw for own in sizes for mw in own.mw], dtype=np.float64),
            np.array([g for g, own in enumerate(sizes) for _ in own.mw], dtype=np.int64),
        ),
        chains=_chains(running, sizes, commons, net.max(axis=0)),
        standbys=_standbys(standby, [_sizes(u, 0.0 if u.firm is None else peak[u.firm]) for u in standby]),
        storages=_storages(system, stores, first=len(columns)),
        causes=(
            *(u.name for u in running),
            *(c.name for c in commons),
            *(u.name for u in standby),
            "sun, wind or size",
        ),
    )


def check(system: System, units: tuple[Units, ...], commons: tuple[Common, ...], flexible: tuple[int, ...]) -> None:
    """ValueError where units or common causes name what the system does not have, or describe something twice."""
    sources, stores = system.firm_usd_per_mwh.shape[1], len(system.stores)
    places = [("firm source", u.firm) for u in units if u.firm is not None]
    places += [("firm source", m) for m in flexible] + [("store", u.store) for u in units if u.store is not None]
    for kind, place in places:
        if not 0 <= place < (sources if kind == "firm source" else stores):
            raise ValueError(f"units: there is no {kind} {place}; the system has {sources} and {stores} stores")
        if places.count((kind, place)) > 1:
            raise ValueError(f"units: {kind} {place} is described more than once")
    names = [u.name for u in units]
    for cause in commons:
        unknown = sorted(set(cause.hits) - set(names))
        if unknown:
            raise ValueError(f"{cause.name} hits {', '.join(unknown)}; known: {', '.join(names)}")


def _sizes_of(system: System, capacity: Array) -> Array:
    """The capacities, none below 0 by rounding."""
    if capacity.shape != (len(system.names),) or not np.isfinite(capacity).all() or capacity.min(initial=0.0) < -1e-6:
        raise ValueError(f"capacity must be {len(system.names)} finite numbers of 0 or more")
    return np.asarray(np.maximum(capacity, 0.0))


def _check_hours(system: System, net_mw: Array | None, flexible_mw: Array | None) -> None:
    """ValueError where hours are missing or hold no number: the kernels take them as they are."""
    for name, values in (("net_mw", net_mw), ("flexible_mw", flexible_mw)):
        if values is not None and np.shape(values)[-1:] != (system.hours,):
            raise ValueError(f"{name} has {np.shape(values)} hours, the system {system.hours}")
        if values is not None and not np.isfinite(values).all():
            raise ValueError(f"{name} holds a value that is no number")


def _of(units: tuple[Units, ...], firm: int | None = None, store: int | None = None) -> Units | None:
    return next((u for u in units if not u.standby and (u.firm, u.store) == (firm, store)), None)


def _source(system: System, column: int) -> str:
    """Name of the capacity behind a firm source, in the first hour."""
    return system.names[int(system.firm_capacity[0, column])]


def _peak(system: System, capacity: Array, peak: Array, units: Units) -> float:
    if units.firm is not None:
        return float(peak[units.firm])
    store = system.stores[units.store or 0]
    return float(max(capacity[store.discharge], capacity[store.charge]))


def _net(system: System, capacity: Array) -> Array:
    """Load less the output of sun and wind."""
    return np.asarray(system.load_mw - system.free_profile @ capacity[system.free_capacity])


class Lots(NamedTuple):
    """Power of each machine, or lot of machines, of a kind; the spare ones last."""

    mw: list[float]
    needed: int  # lots that are not spare


def _sizes(units: Units, peak_mw: float) -> Lots:
    """The capacity in equal parts, or as many as are given, and the spare ones."""
    size, count = machine_size(units, peak_mw)
    lot = max(1, ceil(count / MOST_LOTS))
    needed, spare = ([size * (min(i + lot, n) - i) for i in range(0, n, lot)] for n in (count, units.spare))
    return Lots(needed + spare, len(needed))


def machine_size(units: Units, peak_mw: float) -> tuple[float, int]:
    """Power of one machine, and how many carry `peak_mw`, the spare ones left out."""
    if units.count is not None:
        return units.unit_mw, units.count
    count = ceil(peak_mw / units.unit_mw - 1e-9)
    return (peak_mw / count, count) if count > 0 else (units.unit_mw, 0)


def machine_mw(units: Units, system: System, capacity: Array) -> float:
    """Power of one machine of a system of given sizes."""
    peak = 0.0
    if units.firm is not None:
        peak = float((system.firm_available[:, units.firm] * capacity[system.firm_capacity[:, units.firm]]).max())
    elif units.store is not None:
        store = system.stores[units.store]
        peak = float(max(capacity[store.discharge], capacity[store.charge]))
    return machine_size(units, peak)[0]


def _hours(net: Array, stops: Array, share: Array) -> Hours:
    horizon = net.shape[1]
    begins = np.arange(0, horizon, BLOCK_HOURS)
    return Hours(
        np.ascontiguousarray(net),
        np.ascontiguousarray(stops),
        np.ascontiguousarray(share),
        np.ascontiguousarray(np.maximum.reduceat(net, begins, axis=1)),
        np.ascontiguousarray(np.minimum.reduceat(share, begins, axis=0)),
    )


def _chains(units: list[Units], sizes: list[Lots], commons: tuple[Common, ...], net: Array) -> Chains:
    """Failures of all machines, then common causes, then maintenance of the machines that have some."""
    flat = [(mw, g * KIND + i, units[g]) for g, own in enumerate(sizes) for i, mw in enumerate(own.mw)]
    spare_of = [g if i >= own.needed else -1 for g, own in enumerate(sizes) for i in range(len(own.mw))]
    planned = np.array([round(u.planned_hours) for _, _, u in flat], dtype=np.int64)
    begins = planned_from(np.array([mw for mw, _, _ in flat]), planned, net, spare_of)
    rows = [(*_odds(u.forced_outage_rate, u.mttr_hours), who, i, 0, 0) for i, (_, who, u) in enumerate(flat)]
    for c, cause in enumerate(commons):
        rate = cause.outages_per_year * cause.outage_hours / HOURS_PER_YEAR
        rows.append((*_odds(rate, cause.outage_hours), COMMON + c, -1, 0, 0))
    rows += [(0.0, 0.0, PLANNED + i, i, int(begins[i]), int(planned[i])) for i in np.flatnonzero(planned).tolist()]
    lost = [[c.share if u.name in c.hits else 0.0 for u in units] for c in commons]
    whole = [np.array([row[k] for row in rows], dtype=np.int64) for k in range(2, 6)]
    return Chains(
        np.array([row[0] for row in rows], dtype=np.float64), np.array([row[1] for row in rows], dtype=np.float64),
        whole[0], whole[1], whole[2], whole[3], np.array(lost, dtype=np.float64).reshape(len(commons), len(units)),
    )  # fmt: skip


def _odds(rate: float, hours: float) -> tuple[float, float]:
    """Probabilities of coming and of ending in an hour, of what is there for `rate` of the time and `hours` each."""
    return rate / (1 - rate) / hours, 1 / hours


def planned_from(unit_mw: Array, planned_hours: Array, net_mw: Array, spare_of: Sequence[int] | None = None) -> Array:
    """First hour of each machine's maintenance: largest first, each where the peak of load and power out is least.

    `spare_of` is the kind that a machine is a spare one of, -1 for none. Spare machines come last, and see of the spare
    ones only those of their kind before them: one more of a kind moves the maintenance of no other.
    """
    kind = np.full(len(unit_mw), -1) if spare_of is None else np.asarray(spare_of)
    begins = np.zeros(len(unit_mw), dtype=np.int64)
    days = len(net_mw) // HOURS_PER_DAY
    if not planned_hours.any() or days == 0:
        return begins
    stress = net_mw[: days * HOURS_PER_DAY].reshape(days, HOURS_PER_DAY).max(axis=1).copy()
    needed = sorted(np.flatnonzero(kind < 0).tolist(), key=lambda i: (-unit_mw[i], i))
    _place(needed, unit_mw, planned_hours, stress, begins)
    for k in np.unique(kind[kind >= 0]).tolist():
        _place(np.flatnonzero(kind == k).tolist(), unit_mw, planned_hours, stress.copy(), begins)
    return begins


def _place(order: list[int], unit_mw: Array, planned_hours: Array, stress: Array, begins: Array) -> None:
    """Fill the first hour of maintenance of these machines, in this order; adds their power to the days' `stress`."""
    days = len(stress)
    for u in order:
        length = min(days, -(-int(planned_hours[u]) // HOURS_PER_DAY))
        if length == 0:
            continue
        ring = np.concatenate((stress, stress[: length - 1]))
        day = int(np.lib.stride_tricks.sliding_window_view(ring, length).max(axis=1).argmin())
        begins[u] = day * HOURS_PER_DAY
        stress[(day + np.arange(length)) % days] += unit_mw[u]


def _standbys(units: tuple[Units, ...], sizes: list[Lots]) -> Standbys:
    flat = [(mw, z, u) for z, (u, own) in enumerate(zip(units, sizes, strict=True)) for mw in own.mw]
    return Standbys(
        np.array([STANDBY + z * KIND + i for z, own in enumerate(sizes) for i in range(len(own.mw))], dtype=np.int64),
        np.array([mw for mw, _, _ in flat], dtype=np.float64),
        np.array([z for _, z, _ in flat], dtype=np.int64),
        np.array([1 - (1 - u.start_failure) * (1 - u.forced_outage_rate) for _, _, u in flat]),
        np.array([1 / u.mttf_hours if u.mttf_hours else 0.0 for _, _, u in flat]),
        np.array([1 / u.mttr_hours for _, _, u in flat]),
        WHOLE + np.arange(len(units), dtype=np.int64),
        np.array([u.together for u in units], dtype=np.float64),
    )


def _storages(system: System, sizes: list[tuple[float, float, float]], first: int) -> Storages:
    return Storages(
        np.array([charge for charge, _, _ in sizes], dtype=np.float64),
        np.array([discharge for _, discharge, _ in sizes], dtype=np.float64),
        np.array([energy for _, _, energy in sizes], dtype=np.float64),
        np.array([s.charge_efficiency for s in system.stores], dtype=np.float64),
        np.array([s.discharge_efficiency for s in system.stores], dtype=np.float64),
        np.array([s.loss_per_hour for s in system.stores], dtype=np.float64),
        np.arange(first, first + len(sizes), dtype=np.int64),
    )
