"""`gigawatt finance company`: three statements of a company, its debt, its metrics, and what stresses do to it."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.cli.finance_company_rows import TITLES, columns_of
from gigawatt.cli.finance_company_tables import (
    file_rows,
    heading,
    print_ladder,
    print_life,
    print_statement,
    show_all,
    show_inputs,
    show_stresses,
)
from gigawatt.cli.inference import flag, spoken
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError, nearest

if TYPE_CHECKING:
    from gigawatt.finance.company import Company
    from gigawatt.finance.company_stress import Stress

EXAMPLES = """\b
Examples:
  gigawatt finance company
  gigawatt finance company CoreWeave
  gigawatt finance company CoreWeave --annual --statement metrics
  gigawatt finance company Meta --chip-life 4 --annual
  gigawatt finance company Oracle --stress default=OpenAI,rates=+2% --statement cash
  gigawatt finance company CoreWeave --statement stress
  gigawatt finance company CoreWeave --statement inputs --out inputs.csv
  gigawatt finance company CoreWeave --run latest --annual"""

STRESSES = "revenue=-20%,rates=+2%,capex=-30%,default=NAME,chip-life=4,refinancing=closed,from=2026Q3"
QUARTERS, YEARS = 8, 20  # quarters shown unless told otherwise: by quarter, by year


class Statement(StrEnum):
    """What is shown."""

    income = "income"
    cash = "cash"
    balance = "balance"
    debt = "debt"
    metrics = "metrics"
    stress = "stress"
    inputs = "inputs"
    all = "all"


def company(
    name: Annotated[str | None, typer.Argument(metavar="COMPANY", help="A company; without one, all of them.")] = None,
    quarters: Annotated[int | None, flag("quarters", "Quarters ahead; 8, and 20 with --annual, unless given.")] = None,
    annual: Annotated[bool, typer.Option("--annual", help="Years instead of quarters.")] = False,
    statement: Annotated[
        Statement,
        flag("statement", "income, cash, balance, debt, metrics, all; stress: what hurts; inputs: with their sources."),
    ] = Statement.all,
    chip_life: Annotated[
        float | None, flag("chip-life", "Useful life of chips in years, against the reported policy.")
    ] = None,
    stress: Annotated[str | None, flag("stress", f"Changes, commas between: {STRESSES}.")] = None,
    run: Annotated[str | None, flag("run", "A run of a scenario instead of the catalog's plan.")] = None,
    runs: Annotated[Path, typer.Option("--runs", help="Directory that holds the runs.")] = Path("runs"),
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Project income, cash flow and balance sheet of a company, with its debt stack, metrics and stresses.

    Statements balance to the cent. Files hold USD; tables hold USD m, or bn for large companies.
    """
    from gigawatt.finance.company_catalog import company as company_of
    from gigawatt.finance.company_statements import project_statements

    how = by_name(how, out)
    if run is not None:
        from gigawatt.cli.finance_company_run import show_run_statements

        if stress is not None or chip_life is not None:
            raise GigawattError("--run shows what was computed: leave out --stress and --chip-life")
        show_run_statements(run, runs, name, statement.value, annual, quarters, how, out)
        return
    if name is None:
        with spoken():
            show_all(YEARS if quarters is None else quarters, how, out)
        return
    with spoken():
        chosen = company_of(name)
        tried = stress_of(stress, chosen, chip_life)
        ahead = YEARS if annual else max(QUARTERS, tried.start + 1)
        count = ahead if quarters is None else quarters
        if statement is Statement.inputs:
            show_inputs(chosen, how, out)
            return
        if statement is Statement.stress:
            show_stresses(chosen, max(count, YEARS) if quarters is None else count, stress, tried, how, out)
            return
        made = project_statements(chosen, count, tried)
    wanted = [each for each in TITLES if statement in (Statement.all, each)]
    if how is not Format.table or out is not None:
        show(file_rows(made, wanted, annual), how, out)
        return
    print("\n".join(heading(made, stress, chip_life)))
    for each in wanted:
        print_statement(made, each, columns_of(made, annual, each))
    if "debt" in wanted:
        print_ladder(made)
    if chip_life is not None:
        print_life(chosen, made, chip_life)


def stress_of(text: str | None, chosen: Company, chip_life: float | None) -> Stress:
    """The stress that `--stress` and `--chip-life` ask for."""
    from gigawatt.finance.company_stress import Stress

    found: dict[str, Any] = {} if chip_life is None else {"chip_life_years": chip_life}
    for part in (text or "").split(","):
        if part.strip():
            key, _, value = (each.strip() for each in part.partition("="))
            found |= _change(key, value, chosen)
    return Stress(**found)


def _change(key: str, value: str, chosen: Company) -> dict[str, Any]:
    """One change of `--stress` as a field."""
    known = ("revenue", "rates", "capex", "default", "chip-life", "refinancing", "from")
    if key not in known:
        close = nearest(key, known)
        hint = f"; did you mean {close!r}?" if close else ""
        raise GigawattError(f"--stress: unknown change {key!r}{hint} (known: {', '.join(known)})")
    if key in ("revenue", "rates", "capex"):
        return {key: _share(key, value)}
    if key == "chip-life":
        return {"chip_life_years": _number(key, value)}
    if key == "default":
        return {"defaults": value}
    if key == "refinancing":
        if value != "closed":
            raise GigawattError(f"--stress refinancing={value}: only `closed` is known")
        return {"refinancing_closed": True}
    return {"start": _quarter(value, chosen)}


def _share(key: str, value: str) -> float:
    """A share: -20%, or -0.2."""
    share = _number(key, value.rstrip("%")) / (100 if value.endswith("%") else 1)
    if not -1 <= share <= 10:
        raise GigawattError(f"--stress {key}={value}: wants a change from -100% to +1000%")
    return share


def _number(key: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise GigawattError(f"--stress {key}={value}: not a number; known forms: {STRESSES}") from None


def _quarter(value: str, chosen: Company) -> int:
    found = re.fullmatch(r"(\d{4}) ?Q([1-4])", value)
    if not found:
        raise GigawattError(f"--stress from={value}: wants a quarter such as {chosen.first_year}Q3")
    quarter = (int(found[1]) - chosen.first_year) * 4 + int(found[2]) - 1
    if quarter < 0:
        raise GigawattError(f"--stress from={value}: the first quarter is {chosen.first_year}Q1")
    return quarter
