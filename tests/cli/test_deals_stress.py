"""`gigawatt deals stress`: the answer in words first, tables, files, refusals."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pytest import approx
from typer.testing import CliRunner

from gigawatt.cli import deals_stress
from gigawatt.cli.app import app
from gigawatt.store import save
from tests.fake_results import fake_results
from tests.test_store import Merged


def run(*args):
    return CliRunner().invoke(app, ["deals", "stress", *map(str, args)], env={"COLUMNS": "200"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def as_rows(*args):
    return list(csv.DictReader(io.StringIO(ok(*args, "--format", "csv"))))


def test_what_happens_to_oracle_is_said_first_then_shown():
    told = ok("--default", "OpenAI", "--on", "Oracle")
    assert told.startswith("OpenAI cannot pay from ")
    heads = ["Oracle loses ", "Losses on claims add up to", "Oracle, quarter by quarter", "What happens to whom",
             "Who bears the loss", "The largest losses", "The same with fewer", "is taken at"]  # fmt: skip
    places = [" ".join(told.split()).index(head) for head in heads]
    assert places == sorted(places)
    assert "Microsoft loses" not in told


def test_without_a_firm_asked_for_the_five_most_hit_are_told():
    told = " ".join(ok("--default", "OpenAI").split())
    assert told.count(" of receipts") + told.count("no receipts to speak of") == 5


def test_shut_markets_alone_ask_who_runs_out_of_money_when():
    told = " ".join(ok("--shut", "6").split())
    assert told.startswith("Markets give no new money for 6 quarters from ") and "run out of money" in told
    assert "planned to raise" in told


def test_a_longer_shut_brings_more_down():
    def fallen(quarters):
        return sum(row["first_default"] != "never" for row in as_rows("--shut", quarters))

    assert fallen("2") <= fallen("4") <= fallen("10")


def test_files_hold_whole_amounts_of_any_table():
    rows = as_rows("--default", "OpenAI")
    oracle = next(row for row in rows if row["firm"] == "Oracle")
    assert float(oracle["lost_usd"]) == approx(float(oracle["due_usd"]) - float(oracle["relet_usd"]), rel=0.05)
    assert oracle["first_default"] == "never" or oracle["first_default"].startswith("20")
    layers = json.loads(ok("--default", "OpenAI", "--table", "layers", "-f", "json"))
    losses = as_rows("--default", "OpenAI", "--table", "losses")
    assert sum(row["loss_usd"] for row in layers) == approx(sum(float(row["loss_usd"]) for row in losses))
    quarters = as_rows("--default", "OpenAI", "--table", "quarters")
    assert {row["defaulted"] for row in quarters if row["firm"] == "OpenAI"} == {"True", "False"}
    assert len(as_rows("--default", "OpenAI", "--table", "ranges")) == 9


def test_paying_half_loses_less():
    def lost(*args):
        rows = as_rows("--default", "OpenAI", *args)
        return float(next(row for row in rows if row["firm"] == "Oracle")["lost_usd"])

    assert 0.0 < lost("--pay", "50%") < lost()


def test_firms_one_by_one_and_at_once():
    told = ok("--default", "OpenAI", "--default", "Anthropic", "--on", "Oracle")
    assert "Each alone, then all at once" in told and "OpenAI, Anthropic" in told and "Oracle loses" in told
    rows = as_rows("--default", "OpenAI", "--default", "Anthropic")
    assert float(rows[2]["loss_usd"]) >= max(float(rows[0]["loss_usd"]), float(rows[1]["loss_usd"]))
    joint = " ".join(ok("--default", "OpenAI", "--default", "Anthropic", "--joint").split())
    assert joint.startswith("OpenAI and Anthropic cannot pay")


def test_a_run_is_asked_the_same(tmp_path):
    save(fake_results(), Merged({"x": 1}), tmp_path)
    told = ok("--runs", tmp_path, "--run", "latest", "--default", "OpenAI")
    assert "(what the run pays; until " in " ".join(told.split()) and "The same with fewer" not in told
    assert ok("--runs", tmp_path, "--run", "latest", "--shut", "4").startswith("Markets give no new money")
    assert "a run has no statuses" in run("--runs", tmp_path, "--run", "latest", "--default", "OpenAI", "--table",
                                          "ranges").output  # fmt: skip


def test_assumptions_are_told_with_ranges_and_reasons():
    rows = as_rows("--default", "OpenAI", "--table", "assumed")
    assert all(float(row["low"]) <= float(row["value"]) <= float(row["high"]) and row["why"] for row in rows)


def test_the_table_of_every_kind_is_printed():
    for table in deals_stress.Table:
        assert ok("--default", "OpenAI", "--table", table.value).strip()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "say who cannot pay"),
        (("--default", "OpenAi"), "did you mean OpenAI"),
        (("--default", "OpenAI", "--on", "Orcale"), "did you mean Oracle"),
        (("--default", "OpenAI", "--pay", "2"), "between 0 and 1"),
        (("--default", "OpenAI", "--pay", "lots"), "--pay lots"),
        (("--default", "OpenAI", "--at", "soon"), "a quarter such as 2027Q1"),
        (("--default", "OpenAI", "--at", "2027Q5"), "a quarter such as 2027Q1"),
        (("--default", "OpenAI", "--quarters", "0"), "at least 1"),
        (("--default", "OpenAI", "--status", "certain"), "status must be one of"),
        (("--default", "OpenAI", "--year", "2027"), "--year goes with --run"),
    ],
)
def test_what_cannot_be_is_refused(args, says):
    done = run(*args)
    assert done.exit_code != 0 and says in done.output
