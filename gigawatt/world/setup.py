"""From a scenario to the arrays of a run: tables and parameters."""

from __future__ import annotations

from dataclasses import fields as fields_of
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.errors import GigawattError
from gigawatt.inference import pools
from gigawatt.inference.pools import Serving
from gigawatt.inference.shapes import Chip as ServingChip
from gigawatt.inference.shapes import Model as ServingModel
from gigawatt.inference.tiers import Tier as ServingTier
from gigawatt.inference.tiers import spread as spread_of
from gigawatt.ledger import SECTORS
from gigawatt.scenario import Chip, Scenario
from gigawatt.timeline import year_of
from gigawatt.training.weekly import H100_FLOP_PER_S
from gigawatt.units import SECONDS_PER_WEEK, WEEKS_PER_YEAR
from gigawatt.world import events
from gigawatt.world.names import Names
from gigawatt.world.setup_deals import fill_deals
from gigawatt.world.setup_sites import fill_sites
from gigawatt.world.state import parameter_fields, parameter_type, sizes, table_type

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
