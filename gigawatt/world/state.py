"""The state of the world, the tables it reads, and its parameters: three NumPy records.

Every stage declares the groups that it keeps; this module puts them together. A field is known by the same name in
the record, in `explain`, in the result tables and in the docs. Row n of an array of states is scenario n; a copy is a
checkpoint. Dimensions are padded to size classes and loops run to the counts in `count`, so that a company or site
more does not compile anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from gigawatt import catalog
from gigawatt.allocation import weekly as allocation
from gigawatt.buildout import weekly as buildout
from gigawatt.compiled import Fields, group_record
from gigawatt.deals import weekly as deals
from gigawatt.inference import weekly as inference
from gigawatt.ledger import BOOKS, ERRORS, INSTRUMENTS, LEDGERS, SECTORS
from gigawatt.market import weekly as market
from gigawatt.power import weekly as power
from gigawatt.serving import weekly as serving
from gigawatt.training import weekly as training
from gigawatt.world import events

STATE: dict[str, Fields] = {
    **events.STATE, **inference.STATE, **market.STATE, **serving.STATE, **allocation.STATE, **power.STATE,
    **training.STATE, **deals.STATE, **buildout.STATE, "books": BOOKS, "error": ERRORS,
}  # fmt: skip

TABLES: dict[str, Fields] = {
    "count": {
        "companies": ("", "companies"), "sites": ("", "sites"), "regions": ("", "regions"),
        "families": ("", "chip families"), "chips": ("", "chips"), "segments": ("", "segments"), "tiers": ("", "tiers"),
        "missions": ("", "missions"), "items": ("", "supply items"), "deals": ("", "deals"),
        "shocks": ("", "dated shocks"), "start_year": ("", "calendar year at the start, with fraction"),
        "opening_log10_flop": ("", "capability of the best model at the start"),
        "token_segment": ("", "the segment that pays by the token"),
    },
    "company": {
        "is_lab": ("C", "1 if it sells tokens"), "is_owner": ("C", "1 if it owns chips and sites"),
        "is_venture": ("C", "1 if it lives on what investors give"),
        "is_established": ("C", "1 if it has a large business beside AI"),
        "is_restricted": ("C", "1 if export rules limit its purchases"),
        "core_usd_week": ("C", "other revenue at the start"), "core_growth_per_year": ("C", "its growth"),
        "core_margin": ("C", "EBITDA over that revenue"), "core_capex_usd_week": ("C", "capex of that business"),
        "core_ai": ("C", "share of that revenue spent on compute for own products, at the start"),
        "ads_usd_per_user_year": ("C", "advertising revenue per user"), "fixed_usd_week": ("C", "cost beside revenue"),
        "equity_value_usd": ("C", "value beyond multiples"), "credit_spread": ("C", "own spread over the base rate"),
        "buys": ("CF", "share of its chip orders, by family"), "rented_share": ("C", "share of outside customers"),
        "partner": ("CC", "share of its leases signed with"), "partners": ("C", "1 if it has partners"),
        "brand": ("CS", "constant of the logit choice"),
    },
    "site": {
        "owner": ("Z", "company"), "region": ("Z", "region"), "weight": ("Z", "share of the owner's further orders"),
        "start_week": ("Z", "first week of announced starts"), "end_week": ("Z", "week after the last"),
        "start_mw_per_week": ("Z", "announced starts a week"),
        "planned": ("Z", "1 if its supply is a plan of its own"),
        "supply_weeks": ("Z", "order to first power of its supply; 0 where announced dates hold it"),
        "grid_share": ("Z", "of a planned site: energy drawn from the grid"),
        "connection_share": ("Z", "of a planned site: MW of connection"),
        "machine_share": ("Z", "of a planned site: MW of gas turbines, engines and fuel cells"),
        "plan_usd_per_mwh": ("Z", "of a planned site: price of a MWh of its load, beside energy of the grid"),
        "plan_carbon_g_per_kwh": ("Z", "of a planned site: carbon of a kWh of its load, beside the grid's"),
        "plan_water_l_per_kwh": ("Z", "of a planned site: water of its own plants, per kWh of its load"),
    },
    "region": {
        "grid_usd_per_mwh": ("R", "grid price at the start"), "carbon_g_per_kwh": ("R", "carbon of the grid"),
        "firm_without_gas_usd_per_mwh": ("R", "price of power made at the site, all but its gas"),
        "firm_mmbtu_per_mwh": ("R", "gas burnt for power made at the site"),
        "gas_usd_per_mmbtu": ("R", "price of gas"),
        "firm_carbon_g_per_kwh": ("R", "carbon of power made at the site, life cycle"),
        "firm_water_l_per_kwh": ("R", "water of power made at the site"),
        "grid_water_l_per_kwh": ("R", "water of power of the grid, at its plants"),
        "water_l_per_kwh": ("R", "water for cooling, per kWh of IT"),
        "overhead": ("R", "cooling and losses there over those of the mean region, which `fleet.pue` holds for"),
        "supply_weeks": ("R", "order to power: the earlier of connection and own plants, or the slowest item"),
        "crew_nation": ("R", "nation whose crews build there"),
        "crew_scale_mw_per_week": ("R", "of a nation's crews, at which growth has halved"),
        "reference_mw": ("R", "grid load at which scarcity is felt in full"),
        "labour_cost_factor": ("R", "cost of building, 1 is the mean"),
        "grid_growth_per_year": ("R", "fastest growth of grid connections"),
        "grid_scale_mw_per_week": ("R", "connections a week at which growth has halved"),
    },
    "family": {"maker": ("F", "company that is paid, below zero: suppliers"), "restricted": ("F", "1: export rules")},
    "chip": {
        "family": ("K", "family"), "volume_year": ("K", "calendar year of volume start"),
        "usd_per_h100e": ("K", "price, server and network included"), "w_per_h100e": ("K", "IT power, server included"),
        "items_per_h100e": ("KN", "supply items taken"), "tokens_per_h100e_s": ("KT", "output tokens a second, start"),
    },
    "supply": {
        "kind": ("N", "0 chips, 1 sites, 2 firm power"), "growth_per_year": ("N", "fastest growth"),
        "scale": ("N", "capacity a week at which growth has halved"),
    },
    "segment": {
        "potential_m": ("S", "users in the end"), "adoption_per_year": ("S", "logistic rate"),
        "queries_week": ("S", "queries per user and week"), "usd_month": ("S", "revenue per user and month"),
        "churn_per_week": ("S", "share of users who choose anew"), "mix_now": ("ST", "tiers at the start"),
        "mix_later": ("ST", "tiers once thinking is taken up"), "pays_tokens": ("S", "1 if it pays by the token"),
    },
    "tier": {
        "ktokens_out": ("T", "thousand tokens written by a query"), "value_weight": ("T", "weight in the allocation"),
        "opening_usd_per_mtok": ("T", "mean price at the start"),
    },
    "mission": {
        "floor": ("M", "share of every lab's compute set aside"), "need_h100e": ("M", "compute it can use"),
        "tokens_per_s": ("M", "tokens it can use"), "value_usd_per_h100e_h": ("M", "declared value"),
        "ramp_years": ("M", "years to full need"), "start_year": ("M", "calendar year of its start"),
    },
    "deal": {
        "kind": ("D", "what it does when due"), "payer": ("D", "party"), "payee": ("D", "party"),
        "start_week": ("D", "first week"), "end_week": ("D", "week after the last payment"),
        "due_week": ("D", "week after the end of the contract"), "usd": ("D", "amount"),
        "weight": ("D", "share that comes to pass, by status"), "usd_per_gw": ("D", "amount per GW delivered"),
        "share": ("D", "share of revenue"), "family": ("D", "chip family"), "is_guarantee": ("D", "1 if a guarantee"),
    },
    "programme": {
        "owner": ("", "company, -1 for none"), "budget_usd": ("", "money it may spend in all"),
        "mw_per_week": ("Q", "target by year of the run"),
    },
    "shock": {"kind": ("X", "kind"), "week": ("X", "week"), "loss": ("X", "share lost"), "weeks": ("X", "length")},
}  # fmt: skip

CLASSES = {  # the first class of each holds every ordinary scenario, so that they all share one compilation
    "C": (16, 32, 64), "Z": (128, 512), "R": (8, 16, 32), "F": (8, 16), "K": (24, 48), "S": (4, 8), "T": (4, 8),
    "M": (4, 8), "N": (12, 24, 48), "D": (160, 512, 2048), "X": (8, 64), "Q": (16, 52),
}  # fmt: skip
DEBT_YEARS = 32
ENTRIES_PER_COMPANY = 64


def sizes(counts: Mapping[str, int]) -> dict[str, int]:
    """Padded size of every dimension, the smallest class that holds the count.

    Raises:
        ValueError: More of a kind than the largest class holds.
    """
    out = {}
    for dim, classes in CLASSES.items():
        fitting = [size for size in classes if size >= counts.get(dim, 0)]
        if not fitting:
            raise ValueError(f"{counts[dim]} of dimension {dim} are more than the {classes[-1]} that a run can hold")
        out[dim] = fitting[0]
    companies = out["C"]
    return out | {
        "P": companies + len(SECTORS), "U": len(allocation.FIXED_USES) + out["T"] + out["M"], "I": len(INSTRUMENTS),
        "J": companies * ENTRIES_PER_COMPANY, "Y": DEBT_YEARS, "H": len(events.SHOCKS), "A": buildout.SITE_STAGES,
        "B": buildout.CHIP_STAGES, "L": 3, "G": len(LEDGERS),
    }  # fmt: skip


def state_type(size: Mapping[str, int]) -> np.dtype[Any]:
    """The record of the state for given sizes."""
    return group_record(STATE, size)


def table_type(size: Mapping[str, int]) -> np.dtype[Any]:
    """The record of the tables for given sizes."""
    return group_record(TABLES, size)


@cache
def parameter_fields() -> dict[str, Fields]:
    """Groups and fields of the parameters, read from the catalog; the meaning is the note of the row."""
    groups: dict[str, dict[str, tuple[str, str]]] = {}
    for item in catalog.items("parameters"):
        group, field = item.split(".")
        groups.setdefault(group, {})[field] = ("", catalog.fact("parameters", item, "value").note)
    return dict(groups)


def parameter_type() -> np.dtype[Any]:
    """The record of the parameters."""
    return group_record(parameter_fields(), {})
