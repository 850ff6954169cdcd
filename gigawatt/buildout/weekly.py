"""Chips in one week, and the state of the build-out: orders claim wafers, memory and packaging, the least rations."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import advance, kernel, total
from gigawatt.ledger import CHIPS, COGS, LOAN, SUPPLIERS, pay
from gigawatt.units import WEEKS_PER_YEAR

SUPPLY = 2  # kind of shock, see world/events.py
CHIP_ITEM, SITE_ITEM, FIRM_ITEM, LOCAL_ITEM = range(4)  # kinds of supply
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
        "crew_mw_week": ("R", "sites that the crews of each nation can start a week"),
        "crew_wait_weeks": ("R", "weeks of crews that the queue of each nation stands for"),
        "power_wait_weeks": ("R", "weeks by which power of a new order would follow its construction"),
        "appeal": ("Z", "weight of a site for the next order"),
        "chip_binds": ("", "what held chips back: item, or a code below zero"),
        "site_binds": ("", "what held sites back: item, or a code below zero"),
        "binds": ("R", "what held the sites of a region back: item, or a code below zero"),
        "worth_usd_per_mw": ("R", "what one more MW of that would have earned beyond its cost, capitalised"),
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
