"""The Pareto frontier of throughput against interactivity, and the cheapest configuration within an SLO."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import numpy as np

from gigawatt.inference.costs import refuse_rent
from gigawatt.inference.estimate import Estimate, as_chip, as_model, rows
from gigawatt.inference.layouts import said
from gigawatt.inference.loop import users_that_fit
from gigawatt.inference.points import take
from gigawatt.inference.search import STEP, Candidates, Search, candidates
from gigawatt.inference.shapes import Chip, Model

FINE = 24  # concurrencies tried between two steps around the cheapest


def frontier(
    model: Model | str, chip: Chip | str, *, input_tokens: float, output_tokens: float, **options: Any
) -> list[Estimate]:
    """Configurations that no other one beats in both tokens/s per chip and tokens/s per user, slowest user first.

    Args:
        options: Further fields of `Search`, such as `precisions`, `max_chips` and `site`.

    Raises:
        ValueError: No configuration fits, or an option is not allowed.
    """
    search = Search(input_tokens=input_tokens, output_tokens=output_tokens, **options)
    found = candidates(as_model(model), as_chip(chip), search)
    per_user = np.concatenate([1.0 / one.tpot_s for one in found])
    per_chip = np.concatenate([one.output_tokens_per_s_per_chip for one in found])
    best = pareto(per_user, per_chip)
    ends = np.cumsum([len(one.tpot_s) for one in found])
    kept: list[Estimate] = []
    for one, end in zip(found, ends, strict=True):
        own = best[(best < end) & (best >= end - len(one.tpot_s))] - (end - len(one.tpot_s))
        kept += rows(one.estimates(own, search.site), len(own))
    return sorted(kept, key=lambda estimate: estimate.output_tokens_per_s_per_user)


def pareto(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Indices of the points that no other one equals or beats in both `a` and `b`, largest `a` first."""
    order = np.lexsort((-b, -a))
    highest = np.maximum.accumulate(b[order])
    kept: np.ndarray = order[np.concatenate([[True], highest[1:] > highest[:-1]])]
    return kept


def cheapest(
    model: Model | str,
    chip: Chip | str | Sequence[Chip | str],
    *,
    ttft_s: float = inf,
    tpot_s: float = inf,
    input_tokens: float,
    output_tokens: float,
    **options: Any,
) -> Estimate:
    """The configuration with the least USD per query whose mean TTFT and TPOT keep the SLO.

    Args:
        chip: One chip, or several to choose from.
        options: Further fields of `Search`.

    Raises:
        ValueError: None keeps it: the text names the nearest miss. Or an option is not allowed.
    """
    search = Search(input_tokens=input_tokens, output_tokens=output_tokens, **options)
    chips = [chip] if isinstance(chip, Chip | str) else chip
    return cheapest_of(as_model(model), [as_chip(one) for one in chips], [search], ttft_s, tpot_s)


def cheapest_of(
    model: Model, chips: Iterable[Chip], searches: Sequence[Search], ttft_s: float, tpot_s: float
) -> Estimate:
    """As `cheapest`, over several chips and several searches; those on which the model does not fit are left out."""
    chips = tuple(chips)
    for name, limit_s in (("ttft_s", ttft_s), ("tpot_s", tpot_s)):
        if not limit_s > 0:
            raise ValueError(f"{name} {limit_s:g} is not above 0")
    refuse_rent(chips, [search.site for search in searches])
    best: list[Estimate] = []
    missed: list[tuple[float, Candidates, int]] = []
    refused: list[ValueError] = []
    for chip in chips:
        for search in searches:
            try:
                found = candidates(model, chip, search)
            except ValueError as error:
                refused.append(error)
                continue
            for one in found:
                excess = np.maximum(one.ttft_s / ttft_s, one.tpot_s / tpot_s)
                if excess.min() <= 1.0:
                    best.append(_cheapest_in(one, excess, search, ttft_s, tpot_s))
                else:
                    missed.append((float(excess.min()), one, int(excess.argmin())))
    if best:
        return min(best, key=lambda estimate: estimate.usd_per_query)
    if missed:
        _, near, i = min(missed, key=lambda miss: miss[0])
        raise ValueError(_miss(near, i, ttft_s, tpot_s))
    raise refused[0]


def _cheapest_in(one: Candidates, excess: np.ndarray, search: Search, ttft_s: float, tpot_s: float) -> Estimate:
    """The cheapest configuration that keeps the SLO, concurrencies between the steps tried around it."""
    keeping = np.flatnonzero(excess <= 1.0)
    best = keeping[np.argmin(one.estimates(keeping, search.site).usd_per_query)]
    same = take(one.points, np.full(FINE + 1, best))
    between = np.round(same.load.users * np.geomspace(1.0 / STEP, STEP, FINE + 1))
    most = np.minimum(np.floor(users_that_fit(same)), search.max_concurrency)
    users = np.clip(between, same.layout.dp * same.layout.pp, most)
    finer = one.at(replace(same, load=replace(same.load, users=users)))
    keeping = np.flatnonzero((finer.ttft_s <= ttft_s) & (finer.tpot_s <= tpot_s))
    usd_per_query = finer.estimates(keeping, search.site).usd_per_query
    return rows(finer.estimates(keeping[[np.argmin(usd_per_query)]], search.site), 1)[0]


def _miss(near: Candidates, i: int, ttft_s: float, tpot_s: float) -> str:
    layout = said(take(near.points.layout, np.asarray(i)))
    asked = " and ".join([f"TTFT {ttft_s:g} s"] * (ttft_s < inf) + [f"TPOT {tpot_s * 1e3:g} ms"] * (tpot_s < inf))
    return (
        f"no configuration of {near.model.name} keeps {asked}; the nearest is {near.precision} on {near.chip.name} "
        f"with {layout}, concurrency {near.points.load.users[i]:g}: TTFT {near.ttft_s[i]:.3g} s, "
        f"TPOT {near.tpot_s[i] * 1e3:.3g} ms"
    )
