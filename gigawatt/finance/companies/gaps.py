"""Bills that stay unpaid: when the first comes, how large they grow, how long cash lasts; equity that is used up."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from gigawatt.finance.companies.company import QUARTERS_PER_YEAR
from gigawatt.finance.companies.statements import Statements, project_statements

MONTHS_PER_QUARTER = 3


def first_gap(made: Statements) -> tuple[str | None, float]:
    """(quarter, USD) of the first bill that cannot be paid; (None, 0) where there is none."""
    rise = np.diff(made.balance["gap"], prepend=0.0)
    short = np.flatnonzero(rise > 0)
    return (made.labels[short[0]], float(rise[short[0]])) if len(short) else (None, 0.0)


def largest_gap_usd(made: Statements) -> float:
    """The most that is unpaid at the end of a quarter, in USD."""
    return float(made.balance["gap"].max())


def first_negative_equity(made: Statements) -> tuple[str | None, float]:
    """(quarter, USD) of the first quarter that ends with more owed than there are assets; (None, 0) without one."""
    short = np.flatnonzero(made.balance["equity"] < 0)
    return (made.labels[short[0]], float(made.balance["equity"][short[0]])) if len(short) else (None, 0.0)


def months_of_liquidity(made: Statements, start: int = 0) -> float:
    """Months until cash and the unused revolver are spent without any new money from `start` on; infinite if never.

    The statements must be those with refinancing closed; the last quarter counts as long as cash lasts in it.
    """
    before = made.balance["gap"][start - 1] if start else 0.0
    for t in range(start, made.quarters):
        rise = made.balance["gap"][t] - before
        if rise > 0:
            flow = made.cash["change_in_cash"][t] - rise - max(0.0, made.cash["change_in_revolver"][t])
            had = made.opening["cash"] if t == 0 else made.balance["cash"][t - 1]
            had += _unused_before(made, t)
            part = had / -flow if flow < 0 else 0.0
            return float(MONTHS_PER_QUARTER * (t - start + min(1.0, max(0.0, part))))
        before = made.balance["gap"][t]
    return inf


def _unused_before(made: Statements, t: int) -> float:
    return float(made.memo["unused_revolver"][t - 1]) if t else made.company.funding.revolver_usd


def months_closed(made: Statements, quarters: int = 5 * QUARTERS_PER_YEAR) -> float:
    """Months until the first unpaid bill if markets close when the stress starts; infinite within the quarters."""
    tried = replace(made.stress, refinancing_closed=True)
    length = max(quarters, made.quarters)
    return months_of_liquidity(project_statements(made.company, length, tried), tried.start)
