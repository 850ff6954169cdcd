"""An expansion plan as rows: what to order when, where campuses start, what is needed, and what more would be worth."""

from __future__ import annotations

from typing import Any

import numpy as np

from gigawatt.buildout.expand_case import LEAST_MODULES, UNIT_USD, Case, Source, paid_when
from gigawatt.buildout.expand_program import Layout, alike, ready_after, weights
from gigawatt.buildout.expand_solve import Answer
from gigawatt.units import MW_PER_GW

Array = np.ndarray
Row = dict[str, Any]
LEAST_MW = 1e-6
LEAST_USD = 1.0


def module_rows(layout: Layout, answer: Answer) -> list[Row]:
    """One row for each order of modules, by date."""
    case, rows = layout.case, []
    for source, columns in zip(case.sources, layout.modules, strict=True):
        if not len(columns):
            continue
        count = bought(source, answer.values[columns])
        for t in np.flatnonzero(count).tolist():
            rows.append(
                {
                    "item": source.name, "region": source.region, "ordered": case.date(t),
                    "ready": case.date(t + source.build_weeks / case.period_weeks), "modules": float(count[t]),
                    "kind": "lines or plants" if source.keeps else "classes",
                    "adds": float(count[t]) * source.step, "unit": source.unit + ("/week" if source.keeps else ""),
                    "usd": float(count[t]) * source.usd_per_step,
                }
            )  # fmt: skip
    return sorted(rows, key=lambda row: (row["ordered"], -row["usd"]))


def bought(source: Source, so_far: Array) -> Array:
    """Modules ordered in each period, from those ordered so far: whole numbers but for workers."""
    if source.whole:
        return np.asarray(np.diff(np.round(so_far), prepend=0.0))
    count = np.diff(so_far, prepend=0.0)
    return np.where(count > LEAST_MODULES, count, 0.0)


def campus_rows(layout: Layout, answer: Answer) -> list[Row]:
    """One row for each region, power and period in which campuses are energised; by the date of their start."""
    case, rows = layout.case, []
    for campus, columns in zip(case.campuses, layout.energised, strict=True):
        for t in np.flatnonzero(answer.values[columns] > LEAST_MW).tolist():
            mw = float(answer.values[columns[t]]) * case.period_weeks
            rows.append(
                {
                    "region": campus.region, "power": campus.power,
                    "start": case.date(t - campus.weeks / case.period_weeks), "energised": case.date(t), "mw": mw,
                    "mw_per_week": mw / case.period_weeks, "usd": mw * campus.usd_per_mw,
                }
            )  # fmt: skip
    return sorted(rows, key=lambda row: (row["start"], row["region"], row["power"]))


def taken(layout: Layout, answer: Answer) -> Array:
    """What campuses take of each source, in its units a week (workers: their number); shape (sources, periods)."""
    case = layout.case
    out = np.zeros((len(case.sources), case.periods))
    for use, who in alike(case).items():
        mw = sum(answer.values[layout.energised[o]] for o in who)
        for j, weight in enumerate(weights(case, *use)):
            out[use[0], : case.periods - j] += weight * mw[j:]
    return out


def capacities(layout: Layout, answer: Answer) -> Array:
    """What each source can give, in its units a week, with the modules of the plan; shape (sources, periods)."""
    case = layout.case
    out = np.array([source.opening for source in case.sources], dtype=np.float64)
    for i, (source, columns) in enumerate(zip(case.sources, layout.modules, strict=True)):
        whole, rest = ready_after(source, case.period_weeks)
        count = np.cumsum(bought(source, answer.values[columns]))
        out[i, whole:] += source.step * (1.0 - rest) * count if len(count) else 0.0
        if len(count) > 1:
            out[i, whole + 1 :] += source.step * rest * count[:-1]
    return out


def need_rows(layout: Layout, answer: Answer) -> list[Row]:
    """One row for each source and period: what is needed, made, in stock and could be made, and what to order then."""
    case, rows = layout.case, []
    needs, most = taken(layout, answer), capacities(layout, answer)
    for i, source in enumerate(case.sources):
        scale = layout.unit[i] * case.period_weeks
        stock = answer.values[layout.stock[i]] * scale if source.keeps else np.zeros(case.periods)
        needed = needs[i] * (case.period_weeks if source.keeps else 1.0)
        made = needed + np.diff(stock, prepend=0.0) if source.keeps else needed
        ordered = orders(made, needed, source.lead_weeks / case.period_weeks) if source.keeps else np.zeros(len(made))
        for t in range(case.periods):
            if needed[t] > LEAST_MW * scale or made[t] > LEAST_MW * scale:
                rows.append(
                    {
                        "item": source.name, "region": source.region, "period": case.date(t), "unit": source.unit,
                        "ordered": float(ordered[t]), "made": float(made[t]), "needed": float(needed[t]),
                        "stock": float(stock[t]),
                        "capacity": float(most[i, t]) * (case.period_weeks if source.keeps else 1.0),
                    }
                )  # fmt: skip
    return rows


def orders(made: Array, needed: Array, lead: float) -> Array:
    """Units to order in each period: what is made first is used first, and is ordered `lead` periods before its use,
    or when it is made if that is earlier; what should have been ordered before the start stands in the first period."""
    out = np.zeros(len(made))
    left, m = np.maximum(made, 0.0).copy(), 0
    for t, units in enumerate(needed):
        while units > 0.0 and m < len(left):
            part = min(units, left[m])
            out[max(0, min(m, int(np.floor(t - lead + 1e-9))))] += part
            left[m] -= part
            units -= part
            if left[m] <= 1e-9 * max(1.0, made[m]):
                m += 1
            if part <= 0.0 and m > t:
                break
    return out


def price_rows(layout: Layout, answer: Answer) -> list[Row]:
    """What one unit a week more of a source (one worker more) in a period would save, where it would save anything."""
    case, rows = layout.case, []
    for i, source in enumerate(case.sources):
        saved = -answer.duals[layout.capacity[i]] * UNIT_USD / layout.unit[i]
        for t in np.flatnonzero(saved * layout.unit[i] > LEAST_USD).tolist():
            unit = f"USD per {source.unit}/week" if source.keeps else f"USD per {source.unit.removesuffix('s')}"
            rows.append(
                {
                    "item": source.name, "region": source.region, "period": case.date(t), "value": float(saved[t]),
                    "unit": unit, "usd_per_mw_week": float(saved[t] * layout.unit[i]),
                }
            )  # fmt: skip
    return sorted(rows, key=lambda row: -row["usd_per_mw_week"])


def cost_rows(layout: Layout, answer: Answer) -> list[Row]:
    """What the plan costs by cause: as paid, and as worth at the start; only the latter parts are minimised."""
    case = layout.case
    made = layout.program.arrays()
    worth = made.cost * answer.values * UNIT_USD
    paid = {"modules": sum(row["usd"] for row in module_rows(layout, answer))}
    paid["campuses"] = sum(row["usd"] for row in campus_rows(layout, answer))
    paid["regions opened"] = sum(
        case.opening_usd[region] for region, columns in layout.opened.items() if answer.values[columns[-1]] > 0.5
    )
    weighed = {
        "modules": float(sum(worth[columns].sum() for columns in layout.modules)),
        "stock": float(sum(worth[columns].sum() for columns in layout.stock)),
        "regions opened": float(sum(worth[columns].sum() for columns in layout.opened.values())),
        "dearer campuses": float(worth[layout.energised].sum()),
    }
    notes = {
        "campuses": "all that is energised within the plan; only what is above the cheapest is weighed",
        "modules": "lines, plants and classes of workers; worth with their upkeep", "stock": "capital and store",
        "regions opened": "once for each region",
        "dearer campuses": "above the cheapest region and source of power",
    }  # fmt: skip
    return [
        {"cause": cause, "paid_usd": paid.get(cause), "worth_usd": weighed.get(cause), "note": note}
        for cause, note in notes.items()
    ]


def year_rows(layout: Layout, answer: Answer) -> list[Row]:
    """GW and money by calendar year, periods in two years by their days: campuses as they are built, those too that
    are energised after the plan, and modules as they are."""
    case = layout.case
    campuses, modules = spent(layout, answer)
    mw = answer.values[layout.energised].sum(axis=0) * case.period_weeks
    return [
        {
            "year": year, "gw": float(mw @ inside) / MW_PER_GW, "campuses_usd": float(campuses @ inside),
            "modules_usd": float(modules @ inside),
        }
        for year, inside in ((year, case.in_year(year)) for year in case.years())
    ]  # fmt: skip


def spent(layout: Layout, answer: Answer) -> tuple[Array, Array]:
    """USD of campuses and of modules by period; of campuses energised after it too, as in the last period."""
    case = layout.case
    campuses, modules = np.zeros(case.periods), np.zeros(case.periods)
    for campus, columns in zip(case.campuses, layout.energised, strict=True):
        usd = answer.values[columns] * case.period_weeks * campus.usd_per_mw
        campuses += (usd[:, None] * paid_when(case, campus)).sum(axis=0)
    for source, columns in zip(case.sources, layout.modules, strict=True):
        count = bought(source, answer.values[columns])
        for t in np.flatnonzero(count).tolist():
            modules += count[t] * source.usd_per_step * _over(case, t, source.build_weeks)
    return campuses, modules


def _over(case: Case, period: int, weeks: float) -> Array:
    """Share of a payment in equal parts over `weeks` from the start of a period that falls in each."""
    if weeks <= 0.0:
        return np.asarray(np.eye(1, case.periods, period)[0])
    edges = (np.arange(case.periods + 1) - period) * case.period_weeks
    return np.asarray(np.diff(np.clip(edges, 0.0, weeks)) / weeks)
