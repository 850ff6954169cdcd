"""`gigawatt deals holdings` and `gigawatt deals systemic`: who owns whom, and who matters most."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", *args], env={"COLUMNS": "150"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_stakes_are_listed_with_how_they_are_known():
    told = ok("holdings")
    assert "hold stakes of USD" in told.split("Stakes, the largest first")[0]
    assert "a share" in told and "cost" in told


def test_a_fall_is_told_in_a_sentence_and_by_firm():
    told = ok("holdings", "--fall", "OpenAI=50%")
    assert told.startswith("If OpenAI loses 50.0 % of its value") and "SoftBank" in told
    rows = {
        row["firm"]: row for row in csv.DictReader(io.StringIO(ok("holdings", "--fall", "OpenAI=50%", "-f", "csv")))
    }
    assert float(rows["OpenAI"]["change_usd"]) == pytest.approx(-0.5 * float(rows["OpenAI"]["before_usd"]))
    assert float(rows["Microsoft"]["change_usd"]) < 0


@pytest.mark.parametrize(
    ("given", "word"), [("OpenAI", "such as OpenAI=50%"), ("OpenAl=5%", "OpenAI"), ("OpenAI=150%", "from 0 to 1")]
)
def test_falls_that_cannot_be_are_refused(given, word):
    done = run("holdings", "--fall", given)
    assert done.exit_code != 0 and word in done.output


def test_three_measures_stand_side_by_side():
    told = ok("systemic")
    assert told.startswith("Of ") and "DebtRank" in told and "run out of cash or tenants" in told
    rows = json.loads(ok("systemic", "--format", "json"))
    assert {row["place_by_debtrank"] for row in rows} >= {1, 2} and all(row["loss_usd"] >= 0 for row in rows)
