"""A run as it was computed, which field of the state each column of its tables shows, and tables by week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.results import SCHEMA, Table
from gigawatt.scenario import Scenario
from gigawatt.timeline import Timeline
from gigawatt.world.names import Names

FLEET_EVERY_WEEKS = 4
LEDGER_LIMIT = 1e-9
ALL_SPENT = 0.99  # share of the budget from which a programme counts as paid out
KINDS = ("chip", "site", "firm", "local")
LEDGER_CHECKS = {
    "money": "payments leave one account and enter another; assets = liabilities + equity",
    "compute": "used + idle + failed + unpowered = installed",
    "power": "supply = load, never more than is energised",
}

FIELDS: dict[str, dict[str, str]] = {
    "capacity": {"energised_mw": "power.energised_mw", "under_construction_mw": "build.site_pipe_mw",
                 "queued_mw": "build.site_queue_mw"},
    "buildrate": {"energised_gw": "power.energised_mw", "energised_mw_per_week": "build.energised_mw_week",
                  "started_mw_per_week": "build.started_mw_week", "programme_mw": "lease.programme_mw",
                  "programme_mw_per_week": "lease.programme_mw_week",
                  "programme_target_mw_per_week": "lease.target_mw_week", "programme_usd": "lease.programme_usd",
                  "site_binding": "build.site_binds", "chip_binding": "build.chip_binds",
                  "programme_binding": "plan.rationed_usd"},
    "constraints": {"capacity_per_week": "build.capacity", "asked_per_week": "build.asked",
                    "backlog_weeks": "build.backlog_weeks", "binding": "build.site_binds"},
    "power": {"grid_mw": "power.grid_mw", "firm_mw": "power.firm_mw", "grid_capacity_mw": "power.grid_capacity_mw",
              "firm_capacity_mw": "power.firm_capacity_mw", "load_mw": "power.load_mw", "busy_mw": "power.load_mw",
              "idle_mw": "power.load_mw", "cooling_mw": "power.load_mw",
              "price_usd_per_mwh": "power.price_usd_per_mwh", "carbon_g_per_kwh": "power.carbon_g_per_kwh",
              "cooling_water_m3": "power.cooling_water_m3", "generation_water_m3": "power.generation_water_m3",
              "months_to_power": "build.power_wait_weeks", "site_binding": "build.binds",
              "worth_usd_per_mw": "build.worth_usd_per_mw",
              "energy_mwh": "power.load_mw"},
    "compute": {"installed_h100e": "fleet.counted_h100e", "failed_h100e": "fleet.failed_h100e",
                "unpowered_h100e": "fleet.unpowered_h100e", "lent_h100e": "lease.lent_h100e",
                "spot_lent_h100e": "use.spot_lent_h100e", "borrowed_h100e": "lease.lent_h100e",
                "spot_borrowed_h100e": "use.spot_borrowed_h100e", "used_h100e": "use.used_h100e",
                "idle_h100e": "use.idle_h100e"},
    "fleet": {"installed_h100e": "fleet.installed_h100e"},
    "tokens": {"demand_gtokens": "market.asked_gtokens_week", "served_gtokens": "market.served",
               "price_usd_per_mtok": "market.price_usd_per_mtok", "cost_usd_per_mtok": "market.cost_usd_per_mtok",
               "usd_per_query": "market.cost_usd_per_mtok", "j_per_query": "fleet.tokens_per_h100e_s",
               "g_co2_per_query": "power.carbon_g_per_kwh"},
    "allocation": {"need_h100e": "use.need_h100e", "used_h100e": "use.used_h100e",
                   "shadow_usd_per_h100e_h": "use.shadow_usd_per_h100e_h"},
    "unmet": {"need_h100e": "use.need_h100e", "used_h100e": "use.used_h100e", "unmet_share": "use.used_h100e",
              "shadow_usd_per_h100e_h": "use.shadow_usd_per_h100e_h"},
    "market": {"users_m": "market.users_m", "share": "market.share"},
    "prices": {"rent_usd_per_h100e_h": "market.rent_usd_per_h100e_h",
               "running_usd_per_h100e_h": "market.running_usd_per_h100e_h",
               "levelised_usd_per_h100e_h": "tech.levelised_usd_per_h100e_h",
               "token_usd_per_mtok": "market.index_usd_per_mtok",
               "quality_log10_flop": "market.quality_log10_flop"},
    "companies": {"ai_revenue_usd": "plan.revenue_usd_week", "cloud_revenue_usd": "books.received_usd",
                  "core_revenue_usd": "market.core_usd_week",
                  "mission_revenue_usd": "books.received_usd", "chip_revenue_usd": "books.received_usd",
                  "operating_cost_usd": "books.paid_usd", "ebitda_usd": "books.received_usd",
                  "interest_usd": "books.paid_usd", "tax_usd": "books.paid_usd", "capex_usd": "books.paid_usd",
                  "debt_issued_usd": "books.received_usd", "debt_repaid_usd": "books.paid_usd",
                  "equity_issued_usd": "books.received_usd", "dividend_usd": "books.paid_usd",
                  "invested_usd": "books.paid_usd", "financial_income_usd": "books.received_usd",
                  "cash_change_usd": "books.cash_usd", "cash_usd": "books.cash_usd", "chips_usd": "books.chips_usd",
                  "sites_usd": "books.sites_usd", "claims_usd": "books.stake_usd", "debt_usd": "books.debt_usd",
                  "equity_usd": "books.equity_usd", "refused_usd": "plan.refused_usd", "debt_rate": "books.debt_rate",
                  "defaults": "plan.defaults"},
    "money": {"amount_usd": "books.journal_usd"},
    "deals": {"paid_usd": "deal.paid_usd", "first_paid": "deal.first_week"},
    "checks": {"worst_relative_error": "error.worst"},
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Record:
    """A run as it was computed: the state after every week, and what it read."""

    scenario: Scenario
    names: Names
    parameters: Any
    tables: Any
    opening: Any  # state before the first week
    history: Any  # array of states, one a week

    @property
    def timeline(self) -> Timeline:
        """The weeks that the run covers."""
        return Timeline(self.scenario.start, len(self.history))

    def field(self, path: str) -> np.ndarray:
        """A field over all weeks; shape (weeks, *dimensions), padded."""
        group, name = path.split(".")
        values: np.ndarray = np.asarray(self.history[group][name])
        return values

    def companies(self, path: str) -> np.ndarray:
        """A field by company, cropped to the companies of the run; shape (weeks, companies, ...)."""
        return self.field(path)[:, : len(self.names.companies)]


def weekly(
    record: Record, name: str, labels: Mapping[str, tuple[str, ...]], columns: Mapping[str, np.ndarray], every: int = 1
) -> Table:
    """A table with one row for each week and combination of labels; columns have shape (weeks, *labels)."""
    weeks = np.arange(0, len(record.history), every)
    dates = np.array(record.timeline.dates(), dtype="datetime64[D]")[weeks]
    lengths = [len(values) for values in labels.values()]
    rows = int(np.prod(lengths))
    out: dict[str, np.ndarray] = {"week": np.repeat(weeks, rows), "date": np.repeat(dates, rows)}
    for axis, (label, values) in enumerate(labels.items()):
        inner, outer = int(np.prod(lengths[axis + 1 :])), int(np.prod(lengths[:axis]))
        out[label] = np.tile(np.tile(np.repeat(np.array(values, dtype=object), inner), outer), len(weeks))
    for column, array in columns.items():
        crop = (slice(None), *(slice(length) for length in lengths))
        out[column] = np.ascontiguousarray(array[::every][crop]).reshape(-1)
    return Table(name, {column: out[column] for column in SCHEMA[name]})
