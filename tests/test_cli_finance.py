"""`gigawatt finance`: a project file told in words and tables, its questions, and files that programs read."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import pytest
from typer.testing import CliRunner

from gigawatt.cli.app import app
from gigawatt.cli.running import example
from gigawatt.finance.project import evaluate
from gigawatt.project_file import load_project

SMALL, CAMPUS = "project-small", "project-campus"


def run(*args, **env):
    return CliRunner().invoke(app, ["finance", *args], env={"COLUMNS": "100", **env})


def ok(*args, **env):
    done = run(*args, **env)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def report():
    return ok(SMALL)


@pytest.fixture(scope="module")
def base():
    return evaluate(load_project(example(SMALL)).project)


def test_a_file_without_a_command_is_a_project(report):
    assert ok("project", SMALL) == report
    assert ok(str(example(SMALL))) == report


def test_help_shows_commands_and_the_options_of_a_project():
    told = ok("--help")
    for word in (
        "--case",
        "--set",
        "--draws",
        "--xlsx",
        "tornado",
        "break-even",
        "company",
        "programme",
        "lcoc",
        "spread",
    ):
        assert word in told
    assert "Work out a project file" in ok("project", "--help")


def test_help_brings_no_numpy():
    code = "import sys, gigawatt.cli.app; sys.exit('numpy' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_slip_of_a_command_is_not_taken_for_a_file():
    done = run("tornad", SMALL)
    assert done.exit_code == 2
    assert "Did you mean 'tornado'" in done.output


def test_the_answer_comes_first_in_words(report, base):
    words = " ".join(report.split())
    assert words.startswith("Rented hall: 2,000 chips, 4 MW of IT; base case")
    assert f"Owners earn {base['returns.owners_irr']:.1%} a year. NPV" in words
    assert f"DSCR {base['cover.least_dscr']:.2f}x at its least" in words
    assert "bound by a gearing of 65%" in words
    assert "No findings: debt is served" in words
    places = [report.index(text) for text in ("Debt at completion", "Owners earn", "All cases", "Sources", "By year")]
    assert places == sorted(places)
    assert "Ledgers close: no difference above 0.01 USD" in words


@pytest.mark.parametrize("width", ["80", "100", "140"])
def test_tables_fit_the_terminal(width):
    told = ok(CAMPUS, COLUMNS=width)
    assert max(map(len, told.splitlines())) <= int(width)


def test_sources_are_uses(report, base):
    line = next(line for line in report.splitlines() if line.strip().startswith("uses"))
    amounts = [word for word in line.split() if word.replace(".", "").isdigit()]
    assert amounts[0] == amounts[1] == f"{base['uses.usd'].sum() / 1e6:,.1f}"


def test_several_rates_of_return_are_all_told(tmp_path):
    # By hand: -100 + 230 / (1 + r) - 132 / (1 + r)^2 is 0 at 10 % and at 20 %.
    file = tmp_path / "twice.yaml"
    file.write_text(
        "periods_per_year: 1\noperation: 3 years\ncapacity: {chips: 1000}\n"
        "assets: {chips: {capex: 100 M$, life: 2 years, refreshed: yes, refresh: 132 M$}}\n"
        f"contracts: {{one: {{usd_per_chip_h: {230e6 / 8.76e6!r}, months: 12}}}}\n"
    )
    rates = json.loads(ok(str(file), "--format", "json"))["irr"]["owners"]
    assert rates["status"] == "several"
    assert rates["roots"] == pytest.approx([0.1, 0.2])
    assert "one of 2 rates: 10.0%, 20.0%" in " ".join(ok(str(file)).split())


def test_a_case_keeps_the_debt_of_the_base_unless_it_is_sized_again():
    held = json.loads(ok(SMALL, "--case", "half paid", "--format", "json"))
    sized = json.loads(ok(SMALL, "--case", "half paid", "--resize", "--format", "json"))
    plain = json.loads(ok(SMALL, "--format", "json"))
    assert held["debt"] == "held"
    assert held["answers"]["debt.usd"] == pytest.approx(plain["answers"]["debt.usd"])
    assert sized["debt"] == "sized"
    assert held["answers"]["cover.least_dscr"] < plain["answers"]["cover.least_dscr"]


def test_a_finding_has_a_date():
    told = " ".join(ok(SMALL, "--case", "half paid").split())
    assert "Findings 20" in told
    assert "debt not served" in told


def test_strict_fails_where_debt_is_not_served():
    done = run(SMALL, "--case", "half paid", "--strict")
    assert done.exit_code == 1
    assert "debt service" in done.output


def test_set_changes_a_value(base):
    answer = json.loads(ok(SMALL, "--set", "debt.loan.gearing=50%", "--set", "operation=6", "--format", "json"))
    assert answer["answers"]["cover.gearing"] == pytest.approx(0.5)
    assert answer["inputs"]["operation_years"]["value"] == 6


def test_mistakes_are_told_with_places_and_exit_code_2(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text(example(SMALL).read_text().replace("gearing: 65 %", "gearing: 165 %").replace("level", "levl"))
    done = run(str(file))
    assert done.exit_code == 2
    assert f"{file}:25:21: debt.loan.repayment" in done.output
    assert "did you mean 'level'?" in done.output


def test_an_unknown_case_is_named():
    done = run(SMALL, "--case", "half")
    assert done.exit_code == 1
    assert "half paid" in done.output


def test_json_has_everything(base):
    answer = json.loads(ok(SMALL, "--draws", "50", "--format", "json"))
    assert set(answer) >= {
        "answers", "irr", "findings", "sources_and_uses", "year", "debt_by_loan", "customers", "residual", "lines",
        "inputs", "draws", "summary", "checks", "ranges", "binding",
    }  # fmt: skip
    assert answer["answers"]["returns.owners_irr"] == pytest.approx(base["returns.owners_irr"])
    assert answer["irr"]["owners"]["rate"] == pytest.approx(base["returns.owners_irr"])
    assert answer["lines"]["ebitda_usd"]["values"] == pytest.approx(list(base["ebitda_usd"]))
    assert answer["binding"] == {"loan": "gearing"}


def test_years_sum_what_periods_hold(base):
    rows = list(csv.DictReader(io.StringIO(ok(SMALL, "--format", "csv"))))
    assert [row["to"] for row in rows] == ["2027", "2028", "2029", "2030", "2031", "2032-06"]
    assert sum(float(row["revenue"]) for row in rows) == pytest.approx(base["revenue.usd"].sum())
    assert float(rows[1]["debt"]) == pytest.approx(base["loans.balance_usd"][7])
    quarters = list(csv.DictReader(io.StringIO(ok(SMALL, "--format", "csv", "--periods", "quarter"))))
    assert len(quarters) == 22


def test_periods_shorter_than_those_of_the_project_are_refused():
    done = run(SMALL, "--periods", "month")
    assert done.exit_code == 1
    assert "periods_per_year to 12" in done.output


def test_lines_are_chosen_by_name_or_section():
    rows = list(csv.DictReader(io.StringIO(ok(SMALL, "--lines", "ebitda|tax.paid", "--format", "csv"))))
    assert rows[0]["line"] == "ebitda_usd"
    assert {row["line"].split(".")[0] for row in rows} == {"ebitda_usd", "tax"}
    told = ok(SMALL, "--lines", "Waterfall", "--periods", "quarter")
    assert "waterfall.available_usd, M USD" in told
    done = run(SMALL, "--lines", "watterfall")
    assert done.exit_code == 1
    assert "did you mean" in done.output


def test_draws_are_told_by_their_quantiles():
    told = ok(CAMPUS, "--draws", "200", "--seed", "3")
    assert "200 draws of 10 inputs, seed 3; debt as sized in the base case" in told
    for word in ("P10", "P50", "P90", "debt capacity", "debt is not served in 0.0% of draws"):
        assert word in told
    assert told == ok(CAMPUS, "--draws", "200", "--seed", "3")


def test_draws_need_ranges(tmp_path):
    file = tmp_path / "certain.yaml"
    file.write_text(example(SMALL).read_text().replace("90 to 110 M$", "100 M$"))
    done = run(str(file), "--draws", "10")
    assert done.exit_code == 1
    assert "no input has a range" in done.output


def test_a_tornado_puts_the_longest_bar_first():
    rows = list(csv.DictReader(io.StringIO(ok("tornado", CAMPUS, "--format", "csv"))))
    assert len(rows) == 10
    changes = [abs(float(row["change"])) for row in rows]
    assert changes == sorted(changes, reverse=True)
    assert "#####" in ok("tornado", CAMPUS)
    done = run("tornado", CAMPUS, "--answer", "returns.owner_irr")
    assert done.exit_code == 1
    assert "did you mean returns.owners_irr" in done.output


def test_break_even_tells_a_value_or_that_there_is_none():
    told = ok("break-even", SMALL)
    assert "all prices" in told
    assert "cost of all assets" in told
    none = ok(
        "break-even", SMALL, "--input", "capacity.availability", "--goal", "900%", "--answer", "returns.owners_irr"
    )
    assert "none" in none
    assert "at the high end" in none


def test_the_workbook_is_one_that_opens(tmp_path):
    out = tmp_path / "model.xlsx"
    ok(SMALL, "--xlsx", str(out))
    with zipfile.ZipFile(out) as book:
        assert "xl/workbook.xml" in book.namelist()
    assert run(SMALL, "--xlsx", str(tmp_path / "model.ods")).exit_code == 1


def test_another_currency_is_told(tmp_path):
    file = tmp_path / "euro.yaml"
    file.write_text(example(SMALL).read_text().replace("start:", "currency: EUR\nstart:").replace("$", "EUR"))
    told = ok(str(file), "--case", "half paid")
    assert "M EUR" in told
    assert "USD" not in told


def test_all_cases_stand_side_by_side(base):
    row = next(line for line in ok(SMALL).splitlines() if line.strip().startswith("half paid"))
    case = json.loads(ok(SMALL, "--case", "half paid", "--format", "json"))
    rows = {each["case"]: each for each in case["cases"]}
    assert rows["half paid"]["least DSCR"] == pytest.approx(case["answers"]["cover.least_dscr"])
    assert rows["base"]["owners' IRR"] == pytest.approx(base["returns.owners_irr"])
    assert f"{case['answers']['cover.least_dscr']:.2f}" in row


def test_one_case_is_shown_at_a_time():
    assert run(SMALL, "--case", "half paid", "--case", "half paid").exit_code == 2


def test_a_company_is_told_its_own_command():
    done = run("CoreWeave")
    assert done.exit_code == 1
    assert "gigawatt finance company CoreWeave" in done.output
    assert "did you mean project-campus?" in run("project-campos").output


def test_sources_and_uses_are_two_lists_for_programs():
    found = json.loads(ok(SMALL, "--format", "json"))["sources_and_uses"]
    assert sum(each["amount"] for each in found["uses"]) == pytest.approx(
        sum(each["amount"] for each in found["sources"])
    )
    assert {each["source"] for each in found["sources"]} >= {"loan", "owners"}


def test_cover_by_year_is_the_least_of_its_periods(base):
    (row,) = csv.DictReader(io.StringIO(ok(SMALL, "--lines", "cover.dscr", "--format", "csv")))
    assert float(row["2028"]) == pytest.approx(min(base["cover.dscr"][4:8]))
    assert "the least of the periods" in ok(SMALL, "--lines", "cover.dscr")


def test_break_even_of_cover_holds_the_debt():
    told = ok("break-even", SMALL, "--answer", "cover.least_dscr", "--goal", "1")
    assert "debt as sized in the base case" in told
    assert "debt sized again" in ok("break-even", SMALL, "--answer", "cover.least_dscr", "--goal", "1", "--resize")


def test_amounts_of_any_size_close(tmp_path):
    file = tmp_path / "won.yaml"
    text = example(SMALL).read_text().replace("start:", "currency: KRW\nstart:")
    won = {"90 to 110 M$": "140 trn KRW", "2.6 $/chip-h": "3.6 M KRW/chip-h", "70 $/MWh": "98 bn KRW/MWh",
           "150 $/kW-month": "210 M KRW/kW-month"}  # fmt: skip
    for dollars, amount in won.items():
        text = text.replace(dollars, amount.replace("trn", "T").replace("bn ", "B "))
    file.write_text(text.replace("70 $/MWh", "98 KRW/MWh"))
    assert "Ledgers close" in ok(str(file))


def test_market_prices_are_drawn_as_paths_where_asked():
    told = ok(CAMPUS, "--draws", "100", "--rents")
    assert "100 draws of 10 inputs and of paths of market prices, seed 0" in told
    done = run(CAMPUS, "--rents")
    assert done.exit_code and "--draws 2000" in done.output
