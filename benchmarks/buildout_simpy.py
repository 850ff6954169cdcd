"""A schedule by SimPy, as the plain way to write it: a process for each task, a resource for each pool of workers."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np
import simpy

from gigawatt.buildout.work import Work

LAST = 9  # priority of what comes after all else of a moment
ROUNDING = 1e-9


class Workers:
    """A pool whose size changes by the week, and which serves its queue strictly in turn."""

    def __init__(self, env: simpy.Environment, available: list[float]) -> None:
        self.env, self.available, self.busy = env, available, 0.0
        self.waiting: list[tuple[int, float, int, float, simpy.Event]] = []
        self.is_asked = False
        env.process(self.weekly())

    def weekly(self) -> Iterator[Any]:
        """Workers may come at the border of each week."""
        for _ in self.available:
            yield self.env.timeout(1.0)
            self.ask()

    def ask(self) -> None:
        """Serve the queue when all else of this moment has happened."""
        if not self.is_asked and self.waiting:
            self.is_asked = True
            later = self.env.event()
            later._ok, later._value = True, None
            later.callbacks.append(self.serve)
            self.env.schedule(later, priority=LAST)

    def serve(self, _: simpy.Event) -> None:
        """The first that does not fit holds up all behind it."""
        self.is_asked = False
        week = min(int(self.env.now + ROUNDING), len(self.available) - 1)
        most = self.available[week] * (1.0 + ROUNDING)
        while self.waiting and self.busy + self.waiting[0][3] <= most:
            *_, workers, granted = heapq.heappop(self.waiting)
            self.busy += workers
            granted.succeed()

    def request(self, rank: int, ready: float, index: int, workers: float) -> simpy.Event:
        """An event that comes when the workers are there."""
        granted = self.env.event()
        heapq.heappush(self.waiting, (rank, round(ready, 9), index, workers, granted))
        self.ask()
        return granted

    def release(self, workers: float) -> None:
        """Workers are free again."""
        self.busy -= workers
        self.ask()


class Calendar:
    """When work is finished."""

    def __init__(self, pace: np.ndarray) -> None:
        self.pace, self.done = [*pace.tolist(), 1.0], [0.0, *np.cumsum(pace).tolist()]

    def finish(self, begun: float, weeks: float) -> float:
        """The moment at which so much work is done."""
        last = len(self.done) - 1
        week = min(int(begun), last)
        wanted = self.done[week] + (begun - week) * self.pace[week] + weeks
        if weeks <= 0.0 or wanted > self.done[last]:
            return begun if weeks <= 0.0 else max(begun, last) + (weeks if begun >= last else wanted - self.done[last])
        at = max(bisect_left(self.done, wanted), bisect_right(self.done, 0.0)) - 1
        return at + (wanted - self.done[at]) / self.pace[at]


def schedule(work: Work, weeks: np.ndarray, arrives: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and finish of each task for one draw of durations and arrivals."""
    env = simpy.Environment()
    pools = [Workers(env, path.tolist()) for path in work.available]
    calendars = [Calendar(pace) for pace in work.pace]
    tasks = len(weeks)
    done = [env.event() for _ in range(tasks)]
    begin, finish = np.full(tasks, np.inf), np.full(tasks, np.inf)

    def task(j: int) -> Iterator[Any]:
        before = work.before[work.first_before[j] : work.first_before[j + 1]]
        yield env.all_of([done[b] for b in before])
        there = max([work.release_week[j], *arrives[work.first_order[j] : work.first_order[j + 1]]])
        if there == np.inf:
            return
        if there > env.now:
            yield env.timeout(there - env.now)
        k = work.crew[j]
        if k >= 0:
            yield pools[k].request(int(work.rank[j]), env.now, j, float(work.workers[j]))
        begin[j] = env.now
        yield env.timeout(max(0.0, calendars[work.calendar[j]].finish(env.now, float(weeks[j])) - env.now))
        finish[j] = env.now
        if k >= 0:
            pools[k].release(float(work.workers[j]))
        done[j].succeed()

    for j in range(tasks):
        env.process(task(j))
    env.run()
    return begin, finish
