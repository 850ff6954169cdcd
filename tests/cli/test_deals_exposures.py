"""`gigawatt deals exposures`: who holds what on whom, by layer, and as a matrix."""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", "exposures", *args], env={"COLUMNS": "150"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def rows_of(*args):
    return list(csv.DictReader(io.StringIO(ok(*args, "--format", "csv"))))


def test_layers_are_told_one_by_one():
    told = ok()
    heads = [
        "The largest tie is",
        "Stakes, at cost",
        "Loans, bonds and other debt outstanding",
        "Guarantees, at their cap",
        "holder:",
    ]
    assert [told.index(head) for head in heads] == sorted(told.index(head) for head in heads)


def test_one_party_and_one_layer():
    rows = rows_of("--on", "openai", "--layer", "commitment")
    assert {row["on"] for row in rows} == {"OpenAI"} and {row["layer"] for row in rows} == {"commitment"}
    assert {row["holder"] for row in rows_of("--holder", "Google", "--layer", "guarantee")} == {"Google"}


def test_the_matrix_holds_the_sums_of_the_table():
    matrix = rows_of("--layer", "debt", "--matrix")
    whole = sum(float(usd) for row in matrix for name, usd in row.items() if name != "holder")
    assert whole == pytest.approx(sum(float(row["usd"]) for row in rows_of("--layer", "debt") if row["usd"]))


def test_debts_are_those_of_the_dossier_of_each_firm():
    for firm in ("CoreWeave", "Oracle"):
        rows = rows_of("--layer", "debt", "--on", firm)
        done = CliRunner().invoke(app, ["deals", "owes", firm, "-f", "csv"])
        owed = [float(row["usd"]) for row in csv.DictReader(io.StringIO(done.stdout)) if row["section"] == "owes"]
        assert sum(float(row["usd"]) for row in rows) == pytest.approx(sum(owed))
        assert {row["kind"] for row in rows} >= {"other debt"}


def test_the_printed_matrix_is_in_billions():
    told = ok("--layer", "debt", "--matrix", "--on", "CoreWeave")
    assert "USD bn" in told and "e+" not in told


@pytest.mark.parametrize(
    "args",
    [
        ("--top", "0"),
        ("--day", "2020-01-01"),
        ("--year", "2027"),
        ("--on", "Nobody"),
        ("--layer", "hope"),
        ("--status", "sure"),
    ],
)
def test_what_cannot_be_is_refused(args):
    assert run(*args).exit_code != 0
