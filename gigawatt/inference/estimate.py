"""One serving point, answered: latency, throughput, memory, energy, money, carbon and water.

`gigawatt.inference.flow` says how the requests of a closed loop fill the chips' time, `bill` what that costs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from gigawatt.inference.bill import bill_of
from gigawatt.inference.costs import Site
from gigawatt.inference.factors import band
from gigawatt.inference.flow import flow
from gigawatt.inference.formats import refuse_unknown
from gigawatt.inference.layouts import refuse_layout
from gigawatt.inference.load import load_of, refuse_framework, refuse_load
from gigawatt.inference.loop import latency
from gigawatt.inference.memory import Memory, refuse_overflow
from gigawatt.inference.points import Layout, Points, point, take
from gigawatt.inference.shapes import Chip, Model
from gigawatt.units import J_PER_KWH, J_PER_MWH, SECONDS_PER_HOUR, TOKENS_PER_MTOK

Number = Any
J_PER_WH = J_PER_KWH / 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a serving point gives and costs; energy at the meter, at the site's utilisation."""

    model: str
    chip: str
    precision: str
    framework: str
    tensor_parallel: int
    pipeline_parallel: int
    expert_parallel: int
    data_parallel: int
    concurrency: int  # users in the closed loop, each with one request
    input_tokens: float
    output_tokens: float
    cached_share: float  # of the prompt
    speculation: int  # tokens drafted in a step
    accepted: float  # tokens that a step yields
    disaggregated: bool
    chips: float  # of the group; with disaggregation also those that read its prompts
    ttft_s: float  # mean, waiting included
    ttft_low_s: float  # 80 % interval
    ttft_high_s: float
    tpot_s: float
    tpot_low_s: float
    tpot_high_s: float
    request_s: float  # to the last token
    output_tokens_per_s_per_user: float
    output_tokens_per_s_per_chip: float
    input_tokens_per_s_per_chip: float
    requests_per_s_per_chip: float
    prefill_share: float  # of chip time under load
    decode_share: float
    weights_gb: float  # on each chip of the group, as the next two; GB of 1e9 bytes
    cache_gb: float
    free_gb: float
    concurrency_that_fits: int
    power_w: float  # mean of a chip with its server under load, before PUE
    j_per_input_token: float  # tokens found in a cache counted
    j_per_output_token: float
    wh_per_query: float
    queries_per_mwh: float
    usd_per_chip_h: float  # energy included
    usd_per_mtok_input: float  # tokens found in a cache counted
    usd_per_mtok_output: float
    usd_per_query: float
    g_co2_per_query: float
    litres_per_query: float


def estimate(
    model: Model | str,
    chip: Chip | str,
    *,
    precision: str | None = None,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    expert_parallel: int = 1,
    data_parallel: int = 1,
    concurrency: float,
    input_tokens: float,
    output_tokens: float,
    framework: str = "vllm",
    cached_share: float = 0.0,
    speculation: int = 0,
    accepted: float | None = None,
    disaggregated: bool = False,
    site: Site | None = None,
) -> Estimate:
    """Latency, throughput, memory, energy and cost of serving `model` on `chip`.

    Args:
        model, chip: Shapes, or names of the catalog.
        precision: bf16, fp8, fp4 or int4; the narrowest that the chip computes unless given.
        tensor_parallel: Chips that share each attention replica.
        expert_parallel: Groups that experts are spread over; 1: each expert is split among all chips.
        data_parallel: Attention replicas.
        concurrency: Users who each send a prompt, read the answer and send the next; those whose caches do not fit
            beside the others' wait.
        cached_share: Share of the prompt that a prefix cache holds.
        speculation: Tokens drafted in each step; `accepted` (the sure one included) says how many a step yields.
        disaggregated: Whether prompts are read on other chips than answers are written on.
        site: Price and carbon of energy, utilisation, rent or cost of capital; the catalog's `site` unless given.

    Raises:
        ValueError: The model does not fit, or an argument is not allowed; the text says what is.
    """
    model, chip = as_model(model), as_chip(chip)
    precision = precision or chip.best_precision
    layout = Layout(tp=tensor_parallel, dp=data_parallel, pp=pipeline_parallel, ep=expert_parallel)
    load = load_of(concurrency, input_tokens, output_tokens, cached_share, speculation, accepted, disaggregated)
    refuse_unknown(chip, precision)
    refuse_framework(framework)
    refuse_layout(model, layout)
    refuse_load(model, load)
    points = point(model, chip, precision, layout, load, framework)
    refuse_overflow(model, chip, precision, points, framework)
    return plain(estimates(model, chip, precision, framework, points, site or Site()))


def as_model(model: Model | str) -> Model:
    """The model itself, or that of the catalog."""
    return Model.from_catalog(model) if isinstance(model, str) else model


def as_chip(chip: Chip | str) -> Chip:
    """The chip itself, or that of the catalog."""
    return Chip.from_catalog(chip) if isinstance(chip, str) else chip


def estimates(model: Model, chip: Chip, precision: str, framework: str, p: Points, site: Site) -> Estimate:
    """As `estimate`, for points that are allowed; numbers are arrays where those of the points are."""
    load, lay = p.load, p.layout
    found = latency(p)
    held, through = Memory.of(p), flow(p, found)
    bill = bill_of(model, chip, p, found, through, site)
    per_chip = through.requests_per_s / through.chips
    (ttft_low, ttft_high), (tpot_low, tpot_high) = band("ttft"), band("tpot")
    return Estimate(
        model=model.name,
        chip=chip.name,
        precision=precision,
        framework=framework,
        tensor_parallel=lay.tp,
        pipeline_parallel=lay.pp,
        expert_parallel=lay.ep,
        data_parallel=lay.dp,
        concurrency=load.users,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
        cached_share=load.cached_share,
        speculation=load.drafted,
        accepted=load.accepted,
        disaggregated=load.disaggregated,
        chips=through.chips,
        ttft_s=found.ttft_s,
        ttft_low_s=found.ttft_s * ttft_low,
        ttft_high_s=found.ttft_s * ttft_high,
        tpot_s=found.tpot_s,
        tpot_low_s=found.tpot_s * tpot_low,
        tpot_high_s=found.tpot_s * tpot_high,
        request_s=found.ttft_s + (load.output_tokens - 1.0) * found.tpot_s,
        output_tokens_per_s_per_user=1.0 / found.tpot_s,
        output_tokens_per_s_per_chip=per_chip * load.output_tokens,
        input_tokens_per_s_per_chip=per_chip * load.input_tokens,
        requests_per_s_per_chip=per_chip,
        prefill_share=through.prefill_share,
        decode_share=through.decode_share,
        weights_gb=held.weights_gb,
        cache_gb=held.cache_gb,
        free_gb=held.free_gb,
        concurrency_that_fits=held.users,
        power_w=bill.power_w,
        j_per_input_token=bill.input_j / load.input_tokens,
        j_per_output_token=bill.output_j / load.output_tokens,
        wh_per_query=bill.query_j / J_PER_WH,
        queries_per_mwh=J_PER_MWH / bill.query_j,
        usd_per_chip_h=bill.query_usd * per_chip * SECONDS_PER_HOUR * site.utilisation,
        usd_per_mtok_input=bill.input_usd / load.input_tokens * TOKENS_PER_MTOK,
        usd_per_mtok_output=bill.output_usd / load.output_tokens * TOKENS_PER_MTOK,
        usd_per_query=bill.query_usd,
        g_co2_per_query=bill.query_j / J_PER_KWH * site.g_co2_per_kwh,
        litres_per_query=bill.query_j / site.pue / J_PER_KWH * site.litres_per_kwh,
    )


def plain(grid: Estimate) -> Estimate:
    """An estimate whose numbers are arrays of one item, or NumPy scalars, in plain Python numbers."""
    kinds = {"int": int, "float": float, "bool": bool, "str": str}
    values: dict[str, Any] = {}
    for one in fields(grid):
        value = getattr(grid, one.name)
        value = value.item() if isinstance(value, np.ndarray | np.generic) else value
        values[one.name] = kinds[str(one.type)](value)
    return Estimate(**values)


def rows(grid: Estimate, size: int) -> list[Estimate]:
    """The estimates of a grid of `size` points, one by one."""
    return [plain(take(grid, np.asarray(i))) for i in range(size)]
