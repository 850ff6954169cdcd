"""Small systems with round numbers, sizes drawn at random, and what a dispatch must keep, for tests of the solvers."""

from dataclasses import replace

import numpy as np

from gigawatt.power.system import Store, System

UNLIMITED = 1000.0  # MW that cost nothing to build


def a_system(load, *, gas=None, sun=None, store=None, sizes=None, capital=None, shed=1000.0, **more):
    """Sun (output per MW by hour), gas (USD/MWh) and one store, as many of them as are given.

    Capacities are `sun`, `gas`, `power`, `energy`; `sizes` fixes them and `capital` prices them, by name.
    """
    load = np.array(load, dtype=float)
    columns = [name for name, there in (("sun", sun), ("gas", gas)) if there is not None]
    names = (*columns, *(() if store is None else ("power", "energy")))
    hours, firms, sizes, capital = len(load), int(gas is not None), sizes or {}, capital or {}
    wanted = {
        "names": names,
        "capital_usd": np.array([float(capital.get(name, 0.0)) for name in names]),
        "least": np.array([float(sizes.get(name, 0.0)) for name in names]),
        "most": np.array([float(sizes.get(name, np.inf if capital.get(name) else UNLIMITED)) for name in names]),
        "load_mw": load,
        "free_profile": np.zeros((hours, 0)) if sun is None else np.array(sun, dtype=float).reshape(hours, 1),
        "free_capacity": np.zeros(int(sun is not None), dtype=np.int64),
        "firm_usd_per_mwh": np.broadcast_to(np.array(gas if firms else 0.0, dtype=float), hours)[:, None][:, :firms],
        "firm_available": np.ones((hours, firms)),
        "firm_capacity": np.full((hours, firms), len(columns) - 1, dtype=np.int64),
        "shed_usd_per_mwh": shed,
    }
    if store is not None:
        power = len(columns)
        wanted["stores"] = (Store(charge=power, discharge=power, energy=power + 1, **store),)
    return System(**{**wanted, **more})


def sizes_of(system):
    """The sizes of a system that has no choice."""
    assert (system.least == system.most).all()
    return system.least.copy()


def drawn_sizes(system, rng):
    """Sizes within the limits, some of them nothing."""
    unit = np.full(len(system.names), system.load_mw.max() or 1.0)
    for store in system.stores:
        unit[store.energy] *= 4.0
    there = rng.random(len(unit)) < 0.85
    return np.clip(rng.uniform(0.0, 1.2, len(unit)) * there * unit, system.least, system.most)


def pinned(system, start_share):
    """The system with a store that begins and ends with a given share."""
    return replace(system, stores=tuple(replace(store, start_share=start_share) for store in system.stores))


def excess(system, x, dispatch):
    """By how much each law of a dispatch is broken at most, in units of the peak load."""
    d, peak = dispatch, float(system.load_mw.max()) or 1.0
    given = d.free_mw.sum(axis=1) + d.firm_mw.sum(axis=1) + d.discharge_mw.sum(axis=1) - d.charge_mw.sum(axis=1)
    broken = {
        "balance": np.abs(given + d.shed_mw - d.curtailed_mw - system.load_mw),
        "free": np.abs(d.free_mw - system.free_profile * x[system.free_capacity]),
        "firm": d.firm_mw - system.firm_available * x[system.firm_capacity],
        "curtailed": d.curtailed_mw - np.maximum(d.free_mw, 0.0).sum(axis=1),
    }
    for name in ("firm_mw", "charge_mw", "discharge_mw", "stored_mwh", "shed_mw", "curtailed_mw"):
        broken[f"{name} below zero"] = -getattr(d, name)
    for s, store in enumerate(system.stores):
        before, change = np.roll(d.stored_mwh[:, s], 1), d.charge_mw[:, s] * store.charge_efficiency
        change = change - d.discharge_mw[:, s] / store.discharge_efficiency
        broken |= {
            "charge": d.charge_mw[:, s] - x[store.charge],
            "discharge": d.discharge_mw[:, s] - x[store.discharge],
            "energy": d.stored_mwh[:, s] - x[store.energy],
            "carried on, the end like the start": np.abs(before + change - d.stored_mwh[:, s]),
        }
        if store.start_share is not None:
            broken["start"] = np.abs(d.stored_mwh[-1:, s] - store.start_share * x[store.energy])
    return {name: float(np.max(values, initial=0.0)) / peak for name, values in broken.items()}


def hourly_usd(system, dispatch):
    """What a dispatch costs, added up from its flows."""
    wear = sum(s.wear_usd_per_mwh * dispatch.discharge_mw[:, k].sum() for k, s in enumerate(system.stores))
    shed = system.shed_usd_per_mwh * dispatch.shed_mw.sum()
    return float((dispatch.firm_mw * system.firm_usd_per_mwh).sum() + wear + shed)


def near(system, usd):
    """A billionth of a cost, or of what the load would cost at 10 USD/MWh where the cost is near nothing."""
    return 1e-9 * max(abs(usd), 10.0 * np.abs(system.load_mw).sum(), 1e-6)
