"""What a megawatt of AI campus costs: the bill of materials and the work in it at unit prices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from gigawatt import catalog
from gigawatt.buildout.combined import inverse, product, together, total
from gigawatt.buildout.crew_weeks import crew_weeks_per_mw
from gigawatt.buildout.design import Design, bill, campus, chips_per_mw
from gigawatt.buildout.spread import Spread
from gigawatt.buildout.supply import item

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
def capex(design: Design, region: str | None = None) -> Capex:
    """Cost of a MW of site power; with a region its wages and the level of its building costs, else those of the US.

    Raises:
        ValueError: The region is unknown, or the chip has no price in the catalog.
    """
    costs = _it_costs(design)
    for need in bill(design):
        group = str(catalog.value("materials", need.item, "group"))
        if group not in (CHIPS, PARTS):
            costs.append(Cost(group, need.item, product(need.per_mw, unit_usd(need.item))))
    wage, level = local(region)
    for trade, weeks in crew_weeks_per_mw(design.power).items():
        costs.append(Cost("labour", trade, product(weeks, wage)))
    costs.append(Cost("other", "other_works", product(campus("other_works_usd_per_mw"), level)))
    built = total(cost.usd_per_mw for cost in costs if cost.group != CHIPS)
    costs.append(Cost("other", "contractor", product(built, campus("contractor_share"))))
    return Capex(tuple(costs))


def unit_usd(name: str) -> Spread:
    """Price of one unit of an item of the table `supply` with its doubt, in USD."""
    found = item(name)
    return found.price_level * found.usd_per_unit


def local(region: str | None) -> tuple[Spread, Spread]:
    """USD for the work that one standard worker does in a week, and the level of building costs (US average 1)."""
    if region is None:
        return campus("usd_per_worker_week"), Spread.exactly(1.0)
    facts = catalog.facts("regions", catalog.named("regions", region))
    wage = product(Spread.of(facts["worker_usd_per_week"]), inverse(Spread.of(facts["productivity"])))
    return wage, Spread.of(facts["labour_cost_factor"])


def _it_costs(design: Design) -> list[Cost]:
    """Accelerators, optics and the rest of servers, network and storage: parts of the chip's price in its cluster."""
    facts = catalog.facts("chips", design.chip)
    if "price_usd" not in facts:
        priced = (name for name in catalog.items("chips") if "price_usd" in catalog.facts("chips", name))
        raise ValueError(f"no price of chip {design.chip} is known; chips with one: {', '.join(priced)}")
    whole, share = Spread.of(facts["price_usd"]), campus("chip_price_share")
    own = facts.get("chip_price_usd")
    chip_usd = share.median * whole.median if own is None else min(float(own.value), share.high * whole.median)
    optics = next((need.per_mw.median for need in bill(design) if need.item == OPTICS), 0.0)
    beside = whole.median - chip_usd
    optics_usd = min(unit_usd(OPTICS).median * optics / chips_per_mw(design).median, OPTICS_MOST * beside)
    parts = {ACCELERATORS: chip_usd, OPTICS: optics_usd, SERVERS: beside - optics_usd}
    per_mw = product(chips_per_mw(design), whole)
    return [Cost(CHIPS, part, per_mw * (usd / whole.median)) for part, usd in parts.items()]
