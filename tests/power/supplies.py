"""Small supplies for the tests of reliability."""

import json
from functools import cache
from pathlib import Path

import numpy as np

from gigawatt.power import Units
from gigawatt.power.system import Store, System


def firm_supply(load_mw, firm_mw, stores=(), free=None):
    """A system of firm sources, stores given as (MW, MWh, one-way efficiency), and one free source; its sizes."""
    hours, firm = len(load_mw), len(firm_mw)
    sizes, names, kept = list(map(float, firm_mw)), [f"firm{m}" for m in range(firm)], []
    for s, (mw, mwh, efficiency) in enumerate(stores):
        kept.append(
            Store(charge=len(sizes), discharge=len(sizes), energy=len(sizes) + 1, charge_efficiency=efficiency,
                  discharge_efficiency=efficiency)
        )  # fmt: skip
        sizes += [float(mw), float(mwh)]
        names += [f"store{s}", f"store{s}_energy"]
    profile = np.zeros((hours, 0)) if free is None else np.asarray(free, dtype=float)[:, None]
    if free is not None:
        names.append("free")
        sizes.append(1.0)
    n = len(names)
    system = System(
        names=tuple(names), capital_usd=np.ones(n), least=np.zeros(n), most=np.full(n, np.inf),
        load_mw=np.asarray(load_mw, dtype=float), free_profile=profile,
        free_capacity=np.array([n - 1] if free is not None else [], dtype=np.int64),
        firm_usd_per_mwh=np.zeros((hours, firm)), firm_available=np.ones((hours, firm)),
        firm_capacity=np.tile(np.arange(firm), (hours, 1)), shed_usd_per_mwh=1e4, stores=tuple(kept),
    )  # fmt: skip
    return system, np.array(sizes)


@cache
def rts():
    """The IEEE Reliability Test System: what is published, its hourly load, and its units."""
    known = json.loads((Path(__file__).parents[1] / "known/ieee_rts_79.json").read_text(encoding="utf-8"))
    season = {
        week: name
        for name, spans in known["season_of_week"].items()
        for first, last in spans
        for week in range(first, last + 1)
    }
    load = [
        known["peak_mw"] * weekly * daily * hourly / 1e6
        for week, weekly in enumerate(known["weekly_peak_pct"], start=1)
        for day, daily in enumerate(known["daily_peak_pct"])
        for hourly in known["hourly_pct"][season[week]]["weekday" if day < 5 else "weekend"]
    ]
    units = tuple(
        Units(
            name=f"{u['mw']} MW", unit_mw=u["mw"], firm=m, count=u["count"], forced_outage_rate=u["forced_outage_rate"],
            mttr_hours=u["mttr_hours"],
        )
        for m, u in enumerate(known["units"])
    )  # fmt: skip
    return known, np.array(load), units
