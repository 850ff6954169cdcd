"""Pools: the layout and the users that make most tokens per chip within a tier's promises.

Every layout of every chip is tried with a few numbers of users in one call of `latency`; between those numbers the
promise that breaks first is found by interpolation, and once more within the bracket that holds it.

    tokens/s per chip = users x answer / (TTFT + (answer - 1) x TPOT) / chips
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from gigawatt.inference.factors import FITTED, NAMES, Factors
from gigawatt.inference.flow import Flow, flow
from gigawatt.inference.layouts import layouts
from gigawatt.inference.load import refuse_load
from gigawatt.inference.loop import ROUNDS, Latency, latency, users_that_fit
from gigawatt.inference.points import Layout, Points, point, stack, take
from gigawatt.inference.shapes import Chip, Model
from gigawatt.inference.tiers import Tier

MAX_CHIPS = 64  # of one stage: wider ones gain little and fail more often
MAX_STAGES = 8
COARSE, FINE = 8, 64  # numbers of users tried for a layout, and within the bracket of the best one
SLACK = 1e-9  # so that a whole number stays one after rounding
ROUGH = 6  # rounds of the loop that tell layouts apart
MORE = 0.1  # by which a factor is moved to see what hangs on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """One way to serve a tier, at full load."""

    model: str
    chip: str
    tier: str
    precision: str
    tensor_parallel: int
    data_parallel: int
    expert_parallel: int
    stages: int
    users: int  # served at a time by one group
    input_tokens: float  # of a request: mean context less half an answer
    output_tokens: float
    ttft_s: float
    tpot_s: float
    output_tokens_per_s_per_chip: float
    prefill_share: float  # of the chips' time
    j_per_output_token: float  # prompt included, at `system_power_w`, before PUE

    @property
    def chips(self) -> int:
        """Chips of one group."""
        return self.tensor_parallel * self.data_parallel * self.stages


def serve(model: Model, chip: Chip, tier: Tier, precision: str | None = None, k: Factors = FITTED) -> Serving:
    """The `Serving` with most output tokens per second and chip that keeps the tier's promises.

    Raises:
        ValueError: No group keeps the promises or holds the model.
    """
    found = servings(model, (chip,), tier, precision, k)
    if not found:
        raise ValueError(
            f"{model.name} on {chip.name} in {precision or chip.best_precision} cannot keep tier {tier.name}: "
            f"TTFT {tier.ttft_limit_s:g} s, TPOT {tier.tpot_limit_s * 1e3:g} ms, "
            f"up to {MAX_STAGES} stages of {MAX_CHIPS} chips"
        )
    return found[0]


def table(
    tiers: Mapping[str, tuple[Tier, Model]], chips: tuple[Chip, ...], k: Factors = FITTED
) -> dict[tuple[str, str], Serving]:
    """`Serving` by (chip, tier), each chip in its best precision; pairs that no group can serve are left out."""
    return {
        (found.chip, name): found
        for name, (tier, model) in tiers.items()
        for found in servings(model, chips, tier, None, k)
    }


@lru_cache(maxsize=64)
def servings(
    model: Model, chips: tuple[Chip, ...], tier: Tier, precision: str | None = None, k: Factors = FITTED
) -> tuple[Serving, ...]:
    """The best `Serving` on each of `chips` that can keep the tier's promises, in their order."""
    load, formats = tier.load(model, 1.0), [precision or chip.best_precision for chip in chips]
    refuse_load(model, load)
    named = stack([point(model, chip, name, Layout(), load) for chip, name in zip(chips, formats, strict=True)])
    rows, layout = tried(model, chips)
    p = replace(take(named, rows), layout=layout)
    room = users_that_fit(p, k)
    holds = np.flatnonzero(room >= layout.dp * layout.pp)  # fewer users than replicas and stages would idle some
    p, rows, room = take(p, holds), rows[holds], room[holds]
    low, high, rate = bracket(p, room, tier, k)
    best = [pick(np.flatnonzero(rows == c), rate, p.layout.chips) for c in range(len(chips))]
    kept = np.array([one for one in best if one >= 0], int)
    figures = settled(take(p, kept), low[kept], high[kept], tier, k)
    return tuple(
        Serving(model=model.name, chip=chips[c].name, tier=tier.name, precision=formats[c], **figure,
                j_per_output_token=chips[c].system_power_w / figure["output_tokens_per_s_per_chip"])
        for c, figure in zip(rows[kept], figures, strict=True)
        if figure["output_tokens_per_s_per_chip"] > 0
    )  # fmt: skip


def leanings(model: Model, chip: Chip, tier: Tier, serving: Serving, k: Factors = FITTED) -> dict[str, float]:
    """Change of tokens per second with `MORE` of each fitted factor, as a share, at the same layout and users.

    The strongest come first; a promise that then breaks is not seen.
    """
    layout = Layout(tp=serving.tensor_parallel, dp=serving.data_parallel, pp=serving.stages, ep=serving.expert_parallel)
    p = point(model, chip, serving.precision, layout, tier.load(model, serving.users))
    moved = 1 + MORE * np.eye(len(NAMES) + 1, len(NAMES))  # the last row moves none
    found = latency(p, Factors(**{name: getattr(k, name) * moved[:, i] for i, name in enumerate(NAMES)}))
    pace_s = found.round_s
    change = found.users / found.users[-1] * pace_s[-1] / pace_s - 1
    return {NAMES[i]: float(change[i]) for i in np.argsort(-abs(change[:-1]))}


def tried(model: Model, chips: tuple[Chip, ...]) -> tuple[np.ndarray, Layout]:
    """All layouts of each chip that are worth trying, with the row of its chip."""
    found = [layouts(model, chip, MAX_CHIPS * MAX_STAGES, MAX_STAGES) for chip in chips]
    rows = np.repeat(np.arange(len(chips)), [one.tp.size for one in found])
    degrees = {name: np.concatenate([getattr(one, name) for one in found]) for name in ("tp", "dp", "pp", "ep")}
    kept = degrees["tp"] * degrees["dp"] <= MAX_CHIPS
    return rows[kept], take(Layout(**degrees), kept)


def swept(p: Points, users: np.ndarray, k: Factors, rounds: int = ROUNDS) -> tuple[Latency, Flow]:
    """Latency and flow of n points, each with s numbers of users; shapes (n, s)."""
    wide = take(p, np.arange(len(users))[:, None])
    wide = replace(wide, load=replace(wide.load, users=users))
    found = latency(wide, k, rounds)
    return found, flow(wide, found)


def strain(found: Latency, tier: Tier) -> np.ndarray:
    """How far the tighter promise is strained: 1 is just kept."""
    strained: np.ndarray = np.maximum(found.ttft_s / tier.ttft_limit_s, found.tpot_s / tier.tpot_limit_s)
    return strained


def bracket(p: Points, room: np.ndarray, tier: Tier, k: Factors) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of users between which a promise breaks, and requests per second and chip there; 0 where none is kept."""
    users = np.geomspace(p.layout.dp * p.layout.pp, room, COARSE, axis=1)
    found, flows = swept(p, users, k, ROUGH)
    rate = flows.requests_per_s / flows.chips
    strained, every = strain(found, tier), np.arange(len(room))
    last = COARSE - 1 - np.argmax(strained[:, ::-1] <= 1, axis=1)  # not the first: prompts that come together share
    after = np.minimum(last + 1, COARSE - 1)
    low, high = np.log(strained[every, last]), np.log(strained[every, after])
    part = np.clip(np.divide(-low, high - low, out=np.zeros_like(low), where=high > low), 0, 1)
    between = rate[every, last] * (rate[every, after] / rate[every, last]) ** part
    return users[every, last], users[every, after], between * (strained[every, last] <= 1)


def pick(mine: np.ndarray, rate: np.ndarray, chips: np.ndarray) -> int:
    """Of the layouts `mine`, the one of fewest chips within a hundredth of the highest rate; -1 if none serves."""
    if not mine.size or rate[mine].max() <= 0:
        return -1
    good = mine[rate[mine] >= 0.99 * rate[mine].max()]
    return int(good[np.argmin(chips[good])])


def settled(p: Points, low: np.ndarray, high: np.ndarray, tier: Tier, k: Factors) -> list[dict[str, Any]]:
    """Figures of each point at the users between `low` and `high` that keep the promises and make most tokens."""
    least = np.maximum(low / 2, p.layout.dp * p.layout.pp)  # wider, since `bracket` is rough
    users = np.floor(np.geomspace(least, high, FINE, axis=1) + SLACK)
    found, flows = swept(p, users, k)
    rate = np.where(strain(found, tier) <= 1, flows.requests_per_s / flows.chips, 0.0)
    best = np.argmax(rate, axis=1)
    at, lay, load = (np.arange(len(best)), best), p.layout, p.load
    columns = {
        "tensor_parallel": lay.tp.astype(int),
        "data_parallel": lay.dp.astype(int),
        "expert_parallel": lay.ep.astype(int),
        "stages": lay.pp.astype(int),
        "users": users[at].astype(int),
        "input_tokens": load.input_tokens,
        "output_tokens": load.output_tokens,
        "ttft_s": found.ttft_s[at],
        "tpot_s": found.tpot_s[at],
        "output_tokens_per_s_per_chip": rate[at] * load.output_tokens,
        "prefill_share": flows.prefill_share[at],
    }
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
