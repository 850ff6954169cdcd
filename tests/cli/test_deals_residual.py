"""`gigawatt deals residual`: who bears a fall of prices, in a sentence, by holder, by asset, by year."""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app


def run(*args):
    return CliRunner().invoke(app, ["deals", "residual", *args], env={"COLUMNS": "150"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_answer_comes_first_then_holders_then_assets():
    told = ok()
    heads = ["If chips fell 50.0 %", "Who bears the fall", "Assets, USD bn", "book value:"]
    assert [told.index(head) for head in heads] == sorted(told.index(head) for head in heads)


def test_files_hold_every_loss_and_falls_scale_them():
    def total(fall):
        rows = csv.DictReader(io.StringIO(ok("--chips-fall", fall, "--campus-fall", "0%", "--format", "csv")))
        return sum(float(row["usd"]) for row in rows)

    assert total("40%") == pytest.approx(2 * total("20%"))


def test_one_owner_is_told_year_by_year():
    told = ok("--of", "CoreWeave", "--failed", "OpenAI")
    assert "Book value by life" in told and "OpenAI paid no rent" in told.replace("\n", " ")
    assert " OpenAI  " not in told.split("Book value by life")[0]


def test_the_first_sentences_tell_the_residuals_of_the_table_and_not_their_fall():
    told = ok().replace("\n", " ")
    rows = list(csv.DictReader(io.StringIO(ok("--format", "csv"))))
    first, table = told.split("most is owned by ")[1].split(".0 bn")[0], told.split("Assets, USD bn")[1]
    owner, bn = first.rsplit(" ", 1)
    assert table.split(f" {owner} ")[1].split()[3] == f"{bn}.0"
    lost = sum(float(row["usd"]) for row in rows if (row["owner"], row["layer"]) == (owner, "equity"))
    assert lost == pytest.approx(0.5 * float(bn) * 1e9, rel=0.01)


def test_debts_of_an_owner_are_told_beside_what_contracts_repay():
    told = ok("--of", "coreweave").replace("\n", " ")
    assert "free of debt" not in told and "is owed on them, of which contracts can repay all" in told
    assert "CoreWeave owes lenders 4.4 bn more" in told


def test_what_is_assumed_stands_in_every_row_of_a_file():
    rows = list(csv.DictReader(io.StringIO(ok("--failed", "meta,OpenAI", "--of", "CoreWeave", "--format", "csv"))))
    assert {row["owner"] for row in rows} == {"CoreWeave"}
    assert all("chips fell 50.0 %" in row["note"] and "Meta and OpenAI paid no rent" in row["note"] for row in rows)


def test_a_day_on_which_nothing_is_left_is_told_in_words():
    told = ok("--day", "2050-01-01")
    assert told.startswith("On 2050-01-01 no chips or campuses are on the books") and "Who bears" not in told


@pytest.mark.parametrize(
    ("args", "word"),
    [(("--of", "Coreweav"), "CoreWeave"), (("--failed", "OpenAl"), "OpenAI"), (("--day", "soon"), "2026-12-31"),
     (("--chips-fall", "150%"), "from 0 to 1"), (("--status", "sure"), "status"),
     (("--day", "2020-01-01"), "before the opening balance sheets"), (("--top", "0"), "at least 1")],
)  # fmt: skip
def test_what_cannot_be_is_refused(args, word):
    done = run(*args)
    assert done.exit_code != 0 and word in done.output + str(done.exception)
