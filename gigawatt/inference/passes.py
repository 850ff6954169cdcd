"""Time of one forward pass: kernels, each a roofline with a fixed start, over the chips of one stage."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.inference.factors import INDEX, LINEAR, LINKS, PROMPTS, Factors, dense_kernels
from gigawatt.inference.formats import BYTES_PER_VALUE
from gigawatt.inference.points import Points

Number = Any
BF16 = dense_kernels()["bf16"]


def smooth_max(a: Number, b: Number) -> Number:
    """Cubic norm: within 26 % of the larger, as kernels near the ridge of a roofline are."""
    return np.cbrt(a * a * a + b * b * b)


def products_s(p: Points, k: Factors, rows: Number, requests: Number) -> Number:
    """Seconds of the products that every token meets, on the chips of an attention replica with `rows` tokens of
    so many requests.

    Of each: start + depth x inputs + hypot3(bytes, work) + turning what comes in into the format.
    """
    s, f, tp = p.shape, p.dense, p.layout.tp
    bandwidth = p.machine.memory_byte_per_s
    weights = s.split_params / tp + s.repeated_params
    inputs = s.wide_in + s.split_in / tp
    outputs = s.wide_out + s.split_out / tp
    moved = weights * f.byte + s.kept_params * 2.0 + rows * (inputs * f.in_byte + outputs * 2.0)
    work = 2.0 * (weights + s.kept_params) * rows / (f.peak_flop_per_s * f.flop)
    shared = smooth_max(moved / (bandwidth * f.bandwidth), work) + f.quantise_byte * rows * inputs / bandwidth
    vocab = s.vocab_params / tp
    asked = np.minimum(rows, requests)  # the vocabulary is needed once per request
    head = smooth_max(
        vocab * 2.0 / (bandwidth * BF16.bandwidth), 2.0 * vocab * asked / (p.machine.bf16_flop_per_s * BF16.flop_share)
    )
    return k.gemm * (shared + head) + k.start * (s.products * f.start_s + inputs * f.depth_s)


def experts_s(p: Points, k: Factors, tokens: Number) -> Number:
    """Seconds of the routed experts: a sum, since cold experts wait for weights while hot ones compute.

    Each group of a replica sees all its tokens; where replicas share the experts only those that chose one of its own.
    Beyond one domain busy experts are taken to be held more than once, so that imbalance grows no further.
    """
    s, f, ep = p.shape, p.expert, p.layout.ep
    varied = tokens**k.variety  # tokens of one batch resemble each other: they choose alike
    touched = s.experts / ep * (1.0 - (1.0 - s.experts_active / s.experts) ** varied)
    routed = tokens * s.experts_active / ep * np.minimum(ep, p.machine.domain) ** k.imbalance  # on the busiest group
    arriving = tokens * np.where(p.layout.dp > 1, 1.0 - (1.0 - 1.0 / ep) ** s.experts_active, 1.0)
    one = s.expert_params / p.layout.moe_tp
    bandwidth = p.machine.memory_byte_per_s
    read = touched * one * f.byte / (bandwidth * f.bandwidth)
    work = 2.0 * one * (routed + f.pad_rows * touched) / (f.peak_flop_per_s * f.flop)
    values = (f.row_values * routed + f.token_values * arriving) * s.expert_hidden * s.expert_layers
    found = k.experts * (read + work + 2.0 * values / bandwidth) + k.expert_start * f.start_s * s.expert_layers
    return found * (s.expert_params > 0)


def all_reduce_s(p: Points, k: Factors, moved: Number, group: Number) -> Number:
    """Seconds of an all-reduce of `moved` bytes over `group` chips."""
    across: Number = group > p.machine.domain
    link: Number = np.where(across, p.machine.scaleout_byte_per_s, p.machine.link_byte_per_s)
    later: Number = np.where(across, LINKS.further_start, 1.0)
    start = k.all_reduce_us * 1e-6 * p.machine.link_latency * (np.maximum(group, 1.0) / 2) ** LINKS.growth_power * later
    slower = (
        LINKS.middle_us * 1e-6 * moved / (moved + LINKS.middle_mb * 1e6)
    )  # messages between the one-shot and the switched way
    volume = 2.0 * (group - 1) / group * moved
    return (start + slower + k.link * volume / (LINKS.reduce_share * link)) * (group > 1)


def link_s(p: Points, k: Factors, rows: Number, tokens: Number) -> tuple[Number, Number]:
    """Seconds of the collectives: all-reduces within a replica, and what replicas that share experts send each other.

    One all-reduce follows each mixer and each feed-forward part. Shared experts go the cheaper of two ways: tokens are
    gathered and their results scattered over all chips, together as much as an all-reduce, or each token is sent to
    its experts' chips and back.
    """
    spread = (p.layout.dp > 1) & (p.shape.expert_layers > 0)
    size = 2.0 * p.shape.hidden
    within = all_reduce_s(p, k, rows * size, p.layout.tp)
    shared = np.minimum(all_reduce_s(p, k, tokens * size, p.layout.group), exchange_s(p, k, tokens))
    blocks = p.shape.mixers + p.shape.feed_forwards * (1.0 - spread)
    return blocks * within, p.shape.feed_forwards * shared * spread


def exchange_s(p: Points, k: Factors, tokens: Number) -> Number:
    """Seconds in which every token is sent to the chips of its experts, in 8 bits, and comes back in 16.

    Within a domain each chip gets one copy; to each other domain one copy goes over the network, at the same time.
    """
    group, choices = p.layout.group, p.shape.experts_active
    domains = np.maximum(group / p.machine.domain, 1.0)
    copies = group / domains * (1.0 - (1.0 - domains / group) ** (choices / domains))
    others = (domains - 1.0) * (1.0 - (1.0 - 1.0 / domains) ** choices)
    one = tokens / group * p.shape.expert_hidden * (BYTES_PER_VALUE["fp8"] + BYTES_PER_VALUE["bf16"])
    within = k.link * one * copies * (1.0 + others) / (LINKS.exchange_share * p.machine.link_byte_per_s)
    across = one * others / (LINKS.port_share * p.machine.scaleout_byte_per_s)
    start = 2.0 * LINKS.exchange_us * 1e-6 * p.machine.link_latency * np.where(domains > 1, LINKS.further_start, 1.0)
    return start + np.maximum(within, across)


def pass_s(p: Points, k: Factors, rows: Number, tokens: Number, requests: Number, attention_s: Number) -> Number:
    """Seconds of one pass over all chips of a stage: `tokens` in all, `rows` in the fullest replica, attention given.

    Across domains a batch goes in two halves, so that one computes while the other is on the network.
    """
    fixed = p.shape.layers * k.layer_us * 1e-6
    linked_s, exchanged_s = link_s(p, k, rows, tokens)
    worked_s = products_s(p, k, rows, requests) + experts_s(p, k, tokens)
    found = worked_s + attention_s + linked_s + exchanged_s
    across = (p.layout.group > p.machine.domain) & (p.shape.expert_layers > 0)
    if np.any(across):
        halves_s = 2.0 * (products_s(p, k, rows / 2, requests / 2) + experts_s(p, k, tokens / 2)) + attention_s
        found = np.where(across, np.maximum(halves_s, exchanged_s) + linked_s, found)
    return found + fixed + hand_over_s(p, rows)


def hand_over_s(p: Points, rows: Number) -> Number:
    """Seconds in which a batch goes from stage to stage, over the network where they fill more than a domain."""
    across: Number = p.layout.chips > p.machine.domain
    link: Number = np.where(across, p.machine.scaleout_byte_per_s, p.machine.link_byte_per_s)
    later: Number = np.where(across, LINKS.further_start, 1.0)
    start = LINKS.exchange_us * 1e-6 * p.machine.link_latency * later
    moved = 2.0 * rows * p.shape.hidden
    return (p.layout.pp - 1.0) * (start + moved / (LINKS.exchange_share * link))


def cached_values(p: Points, full: Number, window: Number, index: Number) -> Number:
    """Values on each chip of a replica for so many tokens of full attention, of windows and of sparse indexes.

    Heads are split until each chip has one key head; a latent, and the one key of an index, are repeated.
    """
    s, tp = p.shape, p.layout.tp
    heads = s.kv_values * full / np.minimum(tp, s.kv_heads) + s.window_values * window / np.minimum(tp, s.window_heads)
    return heads + s.index_values * index


def decode_attention_s(p: Points, k: Factors, requests: Number, context: Number, guesses: Number = 1.0) -> Number:
    """Seconds to read the caches (and recurrent states) of a replica's requests, all layers.

    Queries that share a key are padded to one tile of the matrix unit.
    """
    s, f, tp = p.shape, p.attention, p.layout.tp
    sharing = s.heads / tp / np.maximum(s.kv_heads / tp, 1.0) * guesses
    padded = np.maximum(sharing, p.machine.tile_rows) / sharing * guesses
    read, window = np.minimum(context, s.top_tokens), np.minimum(context, s.window_tokens)
    bandwidth = p.machine.memory_byte_per_s
    values = cached_values(p, read + f.pad_tokens, window + f.pad_tokens, context)
    cache = requests * values * f.byte / (bandwidth * f.bandwidth)
    work = (read * s.decode_flop + window * s.window_flop) / tp * padded + context * s.index_flop * guesses
    flop = requests * work / (f.peak_flop_per_s * f.flop)
    state = requests * s.state_values / tp * 2 * LINEAR.state_byte / (bandwidth * LINEAR.bandwidth)  # read and written
    start = f.start_s * (s.full_layers + s.window_layers) + LINEAR.start_us * 1e-6 * s.linear_layers
    start = (
        start + f.depth_s * (s.full_layers * read + s.window_layers * window) + INDEX.start_us * 1e-6 * s.index_layers
    )
    return k.attention * smooth_max(cache, flop) + state + k.attention_start * start


def seen_tokens(tokens: Number, fresh: Number, limit: Number) -> Number:
    """Mean tokens that each of the last `fresh` of `tokens` tokens sees, at most `limit` of those before it."""

    def total(last: Number) -> Number:
        full = np.minimum(last, limit)
        return full * (last - full / 2)

    return (total(tokens) - total(tokens - fresh)) / np.maximum(fresh, 1e-9)


def prefill_attention_s(p: Points, k: Factors, tokens: Number, fresh: Number) -> Number:
    """Seconds of causal attention of the last `fresh` of `tokens` tokens, exponentials added to products."""
    s, f, tp = p.shape, p.attention, p.layout.tp
    mean, seen = tokens - fresh / 2, seen_tokens(tokens, fresh, s.top_tokens)
    window = seen_tokens(tokens, fresh, s.window_tokens)
    exponentials = p.machine.exponential_flop * f.exponential * s.heads
    full = s.prefill_flop + s.full_layers * exponentials
    narrow = s.window_flop + s.window_layers * exponentials
    work = (seen + f.prefill_pad_tokens) * full + (window + f.prefill_pad_tokens) * narrow
    work = fresh * (work / tp + mean * s.index_flop / INDEX.flop_share)
    tail = f.tail * PROMPTS.tail_tokens * (np.minimum(tokens, s.top_tokens) * full + window * narrow) / s.heads
    start = (s.full_layers + s.window_layers) * f.prefill_start_s
    start = (
        start
        + s.linear_layers * LINEAR.token_ns * 1e-9 * fresh
        + s.index_layers * (INDEX.prompt_us * 1e-6 + INDEX.token_ns * 1e-9 * fresh)
    )
    return k.prefill_attention * (work + tail) / p.machine.bf16_flop_per_s + start
