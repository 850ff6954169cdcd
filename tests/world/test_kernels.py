"""Kernels know roles, counts and parameters: no names of companies, no numbers of their own, no parameter unread."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import gigawatt
from gigawatt import catalog
from gigawatt.world.state import STATE, TABLES, parameter_fields

PACKAGE = Path(gigawatt.__file__).parent
KERNEL_FILES = sorted({path for path in PACKAGE.rglob("*.py") if "@kernel" in path.read_text()})
WEEKLY = [path for path in KERNEL_FILES if path.name != "compiled.py"]
READERS = [*KERNEL_FILES, *sorted((PACKAGE / "world").glob("setup*.py")), PACKAGE / "world/opening.py"]
PLAIN_NUMBERS = {0, 1, 2, 10, 1e3, 1e6, 1e9, 1e-9}  # ten: the base of log10 FLOP; the last keeps divisions off zero
# Kernels of numerical methods: what they are set to (tolerances, rounds) is no fact about the world.
METHODS = {f"power/{name}.py" for name in ("chain", "master", "futures_kernels", "years_kernels")}
METHODS |= {
    "finance/returns/single.py",
    "finance/returns/roots.py",
    "finance/project/tape.py",
    "deals/clearing_exact.py",
    "deals/clearing_kernels.py",
    "deals/clearing_lanes.py",
}
PHYSICS = {
    "training/weekly.py": {0.989e15}, "market/weekly.py": {12}, "finance/weekly_operating.py": {12},
    "buildout/spread.py": {1.6448536269514722},  # the 95 % quantile of the standard normal distribution
}  # fmt: skip


def name_of(path):
    """A file as gigawatt/x/y.py would be named."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path):
    """The syntax of a file."""
    return ast.parse(path.read_text())


def kernels(path):
    """Functions of a file that are compiled."""
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)
            and any(isinstance(d, ast.Name) and d.id in ("kernel", "woven") for d in node.decorator_list)]  # fmt: skip


def without_docstring(function):
    """Statements of a function, its docstring left out."""
    first = function.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return function.body[1:] if documented else function.body


def numbers(function):
    """Number literals of a kernel with their lines, indices of subscripts and ranges left out."""
    found = []
    for statement in without_docstring(function):
        for node in ast.walk(statement):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                found.append((node.value, node.lineno))
    return found


@pytest.mark.parametrize("path", WEEKLY, ids=name_of)
def test_a_kernel_has_no_numbers_but_nothing_one_two_and_powers_of_a_thousand(path):
    found = [pair for function in kernels(path) for pair in numbers(function)]
    strange = [f"{value}, line {line}" for value, line in found if value not in PLAIN_NUMBERS]
    assert not strange


@pytest.mark.parametrize("path", [path for path in WEEKLY if name_of(path) not in METHODS], ids=name_of)
def test_numbers_beside_the_kernels_are_the_calendar_or_physics(path):
    """Module constants are 0, 1, 2, small indices and codes, the months of a year and the H100 by definition."""
    allowed = PLAIN_NUMBERS | PHYSICS.get(name_of(path), set())
    codes = set(range(-7, 33))
    for node in tree(path).body:
        if isinstance(node, ast.Assign):
            for inner in ast.walk(node.value):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, int | float):
                    code = isinstance(inner.value, int) and inner.value in codes
                    assert code or inner.value in allowed, f"{inner.value}, line {inner.lineno}"


@pytest.mark.parametrize("path", KERNEL_FILES, ids=name_of)
def test_a_kernel_knows_no_names(path):
    tables = ("companies", "chips", "regions", "sites", "segments", "tiers", "missions")
    known = {item.lower() for table in tables for item in catalog.items(table)}
    for function in kernels(path):
        for statement in without_docstring(function):
            for node in ast.walk(statement):
                text = isinstance(node, ast.Constant) and isinstance(node.value, str)
                name = isinstance(node, ast.Name) and node.id.lower() in known
                assert not text and not name, f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize("path", KERNEL_FILES, ids=name_of)
def test_kernels_add_in_order_so_that_plain_and_compiled_runs_agree(path):
    pairwise = {"sum", "mean", "dot", "cumsum"}
    for function in kernels(path):
        called = {node.func.attr for node in ast.walk(function)
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}  # fmt: skip
        assert not called & pairwise, f"{name_of(path)}: {function.name}: {called & pairwise}"


def test_kernels_take_exp_and_log_from_math_so_that_plain_and_compiled_runs_agree():
    numpys = [f"{name_of(path)}: {ast.unparse(node)}" for path in KERNEL_FILES for function in kernels(path)
              for node in ast.walk(function) if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np"
              and node.attr in ("exp", "log", "log10", "expm1", "log1p")]  # fmt: skip
    assert not numpys


# ------------------------------------------------------------------------------------------------- parameters


def attributes(path):
    """Every attribute and text index that a file reads."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from node.value.split(".")


def step_groups():
    """Kernels by name, and the parameter groups that reach each of their arguments, from the calls of `step` on."""
    by_name = {function.name: function for path in KERNEL_FILES for function in kernels(path)}
    reached: dict[str, dict[str, set[str]]] = {}
    done: set[str] = set()
    todo = [("step", {})]
    while todo:
        caller, known = todo.pop()
        for call in (node for node in ast.walk(by_name[caller]) if isinstance(node, ast.Call)):
            callee = by_name.get(call.func.id) if isinstance(call.func, ast.Name) else None
            if callee is None:
                continue
            passed = {}
            for arg, value in zip(callee.args.args, call.args, strict=False):
                if caller == "step" and ast.unparse(value).startswith("p."):
                    passed[arg.arg] = {ast.unparse(value)[2:]}
                elif isinstance(value, ast.Name) and value.id in known:
                    passed[arg.arg] = known[value.id]
            before = reached.setdefault(callee.name, {})
            merged = {arg: before.get(arg, set()) | passed.get(arg, set()) for arg in before | passed}
            if merged != before or callee.name not in done:
                done.add(callee.name)
                reached[callee.name] = merged
                todo.append((callee.name, merged))
    return by_name, reached


@cache
def read_by_kernels():
    """(group, field) of parameters and of tables that kernels read."""
    by_name, reached = step_groups()
    fields = set()
    for name, function in by_name.items():
        known = reached.get(name, {})
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                fields |= {(group, node.attr) for group in known.get(node.value.id, ())}
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                inner = node.value
                if isinstance(inner.value, ast.Name) and inner.value.id == "p":
                    fields.add((inner.attr, node.attr))
    return fields


PARAMETERS = [(group, field) for group, fields in parameter_fields().items() for field in fields]


@pytest.mark.parametrize(("group", "field"), PARAMETERS, ids=[f"{g}.{f}" for g, f in PARAMETERS])
def test_every_parameter_is_read(group, field):
    """By a kernel that its group reaches, or by the set-up and the opening under its full name."""
    opening = "".join(path.read_text() for path in READERS if path not in KERNEL_FILES)
    assert (group, field) in read_by_kernels() or f"p.{group}.{field}" in opening or f'"{group}.{field}"' in opening


def test_every_parameter_that_a_kernel_reads_is_in_the_catalog():
    known = set(PARAMETERS)
    groups = set(parameter_fields())
    unknown = {pair for pair in read_by_kernels() if pair[0] in groups} - known
    assert not unknown


@pytest.mark.parametrize("path", READERS[-2:], ids=name_of)
def test_every_parameter_that_the_opening_reads_is_in_the_catalog(path):
    groups = parameter_fields()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            inner = node.value
            if isinstance(inner.value, ast.Name) and inner.value.id == "p":
                assert node.attr in groups[inner.attr], f"line {node.lineno}: p.{inner.attr}.{node.attr}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.split(".")[0] in groups:
            parts = node.value.split(".")
            if len(parts) == 2 and " " not in node.value:
                assert parts[1] in groups[parts[0]], node.value


@pytest.mark.parametrize("group", TABLES)
def test_every_field_of_the_tables_is_filled_and_read(group):
    used = {name for path in READERS for name in attributes(path)}
    assert not {field for field in TABLES[group] if field not in used}


@pytest.mark.parametrize("group", STATE)
def test_every_field_of_the_state_is_touched_by_a_kernel(group):
    used = {name for path in KERNEL_FILES for name in attributes(path)}
    assert not {field for field in STATE[group] if field not in used}
