"""The tables of `gigawatt buildout expand` on a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gigawatt.cli.output import Format, show
from gigawatt.units import MW_PER_GW

if TYPE_CHECKING:
    from gigawatt.buildout.expand import Expansion

TOP = 12  # rows of the list of prices
RESTRICTED = ("china", "gulf")  # regions that exports, rules or owners close to many buyers
MOST = 0.5  # share of a plan
BILLION, MILLION = 1e9, 1e6


def title(found: Expansion, rate: float) -> str:
    """What was found, in a line."""
    return (
        f"{rate:g} GW/week from {found.by}: {found.usd / BILLION:,.1f} bn USD to weigh, proved to {found.gap:.2%}; "
        f"{len(found.case.sources)} supplies, {len(found.case.campuses)} kinds of campus, {found.case.periods} periods"
    )


def summary(found: Expansion, rate: float, said: Sequence[str] = ()) -> None:
    """The answer on a terminal: modules by item, campuses by region, costs, years, what more would save, remarks."""
    show(by_item(found), Format.table, title=title(found, rate), columns=("item",))
    show(by_region(found), Format.table, title="where campuses are, over the whole plan", columns=("region",))
    costs = [
        {"cause": row["cause"], "paid bn USD": _bn(row["paid_usd"]), "worth bn USD": _bn(row["worth_usd"]),
         "note": row["note"]}
        for row in found.costs
    ]  # fmt: skip
    show(costs, Format.table, title="what it costs: as paid, and as worth at the start, which is weighed")
    years = [
        {"year": str(row["year"]), "GW": _short(row["gw"]), "campuses bn USD": _bn(row["campuses_usd"]),
         "modules bn USD": _bn(row["modules_usd"])}
        for row in found.years
    ]  # fmt: skip
    show(years, Format.table, title="by calendar year")
    show(saved(found), Format.table, title="what capacity for 1 MW/week more would save, the modules held",
         columns=("item",))  # fmt: skip
    for remark in said:
        print(remark)


def remarks(found: Expansion, by: dt.date | None, everywhere: bool) -> list[str]:
    """What a reader should know of the plan beside its tables; `everywhere` where no regions were asked for."""
    told = []
    if by is not None and by != found.by:
        told.append(f"{by} falls into the period that begins on {found.by}: the rate is held from there.")
    mw = {name: sum(row["mw"] for row in found.starts if row["region"] == name) for name in found.case.regions}
    share = sum(mw.get(name, 0.0) for name in RESTRICTED) / sum(mw.values())
    if everywhere and share > MOST:
        rest = ",".join(name for name in found.case.regions if name not in RESTRICTED)
        told.append(
            f"{share:.0%} of the GW are in {' and '.join(name for name in RESTRICTED if mw.get(name))}; a buyer who "
            f"cannot build there asks with --regions {rest}"
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
            {"item": one["item"], "region": one["region"], "modules": 0.0, "adds": 0.0, "unit": one["unit"],
             "first ordered": one["ordered"], "last ready": one["ready"], "bn USD": 0.0},
        )  # fmt: skip
        row["modules"] += one["modules"]
        row["adds"] += one["adds"]
        row["bn USD"] += one["usd"] / BILLION
        row["last ready"] = max(row["last ready"], one["ready"])
    told = sorted(rows.values(), key=lambda row: -row["bn USD"])
    return [{key: _short(value) if isinstance(value, float) else value for key, value in row.items()} for row in told]


def by_region(found: Expansion) -> list[dict[str, Any]]:
    """GW by region and source of power."""
    rows: dict[str, dict[str, float]] = {}
    powers = list(dict.fromkeys(campus.power for campus in found.case.campuses))
    for one in found.starts:
        row = rows.setdefault(one["region"], dict.fromkeys(powers, 0.0))
        row[one["power"]] += one["mw"] / MW_PER_GW
    told = sorted(rows.items(), key=lambda pair: -sum(pair[1].values()))
    return [{"region": name, **{f"{power} GW": _short(row[power]) for power in powers}} for name, row in told]


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
        {"item": item, "region": region, "M USD": _short(sum(sums[item, region]) / MILLION),
         "periods": len(sums[item, region]), "first": first[item, region]}
        for item, region in told
    ]  # fmt: skip


def _bn(usd: float | None) -> float | None:
    return None if usd is None else _short(usd / BILLION)


def _short(value: float) -> float:
    rounded = float(f"{value:.3g}")
    return round(value) if abs(value) >= 1000 else rounded
