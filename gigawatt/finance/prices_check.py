"""The price model against rents of the H100: moves that its parameters were set on, and the one that came after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from gigawatt import catalog
from gigawatt.finance.prices import PriceModel, price_model, price_paths, uncertain_price_model
from gigawatt.units import MONTHS_PER_YEAR

# Rents of the catalog with the middle of the time they hold for. The first three are asked on the spot or the market
# place, the others contracts of a year: a series of two kinds, for want of one. All but the last set parameters.
RENTAL = ("facts", "gpu-rental")
TODAY = 2026 + 2.5 / 12  # the date of the cost of entry in the catalog
SEEN = (
    ((*RENTAL, "h100_peak_scarcity"), 2023 + 3.5 / 12),
    ((*RENTAL, "h100_marketplace"), 2024 + 1.5 / 12),
    ((*RENTAL, "h100_on_demand_sxm"), 2024 + 9.5 / 12),
    ((*RENTAL, "h100_1_year_contract_cycle_low"), 2025 + 9.5 / 12),
    ((*RENTAL, "h100_1_year_contract"), TODAY),
    (("finance", "seen.h100_contract_2026_06", "rent_usd_per_chip_h"), 2026 + 5.5 / 12),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One move that was seen and what the model had thought of it, from the start alone."""

    fitted: bool  # whether parameters were set on it
    start_year: float
    months: int
    start_usd_per_chip_h: float
    end_usd_per_chip_h: float
    scarcity: float  # probability at the start, the mean over draws
    p10_usd_per_chip_h: float
    p50_usd_per_chip_h: float
    p90_usd_per_chip_h: float
    below: float  # share of paths that end below what came


def model_at(year: float, model: PriceModel | None = None) -> PriceModel:
    """The model with the cost of entry as it was in `year` by the decline of technology."""
    today = model or price_model()
    entry = today.entry_usd_per_chip_h * np.exp(today.technology_decline_per_year * (TODAY - year))
    return replace(today, entry_usd_per_chip_h=entry)


def moves(draws: int = 20_000, seed: int = 0, uncertain: bool = False) -> tuple[Move, ...]:
    """Every move between rents that were seen, earliest first; `uncertain` draws the model's parameters, too.

    Raises:
        ValueError: There are no draws.
    """
    today = uncertain_price_model(draws=draws, seed=seed) if uncertain else price_model()
    found = []
    for (before, start), (after, end) in pairwise(SEEN):
        paid, came = (float(catalog.value(*where)) for where in (before, after))
        months = round((end - start) * MONTHS_PER_YEAR)
        model = model_at(start, today)
        last = price_paths(model, paid, months, draws, seed=seed)[-1]
        low, middle, high = np.quantile(last, (0.1, 0.5, 0.9))
        found.append(
            Move(
                fitted=end <= TODAY,
                start_year=start,
                months=months,
                start_usd_per_chip_h=paid,
                end_usd_per_chip_h=came,
                scarcity=float(np.mean(model.scarcity_now(paid))),
                p10_usd_per_chip_h=float(low),
                p50_usd_per_chip_h=float(middle),
                p90_usd_per_chip_h=float(high),
                below=float(np.mean(last < came)),
            )
        )
    return tuple(found)
