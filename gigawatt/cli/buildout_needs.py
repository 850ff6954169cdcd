"""`gigawatt buildout needs`: what a rate of build-out takes in a year, against what the world supplies."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.buildout.needs import Needs, YearNeed

EXAMPLES = """\b
Examples:
  gigawatt buildout needs --rate 1GW/week
  gigawatt buildout needs --rate 1GW/week --power gas_turbines --region us_tx
  gigawatt buildout needs --rate 10GW/year --chip tpu-v7 --cooling liquid_tower --redundancy 2n --out needs.csv"""

DIGITS = 3
HEADS = {
    "item": "item", "unit": "unit", "need_p5": "P5", "need_p50": "need", "need_p95": "P95",
    "supply": "supply today", "ratio": "need/supply", "ratio_p5": "P5 ", "ratio_p95": "P95 ", "years": "years",
    "world": "all uses", "note": "note", "source": "source",
}  # fmt: skip
ON_TERMINAL = ("item", "unit", "need_p5", "need_p50", "need_p95", "supply", "ratio", "years", "world")
NOTES = ("note", "source")  # on a terminal with --notes
LEAST = ("source", "note", "all uses", "P5", "P95", "years")  # that a narrow terminal can do without, least first
MOST_GW_PER_WEEK = 100.0  # in a year more than half of all power plants of the world
Row = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Put the command into the sub-app `buildout`."""
    app.command("needs", epilog=EXAMPLES)(needs)


def needs(
    rate: Annotated[str, flag("rate", "Site power that comes up, such as 1GW/week or 10GW/year.")] = "1GW/week",
    chip: Annotated[str, flag("chip", "Chip of the catalog.")] = "gb300-nvl72",
    cooling: Annotated[
        str,
        flag("cooling", "air_chiller, evaporative, tower_chiller, liquid_dry, liquid_adiabatic or liquid_tower."),
    ] = "liquid_dry",
    redundancy: Annotated[str, flag("redundancy", "n, n+1 or 2n.")] = "n+1",
    power: Annotated[str, flag("power", "grid, gas_turbines, reciprocating_engines or fuel_cells.")] = "grid",
    backup: Annotated[
        bool | None,
        typer.Option("--backup/--no-backup", help="Backup generators; with the grid unless told otherwise."),
    ] = None,
    region: Annotated[
        str | None, flag("region", "All is built in this region of the catalog; in the whole world unless given.")
    ] = None,
    notes: Annotated[bool, typer.Option("--notes", help="Notes and sources too; files always have them.")] = False,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Tell what a sustained rate takes in a year, item by item, against what there is of it today.

    Chips and their parts, electrical gear, machines, cooling, materials, workers at work at once, dollars, energy, gas,
    water, land and campuses under way. `years`: until supply suffices if its makers expand as they do now.
    """
    from gigawatt.buildout.design import Design
    from gigawatt.buildout.needs import needs as needs_of

    how = by_name(how, out)
    gw_per_week = gw_per_week_of(rate, "--rate")
    with spoken():
        design = Design(chip=chip, cooling=cooling, redundancy=redundancy, power=power, backup=backup)
        found = needs_of(gw_per_week, design, region)
    rows = [as_row(row) for row in found.rows]
    if how is Format.table and out is None:
        rows = [{HEADS[name]: _told(row[name]) for name in (*ON_TERMINAL, *(NOTES if notes else ()))} for row in rows]
    show(rows, how, out, title=_title(found), least=LEAST)


def gw_per_week_of(text: str, option: str) -> float:
    """GW a week of a text that says its unit."""
    from gigawatt.units import parse_quantity

    wanted = f"{option} {text}: wants power per week such as 1 GW/week, or 10 GW/year"
    if not re.search(r"[A-Za-z]\s*(/|per)", text):
        raise GigawattError(wanted)
    try:
        found = parse_quantity(text, "GW/week", option).value
    except ValueError as error:
        raise GigawattError(wanted) from error
    if found > MOST_GW_PER_WEEK:
        raise GigawattError(f"{option} {text}: at most {MOST_GW_PER_WEEK:g} GW/week")
    return found


def as_row(row: YearNeed) -> Row:
    """A need as a row of a table; no number where there is none, `inf` years where supply never suffices."""
    ratio, supply = row.ratio, row.supply
    return {
        "group": row.group, "item": row.item, "unit": row.unit, "need_p5": row.need.low, "need_p50": row.need.median,
        "need_p95": row.need.high, "supply": supply.median if supply else None,
        "supply_p5": supply.low if supply else None, "supply_p95": supply.high if supply else None,
        "ratio": ratio.median if ratio else None, "ratio_p5": ratio.low if ratio else None,
        "ratio_p95": ratio.high if ratio else None, "years": row.years, "world": row.world,
        "note": row.note, "source": row.source,
    }  # fmt: skip


def _title(found: Needs) -> str:
    """What was asked for, and what is short."""
    design = found.design
    backup = "with backup generators" if design.has_backup else "without backup generators"
    what = f"{design.chip}, {design.cooling}, {design.redundancy}, {design.power}, {backup}"
    where = found.region or "the whole world"
    short = ", ".join(row.item for row in found.binding) or "nothing"
    untold = f"\nleft out, since the catalog does not tell them of {design.chip}: {', '.join(found.untold)}"
    return (
        f"a year of {found.rate_gw_per_week:g} GW of site power a week: {what}; supply of {where}\n"
        f"more than there is today, the scarcest first: {short}{untold if found.untold else ''}"
    )


def _told(value: Any) -> Any:
    """Numbers with three digits that matter; `never` for infinite years."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return "never"
    if value == 0.0:
        return 0
    digits = DIGITS - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, digits)
    return int(rounded) if digits <= 0 else rounded
