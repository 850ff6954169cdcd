"""The exact schedule as a constraint model for CP-SAT of OR-Tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.buildout.exact_grid import Cap, Grid, crew_cap, item_caps
from gigawatt.buildout.exact_settle import Array


@dataclass(frozen=True, slots=True)
class Found:
    """What CP-SAT found on a grid."""

    begin_week: Array | None  # (tasks,), None where the time was too short for a schedule
    bound: float  # of the objective, in steps times weight
    is_optimal: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Weeks within which a schedule is sought, and what its finishes weigh."""

    earliest: Array  # (tasks,) week of begin
    latest: Array  # (tasks,) week of finish
    weight: Array  # (tasks,) of its finish, whole numbers; none above 0: the last finish counts
    hint: Array  # (tasks,) weeks of begin to try first


@dataclass(frozen=True, slots=True)
class Draft:
    """A model in the making: its variables by task, all in steps."""

    model: Any
    begins: list[Any]
    finishes: list[Any]
    spans: list[Any]  # intervals from begin to finish
    earliest: Array
    hint: Array
    horizon: int


def solve(grid: Grid, frame: Frame, seconds: float, workers: int) -> Found:
    """The best schedule on a grid that can be found in `seconds`; not in a process that has loaded highspy."""
    from ortools.sat.python import cp_model

    draft = _draft(cp_model.CpModel(), grid, frame)
    for crew in range(len(grid.medians.work.available)):
        _share(draft, crew_cap(grid, crew, draft.horizon))
    for cap in item_caps(grid, draft.horizon):
        _draw_down(draft, cap)
    draft.model.minimize(_objective(draft, frame.weight))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = 1
    status = solver.solve(draft.model)
    has_schedule = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    weeks = np.array([solver.value(b) for b in draft.begins]) / grid.steps_per_week if has_schedule else None
    bound = float(np.inf) if status == cp_model.INFEASIBLE else float(solver.best_objective_bound)
    return Found(weeks, bound, status == cp_model.OPTIMAL)


def _objective(draft: Draft, weight: Array) -> Any:
    """The weighted sum of finishes, or the last one."""
    if weight.any():
        return sum(int(w) * finish for w, finish in zip(weight, draft.finishes, strict=True) if w)
    last = draft.model.new_int_var(0, draft.horizon, "last")
    draft.model.add_max_equality(last, draft.finishes)
    return last


def _draft(model: Any, grid: Grid, frame: Frame) -> Draft:
    """Begin and finish of every task, tied to its predecessors and its calendar."""
    medians, earliest, latest = grid.medians, grid.step(frame.earliest), grid.step(frame.latest)
    if grid.up:  # every task before it may have lost a step
        latest = latest + len(latest) + grid.steps_per_week
    horizon, hint = int(latest.max()), grid.step(frame.hint)
    begins: list[Any] = []
    finishes: list[Any] = []
    spans: list[Any] = []
    for j in range(len(earliest)):
        begin = model.new_int_var(int(earliest[j]), int(max(earliest[j], latest[j])), f"begin {j}")
        finish, span = _span(model, begin, grid.lasts(j, horizon)[: int(latest[j]) + 1], int(hint[j]))
        spans.append(span)
        model.add(finish <= int(latest[j]))
        for i in medians.before(j):
            model.add(begin >= finishes[i])
        model.add_hint(begin, int(hint[j]))
        begins.append(begin)
        finishes.append(finish)
    return Draft(model, begins, finishes, spans, earliest, hint, horizon)


def _span(model: Any, begin: Any, lasts: Array, hint: int) -> tuple[Any, Any]:
    """The finish of a task and the interval up to it, by the steps that it lasts when begun at each step."""
    if lasts.min() == lasts.max():
        return begin + int(lasts[0]), model.new_fixed_size_interval_var(begin, int(lasts[0]), "")
    length = model.new_int_var(int(lasts.min()), int(lasts.max()), "")
    finish = model.new_int_var(0, len(lasts) + int(lasts.max()), "")
    hint = min(hint, len(lasts) - 1)
    model.add_hint(length, int(lasts[hint]))
    model.add_hint(finish, hint + int(lasts[hint]))
    within = []
    firsts = np.flatnonzero(np.diff(lasts, prepend=-1))
    for first, until in zip(firsts, [*firsts[1:], len(lasts)], strict=True):
        within.append(model.new_bool_var(""))
        model.add_hint(within[-1], bool(first <= hint < until))
        model.add_linear_constraint(begin, int(first), int(until) - 1).only_enforce_if(within[-1])
        model.add(length == int(lasts[first])).only_enforce_if(within[-1])
    model.add_exactly_one(within)
    model.add(finish == begin + length)
    return finish, model.new_interval_var(begin, length, finish, "")


def _share(draft: Draft, cap: Cap) -> None:
    """Tasks hold what they take from begin to finish."""
    if np.all(np.diff(cap.most) >= 0):
        _cumulative(draft, cap, [draft.spans[j] for j in cap.tasks])
        return
    for j, own in zip(cap.tasks, cap.takes, strict=True):  # workers leave, but nobody is called off a running task
        others = [(i, takes) for i, takes in zip(cap.tasks, cap.takes, strict=True) if i != j]
        held = own + sum(takes * _runs_at_begin(draft, i, j) for i, takes in others)
        for most, step, until in zip(cap.most, cap.steps, [*cap.steps[1:], draft.horizon + 1], strict=True):
            within, early = draft.model.new_bool_var(""), draft.model.new_bool_var("")
            draft.model.add(draft.begins[j] < step).only_enforce_if(early)
            draft.model.add(draft.begins[j] >= until).only_enforce_if(~early, ~within)
            draft.model.add(held <= most).only_enforce_if(within)


def _runs_at_begin(draft: Draft, task: int, other: int) -> Any:
    """Whether a task runs when another begins; true wherever it may not be denied."""
    runs, is_later = draft.model.new_bool_var(""), draft.model.new_bool_var("")
    draft.model.add(draft.begins[task] > draft.begins[other]).only_enforce_if(~runs, is_later)
    draft.model.add(draft.finishes[task] <= draft.begins[other]).only_enforce_if(~runs, ~is_later)
    return runs


def _draw_down(draft: Draft, cap: Cap) -> None:
    """Tasks take what they need at their begin and never give it back."""
    if cap.most[-1] >= sum(cap.takes) and cap.steps[-1] <= min(draft.earliest[j] for j in cap.tasks):
        return  # there is enough for all before the first of them can begin
    end = draft.horizon + 1
    kept = []
    for j in cap.tasks:
        length = draft.model.new_int_var(0, end, f"kept {j}")
        draft.model.add_hint(length, end - int(draft.hint[j]))
        kept.append(draft.model.new_interval_var(draft.begins[j], length, end, f"kept {j}"))
    _cumulative(draft, cap, kept)


def _cumulative(draft: Draft, cap: Cap, held: list[Any]) -> None:
    """What is held at once is at most what there is; what there is not yet, fillers hold."""
    peak = max(cap.most)
    if min(cap.most) >= sum(cap.takes):
        return
    takes = list(cap.takes)
    for step, until, most in zip(cap.steps, [*cap.steps[1:], draft.horizon + 1], cap.most, strict=True):
        if most < peak:
            held.append(draft.model.new_fixed_size_interval_var(step, until - step, f"filler {step}"))
            takes.append(peak - most)
    draft.model.add_cumulative(held, takes, peak)
