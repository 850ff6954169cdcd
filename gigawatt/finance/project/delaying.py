"""How much later than planned a project may end, so that its plan has periods for every case, draw and question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gigawatt.finance.project.draws import Range
from gigawatt.finance.project.inputs import Project
from gigawatt.units import MONTHS_PER_YEAR

FARTHEST = 4.0  # standard deviations: beyond it lie three draws in 100,000


def delay_months(project: Project, ranges: Mapping[str, Range]) -> float:
    """Months by which the latest end of any case, or of the farthest draws, is after the end as planned."""
    return max(0.0, *(later(project, values) for values in _variants(project, ranges)))


def later(project: Project, values: Mapping[str, float]) -> float:
    """Months by which operation ends later than planned with these values, by path; below 0 where it ends earlier."""
    return _end(project, values) - _end(project, {})


def _variants(project: Project, ranges: Mapping[str, Range]) -> Iterator[dict[str, float]]:
    """Values that differ, by path: of each case alone and with all ranges at their far end."""
    far = {name: float(each.at(np.array([FARTHEST]))[0, 0]) for name, each in ranges.items()}
    yield far
    for case in project.cases.values():
        given = {name: value for name, value in case.items() if not isinstance(value, tuple)}
        yield given
        yield far | given


def _end(project: Project, values: Mapping[str, float]) -> float:
    """Months from the start to the end of operation."""

    def of(path: str, value: float) -> float:
        return values.get(path, value)

    ready = [of(f"phases.{phase.name}.start_month", phase.start_month) + of(f"phases.{phase.name}.months", phase.months)
             for phase in project.phases]  # fmt: skip
    return max(ready) + of("operation_years", project.operation_years) * MONTHS_PER_YEAR
