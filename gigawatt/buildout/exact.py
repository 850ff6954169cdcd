"""The exact schedule of a small portfolio at its medians, by CP-SAT of OR-Tools (extra `schedule`)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.buildout.exact_child import check_installed, solve_apart
from gigawatt.buildout.exact_goals import MW_WEEKS, goals
from gigawatt.buildout.exact_grid import Grid, heads, item_caps
from gigawatt.buildout.exact_model import Frame
from gigawatt.buildout.exact_settle import Array, Medians, Schedule, settled
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import Portfolio
from gigawatt.errors import SolveError
from gigawatt.units import DAYS_PER_WEEK

MOST_TASKS = 200  # that are not done; beyond, the bound says little
FINEST = 10**6  # whole parts of the largest weight
UP_SHARE = 0.6  # of the time for a schedule, the rest for a bound
SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """A schedule at medians, and how far from the best it can be at most.

    The objective is a week counted from the start of the portfolio: the mean finish by MW for `mw_weeks`, the last
    finish for `finish`. No schedule that can be kept is better than `bound_week`, whatever the rounding of time.
    """

    plan: Plan
    objective: str
    begin: Array  # (tasks,) weeks
    finish: Array  # (tasks,)
    arrives: Array  # (orders,)
    objective_week: float
    bound_week: float
    status: str  # "optimal": proved but for the rounding of time; "feasible": the time ran out
    steps_per_week: int

    @property
    def gap(self) -> float:
        """Share of the objective by which a better schedule could at most be earlier."""
        return max(0.0, self.objective_week - self.bound_week) / self.objective_week if self.objective_week else 0.0


def best_schedule(
    what: Portfolio | Plan,
    seconds: float = 20.0,
    objective: str = MW_WEEKS,
    weights: Mapping[str, float] | None = None,
    steps_per_week: int = DAYS_PER_WEEK,
    workers: int = 8,
) -> Exact:
    """The schedule with the earliest finishes at medians: who goes first is decided here, not by rank.

    Durations, arrivals and calendars are rounded up to whole steps, the schedule found is then pulled together in
    continuous time. The bound is proved with everything rounded down. Ties may be broken differently from run to run.

    Args:
        seconds: For the search; setting up comes on top.
        objective: `mw_weeks` for the least sum of MW x finish of the phases, which is the most MW-weeks energised;
            `finish` for the least last finish.
        weights: By which the MW of a project count, by its name; 1 for those not named.
        workers: Threads of CP-SAT, each with its own way of searching.

    Raises:
        ImportError: OR-Tools is not installed.
        ValueError: An unknown objective or project, a negative weight, or more than `MOST_TASKS` tasks.
        SolveError: An item never comes, however long one waits.
    """
    check_installed()
    laid = what if isinstance(what, Plan) else plan(what)
    count = int(np.sum(laid.work.weeks > 0.0))
    if count > MOST_TASKS:
        raise ValueError(
            f"{count} tasks are too many for an exact schedule: at most {MOST_TASKS}, and about 60 where the best "
            "is to be proved; take fewer projects or phases, or simulate the portfolio"
        )
    work, weight = goals(laid, objective, weights or {})
    best, bound_week, is_optimal = _searched(
        Medians(replace(laid, work=work)), weight, seconds, steps_per_week, workers
    )
    tasks, value = len(laid.work.weeks), _value(best, weight)
    return Exact(
        plan=laid, objective=objective, begin=best.begin[:tasks], finish=best.finish[:tasks], arrives=best.arrives,
        objective_week=value, bound_week=min(value, bound_week), status="optimal" if is_optimal else "feasible",
        steps_per_week=steps_per_week,
    )  # fmt: skip


def _searched(
    medians: Medians, weight: Array, seconds: float, steps_per_week: int, workers: int
) -> tuple[Schedule, float, bool]:
    """The best schedule that is found, the week that none beats, and whether it is the best on its grid of time."""
    earliest = heads(medians)
    _can_come(medians, earliest)
    best = min(_starters(medians, earliest), key=lambda found: _value(found, weight))
    until = time.monotonic() + seconds
    up, down = Grid(medians, True, steps_per_week), Grid(medians, False, steps_per_week)
    frame, scale = _frame(medians, earliest, weight, best)
    frame = replace(frame, hint=settled(medians, best.begin, lambda weeks: up.step(weeks) / steps_per_week).begin)
    is_whole = _agree(up, down, frame)
    found = solve_apart(up, frame, seconds if is_whole else UP_SHARE * seconds, workers)
    if found.begin_week is not None:
        best = min(best, settled(medians, found.begin_week), key=lambda found: _value(found, weight))
    bound = found.bound
    if not is_whole:
        frame, scale = _frame(medians, earliest, weight, best)
        bound = solve_apart(down, frame, max(1.0, until - time.monotonic()), workers).bound
    least = _value(Schedule(earliest, _finishes(medians, earliest), best.arrives), weight)
    return best, max(least, bound / scale / steps_per_week), found.is_optimal


def _value(found: Schedule, weight: Array) -> float:
    """The objective of a schedule, as a week."""
    return float(found.finish @ weight) if weight.any() else float(found.finish.max())


def _finishes(medians: Medians, begin: Array) -> Array:
    return np.array([float(medians.finish_week(j, begin[j])) for j in range(len(begin))])


def _can_come(medians: Medians, earliest: Array) -> None:
    """Raises SolveError where a task can never begin, with the item that it waits for."""
    laid = medians.plan
    for j in np.flatnonzero(~np.isfinite(earliest)):
        task = laid.tasks[j]
        for o in range(laid.work.first_order[j], laid.work.first_order[j + 1]):
            pool = laid.pools[laid.work.order_item[o]]
            raise SolveError(
                f"project {laid.portfolio.projects[task.project].name}, stage {task.stage.name}: {pool.item.name} "
                f"never comes; {laid.work.order_units[o]:g} {pool.item.unit} are needed, and supply ends before"
            )


def _starters(medians: Medians, earliest: Array) -> Iterator[Schedule]:
    """Schedules by simple rules, from which the search sets out."""
    work = medians.work
    yield settled(medians, earliest)
    yield settled(medians, simulated(medians.plan))
    ready = np.array([earliest[work.project == p].max() for p in range(int(work.project.max()) + 1)])
    yield settled(medians, ready[work.project])
    yield settled(medians, work.rank.astype(float))


def simulated(laid: Plan) -> Array:
    """Begins of the event simulation at medians; shape (tasks,)."""
    from gigawatt.buildout.events import simulate

    begin: Array = simulate(laid, draws=0).begin[0]
    return begin


def _frame(medians: Medians, earliest: Array, weight: Array, best: Schedule) -> tuple[Frame, float]:
    """Weeks between which a schedule that is as good as `best` begins and ends; and the scale of its weights.

    No finish is later than its own best plus what all others together may give away, nor than all tasks done one after
    another once everything has arrived.
    """
    work, value = medians.work, _value(best, weight)
    if not weight.any():
        return Frame(earliest, np.full(len(weight), value + SAME), weight, best.begin), 1.0
    soonest = _finishes(medians, earliest)
    given = max(0.0, value - float(soonest @ weight))
    weeks = np.arange(work.pace.shape[1] * DAYS_PER_WEEK) / DAYS_PER_WEEK
    longest = sum(1.0 + float((medians.finish_week(j, weeks) - weeks).max()) for j in range(len(weight)))
    one_by_one = max(float(work.release_week.max()), float(best.arrives.max(initial=0.0))) + longest
    spare = np.full(len(weight), np.inf)
    np.divide(given, weight, out=spare, where=weight > 0.0)
    latest = np.minimum(one_by_one, soonest + spare) + SAME
    for j in reversed(range(len(weight))):  # what comes before is done by then
        for i in medians.before(j):
            latest[i] = min(latest[i], latest[j])
    scale = FINEST / float(weight.max())
    parts = np.floor(weight * scale + SAME).astype(np.int64)
    shared = int(np.gcd.reduce(parts))
    return Frame(earliest, latest, parts // shared, best.begin), scale / shared


def _agree(up: Grid, down: Grid, frame: Frame) -> bool:
    """Whether rounding up and rounding down are the same, so that one search is enough."""
    horizon = int(up.step(frame.latest).max())
    if not np.array_equal(up.step(frame.earliest), down.step(frame.earliest)):
        return False
    tasks = range(len(frame.earliest))
    if not all(np.array_equal(up.lasts(j, horizon), down.lasts(j, horizon)) for j in tasks):
        return False
    return all(a == b for a, b in zip(item_caps(up, horizon), item_caps(down, horizon), strict=True))
