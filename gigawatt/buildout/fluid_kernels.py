"""The weekly flow of one scenario: work advances week by week, and workers go to those who wait as they come free."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from gigawatt.buildout.borrowed import borrowed
from gigawatt.buildout.heap import COLUMNS, ITEM, KEY, put, take
from gigawatt.buildout.work import Work
from gigawatt.compiled import kernel, woven

Records = Any  # an array of records, whose fields are attributes, or one record
EVENTS, RUNNING, WAITING = range(3)  # places in `Yard.number`
SLACK = 1e-9  # share of a gang that rounding may hide
FIXED = ("rank", "crew", "workers", "calendar", "release_week")  # of a task, as in `Work`
TASK = np.dtype(  # what every week reads stands first, so that it shares a line of the cache
    [(name, np.float64) for name in ("left", "share", "due")]
    + [(name, np.int64) for name in ("calendar", "crew", "rank", "before", "ahead", "cause", "last_item",
                                     "first_after", "last_after")]
    + [(name, np.float64) for name in ("workers", "release_week", "came", "own", "ready", "begin", "finish", "weeks")]
)  # fmt: skip
GANGS = np.dtype(
    [("first", np.int64), ("count", np.int64), ("holders", np.int64), ("part", np.int64), ("code", np.int64),
     ("busy", np.float64), ("touched", np.bool_)]
)  # fmt: skip


class Yard(NamedTuple):
    """Room in which one scenario runs, used again for the next.

    Of a task: `weeks` drawn for it; the week at which the last of its items `came` and which pool that was
    (`last_item`); `ahead` predecessors that are not finished; `own` week at which they and its release are past;
    `ready` when only workers are missing; `left` weeks of work by the end of this week; `share` of its workers that it
    has; `due` when it is finished, once that is within this week. Of a pool of workers: where its queue stands
    (`first`, `count`), how many tasks hold how many workers (`holders`, `busy`), the task that has a part of its gang
    (`part`), whether workers or tasks have come (`touched`), and its `code` as a cause.
    """

    task: np.ndarray  # (tasks,) of TASK
    gangs: np.ndarray  # (crews,) of GANGS
    events: np.ndarray  # a heap by week; j: task j is finished; tasks + j: it is ready
    waiting: np.ndarray  # one heap for each pool of workers, by rank and by when a task was ready
    running: np.ndarray  # (tasks,) tasks under way beyond this week
    number: np.ndarray  # (3,) events ahead, tasks under way, tasks that wait for workers
    after: np.ndarray  # (edges,) tasks that come after another
    pace: np.ndarray  # (calendars, weeks)
    available: np.ndarray  # (crews, weeks)


def yard(work: Work, after: np.ndarray, first_after: np.ndarray) -> Yard:
    """Room for the tasks of `work`, with what comes after each."""
    tasks, crews = len(work.weeks), len(work.available)
    task, gangs = np.zeros(tasks, TASK).view(np.recarray), np.zeros(crews, GANGS).view(np.recarray)
    for name in FIXED:
        task[name] = getattr(work, name)
    task.before = np.diff(work.first_before)
    task.first_after, task.last_after = first_after[:-1], first_after[1:]
    of_crew = np.bincount(work.crew[work.crew >= 0], minlength=crews)
    gangs.first = np.cumsum(of_crew) - of_crew
    gangs.code = len(work.capacity) + np.arange(crews)
    events = 3 * tasks + crews + 1  # each ready, finished, and once more for every task that frees workers
    return Yard(
        task=task, gangs=gangs, events=np.zeros((events, COLUMNS)), waiting=np.zeros((tasks, COLUMNS)),
        running=np.empty(tasks, np.int64), number=np.zeros(3, np.int64), after=after, pace=work.pace,
        available=work.available,
    )  # fmt: skip


@kernel
def flow_through(work: Work, weeks: np.ndarray, arrives: np.ndarray, yard: Yard) -> None:
    """One scenario from first to last week, with the durations and deliveries drawn for it.

    In each week all that is under way advances; what this finishes frees its crew and lets its successors begin in the
    rest of the week, in the order of time.

    Changes: yard.
    """
    task, gangs, events = borrowed(yard.task), borrowed(yard.gangs), borrowed(yard.events)
    waiting, running, number = borrowed(yard.waiting), borrowed(yard.running), borrowed(yard.number)
    after, pace, available = borrowed(yard.after), borrowed(yard.pace), borrowed(yard.available)
    clear(work, weeks, arrives, task, gangs, number)
    for j in range(len(task)):
        if task[j].ahead == 0:
            awaken(task[j], len(task) + j, events, number)
    w = 0
    while number[EVENTS] + number[RUNNING] + number[WAITING] > 0:
        if number[RUNNING] + number[WAITING] == 0:
            w = max(w, int(events[0, KEY]))
        elif number[RUNNING] + number[EVENTS] == 0 and w >= available.shape[1]:
            break  # those who wait will never have their workers
        advance(task, running, number, events, pace, w)
        for k in range(len(gangs)):  # there may be more workers than last week
            gangs[k].touched = gangs[k].count > 0 or gangs[k].part >= 0
        now = float(w)
        while True:
            while number[EVENTS] > 0 and events[0, KEY] <= now:
                happen(task, gangs, events, waiting, running, number, after, pace, w)
            for k in range(len(gangs)):
                if gangs[k].touched:
                    free = available[k, min(w, available.shape[1] - 1)] - gangs[k].busy
                    share_out(gangs[k], free, task, events, waiting, running, number, pace, w, now)
            if number[EVENTS] == 0 or events[0, KEY] >= w + 1:
                break
            now = max(now, events[0, KEY])
        w += 1


@woven
def clear(
    work: Work, weeks: np.ndarray, arrives: np.ndarray, task: Records, gangs: Records, number: np.ndarray
) -> None:
    """Nothing has begun.

    Changes: task, gangs, number.
    """
    for j in range(len(task)):
        one = task[j]
        one.weeks = weeks[j]
        one.ready = one.begin = one.finish = one.due = math.inf
        one.cause = one.last_item = -1
        one.came = -math.inf
        one.own = one.release_week
        one.ahead = one.before
        for o in range(work.first_order[j], work.first_order[j + 1]):
            if arrives[o] > one.came:
                one.came = arrives[o]
                one.last_item = work.order_item[o]
    for k in range(len(gangs)):
        pool = gangs[k]
        pool.count = pool.holders = 0
        pool.part = -1
        pool.busy = 0.0
    number[:] = 0


@woven
def awaken(one: Records, code: int, events: np.ndarray, number: np.ndarray) -> None:
    """Predecessors of a task are finished: note when its release and its items are there too.

    Changes: one (the task), events, number.
    """
    one.ready = one.own
    if one.came > one.own:
        one.ready = one.came
        one.cause = one.last_item
    if one.ready < math.inf:
        number[EVENTS] = put(events, 0, number[EVENTS], one.ready, 0.0, code)


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
            number[EVENTS] = put(events, 0, number[EVENTS], one.due, 0.0, j)
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
def happen(
    task: Records, gangs: Records, events: np.ndarray, waiting: np.ndarray, running: np.ndarray, number: np.ndarray,
    after: np.ndarray, pace: np.ndarray, w: int,
) -> None:  # fmt: skip
    """The next event: a task is ready and begins or queues, or a task is finished and those after it wake.

    Changes: task, gangs, events, waiting, running, number.
    """
    now, code = events[0, KEY], int(events[0, ITEM])
    number[EVENTS] = take(events, 0, number[EVENTS])
    j = code - len(task)
    if j >= 0 and task[j].crew < 0:
        set_to_work(task[j], j, events, running, number, pace, w, now, 1.0)
    elif j >= 0:
        pool = gangs[task[j].crew]
        pool.count = put(waiting, pool.first, pool.count, task[j].rank, now, j)
        number[WAITING] += 1
        pool.touched = True
    elif task[code].due == now and task[code].finish == math.inf:
        task[code].finish = now
        if task[code].crew >= 0:
            release(task[code], code, gangs[task[code].crew])
        for e in range(task[code].first_after, task[code].last_after):
            one = task[after[e]]
            one.own = max(one.own, now)
            one.ahead -= 1
            if one.ahead == 0:
                awaken(one, len(task) + after[e], events, number)


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
    one: Records, j: int, events: np.ndarray, running: np.ndarray, number: np.ndarray, pace: np.ndarray, w: int,
    now: float, share: float,
) -> None:  # fmt: skip
    """Task j begins within week w with a share of its workers, and works through the rest of the week.

    Changes: one (the task), events, running, number.
    """
    one.begin = now
    one.share = share
    speed = share * pace_of(pace, one.calendar, w)
    one.left = one.weeks - speed * (w + 1 - now)
    if one.left <= 0.0:
        one.due = now + one.weeks / speed if one.weeks > 0.0 else now
        number[EVENTS] = put(events, 0, number[EVENTS], one.due, 0.0, j)
    else:
        running[number[RUNNING]] = j
        number[RUNNING] += 1


@woven
def share_out(
    pool: Records, free: float, task: Records, events: np.ndarray, waiting: np.ndarray, running: np.ndarray,
    number: np.ndarray, pace: np.ndarray, w: int, now: float,
) -> None:  # fmt: skip
    """Free workers of a pool go to the task that has only a part of its gang, then to those who wait, in their order.

    Nobody overtakes. The last one takes what is left, and works more slowly for it.

    Changes: pool, task, events, waiting, running, number.
    """
    pool.touched = False
    if pool.part >= 0:
        free -= add_workers(task[pool.part], pool, events, number, pace, w, now, free)
    while pool.part < 0 and pool.count > 0:
        j = int(waiting[pool.first, ITEM])
        one = task[j]
        given = one.workers if one.workers <= free + SLACK * one.workers else free
        if given < one.workers and given <= SLACK * one.workers:
            break
        pool.count = take(waiting, pool.first, pool.count)
        number[WAITING] -= 1
        pool.holders += 1
        pool.busy += given
        free -= given
        share = given / one.workers if one.workers > 0.0 else 1.0
        if share < 1.0:
            pool.part = j
        if now > one.ready:
            one.cause = pool.code
        set_to_work(one, j, events, running, number, pace, w, now, share)


@woven
def add_workers(
    one: Records, pool: Records, events: np.ndarray, number: np.ndarray, pace: np.ndarray, w: int, now: float,
    free: float,
) -> float:  # fmt: skip
    """The task that has a part of its gang takes of the free workers what it lacks; returns how many.

    Changes: one (the task), pool, events, number.
    """
    given = min(free, (1.0 - one.share) * one.workers)
    if given <= SLACK * one.workers:
        given = 0.0
    else:
        old, more, j = one.share, given / one.workers, pool.part
        one.share += more
        pool.busy += given
        if one.share >= 1.0 - SLACK:
            pool.part = -1
        speed = one.share * pace_of(pace, one.calendar, w)
        if one.due < math.inf:
            one.due = now + (one.due - now) * old / one.share
            number[EVENTS] = put(events, 0, number[EVENTS], one.due, 0.0, j)
        else:
            one.left -= more / one.share * speed * (w + 1 - now)
            if one.left <= 0.0:
                one.due = w + 1 + one.left / speed
                number[EVENTS] = put(events, 0, number[EVENTS], one.due, 0.0, j)
    return float(given)
