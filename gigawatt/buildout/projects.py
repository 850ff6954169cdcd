"""Projects and portfolios: what is to be built where, from when, in which steps, and who goes first."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from gigawatt.buildout.design import Design
from gigawatt.buildout.stages import NEW, SHELLS, Stage, ordered, standard_stages

OPENING = dt.date(2026, 1, 5)  # the Monday from which the catalog's supply counts
EARLIEST, LATEST = dt.date(2016, 1, 1), dt.date(2076, 1, 1)  # starts of plans to which its growth is run back and on


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A campus that is energised in `phases` (MW each), the n-th begun n x `stagger_weeks` after `start`."""

    name: str
    region: str
    start: dt.date
    phases: tuple[float, ...]
    design: Design = field(default_factory=Design)
    stagger_weeks: float = 0.0
    priority: int = 0  # lower goes first where items or crews are short
    stage: str = ""  # under way at the start of the plan; what comes before it is done
    done: float = 0.0  # share of that stage that is done
    due: dt.date | None = None  # contract date of full power
    damages_usd_per_mw_day: float = 0.0  # liquidated damages after that
    damages_cap_share: float = 0.1  # of the capex
    weeks: Mapping[str, float] = field(default_factory=dict)  # stage -> its duration where it is known
    energised_mw: float = 0.0  # at the site before the plan, beside the phases
    shell: str = NEW  # or in a "standing" building, or "prefabricated": tents and modules
    tempo: float = 1.0  # of the builder: factor on the durations of what is done for every phase

    def __post_init__(self) -> None:
        if not self.phases or not all(0.0 < mw < math.inf for mw in self.phases):
            raise ValueError(f"project {self.name}: phases {self.phases}; wants one or more, each above 0 MW")
        if not 0.0 <= self.done < 1.0:
            raise ValueError(f"project {self.name}: done {self.done:g} is not within 0 and 1")
        if not 0.0 <= self.energised_mw < math.inf:
            raise ValueError(f"project {self.name}: energised_mw {self.energised_mw:g} is below 0")
        if self.shell not in SHELLS:
            raise ValueError(f"project {self.name}: unknown shell {self.shell!r}; known: {', '.join(SHELLS)}")
        if not 0.0 < self.tempo < math.inf:
            raise ValueError(f"project {self.name}: tempo {self.tempo:g} is not above 0")
        if self.stagger_weeks < 0.0:
            raise ValueError(f"project {self.name}: stagger_weeks {self.stagger_weeks:g} is below 0")
        for stage, weeks in self.weeks.items():
            if not 0.0 < weeks < math.inf:
                raise ValueError(f"project {self.name}: {weeks:g} weeks of {stage}; wants above 0")

    @property
    def mw(self) -> float:
        """Power of all phases."""
        return math.fsum(self.phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Projects that share crews and supply, from `start` on.

    Raises:
        ValueError: A name stands twice, a project begins before `start` without a stage that it has reached, or the
            plan has no weeks or begins so early or late that nothing is known of its supply.
    """

    projects: tuple[Project, ...]
    start: dt.date = OPENING
    weeks: int = 780  # for which supply and crews are laid out; later ones are as in the last
    stages: tuple[Stage, ...] = field(default_factory=standard_stages)
    one_buyer: bool = False  # whether the projects get one buyer's share of each supply, or stand for all builders

    def __post_init__(self) -> None:
        if not self.projects:
            raise ValueError("a portfolio has at least one project")
        if not EARLIEST <= self.start <= LATEST or self.weeks < 1:
            raise ValueError(
                f"a plan of {self.weeks} weeks from {self.start}; wants at least 1, from {EARLIEST} to {LATEST}"
            )
        twice = [name for name, count in Counter(p.name for p in self.projects).items() if count > 1]
        if twice:
            raise ValueError(f"projects that stand twice: {', '.join(twice)}")
        for project in self.projects:
            if project.start < self.start and not project.stage:
                raise ValueError(
                    f"project {project.name}: starts on {project.start}, before the plan on {self.start}; "
                    "say which stage it has reached, or start it later"
                )
        object.__setattr__(self, "stages", ordered(self.stages))
