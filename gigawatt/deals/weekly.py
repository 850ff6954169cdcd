"""Contracts in one week: deals of the catalog that fall due, leases signed, compute delivered."""

from __future__ import annotations

import numpy as np

from gigawatt.compiled import kernel, total
from gigawatt.ledger import EQUITY, LENDERS, LOAN, REVENUE_SHARE, pay
from gigawatt.units import HOURS_PER_WEEK, WEEKS_PER_YEAR

# What a deal does when it falls due. NOTED deals are shown, not paid: their money moves elsewhere in the model.
EQUITY_DEAL, COMPUTE_DEAL, CHIP_DEAL, DEBT_DEAL, FACILITY, SHARE_DEAL, GUARANTEE_DEAL, NOTED = range(8)
DEAL_KINDS = ("equity", "compute", "chips", "debt", "facility", "revenue share", "guarantee", "noted")

STATE = {
    "deal": {
        "paid_usd": ("D", "paid, lent or signed so far under the deal"),
        "first_week": ("D", "week of the first payment, -1 before it"),
        "facility_usd": ("CC", "what a maker of chips still has to lend to a buyer"),
    },
    "lease": {
        "signed_h100e": ("CC", "signed by lab with owner, not yet delivered"),
        "contract_h100e": ("CC", "delivered and under contract"),
        "lent_h100e": ("CC", "lent this week"),
        "usd_per_h100e_h": ("CC", "mean price signed"),
        "programme_h100e": ("", "signed for the programme, not yet delivered"),
        "programme_mw": ("", "delivered to the programme"),
        "programme_mw_week": ("", "delivered to the programme this week"),
        "programme_usd": ("", "cost of what the programme has received, chips and sites"),
        "target_mw_week": ("", "the programme's target"),
        "programme_over": ("", "1 once the programme's owner has defaulted: it signs no more"),
        "broken": ("C", "1 if the lab defaulted last week: what is left of its leases is priced anew"),
    },
}


@kernel
def deals_due(
    week: int, books: np.record, deal: np.record, lease: np.record, build: np.record, plan: np.record,
    market: np.record, tech: np.record, p: np.record, terms: np.record, t: np.record,
) -> None:  # fmt: skip
    """Deals of the catalog whose time has come, by status: firm ones in full, others by the weight of their status.

    Amounts are spread evenly from start to end; `per GW` deals follow what the programme received this week. Companies
    pay no more than `payer_cash_share` of their cash a week and make up later what that cuts off. A purchase of compute
    becomes a lease to be delivered, one of chips an order. Debt bears the base rate and the company's own spread.

    Changes: books, deal, lease, build.
    """
    for d in range(int(t.count.deals)):
        start, end = t.deal.start_week[d], t.deal.end_week[d]
        kind, payer, payee = int(t.deal.kind[d]), int(t.deal.payer[d]), int(t.deal.payee[d])
        left_usd = t.deal.weight[d] * t.deal.usd[d] - deal.paid_usd[d]
        owed_late = kind in (EQUITY_DEAL, DEBT_DEAL) and t.deal.usd_per_gw[d] == 0.0 and left_usd > 0.0
        if t.deal.weight[d] <= 0.0 or week < start or (week >= end and not owed_late):
            continue
        usd = min(left_usd, t.deal.weight[d] * t.deal.usd[d] / (end - start))
        if t.deal.usd_per_gw[d] > 0.0:
            usd = min(left_usd, t.deal.weight[d] * t.deal.usd_per_gw[d] * lease.programme_mw_week / 1e3)
        if kind in (EQUITY_DEAL, DEBT_DEAL):
            if payer < int(t.count.companies):
                usd = min(usd, p.payer_cash_share * max(0.0, books.cash_usd[payer]))
            pay(books, payer, payee, EQUITY if kind == EQUITY_DEAL else LOAN, usd)
            if kind == EQUITY_DEAL:
                books.stake_usd[payer, payee] += usd
            else:
                owed_usd = books.debt_usd[payee, payer]
                books.debt_usd[payee, payer] += usd
                if payer == len(books.cash_usd) + LENDERS and usd > 0.0:
                    rate = terms.base_rate + t.company.credit_spread[payee]
                    books.debt_rate[payee] = (books.debt_rate[payee] * owed_usd + rate * usd) / (owed_usd + usd)
                    books.due_usd[payee, min(books.due_usd.shape[1] - 1, int(terms.debt_years))] += usd
        elif kind == SHARE_DEAL:
            usd = t.deal.weight[d] * t.deal.share[d] * plan.revenue_usd_week[payer]
            pay(books, payer, payee, REVENUE_SHARE, usd)
        elif kind == COMPUTE_DEAL:
            years = max(1.0, (t.deal.due_week[d] - start) / WEEKS_PER_YEAR)
            hour_usd = market.rent_usd_per_h100e_h
            h100e = usd / years / (hour_usd * WEEKS_PER_YEAR * HOURS_PER_WEEK)
            sign(lease, payer, payee, h100e, hour_usd)
            if payer == int(t.programme.owner):
                lease.programme_h100e += p.programme_scale * h100e
        elif kind == CHIP_DEAL:
            f = int(t.deal.family[d])
            build.chip_queue_h100e[payer, f] += usd / tech.family_usd_per_h100e[f]
        elif kind == FACILITY:
            deal.facility_usd[payee, payer] += usd
        if deal.first_week[d] < 0.0 and usd > 0.0:
            deal.first_week[d] = week
        if kind != GUARANTEE_DEAL:
            deal.paid_usd[d] += usd


@kernel
def sign(lease: np.record, lab: int, owner: int, h100e: float, hour_usd: float) -> None:
    """Sign a lease at a price; the price on record is the mean of what is signed and what is delivered."""
    if h100e <= 0.0:
        return
    held = lease.contract_h100e[lab, owner] + lease.signed_h100e[lab, owner]
    lease.usd_per_h100e_h[lab, owner] = (lease.usd_per_h100e_h[lab, owner] * held + hour_usd * h100e) / (held + h100e)
    lease.signed_h100e[lab, owner] += h100e


@kernel
def contracts(
    week: int, lease: np.record, plan: np.record, fleet: np.record, build: np.record, market: np.record,
    tech: np.record, p: np.record, t: np.record,
) -> None:  # fmt: skip
    """Labs sign with clouds for what they will want, and for the programme, as far as money covers it.

    means = `compute_share` of the revenue expected + equity within reach, a year; owed = all leases at their price, a
    year; room(k) = (k x means - owed) / (rent of a year x order weeks);
    signs = max(min((wanted - held - own) / order weeks, room(`commitment_cover`)),
    min(programme target, room(`programme_cover`))), where own counts the chips that a lab has and does not lend,
    on their way and in its queue: clouds sign further ahead of a lab's means for a programme that they share in.
    Old leases run off; those that survive a default are paid at the rent of the day if that is lower.
    The programme signs until its budget is spent or signed, or its owner defaults.

    Changes: lease, plan.
    """
    rent_usd_year = market.rent_usd_per_h100e_h * WEEKS_PER_YEAR * HOURS_PER_WEEK
    lease.target_mw_week = 0.0
    for c in range(int(t.count.companies)):
        for owner in range(int(t.count.companies)):
            lease.contract_h100e[c, owner] *= 1.0 - 1.0 / (p.contract_years * WEEKS_PER_YEAR)
            if lease.broken[c] > 0.0:
                lease.usd_per_h100e_h[c, owner] = min(lease.usd_per_h100e_h[c, owner], market.rent_usd_per_h100e_h)
        lease.broken[c] = 0.0
        plan.rationed_usd[c] = 0.0
        if t.company.is_lab[c] == 0.0 or t.company.partners[c] == 0.0:
            continue
        held = total(lease.contract_h100e[c]) + total(lease.signed_h100e[c])
        programme = 0.0
        if c == int(t.programme.owner):
            open_usd = lease.programme_usd + lease.programme_h100e * tech.all_in_usd_per_h100e[c]
            year = int(t.count.start_year + week / WEEKS_PER_YEAR) - int(t.count.start_year)
            lease.target_mw_week = p.programme_scale * t.programme.mw_per_week[year]
            if open_usd < t.programme.budget_usd and lease.programme_over == 0.0:
                programme = lease.target_mw_week / tech.new_mw_per_h100e[c]
        earned_usd = p.compute_share * plan.expected_usd_week[c] * WEEKS_PER_YEAR
        means_usd, owed_usd = earned_usd + plan.equity_usd_year[c], 0.0
        for owner in range(int(t.count.companies)):
            h100e = lease.contract_h100e[c, owner] + lease.signed_h100e[c, owner]
            owed_usd += h100e * lease.usd_per_h100e_h[c, owner] * WEEKS_PER_YEAR * HOURS_PER_WEEK
        room = max(0.0, p.commitment_cover * means_usd - owed_usd) / rent_usd_year / p.order_weeks
        trusted = max(0.0, p.programme_cover * means_usd - owed_usd) / rent_usd_year / p.order_weeks
        own = total(fleet.installed_h100e[c]) + total(build.chip_queue_h100e[c]) - total(lease.contract_h100e[:, c])
        for k in range(int(t.count.chips)):
            own += total(build.chip_pipe_h100e[c, k])
        gap = max(0.0, plan.wanted_h100e[c] - held - own) / p.order_weeks
        signs = max(min(gap, room), min(programme, trusted))
        plan.rationed_usd[c] = max(0.0, max(gap, programme) - signs) * tech.all_in_usd_per_h100e[c]
        lease.programme_h100e += min(programme, signs)
        for owner in range(int(t.count.companies)):
            sign(lease, c, owner, signs * t.company.partner[c, owner], market.rent_usd_per_h100e_h)


@kernel
def deliveries(lease: np.record, fleet: np.record, use: np.record, tech: np.record, p: np.record, t: np.record) -> None:
    """Owners hand free compute to signed leases before they rent it out.

    free = available - lent - `own_first` of what they need themselves; `delivery_share` of it goes out each week.
    What reaches the programme's owner counts for the programme, up to what it has signed, in MW and in USD.

    Changes: lease.
    """
    companies = int(t.count.companies)
    lease.programme_mw_week = 0.0
    for owner in range(companies):
        signed = total(lease.signed_h100e[:, owner])
        if signed <= 0.0 or t.company.is_owner[owner] == 0.0:
            continue
        own = total(use.need_h100e[owner]) - use.need_h100e[owner, 2]
        available = fleet.available_h100e[owner]
        free = max(0.0, available - total(lease.contract_h100e[:, owner]) - p.own_first * min(own, available))
        for lab in range(companies):
            h100e = lease.signed_h100e[lab, owner] * min(1.0, free / signed) * p.delivery_share
            lease.signed_h100e[lab, owner] -= h100e
            lease.contract_h100e[lab, owner] += h100e
            if lab == int(t.programme.owner) and h100e > 0.0:
                left_usd = max(0.0, t.programme.budget_usd - lease.programme_usd)
                part = min(h100e, lease.programme_h100e, left_usd / tech.all_in_usd_per_h100e[owner])
                lease.programme_h100e -= part
                lease.programme_mw_week += part * tech.new_mw_per_h100e[owner]
                lease.programme_usd += part * tech.all_in_usd_per_h100e[owner]
    lease.programme_mw += lease.programme_mw_week
