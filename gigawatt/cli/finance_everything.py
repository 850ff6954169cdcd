"""All that is known of a project's result, as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli import finance_tables as tables
from gigawatt.cli import finance_words as words

if TYPE_CHECKING:
    from gigawatt.cli.finance_project import Asked
    from gigawatt.finance.project.result import ProjectResult
    from gigawatt.project_file import ProjectFile


def everything(
    result: ProjectResult, loaded: ProjectFile, asked: Asked, bound: Mapping[str, str], drawn: list[tables.Row],
    chances: Mapping[str, float], cases: list[tables.Row],
) -> dict[str, Any]:  # fmt: skip
    """All that is known of a result, for programs."""
    rates = {}
    for who, line in (("owners", "owners.aftertax_usd"), ("owners_pretax", "owners.pretax_usd"),
                      ("project", "returns.project_usd")):  # fmt: skip
        rate, status, roots = words.rate_of(result, line)
        rates[who] = {"rate": rate, "status": status.lower(), "roots": roots}
    per = asked.periods or "year"
    uses, sources = tables.uses_and_sources(result)
    lines = result.model.lines
    return {
        "name": loaded.project.name, "description": loaded.description, "currency": loaded.project.currency,
        "case": asked.case or "base", "debt": "sized" if asked.resize or asked.case is None else "held",
        "start": loaded.project.start, "periods_per_year": result.model.periods_per_year,
        "summary": words.sentences(result, bound), "irr": rates, "answers": dict(result.answers),
        "binding": dict(bound),
        "findings": [asdict(each) | {"date": tables.ends(result, each.period) if each.period else None}
                     for each in result.findings],
        "sources_and_uses": {"uses": uses, "sources": sources}, per: tables.year_rows(result, per),
        "debt_by_loan": tables.loan_rows(result, bound), "customers": tables.contract_rows(result),
        "residual": tables.residual_rows(result), "draws": drawn, "chances": chances,
        "cases": cases,
        "checks": words.checks(result)[0],
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


def plain(value: Any) -> Any:
    """The value as JSON has it: lists for arrays, null for what is not a finite number, texts for dates."""
    match value:
        case dict():
            return {str(key).strip(): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case np.ndarray():
            return [plain(each) for each in value.tolist()]
        case bool() | int() | str() | None:
            return value
        case float() | np.floating():
            return float(value) if isfinite(value) else None
    return str(value)
