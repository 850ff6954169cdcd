"""Tables of sites, regions and supply: when sites start, what feeds and delays them, who builds them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.buildout.design import Design, bill
from gigawatt.buildout.stages import weeks_to_power
from gigawatt.buildout.weekly import CHIP_ITEM, FIRM_ITEM, LOCAL_ITEM, SITE_ITEM
from gigawatt.power.supply import Supply
from gigawatt.scenario import Region, Scenario
from gigawatt.scenario.fields import specs
from gigawatt.timeline import DAYS_PER_WEEK
from gigawatt.units import WEEKS_PER_YEAR
from gigawatt.world.names import Names
from gigawatt.world.state import TABLES
from gigawatt.world.supplies import WEEKS_PER_MONTH, site_supplies, site_supply

GRID_SHARE_OF_REFERENCE = (
    0.1  # AI at a tenth of a region's supply feels scarcity in full; see catalog cost.grid_scarcity
)


def fill_sites(t: Any, scenario: Scenario, n: Names) -> None:
    """Announced sites with their starts, further sites with their weights, regions and supply items.

    A site that is energised evenly from `first_power` to `full_power` starts as many weeks earlier as it takes to
    build it, or to power it where the scenario plans its supply.
    """
    fill_regions(t, scenario, n)
    fill_supplies(t, scenario, n)
    table = t["site"]
    for z, (owner, region) in enumerate(zip(n.site_owner, n.site_region, strict=True)):
        table["owner"][z], table["region"][z] = n.companies.index(owner), n.regions.index(region)
        if z >= n.announced_sites:
            table["weight"][z] = float(scenario.companies[owner].sites[region])
            continue
        site = scenario.sites[n.sites[z]]
        begin, end = start_weeks(scenario, n.sites[z], t, z)
        table["start_week"][z], table["end_week"][z] = max(0, begin), max(0, end)
        table["start_mw_per_week"][z] = max(0.0, float(site.power_mw) - float(site.energised_mw)) / (end - begin)
    kinds = {"chip": CHIP_ITEM, "site": SITE_ITEM, "firm": FIRM_ITEM, "local": LOCAL_ITEM}
    for i, key in enumerate(n.items):
        item = scenario.supply[key]
        t["supply"]["kind"][i], t["supply"]["growth_per_year"][i] = kinds[item.kind], float(item.growth_per_year)
        t["supply"]["scale"][i] = float(item.scale_per_week) or np.inf
        if item.kind == "local":
            t["region"]["crew_scale_mw_per_week"][: len(n.nations)] = t["supply"]["scale"][i] * crew_shares(scenario, n)


def crew_shares(scenario: Scenario, n: Names) -> np.ndarray:
    """Share of the crews that is in each nation: what the scenario says, else that of grid connections."""
    regions = [scenario.regions[key] for key in n.regions]
    shares = np.array([float(region.crew_share) for region in regions])
    if not (shares > 0).all():
        shares = np.array([float(region.grid_mw_per_week) for region in regions])
    held = np.zeros(len(n.nations))
    np.add.at(held, [n.nations.index(region.nation) for region in regions], shares)
    return held / held.sum() if held.sum() > 0 else held


def delivery_weeks(scenario: Scenario) -> float:
    """Weeks from the first works of a site to power that the slowest item of all sites takes: what is left of its lead
    time by then, and the work that comes after it.

    Buyers order `ahead_weeks` before they ask for a permit. An item that the bill of materials does not know is taken
    as electrical.
    """
    needed = {need.item: need.stage for need in bill(Design())}
    permit_weeks = weeks_to_power("permit") - weeks_to_power("earthworks")
    items = ((key, item) for key, item in scenario.supply.items() if item.kind == "site")
    found = [
        max(0.0, float(item.lead_weeks) - float(item.ahead_weeks) - permit_weeks)
        + weeks_to_power(needed.get(key, "electrical"))
        for key, item in items
    ]
    return max(found, default=0.0)


def fill_regions(t: Any, scenario: Scenario, n: Names) -> None:
    """Price, carbon, water and months of every region's grid and own plants."""
    table, same = t["region"], [name for name in TABLES["region"] if name in specs(Region)]
    mean_overhead, items_weeks = mean_of_regions("pue") - 1.0, delivery_weeks(scenario)
    table["crew_scale_mw_per_week"][:] = np.inf
    for r, key in enumerate(n.regions):
        region = scenario.regions[key]
        for field in same:
            table[field][r] = float(getattr(region, field))
        table["reference_mw"][r] = float(region.grid_mw_per_week) * WEEKS_PER_YEAR / GRID_SHARE_OF_REFERENCE
        table["overhead"][r] = (float(region.pue) - 1.0) / mean_overhead if float(region.pue) > 1 else 1.0
        table["crew_nation"][r] = n.nations.index(region.nation)
        fed_weeks = min(float(region.grid_months), float(region.firm_months)) * WEEKS_PER_MONTH
        table["supply_weeks"][r] = max(fed_weeks, items_weeks)


@cache
def mean_of_regions(attribute: str) -> float:
    """Mean of a number over the regions of the catalog."""
    return float(np.mean([float(catalog.value("regions", item, attribute)) for item in catalog.items("regions")]))


def fill_supplies(t: Any, scenario: Scenario, n: Names) -> None:
    """What feeds each site: its region's grid and plants, or the plan of the supply that the scenario gives it.

    A further site orders its supply with the site; that of an announced one is part of its announced dates.
    """
    table, plans = t["site"], site_supplies(scenario)
    for z, region in enumerate(n.site_region):
        r = n.regions.index(region)
        table["supply_weeks"][z] = t["region"]["supply_weeks"][r] if z >= n.announced_sites else 0.0
        if n.sites[z] not in plans:
            continue
        found = plans[n.sites[z]]
        table["planned"][z] = 1.0
        table["supply_weeks"][z] = max(found.first_months * WEEKS_PER_MONTH, delivery_weeks(scenario))
        for field in ("grid_share", "connection_share", "machine_share"):
            table[field][z] = getattr(found, field)
        grid_usd, grid_g = (t["region"][field][r] for field in ("grid_usd_per_mwh", "carbon_g_per_kwh"))
        table["plan_usd_per_mwh"][z] = found.usd_per_mwh - found.grid_share * grid_usd
        table["plan_carbon_g_per_kwh"][z] = found.carbon_g_per_kwh - found.grid_share * grid_g
        table["plan_water_l_per_kwh"][z] = found.plants_water_l_per_kwh


def power_weeks(scenario: Scenario, key: str, supply: Supply | None) -> tuple[float, float]:
    """Weeks at which what is still to come of a site is first and fully energised; ongoing ramps begin at week 0.

    A supply that the scenario gives a site is ordered at the start: no power comes before it does.
    """
    site = scenario.sites[key]
    first, full = site.first_power or scenario.start, site.full_power or scenario.start
    weeks = [(day - scenario.start).days / DAYS_PER_WEEK for day in (first, full)]
    if supply is not None:
        weeks[0] = max(weeks[0], supply.first_months * WEEKS_PER_MONTH)
        weeks[1] = max(weeks[1], supply.full_months * WEEKS_PER_MONTH)
    return max(0.0, weeks[0]), max(1.0, weeks[1])


def lead_of(scenario: Scenario, t: Any, z: int) -> float:
    """Weeks from the start of an announced site to its power: to build it, or to feed it as planned."""
    return max(float(scenario.parameters["build.site_weeks"]), float(t["site"]["supply_weeks"][z]))


def start_weeks(scenario: Scenario, key: str, t: Any, z: int) -> tuple[int, int]:
    """First week of a site's starts and the week after the last, at least one; below 0 before the run."""
    first, full = power_weeks(scenario, key, site_supply(scenario, key))
    lead_weeks = lead_of(scenario, t, z)
    begin = round(first - lead_weeks)
    return begin, max(begin + 1, round(full - lead_weeks))
