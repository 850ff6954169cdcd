"""Construction in one week: queues claim power, crews and scarce items, the least binds, and work advances."""

from __future__ import annotations

import numpy as np

from gigawatt.buildout.weekly import (
    FIRM_ITEM,
    LOCAL_ITEM,
    NO_MONEY,
    NO_ORDERS,
    NO_POWER,
    SITE_ITEM,
    SITE_STAGES,
    SUPPLY,
)
from gigawatt.compiled import advance, kernel, total
from gigawatt.ledger import BUILD, BUILDERS, pay

TINY = 1e-9  # MW a week: keeps a ratio finite


@kernel
def sites(
    build: np.record, power: np.record, books: np.record, climate: np.record, market: np.record, tech: np.record,
    p: np.record, cost: np.record, t: np.record,
) -> None:  # fmt: skip
    """Queued sites claim power, local crews and the items of the world; what starts is paid as work advances and is
    energised `site_weeks` later, or when its supply comes where that is later.

    Grid connections of the region come first, plants at the site replace the rest (they add up); a site with a plan of
    its own claims the connection and the plants of that plan. Crews are those of the nation. The items of the world are
    all needed, so the least one binds:
    started = scale x sum over nations of min(powered, crews), scale = min(1, every item / that sum).

    Changes: build, power, books.
    """
    regions, asked_mw = int(t.count.regions), total(build.site_queue_mw)
    linked, on_grid, queue_mw = np.ones(regions), np.zeros(regions), np.zeros(regions)
    firm_asked_mw = claims(build, linked, on_grid, t)
    firm = plants(build, climate, firm_asked_mw, asked_mw, t)
    powered_mw, manned = np.zeros(regions), np.ones(regions)
    for z in range(int(t.count.sites)):
        queue_mw[int(t.site.region[z])] += build.site_queue_mw[z]
        powered_mw[int(t.site.region[z])] += build.site_queue_mw[z] * powered_share(z, firm, linked, on_grid, t)
    start_mw = crews(build, climate, powered_mw, queue_mw, manned, p, t)
    scarce, scale = NO_ORDERS, 1.0
    for i in range(int(t.count.items)):
        now_mw = build.capacity[i] * climate.factor[SUPPLY]
        if int(t.supply.kind[i]) == SITE_ITEM and now_mw < start_mw * scale:
            scarce, scale = i, now_mw / start_mw
    what_binds(build, powered_mw, queue_mw, manned, scarce, scale, market, tech, p, t)
    build.started_mw_week = 0.0
    build.energised_mw_week = 0.0
    for z in range(int(t.count.sites)):
        r = int(t.site.region[z])
        share = powered_share(z, firm, linked, on_grid, t)
        own_plants = (share - on_grid[r]) / share if share > 0.0 else 0.0
        if t.site.planned[z] > 0.0:
            own_plants = 1.0 - t.site.grid_share[z]
        construct(build, power, books, z, build.site_queue_mw[z] * share * manned[r] * scale, own_plants, p, cost, t)


@kernel
def plants(build: np.record, climate: np.record, firm_asked_mw: float, asked_mw: float, t: np.record) -> float:
    """Share of the plants asked for that can be given; each kind is asked for its part of what adds up.

    Changes: build.
    """
    firm_mw = 0.0
    for i in range(int(t.count.items)):
        if int(t.supply.kind[i]) == FIRM_ITEM:
            firm_mw += build.capacity[i] * climate.factor[SUPPLY]
        elif int(t.supply.kind[i]) == SITE_ITEM or int(t.supply.kind[i]) == LOCAL_ITEM:
            build.asked[i] = asked_mw
    for i in range(int(t.count.items)):
        if int(t.supply.kind[i]) == FIRM_ITEM and firm_mw > 0.0:
            build.asked[i] = firm_asked_mw * build.capacity[i] * climate.factor[SUPPLY] / firm_mw
    return min(1.0, firm_mw / firm_asked_mw) if firm_asked_mw > 0.0 else 0.0


@kernel
def crews(
    build: np.record, climate: np.record, powered_mw: np.ndarray, queue_mw: np.ndarray, manned: np.ndarray,
    p: np.record, t: np.record,
) -> float:  # fmt: skip
    """Share of the powered queue of each region that crews can start; returns the MW that they could start in all.

    The regions of a nation share their crews. Without an item of kind `local` crews are plentiful.

    Changes: build, manned.
    """
    regions, start_mw, local = len(powered_mw), 0.0, False
    for i in range(int(t.count.items)):
        local = local or int(t.supply.kind[i]) == LOCAL_ITEM
    asked_mw, waiting_mw = np.zeros(regions), np.zeros(regions)  # by nation
    for r in range(regions):
        asked_mw[int(t.region.crew_nation[r])] += powered_mw[r]
        waiting_mw[int(t.region.crew_nation[r])] += queue_mw[r]
    for n in range(regions):
        build.crew_wait_weeks[n] = waiting_mw[n] / max(TINY, build.crew_mw_week[n]) if local else 0.0
    for r in range(regions):
        n = int(t.region.crew_nation[r])
        wait_weeks = max(build.grid_wait_weeks[r], build.crew_wait_weeks[n])
        build.power_wait_weeks[r] = max(wait_weeks, t.region.supply_weeks[r] - p.site_weeks)
        now_mw = build.crew_mw_week[n] * climate.factor[SUPPLY]
        if local and asked_mw[n] > now_mw:
            manned[r] = now_mw / asked_mw[n]
        start_mw += powered_mw[r] * manned[r]
    return start_mw


@kernel
def what_binds(
    build: np.record, powered_mw: np.ndarray, queue_mw: np.ndarray, manned: np.ndarray, scarce: int, scale: float,
    market: np.record, tech: np.record, p: np.record, t: np.record,
) -> None:  # fmt: skip
    """Name what held sites back, in each region and in the world, and what one more MW of it would have earned.

    In a region: an item of the world where it rations what is powered and manned there, else crews, else power. In the
    world: the item, or what holds back more MW. Without either: money, or that nobody orders.

    Changes: build.
    """
    crew, at_ease = NO_ORDERS, NO_ORDERS
    for i in range(int(t.count.items)):
        if int(t.supply.kind[i]) == LOCAL_ITEM:
            crew = i
    if build.unpaid_mw_week > p.told_share * build.wanted_mw_week:
        at_ease = NO_MONEY
    unmanned_mw, unpowered_mw = 0.0, 0.0
    for r in range(len(powered_mw)):
        build.binds[r] = float(at_ease)
        if scale < 1.0 and powered_mw[r] * manned[r] > 0.0:
            build.binds[r] = float(scarce)
        elif manned[r] < 1.0:
            build.binds[r] = float(crew)
            unmanned_mw += powered_mw[r] * (1.0 - manned[r])
        elif powered_mw[r] < queue_mw[r] * (1.0 - p.told_tolerance):
            build.binds[r] = float(NO_POWER)
            unpowered_mw += queue_mw[r] - powered_mw[r]
        scarcity = build.binds[r] >= 0.0 or int(build.binds[r]) == NO_POWER
        build.worth_usd_per_mw[r] = worth_usd_per_mw(build, r, market, tech, t) if scarcity else 0.0
    build.site_binds = float(at_ease)
    if scale < 1.0:
        build.site_binds = float(scarce)
    elif unmanned_mw > 0.0 and unmanned_mw >= unpowered_mw:
        build.site_binds = float(crew)
    elif unpowered_mw > 0.0:
        build.site_binds = float(NO_POWER)


@kernel
def worth_usd_per_mw(build: np.record, r: int, market: np.record, tech: np.record, t: np.record) -> float:
    """What a MW more would earn beyond its cost in a region, in USD: the mean over those who queue there of
    all-in cost x (rent / levelised cost - 1), not below 0."""
    worth_usd, queue_mw = 0.0, 0.0
    for z in range(int(t.count.sites)):
        if int(t.site.region[z]) == r:
            c = int(t.site.owner[z])
            margin = market.rent_usd_per_h100e_h / tech.levelised_usd_per_h100e_h[c] - 1.0
            mw_usd = tech.all_in_usd_per_h100e[c] / tech.new_mw_per_h100e[c]
            worth_usd += build.site_queue_mw[z] * mw_usd * max(0.0, margin)
            queue_mw += build.site_queue_mw[z]
    return worth_usd / queue_mw if queue_mw > 0.0 else 0.0


@kernel
def claims(build: np.record, linked: np.ndarray, on_grid: np.ndarray, t: np.record) -> float:
    """Connections of each region for its queue, those of planned sites first; returns the MW that ask for plants.

    `linked` is the share of planned connections that can be given, `on_grid` that of the other sites' queue.
    """
    planned_mw, open_mw, firm_mw = np.zeros(len(linked)), np.zeros(len(linked)), 0.0
    for z in range(int(t.count.sites)):
        r, mw = int(t.site.region[z]), build.site_queue_mw[z]
        if t.site.planned[z] > 0.0:
            planned_mw[r] += mw * t.site.connection_share[z]
        else:
            open_mw[r] += mw
    for r in range(len(linked)):
        build.grid_wait_weeks[r] = (planned_mw[r] + open_mw[r]) / max(TINY, build.grid_mw_week[r])
        linked[r] = min(1.0, build.grid_mw_week[r] / planned_mw[r]) if planned_mw[r] > 0.0 else 1.0
        left_mw = build.grid_mw_week[r] - planned_mw[r] * linked[r]
        on_grid[r] = min(1.0, left_mw / open_mw[r]) if open_mw[r] > 0.0 else 1.0
        firm_mw += open_mw[r] * (1.0 - on_grid[r])
    for z in range(int(t.count.sites)):
        if t.site.planned[z] > 0.0:
            given = linked[int(t.site.region[z])] if t.site.connection_share[z] > 0.0 else 1.0
            firm_mw += build.site_queue_mw[z] * given * t.site.machine_share[z]
    return firm_mw


@kernel
def powered_share(z: int, firm: float, linked: np.ndarray, on_grid: np.ndarray, t: np.record) -> float:
    """Share of a site's queue that power can be given: connection or plants, and of a plan all that it needs."""
    r = int(t.site.region[z])
    if t.site.planned[z] == 0.0:
        return on_grid[r] + (1.0 - on_grid[r]) * firm
    given = linked[r] if t.site.connection_share[z] > 0.0 else 1.0
    return given * (firm if t.site.machine_share[z] > 0.0 else 1.0)


@kernel
def construct(
    build: np.record, power: np.record, books: np.record, z: int, mw: float, plants: float, p: np.record,
    cost: np.record, t: np.record,
) -> None:  # fmt: skip
    """One week of work at a site: start `mw`, `plants` of it with plants of its own; advance, pay, energise.

    Its supply is ordered with the site and comes `supply_weeks` later, part of which the site has spent in the queue:
    late = max(0, supply weeks - wait - `site_weeks`), and the mean of that over all that is under construction.
    """
    c, r, under_way_mw = int(t.site.owner[z]), int(t.site.region[z]), total(build.site_pipe_mw[z])
    late = max(0.0, t.site.supply_weeks[z] - build.grid_wait_weeks[r] - p.site_weeks)
    if under_way_mw + mw > 0.0:
        build.late_weeks[z] = (build.late_weeks[z] * under_way_mw + late * mw) / (under_way_mw + mw)
    weeks = p.site_weeks + build.late_weeks[z]
    build.site_queue_mw[z] -= mw
    build.started_mw_week += mw
    pace = min(1.0, SITE_STAGES / weeks)  # of a stage, in a week
    done_mw = under_way_mw * pace / SITE_STAGES
    usd = done_mw * cost.facility_usd_per_mw * t.region.labour_cost_factor[r]
    pay(books, c, BUILDERS, BUILD, usd)
    books.sites_usd[c] += usd
    out_mw = advance(build.site_pipe_mw[z], mw, weeks)
    plants_mw = advance(build.firm_pipe_mw[z], mw * plants, weeks)
    power.energised_mw[z] += out_mw
    power.owner_mw[c] += out_mw
    power.firm_capacity_mw[r] += plants_mw
    power.grid_capacity_mw[r] += out_mw - plants_mw
    build.energised_mw_week += out_mw
