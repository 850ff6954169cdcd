"""What a megawatt of AI campus costs: the bill of materials and the work in it at unit prices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from gigawatt import catalog
from gigawatt.buildout.combined import product, together, total
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw
from gigawatt.buildout.design import Design, bill, campus, chips_per_mw
from gigawatt.buildout.spread import Spread

CHIPS = "chips"  # group of what is bought with the chips: prices of these hang on the chip
PARTS = "parts"  # group of what the price of a chip holds already
SERVERS, OPTICS, ACCELERATORS = "servers", "optical_transceivers", "accelerators"
OPTICS_MOST = 0.5  # of what a chip costs beside itself


@dataclass(frozen=True, slots=True)
class Cost:
    """One part of the cost of a MW of site power."""

    group: str
    part: str
    usd_per_mw: Spread


@dataclass(frozen=True, slots=True)
class Capex:
    """Cost of a MW of site power by part, in USD of 2026; land, interest and taxes are left out."""

    costs: tuple[Cost, ...]

    @property
    def it(self) -> Spread:
        """Chips with their servers, network and storage; their parts rise and fall as one."""
        return together(cost.usd_per_mw for cost in self.costs if cost.group == CHIPS)

    @property
    def facility(self) -> Spread:
        """All else."""
        return total(cost.usd_per_mw for cost in self.costs if cost.group != CHIPS)

    @property
    def all(self) -> Spread:
        """The whole cost of a MW."""
        return total((self.it, self.facility))

    def by_group(self) -> dict[str, Spread]:
        """Cost of a MW by group, in the order of the bill."""
        groups = dict.fromkeys(cost.group for cost in self.costs)
        return {
            group: self.it if group == CHIPS else total(cost.usd_per_mw for cost in self.costs if cost.group == group)
            for group in groups
        }


@cache
def capex(design: Design, labour_cost_factor: float = 1.0) -> Capex:
    """Cost of a MW of site power; `labour_cost_factor` is that of the region, 1 for the US average.

    Raises:
        ValueError: The chip has no price in the catalog.
    """
    costs = _it_costs(design)
    for need in bill(design):
        group = str(catalog.value("materials", need.item, "group"))
        if group not in (CHIPS, PARTS):
            costs.append(Cost(group, need.item, product(need.per_mw, unit_price(need.item))))
    wage = campus("usd_per_worker_week") * labour_cost_factor
    for trade, weeks in crew_weeks_per_mw(design.power).items():
        costs.append(Cost("labour", trade, product(weeks, wage)))
    costs.append(Cost("other", "other_works", campus("other_works_usd_per_mw")))
    built = total(cost.usd_per_mw for cost in costs if cost.group != CHIPS)
    costs.append(Cost("other", "contractor", product(built, campus("contractor_share"))))
    return Capex(tuple(costs))


def unit_price(item: str) -> Spread:
    """USD of one unit of an item, from the table `supply`."""
    facts = catalog.facts("supply", item)
    price = facts.get("usd_per_unit") or facts.get("usd_per_mw")
    if price is None:
        raise ValueError(f"catalog supply: {item} has no usd_per_unit")
    return Spread.of(price)


def _it_costs(design: Design) -> list[Cost]:
    """Accelerators, optics and the rest of servers, network and storage: parts of the chip's price in its cluster."""
    facts = catalog.facts("chips", design.chip)
    if "price_usd" not in facts:
        priced = (name for name in catalog.items("chips") if "price_usd" in catalog.facts("chips", name))
        raise ValueError(f"no price of chip {design.chip} is known; chips with one: {', '.join(priced)}")
    whole = Spread.of(facts["price_usd"])
    own = facts.get("chip_price_usd")
    chip_usd = float(own.value) if own is not None else whole.median * campus("chip_price_share").median
    chip_usd = min(chip_usd, whole.median * campus("chip_price_share").high)
    optics = next((need.per_mw.median for need in bill(design) if need.item == OPTICS), 0.0)
    beside = whole.median - chip_usd
    optics_usd = min(unit_price(OPTICS).median * optics / chips_per_mw(design).median, OPTICS_MOST * beside)
    parts = {ACCELERATORS: chip_usd, OPTICS: optics_usd, SERVERS: beside - optics_usd}
    per_mw = product(chips_per_mw(design), whole)
    return [Cost(CHIPS, part, per_mw * (usd / whole.median)) for part, usd in parts.items()]
