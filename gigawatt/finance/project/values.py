"""The lines of a model worked out on arrays: one case, or many draws of its inputs at once.

A line has shape (periods, draws), a scalar (draws,); what no drawn input touches keeps one draw and costs nothing more.
Lines that refer to their own past or future are worked out period by period; all others over all periods at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gigawatt.finance.project.lines import Apply, Constant, Input, Later, Line, Model, Table, Term
from gigawatt.finance.project.order import Block, blocks

Array = np.ndarray
ONE = np.ones(1)


@dataclass(slots=True)
class Values:
    """What is known so far of one evaluation: inputs as given or drawn, and the lines worked out."""

    model: Model
    inputs: Mapping[str, Array] = field(default_factory=dict)
    lines: dict[str, Array] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.lines[name]


def work_out(model: Model, drawn: Mapping[str, Array] | None = None, order: list[Block] | None = None) -> Values:
    """Every line of the model.

    Args:
        drawn: Values in place of inputs, by name: (draws,) for an input, (draws, years) for a table, and
            (periods, draws) in place of the formula of a line. All have the same number of draws, or one.
        order: What `blocks(model)` gives, where it is known already.
    """
    drawn = drawn or {}
    values = Values(model, {name: np.atleast_1d(np.asarray(v, float)) for name, v in drawn.items()})
    for block in order if order is not None else blocks(model):
        if block.direction == "all":
            for name in block.names:
                given = values.inputs.get(name)
                values.lines[name] = given if given is not None else _filled(values, model.lines[name])
        else:
            _step_through(values, block)
    return values


def _filled(values: Values, line: Line) -> Array:
    """The value of a line over all periods; a series that no period enters is spread over all of them."""
    found = over_all(values, line.formula)
    if line.scalar or found.ndim == 2:
        return found
    return np.broadcast_to(found, (values.model.periods, found.shape[-1]))


def _step_through(values: Values, block: Block) -> None:
    """Lines that refer to their own past or future, period by period."""
    model, inside = values.model, frozenset(block.names)
    rules = [(name, _rule(values, model.lines[name].formula, inside)) for name in block.names]
    width = _width(values, block)
    for name in block.names:
        values.lines[name] = np.zeros((model.periods, width))
    ways = range(model.periods) if block.direction == "forward" else range(model.periods - 1, -1, -1)
    for t in ways:
        for name, rule in rules:
            values.lines[name][t] = rule(t)


def _width(values: Values, block: Block) -> int:
    """Number of draws of a block: the most that anything it reads has."""
    most = 1
    for name in block.names:
        for each in leaves(values.model.lines[name].formula):
            match each:
                case Input(name=read) | Table(name=read) if read in values.inputs:
                    most = max(most, len(values.inputs[read]))
                case Line(name=read) | Later(name=read) if read in values.lines:
                    most = max(most, values.lines[read].shape[-1])
                case _:
                    pass
    return most


def leaves(formula: Term) -> list[Term]:
    """Inputs, tables, constants and lines that a formula reads."""
    if isinstance(formula, Apply):
        return [leaf for argument in formula.arguments for leaf in leaves(argument)]
    return [formula]


Rule = Callable[[int], Array]


def _rule(values: Values, formula: Term, inside: frozenset[str]) -> Rule:
    """The value of a formula in one period, given the number of the period; parts that need no stepping are ready."""
    if not _steps(formula, inside):
        ready = over_all(values, formula)
        return (lambda t: ready[t]) if ready.ndim == 2 else (lambda t: ready)
    lines, periods = values.lines, values.model.periods
    match formula:
        case Line(name=name) | Later(name=name):
            return lambda t: lines[name][t]
        case Apply("prev", (Line(name=name) | Later(name=name),)):
            return lambda t: lines[name][t - 1] if t > 0 else np.zeros(1)
        case Apply("next", (Line(name=name) | Later(name=name),)):
            return lambda t: lines[name][t + 1] if t + 1 < periods else np.zeros(1)
        case Apply(function, arguments):
            rules, work = [_rule(values, each, inside) for each in arguments], SAME_PERIOD[function]
            if len(rules) == 1:
                (only,) = rules
                return lambda t: work(only(t))
            if len(rules) == 2:
                left, right = rules
                return lambda t: work(left(t), right(t))
            return lambda t: work(*[rule(t) for rule in rules])
    raise TypeError(f"no rule for {formula}")


def _steps(formula: Term, inside: frozenset[str]) -> bool:
    match formula:
        case Line(name=name) | Later(name=name):
            return name in inside
        case Apply(_, arguments):
            return any(_steps(each, inside) for each in arguments)
    return False


def over_all(values: Values, formula: Term) -> Array:
    """The value of a formula in all periods at once; (periods, draws), or (draws,) where no period enters."""
    match formula:
        case Constant(value):
            return ONE * value
        case Input(name=name, value=value):
            return values.inputs[name] if name in values.inputs else ONE * value
        case Line(name=name) | Later(name=name):
            return values.lines[name]
        case Apply("lookup", (Table() as table, year)):
            return _looked_up(values, table, over_all(values, year))
        case Apply("lag", (line, periods)):
            return _lagged(over_all(values, line), over_all(values, periods))
        case Apply(function, arguments):
            work = SAME_PERIOD.get(function) or OTHER_PERIODS[function]
            return work(*[over_all(values, each) for each in arguments])
    raise TypeError(f"no value for {formula}")


def _looked_up(values: Values, table: Table, year: Array) -> Array:
    given = np.atleast_2d(values.inputs.get(table.name, np.asarray(table.values)))
    index = np.clip(year[:, 0].astype(int) - 1, 0, given.shape[1] - 1)
    found: Array = given[:, index].T
    return found


def _lagged(line: Array, periods: Array) -> Array:
    """The line `periods` before, by draw where that differs between draws."""
    if periods.ndim == 2:
        raise ValueError("lag: the number of periods must be the same in all periods")
    steps = np.rint(periods).astype(int)
    if np.all(steps == steps[0]):
        return _shifted(line, int(steps[0]))
    index = np.arange(len(line))[:, None] - steps
    wide = np.broadcast_to(line, (len(line), len(steps)))
    found = np.take_along_axis(wide, np.clip(index, 0, len(line) - 1), axis=0)
    return np.where((index >= 0) & (index < len(line)), found, 0.0)


def _shifted(line: Array, by: int) -> Array:
    moved, n = np.zeros_like(line), len(line)
    if 0 <= by < n:
        moved[by:] = line[: n - by]
    elif -n < by < 0:
        moved[:by] = line[-by:]
    return moved


def _least(*values: Array) -> Array:
    found = values[0]
    for each in values[1:]:
        found = np.minimum(found, each)
    return found


def _most(*values: Array) -> Array:
    found = values[0]
    for each in values[1:]:
        found = np.maximum(found, each)
    return found


def _ratio(above: Array, below: Array) -> Array:
    zero = below == 0
    if not zero.any():
        return np.asarray(above / below)
    quotient: Array = np.where(zero, 0.0, above / np.where(zero, 1.0, below))
    return quotient


def _round(value: Array) -> Array:
    nearest: Array = np.copysign(np.floor(np.abs(value) + 0.5), value)
    return nearest


def _edate(start: Array, months: Array) -> Array:
    """Days as spreadsheets count them, from 30 December 1899; the day of the month is kept where the month has it."""
    day = np.datetime64("1899-12-30") + start.astype(int).astype("timedelta64[D]")
    month = day.astype("datetime64[M]")
    of_month = (day - month.astype("datetime64[D]")).astype(int)
    there = month + np.rint(months).astype(int).astype("timedelta64[M]")
    longest = ((there + 1).astype("datetime64[D]") - there.astype("datetime64[D]")).astype(int) - 1
    found = there.astype("datetime64[D]") + np.minimum(of_month, longest).astype("timedelta64[D]")
    days: Array = (found - np.datetime64("1899-12-30")).astype(float)
    return days


def _dot(line: Array, weights: Array) -> Array:
    product: Array = np.einsum("tn,tn->n", *np.broadcast_arrays(line, weights))
    return product


def _internal_rate(line: Array) -> Array:
    from gigawatt.finance.irr import irr

    rate: Array = irr(line.T).rate
    return rate


SAME_PERIOD: dict[str, Callable[..., Array]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "neg": np.negative,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "min": _least, "max": _most, "if": np.where, "only": lambda condition, value: np.where(condition, value, np.nan),
    "ratio": _ratio, "round": _round, "floor": np.floor, "mod": np.mod, "edate": _edate,
}  # fmt: skip
OTHER_PERIODS: dict[str, Callable[..., Array]] = {
    "prev": lambda line: _shifted(line, 1), "next": lambda line: _shifted(line, -1),
    "sum": lambda line: line.sum(axis=0), "dot": _dot,
    "min_of": lambda line: np.fmin.reduce(line, axis=0), "max_of": lambda line: np.fmax.reduce(line, axis=0),
    "last": lambda line: line[-1], "irr": _internal_rate,
}  # fmt: skip
