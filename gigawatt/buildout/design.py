"""What a megawatt of AI campus is made of: the bill of materials of a design.

A MW is a MW of site power at the meter in the hour of the highest load, as campuses are announced and connected;
MW of IT = MW / PUE of that hour. Amounts come from the tables `materials` and `campus` of the catalog, those of a
chip from `chips`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gigawatt import catalog
from gigawatt.buildout.combined import inverse, product
from gigawatt.buildout.spread import Spread
from gigawatt.catalog import Fact
from gigawatt.errors import nearest, shown
from gigawatt.units import KW_PER_MW, W_PER_MW

GRID = "grid"
COOLINGS = ("air_chiller", "evaporative", "tower_chiller", "liquid_dry", "liquid_adiabatic", "liquid_tower")
REDUNDANCIES = ("n", "n+1", "2n")
POWERS = (GRID, "gas_turbines", "reciprocating_engines", "fuel_cells")
SHORT = {
    "air": "air_chiller", "tower": "tower_chiller", "liquid": "liquid_dry", "dry": "liquid_dry",
    "adiabatic": "liquid_adiabatic", "gas": "gas_turbines", "turbines": "gas_turbines",
    "engines": "reciprocating_engines",
}  # fmt: skip
ATTRIBUTES = {"n": "n", "n+1": "n_plus_1", "2n": "two_n"}  # redundancies in names of attributes
BACKUP = "backup_generators"


@dataclass(frozen=True, slots=True)
class Design:
    """What is built: the chip, how it is cooled, how much of the plant is spare, and where power comes from.

    Names are turned into those of the catalog: `gb300` becomes `gb300-nvl72`, `liquid` becomes `liquid_dry`.

    Raises:
        ValueError: A chip, cooling, redundancy or power is unknown; the text holds the nearest and all known names.
    """

    chip: str = "gb300-nvl72"
    cooling: str = "liquid_dry"
    redundancy: str = "n+1"
    power: str = GRID
    backup: bool | None = None  # generators behind it; None: with the grid yes, with a plant of its own no

    def __post_init__(self) -> None:
        names = {
            "chip": catalog.named("chips", self.chip),
            "cooling": _one_of("cooling", self.cooling, COOLINGS),
            "redundancy": _one_of("redundancy", self.redundancy, REDUNDANCIES),
            "power": _one_of("power", self.power, POWERS),
        }
        for field, name in names.items():
            object.__setattr__(self, field, name)

    @property
    def has_backup(self) -> bool:
        """Whether generators stand behind the supply."""
        return self.power == GRID if self.backup is None else self.backup

    @property
    def pue(self) -> Spread:
        """Site power over IT power in the hour of the highest load."""
        return campus(f"pue.{self.cooling}")


@dataclass(frozen=True, slots=True)
class Need:
    """How much of an item a MW of site power takes, and the stage that waits for it."""

    item: str
    per_mw: Spread
    stage: str


def _one_of(kind: str, name: str, known: tuple[str, ...]) -> str:
    """The known name that `name` stands for; letter case, '-' and '_' do not count."""
    asked = name.strip().lower().replace("-", "_").replace(" ", "_")
    asked = SHORT.get(asked, asked)
    if asked not in known:
        short = tuple(word for word, whole in SHORT.items() if whole in known)
        close = nearest(asked, known + short)
        hint = f"; did you mean {close!r}?" if close else ""
        raise ValueError(f"unknown {kind} {shown(name)}{hint} (known: {', '.join(known)})")
    return asked


def campus(attribute: str) -> Spread:
    """A figure of the table `campus` with its range."""
    return Spread.of(catalog.fact("campus", "campus", attribute))


@cache
def bill(design: Design) -> tuple[Need, ...]:
    """Items of a MW of site power, in the order of the table `materials`; parts that a chip does not tell are left out.

    Ranges of the factors of an amount are taken as independent log-normal ones.
    """
    found = (_need(item, design) for item in catalog.items("materials"))
    return tuple(need for need in found if need is not None)


def _need(item: str, design: Design) -> Need | None:
    """What a MW takes of the item; None where the design does without."""
    facts = facts_of(item, design)
    if not facts or any(fact.value == 0.0 for fact in facts):
        return None
    per_mw = _per_mw(item, design)
    alike = _alike(str(catalog.value("materials", item, "like", default="")), design.chip)
    return Need(item, product(*map(Spread.of, facts), per_mw) * alike, str(catalog.value("materials", item, "stage")))


def _alike(like: str, chip: str) -> float:
    """How many chips of the kind that supply is counted in take the packaging of one of this kind; 1 if not known."""
    wafers = [catalog.facts("chips", name).get("packaging_wafers") for name in (like, chip)] if like else [None]
    if any(fact is None for fact in wafers):
        return 1.0
    one, other = (float(fact.value) for fact in wafers if fact is not None)
    return other / one


def facts_of(item: str, design: Design) -> tuple[Fact, ...]:
    """The facts that the amount of an item is the product of, what it is counted for aside; none without the item."""
    facts = catalog.facts("materials", item)
    if (item in POWERS and item != design.power) or (item == BACKUP and not design.has_backup):
        return ()
    amount = _amount(facts, design.chip)
    return () if amount is None else (amount, *_factors(facts, design))


def _amount(facts: Mapping[str, Fact], chip: str) -> Fact | None:
    """Amount per MW, chip or rack: the item's own, or that of the chip; None where the chip has none."""
    if "of_chip" in facts:
        return catalog.facts("chips", chip).get(str(facts["of_chip"].value))
    return facts["amount"]


def _factors(facts: Mapping[str, Fact], design: Design) -> list[Fact]:
    """What the choices of the design do to the amount; a choice without a row changes nothing."""
    redundancy = ATTRIBUTES[design.redundancy]
    names = (f"cooling.{design.cooling}", f"redundancy.{redundancy}", f"power.{design.power}")
    return [facts[name] for name in names if name in facts]


def _per_mw(item: str, design: Design) -> Spread:
    """How many of what an amount of the item is counted for there are in a MW of site power."""
    match basis := str(catalog.value("materials", item, "basis")):
        case "site":
            return Spread.exactly(1.0)
        case "it":
            return inverse(design.pue)
        case "chip":
            return chips_per_mw(design)
        case "rack":
            rack_kw = catalog.fact("chips", str(catalog.value("materials", item, "rack_of")), "rack_power_kw")
            return _fed_per_mw(design, Spread.of(rack_kw))
    raise ValueError(f"basis {basis!r}; known: site, it, chip, rack")


@cache
def chips_per_mw(design: Design) -> Spread:
    """Accelerators of a MW of site power: IT power, the share of it that chips draw, over the draw of one."""
    return product(Spread.exactly(W_PER_MW), campus("chip_share"), inverse(design.pue), inverse(_chip_w(design.chip)))


def racks_per_mw(design: Design) -> Spread:
    """Racks that stand in a MW of site power: of the chip's own kind, or of as many servers as a rack feeds."""
    own = catalog.facts("chips", design.chip).get("rack_gpus")
    if own is not None:
        return product(chips_per_mw(design), inverse(Spread.of(own)))
    return _fed_per_mw(design, campus("rack_power_kw"))


def _fed_per_mw(design: Design, rack_kw: Spread) -> Spread:
    """Racks of a power that a MW of site power feeds; the draw of a chip cancels."""
    return product(Spread.exactly(KW_PER_MW), campus("chip_share"), inverse(design.pue), inverse(rack_kw))


def heat_rate(power: str) -> Spread:
    """MMBtu of gas that a plant at the site burns for a MWh: that of its technology, or of the mix that is built."""
    technology = catalog.value("materials", power, "technology", default="")
    if technology:
        return Spread.of(catalog.fact("power", str(technology), "heat_rate_mmbtu_per_mwh"))
    return campus(f"mmbtu_per_mwh.{power}")


def _chip_w(chip: str) -> Spread:
    return Spread.of(catalog.fact("chips", chip, "system_power_w"))
