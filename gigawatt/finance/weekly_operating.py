"""Revenue and cost of one week: who buys what from whom, and what it costs to run."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total
from gigawatt.ledger import (
    ADS,
    API,
    BUILDERS,
    CLOUD,
    CORE,
    CUSTOMERS,
    ENERGY,
    GOVERNMENT,
    MISSION,
    OPERATIONS,
    SPOT,
    SUBSCRIPTION,
    SUPPLIERS,
    TRANSFER,
    UTILITIES,
    pay,
)
from gigawatt.units import HOURS_PER_WEEK, MONTHS_PER_YEAR, WEEKS_PER_YEAR

RENTED, FIRST_TIER = 2, 3  # uses, see allocation/weekly.py


@kernel
def revenue_and_cost(
    books: np.record, plan: np.record, market: np.record, use: np.record, lease: np.record, power: np.record,
    p: np.record, take_or_pay: float, t: np.record,
) -> None:  # fmt: skip
    """Customers pay for seats, tokens, attention, cloud and everything else; labs pay clouds; all pay to run.

    lease: chips lent x price signed x 168 x max(take-or-pay, share used); spot: chips x rent x 168.
    missions: customers pay the declared value of compute beyond the floor that labs give.
    staff and sales = share of AI revenue + fixed cost + (1 - margin) of other revenue; upkeep = share of fixed assets.
    Sectors that only pass money on return what exceeds their float to the customers, so that it goes round.

    Changes: books, plan.
    """
    rent_usd = market.rent_usd_per_h100e_h * HOURS_PER_WEEK
    companies = int(t.count.companies)
    spot_lent = total(use.spot_lent_h100e)
    for c in range(companies):
        ai_usd = sales_usd(books, market, c, t)
        pay(books, CUSTOMERS, c, CLOUD, use.used_h100e[c, RENTED] * rent_usd)
        pay_for_compute(books, use, lease, c, rent_usd, spot_lent, take_or_pay, companies)
        for m in range(int(t.count.missions)):
            u = FIRST_TIER + len(t.tier.ktokens_out) + m
            sponsored = max(0.0, use.used_h100e[c, u] - use.given_h100e[c, m])
            pay(books, CUSTOMERS, c, MISSION, sponsored * t.mission.value_usd_per_h100e_h[m] * HOURS_PER_WEEK)
        core_usd = market.core_usd_week[c]
        pay(books, CUSTOMERS, c, CORE, core_usd)
        staff_usd = core_usd * (1.0 - t.company.core_margin[c]) + p.staff_share * ai_usd + t.company.fixed_usd_week[c]
        pay(books, c, CUSTOMERS, OPERATIONS, staff_usd)
        upkeep_usd = p.site_opex_per_year / WEEKS_PER_YEAR * (books.chips_usd[c] + books.sites_usd[c])
        pay(books, c, SUPPLIERS, OPERATIONS, upkeep_usd)
        pay(books, c, UTILITIES, ENERGY, power.energy_usd[c])
        plan.revenue_usd_week[c] = ai_usd
    for sector in (GOVERNMENT, UTILITIES, SUPPLIERS, BUILDERS):
        pay(books, sector, CUSTOMERS, TRANSFER, max(0.0, books.cash_usd[sector] - p.sector_float_usd))


@kernel
def sales_usd(books: np.record, market: np.record, c: int, t: np.record) -> float:
    """AI revenue of a lab this week, in USD: seats and tokens as far as they are served, and advertising."""
    if t.company.is_lab[c] == 0.0:
        return 0.0
    seats_usd, api_usd = 0.0, 0.0
    for s in range(int(t.count.segments)):
        users = market.users_m[s] * 1e6 * market.share[s, c]
        seats_usd += (
            users * t.segment.usd_month[s] * MONTHS_PER_YEAR / WEEKS_PER_YEAR * market.served[c] * market.weather
        )
    for i in range(int(t.count.tiers)):
        api_usd += market.api_gtokens_week[c, i] * 1e3 * market.price_usd_per_mtok[c, i] * market.served[c]
    ads_usd = market.users_m[0] * 1e6 * market.share[0, c] * t.company.ads_usd_per_user_year[c] / WEEKS_PER_YEAR
    ads_usd *= market.weather
    pay(books, CUSTOMERS, c, SUBSCRIPTION, seats_usd)
    pay(books, CUSTOMERS, c, API, api_usd)
    pay(books, CUSTOMERS, c, ADS, ads_usd)
    return seats_usd + api_usd + ads_usd


@kernel
def pay_for_compute(
    books: np.record, use: np.record, lease: np.record, c: int, rent_usd: float, spot_lent: float, take_or_pay: float,
    companies: int,
) -> None:  # fmt: skip
    """Pay the owners of leased compute, used or not up to take-or-pay, and the lenders of spot compute."""
    borrowed, used = total(lease.lent_h100e[c]), total(use.used_h100e[c])
    utilised = min(1.0, used / (used + use.idle_h100e[c])) if used > 0.0 else 0.0
    for owner in range(companies):
        if borrowed > 0.0:
            usd = lease.lent_h100e[c, owner] * lease.usd_per_h100e_h[c, owner] * HOURS_PER_WEEK
            pay(books, c, owner, CLOUD, usd * max(take_or_pay, utilised))
        if use.spot_borrowed_h100e[c] > 0.0:
            pay(books, c, owner, SPOT, use.spot_borrowed_h100e[c] * use.spot_lent_h100e[owner] / spot_lent * rent_usd)
