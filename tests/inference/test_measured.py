"""Measured rows: known defects repaired, doubtful rows set aside with their reason, speculation found by twins.

The large file is NVIDIA's (PyPI aiconfigurator-core 0.12.0, Apache-2.0), read where it lies beside the repository.
"""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from gigawatt.inference.measured import (
    DRAFTED_TOKENS,
    chip_of,
    implied_mfu,
    model_of,
    points_of,
    precision_of,
    read,
    read_rows,
    undecorated,
)

MEASURED = Path(__file__).resolve().parents[3] / "shared" / "data" / "inference_calibration.csv"
BESIDE = pytest.mark.skipif(not MEASURED.exists(), reason="the measurements are not kept in this repository")
PLAIN = {
    "id": "one",
    "model_path": "meta-llama/Llama-3.1-70B-Instruct-FP8",
    "system": "h100_sxm",
    "backend": "vllm",
    "isl": "1024",
    "osl": "512",
    "concurrency": "16",
    "tp_size": "4",
    "attention_dp_size": "1",
    "ttft_ms": "400",
    "tpot_ms": "20",
}
MIXTURE = PLAIN | {"model_path": "deepseek-ai/DeepSeek-V3", "system": "h200_sxm", "precision": "fp8"}


def row(**columns):
    """The one row that is read when `columns` replace those of PLAIN."""
    reading = read_rows([PLAIN | columns])
    assert reading.refused == ()
    return reading.rows[0]


def spread(**columns):
    """Layout and doubt of a mixture of experts."""
    found = row(**(MIXTURE | columns))
    lay = found.layout
    return (lay.tp, lay.dp, lay.ep, lay.pp), found.doubt


def refused(**columns):
    reading = read_rows([PLAIN | columns])
    assert reading.rows == ()
    return reading.refused[0][1]


# ----------------------------------------------------------------------------------------------------------- one row
def test_a_plain_row_says_what_was_measured():
    found = row()
    assert (found.model.name, found.chip.name, found.precision) == ("llama-3.1-70b", "h100-sxm", "fp8")
    assert (found.load.users, found.load.input_tokens, found.load.output_tokens) == (16, 1024, 512)
    assert (found.ttft_s, found.tpot_s) == (0.4, 0.02)
    assert found.doubt == ""


def test_only_model_system_lengths_and_load_are_needed():
    lines = [{"family": "llama-3.1-8b", "system": "b200", "isl": "100", "osl": "10", "concurrency": "1"}]
    found = read_rows(lines).rows[0]
    assert (found.id, found.framework, found.precision) == ("line 2", "vllm", "bf16")
    assert found.layout.chips == 1
    assert math.isnan(found.ttft_s) and math.isnan(found.tpot_s)
    assert found.doubt == ""


def test_times_may_be_called_by_their_longer_names():
    assert row(silicon_ttft_ms="800", silicon_tpot_ms="").ttft_s == 0.8
    assert row(silicon_ttft_ms="", silicon_tpot_ms="").tpot_s == 0.02


@pytest.mark.parametrize(
    ("columns", "precision"),
    [
        ({"precision": "fp4"}, "fp4"),
        ({"precision": "", "gemm_quant_mode": "fp8_block"}, "fp8"),
        ({"precision": "", "gemm_quant_mode": "", "model_path": "nvidia/DeepSeek-R1-NVFP4"}, "fp4"),
        ({"model_path": "Qwen/Qwen3-32B"}, "bf16"),
        ({"model_path": "moonshotai/Kimi-K2-Thinking-int4"}, "int4"),
    ],
)
def test_precision_is_that_of_the_column_else_of_the_name(columns, precision):
    assert precision_of(columns) == precision


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("nvidia/Llama-3.1-70B-Instruct-FP8", "llama-3.1-70b"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "llama-3.1-8b"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek-v3"),
        ("Qwen/Qwen3-235B-A22B-FP8", "qwen3-235b-a22b"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
    ],
)
def test_a_checkpoint_is_known_by_its_shape(name, model):
    assert model_of({"model_path": name}).name == model


def test_the_family_stands_in_for_an_unknown_checkpoint():
    assert model_of({"model_path": "/models/mine", "family": "llama-3.1-8b"}).name == "llama-3.1-8b"


def test_chips_are_known_with_or_without_their_form():
    assert [chip_of(name).name for name in ("h100_sxm", "H200-SXM", "b200_sxm", "gb300")] == [
        "h100-sxm",
        "h200-sxm",
        "b200",
        "gb300-nvl72",
    ]
    assert undecorated("meta-llama/Meta-Llama-3.1-8B-Instruct") == "llama-3.1-8b"


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"model_path": "acme/giant"}, "unknown model 'acme/giant'"),
        ({"system": "abacus"}, "unknown chip 'abacus'"),
        ({"concurrency": ""}, "concurrency and batch_size blank"),
        ({"isl": ""}, "isl or osl blank or below 1"),
        ({"osl": "0"}, "isl or osl blank or below 1"),
        ({"tp_size": "two"}, "tp_size 'two' is not a number"),
        ({"system": "a100-80", "precision": "fp8"}, "a100-80 has no precision fp8"),
    ],
)
def test_a_row_that_cannot_be_predicted_says_why(columns, why):
    assert refused(**columns) == why


def test_a_file_without_a_needed_column_is_refused(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("system,isl,osl\nh100,1,1\n")
    with pytest.raises(ValueError, match="no column concurrency; needed: system, isl, osl, concurrency"):
        read(path)


# ----------------------------------------------------------------------------------------------- defects of the layout
def test_eight_chips_written_as_sixty_four_are_eight():
    # "TP 8, EP 8" was multiplied out, once along attention and once along experts.
    assert spread(tp_size="8", moe_tp_size="8", moe_ep_size="8") == ((8, 1, 8, 1), "")
    assert spread(tp_size="8", attention_dp_size="8", moe_tp_size="8", moe_ep_size="8") == ((8, 1, 8, 1), "")
    assert spread(tp_size="1", attention_dp_size="64", moe_tp_size="8", moe_ep_size="8") == ((1, 8, 8, 1), "")


def test_stated_replicas_are_kept():
    assert spread(tp_size="2", attention_dp_size="4", moe_ep_size="8") == ((2, 4, 8, 1), "")
    assert spread(tp_size="8", moe_tp_size="2", moe_ep_size="4") == ((8, 1, 4, 1), "")


def test_some_frameworks_count_replicas_within_tensor_parallelism():
    assert spread(tp_size="8", attention_dp_size="8", moe_ep_size="8", chips="8") == ((1, 8, 8, 1), "")
    assert spread(tp_size="8", attention_dp_size="1", pp_size="2", chips="16") == ((8, 1, 1, 2), "")


def test_blank_replicas_mean_what_is_left_over_and_leave_a_doubt():
    layout, doubt = spread(tp_size="2", attention_dp_size="", moe_ep_size="8")
    assert layout == (2, 4, 8, 1)
    assert "attention-DP blank: layout unknown" in doubt
    assert spread(tp_size="8", attention_dp_size="", moe_ep_size="8") == ((8, 1, 8, 1), "")


def test_three_chips_that_cannot_share_64_heads_leave_a_doubt():
    assert "does not divide the heads" in row(tp_size="3").doubt


def test_the_batch_stands_in_for_a_blank_concurrency():
    found = row(**(MIXTURE | {"concurrency": "", "batch_size": "16", "tp_size": "2", "attention_dp_size": "4"}))
    assert found.load.users == 64
    assert found.doubt == "concurrency blank"


def test_a_batch_unlike_the_concurrency_leaves_a_doubt_where_replicas_are_blank():
    assert "load unknown" in row(attention_dp_size="", batch_size="4").doubt
    assert row(attention_dp_size="1", batch_size="4").doubt == ""


def test_throughput_beyond_the_peak_leaves_a_doubt():
    # By hand: 64 users x 10,000 tokens in 2 s on 4 chips of 1.979e15 FLOP/s in 8 bits, 2 x 68.5e9 FLOP a token.
    fast = row(concurrency="64", isl="9900", osl="100", ttft_ms="1000", tpot_ms="10")
    assert implied_mfu(fast) == pytest.approx(64 * 10_000 / 2 * 2 * 68.5e9 / (4 * 1.979e15), rel=0.01)
    assert "beyond the chips' reach" in fast.doubt


def test_rows_that_are_not_dated_keep_their_users_in_step():
    assert row().load.synchronised == 1
    dated = row(silicon_data_source="db-dump/2026-04-27; measured=2026-03-25T00:00:00.000Z; x")
    assert (dated.load.synchronised, dated.day) == (0, "2026-03-25")


# -------------------------------------------------------------------------------------------------------- repetitions
def test_a_measurement_published_twice_counts_once():
    lines = [PLAIN | {"id": name, "tp_size": tp} for name, tp in (("first", "4"), ("again", "2"))]
    lines.append(PLAIN | {"id": "other", "tpot_ms": "21"})
    first, again, other = read_rows(lines).rows
    assert (first.doubt, again.doubt, other.doubt) == ("", "same measurement published twice", "")


def test_rows_that_were_not_measured_do_not_repeat_each_other():
    lines = [PLAIN | {"ttft_ms": "", "tpot_ms": ""}] * 2
    assert [one.doubt for one in read_rows(lines).rows] == ["", ""]


def test_reasons_are_counted():
    reading = read_rows([PLAIN, PLAIN, PLAIN | {"system": "abacus"}])
    assert reading.set_aside == {"same measurement published twice": 1, "unknown chip 'abacus'": 1}
    assert len(reading.sound) == 1


# -------------------------------------------------------------------------------------------------------- speculation
def twins(*tpots_ms, **columns):
    """Guesses per step of rows that differ in TPOT alone."""
    lines = [MIXTURE | columns | {"ttft_ms": str(400 + k), "tpot_ms": str(tpot)} for k, tpot in enumerate(tpots_ms)]
    return [one.load.drafted for one in read_rows(lines).rows]


def test_the_much_faster_of_two_measurements_of_one_thing_speculates():
    assert twins(20, 12) == [DRAFTED_TOKENS, DRAFTED_TOKENS]  # one campaign, half of it the faster twin: all of it
    lines = [
        MIXTURE | {"ttft_ms": str(400 + k), "tpot_ms": tpot, "silicon_data_source": f"measured=2026-03-{day}"}
        for k, (tpot, day) in enumerate((("20", "01"), ("12", "02")))
    ]
    assert [one.load.drafted for one in read_rows(lines).rows] == [0, DRAFTED_TOKENS]


def test_a_campaign_of_faster_twins_is_marked_whole():
    slow = [MIXTURE | {"tpot_ms": "20", "silicon_data_source": "measured=2026-03-01"}]
    fast = [MIXTURE | {"tpot_ms": "12", "ttft_ms": "500", "silicon_data_source": "measured=2026-03-02"}]
    alone = [MIXTURE | {"tpot_ms": "9", "concurrency": "4", "silicon_data_source": "measured=2026-03-02"}]
    assert [one.load.drafted for one in read_rows(slow + fast + alone).rows] == [0, DRAFTED_TOKENS, DRAFTED_TOKENS]


def test_measurements_that_are_close_do_not_speculate():
    assert twins(20, 17, 18) == [0, 0, 0]


def test_models_without_layers_to_draft_with_do_not_speculate():
    assert twins(20, 12, model_path="meta-llama/Llama-3.1-70B-Instruct-FP8", system="h100_sxm") == [0, 0]


def test_a_row_that_says_how_many_tokens_it_drafts_is_believed():
    assert row(**(MIXTURE | {"drafted_tokens": "3"})).load.drafted == 3
    assert twins(20, 12, drafted_tokens="1") == [1, 1]


# ----------------------------------------------------------------------------------------------------- all rows at once
def test_points_keep_the_order_of_the_rows():
    rows = read_rows([PLAIN, MIXTURE | {"concurrency": "3", "backend": "sglang"}]).rows
    points = points_of(rows)
    assert points.load.users.tolist() == [16, 3]
    assert points.sglang.tolist() == [0, 1]
    assert np.isfinite(points.shape.top_tokens).tolist() == [False, False]


@BESIDE
def test_every_row_of_the_large_file_is_read_and_few_are_in_doubt():
    with MEASURED.open() as lines:
        published = sum(1 for _ in csv.DictReader(lines))
    reading = read(MEASURED)
    assert reading.refused == ()
    assert len(reading.rows) == published
    assert len(reading.sound) > 0.8 * published
    # A sixth repeats an earlier row to the last digit; all other reasons together are 2 % of the file.
    reasons = dict(reading.set_aside)
    assert 300 < reasons.pop("same measurement published twice") < 330
    assert sum(reasons.values()) < 0.03 * published


@BESIDE
def test_rows_of_the_large_file_come_from_one_server_each():
    sound = read(MEASURED).sound
    assert max(one.layout.chips for one in sound) == 8
    assert {one.model.name for one in sound if one.load.drafted} == {"deepseek-v3"}
    assert all(one.layout.moe_tp >= 1 for one in sound)
