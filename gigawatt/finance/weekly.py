"""Financing in one week: interest, repayment, tax, what the market gives and refuses, dividends, default."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total
from gigawatt.ledger import (
    BUILD,
    CHIPS,
    DIVIDEND,
    EARNED,
    EQUITY,
    EXPENSED,
    GOVERNMENT,
    GUARANTEE,
    INTEREST,
    INVESTORS,
    LENDERS,
    LOAN,
    OPERATING,
    REPAYMENT,
    TAX,
    pay,
    write_off,
)
from gigawatt.units import WEEKS_PER_YEAR

CREDIT = 1  # kind of shock, see world/events.py


@kernel
def finance(
    week: int, books: np.record, plan: np.record, lease: np.record, build: np.record, climate: np.record,
    deal: np.record, p: np.record, terms: np.record, t: np.record,
) -> None:  # fmt: skip
    """The last payments of the week, so that nothing is left unfunded.

    Interest and principal fall due; profit is taxed; assets wear. A company keeps `buffer_weeks` of outflow in cash: a
    gap is filled by debt up to leverage and loan-to-value, then by shares up to `dilution_per_year` of its value, if
    the market is open; what is not given is refused. Cash below zero is a default.

    Changes: books, plan, lease, build, climate, deal.
    """
    for c in range(int(t.count.companies)):
        measure(books, plan, c, p)
        interest_usd = service_debt(week, books, c, p, int(t.count.companies))
        worn_usd = wear(books, c, terms)
        pay(books, c, GOVERNMENT, TAX, p.tax_rate * max(0.0, plan.ebitda_usd_week[c] - worn_usd - interest_usd))
        promised_usd = total(deal.facility_usd[c]) + p.vendor_financing_usd * (1.0 - t.company.is_established[c])
        raise_money(books, plan, climate, c, interest_usd, promised_usd, p, t)
    for _ in range(2):  # a guarantor that comes before the company it stands for is looked at again
        for c in range(int(t.count.companies)):
            if books.cash_usd[c] < 0.0:
                default(week, books, plan, lease, build, climate, deal, c, p, t)


@kernel
def measure(books: np.record, plan: np.record, c: int, p: np.record) -> None:
    """EBITDA and capex of the week from the T-accounts, into moving averages."""
    ebitda_usd = EARNED[CHIPS] * books.received_usd[CHIPS, c]
    for i in range(OPERATING):
        ebitda_usd += EARNED[i] * books.received_usd[i, c] - EXPENSED[i] * books.paid_usd[i, c]
    capex_usd = books.paid_usd[CHIPS, c] + books.paid_usd[BUILD, c]
    plan.ebitda_usd_week[c] += (ebitda_usd - plan.ebitda_usd_week[c]) / p.ebitda_weeks
    plan.capex_usd_week[c] += (capex_usd - plan.capex_usd_week[c]) / p.capex_weeks


@kernel
def service_debt(week: int, books: np.record, c: int, p: np.record, companies: int) -> float:
    """Pay interest and the principal that falls due; returns the interest, in USD.

    Debt to lenders stands on a ladder of years: what is due this year is repaid in equal weekly parts, and at its end
    the ladder moves down. Loans of suppliers are repaid evenly over `vendor_years`.
    """
    interest_usd = books.debt_usd[c, LENDERS] * books.debt_rate[c] / WEEKS_PER_YEAR
    pay(books, c, LENDERS, INTEREST, interest_usd)
    weeks_left = WEEKS_PER_YEAR - week % WEEKS_PER_YEAR
    repaid_usd = min(books.due_usd[c, 0] / weeks_left, books.debt_usd[c, LENDERS])
    pay(books, c, LENDERS, REPAYMENT, repaid_usd)
    books.debt_usd[c, LENDERS] -= repaid_usd
    books.due_usd[c, 0] -= repaid_usd
    if weeks_left == 1:
        years = books.due_usd.shape[1]
        books.due_usd[c, 1] += books.due_usd[c, 0]
        for k in range(years - 1):
            books.due_usd[c, k] = books.due_usd[c, k + 1]
        books.due_usd[c, years - 1] = 0.0
    for lender in range(companies):
        owed_usd = books.debt_usd[c, lender]
        if owed_usd > 0.0:
            vendor_usd = owed_usd * (p.base_rate + p.vendor_spread) / WEEKS_PER_YEAR
            pay(books, c, lender, INTEREST, vendor_usd)
            part_usd = owed_usd / (p.vendor_years * WEEKS_PER_YEAR)
            pay(books, c, lender, REPAYMENT, part_usd)
            books.debt_usd[c, lender] -= part_usd
            interest_usd += vendor_usd
    return interest_usd


@kernel
def wear(books: np.record, c: int, terms: np.record) -> float:
    """Depreciation of the week in USD, on what is left of chips and of sites (declining balance)."""
    chips_usd = books.chips_usd[c] / (terms.chip_life_years * WEEKS_PER_YEAR)
    sites_usd = books.sites_usd[c] / (terms.site_life_years * WEEKS_PER_YEAR)
    books.chips_usd[c] -= chips_usd
    books.sites_usd[c] -= sites_usd
    books.noncash_usd[c] -= chips_usd + sites_usd
    return chips_usd + sites_usd


@kernel
def market_rate(books: np.record, plan: np.record, climate: np.record, c: int, p: np.record, t: np.record) -> float:
    """Rate on new debt: base + own spread + spread per turn of debt / EBITDA above one + recent losses of lenders."""
    debt_usd, ebitda_usd = total(books.debt_usd[c]), plan.ebitda_usd_week[c] * WEEKS_PER_YEAR
    turns = min(p.most_turns, debt_usd / max(ebitda_usd, p.least_cover * debt_usd + 1.0))
    scared = p.loss_spread * climate.lender_loss_usd / p.lender_capital_usd
    return p.base_rate + t.company.credit_spread[c] + p.spread_per_turn * max(0.0, turns - 1.0) + scared


@kernel
def raise_money(
    books: np.record, plan: np.record, climate: np.record, c: int, interest_usd: float, promised_usd: float,
    p: np.record, t: np.record,
) -> None:  # fmt: skip
    """Fill the gap to the cash buffer, pay dividends out of plenty, and tell how much money is within reach: what is
    earned, cash, debt and shares that the market would give, and `promised_usd` of suppliers' loans.

    room for debt = min(leverage x EBITDA, loan-to-value x assets + leverage x EBITDA of established businesses) - debt.
    value = other value + multiple x revenue expected + multiple x EBITDA - debt, the multiple of revenue falling from
    `revenue_multiple` at `hot_growth` to `mature_multiple` without growth; shares a year = dilution x value, at most
    `equity_depth_usd_per_year`; investors give to ventures in proportion to growth, and nothing without it.
    """
    debt_usd, ebitda_usd = total(books.debt_usd[c]), plan.ebitda_usd_week[c] * WEEKS_PER_YEAR
    open_market = climate.factor[CREDIT]
    hot = min(1.0, plan.sales_growth_per_year[c] / p.hot_growth)
    multiple = p.mature_multiple + (p.revenue_multiple - p.mature_multiple) * hot
    value_usd = t.company.equity_value_usd[c] + multiple * plan.expected_usd_week[c] * WEEKS_PER_YEAR
    value_usd += p.ebitda_multiple * max(0.0, ebitda_usd) * (1.0 - t.company.is_venture[c])
    value_usd = max(0.0, value_usd - debt_usd)
    shares_usd = min(p.dilution_per_year * value_usd, p.equity_depth_usd_per_year)
    plan.equity_usd_year[c] = open_market * shares_usd * (hot if t.company.is_venture[c] > 0.0 else 1.0)
    collateral_usd = p.loan_to_value * (books.chips_usd[c] + books.sites_usd[c])
    earning_usd = p.max_leverage * max(ebitda_usd, p.collateral_earning * collateral_usd)
    cover_usd = collateral_usd + p.max_leverage * max(0.0, ebitda_usd) * t.company.is_established[c]
    room_usd = max(0.0, min(earning_usd, cover_usd) - debt_usd)
    outflow_usd = plan.capex_usd_week[c] - plan.ebitda_usd_week[c] + interest_usd + books.due_usd[c, 0] / WEEKS_PER_YEAR
    buffer_usd = p.buffer_weeks * max(0.0, outflow_usd) + p.least_cash_usd
    chest_usd = p.venture_chest * plan.equity_usd_year[c] * t.company.is_venture[c]  # labs raise when they can
    gap_usd = max(0.0, buffer_usd + chest_usd - books.cash_usd[c])
    loan_usd = open_market * min(gap_usd, room_usd)
    borrow(books, c, loan_usd, market_rate(books, plan, climate, c, p, t), p.debt_years)
    shares_usd = min(gap_usd - loan_usd, plan.equity_usd_year[c] * p.offer_share)
    pay(books, INVESTORS, c, EQUITY, shares_usd)
    books.stake_usd[INVESTORS, c] += shares_usd
    plan.refused_usd[c] = gap_usd - loan_usd - shares_usd
    kept_usd = p.rich_buffers * buffer_usd + p.core_cash_share * t.company.core_usd_week[c] * WEEKS_PER_YEAR
    kept_usd += p.venture_chest * value_usd * t.company.is_venture[c]
    pay(books, c, INVESTORS, DIVIDEND, p.payout_per_week * max(0.0, books.cash_usd[c] - kept_usd))
    free_usd = plan.ebitda_usd_week[c]
    if t.company.is_established[c] > 0.0:
        free_usd = p.capex_share * max(0.0, free_usd - interest_usd)
    spare_usd = p.cash_share * max(0.0, books.cash_usd[c]) + open_market * (room_usd - loan_usd)
    spare_usd += plan.equity_usd_year[c] + promised_usd
    plan.reach_usd_week[c] = max(0.0, free_usd + spare_usd / WEEKS_PER_YEAR)


@kernel
def borrow(books: np.record, c: int, usd: float, rate: float, years: float) -> None:
    """Take a loan from the lenders; it falls due on the ladder after `years`, at the mean rate of old debt and new."""
    if usd <= 0.0:
        return
    pay(books, LENDERS, c, LOAN, usd)
    owed_usd = books.debt_usd[c, LENDERS]
    books.debt_rate[c] = (books.debt_rate[c] * owed_usd + rate * usd) / (owed_usd + usd)
    books.debt_usd[c, LENDERS] += usd
    books.due_usd[c, min(books.due_usd.shape[1] - 1, int(years))] += usd


@kernel
def default(
    week: int, books: np.record, plan: np.record, lease: np.record, build: np.record, climate: np.record,
    deal: np.record, c: int, p: np.record, t: np.record,
) -> None:  # fmt: skip
    """Debts are cut to recovery value, guarantors pay what they promised, old shares are wiped out, orders fall away
    and part of the leases is handed back; investors refloat the company with some weeks of what it burns.

    Lenders, guarantors and holders of shares carry the loss; lenders' losses make credit dearer for all.
    """
    loss_usd, parties = (1.0 - p.recovery) * books.debt_usd[c, LENDERS], len(books.cash_usd)
    for k in range(parties):
        cut_usd = (1.0 - p.recovery) * books.debt_usd[c, k]
        write_off(books, c, k, cut_usd)
        books.noncash_usd[k] -= books.stake_usd[k, c]
        books.stake_usd[k, c] = 0.0
    for k in range(books.due_usd.shape[1]):
        books.due_usd[c, k] *= p.recovery
    guaranteed_usd = call_guarantees(week, books, deal, c, loss_usd, t)
    climate.lender_loss_usd += loss_usd - guaranteed_usd
    build.chip_queue_h100e[c] = 0.0
    for z in range(int(t.count.sites)):
        if int(t.site.owner[z]) == c:
            build.site_queue_mw[z] = 0.0
    lease.signed_h100e[c] = 0.0
    lease.broken[c] = 1.0
    if c == int(t.programme.owner):
        lease.programme_over = 1.0
        lease.programme_h100e = 0.0
    for owner in range(int(t.count.companies)):
        lease.contract_h100e[c, owner] *= 1.0 - p.rejected_leases
    burn_usd = max(0.0, plan.capex_usd_week[c] - plan.ebitda_usd_week[c])
    fresh_usd = -books.cash_usd[c] + p.refloat_weeks * burn_usd
    pay(books, INVESTORS, c, EQUITY, fresh_usd)
    books.stake_usd[INVESTORS, c] += fresh_usd
    plan.defaults[c] += 1.0


@kernel
def call_guarantees(week: int, books: np.record, deal: np.record, c: int, loss_usd: float, t: np.record) -> float:
    """Guarantors of company c make its lenders whole, up to what they promised; returns what they paid, in USD."""
    paid_usd = 0.0
    for d in range(int(t.count.deals)):
        live = t.deal.start_week[d] <= week < t.deal.end_week[d]
        if t.deal.is_guarantee[d] > 0.0 and live and int(t.deal.payee[d]) == c:
            usd = min(t.deal.weight[d] * t.deal.usd[d] - deal.paid_usd[d], loss_usd - paid_usd)
            pay(books, int(t.deal.payer[d]), LENDERS, GUARANTEE, max(0.0, usd))
            deal.paid_usd[d] += max(0.0, usd)
            paid_usd += max(0.0, usd)
    return paid_usd
