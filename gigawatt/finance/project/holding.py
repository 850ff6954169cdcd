"""Debt as it was signed: amount and plan of repayment of one result, held while inputs differ.

Sizing answers what lenders would lend if a case were the base case. Once the debt is signed, a lower price or a later
completion changes the cash and the interest, not the loan: that is what covenants and draws are tested on.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gigawatt.finance.project.inputs import Project
from gigawatt.finance.project.lines import Model
from gigawatt.finance.project.result import Array, ProjectResult, evaluate, findings
from gigawatt.finance.project.values import work_out


def holding(base: ProjectResult, draws: Mapping[str, Array]) -> dict[str, Array]:
    """The draws, and with them the debt of the base: what `evaluate` takes so that no loan is sized again.

    Principal is repaid as in the base, counted from completion, so that a delay moves it; interest follows the draws.
    """
    if not base.project.debt:
        return dict(draws)
    loans = [loan.name for loan in base.project.debt]
    rates = [f"debt.{name}.rate" for name in loans]
    first = evaluate(base.project, draws, keep=rates)
    completion = np.asarray(first.answers["time.completion"])
    plans = _plans(base, {name: first.lines[rate] for name, rate in zip(loans, rates, strict=True)}, completion)
    return dict(draws) | {name: plan.T if plan.ndim == 2 else plan for name, plan in plans.items()}


def evaluate_case(project: Project, case: str, base: ProjectResult | None = None) -> ProjectResult:
    """A case with the debt of the base case: what happens after signing, with the findings of a lender."""
    if case not in project.cases:
        raise ValueError(f"case {case!r} is not in the project (known: {', '.join(project.cases) or 'none'})")
    base = base or evaluate(project)
    model = base.model
    given = {name: np.asarray(value, float) for name, value in project.cases[case].items()}
    first = work_out(model, given)
    rates = {loan.name: first[f"debt.{loan.name}.rate"] for loan in project.debt}
    values = work_out(model, given | _plans(base, rates, first["time.completion"]))
    answers = {name: float(values[name][0]) for name in _scalars(model)}
    lines = {name: values[name][:, 0] for name, line in model.lines.items() if not line.scalar}
    return ProjectResult(project, model, answers, lines, findings(model, values), values)


def _scalars(model: Model) -> list[str]:
    return [name for name, line in model.lines.items() if line.scalar]


def _plans(base: ProjectResult, rates: Mapping[str, Array], completion: Array) -> dict[str, Array]:
    """The amount (1,) of each loan and its service per unit of debt, shape (periods, draws).

    With k periods since completion and o the share that is owed as planned: service = o[k-1] - o[k] + o[k-1] x rate.
    """
    found: dict[str, Array] = {}
    for loan in base.project.debt:
        amount = float(np.asarray(base.answers[f"debt.{loan.name}.usd"]))
        found[f"debt.{loan.name}.usd"] = np.array([amount])
        if amount > 0:
            owed = _owed(base, loan.name, amount)
            found[f"debt.{loan.name}.unit_service"] = _service(owed, rates[loan.name], completion)
    return found


def _owed(base: ProjectResult, name: str, amount: float) -> Array:
    """Share of a loan that is owed as planned, by periods since completion; 1 at completion."""
    done = round(float(np.asarray(base.answers["time.completion"])))
    return np.maximum(np.asarray(base.lines[f"debt.{name}.planned_usd"][done - 1 :]) / amount, 0.0)


def _service(owed: Array, rates: Array, completion: Array) -> Array:
    periods, draws = len(rates), max(rates.shape[1], len(completion))
    since = np.arange(1, periods + 1)[:, None] - np.rint(completion).astype(int)[None, :]
    before = owed[np.clip(since - 1, 0, len(owed) - 1)]
    after = owed[np.clip(since, 0, len(owed) - 1)]
    service = np.where(since >= 1, before - after + before * rates, 0.0)
    return np.asarray(np.broadcast_to(service, (periods, draws)))
