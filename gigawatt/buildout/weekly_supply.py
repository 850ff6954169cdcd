"""Suppliers in one week: capacity grows while orders wait."""

from __future__ import annotations

import numpy as np

from gigawatt.buildout.weekly import LOCAL_ITEM
from gigawatt.compiled import kernel, total
from gigawatt.ledger import BUILD, BUILDERS, pay
from gigawatt.units import WEEKS_PER_YEAR

TINY = 1e-9  # of an item a week: keeps a ratio finite


@kernel
def suppliers(week: int, build: np.record, books: np.record, p: np.record, t: np.record) -> None:
    """Capex of everything that is not AI, and next year's capacity: suppliers expand while their backlog is long.

    growth a year = pull x fastest / (1 + capacity / scale), pull = backlog / `backlog_weeks` - `lean`, within
    [-`shrink`, 1]: up to the fastest growth with a long backlog, slowly down without one. Connections
    of a region and crews of a nation grow by their own backlog.

    Changes: build, books.
    """
    years = week / WEEKS_PER_YEAR
    for c in range(int(t.count.companies)):
        usd = t.company.core_capex_usd_week[c] * (1.0 + t.company.core_growth_per_year[c]) ** years
        pay(books, c, BUILDERS, BUILD, usd)
        books.sites_usd[c] += usd
    local_mw = 0.0
    for r in range(int(t.count.regions)):
        size = build.grid_mw_week[r] / t.region.grid_scale_mw_per_week[r]
        build.grid_mw_week[r] *= 1.0 + expansion(build.grid_wait_weeks[r], t.region.grid_growth_per_year[r], size, p)
        local_mw += build.crew_mw_week[r]
    for i in range(int(t.count.items)):
        build.backlog_weeks[i] = build.asked[i] / max(TINY, build.capacity[i])
        fastest, size = t.supply.growth_per_year[i], build.capacity[i] / t.supply.scale[i]
        if int(t.supply.kind[i]) != LOCAL_ITEM:
            build.capacity[i] *= 1.0 + expansion(build.backlog_weeks[i], fastest, size, p)
        elif local_mw > 0.0:
            for r in range(int(t.count.regions)):
                size = build.crew_mw_week[r] / t.region.crew_scale_mw_per_week[r]
                build.crew_mw_week[r] *= 1.0 + expansion(build.crew_wait_weeks[r], fastest, size, p)
            build.capacity[i] = total(build.crew_mw_week)


@kernel
def expansion(backlog_weeks: float, fastest_per_year: float, size: float, p: np.record) -> float:
    """Relative growth of a supplier's capacity this week."""
    pull = max(-p.shrink, min(1.0, backlog_weeks / p.backlog_weeks - p.lean))
    return pull * fastest_growth(fastest_per_year, size)


@kernel
def fastest_growth(fastest_per_year: float, size: float) -> float:
    """Relative growth in a week of a supplier that expands as fast as it can; `size` is its capacity over the scale at
    which growth has halved."""
    return fastest_per_year / (1.0 + size) / WEEKS_PER_YEAR
