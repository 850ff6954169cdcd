"""Outage years: CPU seconds of 10,000 years, and how near they come to what is known exactly."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.measuring import ROOT, Measure

YEARS = {"small": 50, "typical": 1_000, "gigawatt": 10_000}


def measures(size: str = "gigawatt") -> Iterator[Measure]:
    """CPU seconds of the years of `size` for two supplies, and the distance to exact answers in standard errors."""
    from gigawatt.power import reliability_of

    years = YEARS[size]
    for name, (system, sizes, units, commons, exact_hours) in cases().items():
        reliability_of(system, sizes, units, commons=commons, years=1)  # compiled, or read from the cache
        begun = time.process_time()
        found = reliability_of(system, sizes, units, commons=commons, years=years)
        seconds = time.process_time() - begun
        yield Measure(subject="outage years", name=f"{name}, {years} years", value=seconds, unit="CPU s",
                      limit=5.0 if size == "gigawatt" else None)  # fmt: skip
        if exact_hours is not None:
            off = abs(found.lole_hours - exact_hours) / max(found.lole_error_hours, 1e-9)
            yield Measure(subject="outage years", name=f"{name}, off the exact hours", value=off,
                          unit="standard errors", limit=4.0)  # fmt: skip


def cases() -> dict[str, tuple]:
    """Supplies by name: system, sizes, units, common causes, and the exact LOLE where there is one."""
    return {"IEEE RTS-79, 32 machines": _rts(), "1 GW of grid, engines, battery and diesel": _campus()}


def _system(load_mw: np.ndarray, firm: list[float], store: tuple[float, float] | None):
    from gigawatt.power.system import Store, System

    kept = () if store is None else (
        Store(charge=len(firm), discharge=len(firm), energy=len(firm) + 1, charge_efficiency=0.93,
              discharge_efficiency=0.93),
    )  # fmt: skip
    sizes = np.array([*firm, *(store or ())], dtype=float)
    hours, sources, n = len(load_mw), len(firm), len(sizes)
    return System(
        names=tuple(f"part{i}" for i in range(n)), capital_usd=np.ones(n), least=np.zeros(n), most=np.full(n, np.inf),
        load_mw=load_mw, free_profile=np.zeros((hours, 0)), free_capacity=np.zeros(0, np.int64),
        firm_usd_per_mwh=np.zeros((hours, sources)), firm_available=np.ones((hours, sources)),
        firm_capacity=np.tile(np.arange(sources), (hours, 1)), shed_usd_per_mwh=1e4, stores=kept,
    ), sizes  # fmt: skip


def _rts() -> tuple:
    from gigawatt.power import Units, outage_table

    known = json.loads((ROOT / "tests/known/ieee_rts_79.json").read_text(encoding="utf-8"))
    season = {w: s for s, spans in known["season_of_week"].items() for a, b in spans for w in range(a, b + 1)}
    load = np.array([
        known["peak_mw"] * week * day * hour / 1e6
        for w, week in enumerate(known["weekly_peak_pct"], start=1)
        for d, day in enumerate(known["daily_peak_pct"])
        for hour in known["hourly_pct"][season[w]]["weekday" if d < 5 else "weekend"]
    ])  # fmt: skip
    units = [
        Units(name=str(u["mw"]), unit_mw=u["mw"], firm=m, count=u["count"], mttr_hours=u["mttr_hours"],
              forced_outage_rate=u["forced_outage_rate"])
        for m, u in enumerate(known["units"])
    ]  # fmt: skip
    machines = [(u.unit_mw, u.forced_outage_rate) for u in units for _ in range(u.count or 0)]
    exact = outage_table([mw for mw, _ in machines], [q for _, q in machines]).loss_of_load(load)[0]
    return (*_system(load, [u.unit_mw * (u.count or 0) for u in units], None), units, (), exact)


def _campus() -> tuple:
    from gigawatt.power import Common, Units

    day = 1 + 0.05 * np.sin(2 * np.pi * np.arange(8760) / 24)
    units = [
        Units.of("grid_interconnection", name="grid", firm=0, unit_mw=300, spare=1),
        Units.of("gas_reciprocating", name="engines", firm=1, unit_mw=18.4, spare=3),
        Units.of("battery_liion", name="battery", store=0, unit_mw=50),
        Units.of("diesel_backup", name="diesel", count=100),
    ]
    commons = [Common.of("gas_supply", ("engines",)), Common.of("grid_system", ("grid",))]
    return (*_system(900 * day, [600, 368], (250, 500)), units, commons, None)


if __name__ == "__main__":
    for measure in measures():
        print(f"{measure.name:55} {measure.value:8.3f} {measure.unit} {measure.verdict}")
