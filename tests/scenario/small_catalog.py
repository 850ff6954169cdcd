"""A small catalog that never changes, so that messages and hashes in tests do not move with the facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gigawatt.catalog import CatalogError, Fact

TABLES: dict[str, dict[str, dict[str, tuple[object, str]]]] = {
    "companies": {
        "OpenAI": {"roles": ("lab", "text"), "nation": ("United States", "text"), "cash_usd": (4e10, "USD"),
                   "debt_usd": (0.0, "USD"), "share.consumer": (0.6, "1"), "partner.Oracle": (0.75, "1"),
                   "partner.Neoclouds": (0.25, "1"), "buys.nvidia": (0.9, "1"), "buys.amd": (0.1, "1")},
        "Oracle": {"roles": ("owner", "text"), "nation": ("United States", "text"), "cash_usd": (1e10, "USD"),
                   "debt_usd": (1e11, "USD"), "share.consumer": (0.0, "1"), "lawsuits": (3.0, "1")},
        "Nvidia": {"roles": ("maker holding", "text"), "nation": ("United States", "text"), "cash_usd": (6e10, "USD"),
                   "debt_usd": (8.5e9, "USD")},
    },
    "segments": {
        "consumer": {"pays": ("seat", "text"), "users_m": (1000.0, "million"), "potential_m": (4000.0, "million"),
                     "adoption_per_year": (0.8, "1/year"), "queries_per_week": (20.0, "queries/week"),
                     "mix_now.instant": (1.0, "1")},
    },
    "tiers": {
        "instant": {"model": ("small-8b", "text"), "tokens_in": (1000.0, "tokens"), "tokens_out": (300.0, "tokens"),
                    "ttft_s": (0.5, "s"), "tpot_ms": (25.0, "ms"), "value_weight": (1.0, "1")},
    },
    "missions": {
        "tutoring": {"floor": (0.01, "1"), "students": (1.4e9, "students"), "ramp_years": (4.0, "years"),
                     "tokens_per_student_week": (5e4, "tokens/student/week"), "start": ("2026-09-07", "date"),
                     "value_usd_per_h100e_h": (6.0, "USD/H100e/h")},
    },
    "regions": {
        name: {"nation": (nation, "text"), "grid_usd_per_mwh": (60.0, "USD/MWh"), "carbon_g_per_kwh": (400.0, "g/kWh"),
               "grid_mw_per_week": (60.0, "MW/week"), "grid_months": (36.0, "months"),
               "firm_technology": ("gas_engine", "text"), "place": ("us_tx_abilene", "text"),
               "cooling": ("liquid_dry", "text"), "gas_usd_per_mmbtu": (3.5, "USD/MMBtu"),
               "firm_without_gas_usd_per_mwh": (60.0, "USD/MWh"), "firm_carbon_g_per_kwh": (480.0, "g/kWh"),
               "labour_cost_factor": (1.0, "1")}
        for name, nation in (("us_tx", "United States"), ("gulf", "UAE"))
    },
    "supply": {
        "crews": {"kind": ("site", "text"), "capacity_per_week": (340.0, "MW/week"), "lead_weeks": (8.0, "weeks")},
        "hbm": {"kind": ("chip", "text"), "capacity_per_week": (5e7, "GB/week"), "lead_weeks": (30.0, "weeks")},
    },
    "chips": {
        name: {"family": (family, "text"), "maker": (maker, "text"), "volume_start": ("2022-09-20", "date"),
               "bf16_flop_per_s": (speed, "FLOP/s"), "memory_gb": (80.0, "GB"), "system_power_w": (1050.0, "W"),
               "memory_bandwidth_gb_per_s": (3350.0, "GB/s"), "price_usd": (36000.0, "USD")}
        for name, family, maker, speed in (("h100-sxm", "nvidia", "Nvidia", 9.894e14), ("mi355x", "amd", "AMD", 2.3e15))
    },
    "sites": {
        "abilene": {"owner": ("Oracle", "text"), "tenant": ("OpenAI", "text"), "region": ("us_tx", "text"),
                    "power_mw": (1200.0, "MW"), "energised_mw": (200.0, "MW"), "first_power": ("2025-09-01", "date"),
                    "full_power": ("2026-12-01", "date"), "chip": ("h100-sxm", "text")},
    },
    "deals": {
        "nvda-openai": {"payer": ("Nvidia", "text"), "payee": ("OpenAI", "text"), "instrument": ("equity", "text"),
                        "status": ("firm", "text"), "trigger": ("", "text"), "amount_usd": (3e10, "USD"),
                        "start": ("2026-02-27", "date"), "end": ("", "date")},
    },
    "models": {"small-8b": {"layers": (32.0, "1")}},
    "power": {"gas_engine": {"capex_usd_per_kw": (2000.0, "USD/kW")}},
    "parameters": {
        "finance.max_leverage": {"value": (3.5, "1")},
        "finance.vendor_financing_usd": {"value": (0.0, "USD")},
        "finance.base_rate": {"value": (0.045, "1/year")},
        "deals.take_or_pay": {"value": (0.9, "1")},
    },
}  # fmt: skip
RANGES = {("OpenAI", "cash_usd"): (2.5e10, 5e10), ("finance.max_leverage", "value"): (2.0, 5.0)}
PRESETS = {
    "base": "segments: {consumer: {}}\ntiers: {instant: {}}\nmissions: {tutoring: {}}\nregions: {us_tx: {}, gulf: {}}\n"
    "supply: {crews: {}, hbm: {}}\nchips: {h100-sxm: {}, mi355x: {}}\n",
    "companies-2026": "companies: {OpenAI: {}, Oracle: {}, Nvidia: {}}\n",
    "sites-2026": "sites: {abilene: {}}\n",
    "deals-2026": "deals: {nvda-openai: {}}\n",
}


@dataclass
class SmallCatalog:
    """The tables above behind the functions that a scenario asks of a catalog."""

    changed: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def items(self, table: str) -> tuple[str, ...]:
        if table not in TABLES:
            raise CatalogError(f"unknown table {table!r}")
        return tuple(TABLES[table])

    def facts(self, table: str, item: str) -> dict[str, Fact]:
        return {name: self.fact(table, item, name) for name in TABLES[table][item]}

    def fact(self, table: str, item: str, name: str) -> Fact:
        value, unit = TABLES[table][item][name]
        low, high = RANGES.get((item, name), (None, None))
        fact = Fact(table, item, name, value, unit, low, high, "2026-01", "press", "a-source", "a note")  # type: ignore[arg-type]
        new = self.changed.get((table, item, name))
        return fact if new is None else replace(fact, value=new)

    def preset(self, name: str) -> str:
        if name not in PRESETS:
            raise CatalogError(f"unknown preset {name!r} (known: {', '.join(PRESETS)})")
        return PRESETS[name]
