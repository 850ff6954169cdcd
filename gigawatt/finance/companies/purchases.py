"""Firm purchases (take-or-pay): what is paid for them by quarter, and what is still to be paid at present value.

The contracts tell a sum and an end. The payments are taken to grow as the cash costs of the plan do, of which they are
a part: compute that is bought ahead is delivered as it is used. They are due whatever is sold, so that costs never
fall below them (`company_operations`).
"""

from __future__ import annotations

import numpy as np

from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Company, by_quarter
from gigawatt.finance.companies.revenue import revenue


def purchases_usd(company: Company) -> Array:
    """Payments for firm purchases by quarter until they end, in USD; shape (quarters of their years,)."""
    business, first_year = company.business, company.first_year
    count = max(1, round(company.leases.commitment_years * QUARTERS_PER_YEAR))
    planned = revenue(business, first_year, count)
    share = by_quarter(business.cost, first_year, count) + by_quarter(business.operating, first_year, count)
    spent = (planned.contracted_usd + planned.other_usd) * share
    if spent.sum() <= 0:
        spent = np.ones(count)
    return np.asarray(company.leases.commitments_usd * spent / spent.sum())


def still_to_pay_usd(payments_usd: Array, rate: float, quarters: int) -> Array:
    """Present value of the payments to come at the opening and at the end of each quarter; shape (quarters + 1,)."""
    worth = np.zeros(max(quarters, len(payments_usd)) + 1)
    for t in range(len(payments_usd) - 1, -1, -1):
        worth[t] = (worth[t + 1] + payments_usd[t]) / (1 + rate / QUARTERS_PER_YEAR)
    return worth[: quarters + 1]


def within(payments_usd: Array, quarters: int) -> Array:
    """The payments of the quarters looked at, nothing after their end; shape (quarters,)."""
    return np.concatenate([payments_usd, np.zeros(quarters)])[:quarters]
