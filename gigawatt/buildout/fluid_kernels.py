"""The weekly flow of one scenario: work advances week by week, and crews go to those who wait as they come free."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gigawatt.buildout.deliveries import Desk, deliver
from gigawatt.buildout.draws import Drawn, redraw
from gigawatt.buildout.heap import Heap, heap, put, take
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel

EVENTS, RUNNING, WAITING = range(3)  # places in `Yard.number`
SLACK = 1e-9  # share of a gang that rounding may hide


class Course(NamedTuple):
    """What the flow reads of `Work`, and what follows from it once for all scenarios."""

    before: np.ndarray  # (tasks,) number of predecessors
    after: np.ndarray  # (edges,) tasks that come after task j: after[first_after[j]:first_after[j + 1]]
    first_after: np.ndarray  # (tasks + 1,)
    release_week: np.ndarray  # (tasks,)
    first_order: np.ndarray  # (tasks + 1,)
    order_item: np.ndarray  # (orders,)
    rank: np.ndarray  # (tasks,)
    crew: np.ndarray  # (tasks,)
    workers: np.ndarray  # (tasks,)
    available: np.ndarray  # (crews, weeks)
    first_waiting: np.ndarray  # (crews + 1,) where the queue of each pool of workers stands
    calendar: np.ndarray  # (tasks,)
    pace: np.ndarray  # (calendars, weeks)
    region: np.ndarray  # (tasks,)
    mw: np.ndarray  # (tasks,) of power that a task serves
    pools: int  # of supply
    parts: bool  # whether a gang may begin with a part of its workers


class Yard(NamedTuple):
    """Room in which one scenario runs; used again for the next."""

    weeks: np.ndarray  # (tasks,) durations drawn for the scenario
    arrives: np.ndarray  # (orders,) when what was ordered is there
    ready: np.ndarray  # (tasks,) week at which only workers were missing
    begin: np.ndarray  # (tasks,)
    finish: np.ndarray  # (tasks,) infinite where supply never suffices
    cause: np.ndarray  # (tasks,) what it waited for last
    own: np.ndarray  # (tasks,) when predecessors and release are past
    left: np.ndarray  # (tasks,) weeks of work by the end of this week
    share: np.ndarray  # (tasks,) of its workers that a task has
    due: np.ndarray  # (tasks,) when it is finished, once that is within this week
    ahead: np.ndarray  # (tasks,) predecessors that are not finished
    running: np.ndarray  # (tasks,) tasks under way beyond this week
    events: Heap  # j: task j is finished; tasks + j: it is ready
    waiting: Heap  # one for each pool of workers, by rank and by when a task was ready
    count: np.ndarray  # (crews,) tasks that wait
    busy: np.ndarray  # (crews,) workers held
    holders: np.ndarray  # (crews,) tasks that hold them
    part: np.ndarray  # (crews,) the task that has a part of its workers, -1 for none
    touched: np.ndarray  # (crews,) whether workers or tasks have come
    number: np.ndarray  # (3,) events ahead, tasks under way, tasks that wait for workers


def yard(work: Work, weeks: np.ndarray) -> Yard:
    """Room for the tasks of `work`, with the array in which their durations are drawn."""
    tasks, crews = len(work.weeks), len(work.available)
    ready, begin, finish, own, left, share, due = (np.empty(tasks) for _ in range(7))
    cause, ahead, running = (np.empty(tasks, np.int64) for _ in range(3))
    count, holders, part = (np.empty(crews, np.int64) for _ in range(3))
    events = 3 * tasks + crews + 1  # each task ready, finished, and once more for every task that finishes
    return Yard(
        weeks=weeks, arrives=np.empty(len(work.order_item)), ready=ready, begin=begin, finish=finish, cause=cause,
        own=own, left=left, share=share, due=due, ahead=ahead, running=running, waiting=heap(tasks), count=count,
        busy=np.empty(crews), holders=holders, part=part, touched=np.empty(crews, np.bool_),
        number=np.zeros(3, np.int64), events=heap(events),
    )  # fmt: skip


@kernel
def flow_through(course: Course, yard: Yard) -> None:
    """One scenario from first to last week; durations and deliveries are in `yard`.

    Changes: yard.
    """
    clear(course, yard)
    for j in range(len(yard.own)):
        if yard.ahead[j] == 0:
            awaken(course, j, yard)
    number, w = yard.number, 0
    while yard.number[EVENTS] > 0 or number[RUNNING] > 0 or number[WAITING] > 0:
        if number[RUNNING] + number[WAITING] == 0:
            w = max(w, int(yard.events.key[0]))
        elif number[RUNNING] + yard.number[EVENTS] == 0 and w >= course.available.shape[1]:
            break  # those who wait will never have their workers
        pass_week(course, w, yard)
        w += 1


@kernel
def clear(course: Course, yard: Yard) -> None:
    """Nothing has begun.

    Changes: yard.
    """
    for j in range(len(yard.own)):
        yard.ready[j] = yard.begin[j] = yard.finish[j] = yard.due[j] = math.inf
        yard.cause[j] = -1
        yard.own[j] = course.release_week[j]
        yard.ahead[j] = course.before[j]
    yard.count[:] = 0
    yard.busy[:] = 0.0
    yard.holders[:] = 0
    yard.part[:] = -1
    yard.touched[:] = False
    yard.number[:] = 0


@kernel
def awaken(course: Course, j: int, yard: Yard) -> None:
    """Predecessors of task j are finished: note when its release and its items are there too.

    Changes: yard.
    """
    yard.ready[j] = yard.own[j]
    for o in range(course.first_order[j], course.first_order[j + 1]):
        if yard.arrives[o] > yard.ready[j]:
            yard.ready[j] = yard.arrives[o]
            yard.cause[j] = course.order_item[o]
    if yard.ready[j] < math.inf:
        expect(yard.ready[j], len(yard.own) + j, yard)


@kernel
def pass_week(course: Course, w: int, yard: Yard) -> None:
    """All that is under way advances by a week; what this finishes frees its crew and lets its successors begin in the
    rest of the week, in the order of time.

    Changes: yard.
    """
    advance(course, w, yard)
    for k in range(len(yard.count)):  # there may be more workers than last week
        yard.touched[k] = yard.count[k] > 0 or yard.part[k] >= 0
    now = float(w)
    while True:
        while yard.number[EVENTS] > 0 and yard.events.key[0] <= now:
            happen(course, w, yard)
        for k in range(len(yard.count)):
            if yard.touched[k]:
                yard.touched[k] = False
                share_out(course, k, w, now, yard)
        if yard.number[EVENTS] == 0 or yard.events.key[0] >= w + 1:
            break
        now = max(now, yard.events.key[0])


@kernel
def advance(course: Course, w: int, yard: Yard) -> None:
    """Work of the tasks that were under way at the start of week w.

    Changes: yard.
    """
    kept = 0
    for r in range(yard.number[RUNNING]):
        j = yard.running[r]
        if yard.due[j] < math.inf:  # more workers have come since, and its end is known
            continue
        speed = yard.share[j] * pace_of(course, j, w)
        if yard.left[j] <= speed:
            finish_at(j, w + yard.left[j] / speed, yard)
        else:
            yard.left[j] -= speed
            yard.running[kept] = j
            kept += 1
    yard.number[RUNNING] = kept


@kernel
def pace_of(course: Course, j: int, w: int) -> float:
    """Share of a full week's work that task j does in week w with all its workers."""
    return float(course.pace[course.calendar[j], w]) if w < course.pace.shape[1] else 1.0


@kernel
def finish_at(j: int, week: float, yard: Yard) -> None:
    """Task j is finished at `week`.

    Changes: yard.
    """
    yard.due[j] = week
    expect(week, j, yard)


@kernel
def expect(week: float, code: int, yard: Yard) -> None:
    """An event is ahead.

    Changes: yard.
    """
    yard.number[EVENTS] = put(yard.events, 0, yard.number[EVENTS], week, 0.0, code)


@kernel
def happen(course: Course, w: int, yard: Yard) -> None:
    """The next event: a task is ready and begins or queues, or a task is finished and those after it wake.

    Changes: yard.
    """
    tasks, now, code = len(yard.own), yard.events.key[0], yard.events.item[0]
    yard.number[EVENTS] = take(yard.events, 0, yard.number[EVENTS])
    if code >= tasks:
        j = code - tasks
        k = course.crew[j]
        if k < 0:
            begin(course, j, w, now, 1.0, yard)
        else:
            start = course.first_waiting[k]
            yard.count[k] = put(yard.waiting, start, yard.count[k], course.rank[j], now, j)
            yard.number[WAITING] += 1
            yard.touched[k] = True
    elif yard.due[code] == now and yard.finish[code] == math.inf:
        yard.finish[code] = now
        k = course.crew[code]
        if k >= 0:
            yard.holders[k] -= 1
            yard.busy[k] -= yard.share[code] * course.workers[code]
            if yard.holders[k] == 0:
                yard.busy[k] = 0.0  # rounding does not add up
            if yard.part[k] == code:
                yard.part[k] = -1
            yard.touched[k] = True
        for e in range(course.first_after[code], course.first_after[code + 1]):
            j = course.after[e]
            yard.own[j] = max(yard.own[j], now)
            yard.ahead[j] -= 1
            if yard.ahead[j] == 0:
                awaken(course, j, yard)


@kernel
def begin(course: Course, j: int, w: int, now: float, share: float, yard: Yard) -> None:
    """Task j begins within week w with a share of its workers, and works through the rest of the week.

    Changes: yard.
    """
    yard.begin[j] = now
    yard.share[j] = share
    speed = share * pace_of(course, j, w)
    if yard.weeks[j] <= speed * (w + 1 - now):
        finish_at(j, now + yard.weeks[j] / speed if yard.weeks[j] > 0.0 else now, yard)
    else:
        yard.left[j] = yard.weeks[j] - speed * (w + 1 - now)
        yard.running[yard.number[RUNNING]] = j
        yard.number[RUNNING] += 1


@kernel
def share_out(course: Course, k: int, w: int, now: float, yard: Yard) -> None:
    """Free workers of pool k go to the task that has only a part of its gang, then to those who wait, in their order.

    Nobody overtakes. Where gangs may be parted, the last one takes what is left.

    Changes: yard.
    """
    start = course.first_waiting[k]
    free = course.available[k, min(w, course.available.shape[1] - 1)] - yard.busy[k]
    while True:
        j = yard.part[k]
        if j >= 0:
            given = min(free, (1.0 - yard.share[j]) * course.workers[j])
            if given <= SLACK * course.workers[j]:
                break
            add_workers(course, j, w, now, given / course.workers[j], yard)
            yard.busy[k] += given
            free -= given
            if yard.share[j] < 1.0 - SLACK:
                break
            yard.part[k] = -1
        if yard.count[k] == 0:
            break
        j = yard.waiting.item[start]
        wanted = course.workers[j]
        given = wanted if wanted <= free + SLACK * wanted else free
        if given < wanted and not (course.parts and given > SLACK * wanted):
            break
        yard.count[k] = take(yard.waiting, start, yard.count[k])
        yard.number[WAITING] -= 1
        yard.busy[k] += given
        yard.holders[k] += 1
        free -= given
        if now > yard.ready[j]:
            yard.cause[j] = course.pools + k
        if given < wanted:
            yard.part[k] = j
        begin(course, j, w, now, given / wanted if wanted > 0.0 else 1.0, yard)


@kernel
def add_workers(course: Course, j: int, w: int, now: float, more: float, yard: Yard) -> None:
    """Task j, under way with a part of its gang, has `more` of it for the rest of week w and from then on.

    Changes: yard.
    """
    old = yard.share[j]
    new = old + more
    yard.share[j] = new
    if yard.due[j] < math.inf:
        finish_at(j, now + (yard.due[j] - now) * old / new, yard)
        return
    yard.left[j] -= more * pace_of(course, j, w) * (w + 1 - now)
    if yard.left[j] <= 0.0:
        finish_at(j, w + 1 + yard.left[j] / (new * pace_of(course, j, w)), yard)


@kernel
def note_waiting(course: Course, yard: Yard, waits: np.ndarray) -> None:
    """Add one scenario's MW that wait, by cause, region and week, as changes from week to week.

    A task of n MW waits for the last of its items from when its predecessors are finished until it is there, then for
    workers until it begins. Week w takes the share of it that was waited.

    Changes: waits (causes, regions, weeks + 2).
    """
    pools = course.pools
    for j in range(len(yard.own)):
        own, ready, begun = yard.own[j], yard.ready[j], yard.begin[j]
        if yard.ahead[j] > 0:
            continue  # it waits for other tasks for ever
        if ready > own:
            last = last_of(course, j, yard)
            if last >= 0:
                note(waits[last, course.region[j]], own, ready, course.mw[j])
        if begun > ready:
            note(waits[pools + course.crew[j], course.region[j]], ready, begun, course.mw[j])


@kernel
def last_of(course: Course, j: int, yard: Yard) -> int:
    """The pool whose item was the last of task j to come."""
    for o in range(course.first_order[j], course.first_order[j + 1]):
        if yard.arrives[o] >= yard.ready[j]:
            return int(course.order_item[o])
    return -1


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


@kernel
def note_finish(group: np.ndarray, finish: np.ndarray, latest: np.ndarray) -> None:
    """Latest finish of the tasks of each group; tasks of group -1 are left out.

    Changes: latest.
    """
    latest[:] = 0.0
    for j in range(len(group)):
        if group[j] >= 0:
            latest[group[j]] = max(latest[group[j]], finish[j])


@kernel
def run_flows(
    work: Work, course: Course, seed: int, number: int, phase: np.ndarray, found: Drawn, room: Desk, yard: Yard,
    projects: np.ndarray, phases: np.ndarray, waits: np.ndarray,
) -> None:  # fmt: skip
    """Draws `number`, `number` + 1 ... one in each row of `projects` and `phases`, their waiting added up in `waits`.

    Changes: found, room, yard, projects, phases, waits.
    """
    for r in range(len(projects)):
        redraw(work, seed, number + r, found)
        deliver(work, found, room, yard.arrives)
        flow_through(course, yard)
        note_finish(work.project, yard.finish, projects[r])
        note_finish(phase, yard.finish, phases[r])
        note_waiting(course, yard, waits)


@kernel
def run_tasks(
    work: Work, course: Course, seed: int, number: int, found: Drawn, room: Desk, yard: Yard, ready: np.ndarray,
    begin: np.ndarray, finish: np.ndarray, cause: np.ndarray, arrives: np.ndarray,
) -> None:  # fmt: skip
    """Draws `number`, `number` + 1 ... one in each row, with all their tasks.

    Changes: found, room, yard, ready, begin, finish, cause, arrives.
    """
    for r in range(len(finish)):
        redraw(work, seed, number + r, found)
        deliver(work, found, room, yard.arrives)
        flow_through(course, yard)
        ready[r], begin[r], finish[r], cause[r] = yard.ready, yard.begin, yard.finish, yard.cause
        arrives[r] = yard.arrives
