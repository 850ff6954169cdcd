"""Programmes and published costs of a gigawatt that are known, as a table and as rows of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gigawatt.cli.finance_programme_print import show_in_parts
from gigawatt.cli.output import Format, show

LIVES = (3, 5, 7)  # years of IT
TITLE = (
    "programmes (--preset) and costs of a gigawatt as published (--cost-per-gw), bn USD\n"
    "a year: level cost of a GW with IT that lasts 3, 5 or 7 years, at {rate:.2%}: the rate that the 12, 8.5 and 7 bn "
    "of Epoch AI imply"
)
Row = dict[str, Any]


def show_list(how: Format, out: Path | None) -> None:
    """Prints the table, or writes rows in USD."""
    from gigawatt.finance.programmes.presets import epoch_implied

    rows = _rows()
    if how is not Format.table or out is not None:
        show(rows, how, out)
        return
    title, legend = TITLE.format(rate=epoch_implied().rate).split("\n")
    show_in_parts([_told(row) for row in rows], "name", title, legend)


def _rows() -> list[Row]:
    """Programmes, then published costs, with the level cost a year at each life of IT."""
    from gigawatt.catalog import value
    from gigawatt.finance.programmes.presets import headline_usd, presets, programme, published_cost

    rows: list[Row] = []
    for name in presets():
        found = programme(name)
        known: Row = {"kind": "programme", "name": name, "title": found.title, "added_gw": found.added_gw}
        rows.append(known | {"headline_usd": headline_usd(name)} | _costs(name, found.cost_usd_per_gw, found.citation))
    for name in presets("cost"):
        fact, title = published_cost(name), str(value("programmes", name, "title"))
        known = {"kind": "cost", "name": name.removeprefix("cost-"), "title": title, "added_gw": None}
        rows.append(known | {"headline_usd": None} | _costs(name, float(fact.value), fact.source))
    return rows


def _costs(name: str, usd_per_gw: float, source: str) -> Row:
    from gigawatt.finance.programmes.presets import annual_cost_usd_per_gw

    annual = {f"annual_{life}y_usd_per_gw_year": annual_cost_usd_per_gw(usd_per_gw, life, name) for life in LIVES}
    return {"cost_usd_per_gw": usd_per_gw} | annual | {"source": source}


def _told(row: Row) -> Row:
    """A row for people, in bn USD."""
    annual = {f"a year, {life} y": round(row[f"annual_{life}y_usd_per_gw_year"] / 1e9, 1) for life in LIVES}
    headline = None if row["headline_usd"] is None else round(row["headline_usd"] / 1e9)
    return {
        "name": row["name"], "what": row["title"], "GW": None if row["added_gw"] is None else round(row["added_gw"], 1),
        "headline": headline, "per GW": round(row["cost_usd_per_gw"] / 1e9, 1), **annual, "source": row["source"],
    }  # fmt: skip
