"""Memory: what each chip must hold, what is left, and the smallest layout that holds a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.inference.factors import FITTED, Factors
from gigawatt.inference.formats import allowed
from gigawatt.inference.layouts import layouts, said
from gigawatt.inference.loop import cache_bytes, users_that_fit, weight_bytes
from gigawatt.inference.points import Layout, Load, Points, point, take
from gigawatt.inference.shapes import PRECISIONS, Chip, Model
from gigawatt.units import BYTES_PER_GB

Number = Any
MOST_CHIPS, MOST_STAGES = 1024, 64  # of a layout that is proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What one chip of a serving point holds, in GB of 1e9 bytes."""

    usable_gb: Number  # what the serving software may fill
    weights_gb: Number
    request_gb: Number  # cache of one request at its mean context
    cache_gb: Number  # caches of all requests served at once
    free_gb: Number  # below 0 where not even one request fits
    users: Number  # requests that fit at once, over all replicas

    @classmethod
    def of(cls, points: Points, factors: Factors = FITTED) -> Memory:
        """Memory of each point; at most as many requests are counted as fit."""
        usable = factors.memory_share * points.machine.memory_byte / BYTES_PER_GB
        weights, request = weight_bytes(points) / BYTES_PER_GB, cache_bytes(points) / BYTES_PER_GB
        fitting = users_that_fit(points, factors)
        served = np.maximum(np.minimum(points.load.users, fitting) / points.layout.dp, 1.0)
        return cls(
            usable_gb=usable,
            weights_gb=weights,
            request_gb=request,
            cache_gb=served * request,
            free_gb=usable - weights - served * request,
            users=np.maximum(np.floor(fitting), 0.0),
        )


def fits(points: Points) -> Number:
    """Whether the weights and the cache of at least one request of each replica fit."""
    return users_that_fit(points) >= points.layout.dp


def smallest_that_fits(model: Model, chip: Chip, precision: str, load: Load, framework: str = "vllm") -> Layout | None:
    """The layout of fewest chips, then of fewest stages, that holds one request of `load`; None where none does."""
    tried = layouts(model, chip, MOST_CHIPS, MOST_STAGES)
    good = np.flatnonzero(fits(point(model, chip, precision, tried, load, framework)))
    if not len(good):
        return None
    best = good[np.lexsort((tried.pp[good], tried.chips[good]))[0]]
    return take(tried, best)


def refuse_overflow(model: Model, chip: Chip, precision: str, points: Points, framework: str = "vllm") -> None:
    """ValueError where not even one request fits: by how many GB, and the smallest layout and the format that do."""
    if fits(points):
        return
    held = Memory.of(points)
    raise ValueError(
        f"{model.name} in {precision} on {chip.name} with {said(points.layout)}: weights {held.weights_gb:.1f} GB "
        f"and cache {held.request_gb:.1f} GB for one request of a replica exceed the {held.usable_gb:.1f} GB "
        f"open to them on a chip by {-held.free_gb:.1f} GB; {_remedy(model, chip, precision, points, framework)}"
    )


def _remedy(model: Model, chip: Chip, precision: str, points: Points, framework: str) -> str:
    layout = smallest_that_fits(model, chip, precision, points.load, framework)
    ways = [f"{said(layout)} ({layout.chips:g} chips)"] if layout else []
    ways += [f"{name} with {said(points.layout)}" for name in _narrower(model, chip, precision, points, framework)[:1]]
    return f"smallest that fits: {', or '.join(ways)}" if ways else "no layout holds it: try shorter lengths"


def _narrower(model: Model, chip: Chip, precision: str, points: Points, framework: str) -> list[str]:
    """Narrower formats that the chip serves in which the layout holds the load."""
    below = PRECISIONS[PRECISIONS.index(precision) + 1 :]
    served = [name for name in below if name in allowed(chip)]
    return [name for name in served if fits(point(model, chip, name, points.layout, points.load, framework))]
