"""`gigawatt finance company`: tables that fit the line, files that parse back, messages for mistakes."""

import csv
import io
import json
import math
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gigawatt import catalog
from gigawatt.cli.failures import Guarded
from gigawatt.cli.finance_company import company
from gigawatt.cli.finance_company_asked import changes_of, stress_of
from gigawatt.cli.finance_company_texts import Scale, bn, metric_text
from gigawatt.finance.companies.catalog import company as company_of
from gigawatt.finance.companies.catalog import names
from gigawatt.finance.companies.statements import project_statements

app = typer.Typer(cls=Guarded)
app.command("company")(company)
app.command("other")(lambda: None)


def run(*args, width=100):
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["company", *map(str, args)])


def rows_of(*args):
    done = run(*args, "--format", "csv")
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("extra", [(), ("--statement", "all", "--annual"), ("--statement", "all", "--quarters", "12")])
def test_no_line_is_wider_than_the_terminal(width, extra):
    for name in ("CoreWeave", "Amazon"):
        done = run(name, *extra, width=width)
        assert done.exit_code == 0, done.output
        assert max(map(len, done.stdout.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 100])
def test_the_list_and_the_stresses_are_split_where_the_line_is_short(width):
    for done in (run(width=width), run("CoreWeave", "--statement", "stress", width=width)):
        assert done.exit_code == 0, done.output
        assert max(map(len, done.stdout.splitlines())) <= width
    told = run(width=80).stdout
    assert told.count(" CoreWeave ") == 2 and "sourced" in told


def test_only_addresses_are_wider_than_the_line_in_the_list_of_inputs():
    done = run("CoreWeave", "--statement", "inputs", width=80)
    assert all(len(line) <= 80 or "http" in line for line in done.stdout.splitlines())
    longest = max((fact.attribute for fact in company_of("CoreWeave").facts), key=len)
    assert longest in done.stdout  # names are whole


def test_the_verdict_comes_first_and_its_amounts_add_up():
    head = " ".join(run("CoreWeave").stdout.split("from 2026 Q1")[0].split())
    needs, rest = head.split("; paid by ")
    paid = rest.split(". EBITDA")[0]

    def bn_in(text):
        words = text.replace(",", "").split()
        return sum(float(a) / (1 if b.startswith("bn") else 1000) for a, b in pairwise(words)
                   if b.rstrip(";.") in ("bn", "m"))  # fmt: skip

    assert head.startswith("CoreWeave in 2026: burns")
    assert bn_in(needs) == pytest.approx(bn_in(paid), abs=0.3)  # each is rounded to 0.1
    assert "If markets close, cash and revolver last" in head


def test_the_verdict_is_the_same_however_much_is_shown():
    heads = {
        run("OpenAI", "--statement", "income", "--quarters", n).stdout.split("from 2026 Q1")[0] for n in (1, 4, 20)
    }
    assert len(heads) == 1


def test_nobody_without_interest_is_called_covered():
    told = " ".join(run("OpenAI").stdout.split())
    assert "No interest to cover" in told or "No debt" in told
    assert "gigawatt finance programme" in told and "covered" not in told


def test_the_age_of_the_opening_is_told():
    read = max(source.read_on[:7] for source in catalog.sources())
    months = 12 * (int(read[:4]) - 2025) + int(read[5:7]) - 12
    told = " ".join(run("Meta").stdout.split())
    assert f"opening 2025-12-31, {months} months before the catalog ({read})" in told


def test_quarters_stand_across_with_their_year_summed():
    done = run("CoreWeave", "--statement", "income", "--quarters", "4")
    head = next(line for line in done.stdout.splitlines() if "Income statement" in line)
    assert head.split("USD m")[1].split() == ["2026", "Q1", "2026", "Q2", "2026", "Q3", "2026", "Q4", "2026"]
    revenue = next(line for line in done.stdout.splitlines() if line.strip().startswith("Revenue"))
    *quarters, year = (float(cell.replace(",", "")) for cell in revenue.split()[1:])
    assert abs(sum(quarters) - year) <= 2


def test_what_is_sourced_is_told_in_dollars_and_numbers():
    told = " ".join(run("CoreWeave", "--statement", "income").stdout.split())
    assert "% of the dollars of the opening balance sheet" in told and "numbers of the opening" in told


def test_cash_before_financing_and_what_pays_for_it_add_to_nothing():
    rows = [row for row in rows_of("Oracle", "--statement", "funding", "--quarters", 12) if row["period"] == "2027"]
    at = {row["line"]: float(row["value"]) for row in rows}
    ways = ("from_cash_usd", "signed_debt_usd", "signed_shares_usd", "revolver_usd", "new_debt_usd", "new_shares_usd",
            "unpaid_usd")  # fmt: skip
    assert at["before_financing_usd"] + sum(at[way] for way in ways) == pytest.approx(0.0, abs=0.05)


def test_files_are_long_with_company_stress_life_and_dates():
    rows = rows_of("Meta", "--quarters", 6, "--stress", "rates=+200bp", "--chip-life", "4 years")
    assert list(rows[0]) == [
        "company", "stress", "chip_life_years", "opening_date", "statement", "line", "label", "unit", "period",
        "period_kind", "period_start", "period_end", "value",
    ]  # fmt: skip
    assert {row["statement"] for row in rows} == {"income", "cash", "balance", "debt", "funding", "bridge", "metrics"}
    assert {(row["company"], row["stress"], row["chip_life_years"]) for row in rows} == {
        ("Meta", "rates=+200bp,chip-life=4", "4.0")
    }
    assert {row["period"] for row in rows} == {
        "opening", *(f"2026Q{n}" for n in range(1, 5)), "2026", "2027Q1", "2027Q2", "2027Q1-Q2"
    }  # fmt: skip
    assert not any(row["label"].startswith((" ", "'", "+")) for row in rows)
    assert all(math.isfinite(float(row["value"])) for row in rows if row["value"])
    last = next(row for row in rows if row["period"] == "2027Q1-Q2")
    assert (last["period_start"], last["period_end"], last["period_kind"]) == (
        "2027-01-01", "2027-06-30", "part of a year"
    )  # fmt: skip


def test_every_company_has_the_same_lines_in_its_file():
    def lines(name):
        return {(r["statement"], r["line"]) for r in rows_of(name, "--annual", "--quarters", 4)
                if r["statement"] in ("income", "cash", "balance", "funding", "metrics")}  # fmt: skip

    assert lines("CoreWeave") == lines("OpenAI") == lines("Nvidia")


def test_files_balance_and_start_from_the_catalog():
    rows = rows_of("Meta", "--annual")
    at = {(row["statement"], row["line"], row["period"]): row["value"] for row in rows}
    assets, owed, equity = (float(at["balance", line, "2027"]) for line in ("assets", "liabilities", "equity"))
    assert abs(assets - owed - equity) <= 0.005
    assert float(at["balance", "cash", "opening"]) == company_of("Meta").opening.cash_usd
    assert len(at) == len(rows)  # no line twice in a period


def test_stresses_and_the_list_go_to_files_without_words_for_numbers():
    found = json.loads(run("Meta", "--statement", "stress", "--format", "json").stdout)
    assert found[0]["company"] == "Meta" and found[0]["stress"] == "plan" and found[0]["gap_quarter"] == ""
    assert all(isinstance(row["capex_cut"], float | int | None) for row in found)
    listed = rows_of()
    assert len(listed) == len(names()) and {row["opening_date"] for row in listed} == {"2025-12-31"}
    assert all(0 <= float(row["sourced_share"]) <= 1 for row in listed)


def test_what_breaks_first_goes_to_a_file_weakest_first():
    rows = rows_of("CoreWeave", "--statement", "breaks", "--stress", "chip-life=5")
    assert {row["stress"] for row in rows} == {"chip-life=5"} and {row["kind"] for row in rows} >= {"revenue", "rates"}
    told = [float(row["severity"]) for row in rows if row["severity"]]
    assert told == sorted(told)
    assert "What breaks it" in run("CoreWeave", "--statement", "breaks").stdout


def test_a_life_beside_the_stresses_gets_its_own_row():
    found = rows_of("Meta", "--statement", "stress", "--chip-life", "3")
    assert found[-1]["stress"] == "chip-life=3"


def test_another_life_of_chips_is_set_against_the_reported_one():
    done = run("Meta", "--annual", "--chip-life", "4 years", "--statement", "income")
    assert "chips over 4 years instead of 5.5 as reported" in " ".join(done.stdout.split())
    assert "Effect of 4 years, not 5.5" in done.stdout


def test_a_stress_is_told_and_names_the_first_gap():
    done = run("CoreWeave", "--stress", "revenue=-20%,rates=+2%,default=Microsoft", "--stress", "refinancing=closed",
               "--stress", "from=2026-09")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = " ".join(done.stdout.split())
    assert "First gap: 2026 Q3" in told
    assert "stress: revenue=-20%,rates=+2%,default=Microsoft,refinancing=closed,from=2026-09" in told


@pytest.mark.parametrize("text", ["+2%", "2pp", "200bp", "+200 bps", "2 %"])
def test_percent_points_and_basis_points_are_one_move_of_rates(text):
    assert stress_of(changes_of([f"rates={text}"]), company_of("Meta")).rates == pytest.approx(0.02)


@pytest.mark.parametrize("text", ["2027Q2", "2027 q2", "2027-04", "2027-06-30"])
def test_a_month_or_a_day_starts_a_stress_in_its_quarter(text):
    assert stress_of(changes_of(["capex=-10%", f"from={text}"]), company_of("Meta")).start == 5


def test_the_ladder_agrees_with_what_is_due_by_year():
    def cells(text, label):
        line = next(line for line in text.splitlines() if line.strip().startswith(label))
        return [cell for cell in line.split() if cell[0].isdigit()]

    ladder = run("CoreWeave", "--statement", "debt", "--quarters", "4").stdout.split(" Principal due, USD m")[1]
    assert cells(ladder, "Principal due")[:5] == cells(run("CoreWeave").stdout, "principal due")


def test_markets_close_with_or_without_what_is_signed():
    closed, signed = (
        stress_of(changes_of([f"refinancing={each}"]), company_of("Meta")) for each in ("closed", "signed")
    )
    assert closed.refinancing_closed and signed.refinancing_closed and signed.signed_kept > closed.signed_kept


def test_statements_balance_at_the_bounds_of_rates():
    for name in names():
        for rates in (-0.2, 0.2):
            tried = stress_of(changes_of([f"rates={rates:+.0%}"]), company_of(name))
            assert project_statements(company_of(name), 20, tried).quarters == 20


def test_ratios_without_meaning_are_not_told():
    scale = Scale("USD m", 1e6, 0)
    told = [metric_text("interest_cover", value, scale) for value in (142.9, -524.3, math.inf, math.nan, 2.64, -0.01)]
    assert told == [">50", "<0", "-", "n.m.", "2.6", "0.0"]
    leverage = [metric_text("net_debt_to_ebitda", value, scale) for value in (-3.0, math.inf, 61.0, 6.77)]
    assert leverage == ["cash", "n.m.", ">50", "6.8"]


def test_amounts_in_sentences_are_in_billions_or_millions():
    assert [bn(usd) for usd in (26.88e9, 999.7e6, 450.4e6, -0.2)] == ["26.9 bn", "1.0 bn", "450 m", "0 m"]


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("corewave",), "did you mean 'CoreWeave'"),
        (("CoreWeave", "--stress", "revenu=-20%"), "did you mean 'revenue'"),
        (("CoreWeave", "--stress", "revenue=-200%"), "from -100%"),
        (("CoreWeave", "--stress", "revenue=-20"), "write the %"),
        (("CoreWeave", "--stress", "revenue=-200bp"), "share of itself"),
        (("CoreWeave", "--stress", "rates=high"), "not a number"),
        (("CoreWeave", "--stress", "rates=+2"), "2%, 2pp and 200bp"),
        (("CoreWeave", "--stress", "rates=+21%"), "-20 to +20 percentage points"),
        (("CoreWeave", "--stress", "rates=1%", "--stress", "rates=2%"), "given twice"),
        (("CoreWeave", "--stress", "default=OpenIA"), "did you mean 'OpenAI'"),
        (("CoreWeave", "--stress", "from=2026Q3"), "say what changes"),
        (("CoreWeave", "--stress", "capex=-5%,from=2025Q1"), "the first quarter is 2026Q1"),
        (("CoreWeave", "--stress", "capex=-5%,from=soon"), "wants a quarter"),
        (("CoreWeave", "--stress", "capex=-5%,from=2026-13"), "wants a quarter"),
        (("CoreWeave", "--stress", "capex=-5%,from=2030Q1", "--quarters", "8"), "ask for more than 16"),
        (("CoreWeave", "--stress", "refinancing=open"), "closed, or signed"),
        (("CoreWeave", "--stress", "chip-life=4", "--chip-life", "5"), "both say"),
        (("CoreWeave", "--quarters", "0"), "1 to 80"),
        (("CoreWeave", "--chip-life", "0"), "above 0"),
        (("CoreWeave", "--chip-life", "400 years"), "at most 20 years"),
        (("CoreWeave", "--statement", "inputs", "--stress", "rates=1%"), "leave out --stress"),
        (("CoreWeave", "--statement", "stress", "--annual"), "leave out --annual"),
        (("CoreWeave", "--runs", "here"), "leave out --runs"),
        (("CoreWeave", "--run", "latest", "--chip-life", "4"), "leave out"),
        (("--run", "latest"), "say which company"),
        (("--stress", "rates=1%", "--annual"), "leave out --annual, --stress"),
    ],
)
def test_mistakes_are_answered_with_what_is_allowed(args, why):
    done = run(*args)
    assert done.exit_code != 0
    assert why in " ".join(done.output.split())


def test_the_inputs_are_told_with_their_sources_and_addresses():
    rows = {row["input"]: row for row in rows_of("CoreWeave", "--statement", "inputs")}
    known = catalog.source(rows["debt_usd"]["source"])
    assert rows["debt_usd"]["url"] == known.url and float(rows["debt_usd"]["value"]) == company_of("CoreWeave").debt_usd
    assert rows["growth.2026"]["confidence"] == "own-estimate" and rows["growth.2026"]["note"]
    assert known.url in run("CoreWeave", "--statement", "inputs").stdout


def test_what_was_published_stands_beside_the_model_with_its_source():
    rows = rows_of("CoreWeave", "--statement", "published")
    assert rows and all(float(row["published"]) and row["source"] for row in rows)
    told = run("CoreWeave", "--statement", "published", width=80).stdout
    assert catalog.source(next(r["source"] for r in rows if r["source"] != "own-estimate")).url in told
    assert "Published against the model" in run("CoreWeave").stdout


def test_what_breaks_a_company_is_ranked_and_a_small_gap_is_not_called_nothing():
    told = run("CoreWeave").stdout.split("What breaks it")[1].split("Published")[0]
    assert " 0 m" not in told and "markets close" in told and "OpenAI defaults (3" in told
    for customer in ("Microsoft", "Meta"):
        assert f"{customer} defaults" in told


def test_the_page_of_the_analyst_shows_what_is_printed():
    page = (Path(__file__).parents[2] / "docs/how-to/analysts-case.md").read_text()
    asked = ((), ("--statement", "debt", "--quarters", 4), ("--statement", "stress"),
             *(("--annual", "--statement", each, "--quarters", 12) for each in ("income", "metrics", "funding")),
             ("--annual", "--chip-life", 4, "--statement", "income", "--quarters", 12))  # fmt: skip
    printed = {line for args in asked for line in run("CoreWeave", *args, width=110).stdout.splitlines()}
    shown = [line for line in page.splitlines() if line.startswith(" ") and line[-1:].isdigit() and ',"' not in line]
    assert len(shown) > 60
    assert not [line for line in shown if " ".join(line.split()) not in {" ".join(each.split()) for each in printed}]
