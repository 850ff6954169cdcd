"""A PyPSA network with one bus as a system; whatever it cannot take over is refused by name, never left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from gigawatt.power.system import Budget, Commitment, Ramp, Store, System

Array = np.ndarray
SHED = "shed"  # the carrier of load that is not served

# Attributes that are read, beside those that say nothing about cost or limits; any other must be as PyPSA has it.
SILENT = {"name", "bus", "control", "carrier", "type", "build_year", "lifetime", "weight", "p_init", "q_set", "length",
          "terrain_factor", "discount_rate", "up_time_before", "down_time_before", "active", "state_of_charge_initial",
          "e_initial", "p_nom_set", "e_nom_set", "color", "nice_name", "cyclic_delay"}  # fmt: skip
SIZE = {"p_nom", "p_nom_extendable", "p_nom_min", "p_nom_max", "capital_cost"}
READ = {
    "Generator": SIZE | {
        "p_min_pu", "p_max_pu", "marginal_cost", "efficiency", "committable", "start_up_cost", "min_up_time",
        "min_down_time", "ramp_limit_up", "ramp_limit_down", "ramp_limit_start_up", "ramp_limit_shut_down",
    },
    "StorageUnit": SIZE | {"max_hours", "efficiency_store", "efficiency_dispatch", "standing_loss", "marginal_cost",
                           "cyclic_state_of_charge"},
    "Store": {"e_nom", "e_nom_extendable", "e_nom_min", "e_nom_max", "capital_cost", "standing_loss", "e_cyclic",
              "e_min_pu", "e_max_pu"},
    "Link": SIZE | {"bus0", "bus1", "efficiency", "marginal_cost"},
    "Load": {"p_set", "sign"},
}  # fmt: skip
TAKEN = {*READ, "Bus", "Carrier", "GlobalConstraint", "SubNetwork", "Shape"}


@dataclass(slots=True)
class _Draft:
    """A system while it is read."""

    network: Any
    hours: int
    bus: str
    names: list[str] = field(default_factory=list)
    sizes: list[tuple[float, float, float]] = field(default_factory=list)  # capital, least, most
    free: list[tuple[int, Array]] = field(default_factory=list)
    firm: list[tuple[int, Array, Array]] = field(default_factory=list)  # place, cost, availability
    carriers: list[tuple[str, Array | float]] = field(default_factory=list)  # of each firm source, with its efficiency
    stores: list[Store] = field(default_factory=list)
    rows: list[tuple[str, dict[int, float]]] = field(default_factory=list)
    ramps: list[Ramp] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    shed_usd_per_mwh: float = float("inf")

    def table(self, component: str) -> Any:
        """The static attributes of the components that are active."""
        static = self.network.components[component].static
        return static[static["active"]] if "active" in static else static

    def hourly(self, component: str, attribute: str, name: str) -> Array:
        """An attribute in every hour, (T,)."""
        series = self.network.components[component].dynamic[attribute]
        if name in series.columns:
            return np.ascontiguousarray(series[name].to_numpy(dtype=np.float64))
        return np.full(self.hours, float(self.table(component).loc[name, attribute]))

    def add(self, name: str, capital: float, least: float, most: float) -> int:
        """The place of one more capacity."""
        self.names.append(name)
        self.sizes.append((capital, least, most))
        return len(self.names) - 1

    def size(self, component: str, name: str, *, letter: str = "p", scale: float = 1.0) -> tuple[float, float, float]:
        """Capital, least and most of a component, `scale` MW to its MW; no capital of what is given, as in PyPSA."""
        one = self.table(component).loc[name]
        if not one[f"{letter}_nom_extendable"]:
            return 0.0, float(one[f"{letter}_nom"]) * scale, float(one[f"{letter}_nom"]) * scale
        least, most = float(one[f"{letter}_nom_min"]), float(one[f"{letter}_nom_max"])
        return float(one["capital_cost"]) / scale, least * scale, most * scale


def from_pypsa(network: Any) -> System:
    """The system of a network with one bus: a `pypsa.Network`, or the path of a netCDF file or CSV folder.

    A generator of the carrier `shed` says what load that is not served costs; without one all load is served. Capital
    of what is not extendable is 0, as PyPSA counts it. What units did before the first snapshot is whatever suits best.

    Raises:
        ValueError: Something cannot be taken over: several buses, lines, snapshots that are no hours, attributes
            without a counterpart. The component and attribute are named.
        ImportError: A path is given and PyPSA is not installed.
    """
    if isinstance(network, str | Path):
        network = _opened(Path(network))
    draft = _Draft(network, len(network.snapshots), _bus(network))
    _refuse(draft)
    for name in draft.table("Generator").index:
        _generator(draft, str(name))
    for name in draft.table("StorageUnit").index:
        _storage_unit(draft, str(name))
    for name in draft.table("Store").index:
        _store(draft, str(name))
    return _system(draft)


def _opened(path: Path) -> Any:
    try:
        return import_module("pypsa").Network(str(path))
    except ImportError as error:
        raise ImportError("this needs PyPSA: pip install 'gigawatt[energy]'") from error


def _bus(network: Any) -> str:
    """The bus where the load is."""
    buses = sorted({str(bus) for bus in network.components["Load"].static["bus"]})
    if len(buses) != 1:
        raise ValueError(f"loads are at {len(buses)} buses ({', '.join(buses) or 'none'}); one bus is allowed")
    return buses[0]


def _refuse(draft: _Draft) -> None:
    """Name what has no counterpart."""
    network = draft.network
    if getattr(network, "has_scenarios", False) or getattr(network, "has_periods", False):
        raise ValueError("networks with scenarios or investment periods are not taken over")
    weights = network.snapshot_weightings.to_numpy(dtype=np.float64)
    if (weights != 1.0).any():
        raise ValueError(f"snapshots weigh {weights[weights != 1.0][0]:g}; each must be one hour")
    for component in network.components:
        if len(component.static) and component.name not in TAKEN and not component.name.endswith("Type"):
            raise ValueError(f"{component.name} '{component.static.index[0]}' is not taken over; one bus is allowed")
    stores = set(draft.table("Store")["bus"])
    for bus in network.components["Bus"].static.index:
        if bus != draft.bus and bus not in stores:
            raise ValueError(f"bus '{bus}' is not taken over: the load is at '{draft.bus}', and no store is here")
    for component, read in READ.items():
        for name in draft.table(component).index:
            _refuse_attributes(draft, component, str(name), read | SILENT)


def _refuse_attributes(draft: _Draft, component: str, name: str, read: set[str]) -> None:
    """Name an attribute that says more than we can, or a component elsewhere."""
    table, defaults = draft.table(component), draft.network.components[component].defaults
    defaults = defaults[defaults["status"].str.startswith("Input")]
    at = table.loc[name].get("bus", draft.bus)
    if component in ("Generator", "StorageUnit") and at != draft.bus:
        raise ValueError(f"{component} '{name}' is at bus '{at}', not at '{draft.bus}'")
    for attribute in table.columns:
        if attribute in read or attribute not in defaults.index:
            continue
        value, usual = table.loc[name, attribute], defaults.loc[attribute, "default"]
        series = draft.network.components[component].dynamic.get(attribute)
        if (series is not None and name in series.columns) or (value != usual and not (value != value)):
            raise ValueError(f"{component} '{name}': {attribute} {value} is not taken over; {usual} is allowed")


def _generator(draft: _Draft, name: str) -> None:
    """A source, a sale or load that is not served."""
    one = draft.table("Generator").loc[name]
    least, most = draft.hourly("Generator", "p_min_pu", name), draft.hourly("Generator", "p_max_pu", name)
    cost = draft.hourly("Generator", "marginal_cost", name)
    if one["carrier"] == SHED and (cost == cost[0]).all() and one["p_nom"] >= _load_mw(draft).max():
        draft.shed_usd_per_mwh = float(cost[0])
        return
    if (least == -1.0).all() and not most.any():
        _sale(draft, name, cost)
        return
    place = draft.add(name, *draft.size("Generator", name))
    if one["committable"]:
        _committed(draft, name, place, cost, least, most)
    elif (least == np.minimum(most, 0.0)).all() and not cost.any() and not _ramps(draft, name):
        draft.free.append((place, most))
    elif not least.any() and (most >= 0.0).all():
        _firm(draft, name, place, cost, most)
    else:
        hour = int((least != 0.0).argmax())
        raise ValueError(f"Generator '{name}': p_min_pu {least[hour]:g} in hour {hour} is not taken over; 0 is allowed")


def _firm(draft: _Draft, name: str, place: int, cost: Array, available: Array) -> None:
    one = draft.table("Generator").loc[name]
    ramps = _ramps(draft, name)
    if ramps:
        draft.ramps.append(Ramp(firm=len(draft.firm), up=ramps[0], down=ramps[1]))
    draft.firm.append((place, cost, available))
    draft.carriers.append((str(one["carrier"]), draft.hourly("Generator", "efficiency", name)))


def _ramps(draft: _Draft, name: str) -> tuple[float, float] | None:
    """Shares of capacity that a generator may go up and down in an hour, if limited."""
    sides = [draft.hourly("Generator", f"ramp_limit_{side}", name) for side in ("up", "down")]
    for side, values in zip(("up", "down"), sides, strict=True):
        if not np.isnan(values).all() and (values != values[0]).any():
            raise ValueError(f"Generator '{name}': ramp_limit_{side} that changes is not taken over")
    up, down = (1.0 if np.isnan(values[0]) else float(values[0]) for values in sides)
    return None if up >= 1.0 and down >= 1.0 else (up, down)


def _committed(draft: _Draft, name: str, place: int, cost: Array, least: Array, most: Array) -> None:
    """One unit that is on or off."""
    one = draft.table("Generator").loc[name]
    starts = draft.hourly("Generator", "start_up_cost", name)
    if one["p_nom_extendable"]:
        raise ValueError(f"Generator '{name}': committable and extendable together are not taken over")
    if (least != least[0]).any() or (starts != starts[0]).any():
        raise ValueError(f"Generator '{name}': p_min_pu or start_up_cost that changes is not taken over")
    for way, side in (("start_up", "up"), ("shut_down", "down")):
        ramps, edge = _ramps(draft, name), float(one[f"ramp_limit_{way}"])
        if ramps and edge != max(float(least[0]), ramps[side == "down"]):
            allowed = max(float(least[0]), ramps[side == "down"])
            raise ValueError(f"Generator '{name}': ramp_limit_{way} {edge:g} is not taken over; {allowed:g} is allowed")
    commitment = Commitment(
        firm=len(draft.firm),
        unit_mw=float(one["p_nom"]),
        least_load=float(least[0]),
        start_usd=float(starts[0]),
        least_up_hours=max(int(one["min_up_time"]), 1),
        least_down_hours=max(int(one["min_down_time"]), 1),
    )
    _firm(draft, name, place, cost, most)
    draft.commitments.append(commitment)


def _sale(draft: _Draft, name: str, price: Array) -> None:
    """What takes power and is paid for it: draws its capacity, is paid for all, buys back what is not sold."""
    capital, least, most = draft.size("Generator", name)
    place = draft.add(name, capital - float(price.sum()), least, most)
    draft.free.append((place, -np.ones(draft.hours)))
    draft.firm.append((place, price, np.ones(draft.hours)))
    draft.carriers.append((str(draft.table("Generator").loc[name, "carrier"]), np.inf))


def _storage_unit(draft: _Draft, name: str) -> None:
    """A store with one power, its energy tied to it."""
    one = draft.table("StorageUnit").loc[name]
    if not one["cyclic_state_of_charge"]:
        raise ValueError(f"StorageUnit '{name}': it must end as it began: set cyclic_state_of_charge")
    hours = float(one["max_hours"])
    capital, least, most = draft.size("StorageUnit", name)
    power = draft.add(f"{name} power", capital / 2.0, least, most)
    energy = draft.add(name, capital / 2.0 / hours, least * hours, most * hours)
    if one["p_nom_extendable"]:
        draft.rows.append((f"{name} holds {hours:g} h at least", {energy: 1.0, power: -hours}))
        draft.rows.append((f"{name} holds {hours:g} h at most", {energy: -1.0, power: hours}))
    losses, wear = (_steady(draft, "StorageUnit", key, name) for key in ("standing_loss", "marginal_cost"))
    draft.stores.append(Store(
        charge=power, discharge=power, energy=energy, loss_per_hour=losses, wear_usd_per_mwh=wear,
        charge_efficiency=_steady(draft, "StorageUnit", "efficiency_store", name),
        discharge_efficiency=_steady(draft, "StorageUnit", "efficiency_dispatch", name),
    ))  # fmt: skip


def _steady(draft: _Draft, component: str, attribute: str, name: str) -> float:
    """An attribute that is the same in every hour."""
    values = draft.hourly(component, attribute, name)
    if (values != values[0]).any():
        raise ValueError(f"{component} '{name}': {attribute} that changes is not taken over")
    return float(values[0])


def _store(draft: _Draft, name: str) -> None:
    """A store on a bus of its own, with a link in and a link out."""
    one, links = draft.table("Store").loc[name], draft.table("Link")
    into, out = (links[links[at] == one["bus"]].index for at in ("bus1", "bus0"))
    ends = [*links.loc[into, "bus0"], *links.loc[out, "bus1"]]
    if ends != [draft.bus, draft.bus] or len(into) != 1:
        raise ValueError(f"Store '{name}' needs a bus of its own with one link in and one link out, to '{draft.bus}'")
    if not one["e_cyclic"]:
        raise ValueError(f"Store '{name}': it must end as it began: set e_cyclic")
    efficiency = _steady(draft, "Link", "efficiency", out[0])
    if _steady(draft, "Link", "marginal_cost", into[0]):
        raise ValueError(f"Link '{into[0]}': marginal_cost is taken over of the link out only")
    charge = draft.add(f"{name} charge", *draft.size("Link", into[0]))
    discharge = draft.add(f"{name} discharge", *draft.size("Link", out[0], scale=efficiency))
    energy = draft.add(name, *draft.size("Store", name, letter="e"))
    draft.stores.append(Store(
        charge=charge, discharge=discharge, energy=energy, start_share=_start_share(draft, name),
        charge_efficiency=_steady(draft, "Link", "efficiency", into[0]), discharge_efficiency=efficiency,
        wear_usd_per_mwh=_steady(draft, "Link", "marginal_cost", out[0]) / efficiency,
        loss_per_hour=_steady(draft, "Store", "standing_loss", name),
    ))  # fmt: skip


def _start_share(draft: _Draft, name: str) -> float | None:
    """What a store holds at both ends, if its last hour is pinned."""
    least, most = (draft.hourly("Store", f"e_{side}_pu", name) for side in ("min", "max"))
    if least[:-1].any() or (most[:-1] != 1.0).any() or (least[-1], most[-1]) != (least[-1], max(least[-1], most[-1])):
        raise ValueError(f"Store '{name}': e_min_pu and e_max_pu are taken over of the last hour only")
    if (least[-1], most[-1]) == (0.0, 1.0):
        return None
    if least[-1] != most[-1]:
        raise ValueError(f"Store '{name}': e_min_pu and e_max_pu of the last hour must be one")
    return float(most[-1])


def _budgets(draft: _Draft) -> tuple[Budget, ...]:
    """Global limits on energy as budgets."""
    out = []
    carriers, every = draft.network.components["Carrier"].static, np.ones(draft.hours)
    for name, one in draft.network.components["GlobalConstraint"].static.iterrows():
        kind, key, sense = (str(one[field]) for field in ("type", "carrier_attribute", "sense"))
        if kind == "primary_energy":
            each = [carriers[key].get(carrier, 0.0) / (efficiency * every) for carrier, efficiency in draft.carriers]
        elif kind == "operational_limit":
            each = [float(carrier == key) * every for carrier, _ in draft.carriers]
        else:
            raise ValueError(f"GlobalConstraint '{name}': type {kind} is not taken over")
        if sense not in ("<=", ">="):
            raise ValueError(f"GlobalConstraint '{name}': sense {sense} is not taken over; <= or >= is allowed")
        _refuse_uncounted(draft, str(name), kind, key)
        sign = 1.0 if sense == "<=" else -1.0
        use = sign * np.column_stack([np.zeros((draft.hours, 0)), *each])
        out.append(Budget(name=str(name), use=use, cap=sign * float(one["constant"])))
    return tuple(out)


def _refuse_uncounted(draft: _Draft, name: str, kind: str, key: str) -> None:
    """A limit that counts what runs for nothing is more than our budgets know."""
    generators, carriers = draft.table("Generator"), draft.network.components["Carrier"].static
    for place, _ in draft.free:
        carrier = str(generators.loc[draft.names[place], "carrier"])
        counted = carriers[key].get(carrier, 0.0) if kind == "primary_energy" else float(carrier == key)
        if counted:
            raise ValueError(f"GlobalConstraint '{name}' counts '{draft.names[place]}', which costs nothing to run; "
                             "only generators with a marginal_cost are taken over")  # fmt: skip


def _load_mw(draft: _Draft) -> Array:
    out = np.zeros(draft.hours)
    for name in draft.table("Load").index:
        out -= draft.hourly("Load", "p_set", str(name)) * float(draft.table("Load").loc[name, "sign"])
    return out


def _system(draft: _Draft) -> System:
    rows = np.zeros((len(draft.rows), len(draft.names)))
    for r, (_, terms) in enumerate(draft.rows):
        rows[r, list(terms)] = list(terms.values())
    none = np.zeros((draft.hours, 0))
    capital, least, most = np.array(draft.sizes, dtype=np.float64).reshape(-1, 3).T
    return System(
        names=tuple(draft.names),
        capital_usd=np.ascontiguousarray(capital),
        least=np.ascontiguousarray(least),
        most=np.ascontiguousarray(most),
        load_mw=_load_mw(draft),
        free_profile=np.column_stack([none, *(profile for _, profile in draft.free)]),
        free_capacity=np.array([place for place, _ in draft.free], dtype=np.int64),
        firm_usd_per_mwh=np.column_stack([none, *(cost for _, cost, _ in draft.firm)]),
        firm_available=np.column_stack([none, *(available for *_, available in draft.firm)]),
        firm_capacity=np.tile(np.array([place for place, *_ in draft.firm], dtype=np.int64), (draft.hours, 1)),
        shed_usd_per_mwh=draft.shed_usd_per_mwh,
        stores=tuple(draft.stores),
        rows=rows,
        rows_least=np.zeros(len(rows)),
        rows_names=tuple(name for name, _ in draft.rows),
        budgets=_budgets(draft),
        ramps=tuple(draft.ramps),
        commitments=tuple(draft.commitments),
    )
