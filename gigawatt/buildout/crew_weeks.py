"""The work in a megawatt: worker-weeks by trade, and how long a campus is under way, from the stages alone."""

from __future__ import annotations

from gigawatt.buildout.combined import total
from gigawatt.buildout.design import GRID
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.stages import ONSITE, Stage, ordered, standard_stages


def stages_of(power: str, stages: tuple[Stage, ...] | None = None) -> tuple[Stage, ...]:
    """The stages that a campus with that source of power goes through, predecessors first."""
    given = standard_stages() if stages is None else ordered(stages)
    return tuple(stage for stage in given if stage.power in ("", GRID if power == GRID else ONSITE))


def crew_weeks_per_mw(power: str = GRID, stages: tuple[Stage, ...] | None = None) -> dict[str, Spread]:
    """Worker-weeks of a MW of site power by trade, for the first phase of a site and of the size the durations are for.

    Learning and waiting are left out. Doubts of the stages are taken as independent.
    """
    work: dict[str, list[Spread]] = {}
    for stage in stages_of(power, stages):
        if stage.workers_per_mw > 0.0:
            work.setdefault(stage.trade, []).append(stage.weeks * stage.workers_per_mw)
    return {trade: total(spreads) for trade, spreads in work.items()}


def weeks_under_way(power: str = GRID, stages: tuple[Stage, ...] | None = None, on_site: bool = False) -> Spread:
    """Weeks of the longest chain of stages, in the median and at either end; `on_site`: only those that hold workers.

    Nothing waits for items or workers; with them a campus is under way longer. Either end is that of the chain that is
    longest there: a campus waits for the last of its chains.
    """
    known = stages_of(power, stages)
    counted = {stage.name: stage.weeks for stage in known if stage.workers_per_mw > 0.0 or not on_site}
    if not counted:
        raise ValueError(f"no stage of a campus on {power} {'holds workers' if on_site else 'is known'}")
    found = [total(counted[name] for name in way if name in counted) for way in ways(known)]
    longest, low, high = (max(getattr(weeks, end) for weeks in found) for end in ("median", "low", "high"))
    return Spread(longest, low, high)


def ways(stages: tuple[Stage, ...]) -> list[tuple[str, ...]]:
    """All ways through stages, predecessors first, from each of them to one that nothing comes after."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for stage in reversed(stages):
        after = [way for other in stages if stage.name in other.after for way in found[other.name]]
        found[stage.name] = [(stage.name, *way) for way in after] or [(stage.name,)]
    return [way for each in found.values() for way in each]
