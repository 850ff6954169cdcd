"""Payments of one quarter: who pays what, who puts orders off, and who cannot pay.

All debts of the quarter are rows: contracts between firms, then costs, debt service and capex of each firm, which are
owed to one more firm that stands for everybody outside. Firms that would not get by put off what can be put off, up
to a share; those that still cannot pay pay what they have by rank, as `clearing` finds it: the greatest solution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.clearing import clearing
from gigawatt.deals.liabilities import SparseLiabilities, summed
from gigawatt.deals.stress.positions import Array, Mask, Plan

SHORT = 4e-12  # of dues: less than this short is enough
TURNS = 200  # rounds in which orders are put off by what is missing; then by all that can be


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Who owes in each row to whom and in which rank; the outside is firm number `firms`."""

    debtor: NDArray[np.int64]
    creditor: NDArray[np.int64]
    rank: NDArray[np.int64]
    can_cut: Mask
    edges: int
    firms: int

    def by_debtor(self, usd: Array) -> Array:
        """Sums by firm that owes, shape (firms,)."""
        return summed(self.debtor, usd, self.firms)

    def by_creditor(self, usd: Array) -> Array:
        """Sums by firm that gets them, the outside left out, shape (firms,)."""
        return summed(self.creditor, usd, self.firms + 1)[:-1]

    def outside(self, usd: Array) -> Array:
        """What each firm pays outside: costs, debt service, capex, shape (3, firms)."""
        return usd[self.edges :].reshape(3, self.firms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is paid in a quarter, in USD."""

    paid: Array  # by row
    amount: Array  # that is due in each row after orders are put off
    received: Array  # from other firms, shape (firms,)
    left: Array  # of means and receipts after payments, shape (firms,)
    dues: Array  # by firm after orders are put off, shape (firms,)
    short: Array  # dues less means and receipts, below 0 where there is enough, shape (firms,)
    failed: Mask


def rows(plan: Plan, debt_rank: int) -> Rows:
    """The rows of all quarters: costs rank before all contracts, capex that is not put off after them."""
    firms, own = plan.firms, np.arange(plan.firms)
    last = max(int(plan.rank.max(initial=0)), debt_rank) + 2
    outside = np.repeat([0, debt_rank + 1, last], firms)
    return Rows(
        debtor=np.concatenate([plan.payer, own, own, own]), creditor=np.append(plan.payee, np.full(3 * firms, firms)),
        rank=np.append(plan.rank + 1, outside), can_cut=np.append(plan.can_cut, np.repeat([False, False, True], firms)),
        edges=len(plan.payer), firms=firms,
    )  # fmt: skip


def settled(
    table: Rows, owed: Array, means: Array, missing: Array, cut_share: float, alpha: float, beta: float
) -> Settlement:
    """Payments of a quarter, in USD.

    Args:
        table: Who owes whom.
        owed: Due in each row before anything is put off.
        means: Cash, lines and receipts from outside of each firm, shape (firms,).
        missing: What each firm had counted on and will not get: it puts off orders by that much at once.
        cut_share: Share of orders and capex that can be put off.
        alpha: Share of means left in default.
        beta: Share of receipts from firms left in default.
    """
    flexible = np.where(table.can_cut, owed, 0.0)
    whole = table.by_debtor(flexible)
    most = cut_share * whole
    cut = np.minimum(missing, most)
    failed = np.zeros(table.firms, dtype=np.bool_)
    turn = 0
    while True:
        part = np.divide(cut, whole, out=np.zeros_like(cut), where=whole > 0.0)
        amount = owed - flexible * part[table.debtor]
        paid = _paid(table, amount, means, failed, alpha, beta)
        dues, received = table.by_debtor(amount), table.by_creditor(paid)
        short = dues - means - received
        lacks = (short > SHORT * dues) & ~failed
        eases = lacks & (most - cut > SHORT * dues)
        if eases.any():
            turn += 1
            cut = np.where(eases, np.minimum(most, cut + short) if turn < TURNS else most, cut)
        elif lacks.any():
            failed = failed | lacks
        else:
            break
    left = np.maximum(0.0, means + received - table.by_debtor(paid))
    return Settlement(paid=paid, amount=amount, received=received, left=left, dues=dues, short=short,
                      failed=failed)  # fmt: skip


def _paid(table: Rows, amount: Array, means: Array, failed: Mask, alpha: float, beta: float) -> Array:
    """Payments by row if only those in `failed` cannot pay in full."""
    if not failed.any():
        return amount
    some = np.flatnonzero(amount > 0.0)
    # Whoever has not failed is given what it owes: its own means are looked at by the caller.
    assets = np.append(np.where(failed, means, table.by_debtor(amount)), 0.0)
    debts = SparseLiabilities(size=table.firms + 1, debtor=table.debtor[some], creditor=table.creditor[some],
                              amount_usd=amount[some], seniority=table.rank[some])  # fmt: skip
    paid = np.zeros(len(amount))
    paid[some] = clearing(debts, assets, alpha=alpha, beta=beta).flows
    return paid
