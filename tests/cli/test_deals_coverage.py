"""`gigawatt deals coverage`: the core, a group of firms, files and mistakes."""

from __future__ import annotations

import csv
import io

from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", "coverage", *args])


def test_coverage_tells_the_core_its_firms_and_what_enters_and_leaves():
    done = run()
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in ("customers pay the core", "with new finance", "wages", "years to gap", "OpenAI", "the core as one"):
        assert said in text, said


def test_a_group_of_firms_is_asked_as_one_and_its_figures_add_up():
    done = run("--firms", "OpenAI,Oracle", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["firms"] for row in rows] == ["OpenAI Oracle"] * len(rows)
    for row in rows:
        came = sum(float(row[name]) for name in ("customers_usd", "other_business_usd", "other_usd"))
        due = ("suppliers", "builders", "landlords", "energy", "wages", "interest", "repayments", "taxes")
        assert abs(float(row["shut_usd"]) - came + sum(float(row[f"{name}_usd"]) for name in due)) < 1.0


def test_an_unknown_firm_is_told_with_the_nearest():
    done = run("--firms", "Oracel")
    assert done.exit_code != 0 and "did you mean Oracle?" in str(done.exception or "") + done.output
