"""On which assumption the headline hangs: one at a time, every candidate goes from its low to its high end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from gigawatt.results import Figure
from gigawatt.scenario import Scenario
from gigawatt.world.record import Record
from gigawatt.world.step import run as run_weeks

NAMED = 3
THREADS = 2  # kernels let go of the interpreter's lock
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


def swings(record: Record) -> list[Swing]:
    """Every candidate's swing, the widest first. The opening state stays as it is."""
    ends = [(path, end) for path, low, high in candidates(record.scenario) for end in (low, high)]
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        online = dict(zip(ends, pool.map(lambda end: online_gw(record, *end), ends), strict=True))
    found = [
        Swing(path, low, high, online[path, low], online[path, high]) for path, low, high in candidates(record.scenario)
    ]
    return sorted(found, key=lambda swing: -swing.size_gw)


def online_gw(record: Record, path: str, value: float) -> float:
    """GW on line at the end of the run with one assumption changed."""
    w, p, t = record.opening.copy(), record.parameters.copy(), record.tables.copy()
    w.books.keep_journal = 0.0
    section, *rest = path.split(".")
    if section == "supply":
        t["supply"][rest[1]][record.names.items.index(rest[0])] = value
    else:
        p[section][rest[0]] = value
    weeks, seed = record.scenario.weeks, record.scenario.seed
    run_weeks(w, p, t, 0, weeks, seed, np.zeros(0, w.dtype).view(np.recarray))
    return float(w.power.energised_mw.sum()) / 1e3


def hangs_figure(record: Record) -> Figure:
    """The headline that names what the answer hangs on most."""
    widest = swings(record)[:NAMED]
    text = "; ".join(
        f"{s.path} {s.low:.3g} to {s.high:.3g}: {s.low_gw:.3g} to {s.high_gw:.3g} GW" for s in widest if s.size_gw > 0
    )
    size = widest[0].size_gw if widest else 0.0
    return Figure("GW online at the end hang on", size, "GW", text or "none of the assumptions tried", "supply")
