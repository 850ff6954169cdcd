"""The work of `gigawatt finance PROJECT`: read, work out, and tell or write."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli import finance_tables as tables
from gigawatt.cli import finance_words as words
from gigawatt.cli.failures import say
from gigawatt.cli.output import Format, by_name, show
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.finance.project.result import ProjectResult
    from gigawatt.project_file import ProjectFile

DRAWN = (  # answers that are told by their quantiles, and how they are written
    ("owners' IRR", "returns.owners_irr", "share"), ("owners' NPV", "returns.owners_npv_usd", "amount"),
    ("project IRR", "returns.project_irr", "share"), ("project NPV", "returns.project_npv_usd", "amount"),
    ("least DSCR", "cover.least_dscr", "ratio"), ("mean DSCR", "cover.mean_dscr", "ratio"),
    ("LLCR", "cover.least_llcr", "ratio"), ("cost of compute a chip-h", "lcoc.usd_per_chip_h", "ratio"),
)  # fmt: skip
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    file: str
    case: str | None
    sets: tuple[str, ...]
    resize: bool
    draws: int
    seed: int
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
    return example(given) or Path(given)


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
        write_workbook(base, asked.xlsx)
    drawn = draw_rows(loaded, base, asked) if asked.draws else []
    if how is Format.json:
        _write(
            json.dumps(_plain(everything(result, loaded, asked, bound, drawn)), indent=1, allow_nan=False), asked.out
        )
    elif asked.lines is not None:
        show_lines(result, asked, how)
    elif how is not Format.table or asked.out is not None:
        show(tables.year_rows(result, asked.periods or "year"), how, asked.out)
    else:
        report(result, loaded, asked, bound, drawn)


def worked_out(loaded: ProjectFile, asked: Asked) -> tuple[ProjectResult, ProjectResult]:
    """The result that is asked for, and the base case."""
    from gigawatt.finance.project import DebtServiceError, evaluate
    from gigawatt.finance.project.holding import evaluate_case

    base = evaluate(loaded.project)
    result = base
    if asked.case is not None:
        result = evaluate(loaded.project, case=asked.case) if asked.resize else \
            evaluate_case(loaded.project, asked.case, base)  # fmt: skip
    wrong = [each.text for each in result.findings if each.name in ("debt not served", "debt left")]
    if asked.strict and wrong:
        raise DebtServiceError("finance: " + "; ".join(wrong))
    return result, base


def report(
    result: ProjectResult, loaded: ProjectFile, asked: Asked, bound: Mapping[str, str], drawn: list[tables.Row]
) -> None:  # fmt: skip
    """The answer in words, then the tables."""
    scale = tables.scale_of(result)
    for line in words.heading(result, case_of(asked), loaded.description):
        _wrapped(line)
    print()
    for line in words.sentences(result, bound):
        _wrapped(line, "  ")
    found = words.findings(result)
    print("\nFindings" if found else "\nNo findings: debt is served, no lock-up, no breach of a covenant.")
    for line in found:
        _wrapped(line, "  ", "              ")
    print()
    unit = scale.name
    _table(tables.source_rows(result), scale, f"Sources and uses until completion, {unit}")
    _table(tables.year_rows(result, asked.periods or "year"), scale, f"By {asked.periods or 'year'}, {unit}; "
           "DSCR: the least of its periods", least=("tax", "capex", "reserves", "opex"))  # fmt: skip
    _table(tables.loan_rows(result, bound), scale, f"Debt, {unit}; rate: mean until maturity",
           least=("highest", "repayment"))  # fmt: skip
    _table(tables.contract_rows(result), scale, f"Who pays, {unit} over the plan; price in {result.project.currency}")
    _table(tables.residual_rows(result), scale, f"Residual values at risk, {unit}; worth at the start, before tax")
    if drawn:
        held = "sized again in each" if asked.resize else "as sized in the base case"
        print(f"\n{asked.draws:,} draws of {len(loaded.ranges)} inputs, seed {asked.seed}; debt {held}\n")
        show(_shown_draws(drawn, scale), Format.table)
    line, fine = words.checks(result, scale)
    print()
    _wrapped(line)
    if not fine:
        raise GigawattError("the ledgers do not close: do not trust these results")


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


def draw_rows(loaded: ProjectFile, base: ProjectResult, asked: Asked) -> list[tables.Row]:
    """P10, P50 and P90 of the answers, debt capacity among them, and how often debt is not served."""
    from gigawatt.finance.project import evaluate
    from gigawatt.finance.project.draws import draw, spread_of
    from gigawatt.finance.project.holding import holding

    if not loaded.ranges:
        raise GigawattError("--draws: no input has a range; write such as `capex_usd: 30 to 40 B$`")
    case = loaded.project.cases[asked.case] if asked.case else {}
    fixed = {name: np.atleast_2d(value) if isinstance(value, tuple) else np.atleast_1d(value)
             for name, value in _as_inputs(base, case).items()}  # fmt: skip
    given = draw(base.model.inputs, loaded.ranges, asked.draws, asked.seed) | fixed
    sized = evaluate(loaded.project, given)
    found = sized if asked.resize else evaluate(loaded.project, holding(base, given))
    rows = [{"answer": label, "kind": kind, **_quantiles(spread_of(np.asarray(found.answers[name]), QUANTILES))}
            for label, name, kind in DRAWN]  # fmt: skip
    if loaded.project.debt:
        capacity = spread_of(np.asarray(sized.answers["debt.usd"]), QUANTILES)
        unserved = float(np.isfinite(np.asarray(found.answers["cover.unpaid_first"])).mean())
        rows.append({"answer": "debt capacity, sized in each draw", "kind": "amount", **_quantiles(capacity)})
        rows.append({"answer": "share of draws with debt not served", "kind": "share",
                     **_quantiles((float("nan"), unserved, float("nan")))})  # fmt: skip
    return rows


def _as_inputs(base: ProjectResult, case: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a case in the shape of their inputs: a table by year takes a row."""
    from gigawatt.finance.project.lines import Table

    return {name: (value if isinstance(value, tuple) else (value,)) if isinstance(base.model.inputs[name], Table)
            else value for name, value in case.items()}  # fmt: skip


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {f"P{q * 100:.0f}": value for q, value in zip(QUANTILES, values, strict=True)}


def _shown_draws(rows: list[tables.Row], scale: tables.Scale) -> list[tables.Row]:
    def text(kind: str, value: float) -> str:
        if not isfinite(value):
            return ""
        return scale.text(value) if kind == "amount" else f"{value:.1%}" if kind == "share" else f"{value:.2f}"

    made = [{name: text(row["kind"], row[name]) for name in ("P10", "P50", "P90")} for row in rows]
    wide = {name: max(len(row[name]) for row in made) for name in ("P10", "P50", "P90")}
    return [{"answer": f"{row['answer']}{', ' + scale.name if row['kind'] == 'amount' else ''}"}
            | {name.rjust(wide[name]): cells[name].rjust(wide[name]) for name in cells}
            for row, cells in zip(rows, made, strict=True)]  # fmt: skip


def chosen_lines(result: ProjectResult, pattern: str) -> list[str]:
    """Lines whose name, first part of the name or section is one of those that | separates, as a regular expression.

    Raises:
        GigawattError: None is.
    """
    import re

    from gigawatt.errors import nearest

    try:
        wanted = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise GigawattError(f"--lines {pattern}: {error}") from None
    lines = {name: line for name, line in result.model.lines.items() if not line.scalar}
    found = [name for name, line in lines.items() if wanted.match(name) or wanted.fullmatch(line.section)]
    if not found:
        heads = dict.fromkeys([name.split(".")[0] for name in lines] + [line.section for line in lines.values()])
        near = nearest(pattern, [*lines, *heads])
        hint = f"; did you mean {near!r}?" if near else ""
        raise GigawattError(f"--lines {pattern}: no such line{hint}\n  known: {', '.join(heads)}")
    return found


def show_lines(result: ProjectResult, asked: Asked, how: Format) -> None:
    """Lines of the model by period, in blocks as wide as the terminal, or in a file with one row a line."""
    periods = tables.spans(result, asked.periods or "year")
    lines = result.model.lines
    names = chosen_lines(result, asked.lines or "")
    values = {name: tables.over(lines[name], result.lines[name], periods) for name in names}
    if how is not Format.table or asked.out is not None:
        show([{"line": name, "label": lines[name].label, "unit": lines[name].unit, "section": lines[name].section}
              | {span.label: values[name][k] for k, span in enumerate(periods)} for name in names], how,
             asked.out)  # fmt: skip
        return
    from gigawatt.cli.finance_lines import print_lines

    print_lines(result, names, values, periods)


def everything(
    result: ProjectResult, loaded: ProjectFile, asked: Asked, bound: Mapping[str, str], drawn: list[tables.Row]
) -> dict[str, Any]:  # fmt: skip
    """All that is known of a result, for programs."""
    rates = {}
    for who, line in (("owners", "owners.aftertax_usd"), ("owners_pretax", "owners.pretax_usd"),
                      ("project", "returns.project_usd")):  # fmt: skip
        rate, status, roots = words.rate_of(result, line)
        rates[who] = {"rate": rate, "status": status.lower(), "roots": roots}
    per = asked.periods or "year"
    lines = result.model.lines
    return {
        "name": loaded.project.name, "description": loaded.description, "currency": loaded.project.currency,
        "case": asked.case or "base", "debt": "sized" if asked.resize or asked.case is None else "held",
        "start": loaded.project.start, "periods_per_year": result.model.periods_per_year,
        "summary": words.sentences(result, bound), "irr": rates, "answers": dict(result.answers),
        "binding": dict(bound),
        "findings": [asdict(each) | {"date": tables.ends(result, each.period) if each.period else None}
                     for each in result.findings],
        "sources_and_uses": tables.source_rows(result), per: tables.year_rows(result, per),
        "debt_by_loan": tables.loan_rows(result, bound), "customers": tables.contract_rows(result),
        "residual": tables.residual_rows(result), "draws": drawn,
        "checks": words.checks(result, tables.scale_of(result))[0],
        "inputs": {name: _input(result, name) for name in result.model.inputs},
        "ranges": {name: asdict(each) for name, each in loaded.ranges.items()},
        "lines": {name: {"label": lines[name].label, "unit": lines[name].unit, "section": lines[name].section,
                         "values": values} for name, values in result.lines.items()},
    }  # fmt: skip


def _input(result: ProjectResult, name: str) -> dict[str, Any]:
    item = result.model.inputs[name]
    given = result.values.inputs.get(name) if result.values else None
    own = getattr(item, "values", None) or getattr(item, "value", None)
    value = own if given is None else [float(v) for v in np.ravel(given)] if isinstance(own, tuple) else float(given[0])
    return {"value": value, "unit": item.unit, "label": item.label, "source": item.source}


def _plain(value: Any) -> Any:
    """The value as JSON has it: lists for arrays, null for what is not a finite number, texts for dates."""
    match value:
        case dict():
            return {str(key).strip(): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case np.ndarray():
            return [_plain(each) for each in value.tolist()]
        case bool() | int() | str() | None:
            return value
        case float() | np.floating():
            return float(value) if isfinite(value) else None
    return str(value)


def write_workbook(base: ProjectResult, path: Path) -> None:
    """The workbook of the model, with the cases of the project."""
    from gigawatt.report.finance_project_xlsx import write_project_xlsx

    if path.suffix.lower() != ".xlsx":
        raise GigawattError(f"--xlsx {path}: name it .xlsx")
    write_project_xlsx(base, path)
    say(f"wrote {path}")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        say(f"wrote {out}")
