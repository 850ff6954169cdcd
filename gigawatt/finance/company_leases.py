"""Operating leases by quarter: rent, liability, and what is signed but not commenced.

A lease of level rent carries an asset equal to its liability (ASC 842-20-25-6: one straight-line cost, so that the
asset wears by rent less interest, as the liability falls); the rent is an operating cost. Under IFRS 16 the same cost
would be depreciation and interest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.finance.company import QUARTERS_PER_YEAR, Array, Leases
from gigawatt.finance.company_debt import CENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rents:
    """Leases by quarter in whole cents; shape (quarters,)."""

    rent: Array
    liability: Array  # at the end of the quarter; the right of use is the same amount
    opening: float
    uncommenced: Array  # present value at the end of the quarter of leases signed but not commenced
    commitments: Array  # present value of other firm purchases


def factor(rate: float, quarters: int) -> float:
    """Present value of 1 a quarter, paid at quarter ends."""
    per_quarter = rate / QUARTERS_PER_YEAR
    return float(quarters if per_quarter == 0 else (1 - (1 + per_quarter) ** -quarters) / per_quarter)


def rents(leases: Leases, quarters: int) -> Rents:
    """Rent and liability of leases that stand and of those that commence evenly from `first` to `last`."""
    standing = round(leases.years * QUARTERS_PER_YEAR)
    term = round(leases.uncommenced_years * QUARTERS_PER_YEAR)
    t = np.arange(1, quarters + 1)
    rent_now = leases.liability_usd / factor(leases.rate, standing)
    rent = np.where(t <= standing, rent_now, 0.0)
    owed = rent_now * np.array([factor(leases.rate, max(0, standing - int(k))) for k in t])
    cohorts = range(leases.first, leases.last + 1)
    rent_each = leases.uncommenced_usd / len(cohorts) / term
    waiting = np.zeros(quarters)
    for begin in cohorts:
        age = t - 1 - begin  # quarters of rent paid; below 0 not commenced
        left = np.array([factor(leases.rate, max(0, term - int(a))) for a in np.maximum(age, 0)])
        rent += np.where((age > 0) & (age <= term), rent_each, 0.0)
        owed += np.where(age >= 0, rent_each * left, 0.0)
        waits = (1 + leases.rate / QUARTERS_PER_YEAR) ** np.minimum(age, 0)
        waiting += np.where(age < 0, rent_each * left * waits, 0.0)
    return Rents(
        rent=np.rint(rent * CENTS),
        liability=np.rint(owed * CENTS),
        opening=float(np.rint(leases.liability_usd * CENTS)),
        uncommenced=np.rint(waiting * CENTS),
        commitments=np.rint(_commitments(leases, t) * CENTS),
    )


def _commitments(leases: Leases, t: Array) -> Array:
    """Present value of firm purchases that are still to come, paid evenly over their years."""
    count = max(1, round(leases.commitment_years * QUARTERS_PER_YEAR))
    each = leases.commitments_usd / count
    return np.array([each * factor(leases.rate, max(0, count - int(k))) for k in t])


def uncommenced_at_opening_usd(leases: Leases) -> float:
    """Present value at the opening of leases signed but not commenced, in USD."""
    cohorts = range(leases.first, leases.last + 1)
    term = round(leases.uncommenced_years * QUARTERS_PER_YEAR)
    each = leases.uncommenced_usd / len(cohorts) / term * factor(leases.rate, term)
    return sum(each * (1 + leases.rate / QUARTERS_PER_YEAR) ** -(begin + 1) for begin in cohorts)
