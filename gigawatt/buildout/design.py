"""What a megawatt of AI campus is made of: the bill of materials of a design."""

from __future__ import annotations

from dataclasses import dataclass

from gigawatt import catalog
from gigawatt.buildout.spread import Spread

POWERS = ("grid", "gas_turbines", "reciprocating_engines", "fuel_cells")


@dataclass(frozen=True, slots=True)
class Design:
    """What is built: the chip, how it is cooled, how much of the plant is spare, and where power comes from."""

    chip: str = "gb300-nvl72"
    cooling: str = "liquid"
    redundancy: str = "n+1"
    power: str = "grid"

    def __post_init__(self) -> None:
        if self.power not in POWERS:
            raise ValueError(f"power {self.power!r}; known: {', '.join(POWERS)}")


@dataclass(frozen=True, slots=True)
class Need:
    """How much of an item a MW of site power takes, and the stage that waits for it."""

    item: str
    per_mw: Spread
    stage: str


def bill(design: Design) -> tuple[Need, ...]:
    """Items of a MW of site power."""
    needs = []
    for item in catalog.items("materials"):
        facts = catalog.facts("materials", item)
        if "power" in facts and facts["power"].value != design.power:
            continue
        needs.append(Need(item, Spread.of(facts["per_mw"]), str(facts["stage"].value)))
    return tuple(needs)
