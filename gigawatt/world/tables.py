"""From the states of a run, week by week, to the result tables.

`FIELDS` says which field of the state each column shows; the other columns are worked out here, each by one short
function. `explain` follows the same map back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.allocation.weekly import FIXED_USES
from gigawatt.buildout.weekly import BINDS, CHIP_ITEM, FIRM_ITEM, LOCAL_ITEM, NO_POWER
from gigawatt.ledger import (
    ADS,
    API,
    BUILD,
    CHIPS,
    CLOUD,
    CORE,
    DIVIDEND,
    EQUITY,
    GUARANTEE,
    INSTRUMENTS,
    INTEREST,
    LEDGERS,
    LOAN,
    MISSION,
    OPERATING,
    REPAYMENT,
    REVENUE_SHARE,
    SPOT,
    SUBSCRIPTION,
    TAX,
)
from gigawatt.results import SCHEMA, Table
from gigawatt.scenario import Scenario
from gigawatt.timeline import Timeline
from gigawatt.units import HOURS_PER_WEEK, MONTHS_PER_YEAR, SECONDS_PER_HOUR, WEEKS_PER_YEAR
from gigawatt.world.setup import Names

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


def result_tables(record: Record) -> dict[str, Table]:
    """Every table of the schema that the run itself fills; claims and assumptions come from the scenario."""
    made = {
        "capacity": capacity(record), "buildrate": buildrate(record), "constraints": constraints(record),
        "power": power(record), "compute": compute(record), "fleet": fleet(record), "tokens": tokens(record),
        "allocation": allocation(record), "unmet": unmet(record), "market": market(record), "prices": prices(record),
        "companies": companies(record), "money": money(record), "deals": deals(record), "checks": checks(record),
        "claims": Table.from_rows("claims", []), "assumptions": assumptions(record.scenario),
    }  # fmt: skip
    return {name: made[name] for name in SCHEMA}


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


def capacity(record: Record) -> Table:
    """Sites: power on, under construction and in the queue."""
    names = record.names
    columns = {
        "energised_mw": record.field("power.energised_mw"), "queued_mw": record.field("build.site_queue_mw"),
        "under_construction_mw": record.field("build.site_pipe_mw").sum(axis=-1),
    }  # fmt: skip
    weeks = len(record.history)
    owner, region = (np.tile(np.array(v, dtype=object), (weeks, 1)) for v in (names.site_owner, names.site_region))
    return weekly(record, "capacity", {"site": names.sites}, columns | {"owner": owner, "region": region})


def binding_names(record: Record, path: str) -> np.ndarray:
    """What bound in every week, in words; shape of the field."""
    words = {float(i): name for i, name in enumerate(record.names.items)} | {float(k): v for k, v in BINDS.items()}
    field = record.field(path)
    named = np.array([words.get(float(code), "nothing") for code in field.ravel()], dtype=object)
    return named.reshape(field.shape)


def programme_binding(record: Record, site_binding: np.ndarray) -> np.ndarray:
    """What held the programme below its target: money where its owner signed less than it wanted, else what holds
    sites; empty in weeks at target, after the budget is spent and after the owner's default."""
    owner = int(record.tables.programme.owner)
    if owner < 0:
        return np.full(len(record.history), "", dtype=object)
    target, got = record.field("lease.target_mw_week"), record.field("lease.programme_mw_week")
    spent = record.field("lease.programme_usd") >= ALL_SPENT * float(record.tables.programme.budget_usd)
    running = (got < target) & ~spent & (record.field("lease.programme_over") == 0)
    poor = record.field("plan.rationed_usd")[:, owner] > 0
    return np.where(running, np.where(poor, "money", site_binding), "").astype(object)


def buildrate(record: Record) -> Table:
    """Build rate of the world and of the programme, and what holds them back."""
    columns = {column: record.field(path) for column, path in FIELDS["buildrate"].items() if column != "energised_gw"}
    columns["energised_gw"] = record.field("power.energised_mw").sum(axis=1) / 1e3
    for column in ("site_binding", "chip_binding"):
        columns[column] = binding_names(record, FIELDS["buildrate"][column])
    columns["programme_binding"] = programme_binding(record, columns["site_binding"])
    return weekly(record, "buildrate", {}, columns)


def constraints(record: Record) -> Table:
    """Items, connections by region and crews by nation: capacity, what is asked, backlog, and whether it binds."""
    items = [record.scenario.supply[key] for key in record.names.items]
    n = len(items)
    rows = [Constrained(
        record.names.items, [item.kind for item in items],
        [item.capacity_per_week.unit or "MW/week" for item in items], record.field("build.capacity")[:, :n],
        record.field("build.asked")[:, :n], record.field("build.backlog_weeks")[:, :n], item_binds(record, items),
    ), *regional_constraints(record, items)]  # fmt: skip
    weeks = len(rows[0].now)
    columns = {
        "capacity_per_week": np.concatenate([row.now for row in rows], axis=1),
        "asked_per_week": np.concatenate([row.asked for row in rows], axis=1),
        "backlog_weeks": np.concatenate([row.backlog_weeks for row in rows], axis=1),
        "binding": np.concatenate([row.binding for row in rows], axis=1),
        "kind": np.tile(np.array([kind for row in rows for kind in row.kinds], dtype=object), (weeks, 1)),
        "unit": np.tile(np.array([unit for row in rows for unit in row.units], dtype=object), (weeks, 1)),
    }
    return weekly(record, "constraints", {"item": tuple(name for row in rows for name in row.names)}, columns)


@dataclass(frozen=True, slots=True)
class Constrained:
    """Columns of the table `constraints` for some of its items; arrays of shape (weeks, items)."""

    names: Sequence[str]
    kinds: Sequence[str]
    units: Sequence[str]
    now: np.ndarray
    asked: np.ndarray
    backlog_weeks: np.ndarray
    binding: np.ndarray


def regional_constraints(record: Record, items: list[Any]) -> Iterator[Constrained]:
    """Grid connections of each region, and the crews of each nation where the scenario has any."""
    names, held = record.names, record.field("build.binds")[:, : len(record.names.regions)]
    local = next((i for i, item in enumerate(items) if item.kind == KINDS[LOCAL_ITEM]), None)
    region_nation = record.tables.region.crew_nation[: len(names.regions)]
    kinds = [("grid", "grid connections", names.regions, "grid", held == NO_POWER)]
    if local is not None:
        crewless = [(held[:, region_nation == k] == local).any(axis=1) for k in range(len(names.nations))]
        kinds.append((KINDS[LOCAL_ITEM], names.items[local], names.nations, "crew", np.stack(crewless, axis=1)))
    for kind, what, places, field, binding in kinds:
        count = len(places)
        now = record.field(f"build.{field}_mw_week")[:, :count]
        wait_weeks = record.field(f"build.{field}_wait_weeks")[:, :count]
        yield Constrained(
            [f"{what} {place}" for place in places], [kind] * count, ["MW/week"] * count, now, wait_weeks * now,
            wait_weeks, binding,
        )  # fmt: skip


def item_binds(record: Record, items: list[Any]) -> np.ndarray:
    """Whether more of each item would have meant more MW or chips; shape (weeks, items)."""
    held = record.field("build.binds")[:, : len(record.names.regions)]
    found = np.zeros((len(held), len(items)), bool)
    for i, item in enumerate(items):
        if item.kind == KINDS[CHIP_ITEM]:
            found[:, i] = record.field("build.chip_binds") == i
        else:
            found[:, i] = (held == (NO_POWER if item.kind == KINDS[FIRM_ITEM] else i)).any(axis=1)
    return found


def power(record: Record) -> Table:
    """Power by region: supply, load by kind, price and carbon."""
    regions, load = record.names.regions, record.field("power.load_mw")
    site_region = np.array([regions.index(region) for region in record.names.site_region], dtype=int)
    by_region = np.zeros((len(record.history), len(regions), load.shape[2]))
    for z, r in enumerate(site_region):
        by_region[:, r] += load[:, z]
    columns = {c: record.field(path) for c, path in FIELDS["power"].items() if path != "power.load_mw"}
    columns |= {name: by_region[:, :, k] for k, name in enumerate(("busy_mw", "idle_mw", "cooling_mw"))}
    columns["load_mw"] = by_region.sum(axis=2)
    columns["energy_mwh"] = columns["load_mw"] * HOURS_PER_WEEK
    weeks = record.field("build.power_wait_weeks") + float(record.parameters.build.site_weeks)
    columns["months_to_power"] = weeks * MONTHS_PER_YEAR / WEEKS_PER_YEAR
    columns["site_binding"] = binding_names(record, FIELDS["power"]["site_binding"])[:, : len(regions)]
    return weekly(record, "power", {"region": regions}, columns)


def compute(record: Record) -> Table:
    """Where every chip was, by company."""
    columns = {c: record.companies(path) for c, path in FIELDS["compute"].items()}
    columns["installed_h100e"] = columns["installed_h100e"].sum(axis=2)
    columns["used_h100e"] = columns["used_h100e"].sum(axis=2)
    columns["lent_h100e"] = record.field("lease.lent_h100e").sum(axis=1)
    columns["borrowed_h100e"] = columns["borrowed_h100e"].sum(axis=2)
    return weekly(record, "compute", {"company": record.names.companies}, columns)


def fleet(record: Record) -> Table:
    """Chips installed by company and kind, every fourth week, without those that nobody has."""
    labels = {"company": record.names.companies, "chip": record.names.chips}
    columns = {"installed_h100e": record.field("fleet.installed_h100e")}
    table = weekly(record, "fleet", labels, columns, every=FLEET_EVERY_WEEKS)
    return table.take(table["installed_h100e"] >= 1.0)


def labs(record: Record) -> np.ndarray:
    """Indices of the companies that sell tokens."""
    return np.flatnonzero(record.tables.company.is_lab[: len(record.names.companies)])


def watts_per_h100e(record: Record) -> np.ndarray:
    """Mean site power of the busy chips a company may use, in W per H100-equivalent; shape (weeks, companies)."""
    h100e, w = record.field("fleet.counted_h100e"), np.asarray(record.tables.chip.w_per_h100e)
    lent = record.field("lease.lent_h100e")
    own_w, own = (h100e * w).sum(axis=2), h100e.sum(axis=2)
    mean_w = np.divide(own_w, own, out=np.zeros_like(own_w), where=own > 0)
    kept = np.maximum(0.0, record.field("fleet.available_h100e") - lent.sum(axis=1))
    whole = kept + lent.sum(axis=2)
    mixed = kept * mean_w + np.einsum("tlo,to->tl", lent, mean_w)
    mean: np.ndarray = np.divide(mixed, whole, out=np.zeros_like(whole), where=whole > 0)
    room_mw, drawn_mw = record.field("fleet.room_mw").sum(axis=1), record.field("power.owner_mw").sum(axis=1)
    pue: np.ndarray = np.divide(drawn_mw, room_mw, out=np.ones_like(room_mw), where=room_mw > 0)
    site: np.ndarray = mean * pue[:, None]
    return site


def tokens(record: Record) -> Table:
    """Tokens, prices, and cost, energy and carbon of a query, by lab and tier."""
    who, tiers = labs(record), len(record.names.tiers)
    names = tuple(record.names.companies[c] for c in who)
    demand = record.field("market.asked_gtokens_week")[:, who, :tiers]
    sold = record.field("market.gtokens_week")[:, who, :tiers] * record.field("market.served")[:, who, None]
    cost = record.field("market.cost_usd_per_mtok")[:, who, :tiers]
    load_factor = float(record.parameters.market.load_factor)
    rate = record.field("fleet.tokens_per_h100e_s")[:, who, :tiers] * load_factor
    watts = watts_per_h100e(record)[:, who, None]
    per_query = np.asarray(record.tables.tier.ktokens_out)[:tiers] * 1e3
    j_per_query = np.divide(watts, rate, out=np.full_like(rate, np.nan), where=rate > 0) * per_query
    drawn_mw = record.field("power.grid_mw") + record.field("power.firm_mw")
    carbon = (record.field("power.carbon_g_per_kwh") * drawn_mw).sum(axis=1) / np.maximum(drawn_mw.sum(axis=1), 1e-9)
    columns = {
        "demand_gtokens": demand, "served_gtokens": sold,
        "price_usd_per_mtok": record.field("market.price_usd_per_mtok")[:, who, :tiers], "cost_usd_per_mtok": cost,
        "usd_per_query": cost * per_query / 1e6, "j_per_query": j_per_query,
        "g_co2_per_query": j_per_query / SECONDS_PER_HOUR / 1e3 * carbon[:, None, None],
    }  # fmt: skip
    return weekly(record, "tokens", {"company": names, "tier": record.names.tiers}, columns)


def uses(record: Record) -> tuple[list[int], tuple[str, ...]]:
    """Indices and names of the uses of compute."""
    slots = record.field("market.gtokens_week").shape[2]
    named = record.names.uses(slots)
    return list(named), tuple(named.values())


def shadow_by_use(record: Record, index: list[int]) -> np.ndarray:
    """Value of an hour where a use is turned away, else 0; shape (weeks, companies, uses)."""
    need, used = record.field("use.need_h100e")[:, :, index], record.field("use.used_h100e")[:, :, index]
    short = need - used > float(record.parameters.market.short) * need
    return np.where(short, record.field("use.value_usd_per_h100e_h")[:, :, index], 0.0)


def allocation(record: Record) -> Table:
    """Need and use of compute, by company and use; rows without need are left out."""
    index, names = uses(record)
    columns = {
        "need_h100e": record.field("use.need_h100e")[:, :, index] * curbed(record, index),
        "used_h100e": record.field("use.used_h100e")[:, :, index],
        "shadow_usd_per_h100e_h": shadow_by_use(record, index),
    }
    table = weekly(record, "allocation", {"company": record.names.companies, "use": names}, columns)
    return table.take((table["need_h100e"] > 0) | (table["used_h100e"] > 0))


def curbed(record: Record, index: list[int]) -> np.ndarray:
    """What users of a tier asked for over what the limits of their seats let through; 1 for other uses."""
    asked, through = record.field("market.asked_gtokens_week"), record.field("market.gtokens_week")
    ratio = np.divide(asked, through, out=np.ones_like(asked), where=through > 0)
    factor = np.ones_like(record.field("use.need_h100e"))
    factor[:, :, len(FIXED_USES) : len(FIXED_USES) + ratio.shape[2]] = ratio
    out: np.ndarray = factor[:, :, index]
    return out


def unmet(record: Record) -> Table:
    """Need that went unmet, over all companies, by use, with the highest shadow price."""
    index, names = uses(record)
    need = (record.field("use.need_h100e")[:, :, index] * curbed(record, index)).sum(axis=1)
    used = record.field("use.used_h100e")[:, :, index].sum(axis=1)
    share = np.divide(need - used, need, out=np.zeros_like(need), where=need > 0)
    columns = {
        "need_h100e": need, "used_h100e": used, "unmet_share": np.clip(share, 0.0, 1.0),
        "shadow_usd_per_h100e_h": shadow_by_use(record, index).max(axis=1),
    }  # fmt: skip
    return weekly(record, "unmet", {"use": names}, columns)


def market(record: Record) -> Table:
    """Users by segment and company."""
    who = labs(record)
    share = record.field("market.share")[:, :, who]
    columns = {"share": share, "users_m": record.field("market.users_m")[:, :, None] * share}
    labels = {"segment": record.names.segments, "company": tuple(record.names.companies[c] for c in who)}
    return weekly(record, "market", labels, columns)


def prices(record: Record) -> Table:
    """Rent and cost of compute, price of tokens, capability."""
    n = len(record.names.companies)
    owners = np.flatnonzero(record.tables.company.is_owner[:n])
    installed = record.field("fleet.counted_h100e")[:, owners].sum(axis=2) + 1e-9
    levelised = record.field("tech.levelised_usd_per_h100e_h")[:, owners]
    gtokens = record.companies("market.gtokens_week").sum(axis=2)
    index = record.companies("market.index_usd_per_mtok")
    sold = gtokens.sum(axis=1)
    columns = {
        "rent_usd_per_h100e_h": record.field("market.rent_usd_per_h100e_h"),
        "running_usd_per_h100e_h": record.field("market.running_usd_per_h100e_h"),
        "levelised_usd_per_h100e_h": (levelised * installed).sum(axis=1) / installed.sum(axis=1),
        "token_usd_per_mtok": np.divide((gtokens * index).sum(axis=1), sold, out=np.zeros_like(sold), where=sold > 0),
        "quality_log10_flop": record.companies("market.quality_log10_flop").max(axis=1),
    }
    return weekly(record, "prices", {}, columns)


def companies(record: Record) -> Table:
    """Cash-flow statement of the week and balance sheet at its end, by company."""
    n = len(record.names.companies)
    paid = record.field("books.paid_usd")[:, :, :n]
    received = record.field("books.received_usd")[:, :, :n]
    cash = record.companies("books.cash_usd")
    sold = received[:, :OPERATING].sum(axis=1) + received[:, CHIPS]
    spent = paid[:, :OPERATING].sum(axis=1)
    columns = {
        "ai_revenue_usd": received[:, SUBSCRIPTION] + received[:, API] + received[:, ADS],
        "cloud_revenue_usd": received[:, CLOUD] + received[:, SPOT] + received[:, REVENUE_SHARE],
        "core_revenue_usd": received[:, CORE],
        "mission_revenue_usd": received[:, MISSION], "chip_revenue_usd": received[:, CHIPS],
        "operating_cost_usd": spent,
        "ebitda_usd": sold - spent, "interest_usd": paid[:, INTEREST], "tax_usd": paid[:, TAX],
        "capex_usd": paid[:, CHIPS] + paid[:, BUILD], "debt_issued_usd": received[:, LOAN],
        "debt_repaid_usd": paid[:, REPAYMENT], "equity_issued_usd": received[:, EQUITY],
        "dividend_usd": paid[:, DIVIDEND], "invested_usd": paid[:, EQUITY] + paid[:, LOAN] + paid[:, GUARANTEE],
        "financial_income_usd": received[:, INTEREST] + received[:, REPAYMENT] + received[:, DIVIDEND],
        "cash_change_usd": received.sum(axis=1) - paid.sum(axis=1), "cash_usd": cash,
        "chips_usd": record.companies("books.chips_usd"), "sites_usd": record.companies("books.sites_usd"),
        "claims_usd": record.field("books.stake_usd")[:, :n].sum(axis=2)
        + record.field("books.debt_usd")[:, :, :n].sum(axis=1),
        "debt_usd": record.companies("books.debt_usd").sum(axis=2), "equity_usd": record.companies("books.equity_usd"),
        "refused_usd": record.companies("plan.refused_usd"), "debt_rate": record.companies("books.debt_rate"),
        "defaults": record.companies("plan.defaults"),
    }  # fmt: skip
    return weekly(record, "companies", {"company": record.names.companies}, columns)


def money(record: Record) -> Table:
    """Who paid whom, by instrument, summed per week, from the journal."""
    code, usd = record.field("books.journal_code"), record.field("books.journal_usd")
    listed = np.arange(code.shape[1])[None, :] < record.field("books.entries")[:, None]
    week, _ = np.nonzero(listed)
    parties = record.field("books.cash_usd").shape[1]
    names = np.empty(parties, dtype=object)
    for index, name in record.names.parties(parties).items():
        names[index] = name
    # One integer a row, since NumPy sorts those ten times as fast as pairs.
    codes = len(INSTRUMENTS) * parties**2
    keys, where = np.unique(week * codes + code[listed].astype(np.int64), return_inverse=True)
    weeks, kinds = keys // codes, keys % codes
    dates = np.array(record.timeline.dates(), dtype="datetime64[D]")
    instrument = np.array(INSTRUMENTS, dtype=object)
    columns = {
        "week": weeks, "date": dates[weeks], "payer": names[kinds // parties % parties],
        "payee": names[kinds % parties], "instrument": instrument[kinds // parties**2],
        "amount_usd": np.bincount(where, usd[listed], minlength=len(keys)),
    }  # fmt: skip
    return Table("money", columns)


def deals(record: Record) -> Table:
    """Deals with what was paid under them."""
    last, rows = record.history[-1], []
    for d, key in enumerate(record.names.deals):
        deal, first = record.scenario.deals[key], int(last.deal.first_week[d])
        rows.append({
            "deal": key, "payer": deal.payer, "payee": deal.payee, "instrument": deal.instrument,
            "status": deal.status, "amount_usd": float(deal.amount_usd) if deal.amount_usd is not None else np.nan,
            "start": deal.start or np.datetime64("NaT"), "end": deal.end or np.datetime64("NaT"),
            "paid_usd": float(last.deal.paid_usd[d]),
            "first_paid": record.timeline.date(first) if first >= 0 else np.datetime64("NaT"),
        })  # fmt: skip
    return Table.from_rows("deals", rows)


def checks(record: Record) -> Table:
    """Worst relative error of each ledger, and the week in which it came."""
    errors, rows = record.field("error.week"), []
    for k, ledger in enumerate(LEDGERS):
        week = int(errors[:, k].argmax())
        worst = float(errors[week, k])
        rows.append({
            "ledger": ledger, "check": LEDGER_CHECKS[ledger], "worst_relative_error": worst, "week": week,
            "limit": LEDGER_LIMIT, "passed": bool(worst <= LEDGER_LIMIT),
        })  # fmt: skip
    return Table.from_rows("checks", rows)


def assumptions(scenario: Scenario) -> Table:
    """Every value that the run used, with its range and its origin."""
    rows = []
    for path, value, origin in scenario.assumptions():
        fact = origin.fact
        number = None if isinstance(value, str) else value
        rows.append({
            "path": path, "value": value if number is None else f"{number.value:.10g}",
            "low": np.nan if number is None or number.low is None else number.low,
            "high": np.nan if number is None or number.high is None else number.high,
            "unit": "text" if number is None else number.unit, "source": origin.source, "origin": str(origin),
            "confidence": fact.confidence if fact else "scenario", "note": fact.note if fact else "",
        })  # fmt: skip
    return Table.from_rows("assumptions", rows)
