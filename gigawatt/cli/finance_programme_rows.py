"""Rows of a funded programme: of years and of what carries it, in USD for files and in bn for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gigawatt.cli.finance_programme_words import usd

if TYPE_CHECKING:
    from gigawatt.finance.programmes.fund import Funding
    from gigawatt.finance.programmes.programme import Programme
    from gigawatt.finance.programmes.required import Required

BN = 1e9
MOST_TURNS = 50.0  # times earnings, above which a ratio says no more than that
USES = {"operating": "running", "rent": "rent", "chips": "chips", "site": "sites", "tax": "tax"}
ASKS = {
    "revenue": "revenue in {year}",
    "growth": "growth a year to {year}",
    "price": "price of a GW-hour",
    "price of tokens": "price of 1 M tokens",
    "utilisation": "share of compute sold",
}
TOLD = {"planned": "planned", "needed": "needed", "P5": "p5", "P95": "p95"}
Row = dict[str, Any]


def column_of(source: str) -> str:
    """Column of what a source gives: `raised_bonds_and_loans_usd`."""
    return f"raised_{source.replace(' ', '_')}_usd"


def year_rows(middle: Funding, drawn: Funding, case: str) -> list[Row]:
    """All that a file holds of each year: flows of one case in USD, and what the draws say of the gap."""
    from gigawatt.finance.programmes.answers import by_calendar_year, gap_probability

    p = middle.programme
    flows = {"revenue_usd": middle.plan.revenue, "free_cash_usd": middle.free_cash}
    flows |= {f"{name}_usd": flow for name, flow in middle.uses.items()}
    flows |= {column_of(name): flow for name, flow in middle.raised.items()}
    flows["unfunded_usd"] = middle.unfunded
    yearly = {name: by_calendar_year(middle, flow)[:, 0] for name, flow in flows.items()}
    cash = np.concatenate([[p.cash_usd], middle.cash.reshape(p.years, -1)[:, -1]])
    gap = np.cumsum(by_calendar_year(drawn, drawn.unfunded), axis=0)
    levels = {
        "from_cash_usd": cash[:-1] - cash[1:],
        "gw": middle.plan.gw.reshape(p.years, -1).mean(axis=1),
        "sold_share": middle.plan.sold.reshape(p.years, -1).mean(axis=1),
        "gap_probability": gap_probability(drawn),
        "gap_so_far_p50_usd": np.median(gap, axis=1),
        "gap_so_far_p95_usd": np.percentile(gap, 95, axis=1),
    }
    series = yearly | _credit(middle) | levels
    known: Row = {"programme": p.name, "case": case, "draws": drawn.draws, "seed": drawn.seed}
    return [known | {"year": p.start_year + n} | {k: float(v[n]) for k, v in series.items()} for n in range(p.years)]


def _credit(middle: Funding) -> dict[str, np.ndarray]:
    """What is owed at the end of each year, rent beside it, and how earnings cover it."""
    from gigawatt.finance.programmes.answers import (
        by_calendar_year,
        fixed_charge_cover,
        leverage_with_rent,
        rent_as_debt_usd,
    )

    return {
        "debt_usd": middle.owed.reshape(middle.programme.years, -1)[:, -1],
        "rent_as_debt_usd": rent_as_debt_usd(middle)[:, 0],
        "ebitda_before_rent_usd": by_calendar_year(middle, middle.plan.ebitda + middle.plan.rent)[:, 0],
        "debt_and_rent_to_ebitda_before_rent": leverage_with_rent(middle)[:, 0],
        "fixed_charge_cover": fixed_charge_cover(middle)[:, 0],
    }


def use_rows(rows: list[Row]) -> list[Row]:
    """What comes in and goes out each year, in bn USD."""
    return [
        {
            "year": row["year"], "GW": round(row["gw"], 1), "revenue": _bn(row["revenue_usd"]),
            **{told: _bn(row[f"{name}_usd"]) for name, told in USES.items()}, "free cash": _bn(row["free_cash_usd"]),
            "revenue per GW": _bn(row["revenue_usd"] / max(row["gw"], 1e-9)), "sold %": round(100 * row["sold_share"]),
        }
        for row in rows
    ]  # fmt: skip


def source_rows(rows: list[Row], sources: list[str]) -> list[Row]:
    """Where the money comes from each year in bn USD, and the chance of a gap so far."""
    return [
        {
            "year": row["year"], "revenue": _bn(row["revenue_usd"]), "from cash": _bn(row["from_cash_usd"]),
            **{name: _bn(row[column_of(name)]) for name in sources},
            "unfunded": _bn(row["unfunded_usd"]), "chance of gap %": round(100 * row["gap_probability"]),
        }
        for row in rows
    ]  # fmt: skip


def credit_rows(rows: list[Row]) -> list[Row]:
    """What is owed and how it is covered each year, in bn USD and times."""
    return [
        {
            "year": row["year"], "EBITDA before rent": _bn(row["ebitda_before_rent_usd"]), "rent": _bn(row["rent_usd"]),
            "interest": _bn(row["interest_usd"]), "repaid": _bn(row["repaid_usd"]),
            "cover": times(row["fixed_charge_cover"], 2), "debt at end": _bn(row["debt_usd"]),
            "rent as debt": _bn(row["rent_as_debt_usd"]),
            "both over EBITDA before rent": times(row["debt_and_rent_to_ebitda_before_rent"], 1),
        }
        for row in rows
    ]  # fmt: skip


def times(ratio: float, digits: int) -> str:
    """A ratio for people: 2.6x, >50x where it says no more, a dash where there is nothing to set against it."""
    if not np.isfinite(ratio) or ratio < 0:
        text = "-"
    else:
        text = f">{MOST_TURNS:.0f}x" if ratio > MOST_TURNS else f"{ratio:.{digits}f}x"
    return text.rjust(5)


def required_rows(middle: Required, drawn: Required, p: Programme, case: str) -> list[Row]:
    """What carries the programme: planned, needed in one case, and over the draws; prices by tokens too."""
    from gigawatt.finance.programmes.answers import usd_per_mtok

    # A draw that nothing carries counts as infinitely much.
    low, high = np.percentile(np.nan_to_num(drawn.value, nan=np.inf), (5, 95), method="nearest")
    numbers = np.array([middle.planned, middle.value[0], low, high])
    known: Row = {"programme": p.name, "case": case, "goal": middle.goal, "year": p.asked_year}
    rest: Row = {
        "carried_probability": float(np.isfinite(drawn.value).mean()),
        "sold_share": float(middle.needs_sold[0]),
        "most_sold_share": p.utilisation,
    }
    asked = [(middle.what, middle.unit, numbers)]
    if middle.what == "price":
        asked.append(("price of tokens", "USD/Mtok", np.asarray(usd_per_mtok(p, numbers))))
    names = ("planned", "needed", "p5", "p95")
    return [
        known | {"what": what, "unit": unit} | dict(zip(names, map(_finite, values), strict=True)) | rest
        for what, unit, values in asked
    ]


def _finite(value: float) -> float:
    """NaN, an empty cell, for what is never enough."""
    return float(value) if np.isfinite(value) else float("nan")


def told_required(row: Row) -> Row:
    """A row of `required_rows` for people."""
    cells = {name: _told(row[key], row["unit"]) for name, key in TOLD.items()}
    sold, most = row["sold_share"], row["most_sold_share"]
    earned = "" if np.isnan(sold) else f"{'yes' if sold <= most + 1e-9 else 'no'}, {sold:.0%}"
    return {"it takes": ASKS[row["what"]].format(year=row["year"]), **cells, "sellable": earned}


def _told(value: float, unit: str) -> str:
    if not np.isfinite(value):
        return "never"
    if value == 0:
        return "none"
    return usd(value) if unit.startswith("USD") else f"{value:.0%}"


def _bn(amount: float) -> float:
    return round(float(amount) / BN, 1) + 0.0
