"""Rows for people: a table of items at a glance, and everything known about one item with its sources."""

from gigawatt.catalog.facts import HISTORIES, Fact, facts, find, items, source
from gigawatt.catalog.query import Row, query

HEADLINES: dict[str, tuple[str, ...]] = {
    "chips": (
        "vendor",
        "volume_start",
        "bf16_flop_per_s",
        "fp8_flop_per_s",
        "memory_gb",
        "memory_bandwidth_gb_per_s",
        "system_power_w",
        "price_usd",
    ),
    "models": ("params", "params_active", "layers", "attention", "experts", "context_tokens"),
    "power": ("name", "capex_usd_per_kw", "market_capex_usd_per_kw", "carbon_t_per_mwh", "lead_months", "life_years"),
    "regions": ("name", "nation", "grid_usd_per_mwh", "carbon_g_per_kwh", "grid_mw_per_week", "grid_months"),
    "supply": ("kind", "capacity_per_week", "growth_per_year", "scale_per_week", "lead_weeks"),
    "companies": ("roles", "nation", "cash_usd", "debt_usd", "ai_revenue_usd_per_year"),
    "sites": ("owner", "tenant", "region", "power_mw", "energised_mw", "chip", "status"),
    "timelines": ("name", "builder", "region", "shell", "start", "up_1_mw", "stage_over", "goal_mw"),
    "stages": ("weeks", "after", "per", "power", "trade", "workers_per_mw", "learning"),
    "statements": ("opening", "revenue_usd_per_quarter", "revenue_last_year_usd", "rpo_usd", "chip_life_years"),
    "deals": ("payer_party", "payee_party", "instrument", "status", "amount_usd", "start", "end", "schedule"),
    "deal_status": ("since", "status", "note"),
}
SHOW_COLUMNS = ("attribute", "value", "unit", "low", "high", "as_of", "confidence", "source", "url", "note")
FEW = 8  # columns of a table without headlines of its own


def headlines(table: str) -> tuple[str, ...]:
    """Attributes to show in the list of one table: a chosen few, or the first ones of its first item."""
    if table in HEADLINES:
        return HEADLINES[table]
    first = next(iter(items(table)), None)
    return tuple(facts(table, first))[:FEW] if first else ()


def list_rows(table: str, where: str | None = None, columns: tuple[str, ...] = ()) -> list[Row]:
    """One row per item that satisfies `where`: `item` and the chosen columns, "" where an item lacks one.

    A table of statuses by day has one row per day instead, unless a condition or columns are asked for.
    """
    if table in HISTORIES.values() and not where and not columns:
        days = [fact for item in items(table) for fact in facts(table, item).values()]
        return [{"item": day.item, "since": day.attribute, "status": day.value, "note": day.note} for day in days]
    chosen = columns or headlines(table)
    return [{"item": row["item"]} | {name: row.get(name, "") for name in chosen} for row in query(table, where)]


def show_rows(name: str) -> list[Row]:
    """One row per fact of the item called `name`, with the title and address of its source; see SHOW_COLUMNS.

    Its statuses by day, where there are any, follow under the days on which they began.
    """
    table, item = find(name)
    history = facts(HISTORIES[table], item) if table in HISTORIES else {}
    return [show_row(fact) for fact in (*facts(table, item).values(), *history.values()) if fact.value != ""]


def show_row(fact: Fact) -> Row:
    """One fact as a row of SHOW_COLUMNS."""
    origin = source(fact.source)
    cells = (
        fact.attribute,
        fact.value,
        fact.unit,
        _cell(fact.low),
        _cell(fact.high),
        fact.as_of,
        fact.confidence,
        origin.title,
        origin.url,
        fact.note,
    )
    return dict(zip(SHOW_COLUMNS, cells, strict=True))


def _cell(number: float | None) -> float | str:
    return "" if number is None else number
