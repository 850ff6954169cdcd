"""Supplies of single sites: where a scenario gives a site options, the power stage plans them before the first week."""

from __future__ import annotations

from functools import lru_cache

from gigawatt.errors import GigawattError, SolveError
from gigawatt.power.supply import Place, Supply, plan_at, supply_of
from gigawatt.results import Progress
from gigawatt.scenario import Region, Scenario
from gigawatt.units import MONTHS_PER_YEAR, WEEKS_PER_YEAR

WEEKS_PER_MONTH = WEEKS_PER_YEAR / MONTHS_PER_YEAR
REGION_VALUES = (
    "place", "cooling", "firm_technology", "labour_cost_factor", "gas_usd_per_mmbtu", "carbon_usd_per_t",
    "grid_usd_per_mwh", "delivery_usd_per_mwh", "carbon_g_per_kwh", "grid_months",
)  # fmt: skip
Values = tuple[tuple[str, float | str], ...]


def site_supplies(scenario: Scenario, tell: Progress = lambda _, __: None) -> dict[str, Supply]:
    """The planned supply of every site that the scenario gives options, by name.

    Raises:
        SolveError: No supply of these options serves a site; names it and the limits that clash.
    """
    asked = [key for key, site in scenario.sites.items() if site.supply]
    found = {}
    for i, key in enumerate(asked):
        tell(f"planning the supply of {key} ({i + 1} of {len(asked)}; the first compiles, once)", 0.0)
        planned = site_supply(scenario, key)
        assert planned is not None
        found[key] = planned
    return found


def site_supply(scenario: Scenario, key: str) -> Supply | None:
    """The planned supply of a site; None where the scenario leaves it to the region."""
    site = scenario.sites[key]
    if not site.supply:
        return None
    values = region_values(scenario.regions[site.region])
    try:
        return planned(site.region, values, float(site.power_mw), site.supply, float(site.carbon_free))
    except SolveError as error:
        raise SolveError(f"sites.{key}.supply: {error}") from error
    except ValueError as error:
        raise GigawattError(f"sites.{key}.supply: {error}") from error


def region_values(region: Region) -> Values:
    """What a plan reads of a region, as numbers and texts."""
    given = ((name, getattr(region, name)) for name in REGION_VALUES)
    return tuple((name, value if isinstance(value, str) else float(value)) for name, value in given)


@lru_cache(maxsize=256)
def planned(region: str, values: Values, site_mw: float, options: str, carbon_free: float) -> Supply:
    """A supply as the weeks see it; the same question is answered once."""
    return supply_of(plan_at(Place.of(region, dict(values)), site_mw, options, carbon_free=carbon_free))
