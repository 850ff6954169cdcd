"""A plan as plain rows: what a table, a CSV file or JSON shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gigawatt.power.accounts import Accounts, accounts, sold_mw, used_free_mw
from gigawatt.power.build import build
from gigawatt.power.draft import CAUSES
from gigawatt.power.lcoe import Book
from gigawatt.power.plan import PowerPlan

Array = np.ndarray
Row = dict[str, str | float]
BOOKS: tuple[Book, ...] = ("market", "reference")


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
    """The hours of a plan as columns, (T,) each: what feeds the load, the stores, prices."""
    built, found = plan.built, plan.dispatch
    used = used_free_mw(built, found)
    columns = {"hour_utc": np.arange(built.system.hours), "load_mw": built.system.load_mw}
    columns |= {f"{s.name}_mw": used[:, k] for k, s in enumerate(built.free) if s.role != "export"}
    columns |= {f"{s.name}_mw": found.firm_mw[:, m] for m, s in enumerate(built.firm) if s.role != "unsold"}
    for s, name in enumerate(built.stores):
        columns[f"{name}_charge_mw"], columns[f"{name}_discharge_mw"] = found.charge_mw[:, s], found.discharge_mw[:, s]
        columns[f"{name}_stored_mwh"] = found.stored_mwh[:, s]
    columns |= {"sold_mw": sold_mw(built, found)} if any(s.role == "export" for s in built.free) else {}
    return columns | {
        "unserved_mw": found.shed_mw, "curtailed_mw": found.curtailed_mw, "price_usd_per_mwh": found.price_usd_per_mwh,
    }  # fmt: skip


def hourly_rows(plan: PowerPlan) -> list[Row]:
    """`hourly_columns` as one row per hour."""
    columns = hourly_columns(plan)
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
