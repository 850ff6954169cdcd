"""Evaluate a project, once or for many draws of its inputs, and say what is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gigawatt.errors import SolveError, nearest
from gigawatt.finance.project.asking import Finding as Finding
from gigawatt.finance.project.asking import asked, refused
from gigawatt.finance.project.checking import check
from gigawatt.finance.project.inputs import Project
from gigawatt.finance.project.lines import Model, Table
from gigawatt.finance.project.model import model_of
from gigawatt.finance.project.order import Block, blocks
from gigawatt.finance.project.values import Values, planned, work_out
from gigawatt.finance.project.waterfall import OWED

DRAWS_AT_ONCE = 4096  # so that memory does not grow with the draws
ROUNDING = 1e-9
Array = np.ndarray


class DebtServiceError(SolveError):
    """Debt that cannot be served: which period, how much."""


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """A project worked out: answers, lines by period, findings.

    `answers` holds each line with one value: shape (draws,), or a number without draws. `lines` holds the lines by
    period that were kept: shape (periods, draws), or (periods,) without draws.
    """

    project: Project
    model: Model = field(repr=False)
    answers: Mapping[str, Array | float]
    lines: Mapping[str, Array] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    values: Values | None = field(default=None, repr=False)  # all lines, where there are no draws

    def __getitem__(self, name: str) -> Array | float:
        """A line or an answer by its name."""
        found = self.answers.get(name)
        return self.lines[name] if found is None else found


def evaluate(
    project: Project,
    draws: Mapping[str, Array] | None = None,
    *,
    case: str | None = None,
    keep: Iterable[str] = (),
    strict: bool = False,
) -> ProjectResult:
    """The answers and lines of a project.

    Args:
        draws: Values in place of inputs, by name: (draws,) for an input, (draws, years) for a table by year, and
            (draws, periods) in place of a line; a number is one draw. 10^5 draws are worked out in chunks. A draw
            whose operation goes on beyond the last period has no answers: give the project more `delay_months`.
        case: A named case of the project, whose inputs stand in place of the first ones.
        keep: Lines by period to keep with draws; without draws all are kept.
        strict: Raise where debt is not served.

    Raises:
        DebtServiceError: `strict`, and a loan is not served: which period, how much.
        SolveError: Lines go in a circle.
        ValueError: A name is no input of the project, or draws differ in number.
    """
    check(project)
    model = model_of(project)
    given = {**_of_case(project, case), **{name: np.asarray(v, float) for name, v in (draws or {}).items()}}
    _known(model, given)
    order = blocks(model)
    if not draws:
        values = work_out(model, given, order)
        found = findings(model, values)
        if strict:
            _refuse(found)
        return ProjectResult(project, model, {n: float(values[n][0]) for n in _answers(model)},
                             {n: values[n][:, 0] for n, line in model.lines.items() if not line.scalar},
                             found, values)  # fmt: skip
    return _in_chunks(project, model, given, tuple(keep), order)


def _in_chunks(
    project: Project, model: Model, given: Mapping[str, Array], keep: tuple[str, ...], order: list[Block]
) -> ProjectResult:  # fmt: skip
    draws = max((len(value) for name, value in given.items() if _is_drawn(model, name, value)), default=1)
    parts: dict[str, list[Array]] = {name: [] for name in (*_answers(model), *keep)}
    few = {name: _slice(model, name, value, 0, min(2, draws), draws) for name, value in given.items()}
    plan = planned(model, few, order, tuple(parts))
    for first in range(0, draws, DRAWS_AT_ONCE):
        until = min(first + DRAWS_AT_ONCE, draws)
        chunk = {name: _slice(model, name, value, first, until, draws) for name, value in given.items()}
        values = plan.run(chunk)
        for name, collected in parts.items():
            value = values[name]
            collected.append(np.broadcast_to(value, (*value.shape[:-1], until - first)))
    joined = {name: np.concatenate(collected, axis=-1) for name, collected in parts.items()}
    _without_what_does_not_fit(model, joined)
    return ProjectResult(project, model, {n: joined[n] for n in _answers(model)}, {n: joined[n] for n in keep})


def _without_what_does_not_fit(model: Model, found: dict[str, Array]) -> None:
    """No value where operation goes on beyond the last period, but for the dates that tell so."""
    beyond = found["time.end"] > model.periods
    if beyond.any():
        for name in found:
            if not name.startswith("time."):
                found[name] = np.where(beyond, np.nan, found[name])


def _is_drawn(model: Model, name: str, value: Array) -> bool:
    return value.ndim > (1 if isinstance(model.inputs.get(name), Table) else 0)


def _slice(model: Model, name: str, value: Array, first: int, until: int, draws: int) -> Array:
    """Part of what is given by draw; a line comes (draws, periods) and is worked on as (periods, draws)."""
    if not _is_drawn(model, name, value):
        return value
    if len(value) not in (1, draws):
        raise ValueError(f"{name}: {len(value)} draws, others have {draws}")
    part = value[first:until] if len(value) > 1 else value
    return part.T if name in model.lines and not model.lines[name].scalar else part


def _answers(model: Model) -> list[str]:
    return [name for name, line in model.lines.items() if line.scalar]


def _of_case(project: Project, case: str | None) -> dict[str, Array]:
    if case is None:
        return {}
    if case not in project.cases:
        raise ValueError(f"case {case!r} is not in the project (known: {', '.join(project.cases) or 'none'})")
    return {name: np.asarray(value, float) for name, value in project.cases[case].items()}


def _known(model: Model, given: Iterable[str]) -> None:
    known = {**model.inputs, **model.lines}
    for name in given:
        if name not in known:
            hint = nearest(name, known)
            raise ValueError(f"{name!r} is no input of the project" + (f"; did you mean {hint!r}?" if hint else ""))


def findings(model: Model, values: Values) -> tuple[Finding, ...]:
    """What a lender would ask about, of a result without draws."""
    found = [*_periods(model, values, "cover.unpaid_usd", OWED, "debt not served", "{amount:,.0f} USD of debt service "
                       "are not paid in period {period}")]  # fmt: skip
    found += _periods(model, values, "waterfall.breached", 0, "default covenant", "DSCR is below the default covenant "
                      "in period {period}")  # fmt: skip
    found += _periods(model, values, "waterfall.locked", 0, "lock-up", "DSCR is below the lock-up in period {period}")
    found += _periods(model, values, "waterfall.recourse_usd", OWED, "recourse", "owners pay {amount:,.0f} USD of debt "
                      "service in period {period}")  # fmt: skip
    found += [*_borrowed(values), *_left_over(values), *_grown(values), *_underfilled(values), *asked(model, values)]
    left = float(values["cover.left_usd"][0])
    if left > OWED:
        found.append(Finding("debt left", model.periods, left, f"{left:,.0f} USD of debt are left at the end"))
    return tuple(found)


def _borrowed(values: Values) -> list[Finding]:
    """More than the project costs: debt, or debt with tax credits and tax equity, so that owners are paid to build."""
    uses, debt, credit, investor = (
        float(values[name].sum(axis=0)[0])
        for name in ("uses.usd", "sources.debt_usd", "sources.credit_usd", "sources.investor_usd")
    )
    if debt > uses * (1 + ROUNDING):
        text = f"debt of {debt:,.0f} USD is {debt - uses:,.0f} USD above the uses of {uses:,.0f} USD: give it a gearing"
        return [Finding("debt above uses", 0, debt - uses, text)]
    more = debt + credit + investor - uses
    if more <= uses * ROUNDING:
        return []
    text = f"debt, tax credits and tax equity are {more:,.0f} USD above the uses of {uses:,.0f} USD"
    return [Finding("sources above uses", 0, more, text)]


def _left_over(values: Values) -> list[Finding]:
    """Early cash that construction does not use up: it leaves at completion, while the loans are fully drawn."""
    early = values["sources.operation_usd"].sum(axis=0)[0] > OWED
    left = values["owners.left_usd"][:, 0]
    if not early or left.max() <= OWED:
        return []
    period, amount = int(np.argmax(left)) + 1, float(left.max())
    text = f"{amount:,.0f} USD of early cash are not needed to build and leave at completion, in period {period}"
    return [Finding("cash left over", period, amount, text)]


def _grown(values: Values) -> list[Finding]:
    """Debt that grows by plan after completion: the service that the cover leaves room for is less than interest."""
    owed, unpaid = values["loans.balance_usd"][:, 0], values["cover.unpaid_usd"][:, 0]
    repaying = values["time.repaying"][:, 0] > 0
    grown = np.where(repaying & (unpaid <= OWED), np.diff(owed, prepend=0.0), 0.0)
    hit = np.flatnonzero(grown > OWED)
    if not len(hit):
        return []
    more, period = float(grown[hit].sum()), int(hit[0]) + 1
    text = f"{more:,.0f} USD of interest are added to the debt by plan, the first in period {period}"
    return [Finding("debt grows", period, more, text)]


def _underfilled(values: Values) -> list[Finding]:
    """A reserve for debt service that cash after service does not fill."""
    missing = (values["waterfall.reserve_target_usd"] - values["waterfall.reserve_usd"])[:, 0]
    if missing.max() <= OWED:
        return []
    period = int(np.argmax(missing > OWED)) + 1
    text = (
        f"up to {missing.max():,.0f} USD are missing from the debt service reserve, the first time in period {period}"
    )
    return [Finding("reserve not filled", period, float(missing.max()), text)]


def _periods(model: Model, values: Values, name: str, above: float, what: str, text: str) -> list[Finding]:
    """One finding for the first period in which a line is above a bound, with the sum over all of them."""
    line = values[name][:, 0]
    hit = np.flatnonzero(line > above)
    if not len(hit):
        return []
    period, amount = int(hit[0]) + 1, float(line[hit[0]])
    more = f", and in {len(hit) - 1} later periods" if len(hit) > 1 else ""
    return [Finding(what, period, amount, text.format(amount=amount, period=period) + more)]


def _refuse(found: Iterable[Finding]) -> None:
    wrong = [each.text for each in refused(found)]
    if wrong:
        raise DebtServiceError("finance: " + "; ".join(wrong))
