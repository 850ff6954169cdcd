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


def test_names_are_taken_in_any_case_with_commas_or_again():
    comma, again = (
        run("--party", "openai,Nvidia", "-f", "csv"),
        run("--party", "OpenAI", "--party", "nvidia", "-f", "csv"),
    )
    assert comma.stdout == again.stdout and "nvda-openai-loi" in comma.stdout


def test_totals_are_a_table_that_adds_up_with_what_is_said():
    found = list(csv.DictReader(io.StringIO(run("--party", "Nvidia", "--table", "totals", "-f", "csv").stdout)))
    usd = sum(float(row[f"{part}_usd"]) for row in found for part in ("equity", "debt", "purchases"))
    text = " ".join(run("--party", "Nvidia").stdout.split())
    assert f"USD {usd / 1e9:,.1f} bn in all" in text and " 0 m " not in text.split("each amount")[0]
    assert "Of the amounts that are added up in this answer" in text


def test_a_time_without_deals_says_so():
    done = run("--from", "2040-01-01")
    assert done.exit_code == 0 and done.stdout.startswith("No deal of the book was announced")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--from", "soon"), "no day of the calendar"),
        (("--status-on", "2025-13-01"), "no day of the calendar"),
        (("--party", "OpenAl"), "did you mean OpenAI?"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--to 2026-01-01 is before --from 2026-02-01"),
    ],
)
def test_mistakes_are_told(args, said):
    done = run(*args)
    assert done.exit_code != 0 and said in str(done.exception or "") + done.output
