"""Time per output token against serving measurements, none of which set a coefficient model by model.

The file is NVIDIA's (PyPI aiconfigurator-core 0.12.0, Apache-2.0) and is read where it lies beside the repository.
"""

import csv
import statistics
from dataclasses import replace
from pathlib import Path

import pytest

from gigawatt.inference import Model, decode_step_s, prefill_s
from tests.inference.test_roofline import DEEPSEEK_V3, H100, LLAMA_70B

MEASURED = Path(__file__).resolve().parents[3] / "shared" / "data" / "inference_calibration.csv"
H200 = replace(H100, name="h200-sxm", memory_gb=141, memory_bandwidth_gb_per_s=4800)
B200 = replace(
    H100,
    name="b200",
    bf16_flop_per_s=2.25e15,
    fp8_flop_per_s=4.5e15,
    fp4_flop_per_s=9e15,
    memory_gb=180,
    memory_bandwidth_gb_per_s=7700,
    scaleup_gb_per_s=1800,
)
CHIPS = {"h100_sxm": H100, "h200_sxm": H200, "b200_sxm": B200}
MODELS = {
    "llama-70b": LLAMA_70B,
    "deepseek-v3": DEEPSEEK_V3,
    "llama-8b": Model(layers=32, hidden=4096, heads=32, kv_heads=8, vocab=128_256, params=8.03e9, params_active=8.03e9),
    "qwen3-32b": Model(
        layers=64, hidden=5120, heads=64, kv_heads=8, vocab=151_936, params=32.8e9, params_active=32.8e9
    ),
    "qwen3-235b": Model(
        layers=94,
        hidden=4096,
        heads=64,
        kv_heads=4,
        experts=128,
        experts_active=8,
        vocab=151_936,
        params=235e9,
        params_active=22e9,
    ),
}


def stated_layout(row: dict[str, str]) -> bool:
    """Rows whose load and chips are stated: one group of up to 8 chips, tensor parallel throughout."""
    known = row["silicon_tpot_ms"] and row["concurrency"] and row["pp_size"] == "1"
    dense = row["attention_dp_size"] == "1" or row["batch_size"] == row["concurrency"]
    chips = float(row["tp_size"])
    whole = chips <= 8 and float(row["moe_tp_size"]) * float(row["moe_ep_size"]) <= chips
    return bool(known) and dense and whole


def precision_of(row: dict[str, str]) -> str:
    text = (row["precision"] or row["gemm_quant_mode"] or row["model_path"]).lower()
    return next((p for p in ("fp4", "fp8") if p in text), "bf16")


def error(row: dict[str, str]) -> float:
    """Predicted over measured time per output token, less 1."""
    model, chip, precision = MODELS[row["family"]], CHIPS[row["system"]], precision_of(row)
    prompt, answer, users, chips = (float(row[k]) for k in ("isl", "osl", "concurrency", "tp_size"))
    step_s = decode_step_s(model, chip, precision, users, prompt + answer / 2, chips)
    tpot_s = step_s + users * prefill_s(model, chip, precision, prompt, chips) / answer
    return tpot_s / (float(row["silicon_tpot_ms"]) / 1e3) - 1


@pytest.mark.skipif(not MEASURED.exists(), reason="the measurements are not kept in this repository")
def test_time_per_token_is_within_a_factor_of_the_measurements():
    # Some rows speculate without saying so, hence the median and not the mean.
    with MEASURED.open() as lines:
        rows = [row for row in csv.DictReader(lines) if stated_layout(row)]
    errors = [abs(error(row)) for row in rows]
    median, close = statistics.median(errors), sum(e < 0.5 for e in errors) / len(errors)
    print(f"TPOT of {len(rows)} rows: median absolute error {median:.1%}; {close:.0%} within a half")
    assert len(rows) > 1000
    assert median < 0.20
    assert close > 0.85
