"""Values of a scenario as rows of an explanation: value, range, origin and source."""

from __future__ import annotations

from typing import Any

from gigawatt.scenario import Scenario
from gigawatt.units import Quantity, format_quantity

Row = dict[str, Any]  # kind, name, value, text, source


def input_row(scenario: Scenario, path: str, kind: str = "input") -> Row:
    """A value of the scenario with its range, origin and source."""
    values = scenario.values()
    full = path if path in values else f"parameters.{path}"
    if full not in values:
        return {"kind": kind, "name": path, "value": "", "text": "", "source": ""}
    value, origin = values[full], scenario.origin(full)
    text = f"[{origin}]"
    if origin.fact is not None:
        text = f"[{origin}; {origin.fact.source}, {origin.fact.confidence}] {origin.fact.note}"
    return {"kind": kind, "name": path, "value": quantity_text(value), "text": text, "source": origin.source}


def quantity_text(value: Quantity | str) -> str:
    """A value with its unit and interval."""
    if isinstance(value, str):
        return value
    ends = f" ({value.low:.6g} to {value.high:.6g})" if value.low is not None and value.high is not None else ""
    return f"{format_quantity(value.value, value.unit)}{ends}"
