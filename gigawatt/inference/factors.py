"""Coefficients of the physics, from the catalog's table `kernels`: none belongs to one model or one chip.

Laws of single kernels were fitted to kernel tables; the `Factors` that turn them into served tokens were fitted to
serving measurements by `python -m gigawatt.inference.calibrate`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Literal, TypeVar

from gigawatt.catalog import facts, items

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseKernel:
    """What matrix products in one format reach."""

    start_us: float
    depth_ns: float  # per value that a product sums over
    bandwidth: float  # share of the chip's
    flop_share: float  # share of the peak
    quantise_byte: float  # moved to turn one incoming value into the format


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertKernel:
    """What grouped products of experts in one format reach."""

    start_us: float
    bandwidth: float
    flop_share: float
    pad_rows: float  # computed in vain by each expert that is touched
    row_values: float  # of the hidden width, moved per routed row
    token_values: float  # and per token that arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionKernel:
    """What attention reaches with one kind of heads and cache."""

    start_us: float
    depth_ns: float  # per token of context
    bandwidth: float
    flop_share: float
    pad_tokens: float
    prefill_start_us: float
    prefill_pad_tokens: float
    exponential: float  # cost of a softmax exponential over that of the chip's special units
    tail: float  # weight of the longest row of tiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """What mixers with a recurrent state take."""

    state_byte: float  # per value
    bandwidth: float  # share at which the state is read and written
    start_us: float  # of one layer in decode
    token_ns: float  # per prompt token and layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What the indexer of sparse attention takes, per layer."""

    start_us: float
    prompt_us: float
    token_ns: float  # per prompt token
    flop_share: float  # of the BF16 peak


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What collectives reach."""

    reduce_share: float  # of one direction of the link, large messages
    growth_power: float  # of a collective's start with the number of chips
    middle_us: float  # extra time of messages between the one-shot and the switched way
    middle_mb: float  # size at which half of it is felt
    exchange_us: float  # start of an all-to-all within a domain
    exchange_share: float
    port_share: float  # of a network port
    further_start: float  # start of a collective between domains over one within
    pcie_gb_per_s: float  # one direction, for chips without a link


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """How prompts are taken in."""

    chunk_tokens: float  # of a pass
    tail_tokens: float  # of attention, kept waiting by the longest row of tiles
    gather_passes: float  # over which replicas that go in step gather prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What serving makes of the kernels: near 1 where the kernel's own law holds, else a time or a count."""

    gemm: float  # dense products over their law
    start: float  # of products: graphs launch them one behind the other
    experts: float
    expert_start: float
    imbalance: float  # rows on the busiest of ep groups grow by ep^imbalance
    variety: float  # n tokens of a batch choose experts like n^variety independent ones
    attention: float
    attention_start: float
    link: float
    all_reduce_us: float  # start of a collective of two chips on NVLink 4
    layer_us: float  # norms, activations, rotations and gaps of a layer
    step_us: float  # scheduler and sampler, per step
    user_us: float  # and per request of the step
    prefill: float  # what a prompt adds, over the difference of two passes
    prefill_attention: float
    token_us: float  # host time per prompt token
    launch_us: float  # of one kernel in a pass that no recorded graph replays
    draft_launch: float  # more of them per drafted token
    kappa: float  # prompts of others in between, over their expected number
    first_ms: float  # tokeniser, network and first reply
    wait_steps: float  # steps until a prompt is taken in
    wave: float  # prompts ahead of one's own: wave x others^wave_power
    wave_power: float
    trtllm_wave: float  # times as many as with vLLM
    sglang_wave: float
    synchronised_wave: float  # times as many where all lengths are equal
    memory_share: float  # of a chip's memory, open to weights and cache
    accepted: float  # tokens of a step that speculates


def _read(item: str, cls: type[T]) -> T:
    known = facts("kernels", item)
    return cls(**{f.name: float(known[f.name].value) for f in fields(cls)})  # type: ignore[arg-type]


def _family(prefix: str, cls: type[T]) -> dict[str, T]:
    named = [item for item in items("kernels") if item.startswith(prefix)]
    return {item.removeprefix(prefix): _read(item, cls) for item in named}


NAMES = tuple(f.name for f in fields(Factors))
FITTED: Factors = _read("fitted", Factors)  # those that ship
LINEAR: Linear = _read("linear", Linear)
INDEX: Index = _read("index", Index)
LINKS: Links = _read("links", Links)
PROMPTS: Prompts = _read("prompts", Prompts)


@cache
def dense_kernels() -> dict[str, DenseKernel]:
    """Dense products by format."""
    return _family("dense-", DenseKernel)


@cache
def expert_kernels() -> dict[str, ExpertKernel]:
    """Experts' products by format and, for MXFP4, by the format they are computed in."""
    return _family("experts-", ExpertKernel)


@cache
def attention_kernels() -> dict[str, AttentionKernel]:
    """Attention by kind of heads and format of the cache, as in `heads-fp8`."""
    return _family("attention-", AttentionKernel)


def band(figure: Literal["ttft", "tpot"]) -> tuple[float, float]:
    """Factors (low, high) on a prediction between which 80 % of left-out measurements lie."""
    known = facts("kernels", "bands")
    return float(known[f"{figure}_low"].value), float(known[f"{figure}_high"].value)
