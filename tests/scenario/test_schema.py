"""The JSON Schema says what `load` takes: the examples fit it, and names and units are in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gigawatt.scenario import SECTIONS, json_schema

HOME = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(path for path in HOME.glob("*.yaml") if not path.name.startswith("project-"))
SCHEMA = json_schema()


def misfits(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Where a value does not fit, for the keywords that the schema uses."""
    if "$ref" in schema:
        return misfits(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], path)
    if "oneOf" in schema:
        tried = [misfits(value, one, path) for one in schema["oneOf"]]
        return [] if sum(not found for found in tried) == 1 else [f"{path}: fits none or several", *min(tried, key=len)]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": int | float, "null": type(None)}
    allowed = schema.get("type", list(kinds))
    if not any(isinstance(value, kinds[kind]) for kind in ([allowed] if isinstance(allowed, str) else allowed)):
        return [f"{path}: {value!r} is not {allowed}"]
    found = [f"{path}: {value!r} not in enum"] if "enum" in schema and value not in schema["enum"] else []
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{path}: {value!r} is not {schema['pattern']}")
    if isinstance(value, list):
        return found + [bad for item in value for bad in misfits(item, schema.get("items", {}), f"{path}[]")]
    if isinstance(value, dict):
        found += [f"{path}: no {name}" for name in schema.get("required", ()) if name not in value]
        for key, item in value.items():
            found += misfits(item, of_key(schema, key), f"{path}.{key}")
    return found


def of_key(schema: dict[str, Any], key: str) -> dict[str, Any]:
    patterns = (sub for pattern, sub in schema.get("patternProperties", {}).items() if re.search(pattern, key))
    other = schema.get("additionalProperties", {})
    found = schema.get("properties", {}).get(key) or next(patterns, None)
    return found or ({"enum": []} if other is False else other)


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value if isinstance(value, int | float | str | None) else str(value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit_the_schema(path):
    content = as_json(yaml.safe_load(path.read_text()))
    assert misfits(content, SCHEMA) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_validator_agrees(path):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(as_json(yaml.safe_load(path.read_text())))


@pytest.mark.parametrize(
    "content", [{"site": {}}, {"sites": {"x": {"powr": 1}}}, {"chips": {"x": {"price_usd": "dear"}}}, {"claims": ["x"]}]
)
def test_what_load_refuses_by_form_does_not_fit(content):
    assert misfits({"start": "2026-01-05", "weeks": 1} | content, SCHEMA)


def test_every_section_is_in_the_schema_and_numbers_tell_their_unit():
    assert set(SECTIONS) <= set(SCHEMA["properties"])
    site = SCHEMA["properties"]["sites"]["additionalProperties"]["oneOf"][1]["properties"]
    assert site["power_mw"]["description"] == "power of the whole facility [MW]" == site["power"]["description"]
