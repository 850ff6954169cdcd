"""What a Gantt chart shows of a schedule: bars of every task, lines of every project, workers in use, power over time.

All times are weeks from the start of the plan.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.buildout.holding import Held
from gigawatt.buildout.outcome import OWN, Outcome, cause_names, quantile, quantiles, week_of
from gigawatt.buildout.schedule_rows import binding_rows, held_by, project_rows, short_place, year_rows
from gigawatt.report.words import month as month_of
from gigawatt.report.words import opening, readable

Array = np.ndarray
Row = dict[str, Any]
FAR = 1.3  # times the latest median at which the chart ends; whiskers that go on have an arrow
BEYOND = "beyond the plan"
CENTURY = 5_200.0  # weeks; what comes later never comes
MOST_REGIONS = 2  # that share an item and are named
SOME_DRAWS = 1 / 3  # from which a delivery is told to bind a task
LEAST_CREWS, MOST_CREWS = 2, 6  # that are shown
IN_USE = 0.25  # peak share of a pool of workers in use from which more than the least are


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A task: median begin and finish, P10 and P90 of the finish, and what it waits for last."""

    stage: str
    phase: int  # -1: once for the site
    mw: float
    begin: float
    finish: float
    low: float
    high: float
    critical: float  # share of draws in which it is on the critical path of its project
    cause: str  # empty: its own predecessors
    cause_share: float
    delivered: bool  # whether the cause is an item


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A project: its bars, when it is up in full (P10, P50, P90), when it is due, and what holds it."""

    name: str
    region: str
    mw: float
    energised_mw: float
    bars: tuple[Bar, ...]
    phases: int
    full: tuple[float, float, float]
    due: float | None
    held_by: str
    held_share: float

    @property
    def is_late(self) -> bool:
        """Whether its median is after its due date."""
        return self.due is not None and self.full[1] > self.due


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """A pool of workers: in use and there, by week."""

    name: str
    used: Array
    there: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Gantt:
    """All that is drawn."""

    title: str
    answer: str
    meta: str
    start: dt.date
    end: float  # week at which the drawing ends
    stages: tuple[str, ...]
    lines: tuple[Line, ...]
    workers: tuple[Workers, ...]
    power: Array  # (3, weeks) P10, P50 and P90 of MW that are up, with what was up before
    due_mw: Array  # (weeks,) MW by contract dates; empty where not all projects have one
    projects: tuple[Row, ...]  # rows of tables: of projects,
    causes: tuple[Row, ...]  # of what tasks wait for, most first,
    years: tuple[Row, ...]  # and of power by the end of each year
    up: tuple[str, str, str]  # month in which all of it is up: P10, P50, P90

    def date(self, week: float) -> dt.date:
        """The day of a week."""
        return self.start + dt.timedelta(days=math.floor(week * 7 + 1e-6))


def gantt(outcome: Outcome, held: Held) -> Gantt:
    """The chart of a schedule."""
    lines = tuple(lines_of(outcome, held))
    plan = outcome.plan
    weeks = plan.portfolio.weeks
    medians = [line.full[1] for line in lines if math.isfinite(line.full[1])] or [float(weeks)]
    highs = [line.full[2] if math.isfinite(line.full[2]) else float(weeks) for line in lines]
    end = min(max(highs) * 1.02, max(medians) * FAR, float(weeks)) + 4.0
    before_mw = sum(line.energised_mw for line in lines)
    used = {bar.stage for line in lines for bar in line.bars}
    causes, start = binding_rows(outcome, held), plan.portfolio.start
    low, median, high = (month(start, float(week)) for week in quantiles(outcome.project_finish().max(axis=1)))
    return Gantt(
        title="When each campus comes up", answer=answer(lines, causes, (low, median, high)), meta=meta(outcome),
        start=start, end=end, stages=tuple(stage for stage in plan.stages if stage in used), lines=lines,
        workers=workers(outcome), power=quantiles(outcome.energised_mw()) + before_mw,
        due_mw=due_mw(lines, weeks, before_mw), projects=tuple(project_rows(outcome, held)), causes=tuple(causes),
        years=tuple(year_rows(outcome)), up=(low, median, high),
    )  # fmt: skip


def meta(outcome: Outcome) -> str:
    """Size of the portfolio, and how it was followed."""
    projects, start = outcome.plan.portfolio.projects, outcome.plan.portfolio.start
    drawn = f"{outcome.draws:,} draws" if outcome.draws else "all at medians"
    many = "1 project" if len(projects) == 1 else f"{len(projects)} projects"
    engine = "event simulation" if outcome.method == "events" else "weekly fluid engine"
    return f"{many}, {sum(project.mw for project in projects):,.0f} MW to build, from {start}; {engine}, {drawn}"


def answer(lines: Sequence[Line], causes: Sequence[Row], up: tuple[str, str, str]) -> str:
    """The chart in a sentence or two."""
    said = f"All of it is up by {up[1]} in the median, by {up[0]} in one draw of ten, by {up[2]} in nine."
    said = said.replace(f"by {BEYOND}", BEYOND)
    if causes and causes[0]["held_share"] > 0.0:
        what, lost, held = (causes[0][key] for key in ("cause", "share", "held_share"))
        said += (
            f" {opening(words(what))} holds most: {100 * held:.0f} % of the MW wait longest for it,"
            f" {100 * lost:.0f} % of all waiting."
        )
    late, dated = sum(line.is_late for line in lines), sum(line.due is not None for line in lines)
    if dated:
        said += (
            f" {late or 'None'} of {dated} projects with a due date {'is' if late == 1 else 'are'} late in the median."
        )
    return said


def lines_of(outcome: Outcome, held: Held) -> Iterator[Line]:
    """The projects in the order of their median."""
    plan, full = outcome.plan, quantiles(outcome.project_finish())
    bars = bars_of(outcome, held)
    for p in sorted(range(len(plan.portfolio.projects)), key=lambda p: (float(full[1, p]), p)):
        project = plan.portfolio.projects[p]
        name, _, share = held_by(outcome, held, p)
        low, median, high = (float(week) for week in full[:, p])
        yield Line(
            name=project.name, region=project.region, mw=project.mw, energised_mw=project.energised_mw,
            bars=tuple(bars[p]), phases=len(project.phases), full=(low, median, high),
            due=None if project.due is None else week_of(plan, project.due), held_by=words(name), held_share=share,
        )  # fmt: skip


def bars_of(outcome: Outcome, held: Held) -> list[list[Bar]]:
    """The tasks of each project that are not done before the plan."""
    plan, names = outcome.plan, cause_names(outcome.plan)
    begin, finish = quantile(outcome.begin, 0.5), quantiles(outcome.finish)
    found: list[list[Bar]] = [[] for _ in plan.portfolio.projects]
    for j, task in enumerate(plan.tasks):
        if task.is_done:
            continue
        code, count = Counter(outcome.cause[:, j].tolist()).most_common(1)[0]
        share = count / outcome.rows
        bar = Bar(
            stage=task.stage.name, phase=task.phase, mw=task.mw, begin=float(begin[j]), finish=float(finish[1, j]),
            low=float(finish[0, j]), high=float(finish[2, j]), critical=float(held.critical[j]),
            cause="" if code == OWN else words(names[code]), cause_share=share,
            delivered=OWN < code < len(plan.pools) and share >= SOME_DRAWS,
        )  # fmt: skip
        found[task.project].append(bar)
    return found


def workers(outcome: Outcome) -> tuple[Workers, ...]:
    """The pools of workers that are used most, with the mean of the draws by week; the busiest first."""
    plan, work = outcome.plan, outcome.plan.work
    weeks = plan.portfolio.weeks
    held = np.zeros((len(plan.crews), weeks + 2))
    for j in np.flatnonzero((work.crew >= 0) & (work.weeks > 0.0)).tolist():
        for times, sign in ((outcome.begin[:, j], 1.0), (outcome.finish[:, j], -1.0)):
            week = np.minimum(times, weeks + 1).astype(np.int64)
            held[work.crew[j]] += sign * work.workers[j] * np.bincount(week, minlength=weeks + 2)[: weeks + 2]
    used = held.cumsum(axis=1)[:, :weeks] / outcome.rows
    share = (used / np.maximum(work.available, 1.0)).max(axis=1, initial=0.0)
    ordered = [k for k in np.argsort(-share, kind="stable").tolist() if share[k] > 0.0]
    busy = sum(share[k] >= IN_USE for k in ordered)
    order = ordered[: min(MOST_CREWS, max(busy, LEAST_CREWS))]
    return tuple(
        Workers(
            name=f"{plan.crews[k].trade}, {place(short_place(plan.crews[k].place))}",
            used=used[k],
            there=plan.work.available[k],
        )
        for k in order
    )


def due_mw(lines: Sequence[Line], weeks: int, before_mw: float) -> Array:
    """Power by week if every project were up in full on its date; empty where one has none."""
    if any(line.due is None for line in lines):
        return np.empty(0)
    found = np.full(weeks, before_mw)
    for line in lines:
        found[max(0, math.ceil(line.due or 0.0)) :] += line.mw
    return found


def month(start: dt.date, week: float) -> str:
    """Month and year of a week that comes."""
    return month_of(start + dt.timedelta(weeks=week)) if week < CENTURY else BEYOND


def words(name: str) -> str:
    """A cause of the catalog in words: "grid_connection in us_tx" is "grid connection, Texas"."""
    what, _, where = name.partition(" in ")
    where = short_place(where)
    regions = where.split(" and ") if where else []
    if len(regions) > MOST_REGIONS:
        return f"{readable(what)}, {len(regions)} regions"
    return ", ".join(filter(None, (readable(what), " and ".join(map(place, regions)))))


def place(region: str) -> str:
    """A region in words: "us_midwest" is "US Midwest", "us_tx" is "Texas"."""
    return " ".join(map(opening, readable(region).split(" "))).replace("US Texas", "Texas")
