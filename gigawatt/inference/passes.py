"""Time of one forward pass: kernels, each a roofline with a fixed start, over the chips of one stage."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.inference.factors import Factors
from gigawatt.inference.points import Points

Number = Any
ATTENTION_START_S, ATTENTION_BANDWIDTH, DECODE_ATTENTION_FLOP = 6e-6, 0.88, 0.40
LINK_SHARE = 0.45


def smooth_max(a: Number, b: Number) -> Number:
    """Cubic norm: within 26 % of the larger, as kernels near the ridge of a roofline are."""
    return np.cbrt(a * a * a + b * b * b)


def products_s(p: Points, k: Factors, tokens: Number, requests: Number) -> Number:
    """Seconds of the products that every token meets, on the chips of one attention replica.

    Of each: start + depth x inputs + hypot3(bytes, work) + turning what comes in into the format.
    """
    s, f, tp = p.shape, p.dense, p.layout.tp
    rows = tokens / p.layout.dp
    bandwidth = p.machine.memory_byte_per_s
    weights = s.split_params / tp + s.repeated_params
    inputs = s.wide_in + s.split_in / tp
    outputs = s.wide_out + s.split_out / tp
    moved = weights * f.byte + s.kept_params * 2.0 + rows * (inputs * f.in_byte + outputs * 2.0)
    work = 2.0 * (weights + s.kept_params) * rows / (f.peak_flop_per_s * f.flop)
    shared = smooth_max(moved / (bandwidth * f.bandwidth), work) + f.quantise_byte * rows * inputs / bandwidth
    vocab = s.vocab_params / tp
    asked = np.minimum(rows, requests / p.layout.dp)  # the vocabulary is needed once per request
    head = smooth_max(vocab * 2.0 / (bandwidth * 0.86), 2.0 * vocab * asked / (p.machine.bf16_flop_per_s * 0.73))
    return k.gemm * (shared + head) + k.start * (s.products * f.start_s + inputs * f.depth_s)


def experts_s(p: Points, k: Factors, tokens: Number) -> Number:
    """Seconds of the routed experts: a sum, since cold experts wait for weights while hot ones compute."""
    s, f, ep = p.shape, p.expert, p.layout.ep
    touched = s.experts / ep * (1.0 - (1.0 - s.experts_active / s.experts) ** tokens)
    routed = tokens * s.experts_active * ep ** (k.imbalance - 1.0)  # on the busiest group
    one = s.expert_params / p.layout.moe_tp
    bandwidth = p.machine.memory_byte_per_s
    read = touched * one * f.byte / (bandwidth * f.bandwidth)
    work = 2.0 * one * (routed + f.pad_rows * touched) / (f.peak_flop_per_s * f.flop)
    values = (f.row_values * routed + f.token_values * tokens) * s.expert_hidden * s.expert_layers
    found = k.experts * (read + work + 2.0 * values / bandwidth) + k.expert_start * f.start_s * s.expert_layers
    return found * (s.expert_params > 0)


def link_s(p: Points, k: Factors, tokens: Number) -> Number:
    """Seconds of the two collectives of each layer."""
    spread = p.layout.dp > 1
    group = np.where(spread, p.layout.group, p.layout.tp)
    moved = 2.0 * np.where(spread, tokens, tokens / p.layout.dp) * p.shape.hidden
    per_link = 2.0 * (group - 1) / group * moved / (p.machine.link_byte_per_s * LINK_SHARE)
    return 2.0 * p.shape.layers * (k.all_reduce_us * 1e-6 + k.link * per_link) * (group > 1)


def pass_s(p: Points, k: Factors, tokens: Number, requests: Number, attention_s: Number) -> Number:
    """Seconds of one pass of `tokens` over all chips of a stage, attention given."""
    fixed = p.shape.layers * k.layer_us * 1e-6
    return products_s(p, k, tokens, requests) + experts_s(p, k, tokens) + attention_s + link_s(p, k, tokens) + fixed


def decode_attention_s(p: Points, k: Factors, users: Number, context: Number, guesses: Number = 1.0) -> Number:
    """Seconds to read the caches (and recurrent states) of a replica's users, all layers."""
    s = p.shape
    per_rank = users / p.layout.dp
    split = np.minimum(p.layout.tp, s.kv_heads)
    read, window = np.minimum(context, s.top_tokens), np.minimum(context, s.window_tokens)
    values = s.kv_values * read + s.window_values * window + s.index_values * context
    bandwidth = p.machine.memory_byte_per_s
    cache = per_rank * values / split * p.cache_byte / (bandwidth * ATTENTION_BANDWIDTH)
    work = read * s.decode_flop + window * s.window_flop + context * s.index_flop
    flop = per_rank * work / p.layout.tp / (p.machine.bf16_flop_per_s * DECODE_ATTENTION_FLOP)
    state = per_rank * s.state_values / p.layout.tp * 8.0 / (bandwidth * 0.6)  # read and written, FP32
    return k.attention * smooth_max(cache, flop) + k.state * state + ATTENTION_START_S * s.layers


def prefill_attention_s(p: Points, k: Factors, tokens: Number, fresh: Number) -> Number:
    """Seconds of causal attention of the last `fresh` of `tokens` tokens; kernels reach more of peak on longer ones."""
    s = p.shape
    share = 0.55 * tokens / (tokens + 1500.0)
    mean = tokens - fresh / 2  # tokens that one sees
    seen, window = np.minimum(mean, s.top_tokens), np.minimum(mean, s.window_tokens)
    work = seen * s.prefill_flop + window * s.window_flop + mean * s.index_flop
    flop = fresh * work / p.layout.tp
    return k.prefill_attention * flop / (p.machine.bf16_flop_per_s * share)
