"""How far the tasks of a project have come when the plan begins: by its stage and the usual course of the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gigawatt.buildout.projects import Project
from gigawatt.buildout.stages import PHASE, SITE, Stage

Key = tuple[str, int]  # stage, and phase or -1 for what is done once for the site


def keys(stage: Stage, phases: int) -> list[int]:
    """Phases that a stage is done for; -1 for the site."""
    return [-1] if stage.per == SITE else list(range(phases))


def befores(stage: Stage, phase: int, stages: Sequence[Stage], phases: int) -> list[Key]:
    """Tasks that a task comes after; stages that the project does not go through are left out."""
    found: list[Key] = []
    for other in stages:
        if other.name in stage.after:
            alike = phase >= 0 and other.per == PHASE
            found += [(other.name, phase)] if alike else [(other.name, k) for k in keys(other, phases)]
    return found


def course(
    project: Project, stages: Sequence[Stage], weeks: Callable[[Stage, int], float]
) -> Mapping[Key, tuple[float, float]]:
    """Weeks since the project's start at which each task begins and ends, with nothing short.

    The first stage of phase n begins n x `stagger_weeks` after that of phase 0.

    Args:
        stages: Those of the project, predecessors first.
        weeks: Duration of a stage of a phase.
    """
    found: dict[Key, tuple[float, float]] = {}
    count, begun = len(project.phases), None
    for stage in stages:
        for phase in keys(stage, count):
            begin = max((found[key][1] for key in befores(stage, phase, stages, count)), default=0.0)
            if phase >= 0:
                begun = begin if begun is None else begun
                begin = max(begin, begun + phase * project.stagger_weeks)
            found[stage.name, phase] = begin, begin + weeks(stage, phase)
    return found


def later_weeks(project: Project, usual: Mapping[Key, tuple[float, float]], phase: int) -> float:
    """Weeks from the start of the project to the begin of a phase in the usual course; 0 for the site."""
    begun = min((begin for (_, k), (begin, _) in usual.items() if k == 0), default=0.0)
    return begun + phase * project.stagger_weeks if phase >= 0 else 0.0


def progress(project: Project, usual: Mapping[Key, tuple[float, float]]) -> Mapping[Key, float]:
    """Share of each task that is done at the start of the plan; 0 for all where the project names no stage.

    Every task, of later phases too, has come as far as it has in the usual course by the week of `weeks_gone`.

    Args:
        usual: The project's course.
    """
    gone = weeks_gone(project, usual)
    if gone is None:
        return dict.fromkeys(usual, 0.0)
    return {key: min(1.0, max(0.0, (gone - begin) / (end - begin))) for key, (begin, end) in usual.items()}


def weeks_gone(project: Project, usual: Mapping[Key, tuple[float, float]]) -> float | None:
    """Weeks of the usual course that a project has behind it at the start of the plan; None where it names no stage.

    The stage that it names, of its first phase, is done to the share it gives; that is a moment in the usual course.
    Its day of start does not count: how far it has come is known better from where it stands.

    Raises:
        ValueError: The stage is not one of the project's.
    """
    if not project.stage:
        return None
    names = list(dict.fromkeys(name for name, _ in usual))
    if project.stage not in names:
        raise ValueError(f"project {project.name}: unknown stage {project.stage!r}; its stages: {', '.join(names)}")
    begin, end = next(course for (name, _), course in usual.items() if name == project.stage)
    return begin + project.done * (end - begin)
