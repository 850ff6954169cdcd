"""Tables on the terminal and in files: as wide as there is room, years as years, texts that no spreadsheet runs."""

import csv
import io
from pathlib import Path

import pytest

from gigawatt.cli.output import Format, as_text, by_name, fitted, show, unpadded
from gigawatt.errors import GigawattError

ROWS = [{"name": "Mesa One", "year": 2026, "usd_per_year": 2026, "held in % of draws": 73, "note": "n" * 60}]


def test_years_have_no_comma_and_money_of_a_year_does():
    line = as_text(ROWS, Format.table, list(ROWS[0])).splitlines()[-1]
    assert " 2026 " in line and " 2,026 " in line


@pytest.mark.parametrize("width", [40, 60, 120])
def test_a_table_keeps_to_the_width_there_is(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    show(ROWS, Format.table, least=("note", "usd_per_year"))
    said = capsys.readouterr()
    assert max(map(len, said.out.splitlines())) <= width
    assert "Mesa One" in said.out and " 73" in said.out
    assert ("left out, for want of width: " in said.err) == (width < 120)


def test_what_is_least_needed_goes_first_and_headings_fold_before():
    assert list(fitted(ROWS, list(ROWS[0]), ("note",), 1000).values()) == list(ROWS[0])
    assert fitted(ROWS, list(ROWS[0]), ("note", "year"), 99)["held in % of draws"].split("\n")[:2] == ["held", "in %"]
    assert list(fitted(ROWS, list(ROWS[0]), ("note", "year"), 45)) == [
        "name", "year", "usd_per_year", "held in % of draws"]  # fmt: skip
    assert "year" not in fitted(ROWS, list(ROWS[0]), ("note", "year"), 10)


def test_texts_that_a_spreadsheet_would_run_are_written_as_text():
    texts = ["=HYPERLINK(1)", "+1+cmd|x", "@x", "-2+3", "'=x", " =x", "-2.5", "Mesa", "'s"]
    told = as_text([{"a": text} for text in texts], Format.csv, ["a"])
    found = [row["a"] for row in csv.DictReader(io.StringIO(told))]
    assert found == [f"'{text}" for text in texts[:6]] + texts[6:]


def test_the_ending_of_a_file_says_its_format_or_is_refused():
    assert by_name(Format.table, Path("a.CSV")) is Format.csv
    assert by_name(Format.table, Path("a.txt")) is Format.table
    assert by_name(Format.csv, Path("a.dat")) is Format.csv
    with pytest.raises(GigawattError, match="unknown ending; known: .csv, .json, .parquet, .txt"):
        by_name(Format.table, Path("a.foo"))
    with pytest.raises(GigawattError, match="contradict"):
        by_name(Format.parquet, Path("a.csv"))


WIDE = [
    {
        "firm": "Applied Digital",
        "      due": "    133.1",
        "cash low": "   144.9",
        "when": "2026Q4",
        "why": "no money " * 4,
    },
    {
        "firm": "other landlords",
        "      due": "-1,234.56",
        "cash low": "     5.1",
        "when": "never",
        "why": "0.56 to 0.84",
    },
]


@pytest.mark.parametrize("width", range(24, 100, 4))
def test_no_number_is_broken_at_any_width(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    show(WIDE, Format.table, least=("why",))
    said = capsys.readouterr()
    assert max(map(len, said.out.splitlines())) <= width
    shown = [name for name in WIDE[0] if name.strip().split()[0] in said.out]
    assert shown[0] == "firm"
    for row in WIDE:
        for name in shown[1:4]:
            assert row[name].strip() in said.out.split(), name
    left = said.err.partition("width: ")[2].partition(" (")[0].split(", ") if said.err else []
    assert sorted([*(name.strip() for name in shown), *left]) == sorted(name.strip() for name in WIDE[0])


def test_texts_put_right_of_each_other_take_no_more_room_than_they_need():
    plain, right = unpadded([{"a": " 1", "bb": "x"}], ["a", "bb"])
    assert plain == [{"a": " 1", "bb": "x"}] and right == set()
    rows = [{" heading here": "          1.5"}, {" heading here": "         10.5"}]
    plain, right = unpadded(rows, list(rows[0]))
    assert plain == [{"heading here": "1.5"}, {"heading here": "10.5"}] and "heading here" in right
    assert fitted(plain, ["heading here"], (), 12) == {"heading here": "heading\nhere"}
