"""Runs on disk: what is saved loads back equal, and nothing half-written looks whole."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigawatt import store
from gigawatt.errors import GigawattError
from gigawatt.results import Results, Table
from tests.fake_results import fake_results

INTEGERS, TEXTS = st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"]))
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Merged:
    """Stands for a Scenario: the store asks for no more."""

    seed: int = 7
    data: dict[str, Any] = field(default_factory=lambda: {"name": "stargate", "programme": {"budget_usd": 1e12}})

    def merged(self) -> dict[str, Any]:
        return self.data


@pytest.fixture
def results() -> Results:
    return fake_results(30)


def digests(run: Path) -> dict[str, str]:
    return {name: entry["sha256"] for name, entry in store.read_manifest(run)["files"].items()}


def test_saved_run_loads_back_equal(results, tmp_path):
    run = store.save(results, Merged(), tmp_path)
    assert run == tmp_path / "stargate-5ce4a710"
    loaded = store.load(run)
    assert loaded == results
    assert loaded.manifest == results.manifest
    assert store.merged_scenario(run) == Merged().data


def test_missing_dates_numbers_and_empty_text_load_back(tmp_path):
    dates = np.array(["2026-01-05", "NaT"], "datetime64[D]")
    columns = {"date": dates, "s": ["", "ü 'q' \"d\""], "x": [np.nan, np.inf],
               "b": [True, False], "i": [-(2**62), 5]}  # fmt: skip
    table = Table("odd", columns)
    store.write_parquet(table, tmp_path / "it's.parquet")
    assert store.read_parquet("odd", tmp_path / "it's.parquet") == table


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.floats(), INTEGERS, TEXTS, st.booleans(), st.dates())))
def test_any_table_loads_back_equal(rows, tmp_path):
    kinds = {"x": "float", "i": "int", "s": "text", "b": "bool", "d": "date"}
    table = Table.from_rows("any", [dict(zip(kinds, row, strict=True)) for row in rows], kinds)
    store.write_parquet(table, tmp_path / "any.parquet")
    assert store.read_parquet("any", tmp_path / "any.parquet") == table


def test_same_results_give_the_same_bytes(results, tmp_path):
    one, two = (store.save(results, Merged(), tmp_path / name) for name in "ab")
    assert digests(one) == digests(two)
    assert (one / "manifest.json").read_bytes() == (two / "manifest.json").read_bytes()


def test_manifest_tells_hash_seed_versions_and_rows(results, tmp_path):
    manifest = store.read_manifest(store.save(results, Merged(), tmp_path))
    assert manifest["hash"] == results.hash and manifest["seed"] == 7
    assert {"python", "numpy", "duckdb"} <= manifest["versions"].keys()
    assert manifest["tables"]["prices"]["rows"] == 30
    assert json.dumps(manifest, allow_nan=False)


def test_a_save_and_a_load_each_open_one_database(results, tmp_path, monkeypatch):
    opened, opens = [], duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *args, **options: opened.append(args) or opens(*args, **options))
    run = store.save(results, Merged(), tmp_path)
    assert len(opened) == 1
    store.load(run)
    assert len(opened) == 2


def test_duckdb_reads_a_run_by_itself(results, tmp_path):
    run = store.save(results, Merged(), tmp_path)
    question = f"SELECT sum(energised_mw) / 1000 FROM '{run}/capacity.parquet' WHERE date = DATE '2026-07-27'"
    (gw,) = duckdb.execute(question).fetchone()
    assert gw == pytest.approx(results.figure("energised at the end").value)


def test_run_is_complete_only_with_its_own_hash_all_files_and_the_same_engine(results, tmp_path, monkeypatch):
    run = store.save(results, Merged(), tmp_path)
    assert store.is_complete(run, results.hash)
    assert not store.is_complete(run, "0" * 64)
    assert not store.is_complete(tmp_path / "none", results.hash)
    with monkeypatch.context() as patch:
        patch.setattr(store, "engine_hash", lambda: "another")
        assert not store.is_complete(run, results.hash)
    (run / "money.parquet").unlink()
    assert not store.is_complete(run, results.hash)


def test_damaged_run_is_refused_with_the_name_of_the_file(results, tmp_path):
    run = store.save(results, Merged(), tmp_path)
    data = bytearray((run / "prices.parquet").read_bytes())
    data[len(data) // 2] ^= 1
    (run / "prices.parquet").write_bytes(data)
    with pytest.raises(GigawattError, match=r"prices\.parquet is not what was written"):
        store.load(run)


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not JSON"), ("[]", "no list of files"), ('{"files": {}, "format": 99}', "format 99"),
     ('{"files": {}, "format": 1}', "lacks or garbles 'tables'")],
)  # fmt: skip
def test_damaged_manifest_is_refused(text, said, results, tmp_path):
    run = store.save(results, Merged(), tmp_path)
    (run / "manifest.json").write_text(text)
    with pytest.raises(GigawattError, match=said):
        store.load(run)


def test_missing_file_and_missing_run_are_refused(results, tmp_path):
    run = store.save(results, Merged(), tmp_path)
    (run / "claims.parquet").unlink()
    with pytest.raises(GigawattError, match=r"claims\.parquet is missing"):
        store.load(run)
    with pytest.raises(GigawattError, match="is not a run"):
        store.load(tmp_path / "nothing")


def test_saving_again_replaces_the_run(results, tmp_path):
    run = store.save(results, Merged(), tmp_path)
    (run / "prices.parquet").unlink()
    assert store.save(results, Merged(), tmp_path) == run
    assert store.load(run) == results
    assert [path.name for path in tmp_path.iterdir()] == [run.name]


def test_failure_while_writing_leaves_nothing(results, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_manifest", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.save(results, Merged(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_dead_processes_are_cleaned_and_those_of_live_ones_kept(results, tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    pids = {"dead": dead.pid, "live": os.getppid()}
    names = {who: tmp_path / f".stargate-5ce4a710.partial-{pid}" for who, pid in pids.items()}
    for path in names.values():
        path.mkdir()
        (path / "prices.parquet").write_bytes(b"half")
    store.save(results, Merged(), tmp_path)
    assert not names["dead"].exists() and names["live"].exists()


SLOW_SAVE = """
import sys, time
from gigawatt import store
from tests.fake_results import fake_results
from tests.test_store import Merged
write = store.write_parquet
def slow(table, *rest):
    write(table, *rest)
    print(table.name, flush=True)
    time.sleep(0.05)
store.write_parquet = slow
store.save(fake_results(30), Merged(), sys.argv[1])
"""


def stopped_save(root: Path, how: signal.Signals, after_tables: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", SLOW_SAVE, str(root)], cwd=ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)  # fmt: skip
    for _ in range(after_tables):
        process.stdout.readline()
    process.send_signal(how)
    process.wait(timeout=20)


@pytest.mark.parametrize("after_tables", [1, 9])
def test_ctrl_c_leaves_nothing(tmp_path, after_tables):
    stopped_save(tmp_path, signal.SIGINT, after_tables)
    assert list(tmp_path.iterdir()) == []


def test_killed_save_leaves_nothing_that_looks_whole_and_the_next_one_cleans_up(results, tmp_path):
    stopped_save(tmp_path, signal.SIGKILL, 5)
    assert len(list(tmp_path.iterdir())) == 1
    assert store.list_runs(tmp_path) == []
    assert not store.is_complete(store.run_directory(tmp_path, "stargate", results.hash), results.hash)
    run = store.save(results, Merged(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [run.name]


def test_runs_are_found_by_path_name_hash_or_latest(results, tmp_path):
    first = store.save(results, Merged(), tmp_path)
    time.sleep(0.01)
    second = store.save(replace(results, hash="abcd" * 16), Merged(), tmp_path)
    for run in (first, first.name, "5ce4", "stargate-5c"):
        assert store.find(run, tmp_path) == first
    assert store.find("latest", tmp_path) == second
    with pytest.raises(GigawattError, match=r"2 runs are called 'stargate' .*: stargate-abcdabcd, stargate-5ce4"):
        store.find("stargate", tmp_path)
    with pytest.raises(GigawattError, match="did you mean stargate-5ce4a710"):
        store.find("stargat-5ce4a710", tmp_path)


def test_no_runs_at_all_is_said(tmp_path):
    with pytest.raises(GigawattError, match="no runs in .* yet; `gigawatt run` makes one"):
        store.find("latest", tmp_path)


def test_names_of_scenarios_become_names_of_directories():
    assert store.run_directory("runs", "../a b/ü:c", "0123456789").name == "a-b-c-01234567"
    assert store.run_directory("runs", "...", "0123456789").name == "run-01234567"


def test_copied_run_can_be_read_elsewhere(results, tmp_path):
    run = store.save(results, Merged(), tmp_path / "here")
    shutil.copytree(run, tmp_path / "there")
    assert store.load(tmp_path / "there") == results
