"""`gigawatt finance lcoc`: what an hour of a chip costs its owner, by cause, and what it rents for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigawatt.cli.finance_bounds import number
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.finance_lcoc_rows import Asked

EXAMPLES = """\b
Examples:
  gigawatt finance lcoc B200
  gigawatt finance lcoc B200 H100 MI300X
  gigawatt finance lcoc gb300-nvl72 --rent 4.5 --rate "7 %" --life 4 --price 45$/MWh --pue 1.15
  gigawatt finance lcoc h100-sxm --utilisation "60 %" --precision fp8 --mfu "35 %" --tokens 900
  gigawatt finance lcoc mi355x --capex 30000 --residual "20 %" --out cost.csv"""

Chips = Annotated[list[str], typer.Argument(metavar="CHIP...", help="Chips of the catalog, such as B200.")]
Rent = Annotated[str | None, flag("rent", "Rent of a chip-hour to compare with; the catalog's unless given.")]
Price = Annotated[str | None, flag("price", "Energy at the site, such as 60$/MWh.")]
Rate = Annotated[str | None, flag("rate", "Cost of capital, such as '8 %'.")]
Life = Annotated[str | None, flag("life", "Years until chips are written off.")]
Utilisation = Annotated[str | None, flag("utilisation", "Share of hours sold or used, such as '75 %'.")]
Pue = Annotated[str | None, flag("pue", "Site power over IT power.")]
Capex = Annotated[str | None, flag("capex", "Chip with its share of server and network, in USD.")]
Power = Annotated[str | None, flag("power", "Chip with its share of the server, such as 1700W.")]
Facility = Annotated[str | None, flag("facility", "Building and electrical plant, such as 12M$/MW of IT.")]
FacilityLife = Annotated[str | None, flag("facility-life", "Years until the facility is written off.")]
Residual = Annotated[str | None, flag("residual", "Share of --capex left at the end, such as '10 %'.")]
Opex = Annotated[str | None, flag("opex", "Staff, spares, software: share of --capex a year.")]
LoadFactor = Annotated[str | None, flag("load-factor", "Mean over peak power, such as '80 %'.")]
Precision = Annotated[str, flag("precision", "Of PFLOP-hours: bf16, fp8, fp4 or int8, dense.")]
Mfu = Annotated[str | None, flag("mfu", "Share of the peak that is done; the peak unless given.")]
Tokens = Annotated[str | None, flag("tokens", "Tokens a second that one chip serves.")]
HowWritten = Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")]


def lcoc(
    chips: Chips,
    rent: Rent = None,
    price: Price = None,
    rate: Rate = None,
    life: Life = None,
    utilisation: Utilisation = None,
    pue: Pue = None,
    capex: Capex = None,
    power: Power = None,
    facility: Facility = None,
    facility_life: FacilityLife = None,
    residual: Residual = None,
    opex: Opex = None,
    load_factor: LoadFactor = None,
    precision: Precision = "bf16",
    mfu: Mfu = None,
    tokens: Tokens = None,
    how: HowWritten = Format.table,
    out: OutFile = None,
) -> None:
    """Tell what an hour of a chip costs its owner, by cause, and what it earns at today's rent.

    Levelised over the life at the cost of capital, before tax, in hours sold. What is not given is the catalog's;
    every input is printed with its source.
    """
    how = by_name(how, out)
    if len(set(map(str.lower, chips))) > 1:
        own = {"capex": capex, "power": power, "rent": rent, "tokens": tokens, "mfu": mfu}
        refuse("chips differ in these, so they go with one chip alone", own)
    texts = {
        "capex": capex, "power": power, "facility": facility, "life": life, "facility-life": facility_life,
        "residual": residual, "opex": opex, "pue": pue, "load-factor": load_factor, "utilisation": utilisation,
        "rate": rate, "price": price,
    }  # fmt: skip
    _tell(chips, _asked(texts, precision, mfu=mfu, tokens=tokens, rent=rent), how, out)


def _asked(texts: dict[str, str | None], precision: str, **others: str | None) -> Asked:
    """What the options say, in numbers within their bounds."""
    from gigawatt.cli import finance_lcoc_rows as rows
    from gigawatt.finance.levelised_chips import PRECISIONS

    if precision not in PRECISIONS:
        raise GigawattError(f"--precision {precision}: allowed are {', '.join(PRECISIONS)}")
    told = {name: None if text is None else number(name, text) for name, text in others.items()}
    return rows.Asked(
        given={rows.INPUTS[name][0]: number(name, text) for name, text in texts.items() if text is not None},
        precision=precision,
        mfu=1.0 if told["mfu"] is None else told["mfu"],
        tokens_per_s=told["tokens"],
        rent_usd_per_chip_h=told["rent"],
    )


def _tell(chips: list[str], asked: Asked, how: Format, out: Path | None) -> None:
    """Words and tables, or one table of figures in a file."""
    from gigawatt.cli import finance_lcoc_rows as rows

    with spoken():
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
