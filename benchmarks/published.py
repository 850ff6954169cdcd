"""Published serving results that no coefficient was fitted to, each beside what the estimator says.

MLPerf Inference offline, DeepSeek's own day of serving, and two collections of tokens a second and of energy.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from benchmarks.measuring import ROOT
from gigawatt.inference import Chip, Model, Site, estimate
from gigawatt.inference.loop import Latency, latency
from gigawatt.inference.measured import model_of
from gigawatt.inference.points import Layout, Load, Points, point, take
from gigawatt.inference.search import Search, candidates
from gigawatt.inference.shapes import catalog_item
from gigawatt.units import SECONDS_PER_HOUR

KNOWN = ROOT / "tests" / "known"
# Names that the catalog does not know as aliases.
MLPERF_MODELS = {
    "llama2-70b-99.9": "llama-2-70b",
    "llama3.1-405b": "llama-3.1-405b",
    "llama3.1-8b": "llama-3.1-8b",
    "deepseek-r1": "deepseek-v3",
}
MLPERF_CHIPS = {"RTX PRO 6000 Blackwell Server": "rtx-pro-6000"}
MIXTRAL_INPUT_TOKENS = 300.0  # mean prompt of its data set; not published, assumed
CHAT_INPUT_TOKENS = 200.0  # mean prompt of LMArena's chats; not published, assumed
MOST_CHIPS = 64  # of a group; larger systems repeat it
MOST_USERS = 65_536  # of a group: memory ends it long before
HOURS_PER_DAY = 24
SECONDS_PER_DAY = HOURS_PER_DAY * SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A published figure and its prediction."""

    what: str
    model: str
    chip: str
    round: str
    measured: float
    predicted: float
    unit: str

    @property
    def ratio(self) -> float:
        """Predicted over measured."""
        return self.predicted / self.measured

    @property
    def is_nvidia(self) -> bool:
        """Whether the coefficients were fitted to chips of its maker."""
        return not self.chip.upper().startswith("MI")


def lines(name: str) -> list[dict[str, str]]:
    """Rows of one table of published figures."""
    with (KNOWN / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def mlperf_offline() -> tuple[list[Beside], list[str]]:
    """Output tokens/s per chip of every offline row, and the chips that the catalog lacks.

    All requests are there at once, so users are as many as fit, without drafted tokens. The best layout of up to
    the system's chips is taken: submitters tune theirs.
    """
    found, lacking = [], []
    for row in lines("mlperf_inference_v5_1_offline.csv"):
        if row["scenario"] != "Offline":
            continue
        try:
            chip = catalog_item("chips", MLPERF_CHIPS.get(row["chip"], row["chip"]))
        except ValueError:
            lacking.append(row["chip"])
            continue
        found.append(_beside_offline(row, chip))
    return found, sorted(set(lacking))


def _beside_offline(row: Mapping[str, str], chip: str) -> Beside:
    model, chips = MLPERF_MODELS.get(row["model"], row["model"]), int(row["chips"])
    lengths = float(row["mean_input_tokens"] or MIXTRAL_INPUT_TOKENS), float(row["mean_output_tokens"])
    one = Beside(
        what=row["submitter"],
        model=row["model"],
        chip=row["chip"],
        round=row["round"],
        measured=float(row["tokens_per_s"]) / chips,
        predicted=0.0,
        unit="output tokens/s/chip",
    )
    framework = "trtllm" if one.is_nvidia else "vllm"
    return replace(one, predicted=most_tokens_per_s(model, chip, row["precision"], chips, lengths, framework))


@cache
def most_tokens_per_s(
    model: str, chip: str, precision: str, chips: int, lengths: tuple[float, float], framework: str
) -> float:
    """Most output tokens/s per chip over layouts of up to `chips` chips and users that fit."""
    search = Search(
        input_tokens=lengths[0],
        output_tokens=lengths[1],
        precisions=(precision,),
        speculation=(0,),
        max_chips=min(chips, MOST_CHIPS),
        max_concurrency=MOST_USERS,
        framework=framework,
    )
    (only,) = candidates(Model.from_catalog(model), Chip.from_catalog(chip), search)
    return float(only.output_tokens_per_s_per_chip.max())


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
        found: Latency = latency(points)
        within = np.flatnonzero((found.tpot_s <= tpot_s) & (found.users >= points.load.users))
        if not len(within):
            return 0.0
        last = take(points, within[[-1]])
        return float((latency(last).decoding / latency(last).tpot_s / self.chips)[0])


def deepseek() -> list[Beside]:
    """DeepSeek-V3's day on H800: tokens a second of a node that reads and of one that writes, and USD a day.

    Lengths follow from the totals: input over output is published, and a request's cache holds I + O/2 on average.
    """
    told = {row["item"]: row["value"] for row in lines("deepseek_v3_serving.csv")}
    day = {name: float(value) for name, value in told.items() if name not in ("chip",)}
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
        _beside_deepseek("prefill, a node", day["prefill_tokens_per_s_per_node"], prefill, "input tokens/s"),
        _beside_deepseek("decode, a node", day["decode_tokens_per_s_per_node"], decode, "output tokens/s"),
        _beside_deepseek("cost of a day", day["cost_per_day"], usd, "USD"),
    ]


def _beside_deepseek(what: str, measured: float, predicted: float, unit: str) -> Beside:
    return Beside(
        what=what, model="deepseek-v3", chip="H800", round="2025-02", measured=measured, predicted=predicted, unit=unit
    )


def spread_elsewhere() -> Iterator[Beside]:
    """DeepSeek-V3 with wide expert parallelism, as users of SGLang and vLLM published it."""
    rows = lines("serving_published.csv")
    for row in rows:
        metric, wide = row["metric"], row["parallelism"]
        if row["model"] != "deepseek-v3" or metric not in ("prefill_input_tokens_per_s", "decode_output_tokens_per_s"):
            continue
        chips = {"H100": 32 if metric.startswith("prefill") else 64, "GB200": 8 if "8 chips" in wide else 32}
        group = 2 if "on 2 chips" in wide else chips[row["chip"]]
        spread = Spread(
            chip=catalog_item("chips", row["chip"]),
            chips=group,
            input_tokens=float(row["input_tokens"]),
            output_tokens=float(row["output_tokens"] or 100),
            precision="fp4" if "nvfp4" in row["precision"] else "fp8",
        )
        tokens = (
            spread.prompt_tokens_per_s_per_chip()
            if metric.startswith("prefill")
            else spread.answer_tokens_per_s_per_chip(0.1)  # the time that goes with the H100 row
        )
        whole = 8.0 if "node" in row["scope"] else 1.0
        yield Beside(
            what=f"{metric.split('_')[0]} {wide}",
            model=row["model"],
            chip=row["chip"],
            round=row["precision"],
            measured=float(row["value"]) / whole,
            predicted=tokens,
            unit="tokens/s/chip",
        )


def all_at_once() -> Iterator[Beside]:
    """Tokens a second, in and out together, of small systems to which all requests were sent at once."""
    for row in lines("serving_published.csv"):
        if row["metric"] != "total_tokens_per_s":
            continue
        chips, lengths = int(row["chips"]), (float(row["input_tokens"]), float(row["output_tokens"]))
        precision = "fp4" if row["precision"] == "mxfp4" else row["precision"]
        framework = "sglang" if "SGLang" in row["parallelism"] else "vllm"
        chip = catalog_item("chips", row["chip"])
        tokens = most_tokens_per_s(row["model"], chip, precision, chips, lengths, framework)
        yield Beside(
            what=f"{row['input_tokens']}+{row['output_tokens']} {row['parallelism']}",
            model=row["model"],
            chip=row["chip"],
            round=f"x{chips}",
            measured=float(row["value"]) / chips,
            predicted=tokens * sum(lengths) / lengths[1],
            unit="tokens/s/chip",
        )


def energy() -> Iterator[Beside]:
    """J per output token of the chips alone in steady state, as the ML.ENERGY leaderboard measured it under vLLM.

    The draw of chips was fitted to these rows, the time of a token was not.
    """
    chips_alone = Site(pue=1.0, utilisation=1.0)
    for row in lines("tokens_energy.csv"):
        if not (row["item"].startswith("ml-energy") and row["metric"] == "energy_per_output_token" and row["power_w"]):
            continue
        chip = Chip.from_catalog(catalog_item("chips", row["chip"]))
        answer, chips = float(row["output_tokens"]), int(row["chips"])
        one = estimate(
            model_of({"model_path": row["model"]}),
            replace(chip, system_power_w=chip.tdp_w),
            precision=row["precision"],
            tensor_parallel=chips,
            expert_parallel=chips if row["parallelism"].startswith("EP") else 1,
            concurrency=float(row["batch"]),
            input_tokens=CHAT_INPUT_TOKENS,
            output_tokens=answer,
            site=chips_alone,
        )
        joule = one.wh_per_query * SECONDS_PER_HOUR / answer
        yield Beside(
            what=f"batch {row['batch']}",
            model=row["model"],
            chip=row["chip"],
            round=f"x{chips}",
            measured=float(row["value"]),
            predicted=joule,
            unit="J/output token",
        )
