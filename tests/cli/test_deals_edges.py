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
        "markets open, 2026Q4",
        "markets shut for 4",
        "all figures",
    ]
    assert [told.rindex(head) for head in heads] == sorted(told.rindex(head) for head in heads)


def test_sentences_say_if_and_would_and_under_which_assumption_on_markets():
    told = ok().replace("\n", " ").split("Without it less goes round")[0]
    assert "while markets finance the plan (looked at from 2026Q4 to 2029Q3)" in told
    assert "if markets gave no new money for 4 quarters from 2026Q4 on" in told and "would run out of cash" in told
    assert "cannot pay" not in told and "are own estimates" in told


def test_a_later_year_is_looked_at_from_its_first_quarter_on():
    assert "markets open, 2027Q1 to 2029Q4" in ok("--year", "2027", "--measure", "losses")


def test_one_measure_alone():
    told = ok("--measure", "circulation", "--top", "2", "--shut", "0")
    assert "lacks less cash" not in told and "Nvidia" in told and "markets shut" not in told


def test_files_hold_every_edge_with_all_measures():
    rows = list(csv.DictReader(io.StringIO(ok("--format", "csv"))))
    assert all(float(row["circulation_usd"]) <= 0 for row in rows)
    assert {row["markets"] for row in rows} == {"markets open", "markets shut for 4 quarters"}
    assert {row["quarters"] for row in rows} == {"2026Q4 to 2029Q3"} and all(row["confidence"] for row in rows)
    assert all("if this payment alone were not made" in row["note"] for row in rows)
    assert any("no new money for 4 quarters" in row["note"] for row in rows)
    assert {row["payer"] for row in rows} & {"Nvidia"} and len(rows) > 80
    assert len(json.loads(ok("--format", "json", "--everybody", "--shut", "0"))) > len(rows) / 2


@pytest.mark.parametrize(
    "args", [("--status", "certain"), ("--measure", "beauty"), ("--year", "1900"), ("--shut", "-1"), ("--top", "0")]
)
def test_what_cannot_be_is_refused(args):
    assert run(*args).exit_code != 0
