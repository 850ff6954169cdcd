"""What a schedule says, as rows of tables: projects, tasks, what binds, and power by the end of each year."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.awaited import NOTHING
from gigawatt.buildout.floats import floats
from gigawatt.buildout.holding import Held
from gigawatt.buildout.outcome import OWN, OWN_NAME, Outcome, cause_names, date_of, quantile, quantiles, week_of

Row = dict[str, Any]
TINY = 1e-300


def project_rows(outcome: Outcome, held: Held) -> list[Row]:
    """A row for each project: dates of full power, first power, what holds it, and how it stands to its due date.

    `mw` is what is left to build; `first_power` is the median of the first phase to come, where some is up already the
    next one.
    `held_by` is what the chain of the project waits for longest in most draws, `held_share` the share of these; a
    project that waits for nothing in most has the stage of most work there. Float and delay are those of the median.
    """
    plan, phases = outcome.plan, np.array([project for project, _ in outcome.phases])
    full, first = quantiles(outcome.project_finish()), outcome.phase_finish()
    rows = []
    for p, project in enumerate(plan.portfolio.projects):
        begins = date_of(plan, float(quantile(first[:, phases == p].min(axis=1), 0.5)))
        name, weeks, share = held_by(outcome, held, p)
        slack = float("nan") if project.due is None else week_of(plan, project.due) - float(full[1, p])
        on_time = None if project.due is None else float(outcome.probability_by(project.due)[p])
        rows.append({
            "project": project.name, "region": project.region, "mw": project.mw, "energised_mw": project.energised_mw,
            "stage": project.stage, "first_power": begins,
            **{f"p{n}": date_of(plan, float(week)) for n, week in zip((10, 50, 90), full[:, p], strict=True)},
            "held_by": name, "held_weeks": weeks, "held_share": share, "due": project.due,
            "float_weeks": max(0.0, slack) if slack == slack else None,
            "delay_weeks": max(0.0, -slack) if slack == slack else None, "on_time": on_time,
        })  # fmt: skip
    return rows


def held_by(outcome: Outcome, held: Held, project: int) -> tuple[str, float, float]:
    """The name of what holds a project, mean weeks of it on the chain, and its share of the draws."""
    code, weeks, share = held.of(project)
    if code != NOTHING:
        return cause_names(outcome.plan)[code], weeks, share
    stage = held.longest_work(project)
    return f"own work: {outcome.plan.stages[stage]}", float(held.working[:, project, stage].mean()), share


def task_rows(outcome: Outcome, held: Held, medians: Outcome, project: str | None = None) -> list[Row]:
    """A row for each task that is not done before the plan: dates, duration, what it waits for, how often critical.

    `critical` is the share of draws in which it is on the critical path of its project; `cause` is what it waits for
    last in most draws; `float_weeks` is its total float where all take their medians (`medians`: without draws).
    """
    slack = floats(medians).total
    plan, names = outcome.plan, cause_names(outcome.plan)
    begin, finish = quantile(outcome.begin, 0.5), quantiles(outcome.finish)
    took = quantile(outcome.finish - np.where(np.isfinite(outcome.begin), outcome.begin, 0.0), 0.5)
    rows = []
    for j, task in enumerate(plan.tasks):
        own = plan.portfolio.projects[task.project]
        if task.is_done or project not in (None, own.name):
            continue
        code, count = Counter(outcome.cause[:, j].tolist()).most_common(1)[0]
        rows.append({
            "project": own.name, "phase": None if task.phase < 0 else task.phase + 1, "stage": task.stage.name,
            "mw": task.mw, "begin": date_of(plan, float(begin[j])), "weeks": float(took[j]),
            **{f"p{n}": date_of(plan, float(week)) for n, week in zip((10, 50, 90), finish[:, j], strict=True)},
            "cause": OWN_NAME if code == OWN else names[code], "cause_share": count / outcome.rows,
            "critical": float(held.critical[j]),
            "float_weeks": float(slack[j]),
        })  # fmt: skip
    return rows


def binding_rows(outcome: Outcome, held: Held) -> list[Row]:
    """What holds the portfolio, most first: `held_share` is the part of the MW, over all draws, that waits for it
    longest, `holds` names the projects that do so in most draws. Beside it weeks waited on the chains of projects by
    their MW, in the mean of the draws (usual lead times are part of them), with the share of all such waits; and what
    all tasks waited by their MW.

    What is rare but long may weigh much and hold little, so waits are not what the causes are ordered by.
    """
    plan, waited = outcome.plan, outcome.held()
    projects, names = plan.portfolio.projects, cause_names(plan)
    mw = np.array([project.mw for project in projects])
    chains, longest = mw @ held.waiting.mean(axis=0), held.longest()
    shares = [float((mw * (longest == code)).sum(axis=1).mean() / mw.sum()) for code in range(len(names))]
    holds: dict[int, list[str]] = {}
    for p, project in enumerate(projects):
        holds.setdefault(held.of(p)[0], []).append(project.name)
    return [
        {
            "cause": names[code],
            "mw_weeks": float(chains[code]),
            "share": float(chains[code] / max(chains.sum(), TINY)),
            "held_share": shares[code],
            "task_mw_weeks": float(waited[code]),
            "projects": len(holds.get(code, ())),
            "holds": ", ".join(holds.get(code, ())),
        }
        for code in np.lexsort((-waited, -chains, -np.array(shares))).tolist()
        if waited[code] > 0.0
    ]


@cache
def short_place(place: str) -> str:
    """The key of a region in place of the name of a nation, or group of them, that is one region: asia, europe."""
    own = [region for region in catalog.items("regions") if catalog.value("regions", region, "nation") == place]
    return own[0] if len(own) == 1 else place


def year_rows(outcome: Outcome) -> list[Row]:
    """Power that is up at the end of each year, with what was up before the plan: P10, P50 and P90 of the draws.

    P90 is what nine draws of ten do not exceed. The last year is that in which nine draws of ten have all of it.
    """
    portfolio = outcome.plan.portfolio
    before_mw = sum(project.energised_mw for project in portfolio.projects)
    mw = quantiles(outcome.energised_mw()) + before_mw
    end = date_of(outcome.plan, float(quantile(outcome.project_finish().max(axis=1), 0.9)))
    horizon = portfolio.start + dt.timedelta(weeks=portfolio.weeks)
    last = min(end or horizon, horizon).year
    rows = []
    for year in range(portfolio.start.year, last + 1):
        week = min(portfolio.weeks, int(week_of(outcome.plan, dt.date(year, 12, 31)))) - 1
        if week >= 0:
            rows.append({"year": year, **{f"p{n}_mw": float(mw[k, week]) for k, n in enumerate((10, 50, 90))}})
    return rows
