"""DeepSeek-V3 with attention repeated and experts spread over many chips: its makers' own day, and others' figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.published import Beside, lines
from gigawatt.catalog import named
from gigawatt.inference import Chip, Model
from gigawatt.inference.loop import latency
from gigawatt.inference.points import Layout, Load, Points, point
from gigawatt.units import SECONDS_PER_HOUR

HOURS_PER_DAY = 24
SECONDS_PER_DAY = HOURS_PER_DAY * SECONDS_PER_HOUR
NODE_CHIPS = 8
USUAL_GROUP = 32  # chips, where a row does not say
SHORT_ANSWER_TOKENS = 100.0  # where a row does not say: its test of decode took few
SLOW_S = 0.1  # per token: the speed that goes with the rows of H100; the others do not say theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """DeepSeek-V3 on chips that only read prompts or only write answers: attention repeated, experts spread."""

    chip: str
    chips: int
    input_tokens: float
    output_tokens: float
    precision: str = "fp8"
    cached_share: float = 0.0

    def points(self, users: np.ndarray) -> Points:
        """The group under the load of so many users."""
        layout = Layout(tp=1.0, dp=float(self.chips), ep=float(self.chips))
        load = Load(
            users=users,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cached_share=self.cached_share,
            disaggregated=1.0,
        )
        chip = Chip.from_catalog(self.chip)
        return point(Model.from_catalog("deepseek-v3"), chip, self.precision, layout, load, "sglang")

    def prompt_tokens_per_s_per_chip(self) -> float:
        """Prompt tokens a second and chip of a group that reads prompts, cached ones counted."""
        found = latency(self.points(np.array([4.0 * self.chips])))  # each chip always has a prompt to read
        return float(self.input_tokens / found.prompt_s[0])

    def answer_tokens_per_s_per_chip(self, tpot_s: float) -> float:
        """Output tokens a second and chip of a group that writes answers, each user waiting `tpot_s` for a token."""
        points = self.points(self.chips * np.arange(1.0, 1000.0))
        found = latency(points)
        within = np.flatnonzero((found.tpot_s <= tpot_s) & (found.users >= points.load.users))
        if not len(within):
            return 0.0
        last = within[-1]
        return float(found.decoding[last] / found.tpot_s[last] / self.chips)


def own_day() -> list[Beside]:
    """DeepSeek-V3's day on H800: tokens a second of a node that reads and of one that writes, and USD a day.

    Lengths follow from the totals: input over output is published, and a request's cache holds I + O/2 on average.
    """
    told = {row["item"]: row["value"] for row in lines("deepseek_v3_serving.csv")}
    day = {name: float(value) for name, value in told.items() if name != "chip"}
    longer = day["input_tokens"] / day["output_tokens"]
    answer = day["kv_length_mean"] / (longer + 0.5)
    tpot_s = 2.0 / (day["output_speed_low"] + day["output_speed_high"])
    node = day["chips_per_node"]
    common = {"chip": told["chip"].lower(), "input_tokens": longer * answer, "output_tokens": answer}
    reading = Spread(chips=int(day["prefill_expert_parallel"]), cached_share=day["cache_hit_share"], **common)  # type: ignore[arg-type]
    writing = Spread(chips=int(day["decode_expert_parallel"]), **common)  # type: ignore[arg-type]
    prefill = node * reading.prompt_tokens_per_s_per_chip()
    decode = node * writing.answer_tokens_per_s_per_chip(tpot_s)
    nodes = (day["input_tokens"] / prefill + day["output_tokens"] / decode) / SECONDS_PER_DAY
    usd = nodes * node * HOURS_PER_DAY * day["price_per_chip_hour"]
    return [
        _beside("prefill, a node", day["prefill_tokens_per_s_per_node"], prefill, "input tokens/s"),
        _beside("decode, a node", day["decode_tokens_per_s_per_node"], decode, "output tokens/s"),
        _beside("cost of a day", day["cost_per_day"], usd, "USD"),
    ]


def _beside(what: str, measured: float, predicted: float, unit: str) -> Beside:
    return Beside(
        what=what, model="deepseek-v3", chip="H800", round="2025-02", measured=measured, predicted=predicted, unit=unit
    )


def elsewhere() -> Iterator[Beside]:
    """The same model with wide expert parallelism, as users of SGLang and vLLM published it."""
    for row in lines("serving_published.csv"):
        phase = row["metric"].split("_")[0]
        if row["model"] != "deepseek-v3" or phase not in ("prefill", "decode"):
            continue
        spread = Spread(
            chip=named("chips", row["chip"]),
            chips=group_of(phase, row["parallelism"]),
            input_tokens=float(row["input_tokens"]),
            output_tokens=float(row["output_tokens"] or SHORT_ANSWER_TOKENS),
            precision="fp4" if "nvfp4" in row["precision"] else "fp8",
        )
        reads = phase == "prefill"
        yield Beside(
            what=f"{phase} {row['parallelism']}",
            model=row["model"],
            chip=row["chip"],
            round=row["precision"],
            measured=float(row["value"]) / (NODE_CHIPS if "node" in row["scope"] else 1),
            predicted=spread.prompt_tokens_per_s_per_chip() if reads else spread.answer_tokens_per_s_per_chip(SLOW_S),
            unit="tokens/s/chip",
        )


def group_of(phase: str, parallelism: str) -> int:
    """Chips that share the experts in a phase, as the row words it; a usual number where it does not say."""
    own = [part for part in parallelism.split(";") if phase in part]
    named = re.findall(r"EP(\d+)|on (\d+) chips", " ".join(own))
    return int(next(filter(None, named[0]))) if named else USUAL_GROUP
