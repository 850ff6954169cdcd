"""Latency under load: a closed loop of users who each send a prompt, read the answer, and send the next.

c users on d attention replicas, n = c / d a replica, prompt I, answer O, Z = (O - 1) x TPOT:

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

from gigawatt.inference.factors import FITTED, LINEAR, PROMPTS, Factors
from gigawatt.inference.passes import cached_values, decode_attention_s, pass_s, prefill_attention_s, smooth_max
from gigawatt.inference.points import Points
from gigawatt.inference.speculation import accepted_tokens

Number = Any
ROUNDS, STRIDE = 8, 0.7  # substitutions, and the part of the way that each goes
LEAST_GAPS = 0.01  # tokens after the first: answers of one token have none, which no time per token can be told of


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """What the users of a serving point wait for, and what fills the chips' time."""

    ttft_s: Number  # mean time to first token, waiting included
    tpot_s: Number  # mean time per output token after the first
    round_s: Number  # from one request of a user to the next
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
    context = p.context_tokens
    values = cached_values(p, context, np.minimum(context, p.shape.window_tokens), context)
    held = values * p.attention.byte + LINEAR.state_byte * p.shape.state_values / p.layout.tp
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

    Where the model does not fit at all the figures are those of a single user: ask `users_that_fit` first. Answers of
    less than two tokens have no time per token, and their TTFT is settled to about a third only.
    """
    load, lay = p.load, p.layout
    gaps, fresh = np.maximum(load.output_tokens - 1.0, LEAST_GAPS), load.input_tokens * (1.0 - load.cached_share)
    users = np.minimum(load.users, np.maximum(users_that_fit(p, k), 1.0))
    # Replicas that share experts go in step; those of a dense model are on their own.
    in_step = np.where(p.shape.expert_layers > 0, lay.dp, 1.0)
    rivals = users / lay.dp * in_step
    pieces = np.maximum(np.ceil(fresh / PROMPTS.chunk_tokens), 1.0)
    chunk_attention_s = prefill_attention_s(p, k, load.input_tokens, fresh) / pieces
    guesses = 1.0 + load.drafted
    accepted = np.where(load.accepted > 0, load.accepted, accepted_tokens(load.drafted, k))
    launch_s = p.shape.kernels * k.launch_us * 1e-6 * (1.0 + k.draft_launch * load.drafted)
    token_s, apart = k.token_us * 1e-6 * fresh, 1.0 - load.disaggregated
    lone = np.clip(2.0 - load.output_tokens, 0.0, 1.0) * apart
    idle_s = decode_attention_s(p, k, 0.0, p.context_tokens, guesses)  # attention is linear in its requests
    each_s = decode_attention_s(p, k, 1.0, p.context_tokens, guesses) - idle_s

    decoding, ttft_s, tpot_s = users * 1.0, k.first_ms * 1e-3 + launch_s, 0.0
    for _ in range(rounds):
        batch = np.maximum(decoding / lay.pp, 1.0)
        requests = np.maximum(batch / lay.dp, 1.0)  # of the fullest replica
        rows, tokens = requests * guesses, batch * guesses
        attention_s = idle_s + each_s * requests
        bare_s = pass_s(p, k, rows, tokens, requests, attention_s)
        step_s = bare_s + (k.step_us + k.user_us * requests) * 1e-6
        alone_s = step_s / accepted
        arriving = rivals * np.maximum(bare_s, launch_s) / (gaps * np.maximum(tpot_s, alone_s) + ttft_s)
        together = prompts_together(arriving, np.minimum(rivals, in_step), apart)
        others = np.maximum(rivals / together, 1.0) - 1.0
        more, most = rows * apart + fresh / pieces, tokens * apart + fresh / pieces * together
        mixed_s = pass_s(p, k, more, most, requests, attention_s * apart + chunk_attention_s)
        added_s, floor_s = k.prefill * (mixed_s - bare_s * apart), np.maximum(launch_s - bare_s * apart, 0.0)
        of_one = arriving * (1.0 - 1.0 / np.maximum(rivals, 1.0)) / together  # prompts of one replica in a pass
        sharing = np.maximum(1.0, of_one)
        own_s = pieces * smooth_max(added_s, floor_s) + token_s
        prompt_s = pieces * smooth_max(added_s, floor_s / sharing) + token_s
        tpot_s = paced_s(gaps, ttft_s, alone_s, k.kappa * prompt_s * others * apart / lay.pp)
        gathering = 0.5 * PROMPTS.gather_passes * (in_step > 1)
        waited_s = k.first_ms * 1e-3 + own_s + prompt_s * ahead_of_one(p, k, others) / lay.pp
        waited_s = waited_s + (pieces - 1 + k.wait_steps + gathering) * step_s * apart
        # An answer of one token leaves no gap that prompts of others could come into: they all come before it.
        waited_s = np.maximum(waited_s, lone * (others + 1.0) * prompt_s / lay.pp)
        ttft_s = ttft_s + STRIDE * (waited_s - ttft_s)
        decoding = decoding + STRIDE * (np.maximum(users * gaps * tpot_s / (gaps * tpot_s + ttft_s), 1.0) - decoding)
    round_s = ttft_s + gaps * tpot_s
    waits = load.users / users
    return Latency(
        ttft_s=ttft_s + (waits - 1.0) * round_s,
        tpot_s=np.where(load.output_tokens > 1, tpot_s, alone_s) + 0.0,
        round_s=waits * round_s,
        step_s=step_s,
        prompt_s=prompt_s,
        users=users,
        decoding=decoding,
    )


def prompts_together(arriving: Number, replicas: Number, apart: Number) -> Number:
    """Replicas that read a prompt in one pass: as many as gather some, since a prompt of one holds up all.

    Chips that only read prompts always have one for each.
    """
    gathered: Number = np.clip(PROMPTS.gather_passes * arriving, 1.0, replicas)
    return gathered * apart + replicas * (1.0 - apart)


def paced_s(gaps: Number, ttft_s: Number, alone_s: Number, work_s: Number) -> Number:
    """Time per output token when `work_s` of prompts come in between in each round of TTFT and `gaps` tokens.

    tpot = alone + work x tpot / (ttft + gaps x tpot): a quadratic, solved without loss where gaps are few.
    """
    b = ttft_s - work_s - gaps * alone_s
    root = np.sqrt(b * b + 4 * gaps * alone_s * ttft_s)
    found: Number = np.where(b > 0, 2 * alone_s * ttft_s / np.where(b > 0, b + root, 1.0), (root - b) / (2 * gaps))
    return found + 0.0  # a number stays a number
