"""`gigawatt deals coverage`: the core, a group of firms, files and mistakes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from gigawatt.book_file import write_book
from gigawatt.cli.app import app
from tests.deals.circle_book import BOOK


def run(*args):
    return CliRunner().invoke(app, ["deals", "coverage", *args])


def test_coverage_tells_the_core_its_firms_and_what_enters_and_leaves():
    done = run()
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in (
        "customers pay the core (20 firms)", "all in over all out", "wages", "years to gap", "OpenAI",
        "If no new finance came from 2026-10-01 on", "would last", "Differs from `gigawatt deals stress --shut 4`",
        "are own estimates", "with all amounts at their ends", "opening cash",
    ):  # fmt: skip
        assert said in text, said
    assert "inf" not in text.split() and "1 firms" not in text


def test_the_confidence_of_what_enters_and_leaves_adds_up():
    rows = list(csv.DictReader(io.StringIO(run("--table", "confidence", "-f", "csv").stdout)))
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1.0)


def test_json_holds_every_table_with_what_is_assumed():
    found = json.loads(run("--firms", "openai", "--firms", "Oracle", "-f", "json").stdout)
    assert list(found) == ["note", "cover", "cash", "confidence"] and "no new finance" in found["note"]
    year = next(row for row in found["cover"] if row["year"] == 2026)
    assert year["cover_customers_low"] <= year["cover_customers"] <= year["cover_customers_high"]
    assert [row["firms"] for row in found["cash"]][::3] == ["OpenAI, Oracle", "Oracle"]
    assert all(row["if"].startswith("no new finance from") for row in found["cash"])


def test_cash_drawn_before_the_start_is_at_hand():
    early, late = (
        {row["firms"]: row for row in csv.DictReader(io.StringIO(run("--table", "cash", "-f", "csv", *at).stdout))}
        for at in (("--at", "2026Q1"), ("--at", "2026Q4"))
    )
    assert float(early["OpenAI"]["cash_usd"]) == float(early["OpenAI"]["opening_cash_usd"])
    assert float(late["OpenAI"]["cash_usd"]) > float(early["OpenAI"]["cash_usd"])
    assert late["OpenAI"]["start"] == "2026-10-01"


def test_a_core_that_pays_nobody_outside_says_so(tmp_path):
    write_book(replace(BOOK, deals=BOOK.deals[1:]), tmp_path)
    text = " ".join(run("--book", str(tmp_path), "--status", "signed").stdout.split())
    assert "the core (3 firms) must pay nobody outside it" in text and " inf" not in text


def test_a_run_and_a_book_at_once_are_refused(tmp_path):
    done = run("--run", "latest", "--book", str(tmp_path))
    assert done.exit_code != 0 and "--run asks a run in place of a book" in str(done.exception or "") + done.output
    done = run("--run", "latest", "--status", "firm")
    assert done.exit_code != 0 and "--status goes with a book" in str(done.exception or "") + done.output


def test_a_group_of_firms_is_asked_as_one_and_its_figures_add_up():
    done = run("--firms", "OpenAI,Oracle", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["firms"] for row in rows] == ["OpenAI Oracle"] * len(rows)
    for row in rows:
        if not row["other_business_usd"]:  # before the opening nobody knows it
            assert int(row["year"]) < 2026 and not row["shut_usd"]
            continue
        came = sum(float(row[name]) for name in ("customers_usd", "other_business_usd", "other_usd"))
        due = ("suppliers", "builders", "landlords", "energy", "wages", "interest", "repayments", "taxes")
        assert abs(float(row["shut_usd"]) - came + sum(float(row[f"{name}_usd"]) for name in due)) < 1.0


def test_an_unknown_firm_is_told_with_the_nearest():
    done = run("--firms", "Oracel")
    assert done.exit_code != 0 and "did you mean Oracle?" in str(done.exception or "") + done.output
