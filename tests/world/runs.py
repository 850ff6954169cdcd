"""Runs that the tests of the world share: each scenario is run once, and all in one size class, compiled once."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from gigawatt.scenario import Scenario, load
from gigawatt.world import state
from gigawatt.world.names import Names
from gigawatt.world.record import Record
from gigawatt.world.simulation import prepare, simulate
from gigawatt.world.step import run as run_weeks
from gigawatt.world.step import step

step_module = sys.modules["gigawatt.world.step"]  # the package has a function of this name, too
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SEED = 1


@cache
def stargate_classes() -> dict[str, tuple[int, ...]]:
    """The size classes of the stargate run, and no smaller ones, so that every example shares its machine code."""
    _, _, t, w = prepare(scenario("stargate"))
    size = {"C": t.company.is_lab.shape[0], "Z": t.site.owner.shape[0], "R": t.region.reference_mw.shape[0],
            "F": t.family.maker.shape[0], "K": t.chip.family.shape[0], "S": t.segment.potential_m.shape[0],
            "T": t.tier.ktokens_out.shape[0], "M": t.mission.floor.shape[0], "N": t.supply.kind.shape[0],
            "D": t.deal.kind.shape[0], "X": t.shock.kind.shape[0], "Q": t.programme.mw_per_week.shape[0]}  # fmt: skip
    assert size["C"] * state.ENTRIES_PER_COMPANY == len(w.books.journal_usd)
    return {dim: tuple(c for c in classes if c >= size[dim]) for dim, classes in state.CLASSES.items()}


@contextmanager
def one_class() -> Iterator[None]:
    """Within it, every run is padded to the size class of the stargate run."""
    before, wide = state.CLASSES, stargate_classes()
    state.CLASSES = wide
    try:
        yield
    finally:
        state.CLASSES = before


@lru_cache(maxsize=256)
def scenario(name: str, *sets: str, variant: str | None = None) -> Scenario:
    """An example with some values set."""
    return load(EXAMPLES / f"{name}.yaml", variant, sets)


@lru_cache(maxsize=6)
def record(name: str, *sets: str, variant: str | None = None) -> Record:
    """A whole run of an example."""
    with one_class():
        return simulate(scenario(name, *sets, variant=variant))


def record_of(text: str, *sets: str) -> Record:
    """A whole run of a scenario given as text."""
    with one_class():
        return simulate(load(text, None, sets))


def prepared(name: str, *sets: str) -> tuple[Names, Any, Any, Any]:
    """Names, parameters, tables and opening state of an example."""
    with one_class():
        return prepare(scenario(name, *sets))


def after(run: Record, week: int) -> Any:
    """A copy of the state at the end of a week."""
    return run.history[week : week + 1].copy().view(np.recarray)[0]


def copied(w: Any) -> Any:
    """A copy of a state, table or parameter record."""
    out = np.zeros(1, w.dtype)
    out[0] = w
    return out.view(np.recarray)[0]


def weeks_on(w: Any, p: Any, t: Any, first: int, weeks: int = 1) -> Any:
    """The state some weeks later; the given one stays as it is."""
    out = copied(w)
    run_weeks(out, p, t, first, weeks, SEED, np.zeros(0, out.dtype).view(np.recarray))
    return out


def next_week(run: Record, week: int, change: Callable[[Any, Any, Any], None] = lambda w, p, t: None) -> Any:
    """The state after one more week, from the end of `week`, with `change(w, p, t)` made to copies before it."""
    w, p, t = after(run, week), copied(run.parameters), copied(run.tables)
    change(w, p, t)
    return weeks_on(w, p, t, week + 1)


@cache
def stages() -> list[tuple[str, ast.Call]]:
    """The calls of `step` in their order, by the name of the stage."""
    tree = ast.parse(inspect.getsource(step.py_func if hasattr(step, "py_func") else step))
    lines = [node.value for node in tree.body[0].body if isinstance(node, ast.Expr)]
    return [(line.func.id, line) for line in lines if isinstance(line, ast.Call)]


def run_stage(call: ast.Call, week: int, w: Any, p: Any, t: Any) -> None:
    """One stage alone, with the arguments that `step` gives it."""
    given = {**vars(step_module), "week": week, "seed": SEED, "w": w, "p": p, "t": t}
    eval(compile(ast.Expression(call), "step", "eval"), given)  # text of our own step.py


def week_without_ledgers(run: Record, week: int) -> Any:
    """The state of week `week + 1` when every stage but the last, the ledgers, has run."""
    w = after(run, week)
    for name, call in stages():
        if name != "ledgers":
            run_stage(call, week + 1, w, run.parameters, run.tables)
    return w
