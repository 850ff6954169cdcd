"""The scenario language: a YAML file with units, includes and overrides becomes a typed, frozen `Scenario`."""

from gigawatt.scenario.entities import (
    INSTRUMENTS,
    PARTIES,
    ROLES,
    SECTIONS,
    SHOCKS,
    Chip,
    Company,
    Deal,
    Entity,
    Mission,
    Programme,
    Region,
    Segment,
    Shock,
    Site,
    Supply,
    Tier,
)
from gigawatt.scenario.messages import format_mistakes
from gigawatt.scenario.origin import Origin
from gigawatt.scenario.reading import load, load_with
from gigawatt.scenario.remarks import remarks
from gigawatt.scenario.scenario import Scenario
from gigawatt.scenario.schema import json_schema
from gigawatt.scenario.templates import template

__all__ = [
    "INSTRUMENTS", "PARTIES", "ROLES", "SECTIONS", "SHOCKS", "Chip", "Company", "Deal", "Entity", "Mission", "Origin",
    "Programme", "Region", "Scenario", "Segment", "Shock", "Site", "Supply", "Tier", "format_mistakes", "json_schema",
    "load", "load_with", "remarks", "template",
]  # fmt: skip
