"""`gigawatt finance company`: tables that fit the line, files that parse back, messages for mistakes."""

import csv
import io
import json

import pytest
import typer
from typer.testing import CliRunner

from gigawatt import catalog
from gigawatt.cli.failures import Guarded
from gigawatt.cli.finance_company import company

app = typer.Typer(cls=Guarded)
app.command("company")(company)
app.command("other")(lambda: None)


def run(*args, width=100):
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["company", *map(str, args)])


@pytest.mark.parametrize("width", [100, 140])
@pytest.mark.parametrize("extra", [(), ("--annual",), ("--quarters", "12")])
def test_no_line_is_wider_than_the_terminal(width, extra):
    for name in ("CoreWeave", "Amazon"):
        done = run(name, *extra, width=width)
        assert done.exit_code == 0, done.output
        assert max(map(len, done.stdout.splitlines())) <= width


def test_the_list_and_the_stresses_fit_a_hundred_columns():
    for done in (run(), run("CoreWeave", "--statement", "stress")):
        assert done.exit_code == 0, done.output
        assert max(map(len, done.stdout.splitlines())) <= 100


def test_quarters_stand_across_with_their_year_summed():
    done = run("CoreWeave", "--statement", "income", "--quarters", "4")
    head = next(line for line in done.stdout.splitlines() if "Income statement" in line)
    assert head.split("USD m")[1].split() == ["2026", "Q1", "2026", "Q2", "2026", "Q3", "2026", "Q4", "2026"]
    revenue = next(line for line in done.stdout.splitlines() if line.strip().startswith("Revenue"))
    *quarters, year = (float(cell.replace(",", "")) for cell in revenue.split()[1:])
    assert abs(sum(quarters) - year) <= 2


def test_the_head_says_what_is_sourced():
    done = run("CoreWeave", "--statement", "income")
    assert "sourced: " in done.stdout and "numbers of the opening" in done.stdout


def test_files_hold_every_line_in_usd():
    done = run("Meta", "--annual", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["statement"] for row in rows} == {"income", "cash", "balance", "debt", "metrics"}
    at = {(row["statement"], row["line"]): row for row in rows}
    assets, owed, equity = (float(at["balance", k]["2027"]) for k in ("assets", "liabilities", "equity"))
    assert abs(assets - owed - equity) <= 0.005
    assert float(at["balance", "cash"]["2025-12-31"]) == catalog.value("statements", "Meta", "cash_usd")
    found = json.loads(run("Meta", "--statement", "stress", "--format", "json").stdout)
    assert found[0]["name"] == "plan" and found[0]["gap_quarter"] is None


def test_another_life_of_chips_is_set_against_the_reported_one():
    done = run("Meta", "--annual", "--chip-life", "4", "--statement", "income")
    assert "over 4 years instead of 5.5 as reported" in done.stdout
    assert "Effect of 4 years, not 5.5" in done.stdout


def test_a_stress_is_told_and_names_the_first_gap():
    done = run("CoreWeave", "--stress", "revenue=-20%,rates=+2%,default=Microsoft,refinancing=closed,from=2026Q3")
    assert done.exit_code == 0, done.output
    assert "first gap: 2026 Q3" in done.stdout


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("corewave",), "did you mean 'CoreWeave'"),
        (("CoreWeave", "--stress", "revenu=-20%"), "did you mean 'revenue'"),
        (("CoreWeave", "--stress", "revenue=-200%"), "from -100%"),
        (("CoreWeave", "--stress", "rates=high"), "not a number"),
        (("CoreWeave", "--stress", "default=OpenIA"), "did you mean 'OpenAI'"),
        (("CoreWeave", "--stress", "from=2025Q1"), "the first quarter is 2026Q1"),
        (("CoreWeave", "--stress", "from=soon"), "wants a quarter"),
        (("CoreWeave", "--stress", "refinancing=open"), "only `closed`"),
        (("CoreWeave", "--quarters", "0"), "1 to 80"),
        (("CoreWeave", "--chip-life", "0"), "above 0"),
        (("CoreWeave", "--run", "latest", "--chip-life", "4"), "leave out"),
        (("--run", "latest"), "say which company"),
    ],
)
def test_mistakes_are_answered_with_what_is_allowed(args, why):
    done = run(*args)
    assert done.exit_code != 0
    assert why in " ".join(done.output.split())


def test_the_inputs_are_told_with_their_sources():
    done = run("CoreWeave", "--statement", "inputs", "--format", "csv")
    rows = {row["input"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert rows["rpo_usd"]["source"] == "nasdaq-coreweaves-668b-backlog-boosts"
    assert rows["rpo_usd"]["table"] == "facts" and float(rows["rpo_usd"]["value"]) == 66.8e9
    assert rows["growth.2026"]["confidence"] == "own-estimate" and rows["growth.2026"]["note"]
