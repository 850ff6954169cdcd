"""A backcast: when published campuses came up, against what the model says of them from facts of the first six months.

Nothing of a campus but those facts goes into its own prediction: the tempo of its builder, the level of all durations
and the pace of phases come from the other campuses (leave one out). Deliveries, crews and the grid are not scarce here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gigawatt.buildout.campuses import Campus, campuses
from gigawatt.buildout.events import simulate
from gigawatt.buildout.layout import laid_out
from gigawatt.buildout.outcome import Outcome, quantiles
from gigawatt.buildout.plan import Plan, tasks_of
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.stages import SITE, standard_stages
from gigawatt.buildout.tasks import Task
from gigawatt.units import DAYS_PER_WEEK, MONTHS_PER_YEAR, WEEKS_PER_YEAR

Array = np.ndarray
FIRST, GOAL = "first power", "goal"
KNOWN_WEEK = 26.0  # after the start: what was seen by then may be used
PHASE_MW = 200.0  # of a phase, where only the whole is known
DOUBT = 1.0  # campuses of a builder that weigh as much as all others together
LEAST_KEPT = 100  # draws that agree best with what was seen, where fewer agree in full
MONTHS_PER_WEEK = MONTHS_PER_YEAR / WEEKS_PER_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Backcast:
    """One prediction beside what came; months are from the first works."""

    campus: Campus
    what: str  # FIRST or GOAL
    mw: float
    day: dt.date  # on which so many MW were up
    is_seen: bool  # or only expected, shortly before
    tempo: float  # that the other campuses give
    months: float  # that it took
    p10: float
    p50: float
    p90: float
    naive: float  # median of the others

    @property
    def error(self) -> float:
        """Predicted less actual, in months."""
        return self.p50 - self.months

    @property
    def is_within(self) -> bool:
        """Whether it came between P10 and P90."""
        return self.p10 <= self.months <= self.p90

    @property
    def forecast_error(self) -> float | None:
        """The same of the forecast that others made a few months before; None where there is none."""
        if self.what != GOAL or self.campus.forecast is None:
            return None
        return MONTHS_PER_WEEK * self.campus.weeks_to(self.campus.forecast) - self.months

    @property
    def naive_error(self) -> float:
        """The same of the median of the others."""
        return self.naive - self.months


def backcast(draws: int = 16000, seed: int = 1, threads: int | None = None) -> tuple[Backcast, ...]:
    """Predictions of the first power of every campus of the catalog, and of the goals of those that have one."""
    sites = campuses()
    cases = [(site, FIRST, site.first[1]) for site in sites]
    cases += [(site, GOAL, site.goal_mw) for site in sites if site.goal_mw > site.first[1]]
    took = np.array([site.weeks_to(site.reached(mw)[0]) for site, _, mw in cases])
    usual = simulate(quiet([_project(site, what) for site, what, _ in cases]), draws=0)  # medians, all phases at once
    logs = np.log(took[: len(sites)] / weeks_up(usual)[0, : len(sites)])
    tempos = [tempo_of(site, sites, logs) for site, _, _ in cases]
    projects = [
        _project(site, what, tempo, stagger_weeks(site, sites, tempo * gain_weeks(usual, n)))
        for n, ((site, what, _), tempo) in enumerate(zip(cases, tempos, strict=True))
    ]
    found = simulate(quiet(projects), draws=draws, seed=seed, threads=threads)
    drawn = weeks_up(found) * MONTHS_PER_WEEK
    rows = []
    for n, (site, what, mw) in enumerate(cases):
        day, is_seen = site.reached(mw)
        p10, p50, p90 = quantiles(drawn[agreeing(found, n, site), n]).tolist()
        others = [took[k] for k, (other, kind, _) in enumerate(cases) if kind == what and other.key != site.key]
        rows.append(Backcast(
            campus=site, what=what, mw=mw, day=day, is_seen=is_seen, tempo=tempos[n],
            months=MONTHS_PER_WEEK * float(took[n]), p10=p10, p50=p50, p90=p90,
            naive=MONTHS_PER_WEEK * float(np.median(others)),
        ))  # fmt: skip
    return tuple(rows)


def phases_of(site: Campus, what: str) -> tuple[float, ...]:
    """MW of the phases: the first that comes up, and for a goal what else was begun in time or phases of PHASE_MW."""
    first = site.first[1]
    if what == FIRST:
        return (first,)
    if site.begun:
        return tuple(mw for _, mw in site.begun)
    count = max(1, round((site.goal_mw - first) / PHASE_MW))
    return (first, *((site.goal_mw - first) / count for _ in range(count)))


def stagger_weeks(site: Campus, others: Sequence[Campus], gain: float) -> float:
    """Weeks from the begin of a phase to that of the next: as seen in time, or so that phases come up at the pace of
    the other campuses although each takes `gain` weeks less than the one before."""
    if len(site.begun) > 1:
        return site.weeks_to(site.begun[-1][0]) / (len(site.begun) - 1)
    return pace_weeks(site, others) + gain


def gain_weeks(usual: Outcome, n: int) -> float:
    """Weeks by which each phase of project `n` is quicker than the one before, on average, all begun at once."""
    up = [float(week) for (p, _), week in zip(usual.phases, usual.phase_finish()[0], strict=True) if p == n]
    return (up[0] - up[-1]) / (len(up) - 1) if len(up) > 1 else 0.0


def weeks_up(found: Outcome) -> Array:
    """Weeks from the start of each project to the power of all its phases; shape (draws, projects)."""
    start = found.plan.portfolio.start
    begun = [(project.start - start).days / DAYS_PER_WEEK for project in found.plan.portfolio.projects]
    return np.asarray(found.project_finish() - np.array(begun))


ONCE = tuple(stage.name for stage in standard_stages() if stage.per == SITE)
AT_ONCE = 1e-6  # weeks of what is done before the first works, or beside them


def quiet(projects: Sequence[Project]) -> Plan:
    """A plan of projects that wait for no delivery, no workers and no grid: what is left is construction."""
    stages = tuple(replace(stage, workers_per_mw=0.0) for stage in standard_stages())
    projects = [replace(project, weeks=dict.fromkeys(ONCE, AT_ONCE)) for project in projects]
    portfolio = Portfolio(projects=tuple(projects), start=min(one.start for one in projects), stages=stages)
    tasks: list[Task] = []
    for p in range(len(projects)):
        own = tasks_of(portfolio, p, len(tasks))
        tasks += [replace(task, orders=(), is_done=task.is_done or task.stage.per == SITE) for task in own]
    return Plan(
        portfolio=portfolio, tasks=tuple(tasks), regions=tuple(dict.fromkeys(one.region for one in projects)),
        stages=tuple(stage.name for stage in portfolio.stages), pools=(), crews=(), shocks=(),
        work=laid_out(portfolio, tasks, (), (), ()),
    )  # fmt: skip


def _project(site: Campus, what: str, tempo: float = 1.0, stagger: float = 0.0) -> Project:
    return Project(
        name=f"{site.key}, {what}", region=site.region, start=site.start, phases=phases_of(site, what),
        shell=site.shell, tempo=tempo, stagger_weeks=stagger,
    )  # fmt: skip


def tempo_of(site: Campus, others: Sequence[Campus], logs: Array) -> float:
    """Factor on all durations for one campus, from the first power of the others; `logs` are ln(took / model).

    The level is the median of those in the same kind of shell; the builder's own part is the mean of what his other
    campuses differ from it, shrunk by n / (n + DOUBT).
    """
    alike = [n for n, other in enumerate(others) if other.key != site.key and other.shell == site.shell]
    level = float(np.median(logs[alike]))
    own = [logs[n] - level for n in alike if others[n].builder == site.builder]
    return math.exp(level + sum(own) / (len(own) + DOUBT))


def pace_weeks(site: Campus, others: Sequence[Campus]) -> float:
    """Weeks from one phase to the next, median of the other campuses with a goal."""
    found = []
    for other in others:
        if other.key != site.key and other.goal_mw > other.first[1]:
            day, mw = (other.up + other.expected)[-1]
            found.append((day - other.first[0]).days / DAYS_PER_WEEK * PHASE_MW / (mw - other.first[1]))
    return float(np.median(found))


def agreeing(found: Outcome, n: int, site: Campus) -> Array:
    """Draws in which the first phase of project `n` stands, six months after its start, where it was seen to stand.

    Where fewer than LEAST_KEPT agree, those that are least weeks away from it. A campus that was up by then is
    predicted from its first day.
    """
    if site.weeks_to(site.first[0]) <= KNOWN_WEEK:
        return np.arange(found.rows)
    plan_ = found.plan
    known = KNOWN_WEEK + (site.start - plan_.portfolio.start).days / DAYS_PER_WEEK
    done = {task.stage.name: found.finish[:, j] for j, task in enumerate(plan_.tasks)
            if task.project == n and task.phase == 0}  # fmt: skip
    fitted = np.maximum(done["electrical"], done["mechanical"])
    begun, ended = {
        "": (None, done["commissioning"]), "earthworks": (None, done["earthworks"]),
        "shell": (done["earthworks"], done["shell"]), "electrical": (done["shell"], fitted),
        "racks": (fitted, done["commissioning"]),
    }[site.seen]  # fmt: skip
    off = np.maximum(0.0, known - ended) + (np.maximum(0.0, begun - known) if begun is not None else 0.0)
    enough = np.partition(off, LEAST_KEPT - 1)[LEAST_KEPT - 1] if len(off) > LEAST_KEPT else math.inf
    return np.flatnonzero(off <= enough)


def scores(rows: Sequence[Backcast]) -> dict[str, float]:
    """Median absolute error and bias in months, share within P10 to P90, and the error of the naive median."""
    errors = np.array([row.error for row in rows])
    return {
        "cases": len(rows),
        "median_error_months": float(np.median(abs(errors))),
        "bias_months": float(np.median(errors)),
        "coverage": float(np.mean([row.is_within for row in rows])),
        "naive_error_months": float(np.median([abs(row.naive_error) for row in rows])),
    }
