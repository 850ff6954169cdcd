"""Values that are allowed but far outside what the catalog holds possible: often a missing `%` or a wrong unit."""

from __future__ import annotations

from collections.abc import Iterator

from gigawatt import catalog
from gigawatt.scenario.scenario import Scenario
from gigawatt.units import Quantity, format_quantity

FAR = 2.0  # times the width of the catalog's interval beyond its ends


def remarks(scenario: Scenario) -> Iterator[str]:
    """One sentence for every parameter that the scenario sets far outside its interval in the catalog."""
    for path, value, origin in scenario.assumptions():
        if origin.fact is not None or not origin.file or not path.startswith("parameters.") or isinstance(value, str):
            continue
        name = path.removeprefix("parameters.")
        fact = catalog.fact("parameters", name, "value")
        if fact.low is None or fact.high is None or within(value, fact.low, fact.high):
            continue
        ends = f"{format_quantity(fact.low, value.unit)} to {format_quantity(fact.high, value.unit)}"
        yield f"{origin}: {name}: {format_quantity(value.value, value.unit)} is far outside {ends} of the catalog"


def within(value: Quantity, low: float, high: float) -> bool:
    """Whether a value lies in the interval or not far beyond it."""
    room = FAR * (high - low)
    return low - room <= value.value <= high + room
