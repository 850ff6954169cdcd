"""Plans and systems to PyPSA networks with one bus, and such networks to systems (extra `energy`).

A store is a PyPSA store on a bus of its own with one link in and one link out, so that power and energy are sized
apart; where both directions are one converter whose size is open, they meet in a link of that size. Where its sizes are
given, or its energy is a fixed number of hours at full power, it is a storage unit. A generator `shed` stands for load
that is not served. Costs of capital are those of the snapshots, as PyPSA takes them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np

from gigawatt.power.plan import MUST_SERVE_USD_PER_MWH, PowerPlan
from gigawatt.power.pypsa_network import SHED, from_pypsa
from gigawatt.power.system import Store, System, no_rows

__all__ = ["from_pypsa", "to_pypsa"]

Array = np.ndarray
BUS = "site"
FAR = 1000.0  # times the largest load: more than can be shed
TINY = 1e-9  # MW
NEVER = 1e12  # efficiency of a source in hours in which it uses nothing of a budget
GIVEN = "sizes that are given can be handed over: to_pypsa(plan) or to_pypsa(system, capacity)"


def to_pypsa(plan: PowerPlan | System, capacity: Array | None = None) -> Any:
    """A `pypsa.Network` whose optimum costs what ours does, capital of what is given left out.

    Of a plan, or with `capacity` (N,), all sizes are given: the optimum is the dispatch and costs `Dispatch.cost_usd`.
    Limits on capacities are then kept already and left out. Of a system alone, PyPSA sizes what is open.

    Raises:
        ValueError: PyPSA has no word for something. While sizes are open: rows on capacities other than hours of a
            store, peaks of months, a budget that grows with what is built, a converter for both directions while a
            source is paid to run. Always: two budgets whose use of one source changes differently by the hour.
        ImportError: PyPSA is not installed.
    """
    system = _given(plan, capacity)
    network = library().Network()
    network.set_snapshots(range(system.hours))
    network.add("Bus", BUS)
    network.add("Load", "load", bus=BUS, p_set=system.load_mw)
    names = _Names(system)
    _shed(network, system)
    sales = _sales(system)
    for k, place in enumerate(system.free_capacity):
        if int(place) not in sales or names.given[place]:
            _free(network, system, names, k)
    for m in range(system.firm_usd_per_mwh.shape[1]):
        place = int(system.firm_capacity[0, m])
        if place in sales and not names.given[place]:
            _sold(network, system, names, m)
        else:
            _firm(network, system, names, m, unsold=place in sales)
    tied = {store.energy: hours for store in system.stores if (hours := _unit_hours(system, store)) is not None}
    if len(system.rows_least) > 2 * len(tied):
        listed = ", ".join(system.rows_names) or f"{len(system.rows_least)} rows"
        raise ValueError(f"PyPSA has no linear limits on capacities: {listed}; {GIVEN}")
    units = tied | {store.energy: hours for store in system.stores if (hours := _given_hours(system, store))}
    for store in system.stores:
        if store.energy in units:
            _storage_unit(network, system, names, store, units[store.energy])
        else:
            _store(network, system, names, store)
    _budgets(network, system, names)
    return network


def _given(plan: PowerPlan | System, capacity: Array | None) -> System:
    """The system to hand over; where its sizes are given, without the limits that they keep."""
    system = plan
    if isinstance(plan, PowerPlan):
        system, capacity = plan.built.system, plan.capacity if capacity is None else capacity
        if np.isinf(system.shed_usd_per_mwh):  # the plan was dispatched with a very dear shortage
            system = replace(system, shed_usd_per_mwh=MUST_SERVE_USD_PER_MWH)
    assert isinstance(system, System)
    if capacity is None:
        return system
    if capacity.shape != (len(system.names),):
        raise ValueError(f"capacity has shape {capacity.shape}, not ({len(system.names)},)")
    budgets = tuple(
        budget if budget.per_capacity is None
        else replace(budget, cap=budget.cap + float(budget.per_capacity @ capacity), per_capacity=None)
        for budget in system.budgets
    )  # fmt: skip
    sizes = np.maximum(capacity, 0.0)
    return replace(
        system, least=sizes, most=sizes, rows=no_rows(), rows_least=np.zeros(0), rows_names=(), budgets=budgets
    )


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
            shared = f"{s.names[place]} is shared by {self.used[place]} and {user}"
            raise ValueError(f"{shared}: PyPSA sizes them apart; {GIVEN}")
        self.used[place] = user
        if self.given[place]:
            return {f"{letter}_nom": s.most[place] / scale, f"{letter}_nom_extendable": False}
        return {
            f"{letter}_nom_extendable": True,
            f"{letter}_nom_min": s.least[place] / scale,
            f"{letter}_nom_max": s.most[place] / scale,
            "capital_cost": s.capital_usd[place] * scale,
        }

    def name(self, wanted: str) -> str:
        """A name that no component has yet."""
        name, n = wanted, 2
        while name in self.taken:
            name, n = f"{wanted} {n}", n + 1
        self.taken.add(name)
        return name


def _shed(network: Any, system: System) -> None:
    """What is not served, where that is allowed."""
    if np.isfinite(system.shed_usd_per_mwh):
        network.add("Carrier", SHED)
        network.add("Generator", SHED, bus=BUS, carrier=SHED, p_nom=_far_mw(system),
                    marginal_cost=system.shed_usd_per_mwh)  # fmt: skip


def _far_mw(system: System) -> float:
    """More power than the site can need."""
    return FAR * float(np.abs(system.load_mw).max(initial=1.0))


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
    name = names.name(system.names[place])
    drawn = np.minimum(profile, 0.0)
    least = {"p_min_pu": drawn} if drawn.any() else {}
    network.add("Generator", name, bus=BUS, carrier=_carrier(network, name), p_max_pu=profile, **least,
                **names.size(place, user=name))  # fmt: skip


def _sold(network: Any, system: System, names: _Names, m: int) -> None:
    """A generator that takes power and is paid for it, its size open."""
    place, price = int(system.firm_capacity[0, m]), system.firm_usd_per_mwh[:, m]
    name = names.name(system.names[place])
    size = names.size(place, user=name)
    size["capital_cost"] += float(price.sum())  # the capital counts all as sold; PyPSA counts what is
    network.add("Generator", name, bus=BUS, carrier=_carrier(network, name), p_min_pu=-1.0, p_max_pu=0.0,
                marginal_cost=price, **size)  # fmt: skip


def _firm(network: Any, system: System, names: _Names, m: int, *, unsold: bool = False) -> None:
    """A source with running cost, its ramps and, where its capacity is given, its units."""
    place, available = int(system.firm_capacity[0, m]), system.firm_available[:, m]
    ramps = {}
    for ramp in system.ramps:
        if ramp.firm == m:
            ramps = {"ramp_limit_up": ramp.up, "ramp_limit_down": ramp.down}
    units = [commitment for commitment in system.commitments if commitment.firm == m]
    places, wanted = np.unique(system.firm_capacity[:, m]), system.names[place]
    if len(places) > 1:
        if ramps or units or not names.given[places].all():
            raise ValueError(f"{system.names[places[0]]}: PyPSA knows one capacity of a generator, not {len(places)}; "
                             "sizes that are given, of sources without ramps and units, can be handed over: "
                             "to_pypsa(plan) or to_pypsa(system, capacity)")  # fmt: skip
        place = int(places[system.most[places].argmax()])
        available = available * system.most[system.firm_capacity[:, m]] / max(system.most[place], TINY)
        wanted = re.sub(r"(_\d+)+$", "", wanted)  # of the months
    name = names.name(f"{wanted} unsold" if unsold else wanted)
    names.carriers[m] = _carrier(network, name)
    common = {
        "bus": BUS,
        "carrier": name,
        "marginal_cost": system.firm_usd_per_mwh[:, m],
        "p_max_pu": available,
        **_efficiency(system, m),
        **ramps,
    }
    if not units:
        network.add("Generator", name, **common, **names.size(place, user=name))
        return
    one = units[0]
    if not names.given[place]:
        raise ValueError(f"{name}: units that are on or off can be handed over when their number is given; {GIVEN}")
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


def _given_hours(system: System, store: Store) -> float | None:
    """Hours at full power of a store with one power, where both sizes are given and some of each is there."""
    power, energy = (float(system.most[place]) for place in (store.charge, store.energy))
    given = (system.least == system.most)[[store.charge, store.energy]].all()
    if store.charge != store.discharge or store.start_share is not None or not given:
        return None
    return energy / power if min(power, energy) > TINY else None


def _storage_unit(network: Any, system: System, names: _Names, store: Store, hours: float) -> None:
    """A store with one power and a fixed number of hours."""
    name = names.name(system.names[store.energy].removesuffix("_energy"))
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
    name = names.name(system.names[store.energy])
    network.add("Bus", name)
    pinned = {}
    if store.start_share is not None:
        most = np.ones(system.hours)
        most[-1] = store.start_share
        pinned = {"e_max_pu": most, "e_min_pu": np.where(np.arange(system.hours) == system.hours - 1, most, 0.0)}
    energy = names.size(store.energy, letter="e", user=name)
    network.add("Store", name, bus=name, carrier=_carrier(network, name), e_cyclic=True,
                standing_loss=store.loss_per_hour, **pinned, **energy)  # fmt: skip
    out, before = store.discharge_efficiency, BUS
    if store.charge == store.discharge and not names.given[store.charge]:
        before = _converter(network, system, names, store, name)
        into_size = out_size = {"p_nom": _far_mw(system)}
    else:
        into_size = names.size(store.charge, user=f"{name} in")
        out_size = names.size(store.discharge, scale=out, user=f"{name} out")
    network.add("Link", f"{name} in", bus0=before, bus1=name, efficiency=store.charge_efficiency, **into_size)
    network.add("Link", f"{name} out", bus0=name, bus1=before, efficiency=out,
                marginal_cost=store.wear_usd_per_mwh * out, **out_size)  # fmt: skip


def _converter(network: Any, system: System, names: _Names, store: Store, name: str) -> str:
    """The bus behind a link of one size for both directions.

    The link holds the difference of what goes in and out, where ours holds each. The two are one problem as long as
    nobody gains by going in and out at once, which loses energy: while no source is paid to run or has to run.

    Raises:
        ValueError: A source is paid to run, or has ramps or units.
    """
    place, sales = store.charge, _sales(system)
    below = np.flatnonzero((system.firm_usd_per_mwh < 0.0).any(axis=0))
    paid = [int(m) for m in below if int(system.firm_capacity[0, m]) not in sales]
    paid += [ramp.firm for ramp in system.ramps] + [units.firm for units in system.commitments]
    if paid:
        source = system.names[int(system.firm_capacity[0, paid[0]])]
        shared = f"{system.names[place]} is shared by {name} in and {name} out"
        unlike = f"one link for both is not the same where {source} is paid or has to run"
        raise ValueError(f"{shared}: PyPSA sizes them apart, and {unlike}; {GIVEN}")
    bus = names.name(f"{name} converter")
    network.add("Bus", bus)
    network.add("Link", bus, bus0=BUS, bus1=bus, p_min_pu=-1.0, **names.size(place, user=bus))
    return bus


def _efficiency(system: System, m: int) -> dict[str, Array]:
    """The efficiency of a source, where budgets count it by the hour: PyPSA divides what its carrier uses by it."""
    changing = [b.use[:, m] for b in system.budgets if (b.use[:, m] != b.use[0, m]).any()]
    if not changing:
        return {}
    return {"efficiency": 1.0 / np.maximum(changing[0] / changing[0].max(), 1.0 / NEVER)}


def _budgets(network: Any, system: System, names: _Names) -> None:
    """Budgets as limits on an attribute of carriers."""
    for budget in system.budgets:
        if budget.per_capacity is not None and budget.per_capacity.any():
            raise ValueError(f"budget '{budget.name}': PyPSA knows no limit that grows with what is built; {GIVEN}")
        attribute = "co2_emissions" if budget.name in ("carbon", "co2") else re.sub(r"\W", "_", budget.name)
        if attribute not in network.carriers:
            network.carriers[attribute] = 0.0
        for m, carrier in names.carriers.items():
            efficiency = _efficiency(system, m).get("efficiency", np.ones(system.hours))
            use = budget.use[:, m]
            most = float(use[efficiency.argmin()] * efficiency.min())
            if not np.allclose(most / efficiency, use, rtol=1e-9, atol=1e-9 * abs(most)):
                raise ValueError(f"budget '{budget.name}': what a MWh of {carrier} uses changes by the hour otherwise "
                                 "than in another budget; PyPSA knows one efficiency of a source")  # fmt: skip
            network.carriers.loc[carrier, attribute] = most
        network.add("GlobalConstraint", budget.name, type="primary_energy", carrier_attribute=attribute,
                    sense="<=", constant=budget.cap)  # fmt: skip
