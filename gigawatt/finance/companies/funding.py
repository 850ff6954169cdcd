"""How a company pays for its quarters: interest, tax, repayments, and the money raised in a fixed order.

A want of cash below the minimum is met from the revolver, then new term debt as far as lenders go, then shares; what
is still wanting eats the minimum itself, and what then lacks is the gap, an unpaid bill that stays on the balance
sheet. Spare cash pays the gap and the revolver back, then dividends and buy-backs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Company, Funding
from gigawatt.finance.companies.debt import Stack, cents, raised, stack
from gigawatt.finance.companies.operations import Operations
from gigawatt.finance.companies.stress import Stress
from gigawatt.finance.parameters import parameter

FUNDED = (
    "interest_term", "interest_new", "interest_revolver", "interest_income", "tax", "net_income", "losses", "raised",
    "new_debt", "new_repaid", "new_owed", "revolver", "gap", "shares", "payout", "cash", "unused_revolver",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """Flows of the quarter and stocks at its end in whole cents by name (see FUNDED); arrays (draws, quarters)."""

    lines: dict[str, Array]
    stack: Stack

    def __getitem__(self, name: str) -> Array:
        return self.lines[name]


@dataclass(slots=True)
class _Purse:
    """What is carried from quarter to quarter; arrays (draws,), `due` (draws, quarters) of new debt."""

    cash: Array
    losses: Array
    revolver: Array
    gap: Array
    owed: Array  # new term debt
    due: Array


def fund(company: Company, ops: Operations, stress: Stress) -> Funded:
    """Walks through the quarters."""
    funding, quarters = company.funding, ops.cost.shape[-1]
    draws = max(ops.revenue.shape[0], ops.capex_chips.shape[0], np.size(stress.rates))
    closed = stress.start if stress.refinancing_closed else None
    stopped = None if stress.signed_kept else closed
    tranches = stack(funding.tranches, quarters, stopped)
    shares_signed = raised(funding.raises, quarters, stopped)
    profit = np.broadcast_to(_profit_before_interest(ops), (draws, quarters))
    flow = np.broadcast_to(_cash_before_interest(ops), (draws, quarters))
    ebitda = np.broadcast_to(ops.ebitda, (draws, quarters))
    fixed_assets = np.broadcast_to(_fixed_assets(company, ops), (draws, quarters))
    zero = np.zeros(draws)
    purse = _Purse(
        cash=zero + cents(company.opening.cash_usd), losses=zero + cents(company.opening.tax_losses_usd),
        revolver=zero.copy(), gap=zero.copy(), owed=zero.copy(), due=np.zeros((draws, quarters)),
    )  # fmt: skip
    lines = {name: np.zeros((draws, quarters)) for name in FUNDED}
    for t in range(quarters):
        is_open = closed is None or t < closed
        extra = np.reshape(stress.rates, -1) * float(t >= stress.start)
        now = _interest_and_tax(company, purse, tranches, profit[:, t], extra, t)
        # What falls due in the quarter is repaid before more is lent: debt at the limit can be rolled over.
        room = lent_at_most(funding, ebitda[:, t], fixed_assets[:, t]) - tranches.owed[:, t].sum() + purse.due[:, t]
        net_draw = tranches.drawn[:, t].sum() - tranches.repaid[:, t].sum()
        before = flow[:, t] - now["interest"] + now["interest_income"] - now["tax"] + net_draw + shares_signed[t]
        now |= _raise(funding, purse, before - purse.due[:, t], room, now["net_income"], is_open)
        now["raised"] = shares_signed[t] + now["shares"]
        _add_new(funding, purse, now["new_debt"], t)
        now["new_repaid"], now["new_owed"] = purse.due[:, t], purse.owed.copy()
        for name in FUNDED:
            lines[name][:, t] = now[name]
    return Funded(lines=lines, stack=tranches)


def lent_at_most(funding: Funding, ebitda: Array, fixed_assets: Array) -> Array:
    """All debt that lenders allow, in the unit of the arguments; `ebitda` is that of a quarter.

    Turns of annualised EBITDA; of lenders on assets no more than those carry, so that losses and shorter lives count.
    """
    earned = np.maximum(0.0, funding.max_leverage * QUARTERS_PER_YEAR * ebitda)
    return np.minimum(earned, funding.loan_to_value * fixed_assets) if funding.loan_to_value > 0 else earned


def _profit_before_interest(ops: Operations) -> Array:
    return np.asarray(ops.ebitda - ops.stock - ops.write_off - ops.wear_chips - ops.wear_sites)


def _cash_before_interest(ops: Operations) -> Array:
    """EBITDA less what working capital takes, capex and stakes bought."""
    working = -np.diff(ops.receivables) - ops.write_off + np.diff(ops.payables) + np.diff(ops.deferred)
    return np.asarray(ops.ebitda + working - ops.capex_chips - ops.capex_sites - ops.invest)


def _fixed_assets(company: Company, ops: Operations) -> Array:
    opening = cents(company.opening.chips_usd) + cents(company.opening.sites_usd)
    return np.asarray(opening + np.cumsum(ops.capex_chips + ops.capex_sites - ops.wear_chips - ops.wear_sites, axis=-1))


def _interest_and_tax(
    company: Company, purse: _Purse, tranches: Stack, profit: Array, extra: Array, t: int
) -> dict[str, Array]:
    """Interest on what was owed at the start of the quarter, and tax on profit less losses carried forward."""
    funding = company.funding
    owed = tranches.owed_before[:, t]
    fixed = np.array([tranche.rate for tranche in funding.tranches])
    floating = np.array([tranche.floating for tranche in funding.tranches])
    rates = np.maximum(0.0, fixed + np.outer(extra, floating))  # (draws, tranches)
    term = np.rint(rates @ owed / QUARTERS_PER_YEAR)
    new_rate = np.maximum(0.0, funding.base_rate + funding.new_debt_margin + extra)
    new = np.rint((purse.owed + purse.gap) * new_rate / QUARTERS_PER_YEAR)
    drawn_rate = np.maximum(0.0, funding.base_rate + funding.revolver_margin + extra)
    revolver = np.rint(purse.revolver * drawn_rate / QUARTERS_PER_YEAR)
    income = np.rint(purse.cash * np.maximum(0.0, funding.cash_rate + extra) / QUARTERS_PER_YEAR)
    interest = term + new + revolver
    before_tax = profit - interest + income
    used = np.minimum(purse.losses, np.rint(parameter("tax.usable_losses") * np.maximum(0.0, before_tax)))
    tax = np.rint(company.business.tax_rate * (np.maximum(0.0, before_tax) - used))
    purse.losses = purse.losses - used + np.maximum(0.0, -before_tax)
    return {
        "interest_term": term, "interest_new": new, "interest_revolver": revolver, "interest": interest,
        "interest_income": income, "tax": tax, "net_income": before_tax - tax, "losses": purse.losses.copy(),
    }  # fmt: skip


def _raise(
    funding: Funding, purse: _Purse, flow: Array, room: Array, net_income: Array, is_open: bool
) -> dict[str, Array]:
    """Money raised and paid out in the quarter; changes the purse.

    `flow` is all cash before it; `room` what may be owed as new debt, revolver and gap, with what is due still in it.
    """
    held = purse.cash + flow
    least, limit = cents(funding.min_cash_usd), cents(funding.revolver_usd)
    want = np.maximum(0.0, least - held)
    from_revolver = np.minimum(want, limit - purse.revolver)
    want = want - from_revolver
    owed = purse.owed + purse.revolver + from_revolver + purse.gap
    new_debt = np.minimum(want, np.floor(np.maximum(0.0, room - owed))) if is_open else np.zeros_like(want)
    shares_cap = cents(funding.equity_usd_per_year / QUARTERS_PER_YEAR) if is_open else 0.0
    shares = np.minimum(want - new_debt, shares_cap)
    held = held + from_revolver + new_debt + shares
    new_gap = np.maximum(0.0, -held)
    spare = np.maximum(0.0, held - least)
    gap_paid = np.minimum(purse.gap, spare)
    revolver_paid = np.minimum(purse.revolver + from_revolver, spare - gap_paid)
    left = spare - gap_paid - revolver_paid
    payout = np.minimum(left, np.rint(funding.payout * np.maximum(0.0, net_income)))
    purse.cash = held + new_gap - gap_paid - revolver_paid - payout
    purse.gap = purse.gap + new_gap - gap_paid
    purse.revolver = purse.revolver + from_revolver - revolver_paid
    return {
        "new_debt": new_debt, "shares": shares, "payout": payout, "cash": purse.cash.copy(), "gap": purse.gap.copy(),
        "revolver": purse.revolver.copy(), "unused_revolver": limit - purse.revolver,
    }  # fmt: skip


def _add_new(funding: Funding, purse: _Purse, new_debt: Array, t: int) -> None:
    """Puts the quarter's new term debt on the books, due evenly over its years or at their end."""
    count = max(1, round(funding.new_debt_years * QUARTERS_PER_YEAR))
    quarters = purse.due.shape[1]
    purse.owed = purse.owed + new_debt - purse.due[:, t]
    if funding.new_debt_bullet:
        if t + count < quarters:
            purse.due[:, t + count] += new_debt
        return
    done = np.arange(quarters - t) / count
    repaid = np.diff(np.rint(new_debt[:, None] * np.minimum(1.0, done)[None, :]), axis=1)
    purse.due[:, t + 1 :] += repaid
