"""Tiers: what a user sends, gets and waits for, and the load that a pool of such users is.

A tier is a mixture: lengths are lognormal, told by a median and a 90 % range. One pool of chips serves all of it, so
what counts is what its batch holds at any time. A query becomes r requests (attempts side by side, and a further part
after each compaction of a full context), each with prompt I and answer A; with E the mean over queries:

    answer  = E[r A] / E[r]                      what a request writes
    context = E[r A (I + A / 2)] / E[r A]        what it keeps in the cache: long answers stay longer
    fresh   = (1 - cached share) E[r I] / E[r]   what must be read of its prompt
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from gigawatt.catalog import values_of
from gigawatt.inference.points import Load, Number
from gigawatt.inference.shapes import Model
from gigawatt.inference.speculation import accepted_tokens
from gigawatt.units import SECONDS_PER_HOUR

NODES, WEIGHTS = (-math.sqrt(3), 0.0, math.sqrt(3)), (1 / 6, 2 / 3, 1 / 6)  # Gauss-Hermite, exact to the fifth power
SIGMAS_OF_RANGE = 2 * 1.6448536269514722  # standard deviations between the ends of a 90 % range
LEAST_ROOM = 0.25  # of a full context that compaction frees for the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a user of a tier sends, gets and waits for; 0 means no promise, no limit, no spread."""

    name: str = "tier"
    tokens_in: float  # median
    tokens_out: float  # median, of a whole query
    spread_in: float = 0.0  # standard deviation of the logarithm
    spread_out: float = 0.0
    cached_share: float = 0.0  # of prompts, already in a cache from an earlier turn or another attempt
    attempts: float = 0.0  # that a query makes side by side; 0: one
    window_tokens: float = 0.0  # context at which it is compacted; 0: the model's
    drafted_tokens: float = 0.0  # guesses checked in a decode step
    accepted_tokens: float = 0.0  # tokens that it then yields, the sure one included; 0: as fitted
    ttft_s: float = 0.0  # time to first token
    tpot_ms: float = 0.0  # time per output token
    deadline_hours: float = 0.0  # to the last token

    def __post_init__(self) -> None:
        for one in fields(self):
            if one.name != "name" and not 0 <= getattr(self, one.name) < math.inf:
                raise ValueError(f"{one.name} {getattr(self, one.name):g} of tier {self.name} is not at least 0")
        if self.cached_share >= 1:
            raise ValueError(f"cached_share {self.cached_share:g} of tier {self.name} is not in 0 to below 1")

    @classmethod
    def from_catalog(cls, name: str) -> Self:
        """The tier called `name` in the catalog's table `tiers`, its spreads from the ranges there."""
        from gigawatt.catalog import fact

        item = values_of("tiers", name, cls)
        asked, answered = (fact("tiers", item["name"], side) for side in ("tokens_in", "tokens_out"))
        item |= {"spread_in": spread(asked.low, asked.high), "spread_out": spread(answered.low, answered.high)}
        return cls(**item)

    @property
    def tpot_limit_s(self) -> float:
        """Longest time per output token, in seconds: the promise, else what the deadline leaves one attempt."""
        if self.tpot_ms > 0:
            return self.tpot_ms / 1e3
        return self._deadline_s / self.tokens_out * max(self.attempts, 1.0)

    @property
    def streams(self) -> float:
        """Attempts side by side: as asked, or as many as make the deadline at the promised pace."""
        needed = self.tokens_out * self.tpot_limit_s / self._deadline_s if self.deadline_hours > 0 else 1.0
        return max(self.attempts, needed, 1.0)

    @property
    def ttft_limit_s(self) -> float:
        """Longest time to first token, in seconds."""
        return self.ttft_s if self.ttft_s > 0 else math.inf

    @property
    def _deadline_s(self) -> float:
        return self.deadline_hours * SECONDS_PER_HOUR if self.deadline_hours > 0 else math.inf

    def load(self, model: Model, users: Number) -> Load:
        """The closed loop of `users` requests at a time of the tier's mixture, on `model`."""
        prompt, query, weight = self.lengths()
        window = min(self.window_tokens or model.context_tokens, model.context_tokens)
        prompt = np.minimum(prompt, (1 - LEAST_ROOM) * window)
        answer = np.minimum(query / self.streams, window - prompt)
        requests = weight * query / answer
        written, mean_answer = (requests * answer).sum(), (requests * answer).sum() / requests.sum()
        context = (requests * answer * (prompt + answer / 2)).sum() / written
        fresh = (1 - self.cached_share) * (requests * prompt).sum() / requests.sum()
        asked = context - mean_answer / 2
        drafted = float(round(self.drafted_tokens))
        accepted = self.accepted_tokens if drafted > 0 else 0.0
        return Load(
            users=users,
            input_tokens=asked,
            output_tokens=mean_answer,
            cached_share=max(1 - fresh / asked, 0.0),  # short answers come with long prompts where a window cuts
            drafted=drafted,
            accepted=accepted or accepted_tokens(drafted),
        )

    def lengths(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Prompts, answers and weights of nine kinds of query, three lengths by three."""
        nodes, weights = np.array(NODES), np.array(WEIGHTS)
        prompt, answer = np.meshgrid(
            self.tokens_in * np.exp(self.spread_in * nodes), self.tokens_out * np.exp(self.spread_out * nodes)
        )
        return prompt, answer, np.outer(weights, weights)


def spread(low: float | None, high: float | None) -> float:
    """Standard deviation of the logarithm of a quantity with this 90 % range; 0 without one."""
    return math.log(high / low) / SIGMAS_OF_RANGE if low and high else 0.0
