"""What cannot be of a project once the values of a case, or the ends of a range, are put into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS, Problem, outside_of
from gigawatt.finance.project.checking_debt import size_problems
from gigawatt.finance.project.checking_sales import sales_problems
from gigawatt.finance.project.checking_time import overlaps, phase_problems
from gigawatt.finance.project.inputs import Project

Given = Mapping[str, float | tuple[float, ...]]


def case_problems(project: Project) -> Iterator[Problem]:
    """Of every case by itself: paths begin with `cases`."""
    for case, given in project.cases.items():
        yield from (replace(each, path=f"cases.{case}.{each.path}") for each in problems_with(project, given))


def problems_with(project: Project, given: Given) -> tuple[Problem, ...]:
    """What the values make impossible that is possible without them.

    Lengths of contracts and loans are not looked at: a stress may end a project before them.
    """
    found = list(_outside(given))
    if not found:
        before = set(_limits(project))
        found = [each for each in _limits(with_values(project, given)) if each not in before]
    return tuple(found)


def _limits(project: Project) -> Iterator[Problem]:
    """Shares that do not add up, debt above what it may be, costs above what they are a share of."""
    yield from phase_problems(project)
    yield from size_problems(project)
    yield from sales_problems(project)
    yield from overlaps(project)


def _outside(given: Given) -> Iterator[Problem]:
    for path, value in given.items():
        head, _, rest = path.partition(".")
        entity = GROUPS.get(head) or SECTIONS.get(head) or Project
        part, _, name = path.rpartition(".") if rest else ("", "", path)
        yield from outside_of(entity, {name: value}, part)


def with_values(project: Project, given: Given) -> Project:
    """The project with values in place of its own, by path; what is no field of it is left as it is."""
    for path, value in given.items():
        head, _, rest = path.partition(".")
        if head in GROUPS:
            project = _replaced(project, head, _with(getattr(project, head), rest, value))
        elif head in SECTIONS:
            name, _, field = rest.rpartition(".")
            parts = [_with(each, field, value) if _named(each) == name else each for each in getattr(project, head)]
            project = _replaced(project, head, tuple(parts))
        elif not rest and path != "start":  # a day, which changes no sum
            project = _with(project, path, value)
    return project


def _named(part: Any) -> str:
    return str(getattr(part, "name", None) or getattr(part, "guarantor", ""))


def _replaced(project: Project, section: str, parts: Any) -> Project:
    changed: Project = replace(project, **{section: parts})
    return changed


def _with(part: Any, field: str, value: float | tuple[float, ...]) -> Any:
    if not hasattr(part, field):
        return part
    several = isinstance(getattr(part, field), tuple)
    return replace(part, **{field: value if isinstance(value, tuple) or not several else (value,)})
