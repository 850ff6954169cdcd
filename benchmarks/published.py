"""Published serving results that no coefficient was fitted to, each beside what the estimator says.

MLPerf Inference offline, small systems to which all requests were sent at once, and energy of steady states.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from benchmarks.measuring import ROOT
from gigawatt.catalog import named
from gigawatt.inference import Chip, Model, Site, estimate
from gigawatt.inference.measured import model_of
from gigawatt.inference.search import Search, candidates
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
            chip = named("chips", MLPERF_CHIPS.get(row["chip"], row["chip"]))
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


def all_at_once() -> Iterator[Beside]:
    """Tokens a second, in and out together, of small systems to which all requests were sent at once."""
    for row in lines("serving_published.csv"):
        if row["metric"] != "total_tokens_per_s":
            continue
        chips, lengths = int(row["chips"]), (float(row["input_tokens"]), float(row["output_tokens"]))
        precision = "fp4" if row["precision"] == "mxfp4" else row["precision"]
        framework = "sglang" if "SGLang" in row["parallelism"] else "vllm"
        chip = named("chips", row["chip"])
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
        chip = Chip.from_catalog(row["chip"])
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
