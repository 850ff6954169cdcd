"""`gigawatt deals edges`: the answer in a sentence, tables by measure, files for programs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", "edges", *args], env={"COLUMNS": "140"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_answer_comes_first_then_a_table_for_each_measure():
    told = ok()
    assert told.startswith("In 2026 the ")
    heads = [
        "Without it less goes round",
        "lacks less cash",
        "markets open, USD bn",
        "markets shut for 4",
        "all figures",
    ]
    assert [told.rindex(head) for head in heads] == sorted(told.rindex(head) for head in heads)


def test_one_measure_alone():
    told = ok("--measure", "circulation", "--top", "2", "--shut", "0")
    assert "lacks less cash" not in told and "Nvidia" in told and "markets shut" not in told


def test_files_hold_every_edge_with_all_measures():
    rows = list(csv.DictReader(io.StringIO(ok("--format", "csv"))))
    assert all(float(row["circulation_usd"]) <= 0 for row in rows)
    assert {row["markets"] for row in rows} == {"markets open", "markets shut for 4 quarters"}
    assert {row["payer"] for row in rows} & {"Nvidia"} and len(rows) > 80
    assert len(json.loads(ok("--format", "json", "--everybody", "--shut", "0"))) > len(rows) / 2


@pytest.mark.parametrize(
    "args", [("--status", "certain"), ("--measure", "beauty"), ("--year", "1900"), ("--shut", "-1")]
)
def test_what_cannot_be_is_refused(args):
    assert run(*args).exit_code != 0
