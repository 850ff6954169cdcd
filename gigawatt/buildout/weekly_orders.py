"""Orders of one week: what owners want, what money allows, and what waits for power."""

from __future__ import annotations

import math

import numpy as np

from gigawatt.compiled import kernel, total
from gigawatt.units import WEEKS_PER_YEAR

CREDIT = 1  # kind of shock, see world/events.py


@kernel
def orders(
    week: int, build: np.record, plan: np.record, lease: np.record, fleet: np.record, power: np.record,
    market: np.record, tech: np.record, climate: np.record, p: np.record, pue: float, t: np.record,
) -> None:  # fmt: skip
    """Owners order what they want and lack, less where rent is below cost, no more than money within reach buys.

    wanted = leased / utilisation + keen x (own need at the horizon - what is leased in), where
    keen = min(`keen_most`, (rent / levelised cost)^return power): where rent pays well more is wanted, where compute is
    cheaper to rent than to build less, and what wears out is not replaced. A gap is ordered over `order_weeks`. Sites
    are planned further ahead than chips, and chips are ordered only where they will have power. Announced sites enter
    the queue in their weeks, as far as their owner's money goes.

    Changes: build, plan.
    """
    build.wanted_mw_week = 0.0
    build.unpaid_mw_week = 0.0
    build.roomless_h100e_week = 0.0
    for z in range(int(t.count.sites)):
        if t.site.start_week[z] <= week < t.site.end_week[z]:
            c, mw = int(t.site.owner[z]), t.site.start_mw_per_week[z]
            mw_usd = tech.all_in_usd_per_h100e[c] / tech.new_mw_per_h100e[c]
            placed_mw = min(mw, p.announced_reach * plan.reach_usd_week[c] / mw_usd)
            build.site_queue_mw[z] += placed_mw
            build.wanted_mw_week += mw
            build.unpaid_mw_week += mw - placed_mw
    for c in range(int(t.count.companies)):
        if t.company.is_owner[c] == 0.0:
            continue
        leased = total(lease.contract_h100e[:, c]) + total(lease.signed_h100e[:, c])
        borrowed = total(lease.contract_h100e[c]) + total(lease.signed_h100e[c])
        margin = market.rent_usd_per_h100e_h / tech.levelised_usd_per_h100e_h[c]
        keen = min(p.keen_most, margin**p.return_power)
        wanted = leased / p.lease_utilisation + keen * max(0.0, plan.wanted_h100e[c] - borrowed)
        reach_usd = plan.reach_usd_week[c] * min(1.0, p.shut_reach + climate.factor[CREDIT])
        mean_pue = power.owner_mw[c] / fleet.room_mw[c] if fleet.room_mw[c] > 0.0 else pue
        coming_mw = order_sites(build, plan, fleet, power, tech, c, wanted, reach_usd, p, mean_pue, t)
        order_chips(build, plan, fleet, power, tech, c, wanted, reach_usd, coming_mw, p, mean_pue, t)


@kernel
def order_sites(
    build: np.record, plan: np.record, fleet: np.record, power: np.record, tech: np.record, c: int, wanted: float,
    reach_usd: float, p: np.record, pue: float, t: np.record,
) -> float:  # fmt: skip
    """Queue sites for what the company will want beyond all it has and builds; returns the MW under construction.

    New sites go to the company's regions, more where power comes sooner; nobody queues for more than it can pay.
    """
    installed, coming_mw, queued_mw, whole = 0.0, 0.0, 0.0, 0.0
    for k in range(int(t.count.chips)):
        installed += fleet.installed_h100e[c, k]
    for z in range(int(t.count.sites)):
        if int(t.site.owner[z]) == c:
            coming_mw += total(build.site_pipe_mw[z])
            queued_mw += build.site_queue_mw[z]
            build.appeal[z] = t.site.weight[z] / (1.0 + build.power_wait_weeks[int(t.site.region[z])] / p.queue_weeks)
            whole += build.appeal[z]
    later = wanted * math.exp(plan.growth_per_year[c] / WEEKS_PER_YEAR * p.site_horizon_weeks)
    growth_mw = max(0.0, later - installed) * tech.new_mw_per_h100e[c]
    short_mw = fleet.full_mw[c] * pue + growth_mw - power.owner_mw[c] - coming_mw - queued_mw
    ask_mw = max(0.0, short_mw) / p.order_weeks
    mw_usd = tech.all_in_usd_per_h100e[c] / tech.new_mw_per_h100e[c]
    most_mw = max(0.0, reach_usd * p.queue_most_weeks / mw_usd - queued_mw)
    placed_mw = min(ask_mw, p.site_reach * reach_usd / mw_usd, most_mw) if whole > 0.0 else 0.0
    for z in range(int(t.count.sites)):
        if int(t.site.owner[z]) == c and whole > 0.0:
            build.site_queue_mw[z] += placed_mw * build.appeal[z] / whole
    build.wanted_mw_week += ask_mw
    build.unpaid_mw_week += ask_mw - placed_mw
    plan.rationed_usd[c] += (ask_mw - placed_mw) * mw_usd
    return coming_mw


@kernel
def order_chips(
    build: np.record, plan: np.record, fleet: np.record, power: np.record, tech: np.record, c: int, wanted: float,
    reach_usd: float, coming_mw: float, p: np.record, pue: float, t: np.record,
) -> None:  # fmt: skip
    """Queue chips for the gap, as far as money and room with power go; nobody queues for more than it can pay."""
    installed, coming, queued = 0.0, 0.0, total(build.chip_queue_h100e[c])
    for k in range(int(t.count.chips)):
        installed += fleet.installed_h100e[c, k]
        coming += total(build.chip_pipe_h100e[c, k])
    room_mw = power.owner_mw[c] + p.room_ahead * coming_mw - fleet.full_mw[c] * pue
    room = max(0.0, room_mw / tech.new_mw_per_h100e[c] - coming - queued)
    ask = max(0.0, wanted - installed - coming - queued) / p.order_weeks
    powered = min(ask, room)
    placed = min(powered, reach_usd / tech.all_in_usd_per_h100e[c])
    build.roomless_h100e_week += ask - powered
    plan.rationed_usd[c] += (powered - placed) * tech.new_usd_per_h100e[c]
    most = reach_usd * p.queue_most_weeks / tech.all_in_usd_per_h100e[c]
    shrink = min(1.0, most / (queued + placed)) if queued + placed > most else 1.0
    for f in range(int(t.count.families)):
        queue = build.chip_queue_h100e[c, f] + placed * t.company.buys[c, f]
        build.chip_queue_h100e[c, f] = queue * shrink
