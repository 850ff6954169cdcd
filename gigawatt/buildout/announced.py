"""The announced sites of the catalog as projects: what is still to be built of each, and how far it has come."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from itertools import accumulate

from gigawatt import catalog
from gigawatt.buildout.design import Design
from gigawatt.buildout.plan import stage_weeks
from gigawatt.buildout.projects import OPENING, Portfolio, Project
from gigawatt.buildout.stages import PHASE, length, longest_chains, standard_stages
from gigawatt.timeline import parse_date
from gigawatt.units import DAYS_PER_WEEK

# Stages that announcements tell something about.
EARTHWORKS, CONNECTION, SUBSTATION = "earthworks", "interconnection", "substation"
PERMIT = "permit"
BUILDING, APPROVED = "building", "approved"
LEAST_WEEKS = 1.0


def announced(weeks: int = 780) -> Portfolio:
    """Sites of the catalog that are not up in full, as a portfolio from `OPENING` on, when they stood as it says.

    What is energised is built; the rest is parted into phases of about `buildout.announced.phase_mw`, which follow each
    other as evenly as the owner's dates of first and full power say. A site that is only announced begins with its
    permit then, one that is approved has it. One being built has its connection and substation in time for
    the power that it announces, and stands where the medians from earthworks to commissioning, counted back from that
    day, put its next phase. Full power as announced is the date due. All draw on the grid.
    """
    found = (project_of(item) for item in catalog.items("sites"))
    return Portfolio(projects=tuple(project for project in found if project is not None), start=OPENING, weeks=weeks)


def in_service() -> tuple[str, ...]:
    """Names of the sites that are up in full."""
    return tuple(short_name(item) for item in catalog.items("sites") if _left_mw(item) <= 0.0)


def project_of(item: str) -> Project | None:
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
        first = OPENING + (due - OPENING) / count
    plain = Project(
        name=short_name(item), region=str(facts["region"].value), start=OPENING, phases=(left_mw / count,) * count,
        design=Design(chip=str(facts["chip"].value)), energised_mw=energised_mw, due=due,
        stagger_weeks=max(0.0, weeks_between(first, due)) / max(1, count - 1),
    )  # fmt: skip
    return begun(plain, status, first)


def begun(project: Project, status: str, first: dt.date) -> Project:
    """The project at the stage that its status and the date of its next power say."""
    if status == APPROVED:
        return replace(project, stage=EARTHWORKS)
    if status != BUILDING and not project.energised_mw:
        return project
    to_come = max(LEAST_WEEKS, weeks_between(project.start, first))
    own = [stage for stage in standard_stages() if stage.per == PHASE]
    weeks = {stage.name: stage_weeks(project, stage, 0, project.phases[0]).median for stage in own}
    chains = longest_chains(own, weeks)
    way = chains[EARTHWORKS]
    gone = max(0.0, length(way, weeks) - to_come)
    ends = list(accumulate(weeks[name] for name in way))
    n = next(k for k, end in enumerate(ends) if gone < end)
    done = (gone - ends[n] + weeks[way[n]]) / weeks[way[n]]
    since_permit = gone + permit_weeks(project)  # what its usual course has behind it
    began = project.start - dt.timedelta(days=round(since_permit * DAYS_PER_WEEK))
    rest = max((length(chains[stage.name], weeks) for stage in own if SUBSTATION in stage.after), default=0.0)
    live = max(LEAST_WEEKS, to_come - rest)  # weeks until the grid is there, in time for what comes after it
    known = {CONNECTION: since_permit + live, SUBSTATION: gone + live}
    return replace(project, stage=way[n], done=done, start=began, weeks=known)


def permit_weeks(project: Project) -> float:
    """Median weeks until earthworks may begin."""
    permit = next(stage for stage in standard_stages() if stage.name == PERMIT)
    return stage_weeks(project, permit, -1, project.mw).median


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
