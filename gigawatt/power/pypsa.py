"""Systems to and from PyPSA networks with one bus (extra `energy`).

A store is a PyPSA store on a bus of its own with one link in and one link out, so that power and energy are sized
apart; or a storage unit, whose energy is a fixed number of hours at full power. A generator `shed` stands for load that
is not served. Costs of capital are those of the snapshots, as PyPSA takes them.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import numpy as np

from gigawatt.power.pypsa_network import SHED, from_pypsa
from gigawatt.power.system import Store, System

__all__ = ["from_pypsa", "to_pypsa"]

Array = np.ndarray
BUS = "site"
FAR = 1000.0  # times the largest load: more than can be shed


def to_pypsa(system: System) -> Any:
    """A `pypsa.Network` whose optimum costs what ours does, capital of what is given left out.

    Raises:
        ValueError: PyPSA has no word for something: rows on capacities other than hours of a store, a capacity that
            several components share while its size is open, a budget whose use changes from hour to hour.
        ImportError: PyPSA is not installed.
    """
    network = library().Network()
    network.set_snapshots(range(system.hours))
    network.add("Bus", BUS)
    network.add("Load", "load", bus=BUS, p_set=system.load_mw)
    names = _Names(system)
    _shed(network, system)
    sales = _sales(system)
    for k, place in enumerate(system.free_capacity):
        if int(place) not in sales:
            _free(network, system, names, k)
    for m in range(system.firm_usd_per_mwh.shape[1]):
        place = int(system.firm_capacity[0, m])
        if place in sales:
            _sold(network, system, names, m)
        else:
            _firm(network, system, names, m)
    units = {store.energy: hours for store in system.stores if (hours := _unit_hours(system, store)) is not None}
    for store in system.stores:
        if store.energy in units:
            _storage_unit(network, system, names, store, units[store.energy])
        else:
            _store(network, system, names, store)
    if len(system.rows_least) > 2 * len(units):
        listed = ", ".join(system.rows_names) or f"{len(system.rows_least)} rows"
        raise ValueError(f"PyPSA has no linear limits on capacities: {listed}")
    _budgets(network, system, names)
    return network


def library() -> Any:
    """PyPSA.

    Raises:
        ImportError: It is not installed.
    """
    try:
        return import_module("pypsa")
    except ImportError as error:
        raise ImportError("this needs PyPSA: pip install 'gigawatt[energy]'") from error


class _Names:
    """Names of components, each once; and what of a capacity PyPSA is told."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.given = system.least == system.most
        self.used: dict[int, str] = {}
        self.carriers: dict[int, str] = {}  # of firm columns
        self.taken = {SHED, "load"}

    def size(self, place: int, *, letter: str = "p", scale: float = 1.0, user: str = "") -> dict[str, Any]:
        """Bounds and cost of a capacity, in units of `scale` MW.

        Raises:
            ValueError: Another component has the same capacity and its size is open.
        """
        s = self.system
        if place in self.used and not self.given[place]:
            raise ValueError(f"{s.names[place]} is shared by {self.used[place]} and {user}: PyPSA sizes them apart")
        self.used[place] = user
        if self.given[place]:
            return {f"{letter}_nom": s.most[place] / scale, f"{letter}_nom_extendable": False}
        return {
            f"{letter}_nom_extendable": True,
            f"{letter}_nom_min": s.least[place] / scale,
            f"{letter}_nom_max": s.most[place] / scale,
            "capital_cost": s.capital_usd[place] * scale,
        }

    def name(self, place: int) -> str:
        """A name that no component has yet."""
        wanted = str(self.system.names[place])
        name, n = wanted, 2
        while name in self.taken:
            name, n = f"{wanted} {n}", n + 1
        self.taken.add(name)
        return name


def _shed(network: Any, system: System) -> None:
    """What is not served, where that is allowed."""
    if np.isfinite(system.shed_usd_per_mwh):
        far = FAR * float(np.abs(system.load_mw).max(initial=1.0))
        network.add("Carrier", SHED)
        network.add("Generator", SHED, bus=BUS, carrier=SHED, p_nom=far, marginal_cost=system.shed_usd_per_mwh)


def _sales(system: System) -> set[int]:
    """Capacities that sell: they draw one MW per MW, and give back at its price what is not sold."""
    out = set()
    for k, place in enumerate(system.free_capacity):
        columns = np.flatnonzero((system.firm_capacity == place).all(axis=0))
        alone = len(columns) == 1 and (system.firm_capacity == place).any(axis=0).sum() == 1
        if alone and (system.free_profile[:, k] == -1.0).all() and (system.firm_available[:, columns] == 1.0).all():
            out.add(int(place))
    return out


def _free(network: Any, system: System, names: _Names, k: int) -> None:
    """A source without running cost: what is not needed is curtailed, what it draws is drawn."""
    place, profile = int(system.free_capacity[k]), system.free_profile[:, k]
    name = names.name(place)
    drawn = np.minimum(profile, 0.0)
    least = {"p_min_pu": drawn} if drawn.any() else {}
    network.add("Generator", name, bus=BUS, carrier=_carrier(network, name), p_max_pu=profile, **least,
                **names.size(place, user=name))  # fmt: skip


def _sold(network: Any, system: System, names: _Names, m: int) -> None:
    """A generator that takes power and is paid for it."""
    place, price = int(system.firm_capacity[0, m]), system.firm_usd_per_mwh[:, m]
    name = names.name(place)
    size = names.size(place, user=name)
    if "capital_cost" in size:
        size["capital_cost"] += float(price.sum())  # the capital counts all as sold; PyPSA counts what is
    network.add("Generator", name, bus=BUS, carrier=_carrier(network, name), p_min_pu=-1.0, p_max_pu=0.0,
                marginal_cost=price, **size)  # fmt: skip


def _firm(network: Any, system: System, names: _Names, m: int) -> None:
    """A source with running cost, its ramps and, where its capacity is given, its units."""
    places = np.unique(system.firm_capacity[:, m])
    if len(places) > 1:
        raise ValueError(f"{system.names[places[0]]}: PyPSA knows one capacity of a generator, not {len(places)}")
    place = int(places[0])
    name = names.name(place)
    ramps = {}
    for ramp in system.ramps:
        if ramp.firm == m:
            ramps = {"ramp_limit_up": ramp.up, "ramp_limit_down": ramp.down}
    names.carriers[m] = _carrier(network, name)
    common = {
        "bus": BUS,
        "carrier": name,
        "marginal_cost": system.firm_usd_per_mwh[:, m],
        "p_max_pu": system.firm_available[:, m],
        **ramps,
    }
    units = [commitment for commitment in system.commitments if commitment.firm == m]
    if not units:
        network.add("Generator", name, **common, **names.size(place, user=name))
        return
    one = units[0]
    if not names.given[place]:
        raise ValueError(f"{name}: units that are on or off can be handed over when their number is given")
    if ramps:
        least = {f"ramp_limit_{way}": max(one.least_load, ramps[f"ramp_limit_{side}"])
                 for way, side in (("start_up", "up"), ("shut_down", "down"))}  # fmt: skip
        common.update(least)
    for n in range(round(float(system.most[place]) / one.unit_mw)):
        network.add(
            "Generator", name if n == 0 else f"{name} unit {n + 1}", **common, p_nom=one.unit_mw, committable=True,
            p_min_pu=one.least_load, start_up_cost=one.start_usd,
            min_up_time=one.least_up_hours, min_down_time=one.least_down_hours,
        )  # fmt: skip


def _carrier(network: Any, name: str) -> str:
    network.add("Carrier", name)
    return name


def _unit_hours(system: System, store: Store) -> float | None:
    """Hours at full power of a store whose energy is tied to its one power, by two rows; else None."""
    if store.charge != store.discharge or store.start_share is not None:
        return None
    hours = []
    for row, least in zip(system.rows, system.rows_least, strict=True):
        others = np.delete(row, [store.energy, store.charge])
        if least == 0.0 and row[store.energy] != 0.0 and not others.any():
            hours.append((float(np.sign(row[store.energy])), -row[store.charge] / row[store.energy]))
    signs = sorted(sign for sign, _ in hours)
    return hours[0][1] if signs == [-1.0, 1.0] and np.isclose(hours[0][1], hours[1][1]) else None


def _storage_unit(network: Any, system: System, names: _Names, store: Store, hours: float) -> None:
    """A store with one power and a fixed number of hours."""
    name = names.name(store.energy)
    size = names.size(store.charge, user=name)
    if "capital_cost" in size:
        size["capital_cost"] += hours * system.capital_usd[store.energy]
        size["p_nom_max"] = min(size["p_nom_max"], system.most[store.energy] / hours)
        size["p_nom_min"] = max(size["p_nom_min"], system.least[store.energy] / hours)
    network.add(
        "StorageUnit", name, bus=BUS, carrier=_carrier(network, name), max_hours=hours, cyclic_state_of_charge=True,
        efficiency_store=store.charge_efficiency, efficiency_dispatch=store.discharge_efficiency,
        standing_loss=store.loss_per_hour, marginal_cost=store.wear_usd_per_mwh, **size,
    )  # fmt: skip


def _store(network: Any, system: System, names: _Names, store: Store) -> None:
    """A store on a bus of its own, with a link in and a link out; the link out is sized by what it takes."""
    name = names.name(store.energy)
    network.add("Bus", name)
    pinned = {}
    if store.start_share is not None:
        most = np.ones(system.hours)
        most[-1] = store.start_share
        pinned = {"e_max_pu": most, "e_min_pu": np.where(np.arange(system.hours) == system.hours - 1, most, 0.0)}
    energy = names.size(store.energy, letter="e", user=name)
    network.add("Store", name, bus=name, carrier=_carrier(network, name), e_cyclic=True,
                standing_loss=store.loss_per_hour, **pinned, **energy)  # fmt: skip
    network.add("Link", f"{name} in", bus0=BUS, bus1=name, efficiency=store.charge_efficiency,
                **names.size(store.charge, user=f"{name} in"))  # fmt: skip
    out = store.discharge_efficiency
    network.add("Link", f"{name} out", bus0=name, bus1=BUS, efficiency=out,
                marginal_cost=store.wear_usd_per_mwh * out,
                **names.size(store.discharge, scale=out, user=f"{name} out"))  # fmt: skip


def _budgets(network: Any, system: System, names: _Names) -> None:
    """Budgets as limits on an attribute of carriers."""
    for budget in system.budgets:
        if budget.per_capacity is not None and budget.per_capacity.any():
            raise ValueError(f"budget '{budget.name}': PyPSA knows no limit that grows with what is built")
        if (budget.use != budget.use[:1]).any():
            raise ValueError(f"budget '{budget.name}': PyPSA counts the same for each MWh of a source at every hour")
        attribute = "co2_emissions" if budget.name in ("carbon", "co2") else re.sub(r"\W", "_", budget.name)
        if attribute not in network.carriers:
            network.carriers[attribute] = 0.0
        for m, carrier in names.carriers.items():
            network.carriers.loc[carrier, attribute] = budget.use[0, m]
        network.add("GlobalConstraint", budget.name, type="primary_energy", carrier_attribute=attribute,
                    sense="<=", constant=budget.cap)  # fmt: skip
