"""Reliability of a plan: the machines it stands for, what they have in common, and how it runs when it is short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gigawatt.catalog import items
from gigawatt.power.machines import Common, Units
from gigawatt.power.options import Battery, Grid, Plant
from gigawatt.power.plan import PowerPlan
from gigawatt.power.reliability import Chips, Reliability, Reserve, Target, reliability_of, reserve
from gigawatt.power.system import System

Array = np.ndarray

BATTERY_BLOCK_MW = 50.0  # behind one transformer, where the catalog names no size


def units_of(plan: PowerPlan) -> tuple[Units, ...]:
    """Machines of a plan, with the rates of the catalog: plants, stores, and circuits of the grid with one to spare.

    Contracts, and technologies without a row in the table `outages`, never fail.
    """
    options = {option.name: option for option in plan.built.options}
    found = []
    for column, source in enumerate(plan.built.firm):
        option = options.get(source.name)
        if isinstance(option, Plant):
            found.append(_unit(option.name, option.technology.name, option.technology.unit_mw, firm=column))
        elif isinstance(option, Grid):
            unit_mw = option.technology.unit_mw
            found.append(_unit(option.name, "grid_interconnection", unit_mw, firm=column, spare=1))
    for place, name in enumerate(plan.built.stores):
        option = options.get(name)
        if isinstance(option, Battery):
            found.append(_unit(name, option.technology.name, option.technology.unit_mw, store=place))
    return tuple(unit for unit in found if unit is not None)


def _unit(
    name: str, technology: str, unit_mw: float, *, firm: int | None = None, store: int | None = None, spare: int = 0
) -> Units | None:
    if technology not in items("outages"):
        return None
    size = unit_mw if unit_mw > 0 else BATTERY_BLOCK_MW
    return Units.of(technology, name=name, unit_mw=size, firm=firm, store=store, spare=spare)


def commons_of(plan: PowerPlan) -> tuple[Common, ...]:
    """Common causes of a plan: its gas supply, where plants burn gas, and the grid as a whole, where it has one."""
    options, known = plan.built.options, {u.name for u in units_of(plan)}
    gas = tuple(o.name for o in options if isinstance(o, Plant) and o.technology.heat_rate_mmbtu_per_mwh > 0)
    grid = tuple(o.name for o in options if isinstance(o, Grid))
    pairs = (("gas_supply", gas), ("grid_system", grid))
    hits = {name: tuple(hit for hit in own if hit in known) for name, own in pairs}
    return tuple(Common.of(name, own) for name, own in hits.items() if own)


def reliability(
    plan: PowerPlan,
    *,
    units: Sequence[Units] | None = None,
    spare: Mapping[str, int] | None = None,
    standby: Sequence[Units] = (),
    commons: Sequence[Common] | None = None,
    net_mw: Array | None = None,
    years: int = 1000,
    seed: int = 0,
    start_below: float = 0.5,
    chips: Chips | None = None,
) -> Reliability:
    """Outage years of a plan.

    Args:
        units: Its machines; without them, those of `units_of`.
        spare: Further machines by the name of their option, N+k, which the plan does not hold.
        standby: Standby machines beside the plan, such as `Units.of("diesel_backup", count=40)`.
        commons: Common causes; without them, those of `commons_of`.
        net_mw: Load less sun and wind in other weather, (W, T), in turn; without it, that of the plan's year.
        years: How many to draw; what no year shows comes less often than 3 / years, at 95 %.

    Raises:
        ValueError: `spare` names no machines of the plan, or a number is out of its range.
    """
    machines = _machines(plan, units, spare or {})
    system, net, stops = emergency(plan, machines)
    return reliability_of(
        system, plan.capacity, (*machines, *standby),
        commons=commons_of(plan) if commons is None else commons, flexible=stops,
        net_mw=net if net_mw is None else net_mw, years=years, seed=seed, start_below=start_below,
        chips=chips or Chips.of(pue=plan.built.load.mean_pue),
    )  # fmt: skip


def reserve_of(
    plan: PowerPlan,
    name: str,
    target: Target,
    *,
    units: Sequence[Units] | None = None,
    standby: Sequence[Units] = (),
    commons: Sequence[Common] | None = None,
    most: int = 128,
    years: int = 2000,
    seed: int = 0,
) -> Reserve:
    """The fewest machines beyond a plan, of its own kind `name` or of a standby fleet, that reach a target.

    Raises:
        SolveError: `most` machines are not enough; names what was out.
    """
    machines = tuple(_priced(plan, u) for u in (*_machines(plan, units, {}), *standby))
    system, net, stops = emergency(plan, machines)
    return reserve(
        system, plan.capacity, machines, name, target, most=most, flexible=stops, net_mw=net, years=years, seed=seed,
        commons=commons_of(plan) if commons is None else commons, chips=Chips.of(pue=plan.built.load.mean_pue),
    )  # fmt: skip


def _machines(plan: PowerPlan, units: Sequence[Units] | None, spare: Mapping[str, int]) -> tuple[Units, ...]:
    machines = tuple(units_of(plan) if units is None else units)
    unknown = sorted(set(spare) - {u.name for u in machines})
    if unknown:
        raise ValueError(f"no machines called {', '.join(unknown)}; known: {', '.join(u.name for u in machines)}")
    return tuple(replace(u, spare=u.spare + spare.get(u.name, 0)) for u in machines)


def _priced(plan: PowerPlan, units: Units) -> Units:
    """Machines at the yearly capital and fixed cost that the plan pays per MW of their kind, where it has such."""
    costs = [sum(c.usd.values()) / plan.built.years for c in plan.built.capacities if c.name == units.name]
    return units if units.usd_per_mw_year or not costs else replace(units, usd_per_mw_year=costs[0])


def emergency(plan: PowerPlan, units: Sequence[Units]) -> tuple[System, Array, tuple[int, ...]]:
    """A plan's system as it may run when it is short, its load less sun and wind, and the sources that are load.

    Nothing is sold, the grid gives all that its connection can whatever the month's peak so far, and the outages of
    `units` are not counted twice (`available_in_order`).
    """
    built, system = plan.built, plan.built.system
    places, available = system.firm_capacity.copy(), available_in_order(plan, units)
    for m, source in enumerate(built.firm):
        if source.role == "grid":
            places[:, m] = system.names.index(source.name)
        if source.role == "unsold":
            available[:, m] = 0.0
    stops = tuple(m for m, source in enumerate(built.firm) if source.role == "flexible")
    return replace(system, firm_capacity=places, firm_available=available), net_load_mw(plan), stops


def net_load_mw(plan: PowerPlan) -> Array:
    """Load of a plan less what sun and wind give, (T,)."""
    system = plan.built.system
    free = [k for k, source in enumerate(plan.built.free) if source.role != "export"]
    return np.asarray(system.load_mw - system.free_profile[:, free] @ plan.capacity[system.free_capacity[free]])


def available_in_order(plan: PowerPlan, units: Sequence[Units]) -> Array:
    """Availability of the firm sources while their machines are in order, (T, M).

    A plan derates a plant to its capacity factor. The part of that which outages and maintenance take is given back to
    plants whose machines are drawn; what else bounds a plant, such as the water of a river, stays.
    """
    options = {option.name: option for option in plan.built.options}
    drawn = {unit.firm for unit in units if unit.firm is not None and not unit.standby}
    available = plan.built.system.firm_available.copy()
    for m, source in enumerate(plan.built.firm):
        option = options.get(source.name)
        if isinstance(option, Plant) and m in drawn:
            available[:, m] = np.minimum(available[:, m] / option.technology.in_order_share, 1.0)
    return available


# --------------------------------------------------------------------------------------------------------------- rows


Row = dict[str, float | str]


def reliability_rows(found: Reliability) -> list[Row]:
    """One row per figure: what it is, its value, its standard error where it is drawn, and its unit."""
    longest = float(found.longest_hours.max())
    figures: list[tuple[str, float, float | None, str]] = [
        ("expected unserved energy", found.eue_mwh, found.eue_error_mwh, "MWh/year"),
        ("hours with load unserved", found.lole_hours, found.lole_error_hours, "hours/year"),
        ("outages of the load", found.events_per_year, None, "1/year"),
        ("mean length of an outage", found.mean_event_hours, None, "hours"),
        ("longest outage drawn", longest, None, "hours"),
        ("nines of energy", found.energy_nines, None, "1"),
        ("nines of time", found.time_nines, None, "1"),
        ("years without an outage", found.clean_years_share, None, "1"),
        ("unserved in one year of twenty", found.quantile_mwh(0.95), None, "MWh/year"),
        ("load stopped first", float(found.flexed_mwh.mean()), None, "MWh/year"),
        ("made by standby machines", float(found.standby_mwh.mean()), None, "MWh/year"),
        ("lost chip-hours", found.lost_chip_hours, None, "hours/year"),
        ("work lost", found.lost_usd, None, "USD/year"),
        ("years drawn", float(found.years), None, "years"),
    ]
    return [
        {"figure": what, "value": number, "error": "" if error is None else error, "unit": unit}
        for what, number, error, unit in figures
    ]


def cause_rows(found: Reliability) -> list[Row]:
    """One row per cause, the worst first: unserved MWh a year and its share."""
    ranked = sorted(found.by_cause_mwh.items(), key=lambda pair: -pair[1])
    return [{"cause": cause, "mwh": mwh, "share": mwh / max(found.eue_mwh, 1e-12)} for cause, mwh in ranked if mwh > 0]
