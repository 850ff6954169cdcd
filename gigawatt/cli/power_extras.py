"""What `gigawatt power` tells of a plan when asked: reliability, reserves to a target, foresight, many years."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from gigawatt.cli.power_asked import Wanted
from gigawatt.cli.power_rows import Part, Row, cents, digits, percent
from gigawatt.errors import GigawattError, SolveError

if TYPE_CHECKING:
    from gigawatt.cli.progress import ProgressLine
    from gigawatt.power import Accounts, Futures, PowerPlan, Reliability, Units
    from gigawatt.report.panel import Panel

STANDBY, DIESEL = "standby diesel", "diesel_backup"
HEADS = {"mean": "mean", "deviation": "+-", "p5": "5 % below", "p50": "median", "p95": "5 % above"}


def refuse_many_stores(plan: PowerPlan, wanted: Wanted) -> None:
    """GigawattError where the plan cannot be run by forecasts or through drawn years."""
    stores = plan.built.stores
    asked = [name for name, given in (("--foresight", wanted.foresight), ("--years", wanted.years)) if given]
    if asked and not plan.built.system.chain:
        raise GigawattError(f"{' and '.join(asked)}: for one store at most; here are {', '.join(stores)}")
    if wanted.foresight and not stores:
        raise GigawattError("--foresight: without a store, forecasts change nothing; add a battery to the options")


def parts(plan: PowerPlan, wanted: Wanted, progress: ProgressLine) -> list[Part]:
    """The parts that are asked for."""
    found = []
    if wanted.haste:
        progress("what deadlines cost", 0.0)
        found.append(haste_part(plan, wanted))
    if wanted.reliability or wanted.nines is not None:
        progress(f"{wanted.outage_years:,} outage years", 0.0)
        found += reliability_parts(plan, wanted)
    if wanted.nines is not None:
        found.append(reserve_part(plan, wanted, progress))
    if wanted.foresight:
        progress("dispatch by forecasts", 0.0)
        found.append(foresight_part(plan, wanted))
    if wanted.years is not None:
        found.append(years_part(plan, wanted, progress))
    return found


def haste_part(plan: PowerPlan, wanted: Wanted) -> Part:
    """What a deadline costs: the cheapest supply of what is ready by then."""
    from gigawatt.power import haste_rows

    built = plan.built
    case: Any = wanted.case
    full = haste_rows(built.site, built.load, built.options, targets=built.targets, terms=built.terms, case=case)
    told = [
        {
            "ready by month": round(float(row["months"]), 1),
            "of": row["options"],
            "USD/MWh": cents(float(row["usd_per_mwh"])),
            "for haste": cents(float(row["premium_usd_per_mwh"])),
            "% unserved": percent(float(row["unserved_share"])),
        }
        for row in full
    ]
    cannot = any(row["usd_per_mwh"] != row["usd_per_mwh"] for row in full)
    said = "what a deadline costs, with what is ready by then" + ("; empty: it cannot be met" if cannot else "")
    return Part(told, {"haste": full}, f"{said}:")


# -------------------------------------------------------------------------------------------------------- reliability


def reliability_parts(plan: PowerPlan, wanted: Wanted) -> list[Part]:
    """Outage years of the plan: what is lost, and by what."""
    from gigawatt.power import cause_rows, reliability, reliability_rows

    found = reliability(plan, years=wanted.outage_years, seed=wanted.seed)
    full, causes = reliability_rows(found), cause_rows(found)
    said = f"reliability, from {found.years:,} drawn years of outages:"
    told = [{"reliability": row["figure"]} | readable(row) for row in full if row["figure"] != "years drawn"]
    parts = [Part(told, {"reliability": full}, said)]
    if causes:
        lost = [
            {"out when load is unserved": row["cause"], "MWh a year": digits(float(row["mwh"])),
             "%": percent(float(row["share"]))} for row in causes
        ]  # fmt: skip
        parts.append(Part(lost, {"causes": causes}))
    return parts


def readable(row: Any) -> Row:
    """Value, error and unit of a figure in units that people read."""
    value, error, unit = row["value"], row["error"], row["unit"]
    if row["figure"] == "years without an outage":
        value, unit = 100 * value, "%"
    for whole, short, size in (("USD/year", "M$/year", 1e6), ("hours/year", "M hours/year", 1e6)):
        if unit == whole and abs(value) >= size:
            value, unit = value / size, short
    return {
        "value": digits(value) if isfinite(value) else None, "+-": digits(error) if error not in ("", None) else None,
        "unit": ("" if unit == "1" else unit) if isfinite(value) else "nothing is lost in these years",
    }  # fmt: skip


def reserve_part(plan: PowerPlan, wanted: Wanted, progress: ProgressLine) -> Part:
    """The fewest further machines of each kind that reach the nines."""
    diesel, full = standby_diesel(plan), list[Row]()
    kinds = [*(unit.name for unit in own_units(plan)), STANDBY]
    for place, kind in enumerate(kinds):
        progress(f"machines of {kind} to {wanted.nines:g} nines", place / len(kinds))
        row: Row = {"reserve": kind} | fewest(plan, kind, diesel, wanted)
        full.append(row | {"with_reserve_usd_per_mwh": with_reserve(plan, row["usd_per_year"])})
    told = [
        {
            "reserve": row["reserve"],
            "further machines": "not enough" if row["machines"] is None else row["machines"],
            "MW": none_or(row["mw"]),
            "M$ a year": none_or(row["usd_per_year"], 1e6),
            "USD/MWh with them": none_or(row["with_reserve_usd_per_mwh"]),
            "nines of energy": none_or(row["nines"]),
            "unserved with all of them": row["note"],
        }
        for row in full
    ]
    return Part(told, {"reserve": full}, f"to reach {wanted.nines:g} nines of energy, one of:")


def fewest(plan: PowerPlan, kind: str, diesel: Units, wanted: Wanted) -> Row:
    """Fewest machines of a kind that reach the nines, with their cost; or what is unserved with all that are tried."""
    from gigawatt.power import Target, reserve_of

    target, most = Target(energy_nines=wanted.nines), most_machines(plan, kind, diesel)
    try:
        found = reserve_of(plan, kind, target, standby=[diesel], most=most, years=wanted.outage_years, seed=wanted.seed)
    except SolveError as error:
        why = str(error).rpartition("unserved: ")[2]
        return {"machines": None, "mw": None, "usd_per_year": None, "nines": None, "note": why}
    row: Row = {"machines": found.spare, "mw": found.mw, "usd_per_year": found.cost_usd}
    return row | {"nines": nines(found.reliability), "note": ""}


def with_reserve(plan: PowerPlan, usd_per_year: float | None) -> float | None:
    """Cost of a MWh of load with further machines, which are paid each year and serve nothing in the plan."""
    if usd_per_year is None:
        return None
    return plan.usd_per_mwh + usd_per_year * plan.built.years / plan.accounts.energy.load_mwh


def nines(found: Reliability) -> float | None:
    """Nines of energy; None where nothing is lost."""
    return found.energy_nines if isfinite(found.energy_nines) else None


def none_or(value: Any, size: float = 1.0) -> float | None:
    """A number in another size, or nothing."""
    return None if value is None else digits(value / size)


def own_units(plan: PowerPlan) -> list[Units]:
    """Machines of the plan that there may be more of: its firm plants."""
    from gigawatt.power import Plant, units_of

    plants = {o.name for o in plan.built.options if isinstance(o, Plant) and not o.variable}
    return [unit for unit in units_of(plan) if unit.name in plants and plan.size(unit.name) > unit.unit_mw]


def standby_diesel(plan: PowerPlan) -> Units:
    """Standby diesels beside the plan, none of them yet, at the yearly cost of the plan's book and cost of money."""
    from gigawatt.power import Technology, Units, fixed_usd_per_kw_year, in_book

    terms = plan.built.terms
    technology = in_book(Technology.from_catalog(DIESEL), terms.costs)
    usd_per_mw_year = fixed_usd_per_kw_year(technology, terms.discount_rate) * 1e3
    return Units.of(DIESEL, name=STANDBY, count=0, usd_per_mw_year=usd_per_mw_year)


def most_machines(plan: PowerPlan, kind: str, diesel: Units) -> int:
    """So many machines that they carry the load twice over."""
    sizes = {unit.name: unit.unit_mw for unit in (*own_units(plan), diesel)}
    return int(2 * plan.built.system.load_mw.max() / sizes[kind]) + 1


# ---------------------------------------------------------------------------------------------------- years, foresight


def foresight_part(plan: PowerPlan, wanted: Wanted) -> Part:
    """The same supply run by forecasts, beside perfect foresight; targets on the hours are not looked at in both."""
    import numpy as np

    from gigawatt.power import accounts, dispatch, rolling

    perfect = dispatch(plan)
    system, capacity = perfect.built.system, perfect.capacity
    rolled = rolling(system, capacity, rng=np.random.default_rng(wanted.seed), perfect=perfect.dispatch)
    lived = accounts(perfect.built, capacity, rolled)
    more_usd = rolled.cost_usd - perfect.dispatch.cost_usd
    full = [
        foresight_row("perfect", perfect.cost_usd, perfect.accounts, perfect),
        foresight_row("day-ahead forecasts", perfect.cost_usd + more_usd, lived, perfect),
    ]
    told = [
        {
            "hours ahead are known": row["foresight"],
            "USD/MWh": cents(row["usd_per_mwh"]),
            "of which unserved": cents(row["unserved_usd_per_mwh"]),
            "MWh unserved": digits(row["unserved_mwh"]) if row["unserved_mwh"] > 1.0 else 0.0,
            "% of offers curtailed": percent(row["curtailed_share"]),
            "g CO2/kWh": digits(row["location_g_per_kwh"]),
            "GWh from storage": digits(row["discharged_mwh"] / 1e3),
        }
        for row in full
    ]
    targets = "; without the targets of the plan" if plan.built.system.budgets else ""
    return Part(told, {"foresight": full}, f"run by forecasts, at sizes found with perfect foresight{targets}:")


def foresight_row(name: str, cost_usd: float, found: Accounts, plan: PowerPlan) -> Row:
    """What a dispatch comes to."""
    energy, kwh = found.energy, found.energy.load_mwh * 1e3
    return {
        "foresight": name,
        "usd_per_mwh": cost_usd / energy.load_mwh,
        "unserved_usd_per_mwh": energy.unserved_mwh * plan.built.terms.shed_usd_per_mwh / energy.load_mwh,
        "unserved_mwh": energy.unserved_mwh,
        "curtailed_share": energy.curtailed_share,
        "location_g_per_kwh": found.carbon.location_t * 1e6 / kwh,
        "discharged_mwh": energy.discharged_mwh,
    }


def years_part(plan: PowerPlan, wanted: Wanted, progress: ProgressLine) -> Part:
    """The supply in many drawn years."""
    from gigawatt.power import futures

    count = int(wanted.years or 0)
    said = f"{count:,} weather years"
    progress(said, 0.0)
    found: Futures = futures(plan, count, seed=wanted.seed, progress=lambda done: progress(said, done / count))
    full = found.rows()
    told = [year_row(row) for row in full]
    title = f"the same supply in {count:,} drawn years of weather, prices and outages:"
    return Part(told, {"years": full}, title, years_panels(found, wanted))


def years_panels(found: Futures, wanted: Wanted) -> list[Panel]:
    """The figure of many years, where charts are asked for."""
    if wanted.chart is None:
        return []
    from gigawatt.report.power_many import years_panel

    return [years_panel(found)]


def year_row(row: Row) -> Row:
    """A figure of many years; shares in per cent, and what is 0 to rounding as 0."""
    units = {"capacity factor": "% capacity factor", "share of what is offered": "% of what is offered"}
    share, unit = row["unit"] in units, units.get(row["unit"], row["unit"])
    numbers = {head: float(row[name]) * (100.0 if share else 1.0) for name, head in HEADS.items()}
    return {
        "over the years": row["figure"],
        **{head: digits(value) if abs(value) > 1e-4 else 0.0 for head, value in numbers.items()},
        "unit": unit,
    }
