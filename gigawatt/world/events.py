"""Shocks: they come at a yearly rate or on a date, hit at once, and heal."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, uniform
from gigawatt.units import WEEKS_PER_YEAR

SHOCKS = ("demand_drop", "credit_shut", "supply_loss")
DEMAND, CREDIT, SUPPLY = range(3)

STATE = {
    "climate": {
        "factor": ("H", "1 in fair weather: demand, credit within reach, output of suppliers"),
        "weeks_left": ("H", "weeks until a shock ends"),
        "lender_loss_usd": ("", "recent losses of lenders, fading; they make credit dearer"),
    }
}


@kernel
def events(week: int, seed: int, climate: np.record, p: np.record, t: np.record) -> None:
    """Start, hold and heal shocks.

    A shock k starts with probability rate_k / 52 a week, or on its date; it sets factor_k = 1 - size_k and lasts
    weeks_k. Afterwards demand heals with a half-life, 1 - factor *= 2^(-1 / half_life); credit and supply reopen.
    Losses of lenders fade with `lender_memory_weeks`.

    Changes: climate.
    """
    climate.lender_loss_usd *= 1.0 - 1.0 / p.lender_memory_weeks
    rates = (p.demand_drop_per_year, p.credit_shut_per_year, p.supply_loss_per_year)
    sizes = (p.demand_drop_size, p.credit_shut_size, p.supply_loss_size)
    weeks = (p.demand_drop_weeks, p.credit_shut_weeks, p.supply_loss_weeks)
    heal = (2.0 ** (-1.0 / p.demand_half_life_weeks), 0.0, 0.0)
    for k in range(len(rates)):
        climate.weeks_left[k] -= 1.0
        if climate.weeks_left[k] > 0.0:
            continue
        if uniform(seed, week, k) < rates[k] / WEEKS_PER_YEAR:
            climate.weeks_left[k] = weeks[k]
            climate.factor[k] = 1.0 - sizes[k]
        else:
            climate.factor[k] = 1.0 - (1.0 - climate.factor[k]) * heal[k]
    for n in range(int(t.count.shocks)):
        if int(t.shock.week[n]) == week:
            k = int(t.shock.kind[n])
            climate.weeks_left[k] = t.shock.weeks[n]
            climate.factor[k] = 1.0 - t.shock.loss[n]
