"""`gigawatt deals timeline`: choices, status on a day, totals, files and mistakes."""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", "timeline", *args])


def test_the_timeline_tells_status_then_and_now_totals_and_what_is_left_out():
    done = run("--party", "OpenAI")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in (
        "each amount counted once", "nvda-openai-loi", "lapsed", "10 bn per GW deployed", "Totals by status now",
        "all that stand", "over", "amount not disclosed",
    ):  # fmt: skip
        assert said in text, said


def test_the_status_of_a_day_is_told():
    done = run("--party", "OpenAI", "--status-on", "2025-10-01", "-f", "csv")
    (row,) = [row for row in csv.DictReader(io.StringIO(done.stdout)) if row["deal"] == "nvda-openai-loi"]
    assert (row["status_then"], row["status"], row["left_out"]) == ("announced", "announced", "")


def test_days_choose():
    done = run("--from", "2025-09-01", "--to", "2025-09-30", "-f", "csv")
    days = [row["announced"] for row in csv.DictReader(io.StringIO(done.stdout))]
    assert days and days == sorted(days) and all(day.startswith("2025-09") for day in days)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--from", "soon"), "no day of the calendar"),
        (("--status-on", "2025-13-01"), "no day of the calendar"),
        (("--party", "OpenAl"), "did you mean OpenAI?"),
    ],
)
def test_mistakes_are_told(args, said):
    done = run(*args)
    assert done.exit_code != 0 and said in str(done.exception or "") + done.output
