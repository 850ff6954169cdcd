"""Power in one week: what the sites draw, who supplies it, at what price and with how much carbon."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel
from gigawatt.units import HOURS_PER_WEEK, WEEKS_PER_YEAR

BUSY, IDLE, COOLING = range(3)

STATE = {
    "power": {
        "energised_mw": ("Z", "site power that is energised"),
        "owner_mw": ("C", "energised, by owner"),
        "load_mw": ("ZL", "load: busy chips, idle chips, cooling and losses"),
        "grid_capacity_mw": ("R", "connected to the grid"),
        "firm_capacity_mw": ("R", "plants at the sites"),
        "grid_mw": ("R", "drawn from the grid"),
        "firm_mw": ("R", "made at the sites"),
        "price_usd_per_mwh": ("R", "mean price of power"),
        "carbon_g_per_kwh": ("R", "mean carbon intensity of power"),
        "mean_usd_per_mwh": ("", "mean price over all sites"),
        "energy_usd": ("C", "cost of this week's power"),
    }
}


@kernel
def power_flow(
    week: int, power: np.record, fleet: np.record, lease: np.record, use: np.record, p: np.record, cost: np.record,
    t: np.record,
) -> None:  # fmt: skip
    """Load of every site and its supply: the grid first, plants at the site for the rest.

    Busy chips draw full power, idle ones `idle_draw` of it; cooling and losses are (PUE - 1) x IT load. A company's
    powered chips are spread over its sites by their energised power; lent chips are as busy as their borrower is.
    grid price = p0 (1 + g)^years (1 + scarcity x load / reference load).

    Changes: power.
    """
    busy_share = np.ones(int(t.count.companies))
    for c in range(int(t.count.companies)):
        busy_share[c] = busy(c, fleet, lease, use, int(t.count.companies))
    power.grid_mw[:] = 0.0
    for z in range(int(t.count.sites)):
        c, r = int(t.site.owner[z]), int(t.site.region[z])
        it_mw = fleet.it_mw[c] * power.energised_mw[z] / power.owner_mw[c] if power.owner_mw[c] > 0.0 else 0.0
        power.load_mw[z, BUSY] = it_mw * busy_share[c]
        power.load_mw[z, IDLE] = it_mw * (1.0 - busy_share[c]) * p.idle_draw
        power.load_mw[z, COOLING] = (p.pue - 1.0) * (power.load_mw[z, BUSY] + power.load_mw[z, IDLE])
        power.grid_mw[r] += power.load_mw[z, BUSY] + power.load_mw[z, IDLE] + power.load_mw[z, COOLING]
    dearer, spent_usd, drawn_mw = (1.0 + cost.grid_price_growth_per_year) ** (week / WEEKS_PER_YEAR), 0.0, 0.0
    for r in range(int(t.count.regions)):
        load_mw = power.grid_mw[r]
        power.grid_mw[r] = min(load_mw, power.grid_capacity_mw[r])
        power.firm_mw[r] = load_mw - power.grid_mw[r]
        scarce = 1.0 + cost.grid_scarcity * power.grid_mw[r] / t.region.reference_mw[r]
        grid_usd = power.grid_mw[r] * t.region.grid_usd_per_mwh[r] * dearer * scarce
        firm_usd = power.firm_mw[r] * t.region.firm_usd_per_mwh[r]
        carbon = power.grid_mw[r] * t.region.carbon_g_per_kwh[r] + power.firm_mw[r] * t.region.firm_carbon_g_per_kwh[r]
        if load_mw > 0.0:
            power.price_usd_per_mwh[r] = (grid_usd + firm_usd) / load_mw
            power.carbon_g_per_kwh[r] = carbon / load_mw
        spent_usd += grid_usd + firm_usd
        drawn_mw += load_mw
    if drawn_mw > 0.0:
        power.mean_usd_per_mwh = spent_usd / drawn_mw
    power.energy_usd[:] = 0.0
    for z in range(int(t.count.sites)):
        energy_mwh = (power.load_mw[z, BUSY] + power.load_mw[z, IDLE] + power.load_mw[z, COOLING]) * HOURS_PER_WEEK
        power.energy_usd[int(t.site.owner[z])] += energy_mwh * power.price_usd_per_mwh[int(t.site.region[z])]


@kernel
def busy(c: int, fleet: np.record, lease: np.record, use: np.record, companies: int) -> float:
    """Share of a company's available chips that are busy; each lab idles alike on what it owns and what it borrows."""
    if fleet.available_h100e[c] <= 0.0:
        return 1.0
    idle, kept = 0.0, fleet.available_h100e[c]
    for lab in range(companies):
        lent = lease.lent_h100e[lab, c]
        kept -= lent
        if lent > 0.0:
            idle += lent * use.idle_h100e[lab] / fleet.usable_h100e[lab]
    if fleet.usable_h100e[c] > 0.0:
        idle += kept * use.idle_h100e[c] / fleet.usable_h100e[c]
    return min(1.0, max(0.0, 1.0 - idle / fleet.available_h100e[c]))
