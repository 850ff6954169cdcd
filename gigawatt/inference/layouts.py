"""Layouts: which ways of spreading a model over chips make sense, and which are refused."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import numpy as np

from gigawatt.inference.points import Layout
from gigawatt.inference.shapes import Chip, Model


def refuse_layout(model: Model, layout: Layout) -> None:
    """ValueError where `model` cannot be spread that way; the text says what can be."""
    for name, degree in degrees(layout).items():
        if not (1 <= degree < inf and degree == int(degree)):
            raise ValueError(f"{name} {degree:g} is not a whole number of at least 1")
    tp, pp, ep, group = int(layout.tp), int(layout.pp), int(layout.ep), int(layout.group)
    if model.heads % tp:
        raise ValueError(
            f"tensor_parallel {tp} does not divide the {model.heads:g} heads of {model.name}; "
            f"allowed: {listed(divisors(model.heads))}"
        )
    if pp > model.layers:
        raise ValueError(f"pipeline_parallel {pp} is more than the {model.layers:g} layers of {model.name}")
    if ep == 1:
        return
    if model.experts <= 0:
        raise ValueError(f"expert_parallel {ep}: {model.name} has no experts; allowed: 1")
    allowed = [n for n in divisors(group) if model.experts % n == 0]
    if ep not in allowed:
        raise ValueError(
            f"expert_parallel {ep} must divide tensor_parallel x data_parallel = {group} "
            f"and the {model.experts:g} experts of {model.name}; allowed: {listed(allowed)}"
        )


def degrees(layout: Layout) -> dict[str, float]:
    """The four degrees of parallelism by the names that users write."""
    return {
        "tensor_parallel": layout.tp,
        "pipeline_parallel": layout.pp,
        "expert_parallel": layout.ep,
        "data_parallel": layout.dp,
    }


def said(layout: Layout) -> str:
    """A layout in words: `tensor_parallel=8, pipeline_parallel=2`; degrees of 1 are left out."""
    words = [f"{name}={degree:g}" for name, degree in degrees(layout).items() if degree > 1]
    return ", ".join(words) or "tensor_parallel=1"


def divisors(number: float) -> list[int]:
    """Whole numbers that divide `number`, in order."""
    return [n for n in range(1, int(number) + 1) if number % n == 0]


def listed(numbers: Iterable[int]) -> str:
    """Numbers with commas between."""
    return ", ".join(str(number) for number in numbers)


def layouts(model: Model, chip: Chip, most_chips: int, most_stages: int) -> Layout:
    """Layouts worth trying on so many chips and pipeline stages, as one `Layout` of arrays; degrees are powers of two.

    Tensor parallelism stays within the chips that the scale-up link joins; replicas may be elsewhere where they share
    no more than spread experts, and stages anywhere. Attention is repeated (`dp`) only in mixtures of experts: copies
    of a dense model gain nothing a chip.
    """
    domain = max(int(chip.scaleup_domain), 1)
    rows = [
        (tp, dp, pp, ep)
        for tp in powers(min(domain, most_chips))
        if model.heads % tp == 0
        for dp in (powers(most_chips // tp) if model.experts > 0 else [1])
        for ep in expert_degrees(model, tp * dp, domain)
        for pp in powers(min(most_chips // (tp * dp), most_stages, int(model.layers)))
    ]
    tp, dp, pp, ep = np.array(rows, float).T
    return Layout(tp=tp, dp=dp, pp=pp, ep=ep)


def powers(most: int) -> list[int]:
    """1, 2, 4 ... up to `most`."""
    return [2**k for k in range(max(most, 1).bit_length())]


def expert_degrees(model: Model, group: int, domain: int) -> list[int]:
    """Experts split among all chips of a group, where one link joins them, or spread over them."""
    spread = [group] if group > 1 and model.experts > 0 and model.experts % group == 0 else []
    return ([1] if group <= domain else []) + spread
