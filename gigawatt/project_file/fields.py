"""What a project file may say: the fields of the dataclasses of a project, each with its kind and unit.

Nothing is declared twice: names, defaults and meanings are those of `gigawatt.finance.project.inputs`.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from gigawatt.finance.project.checking_bounds import GROUPS, SECTIONS
from gigawatt.finance.project.inputs import Backstop, Per, Project
from gigawatt.units import unit_of

# The field that the name of an entry stands for, where it is not `name`.
NAMED: Mapping[type, str] = MappingProxyType({Backstop: "guarantor"})
EXTRA = ("description", "sources", "cases")  # keys of a file that are no inputs
AMOUNT_UNITS: Mapping[Per, tuple[str, ...]] = MappingProxyType({
    Per.year: ("USD/year", "USD"), Per.mw_year: ("USD/MW/year",), Per.chip_hour: ("USD/chip/h", "USD/h"),
    Per.mwh: ("USD/MWh",), Per.revenue: ("1",), Per.capex: ("1", "1/year"),
})  # fmt: skip
_LINE = re.compile(r"^    (\w+): [^#\n]*(?:#\s*(.*))?$", re.MULTILINE)
_MONTHS = re.compile(r"(?:^|_)months?$")


@dataclass(frozen=True, slots=True)
class Field:
    """One key: kind is number, table (by year), text, choice, flag or date; the first unit is the one it is kept in."""

    name: str
    kind: str
    units: tuple[str, ...]
    meaning: str
    default: Any
    required: bool
    choices: tuple[str, ...] = ()


@cache
def fields_of(entity: type) -> Mapping[str, Field]:
    """The keys of an entity, of those that a file gives as values."""
    hints, meanings = get_type_hints(entity), _meanings(entity)
    found = {}
    for item in fields(entity):
        kind, choices = _kind(hints[item.name])
        if kind is None or item.name == NAMED.get(entity, "name" if entity is not Project else ""):
            continue
        default = item.default if item.default is not MISSING else None
        units = ("1",) if kind == "whole" else units_of(item.name)
        needed = item.default is MISSING and item.default_factory is MISSING
        if entity is Project and item.name == "name":
            needed, meanings = False, {**meanings, "name": "that of the file unless given"}
        found[item.name] = Field(item.name, kind, units, meanings.get(item.name, ""), default, needed, choices)
    return MappingProxyType(found)


def top_keys() -> tuple[str, ...]:
    """The keys of the top level, in the order of the dataclass."""
    own = [item.name for item in fields(Project)]
    return (*own, *(key for key in EXTRA if key not in own))


def field_at(path: str) -> Field | None:
    """The field that a dotted path leads to, such as `debt.senior.spread`; None where it leads to none."""
    head, _, rest = path.partition(".")
    if not rest:
        return fields_of(Project).get(head)
    if head in GROUPS:
        return fields_of(GROUPS[head]).get(rest)
    return fields_of(SECTIONS[head]).get(rest.rpartition(".")[2]) if head in SECTIONS and "." in rest else None


def units_of(name: str) -> tuple[str, ...]:
    """The units that a value may come in; it is kept in the first."""
    if _MONTHS.search(name):
        return ("months",)
    unit = unit_of(name)
    return ("1", "1/year") if unit == "1" else (unit,)


def _kind(hint: Any) -> tuple[str | None, tuple[str, ...]]:
    if get_origin(hint) is tuple:
        return ("table", ()) if get_args(hint)[0] is float else (None, ())
    if not isinstance(hint, type):
        return None, ()
    if issubclass(hint, StrEnum):
        return "choice", tuple(each.value for each in hint)
    kinds: dict[type, str] = {bool: "flag", int: "whole", float: "number", str: "text", dt.date: "date"}
    return kinds.get(hint), ()


@cache
def _meanings(entity: type) -> Mapping[str, str]:
    """What the comment behind each field says."""
    return {name: " ".join(said.split()) for name, said in _LINE.findall(inspect.getsource(entity)) if said}
