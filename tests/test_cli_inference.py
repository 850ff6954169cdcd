"""`gigawatt inference`: what each mode prints, formats that parse back, and messages for mistakes."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app

LLAMA = ("inference", "llama-3.1-8b", "h100-sxm")


def run(*args: str):
    """The result of a command."""
    return CliRunner().invoke(app, list(args))


def test_help_shows_examples():
    done = run("inference", "--help")
    assert done.exit_code == 0
    assert "gigawatt inference deepseek-v3 gb300-nvl72 --frontier" in done.stdout


def test_a_point_is_told_with_units_and_bands():
    done = run(*LLAMA, "--tp", "2", "--concurrency", "64", "--input", "1k", "--output", "200")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("llama-3.1-8b on h100-sxm: fp8, tp 2, 64 users, 1,000 tokens in, 200 out, vllm")
    for text in ("time to first token (TTFT)", "energy per query", "a million output tokens", "queries per MWh"):
        assert text in done.stdout


def test_without_a_layout_the_smallest_that_fits_is_taken():
    done = run("inference", "llama-3.1-405b", "h100-sxm", "-f", "json")
    assert json.loads(done.stdout)[0]["tensor_parallel"] == 8


def test_json_holds_every_field_as_a_number():
    row = json.loads(run(*LLAMA, "-f", "json").stdout)[0]
    assert row["model"] == "llama-3.1-8b" and row["concurrency"] == 16
    assert row["usd_per_query"] > 0 and row["ttft_low_s"] < row["ttft_s"] < row["ttft_high_s"]


def test_the_frontier_is_a_table_that_parses(tmp_path):
    out = tmp_path / "frontier.csv"
    done = run(*LLAMA, "--frontier", "-f", "csv", "-o", str(out))
    assert done.exit_code == 0 and f"wrote {out}" in done.stderr
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    speeds = [float(row["output_tokens_per_s_per_user"]) for row in rows]
    assert len(rows) > 5 and speeds == sorted(speeds)


def test_the_cheapest_keeps_the_slo():
    done = run(
        "inference", "llama-3.1-70b", "h100-sxm,b200", "--cheapest", "--ttft", "500ms", "--tpot", "25ms", "-f", "json"
    )
    row = json.loads(done.stdout)[0]
    assert row["ttft_s"] <= 0.5 and row["tpot_s"] <= 0.025


def test_tiers_are_told_per_query():
    done = run("inference", "gpt-oss-120b", "b200", "--tier", "all")
    assert done.exit_code == 0, done.output
    assert all(text in done.stdout for text in ("instant", "thinking", "pro", "USD/query", "queries/MWh"))


def test_limits_take_the_place_of_those_of_a_tier():
    asked = ("inference", "llama-3.1-70b", "h100-sxm", "--tier", "instant", "-f", "json")
    plain, hasty = (json.loads(run(*asked, *more).stdout)[0] for more in ((), ("--tpot", "15ms")))
    assert hasty["tpot_s"] <= 0.015 < plain["tpot_s"]
    assert plain["speculation"] == 1 and plain["accepted"] == 1.8


def test_a_framework_that_keeps_a_wide_cache_is_given_the_chips_it_needs():
    asked = ("inference", "llama-3.1-70b", "h100-sxm", "--input", "30000", "--framework", "sglang", "-f", "json")
    assert json.loads(run(*asked, "--concurrency", "1").stdout)[0]["chips"] == 2


def test_a_tier_gives_lengths_and_slo_to_other_modes():
    done = run("inference", "gpt-oss-120b", "b200", "--tier", "instant", "--frontier", "-f", "json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["cached_share"] > 0.3


def test_levers_end_with_what_halved_the_cost():
    done = run("inference", "llama-3.1-8b", "h200-sxm", "--levers")
    assert done.exit_code == 0, done.output
    assert "halved by: " in done.stdout and "power price" in done.stdout


def test_levers_as_csv_hold_the_configuration_of_each_step():
    rows = list(
        csv.DictReader(io.StringIO(run("inference", "llama-3.1-8b", "h200-sxm", "--levers", "-f", "csv").stdout))
    )
    assert [rows[0]["name"], rows[-1]["name"]] == ["start", "power price"]
    assert float(rows[0]["factor"]) == 1 and "tensor_parallel" in rows[0]


def test_the_site_can_be_said():
    plain = json.loads(run(*LLAMA, "-f", "json").stdout)[0]
    rented = json.loads(run(*LLAMA, "-f", "json", "--rent", "2.5", "--region", "europe").stdout)[0]
    assert rented["usd_per_chip_h"] == pytest.approx(2.5)
    assert rented["g_co2_per_query"] != plain["g_co2_per_query"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("inference",), "say which model and chip"),
        (("inference", "llama-3.1-70b", "h100-smx"), "unknown chip 'h100-smx'; did you mean 'h100-sxm'?"),
        (("inference", "lama-3.1-70b", "h100-sxm"), "unknown model 'lama-3.1-70b'; did you mean 'llama-3.1-70b'?"),
        (("inference", "llama-3.1-405b", "h100-sxm", "--tp", "8", "--precision", "bf16"), "smallest that fits: "),
        ((*LLAMA, "--tp", "3"), "tensor_parallel 3 does not divide the 32 heads"),
        ((*LLAMA, "--output", "0"), "output_tokens 0 is not at least 1"),
        ((*LLAMA, "--input", "5 MW"), "--input"),
        ((*LLAMA, "--precision", "fp3"), "no precision 'fp3'"),
        ((*LLAMA, "--cheapest", "--tpot", "1ms"), "no configuration of llama-3.1-8b keeps TPOT 1 ms; the nearest is"),
        ((*LLAMA, "--frontier", "--tp", "4"), "a search chooses the layout and the users by itself: leave out --tp"),
        ((*LLAMA, "--frontier", "--cheapest"), "one of --frontier, --cheapest and --levers at a time"),
        ((*LLAMA, "--levers", "--cached", "50%"), "--levers goes through these by itself: leave out --cached"),
        ((*LLAMA, "--tpot", "25ms"), "an SLO is for --cheapest, --tier and --levers: leave out --tpot"),
        ((*LLAMA, "--tier", "insta"), "unknown tier 'insta'; did you mean 'instant'?"),
        ((*LLAMA, "--region", "mars"), "unknown item of regions 'mars'"),
        ((*LLAMA, "--pue", "0.5"), "pue 0.5 is below 1"),
        ((*LLAMA, "--concurrency", "0"), "concurrency 0 is not a whole number of at least 1"),
        ((*LLAMA, "--tier", "instant", "--frontier", "--tpot", "25ms"), "an SLO is for --cheapest"),
        ((*LLAMA, "--cheapest", "--tpot", "0"), "tpot_s 0 is not above 0"),
        ((*LLAMA, "--cheapest", "--accepted", "1.8"), "accepted 1.8 needs speculation"),
        ((*LLAMA, "--framework", "qqq"), "unknown framework 'qqq' (known: vllm, sglang, trtllm)"),
        (("inference", "llama-3.1-8b", "h100-sxm,b200", "--tier", "all", "--rent", "2"), "is the rent of one chip"),
        (("inference", "llama-3.1-8b", "h100-sxm,b200", "--cheapest", "--rent", "2"), "is the rent of one chip"),
        (("inference", "llama-3.1-8b", "h100-sxm,b200", "--frontier"), "several chips are for --cheapest and --tier"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_a_line_and_fails(args, said):
    done = run(*args)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "fault of gigawatt" not in done.stderr


def test_measured_rows_are_compared_and_their_predictions_written(tmp_path):
    rows, out = tmp_path / "measured.csv", tmp_path / "predictions.csv"
    head = "id,model_path,system,backend,precision,isl,osl,concurrency,tp_size,ttft_ms,tpot_ms"
    rows.write_text(
        f"{head}\na,meta-llama/Llama-3.1-70B,h100_sxm,vllm,fp8,1024,1024,16,4,150,12\nb,no/model,h100,,,1,1,1,1,,\n"
    )
    done = run("inference", "--compare", str(rows), "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "llama-3.1-70b" in done.output and "unknown model 'no/model'" in done.output
    written = list(csv.DictReader(out.open(newline="")))
    assert [line["id"] for line in written] == ["a", "b"]
    assert float(written[0]["low"]) < float(written[0]["predicted_tpot_ms"]) < float(written[0]["high"])
    assert written[1]["predicted_tpot_ms"] == ""


def test_a_comparison_without_its_columns_says_which(tmp_path):
    rows = tmp_path / "measured.csv"
    rows.write_text("id,system\na,h100\n")
    done = run("inference", "--compare", str(rows))
    assert done.exit_code == 1 and "no column isl, osl, concurrency" in done.output


def test_a_file_gets_the_format_that_its_name_tells(tmp_path):
    out = tmp_path / "one.json"
    assert run(*LLAMA, "--out", str(out)).exit_code == 0
    assert json.loads(out.read_text())[0]["model"] == "llama-3.1-8b"
