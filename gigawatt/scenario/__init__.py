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
from gigawatt.scenario.origin import Origin
from gigawatt.scenario.reading import load, load_with
from gigawatt.scenario.scenario import Scenario

__all__ = [
    "INSTRUMENTS", "PARTIES", "ROLES", "SECTIONS", "SHOCKS", "Chip", "Company", "Deal", "Entity", "Mission",
    "Origin", "Programme", "Region", "Scenario", "Segment", "Shock", "Site", "Supply", "Tier", "load", "load_with",
]  # fmt: skip
