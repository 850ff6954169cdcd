"""Naive rankings from one ratio each: what the stop test must beat to be worth its trouble."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gigawatt.deals.backtest.inputs import FIELDS, Array

LOSS = 1e9  # stands for debt over EBITDA where EBITDA is not above zero: worse than any multiple, and tied
NO_CASH_DUE = 1e9  # stands for interest cover where there is nothing to pay

BASELINES: Mapping[str, str] = {
    "leverage": "debt / EBITDA; losses rank as worst, tied",
    "EBITDA / debt": "the same turned over, so that losses are ranked too",
    "debt / revenue": "debt over revenue of the year",
    "interest cover": "EBITDA / cash interest, low first",
    "cash / debt": "low first",
    "size": "revenue of the year, small first",
    "constant": "all alike",
}


def baselines(carrier: Array) -> dict[str, Array]:
    """Scores by name, larger for worse, each of shape (draws, carriers), from FIELDS (draws, fields, carriers)."""
    field = dict(zip(FIELDS, np.moveaxis(carrier, 1, 0), strict=True))
    debt, ebitda, revenue = field["debt_usd"], field["ebitda_usd"], field["revenue_usd"]
    interest = field["interest_usd"]
    cover = np.divide(ebitda, interest, out=np.full_like(ebitda, NO_CASH_DUE), where=interest > 0.0)
    return {
        "leverage": np.where(ebitda > 0.0, np.minimum(debt / np.where(ebitda > 0.0, ebitda, 1.0), LOSS), LOSS),
        "EBITDA / debt": -ebitda / debt,
        # A firm that has not sold anything yet owes infinitely often its revenue: a dollar stands for none.
        "debt / revenue": debt / np.maximum(revenue, 1.0),
        "interest cover": -cover,
        "cash / debt": -field["cash_usd"] / debt,
        "size": -revenue,
        "constant": np.zeros_like(debt),
    }
