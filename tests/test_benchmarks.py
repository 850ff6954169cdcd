"""The benchmarks run and print what they promise; the README tells what the standing example tells."""

import json
import re
import shutil
from pathlib import Path

import pytest

from benchmarks import finance_irr, picture, power, run
from benchmarks.measuring import ROOT, Measure

EXACT = {"balance", "same bytes", "help"}  # subjects whose targets do not hang on how busy the machine is


@pytest.fixture(scope="module")
def small():
    """The small case of everything that does not compile or install."""
    return list(run.measures("small", ["world", "command", "core"]))


def test_the_small_case_measures_every_subject(small):
    assert {one.subject for one in small} == {"loop", "balance", "run", "same bytes", "help", "install"}
    assert all(one.value >= 0 for one in small)


def test_ledgers_balance_bytes_are_the_same_and_help_is_quick(small):
    assert {one.name: one.value for one in small if one.subject in EXACT and one.verdict != "met"} == {}


def test_supplies_are_sized_to_the_gap_and_dispatched_at_the_cost_of_the_program(capsys):
    found = {one.name: one for one in run.measures("small", ["power"])}
    exact = [one for name, one in found.items() if "gap" in name or "linear program" in name]
    assert len(exact) == 2 and all(one.verdict == "met" for one in exact)
    power.main(["--only", "ours", "usual", "1", "72"])
    power.main(["--only", "HiGHS", "usual", "1", "72"])
    ours, by_program = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert by_program["usd"] * (1 - 1e-9) <= ours["usd"] <= by_program["usd"] * (1 + power.TOLERANCE)


def test_projects_are_worked_out_by_draws_and_one_by_one():
    names = [one.name for one in run.measures("small", ["finance"])]
    assert {"one draw, all answers", "one case, monthly for 30 years"} <= set(names)


def test_clearings_and_loops_are_measured_and_every_clearing_is_proved():
    found = list(run.measures("small", ["deals"]))
    assert {one.verdict for one in found if one.name.startswith("residual")} == {"met"}
    assert any("27754" in one.name for one in found)
    assert len({one.name for one in found}) == len(found)


def test_rates_of_return_of_hard_streams_are_neither_false_nor_missed():
    ours = finance_irr.judged(200, finance_irr.all_roots)
    none = finance_irr.judged(200, lambda flows: [])
    assert ours["false"] == ours["missed"] == none["false"] == 0 < none["missed"]


@pytest.mark.parametrize("how", ["table", "json", "csv"])
def test_every_measure_stands_in_every_format(small, how, capsys):
    run.show(small, how)
    printed = capsys.readouterr().out
    assert all(one.name in printed for one in small)
    if how == "json":
        told = json.loads(printed)
        assert len(told["measures"]) == len(small) and "numba" in told["machine"]


def test_a_measure_above_its_limit_has_missed_it():
    kept = Measure(subject="run", name="wall", value=3.0, unit="s", limit=3)
    late = Measure(subject="run", name="wall", value=3.1, unit="s", limit=3)
    assert (kept.verdict, late.verdict) == ("met", "missed")


def test_the_readme_tells_what_the_run_tells(tmp_path):
    stands = picture.BLOCK.search(picture.README.read_text(encoding="utf-8"))
    told = picture.answer(tmp_path).splitlines()
    changed = [line for line in told if stands is None or line not in stands[0].splitlines()]
    assert changed == [], "the answer has changed: python3 dev.py picture"


def test_pictures_and_pages_that_the_readme_names_are_there():
    named = re.findall(r"\]\((?!https?:)([^)#]+)\)", picture.README.read_text(encoding="utf-8"))
    assert {name for name in named if not (ROOT / name).exists()} == set()
    assert picture.PICTURE.stat().st_size < 300_000


@pytest.mark.skipif(not any(map(shutil.which, picture.BROWSERS)), reason="needs Chromium")
def test_a_report_is_drawn(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text("<h1>gigawatt</h1>")
    picture.draw(page, tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
