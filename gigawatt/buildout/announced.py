"""The announced sites of the catalog as projects: what is still to be built of each, and how far it has come."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

from gigawatt import catalog
from gigawatt.buildout.design import Design
from gigawatt.buildout.plan import stage_weeks
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import PHASE, Stage, standard_stages
from gigawatt.timeline import parse_date
from gigawatt.units import DAYS_PER_WEEK

SHELL, CONNECTION, SUBSTATION = (
    "shell",
    "interconnection",
    "substation",
)  # stages that announcements tell something about
BUILDING, APPROVED = "building", "approved"
MOST_DONE = 0.95  # of the stage under way: what is finished has been announced as such
LEAST_WEEKS = 1.0


def announced(start: dt.date = OPENING, *, weeks: int = 780) -> Portfolio:
    """Sites of the catalog that are not up in full, as a portfolio from `start` on.

    What is energised is built; the rest is parted into phases of about `buildout.announced.phase_mw`, which follow each
    other as evenly as the owner's dates of first and full power say. A site that is only announced begins with its
    permit at `start`, one that is approved with its shells. One being built has its connection and substation when it
    says it will have power, and stands in the shell of its next phase: begun as long ago as the medians of shell to
    commissioning take until the power that is announced. Full power as announced is the date due. All draw on the grid.
    """
    found = (project_of(item, start) for item in catalog.items("sites"))
    return Portfolio(projects=tuple(project for project in found if project is not None), start=start, weeks=weeks)


def in_service() -> tuple[str, ...]:
    """Names of the sites that are up in full."""
    return tuple(short_name(item) for item in catalog.items("sites") if _left_mw(item) <= 0.0)


def project_of(item: str, start: dt.date) -> Project | None:
    """What is left to build of a site; None where it is up in full."""
    left_mw = _left_mw(item)
    if left_mw <= 0.0:
        return None
    facts = catalog.facts("sites", item)
    energised_mw, status = float(facts["energised_mw"].value), str(facts["status"].value)
    count = max(1, round(left_mw / float(catalog.value("buildout", "announced", "phase_mw"))))
    due = parse_date(str(facts["full_power"].value))
    first = parse_date(str(facts["first_power"].value))
    if energised_mw > 0.0:  # the next phase, where the rest comes evenly
        first = start + (due - start) / count
    plain = Project(
        name=short_name(item), region=str(facts["region"].value), start=start, phases=(left_mw / count,) * count,
        design=Design(chip=str(facts["chip"].value)), energised_mw=energised_mw, due=due,
        stagger_weeks=max(0.0, weeks_between(first, due)) / max(1, count - 1),
    )  # fmt: skip
    return begun(plain, status, first)


def begun(project: Project, status: str, first: dt.date) -> Project:
    """The project at the stage that its status and the date of its next power say."""
    if status == APPROVED:
        return replace(project, stage=SHELL)
    if status != BUILDING and not project.energised_mw:
        return project
    chain = phase_weeks(project)
    gone = sum_of_longest(chain) - weeks_between(project.start, first)  # since the shell of the next phase was begun
    own = dict.fromkeys((CONNECTION, SUBSTATION), max(LEAST_WEEKS, weeks_between(project.start, first)))
    done = min(MOST_DONE, max(0.0, gone / chain[SHELL][0]))
    began = project.start - dt.timedelta(days=round(max(0.0, gone) * DAYS_PER_WEEK))
    return replace(project, stage=SHELL, done=done, start=began, weeks=own)


def phase_weeks(project: Project) -> dict[str, tuple[float, tuple[str, ...]]]:
    """Median weeks and predecessors of the stages of the first phase, in their order."""
    own = [stage for stage in standard_stages() if stage.per == PHASE]
    names = {stage.name for stage in own}

    def entry(stage: Stage) -> tuple[float, tuple[str, ...]]:
        weeks = stage_weeks(project, stage, 0, project.phases[0]).median
        return weeks, tuple(name for name in stage.after if name in names)

    return {stage.name: entry(stage) for stage in own}


def sum_of_longest(chain: dict[str, tuple[float, tuple[str, ...]]]) -> float:
    """Weeks of the longest way through stages that stand with predecessors first."""
    ends: dict[str, float] = {}
    for name, (weeks, after) in chain.items():
        ends[name] = weeks + max((ends[before] for before in after), default=0.0)
    return max(ends.values())


def short_name(item: str) -> str:
    """The name of a site without what stands behind a comma or in brackets."""
    name: str = str(catalog.value("sites", item, "name"))
    return name.split(",")[0].split(" (")[0].strip()


def weeks_between(first: dt.date, last: dt.date) -> float:
    """Weeks from one day to another."""
    return (last - first).days / DAYS_PER_WEEK


def _left_mw(item: str) -> float:
    """Power of a site that is still to come."""
    left = float(catalog.value("sites", item, "power_mw")) - float(catalog.value("sites", item, "energised_mw"))
    return left if math.isfinite(left) else 0.0
