"""Many scenarios, one after the other in the same room: what each comes to, and who waits for what."""

from __future__ import annotations

import numpy as np

from gigawatt.buildout.deliveries import Desk, deliver
from gigawatt.buildout.draws import Drawn, redraw
from gigawatt.buildout.fluid_kernels import Records, Yard, flow_through
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel


@kernel
def run_flows(
    work: Work, seed: int, number: int, phase: np.ndarray, mw: np.ndarray, found: Drawn, room: Desk, yard: Yard,
    projects: np.ndarray, phases: np.ndarray, waits: np.ndarray,
) -> None:  # fmt: skip
    """Draws `number`, `number` + 1 ... one in each row of `projects` and `phases`, their waiting added up in `waits`.

    Changes: found, room, yard, projects, phases, waits.
    """
    arrives = np.empty(len(work.order_item))
    for r in range(len(projects)):
        redraw(work, seed, number + r, found)
        deliver(work, found, room, arrives)
        flow_through(work, found.weeks, arrives, yard)
        note_finish(work.project, yard.task, projects[r])
        note_finish(phase, yard.task, phases[r])
        note_waiting(work, found.lead_weeks, yard.task, mw, waits)


@kernel
def run_tasks(
    work: Work, seed: int, number: int, found: Drawn, room: Desk, yard: Yard, ready: np.ndarray, begin: np.ndarray,
    finish: np.ndarray, cause: np.ndarray, arrives: np.ndarray,
) -> None:  # fmt: skip
    """Draws `number`, `number` + 1 ... one in each row, with all their tasks.

    Changes: found, room, yard, ready, begin, finish, cause, arrives.
    """
    for r in range(len(finish)):
        redraw(work, seed, number + r, found)
        deliver(work, found, room, arrives[r])
        flow_through(work, found.weeks, arrives[r], yard)
        for j in range(len(yard.task)):
            one = yard.task[j]
            ready[r, j], begin[r, j], finish[r, j], cause[r, j] = one.ready, one.begin, one.finish, one.cause


@kernel
def note_finish(group: np.ndarray, task: Records, latest: np.ndarray) -> None:
    """Latest finish of the tasks of each group; tasks of group -1 are left out.

    Changes: latest.
    """
    latest[:] = 0.0
    for j in range(len(group)):
        if group[j] >= 0:
            latest[group[j]] = max(latest[group[j]], task[j].finish)


@kernel
def note_waiting(work: Work, lead_weeks: np.ndarray, task: Records, mw: np.ndarray, waits: np.ndarray) -> None:
    """Add one scenario's MW that wait, by cause, region and week, as changes from week to week.

    A task of n MW waits for the last of its items from when its predecessors are finished and the lead times of all its
    orders are over until it is there, then for workers until it begins. Week w takes the share of it that was waited.

    Changes: waits (causes, regions, weeks + 2).
    """
    region, pools = work.region, len(work.capacity)
    for j in range(len(task)):
        one = task[j]
        if one.ahead > 0:
            continue  # it waits for other tasks for ever
        since = one.own
        if one.ready > since:
            for o in range(work.first_order[j], work.first_order[j + 1]):
                since = max(since, work.order_week[o] + lead_weeks[o])
        if one.ready > since:
            note(waits[one.last_item, region[j]], since, one.ready, mw[j])
        if one.begin > one.ready:
            note(waits[pools + one.crew, region[j]], one.ready, one.begin, mw[j])


@kernel
def note(row: np.ndarray, since: float, until: float, mw: float) -> None:
    """Add `mw` from `since` to `until` to a row of changes from week to week.

    Changes: row.
    """
    last = len(row) - 2
    for week, change in ((since, mw), (until, -mw)):
        if week < last:
            w = int(week)
            row[w] += change * (w + 1 - week)
            row[w + 1] += change * (week - w)
