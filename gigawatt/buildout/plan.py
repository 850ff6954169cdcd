"""From a portfolio to its arrays: tasks of every phase, what they wait for, and the pools they draw on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.calendar import CALENDARS, pace
from gigawatt.buildout.design import Need, bill
from gigawatt.buildout.projects import Portfolio, Project
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import ONSITE, PHASE, SITE, Stage
from gigawatt.buildout.supply import Crew, Pool, Shock, crews_of, pools_of, shocks_of
from gigawatt.buildout.work import Work
from gigawatt.units import DAYS_PER_WEEK

EDGES, ORDERS = "edges", "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One stage of one phase (or of the site, phase -1) of a project."""

    project: int
    phase: int
    stage: Stage
    mw: float  # of power that it serves
    weeks: Spread
    release_week: float
    is_done: bool = False
    orders: tuple[Need, ...] = ()
    order_week: float = 0.0
    before: list[int] = field(default_factory=list)


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
    regions = tuple(dict.fromkeys(project.region for project in portfolio.projects))
    tasks = [task for p, project in enumerate(portfolio.projects) for task in _tasks(portfolio, p, project)]
    # Indices of predecessors count within the project; shift them to the whole.
    first = 0
    for p in range(len(portfolio.projects)):
        own = [task for task in tasks if task.project == p]
        for task in own:
            task.before[:] = [first + index for index in task.before]
        first += len(own)
    wanted = {(need.item, portfolio.projects[task.project].region) for task in tasks for need in task.orders}
    pools = pools_of(wanted, portfolio)
    trades = {
        (task.stage.trade, portfolio.projects[task.project].region)
        for task in tasks
        if task.stage.workers_per_mw > 0.0 and not task.is_done
    }
    crews = crews_of(trades, portfolio)
    shocks = shocks_of(pools)
    stages = tuple(stage.name for stage in portfolio.stages)
    work = _work(portfolio, tasks, regions, stages, pools, crews, shocks)
    return Plan(
        portfolio=portfolio, tasks=tuple(tasks), regions=regions, stages=stages, pools=pools, crews=crews,
        shocks=shocks, work=work,
    )  # fmt: skip


def _tasks(portfolio: Portfolio, p: int, project: Project) -> list[Task]:
    """Tasks of one project, predecessors first; `before` counts within the project."""
    source = "grid" if project.design.power == "grid" else ONSITE
    stages = [stage for stage in portfolio.stages if stage.power in ("", source)]
    done = _done(project, stages, portfolio.stages)
    needs = bill(project.design)
    for need in needs:
        if need.stage not in {stage.name for stage in portfolio.stages}:
            raise ValueError(f"item {need.item} is needed at stage {need.stage!r}, which is not among the stages")
    start_week = (project.start - portfolio.start).days / DAYS_PER_WEEK
    tasks: list[Task] = []
    place: dict[tuple[str, int], int] = {}
    for stage in stages:
        for phase in (-1,) if stage.per == SITE else range(len(project.phases)):
            mw = project.mw if phase < 0 else project.phases[phase]
            begun = start_week + max(phase, 0) * project.stagger_weeks
            finished = stage.name in done
            under_way = stage.name == project.stage and phase <= 0
            weeks = Spread.exactly(1.0) if finished else _weeks(project, stage, phase, mw)
            place[stage.name, phase] = len(tasks)
            orders = () if finished or under_way else tuple(need for need in needs if need.stage == stage.name)
            tasks.append(
                Task(
                    project=p,
                    phase=phase,
                    stage=stage,
                    mw=mw,
                    weeks=weeks * (1.0 - project.done) if under_way else weeks,
                    release_week=max(0.0, begun),
                    is_done=finished,
                    orders=orders,
                    order_week=begun,
                    before=_before(stage, phase, place, project, stages),
                )
            )
    return tasks


def _done(project: Project, stages: list[Stage], known: Iterable[Stage]) -> frozenset[str]:
    """Names of the stages that are behind the one that the project has reached."""
    if not project.stage:
        return frozenset()
    by_name = {stage.name: stage for stage in known}
    if project.stage not in {stage.name for stage in stages}:
        allowed = ", ".join(stage.name for stage in stages)
        raise ValueError(f"project {project.name}: unknown stage {project.stage!r}; its stages: {allowed}")
    found: set[str] = set()
    ahead = list(by_name[project.stage].after)
    while ahead:
        name = ahead.pop()
        found.add(name)
        ahead += by_name[name].after
    return frozenset(found)


def _before(
    stage: Stage, phase: int, place: dict[tuple[str, int], int], project: Project, stages: list[Stage]
) -> list[int]:
    """Indices of the tasks that this one comes after; a stage that the project skips passes its own on."""
    names, ahead = [], list(stage.after)
    kept = {other.name for other in stages}
    by_name = {other.name: other for other in stages}
    while ahead:
        name = ahead.pop(0)
        if name in kept:
            names.append(by_name[name])
    found = []
    for other in names:
        if other.per == SITE:
            found.append(place[other.name, -1])
        elif phase >= 0:
            found.append(place[other.name, phase])
        else:  # a stage of the site waits for all phases
            found += [place[other.name, k] for k in range(len(project.phases))]
    return found


def _weeks(project: Project, stage: Stage, phase: int, mw: float) -> Spread:
    """Duration of a task: known, or that of the stage by region, size and practice."""
    if stage.name in project.weeks:
        return Spread.exactly(project.weeks[stage.name])
    weeks = _regional(stage, project) * (mw / stage.reference_mw) ** stage.size_power
    practice: float = (max(phase, 0) + 1.0) ** math.log2(1.0 - stage.learning)
    return weeks * practice


def _regional(stage: Stage, project: Project) -> Spread:
    """Duration of the stage in the project's region: its own attribute `REGION` in the catalog, if there is one."""
    facts = catalog.facts("regions", catalog.named("regions", project.region))
    own = facts.get(f"{stage.name}_weeks")
    return Spread.of(own) if own is not None else stage.weeks


def _work(
    portfolio: Portfolio, tasks: list[Task], regions: tuple[str, ...], stages: tuple[str, ...],
    pools: tuple[Pool, ...], crews: tuple[Crew, ...], shocks: tuple[Shock, ...],
) -> Work:  # fmt: skip
    """All of it as arrays."""
    projects = portfolio.projects
    pool_of = {(pool.item.name, region): i for i, pool in enumerate(pools) for region in pool.regions}
    crew_of = {(crew.trade, crew.region): k for k, crew in enumerate(crews)}
    calendars = {(name, region): c for c, (name, region) in enumerate((n, r) for n in CALENDARS for r in regions)}
    columns: dict[str, list[float]] = {name: [] for name in (
        "project phase stage region weeks down up release_week rank crew workers mw calendar".split())}  # fmt: skip
    orders: dict[str, list[float]] = {name: [] for name in (
        "order_item order_units units_down units_up order_week order_rank lead_weeks lead_down lead_up".split())}  # fmt: skip
    first_before, before, first_order = [0], [], [0]
    last_of = {stage.name for stage in portfolio.stages} - {name for s in portfolio.stages for name in s.after}
    for task in tasks:
        project = projects[task.project]
        crew = crew_of.get((task.stage.trade, project.region), -1) if task.stage.workers_per_mw > 0.0 else -1
        workers, weeks = _crewed(task, crews[crew] if crew >= 0 else None)
        row = {
            "project": task.project, "phase": task.phase, "stage": stages.index(task.stage.name),
            "region": regions.index(project.region), "weeks": weeks.median if not task.is_done else 0.0,
            "down": weeks.down, "up": weeks.up, "release_week": task.release_week, "rank": project.priority,
            "crew": crew if not task.is_done else -1, "workers": workers,
            "mw": task.mw if task.stage.name in last_of and task.stage.per == PHASE else 0.0,
            "calendar": calendars[task.stage.calendar, project.region],
        }  # fmt: skip
        for name, value in row.items():
            columns[name].append(value)
        before += task.before
        first_before.append(len(before))
        for need in task.orders:
            pool = pools[pool_of[need.item, project.region]]
            lead = pool.item.lead_weeks
            row = {
                "order_item": pool_of[need.item, project.region], "order_units": need.per_mw.median * task.mw,
                "units_down": need.per_mw.down, "units_up": need.per_mw.up,
                "order_week": task.order_week - pool.item.ahead_weeks, "order_rank": project.priority,
                "lead_weeks": lead.median, "lead_down": lead.down, "lead_up": lead.up,
            }  # fmt: skip
            for name, value in row.items():
                orders[name].append(value)
        first_order.append(len(orders["order_item"]))
    whole = {"project", "phase", "stage", "region", "rank", "crew", "calendar", "order_item", "order_rank"}
    arrays = {name: np.array(values, np.int64 if name in whole else np.float64)
              for name, values in (columns | orders).items()}  # fmt: skip
    item, week = arrays["order_item"], arrays["order_week"]
    in_pool = np.lexsort((week, item)).astype(np.int64)
    horizon = portfolio.weeks
    return Work(
        **arrays,
        first_before=np.array(first_before, np.int64), before=np.array(before, np.int64),
        first_order=np.array(first_order, np.int64),
        first_in_pool=np.searchsorted(item[in_pool], np.arange(len(pools) + 1)).astype(np.int64), in_pool=in_pool,
        capacity=np.array([pool.capacity(horizon) for pool in pools]).reshape(len(pools), horizon),
        level_down=np.array([pool.item.level.down for pool in pools]),
        level_up=np.array([pool.item.level.up for pool in pools]),
        available=np.array([crew.workers(horizon) for crew in crews]).reshape(len(crews), horizon),
        pace=np.array([pace(name, region, portfolio.start, horizon) for name, region in calendars]),
        shock_per_week=np.array([shock.per_week for shock in shocks]),
        shock_weeks=np.array([shock.weeks.median for shock in shocks]),
        shock_down=np.array([shock.weeks.down for shock in shocks]),
        shock_up=np.array([shock.weeks.up for shock in shocks]),
        shock_cut=np.array([shock.cuts(pools) for shock in shocks]).reshape(len(shocks), len(pools)),
        world_share=_share("world_share"), project_share=_share("project_share"),
        supply_share=_share("supply_share"),
    )  # fmt: skip


def _crewed(task: Task, crew: Crew | None) -> tuple[float, Spread]:
    """Workers held and duration; a task that wants more workers than there are at first takes longer with all."""
    wanted = task.stage.workers_per_mw * task.mw
    if crew is None or wanted <= crew.least:
        return (wanted if crew is not None else 0.0), task.weeks
    return crew.least, task.weeks * (wanted / crew.least)


def _share(name: str) -> float:
    return float(catalog.value("buildout", "draws", name))
