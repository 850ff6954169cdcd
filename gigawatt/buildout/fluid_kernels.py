"""The weekly flow of one scenario: work advances week by week, and crews go to those who wait as they come free."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from gigawatt.buildout.heap import COLUMNS, ITEM, KEY, put, take
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel, woven

Records = Any  # an array of records, whose fields are attributes, or one record
EVENTS, RUNNING, WAITING = range(3)  # places in `Yard.number`
SLACK = 1e-9  # share of a gang that rounding may hide
FIXED = ("rank", "crew", "workers", "calendar", "release_week")  # of a task, as in `Work`
TASK = np.dtype(  # what every week reads stands first, so that it shares a line of the cache
    [(name, np.float64) for name in ("left", "share", "due")]
    + [(name, np.int64) for name in ("calendar", "crew", "rank", "before", "ahead", "cause", "first_after",
                                     "last_after", "first_order", "last_order")]
    + [(name, np.float64) for name in ("workers", "release_week", "own", "ready", "begin", "finish")]
)  # fmt: skip
GANGS = np.dtype(
    [("first", np.int64), ("count", np.int64), ("holders", np.int64), ("part", np.int64), ("touched", np.bool_),
     ("busy", np.float64)]
)  # fmt: skip


class Yard(NamedTuple):
    """Room in which one scenario runs, used again for the next.

    Of a task: `ahead` predecessors that are not finished; `own` week at which they and its release are past; `ready`
    when only workers are missing; `left` weeks of work by the end of this week; `share` of its workers that it has;
    `due` when it is finished, once that is within this week. Of a pool of workers: where its queue stands (`first`,
    `count`), how many tasks hold how many workers (`holders`, `busy`), the task that has a part of its own (`part`),
    and whether workers or tasks have come (`touched`).
    """

    task: Records  # (tasks,) of TASK
    gangs: Records  # (crews,) of GANGS
    events: np.ndarray  # a heap by week; j: task j is finished; tasks + j: it is ready
    waiting: np.ndarray  # one heap for each pool of workers, by rank and by when a task was ready
    running: np.ndarray  # (tasks,) tasks under way beyond this week
    number: np.ndarray  # (3,) events ahead, tasks under way, tasks that wait for workers
    weeks: np.ndarray  # (tasks,) durations drawn for the scenario
    arrives: np.ndarray  # (orders,) when what was ordered is there
    after: np.ndarray  # (edges,) tasks that come after another
    order_item: np.ndarray  # (orders,)
    pace: np.ndarray  # (calendars, weeks)
    available: np.ndarray  # (crews, weeks)
    pools: int  # of supply
    parts: bool  # whether a gang may begin with a part of its workers


def yard(work: Work, weeks: np.ndarray, after: np.ndarray, first_after: np.ndarray, parts: bool) -> Yard:
    """Room for the tasks of `work`, with the array in which their durations are drawn and what comes after each."""
    tasks, crews = len(work.weeks), len(work.available)
    task, gangs = np.zeros(tasks, TASK).view(np.recarray), np.zeros(crews, GANGS).view(np.recarray)
    for name in FIXED:
        task[name] = getattr(work, name)
    task.before = np.diff(work.first_before)
    task.first_after, task.last_after = first_after[:-1], first_after[1:]
    task.first_order, task.last_order = work.first_order[:-1], work.first_order[1:]
    of_crew = np.bincount(work.crew[work.crew >= 0], minlength=crews)
    gangs.first = np.cumsum(of_crew) - of_crew
    events = 3 * tasks + crews + 1  # each ready, finished, and once more for every task that frees workers
    return Yard(
        task=task, gangs=gangs, events=np.zeros((events, COLUMNS)), waiting=np.zeros((tasks, COLUMNS)),
        running=np.empty(tasks, np.int64), number=np.zeros(3, np.int64), weeks=weeks,
        arrives=np.empty(len(work.order_item)), after=after, order_item=work.order_item, pace=work.pace,
        available=work.available, pools=len(work.capacity), parts=parts,
    )  # fmt: skip


@kernel
def flow_through(yard: Yard) -> None:
    """One scenario from first to last week; durations and deliveries are in the yard.

    Changes: yard.
    """
    clear(yard.task, yard.gangs, yard.number)
    number, events, horizon = yard.number, yard.events, yard.available.shape[1]
    for j in range(len(yard.task)):
        if yard.task[j].ahead == 0:
            awaken(yard, j)
    w = 0
    while number[EVENTS] + number[RUNNING] + number[WAITING] > 0:
        if number[RUNNING] + number[WAITING] == 0:
            w = max(w, int(events[0, KEY]))
        elif number[RUNNING] + number[EVENTS] == 0 and w >= horizon:
            break  # those who wait will never have their workers
        pass_week(yard, w)
        w += 1


@woven
def clear(task: Records, gangs: Records, number: np.ndarray) -> None:
    """Nothing has begun.

    Changes: task, gangs, number.
    """
    for j in range(len(task)):
        one = task[j]
        one.ready = one.begin = one.finish = one.due = math.inf
        one.cause = -1
        one.own = one.release_week
        one.ahead = one.before
    for k in range(len(gangs)):
        pool = gangs[k]
        pool.count = pool.holders = 0
        pool.part = -1
        pool.busy = 0.0
        pool.touched = False
    number[:] = 0


@woven
def awaken(yard: Yard, j: int) -> None:
    """Predecessors of task j are finished: note when its release and its items are there too.

    Changes: yard.
    """
    one = yard.task[j]
    one.ready = one.own
    for o in range(one.first_order, one.last_order):
        if yard.arrives[o] > one.ready:
            one.ready = yard.arrives[o]
            one.cause = yard.order_item[o]
    if one.ready < math.inf:
        expect(yard.events, yard.number, one.ready, len(yard.task) + j)


@woven
def expect(events: np.ndarray, number: np.ndarray, week: float, code: int) -> None:
    """An event is ahead.

    Changes: events, number.
    """
    number[EVENTS] = put(events, 0, number[EVENTS], week, 0.0, code)


@woven
def pass_week(yard: Yard, w: int) -> None:
    """All that is under way advances by a week; what this finishes frees its crew and lets its successors begin in the
    rest of the week, in the order of time.

    Changes: yard.
    """
    gangs, number, events = yard.gangs, yard.number, yard.events
    advance(yard.task, yard.running, yard.number, yard.events, yard.pace, w)
    for k in range(len(gangs)):  # there may be more workers than last week
        gangs[k].touched = gangs[k].count > 0 or gangs[k].part >= 0
    now = float(w)
    while True:
        while number[EVENTS] > 0 and events[0, KEY] <= now:
            happen(yard, w)
        for k in range(len(gangs)):
            if gangs[k].touched:
                gangs[k].touched = False
                share_out(yard, k, w, now)
        if number[EVENTS] == 0 or events[0, KEY] >= w + 1:
            break
        now = max(now, events[0, KEY])


@woven
def advance(
    task: Records, running: np.ndarray, number: np.ndarray, events: np.ndarray, pace: np.ndarray, w: int
) -> None:
    """Work of the tasks that were under way at the start of week w.

    Changes: task, running, number, events.
    """
    kept = 0
    for r in range(number[RUNNING]):
        j = running[r]
        one = task[j]
        if one.due < math.inf:  # more workers have come since, and its end is known
            continue
        speed = one.share * pace_of(pace, one.calendar, w)
        if one.left <= speed:
            one.due = w + one.left / speed
            expect(events, number, one.due, j)
        else:
            one.left -= speed
            running[kept] = j
            kept += 1
    number[RUNNING] = kept


@woven
def pace_of(pace: np.ndarray, calendar: int, w: int) -> float:
    """Share of a full week's work that is done in week w; all of it after the horizon."""
    return float(pace[calendar, w]) if w < pace.shape[1] else 1.0


@woven
def happen(yard: Yard, w: int) -> None:
    """The next event: a task is ready and begins or queues, or a task is finished and those after it wake.

    Changes: yard.
    """
    now, code = yard.events[0, KEY], int(yard.events[0, ITEM])
    yard.number[EVENTS] = take(yard.events, 0, yard.number[EVENTS])
    if code >= len(yard.task):
        j = code - len(yard.task)
        k = yard.task[j].crew
        if k < 0:
            set_to_work(yard.task[j], yard.weeks[j], j, yard.running, yard.number, yard.events, yard.pace, w, now, 1.0)
        else:
            pool = yard.gangs[k]
            pool.count = put(yard.waiting, pool.first, pool.count, yard.task[j].rank, now, j)
            yard.number[WAITING] += 1
            pool.touched = True
    elif yard.task[code].due == now and yard.task[code].finish == math.inf:
        yard.task[code].finish = now
        if yard.task[code].crew >= 0:
            release(yard.task[code], code, yard.gangs[yard.task[code].crew])
        for e in range(yard.task[code].first_after, yard.task[code].last_after):
            j = yard.after[e]
            yard.task[j].own = max(yard.task[j].own, now)
            yard.task[j].ahead -= 1
            if yard.task[j].ahead == 0:
                awaken(yard, j)


@woven
def release(one: Records, j: int, pool: Records) -> None:
    """The workers of task j are free.

    Changes: pool.
    """
    pool.holders -= 1
    left = pool.busy - one.share * one.workers
    pool.busy = left if pool.holders > 0 else 0.0  # rounding does not add up
    if pool.part == j:
        pool.part = -1
    pool.touched = True


@woven
def set_to_work(
    one: Records, weeks: float, j: int, running: np.ndarray, number: np.ndarray, events: np.ndarray,
    pace: np.ndarray, w: int, now: float, share: float,
) -> None:  # fmt: skip
    """Task j begins within week w with a share of its workers, and works through the rest of the week.

    Changes: one (the task), running, number, events.
    """
    one.begin = now
    one.share = share
    speed = share * pace_of(pace, one.calendar, w)
    one.left = weeks - speed * (w + 1 - now)
    if one.left <= 0.0:
        one.due = now + weeks / speed if weeks > 0.0 else now
        expect(events, number, one.due, j)
    else:
        running[number[RUNNING]] = j
        number[RUNNING] += 1


@woven
def share_out(yard: Yard, k: int, w: int, now: float) -> None:
    """Free workers of pool k go to the task that has only a part of its gang, then to those who wait, in their order.

    Nobody overtakes. Where gangs may be parted, the last one takes what is left.

    Changes: yard.
    """
    pool = yard.gangs[k]
    free = yard.available[k, min(w, yard.available.shape[1] - 1)] - pool.busy
    if pool.part >= 0:
        free -= add_workers(yard.task[pool.part], pool, yard.number, yard.events, yard.pace, w, now, free)
    while pool.part < 0 and pool.count > 0:
        j = int(yard.waiting[pool.first, ITEM])
        one = yard.task[j]
        given = one.workers if one.workers <= free + SLACK * one.workers else free
        if given < one.workers and not (yard.parts and given > SLACK * one.workers):
            break
        pool.count = take(yard.waiting, pool.first, pool.count)
        yard.number[WAITING] -= 1
        pool.holders += 1
        pool.busy += given
        free -= given
        share = given / one.workers if one.workers > 0.0 else 1.0
        if share < 1.0:
            pool.part = j
        if now > one.ready:
            one.cause = yard.pools + k
        set_to_work(one, yard.weeks[j], j, yard.running, yard.number, yard.events, yard.pace, w, now, share)


@woven
def add_workers(
    one: Records, pool: Records, number: np.ndarray, events: np.ndarray, pace: np.ndarray, w: int, now: float,
    free: float,
) -> float:  # fmt: skip
    """The task that has a part of its gang takes of the free workers what it lacks; returns how many.

    Changes: one (the task), pool, number, events.
    """
    given = min(free, (1.0 - one.share) * one.workers)
    if given <= SLACK * one.workers:
        return 0.0
    old, more, j = one.share, given / one.workers, pool.part
    one.share += more
    pool.busy += given
    if one.share >= 1.0 - SLACK:
        pool.part = -1
    if one.due < math.inf:
        one.due = now + (one.due - now) * old / one.share
        expect(events, number, one.due, j)
        return float(given)
    speed = pace_of(pace, one.calendar, w)
    one.left -= more * speed * (w + 1 - now)
    if one.left <= 0.0:
        one.due = w + 1 + one.left / (one.share * speed)
        expect(events, number, one.due, j)
    return float(given)
