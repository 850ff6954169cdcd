"""Queries of a tier: the cheapest configuration that keeps its promises, and what one query then costs.

A tier is a mixture of lengths, and a query of it several requests (attempts side by side, further parts after a full
context): `tiers` makes one load of them. A query costs as many requests as its mean length needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.inference.estimate import Estimate, as_chip, as_model
from gigawatt.inference.frontier import cheapest_of
from gigawatt.inference.pools import MAX_STAGES
from gigawatt.inference.search import Search
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import NODES, WEIGHTS, Tier
from gigawatt.units import TOKENS_PER_MTOK


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a mean query of a tier costs, in the cheapest configuration that keeps the tier's promises."""

    tier: str
    output_tokens: float  # mean over queries, all attempts together
    requests: float  # mean over queries
    usd_per_query: float
    usd_per_mtok_output: float  # all of the cost over the output tokens
    wh_per_query: float
    queries_per_mwh: float
    g_co2_per_query: float
    litres_per_query: float
    estimate: Estimate


def query(
    model: Model | str,
    chip: Chip | str,
    tier: Tier | str,
    *,
    ttft_s: float | None = None,
    tpot_s: float | None = None,
    **options: Any,
) -> Query:
    """What a query of `tier` costs when `model` answers it on `chip`.

    Args:
        ttft_s, tpot_s: Longest mean TTFT and TPOT; the tier's unless given.
        options: Further fields of `Search`, such as `precisions`, `max_chips` and `site`.

    Raises:
        ValueError: No configuration keeps the promises; the text names the nearest miss.
    """
    model = as_model(model)
    tier = Tier.from_catalog(tier) if isinstance(tier, str) else tier
    search = search_for(tier, model, **options)
    ttft_s = tier.ttft_limit_s if ttft_s is None else ttft_s
    tpot_s = tier.tpot_limit_s if tpot_s is None else tpot_s
    found = cheapest_of(model, [as_chip(chip)], [search], ttft_s, tpot_s)
    tokens = mean_tokens(tier)
    requests = tokens / found.output_tokens
    return Query(
        tier=tier.name,
        output_tokens=tokens,
        requests=requests,
        usd_per_query=requests * found.usd_per_query,
        usd_per_mtok_output=found.usd_per_query / found.output_tokens * TOKENS_PER_MTOK,
        wh_per_query=requests * found.wh_per_query,
        queries_per_mwh=found.queries_per_mwh / requests,
        g_co2_per_query=requests * found.g_co2_per_query,
        litres_per_query=requests * found.litres_per_query,
        estimate=found,
    )


def search_for(tier: Tier, model: Model, **options: Any) -> Search:
    """The search whose requests are those of `tier`, drafted tokens included; `options` replace what the tier says."""
    load = tier.load(model, 1.0)
    asked: dict[str, Any] = {
        "input_tokens": float(load.input_tokens),
        "output_tokens": float(load.output_tokens),
        "cached_share": float(load.cached_share),
    }
    if "speculation" not in options:  # else what the tier's drafts yield is no guide
        asked["speculation"] = (int(load.drafted),)
        asked["accepted"] = float(load.accepted) if load.drafted else None
    asked["max_stages"] = MAX_STAGES  # as pools of the weekly world
    return Search(**(asked | options))


def mean_tokens(tier: Tier) -> float:
    """Mean output tokens of a query: a lognormal length is longer in the mean than in the median."""
    return float(tier.tokens_out * np.dot(WEIGHTS, np.exp(tier.spread_out * np.array(NODES))))
