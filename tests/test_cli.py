"""The command line: exit codes, formats that parse back, and messages instead of tracebacks."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

import gigawatt.report
import gigawatt.scenario
import gigawatt.world
from gigawatt import store
from gigawatt.cli import running
from gigawatt.cli.app import app
from gigawatt.cli.output import Format, as_text, cell
from gigawatt.cli.progress import ProgressLine
from gigawatt.errors import GigawattError, Mistake, ScenarioError
from gigawatt.results import Table
from tests.fake_results import fake_results
from tests.test_store import Merged

ROOT = Path(__file__).parents[1]
RUN = fake_results(30)
COMMANDS = "run demo check init catalog compare explain claims schema report sources inference training".split()


@dataclass(frozen=True)
class FakeScenario(Merged):
    name: str = "stargate"
    hash: str = RUN.hash
    weeks: int = 30
    start: date = date(2026, 1, 5)
    companies: tuple = ()
    sites: tuple = ()
    deals: tuple = ()


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Calls a command in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(app, list(args))


@pytest.fixture
def world(monkeypatch):
    """Made-up scenarios, world and report in place of the real ones; notes the calls."""
    calls = []

    def load(path, scenario=None, sets=()):
        calls.append(("load", Path(path).name, scenario, tuple(sets)))
        return FakeScenario()

    def run(scenario, progress=None):
        calls.append(("run",))
        progress("week 1 of 30", 0.5)
        return RUN

    def write_html(results, path):
        calls.append(("report",))
        Path(path).write_text("<html>")

    monkeypatch.setattr(gigawatt.scenario, "load", load)
    monkeypatch.setitem(vars(gigawatt.world), "run", run)
    monkeypatch.setattr(gigawatt.report, "write_html", write_html)
    return calls


@pytest.fixture
def runs(cli):
    """Two saved runs under runs/."""
    one = store.save(RUN, Merged(), "runs")
    time.sleep(0.01)
    figures = [replace(figure, value=figure.value * 2) for figure in RUN.figures]
    return one, store.save(replace(RUN, hash="b" * 64, figures=figures), Merged(seed=8), "runs")


def test_help_costs_little_and_imports_no_numpy():
    code = (
        "import sys, time, resource\n"
        "from gigawatt.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = [n for n in ('numpy', 'numba', 'pydantic', 'rich', 'duckdb') if n in sys.modules]\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(heavy, used.ru_utime + used.ru_stime)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy, seconds = done.stdout.splitlines()[-1].rsplit(" ", 1)
    assert heavy == "[]"
    assert float(seconds) <= 0.3


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli, command):
    done = cli(command, "--help")
    assert done.exit_code == 0 and "Usage" in done.stdout


def test_run_prints_figures_checks_claims_and_where_everything_is(cli, world):
    done = cli("run")
    assert done.exit_code == 0, done.output
    for text in ("not reached: held by power_transformers", "ledgers  balance", "claims   1 of 2 hold",
                 "does not hold: openai", "runs/stargate-5ce4a710/report.html"):  # fmt: skip
        assert text in done.stdout
    assert "wrote runs/stargate-5ce4a710/" in done.stderr
    assert store.load("runs/stargate-5ce4a710") == RUN
    assert world == [("load", "stargate.yaml", None, ()), ("run",), ("report",)]


def test_options_of_run_reach_the_scenario(cli, world):
    cli(
        "run",
        "x.yaml",
        "--scenario",
        "stress",
        "--set",
        "finance.max_leverage=3",
        "--set",
        "weeks=4",
        "--out",
        "elsewhere",
    )
    assert world[0] == ("load", "x.yaml", "stress", ("finance.max_leverage=3", "weeks=4"))
    assert store.list_runs("elsewhere")


def test_second_run_of_the_same_hash_says_so_and_prints_the_same(cli, world):
    first, second = cli("run"), cli("run")
    assert second.stdout == first.stdout
    assert "its results are reused" in second.stderr and "found runs/stargate-5ce4a710/" in second.stderr
    assert world.count(("run",)) == 1
    assert cli("run", "--force").exit_code == 0 and world.count(("run",)) == 2


def test_damaged_run_is_run_again(cli, world):
    cli("run")
    path = Path("runs/stargate-5ce4a710/prices.parquet")
    path.write_bytes(path.read_bytes()[::-1])
    done = cli("run")
    assert done.exit_code == 0 and "running it again" in done.stderr and world.count(("run",)) == 2
    assert store.load("runs/stargate-5ce4a710") == RUN


@pytest.mark.parametrize("how", ["csv", "json"])
def test_figures_of_a_run_parse_back(cli, world, how):
    done = cli("run", "--format", how)
    rows = json.loads(done.stdout) if how == "json" else list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["figure"] for row in rows] == [figure.name for figure in RUN.figures]
    assert float(rows[2]["value"]) == 4.1e11


def test_figures_of_a_run_as_parquet_stand_in_the_run(cli, world):
    done = cli("run", "--format", "parquet")
    assert "wrote runs/stargate-5ce4a710/figures.parquet" in done.stderr
    assert len(duckdb.execute("SELECT * FROM 'runs/stargate-5ce4a710/figures.parquet'").fetchall()) == len(RUN.figures)


def test_ledger_that_does_not_balance_fails_the_run(cli, world, monkeypatch):
    checks = RUN.tables["checks"]
    broken = Table("checks", checks.columns | {"passed": checks["passed"] & (checks["ledger"] != "money")})
    bad = replace(RUN, tables=RUN.tables | {"checks": broken})
    monkeypatch.setattr(gigawatt.world, "run", lambda scenario, progress: bad)
    done = cli("run")
    assert done.exit_code == 1 and "DO NOT BALANCE: money: payments in = payments out" in done.stdout


def test_demo_tells_the_answer_who_pays_and_what_next(cli, world):
    done = cli("demo")
    assert done.exit_code == 0, done.output
    for text in ("Can they bring up a gigawatt a week", "Companies pay", "report.html", "edit one line and run again",
                 "gigawatt compare stargate-5ce4a710 latest"):  # fmt: skip
        assert text in done.stdout


def test_mistakes_in_a_scenario_are_all_printed_and_exit_with_2(cli, monkeypatch):
    mistakes = [Mistake("a.yaml", 3, 1, "weeks", "too many (got 9e9)"), Mistake("a.yaml", 1, 1, "nam", "unknown key")]

    def load(*_, **__):
        raise ScenarioError(mistakes)

    monkeypatch.setattr(gigawatt.scenario, "load", load)
    for command in ("run", "check"):
        done = cli(command, "a.yaml")
        assert done.exit_code == 2
        assert "a.yaml:1:1: nam: unknown key\na.yaml:3:1: weeks: too many (got 9e9)\n2 mistakes" in done.stderr
        assert "Traceback" not in done.output
    rows = json.loads(cli("check", "a.yaml", "--format", "json").stdout)
    assert [row["line"] for row in rows] == [1, 3]


@pytest.mark.parametrize("content", [b"\x00\xff\xfe junk", b"a: [1, 2", b"\t- x", b"", b"weeks: .nan\nweeks: 3\n"])
def test_junk_ends_in_a_message_and_not_in_a_traceback(cli, content):
    Path("junk.yaml").write_bytes(content)
    for command in ("check", "run"):
        done = cli(command, "junk.yaml")
        assert done.exit_code == 2 and "junk.yaml" in done.stderr and "Traceback" not in done.output


def test_missing_files_and_runs_are_said(cli):
    assert cli("check", "no-such.yaml").exit_code == 2
    done = cli("compare", "one", "two")
    assert done.exit_code == 1 and "no run 'one'" in done.stderr


def test_failures_say_their_message_only_and_debug_shows_the_traceback(cli, world, monkeypatch):
    def fail(*_, **__):
        raise GigawattError("the lights went out")

    monkeypatch.setattr(gigawatt.world, "run", fail)
    done = cli("run")
    assert done.exit_code == 1 and done.stderr.strip().endswith("the lights went out")
    for args in (("--debug", "run"), ("run", "--debug")):
        assert isinstance(cli(*args).exception, GigawattError)


def test_unexpected_failures_are_short_and_say_how_to_report(cli, world, monkeypatch):
    monkeypatch.setattr(gigawatt.world, "run", lambda *_, **__: {}["lost"])
    done = cli("run")
    assert done.exit_code == 1
    assert "unexpected KeyError: 'lost'" in done.stderr and "report it" in done.stderr and "--debug" in done.stderr


def test_wrong_options_exit_with_2(cli):
    for args in (("run", "--formt", "csv"), ("no-such-command",), ("check",), ("catalog", "--format", "xml")):
        done = cli(*args)
        assert done.exit_code == 2 and "Traceback" not in done.output


def test_ctrl_c_exits_with_130_and_leaves_no_run(tmp_path):
    code = (
        "import sys, time, gigawatt.scenario, gigawatt.world\n"
        "from tests.test_cli import FakeScenario\n"
        "gigawatt.scenario.load = lambda *a, **k: FakeScenario()\n"
        "def run(scenario, progress):\n"
        "    print('running', flush=True)\n"
        "    time.sleep(30)\n"
        "gigawatt.world.run = run\n"
        "sys.argv = ['gigawatt', 'run']\n"
        "from gigawatt.cli import main\n"
        "main()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    assert process.stdout.readline() == "running\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "stopped" in said and "Traceback" not in said
    assert not list(tmp_path.rglob("manifest.json"))


def test_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "gigawatt", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("gigawatt 0")


def test_compare_shows_inputs_and_figures_side_by_side(cli, runs):
    done = cli("compare", "stargate-5ce", "latest", "--table", "prices")
    assert done.exit_code == 0, done.output
    for text in (
        "inputs: stargate-5ce4a710 -> stargate-bbbbbbbb",
        "programme spending",
        "+100.0%",
        "rent_usd_per_h100e_h",
    ):
        assert text in done.stdout
    rows = json.loads(cli("compare", "stargate-5ce", "latest", "--format", "json").stdout)
    assert {"part": "figures", "name": "programme spending"}.items() <= rows[2].items()


def test_claims_of_a_run_and_further_ones_are_tried(cli, runs):
    done = cli("claims", "stargate-5ce", "--claim", "openai.market_share @ 2026-06 >= 10 %", "--format", "json")
    rows = json.loads(done.stdout)
    assert [row["holds"] for row in rows] == [False, True, True]
    done = cli("claims", "stargate-5ce", "--claim", "openai.market_shar @ 2026-06 >= 10 %")
    assert done.exit_code == 1 and "did you mean market_share" in done.stderr
    assert "lowest_cash_usd" in cli("claims", "--figures").stdout


def test_report_is_written_again(cli, runs, world):
    assert "wrote a.html" in cli("report", "stargate-5ce", "--out", "a.html").stderr
    assert Path("a.html").read_text() == "<html>"


def test_catalog_lists_tables_items_and_sources(cli):
    assert {"chips", "companies"} <= {row["table"] for row in json.loads(cli("catalog", "--format", "json").stdout)}
    rows = json.loads(
        cli("catalog", "chips", "--where", "memory_gb > 100", "--column", "memory_gb", "--format", "json").stdout
    )
    assert rows and all(row["memory_gb"] > 100 for row in rows)
    shown = json.loads(cli("catalog", "show", "gb300-nvl72", "--format", "json").stdout)
    assert all(row["source"] for row in shown)
    assert cli("catalog", "show").exit_code == 1
    unknown = cli("catalog", "show", "gb300-nvl7")
    assert unknown.exit_code == 1 and "gb300-nvl72" in unknown.stderr
    assert {"key", "licence"} <= json.loads(cli("sources", "--format", "json").stdout)[0].keys()


def test_catalog_as_csv_parquet_and_text_holds_the_same_items(cli):
    items = [row["item"] for row in csv.DictReader(io.StringIO(cli("catalog", "chips", "--format", "csv").stdout))]
    assert "wrote c.parquet" in cli("catalog", "chips", "--format", "parquet", "--out", "c.parquet").stderr
    assert [row[0] for row in duckdb.execute("SELECT item FROM 'c.parquet'").fetchall()] == items
    text = cli("catalog", "chips").stdout
    assert all(item in text for item in items)
    done = cli("catalog", "chips", "--format", "parquet")
    assert done.exit_code == 1 and "--out" in done.stderr


def test_init_writes_a_scenario_and_does_not_replace_one(cli, monkeypatch):
    monkeypatch.setattr(gigawatt.scenario, "template", lambda name: f"name: {name}\n", raising=False)
    assert cli("init", "mine.yaml").exit_code == 0
    assert Path("mine.yaml").read_text() == "name: mine\n"
    Path("mine.yaml").write_text("my own")
    refused = cli("init", "mine.yaml")
    assert refused.exit_code == 1 and "--force" in refused.stderr and Path("mine.yaml").read_text() == "my own"
    assert cli("init", "mine.yaml", "--force").exit_code == 0 and Path("mine.yaml").read_text() == "name: mine\n"


def test_examples_are_found_by_name():
    assert running.scenario_path(None).name == "stargate.yaml"
    assert running.scenario_path("one-campus") == running.example("one-campus")
    assert running.scenario_path("no-such") == Path("no-such")


def test_cells_are_written_for_people():
    assert [cell(value) for value in (None, float("nan"), True, 1234.5, 3.0, 1.5e12, "x")] == [
        "", "", "yes", "1,234.5", "3", "1.5e+12", "x"]  # fmt: skip


def test_table_of_text_is_not_cut_when_nobody_looks_at_a_terminal():
    long = "x" * 300
    assert long in as_text([{"a": long, "b": "[red]not markup[/]"}], Format.table, ["a", "b"])
    assert "[red]not markup[/]" in as_text([{"a": long, "b": "[red]not markup[/]"}], Format.table, ["a", "b"])


def test_progress_says_what_how_far_and_how_long():
    progress = ProgressLine()
    progress("week 130 of 520", 0.25)
    progress.started = time.monotonic() - 10
    assert progress.line() == "week 130 of 520 ... 10 s  25%, about 30 s left"
    progress("compiling once, cached", 0)
    assert progress.line() == "compiling once, cached ... 10 s"


def test_progress_is_silent_for_a_second_and_then_says_each_step_once(capsys, monkeypatch):
    monkeypatch.setattr("gigawatt.cli.progress.PATIENCE_S", 0.05)
    monkeypatch.setattr("gigawatt.cli.progress.TICK_S", 0.01)
    with ProgressLine("compiling once, cached"):
        pass
    assert capsys.readouterr().err == ""
    with ProgressLine("compiling once, cached"):
        time.sleep(0.3)
    assert capsys.readouterr().err.count("compiling once, cached") == 1
