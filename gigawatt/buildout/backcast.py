"""A backcast: when published campuses came up, against what the model says from what was known after six months.

Durations are those of the catalog. Of a campus go into its prediction what is dated within `KNOWN_WEEK` weeks of its
first works, and of the others what is dated by then. Deliveries, crews and the grid are not scarce here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gigawatt import catalog
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
KNOWN_WEEK = 26.0  # after the first works: what is dated by then may be used
PHASE_MW = 200.0  # of every phase: that of the catalog's durations; what came up later is not looked at
GOAL_PHASES = 5  # of a gigawatt
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
    over: str  # stage of the first phase that was seen to be over in time
    months: float  # that it took
    p10: float
    p50: float
    p90: float
    naive: float  # median of those up in time, or middle of a published range

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
        """The same of the naive prediction."""
        return self.naive - self.months


def backcast(
    draws: int = 32000, seed: int = 1, threads: int | None = None, sites: Sequence[Campus] | None = None
) -> tuple[Backcast, ...]:
    """Predictions of the first power of every campus of the catalog (or of `sites`), and of the first gigawatt of those
    that have one for a goal."""
    sites = campuses() if sites is None else sites
    cases = [(site, what, wanted_mw(site, what)) for what in (FIRST, GOAL) for site in sites if wanted_mw(site, what)]
    found = simulate(quiet([_project(site, what, sites) for site, what, _ in cases]), draws, seed, threads)
    drawn = weeks_up(found) * MONTHS_PER_WEEK
    rows = []
    for n, (site, what, mw) in enumerate(cases):
        day, is_seen = site.reached(mw)
        p10, p50, p90 = quantiles(drawn[agreeing(found, n, site), n]).tolist()
        rows.append(Backcast(
            campus=site, what=what, mw=mw, day=day, is_seen=is_seen, over=seen_over(site)[1],
            months=MONTHS_PER_WEEK * site.weeks_to(day), p10=p10, p50=p50, p90=p90,
            naive=naive_months(site, what, sites),
        ))  # fmt: skip
    return tuple(rows)


def known_by(site: Campus) -> dt.date:
    """The last day whose facts may go into the prediction of a campus."""
    return site.start + dt.timedelta(weeks=KNOWN_WEEK)


def seen_over(site: Campus) -> tuple[dt.date, str]:
    """The stage of the first phase that was seen to be over in time, and the day; "" where there is none."""
    if site.over is None or site.over[0] > known_by(site):
        return site.start, ""
    return site.over


def wanted_mw(site: Campus, what: str) -> float:
    """Power whose day is asked for; 0 where the campus has no goal of more than a phase."""
    if what == FIRST:
        return site.first[1]
    return site.goal_mw if site.goal_mw > PHASE_MW else 0.0


def stagger_weeks(site: Campus, sites: Sequence[Campus]) -> float:
    """Weeks from the begin of a phase to that of the next: as seen at the site in time; or median of what came up at
    the other campuses in time, by PHASE_MW; or the catalog's own estimate."""
    own = [day for day in site.begun if day <= known_by(site)]
    if own:
        return site.weeks_to(own[-1]) / len(own)
    found = []
    for other in sites:
        up = [(day, mw) for day, mw in other.up if day <= known_by(site)]
        if other.key != site.key and len(up) > 1:
            (first_day, first_mw), (last_day, last_mw) = up[0], up[-1]
            found.append((last_day - first_day).days / DAYS_PER_WEEK * PHASE_MW / (last_mw - first_mw))
    return float(np.median(found)) if found else float(catalog.value("buildout", "backcast", "pace_weeks"))


def naive_months(site: Campus, what: str, sites: Sequence[Campus]) -> float:
    """Months as a guess without a model: median of the others that were up in time, or where there is none the
    geometric middle of a published range."""
    took = []
    for other in sites:
        mw = wanted_mw(other, what)
        days = [day for day, up in other.up if up >= mw > 0.0 and day <= known_by(site)]
        if other.key != site.key and days:
            took.append(MONTHS_PER_WEEK * other.weeks_to(days[0]))
    if took:
        return float(np.median(took))
    if what == FIRST:
        return float(catalog.value("facts", "construction", "facility_construction"))
    ends = [float(catalog.value("facts", "construction", f"epoch_start_to_1_gw_{end}est")) for end in ("fast", "slow")]
    return math.sqrt(ends[0] * ends[1])


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


def _project(site: Campus, what: str, sites: Sequence[Campus]) -> Project:
    return Project(
        name=f"{site.key}, {what}", region=site.region, start=site.start, shell=site.shell,
        phases=(PHASE_MW,) * (1 if what == FIRST else GOAL_PHASES), stagger_weeks=stagger_weeks(site, sites),
    )  # fmt: skip


def agreeing(found: Outcome, n: int, site: Campus) -> Array:
    """Draws in which the first phase of project `n` is as it was seen in time: not up within KNOWN_WEEK weeks, and the
    stage over that was seen to be over by its day.

    Where fewer than LEAST_KEPT agree, those that are least weeks away from it. A campus that was up by then is
    predicted from its first day.
    """
    if site.weeks_to(site.first[0]) <= KNOWN_WEEK:
        return np.arange(found.rows)
    plan_ = found.plan
    start_week = (site.start - plan_.portfolio.start).days / DAYS_PER_WEEK
    ended = {task.stage.name: found.finish[:, j] - start_week for j, task in enumerate(plan_.tasks)
             if task.project == n and task.phase == 0}  # fmt: skip
    off = np.maximum(0.0, KNOWN_WEEK - ended["commissioning"])
    day, over = seen_over(site)
    if over:
        off += np.maximum(0.0, ended[over] - site.weeks_to(day))
    enough = np.partition(off, LEAST_KEPT - 1)[LEAST_KEPT - 1] if len(off) > LEAST_KEPT else math.inf
    return np.flatnonzero(off <= enough)


def scores(rows: Sequence[Backcast]) -> dict[str, float]:
    """Median absolute error and bias in months, share within P10 to P90, and the error of the naive prediction."""
    errors = np.array([row.error for row in rows])
    return {
        "cases": len(rows),
        "median_error_months": float(np.median(abs(errors))),
        "bias_months": float(np.median(errors)),
        "coverage": float(np.mean([row.is_within for row in rows])),
        "naive_error_months": float(np.median([abs(row.naive_error) for row in rows])),
    }
