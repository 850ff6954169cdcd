"""Power in one week: what the sites draw, who supplies it, at what price and with how much carbon."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total
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
        "site_usd_per_mwh": ("Z", "price of power at the site"),
        "mean_usd_per_mwh": ("", "mean price over all sites"),
        "energy_usd": ("C", "cost of this week's power"),
        "cooling_water_m3": ("R", "water for cooling, this week"),
        "generation_water_m3": ("R", "water of plants, at the sites and of the grid, this week"),
        "water_m3": ("C", "water of both kinds, this week"),
    }
}


@kernel
def power_flow(
    week: int, power: np.record, fleet: np.record, lease: np.record, use: np.record, p: np.record, cost: np.record,
    t: np.record,
) -> None:  # fmt: skip
    """Load of every site, its supply, and what that costs, emits and evaporates.

    Busy chips draw full power, idle ones `idle_draw` of it; cooling and losses are (PUE - 1) x IT load, with
    PUE = 1 + (`pue` - 1) x overhead of the region. A company's powered chips are spread over its sites by the IT power
    that these can feed, energised / PUE; lent chips are as busy as their borrower is.

    Changes: power.
    """
    loads(power, fleet, lease, use, p, t)
    power.water_m3[:] = 0.0
    spent_usd, drawn_mw = 0.0, 0.0
    for r in range(int(t.count.regions)):
        spent_usd += supplied(week, r, power, cost, t)
        drawn_mw += power.grid_mw[r] + power.firm_mw[r]
    if drawn_mw > 0.0:
        power.mean_usd_per_mwh = spent_usd / drawn_mw
    power.energy_usd[:] = 0.0
    for z in range(int(t.count.sites)):
        energy_mwh = total(power.load_mw[z]) * HOURS_PER_WEEK
        power.energy_usd[int(t.site.owner[z])] += energy_mwh * power.site_usd_per_mwh[z]


@kernel
def loads(
    power: np.record, fleet: np.record, lease: np.record, use: np.record, p: np.record, t: np.record
) -> None:  # fmt: skip
    """What every site draws: IT power = powered chips of its owner x its part of the IT power that can be fed."""
    busy_share = np.ones(int(t.count.companies))
    for c in range(int(t.count.companies)):
        busy_share[c] = busy(c, fleet, lease, use, int(t.count.companies))
    for z in range(int(t.count.sites)):
        c, pue = int(t.site.owner[z]), 1.0 + (p.pue - 1.0) * t.region.overhead[int(t.site.region[z])]
        it_mw = fleet.it_mw[c] * power.energised_mw[z] / pue / fleet.room_mw[c] if fleet.room_mw[c] > 0.0 else 0.0
        power.load_mw[z, BUSY] = it_mw * busy_share[c]
        power.load_mw[z, IDLE] = it_mw * (1.0 - busy_share[c]) * p.idle_draw
        power.load_mw[z, COOLING] = (pue - 1.0) * (power.load_mw[z, BUSY] + power.load_mw[z, IDLE])


@kernel
def supplied(week: int, r: int, power: np.record, cost: np.record, t: np.record) -> float:
    """Supply of a region's sites: the grid first, plants at the sites for the rest; a planned site as in its plan.

    grid price = p0 (1 + g)^years (1 + scarcity x grid / reference load)
    firm price = price without gas + gas burnt x price of gas
    planned site = price of its plan beside the grid + share drawn from the grid x grid price; carbon likewise.
    Returns the cost of an hour, in USD.
    """
    shared_mw, planned_grid_mw, planned_firm_mw, reserved_mw = 0.0, 0.0, 0.0, 0.0
    for z in range(int(t.count.sites)):
        if int(t.site.region[z]) == r:
            load_mw = total(power.load_mw[z])
            if t.site.planned[z] > 0.0:
                planned_grid_mw += t.site.grid_share[z] * load_mw
                planned_firm_mw += (1.0 - t.site.grid_share[z]) * load_mw
                reserved_mw += t.site.grid_share[z] * power.energised_mw[z]
            else:
                shared_mw += load_mw
    grid_mw = min(shared_mw, max(0.0, power.grid_capacity_mw[r] - reserved_mw))
    power.grid_mw[r] = grid_mw + planned_grid_mw
    power.firm_mw[r] = shared_mw - grid_mw + planned_firm_mw
    dearer = (1.0 + cost.grid_price_growth_per_year) ** (week / WEEKS_PER_YEAR)
    scarce = 1.0 + cost.grid_scarcity * power.grid_mw[r] / t.region.reference_mw[r]
    grid_usd = t.region.grid_usd_per_mwh[r] * dearer * scarce
    firm_usd = t.region.firm_without_gas_usd_per_mwh[r] + t.region.firm_mmbtu_per_mwh[r] * t.region.gas_usd_per_mmbtu[r]
    grid = grid_mw / shared_mw if shared_mw > 0.0 else 1.0
    spent_usd, carbon = 0.0, 0.0
    power.cooling_water_m3[r] = 0.0
    power.generation_water_m3[r] = 0.0
    for z in range(int(t.count.sites)):
        if int(t.site.region[z]) != r:
            continue
        usd, gram, litres = firm_usd, t.region.firm_carbon_g_per_kwh[r], t.region.firm_water_l_per_kwh[r]
        drawn, own = grid, 1.0 - grid
        if t.site.planned[z] > 0.0:
            usd, gram, litres = (
                t.site.plan_usd_per_mwh[z],
                t.site.plan_carbon_g_per_kwh[z],
                t.site.plan_water_l_per_kwh[z],
            )
            drawn, own = t.site.grid_share[z], 1.0
        load_mw = total(power.load_mw[z])
        power.site_usd_per_mwh[z] = drawn * grid_usd + own * usd
        spent_usd += load_mw * power.site_usd_per_mwh[z]
        carbon += load_mw * (drawn * t.region.carbon_g_per_kwh[r] + own * gram)
        it_mw = power.load_mw[z, BUSY] + power.load_mw[z, IDLE]
        cooling_m3 = it_mw * HOURS_PER_WEEK * t.region.water_l_per_kwh[r]
        plants_m3 = load_mw * HOURS_PER_WEEK * (drawn * t.region.grid_water_l_per_kwh[r] + own * litres)
        power.cooling_water_m3[r] += cooling_m3
        power.generation_water_m3[r] += plants_m3
        power.water_m3[int(t.site.owner[z])] += cooling_m3 + plants_m3
    if power.grid_mw[r] + power.firm_mw[r] > 0.0:
        power.price_usd_per_mwh[r] = spent_usd / (power.grid_mw[r] + power.firm_mw[r])
        power.carbon_g_per_kwh[r] = carbon / (power.grid_mw[r] + power.firm_mw[r])
    return spent_usd


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
