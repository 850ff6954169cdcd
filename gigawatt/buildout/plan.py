"""From a portfolio to its arrays: tasks of every phase, what they wait for, and the pools they draw on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gigawatt import catalog
from gigawatt.buildout.design import Need, bill
from gigawatt.buildout.layout import laid_out
from gigawatt.buildout.progress import befores, course, keys, later_weeks, progress, weeks_gone
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import GRID, ONSITE, PHASE, Stage
from gigawatt.buildout.supply import Crew, Pool, Shock, crews_of, pools_of, shocks_of
from gigawatt.buildout.tasks import Task
from gigawatt.buildout.work import Work
from gigawatt.units import DAYS_PER_WEEK, MONTHS_PER_YEAR, WEEKS_PER_YEAR

MONTHS_OF = {"interconnection": "grid_months"}  # stages whose months the table `regions` has

MOST_DONE = 0.999999  # of a task: what is left keeps a duration above 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A portfolio laid out: its tasks and pools by name, and all of it as arrays."""

    portfolio: Portfolio
    tasks: tuple[Task, ...]
    regions: tuple[str, ...]
    stages: tuple[str, ...]
    pools: tuple[Pool, ...]
    crews: tuple[Crew, ...]
    shocks: tuple[Shock, ...]
    work: Work


def plan(portfolio: Portfolio) -> Plan:
    """Lay out a portfolio.

    Raises:
        ValueError: A region, chip, item or stage is unknown, or an item or crew that a project needs has no supply.
    """
    projects = portfolio.projects
    tasks: list[Task] = []
    for p in range(len(projects)):
        tasks += tasks_of(portfolio, p, len(tasks))
    region_of = [projects[task.project].region for task in tasks]
    pools = pools_of(
        {(need.item, r) for task, r in zip(tasks, region_of, strict=True) for need in task.orders}, portfolio
    )
    crewed = {(task.stage.trade, r) for task, r in zip(tasks, region_of, strict=True) if task.wants_crew}
    crews, shocks = crews_of(crewed, portfolio), shocks_of(pools)
    return Plan(
        portfolio=portfolio, tasks=tuple(tasks), regions=tuple(dict.fromkeys(region_of)),
        stages=tuple(stage.name for stage in portfolio.stages), pools=pools, crews=crews, shocks=shocks,
        work=laid_out(portfolio, tasks, pools, crews, shocks),
    )  # fmt: skip


def tasks_of(portfolio: Portfolio, p: int, first: int) -> list[Task]:
    """Tasks of project `p`, predecessors first; `first` is the index of the first of them."""
    project = portfolio.projects[p]
    source = GRID if project.design.power == GRID else ONSITE
    stages = [stage for stage in portfolio.stages if stage.power in ("", source)]
    needs, count = bill(project.design), len(project.phases)
    check_names(project, portfolio.stages, needs)
    mw = {phase: project.mw if phase < 0 else project.phases[phase] for phase in range(-1, count)}
    spreads = {(s.name, k): stage_weeks(project, s, k, mw[k]) for s in stages for k in keys(s, count)}
    usual = course(project, stages, lambda stage, phase: spreads[stage.name, phase].median)
    done, later = progress(project, usual), {phase: later_weeks(project, usual, phase) for phase in mw}
    gone = weeks_gone(project, usual)
    start_week = (project.start - portfolio.start).days / DAYS_PER_WEEK if gone is None else -gone
    place = {key: first + n for n, key in enumerate(spreads)}
    return [
        Task(
            project=p, phase=phase, stage=stage, mw=mw[phase], is_done=done[stage.name, phase] >= 1.0,
            weeks=spreads[stage.name, phase] * (1.0 - min(MOST_DONE, done[stage.name, phase])),
            release_week=0.0 if done[stage.name, phase] >= 1.0 else max(0.0, start_week + later[phase] * (phase > 0)),
            order_week=start_week, later_weeks=later[phase],
            orders=() if done[stage.name, phase] > 0.0 else tuple(need for need in needs if need.stage == stage.name),
            before=tuple(place[key] for key in befores(stage, phase, stages, count)),
        )
        for stage in stages
        for phase in keys(stage, count)
    ]  # fmt: skip


def check_names(project: Project, stages: tuple[Stage, ...], needs: tuple[Need, ...]) -> None:
    """ValueError where the project or its bill of materials names a stage that there is not."""
    known = [stage.name for stage in stages]
    for need in needs:
        if need.stage not in known:
            raise ValueError(f"item {need.item} is needed at stage {need.stage!r}; known: {', '.join(known)}")
    for name in project.weeks:
        if name not in known:
            raise ValueError(f"project {project.name}: weeks of unknown stage {name!r}; known: {', '.join(known)}")


def stage_weeks(project: Project, stage: Stage, phase: int, mw: float) -> Spread:
    """Duration of a task: the project's own where it is known, or that of the stage by region or shell, size, practice
    and tempo."""
    if stage.name in project.weeks:
        return Spread.exactly(project.weeks[stage.name])
    usual = project.shell not in dict(stage.in_shell)
    weeks = regional_weeks(stage, project.region) if usual else stage.duration(project.shell)
    size: float = (mw / stage.reference_mw) ** stage.size_power
    practice: float = (max(phase, 0) + 1.0) ** math.log2(1.0 - stage.learning)
    tempo = project.tempo if stage.per == PHASE else 1.0
    return weeks * (size * practice * tempo)


def regional_weeks(stage: Stage, region: str) -> Spread:
    """Duration of a stage in a region: that of its months or weeks there where the catalog has them."""
    facts = catalog.facts("regions", catalog.named("regions", region))
    own, months = facts.get(f"{stage.name}_weeks"), facts.get(MONTHS_OF.get(stage.name, ""))
    if own is not None:
        return Spread.of(own)
    return Spread.of(months) * (WEEKS_PER_YEAR / MONTHS_PER_YEAR) if months is not None else stage.weeks
