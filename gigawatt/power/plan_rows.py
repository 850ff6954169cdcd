"""A plan as plain rows: what a table, a CSV file or JSON shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gigawatt.power.accounts import (
    LITRES_PER_M3,
    Accounts,
    accounts,
    certificates_mw,
    sold_mw,
    used_free_mw,
)
from gigawatt.power.build import G_PER_KWH_PER_T_PER_MWH, build
from gigawatt.power.draft import CAUSES, Built
from gigawatt.power.lcoe import Book
from gigawatt.power.plan import PowerPlan
from gigawatt.units import KWH_PER_MWH

Array = np.ndarray
Row = dict[str, str | float]
BOOKS: tuple[Book, ...] = ("market", "reference")
FLEXIBLE = "flexible_"  # how the names of load that can wait or stop begin
TRACE = 1e-4  # share of the largest hour: a smaller size is left over from the search


def seen_sizes(plan: PowerPlan) -> Array:
    """Capacities as people read them, (N,): 0 where less than 1e-4 of the largest hour (for energy: of its MWh)."""
    least = TRACE * float(plan.built.system.load_mw.max())
    return np.where(np.abs(plan.capacity) < least, 0.0, plan.capacity)


def in_other_book(plan: PowerPlan, book: Book) -> Accounts:
    """The accounts of the same supply and dispatch at the costs of another book."""
    built = plan.built
    other = build(built.site, built.load, built.options, built.targets, replace(built.terms, costs=book))
    return accounts(other, plan.capacity, plan.dispatch)


def tables(plan: PowerPlan) -> dict[str, list[Row]]:
    """Plain rows of a plan: `summary`, `capacities`, `energy`, `costs`, `books`, `carbon`."""
    return {
        "summary": summary_rows(plan),
        "capacities": capacity_rows(plan),
        "energy": energy_rows(plan),
        "costs": cost_rows(plan),
        "books": book_rows(plan),
        "carbon": carbon_rows(plan),
    }


def capacity_rows(plan: PowerPlan) -> list[Row]:
    """One row per capacity: size, what of it exists, and its capital upfront and over the hours."""
    rows: list[Row] = []
    for c, size in zip(plan.built.capacities, plan.capacity.tolist(), strict=True):
        if c.shown:
            new = size - c.existing
            rows.append({
                "capacity": c.name, "option": c.option, "size": size, "unit": c.unit, "existing": c.existing,
                "capex_usd": c.capex_usd * new, "capital_usd": c.usd.get("capital", 0.0) * new,
                "fixed_usd": c.usd.get("fixed", 0.0) * size,
            })  # fmt: skip
    return rows


def energy_rows(plan: PowerPlan) -> list[Row]:
    """One row per source: energy, share of the load, and how much of its capacity it uses."""
    energy, rows = plan.accounts.energy, list[Row]()
    for name, mwh in energy.by_source.items():
        size = plan.size(name) if name in plan.built.system.names else 0.0
        used = mwh / (size * plan.built.system.hours) if size > 1e-9 else 0.0
        rows.append({"source": name, "mwh": mwh, "share_of_load": mwh / energy.load_mwh, "capacity_factor": used})
    extra = {"discharged": energy.discharged_mwh, "charged": -energy.charged_mwh, "sold": -energy.sold_mwh,
             "unserved": energy.unserved_mwh}  # fmt: skip
    rows += [{"source": n, "mwh": v, "share_of_load": v / energy.load_mwh, "capacity_factor": 0.0}
             for n, v in extra.items() if v]  # fmt: skip
    return rows


def cost_rows(plan: PowerPlan) -> list[Row]:
    """One row per option and cause, in USD and USD per MWh of load; their sum is the cost of the plan."""
    load_mwh = plan.accounts.energy.load_mwh
    return [
        {"option": option, "cause": cause, "usd": parts[cause], "usd_per_mwh": parts[cause] / load_mwh}
        for option, parts in plan.accounts.usd.items()
        for cause in CAUSES
        if cause in parts
    ]


def book_rows(plan: PowerPlan) -> list[Row]:
    """The same plan at the costs of both books."""
    rows: list[Row] = []
    for book in BOOKS:
        found = plan.accounts if book == plan.built.terms.costs else in_other_book(plan, book)
        rows.append({
            "costs": book, "planned_with": "yes" if book == plan.built.terms.costs else "no",
            "usd_per_mwh": found.cost_usd / found.energy.load_mwh, "cost_usd": found.cost_usd,
            "capex_usd": sum(found.capex_usd.values()),
        })  # fmt: skip
    return rows


def carbon_rows(plan: PowerPlan) -> list[Row]:
    """Emissions by every way of counting, in t and per kWh of load."""
    carbon, load_mwh = plan.accounts.carbon, plan.accounts.energy.load_mwh
    ways = {
        "stack": carbon.stack_t, "location-based": carbon.location_t, "market-based": carbon.market_t,
        "hourly matched": carbon.matched_t, "life cycle": carbon.lifecycle_t,
    }  # fmt: skip
    return [{"way": way, "t": t, "g_per_kwh": t / load_mwh * 1e3} for way, t in ways.items()]


def summary_rows(plan: PowerPlan) -> list[Row]:
    """The figures of a plan, one a row with its unit."""
    a, price, load_mw = plan.accounts, plan.dispatch.price_usd_per_mwh, plan.built.system.load_mw
    figures: list[tuple[str, float, str]] = [
        ("cost", plan.usd_per_mwh, "USD/MWh"), ("cost over the hours", plan.cost_usd, "USD"),
        ("capex", plan.capex_usd, "USD"), ("load", float(load_mw.mean()), "MW"),
        ("peak", float(load_mw.max()), "MW"), ("marginal price, mean by load", plan.price_usd_per_mwh, "USD/MWh"),
        ("marginal price, 5 % of hours below", float(np.quantile(price, 0.05)), "USD/MWh"),
        ("marginal price, 5 % of hours above", float(np.quantile(price, 0.95)), "USD/MWh"),
        ("marginal price, highest", float(price.max()), "USD/MWh"),
        ("unserved", a.energy.unserved_mwh, "MWh"), ("curtailed", a.energy.curtailed_share, "1"),
        ("carbon-free, hourly", a.carbon.carbon_free_hourly, "1"),
        ("carbon-free, annual", a.carbon.carbon_free_annual, "1"),
        ("carbon, location-based", a.carbon.location_t / a.energy.load_mwh * 1e3, "g/kWh"),
        ("carbon, life cycle", a.carbon.lifecycle_t / a.energy.load_mwh * 1e3, "g/kWh"),
        ("water at the site", a.water.site_m3, "m3"), ("water of the grid's plants", a.water.grid_m3, "m3"),
        ("land", a.land_ha, "ha"), ("power ledger, worst hour", a.residual_mw, "MW"), ("proved gap", plan.gap, "1"),
    ]  # fmt: skip
    return [{"figure": name, "value": value, "unit": unit} for name, value, unit in figures]


def hourly_columns(plan: PowerPlan) -> dict[str, Array]:
    """The hours of a plan as columns, (T,) each: what feeds load and stores, and what each hour costs and emits.

    Running cost, carbon and water add up over the hours to those of the plan: what is left of its cost is paid by
    capacity, and `marginal_usd_per_mwh` is what one more MWh of load would cost.
    """
    built, found = plan.built, plan.dispatch
    columns = {"hour_utc": np.arange(built.system.hours), **_load_columns(plan)}
    used = used_free_mw(built, found)
    columns |= {f"{s.name}_mw": used[:, k] for k, s in enumerate(built.free) if s.role != "export"}
    columns |= {f"{s.name}_mw": found.firm_mw[:, m] for m, s in enumerate(built.firm) if s.role != "unsold"}
    for s in range(len(built.stores)):
        columns |= _store_columns(plan, s)
    columns |= {"sold_mw": sold_mw(built, found)} if any(s.role == "export" for s in built.free) else {}
    columns |= {"certificates_mw": certificates_mw(built, plan.capacity)} if built.virtual else {}
    columns |= {"unserved_mw": found.shed_mw, "curtailed_mw": found.curtailed_mw}
    for source in built.firm:
        if source.role == "grid":
            columns[f"{source.name}_usd_per_mwh"] = _hourly(source.usd["energy"], built)
            columns[f"{source.name}_g_per_kwh"] = _hourly(source.carbon_t_per_mwh, built) * G_PER_KWH_PER_T_PER_MWH
    return columns | {
        "marginal_usd_per_mwh": found.price_usd_per_mwh, "running_usd": running_usd(plan), "carbon_t": carbon_t(plan),
        "water_m3": water_m3(plan),
    }  # fmt: skip


def _load_columns(plan: PowerPlan) -> dict[str, Array]:
    """The load as it was due, what the site draws of it, its computers and its PUE."""
    built, found = plan.built, plan.dispatch
    drawn = built.system.load_mw - found.shed_mw
    for m, source in enumerate(built.firm):
        drawn = drawn - (found.firm_mw[:, m] if source.role == "flexible" else 0.0)
    for s, name in enumerate(built.stores):
        waits = name.startswith(FLEXIBLE)
        drawn = drawn + (found.charge_mw[:, s] - found.discharge_mw[:, s] if waits else 0.0)
    return {"load_mw": built.system.load_mw, "site_draw_mw": drawn, "it_mw": built.load.it_mw, "pue": built.load.pue}


def _store_columns(plan: PowerPlan, s: int) -> dict[str, Array]:
    """What a store takes, gives and holds; of load that waits: what is caught up, put off and waiting."""
    name, found = plan.built.stores[s], plan.dispatch
    into, out, held = found.charge_mw[:, s], found.discharge_mw[:, s], found.stored_mwh[:, s]
    if not name.startswith(FLEXIBLE):
        return {f"{name}_charge_mw": into, f"{name}_discharge_mw": out, f"{name}_stored_mwh": held}
    full = float(plan.capacity[plan.built.system.stores[s].energy])
    waiting = np.maximum(full - held, 0.0)
    return {f"{name}_caught_up_mw": into, f"{name}_put_off_mw": out, f"{name}_waiting_mwh": waiting}


def _hourly(values: Array | float, built: Built) -> Array:
    return np.asarray(np.broadcast_to(np.asarray(values, float), built.system.hours))


def running_usd(plan: PowerPlan) -> Array:
    """Cost of each hour beside what is paid by capacity, (T,): fuel, energy, wear, unserved load; sales are below 0."""
    built, found = plan.built, plan.dispatch
    usd = np.zeros(built.system.hours)
    for m, source in enumerate(built.firm):
        here = plan.capacity[built.system.firm_capacity[:, m]] if source.role == "unsold" else 0.0
        for each in source.usd.values():
            usd += each * (found.firm_mw[:, m] - here)
    for s, store in enumerate(built.system.stores):
        usd += store.wear_usd_per_mwh * found.discharge_mw[:, s]
    shed = built.terms.shed_usd_per_mwh
    return usd + (shed * found.shed_mw if np.isfinite(shed) else 0.0)


def carbon_t(plan: PowerPlan) -> Array:
    """CO2 of each hour at the stacks and of the grid where it is drawn, in t, (T,)."""
    made = [
        plan.dispatch.firm_mw[:, m] * source.carbon_t_per_mwh
        for m, source in enumerate(plan.built.firm)
        if source.role not in ("unsold", "flexible")
    ]
    return sum(made, np.zeros(plan.built.system.hours))


def water_m3(plan: PowerPlan) -> Array:
    """Water of each hour, of cooling and of the plants at the site, in m3, (T,)."""
    built, used = plan.built, used_free_mw(plan.built, plan.dispatch)
    litres = built.load.it_mw * built.load.water_l_per_kwh * KWH_PER_MWH
    for k, source in enumerate(built.free):
        litres = litres + source.water_l_per_mwh * used[:, k]
    for m, source in enumerate(built.firm):
        litres = litres + (0.0 if source.role == "grid" else source.water_l_per_mwh) * plan.dispatch.firm_mw[:, m]
    return np.asarray(litres / LITRES_PER_M3)


def hourly_rows(plan: PowerPlan) -> list[Row]:
    """`hourly_columns` as one row per hour."""
    columns = hourly_columns(plan)
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
