"""What stands over all supplies of an expansion plan: regions opened once, money, and the power of a region."""

from __future__ import annotations

import numpy as np

from gigawatt.buildout.expand_arrays import Program
from gigawatt.buildout.expand_case import UNIT_USD, Case, paid_share, paid_when

Array = np.ndarray
NONE = np.zeros(0, dtype=np.int64)


def opened(made: Program, case: Case, energised: Array) -> dict[str, Array]:
    """Whether a region has campuses: it costs once, when the first of them is started."""
    out: dict[str, Array] = {}
    for region in case.regions:
        usd = case.opening_usd.get(region, 0.0) / UNIT_USD
        inside = [o for o, campus in enumerate(case.campuses) if campus.region == region]
        if usd <= 0.0:
            continue
        first = np.arange(case.periods) * case.period_weeks - max(case.campuses[o].weeks for o in inside)
        worth = usd * case.worth(np.maximum(first, 0.0))
        opened = made.columns(case.periods, cost=worth - np.append(worth[1:], 0.0), upper=1.0, whole=True)
        made.rising(opened)
        within = made.rows(case.periods, upper=0.0)
        made.put(within, opened, -case.target)
        made.put(within[None, :], energised[inside], 1.0)
        out[region] = opened
    return out


def opened_somewhere(made: Program, case: Case, opened: dict[str, Array], regions: tuple[str, ...]) -> Array:
    """Whether one of some regions has campuses; nothing where that says nothing."""
    if set(regions) == set(case.regions) or not all(region in opened for region in regions):
        return NONE
    if len(regions) == 1:
        return opened[regions[0]]
    somewhere = made.columns(case.periods, upper=1.0)
    rows = made.rows(case.periods, upper=0.0)
    made.put(rows, somewhere, 1.0)
    for region in regions:
        made.put(rows, opened[region], -1.0)
    return somewhere


def budgets(made: Program, case: Case, energised: Array, modules: list[Array]) -> dict[int, int]:
    """Money of a calendar year, in billions: campuses as they are built, modules as they are; a period in two years
    counts in each by its days."""
    wanted = dict(case.budget_usd) | ({0: case.total_usd} if np.isfinite(case.total_usd) else {})
    out: dict[int, int] = {}
    for key, usd in wanted.items():
        inside = case.in_year(key) if key else np.ones(case.periods)
        row = made.rows(1, upper=usd / UNIT_USD)
        for campus, columns in zip(case.campuses, energised, strict=True):
            share = (paid_when(case, campus) * inside).sum(axis=1)
            made.put(row, columns, share * campus.usd_per_mw * case.period_weeks / UNIT_USD)
        for source, columns in zip(case.sources, modules, strict=True):
            ahead = paid_share(source.build_weeks, case.period_weeks, case.periods)
            share = np.array([float(ahead[: case.periods - t] @ inside[t:]) for t in range(len(columns))])
            made.put(row, columns, source.usd_per_step / UNIT_USD * (share - np.append(share[1:], 0.0)[: len(columns)]))
        out[key] = int(row[0])
    return out


def powered(made: Program, case: Case, energised: Array) -> dict[str, int]:
    """All that is energised in a region stays within its limit."""
    out: dict[str, int] = {}
    for region, mw in case.region_mw.items():
        row = made.rows(1, upper=mw)
        inside = [o for o, campus in enumerate(case.campuses) if campus.region == region]
        made.put(row, energised[inside].ravel(), case.period_weeks)
        out[region] = int(row[0])
    return out
