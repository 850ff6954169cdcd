"""The call is the interface: a stage changes the groups that it names, which stand first among its arguments."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest

from gigawatt.world.state import STATE
from tests.world.runs import after, copied, record, run_stage, stages, step_module

STAGES = stages()
WEEKS = (0, 60, 150, 400)
MOST_ARGUMENTS = 12


def plain(name):
    """The Python function behind a stage."""
    function = getattr(step_module, name)
    return getattr(function, "py_func", function)


def named(name):
    """Groups that the docstring of a stage says it changes."""
    text = re.sub(r"\s+", " ", inspect.getdoc(plain(name)))
    return re.search(r"Changes: ([a-z, ]+)\.", text).group(1).split(", ")


def groups(call):
    """Groups of the state that a call passes, in order."""
    return [ast.unparse(arg)[2:] for arg in call.args if ast.unparse(arg).startswith("w.")]


def changed(call, week, w, run):
    """Groups whose bytes differ after a stage has run alone."""
    before = {group: w[group].tobytes() for group in STATE}
    run_stage(call, week, w, run.parameters, run.tables)
    return {group for group in STATE if w[group].tobytes() != before[group]}


def test_step_is_one_screen_of_calls_and_nothing_else():
    body = ast.parse(inspect.getsource(step_module.step.py_func)).body[0].body
    assert len(body) < 40
    assert all(isinstance(node, ast.Expr) for node in body)
    assert len(STAGES) == len(body) - 1  # the docstring


@pytest.mark.parametrize(("name", "call"), STAGES, ids=[name for name, _ in STAGES])
def test_the_first_groups_of_a_call_are_those_that_the_stage_says_it_changes(name, call):
    assert groups(call)[: len(named(name))] == named(name)


@pytest.mark.parametrize(("name", "call"), STAGES, ids=[name for name, _ in STAGES])
def test_every_argument_of_a_call_has_the_name_of_its_group(name, call):
    parameters = list(inspect.signature(plain(name)).parameters)
    assert len(parameters) == len(call.args) <= MOST_ARGUMENTS
    for parameter, arg in zip(parameters, map(ast.unparse, call.args), strict=True):
        assert not arg.startswith("w.") or arg == f"w.{parameter}"


@pytest.mark.parametrize("example", ["stargate", "one-campus", "telecom-1999"])
def test_no_stage_changes_a_group_that_it_does_not_name(example):
    run = record(example)
    for week in (week for week in WEEKS if week < len(run.history) - 1):
        w = after(run, week)
        for name, call in STAGES:
            assert changed(call, week + 1, w, run) <= set(named(name)), f"{name}, week {week + 1}"
        assert w.tobytes() == run.history[week + 1].tobytes(), "the stages one by one make the week"


@pytest.mark.parametrize(("name", "call"), STAGES, ids=[name for name, _ in STAGES])
def test_a_stage_alone_on_any_state_changes_only_what_it_names(name, call):
    run = record("stargate")
    for week in WEEKS:
        assert changed(call, week, after(run, week), run) <= set(named(name))


def test_no_stage_changes_tables_or_parameters():
    run = record("stargate")
    p, t, w = copied(run.parameters), copied(run.tables), after(run, 150)
    for _, call in STAGES:
        run_stage(call, 151, w, p, t)
    assert p.tobytes() == run.parameters.tobytes() and t.tobytes() == run.tables.tobytes()


def test_no_stage_calls_another():
    known = {name for name, _ in STAGES}
    for name, _ in STAGES:
        module = importlib.import_module(plain(name).__module__)
        called = {node.func.id for node in ast.walk(ast.parse(inspect.getsource(module)))
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
        assert not called & known, f"{module.__name__} calls {called & known}"


def test_finance_comes_after_every_other_payment():
    order = [name for name, _ in STAGES]
    assert order[0] == "open_week" and order[-2:] == ["finance", "ledgers"]


def test_every_group_of_the_state_is_changed_by_some_stage_of_a_run():
    run, moved = record("stargate"), set()
    w = after(run, 100)
    for _, call in STAGES:
        moved |= changed(call, 101, w, run)
    assert moved | {"climate"} >= set(STATE) - {"error"}
