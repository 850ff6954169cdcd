"""Construction in one week: queues claim scarce items, the least one binds, work advances, suppliers expand."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import advance, kernel, total
from gigawatt.ledger import BUILD, BUILDERS, CHIPS, COGS, LOAN, SUPPLIERS, pay
from gigawatt.units import WEEKS_PER_YEAR

SUPPLY = 2  # kind of shock, see world/events.py
CHIP_ITEM, SITE_ITEM, FIRM_ITEM = range(3)
NOTHING, NO_ORDERS, NO_MONEY, NO_POWER, NO_ROOM = -1, -2, -3, -4, -5
BINDS = {NO_ORDERS: "orders", NO_MONEY: "money", NO_POWER: "grid and firm power", NO_ROOM: "powered room"}
SITE_STAGES, CHIP_STAGES = 6, 4

STATE = {
    "build": {
        "chip_queue_h100e": ("CF", "chips ordered, not yet shipped"),
        "chip_pipe_h100e": ("CKB", "chips shipped, on their way into running racks"),
        "site_queue_mw": ("Z", "sites ordered, not yet started"),
        "site_pipe_mw": ("ZA", "sites under construction, by stage"),
        "firm_pipe_mw": ("ZA", "of these, with plants of their own"),
        "late_weeks": ("Z", "weeks by which power follows construction, of what is under construction"),
        "capacity": ("N", "what suppliers can deliver a week, in the item's unit"),
        "asked": ("N", "what the queues would take this week"),
        "backlog_weeks": ("N", "weeks of supply that the queues stand for"),
        "grid_mw_week": ("R", "grid connections within reach a week"),
        "grid_wait_weeks": ("R", "weeks of grid connections that the queue stands for"),
        "power_wait_weeks": ("R", "weeks by which power of a new order would follow its construction"),
        "appeal": ("Z", "weight of a site for the next order"),
        "chip_binds": ("", "what held chips back: item, or a code below zero"),
        "site_binds": ("", "what held sites back: item, or a code below zero"),
        "shipped_h100e_week": ("", "chips shipped this week"),
        "started_mw_week": ("", "sites started this week"),
        "energised_mw_week": ("", "sites energised this week"),
        "wanted_mw_week": ("", "sites that owners would order this week if money were no object"),
        "unpaid_mw_week": ("", "of these, not ordered for want of money"),
        "roomless_h100e_week": ("", "chips not ordered because there is no room with power"),
    }
}


@kernel
def chips(
    week: int, build: np.record, fleet: np.record, books: np.record, deal: np.record, tech: np.record,
    climate: np.record, plan: np.record, p: np.record, terms: np.record, t: np.record,
) -> None:  # fmt: skip
    """Queued orders claim wafers, memory and packaging; what the least of them allows ships pro rata, is paid, and
    runs `chip_weeks` later. Chips wear out. Buyers under export rules see only part of their orders allowed.

    Changes: build, fleet, books, deal.
    """
    asked, allowed = 0.0, np.ones(int(t.count.companies))
    build.asked[:] = 0.0
    for c in range(int(t.count.companies)):
        if t.company.is_restricted[c] > 0.0:
            allowed[c] = p.export_access
        for f in range(int(t.count.families)):
            ask = build.chip_queue_h100e[c, f] * (allowed[c] if t.family.restricted[f] > 0.0 else 1.0)
            asked += ask
            for k in range(int(t.count.chips)):
                if int(t.chip.family[k]) == f:
                    for i in range(int(t.count.items)):
                        build.asked[i] += ask * tech.mix[k] * t.chip.items_per_h100e[k, i]
    share, build.chip_binds = 1.0, float(NO_ROOM if build.roomless_h100e_week > asked else NO_ORDERS)
    for i in range(int(t.count.items)):
        now = build.capacity[i] * climate.factor[SUPPLY]
        if int(t.supply.kind[i]) == CHIP_ITEM and build.asked[i] * share > now:
            share, build.chip_binds = now / build.asked[i], float(i)
    build.shipped_h100e_week = 0.0
    for c in range(int(t.count.companies)):
        for f in range(int(t.count.families)):
            gate = allowed[c] if t.family.restricted[f] > 0.0 else 1.0
            h100e = build.chip_queue_h100e[c, f] * gate * share
            build.chip_queue_h100e[c, f] -= h100e
            build.shipped_h100e_week += h100e
            pay_for_chips(books, deal, plan, c, f, h100e * tech.family_usd_per_h100e[f], p, terms, t)
            for k in range(int(t.count.chips)):
                if int(t.chip.family[k]) == f:
                    install(build, fleet, c, k, h100e * tech.mix[k], p.chip_weeks, p.retire_years)


@kernel
def install(build: np.record, fleet: np.record, c: int, k: int, h100e: float, weeks: float, years: float) -> None:
    """Put shipped chips on their way, take in those that arrive, and retire a week's worth of old ones."""
    fleet.shipped_h100e[k] += h100e
    on_the_way = h100e + total(build.chip_pipe_h100e[c, k])
    if on_the_way + fleet.installed_h100e[c, k] > 0.0:
        fleet.installed_h100e[c, k] *= 1.0 - 1.0 / (years * WEEKS_PER_YEAR)
        fleet.installed_h100e[c, k] += advance(build.chip_pipe_h100e[c, k], h100e, weeks)


@kernel
def pay_for_chips(
    books: np.record, deal: np.record, plan: np.record, c: int, f: int, usd: float, p: np.record, terms: np.record,
    t: np.record,
) -> None:  # fmt: skip
    """Pay the maker of a family, who pays its own suppliers; the maker lends part of it where it has promised to.

    A maker lends `vendor_share` of a purchase: out of a facility signed with the buyer, or out of its general programme
    (`vendor_financing_usd`) to buyers whose orders were cut for want of money.
    """
    if usd <= 0.0:
        return
    maker = int(t.family.maker[f])
    payee = SUPPLIERS if maker < 0 or maker == c else maker
    if payee >= 0:
        lent_usd = 0.0
        for other in range(int(t.count.companies)):
            lent_usd += books.debt_usd[other, maker]
        general_usd = max(0.0, terms.vendor_financing_usd - lent_usd) if plan.rationed_usd[c] > 0.0 else 0.0
        loan_usd = min(terms.vendor_share * usd, deal.facility_usd[c, maker] + general_usd)
        loan_usd = min(loan_usd, max(0.0, books.cash_usd[maker]))
        deal.facility_usd[c, maker] = max(0.0, deal.facility_usd[c, maker] - loan_usd)
        pay(books, maker, c, LOAN, loan_usd)
        books.debt_usd[c, maker] += loan_usd
        pay(books, maker, SUPPLIERS, COGS, usd * (1.0 - terms.chip_margin))
    pay(books, c, payee, CHIPS, usd)
    books.chips_usd[c] += usd


@kernel
def sites(
    build: np.record, power: np.record, books: np.record, climate: np.record, p: np.record, cost: np.record,
    t: np.record,
) -> None:  # fmt: skip
    """Queued sites claim power, electrical items, cooling and crews; what starts is paid as work advances and is
    energised `site_weeks` later, or when its supply comes where that is later.

    Grid connections of the region come first, plants at the site replace the rest (they add up); a site with a plan of
    its own claims the connection and the plants of that plan. The other items are all needed, so the least one binds:
    started = min(powered, every item).

    Changes: build, power, books.
    """
    regions, asked_mw = int(t.count.regions), total(build.site_queue_mw)
    linked, on_grid = np.ones(regions), np.zeros(regions)
    firm_asked_mw, firm_mw = claims(build, linked, on_grid, t), 0.0
    for r in range(regions):
        build.power_wait_weeks[r] = max(build.grid_wait_weeks[r], t.region.supply_weeks[r] - p.site_weeks)
    for i in range(int(t.count.items)):
        if int(t.supply.kind[i]) == FIRM_ITEM:
            firm_mw += build.capacity[i] * climate.factor[SUPPLY]
        elif int(t.supply.kind[i]) == SITE_ITEM:
            build.asked[i] = asked_mw
    for i in range(int(t.count.items)):  # plants add up: each kind is asked for its part
        if int(t.supply.kind[i]) == FIRM_ITEM and firm_mw > 0.0:
            build.asked[i] = firm_asked_mw * build.capacity[i] * climate.factor[SUPPLY] / firm_mw
    firm = min(1.0, firm_mw / firm_asked_mw) if firm_asked_mw > 0.0 else 0.0
    powered_mw = 0.0
    for z in range(int(t.count.sites)):
        powered_mw += build.site_queue_mw[z] * powered_share(z, firm, linked, on_grid, t)
    start_mw = powered_mw
    build.site_binds = float(NO_MONEY if build.unpaid_mw_week > p.told_share * build.wanted_mw_week else NO_ORDERS)
    if powered_mw < asked_mw * (1.0 - p.told_tolerance):
        build.site_binds = float(NO_POWER)
    for i in range(int(t.count.items)):
        if int(t.supply.kind[i]) == SITE_ITEM and build.capacity[i] * climate.factor[SUPPLY] < start_mw:
            start_mw, build.site_binds = build.capacity[i] * climate.factor[SUPPLY], float(i)
    scale = start_mw / powered_mw if powered_mw > 0.0 else 0.0
    build.started_mw_week = 0.0
    build.energised_mw_week = 0.0
    for z in range(int(t.count.sites)):
        r = int(t.site.region[z])
        share = powered_share(z, firm, linked, on_grid, t)
        plants = (share - on_grid[r]) / share if share > 0.0 else 0.0
        if t.site.planned[z] > 0.0:
            plants = 1.0 - t.site.grid_share[z]
        construct(build, power, books, z, build.site_queue_mw[z] * share * scale, plants, p, cost, t)


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
        build.grid_wait_weeks[r] = (planned_mw[r] + open_mw[r]) / max(1e-9, build.grid_mw_week[r])
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


@kernel
def suppliers(week: int, build: np.record, books: np.record, p: np.record, t: np.record) -> None:
    """Capex of everything that is not AI, and next year's capacity: suppliers expand while their backlog is long.

    growth a year = pull x fastest / (1 + capacity / scale), pull = backlog / `backlog_weeks` - `lean`, within
    [-`shrink`, 1]: up to the fastest growth with a long backlog, slowly down without one.

    Changes: build, books.
    """
    years = week / WEEKS_PER_YEAR
    for c in range(int(t.count.companies)):
        usd = t.company.core_capex_usd_week[c] * (1.0 + t.company.core_growth_per_year[c]) ** years
        pay(books, c, BUILDERS, BUILD, usd)
        books.sites_usd[c] += usd
    for i in range(int(t.count.items)):
        build.backlog_weeks[i] = build.asked[i] / max(1e-9, build.capacity[i])
        fastest = t.supply.growth_per_year[i]
        build.capacity[i] *= 1.0 + expansion(build.backlog_weeks[i], fastest, build.capacity[i] / t.supply.scale[i], p)
    for r in range(int(t.count.regions)):
        size = build.grid_mw_week[r] / t.region.grid_scale_mw_per_week[r]
        build.grid_mw_week[r] *= 1.0 + expansion(build.grid_wait_weeks[r], t.region.grid_growth_per_year[r], size, p)


@kernel
def expansion(backlog_weeks: float, fastest_per_year: float, size: float, p: np.record) -> float:
    """Relative growth of a supplier's capacity this week."""
    pull = max(-p.shrink, min(1.0, backlog_weeks / p.backlog_weeks - p.lean))
    return pull * fastest_per_year / (1.0 + size) / WEEKS_PER_YEAR
