"""A task: one stage of one phase of a project."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt.buildout.design import Need
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One stage of one phase (or of the site, phase -1) of a project."""

    project: int
    phase: int
    stage: Stage
    mw: float  # of power that it serves
    weeks: Spread
    release_week: float
    order_week: float  # when the project's items are ordered, but for what their buyers order ahead
    later_weeks: float = 0.0  # by which its phase begins after the project, in the usual course
    is_done: bool = False
    orders: tuple[Need, ...] = ()
    before: tuple[int, ...] = ()  # indices of the tasks that it comes after

    @property
    def wants_crew(self) -> bool:
        """Whether it holds workers."""
        return self.stage.workers_per_mw > 0.0 and not self.is_done
