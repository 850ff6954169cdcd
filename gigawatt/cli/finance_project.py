"""The work of `gigawatt finance PROJECT`: read, work out, and tell or write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gigawatt.cli import finance_tables as tables
from gigawatt.cli import finance_words as words
from gigawatt.cli.failures import say
from gigawatt.cli.finance_cases import case_rows, falls
from gigawatt.cli.finance_draws import draw_rows, shown_draws
from gigawatt.cli.finance_everything import everything, plain
from gigawatt.cli.finance_lines import show_lines
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError, nearest

if TYPE_CHECKING:
    from gigawatt.finance.project.result import ProjectResult
    from gigawatt.project_file import ProjectFile


EXAMPLES = ("project-campus", "project-small")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    file: str
    case: str | None
    sets: tuple[str, ...]
    resize: bool
    draws: int
    seed: int
    rents: bool
    lines: str | None
    periods: str | None
    strict: bool
    xlsx: Path | None
    how: Format
    out: Path | None


def project_path(given: str) -> Path:
    """The file that is meant: a path, or the name of an example."""
    from gigawatt.cli.running import example

    if Path(given).exists() or Path(given).suffix:
        return Path(given)
    found = example(given)
    if found is None:
        raise GigawattError(_no_project(given))
    return found


def _no_project(given: str) -> str:
    """That there is no such file, with what is most likely meant: a company or an example."""
    from gigawatt.catalog import items
    from gigawatt.finance.companies.catalog import names

    company = nearest(given, dict.fromkeys([*names(), *items("companies")]))
    if company in names():
        return f"no file {given}; for the company: gigawatt finance company {quoted(str(company))}"
    near = nearest(given, EXAMPLES)
    return f"no file {given}, and no example of that name" + (f"; did you mean {near}?" if near else "")


def quoted(name: str) -> str:
    """A name as a shell takes it."""
    return f'"{name}"' if " " in name else name


def read(file: str, sets: Sequence[str]) -> ProjectFile:
    """The project of a file."""
    from gigawatt.project_file import load_project

    return load_project(project_path(file), sets)


def run(asked: Asked) -> None:
    """Reads, works out, writes."""
    how = by_name(asked.how, asked.out)
    loaded = read(asked.file, asked.sets)
    result, base = worked_out(loaded, asked)
    bound = tables.bounds(result if asked.resize else base)
    if asked.xlsx is not None:
        write_workbook(base, asked.xlsx, asked.case)
    if asked.rents and not asked.draws:
        raise GigawattError("--rents draws market prices: say how many with --draws, such as --draws 2000")
    drawn, chances = draw_rows(loaded, base, asked) if asked.draws else ([], {})
    if how is Format.json:
        known = plain(everything(result, loaded, asked, bound, drawn, chances, case_rows(base, asked.resize)))
        _write(json.dumps(known, indent=1, allow_nan=False), asked.out)
    elif asked.lines is not None:
        show_lines(result, asked.lines, asked.periods or "year", how, asked.out)
    elif how is not Format.table or asked.out is not None:
        show(tables.year_rows(result, asked.periods or "year"), how, asked.out)
    else:
        report(result, base, loaded, asked, bound)
        if drawn:
            tell_draws(result, loaded, asked, drawn, chances)
        tell_checks(result)


def worked_out(loaded: ProjectFile, asked: Asked) -> tuple[ProjectResult, ProjectResult]:
    """The result that is asked for, and the base case."""
    from gigawatt.finance.project import DebtServiceError, evaluate
    from gigawatt.finance.project.asking import refused
    from gigawatt.finance.project.holding import evaluate_case

    base = evaluate(loaded.project)
    result = base
    if asked.case is not None:
        result = evaluate(loaded.project, case=asked.case) if asked.resize else \
            evaluate_case(loaded.project, asked.case, base)  # fmt: skip
    wrong = words.findings(result, refused(result.findings))
    if asked.strict and wrong:
        raise DebtServiceError("--strict:\n  " + "\n  ".join(wrong))
    return result, base


def report(
    result: ProjectResult, base: ProjectResult, loaded: ProjectFile, asked: Asked, bound: Mapping[str, str]
) -> None:  # fmt: skip
    """The answer in words, then the tables."""
    scale = tables.scale_of(result)
    for line in words.heading(result, case_of(asked), loaded.description):
        _wrapped(line)
    print()
    for line in [*words.sentences(result, bound), *([falls(base)] if asked.case is None else [])]:
        _wrapped(line, "  ")
    found = words.findings(result, result.findings)
    print("\nFindings" if found else "\nNo findings: debt is served, no lock-up, no breach of a covenant.")
    for line in found:
        _wrapped(line, "  ", "              ")
    print()
    unit = scale.name
    _table(case_rows(base, asked.resize), scale, f"All cases, {unit}; debt {_held(asked)}", least=("paid in later",))
    _table(tables.source_rows(result), scale, f"Sources and uses until completion, {unit}", least=("share",))
    _table(tables.year_rows(result, asked.periods or "year"), scale, f"By {asked.periods or 'year'}, {unit}; "
           "DSCR: the least of its periods", least=("tax", "capex", "reserves", "opex", "owners pay",
           "revenue"))  # fmt: skip
    _table(tables.loan_rows(result, bound), scale, f"Debt, {unit}; rate: mean until maturity",
           least=("last payment", "highest", "repayment", "refinanced", "then owed"))  # fmt: skip
    _table(tables.contract_rows(result), scale, f"Who pays, {unit} over the plan; price in {result.project.currency}",
           least=("take-or-pay", "from"))  # fmt: skip
    _table(tables.residual_rows(result), scale, f"Residual values at risk, {unit}; worth at the start, before tax",
           least=("bought for", "guarantor adds"))  # fmt: skip


def tell_draws(
    result: ProjectResult, loaded: ProjectFile, asked: Asked, drawn: list[tables.Row], chances: Mapping[str, float]
) -> None:  # fmt: skip
    """Quantiles of the answers, and how often debt is in trouble."""
    paths = " and of paths of market prices" if asked.rents else ""
    title = f"{asked.draws:,} draws of {len(loaded.ranges)} inputs{paths}, seed {asked.seed}; debt {_held(asked)}"
    title += "; what the case sets is not drawn" if asked.case else ""
    show(shown_draws(drawn, tables.scale_of(result)), Format.table, title=title)
    for words_of, share in chances.items():
        print(f"  {words_of} in {share:.1%} of draws")


def tell_checks(result: ProjectResult) -> None:
    """Whether the ledgers close.

    Raises:
        GigawattError: They do not.
    """
    line, fine = words.checks(result)
    print()
    _wrapped(line)
    if not fine:
        raise GigawattError("the ledgers do not close: do not trust these results")


def _held(asked: Asked) -> str:
    return "sized again in each" if asked.resize else "as sized in the base case"


def case_of(asked: Asked) -> str:
    """Which case is shown, in words."""
    if asked.case is None:
        return "base case"
    return f"case {asked.case}, debt {'sized again' if asked.resize else 'as sized in the base case'}"


def _table(rows: list[tables.Row], scale: tables.Scale, title: str, least: Sequence[str] = ()) -> None:
    made = tables.shown(rows, scale)
    if made:
        names = {name.strip(): name for name in made[0]}
        show(made, Format.table, title=title, least=[names[name] for name in least if name in names])


def _wrapped(text: str, first: str = "", later: str | None = None) -> None:
    import textwrap

    from gigawatt.cli.output import width_there_is

    width = min(width_there_is(True), 120)
    print(textwrap.fill(text, width, initial_indent=first, subsequent_indent=first if later is None else later))


def write_workbook(base: ProjectResult, path: Path, case: str | None = None) -> None:
    """The workbook of the model, with the cases of the project."""
    from gigawatt.report.finance_project_xlsx import write_project_xlsx

    if path.suffix.lower() != ".xlsx":
        raise GigawattError(f"--xlsx {path}: name it .xlsx")
    write_project_xlsx(base, path)
    say(f"wrote {path}" + (f"; it opens on the base case: choose {case} on the sheet Inputs" if case else ""))


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        say(f"wrote {out}")
