"""Rows of a schedule as people read them on a terminal."""

from __future__ import annotations

from typing import Any

NAMED = 2  # regions that share an item and are named
Row = dict[str, Any]


def project_line(row: Row) -> Row:
    """A project as people read it."""
    return {
        "project": row["project"], "region": row["region"], "MW": round(row["mw"]), "first power": row["first_power"],
        "full power P10": row["p10"] or "never", "P50": row["p50"] or "never", "P90": row["p90"] or "never",
        "held by": brief(row["held_by"]), "in % of draws": round(100 * row["held_share"]), "due": row["due"],
        "float weeks": rounded(row["float_weeks"]), "delay weeks": rounded(row["delay_weeks"]),
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
        "cause": brief(row["cause"]), "GW-weeks late": rounded(row["mw_weeks"] / 1e3, 1),
        "% of all": rounded(100 * row["share"], 1), "holds % of MW": rounded(100 * row["held_share"], 1),
        "projects held": row["projects"], "GW-weeks all tasks wait": rounded(row["task_mw_weeks"] / 1e3, 1),
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


def brief(cause: str) -> str:
    """The name of a cause; regions that share an item are counted where they are many."""
    what, _, where = cause.partition(" in ")
    regions = where.split(" and ")
    return cause if len(regions) <= NAMED else f"{what} in {len(regions)} regions"


def rounded(value: float | None, digits: int = 0) -> float | None:
    """A number with few digits; None stays."""
    if value is None:
        return None
    return round(value, digits) if digits else round(value) if abs(value) < float("inf") else value
