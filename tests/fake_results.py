"""A plausible, made-up Results that follows the schema in full: for tests of report, store and command line.

No model stands behind it: smooth curves by company, tier and region that add up where a reader would add.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gigawatt.results import SCHEMA, Figure, Results, Table

COMPANIES = {  # share of the market, of the sites and opening cash (USD)
    "OpenAI": (0.45, 0.25, 4.0e10),
    "Google": (0.25, 0.30, 9.5e10),
    "Anthropic": (0.18, 0.10, 1.5e10),
    "Microsoft": (0.07, 0.20, 9.0e10),
    "Oracle": (0.00, 0.10, 1.1e10),
    "xAI": (0.05, 0.05, 1.0e10),
    "Nvidia": (0.00, 0.00, 6.0e10),
}
SITES = {  # owner, region, planned MW, first week
    "abilene": ("Oracle", "us_tx", 1200.0, 0),
    "shackelford": ("Oracle", "us_tx", 1400.0, 40),
    "milam": ("OpenAI", "us_tx", 1200.0, 60),
    "fairwater-wisconsin": ("Microsoft", "us_midwest", 1500.0, 10),
    "new_carlisle": ("Anthropic", "us_midwest", 2200.0, 0),
    "colossus-2": ("xAI", "us_southeast", 1100.0, 0),
    "stargate-uae": ("OpenAI", "gulf", 1000.0, 30),
    "programme-1": ("OpenAI", "us_tx", 9000.0, 120),
    "google-west": ("Google", "us_west", 6000.0, 0),
}
REGIONS = ("us_tx", "us_midwest", "us_southeast", "us_west", "gulf")
ITEMS = {  # kind, unit, opening capacity a week, growth a year
    "logic_wafers": ("chip", "wafers/week", 9000.0, 0.5),
    "hbm": ("chip", "GB/week", 2.6e7, 0.5),
    "packaging": ("chip", "wafers/week", 21000.0, 0.6),
    "power_transformers": ("site", "MW/week", 260.0, 0.18),
    "switchgear": ("site", "MW/week", 300.0, 0.2),
    "backup_generators": ("site", "MW/week", 320.0, 0.2),
    "cooling": ("site", "MW/week", 340.0, 0.25),
    "crews": ("site", "MW/week", 280.0, 0.16),
    "gas_turbines": ("firm", "MW/week", 120.0, 0.2),
    "grid": ("grid", "MW/week", 110.0, 0.08),
}
TIERS = {"instant": (0.35, 0.9), "thinking": (12.0, 2.5), "pro": (600.0, 9.0)}  # tokens (1e3) a query, price USD/Mtok
MISSIONS = ("cancer_research", "tutoring")
USES = ("training", *TIERS, *MISSIONS, "core", "rented")
SEGMENTS = {"consumer": 1600.0, "enterprise": 60.0, "developer": 12.0}
CHIPS = {"h100-sxm": 0.4, "gb300-nvl72": 0.4, "tpu-v7": 0.2}
START = np.datetime64("2026-01-05")


def ramp(week: Any, first: float, weeks: float = 90.0) -> Any:
    """0 before `first`, 1 after `first + weeks`, a smooth rise between."""
    x = np.clip((week - first) / weeks, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    """The rows, with week and date filled in, as a table of the schema; everything not given is 0 or empty."""
    empty = {"int": 0, "float": 0.0, "text": "", "bool": False, "date": np.datetime64("NaT")}
    blank = {column: empty[kind] for column, kind in SCHEMA[name].items()}
    if {"week", "date"} <= SCHEMA[name].keys():
        rows = [{**row, "date": START + 7 * row["week"]} for row in rows]
    return Table.from_rows(name, [{**blank, **row} for row in rows])


def capacity(weeks: int) -> list[dict[str, Any]]:
    rows = []
    for week in range(weeks):
        for site, (owner, region, mw, first) in SITES.items():
            on = mw * ramp(week, first)
            building = mw * ramp(week, first - 78) - on
            rows.append({"week": week, "site": site, "owner": owner, "region": region, "energised_mw": on,
                         "under_construction_mw": building, "queued_mw": 0.15 * building})  # fmt: skip
    return rows


def buildrate(sites: Table, weeks: int) -> list[dict[str, Any]]:
    gw = [float(sites.where(week=week)["energised_mw"].sum()) / 1000 for week in range(weeks)]
    rows = []
    for week in range(weeks):
        programme = sites.where(week=week, site="programme-1")["energised_mw"][0]
        before = sites.where(week=max(week - 1, 0), site="programme-1")["energised_mw"][0]
        rows.append({
            "week": week, "energised_gw": gw[week], "energised_mw_per_week": 1000 * (gw[week] - gw[max(week - 1, 0)]),
            "started_mw_per_week": 80 + 0.5 * week, "programme_mw": programme,
            "programme_mw_per_week": programme - before,
            "programme_target_mw_per_week": 50.0 if week < 104 else 566.0 if week < 208 else 1000.0,
            "programme_usd": 4.5e7 * programme, "site_binding": "power_transformers" if week % 200 < 130 else "grid",
            "chip_binding": "packaging" if week < 150 else "power",
            "programme_binding": "money" if week >= 150 else "",
        })  # fmt: skip
    return rows


def constraints(weeks: int) -> list[dict[str, Any]]:
    rows = []
    for week in range(weeks):
        for i, (item, (kind, unit, start, growth)) in enumerate(ITEMS.items()):
            held = start * (1 + growth) ** (week / 52)
            asked = held * (0.7 + 0.45 * np.sin(0.013 * week + i))
            rows.append({"week": week, "item": item, "kind": kind, "unit": unit, "capacity_per_week": held,
                         "asked_per_week": asked, "backlog_weeks": max(0.0, 30 * (asked / held - 0.9)),
                         "binding": bool(asked > held)})  # fmt: skip
    return rows


def power(sites: Table, weeks: int) -> list[dict[str, Any]]:
    rows = []
    for week in range(weeks):
        for r, region in enumerate(REGIONS):
            on = float(sites.where(week=week, region=region)["energised_mw"].sum())
            firm_share = (0.5, 0.2, 0.45, 0.15, 0.8)[r]
            load = 0.82 * on
            rows.append({
                "week": week, "region": region, "grid_mw": load * (1 - firm_share), "firm_mw": load * firm_share,
                "grid_capacity_mw": on * (1 - firm_share), "firm_capacity_mw": on * firm_share, "load_mw": load,
                "busy_mw": 0.68 * load, "idle_mw": 0.12 * load, "cooling_mw": 0.2 * load,
                "price_usd_per_mwh": 58.0 + 6 * r,
                "carbon_g_per_kwh": 330.0 + 25 * r - 0.2 * week, "months_to_power": 18.0 + r, "energy_mwh": 168 * load,
            })  # fmt: skip
    return rows


def compute(weeks: int) -> list[dict[str, Any]]:
    rows = []
    for week in range(weeks):
        for name, (_, owned, _) in COMPANIES.items():
            installed = owned * 6e6 * 1.012**week
            leased = {"OpenAI": 0.6e6, "Oracle": -0.6e6}.get(name, 0.0) * 1.012**week * ramp(week, -40)
            lent, borrowed = max(0.0, -leased), max(0.0, leased)
            usable = 0.95 * installed - lent + borrowed
            rows.append({"week": week, "company": name, "installed_h100e": installed, "failed_h100e": 0.05 * installed,
                         "lent_h100e": lent, "borrowed_h100e": borrowed, "used_h100e": 0.9 * usable,
                         "idle_h100e": 0.1 * usable})  # fmt: skip
    return rows


def fleet(computed: Table) -> list[dict[str, Any]]:
    return [
        {
            "week": row["week"],
            "company": row["company"],
            "chip": chip,
            "installed_h100e": share * row["installed_h100e"],
        }
        for row in computed.rows()
        if row["week"] % 4 == 0 and row["installed_h100e"] > 0
        for chip, share in CHIPS.items()
    ]


def tokens(weeks: int) -> list[dict[str, Any]]:
    rows = []
    for week in range(weeks):
        for name, (market, _, _) in COMPANIES.items():
            for tier, (ktokens, price) in TIERS.items():
                if market > 0:
                    demand = market * 4e5 * 1.008**week / ktokens**0.2
                    served = demand * (1 - 0.12 * ramp(week, 100, 300))
                    cost = 0.55 * price * 0.994**week
                    rows.append({"week": week, "company": name, "tier": tier, "demand_gtokens": demand,
                                 "served_gtokens": served, "price_usd_per_mtok": price * 0.995**week,
                                 "cost_usd_per_mtok": cost, "usd_per_query": cost * ktokens / 1000,
                                 "j_per_query": 900 * ktokens * 0.996**week,
                                 "g_co2_per_query": 0.08 * ktokens * 0.995**week})  # fmt: skip
    return rows


def allocation(computed: Table) -> list[dict[str, Any]]:
    rows = []
    for row in computed.rows():
        for i, use in enumerate(USES):
            if row["used_h100e"] > 0:
                share = (0.30, 0.15, 0.25, 0.10, 0.02, 0.03, 0.10, 0.05)[i]
                used = share * row["used_h100e"]
                lack = (0.05, 0.0, 0.08, 0.25, 0.4, 0.3, 0.0, 0.1)[i] * ramp(row["week"], 0, 300)
                rows.append({"week": row["week"], "company": row["company"], "use": use,
                             "need_h100e": used / (1 - lack),
                             "used_h100e": used, "shadow_usd_per_h100e_h": 6 * lack})  # fmt: skip
    return rows


def unmet(allocated: Table, weeks: int) -> list[dict[str, Any]]:
    rows = []
    for use in USES:
        of_use = allocated.where(use=use)
        for week in range(weeks):
            now = of_use["week"] == week
            need, used = of_use["need_h100e"][now].sum(), of_use["used_h100e"][now].sum()
            rows.append({"week": week, "use": use, "need_h100e": need, "used_h100e": used,
                         "unmet_share": 1 - used / need,
                         "shadow_usd_per_h100e_h": of_use["shadow_usd_per_h100e_h"][now].mean()})  # fmt: skip
    return sorted(rows, key=lambda row: row["week"])


def market(weeks: int) -> list[dict[str, Any]]:
    rows = []
    for week in range(weeks):
        for segment, potential in SEGMENTS.items():
            users = potential * (0.6 + 0.4 * ramp(week, 0, 400))
            for name, (share, _, _) in COMPANIES.items():
                tilt = {"OpenAI": -0.12, "Google": 0.12}.get(name, 0.0) * ramp(week, 0, 400)
                if share > 0:
                    rows.append({"week": week, "segment": segment, "company": name, "users_m": users * (share + tilt),
                                 "share": share + tilt})  # fmt: skip
    return rows


def prices(weeks: int) -> list[dict[str, Any]]:
    return [
        {"week": week, "rent_usd_per_h100e_h": 2.3 + 0.5 * np.sin(week / 40), "running_usd_per_h100e_h": 0.35,
         "levelised_usd_per_h100e_h": 1.9 * 0.998**week, "token_usd_per_mtok": 2.4 * 0.995**week,
         "quality_log10_flop": 27.0 + 0.012 * week}
        for week in range(weeks)
    ]  # fmt: skip


def companies(weeks: int) -> list[dict[str, Any]]:
    rows = []
    for name, (share, owned, cash) in COMPANIES.items():
        debt, equity, chips = 0.3 * cash, cash, 0.8 * cash
        for week in range(weeks):
            revenue = share * 1.1e9 * 1.006**week + (9e9 if name == "Nvidia" else 0) + (6e9 if owned >= 0.2 else 0)
            cost, capex = 0.7 * revenue, owned * 5e9 * 1.004**week
            interest = debt * 0.065 / 52
            gap = max(0.0, capex + cost + interest - revenue - 0.001 * cash)
            issued, shares = 0.7 * gap, 0.3 * gap
            dividend = 0.6 * max(0.0, revenue - cost - capex - interest)
            change = revenue - cost - interest - capex + issued + shares - dividend
            cash, debt, chips = cash + change, debt + issued, chips * 0.996 + capex
            equity = cash + chips - debt
            rows.append({
                "week": week, "company": name, "ai_revenue_usd": share * 1.1e9 * 1.006**week,
                "cloud_revenue_usd": 0.0, "core_revenue_usd": 6e9 if owned >= 0.2 else 0.0,
                "chip_revenue_usd": 9e9 if name == "Nvidia" else 0.0, "operating_cost_usd": cost,
                "ebitda_usd": revenue - cost,
                "interest_usd": interest, "capex_usd": capex, "debt_issued_usd": issued, "equity_issued_usd": shares,
                "dividend_usd": dividend, "cash_change_usd": change, "cash_usd": cash, "chips_usd": 0.6 * chips,
                "sites_usd": 0.4 * chips, "debt_usd": debt, "equity_usd": equity, "refused_usd": 0.2 * gap,
                "debt_rate": 0.065, "defaults": 0.0,
            })  # fmt: skip
    return sorted(rows, key=lambda row: row["week"])


def money(accounts: Table) -> list[dict[str, Any]]:
    flows = {
        "ai_revenue_usd": ("customers", None, "subscription"),
        "interest_usd": (None, "lenders", "interest"),
        "debt_issued_usd": ("lenders", None, "loan"),
        "equity_issued_usd": ("investors", None, "equity"),
        "dividend_usd": (None, "investors", "dividend"),
    }
    rows = []
    for row in accounts.rows():
        name = row["company"]
        loop = 0.02 * row["capex_usd"] if name == "OpenAI" else 0.0  # a stake that pays for chips
        paid = [(payer or name, payee or name, why, row[column]) for column, (payer, payee, why) in flows.items()]
        paid += [(name, "Nvidia", "chips", 0.6 * row["capex_usd"]), ("Nvidia", name, "equity", loop)]
        paid += [(name, "builders", "build", 0.4 * row["capex_usd"])]
        paid += [("OpenAI", name, "cloud", 3e8 if name == "Oracle" else 0)]
        rows += [
            {"week": row["week"], "payer": payer, "payee": payee, "instrument": why, "amount_usd": float(usd)}
            for payer, payee, why, usd in paid
            if usd > 0 and payer != payee
        ]
    return rows


def deals() -> list[dict[str, Any]]:
    day = np.datetime64
    return [
        {"deal": "orcl-openai-300", "payer": "OpenAI", "payee": "Oracle", "instrument": "lease", "status": "firm",
         "amount_usd": 3e11, "start": day("2027-06-01"), "end": day("2032-06-01"), "paid_usd": 1.9e11,
         "first_paid": day("2027-06-07")},
        {"deal": "nvda-openai-30", "payer": "Nvidia", "payee": "OpenAI", "instrument": "equity",
         "status": "conditional", "amount_usd": 3e10,
         "start": day("2026-02-02"), "end": day("2027-02-01"), "paid_usd": 3e10,
         "first_paid": day("2026-02-02")},
        {"deal": "nvda-openai-loi", "payer": "Nvidia", "payee": "OpenAI", "instrument": "equity", "status": "lapsed",
         "amount_usd": 1e11, "start": day("2025-09-22"), "end": day("2026-02-01"), "paid_usd": 0.0},
    ]  # fmt: skip


def claims() -> list[dict[str, Any]]:
    return [
        {"claim": "openai.market_share @ 2030-12 >= 40 %", "figure": "market_share.OpenAI",
         "date": np.datetime64("2030-12-23"),
         "value": 0.38, "operator": ">=", "threshold": 0.4, "holds": False},
        {"claim": "energised_gw @ 2027-12 >= 10 GW", "figure": "energised_gw",
         "date": np.datetime64("2027-12-27"),
         "value": 11.2, "operator": ">=", "threshold": 10.0, "holds": True},
    ]  # fmt: skip


def checks() -> list[dict[str, Any]]:
    said = {"money": "payments in = payments out", "compute": "installed = used + idle", "power": "supply = load"}
    blank = {"limit": 1e-9, "passed": True}
    return [
        {"ledger": ledger, "check": check, "worst_relative_error": 3e-15 * (1 + i), "week": 40 * i, **blank}
        for i, (ledger, check) in enumerate(said.items())
    ]


def assumptions() -> list[dict[str, Any]]:
    own = {"source": "own-estimate", "confidence": "own-estimate"}
    return [
        {"path": "finance.max_leverage", "value": "3.5", "low": 2.0, "high": 5.0, "unit": "1", **own,
         "origin": "parameters.csv finance.max_leverage", "note": "debt / EBITDA that lenders accept"},
        {"path": "companies.OpenAI.cash_usd", "value": "40000000000.0", "low": 3e10, "high": 5e10, "unit": "USD",
         "source": "example-filing", "origin": "companies.csv OpenAI cash_usd", "confidence": "press", "note": ""},
        {"path": "sites.abilene.chip", "value": "gb300-nvl72", "low": np.nan, "high": np.nan, "unit": "text",
         "source": "scenario", "origin": "examples/stargate.yaml:21:5", "confidence": "scenario", "note": ""},
    ]  # fmt: skip


def figures(gw: float) -> list[Figure]:
    return [
        Figure("energised at the end", gw, "GW", f"{gw:.1f} GW", "buildrate.energised_gw"),
        Figure("first week at 1 GW/week", float("nan"), "week", "not reached: held by power_transformers",
               "buildrate.programme_mw_per_week"),
        Figure("programme spending", 4.1e11, "USD", "$410 bn", "buildrate.programme_usd"),
        Figure("cost of a gigawatt", 4.5e10, "USD/GW", "$45 bn per GW", "buildrate.programme_usd"),
        Figure("price of thinking tokens", 0.19, "USD/Mtok", "$0.19 per million", "tokens.price_usd_per_mtok"),
        Figure("unmet share of cancer_research", 0.4, "1", "40 %", "unmet.unmet_share"),
        Figure("lowest cash of OpenAI", 1.2e9, "USD", "$1.2 bn in 2027-05", "companies.cash_usd"),
        Figure("highest debt of Oracle", 2.1e11, "USD", "$210 bn in 2031-02", "companies.debt_usd"),
        Figure("what binds", 0.6, "1", "power_transformers in 60 % of weeks", "buildrate.site_binding"),
    ]  # fmt: skip


@lru_cache
def fake_results(weeks: int = 260, name: str = "stargate", hash: str = "5ce4a7100f" * 6 + "abcd") -> Results:
    """A run of `weeks` weeks; the same arguments give the same bytes."""
    sites, accounts = table("capacity", capacity(weeks)), table("companies", companies(weeks))
    computed = table("compute", compute(weeks))
    allocated = table("allocation", allocation(computed))
    rows = {
        "buildrate": buildrate(sites, weeks), "constraints": constraints(weeks), "power": power(sites, weeks),
        "fleet": fleet(computed), "tokens": tokens(weeks), "unmet": unmet(allocated, weeks), "market": market(weeks),
        "prices": prices(weeks), "money": money(accounts), "deals": deals(), "claims": claims(), "checks": checks(),
        "assumptions": assumptions(),
    }  # fmt: skip
    tables = {t.name: t for t in (sites, accounts, computed, allocated)} | {n: table(n, r) for n, r in rows.items()}
    tables = {table_name: tables[table_name] for table_name in SCHEMA}
    gw = float(tables["buildrate"]["energised_gw"][-1])
    manifest = {"seed": 1, "weeks": weeks, "start": str(START), "versions": {"gigawatt": "0.1.0"}}
    return Results(name, hash, tables, figures(gw), manifest)
