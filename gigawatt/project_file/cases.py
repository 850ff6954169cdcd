"""Cases and sources of a project file: values and notes for inputs of the model, by their dotted paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from math import isinf
from typing import TYPE_CHECKING

from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS, bound_at
from gigawatt.finance.project.inputs import Contract, Project
from gigawatt.finance.project.lines import Input, Table
from gigawatt.finance.project.timing import FIRST_DAY
from gigawatt.project_file.fields import AMOUNT_UNITS, Field, field_at, fields_of
from gigawatt.scenario.marks import Mistakes, Node
from gigawatt.scenario.vocabulary import candidates

if TYPE_CHECKING:
    from gigawatt.project_file.values import Values

Inputs = Mapping[str, Input | Table]
Cases = dict[str, dict[str, float | tuple[float, ...]]]
TIMES = re.compile(r"[x*\N{MULTIPLICATION SIGN}]\s*(\d+(?:\.\d*)?|\.\d+)")  # of the value in the base case: x0.8
PATTERN = set("*?")


def read_cases(node: Node | None, project: Project, inputs: Inputs, values: Values) -> Cases:
    """The values that differ, by case and input; mistakes are noted."""
    mistakes, found = values.mistakes, Cases()
    if node is None:
        return found
    if not isinstance(node.value, dict):
        mistakes.add(node.mark, "cases", f"must be a mapping of names (got {node.kind()})",
                     "such as `downside: {contracts.anchor.usd_per_chip_h: 2.2}`")  # fmt: skip
        return found
    for case, given in node.map.items():
        found[case] = {}
        for path, value in leaves(given, "", inputs):
            where = f"cases.{case}.{path}"
            for name in named_inputs(path, value, where, inputs, mistakes):
                number = _value(name, value, f"cases.{case}.{name}", project, inputs[name], values)
                if number is None:
                    continue
                found[case][name] = number
                bound, each = bound_at(name), number if isinstance(number, tuple) else (number,)
                if not all(map(bound.fits, each)):
                    mistakes.add(value.mark, where, f"{value.kind()} is out of range", str(bound))
    return found


def ended_in_cases(project: Project, node: Node | None) -> Project:
    """The project with contracts that run out at their end, where a case lets one end early, as inputs of the model."""
    named = [path for case in (node.map.values() if node else ()) for path, _ in leaves(case, "", {})]
    ended = [path for path in named if path.startswith("contracts.") and path.rpartition(".")[2].startswith("ends_e")]

    def until(each: Contract) -> Contract:
        path = f"contracts.{each.name}.ends_early_month"
        meant = any(fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}_*") for pattern in ended)
        return replace(each, ends_early_month=each.months) if meant and isinf(each.ends_early_month) else each

    return replace(project, contracts=tuple(map(until, project.contracts)))


def read_sources(node: Node | None, inputs: Inputs, mistakes: Mistakes) -> dict[str, str]:
    """Where inputs come from, by path; `assets.chips.*` stands for all that match."""
    found: dict[str, str] = {}
    if node is None:
        return found
    if not isinstance(node.value, dict):
        mistakes.add(node.mark, "sources", f"must be a mapping of paths (got {node.kind()})")
        return found
    for path, value in leaves(node, "", inputs):
        if not isinstance(value.value, str):
            mistakes.add(value.mark, f"sources.{path}", f"must be a text (got {value.kind()})")
            continue
        for name in named_inputs(path, value, f"sources.{path}", inputs, mistakes):
            found[name] = " ".join(value.value.split())
    return found


def leaves(node: Node, path: str, inputs: Inputs) -> list[tuple[str, Node]]:
    """The values of a mapping by dotted path, whether the path is written with dots or as mappings in mappings."""
    found = []
    for key, value in node.map.items():
        there = f"{path}.{key}" if path else key
        inner = isinstance(value.value, dict) and field_at(there) is None and not candidates(there, _units(inputs))
        found += leaves(value, there, inputs) if inner and value.map else [(there, value)]
    return found


def named_inputs(path: str, node: Node, where: str, inputs: Inputs, mistakes: Mistakes) -> list[str]:
    """The inputs that a path means: itself, with its unit behind it, or all that a pattern matches."""
    if PATTERN & set(path):
        found = [name for name in inputs if fnmatchcase(name, path) or fnmatchcase(name, f"{path}_*")]
        exact = [name for name in found if fnmatchcase(name, path)]
        found = exact or found
    else:
        found = candidates(path, _units(inputs))[:1]
    if not found and (absent := _field_like(path, inputs)):
        mistakes.add(node.key, where[:200], f"{absent} has no value in the base case, so there is no such input",
                     "give it a value outside of the cases too")  # fmt: skip
    elif not found:
        mistakes.unknown(node.key, where[:200], "input", path, _like(path, inputs))
    return found


def _field_like(path: str, inputs: Inputs) -> str:
    """The field that a path of a part of the project would lead to; empty where there is no such part."""
    part, _, key = path.rpartition(".")
    entity = GROUPS.get(part) or SECTIONS.get(part.partition(".")[0])
    if entity is None or not any(name.startswith(f"{part}.") for name in inputs):
        return ""
    return next(iter(candidates(key, dict.fromkeys(fields_of(entity), ""))), "")


def _like(path: str, inputs: Inputs) -> list[str]:
    """The inputs of the same part, or of the same section, or all."""
    parts = path.split(".")
    for count in (2, 1):
        found = [name for name in inputs if name.split(".")[:count] == parts[:count]]
        if found and len(parts) > count:
            return found
    return list(inputs)


def _units(inputs: Inputs) -> dict[str, str]:
    return dict.fromkeys(inputs, "")


def _value(
    name: str, node: Node, where: str, project: Project, base: Input | Table, values: Values
) -> float | tuple[float, ...] | None:  # fmt: skip
    """The value of one input in a case; `x0.8` is that share of its value in the base case."""
    times = TIMES.fullmatch(node.value.strip()) if isinstance(node.value, str) else None
    if times:
        factor = float(times[1])
        return factor * base.value if isinstance(base, Input) else tuple(factor * each for each in base.values)
    spec = field_at(name) or Field(name, "number", ("1", "1/year"), "", None, False)
    if name.startswith("costs.") and name.endswith(".amount"):
        per = next(cost.per for cost in project.costs if name == f"costs.{cost.name}.amount")
        spec = Field("amount", "table", AMOUNT_UNITS[per], spec.meaning, None, False)
    if spec.kind == "date":
        day = values.date(node, where)
        return None if day is None else float((day - FIRST_DAY).days)
    values.prefix = where.removesuffix(name) if where.endswith(name) else ""
    found = values.read(spec, node, where, keep=False) if spec.kind in ("number", "table") else None
    if found is None:
        if spec.kind not in ("number", "table"):
            values.mistakes.add(node.mark, where, "a case changes numbers", f"{spec.name} is a {spec.kind}")
        return None
    if isinstance(found, tuple) and isinstance(base, Input) and len(found) > 1:
        values.mistakes.add(node.mark, where, "several values for an input that has one", "give one value")
        return None
    if isinstance(found, tuple) and len(found) == 1:
        return float(found[0])
    return found if isinstance(found, tuple) else float(found)
