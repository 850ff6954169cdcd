"""`gigawatt buildout when`: when a rate of build-out is first sustained, what holds it, and what more would gain."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.buildout_needs import gw_per_week_of
from gigawatt.cli.failures import say
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.cli.progress import ProgressLine

if TYPE_CHECKING:
    from gigawatt.buildout.binding import Binding
    from gigawatt.buildout.when import When

EXAMPLES = """\b
Examples:
  gigawatt buildout when --target 1GW/week
  gigawatt buildout when --target 500MW/week --share 50% --power gas_turbines
  gigawatt buildout when --target 10GW/year --regions us_tx,us_midwest --from 2027 --format json"""

DIGITS = 3
Row = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Put the command into the sub-app `buildout`."""
    app.command("when", epilog=EXAMPLES)(when)


def when(
    target: Annotated[str, flag("target", "Site power that comes up, such as 1GW/week.")] = "1GW/week",
    share: Annotated[str, flag("share", "Of the world's supply and workers, that can be had, such as 30%.")] = "100%",
    regions: Annotated[
        str | None, flag("regions", "Where it is built, commas between; in all of the catalog unless given.")
    ] = None,
    start: Annotated[str | None, flag("from", "When orders begin, such as 2027; 2026-01-05 unless given.")] = None,
    power: Annotated[str, flag("power", "mixed, grid, gas_turbines, reciprocating_engines or fuel_cells.")] = "mixed",
    draws: Annotated[int, flag("draws", "Draws of durations, lead times, supply and shocks; 0: all medians.")] = 200,
    seed: Annotated[int, flag("seed", "Of what is drawn.")] = 1,
    sites: Annotated[
        bool, typer.Option("--sites/--no-sites", help="Whether announced sites count that are under way today.")
    ] = True,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Tell from when on a rate is sustained if it is ordered now, which items hold it, and what more would gain.

    Campuses are ordered every four weeks in all regions, as their crews and grids can take them. The rate is sustained
    from the first week on in which a year begins whose mean is at or above it. Announced sites that are under way come
    first in every queue, and their power counts; with a share of the world below 100% they are left to the rest of it.
    """
    from gigawatt.buildout.projects import OPENING
    from gigawatt.buildout.when import when as when_of
    from gigawatt.timeline import parse_date
    from gigawatt.units import parse_quantity

    rate = gw_per_week_of(target, "--target")
    with spoken(), ProgressLine() as progress:
        part = parse_quantity(share, "1", "--share").value
        day = OPENING if start is None else parse_date(start)
        names = [name.strip() for name in regions.split(",")] if regions else []
        found = when_of(rate, part, names, day, power, draws, seed, sites=sites, said=progress)
    how = by_name(how, out)
    rows = [as_row(found, row) for row in found.binding]
    if how is Format.table and out is None:
        _tell(found, rows)
    else:
        show(summary(found) + rows, how, out)


def as_row(found: When, one: Binding) -> Row:
    """One item or trade that binds."""
    from gigawatt.buildout.outcome import date_of

    def day(week: float | None) -> str | None:
        told = None if week is None else date_of(found.plan, week)
        return None if told is None else told.isoformat()

    return {
        "what": "binding", "item": one.item, "supplies": one.supplies, "value": None,
        "waiting_share": one.waiting_share, "binds_from": day(one.first_week),
        "binds_to": day(one.last_week), "supply_over_need": one.supply_now,
        "suffices_from": day(one.suffices_week) or "not within the plan", "short_at_end": one.short_at_end,
        "gain_weeks": one.gain_weeks, "gain_weeks_error": one.gain_weeks_error, "power_weeks": one.power_weeks,
        "gain_mw_weeks": one.gain_mw_weeks,
        "gain_usd": one.gain_usd,
    }  # fmt: skip


def summary(found: When) -> list[Row]:
    """Dates and yearly probabilities as rows with the columns of the items."""
    told = [("date", name, None if day is None else day.isoformat())
            for name, day in zip(("P10", "P50", "P90"), found.dates(), strict=True)]  # fmt: skip
    years = [("probability_by_end_of", str(year), share) for year, share in found.by_year().items()]
    blank = dict.fromkeys(as_row(found, found.binding[0])) if found.binding else {}
    return [blank | {"what": what, "item": item, "value": value} for what, item, value in (*told, *years)]


def _tell(found: When, rows: list[Row]) -> None:
    """Three tables and, where the rate is not reached, why."""
    rate = f"{found.gw_per_week:g} GW a week"
    dates = [{"date": name, "first sustained": "not within the plan" if day is None else day.isoformat()}
             for name, day in zip(("P10", "P50", "P90"), found.dates(), strict=True)]  # fmt: skip
    show(
        dates, Format.table, title=f"{rate}, ordered from {found.start} on: the year from then on brings it in the mean"
    )
    years = [{"by the end of": str(year), "probability": _short(share)} for year, share in found.by_year().items()]
    show(years, Format.table, title="probability that it is sustained")
    value = found.usd_per_mw_week
    heads = {
        "item": "item", "waiting_share": "waiting", "binds_from": "binds from", "binds_to": "to",
        "supply_over_need": "supply/need", "suffices_from": "suffices from", "gain_weeks": "weeks sooner",
        "gain_weeks_error": "+-", "power_weeks": "power sooner", "gain_usd": "USD",
    }  # fmt: skip
    title = (
        "what binds until then, by what a tenth more of it gains. waiting: share of the MW-weeks beyond lead times;\n"
        "supply/need: at the first orders, over what is ordered in the mean; sooner: weeks for the date, its error,\n"
        "and weeks for the power that is up on the median date; USD: rent of what is up earlier until\n"
        f"{_end(found)} ({value:,.0f} USD a MW-week). Blank: within twice the error, so it may be nothing"
    )
    told = [row for row, one in zip(rows, found.binding, strict=True) if one.asked]
    show([{heads[key]: _short(row[key]) for key in heads} for row in told], Format.table, title=title)
    if found.never > 0.0:
        say(not_reached(found))


def not_reached(found: When) -> str:
    """Which items are too few for the rate, by how much and from when."""
    short = [one for one in found.binding if one.supply_now < 1.0]
    told = [
        f"{one.item}: " + (f"{one.short_at_end:.0%} too little to the end" if math.isinf(one.suffices_week)
                           else f"{1 - one.supply_now:.0%} too little now")
        for one in sorted(short, key=lambda one: (-one.short_at_end, one.supply_now))
    ]  # fmt: skip
    why = "; ".join(told[:5]) or "every item suffices, but not for what queues by then"
    return f"in {found.never:.0%} of the draws the rate is not sustained by {_end(found)}: {why}"


def _end(found: When) -> str:
    """The last day of the plan."""
    from gigawatt.buildout.outcome import date_of

    return str(date_of(found.plan, found.plan.portfolio.weeks))


def _short(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return float(f"{value:.{DIGITS}g}") if abs(value) >= 1e-6 else 0
