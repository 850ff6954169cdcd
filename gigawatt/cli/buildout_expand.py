"""`gigawatt buildout expand`: what to expand, order and start, and when, to reach a rate at least cost."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from gigawatt.cli.buildout_needs import gw_per_week_of
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show

EXAMPLES = """\b
Examples:
  gigawatt buildout expand --target 1GW/week --by 2032-06
  gigawatt buildout expand --target 0.5GW/week --by 2031 --regions us_tx,us_midwest,europe,gulf
  gigawatt buildout expand --target 1GW/week --earliest --budget 3T$
  gigawatt buildout expand --target 1GW/week --by 2032-06 --limit "gas_turbines=200MW/week,us_tx=40GW"
  gigawatt buildout expand --target 1GW/week --by 2030-06 --regions all --show needs --out needs.csv"""


BY = "2032-06"


class Show(StrEnum):
    """Which list."""

    summary = "summary"
    modules = "modules"
    starts = "starts"
    needs = "needs"
    prices = "prices"
    costs = "costs"
    years = "years"


class Period(StrEnum):
    """How finely time is cut."""

    month = "month"
    quarter = "quarter"
    half_year = "half-year"
    year = "year"


def register(app: typer.Typer) -> None:
    """Put the command into the sub-app `buildout`."""
    app.command("expand", epilog=EXAMPLES)(expand)


def expand(
    target: Annotated[str, flag("target", "Rate to hold, such as 1GW/week or 52GW/year.")] = "1GW/week",
    by: Annotated[
        str | None, flag("by", "Hold it from the period of this date to the end; 2032-06 unless given.")
    ] = None,
    path: Annotated[
        str | None, flag("path", "Rates to hold before, by date: 2028-10=0.2GW/week,2029-07=0.5GW/week.")
    ] = None,
    earliest: Annotated[
        bool, flag("earliest", "Find the earliest period from which the rate can be held, in place of --by.")
    ] = False,
    regions: Annotated[
        str | None,
        flag("regions", "Where campuses may be, commas between, or all; unless given those the chip may be sold to."),
    ] = None,
    power: Annotated[
        str | None, flag("power", "grid,gas_turbines,reciprocating_engines,fuel_cells: which; all unless given.")
    ] = None,
    chip: Annotated[str | None, flag("chip", "Chip of the catalog.")] = None,
    cooling: Annotated[str | None, flag("cooling", "liquid_dry, tower_chiller ... of the catalog.")] = None,
    redundancy: Annotated[str | None, flag("redundancy", "n, n+1 or 2n.")] = None,
    budget: Annotated[
        str | None, flag("budget", "Most money of a calendar year: 2T$, or 2027=800B$,2028=1.2T$.")
    ] = None,
    total_budget: Annotated[str | None, flag("total-budget", "Most money of all years.")] = None,
    limit: Annotated[
        str | None,
        flag("limit", "Most of an item a week, or in a region: gas_turbines=200MW/week,us_tx=40GW; with units."),
    ] = None,
    start: Annotated[str | None, flag("start", "First day of the plan; 2026-01-05 unless given.")] = None,
    horizon: Annotated[float, flag("horizon", "Years.")] = 10.0,
    period: Annotated[Period, flag("period", "month, quarter, half-year or year.")] = Period.quarter,
    discount_rate: Annotated[str | None, flag("discount-rate", "Real, a year, such as 8%.")] = None,
    gap: Annotated[float, flag("gap", "Gap to prove, as a share of the cost, from 0 to 1.")] = 1e-3,
    seconds: Annotated[float, flag("seconds", "Longest search of whole modules; the gap reached is told.")] = 60.0,
    which: Annotated[
        Show, flag("show", "summary, modules, starts, needs, prices, costs or years; files of summary hold modules.")
    ] = Show.summary,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Find the cheapest supply expansions, orders and campus starts that reach a rate and hold it.

    A mixed-integer program: whole lines and plants with their delay and price, stock, crews and grid by region, power
    by source. Prints what to expand, where campuses start, what it costs by cause, and what more capacity would save;
    or which items stay short, by how much and from when.
    """
    from gigawatt.buildout.expand import expand as least_cost
    from gigawatt.buildout.expand_shortage import NoPlan
    from gigawatt.buildout.expand_solve import Limits
    from gigawatt.cli.buildout_expand_tables import remarks, shortage, summary, table, title
    from gigawatt.cli.progress import ProgressLine
    from gigawatt.errors import GigawattError
    from gigawatt.timeline import parse_date

    if earliest and by is not None:
        raise GigawattError("--earliest finds the date, --by gives it: leave one of them out")
    if not 0.0 <= gap < 1.0:
        raise GigawattError(f"--gap {gap:g}: wants a share of the cost, from 0 to below 1, such as 0.001")
    if not seconds > 0.0:
        raise GigawattError(f"--seconds {seconds:g}: wants above 0")
    how = by_name(how, out)
    rate = gw_per_week_of(target, "--target")
    with spoken():
        steps = pairs(path, "--path")
    rates = {day: gw_per_week_of(text, f"--path {day}") for day, text in steps.items()}
    design = {"chip": chip, "cooling": cooling, "redundancy": redundancy}
    with spoken():
        wish = wish_of(
            regions=_names(regions), powers=_names(power), start=start, horizon_years=horizon, period=period.value,
            design={key: value for key, value in design.items() if value is not None}, budget=budget,
            total_budget=total_budget, limit=limit, discount_rate=discount_rate,
        )  # fmt: skip
        try:
            with ProgressLine("laying out the program") as progress:
                found = least_cost(
                    rate, by or BY, path=rates, earliest=earliest, wish=wish,
                    limits=Limits(gap=gap, seconds=seconds, progress=progress),
                )  # fmt: skip
        except NoPlan as error:
            raise shortage(error, how, out) from None
    if which is Show.summary and how is Format.table and out is None:
        summary(found, rate, remarks(found, None if earliest else parse_date(by or BY), wish))
    else:
        name = "modules" if which is Show.summary else which.value
        show(table(getattr(found, name), how, out), how, out, title=title(found, rate), columns=("item",))


def wish_of(
    *,
    regions: list[str],
    powers: list[str],
    start: str | None,
    budget: str | None,
    total_budget: str | None,
    limit: str | None,
    discount_rate: str | None,
    **plain: Any,
) -> Any:
    """What the options ask for beside the rate."""
    from gigawatt.buildout.expand_catalog import Wish
    from gigawatt.timeline import parse_date

    given: dict[str, Any] = {"regions": regions, **plain}
    if powers:
        given["powers"] = powers
    if start is not None:
        given["start"] = parse_date(start)
    if budget is not None:
        given["budget_usd"] = (
            {_year(key): quantity(text, "USD", "--budget") for key, text in pairs(budget, "--budget").items()}
            if "=" in budget
            else quantity(budget, "USD", "--budget")
        )
    if total_budget is not None:
        given["total_usd"] = quantity(total_budget, "USD", "--total-budget")
    if limit is not None:
        given["limits"] = {name: most(name, text) for name, text in pairs(limit, "--limit").items()}
    if discount_rate is not None:
        given["discount_rate"] = _rate(discount_rate)
    return Wish(**given)


def most(name: str, text: str) -> float:
    """A limit: MW of a region; units a week of an item; a number of workers.

    Raises:
        ValueError: A number without its unit, or of another unit.
    """
    from gigawatt import catalog
    from gigawatt.buildout.supply import item

    if name in catalog.items("regions"):
        if not re.search("[A-Za-z]", text):
            raise ValueError(f"--limit {name}={text}: wants power, such as {text}GW")
        return quantity(text, "MW", f"--limit {name}")
    if name not in catalog.items("supply"):  # a trade, or a name that the plan will refuse
        return quantity(text.lower().removesuffix("workers").strip(), "1", f"--limit {name}")
    unit = item(name).unit
    if not re.search(r"[A-Za-z]\d*\s*(/|per)", text):
        raise ValueError(f"--limit {name}={text}: wants an amount per week, such as {text.split()[0]}{unit}/week")
    number = text.lower().removesuffix("/week").removesuffix(unit.lower()).strip().replace(",", "")
    try:
        return float(number)
    except ValueError:
        return quantity(text, f"{unit}/week", f"--limit {name}")


def _rate(text: str) -> float:
    """A discount rate, given in per cent."""
    wanted = f"--discount-rate {text}: wants per cent a year, such as 8%"
    if not text.strip().endswith("%"):
        raise ValueError(wanted)
    found = quantity(text, "1", "--discount-rate")
    if not 0.0 <= found <= 1.0:
        raise ValueError(f"{wanted}; from 0% to 100%")
    return found


def quantity(text: str, unit: str, option: str) -> float:
    """A number in `unit`."""
    from gigawatt.units import parse_quantity

    return parse_quantity(text, unit, option).value


def pairs(text: str | None, option: str) -> dict[str, str]:
    """`a=1,b=2` as pairs."""
    found: dict[str, str] = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, sign, value = part.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise ValueError(f"{option}: {part.strip()!r}; wants name=value, commas between")
        if name.strip() in found:
            raise ValueError(f"{option}: {name.strip()} is given twice")
        found[name.strip()] = value.strip()
    return found


def _names(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _year(text: str) -> int:
    if not text.isdecimal() or len(text) != 4:
        raise ValueError(f"--budget: {text!r} is no year; wants 2027=800B$")
    return int(text)
