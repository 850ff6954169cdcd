"""`gigawatt finance lcoc`: what an hour of a chip costs its owner, by cause, and a PFLOP-hour and a million tokens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.levelised import ComputeCost

EXAMPLES = """\b
Examples:
  gigawatt finance lcoc B200
  gigawatt finance lcoc gb300-nvl72 --rate "7 %" --life 4 --price 45$/MWh --pue 1.15
  gigawatt finance lcoc h100-sxm --utilisation "60 %" --precision fp8 --mfu "35 %" --tokens 900
  gigawatt finance lcoc mi355x --capex 30000 --residual "20 %" --out cost.csv"""

INPUTS = {  # option -> (field of the terms, unit)
    "capex": ("price_usd", "USD"), "power": ("system_power_w", "W"), "facility": ("facility_usd_per_mw", "USD/MW"),
    "life": ("life_years", "years"), "facility-life": ("facility_life_years", "years"), "residual": ("residual", "1"),
    "opex": ("opex_share_per_year", "1/year"), "pue": ("pue", "1"), "load-factor": ("load_factor", "1"),
    "utilisation": ("utilisation", "1"), "rate": ("rate", "1"), "price": ("price_usd_per_mwh", "USD/MWh"),
}  # fmt: skip
OF_CHIP = ("price_usd", "system_power_w")
SHARES = ("residual", "utilisation", "load-factor", "mfu")  # options that lie between 0 and 1
DIGITS = 4
Row = dict[str, Any]


def lcoc(
    chip: Annotated[str, typer.Argument(metavar="CHIP", help="A chip of the catalog, such as B200.")],
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
    """Tell what an hour of a chip costs its owner, by cause: capital, facility, operation, energy.

    Levelised over the life at the cost of capital, before tax, in useful hours. What is not given is the catalog's;
    every input is printed with its source.
    """
    how = by_name(how, out)
    texts = {
        "capex": capex, "power": power, "facility": facility, "life": life, "facility-life": facility_life,
        "residual": residual, "opex": opex, "pue": pue, "load-factor": load_factor, "utilisation": utilisation,
        "rate": rate, "price": price,
    }  # fmt: skip
    given = {INPUTS[name][0]: _read(name, text, INPUTS[name][1]) for name, text in texts.items() if text is not None}
    with spoken():
        done = _read("mfu", mfu, "1") if mfu is not None else 1.0
        speed = _read("tokens", tokens, "1") if tokens is not None else None
        item, found = _cost(chip, given, precision, done, speed)
    costs, inputs = _cost_rows(found, precision, done), _input_rows(item, given)
    if how is Format.table and out is None:
        show(costs, how, title=f"levelised cost of compute of {item}, in a useful hour")
        show(inputs, how, title="from", least=("note", "source"))
    else:
        columns = ("what", "value", "unit", "share", "source", "note")
        show([{name: row.get(name, "") for name in columns} for row in (*costs, *inputs)], how, out)


def _read(option: str, text: str, unit: str) -> float:
    """The number of an option in `unit`."""
    from gigawatt.units import parse_quantity

    try:
        found = parse_quantity(text if not _bare(text) else float(text), unit, f"--{option}").value
    except ValueError as error:
        raise GigawattError(f"--{option} {text}: {error}") from None
    if option in SHARES and not 0 <= found <= 1:
        raise GigawattError(f"--{option} {text}: must lie between 0 and 1, or 0 % and 100 %")
    if option == "pue" and found < 1:
        raise GigawattError(f"--pue {text}: PUE is site power over IT power, so at least 1")
    if option == "rate" and found > 1:
        raise GigawattError(
            f"--rate {text}: a cost of capital of {found:.0%}; write it as '{found:g} %' or {found / 100:g}"
        )
    if found < 0 and option != "rate":
        raise GigawattError(f"--{option} {text}: must not be negative")
    return found


def _bare(text: str) -> bool:
    """Whether the text is a number without a unit, which is then the option's own."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _cost(
    chip: str, given: dict[str, float], precision: str, mfu: float, tokens: float | None
) -> tuple[str, ComputeCost]:
    """(Item of the catalog, its levelised cost)."""
    from gigawatt.finance.levelised import levelised_cost_of_compute
    from gigawatt.finance.levelised_chips import ChipTerms, chip_cluster, chip_named, flop_per_s
    from gigawatt.finance.parameters import parameter

    item = chip_named(chip)
    terms = {name: value for name, value in given.items() if name not in ("rate", "price_usd_per_mwh")}
    return item, levelised_cost_of_compute(
        chip_cluster(item, ChipTerms(**terms)),
        rate=given.get("rate", parameter("lcoc.rate")),
        price_usd_per_mwh=given.get("price_usd_per_mwh", parameter("lcoc.price_usd_per_mwh")),
        flop_per_s=flop_per_s(item, precision) * mfu,
        tokens_per_s=tokens,
    )


def _cost_rows(found: ComputeCost, precision: str, mfu: float) -> list[Row]:
    """Causes of an hour's cost, their sum, and the cost of work."""
    causes, total = found.causes_usd_per_chip_h, found.usd_per_chip_h
    rows: list[Row] = [
        {"what": name, "value": usd, "unit": "USD/chip/h", "share": f"{usd / total:.0%}"}
        for name, usd in causes.items()
    ]
    speed = "at the peak" if mfu == 1 else f"at {mfu:.0%} of the peak"
    rows += [
        {"what": "all of it", "value": total, "unit": "USD/chip/h", "share": "100%"},
        {"what": "H100-equivalent hour", "value": found.usd_per_h100e_h, "unit": "USD/H100e/h", "share": ""},
        {
            "what": f"PFLOP-hour, {precision}, {speed}",
            "value": found.usd_per_pflop_h,
            "unit": "USD/PFLOP/h",
            "share": "",
        },
    ]
    if found.usd_per_m_tokens is not None:
        rows.append({"what": "tokens", "value": found.usd_per_m_tokens, "unit": "USD/Mtok", "share": ""})
    return [{**row, "value": _rounded(row["value"])} for row in rows]


def _input_rows(item: str, given: dict[str, float]) -> list[Row]:
    """Every input with its unit, its source and the reasoning of the catalog."""
    from gigawatt import catalog

    rows: list[Row] = []
    for option, (name, unit) in INPUTS.items():
        if name in given:
            rows.append({"what": name, "value": given[name], "unit": unit, "source": f"option --{option}", "note": ""})
        elif name != "residual":
            fact = (
                catalog.fact("chips", item, name)
                if name in OF_CHIP
                else catalog.fact("finance", f"lcoc.{name}", "value")
            )
            rows.append(
                {"what": name, "value": fact.value, "unit": fact.unit, "source": fact.source, "note": fact.note}
            )
    return rows


def _rounded(value: Any) -> float:
    return float(f"{float(value):.{DIGITS}g}")
