"""Latency under load: a closed loop of users who each send a prompt, read the answer, and send the next.

c users on d attention replicas, n = c / d a replica, prompt I, answer O, Z = O x TPOT:

    S    = pieces x max(pass(decode + chunk) - pass(decode), launch)        what one prompt adds
    step = pass(b) + step_us + user_us x b / d,  b = c Z / (TTFT + Z)       users who are decoding
    TPOT = step / accepted + kappa (n - 1) S TPOT / (TTFT + Z)              prompts of others in between
    TTFT = first + S (1 + ahead) + (pieces - 1 + wait) step + queue
    queue = (c / fit - 1)(TTFT + Z)                                         where only fit < c users fit in memory

A prompt's pass is not replayed from a recorded graph, so it takes at least the time to launch its kernels. The loop is
solved by a few rounds of substitution over arrays; nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.inference.factors import FITTED, PROMPTS, Factors
from gigawatt.inference.passes import decode_attention_s, pass_s, prefill_attention_s, smooth_max
from gigawatt.inference.points import Points

Number = Any
ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """What the users of a serving point wait for, and what fills the chips' time."""

    ttft_s: Number  # mean time to first token, waiting included
    tpot_s: Number  # mean time per output token after the first
    step_s: Number  # one decode step without prompts in between
    prompt_s: Number  # time of a replica that one prompt takes
    users: Number  # of those asked for, as many as fit in memory at once
    decoding: Number  # of them, who are reading an answer at any time


def by_framework(p: Points, k: Factors, suffix: str) -> Number:
    """Factor of the point's framework, relative to vLLM."""
    own = np.where(p.sglang > 0, getattr(k, "sglang" + suffix), 1.0)
    return np.where(p.trtllm > 0, getattr(k, "trtllm" + suffix), own)


def weight_bytes(p: Points) -> Number:
    """Bytes of weights on each chip, the input and output vocabulary in BF16."""
    s, lay = p.shape, p.layout
    dense = (p.dense.byte * s.split_params + 2.0 * s.vocab_tables * s.vocab_params) / lay.tp
    dense = dense + p.dense.byte * s.repeated_params + 2.0 * s.kept_params
    experts = p.expert.byte * s.expert_params * s.experts / lay.group
    return (dense + experts) / lay.pp


def cache_bytes(p: Points) -> Number:
    """Bytes of cache and state that one request keeps on each chip of its replica at its mean context."""
    s, context = p.shape, p.context_tokens
    values = s.kv_values * context + s.window_values * np.minimum(context, s.window_tokens) + s.index_values * context
    held = values / np.minimum(p.layout.tp, s.kv_heads) * p.attention.byte + 4.0 * s.state_values / p.layout.tp
    return held / p.layout.pp


def users_that_fit(p: Points, k: Factors = FITTED) -> Number:
    """Users whose caches fit beside the weights at once, over all replicas; below 1 where not even one does."""
    free = k.memory_share * p.machine.memory_byte - weight_bytes(p)
    return p.layout.dp * free / cache_bytes(p)


def ahead_of_one(p: Points, k: Factors, others: Number) -> Number:
    """Mean number of prompts of the same replica that are read before one's own."""
    scale = k.wave * by_framework(p, k, "_wave") * k.synchronised_wave**p.load.synchronised
    return np.minimum(scale * others ** np.minimum(k.wave_power, 1.0), others)


def latency(p: Points, k: Factors = FITTED, rounds: int = ROUNDS) -> Latency:
    """TTFT and TPOT of every point, in seconds, with what they are made of.

    Where the model does not fit at all the figures are those of a single user: ask `users_that_fit` first.
    """
    load, lay = p.load, p.layout
    answer, fresh = load.output_tokens, load.input_tokens * (1.0 - load.cached_share)
    users = np.minimum(load.users, np.maximum(users_that_fit(p, k), 1.0))
    pieces = np.maximum(np.ceil(fresh / PROMPTS.chunk_tokens), 1.0)
    chunk_tokens, replicas = fresh / pieces, np.minimum(users, lay.dp)
    chunk_attention_s = prefill_attention_s(p, k, load.input_tokens, fresh) / pieces
    guesses = 1.0 + load.drafted
    accepted = np.where(load.drafted > 0, np.where(load.accepted > 0, load.accepted, k.accepted), 1.0)
    launch_s = p.shape.kernels * k.launch_us * 1e-6 * (1.0 + k.draft_launch * load.drafted)
    apart = 1.0 - load.disaggregated

    decoding, ttft_s, tpot_s = users * 1.0, k.first_ms * 1e-3 + launch_s, 0.0
    for _ in range(rounds):
        batch = decoding / lay.pp
        attention_s = decode_attention_s(p, k, batch, p.context_tokens, guesses)
        rows, tokens = batch / lay.dp * guesses, batch * guesses
        bare_s = pass_s(p, k, rows, tokens, batch, attention_s)
        # Replicas go in step, and a prompt of one holds up all: they gather prompts to read several in one pass.
        arriving = users * np.maximum(bare_s, launch_s) / (answer * np.maximum(tpot_s, bare_s / accepted) + ttft_s)
        together = np.clip(PROMPTS.gather_passes * arriving, 1.0, replicas) * apart + replicas * (1.0 - apart)
        others = np.maximum(users / together, 1.0) - 1.0
        more, most = rows * apart + chunk_tokens, tokens * apart + chunk_tokens * together
        mixed_s = pass_s(p, k, more, most, batch, attention_s * apart + chunk_attention_s)
        added_s = k.prefill * (mixed_s - bare_s * apart)
        floor_s = np.maximum(launch_s - bare_s * apart, 0.0)
        step_s = bare_s + (k.step_us + k.user_us * batch / lay.dp) * 1e-6
        sharing = np.maximum(1.0, arriving * (1.0 - 1.0 / users) / together)  # prompts of one replica in a pass
        token_s = k.token_us * 1e-6 * fresh
        own_s = pieces * smooth_max(added_s, floor_s) + token_s
        prompt_s = pieces * smooth_max(added_s, floor_s / sharing) + token_s
        alone_s = step_s / accepted
        # tpot (1 - work / (ttft + answer tpot)) = alone: a quadratic in tpot
        b = ttft_s - k.kappa * prompt_s * others * apart / lay.pp - answer * alone_s
        tpot_s = (-b + np.sqrt(b * b + 4 * answer * alone_s * ttft_s)) / (2 * answer)
        answer_s = answer * tpot_s
        waited_s = k.first_ms * 1e-3 + own_s + prompt_s * ahead_of_one(p, k, others) / lay.pp
        gathering = 0.5 * PROMPTS.gather_passes * (lay.dp > 1)
        waited_s = waited_s + (pieces - 1 + k.wait_steps + gathering) * step_s * apart
        ttft_s = 0.5 * ttft_s + 0.5 * waited_s
        decoding = 0.5 * decoding + 0.5 * np.maximum(users * answer_s / (answer_s + ttft_s), 1.0)
    queue_s = (load.users / users - 1.0) * (ttft_s + answer_s)
    return Latency(
        ttft_s=ttft_s + queue_s,
        tpot_s=tpot_s,
        step_s=step_s,
        prompt_s=prompt_s,
        users=users,
        decoding=decoding,
    )
