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
    heads = ["if chips fall 50.0 %", "Who bears the fall", "Assets, USD bn", "book value:"]
    assert [told.index(head) for head in heads] == sorted(told.index(head) for head in heads)


def test_files_hold_every_loss_and_falls_scale_them():
    def total(fall):
        rows = csv.DictReader(io.StringIO(ok("--chips-fall", fall, "--campus-fall", "0%", "--format", "csv")))
        return sum(float(row["usd"]) for row in rows)

    assert total("40%") == pytest.approx(2 * total("20%"))


def test_one_owner_is_told_year_by_year():
    told = ok("--of", "CoreWeave", "--failed", "OpenAI")
    assert "Book value by life" in told and "OpenAI" not in told.split("Book value by life")[0]


@pytest.mark.parametrize(
    ("args", "word"),
    [(("--of", "Coreweav"), "CoreWeave"), (("--failed", "OpenAl"), "OpenAI"), (("--day", "soon"), "2026-12-31"),
     (("--chips-fall", "150%"), "from 0 to 1"), (("--status", "sure"), "status")],
)  # fmt: skip
def test_what_cannot_be_is_refused(args, word):
    done = run(*args)
    assert done.exit_code != 0 and word in done.output + str(done.exception)
