"""From a scenario to the arrays of a run: names, tables, parameters and the opening state."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.allocation.weekly import FIXED_USES
from gigawatt.buildout.design import Design, bill
from gigawatt.buildout.stages import weeks_to_power
from gigawatt.buildout.weekly import CHIP_ITEM, FIRM_ITEM, LOCAL_ITEM, SITE_ITEM
from gigawatt.deals.weekly import (
    CHIP_DEAL,
    COMPUTE_DEAL,
    DEBT_DEAL,
    EQUITY_DEAL,
    FACILITY,
    GUARANTEE_DEAL,
    NOTED,
    SHARE_DEAL,
)
from gigawatt.errors import GigawattError
from gigawatt.inference import pools
from gigawatt.inference.pools import Serving
from gigawatt.inference.shapes import Chip as ServingChip
from gigawatt.inference.shapes import Model as ServingModel
from gigawatt.inference.tiers import Tier as ServingTier
from gigawatt.inference.tiers import spread as spread_of
from gigawatt.ledger import SECTORS
from gigawatt.power.supply import Supply
from gigawatt.scenario import Chip, Deal, Region, Scenario
from gigawatt.scenario.fields import specs
from gigawatt.timeline import DAYS_PER_WEEK, year_of
from gigawatt.training.weekly import H100_FLOP_PER_S
from gigawatt.units import SECONDS_PER_WEEK, WEEKS_PER_YEAR
from gigawatt.world import events
from gigawatt.world.state import TABLES, parameter_fields, parameter_type, sizes, table_type
from gigawatt.world.supplies import WEEKS_PER_MONTH, site_supplies, site_supply

ABOVE = {  # parameters that divide, or would, and the bound that they must be above
    "fleet.idle_draw": 0.0, "fleet.availability": 0.0, "fleet.pue": 0.0, "fleet.life_years": 0.0,
    "market.least_elasticity": 1.0, "market.load_factor": 0.0, "market.serving_efficiency": 0.0,
    "market.opening_rent_usd_per_h100e_h": 0.0, "market.take_up_decades": 0.0, "build.site_weeks": 0.0,
    "build.chip_weeks": 0.0, "build.retire_years": 0.0, "build.backlog_weeks": 0.0, "plan.utilisation": 0.0,
    "plan.order_weeks": 0.0, "deals.order_weeks": 0.0, "deals.contract_years": 0.0, "cost.site_life_years": 0.0,
    "cost.chip_life_years": 0.0, "finance.vendor_years": 0.0, "lab.burn_years": 0.0, "lab.hot_growth": 0.0,
    "finance.hot_growth": 0.0, "tech.algorithm_doubling_years": 0.0, "tech.generation_ramp_years": 0.0,
}  # fmt: skip
ESTABLISHED_USD = 1e10  # other revenue a year from which a company counts as established
RESTRICTED_NATION, RESTRICTED_VENDORS = "China", ("Nvidia", "AMD", "Broadcom")
GRID_SHARE_OF_REFERENCE = (
    0.1  # AI at a tenth of a region's supply feels scarcity in full; see catalog cost.grid_scarcity
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What every index stands for."""

    companies: tuple[str, ...]
    sites: tuple[str, ...]
    site_owner: tuple[str, ...]
    site_region: tuple[str, ...]
    regions: tuple[str, ...]
    nations: tuple[str, ...]  # of the regions, each once
    families: tuple[str, ...]
    chips: tuple[str, ...]
    segments: tuple[str, ...]
    tiers: tuple[str, ...]
    missions: tuple[str, ...]
    items: tuple[str, ...]
    deals: tuple[str, ...]

    @property
    def announced_sites(self) -> int:
        """Sites named in the scenario; those after them are the owners' further sites, one a region."""
        return sum(not name.endswith(" (further)") for name in self.sites)

    def counts(self) -> dict[str, int]:
        """Count of every dimension by its letter."""
        pairs = zip("CZRFKSTMND", (self.companies, self.sites, self.regions, self.families, self.chips, self.segments,
                                   self.tiers, self.missions, self.items, self.deals), strict=True)  # fmt: skip
        return {dim: len(names) for dim, names in pairs}

    def uses(self, tier_slots: int) -> dict[int, str]:
        """Uses of compute by index."""
        tiers = {len(FIXED_USES) + i: name for i, name in enumerate(self.tiers)}
        missions = {len(FIXED_USES) + tier_slots + m: name for m, name in enumerate(self.missions)}
        return dict(enumerate(FIXED_USES)) | tiers | missions

    def party(self, name: str, parties: int) -> int:
        """Index of a company or sector among all parties; -1 for one that does not take part."""
        if name in SECTORS:
            return parties - len(SECTORS) + SECTORS.index(name)
        return self.companies.index(name) if name in self.companies else -1

    def parties(self, parties: int) -> dict[int, str]:
        """Parties by index."""
        sectors = {parties - len(SECTORS) + i: name for i, name in enumerate(SECTORS)}
        return dict(enumerate(self.companies)) | sectors


def names(scenario: Scenario) -> Names:
    """Names in the order of their indices; chips of a family stand in the order of their volume start.

    Raises:
        GigawattError: The scenario has no company, region or chip.
    """
    for section in ("companies", "regions", "chips"):
        if not getattr(scenario, section):
            raise GigawattError(f"{section}: a run needs at least one")
    owners = [key for key, company in scenario.companies.items() if "owner" in company.roles.split()]
    further = [(owner, region) for owner in owners for region in scenario.companies[owner].sites]
    chips = sorted(scenario.chips, key=lambda key: scenario.chips[key].volume_start or date.min)
    bought = {family for company in scenario.companies.values() for family in (*company.buys, *company.fleet_h100e)}
    chips = [key for key in chips if scenario.chips[key].family in bought]
    tiers = sorted(scenario.tiers, key=lambda key: float(scenario.tiers[key].tokens_out))  # the cheapest first
    return Names(
        companies=tuple(scenario.companies),
        sites=(*scenario.sites, *(f"{owner} {region} (further)" for owner, region in further)),
        site_owner=(*(site.owner for site in scenario.sites.values()), *(owner for owner, _ in further)),
        site_region=(*(site.region for site in scenario.sites.values()), *(region for _, region in further)),
        regions=tuple(scenario.regions),
        nations=tuple(dict.fromkeys(region.nation for region in scenario.regions.values())),
        families=tuple(dict.fromkeys(scenario.chips[key].family for key in chips)),
        chips=tuple(chips), segments=tuple(scenario.segments), tiers=tuple(tiers),
        missions=tuple(scenario.missions), items=weekly_items(scenario), deals=tuple(scenario.deals),
    )  # fmt: skip


def weekly_items(scenario: Scenario) -> tuple[str, ...]:
    """Supply items that the weeks read; those of kind `deep` belong to the schedules of projects."""
    return tuple(key for key, item in scenario.supply.items() if item.kind != "deep")


def parameters(scenario: Scenario) -> Any:
    """The parameter record of a single run: medians.

    Raises:
        GigawattError: A parameter that divides is not above its bound.
    """
    for path, bound in ABOVE.items():
        if float(scenario.parameters[path]) <= bound:
            raise GigawattError(f"{path}: {float(scenario.parameters[path]):g} is not above {bound:g}")
    p = np.zeros(1, parameter_type()).view(np.recarray)[0]
    for group, fields in parameter_fields().items():
        for field in fields:
            p[group][field] = float(scenario.parameters[f"{group}.{field}"])
    return p


def tables(scenario: Scenario, n: Names) -> Any:
    """The table record of a run."""
    size = sizes(n.counts() | {"X": len(scenario.shocks), "Q": years(scenario) + 1})
    t = np.zeros(1, table_type(size)).view(np.recarray)[0]
    fill_counts(t, scenario, n)
    fill_companies(t, scenario, n)
    fill_sites(t, scenario, n)
    fill_chips(t, scenario, n)
    fill_demand(t, scenario, n)
    fill_deals(t, scenario, n, size["P"])
    fill_programme(t, scenario, n)
    return t


def years(scenario: Scenario) -> int:
    """Years of the run, a begun year counted whole."""
    return -(-scenario.weeks // WEEKS_PER_YEAR)


def fill_counts(t: Any, scenario: Scenario, n: Names) -> None:
    """Counts, calendar, and what there is one of."""
    count = t["count"]
    for field in (
        "companies",
        "sites",
        "regions",
        "families",
        "chips",
        "segments",
        "tiers",
        "missions",
        "items",
        "deals",
    ):
        count[field] = len(getattr(n, field))
    count["start_year"] = year_of(scenario.start)
    count["opening_log10_flop"] = max((float(c.quality_log10_flop) for c in scenario.companies.values()), default=0.0)
    token = [i for i, key in enumerate(n.segments) if scenario.segments[key].pays == "token"]
    count["token_segment"] = token[0] if token else 0
    dated = [shock for shock in scenario.shocks if shock.at is not None]
    count["shocks"] = len(dated)
    for i, shock in enumerate(dated):
        assert shock.at is not None
        t["shock"]["kind"][i] = events.SHOCKS.index(shock.kind)
        t["shock"]["week"][i] = scenario.timeline.week(shock.at)
        t["shock"]["loss"][i], t["shock"]["weeks"][i] = float(shock.size), float(shock.weeks)


def fill_companies(t: Any, scenario: Scenario, n: Names) -> None:
    """Roles, the business beside AI, what is bought from whom, and brands."""
    table, base_rate = t["company"], float(catalog.value("parameters", "finance.base_rate", "value"))
    for c, key in enumerate(n.companies):
        company, roles = scenario.companies[key], scenario.companies[key].roles.split()
        core_usd = float(company.core_revenue_usd_per_year)
        table["is_lab"][c], table["is_owner"][c] = "lab" in roles, "owner" in roles
        table["is_established"][c] = core_usd >= ESTABLISHED_USD
        table["is_venture"][c] = "lab" in roles and core_usd < ESTABLISHED_USD
        table["is_restricted"][c] = company.nation == RESTRICTED_NATION
        table["core_usd_week"][c] = core_usd / WEEKS_PER_YEAR
        table["core_growth_per_year"][c] = float(company.core_growth_per_year)
        table["core_margin"][c] = float(company.core_margin)
        table["core_capex_usd_week"][c] = float(company.core_capex_usd_per_year) / WEEKS_PER_YEAR
        table["ads_usd_per_user_year"][c] = float(company.ads_usd_per_user_year)
        table["fixed_usd_week"][c] = float(company.fixed_cost_usd_per_year) / WEEKS_PER_YEAR
        table["equity_value_usd"][c] = float(company.equity_value_usd)
        table["credit_spread"][c] = float(company.debt_rate) - base_rate if float(company.debt_rate) > 0 else 0.0
        table["rented_share"][c] = float(company.rented_share)
        spread(table["buys"][c], company.buys, n.families)
        partners = company.partner
        if scenario.programme and scenario.programme.owner == key and scenario.programme.partners:
            partners = scenario.programme.partners
        spread(table["partner"][c], partners, n.companies)
        table["partners"][c] = table["partner"][c].sum() > 0
        for s, segment in enumerate(n.segments):
            share = float(company.share.get(segment, 0.0))  # without a brand, the one that explains the opening share
            given = company.brand.get(segment)
            table["brand"][c, s] = float(given) if given is not None else np.log(share) if share > 0 else -np.inf
    table["rented_share"] /= max(1.0, table["rented_share"].sum())


def spread(row: np.ndarray, shares: dict[str, Any], keys: tuple[str, ...]) -> None:
    """Write shares by name into a row; what names nobody in the run is spread over the others."""
    known = {key: float(value) for key, value in shares.items() if key in keys}
    whole = sum(known.values())
    for key, value in known.items():
        row[keys.index(key)] = value / whole if whole > 0 else 0.0


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


def fill_chips(t: Any, scenario: Scenario, n: Names) -> None:
    """Chips by H100-equivalent: price, power, items and tokens; families and who is paid for them."""
    table = t["chip"]
    served, realised = servings(scenario, n), float(scenario.parameters["market.serving_efficiency"])
    for k, key in enumerate(n.chips):
        chip = scenario.chips[key]
        h100e = float(chip.bf16_flop_per_s) / H100_FLOP_PER_S
        table["family"][k] = n.families.index(chip.family)
        table["volume_year"][k] = year_of(chip.volume_start or scenario.start)
        table["usd_per_h100e"][k] = float(chip.price_usd) / h100e
        table["w_per_h100e"][k] = float(chip.system_power_w) / h100e
        for i, item in enumerate(n.items):
            if scenario.supply[item].kind == "chip":
                table["items_per_h100e"][k, i] = units_per_chip(chip, item) / h100e
        for i, tier in enumerate(n.tiers):
            if (key, tier) in served:
                rate = served[key, tier].output_tokens_per_s_per_chip
                table["tokens_per_h100e_s"][k, i] = rate * realised / h100e
        table_f, f = t["family"], n.families.index(chip.family)
        maker = n.party(chip.maker, 0) if chip.maker not in SECTORS else -1
        table_f["maker"][f] = maker
        table_f["restricted"][f] = chip.maker in RESTRICTED_VENDORS


def units_per_chip(chip: Chip, item: str) -> float:
    """Units of a supply item that one chip takes: the attribute `ITEM_wafers`, `ITEM_gb` or `ITEM` of the chip."""
    for field in (f"{item}_wafers", f"{item}_gb", item):
        value = getattr(chip, field, None) if hasattr(chip, field) else chip.extra.get(field)
        if value is not None and not isinstance(value, str):
            return float(value)
    return 0.0


def servings(scenario: Scenario, n: Names) -> dict[tuple[str, str], Serving]:
    """How each tier is served best on each chip at the start, by (chip, tier); what no layout can serve is left out."""
    if not n.tiers or not any("lab" in company.roles.split() for company in scenario.companies.values()):
        return {}
    pairs = {
        key: (serving_tier(scenario, key), ServingModel.from_catalog(scenario.tiers[key].model)) for key in n.tiers
    }
    return pools.table(pairs, tuple(serving_chip(scenario.chips[key], key) for key in n.chips))


def serving_tier(scenario: Scenario, key: str) -> ServingTier:
    """A tier of the scenario as a mixture of queries: an interval of lengths is how they differ."""
    tier = scenario.tiers[key]
    names = ("tokens_in", "tokens_out", "cached_share", "attempts", "window_tokens", "drafted_tokens",
             "accepted_tokens", "ttft_s", "tpot_ms", "deadline_hours")  # fmt: skip
    given = {name: float(getattr(tier, name)) for name in names}
    spreads = {f"spread_{side}": spread_of(one.low, one.high) for side, one in
               (("in", tier.tokens_in), ("out", tier.tokens_out))}  # fmt: skip
    return ServingTier(name=key, **given, **spreads)


def serving_chip(chip: Chip, key: str) -> ServingChip:
    """A chip of the scenario as the estimator of serving wants it; what neither gives keeps its default."""
    given = {}
    for field in fields_of(ServingChip):
        value = getattr(chip, field.name, None) if hasattr(chip, field.name) else chip.extra.get(field.name)
        if field.name != "name" and value is not None and float(value) > 0:
            given[field.name] = float(value)
    return ServingChip(name=key, **given)


def fill_demand(t: Any, scenario: Scenario, n: Names) -> None:
    """Segments, tiers and missions; prices at the opening follow in the opening state."""
    for s, key in enumerate(n.segments):
        segment, table = scenario.segments[key], t["segment"]
        table["potential_m"][s], table["adoption_per_year"][s] = (
            float(segment.potential_m),
            float(segment.adoption_per_year),
        )
        table["queries_week"][s], table["usd_month"][s] = float(segment.queries_per_week), float(segment.usd_per_month)
        table["churn_per_week"][s], table["pays_tokens"][s] = float(segment.churn_per_week), segment.pays == "token"
        for i, tier in enumerate(n.tiers):
            table["mix_now"][s, i] = float(segment.mix_now.get(tier, 0.0))
            table["mix_later"][s, i] = float((segment.mix_later or segment.mix_now).get(tier, 0.0))
    for i, key in enumerate(n.tiers):
        t["tier"]["ktokens_out"][i] = float(scenario.tiers[key].tokens_out) / 1e3
        t["tier"]["value_weight"][i] = float(scenario.tiers[key].value_weight)
    t["tier"]["opening_usd_per_mtok"] = 1.0
    for m, key in enumerate(n.missions):
        mission, table = scenario.missions[key], t["mission"]
        table["floor"][m], table["need_h100e"][m] = float(mission.floor), float(mission.need_h100e)
        tokens_week = float(mission.students) * float(mission.tokens_per_student_week)
        table["tokens_per_s"][m] = tokens_week / SECONDS_PER_WEEK
        table["value_usd_per_h100e_h"][m] = float(mission.value_usd_per_h100e_h)
        table["ramp_years"][m] = max(float(mission.ramp_years), 1 / WEEKS_PER_YEAR)
        table["start_year"][m] = year_of(mission.start or scenario.start)


def fill_deals(t: Any, scenario: Scenario, n: Names, parties: int) -> None:
    """Deals by what they do when due and by the weight of their status; amounts not disclosed weigh nothing."""
    weights = {
        "firm": 1.0, "conditional": float(scenario.parameters["deals.conditional_weight"]),
        "announced": float(scenario.parameters["deals.announced_weight"]),
    }  # fmt: skip
    table = t["deal"]
    for d, key in enumerate(n.deals):
        deal = scenario.deals[key]
        table["payer"][d], table["payee"][d] = n.party(deal.payer, parties), n.party(deal.payee, parties)
        start, end, due = deal_weeks(scenario, deal)
        kind, family = deal_kind(scenario, n, deal)
        owner = scenario.programme.owner if scenario.programme else ""
        elsewhere = deal.trigger == "per_gw" and owner not in (deal.payer, deal.payee)
        if min(table["payer"][d], table["payee"][d]) < 0 or elsewhere:
            kind = NOTED
        table["kind"][d], table["family"][d] = kind, family
        table["start_week"][d], table["end_week"][d], table["due_week"][d] = start, end, due
        table["usd"][d] = float(deal.amount_usd) * share_to_come(scenario, deal) if deal.amount_usd is not None else 0.0
        table["is_guarantee"][d] = kind == GUARANTEE_DEAL
        pays = kind not in (NOTED,) and (table["usd"][d] > 0 or kind == SHARE_DEAL)
        table["weight"][d] = weights.get(deal.status, 0.0) if pays else 0.0
        if deal.trigger == "per_gw" and deal.gigawatts is not None and float(deal.gigawatts) > 0:
            table["usd_per_gw"][d] = table["usd"][d] / float(deal.gigawatts)
        table["share"][d] = float(scenario.parameters["deals.revenue_share"]) if kind == SHARE_DEAL else 0.0


def deal_weeks(scenario: Scenario, deal: Deal) -> tuple[float, float, float]:
    """First week, week after the last payment, and week after the contract.

    Compute is signed within a year of the start and paid as it is delivered; money without an end moves within a
    quarter; what was due before the run but is still open falls due in it.
    """
    start = max(0, scenario.timeline.week(deal.start or scenario.start))
    due = scenario.timeline.week(deal.end) + 1 if deal.end else start + WEEKS_PER_YEAR // 4
    due = max(due, start + 1)
    if deal.instrument == "purchase_commitment":
        due = max(due, start + WEEKS_PER_YEAR)
        return float(start), float(min(due, start + WEEKS_PER_YEAR)), float(due)
    if deal.instrument == "debt":
        return float(start), float(min(due, start + WEEKS_PER_YEAR)), float(due)
    return float(start), float(due), float(due)


def share_to_come(scenario: Scenario, deal: Deal) -> float:
    """Share of a deal's amount that falls after the start of the run, by time; 1 for a deal without an end."""
    if deal.start is None or deal.end is None or deal.end <= deal.start:
        return 1.0
    return min(1.0, max(0.0, (deal.end - scenario.start).days / (deal.end - deal.start).days))


def deal_kind(scenario: Scenario, n: Names, deal: Deal) -> tuple[int, int]:
    """What a deal does when it falls due, and the chip family it buys (-1 for none)."""
    company = scenario.companies.get
    payer, payee = company(deal.payer), company(deal.payee)
    buyer_owns = payer is not None and "owner" in payer.roles.split()
    uses_compute = payer is not None and bool({"lab", "owner"} & set(payer.roles.split()))
    seller = payee.roles.split() if payee is not None else []
    match deal.instrument:
        case "equity":
            return (EQUITY_DEAL if payee is not None else NOTED), -1
        case "debt" if payee is not None and (payer is not None or deal.payer == "lenders"):
            return (FACILITY if deal.trigger == "on_purchase" and payer is not None else DEBT_DEAL), -1
        case "purchase_commitment" if "maker" in seller and buyer_owns:
            made = [f for f, family in enumerate(n.families) if maker_of(scenario, n, family) == deal.payee]
            return (CHIP_DEAL, made[0]) if made else (NOTED, -1)
        case "purchase_commitment" if "owner" in seller and uses_compute and deal.payer != deal.payee:
            return COMPUTE_DEAL, -1
        case "revenue_share" if payer is not None:
            return SHARE_DEAL, -1
        case "backstop" if payer is not None and payee is not None:
            return GUARANTEE_DEAL, -1
    return NOTED, -1


def maker_of(scenario: Scenario, n: Names, family: str) -> str:
    """Party that is paid for a family: the maker of its newest chip."""
    return [scenario.chips[key].maker for key in n.chips if scenario.chips[key].family == family][-1]


def fill_programme(t: Any, scenario: Scenario, n: Names) -> None:
    """The programme's owner, budget and target by year of the run."""
    t["programme"]["owner"] = -1.0
    if scenario.programme is None:
        return
    owner = n.companies.index(scenario.programme.owner)
    t["programme"]["owner"] = owner
    t["programme"]["budget_usd"] = float(scenario.programme.budget_usd)
    for year in range(years(scenario) + 1):
        t["programme"]["mw_per_week"][year] = scenario.programme.target(scenario.start.year + year) * 1e3
    if not (t["company"]["is_lab"][owner] and t["company"]["partners"][owner]):
        raise GigawattError(
            f"programme.owner: {scenario.programme.owner} must be a lab with partners to sign leases with"
        )
