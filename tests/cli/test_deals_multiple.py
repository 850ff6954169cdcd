"""`gigawatt deals multiple` and `gigawatt deals hurdle`: answers, files and mistakes."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from gigawatt.book_file import write_book
from gigawatt.cli.app import app
from tests.deals.circle_book import BOOK


def run(*args):
    return CliRunner().invoke(app, ["deals", *args])


def rows(*args):
    return list(csv.DictReader(io.StringIO(run(*args, "-f", "csv").stdout)))


def test_multiple_tells_the_events_the_formula_and_the_reversal():
    done = run("multiple")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in ("0.83", "1.70", "-1.33", "sales x margin x multiple + stake - 1", "lost in reverse", "cointeeth-com"):
        assert said in text, said


def test_multiple_takes_the_sales_given():
    found = rows("multiple", "Nvidia", "--sales", "1.3", "--stake-after", "0.3")
    assert [row["end"] for row in found] == ["low", "middle", "high"]
    assert {float(row["sales_usd"]) for row in found} == {1.3}
    gains = [float(row["gained_usd"]) for row in found]
    assert gains == sorted(gains)


def test_hurdle_tells_spreads_and_what_is_left():
    done = run("hurdle")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in ("CoreWeave DDTL 4.0", "225", "Broadcom's backstop", "Left to firms outside the core in 2026", "chips"):
        assert said in text, said
    found = rows("hurdle")
    assert all(0 <= float(row["core"]) <= 1 and 0 <= float(row["left"]) <= 1 for row in found)
    assert len(rows("hurdle", "--table", "debt")) == 5 and "are own estimates" in text


def test_hurdle_of_a_book_of_ones_own_tells_no_loans_of_others(tmp_path):
    write_book(BOOK, tmp_path)
    text = " ".join(run("hurdle", "--book", str(tmp_path)).stdout.split())
    assert "CoreWeave" not in text and "bp more" not in text
    assert "of loans of the catalog, and of none here" in text
    assert rows("hurdle", "--book", str(tmp_path), "--table", "debt") == []
    (energy,) = [row for row in rows("hurdle", "--book", str(tmp_path)) if row["what"] == "energy"]
    assert energy["core"] == energy["left"] == ""


def test_multiple_of_a_maker_of_ones_own_takes_margin_and_market_value_of_the_book(tmp_path):
    parties = {**BOOK.parties, "Maker": replace(BOOK.parties["Maker"], market_value_usd=300.0, margin=0.5)}
    write_book(replace(BOOK, parties=parties), tmp_path)
    found = rows("multiple", "maker", "--book", str(tmp_path), "--status", "signed")
    # Chips of 15: 300 over 7.5 of earnings are 40.
    assert [(row["vendor"], float(row["multiple"]), float(row["margin"])) for row in found] == [
        ("Maker", 40.0, 0.5)
    ] * 3
    text = " ".join(run("multiple", "Maker", "--book", str(tmp_path), "--status", "signed").stdout.split())
    assert "margin of the book, before taxes" in text and "no move of market value of Maker is known" in text


def test_market_moves_of_others_are_no_answer_about_a_vendor():
    text = " ".join(run("multiple", "amd").stdout.split())
    assert "AMD, 2026" in text and "no move of market value of AMD is known" in text and "0.83" not in text
    assert {row["firm"] for row in rows("multiple", "Nvidia", "--table", "events")} == {"Oracle", "Nvidia"}


def test_a_range_without_width_is_one_number():
    text = " ".join(run("multiple", "Nvidia", "--sales", "1.3").stdout.split())
    assert "earnings of one year are 0.72 USD" in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("multiple", "OpenAI"), "are not known"),
        (("multiple", "--sales", "-1"), "--sales must be 0 or more"),
        (("multiple", "--year", "2027"), "has no investment in 2027"),
        (("hurdle", "--status", "sure"), "unknown"),
    ],
)
def test_mistakes_are_told(args, said):
    done = run(*args)
    assert done.exit_code != 0 and said in str(done.exception or "") + done.output
