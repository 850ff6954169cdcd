"""On which assumption the headline hangs: one at a time, every candidate goes from its low to its high end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.results import Figure
from gigawatt.scenario import Scenario
from gigawatt.world.opening import opening
from gigawatt.world.setup import Names, names, parameters, tables
from gigawatt.world.step import run as run_weeks

NAMED = 3
PARAMETERS = (
    "build.site_weeks", "market.token_elasticity", "market.new_use_elasticity", "market.core_ai_growth",
    "market.rented_potential_usd_per_year", "tech.serving_gain_per_year", "finance.max_leverage", "finance.capex_share",
    "finance.dilution_per_year", "plan.growth_cap", "deals.commitment_cover", "cost.facility_usd_per_mw",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Swing:
    """GW on line at the end with an assumption at its low and at its high end, all else at the median."""

    path: str
    low: float
    high: float
    low_gw: float
    high_gw: float

    @property
    def size_gw(self) -> float:
        """How far the answer moves."""
        return abs(self.high_gw - self.low_gw)


def candidates(scenario: Scenario) -> Iterator[tuple[str, float, float]]:
    """(path, low, high) of the assumptions tried: growth of every supply item, and the parameters above."""
    for key, item in scenario.supply.items():
        if item.growth_per_year.low is not None and item.growth_per_year.high is not None:
            yield f"supply.{key}.growth_per_year", item.growth_per_year.low, item.growth_per_year.high
    for path in PARAMETERS:
        quantity = scenario.parameters[path]
        if quantity.low is not None and quantity.high is not None:
            yield path, quantity.low, quantity.high


def swings(scenario: Scenario) -> list[Swing]:
    """Every candidate's swing, the widest first. The opening state stays as it is."""
    named = names(scenario)
    p, t = parameters(scenario), tables(scenario, named)
    start = opening(scenario, named, t, p)
    start.books.keep_journal = 0.0
    found = [
        Swing(path, low, high, *(online_gw(scenario, named, start, p, t, path, end) for end in (low, high)))
        for path, low, high in candidates(scenario)
    ]
    return sorted(found, key=lambda swing: -swing.size_gw)


def online_gw(scenario: Scenario, named: Names, start: Any, p: Any, t: Any, path: str, value: float) -> float:
    """GW on line at the end of a run with one assumption changed."""
    w, p, t = start.copy(), p.copy(), t.copy()
    section, *rest = path.split(".")
    if section == "supply":
        t["supply"][rest[1]][named.items.index(rest[0])] = value
    else:
        p[section][rest[0]] = value
    run_weeks(w, p, t, 0, scenario.weeks, scenario.seed, np.zeros(0, w.dtype).view(np.recarray))
    return float(w.power.energised_mw.sum()) / 1e3


def hangs_figure(scenario: Scenario) -> Figure:
    """The headline that names what the answer hangs on most."""
    widest = swings(scenario)[:NAMED]
    text = "; ".join(
        f"{s.path} {s.low:.3g} to {s.high:.3g}: {s.low_gw:.0f} to {s.high_gw:.0f} GW" for s in widest if s.size_gw > 0
    )
    size = widest[0].size_gw if widest else 0.0
    return Figure("GW online at the end hang on", size, "GW", text or "none of the assumptions tried", "supply")
