"""The tables of `gigawatt buildout expand` on a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gigawatt.cli.output import Format, show
from gigawatt.errors import SolveError
from gigawatt.units import MW_PER_GW

if TYPE_CHECKING:
    from gigawatt.buildout.expand import Expansion
    from gigawatt.buildout.expand_catalog import Wish
    from gigawatt.buildout.expand_shortage import NoPlan

TOP = 12  # rows of the list of prices
BILLION, MILLION = 1e9, 1e6
Rows = list[dict[str, Any]]


def title(found: Expansion, rate: float) -> str:
    """What was found, in a line: what is built first, then what is weighed."""
    campuses = next(row["paid_usd"] for row in found.costs if row["cause"] == "campuses")
    ends = found.case.date(found.case.periods) - dt.timedelta(days=1)
    return (
        f"{rate:g} GW/week from {found.by} to {ends}: campuses of {_told(campuses / BILLION)} bn USD. Weighed to "
        f"choose among plans, as worth on {found.case.start}: {_told(found.usd / BILLION)} bn USD of lines, plants, "
        f"training, stock, regions and dearer campuses; no plan has {found.gap:.2%} less"
    )


def summary(found: Expansion, rate: float, said: Sequence[str] = ()) -> None:
    """The answer on a terminal: modules by item, campuses by region, costs, years, what more would save, remarks."""
    ends = found.case.date(found.case.periods)
    show(by_item(found), Format.table, title=title(found, rate), columns=("item",))
    show(by_region(found), Format.table, title="where campuses are, over the whole plan", columns=("region",))
    show(_on_terminal(in_billions(found.costs)), Format.table,
         title="what it costs: as paid, and as worth at the start, which is weighed")  # fmt: skip
    show(_on_terminal(in_billions(found.years)), Format.table,
         title=f"by calendar year, to {ends - dt.timedelta(days=1)}; campuses energised later are paid as they are "
               f"built, as many as in the last period; lines that only they would need are left out")  # fmt: skip
    show(saved(found), Format.table, title="what capacity for 1 MW/week more would save, the modules held",
         columns=("item",))  # fmt: skip
    for remark in said:
        print(remark)


def table(rows: Rows, how: Format, out: Path | None) -> Rows:
    """A list with money in billions; short numbers on a terminal."""
    told = in_billions(rows)
    return _on_terminal(told) if how is Format.table and out is None else told


def in_billions(rows: Rows) -> Rows:
    """Rows whose columns of USD are in billions, and say so."""
    return [
        {key.removesuffix("usd") + "bn_usd" if key.endswith("usd") else key:
         value / BILLION if key.endswith("usd") and value is not None else value for key, value in row.items()}
        for row in rows
    ]  # fmt: skip


def _on_terminal(rows: Rows) -> Rows:
    return [
        {key: str(value) if key == "year" else _short(value) if isinstance(value, float) else value
         for key, value in row.items()}
        for row in rows
    ]  # fmt: skip


def shortage(error: NoPlan, how: Format, out: Path | None) -> SolveError:
    """The error that tells what is short, after a list of all of it in the file asked for."""
    if not error.lacks:
        return error
    if out is None:
        return SolveError(
            f"{error}\n  (--out shortages.csv writes all of them)" if "\n  and " in str(error) else str(error)
        )
    rows = [
        {"short": lack.name, "amount": lack.amount, "unit": lack.unit, "from": lack.begins, "to": lack.ends,
         "campus_mw": lack.mw, "asked_for": lack.asked}
        for lack in error.lacks
    ]  # fmt: skip
    show(rows, how, out)
    return SolveError(str(error))


def remarks(found: Expansion, by: dt.date | None, wish: Wish) -> list[str]:
    """What a reader should know of the plan beside its tables."""
    from gigawatt.buildout.design import Design
    from gigawatt.buildout.expand_regions import closed_regions

    told = []
    if by is not None and by != found.by:
        told.append(f"{by} falls into the period that begins on {found.by}: the rate is held from there.")
    chip = str(wish.design.get("chip", Design().chip))
    closed = closed_regions(chip)
    inside = [row["region"] for row in found.starts if row["region"] in closed]
    if inside:
        told.append(f"Export rules do not let {chip} be sold to {inside[0]}, where this plan has campuses.")
    elif closed and not wish.regions:
        told.append(
            f"Without {', '.join(closed)}, where export rules do not let {chip} be sold; "
            f"the whole world: --regions all."
        )
    told.append(
        f"Sites under way on {found.case.start} add nothing to the rate and take nothing of the supply: all that "
        f"suppliers give to builders of AI sites is open to this plan."
    )
    return told


def by_item(found: Expansion) -> list[dict[str, Any]]:
    """Modules in all by supply, dearest first."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found.modules:
        row = rows.setdefault(
            (one["item"], one["region"]),
            {"item": one["item"], "region": one["region"], "modules": 0.0, "kind": one["kind"], "adds": 0.0,
             "unit": one["unit"], "first_ordered": one["ordered"], "last_ready": one["ready"], "bn_usd": 0.0},
        )  # fmt: skip
        row["modules"] += one["modules"]
        row["adds"] += one["adds"]
        row["bn_usd"] += one["usd"] / BILLION
        row["last_ready"] = max(row["last_ready"], one["ready"])
    told = sorted(rows.values(), key=lambda row: -row["bn_usd"])
    return [{key: _short(value) if isinstance(value, float) else value for key, value in row.items()} for row in told]


def by_region(found: Expansion) -> list[dict[str, Any]]:
    """GW by region and source of power."""
    rows: dict[str, dict[str, float]] = {}
    powers = list(dict.fromkeys(campus.power for campus in found.case.campuses))
    for one in found.starts:
        row = rows.setdefault(one["region"], dict.fromkeys(powers, 0.0))
        row[one["power"]] += one["mw"] / MW_PER_GW
    told = sorted(rows.items(), key=lambda pair: -sum(pair[1].values()))
    return [{"region": name, **{f"{power}_gw": _short(row[power]) for power in powers}} for name, row in told]


def saved(found: Expansion) -> list[dict[str, Any]]:
    """Supplies by what one MW a week more of them, held throughout, would save."""
    sums: dict[tuple[str, str], list[float]] = {}
    first: dict[tuple[str, str], Any] = {}
    for row in found.prices:
        key = (row["item"], row["region"])
        sums.setdefault(key, []).append(row["usd_per_mw_week"])
        first[key] = min(first.get(key, row["period"]), row["period"])
    told = sorted(sums, key=lambda key: -sum(sums[key]))[:TOP]
    return [
        {"item": item, "region": region, "m_usd": _short(sum(sums[item, region]) / MILLION),
         "periods": len(sums[item, region]), "first": first[item, region]}
        for item, region in told
    ]  # fmt: skip


def _told(value: float) -> str:
    return f"{_short(value):,}"


def _short(value: float) -> float:
    rounded = float(f"{value:.3g}")
    return round(value) if abs(value) >= 1000 else rounded
