"""What an exact schedule makes early: the finish of every phase, by its MW, or the last finish of all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from gigawatt.buildout.exact_settle import Array
from gigawatt.buildout.layout import TASKS
from gigawatt.buildout.plan import Plan
from gigawatt.buildout.work import Work
from gigawatt.errors import nearest

MW_WEEKS, FINISH = "mw_weeks", "finish"


def goals(laid: Plan, objective: str, weights: Mapping[str, float]) -> tuple[Work, Array]:
    """The work of a plan, and what the finish of each task counts, with sum 1; 0 for all where the last finish counts.

    A phase is up when all its tasks are finished. Where more than one of them ends it, a task without length that comes
    after these is added behind all others, and counts for it.

    Raises:
        ValueError: An unknown objective or project, a negative weight, or no MW that counts.
    """
    if objective not in (MW_WEEKS, FINISH):
        raise ValueError(f"objective {objective!r}; known: {MW_WEEKS}, {FINISH}")
    names = [project.name for project in laid.portfolio.projects]
    for name, weight in weights.items():
        if name not in names:
            near = nearest(name, tuple(names))
            raise ValueError(f"weights: unknown project {name!r}" + (f"; did you mean {near!r}?" if near else ""))
        if not 0.0 <= weight < math.inf:
            raise ValueError(f"weights: {weight:g} for {name}; wants 0 or more")
    if objective == FINISH:
        return laid.work, np.zeros(len(laid.work.weeks))
    mw: dict[tuple[int, ...], float] = {}  # by the tasks that end a phase
    for p, project in enumerate(laid.portfolio.projects):
        for k, phase_mw in enumerate(project.phases):
            ends = ends_of(laid.work, p, k)
            mw[ends] = mw.get(ends, 0.0) + phase_mw * weights.get(project.name, 1.0)
    total = math.fsum(mw.values())
    if not total > 0.0:
        raise ValueError("no phase has any MW that counts: nothing to schedule for")
    several = [ends for ends in mw if len(ends) > 1]
    counted = np.zeros(len(laid.work.weeks) + len(several))
    for ends, counts in mw.items():
        counted[ends[0] if len(ends) == 1 else len(laid.work.weeks) + several.index(ends)] = counts / total
    return with_ends(laid.work, several), counted


def ends_of(work: Work, project: int, phase: int) -> tuple[int, ...]:
    """Tasks of a phase that no other task of it comes after; of the project where the phase has no tasks of its own."""
    own = np.flatnonzero((work.project == project) & (work.phase == phase))
    own = own if len(own) else np.flatnonzero(work.project == project)
    before = {int(i) for j in own for i in work.before[work.first_before[j] : work.first_before[j + 1]]}
    return tuple(int(j) for j in own if int(j) not in before)


def with_ends(work: Work, several: list[tuple[int, ...]]) -> Work:
    """The work with a task more for each group of tasks: it comes after them and takes no time."""
    if not several:
        return work
    blank = {"crew": -1}
    more: dict[str, Any] = {
        name: np.append(getattr(work, name), np.full(len(several), blank.get(name, 0), getattr(work, name).dtype))
        for name in TASKS
    }
    more["project"][len(work.weeks) :] = work.project[[ends[0] for ends in several]]
    counts = np.cumsum([len(ends) for ends in several])
    return work._replace(
        **more,
        first_before=np.append(work.first_before, work.first_before[-1] + counts),
        before=np.append(work.before, np.concatenate(several)).astype(np.int64),
        first_order=np.append(work.first_order, np.full(len(several), work.first_order[-1])),
    )
