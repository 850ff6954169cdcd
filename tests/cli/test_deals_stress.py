"""`gigawatt deals stress`: the answer in words first, tables, files, refusals."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from pytest import approx
from typer.testing import CliRunner

from gigawatt.cli import deals_stress
from gigawatt.cli.app import app
from gigawatt.cli.deals_stress_plain import CAME, WENT
from gigawatt.deals.book import catalog_book
from gigawatt.deals.stress import near_misses, stress
from gigawatt.store import save
from tests.fake_results import fake_results
from tests.test_store import Merged


def run(*args):
    return CliRunner().invoke(app, ["deals", "stress", *map(str, args)], env={"COLUMNS": "200"})


def ok(*args):
    done = run(*args)
    assert done.exit_code == 0, done.output
    return done.stdout


def as_rows(*args):
    return list(csv.DictReader(io.StringIO(ok(*args, "--format", "csv"))))


def test_what_happens_to_oracle_is_said_first_then_shown():
    told = ok("--default", "OpenAI", "--on", "Oracle")
    assert told.startswith("If OpenAI cannot pay from ")
    heads = [
        "Oracle would lose ",
        "Losses on claims would add up to",
        "Oracle, quarter by quarter",
        "What happens to whom",
        "Who bears the loss",
        "The largest losses",
        "Losses with fewer",
        "is taken at",
    ]
    places = [" ".join(told.split()).index(head) for head in heads]
    assert places == sorted(places)
    assert "Microsoft would lose" not in told


def test_without_a_firm_asked_for_the_five_most_hit_are_told():
    told = " ".join(ok("--default", "OpenAI").split())
    assert told.count(" of receipts") + told.count("no receipts to speak of") == 5


def test_shut_markets_alone_ask_who_runs_out_of_money_when():
    told = " ".join(ok("--shut", "6").split())
    assert told.startswith("If markets give no new money for 6 quarters from ") and "would run out of money" in told
    assert "planned to raise" in told and "Losses with fewer" in told


def test_a_longer_shut_brings_more_down():
    def fallen(quarters):
        return sum(row["first_default"] != "never" for row in as_rows("--shut", quarters))

    assert fallen("2") <= fallen("4") <= fallen("10")


def test_files_hold_whole_amounts_of_any_table():
    rows = as_rows("--default", "OpenAI")
    oracle = next(row for row in rows if row["firm"] == "Oracle")
    assert float(oracle["lost_usd"]) == approx(float(oracle["due_usd"]) - float(oracle["relet_usd"]), rel=0.05)
    assert oracle["first_default"] == "never" or oracle["first_default"].startswith("20")
    layers = json.loads(ok("--default", "OpenAI", "--table", "layers", "-f", "json"))
    losses = as_rows("--default", "OpenAI", "--table", "losses")
    assert sum(row["loss_usd"] for row in layers) == approx(sum(float(row["loss_usd"]) for row in losses))
    quarters = as_rows("--default", "OpenAI", "--table", "quarters")
    assert {row["defaulted"] for row in quarters if row["firm"] == "OpenAI"} == {"True", "False"}
    assert len(as_rows("--default", "OpenAI", "--table", "ranges")) == 9


def test_paying_half_loses_less():
    def lost(*args):
        rows = as_rows("--default", "OpenAI", *args)
        return float(next(row for row in rows if row["firm"] == "Oracle")["lost_usd"])

    assert 0.0 < lost("--pay", "50%") < lost()


def test_firms_one_by_one_and_at_once():
    told = ok("--default", "OpenAI", "--default", "Anthropic", "--on", "Oracle")
    assert "Each alone, then all at once" in told and "OpenAI, Anthropic" in told and "Oracle loses" in told
    rows = as_rows("--default", "OpenAI", "--default", "Anthropic")
    assert float(rows[2]["loss_usd"]) >= max(float(rows[0]["loss_usd"]), float(rows[1]["loss_usd"]))
    joint = " ".join(ok("--default", "OpenAI", "--default", "Anthropic", "--joint").split())
    assert joint.startswith("If OpenAI and Anthropic cannot pay")
    assert told.startswith("By these estimates losses on claims would add up to") and "cannot pay:" in told


def test_a_run_is_asked_the_same(tmp_path):
    save(fake_results(), Merged({"x": 1}), tmp_path)
    told = ok("--runs", tmp_path, "--run", "latest", "--default", "OpenAI")
    assert "(what the run pays; until " in " ".join(told.split()) and "Losses with fewer" not in told
    assert ok("--runs", tmp_path, "--run", "latest", "--shut", "4").startswith("If markets give no new money")
    assert "a run has no statuses" in run("--runs", tmp_path, "--run", "latest", "--default", "OpenAI", "--table",
                                          "ranges").output  # fmt: skip


def test_assumptions_are_told_with_ranges_and_reasons():
    rows = as_rows("--default", "OpenAI", "--table", "assumed")
    assert all(float(row["low"]) <= float(row["value"]) <= float(row["high"]) and row["why"] for row in rows)


def test_the_table_of_every_kind_is_printed():
    for table in deals_stress.Table:
        more = ("--on", "Oracle") if table is deals_stress.Table.cash else ()
        assert ok("--default", "OpenAI", "--table", table.value, *more).strip()


def test_the_first_sentence_is_conditional_and_holds_the_assumption_on_which_most_hangs():
    def first(*args):
        return " ".join(ok(*args).split("\n\n")[0].split())

    told = first("--default", "OpenAI")
    assert told.startswith("If ") and "markets go on giving every other firm what its plan needs" in told
    assert "by these estimates" in told and " would default" in told
    told = first("--default", "OpenAI", "--pay", "99.9%", "--chips-fall", "40%", "--shut", "1")
    assert "OpenAI pays only 99.9 % of its dues" in told and "fall by 40.0 %" in told
    assert "markets give no new money for 1 quarter," in told and "firms put off 50.0 % of building" in told


def test_how_far_the_answer_moves_and_near_misses_are_told_beside_it():
    for args in (("--default", "OpenAI"), ("--shut", "4")):
        told = " ".join(ok(*args).split())
        assert "one assumption at either end" in told and "losses on claims would be" in told
        close = near_misses(stress(catalog_book(), [name for name in args if name == "OpenAI"],
                                   markets_shut=4 if "--shut" in args else 0))  # fmt: skip
        assert ("Near misses, with less than 5 % of opening cash left" in told) == bool(close)
        assert all(f"{hit.firm} (" in told for hit in close)


def test_the_central_answer_lies_within_the_range_that_is_told():
    for args in (("--default", "OpenAI"), ("--shut", "4"), ("--shut", "8")):
        told = " ".join(ok(*args).split())
        low, high, total = (float(re.search(pattern, told)[1].replace(",", "")) for pattern in (
            r"losses on claims would be ([\d,.]+) bn", r"losses on claims would be [\d,.]+ bn to ([\d,.]+) bn",
            r"Losses on claims would add up to ([\d,.]+) bn"))  # fmt: skip
        assert low <= total <= high


def test_who_would_default_anyway_is_in_the_tables_and_told_apart():
    told = " ".join(ok("--default", "OpenAI", "--shut", "4").split())
    assert "would default with markets shut alone, too." in told and "would be lost with markets shut alone" in told
    rows = as_rows("--default", "OpenAI", "--shut", "4")
    anyway = {row["firm"] for row in rows if row["cause"] == "anyway"}
    assert anyway and anyway <= {row["firm"] for row in as_rows("--shut", "4") if row["first_default"] != "never"}
    layers = as_rows("--default", "OpenAI", "--shut", "4", "--table", "layers")
    alone = as_rows("--shut", "4", "--table", "layers")
    assert [row["loss_without_usd"] for row in layers] == [row["loss_usd"] for row in alone]


def test_files_say_under_which_condition_they_hold():
    for table in ("firms", "layers", "losses", "ranges"):
        rows = as_rows("--default", "OpenAI", "--table", table)
        assert all(row["note"].startswith("if OpenAI cannot pay from") for row in rows)
    every = json.loads(ok("--default", "OpenAI", "--format", "json"))
    assert every["note"].startswith("if OpenAI cannot pay")
    assert set(every) == {"note", *(table.value for table in deals_stress.Table)} - {"cash"}


def test_cash_of_a_firm_adds_up_from_quarter_to_quarter():
    for args in (("--default", "OpenAI", "--on", "Oracle"), ("--shut", "4", "--on", "CoreWeave"),
                 ("--default", "OpenAI", "--on", "Nvidia"), ("--default", "OpenAI", "--on", "Cerebras")):  # fmt: skip
        rows = [{name: float(usd) for name, usd in row.items() if name != "quarter"}
                for row in as_rows(*args, "--table", "cash")]  # fmt: skip
        for row in rows:
            came, went = (sum(row[name] for name in names) for names in (CAME, WENT))
            assert row["opening_usd"] + came - went == approx(row["cash_usd"], rel=1e-9, abs=1.0)
        assert [row["opening_usd"] for row in rows[1:]] == [row["cash_usd"] for row in rows[:-1]]


def test_names_count_whatever_their_case_and_with_commas():
    assert ok("--default", "openai", "--on", "oracle") == ok("--default", "OpenAI", "--on", "Oracle")
    assert as_rows("--default", "openai,Anthropic") == as_rows("--default", "OpenAI", "--default", "Anthropic")


def test_why_other_commands_answer_otherwise_is_told_and_who_is_not_judged():
    told = " ".join(ok("--shut", "4").split())
    for said in ("other answers: gigawatt deals coverage", "not judged: ", "later years: ", "is estimated here"):
        assert said in told


@pytest.mark.parametrize("args", [("--default", "OpenAI", "--on", "Oracle"), ("--shut", "4")])
def test_numbers_are_whole_in_a_narrow_window(args):
    def numbers(columns):
        done = CliRunner().invoke(app, ["deals", "stress", *args], env={"COLUMNS": columns})
        return set(re.findall(r"(?<![\w.,])\d[\d,]*\.\d+(?![\w.,])", done.stdout))

    assert numbers("80") <= numbers("300")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ((), "say who cannot pay"),
        (("--chips-fall", "40%"), "gigawatt deals residual --chips-fall 40%"),
        (("--default", "OpenIA"), "did you mean OpenAI"),
        (("--default", "customers"), "a sector, which stands for all firms that are not named"),
        (("--default", "OpenAI,Anthropic", "--table", "losses"), "leave out --table"),
        (("--default", "OpenAI", "--joint"), "leave out --joint"),
        (("--default", "OpenAI", "--table", "layers", "--on", "Oracle"), "leave out --on"),
        (("--default", "OpenAI", "--pay", "100%"), "pays all its dues is in no default"),
        (("--shut", "4", "--pay", "50%"), "leave out --pay"),
        (("--default", "OpenAI", "--table", "cash"), "say which with --on"),
        (("--shut", "40"), "only 12 quarters are looked at"),
        (("--default", "OpenAI", "--at", "2050Q1"), "no more than 5 years beyond"),
        (("--default", "OpenAI", "--quarters", "400"), "no more than 5 years beyond"),
        (("--default", "OpenAI", "--on", "Orcale"), "did you mean Oracle"),
        (("--default", "OpenAI", "--pay", "2"), "between 0 and 1"),
        (("--default", "OpenAI", "--pay", "lots"), "--pay lots"),
        (("--default", "OpenAI", "--at", "soon"), "a quarter such as 2027Q1"),
        (("--default", "OpenAI", "--at", "2027Q5"), "a quarter such as 2027Q1"),
        (("--default", "OpenAI", "--quarters", "0"), "at least 1"),
        (("--default", "OpenAI", "--status", "certain"), "unknown status 'certain'"),
        (("--default", "OpenAI", "--year", "2027"), "--year goes with --run"),
    ],
)
def test_what_cannot_be_is_refused(args, says):
    done = run(*args)
    assert done.exit_code != 0 and says in done.output
