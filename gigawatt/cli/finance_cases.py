"""All cases of a project side by side, and how far prices may fall before lenders and owners have none left."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from gigawatt.cli import finance_tables as tables
from gigawatt.cli.finance_words import answer

if TYPE_CHECKING:
    from gigawatt.finance.project.result import ProjectResult

FALLS = (("cover.least_dscr", "the least DSCR is 1.00x"), ("returns.owners_npv_usd", "owners' NPV is 0"))


def case_rows(base: ProjectResult, resize: bool) -> list[tables.Row]:
    """The base case and each case of the file: returns, cover, what is not paid, debt; none without cases."""
    from gigawatt.finance.project import evaluate
    from gigawatt.finance.project.holding import evaluate_case

    project = base.project
    worked = {
        case: evaluate(project, case=case) if resize else evaluate_case(project, case, base) for case in project.cases
    }
    return [_row(case, result) for case, result in {"base": base, **worked}.items()] if worked else []


def _row(case: str, result: ProjectResult) -> tables.Row:
    dscr = np.asarray(result.lines["cover.dscr"])
    due = bool(np.isfinite(dscr).any())
    after = np.asarray(result.lines["time.repaying"]) > 0
    return {
        "case": case, "owners' IRR": answer(result, "returns.owners_irr"),
        "owners' NPV": answer(result, "returns.owners_npv_usd"),
        "least DSCR": float(np.nanmin(dscr)) if due else float("nan"),
        "in": tables.ends(result, int(np.nanargmin(dscr)) + 1).isoformat() if due else "",
        "unpaid": float(np.sum(result.lines["cover.unpaid_usd"])),
        "paid in later": float(np.asarray(result.lines["owners.paid_in_usd"])[after].sum()),
        "debt": answer(result, "debt.usd"),
    }  # fmt: skip


def falls(base: ProjectResult) -> str:
    """How far all prices may fall with the debt as signed; empty where there is no price."""
    from gigawatt.finance.project.factors import price_factors

    found = price_factors(base)
    told = [f"{words} at {found[name]:.2f}" for name, words in FALLS if isfinite(found.get(name, float("nan")))]
    return f"At all prices times a factor, debt as signed: {', '.join(told)}." if told else ""
