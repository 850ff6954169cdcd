"""Draws of a project's uncertain inputs, told by their quantiles and by how often debt is in trouble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli import finance_tables as tables
from gigawatt.errors import GigawattError

if TYPE_CHECKING:
    from gigawatt.cli.finance_project import Asked
    from gigawatt.finance.project.inputs import Project
    from gigawatt.finance.project.result import ProjectResult
    from gigawatt.project_file import ProjectFile

DRAWN = (  # answers that are told by their quantiles, and how they are written
    ("owners' IRR", "returns.owners_irr", "share"), ("owners' NPV", "returns.owners_npv_usd", "amount"),
    ("project IRR", "returns.project_irr", "share"), ("project NPV", "returns.project_npv_usd", "amount"),
    ("least DSCR", "cover.least_dscr", "ratio"), ("mean DSCR", "cover.mean_dscr", "ratio"),
    ("LLCR", "cover.least_llcr", "ratio"), ("cost of compute a chip-h", "lcoc.usd_per_chip_h", "ratio"),
)  # fmt: skip
QUANTILES = (0.1, 0.5, 0.9)


def draw_rows(
    loaded: ProjectFile, base: ProjectResult, asked: Asked
) -> tuple[list[tables.Row], dict[str, float]]:  # fmt: skip
    """P10, P50 and P90 of the answers, debt capacity among them; and how often what lenders fear happens."""
    from gigawatt.finance.project import evaluate
    from gigawatt.finance.project.draws import draw, spread_of
    from gigawatt.finance.project.holding import holding
    from gigawatt.finance.project.rents import market_prices

    if not loaded.ranges and not asked.rents:
        raise GigawattError("--draws: no input has a range; write such as `capex_usd: 30 to 40 B$`")
    case = loaded.project.cases[asked.case] if asked.case else {}
    fixed = {name: np.atleast_2d(value) if isinstance(value, tuple) else np.atleast_1d(value)
             for name, value in _as_inputs(base, case).items()}  # fmt: skip
    given = draw(base.model.inputs, loaded.ranges, asked.draws, asked.seed) | fixed
    if asked.rents:
        given |= market_prices(base, given, asked.draws, asked.seed)
    sized = evaluate(loaded.project, given)
    found = sized if asked.resize else evaluate(loaded.project, holding(base, given))
    rows = [{"answer": label, "kind": kind, **_quantiles(spread_of(np.asarray(found.answers[name]), QUANTILES))}
            for label, name, kind in DRAWN]  # fmt: skip
    if loaded.project.debt:
        capacity = spread_of(np.asarray(sized.answers["debt.usd"]), QUANTILES)
        rows.append({"answer": "debt capacity, sized in each draw", "kind": "amount", **_quantiles(capacity)})
    return rows, _chances(loaded.project, found)


def _chances(project: Project, found: ProjectResult) -> dict[str, float]:
    """How often debt is not served, and how often its least cover is below the covenants."""
    if not project.debt:
        return {}
    known = np.asarray(found.answers["time.end"]) <= found.model.periods  # others are left out of all figures
    least = np.asarray(found.answers["cover.least_dscr"])
    said = {"operation ends after the last period, so nothing is known,": float(1 - known.mean())} if not known.all() \
        else {}  # fmt: skip
    said |= {"debt is not served": float(np.isfinite(np.asarray(found.answers["cover.unpaid_first"])).mean())}
    asked = project.covenants
    for words, bound in (("below the lock-up", asked.lockup_dscr), ("below the default covenant", asked.default_dscr)):
        if bound:
            said[f"DSCR is once {words} of {bound:.2f}x"] = float((least < bound).mean())
    return said


def _as_inputs(base: ProjectResult, case: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a case in the shape of their inputs: a table by year takes a row."""
    from gigawatt.finance.project.lines import Table

    return {name: (value if isinstance(value, tuple) else (value,)) if isinstance(base.model.inputs[name], Table)
            else value for name, value in case.items()}  # fmt: skip


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    return {f"P{q * 100:.0f}": value for q, value in zip(QUANTILES, values, strict=True)}


def shown_draws(rows: list[tables.Row], scale: tables.Scale) -> list[tables.Row]:
    """The rows as texts, numbers on the right."""

    def text(kind: str, value: float) -> str:
        if not isfinite(value):
            return ""
        return scale.text(value) if kind == "amount" else f"{value:.1%}" if kind == "share" else f"{value:.2f}"

    made = [{name: text(row["kind"], row[name]) for name in ("P10", "P50", "P90")} for row in rows]
    wide = {name: max(len(row[name]) for row in made) for name in ("P10", "P50", "P90")}
    return [{"answer": f"{row['answer']}{', ' + scale.name if row['kind'] == 'amount' else ''}"}
            | {name.rjust(wide[name]): cells[name].rjust(wide[name]) for name in cells}
            for row, cells in zip(rows, made, strict=True)]  # fmt: skip
