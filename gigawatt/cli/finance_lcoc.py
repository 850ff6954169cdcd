"""`gigawatt finance lcoc`: what an hour of a chip costs its owner, by cause, and what it rents for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gigawatt.cli.finance_bounds import number
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name, show

EXAMPLES = """\b
Examples:
  gigawatt finance lcoc B200
  gigawatt finance lcoc B200 H100 MI300X
  gigawatt finance lcoc gb300-nvl72 --rent 4.5 --rate "7 %" --life 4 --price 45$/MWh --pue 1.15
  gigawatt finance lcoc h100-sxm --utilisation "60 %" --precision fp8 --mfu "35 %" --tokens 900
  gigawatt finance lcoc mi355x --capex 30000 --residual "20 %" --out cost.csv"""


def lcoc(
    chips: Annotated[list[str], typer.Argument(metavar="CHIP...", help="Chips of the catalog, such as B200.")],
    rent: Annotated[
        str | None, flag("rent", "Rent of a chip-hour to compare with; the catalog's unless given.")
    ] = None,
    price: Annotated[str | None, flag("price", "Energy at the site, such as 60$/MWh.")] = None,
    rate: Annotated[str | None, flag("rate", "Cost of capital, such as '8 %'.")] = None,
    life: Annotated[str | None, flag("life", "Years until chips are written off.")] = None,
    utilisation: Annotated[str | None, flag("utilisation", "Share of hours sold or used, such as '75 %'.")] = None,
    pue: Annotated[str | None, flag("pue", "Site power over IT power.")] = None,
    capex: Annotated[str | None, flag("capex", "Chip with its share of server and network, in USD.")] = None,
    power: Annotated[str | None, flag("power", "Chip with its share of the server, such as 1700W.")] = None,
    facility: Annotated[str | None, flag("facility", "Building and electrical plant, such as 12M$/MW of IT.")] = None,
    facility_life: Annotated[str | None, flag("facility-life", "Years until the facility is written off.")] = None,
    residual: Annotated[str | None, flag("residual", "Share of --capex left at the end, such as '10 %'.")] = None,
    opex: Annotated[str | None, flag("opex", "Staff, spares, software: share of --capex a year.")] = None,
    load_factor: Annotated[str | None, flag("load-factor", "Mean over peak power, such as '80 %'.")] = None,
    precision: Annotated[str, flag("precision", "Of PFLOP-hours: bf16, fp8, fp4 or int8, dense.")] = "bf16",
    mfu: Annotated[str | None, flag("mfu", "Share of the peak that is done; the peak unless given.")] = None,
    tokens: Annotated[str | None, flag("tokens", "Tokens a second that one chip serves.")] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Tell what an hour of a chip costs its owner, by cause, and what it earns at today's rent.

    Levelised over the life at the cost of capital, before tax, in hours sold. What is not given is the catalog's;
    every input is printed with its source.
    """
    from gigawatt.cli import finance_lcoc_rows as rows

    how = by_name(how, out)
    if len(set(map(str.lower, chips))) > 1:
        own = {"capex": capex, "power": power, "rent": rent, "tokens": tokens, "mfu": mfu}
        refuse("chips differ in these, so they go with one chip alone", own)
    texts = {
        "capex": capex, "power": power, "facility": facility, "life": life, "facility-life": facility_life,
        "residual": residual, "opex": opex, "pue": pue, "load-factor": load_factor, "utilisation": utilisation,
        "rate": rate, "price": price,
    }  # fmt: skip
    given = {rows.INPUTS[name][0]: number(name, text) for name, text in texts.items() if text is not None}
    with spoken():
        asked = rows.Asked(
            given=given,
            precision=precision,
            mfu=1.0 if mfu is None else number("mfu", mfu),
            tokens_per_s=None if tokens is None else number("tokens", tokens),
            rent_usd_per_chip_h=None if rent is None else number("rent", rent),
        )
        found = rows.worked_out(chips, asked)
    if how is Format.table and out is None:
        print(rows.headline(found, asked))
        print()
        show(rows.by_chip(found), how, title="levelised cost and rent, USD per chip-hour sold", least=rows.LEAST)
        show(rows.by_cause(found), how, title="by cause, USD per chip-hour sold")
        show(rows.of_work(found, asked), how, title="cost of work")
        show(rows.inputs(found, asked), how, title="from", least=("note", "unit", "source"))
        return
    show(rows.long_rows(found, asked), how, out)
