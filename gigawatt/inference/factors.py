"""Factors: the few coefficients of the physics that were measured or fitted, none per model and none per chip."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseKernel:
    """What dense matrix products in one format reach."""

    start_us: float
    depth_ns: float
    bandwidth: float
    flop: float
    quantise_byte: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertKernel:
    """What grouped products of experts in one format reach."""

    start_us: float
    bandwidth: float
    flop: float
    pad_rows: float
    row_values: float
    token_values: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionKernel:
    """What attention reaches with a kind of cache."""

    start_us: float
    depth_ns: float
    bandwidth: float
    flop: float
    pad_tokens: float
    prefill_start_us: float
    prefill_pad_tokens: float
    exponential: float
    tail: float


@cache
def attention_kernels() -> dict[tuple[str, str], AttentionKernel]:
    """Attention by kind of heads and format of the cache."""
    n = tuple(AttentionKernel.__dataclass_fields__)
    k = lambda *v: AttentionKernel(**dict(zip(n, v)))
    return {
        ("heads", "bf16"): k(10.0, 0.154, 1.0, 0.30, 130, 12, 551, 1 / 1.07, 0.40),
        ("heads", "fp8"): k(10.6, 0.135, 1.0, 0.35, 185, 12, 551, 1 / 1.07, 0.40),
        ("mla", "bf16"): k(11.5, 0.17, 0.77, 1.0, 104, 15, 190, 1 / 1.48, 1.04),
        ("mla", "fp8"): k(10.6, 0.14, 0.85, 0.52, 200, 15, 190, 1 / 1.48, 1.04),
    }


@cache
def dense_kernels() -> dict[str, DenseKernel]:
    """Dense kernels by format."""
    k = lambda *v: DenseKernel(start_us=v[0], depth_ns=v[1], bandwidth=v[2], flop=v[3], quantise_byte=v[4])
    return {
        "bf16": k(2.8, 0.30, 0.863, 0.733, 0),
        "fp8": k(5.7, 0.44, 0.857, 0.639, 7.4),
        "fp4": k(6.4, 0.54, 0.775, 0.491, 4.1),
        "int4": k(5.0, 0.60, 0.95, 0.76, 0),
    }


@cache
def expert_kernels() -> dict[str, ExpertKernel]:
    """Expert kernels by format."""
    k = lambda *v: ExpertKernel(start_us=v[0], bandwidth=v[1], flop=v[2], pad_rows=v[3], row_values=v[4], token_values=v[5])
    return {
        "bf16": k(30, 0.92, 0.69, 1, 3.5, 6.9),
        "fp8": k(31, 0.88, 0.41, 1, 6.2, 9.8),
        "fp4": k(25, 1.24, 0.68, 68, 3.5, 9.5),
        "mxfp4-bf16": k(45, 1.21, 0.31, 15, 6.9, 17.4),
        "mxfp4-fp8": k(25, 1.01, 0.79, 20, 3.9, 11),
        "int4": k(35, 0.58, 0.37, 0, 3.1, 21),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Fitted factors."""

    gemm: float = 0.97
    start: float = 0.71
    experts: float = 1.0
    expert_start: float = 0.94
    imbalance: float = 0.11
    variety: float = 0.9
    attention: float = 1.1
    attention_start: float = 0.8
    state: float = 1.0
    link: float = 1.0
    all_reduce_us: float = 4.0
    layer_us: float = 16.7
    step_us: float = 418.5
    user_us: float = 10.5
    prefill: float = 1.16
    prefill_attention: float = 0.94
    token_us: float = 1.75
    launch_us: float = 138.0
    draft_launch: float = 0.32
    kappa: float = 0.95
    first_ms: float = 31.0
    wait_steps: float = 1.2
    wave: float = 0.113
    wave_power: float = 0.84
    trtllm_wave: float = 1.14
    sglang_wave: float = 3.3
    synchronised_wave: float = 1.86
    memory_share: float = 0.92
    accepted: float = 2.16


NAMES = tuple(f.name for f in fields(Factors))
FITTED = Factors()
