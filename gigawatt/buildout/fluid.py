"""The weekly fluid engine: a portfolio week by week in many scenarios, and what holds back how many MW where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.blocks import BLOCK, in_blocks, run_blocks
from gigawatt.buildout.deliveries import Desk, desk
from gigawatt.buildout.draws import MEDIAN, Drawn, blank
from gigawatt.buildout.events import successors
from gigawatt.buildout.fluid_ensemble import run_flows, run_tasks
from gigawatt.buildout.fluid_kernels import Yard, yard
from gigawatt.buildout.outcome import Outcome, cause_names
from gigawatt.buildout.plan import Plan, plan
from gigawatt.buildout.projects import Portfolio
from gigawatt.buildout.work import Work

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble:
    """Many scenarios of a portfolio, in weeks from the start of the plan; infinite where supply never suffices."""

    plan: Plan
    seed: int
    draws: int  # as asked for; 0 is one scenario in which everything takes its median
    project_finish: Array  # (draws, projects)
    phase_finish: Array  # (draws, phases) of the projects in turn: all tasks of the phase are finished
    waiting_mw: Array  # (causes, regions, weeks) beyond lead times, mean: items, then workers, see `cause_names`

    @property
    def phase_mw(self) -> Array:
        """Power of each phase; shape (phases,)."""
        return np.array([mw for project in self.plan.portfolio.projects for mw in project.phases])

    @property
    def finish(self) -> Array:
        """Week at which the whole portfolio is finished; shape (draws,)."""
        return np.asarray(self.project_finish.max(axis=1))

    @property
    def mean_week(self) -> Array:
        """Mean week at which power comes up, weighted by MW; shape (draws,)."""
        return np.asarray((self.phase_finish * self.phase_mw).sum(axis=1) / self.phase_mw.sum())

    def energised_mw(self) -> Array:
        """Power up by the end of each week by region, mean of the scenarios; shape (regions, weeks)."""
        weeks = self.plan.portfolio.weeks
        names = self.plan.regions
        regions = [names.index(p.region) for p in self.plan.portfolio.projects for _ in p.phases]
        found = np.zeros((len(names), weeks + 1))
        for n, (region, mw) in enumerate(zip(regions, self.phase_mw, strict=True)):
            found[region] += mw * np.bincount(_week(self.phase_finish[:, n], weeks), minlength=weeks + 1)
        return np.cumsum(found[:, :weeks], axis=1) / len(self.phase_finish)

    def mw_by_week(self, regions: Sequence[str] = ()) -> Array:
        """Power that comes up within each week of each scenario, in some regions or all; shape (draws, weeks)."""
        weeks = self.plan.portfolio.weeks
        counts = [not regions or p.region in regions for p in self.plan.portfolio.projects for _ in p.phases]
        rows = np.arange(len(self.phase_finish))[:, None]
        found = np.zeros((len(rows), weeks + 1))
        np.add.at(found, (rows, _week(self.phase_finish, weeks)), self.phase_mw * counts)
        return found[:, :weeks]

    def up_mw_weeks(self) -> Array:
        """MW-weeks of power up until the end of the plan's weeks; shape (draws,)."""
        left = np.maximum(0.0, self.plan.portfolio.weeks - self.phase_finish)
        return np.asarray((left * self.phase_mw).sum(axis=1))

    def binding(self) -> Array:
        """The cause with most MW waiting by region and week, -1 where none waits; shape (regions, weeks)."""
        return np.where(self.waiting_mw.max(axis=0) > 0.0, self.waiting_mw.argmax(axis=0), -1)

    def binding_names(self, week: int) -> dict[str, str]:
        """What binds in each region in a week: an item or a trade by name, nothing as an empty text."""
        names = (*cause_names(self.plan), "")
        return {region: names[code] for region, code in zip(self.plan.regions, self.binding()[:, week], strict=True)}


def ensemble(
    what: Portfolio | Plan, draws: int = 1000, seed: int = 1, threads: int | None = None,
    said: Callable[[str, float], None] = lambda what, done: None,
) -> Ensemble:  # fmt: skip
    """Scenarios 0 to `draws` - 1 of a seed, without the history of each task; the same whatever the number of threads.

    Workers are a flow: a gang begins with what is left of them, and is slower for it. In the event simulation it waits
    until all its workers are free.

    Args:
        draws: Without any (0) there is one scenario, in which everything takes its median and no shock comes.
        said: Is told what is being done, and the share done.

    Raises:
        ValueError: `draws` is below 0, or the portfolio cannot be laid out (see `plan`).
    """
    laid = _laid(what, draws)
    work, room_for = laid.work, _rooms(laid.work)
    rows = max(draws, 1)
    phase, phases = _phases(laid)
    mw = np.array([task.mw for task in laid.tasks])
    projects = np.empty((rows, len(laid.portfolio.projects)))
    found = np.empty((rows, phases))
    causes, horizon = len(laid.pools) + len(laid.crews), work.pace.shape[1]

    def block(first: int, last: int) -> Array:
        waits = np.zeros((causes, len(laid.regions), horizon + 2))
        run_flows(
            work, seed, first if draws else MEDIAN, phase, mw, *room_for(), projects[first:last], found[first:last],
            waits,
        )  # fmt: skip
        return waits

    waits = np.zeros((causes, len(laid.regions), horizon + 2))
    for n, part in enumerate(in_blocks(block, rows, threads)):
        waits += part
        said(f"scenarios of {len(laid.tasks)} tasks", min(1.0, (n + 1) * BLOCK / rows))
    _of_projects(laid, phase, projects, found)
    waiting_mw = np.maximum(0.0, np.cumsum(waits, axis=2)[:, :, :horizon] / rows)
    return Ensemble(
        plan=laid, seed=seed, draws=draws, project_finish=projects, phase_finish=found, waiting_mw=waiting_mw
    )  # fmt: skip


def flow(what: Portfolio | Plan, draws: int = 1000, seed: int = 1, threads: int | None = None) -> Outcome:
    """The same scenarios as `ensemble` with every task of each.

    Raises:
        ValueError: `draws` is below 0, or the portfolio cannot be laid out (see `plan`).
    """
    laid = _laid(what, draws)
    work, room_for = laid.work, _rooms(laid.work)
    rows = max(draws, 1)
    ready, begin, finish = (np.empty((rows, len(work.weeks))) for _ in range(3))
    cause = np.empty((rows, len(work.weeks)), np.int64)
    arrives = np.empty((rows, len(work.order_item)))

    def block(first: int, last: int) -> None:
        run_tasks(
            work, seed, first if draws else MEDIAN, *room_for(), ready[first:last], begin[first:last],
            finish[first:last], cause[first:last], arrives[first:last],
        )  # fmt: skip

    run_blocks(block, rows, threads)
    return Outcome(
        plan=laid, method="fluid", seed=seed, draws=draws, ready=ready, begin=begin, finish=finish, cause=cause,
        arrives=arrives,
    )  # fmt: skip


def _laid(what: Portfolio | Plan, draws: int) -> Plan:
    if draws < 0:
        raise ValueError(f"draws {draws}: wants 0 (medians only) or more")
    return plan(what) if isinstance(what, Portfolio) else what


def _rooms(work: Work) -> Callable[[], tuple[Drawn, Desk, Yard]]:
    """What makes the room that one thread needs."""
    after, first_after = successors(work)

    def room() -> tuple[Drawn, Desk, Yard]:
        return blank(work), desk(work), yard(work, after, first_after)

    return room


def _phases(laid: Plan) -> tuple[Array, int]:
    """The phase of each task among those of all projects, -1 for what is done once for the site; their number."""
    first = np.concatenate(([0], np.cumsum([len(project.phases) for project in laid.portfolio.projects])))
    phase = laid.work.phase
    return np.where(phase < 0, -1, first[laid.work.project] + phase).astype(np.int64), int(first[-1])


def _of_projects(laid: Plan, phase: Array, projects: Array, phases: Array) -> None:
    """Phases without tasks of their own come with their project.

    Changes: phases.
    """
    of = np.repeat(np.arange(projects.shape[1]), [len(project.phases) for project in laid.portfolio.projects])
    bare = np.setdiff1d(np.arange(phases.shape[1]), phase)
    phases[:, bare] = projects[:, of[bare]]


def _week(finish: Array, weeks: int) -> Array:
    """The week within which something comes up, `weeks` where it is later."""
    return np.asarray(np.clip(np.ceil(np.minimum(finish, weeks + 1)) - 1, 0, weeks), np.int64)
