"""`gigawatt deals owes`: the dossier of one firm."""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", "owes", *args], env={"COLUMNS": "150"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_sentence_then_payments_then_what_is_owed_and_promised():
    told = ok("oracle")
    heads = [
        " Oracle owes USD",
        "Pays in 2026",
        "Gets in 2026",
        "Owes: USD",
        "Must still pay",
        "Is promised",
        "sources:",
    ]
    assert [told.index(head) for head in heads] == sorted(told.index(head) for head in heads)
    assert "openai-oracle-300" in told


def test_less_sure_deals_are_told_and_not_counted():
    told = ok("OpenAI")
    assert "openai-avgo-10gw" in told.split("Not counted")[1] and "openai-avgo-10gw" not in told.split("Not counted")[0]


def test_files_hold_all_lines_with_their_sources():
    rows = list(csv.DictReader(io.StringIO(ok("Nvidia", "--format", "csv"))))
    assert {row["section"] for row in rows} >= {"pays", "gets", "owns", "guarantees"}
    assert all(row["source"] for row in rows if row["deal"] and row["section"] == "owns")


@pytest.mark.parametrize(("args", "word"), [(("Orakle",), "Oracle"), (("Oracle", "--day", "noon"), "2026-12-31")])
def test_what_cannot_be_is_refused(args, word):
    done = run(*args)
    assert done.exit_code != 0 and word in done.output
