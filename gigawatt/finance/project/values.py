"""The lines of a model worked out on arrays: one case, or many draws of its inputs at once.

A line has shape (periods, draws), a scalar (draws,); what no drawn input touches keeps one draw and costs nothing more.
`planning` says what must be worked out, `recording` writes it on tapes, and `tape` holds the kernel that plays them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gigawatt.finance.project.lines import Input, Model, Table
from gigawatt.finance.project.order import Block, blocks
from gigawatt.finance.project.planning import Hosted, plain
from gigawatt.finance.project.recording import Stage, stages
from gigawatt.finance.project.tape import play

Array = np.ndarray
BLOCK = 512  # draws worked out together: enough that instructions cost little, few enough for the caches


@dataclass(slots=True)
class Values:
    """What is known of one evaluation: inputs as given or drawn, and the lines worked out."""

    model: Model
    inputs: Mapping[str, Array] = field(default_factory=dict)
    lines: dict[str, Array] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Array:
        return self.lines[name]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tapes for the lines that are wanted, given which inputs are drawn."""

    model: Model
    wanted: tuple[str, ...]
    stages: tuple[Stage, ...]

    def run(self, drawn: Mapping[str, Array]) -> Values:
        """The wanted lines; `drawn` names the inputs that the plan was made for."""
        given = {name: np.atleast_1d(np.asarray(value, float)) for name, value in drawn.items()}
        known = {name: _as_rows(self.model, name, value) for name, value in given.items()}
        for stage in self.stages:
            _host(stage, known)
            _play(self.model, stage, known)
        return Values(self.model, given, {name: _as_line(self.model, name, known[name]) for name in self.wanted})


def work_out(
    model: Model, drawn: Mapping[str, Array] | None = None, order: list[Block] | None = None,
    wanted: Iterable[str] | None = None,
) -> Values:  # fmt: skip
    """Every line of the model, or those that are wanted.

    Args:
        drawn: Values in place of inputs, by name: (draws,) for an input, (draws, years) for a table, and
            (periods, draws) in place of the formula of a line. All have the same number of draws, or one.
        order: What `blocks(model)` gives, where it is known already.
    """
    drawn = drawn or {}
    return planned(model, drawn, order, wanted).run(drawn)


def planned(
    model: Model, drawn: Mapping[str, Array], order: list[Block] | None = None, wanted: Iterable[str] | None = None
) -> Plan:  # fmt: skip
    """The plan of an evaluation, for these and any other values of the same inputs."""
    names = tuple(model.lines if wanted is None else wanted)
    rows = {name: _as_rows(model, name, np.atleast_1d(np.asarray(value, float))) for name, value in drawn.items()}
    many = {name for name, value in rows.items() if value.shape[1] > 1}
    given = {name for name in drawn if name in model.lines}
    found = plain(model, blocks(model) if order is None else order, many, given, set(names))
    years = {name: len(value) for name, value in rows.items() if isinstance(model.inputs.get(name), Table)}
    return Plan(model, names, tuple(stages(found, set(names), years)))


def _as_rows(model: Model, name: str, value: Array) -> Array:
    """What is given of an input, table or line as (rows, draws)."""
    if isinstance(model.inputs.get(name), Table):
        return np.ascontiguousarray(np.atleast_2d(value).T)
    if name in model.lines and not model.lines[name].scalar:
        return value if value.ndim == 2 else value[:, None]
    return value.reshape(1, -1)


def _as_line(model: Model, name: str, rows: Array) -> Array:
    return rows[0] if model.lines[name].scalar else rows


def _play(model: Model, stage: Stage, known: dict[str, Array]) -> None:
    """Play the tape of a stage for all draws and add its lines to what is known."""
    if not stage.names:
        return
    fixed = np.zeros(max(stage.fixed_rows, 1))
    for key, (row, rows, _, _) in stage.fixed.items():
        fixed[row : row + max(rows, 1)] = _fixed(model, key, known)
    loaded = [(known[name], row) for name, (row, _, _, _) in stage.loaded.items()]
    draws = max((value.shape[1] for value, _ in loaded), default=1)
    taken = [(stage.places[name][0], max(stage.places[name][1], 1)) for name in stage.outputs]
    found = [np.empty((rows, draws)) for _, rows in taken]
    width = min(BLOCK, draws)
    cells = np.zeros((stage.rows, width))
    for first in range(0, draws, width):
        last = min(first + width, draws)
        for value, row in loaded:
            cells[row : row + len(value), : last - first] = value[:, first:last]
        play(stage.tape, stage.order, model.periods, cells, fixed)
        for (row, rows), out in zip(taken, found, strict=True):
            out[:, first:last] = cells[row : row + rows, : last - first]
    known.update(zip(stage.outputs, found, strict=True))


def _fixed(model: Model, key: str | float, known: Mapping[str, Array]) -> Array | float:
    """What is the same for all draws: a constant, an input or table as it is in the model, or a line."""
    if not isinstance(key, str):
        return key
    if key in known:
        return known[key][:, 0]
    item = model.inputs[key]
    return item.value if isinstance(item, Input) else np.asarray(item.values)


def _host(stage: Stage, known: dict[str, Array]) -> None:
    """Add the answers of functions of whole arrays, asked once where lines are the same in every number."""
    asked: list[tuple[str, list[Array], Array]] = []
    for line in stage.hosted:
        assert isinstance(line.formula, Hosted)
        function, arguments = line.formula.function, [known[each.name] for each in line.formula.arguments]
        answer = next((answer for before, others, answer in asked
                       if before == function and all(map(np.array_equal, others, arguments))), None)  # fmt: skip
        if answer is None:
            answer = HOSTED[function](*arguments)
            asked.append((function, arguments, answer))
        known[line.name] = answer


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


def _internal_rate(line: Array) -> Array:
    from gigawatt.finance.returns.irr import irr

    rate: Array = irr(line.T).rate
    return rate[None, :]


HOSTED: dict[str, Callable[..., Array]] = {"edate": _edate, "irr": _internal_rate}
