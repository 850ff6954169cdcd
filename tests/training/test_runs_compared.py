"""A file of runs beside estimates, and the traps in one."""

import csv
import math
from pathlib import Path

import pytest

from gigawatt.errors import GigawattError
from gigawatt.training import compare, lint, read_runs, summary

CALIBRATION = Path(__file__).resolve().parents[3] / "shared" / "data" / "training_runs_calibration.csv"
GOOD = {
    "model": "good", "params_total": "7e10", "params_active": "7e10", "tokens": "2e12", "flop": "8.4e23",
    "hardware": "A100-80", "n_chips": "2048", "chip_hours": "1720320", "wall_days": "35", "date": "2023-07-18",
}  # fmt: skip


def rules(**change):
    return [one.rule for one in lint([{**GOOD, **change}])]


# ---------------------------------------------------------------------------------------------------------- comparison
def test_what_was_published_stands_beside_what_is_estimated():
    (row,) = compare([GOOD])
    assert row["chip_hours"] == 1_720_320
    assert row["chip_hours_low"] < row["chip_hours_estimate"] < row["chip_hours_high"]
    assert row["chip_hours_error"] == pytest.approx(row["chip_hours_estimate"] / 1_720_320 - 1)
    assert row["wall_days_estimate"] == pytest.approx(row["chip_hours_estimate"] / 2048 / 24)
    assert row["cost_usd"] is None and row["cost_usd_estimate"] > 0 and row["cost_usd_error"] is None
    assert row["fitted"]


def test_published_hours_days_and_utilisation_are_not_used():
    (one,) = compare([GOOD])
    (other,) = compare([{**GOOD, "chip_hours": "1", "wall_days": "1", "mfu": "0.01", "energy_mwh": "3"}])
    assert one["chip_hours_estimate"] == other["chip_hours_estimate"]
    assert not other["fitted"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"hardware": "Cray-1"}, "unknown chip"), ({"hardware": ""}, "no chip"),
     ({"params_active": "", "params_total": ""}, "no number of parameters"),
     ({"params_active": "", "arch": "MoE"}, "a mixture of experts without params_active"),
     ({"tokens": "", "flop": ""}, "neither tokens nor FLOP"), ({"date": "soon"}, "date 'soon'")],
)  # fmt: skip
def test_rows_that_cannot_be_estimated_say_why(change, reason):
    (row,) = compare([{**GOOD, **change}])
    assert reason in row["reason"] and row["chip_hours_estimate"] is None


def test_a_total_stands_for_active_parameters_with_a_doubt_unless_the_file_says_dense():
    (told,), (doubtful,) = (compare([{**GOOD, "params_active": "", "arch": arch}]) for arch in ("dense", ""))
    assert told["chip_hours_estimate"] == doubtful["chip_hours_estimate"] > 0
    assert told["reason"] == "" and doubtful["reason"] == "no params_active: taken as dense"


def test_flop_stand_in_for_tokens_and_words_for_precision():
    (one,), (other,) = compare([GOOD]), compare([{**GOOD, "tokens": ""}])
    assert one["chip_hours_estimate"] == pytest.approx(other["chip_hours_estimate"])
    (wide,), (narrow,) = (compare([{**GOOD, "hardware": chip}]) for chip in ("H800", "H800 (FP8)"))
    assert narrow["chip_hours_estimate"] == pytest.approx(wide["chip_hours_estimate"] / 1.35, rel=0.02)


def test_errors_are_summed_up_by_chip_and_architecture():
    rows = compare([GOOD, {**GOOD, "hardware": "H100", "arch": "moe"}, {**GOOD, "hardware": "Cray-1"}])
    found = {row["runs"]: row for row in summary(rows) if row["quantity"] == "chip_hours"}
    assert found["all"]["count"] == 2 and found["arch moe"]["count"] == found["chip H100"]["count"] == 1
    errors = [abs(row["chip_hours_error"]) for row in rows[:2]]
    assert found["all"]["mean_absolute_error"] == pytest.approx(sum(errors) / 2)
    signed = [math.log(1 + row["chip_hours_error"]) for row in rows[:2]]
    assert found["all"]["bias"] == pytest.approx(math.exp(sum(signed) / 2) - 1)
    assert found["chip Cray-1"]["count"] == 0 and found["chip Cray-1"]["bias"] is None


def test_a_file_without_the_columns_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("model,tokens\na,1\n")
    with pytest.raises(GigawattError, match="no column params_active, hardware, chip_hours"):
        read_runs(path)


@pytest.mark.skipif(not CALIBRATION.exists(), reason="calibration runs are not beside this repository")
def test_published_runs_of_the_calibration_file_are_estimated_within_a_fifth_at_the_median():
    rows = compare(read_runs(CALIBRATION))
    assert not [row["reason"] for row in rows if row["reason"]]
    found = {row["quantity"]: row for row in summary(rows) if row["runs"] == "all"}
    assert found["chip_hours"]["median_absolute_error"] < 0.2
    assert abs(found["chip_hours"]["bias"]) < 0.05


# ---------------------------------------------------------------------------------------------------------- the linter
def test_a_good_row_has_no_traps():
    assert rules() == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        # Hours x peak x 30 %, and 6 N D is 1.45 times that: the FLOP were made from the hours.
        ({"flop": f"{1720320 * 3600 * 312e12 * 0.3}"}, "circular-flop"),
        ({"flop_basis": "GPU-hours x peak x 40 % utilisation"}, "circular-flop"),
        ({"hardware": "H100", "chip_hours": "600000", "n_chips": "", "mfu_basis": "415/1979"}, "sparse-peak"),
        ({"mfu": "0.217"}, "sparse-peak"),
        # DeepSeek-V2: 172.8 thousand hours for each of 8.1 trillion tokens.
        ({"params_total": "2.36e11", "params_active": "2.1e10", "tokens": "8.1e12", "flop": "", "hardware": "H800",
          "chip_hours": "172800", "n_chips": "", "wall_days": ""}, "hours-per-trillion"),
        ({"mfu": "0.55", "mfu_basis": "171/312 HFU"}, "hfu-not-mfu"),
        ({"flop": "1.12e24"}, "hfu-not-mfu"),
        ({"flop": "3e24"}, "flop-not-6nd"),
        ({"chip_hours": "17000000", "n_chips": ""}, "implausible-mfu"),
        ({"tokens": "5e11", "flop": "", "chip_hours": "200000", "n_chips": ""}, "implausible-mfu"),
        ({"wall_days": "25"}, "hours-not-chips-days"),
        ({"params_active": "8e10"}, "active-above-total"),
        ({"params_active": "", "arch": "moe"}, "active-missing"),
        ({"hardware": "Cray-1"}, "unknown-chip"),
    ],
)  # fmt: skip
def test_every_trap_is_found(change, rule):
    assert rule in rules(**change)


def test_calendar_hours_and_missing_numbers_are_no_traps():
    assert rules(wall_days="", n_chips="") == []
    assert rules(flop="", mfu="") == []
    assert rules(tokens="", params_active="") == []


def test_hours_per_trillion_tokens_are_not_also_implausible():
    change = {"tokens": "8.1e12", "flop": "", "chip_hours": "300600", "n_chips": "", "hardware": "H800"}
    assert rules(**change) == ["hours-per-trillion"]


@pytest.mark.skipif(not CALIBRATION.exists(), reason="calibration runs are not beside this repository")
def test_the_linter_finds_opt_s_recomputation_and_nothing_wrong_in_llama():
    found = lint(read_runs(CALIBRATION))
    assert {one.model for one in found} == {"OPT-175B"}
    assert {one.rule for one in found} == {"hfu-not-mfu"}
    with CALIBRATION.open() as file:
        models = [row["model"] for row in csv.DictReader(file)]
    assert {one.line for one in found} == {models.index("OPT-175B") + 2}
