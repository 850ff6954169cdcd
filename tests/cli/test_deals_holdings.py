"""`gigawatt deals holdings` and `gigawatt deals systemic`: who owns whom, and who matters most."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from typer.testing import CliRunner

from gigawatt.book_file import write_book
from gigawatt.cli.app import app
from gigawatt.deals.book import Book, Deal, Party


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
    assert told.startswith("If OpenAI lost 50.0 % of its value") and "SoftBank" in told
    rows = {
        row["firm"]: row for row in csv.DictReader(io.StringIO(ok("holdings", "--fall", "OpenAI=50%", "-f", "csv")))
    }
    assert float(rows["OpenAI"]["change_usd"]) == pytest.approx(-0.5 * float(rows["OpenAI"]["before_usd"]))
    assert float(rows["Microsoft"]["change_usd"]) < 0 and "if OpenAI lost 50" in rows["Microsoft"]["note"]


def test_falls_are_given_with_commas_or_one_by_one_whatever_the_case():
    together = ok("holdings", "--fall", "openai=50%,Anthropic=20%", "-f", "csv")
    assert together == ok("holdings", "--fall", "OpenAI=50%", "--fall", "anthropic=20%", "-f", "csv")


def test_stakes_in_firms_of_unknown_value_are_told(tmp_path):
    parties = {name: Party(key=name, core=True, cash_usd=1.0) for name in ("Lab", "Maker")}
    stake = Deal(key="s", payer="Maker", payee="Lab", instrument="equity", amount=3e7, start=date(2026, 1, 1),
                 end=date(2026, 1, 1), schedule="start", history=((date(2026, 1, 1), "drawn"),))  # fmt: skip
    write_book(Book(as_of=date(2025, 12, 31), parties=parties, deals=(stake,)), tmp_path)
    told = ok("holdings", "--book", str(tmp_path))
    assert "no stake is known between firms whose market value" in told and "in 1 firm are left out" in told


@pytest.mark.parametrize(
    ("given", "word"), [("OpenAI", "such as OpenAI=50%"), ("OpenAl=5%", "OpenAI"), ("OpenAI=150%", "from 0 to 1")]
)
def test_falls_that_cannot_be_are_refused(given, word):
    done = run("holdings", "--fall", given)
    assert done.exit_code != 0 and word in done.output


def test_three_measures_stand_side_by_side():
    told = ok("systemic")
    assert told.startswith("If one of 20 firms at a time paid nothing from 2026Q4 on, with markets open")
    assert "DebtRank" in told and "run out of cash or tenants" in told
    rows = json.loads(ok("systemic", "--format", "json"))
    assert {row["place_by_debtrank"] for row in rows} >= {1, 2} and all(row["loss_usd"] >= 0 for row in rows)
    assert all(f"if {row['firm']} paid nothing from 2026Q4 on, with markets open" in row["note"] for row in rows)


@pytest.mark.parametrize("command", [("systemic",), ("owes", "Oracle"), ("exposures",), ("holdings",)])
def test_days_before_the_opening_are_refused(command):
    done = run(*command, "--day", "2020-01-01")
    assert done.exit_code != 0 and "before the opening balance sheets of 2025-12-31" in done.output + str(
        done.exception
    )
