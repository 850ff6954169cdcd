"""Requests through a group of chips, and what its chips do with their time.

A closed loop of users on a group of chips serves requests/s = users / (TTFT + (O - 1) x TPOT). With P the time of a
replica that one prompt takes, r replicas and stages, b users decoding at a time:

    prefill share = requests/s x P / r          decode share = requests/s x O x step / (accepted x max(b, r))

Where prompts are read on other chips, as many of those are added as their work keeps busy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.inference.costs import number
from gigawatt.inference.loop import Latency
from gigawatt.inference.points import Load, Points
from gigawatt.inference.speculation import accepted_tokens

Number = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Throughput and use of time; shares are of the time of all chips under load."""

    requests_per_s: Number
    chips: Number  # those that read prompts elsewhere included
    prefill_share: Number
    decode_share: Number

    @property
    def input_share(self) -> Number:
        """Share of a request's chip time that reads its prompt; idle time goes with the busy time."""
        return self.prefill_share / (self.prefill_share + self.decode_share)


def flow(p: Points, found: Latency) -> Flow:
    """Throughput and the use of time of each point."""
    load, lay = p.load, p.layout
    requests_per_s = load.users / found.round_s
    ways = lay.dp * lay.pp
    reading = requests_per_s * found.prompt_s / ways * lay.chips  # chips busy with prompts
    batch = np.maximum(found.decoding, ways)
    writing = requests_per_s * load.output_tokens * found.step_s / (yielded(load) * batch) * lay.chips
    elsewhere = load.disaggregated * reading / number("serving", "disaggregation", "prefill_utilisation")
    # Fitted factors of the loop need not add up to its time: more than all of it is all of it.
    own = writing + reading * (1.0 - load.disaggregated)
    scale = np.minimum(lay.chips / own, 1.0)
    chips = lay.chips + elsewhere
    reading_scale = np.where(load.disaggregated > 0, 1.0, scale)
    return Flow(
        requests_per_s=requests_per_s,
        chips=chips,
        prefill_share=reading * reading_scale / chips,
        decode_share=writing * scale / chips,
    )


def yielded(load: Load) -> Number:
    """Tokens that a step yields: as given, else as fitted where tokens are drafted."""
    drafting = np.where(load.accepted > 0, load.accepted, accepted_tokens(load.drafted))
    return np.where(load.drafted > 0, drafting, 1.0)
