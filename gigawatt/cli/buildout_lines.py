"""Rows of a schedule as people read them on a terminal."""

from __future__ import annotations

from typing import Any

BEFORE_DUE = "weeks before due"
NAMED = 2  # regions that share an item and are named
# What a narrow terminal can do without, the least needed first.
LEAST_OF_PROJECTS = (
    "region", "in % of draws", BEFORE_DUE, "first or next power P50", "due", "full power P10",
)  # fmt: skip
LEAST_OF_TASKS = ("MW", "finished P10", "in % of draws", "float weeks", "weeks", "% critical", "P90")
LEAST_OF_CAUSES = ("GW-weeks all tasks wait", "% of all")
LEAST_OF_COSTS = ("P10", "MW", "owner +", "crews +")
Row = dict[str, Any]


def project_line(row: Row) -> Row:
    """A project as people read it."""
    return {
        "project": row["project"], "region": row["region"], "MW to build": round(row["mw"]),
        "first or next power P50": row["first_power"] or "never",
        "full power P10": row["p10"] or "never", "P50": row["p50"] or "never", "P90": row["p90"] or "never",
        "held by": brief(row["held_by"], row["region"]), "in % of draws": round(100 * row["held_share"]),
        "due": row["due"], BEFORE_DUE: None if row["due"] is None else before_due(row),
        "% on time": None if row["on_time"] is None else round(100 * row["on_time"]),
        **{name.replace("_", " "): row[name] for name in ("at_medians", "best_at_medians") if name in row},
    }  # fmt: skip


def task_line(row: Row) -> Row:
    """A task as people read it."""
    return {
        "project": row["project"], "phase": row["phase"], "stage": row["stage"], "MW": round(row["mw"]),
        "begins P50": row["begin"] or "never", "weeks": rounded(row["weeks"]), "finished P10": row["p10"] or "never",
        "P50": row["p50"] or "never", "P90": row["p90"] or "never", "waits last for": brief(row["cause"]),
        "in % of draws": round(100 * row["cause_share"]), "% critical": round(100 * row["critical"]),
        "float weeks": rounded(row["float_weeks"]),
    }  # fmt: skip


def binding_line(row: Row) -> Row:
    """A cause as people read it."""
    return {
        "cause": brief(row["cause"]), "holds % of MW": rounded(100 * row["held_share"], 1),
        "projects held": row["projects"], "GW-weeks waited": rounded(row["mw_weeks"] / 1e3, 1),
        "% of all": rounded(100 * row["share"], 1), "GW-weeks all tasks wait": rounded(row["task_mw_weeks"] / 1e3, 1),
    }  # fmt: skip


def cost_line(row: Row) -> Row:
    """What a project costs as people read it, in millions of USD; parts are means of what differs from the plan."""
    heads = {
        "planned_usd": "planned M$", "p10_usd": "P10", "p50_usd": "P50", "p90_usd": "P90", "items_usd": "items +",
        "crews_usd": "crews +", "owner_usd": "owner +", "damages_usd": "damages",
    }  # fmt: skip
    millions = {head: rounded(row[name] / 1e6) for name, head in heads.items()}
    return {"project": row["project"], "MW": round(row["mw"]), **millions}


def year_line(row: Row) -> Row:
    """Power at a year's end as people read it."""
    return {"year": str(row["year"]), **{f"P{n}": round(row[f"p{n}_mw"]) for n in (10, 50, 90)}}


def before_due(row: Row) -> float | str:
    """Weeks from the median to the due date: float, less what it is late."""
    days = row["float_weeks"] - row["delay_weeks"]
    return round(days, 1) if abs(days) < float("inf") else "never"


def brief(cause: str, region: str = "") -> str:
    """The name of a cause, without its place where that is `region`; regions that share an item are counted where they
    are many."""
    from gigawatt.buildout.schedule_rows import short_place

    what, _, where = cause.partition(" in ")
    where = short_place(where)
    if where in ("", region):
        return what
    regions = where.split(" and ")
    return f"{what} in {where}" if len(regions) <= NAMED else f"{what} in {len(regions)} regions"


def rounded(value: float | None, digits: int = 0) -> float | None:
    """A number with few digits; None stays."""
    if value is None:
        return None
    return round(value, digits) if digits else round(value) if abs(value) < float("inf") else value
