"""Factors: the few coefficients of the physics that were measured or fitted, none per model and none per chip."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """What matrix products in one format reach."""

    start_s: float
    bandwidth: float
    flop: float
    expert_flop: float


@cache
def kernels() -> dict[str, Kernel]:
    """Kernels by format."""
    return {
        "bf16": Kernel(start_s=3.6e-6, bandwidth=0.81, flop=0.74, expert_flop=0.45),
        "fp8": Kernel(start_s=7e-6, bandwidth=0.76, flop=0.53, expert_flop=0.30),
        "fp4": Kernel(start_s=7.6e-6, bandwidth=0.60, flop=0.40, expert_flop=0.40),
        "int4": Kernel(start_s=4e-6, bandwidth=0.75, flop=0.74, expert_flop=0.20),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Fitted factors."""

    gemm: float = 0.8794
    experts: float = 1.1484
    attention: float = 1.0921
    state: float = 1.0
    link: float = 0.9166
    all_reduce_us: float = 6.1286
    layer_us: float = 14.8276
    step_us: float = 413.486
    user_us: float = 16.8817
    expert_start: float = 0.8973
    imbalance: float = 0.1205
    prefill: float = 1.0999
    prefill_attention: float = 0.9554
    token_us: float = 1.854
    kappa: float = 0.9821
    wave: float = 0.3477
    trtllm_wave: float = 1.2246
    sglang_wave: float = 1.7023
    wave_power: float = 0.5722
    trtllm_wave_power: float = 1.2023
    sglang_wave_power: float = 1.6093
    wave_length: float = 0.4641
    synchronised_wave: float = 1.5777
    launch_us: float = 122.9609
    first_ms: float = 21.319
    wait_steps: float = 1.1384
    memory_share: float = 0.915
    accepted: float = 2.1524


NAMES = tuple(f.name for f in fields(Factors))
FITTED = Factors()
