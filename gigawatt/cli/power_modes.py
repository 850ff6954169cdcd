"""What `gigawatt power` does when it is run: one plan with what is asked beside it, or a row of plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli import power_extras as extras
from gigawatt.cli import power_rows as rows
from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, by_name, show
from gigawatt.cli.power_asked import Asked, Wanted, warm_up
from gigawatt.cli.progress import ProgressLine

if TYPE_CHECKING:
    from gigawatt.power import PowerPlan, Timing
    from gigawatt.report.panel import Panel
    from gigawatt.report.power_page import Page

DIGITS_OF_HOURS = 6
SEEN = 1e-5  # share of the load
COMPILED = "chain.stored_path"  # compiled with every sizing


# -------------------------------------------------------------------------------------------------------------- a plan


def show_plan(asked: Asked, wanted: Wanted) -> None:
    """The plan, and what is asked for beside it."""
    with ProgressLine(first_words("sizing the supply")) as progress:
        plan = asked.plan()
        extras.refuse_many_stores(plan, wanted)
        progress("months to power", 0.0)
        parts = [*plan_parts(plan), *month_parts(plan, wanted)]
        parts += extras.parts(plan, wanted, progress)
    if wanted.hours is not None:
        write_hours(plan, wanted.hours)
    if wanted.chart is not None:
        draw_plan(plan, wanted.chart, [panel for part in parts for panel in part.panels])
    tell(heading(plan), parts, wanted)
    for note in notes(plan, asked):
        say(f"note: {note}")


def first_words(what: str) -> str:
    """What is done first: a compilation where no cache has it."""
    from gigawatt.compiled import cache_directory

    known = any(cache_directory().rglob(f"{COMPILED}-*.nbi"))
    return what if known else "compiling the dispatch (once, then cached)"


def plan_parts(plan: PowerPlan) -> list[rows.Part]:
    """What to build, what it costs and what it comes to."""
    from gigawatt.power import tables

    full = tables(plan)
    full["capacities"] = [{k: v for k, v in row.items() if k != "option"} for row in full["capacities"]]
    kept = {"build": ("capacities", "energy"), "costs": ("costs", "books"), "figures": ("summary", "carbon")}
    told = {"build": rows.size_rows(plan), "costs": rows.cause_rows(plan), "figures": rows.figure_rows(plan)}
    return [rows.Part(told[part], {name: full[name] for name in names}) for part, names in kept.items()]


def month_parts(plan: PowerPlan, wanted: Wanted) -> list[rows.Part]:
    """Months to power, and what to rent until then."""
    from gigawatt.power import hire_rows, step_rows, timing, timing_rows

    found: Timing = timing(plan, case=wanted.case)  # type: ignore[arg-type]
    full = {"timing": timing_rows(found), "months": step_rows(found)}
    parts = [rows.Part(rows.month_rows(found), full, rows.month_sentence(found))]
    bridge = rows.Part(rows.bridge_rows(found), {"bridge": hire_rows(found)}, "until then, rented power that pays:")
    return [*parts, bridge] if found.hires else parts


def heading(plan: PowerPlan) -> str:
    """A plan in one line."""
    site, load, terms = plan.built.site, plan.built.load, plan.built.terms
    name = site.place if site.place == site.name else f"{site.name} ({site.place})"
    return (
        f"{name}: {load.site_mw.max():,.4g} MW at the largest hour, {load.site_mw.mean():,.4g} MW on average; "
        f"{terms.costs} costs, {100 * terms.discount_rate:.3g} % a year"
    )


def notes(plan: PowerPlan, asked: Asked) -> list[str]:
    """What a reader of the figures must know."""
    from gigawatt.power import Plant

    site, gas = plan.built.site, plan.built.terms.gas_usd_per_mmbtu
    burns = any(isinstance(o, Plant) and o.technology.heat_rate_mmbtu_per_mwh for o in plan.built.options)
    found = list(plan.notes)
    unserved = plan.accounts.energy.unserved_mwh / plan.accounts.energy.load_mwh
    if unserved > SEEN:
        found.append(f"{100 * unserved:.3g} % of the energy is not served; --unserved-price none demands that all is")
    if burns and asked.terms["gas-price"] is None and not site.region.startswith("us_"):
        found.append(f"gas at {gas:g} USD/MMBtu, the price of the United States: say that of the site with --gas-price")
    return [*found, *([site.note] if site.note else [])]


def tell(title: str, parts: Sequence[rows.Part], wanted: Wanted) -> None:
    """The parts as tables on the terminal, or as one long table in a file or in another format."""
    if wanted.how is not Format.table or wanted.out is not None:
        tables = {name: full for part in parts for name, full in part.full.items()}
        show(rows.long_rows(tables), wanted.how, wanted.out, columns=rows.LONG)
        return
    print(title)
    for part in parts:
        print(f"\n{part.said}\n" if part.said else "")
        show(part.told, wanted.how)


def write_hours(plan: PowerPlan, path: Path) -> None:
    """The hourly dispatch as a file."""
    import numpy as np

    from gigawatt.power import hourly_columns

    columns = {name: np.round(values, DIGITS_OF_HOURS).tolist() for name, values in hourly_columns(plan).items()}
    hours = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    how = by_name(Format.table, path)
    show(hours, Format.csv if how is Format.table else how, path)


def draw_plan(plan: PowerPlan, path: Path, more: Sequence[Panel]) -> None:
    """The charts of a plan as a page or a picture."""
    from gigawatt.report.power import plan_page

    draw(plan_page(plan, more=more), path)


def draw(page: Page, path: Path) -> None:
    """Charts as a page or a picture."""
    from gigawatt.report.power_page import write

    write(page, path)
    say(f"wrote {path}")


# -------------------------------------------------------------------------------------------------------------- pareto


def show_pareto(asked: Asked, wanted: Wanted) -> None:
    """Cost along carbon-free shares."""
    from gigawatt.power.pareto import SHARES, pareto

    site = asked.year()
    load = asked.drawn(site)
    with ProgressLine(first_words("carbon-free share 0 %")) as progress:
        warm_up()
        plans = pareto(
            site, load, asked.choices(), shares=SHARES, targets=asked.wanted(load), terms=asked.paid(),
            tolerance=asked.tolerance, method=asked.method, progress=lambda said: progress(said, 0.0),
        )  # fmt: skip
    if wanted.chart is not None:
        from gigawatt.report.power_many import pareto_page

        draw(pareto_page(plans), wanted.chart)
    told = [pareto_row(share, plan) for share, plan in zip(SHARES, plans, strict=True)]
    full = [pareto_full(share, plan) for share, plan in zip(SHARES, plans, strict=True)]
    if wanted.how is not Format.table or wanted.out is not None:
        show(full, wanted.how, wanted.out)
    else:
        show(told, wanted.how, title=f"{heading(plans[0])}; carbon-free hour by hour")


def pareto_row(share: float, plan: PowerPlan) -> rows.Row:
    """One share as people read it."""
    sizes = {row["option"]: row for row in rows.size_rows(plan)}
    row: rows.Row = {
        "% at least": 100 * share,
        "% reached": rows.percent(plan.accounts.carbon.carbon_free_hourly),
        "USD/MWh": rows.cents(plan.usd_per_mwh),
        "g CO2/kWh": rows.digits(plan.accounts.carbon.location_t / plan.accounts.energy.load_mwh * 1e3),
        "capex M$": rows.digits(plan.capex_usd / 1e6),
        "% of offers curtailed": rows.percent(plan.accounts.energy.curtailed_share),
    }
    for name, size in sizes.items():
        row[f"{name} MW"] = size["MW"]
        if size["MWh"] is not None:
            row[f"{name} MWh"] = size["MWh"]
    return row


def pareto_full(share: float, plan: PowerPlan) -> rows.Row:
    """One share with all that it comes to, in full digits."""
    accounts, kwh = plan.accounts, plan.accounts.energy.load_mwh * 1e3
    row: rows.Row = {
        "carbon_free_least": share, "carbon_free_hourly": accounts.carbon.carbon_free_hourly,
        "usd_per_mwh": plan.usd_per_mwh, "location_g_per_kwh": accounts.carbon.location_t * 1e6 / kwh,
        "lifecycle_g_per_kwh": accounts.carbon.lifecycle_t * 1e6 / kwh,
        "capex_usd": plan.capex_usd, "curtailed_share": accounts.energy.curtailed_share, "gap": plan.gap,
    }  # fmt: skip
    shown = [(c, size) for c, size in zip(plan.built.capacities, plan.capacity.tolist(), strict=True) if c.shown]
    return row | {f"{c.name}_{c.unit.lower()}": size for c, size in shown}
