"""From the states of a run, week by week, to the result tables.

`FIELDS` says which field of the state each column shows; the other columns are worked out here, each by one short
function. `explain` follows the same map back.
"""

from __future__ import annotations

import numpy as np

from gigawatt.allocation.weekly import FIXED_USES
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
from gigawatt.units import SECONDS_PER_HOUR
from gigawatt.world.record import FIELDS, FLEET_EVERY_WEEKS, LEDGER_CHECKS, LEDGER_LIMIT, Record, weekly
from gigawatt.world.tables_building import buildrate, capacity, constraints, power


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
