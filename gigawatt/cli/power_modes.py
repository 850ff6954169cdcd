"""What `gigawatt power` does when it is run: one plan with what is asked beside it, or a row of plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli import power_rows as rows
from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, by_name, show
from gigawatt.cli.power_asked import Asked
from gigawatt.cli.progress import ProgressLine

if TYPE_CHECKING:
    from gigawatt.power import PowerPlan, Timing

DIGITS_OF_HOURS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be told of a plan beside the plan, and where to."""

    how: Format
    out: Path | None
    chart: Path | None
    hours: Path | None
    case: str  # of the lead times
    reliability: bool
    nines: float | None
    foresight: bool
    years: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class Part:
    """A table: as people read it, and as rows in full digits for files."""

    name: str
    title: str
    told: Sequence[rows.Row]
    full: Sequence[Mapping[str, Any]]
    before: str = ""  # a sentence


# -------------------------------------------------------------------------------------------------------------- a plan


def show_plan(asked: Asked, wanted: Wanted) -> None:
    """The plan, and what is asked for beside it."""
    with ProgressLine("sizing the supply") as progress:
        plan = asked.plan()
        parts = [*plan_parts(plan), *month_parts(plan, wanted, progress)]
        parts += extra_parts(plan, wanted, progress)
    if wanted.hours is not None:
        write_hours(plan, wanted.hours)
    if wanted.chart is not None:
        draw(plan, wanted.chart)
    tell(heading(plan), parts, wanted)
    for note in notes(plan):
        say(f"note: {note}")


def plan_parts(plan: PowerPlan) -> list[Part]:
    """What to build, what it costs and what it comes to."""
    from gigawatt.power import tables

    full = tables(plan)
    return [
        Part("build", "", rows.size_rows(plan), [*full["capacities"], *full["energy"]]),
        Part("costs", "", rows.cause_rows(plan), [*full["costs"], *full["books"]]),
        Part("figures", "", rows.figure_rows(plan), [*full["summary"], *full["carbon"]]),
    ]


def month_parts(plan: PowerPlan, wanted: Wanted, progress: ProgressLine) -> list[Part]:
    """Months to power, and what to rent until then."""
    from gigawatt.power import hire_rows, step_rows, timing

    progress("months to power", 0.0)
    found: Timing = timing(plan, case=wanted.case)  # type: ignore[arg-type]
    sentence = rows.month_sentence(found)
    parts = [Part("months", "", rows.month_rows(found), step_rows(found), before=sentence)]
    return parts + ([Part("bridge", "", rows.bridge_rows(found), hire_rows(found))] if found.hires else [])


def extra_parts(plan: PowerPlan, wanted: Wanted, progress: ProgressLine) -> list[Part]:
    """Reliability, foresight and years, as far as asked for."""
    return []


def heading(plan: PowerPlan) -> str:
    """A plan in one line."""
    site, load, terms = plan.built.site, plan.built.load, plan.built.terms
    name = site.place if site.place == site.name else f"{site.name} ({site.place})"
    return (
        f"{name}: {load.site_mw.max():,.4g} MW at the largest hour, {load.site_mw.mean():,.4g} MW on average; "
        f"{terms.costs} costs, {100 * terms.discount_rate:.3g} % a year"
    )


def notes(plan: PowerPlan) -> list[str]:
    """What a reader of the figures must know."""
    site = plan.built.site
    return [*plan.notes, *([site.note] if site.note else [])]


def tell(title: str, parts: Sequence[Part], wanted: Wanted) -> None:
    """The parts as tables on the terminal, or as one long table in a file or in another format."""
    if wanted.how is not Format.table or wanted.out is not None:
        show(rows.long_rows({part.name: part.full for part in parts}), wanted.how, wanted.out, columns=rows.LONG)
        return
    print(title)
    for part in parts:
        print(f"\n{part.before}\n" if part.before else "")
        show(part.told, wanted.how, title=part.title)


def write_hours(plan: PowerPlan, path: Path) -> None:
    """The hourly dispatch as a file."""
    import numpy as np

    from gigawatt.power import hourly_columns

    columns = {name: np.round(values, DIGITS_OF_HOURS).tolist() for name, values in hourly_columns(plan).items()}
    hours = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    how = by_name(Format.table, path)
    show(hours, Format.csv if how is Format.table else how, path)


def draw(plan: PowerPlan, path: Path) -> None:
    """The charts of a plan as a page or a picture."""
    from gigawatt.report.power import plan_page
    from gigawatt.report.power_page import write

    write(plan_page(plan), path)
    say(f"wrote {path}")


# -------------------------------------------------------------------------------------------------------------- pareto


def show_pareto(asked: Asked, wanted: Wanted) -> None:
    """Cost along carbon-free shares."""
    from gigawatt.power.pareto import SHARES, pareto

    site = asked.year()
    load = asked.drawn(site)
    with ProgressLine("carbon-free share 0 %") as progress:
        plans = pareto(
            site, load, asked.choices(), shares=SHARES, targets=asked.wanted(load), terms=asked.paid(),
            progress=lambda said: progress(said, 0.0),
        )  # fmt: skip
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
        "% curtailed": rows.percent(plan.accounts.energy.curtailed_share),
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
