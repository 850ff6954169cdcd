"""`gigawatt buildout`: the group and `schedule`: tables, files that parse back, charts, and messages for mistakes."""

import csv
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date

import duckdb
import pytest
from typer.testing import CliRunner

from gigawatt.buildout.events import simulate
from gigawatt.buildout.outcome import date_of, quantiles
from gigawatt.buildout.portfolio_csv import read_portfolio
from gigawatt.cli.app import app
from gigawatt.cli.buildout_lines import before_due, brief
from gigawatt.cli.running import example

SCHEDULE = ("buildout", "schedule")
FEW = ("--draws", "40")
NAMES = ("Mesa One", "Prairie", "Bayou", "Cascade", "Fjord", "Dune")


def run(*args):
    return CliRunner().invoke(app, list(args))


def rows(done):
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.fixture(scope="module")
def plain():
    return run(*SCHEDULE, "portfolio", *FEW)


def test_the_group_alone_prints_its_help():
    done = run("buildout")
    assert "Usage" in done.output and "schedule" in done.output and "when" in done.output


def test_help_imports_no_numpy():
    code = "import sys; from gigawatt.cli import main; sys.argv = ['gigawatt', 'buildout', 'schedule', '--help']\n"
    code += "try: main()\nexcept SystemExit: pass\nassert 'numpy' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "gigawatt buildout schedule portfolio" in done.stdout


def test_a_schedule_tells_dates_causes_and_power_by_year(plain):
    assert plain.exit_code == 0, plain.output
    for said in (
        "6 projects", "beside 300 MW that are up", "event simulation, 40 draws, seed 1", "first or next power P50",
        "MW to build", "full power P10", "held by", "weeks before due", "what holds the portfolio", "GW-weeks waited",
        "power up at the end of the year", *NAMES,
    ):  # fmt: skip
        assert said in plain.stdout, said


def test_what_is_printed_is_what_the_simulation_finds():
    outcome = simulate(replace(read_portfolio(example("portfolio", ".csv")), one_buyer=True), draws=40)
    full = quantiles(outcome.project_finish())
    found = rows(run(*SCHEDULE, "portfolio", *FEW, "-f", "csv"))
    assert [row["project"] for row in found] == list(NAMES)
    for p, row in enumerate(found):
        assert [row[key] for key in ("p10", "p50", "p90")] == [str(date_of(outcome.plan, week)) for week in full[:, p]]


def test_the_same_seed_gives_the_same_and_another_does_not():
    again = [run(*SCHEDULE, "portfolio", *FEW, "--seed", seed, "-f", "csv").stdout for seed in ("1", "1", "2")]
    assert again[0] == again[1] != again[2]


def test_tasks_of_one_project_or_of_all():
    own = rows(run(*SCHEDULE, "portfolio", *FEW, "--project", "Fjord", "-f", "csv"))
    every = rows(run(*SCHEDULE, "portfolio", *FEW, "--tasks", "-f", "csv"))
    assert {row["project"] for row in own} == {"Fjord"}
    assert [row for row in every if row["project"] == "Fjord"] == own
    assert {"stage", "begin", "p50", "cause", "critical", "float_weeks"} <= set(own[0])
    assert "% critical" in run(*SCHEDULE, "portfolio", *FEW, "--project", "Fjord").stdout


def test_files_of_every_format_hold_the_same(tmp_path):
    files = {kind: tmp_path / f"dates.{kind}" for kind in ("csv", "json", "parquet")}
    for path in files.values():
        assert run(*SCHEDULE, "portfolio", *FEW, "--out", str(path)).exit_code == 0
    table = list(csv.DictReader(files["csv"].open()))
    listed = json.loads(files["json"].read_text())
    stored = duckdb.sql(f"select project, p50 from '{files['parquet']}'").fetchall()
    assert [row["p50"] for row in table] == [row["p50"] for row in listed] == [str(day) for _, day in stored]


def test_the_workbook_holds_a_sheet_for_each_part(tmp_path):
    path = tmp_path / "plan.xlsx"
    assert run(*SCHEDULE, "portfolio", *FEW, "--out", str(path)).exit_code == 0
    with zipfile.ZipFile(path) as book:
        names = book.read("xl/workbook.xml").decode()
    assert all(f'name="{sheet}"' in names for sheet in ("Projects", "Tasks", "Gantt", "Orders", "Assumptions"))


def test_costs_stand_against_the_plan():
    found = rows(run(*SCHEDULE, "portfolio", *FEW, "--costs", "-f", "csv"))
    assert [row["project"] for row in found] == list(NAMES)
    assert all(float(row["p10_usd"]) <= float(row["p50_usd"]) <= float(row["p90_usd"]) for row in found)
    assert all(float(row["damages_usd"]) >= 0 for row in found)
    assert "planned M$" in run(*SCHEDULE, "portfolio", *FEW, "--costs").stdout
    done = run(*SCHEDULE, "portfolio", "--costs", "--tasks")
    assert done.exit_code == 1 and "goes by itself" in done.stderr


def test_charts_are_written_by_the_end_of_their_name(tmp_path):
    for kind, begin in (("svg", "<svg"), ("html", "<!DOCTYPE html>")):
        path = tmp_path / f"plan.{kind}"
        assert run(*SCHEDULE, "portfolio", *FEW, "--gantt", str(path)).exit_code == 0
        assert path.read_text().startswith(begin)
    done = run(*SCHEDULE, "portfolio", *FEW, "--gantt", "plan.png")
    assert done.exit_code == 1 and "end its name in .html or .svg" in done.output


def test_medians_alone_take_no_draws():
    done = run(*SCHEDULE, "portfolio", "--draws", "0")
    assert "all at medians, no shocks" in done.stdout


def test_the_fluid_engine_comes_close_at_medians():
    medians = (*SCHEDULE, "portfolio", "--draws", "0", "-f", "csv")
    exact, weekly = (rows(run(*medians, "--engine", engine)) for engine in ("events", "fluid"))
    apart = [date.fromisoformat(a["p50"]) - date.fromisoformat(b["p50"]) for a, b in zip(exact, weekly, strict=True)]
    assert max(abs(each.days) for each in apart) < 60


def test_more_supply_is_never_later_at_medians():
    plain, more = (
        rows(run(*SCHEDULE, "portfolio", "--draws", "0", "-f", "csv", *given))
        for given in ((), ("--supply", "gas_turbines=3,power_transformers=200%,electricians=2"))
    )
    assert all(after["p50"] <= before["p50"] for before, after in zip(plain, more, strict=True))


def test_all_builders_get_more_than_one_buyer_does():
    one, every = (
        rows(run(*SCHEDULE, "portfolio", "--draws", "0", "--buyer", buyer, "-f", "csv")) for buyer in ("one", "all")
    )
    assert all(after["p50"] <= before["p50"] for before, after in zip(one, every, strict=True))
    assert "; one buyer;" in run(*SCHEDULE, "portfolio", "--draws", "0").stdout
    assert "; all builders;" in run(*SCHEDULE, "catalog", "--draws", "0").stdout


def test_a_start_moves_the_plan(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("name,region,mw,start\nMesa,us_tx,100,2027-01-04\n")
    done = run(*SCHEDULE, str(path), "--start", "2027-01-04", *FEW)
    assert done.exit_code == 0 and "1 project, 100 MW to build, from 2027-01-04" in done.stdout


def test_the_catalog_is_followed_from_its_own_day_and_told_from_another():
    whole, later = (
        {row["project"]: row for row in rows(run(*SCHEDULE, "catalog", "--draws", "0", "-f", "csv", *more))}
        for more in ((), ("--start", "2028-01"))
    )
    assert len(later) < len(whole) and all(row == whole[name] for name, row in later.items())
    assert {row["p90"] >= "2028-01" for row in later.values()} == {True}
    table = run(*SCHEDULE, "catalog", "--draws", "0", "--start", "2028-01").stdout
    assert "\n 2028 " in table and "\n 2027 " not in table
    early = run(*SCHEDULE, "catalog", "--start", "2025-06")
    assert early.exit_code and "stood on 2026-01-05; not before that" in early.output


def test_the_catalog_is_a_portfolio():
    done = run(*SCHEDULE, "catalog", "--draws", "0", "-f", "csv")
    assert len(rows(done)) > 20 and "Colossus 1" in done.stderr


def test_mistakes_of_a_file_come_all_at_once_with_exit_2(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("name,regoin,mw,start,stage\nMesa,us_tx,100,2020,\n")
    done = run(*SCHEDULE, str(path))
    assert done.exit_code == 2
    assert f"{path}:1:6: regoin: unknown column" in done.stderr and "did you mean region?" in done.stderr
    path.write_text("name,region,mw,start\nMesa,us_tx,100,2020\nMesa,us_t,-1,soon\n")
    done = run(*SCHEDULE, str(path))
    assert done.exit_code == 2 and "5 mistakes" in done.stderr and "before the plan" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("portfolo",), "did you mean 'portfolio'?"), (("portfolio", "--draws", "-1"), "at least 0"),
        (("portfolio", "--project", "Mesa"), "unknown 'Mesa'"), (("portfolio", "--supply", "turbines=2"), "unknown"),
        (("portfolio", "--supply", "gas_turbines"), "is not a name and a factor"),
        (("portfolio", "--supply", "gas_turbines=0"), "above 0"),
        (("portfolio", "--supply", "electricians=0.5"), "at least 1"),
        (("portfolio", "--start", "soon"), "is not a date"), (("portfolio", "-f", "parquet"), "--out FILE.parquet"),
        (("portfolio", "--exact", "--seconds", "0"), "above 0"),
        (("portfolio", "--start", "2027-01"), "Leave --start out, or copy"),
        (("portfolio", "--out", "x.foo"), "unknown ending"), (("portfolio", "--out", "x.html"), "drawn by --gantt"),
        (("portfolio", "-f", "parquet", "--out", "x.csv"), "contradict"),
        (("portfolio", "-f", "csv", "--out", "x.xlsx"), "contradict"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(given, said):
    done = run(*SCHEDULE, *given)
    assert done.exit_code == 1 and said in done.stderr, done.output


@pytest.mark.peers
@pytest.mark.skipif(importlib.util.find_spec("ortools") is None, reason="needs the extra schedule")
def test_the_exact_schedule_stands_beside_and_is_no_later_by_its_measure():
    found = rows(run(*SCHEDULE, "portfolio", "--draws", "0", "--exact", "--seconds", "5", "-f", "csv"))
    assert all(row["at_medians"] == row["p50"] and row["best_at_medians"] for row in found)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_tables_keep_to_the_width_there_is(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    for more in ((), ("--tasks",), ("--costs",)):
        done = run(*SCHEDULE, "portfolio", "--draws", "0", *more)
        _, *table = done.stdout.splitlines()
        assert max(map(len, table)) <= max(width, 102), more  # of a title
        assert "Mesa One" in done.stdout and ("P50" in done.stdout)


def test_a_slip_of_a_day_is_seen_and_late_is_negative():
    row = {"float_weeks": 0.0, "delay_weeks": 0.3}
    assert before_due(row) == -0.3 and before_due({"float_weeks": 0.0, "delay_weeks": float("inf")}) == "never"


def test_causes_are_told_without_the_place_of_the_project_and_nations_by_their_region():
    assert brief("grid_connection in us_tx", "us_tx") == "grid_connection"
    assert brief("grid_connection in us_tx", "us_west") == "grid_connection in us_tx"
    long = "Japan, Korea, India, Singapore, Malaysia, Australia"
    assert (
        brief(f"electricians in {long}") == "electricians in asia"
        and brief(f"electricians in {long}", "asia") == "electricians"
    )
    assert (
        brief("electricians in US", "us_tx") == "electricians in US" and brief("own work: shell") == "own work: shell"
    )
