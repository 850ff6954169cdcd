"""`gigawatt deals backtest`: what it prints, its tables in other formats, and what it refuses."""

import csv
import io
import json

import pytest
import typer
from typer.testing import CliRunner

from gigawatt.cli.deals_backtest import register
from gigawatt.deals.backtest import backtest
from gigawatt.errors import GigawattError

app = typer.Typer()
register(app)


@app.command()
def other() -> None:
    """So that `backtest` is a command of several."""


def asked(*options):
    return CliRunner().invoke(app, ["backtest", "--draws", "50", *options], env={"COLUMNS": "200"})


@pytest.mark.parametrize("frozen", ["1999", "2000"])
def test_everything_is_told_at_once(frozen):
    result = asked("--frozen", frozen)
    assert result.exit_code == 0, result.output
    for word in ("stop test", "leverage", "size", "Winstar", "Level 3", "Lucent", "withdrawn", "trend_kept",
                 "own-estimate", "from memory", "nothing is refinanced"):  # fmt: skip
        assert word in result.output, word


def test_csv_is_the_ranking_with_what_happened():
    result = asked("--frozen", "2000", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.output)))
    found = backtest(2000, draws_count=50)
    assert [row["carrier"] for row in rows] == [row.carrier for row in found.carriers]
    winstar = next(row for row in rows if row["carrier"] == "Winstar")
    assert winstar["defaulted_in"] == "2001Q2" and winstar["first_gap"].startswith("200")


@pytest.mark.parametrize("table", ["scores", "losses", "variants", "assumptions", "inputs"])
def test_each_table_can_be_had_in_json(table):
    rows = json.loads(asked("--table", table, "--format", "json").stdout)
    assert rows and len({tuple(row) for row in rows}) == 1


def test_inputs_name_their_sources():
    rows = json.loads(asked("--table", "inputs", "--format", "json").stdout)
    assert all(row["source"] and row["as_of"] <= "1999-12-31" for row in rows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--frozen", "1998"], "1999 or 2000"),
        (["--table", "score"], "known: scores"),
        (["--shut", "0"], "at least 1 quarter"),
        (["--shut", "13"], "from 1 to 12"),
        (["--widen", "-1"], "widen: -1"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, words):
    result = asked(*options)
    assert isinstance(result.exception, GigawattError) and words in str(result.exception)


def test_withdrawn_lines_show_in_what_makers_lent():
    kept, gone = (
        sum(row["lent_usd"] for row in json.loads(asked("--table", "losses", "--format", "json", *more).stdout))
        for more in ([], ["--withdrawn"])
    )
    assert gone < kept
