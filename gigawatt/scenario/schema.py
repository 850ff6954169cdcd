"""The JSON Schema of a scenario file, for editors: keys, what they mean, their units, and what a value looks like.

The schema knows forms; `load` knows meaning as well (units that fit, names that exist, dates in order).
"""

from __future__ import annotations

from typing import Any

from gigawatt.scenario.entities import SECTIONS, Programme, Shock
from gigawatt.scenario.fields import Spec, specs
from gigawatt.scenario.vocabulary import Catalog, Vocabulary, candidates

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
QUANTITY = r"^\s*[-+]?\s*(US)?\$?\s*[.\d].*$"
DATE = r"^\d{4}(-\d{1,2}(-\d{1,2})?)?$"
_TOP: dict[str, Schema] = {
    "name": {"type": "string", "description": "short name; the run is named after it"},
    "description": {"type": "string", "description": "what the scenario is about"},
    "start": {"type": "string", "pattern": DATE, "description": "first day, a Monday"},
    "weeks": {"type": ["integer", "string"], "minimum": 1, "maximum": 2600, "description": "length of the plan, weeks"},
    "seed": {"type": "integer", "minimum": 0, "description": "number that starts the random draws"},
}


def json_schema(catalog: Catalog | None = None) -> Schema:
    """The JSON Schema (draft 2020-12) of a scenario file, with the names of the catalog in it."""
    if catalog is None:
        import gigawatt.catalog as catalog_module

        catalog = catalog_module
    vocabulary = Vocabulary(catalog)
    sections = {name: _section(name, vocabulary) for name in SECTIONS}
    lists = {"shocks": _list(_object(Shock, vocabulary.attributes("shocks"))), "claims": _list(_CLAIM)}
    return {
        "$schema": DIALECT,
        "title": "gigawatt scenario",
        "type": "object",
        "additionalProperties": False,
        "required": ["start", "weeks"],
        "properties": _TOP | sections | lists | _rest(vocabulary),
        "$defs": {"quantity": _QUANTITY, "date": {"type": "string", "pattern": DATE}},
    }


_QUANTITY: Schema = {
    "description": "a number in the unit of the key, or a text with a unit: 1.2 GW, 65 $/MWh, 9 %, 8k to 30k",
    "oneOf": [{"type": "number"}, {"type": "string", "pattern": QUANTITY}],
}
_CLAIM: Schema = {
    "type": "string",
    "pattern": "^[^@]+@[^@]+(>=|<=|>|<)[^@]+$",
    "description": "figure @ date operator value, as in openai.market_share @ 2030-12 >= 40 %",
}
_NAMES: Schema = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def _rest(vocabulary: Vocabulary) -> Schema:
    """Keys that are neither sections nor lists."""
    groups = {name: _map(vocabulary.group(name)) for name in vocabulary.groups()}
    dotted = {name: _number(unit, "") for name, unit in vocabulary.parameters().items()}
    return {
        "include": _NAMES | {"description": "catalog:NAME or files, whose content this file overrides"},
        "programme": _object(Programme, vocabulary.attributes("programme")),
        "parameters": {"type": "object", "properties": groups | dotted, "additionalProperties": False},
        "overrides": {"type": "object", "additionalProperties": {"type": "object"},
                      "description": "NAME: {dotted.path: value}"},
        "scenarios": {"type": "object", "additionalProperties": _NAMES, "description": "NAME: [override, ...]"},
    }  # fmt: skip


def _section(name: str, vocabulary: Vocabulary) -> Schema:
    """A mapping of names to entities; null takes away what an included file gives."""
    entity = _object(SECTIONS[name], vocabulary.attributes(name), required=False)
    return {
        "type": ["object", "null"],
        "description": (SECTIONS[name].__doc__ or "").splitlines()[0],
        "examples": [{item: {}} for item in vocabulary.items(name)[:3]],
        "additionalProperties": {"oneOf": [{"type": "null"}, entity]},
    }


def _object(entity: type, attributes: dict[str, str], required: bool = True) -> Schema:
    """The keys of one entity: full names, names without their unit, and dotted keys of maps."""
    declared = specs(entity)
    properties: Schema = {}
    for name, unit in attributes.items():
        value = _value(declared[name], unit) if name in declared else _any(unit)
        properties[name] = value
        for short in _short_names(name, attributes):
            properties[short] = value
    patterns = {f"^{name}\\..+$": {"$ref": "#/$defs/quantity"} for name, spec in declared.items() if spec.is_map}
    found: Schema = {"type": "object", "properties": properties, "patternProperties": patterns,
                     "additionalProperties": False, "description": (entity.__doc__ or "").splitlines()[0]}  # fmt: skip
    return found | ({"required": _required(declared)} if required and _required(declared) else {})


def _required(declared: dict[str, Spec]) -> list[str]:
    """Required keys that have but one spelling."""
    return [name for name, spec in declared.items() if spec.required and spec.kind != "number"]


def _short_names(name: str, attributes: dict[str, str]) -> list[str]:
    """The names without its unit under which an attribute may be given."""
    parts = name.split("_")
    shorts = ("_".join(parts[:count]) for count in range(1, len(parts)))
    return [short for short in shorts if short not in attributes and name in candidates(short, attributes)]


def _value(spec: Spec, unit: str) -> Schema:
    if spec.kind == "text":
        one: Schema = {"type": "string", "description": spec.meaning}
        if spec.many:
            return {"description": f"{spec.meaning}: {', '.join(spec.choices)}", "oneOf": _NAMES["oneOf"]}
        return one | ({"enum": [*spec.choices, *([""] if spec.blank else [])]} if spec.choices else {})
    if spec.kind == "date":
        return {"$ref": "#/$defs/date", "description": spec.meaning}
    number = _number(unit, spec.meaning)
    if not spec.is_map:
        return number
    described = f"{spec.meaning}, for each {spec.keys}"
    return {"type": "object", "description": described, "additionalProperties": number}


def _number(unit: str, meaning: str) -> Schema:
    in_unit = {"1": "a plain number or %", "any": "see the catalog"}.get(unit, unit)
    return {"$ref": "#/$defs/quantity", "description": f"{meaning} [{in_unit}]".strip()}


def _any(unit: str) -> Schema:
    return {"type": "string"} if unit in ("text", "date") else _number(unit, "")


def _map(units: dict[str, str]) -> Schema:
    shorts = {short: unit for name, unit in units.items() for short in _short_names(name, units)}
    properties = {name: _number(unit, "") for name, unit in (shorts | units).items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}
