"""The command `gigawatt training`."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app

RUNS = """model,date,params_total,params_active,tokens,hardware,n_chips,chip_hours
one,2023-07-18,7e10,7e10,2e12,A100-80,,1720320
two,2024-07-23,8e9,8e9,1.5e13,Cray-1,,1000000
"""


def called(*words):
    return CliRunner().invoke(app, ["training", *words])


def rows(*words):
    done = called(*words, "--format", "csv")
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_a_run_on_so_many_chips_tells_days_and_failures():
    found = {row["quantity"]: row for row in rows("llama-3.1-405b", "--tokens", "15.6T", "--chips", "16384")}
    assert 60 < float(found["days"]["value"]) < 110
    assert float(found["chip_hours"]["low"]) < 30.84e6 < float(found["chip_hours"]["high"])
    assert float(found["failures"]["value"]) > 400


def test_without_chips_there_are_chip_hours_alone():
    found = {row["quantity"] for row in rows("671B/37B", "--tokens", "14.8T", "--chip", "h800", "--precision", "fp8")}
    assert "chip_hours" in found and not {"days", "failures"} & found


def test_what_is_given_counts():
    words = ("8B", "--tokens", "1T", "--chips", "256")
    plain = {row["quantity"]: row for row in rows(*words)}
    more = (
        "--mfu",
        "0.2",
        "--usd-per-hour",
        "3",
        "--context",
        "32768",
        "--region",
        "europe",
        "--unique-tokens",
        "100B",
    )
    given = {row["quantity"]: row for row in rows(*words, *more)}
    assert float(given["utilisation"]["value"]) == 0.2
    assert float(given["flop"]["value"]) > float(plain["flop"]["value"])
    assert float(given["cost_rented"]["value"]) == pytest.approx(3 * float(given["chip_hours"]["value"]))
    assert float(given["passes"]["value"]) == 10
    assert float(given["loss"]["value"]) > float(plain["loss"]["value"])


def test_a_rent_of_nothing_is_a_rent():
    found = {row["quantity"]: row for row in rows("8B", "--tokens", "1T", "--usd-per-hour", "0")}
    assert float(found["cost_rented"]["value"]) == 0 and float(found["cost_owned"]["value"]) > 0


def test_people_read_three_digits_and_files_have_all():
    words = ("8B", "--tokens", "1T", "--chips", "256")
    (line,) = (line for line in called(*words).stdout.splitlines() if "cost_rented" in line)
    (cost,) = (row["value"] for row in rows(*words) if row["quantity"] == "cost_rented")
    assert f"{float(f'{float(cost):.3g}'):,.0f}" in line and "e+" not in line
    assert len(cost) > 8


def test_the_best_split_has_a_band_and_gets_smaller_with_serving():
    found = rows("--optimal", "1e24", "--serve-tokens", "10T", "--unique-tokens", "1T")
    best, serving, limited = (
        next(row for row in found if row["choice"] == kind and row["law"] == "replicated")
        for kind in ("compute-optimal", "serving-optimal", "data-limited")
    )
    assert float(best["params_low"]) < float(best["params"]) < float(best["params_high"])
    assert float(serving["params"]) < float(best["params"]) <= float(limited["params"])
    assert len(found) == 12


def test_a_file_is_compared_and_written(tmp_path):
    path, out = tmp_path / "runs.csv", tmp_path / "found.json"
    path.write_text(RUNS)
    done = called("--compare", str(path), "--format", "json", "--out", str(out))
    assert done.exit_code == 0, done.output
    one, two = json.loads(out.read_text())
    assert one["chip_hours_low"] < one["chip_hours_estimate"] < one["chip_hours_high"]
    assert "unknown chip 'Cray-1'" in two["reason"]
    table = called("--compare", str(path)).stdout
    assert "errors of the estimates" in table and "chip A100-80" in table
    parquet = tmp_path / "found.parquet"
    assert called("--compare", str(path), "--format", "parquet", "--out", str(parquet)).exit_code == 0
    assert parquet.stat().st_size > 0
    assert one.keys() == two.keys() and not one["reason"]
    path.write_bytes(b"\xff\xfe\x00")
    assert "no CSV in UTF-8" in called("--compare", str(path)).stderr


def test_traps_are_listed_and_fail(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(RUNS)
    done = called("--lint", str(path), "--format", "json")
    assert done.exit_code == 1
    assert [one["rule"] for one in json.loads(done.stdout)] == ["unknown-chip"]
    path.write_text("\n".join(RUNS.splitlines()[:2]))
    assert called("--lint", str(path)).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "give one of MODEL"), (("8B",), "--tokens 15T"), (("8B", "--tokens", "lots"), "no amount"),
     (("8B", "--tokens", "1T", "--chip", "h1000"), "unknown chip"), (("8B", "--optimal", "1e24"), "give one of"),
     (("8B", "--tokens", "1T", "--region", "mars"), "unknown item of regions"),
     (("8B", "--tokens", "1T", "--chips", "1e9"), "fail faster"),
     (("--optimal", "0"), "'0' is no amount above 0"), (("--optimal", "1e400"), "no amount above 0"),
     (("8B", "--tokens", "1T", "--unique-tokens", "0T"), "'0T' is no amount"),
     (("--optimal", "1e24", "--serve-tokens", "0"), "'0' is no amount"),
     (("8B", "--tokens", "1T", "--serve-tokens", "1T"), "--serve-tokens goes with --optimal"),
     (("8B", "--tokens", "1T", "--usd-per-hour", "-3"), "usd_per_h -3 must be 0 or more"),
     (("8B", "--tokens", "1T", "--mfu", "0.4", "--precision", "fp99"), "allowed: bf16, fp8"),
     (("8B", "--tokens", "1T", "--chips", "inf"), "chips inf must be above 0 and finite"),
     (("8B", "--tokens", "1e308"), "more FLOP than"),
     (("--compare", "nowhere.csv"), "nowhere.csv")],
)  # fmt: skip
def test_mistakes_are_told_and_fail(words, said):
    done = called(*words)
    assert done.exit_code == 1 and said in done.stderr
