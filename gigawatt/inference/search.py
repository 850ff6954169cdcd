"""What a search may choose from: every configuration of a model on a chip that fits in memory, as arrays.

Tried are precision x tensor, data, expert and pipeline parallelism x drafted tokens x concurrency, which goes up in
steps of `STEP` to what fits: a few calls of `latency`, no loop over points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from gigawatt.inference.costs import Site
from gigawatt.inference.estimate import Estimate, estimates
from gigawatt.inference.flow import flow
from gigawatt.inference.formats import refuse_unknown
from gigawatt.inference.layouts import layouts
from gigawatt.inference.load import load_of, refuse_framework, refuse_load
from gigawatt.inference.loop import latency, users_that_fit
from gigawatt.inference.points import Load, Points, point, take
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.speculation import DRAFTS

Number = Any
STEP = 2**0.5  # between one concurrency and the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is asked, and what may be chosen."""

    input_tokens: float
    output_tokens: float
    cached_share: float = 0.0  # of the prompt
    disaggregated: bool = False
    precisions: tuple[str, ...] = ()  # empty: all that the chip computes
    speculation: tuple[int, ...] = ()  # tokens drafted in a step; empty: `DRAFTS` where the model has layers for it
    accepted: float | None = None  # tokens that a drafting step yields; as fitted unless given
    max_chips: int = 64  # of a group
    max_stages: int = 2  # of a pipeline: stages are taken as evenly filled, which flatters long ones
    max_concurrency: int = 4096  # of a group
    framework: str = "vllm"
    site: Site | None = None  # the catalog's unless given

    def __post_init__(self) -> None:
        for name in ("max_chips", "max_stages", "max_concurrency"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name):g} is not at least 1")
        if self.accepted is not None and not any(self.speculation):
            raise ValueError(f"accepted {self.accepted:g} needs speculation: say how many tokens a step drafts")

    def drafts(self, model: Model) -> tuple[int, ...]:
        """Drafted tokens that may be chosen."""
        return self.speculation or (DRAFTS if model.draft_layers > 0 else (0,))

    def load(self, users: Number, drafted: Number) -> Load:
        """The load of `users`, numbers or arrays."""
        load = load_of(
            users, self.input_tokens, self.output_tokens, self.cached_share, drafted, None, self.disaggregated
        )
        if self.accepted is None:
            return load
        return replace(load, accepted=np.where(np.asarray(drafted) > 0, self.accepted, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Configurations of one model on one chip in one precision, as arrays, with how fast they are."""

    model: Model
    chip: Chip
    precision: str
    framework: str
    points: Points
    ttft_s: np.ndarray
    tpot_s: np.ndarray
    output_tokens_per_s_per_chip: np.ndarray

    @classmethod
    def of(cls, model: Model, chip: Chip, precision: str, framework: str, points: Points) -> Self:
        """The configurations of `points`, timed."""
        found = latency(points)
        through = flow(points, found)
        return cls(
            model=model,
            chip=chip,
            precision=precision,
            framework=framework,
            points=points,
            ttft_s=found.ttft_s,
            tpot_s=found.tpot_s,
            output_tokens_per_s_per_chip=through.requests_per_s / through.chips * points.load.output_tokens,
        )

    def at(self, points: Points) -> Candidates:
        """Other points of the same model, chip and precision."""
        return Candidates.of(self.model, self.chip, self.precision, self.framework, points)

    def estimates(self, chosen: np.ndarray, site: Site | None) -> Estimate:
        """The chosen configurations in full, as arrays."""
        points = take(self.points, chosen)
        return estimates(self.model, self.chip, self.precision, self.framework, points, site or Site())


def candidates(model: Model, chip: Chip, search: Search) -> list[Candidates]:
    """Configurations that fit, by precision.

    Raises:
        ValueError: None fits, or an option is not allowed.
    """
    refuse_framework(search.framework)
    for drafted in search.drafts(model):
        refuse_load(model, search.load(1.0, drafted))
    found = []
    for precision in search.precisions or tuple(chip.peaks):
        refuse_unknown(chip, precision)
        points = grid(model, chip, precision, search)
        if points is not None:
            found.append(Candidates.of(model, chip, precision, search.framework, points))
    if not found:
        raise ValueError(f"{model.name} fits on no layout of up to {search.max_chips} {chip.name}")
    return found


def grid(model: Model, chip: Chip, precision: str, search: Search) -> Points | None:
    """Points of every layout, number of drafted tokens and concurrency; None where no layout holds the model."""
    tried = layouts(model, chip, search.max_chips, search.max_stages)
    empty = point(model, chip, precision, tried, search.load(1.0, 0), search.framework)
    most = np.minimum(np.floor(users_that_fit(empty)), search.max_concurrency)
    steps = concurrencies(search.max_concurrency)
    drafts = np.array(search.drafts(model), float)
    lay, user, draft = (axis.ravel() for axis in np.indices((len(most), len(steps), len(drafts))))
    users = np.minimum(steps[user], most[lay])
    before = np.concatenate([[0.0], steps[:-1]])[user]
    # The first step beyond what fits is cut to it; later ones would repeat it. Fewer users than replicas idle some.
    good = (before < most[lay]) & (users >= (tried.dp * tried.pp)[lay]) & (most >= tried.dp)[lay]
    if not good.any():
        return None
    load = search.load(users[good], drafts[draft[good]])
    return point(model, chip, precision, take(tried, lay[good]), load, search.framework)


def concurrencies(most: int) -> np.ndarray:
    """Whole numbers from 1 to `most`, `STEP` times apart."""
    count = 1 + int(np.ceil(np.log(most) / np.log(STEP)))
    return np.unique(np.round(np.geomspace(1.0, most, count)))
