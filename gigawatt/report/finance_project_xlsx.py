"""The workbook of a project: its model, its cases with the debt as signed, and a few words about it."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import numpy as np

from gigawatt.finance.project.holding import evaluate_case
from gigawatt.finance.project.result import ProjectResult
from gigawatt.finance.project.signing import as_signed, signed
from gigawatt.finance.project.values import work_out
from gigawatt.finance.project.watching import watched
from gigawatt.report.finance_summary import Summary
from gigawatt.report.finance_xlsx import model_workbook
from gigawatt.report.page import write_whole

ANSWERS = ("debt.usd", "cover.gearing", "cover.least_dscr", "cover.mean_dscr", "cover.least_llcr", "cover.least_plcr",
           "cover.take_or_pay", "cover.left_usd", "returns.owners_irr", "returns.owners_npv_usd",
           "returns.owners_payback_years", "returns.project_irr", "returns.project_npv_usd",
           "lcoc.usd_per_chip_h", "lcoc.owners_usd_per_chip_h")  # fmt: skip


def write_project_xlsx(result: ProjectResult, path: str | Path) -> Path:
    """Write the workbook of a project; gives back the path. Arguments as for `project_workbook`."""
    return write_whole(project_workbook(result), path)


def project_workbook(result: ProjectResult) -> bytes:
    """The bytes of the workbook of a project.

    Args:
        result: The base case, without draws. Cases of the project become columns of the inputs; they keep the debt as
            signed until a reader sets `debt.as_signed` to 0.

    Raises:
        ValueError: The result is one of draws, or of a case with its debt held.
    """
    if result.values is None:
        raise ValueError(f"{result.project.name}: worked out with draws; a workbook shows one case")
    if given := [name for name in result.values.inputs if name in result.model.lines]:
        raise ValueError(f"{given[0]}: held from another case; give the workbook the base case")
    model = watched(signed(result.model, result.values))
    values = work_out(model, result.values.inputs)
    project = result.project
    loans = ", ".join(loan.name for loan in project.debt)
    about = [
        f"{project.name}: {model.periods} periods, {project.periods_per_year} a year from {project.start.isoformat()}; "
        f"money in {project.currency}, nominal; {'loans: ' + loans if loans else 'no debt'}.",
    ]
    if project.debt and project.cases:
        about.append("Cases other than Base keep the debt that was signed in the base case; set debt.as_signed on the "
                     "sheet Inputs to 0 to size it for the case shown.")  # fmt: skip
    return model_workbook(model, values, title=project.name, cases=as_signed(model, project.cases), about=about,
                          summary=_summary(result))  # fmt: skip


def _summary(result: ProjectResult) -> Summary:
    """The answers that lenders and owners ask for first, in each case, debt as signed."""
    worked = {"Base": result} | {case: evaluate_case(result.project, case, result) for case in result.project.cases}
    names = [name for name in ANSWERS if name in result.answers]

    def values(each: ProjectResult) -> list[float | str]:
        found = [float(np.asarray(each.answers[name])) for name in names]
        return [value if isfinite(value) else "none" for value in found]

    return Summary(names, [(case, values(each)) for case, each in worked.items()])
