"""What lenders and rating agencies read off the statements: cover, leverage, free cash flow, walls of maturities.

Ratios of a quarter are annualised (times four); those of a year take its sums. Beside them stand the bridge from
debt to adjusted debt (`company_bridge`) and the ratios of a credit committee (`company_credit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gigawatt.finance.companies.bridge import BridgeRow, adjusted, bridge, vehicle_debt_usd
from gigawatt.finance.companies.credit import credit_metrics, indicated_rating
from gigawatt.finance.companies.gaps import (
    first_gap,
    first_negative_equity,
    largest_gap_usd,
    months_closed,
    months_of_liquidity,
)
from gigawatt.finance.companies.periods import Periods, cover, leverage, periods, ratio
from gigawatt.finance.companies.revenue import share_lost_after
from gigawatt.finance.companies.statements import Lines, Statements

__all__ = [
    "BridgeRow", "Periods", "Wall", "bridge", "credit_metrics", "first_gap", "first_negative_equity", "headline",
    "indicated_rating", "largest_gap_usd", "metrics", "months_of_liquidity", "new_money", "periods",
    "refinancing_wall", "vehicle_debt_usd",
]  # fmt: skip


def metrics(made: Statements, annual: bool = True) -> Lines:
    """Metrics by period; shape (..., periods). Ratios without a base are infinite or NaN, never 0.

    Growth is on the period before (the last year, or the last quarter), a year cut short being annualised.
    """
    p = periods(made, annual)
    ebitda, interest = p.flow(made.income["ebitda"]), -p.flow(made.income["interest_expense"])
    revenue, fcf = p.flow(made.income["revenue"]), p.flow(made.cash["free_cash_flow"])
    debt, cash = p.stock(made.balance["debt"] + made.balance["gap"]), p.stock(made.balance["cash"])
    tax, due = -p.flow(made.income["tax"]), p.flow(made.memo["due"])
    first = made.company.business.revenue_last_year_usd if annual else made.company.business.revenue_usd_per_quarter
    before = np.concatenate([np.full((*revenue.shape[:-1], 1), first), revenue[..., :-1]], axis=-1)
    at_start = np.concatenate([np.full((*cash.shape[:-1], 1), made.opening["cash"]), cash[..., :-1]], axis=-1)
    a = p.annualise
    found = {
        "revenue_growth": ratio(revenue * (a if annual else 1.0) - before, before),
        "ebitda_margin": ratio(ebitda, revenue),
        "interest_cover": cover(ebitda, interest),
        "operating_cover": cover(p.flow(made.income["operating_income"]), interest),
        "ffo_to_debt": ratio((ebitda - interest - tax) * a, debt),
        "free_cash_flow_usd": fcf, "debt_usd": debt, "net_debt_usd": debt - cash,
        "net_debt_to_ebitda": leverage(debt - cash, ebitda * a),
        "due_usd": due, "refinancing_usd": np.maximum(0.0, due - np.maximum(0.0, at_start + fcf)),
        "liquidity_usd": cash + p.stock(made.memo["unused_revolver"]),
        "gap_usd": p.stock(made.balance["gap"]),
        "backlog_usd": p.stock(made.memo["backlog"]),
    }  # fmt: skip
    return found | adjusted(made, p)


def new_money(made: Statements, annual: bool = True) -> Lines:
    """Where principal due comes from and what must be found anew, in USD by period; shape (..., periods).

    `due_signed` falls due under terms that are told, `due_assumed` under a ladder that is assumed, `due_new` under
    debt that the plan itself raised. `new_money_usd` is what no signed deal brings: new term debt, shares beyond signed
    deals, more of the revolver, and what stays unpaid; below 0 where more is paid back.
    """
    p, cash, memo = periods(made, annual), made.cash, made.memo
    found = {
        "due_signed_usd": p.flow(memo["due_signed"]), "due_assumed_usd": p.flow(memo["due_assumed"]),
        "due_new_usd": p.flow(memo["due_new"]), "due_usd": p.flow(memo["due"]),
        "signed_debt_usd": p.flow(cash["signed_debt_drawn"]),
        "signed_shares_usd": p.flow(cash["shares_sold"] - memo["shares_new"]),
        "new_debt_usd": p.flow(cash["new_debt"]), "new_shares_usd": p.flow(memo["shares_new"]),
        "revolver_usd": p.flow(cash["change_in_revolver"]), "unpaid_usd": p.flow(cash["change_in_gap"]),
    }  # fmt: skip
    parts = ("new_debt_usd", "new_shares_usd", "revolver_usd", "unpaid_usd")
    return found | {"new_money_usd": np.sum([found[part] for part in parts], axis=0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """The first calendar year in which principal due exceeds cash at its start and its free cash flow."""

    year: int | None
    due_usd: float
    short_usd: float  # what must be refinanced or raised in that year


def refinancing_wall(made: Statements) -> Wall:
    """The wall of a projection; no year where cash always suffices."""
    found, p = metrics(made), periods(made, annual=True)
    for n in range(len(p.labels)):
        if found["refinancing_usd"][n] > 0 and found["due_usd"][n] > 0:
            year = made.company.first_year + n
            return Wall(year=year, due_usd=float(found["due_usd"][n]), short_usd=float(found["refinancing_usd"][n]))
    return Wall(year=None, due_usd=0.0, short_usd=0.0)


def headline(made: Statements, year: int = 0) -> dict[str, Any]:
    """What a year needs and what pays for it; amounts in USD.

    `needs`: burn (free cash flow below 0), stakes, repaid, payouts; `paid_by`: cash (below 0 where it grows), free cash
    flow, signed debt, revolver, signed shares, debt not yet signed, shares not yet signed, unpaid. Both add up alike.
    `negative_equity` is the first quarter that ends with it, and its amount; `lost_after` the share of contracted
    revenue of the last quarter that is gone two years later, beyond the horizon, where contracts end.
    `liquidity_months` are those until the first unpaid bill if markets close at the start; infinite if none comes.
    """
    p, flows = periods(made, annual=True), new_money(made)
    if not 0 <= year < len(p.labels):
        raise ValueError(f"year {year} must be 0 to {len(p.labels) - 1}")
    found, credit = metrics(made), credit_metrics(made)
    flow = {name: float(line[year]) for name, line in flows.items()}
    free = float(found["free_cash_flow_usd"][year])
    stakes, payouts, change = (
        float(p.flow(made.cash[line])[year]) for line in ("stakes_bought", "payouts", "change_in_cash")
    )
    closed = months_closed(made)
    ratios = ("interest_cover", "net_debt_to_ebitda", "leverage_with_uncommenced", "leverage_with_commitments")
    return {
        "company": made.company.name, "year": p.labels[year], "start": made.labels[p.parts[year].start],
        "free_cash_flow_usd": free, "repaid_usd": flow["due_usd"], "new_money_usd": flow["new_money_usd"],
        "needs": {"burn": max(0.0, -free), "stakes": -stakes, "repaid": flow["due_usd"], "payouts": -payouts},
        "paid_by": {
            "free cash flow": max(0.0, free), "cash": -change, "signed debt": flow["signed_debt_usd"],
            "revolver": flow["revolver_usd"], "signed shares": flow["signed_shares_usd"],
            "debt not yet signed": flow["new_debt_usd"], "shares not yet signed": flow["new_shares_usd"],
            "unpaid": flow["unpaid_usd"],
        },
        "due_signed_usd": flow["due_signed_usd"], "due_assumed_usd": flow["due_assumed_usd"],
        "due_new_usd": flow["due_new_usd"],
        **{name: float(found[name][year]) for name in ratios},
        **{name: float(credit[name][year]) for name in ("fixed_charge_cover", "dscr", "take_or_pay_cover")},
        "liquidity_usd": float(found["liquidity_usd"][year]), "liquidity_months": closed,
        "debt_usd": float(found["debt_usd"][year]), "adjusted_debt_usd": float(found["adjusted_debt_usd"][year]),
        "rating": indicated_rating(made, year), "first_gap": first_gap(made),
        "negative_equity": first_negative_equity(made),
        "lost_after": share_lost_after(made.company.business, made.company.first_year, made.quarters),
        "has_debt": bool(made.opening["debt"] > 0 or made.balance["debt"].max() > 0),
    }  # fmt: skip
