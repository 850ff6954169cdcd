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
    assert told.startswith("2026: the ")
    heads = ["Without it less goes round", "lacks less cash", "It saves to remove it", "all figures"]
    assert [told.index(head) for head in heads] == sorted(told.index(head) for head in heads)


def test_one_measure_alone():
    told = ok("--measure", "circulation", "--top", "2")
    assert "lacks less cash" not in told and "Nvidia" in told


def test_files_hold_every_edge_with_all_measures():
    rows = list(csv.DictReader(io.StringIO(ok("--format", "csv"))))
    assert all(float(row["circulation_usd"]) <= 0 for row in rows)
    assert {row["payer"] for row in rows} & {"Nvidia"} and len(rows) > 40
    assert len(json.loads(ok("--format", "json", "--everybody"))) > len(rows)


def test_shut_markets_leave_more_unpaid():
    def unpaid(*args):
        return "markets shut" in ok("--measure", "losses", *args)

    assert unpaid("--shut") and not unpaid()


@pytest.mark.parametrize("args", [("--status", "certain"), ("--measure", "beauty"), ("--year", "1900")])
def test_what_cannot_be_is_refused(args):
    assert run(*args).exit_code != 0
