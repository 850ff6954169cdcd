"""`gigawatt deals circularity`, `loops` and `who-funds`: what they answer, formats that parse back, and mistakes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from gigawatt.book_file import write_book
from gigawatt.cli.app import app
from gigawatt.store import save
from tests.deals.circle_book import BOOK
from tests.fake_results import fake_results
from tests.test_store import Merged


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("book")
    write_book(BOOK, path)
    return str(path)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs")
    save(fake_results(60), Merged(), path)
    return str(path)


def run(*args):
    return CliRunner().invoke(app, ["deals", *args])


def rows(done):
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


# ---------------------------------------------------------------------------------------------------------- circularity
def test_circularity_tells_every_definition_the_ladder_and_the_investors(folder):
    done = run("circularity", "--book", folder, "--status", "signed")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    for said in (
        "2026, deals that are signed or surer", "to 62.1 % (maximum circulation)", "Finn's cycling index",
        "Helmholtz-Hodge", "netted in pairs", "netted at once", "investment back, mixed", "by how sure deals are",
        "announced", "By year", "Maker", "maker-lab", "13.3 % to 66.7 %", "vendor finance is an ordinary way",
    ):  # fmt: skip
        assert said in text, said


def test_circularity_as_json_has_low_and_high_of_the_amounts(folder):
    found = json.loads(run("circularity", "--book", folder, "--status", "signed", "-f", "json").stdout)
    assert list(found) == [
        "note", "definitions", "statuses", "years", "investors", "coverage", "confidence"
    ] and "no one share" in found["note"]  # fmt: skip
    (row,) = [r for r in found["definitions"] if r["scope"] == "everybody" and r["definition"] == "maximum circulation"]
    assert row["low"] <= row["share"] <= row["high"]
    assert row["share"] == pytest.approx(36 / 58)
    assert row["gross_usd"] == pytest.approx(58)


def test_circularity_by_status_is_a_row_for_each_definition_and_status(folder):
    found = rows(run("circularity", "--book", folder, "--by", "status", "--scope", "core", "-f", "csv"))
    assert {row["status"] for row in found} >= {"drawn", "firm", "announced"}
    assert {row["scope"] for row in found} == {"core"}


@pytest.mark.parametrize("table", ["definitions", "statuses", "years", "investors", "coverage", "confidence"])
def test_every_table_is_printed_and_written_by_its_name(table, folder):
    found = rows(run("circularity", "--book", folder, "--status", "signed", "--table", table, "-f", "csv"))
    assert found, table
    assert run("circularity", "--book", folder, "--status", "signed", "--table", table).exit_code == 0


def test_investors_as_csv_have_all_that_the_table_leaves_out(folder):
    (row,) = rows(run("circularity", "--book", folder, "--status", "signed", "--table", "investors", "-f", "csv"))
    assert (row["investor"], float(row["sales_in_the_book_usd"]), row["deals"]) == ("Maker", 15.0, "maker-lab")


def test_what_is_left_out_for_width_names_the_options_that_write_it(folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    done = run("circularity", "--book", folder, "--status", "signed", "--table", "investors")
    assert "invested under (--table investors --format csv has all)" in done.output


def test_where_nothing_goes_round_it_says_so(folder, tmp_path):
    write_book(replace(BOOK, deals=BOOK.deals[:1]), tmp_path)
    text = " ".join(run("circularity", "--book", str(tmp_path)).stdout.split())
    assert "nothing goes round in circles, by any definition" in text


def test_how_sure_the_amounts_are_is_told():
    text = " ".join(run("circularity", "--table", "definitions").stdout.split())
    assert "Of the payments in this answer, USD" in text and "% are own estimates" in text


def test_a_year_without_signed_investments_says_so(folder):
    said = " ".join(run("circularity", "--book", folder).stdout.split())
    assert "No investment that is firm or surer and due in 2026 can come back" in said


def test_the_catalog_answers_for_several_years():
    done = run("circularity", "--by", "year")
    assert done.exit_code == 0, done.output
    assert " 2025 " in done.stdout and " 2026 " in done.stdout and " 2027 " in done.stdout


# ---------------------------------------------------------------------------------------------------------------- loops
def test_loops_names_the_smallest_payment_and_the_deals(folder):
    done = run("loops", "--book", folder, "--status", "signed")
    assert done.exit_code == 0, done.output
    for said in (
        "Maker > Lab > Cloud > Maker",
        "lab-cloud",
        "chips",
        "Maker > Lab 0.00",
        "circulation:",
        "narrow:",
        "wide:",
    ):
        assert said in done.stdout, said


def test_loops_through_a_party_tell_the_whole_the_split_and_what_is_left_without_it(folder):
    text = " ".join(run("loops", "--book", folder, "--status", "signed", "--through", "maker").stdout.split())
    assert "can have gone round in all; in the split shown, one of several that are as good" in text
    assert "through Maker; without the payments of Maker 0 m could have" in text


def test_one_circle_is_one_circle(folder):
    text = " ".join(run("loops", "--book", folder, "--status", "signed", "--narrow").stdout.split())
    assert "1 circle of up to 4 payments brings an investment back" in text


def test_at_least_one_circle_is_printed(folder):
    assert run("loops", "--book", folder, "--most", "0").exit_code != 0


def test_loops_as_csv_has_a_row_for_each_step(folder):
    found = rows(run("loops", "--book", folder, "--status", "signed", "--narrow", "-f", "csv"))
    assert [(row["payer"], row["payee"], float(row["step_usd"])) for row in found] == [
        ("Maker", "Lab", 10.0), ("Lab", "Cloud", 20.0), ("Cloud", "Maker", 15.0)
    ]  # fmt: skip
    assert [row["deals"] + row["ordinary_payments"] for row in found] == ["maker-lab", "lab-cloud", "chips"]


def test_loops_through_a_party_without_any_are_an_empty_table(folder):
    assert rows(run("loops", "--book", folder, "--through", "investors", "-f", "csv")) == []


# ------------------------------------------------------------------------------------------------------------ who funds
def test_who_funds_tells_bounds_direct_payers_and_payers_in_the_end(folder):
    text = " ".join(run("who-funds", "Maker", "--book", folder, "--status", "signed").stdout.split())
    for said in (
        "at least 33.3 % and at most 86.7 %",
        "56.5 % if everybody",
        "100.0 % is money from outside (investors",
    ):
        assert said in text, said


def test_who_funds_by_status_leaves_out_where_the_firm_sells_nothing(folder):
    found = rows(run("who-funds", "Cloud", "--book", folder, "--by", "status", "-f", "csv"))
    assert [row["status"] for row in found] == ["firm", "signed", "terminable", "conditional", "announced"]
    shares = [[float(row[name]) for name in ("least", "proportional", "most")] for row in found]
    assert all(0 <= least <= mixed <= most <= 1 for least, mixed, most in shares)


def test_who_funds_tells_how_sure_each_payment_is_and_takes_names_in_any_way(folder):
    found = rows(
        run("who-funds", "maker", "--book", folder, "--status", "signed", "--source", "lab,Cloud", "-f", "csv")
    )
    repeated = run("who-funds", "Maker", "--book", folder, "--status", "signed", "--source", "Lab", "--source", "cloud",
                   "-f", "csv")  # fmt: skip
    assert found == rows(repeated)
    assert {row["confidence"] for row in found if row["part"] == "direct"} == {"not stated"}
    catalog = run("who-funds", "Nvidia")
    assert "follows investments alone" in " ".join(catalog.stdout.split()) and "own-estimate" in catalog.stdout


@pytest.mark.parametrize(
    ("command", "tables"),
    [(("who-funds", "Maker"), ["payers", "years", "statuses", "confidence"]), (("loops",), ["circles", "confidence"])],
)
def test_json_holds_all_tables_by_name(command, tables, folder):
    found = json.loads(run(*command, "--book", folder, "--status", "signed", "-f", "json").stdout)
    assert list(found) == ["note", *tables] and all(found[name] for name in tables)


def test_years_are_added_up():
    one, more = (
        json.loads(run("circularity", "--year", "2025", *to, "-f", "json").stdout) for to in ((), ("--to", "2026"))
    )
    one, more = one["definitions"], more["definitions"]
    assert one[0]["year"] == 2025 and more[0]["year"] == "2025 to 2026" and more[0]["gross_usd"] > one[0]["gross_usd"]
    assert "2025 to 2026" in run("who-funds", "Nvidia", "--year", "2025", "--to", "2026").stdout


# ------------------------------------------------------------------------------------------------------ runs, mistakes
@pytest.mark.parametrize("command", [("circularity",), ("loops",), ("who-funds", "Nvidia")])
def test_a_run_answers_the_same_questions(command, runs):
    done = run(*command, "--runs", runs, "--run", "latest")
    assert done.exit_code == 0 or "sells nothing" in done.output, done.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("circularity", "--status", "frim"), "did you mean firm?"),
        (("circularity", "--to", "2020"), "--to 2020 is before the year 2026"),
        (("circularity", "--year", "1999"), "nothing is paid in 1999"),
        (("loops", "--through", "Makr"), "did you mean Maker?"),
        (("loops", "--longest", "0"), "must be"),
        (("who-funds", "Nobody"), "unknown party in 2026 'Nobody'"),
        (("who-funds", "Maker", "--source", "Clod"), "did you mean Cloud?"),
        (("who-funds", "Lab"), "Lab sells nothing in 2026"),
    ],
)
def test_mistakes_are_told_with_what_is_allowed(args, said, folder):
    done = run(*args, "--book", folder)
    assert done.exit_code != 0
    assert said in str(done.exception or "") + done.output
