"""Operating leases by quarter: rent, liability, and what is signed but not commenced.

A lease of level rent carries an asset equal to its liability (ASC 842-20-25-6: one straight-line cost, so that the
asset wears by rent less interest, as the liability falls); the rent is an operating cost. Under IFRS 16 the same cost
would be depreciation and interest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.finance.annuity import Floats, annuity_factors
from gigawatt.finance.companies.company import QUARTERS_PER_YEAR, Array, Leases
from gigawatt.finance.companies.debt import CENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rents:
    """Leases by quarter in whole cents; shape (quarters,)."""

    rent: Array
    liability: Array  # at the end of the quarter; the right of use is the same amount
    opening: float
    uncommenced: Array  # present value at the end of the quarter of leases signed but not commenced


def worth_of_rents(rate: float, quarters: ArrayLike) -> Floats:
    """Present value of 1 a quarter, paid at the ends of so many quarters; shape as `quarters`."""
    return annuity_factors(rate / QUARTERS_PER_YEAR, np.maximum(0, quarters))


def rents(leases: Leases, quarters: int) -> Rents:
    """Rent and liability of leases that stand and of those that commence evenly from `first` to `last`."""
    standing = round(leases.years * QUARTERS_PER_YEAR)
    term = round(leases.uncommenced_years * QUARTERS_PER_YEAR)
    t = np.arange(1, quarters + 1)
    rent_now = leases.liability_usd / worth_of_rents(leases.rate, standing)
    rent = np.where(t <= standing, rent_now, 0.0)
    owed = rent_now * worth_of_rents(leases.rate, standing - t)
    cohorts = range(leases.first, leases.last + 1)
    rent_each = leases.uncommenced_usd / len(cohorts) / term
    waiting = np.zeros(quarters)
    for begin in cohorts:
        age = t - 1 - begin  # quarters of rent paid; below 0 not commenced
        left = worth_of_rents(leases.rate, term - np.maximum(age, 0))
        rent += np.where((age > 0) & (age <= term), rent_each, 0.0)
        owed += np.where(age >= 0, rent_each * left, 0.0)
        waits = (1 + leases.rate / QUARTERS_PER_YEAR) ** np.minimum(age, 0)
        waiting += np.where(age < 0, rent_each * left * waits, 0.0)
    return Rents(
        rent=np.rint(rent * CENTS),
        liability=np.rint(owed * CENTS),
        opening=float(np.rint(leases.liability_usd * CENTS)),
        uncommenced=np.rint(waiting * CENTS),
    )


def uncommenced_at_opening_usd(leases: Leases) -> float:
    """Present value at the opening of leases signed but not commenced, in USD."""
    cohorts = range(leases.first, leases.last + 1)
    term = round(leases.uncommenced_years * QUARTERS_PER_YEAR)
    each = leases.uncommenced_usd / len(cohorts) / term * float(worth_of_rents(leases.rate, term))
    return sum(each * (1 + leases.rate / QUARTERS_PER_YEAR) ** -(begin + 1) for begin in cohorts)
