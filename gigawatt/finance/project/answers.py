"""Questions to a project: at which value it breaks even, which input moves an answer most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from gigawatt.finance.project.delaying import later
from gigawatt.finance.project.draws import SHARES, Inputs, Range, given
from gigawatt.finance.project.holding import holding
from gigawatt.finance.project.inputs import Project
from gigawatt.finance.project.lines import Input, Table
from gigawatt.finance.project.result import Array, ProjectResult, evaluate

OWNERS_NPV, OWNERS_IRR = "returns.owners_npv_usd", "returns.owners_irr"
FIRST_LOOK, NEXT_LOOKS, ROUNDS = 129, 33, 4  # points between the ends, and within a bracket, four times over
STEP = 1e-3  # of the first bracket: what is still so far apart in the last one, a millionth as wide, jumps
WIDEST = 5.0  # times the value of the base case that a break-even is looked for


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where an answer reaches its goal: every value between `low` and `high`, in rising order, if any.

    `steps` are where it jumps over its goal without reaching it, `level` the ranges over which it stays there. With
    `relative` all are factors on the inputs of the base case.
    """

    inputs: tuple[str, ...]
    answer: str
    goal: float
    relative: bool
    values: tuple[float, ...]
    low: float
    high: float
    at_low: float
    at_high: float
    steps: tuple[float, ...] = ()
    level: tuple[tuple[float, float], ...] = ()

    @property
    def status(self) -> str:
        """range, one, several, step or none."""
        if self.level or not self.values:
            return "range" if self.level else "step" if self.steps else "none"
        return "one" if len(self.values) == 1 else "several"


def break_even(
    project: Project,
    inputs: str | Sequence[str],
    answer: str = OWNERS_NPV,
    goal: float = 0.0,
    *,
    low: float | None = None,
    high: float | None = None,
    relative: bool = False,
    held: bool = False,
) -> BreakEven:
    """Values of an input, or factors on several, at which an answer is at its goal.

    Args:
        low: Where the search begins; 0 unless given, 5 times the base where that is below 0. `high`: where it ends; 1
            of shares, else 5 times the base, or 1 where that is 0.
        relative: Look for one factor on all the inputs; always so for several and for tables by year.
        held: Hold the debt of the base case; else it is sized for each value.

    Raises:
        ValueError: An input or answer that the model does not have, or ends that are none.
    """
    base = evaluate(project)
    names = (inputs,) if isinstance(inputs, str) else tuple(inputs)
    _known(base, names, answer)
    known = base.model.inputs
    relative = relative or len(names) > 1 or isinstance(known[names[0]], Table)
    low, high = _ends(known, names, low, high, relative)
    base = _long_enough(base, names, high, relative)

    def at(points: Array) -> Array:
        drawn = {name: given(known, name, _values(known, name, points, relative)) for name in names}
        found = evaluate(base.project, holding(base, drawn) if held else drawn).answers[answer]
        return np.broadcast_to(np.asarray(found), points.shape)

    points = np.linspace(low, high, FIRST_LOOK)
    reached = at(points) - goal
    values, steps = _crossings(at, goal, points, reached)
    return BreakEven(names, answer, goal, relative, values, low, high, float(reached[0] + goal),
                     float(reached[-1] + goal), steps, _level(points, reached))  # fmt: skip


def _long_enough(base: ProjectResult, names: Sequence[str], high: float, relative: bool) -> ProjectResult:
    """The base case with periods for an operation that ends as late as it does at the high end."""
    project = base.project
    far = {name: float(_values(base.model.inputs, name, np.array([high]), relative)[0, 0]) for name in names}
    delay = later(project, far)
    return evaluate(replace(project, delay_months=delay)) if delay > project.delay_months else base


def _known(base: ProjectResult, names: Sequence[str], answer: str) -> None:
    for name in names:
        if name not in base.model.inputs:
            raise ValueError(f"{name!r} is no input of the project")
    if not names or answer not in base.answers:
        raise ValueError(f"{answer!r} is no answer of the project" if names else "no input given")


def _ends(
    known: Inputs, names: Sequence[str], low: float | None, high: float | None, relative: bool
) -> tuple[float, float]:  # fmt: skip
    item = known[names[0]]
    base = 1.0 if relative or not isinstance(item, Input) else item.value
    if high is None:
        share = not relative and item.unit in SHARES
        high = 1.0 if share else WIDEST * abs(base) if base else 1.0
    low = min(0.0, WIDEST * base) if low is None else low
    if not (isfinite(low) and isfinite(high) and low < high):
        raise ValueError(f"no room to look between {low:g} and {high:g}")
    return low, high


def _values(known: Inputs, name: str, points: Array, relative: bool) -> Array:
    item = known[name]
    base = np.array([item.value] if isinstance(item, Input) else item.values)
    return points[:, None] * base if relative else np.broadcast_to(points[:, None], (len(points), len(base)))


def _level(points: Array, reached: Array) -> tuple[tuple[float, float], ...]:
    """First and last of the points in a row at which the answer is at its goal, where there are several."""
    there = np.diff(np.concatenate(([0], (reached == 0).astype(int), [0])))
    runs = zip(np.flatnonzero(there > 0), np.flatnonzero(there < 0) - 1, strict=True)
    return tuple((float(points[first]), float(points[last])) for first, last in runs if last > first)


def _crossings(
    at: Callable[[Array], Array], goal: float, points: Array, reached: Array
) -> tuple[tuple[float, ...], tuple[float, ...]]:  # fmt: skip
    """Every point at which the answer passes its goal, and where it jumps over it.

    Each bracket is narrowed by looking at all its parts at once; what is still far apart then is a step.
    """
    flat = np.convolve(reached == 0, np.ones(3), "same") > 1
    found, steps = [float(points[k]) for k in np.flatnonzero((reached == 0) & ~flat)], []
    sides = np.sign(reached)
    for k in np.flatnonzero(sides[:-1] * sides[1:] < 0):
        left, right = float(points[k]), float(points[k + 1])
        for _ in range(ROUNDS):
            inner = np.linspace(left, right, NEXT_LOOKS)
            misses = at(inner) - goal
            change = np.flatnonzero(np.sign(misses[:-1]) != np.sign(misses[1:]))
            if not len(change):
                break
            left, right = float(inner[change[0]]), float(inner[change[0] + 1])
        misses = at(np.array([left, right])) - goal
        gap = abs(misses[1] - misses[0])
        if gap > STEP * abs(reached[k + 1] - reached[k]):
            steps.append((left + right) / 2)
        else:
            found.append(float(left + misses[0] / (misses[0] - misses[1]) * (right - left)) if gap else left)
    return tuple(sorted(found)), tuple(sorted(steps))


@dataclass(frozen=True, slots=True)
class Bar:
    """What one uncertain input does to an answer, at the ends of its 90 % range, all others at their medians."""

    input: str
    label: str
    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def blank(self) -> bool:
        """Whether an end has no answer, such as no rate of return."""
        return not isfinite(self.at_low + self.at_high)

    @property
    def span(self) -> float:
        """How far the ends are apart; 0 where an end has no answer."""
        gap = abs(self.at_high - self.at_low)
        return gap if isfinite(gap) else 0.0


def tornado(
    project: Project, ranges: Mapping[str, Range], answer: str = OWNERS_IRR, *, held: bool = True
) -> tuple[float, tuple[Bar, ...]]:  # fmt: skip
    """The answer at all medians, and a bar for each uncertain input: those without an answer first, then the longest.

    Args:
        held: Hold the debt of the base case; else it is sized at each end.

    Raises:
        ValueError: No ranges, or an answer that the model does not have.
    """
    base = evaluate(project)
    known = base.model.inputs
    if not ranges:
        raise ValueError("no input has a range: write such as `capex_usd: 30 to 40 B$`")
    _known(base, tuple(ranges), answer)
    drawn = {name: given(known, name, _two_of_many(each, k, len(ranges)))
             for k, (name, each) in enumerate(ranges.items())}  # fmt: skip
    found = evaluate(project, holding(base, drawn) if held else drawn).answers[answer]
    ends = np.broadcast_to(np.asarray(found), (2 * len(ranges),)).reshape(-1, 2)
    bars = [Bar(name, known[name].label, *_first_range(each), float(ends[k, 0]), float(ends[k, 1]))
            for k, (name, each) in enumerate(ranges.items())]  # fmt: skip
    return float(np.asarray(base.answers[answer])), tuple(sorted(bars, key=lambda bar: (not bar.blank, -bar.span)))


def _first_range(each: Range) -> tuple[float, float]:
    """The ends of a range, in the first year that has one."""
    return next((low, high) for low, high in zip(each.low, each.high, strict=True) if low != high)


def _two_of_many(each: Range, k: int, count: int) -> Array:
    """Values in 2 x `count` draws: the median, but the low and high end in the two that are this input's."""
    values = np.repeat(np.array([each.value]), 2 * count, axis=0)
    values[2 * k], values[2 * k + 1] = each.low, each.high
    return values
