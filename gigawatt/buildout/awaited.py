"""What each task waited for, draw by draw: predecessors and release, then the item that came last, then workers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.buildout.work import Work

Array = np.ndarray
NOTHING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Shapes (draws, tasks). A task waits for `item` from `own` until it is ready, and for workers until it begins."""

    own: Array  # week at which its predecessors are finished and its release is past
    before: Array  # the predecessor that finished last; -1: none, or none as late as the release
    item: Array  # the pool of the item that came last; -1: it orders none

    def weeks(self, work: Work, ready: Array, begin: Array) -> tuple[Array, Array]:
        """Weeks that each task waited for its item, and for its workers; 0 where it never came so far as to wait."""
        came, is_ready = np.isfinite(self.own), np.isfinite(ready) & (work.crew >= 0)
        for_item = np.where(came, ready - np.where(came, self.own, 0.0), 0.0)
        return for_item, np.where(is_ready, begin - np.where(is_ready, ready, 0.0), 0.0)


def awaited(work: Work, finish: Array, arrives: Array) -> Awaited:
    """What the tasks of a schedule waited for; of several that came together, the first counts.

    Args:
        finish: (draws, tasks)
        arrives: (draws, orders)
    """
    own, before, item = np.empty(finish.shape), np.full(finish.shape, NOTHING), np.full(finish.shape, NOTHING)
    for j in range(len(work.weeks)):
        own[:, j] = work.release_week[j]
        tasks = work.before[work.first_before[j] : work.first_before[j + 1]]
        if len(tasks):
            ends = finish[:, tasks]
            latest = ends.max(axis=1)
            before[:, j] = np.where(latest >= own[:, j], tasks[ends.argmax(axis=1)], NOTHING)
            own[:, j] = np.maximum(own[:, j], latest)
        first, end = work.first_order[j], work.first_order[j + 1]
        if end > first:
            item[:, j] = work.order_item[first + arrives[:, first:end].argmax(axis=1)]
    return Awaited(own=own, before=before, item=item)
