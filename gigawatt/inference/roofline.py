"""Time of prefill and of a decode step from first principles, one group of chips.

A pass is a sum of kernels, each bound by memory or by arithmetic, plus fixed time per layer and step:

    t = sum over kernels of max(bytes / (share * bandwidth), flop / (share * peak)) + layers * fixed + step

Experts touched by n tokens that choose k of E:  E * (1 - (1 - k/E)^n).
All-reduce of M bytes over g chips:              start + 2 (g - 1)/g * M / (share * link).

Left out: imbalance between experts, the drafting model's own time, quantisation's own time.

Source: Williams et al. 2009, doi:10.1145/1498765.1498785; shares of peak as in `Efficiency`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gigawatt.inference.shapes import BYTES_PER_VALUE, Chip, Model


def _gemm_shares() -> dict[str, float]:
    return {"bf16": 0.65, "fp8": 0.53, "fp4": 0.39}


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficiency:
    """Shares of data-sheet peaks that serving software reaches, and its fixed times.

    Medians over H100, H200 and B200 of the kernel tables in the PyPI wheel aiconfigurator-core 0.12.0
    (Apache-2.0, NVIDIA), rounded; fixed times are own estimates that carry its serving measurements.
    """

    gemm_flop: dict[str, float] = field(default_factory=_gemm_shares)  # large matrix products, by precision
    expert_flop: float = 0.6  # experts' products relative to those: gathered, ragged rows
    expert_pad_tokens: float = 36.0  # rows computed in vain by each touched expert (tiles of 64 to 128)
    attention_flop: float = 0.5  # of the BF16 peak; 0.4 in those tables, 0.67 printed by FlashMLA on H800
    weight_bandwidth: float = 0.8
    kv_bandwidth: float = 0.88
    link: float = 0.45  # of one direction of the scale-up link
    scaleout: float = 0.8  # of one direction of the network port; DeepEP reaches about 40 of 50 GB/s
    memory: float = 0.9  # of memory open to weights and cache
    layer_s: float = 20e-6  # launch gaps, norms, sampling of routes
    kernel_s: float = 6e-6  # start of one matrix product
    expert_start_s: float = 32e-6  # gather, scatter and start of a layer's experts
    all_reduce_s: float = 6e-6  # start of one collective, two a layer
    scaleout_start_s: float = 60e-6  # round trip of an exchange between domains
    step_s: float = 0.4e-3  # scheduler, per step
    request_s: float = 10e-6  # scheduler and sampler, per request of a rank and step
    first_s: float = 0.05  # tokeniser, queue and first reply of a request


DEFAULT = Efficiency()


def experts_touched(model: Model, tokens: float) -> float:
    """Mean number of a layer's experts that `tokens` tokens read, if routes are even and independent."""
    if model.experts <= 0:
        return 0.0
    missed: float = (1 - model.experts_active / model.experts) ** tokens
    return model.experts * (1 - missed)


def attention_ranks(model: Model, chips: float) -> float:
    """Attention replicas in a group: chips beyond the KV heads serve other requests, not copies of a cache."""
    heads = 1.0 if model.attention == "mla" else model.kv_heads
    return max(1.0, chips / heads)


def fits(model: Model, chip: Chip, precision: str, batch: float, context_tokens: float, chips: float) -> bool:
    """Whether weights and the cache of `batch` requests fit in the memory of `chips` chips."""
    return batch <= batch_that_fits(model, chip, precision, context_tokens, chips)


def batch_that_fits(
    model: Model,
    chip: Chip,
    precision: str,
    context_tokens: float,
    chips: float,
    *,
    stages: float = 1,
    eff: Efficiency = DEFAULT,
) -> float:
    """Requests in flight per pipeline stage of `chips` chips whose caches fit beside the weights; below 0 if none do.

    With s stages each holds 1/s of the layers' weights, and 1/s of the caches of s batches.
    """
    copies = attention_ranks(model, chips) - 1  # attention weights are repeated in each rank
    repeated = copies * model.attention_params / model.shared_params * model.shared_bytes(precision)
    weights = (model.weight_bytes(precision) + repeated) / stages
    free = eff.memory * chip.memory_gb * 1e9 * chips - weights
    return free / (model.kv_bytes_per_token(precision) * context_tokens)


def _bound_s(byte: float, flop: float, chip: Chip, bandwidth: float, flop_per_s: float) -> float:
    """Seconds of a kernel with `byte` bytes and `flop` operations on one chip: the larger of the two times."""
    return max(byte / (bandwidth * chip.memory_bandwidth_gb_per_s * 1e9), flop / flop_per_s)


def _shared_s(model: Model, chip: Chip, precision: str, tokens: float, chips: float, eff: Efficiency) -> float:
    """Seconds of all products that every token meets; attention splits over its ranks' chips only."""
    held = "fp8" if precision == "fp4" and model.experts > 0 else precision
    flop_per_s = eff.gemm_flop[held] * chip.peak_flop_per_s(held)
    ranks = attention_ranks(model, chips)
    read = max(model.shared_params - model.vocab * model.hidden, 0.0)  # the input table is looked up, not read
    attention = min(model.attention_params, read)
    size = BYTES_PER_VALUE[held]

    def product_s(params: float, split: float, rows: float) -> float:
        return _bound_s(params / split * size, 2 * params / split * rows, chip, eff.weight_bandwidth, flop_per_s)

    return product_s(attention, chips / ranks, tokens / ranks) + product_s(read - attention, chips, tokens)


def _experts_s(model: Model, chip: Chip, precision: str, tokens: float, chips: float, eff: Efficiency) -> float:
    """Seconds of the routed experts, split evenly over the chips."""
    if model.experts <= 0:
        return 0.0
    touched = experts_touched(model, tokens)
    rows = tokens * model.experts_active + touched * eff.expert_pad_tokens
    flop_per_s = eff.gemm_flop[precision] * eff.expert_flop * chip.peak_flop_per_s(precision)
    byte = touched * model.expert_params * BYTES_PER_VALUE[precision] / chips
    flop = 2 * rows * model.expert_params / chips
    moe_layers = model.layers - model.dense_layers
    return _bound_s(byte, flop, chip, eff.weight_bandwidth, flop_per_s) + moe_layers * eff.expert_start_s


def _links_s(model: Model, chip: Chip, tokens: float, chips: float, eff: Efficiency) -> float:
    """Seconds of the two collectives of each layer, one after attention and one after the products that follow.

    Attention's is an all-reduce within a rank; so is the other one, unless experts are spread over several
    ranks: then every token is sent to its experts' chips in 8 bits and comes back in 16.
    """
    if chips <= 1:
        return 0.0
    ranks = attention_ranks(model, chips)
    width = chips / ranks
    link = eff.link * chip.scaleup_gb_per_s / 2 * 1e9
    reduced = 2 * (width - 1) / width * BYTES_PER_VALUE["bf16"] * tokens / ranks * model.hidden
    if model.experts > 0 and ranks > 1:
        second_s = _exchanged_bytes(model, tokens, chips, min(model.experts_active, chips)) / link
    else:
        second_s = 2 * (chips - 1) / chips * BYTES_PER_VALUE["bf16"] * tokens * model.hidden / ranks / link
    return model.layers * (2 * eff.all_reduce_s + reduced / link + second_s)


def _exchanged_bytes(model: Model, tokens: float, chips: float, copies: float) -> float:
    """Bytes one chip sends and gets back in a layer when each of its tokens goes to `copies` places."""
    return tokens / chips * copies * model.hidden * (BYTES_PER_VALUE["fp8"] + BYTES_PER_VALUE["bf16"])


def _scaleout_s(model: Model, chip: Chip, tokens: float, chips: float, eff: Efficiency) -> float:
    """Seconds of the experts' exchange between scale-up domains: one copy to each other domain a token needs."""
    domains = chips / chip.scaleup_domain
    if domains <= 1:
        return 0.0
    others = (domains - 1) * (1 - (1 - 1 / domains) ** model.experts_active)
    link = eff.scaleout * chip.scaleout_gb_per_s / 2 * 1e9
    moe_layers = model.layers - model.dense_layers
    return moe_layers * (eff.scaleout_start_s + _exchanged_bytes(model, tokens, chips, others) / link)


def _fixed_s(model: Model, eff: Efficiency) -> float:
    """Seconds per pass that no faster chip removes: kernel starts and gaps of each layer."""
    kernels = (8 if model.attention == "mla" else 2) + (3 if model.experts > 0 else 2)
    return model.layers * (eff.layer_s + kernels * eff.kernel_s)


def _pass_s(model: Model, chip: Chip, precision: str, tokens: float, chips: float, eff: Efficiency) -> float:
    """Seconds of one forward pass without attention over the cache.

    The exchange between domains hides behind the products (two half-batches in turn), as in DeepSeek-V3's serving.
    """
    products_s = _shared_s(model, chip, precision, tokens, chips, eff) + _experts_s(
        model, chip, precision, tokens, chips, eff
    )
    exchange_s = _scaleout_s(model, chip, tokens, chips, eff)
    return max(products_s, exchange_s) + _links_s(model, chip, tokens, chips, eff) + _fixed_s(model, eff)


def prefill_s(
    model: Model, chip: Chip, precision: str, tokens: float, chips: float = 1, eff: Efficiency = DEFAULT
) -> float:
    """Seconds to read one prompt of `tokens` tokens on a group of `chips` chips that does nothing else."""
    pairs = tokens * tokens / 2  # causal
    attention_flop = pairs * model.attention_flop_per_token_pair / chips
    attention_s = attention_flop / (eff.attention_flop * chip.bf16_flop_per_s)
    return _pass_s(model, chip, precision, tokens, chips, eff) + attention_s


def decode_step_s(
    model: Model,
    chip: Chip,
    precision: str,
    batch: float,
    context_tokens: float,
    chips: float = 1,
    eff: Efficiency = DEFAULT,
    drafted_tokens: float = 0,
) -> float:
    """Seconds of one decode step: each of `batch` requests with `context_tokens` in its cache gets a token.

    With speculation a step also checks `drafted_tokens` guesses of each request; how many tokens that yields
    is the caller's affair.
    """
    ranks = attention_ranks(model, chips)
    used = chips / ranks * min(ranks, batch)  # a lone request cannot fill all ranks
    cached = batch * context_tokens / used
    flop = cached * (1 + drafted_tokens) * model.decode_attention_flop_per_token_pair
    attention_s = _bound_s(
        cached * model.kv_bytes_per_token(precision),
        flop,
        chip,
        eff.kv_bandwidth,
        eff.attention_flop * chip.bf16_flop_per_s,
    )
    pass_s = _pass_s(model, chip, precision, batch * (1 + drafted_tokens), chips, eff)
    return pass_s + attention_s + eff.step_s + batch / ranks * eff.request_s
