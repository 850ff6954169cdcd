"""Edges, dossiers, exposures and systemic firms of a run, and of a book of one's own."""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from gigawatt.book_file import write_book
from gigawatt.cli.app import app
from gigawatt.deals.book import catalog_book
from gigawatt.store import save
from tests.fake_results import fake_results
from tests.test_store import Merged


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs")
    save(fake_results(60), Merged(), path)
    return str(path)


def ok(*args):
    done = CliRunner().invoke(app, ["deals", *args], env={"COLUMNS": "140"})
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("args", [("owes", "OpenAI"), ("exposures",), ("edges",), ("systemic",)])
def test_a_run_is_asked_the_same(runs, args):
    assert ok(*args, "--runs", runs, "--run", "latest").split("\n")[0]


def test_debtrank_is_left_out_where_nothing_can_be_marked_down(runs):
    told = ok("systemic", "--runs", runs, "--run", "latest")
    assert "by DebtRank" not in told and "of equity" not in told and "DebtRank: left out" in told


def test_payments_of_a_run_are_in_the_words_of_a_book(runs):
    rows = list(csv.DictReader(io.StringIO(ok("edges", "--runs", runs, "--run", "latest", "--format", "csv"))))
    assert rows and "cloud" not in {row["kind"] for row in rows}


@pytest.mark.parametrize("args", [("owes", "Oracle"), ("exposures",), ("holdings",), ("residual",)])
def test_a_book_written_out_answers_as_the_catalog_does(tmp_path, args):
    write_book(catalog_book(), tmp_path)
    csv_of = [*args, "--format", "csv"]
    assert ok(*csv_of, "--book", str(tmp_path)) == ok(*csv_of)
