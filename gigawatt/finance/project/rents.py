"""Market prices of a project as drawn paths: its own prices by year, moved as rents of chips move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gigawatt.finance.levelised_chips import H100  # whose rents the paths are set on
from gigawatt.finance.levelised_rents import rent_of
from gigawatt.finance.prices import price_model, price_paths
from gigawatt.finance.project.lines import Table
from gigawatt.finance.project.result import ProjectResult
from gigawatt.units import MONTHS_PER_YEAR

LINE, TABLE = "merchant.price_usd_per_chip_h", "merchant.usd_per_chip_h"
REFERENCE_DRAWS = 4096  # whose middle path is taken, so that a draw does not hang on how many others there are


def market_prices(
    base: ProjectResult, given: Mapping[str, np.ndarray], draws: int, seed: int = 0
) -> dict[str, np.ndarray]:  # fmt: skip
    """The market price by draw and period, in place of its line; shape (draws, periods), USD per chip-hour.

    The prices of the project (or those drawn in `given`) are the middle; around it a draw moves as a path of
    `price_paths` of an H100, from its rent of today on, moves around the middle path.

    Args:
        base: The project without draws.
        given: What else is drawn, by name.
        draws: Number of paths; number n of a seed is the same whatever else is drawn.
    """
    table = base.model.inputs[TABLE]
    assert isinstance(table, Table)
    rent = rent_of(H100)
    if rent is None:
        raise ValueError(f"the catalog has no rent of {H100}")
    start, periods = rent.usd_per_chip_h, base.model.periods
    months = MONTHS_PER_YEAR / base.model.periods_per_year
    # A chip of the day is never so old that it is switched off: without the floor, the middle stays the middle.
    model = replace(price_model(H100), running_usd_per_chip_h=0.0)
    middle = np.median(price_paths(model, start, periods, REFERENCE_DRAWS, months=months), axis=1)
    moved = price_paths(model, start, periods, draws, seed=seed, months=months).T / middle
    by_year = np.atleast_2d(np.asarray(given.get(TABLE, table.values), dtype=float))
    year = np.clip(base.lines["time.year"].astype(int) - 1, 0, by_year.shape[1] - 1)
    return {LINE: by_year[:, year] * moved}
