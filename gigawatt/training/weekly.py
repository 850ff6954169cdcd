"""Training in one week: budgets, effective compute, releases."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.units import HOURS_PER_WEEK, SECONDS_PER_WEEK, WEEKS_PER_YEAR

H100_FLOP_PER_S = 0.989e15  # dense BF16 peak of the unit of compute, one H100-equivalent
TRAIN = 0  # use, see allocation/weekly.py

STATE = {
    "lab": {
        "run_flop": ("C", "effective FLOP of the run in progress"),
        "run_weeks": ("C", "weeks of the run in progress"),
        "want_h100e": ("C", "compute that the training budget pays for"),
        "releases": ("C", "models released so far"),
    }
}


@kernel
def training(lab: np.record, market: np.record, use: np.record, tech: np.record, p: np.record, t: np.record) -> None:
    """Add a week to every run; release the ones that have grown enough.

    effective FLOP = H100e x peak x MFU x share of final runs x seconds x software gain. A run is released when it is
    `release_step` times the model on sale, and not sooner than `release_weeks` after the last one.

    Changes: lab, market.
    """
    for c in range(int(t.count.companies)):
        if t.company.is_lab[c] > 0.0 and use.used_h100e[c, TRAIN] > 0.0:
            speed_flop_per_s = use.used_h100e[c, TRAIN] * H100_FLOP_PER_S * p.mfu * p.final_run_share
            lab.run_flop[c] += speed_flop_per_s * SECONDS_PER_WEEK * tech.training_gain
            lab.run_weeks[c] += 1.0
            on_sale = 10.0 ** market.quality_log10_flop[c]
            if lab.run_flop[c] > p.release_step * on_sale and lab.run_weeks[c] >= p.release_weeks:
                market.quality_log10_flop[c] = math.log10(lab.run_flop[c])
                lab.run_flop[c] = 0.0
                lab.run_weeks[c] = 0.0
                lab.releases[c] += 1.0


@kernel
def budgets(lab: np.record, plan: np.record, market: np.record, books: np.record, p: np.record, t: np.record) -> None:
    """Next week's training budget, in H100-equivalents at today's rent.

    USD = max(share of the AI revenue expected a year ahead, share of other revenue (the race), cash over `burn_years`
    for companies that live on what investors gave them). The share falls from `budget_share` while revenue grows by
    `hot_growth` a year or more to `mature_share` when it stands still.

    Changes: lab.
    """
    for c in range(int(t.count.companies)):
        if t.company.is_lab[c] > 0.0:
            race_usd = p.race_share * market.core_usd_week[c]
            burn_usd = 0.0
            if t.company.is_venture[c] > 0.0:
                burn_usd = p.burn_share * max(0.0, books.cash_usd[c]) / (p.burn_years * WEEKS_PER_YEAR)
            hot = min(1.0, plan.sales_growth_per_year[c] / p.hot_growth)
            share = p.mature_share + (p.budget_share - p.mature_share) * hot
            usd_week = max(share * plan.expected_usd_week[c], race_usd, burn_usd)
            lab.want_h100e[c] = usd_week / (market.rent_usd_per_h100e_h * HOURS_PER_WEEK)
