"""A model with the debt as it was signed beside the debt as it would be sized, and an input that chooses.

`holding` puts the amounts and plans of the base case in place of lines; a workbook needs them as formulas, so that a
reader can turn to a case after signing, and back to what lenders would lend if that case were the base.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gigawatt.finance.project.lines import Input, Line, Model, Table, Term, by_year, where
from gigawatt.finance.project.values import Values

AS_SIGNED = "debt.as_signed"
Cases = Mapping[str, Mapping[str, float | tuple[float, ...]]]


def signed(model: Model, base: Values) -> Model:
    """A copy of the model in which each loan is sized where the input `debt.as_signed` is 0, and as in `base` where 1.

    Principal is repaid as in the base, counted from completion; interest follows the rates of the case. The input is 0,
    so the copy has the same values until it is changed; a case sets it to 1. A model without loans comes back as it is.
    """
    loans = [name.split(".")[1] for name in model.lines if name.startswith("debt.") and name.endswith(".unit_service")]
    if not loans:
        return model
    copy = Model(model.periods, model.periods_per_year, dict(model.inputs), dict(model.lines), model.section)
    chosen = copy.input(AS_SIGNED, 0.0, "flag", "Debt: 0 sized for the case shown, 1 as signed in the base case",
                        "gigawatt")  # fmt: skip
    done = round(float(base["time.completion"][0]))
    for loan in loans:
        amount = float(base[f"debt.{loan}.usd"][0])
        _hold(copy, f"debt.{loan}.usd", chosen, _amount(copy, loan, amount))
        if amount > 0:
            owed = np.maximum(base[f"debt.{loan}.planned_usd"][done - 1 :, 0] / amount, 0.0)
            _hold(copy, f"debt.{loan}.unit_service", chosen, _service(copy, loan, owed))
    return copy


def as_signed(model: Model, cases: Cases) -> dict[str, dict[str, float | tuple[float, ...]]]:
    """The cases with the debt as signed, as `holding.evaluate_case` has them, for a model from `signed`."""
    chosen = {AS_SIGNED: 1.0} if AS_SIGNED in model.inputs else {}
    return {name: {**given, **chosen} for name, given in cases.items()}


def _amount(model: Model, loan: str, amount: float) -> Input:
    note = "from the base case when the workbook was written"
    return model.input(f"debt.{loan}.signed_usd", amount, "USD", f"{loan}: debt as signed", "gigawatt", note)


def _service(model: Model, loan: str, owed: np.ndarray) -> Term:
    """Service per unit of debt: what falls due of the principal, and interest on what was owed one period before."""
    note = "of the principal, so many periods after completion"
    table: Table = model.table(f"debt.{loan}.signed_owed", owed.tolist(), "share", f"{loan}: share owed as signed",
                               "gigawatt", note)  # fmt: skip
    since = model.lines["time.period"] - model.lines["time.completion"]
    before, after = by_year(table, since), by_year(table, since + 1)
    return where(since >= 1, before - after + before * model.lines[f"debt.{loan}.rate"], 0)


def _hold(model: Model, name: str, chosen: Input, as_signed: Term) -> None:
    line: Line = model.lines[name]
    model.lines[name] = replace(line, formula=where(chosen > 0.5, as_signed, line.formula))
