"""Technology in one week: which chips ship, what they cost and draw, and how many tokens they serve."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.units import HOURS_PER_WEEK, WEEKS_PER_YEAR

STATE = {
    "tech": {
        "mix": ("K", "share of a family's shipments, by chip"),
        "training_gain": ("", "software gain in training since the start"),
        "serving_gain": ("", "software gain in serving since the start"),
        "tokens_per_h100e_s": ("KT", "output tokens a second of one busy H100-equivalent, both phases"),
        "family_usd_per_h100e": ("F", "price of what a family ships now, server and network included"),
        "family_mw_per_h100e": ("F", "site power of what a family ships now, cooling included"),
        "new_usd_per_h100e": ("C", "price of chips in the mix the company buys"),
        "new_mw_per_h100e": ("C", "site power of chips in the mix the company buys"),
        "all_in_usd_per_h100e": ("C", "chips and site"),
        "levelised_usd_per_h100e_h": ("C", "levelised cost of an available H100-equivalent-hour bought now"),
    }
}


@kernel
def annuity(rate: float, years: float) -> float:
    """Capital recovery factor: yearly payment per USD borrowed, rate / (1 - (1 + rate)^-years)."""
    return rate / (1.0 - (1.0 + rate) ** -years) if rate > 0.0 else 1.0 / years


@kernel
def chip_mix(week: int, tech: np.record, ramp_years: float, t: np.record) -> None:
    """Share of each chip in its family's shipments: a newer chip takes over linearly within `ramp_years`.

    Chips stand in the order of their volume start within a family; the oldest one fills what newer ones leave.
    """
    year = t.count.start_year + week / WEEKS_PER_YEAR
    for f in range(int(t.count.families)):
        taken, oldest = 0.0, -1
        for k in range(int(t.count.chips) - 1, -1, -1):
            if int(t.chip.family[k]) == f:
                ramp = min(1.0, max(0.0, (year - t.chip.volume_year[k]) / ramp_years))
                tech.mix[k] = max(0.0, ramp - taken)
                taken, oldest = max(taken, ramp), k
        if oldest >= 0:
            tech.mix[oldest] += 1.0 - taken


@kernel
def technology(
    week: int, tech: np.record, power: np.record, p: np.record, fleet: np.record, cost: np.record, t: np.record
) -> None:
    """Chips, software and the levelised cost of compute this week.

    gain(t) = 2^(t / doubling time) for training, (1 + g)^t for serving.
    tokens per H100e-second = estimate at the start x serving gain.
    levelised = (chip x A(r, chip life) + site x A(r, site life) + upkeep x (chip + site)) / (hours x availability)
    + MW x power price, with A the annuity.

    Changes: tech.
    """
    tech.training_gain *= 2.0 ** (1.0 / (p.algorithm_doubling_years * WEEKS_PER_YEAR))
    tech.serving_gain *= (1.0 + p.serving_gain_per_year) ** (1.0 / WEEKS_PER_YEAR)
    chip_mix(week, tech, p.generation_ramp_years, t)
    tech.family_usd_per_h100e[:] = 0.0
    tech.family_mw_per_h100e[:] = 0.0
    for k in range(int(t.count.chips)):
        f = int(t.chip.family[k])
        tech.family_usd_per_h100e[f] += tech.mix[k] * t.chip.usd_per_h100e[k]
        tech.family_mw_per_h100e[f] += tech.mix[k] * t.chip.w_per_h100e[k] * fleet.pue / 1e6
        for i in range(int(t.count.tiers)):
            tech.tokens_per_h100e_s[k, i] = t.chip.tokens_per_h100e_s[k, i] * tech.serving_gain
    chip_annuity = annuity(cost.capital_rate, fleet.life_years)
    site_annuity = annuity(cost.capital_rate, cost.site_life_years)
    for c in range(int(t.count.companies)):
        usd, mw = 0.0, 0.0
        for f in range(int(t.count.families)):
            usd += t.company.buys[c, f] * tech.family_usd_per_h100e[f]
            mw += t.company.buys[c, f] * tech.family_mw_per_h100e[f]
        site_usd = mw * cost.facility_usd_per_mw
        tech.new_usd_per_h100e[c], tech.new_mw_per_h100e[c], tech.all_in_usd_per_h100e[c] = usd, mw, usd + site_usd
        yearly_usd = usd * chip_annuity + site_usd * site_annuity + cost.site_opex_per_year * (usd + site_usd)
        tech.levelised_usd_per_h100e_h[c] = (
            yearly_usd / (WEEKS_PER_YEAR * HOURS_PER_WEEK * fleet.availability) + mw * power.mean_usd_per_mwh
        )
