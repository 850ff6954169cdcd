"""`gigawatt finance company`: three statements of a company, its debt, its metrics, and what stresses do to it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigawatt.cli.finance_company_asked import STRESSES, changes_of, life_years, stress_of, stress_text
from gigawatt.cli.finance_company_lines import STATEMENTS
from gigawatt.cli.inference import flag, refuse, spoken
from gigawatt.cli.output import Format, by_name
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.companies.company import Company
    from gigawatt.finance.companies.stress import Stress

EXAMPLES = """\b
Examples:
  gigawatt finance company
  gigawatt finance company CoreWeave
  gigawatt finance company CoreWeave --annual --statement metrics
  gigawatt finance company Meta --chip-life "4 years" --annual
  gigawatt finance company Oracle --stress default=OpenAI,rates=+200bp --statement cash
  gigawatt finance company CoreWeave --statement stress
  gigawatt finance company CoreWeave --quarters 12 --out statements.csv
  gigawatt finance company CoreWeave --run latest --annual"""

MOST = 80  # quarters
QUARTERS, YEARS = 8, 20  # quarters shown unless told otherwise: by quarter, by year


class Statement(StrEnum):
    """What is shown."""

    short = "short"
    income = "income"
    cash = "cash"
    balance = "balance"
    debt = "debt"
    funding = "funding"
    bridge = "bridge"
    metrics = "metrics"
    stress = "stress"
    breaks = "breaks"
    published = "published"
    inputs = "inputs"
    all = "all"


def company(
    name: Annotated[str | None, typer.Argument(metavar="COMPANY", help="A company; without one, all of them.")] = None,
    quarters: Annotated[
        int | None, flag("quarters", "Quarters ahead, 1 to 80; 8 unless given, 20 by year and in short.")
    ] = None,
    annual: Annotated[bool, typer.Option("--annual", help="Years instead of quarters.")] = False,
    statement: Annotated[
        Statement | None,
        flag(
            "statement",
            "short: verdict, key figures, what breaks first; income, cash, balance, debt; funding: what is signed and "
            "what is new money; bridge: debt to all that must be paid; metrics; stress: what hurts; breaks: how much "
            "of it leaves a bill unpaid; published: against the model; inputs: with sources; all: statements, debt, "
            "metrics.",
        ),
    ] = None,
    chip_life: Annotated[
        str | None, flag("chip-life", "Useful life of chips, such as '4 years', against the reported policy.")
    ] = None,
    stress: Annotated[list[str] | None, flag("stress", f"Changes, commas between: {STRESSES}.")] = None,
    run: Annotated[str | None, flag("run", "A run of a scenario instead of the catalog's plan.")] = None,
    runs: Annotated[Path | None, flag("runs", "Directory that holds the runs; runs unless given.")] = None,
    how: Annotated[Format, typer.Option("--format", "-f", help="How tables are written.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write instead of printing.")] = None,
) -> None:
    """Project income, cash flow and balance sheet of a company, with its debt stack, metrics and stresses.

    Statements balance to the cent. Files hold USD, one number a row; tables hold USD m, or bn for large companies.
    """
    how = by_name(how, out)
    changes = {"stress": stress, "chip-life": chip_life}
    if run is not None:
        from gigawatt.cli.finance_company_run import show_run_statements

        refuse("--run shows what was computed", changes)
        wanted = Statement.all if statement is None else statement
        show_run_statements(run, runs or Path("runs"), name, wanted.value, annual, quarters, how, out)
        return
    refuse("only --run reads runs", {"runs": runs})
    if name is None:
        from gigawatt.cli.finance_company_list import show_all

        refuse("say which company", {"statement": statement, "annual": annual or None} | changes)
        with spoken():
            show_all(YEARS if quarters is None else quarters, how, out)
        return
    with spoken():
        _show(name, statement, quarters, annual, stress, chip_life, how, out)


def _show(
    name: str, statement: Statement | None, quarters: int | None, annual: bool, stress: list[str] | None,
    chip_life: str | None, how: Format, out: Path | None,
) -> None:  # fmt: skip
    """One company under what is asked."""
    from gigawatt.finance.companies.catalog import company as company_of

    chosen, is_file = company_of(name), how is not Format.table or out is not None
    if statement is Statement.inputs:
        from gigawatt.cli.finance_company_inputs import show_inputs

        refuse("--statement inputs lists what goes in",
               {"quarters": quarters, "annual": annual or None, "stress": stress, "chip-life": chip_life})  # fmt: skip
        show_inputs(chosen, how, out)
        return
    life = None if chip_life is None else life_years(chip_life, "--chip-life")
    changes = changes_of(stress)
    tried = stress_of(changes, chosen, life)
    text = stress_text(changes | ({} if life is None else {"chip-life": f"{life:g}"}))
    if statement is Statement.stress:
        from gigawatt.cli.finance_company_list import show_stresses

        refuse("--statement stress has no periods", {"annual": annual or None})
        show_stresses(chosen, _count(quarters, tried, True), text, tried, how, out)
        return
    if statement is None:
        statement = Statement.all if is_file else Statement.short
    by_year = annual or statement in (Statement.short, Statement.published, Statement.breaks)
    _show_statements(chosen, statement, _count(quarters, tried, by_year), annual, tried, text, how, out)


def _count(quarters: int | None, tried: Stress, by_year: bool) -> int:
    """Quarters ahead; unless given, two years or five, and further where a stress starts late."""
    if quarters is None:
        return max(YEARS if by_year else QUARTERS, min(MOST, tried.start + QUARTERS))
    if tried.start >= quarters > 0:
        raise GigawattError(f"--quarters {quarters} end before the stress starts: ask for more than {tried.start}")
    return quarters


def _show_statements(
    chosen: Company, statement: Statement, count: int, annual: bool, tried: Stress, text: str, how: Format,
    out: Path | None,
) -> None:  # fmt: skip
    """The statements asked for, as tables or in a file."""
    from gigawatt.cli.finance_company_files import write_statements
    from gigawatt.cli.finance_company_shown import show_breaks_alone, show_published_alone, show_short, show_statements
    from gigawatt.finance.companies.statements import project_statements

    made = project_statements(chosen, count, tried)
    wanted = [each for each in STATEMENTS if statement in (Statement.all, each)]
    if statement is Statement.published:
        show_published_alone(made, text, how, out)
    elif statement is Statement.breaks:
        show_breaks_alone(made, text, how, out)
    elif how is not Format.table or out is not None:
        write_statements(made, wanted or ["short"], annual, text, how, out)
    elif statement is Statement.short:
        show_short(made, text)
    else:
        show_statements(made, wanted, annual, text)
