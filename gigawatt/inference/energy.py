"""Power: what a chip draws while it idles, reads prompts and writes answers.

    draw = TDP x min(running + compute x MFU, 1) + server      MFU: FLOP / (peak x time)

so that a decode step of few requests, which leaves the arithmetic idle, draws less than a prompt. The server's part
(processors, switches, fans, conversion) grows with the chip's from what is drawn at rest to all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gigawatt.inference.costs import number
from gigawatt.inference.passes import seen_tokens
from gigawatt.inference.points import Points
from gigawatt.inference.shapes import FLOP_PER_WEIGHT, Chip, Model

Number = Any


def _share(attribute: str) -> Any:
    return field(default_factory=lambda: number("serving", "power", attribute))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What chips draw, as shares of TDP; `server_idle_share` of what a system draws beyond TDP."""

    idle_share: float = _share("idle_share")  # weights loaded, nothing to do
    running_share: float = _share("running_share")  # kernels that wait for memory
    compute_share: float = _share("compute_share")  # more at the dense peak of the format
    server_idle_share: float = _share("server_idle_share")

    def idle_w(self, chip: Chip) -> float:
        """Power of a chip with its part of the server while it waits."""
        return float(self._with_server(chip, self.idle_share))

    def busy_w(self, chip: Chip, mfu: Number) -> Number:
        """Power of a chip with its part of the server while it computes at `mfu` of its dense peak."""
        return self._with_server(chip, np.minimum(self.running_share + self.compute_share * mfu, 1.0))

    def _with_server(self, chip: Chip, share: Number) -> Number:
        risen = (share - self.idle_share) / (1.0 - self.idle_share)
        server_w = max(chip.system_power_w - chip.tdp_w, 0.0)
        return chip.tdp_w * share + server_w * (self.server_idle_share + (1.0 - self.server_idle_share) * risen)


def step_compute_s(model: Model, p: Points, users: Number) -> Number:
    """Seconds at peak of a chip's arithmetic in one step of `users` who decode at once over all replicas and stages."""
    s, lay, context = p.shape, p.layout, p.context_tokens
    tokens = users / lay.pp * (1.0 + p.load.drafted)
    seen, window = np.minimum(context, s.top_tokens), np.minimum(context, s.window_tokens)
    scores = seen * s.decode_flop + window * s.window_flop + context * s.index_flop
    return tokens * token_compute_s(model, p, scores)


def prompt_compute_s(model: Model, p: Points) -> Number:
    """Seconds at peak of a chip's arithmetic for one prompt of each replica."""
    s, load = p.shape, p.load
    fresh = load.input_tokens * (1.0 - load.cached_share)
    mean = load.input_tokens - fresh / 2  # tokens that one sees
    seen, window = (seen_tokens(load.input_tokens, fresh, limit) for limit in (s.top_tokens, s.window_tokens))
    scores = seen * s.prefill_flop + window * s.window_flop + mean * s.index_flop
    return fresh * p.layout.dp * token_compute_s(model, p, scores)


def token_compute_s(model: Model, p: Points, attention_flop: Number) -> Number:
    """Seconds at peak of a chip's part of one token: products in their formats, attention in BF16."""
    routed = p.shape.experts_active * p.shape.expert_params
    shared = model.params_active - routed
    products = shared / p.dense.peak_flop_per_s + routed / p.expert.peak_flop_per_s
    return (FLOP_PER_WEIGHT * products + attention_flop / p.machine.bf16_flop_per_s) / p.layout.group
