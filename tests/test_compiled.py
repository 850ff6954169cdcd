"""Kernels and records: sums in order, delays, counters in place of random numbers, and where machine code is kept."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists
from pytest import approx

from gigawatt import compiled
from gigawatt.compiled import advance, cache_directory, group_record, kernel_sources, record, total, uniform


@given(lists(floats(-1e9, 1e9), max_size=50))
def test_total_adds_in_order(values):
    added = 0.0
    for value in values:
        added += value
    assert total(np.array(values)) == added


def test_what_enters_a_delay_comes_out_in_full_after_its_weeks_on_the_mean():
    pipe, weeks, out = np.zeros(6), 78.0, []
    for week in range(2000):
        out.append(advance(pipe, 100.0 if week == 0 else 0.0, weeks))
    out = np.array(out)
    assert out.sum() == approx(100.0, rel=1e-9)
    assert (out * np.arange(2000)).sum() / out.sum() == approx(weeks, rel=1e-6)


def test_the_spread_of_a_delay_is_its_mean_over_the_root_of_its_stages():
    # Erlang: variance = mean^2 / stages; in weekly steps a stage is geometric, which takes a mean from the variance.
    pipe, weeks, stages, out = np.zeros(6), 78.0, 6, []
    for week in range(3000):
        out.append(advance(pipe, 1.0 if week == 0 else 0.0, weeks))
    out, at = np.array(out), np.arange(3000)
    mean = (out * at).sum()
    assert (out * (at - mean) ** 2).sum() == approx(weeks**2 / stages - weeks, rel=1e-6)


@given(lists(floats(0, 1e6), min_size=1, max_size=60), floats(1, 200), integers(1, 8))
def test_a_delay_loses_and_makes_nothing(arriving, weeks, stages):
    pipe, left = np.zeros(stages), 0.0
    for amount in arriving:
        left += advance(pipe, amount, weeks)
    assert (pipe >= -1e-9).all()
    assert left + pipe.sum() == approx(sum(arriving), rel=1e-9, abs=1e-6)


def test_a_delay_shorter_than_its_stages_moves_one_stage_a_week():
    pipe = np.zeros(4)
    assert [advance(pipe, a, 0.5) for a in (1.0, 0.0, 0.0, 0.0, 0.0)] == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_a_steady_flow_comes_out_as_it_goes_in():
    pipe = np.zeros(6)
    for _ in range(3000):
        out = advance(pipe, 7.0, 78.0)
    assert out == approx(7.0) and pipe.sum() == approx(7.0 * 78.0)


@given(integers(0, 2**53), integers(0, 5000), integers(0, 63))
def test_a_number_depends_on_its_counters_only_and_is_below_one(seed, week, stream):
    drawn = uniform(seed, week, stream)
    assert 0.0 <= drawn < 1.0 and drawn == uniform(seed, week, stream)


def test_numbers_of_neighbouring_counters_are_spread_evenly_and_unrelated():
    n = 4000
    by_week, by_seed = (np.array([uniform(*pair, 0) for pair in pairs])
                        for pairs in ([(1, k) for k in range(n)], [(k, 1) for k in range(n)]))  # fmt: skip
    for drawn in (by_week, by_seed):
        assert drawn.mean() == approx(0.5, abs=4 * (1 / 12 / n) ** 0.5)  # four standard errors
        assert drawn.std() == approx((1 / 12) ** 0.5, rel=0.03)
        assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4 / n**0.5
        assert len(set(drawn)) == n
    assert abs(np.corrcoef(by_week, by_seed)[0, 1]) < 4 / n**0.5


def test_streams_of_one_week_differ():
    assert len({uniform(1, 10, stream) for stream in range(64)}) == 64


def test_a_record_has_a_shape_for_every_letter():
    made = record({"share": ("SC", "share"), "rent": ("", "rent")}, {"S": 4, "C": 16})
    assert made["share"].shape == (4, 16) and made["rent"].shape == ()


def test_a_group_record_nests_its_groups():
    made = group_record({"a": {"x": ("C", "")}, "b": {"y": ("", "")}}, {"C": 2})
    assert made.names == ("a", "b") and made["a"]["x"].shape == (2,) and made.itemsize == 24


def test_every_dimension_of_the_state_has_a_name():
    from gigawatt.world.state import STATE, TABLES

    described = [dims for groups in (STATE, TABLES) for fields in groups.values() for dims, _ in fields.values()]
    assert set("".join(described)) <= set(compiled.DIMENSIONS)


def test_every_file_with_a_kernel_counts_for_the_place_of_the_machine_code():
    from pathlib import Path

    package = Path(compiled.__file__).parent
    marks = ("@kernel", "@woven", "@intrinsic")
    marked = {path for path in package.rglob("*.py") if any(mark in path.read_text() for mark in marks)}
    assert marked <= set(kernel_sources())


def test_kernels_use_no_linear_algebra_that_would_need_scipy():
    # Numba takes `@` and np.linalg from SciPy, which the core does not install.
    def asks(node):
        product = isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)
        return product or (isinstance(node, ast.Attribute) and node.attr in {"linalg", "dot", "vdot", "matmul"})

    found = [
        f"{path.name}:{function.name}"
        for path in kernel_sources()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and any("kernel" in ast.dump(d) for d in function.decorator_list)
        if any(asks(node) for node in ast.walk(function))
    ]
    assert found == []


def test_a_change_in_a_kernel_source_moves_the_machine_code(tmp_path, monkeypatch):
    source = tmp_path / "weekly.py"
    source.write_text("x = 1\n")
    monkeypatch.setattr(compiled, "kernel_sources", lambda: [source])
    before = cache_directory()
    source.write_text("x = 2\n")
    assert cache_directory() != before


@pytest.mark.parametrize("variable", ["GIGAWATT_CACHE", "XDG_CACHE_HOME"])
def test_the_cache_may_be_put_elsewhere(variable, tmp_path, monkeypatch):
    monkeypatch.delenv("GIGAWATT_CACHE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    assert cache_directory().parent == tmp_path / "gigawatt"
