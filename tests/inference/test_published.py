"""Results that others published and no fit has seen: how near the estimator comes, with bounds as measured.

MLPerf Inference offline rounds v4.1 to v6.1, DeepSeek's day of serving (open-infra-index, 2025-02), users of SGLang
and vLLM, and the ML.ENERGY leaderboard; each row of `tests/known` names its source.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean, median

import pytest
from pytest import approx

from benchmarks import published, tokens, wide_experts
from benchmarks.published import Beside
from benchmarks.wide_experts import HOURS_PER_DAY, SECONDS_PER_DAY


@pytest.fixture(scope="module")
def offline() -> list[Beside]:
    """Offline rows of chips that the catalog has."""
    return published.mlperf_offline()[0]


@pytest.fixture(scope="module")
def deepseek() -> dict[str, Beside]:
    """DeepSeek's day: prefill, decode and cost."""
    return {one.what.split(",")[0]: one for one in wide_experts.own_day()}


def share_near(rows: list[Beside]) -> float:
    """Share of rows predicted within 30 %."""
    return fmean(abs(one.ratio - 1) <= tokens.NEAR for one in rows)


def test_every_offline_row_is_predicted_or_its_chip_named_as_missing(offline):
    rows = [row for row in published.lines("mlperf_inference_v5_1_offline.csv") if row["scenario"] == "Offline"]
    lacking = published.mlperf_offline()[1]
    assert len(offline) == sum(row["chip"] not in lacking for row in rows) >= 90


def test_three_of_four_offline_rows_of_nvidia_are_within_30_percent(offline):
    rows = [one for one in offline if one.is_nvidia]
    assert share_near(rows) >= 0.75
    assert share_near([one for one in rows if one.round == "v5.1"]) >= 0.7
    assert median(one.ratio for one in rows) == approx(1.0, abs=0.15)


def test_half_of_the_offline_rows_of_amd_are_within_30_percent(offline):
    assert share_near([one for one in offline if not one.is_nvidia]) >= 0.5


def test_no_offline_row_is_beyond_a_factor_of_three(offline):
    assert all(1 / 3 < one.ratio < 3 for one in offline)


def test_chips_rank_as_in_the_offline_rows(offline):
    # Chips with fast links between them, of which a row says more about the chip than about the slot it sits in.
    ranked = ("H100", "H200", "B200", "GB200", "MI300X", "MI325X")
    by_chip: dict[tuple[str, str], list[Beside]] = defaultdict(list)
    for one in offline:
        if one.round in ("v5.0", "v5.1") and one.chip in ranked:
            by_chip[one.model, one.chip].append(one)
    pairs = [
        (median(a.measured for a in mine) < median(b.measured for b in other),
         median(a.predicted for a in mine) < median(b.predicted for b in other))
        for (model, chip), mine in by_chip.items()
        for (same, another), other in by_chip.items()
        if same == model and chip < another
    ]  # fmt: skip
    assert fmean(told == known for known, told in pairs) >= 0.8


def test_the_published_day_of_deepseek_is_one_arithmetic():
    # 608e9 tokens at 73.7k a node and second and 168e9 at 14.8k keep 226.9 nodes busy; 226.75 are published.
    day = {row["item"]: row["value"] for row in published.lines("deepseek_v3_serving.csv")}
    reading = float(day["input_tokens"]) / float(day["prefill_tokens_per_s_per_node"])
    writing = float(day["output_tokens"]) / float(day["decode_tokens_per_s_per_node"])
    nodes = (reading + writing) / SECONDS_PER_DAY
    assert nodes == approx(float(day["nodes_mean"]), rel=0.01)
    usd = nodes * float(day["chips_per_node"]) * HOURS_PER_DAY * float(day["price_per_chip_hour"])
    assert usd == approx(float(day["cost_per_day"]), rel=0.01)


def test_a_node_of_deepseek_reads_prompts_as_published_within_40_percent(deepseek):
    assert deepseek["prefill"].ratio == approx(1.0, abs=0.4)


def test_a_day_of_deepseek_costs_what_was_published_within_25_percent(deepseek):
    assert deepseek["decode"].ratio == approx(1.0, abs=0.25)
    assert deepseek["cost of a day"].ratio == approx(1.0, abs=0.25)


def test_a_row_that_names_both_phases_gives_each_its_own_group():
    both = "prefill EP32 (4 nodes); decode EP72 (9 nodes)"
    assert (wide_experts.group_of("prefill", both), wide_experts.group_of("decode", both)) == (32, 72)
    assert wide_experts.group_of("decode", "decode DP+EP on 8 chips") == 8
    assert wide_experts.group_of("decode", "PD, wide EP") == wide_experts.USUAL_GROUP


def test_energy_of_a_token_is_within_30_percent_of_the_median_steady_state():
    rows = list(published.energy())
    assert len(rows) >= 60
    assert median(abs(one.ratio - 1) for one in rows) <= 0.3
    assert all(1 / 3 < one.ratio < 1.5 for one in rows)


def test_the_small_case_of_the_benchmark_tells_every_figure():
    names = [one.name for one in (*tokens.of_published(), *tokens.of_speed(times=1))]
    assert len(names) == len(set(names)) >= 14


def test_a_missing_file_of_measurements_leaves_the_published_figures(tmp_path):
    told = list(tokens.measure(tmp_path / "none.csv", times=1))
    assert told and not any("left out" in one.name for one in told)
