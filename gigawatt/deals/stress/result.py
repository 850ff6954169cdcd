"""What the quarters show: cash, payments, gaps and first defaults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.stress.positions import Array, Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarters:
    """Quarter by quarter in USD; T quarters, N firms, E edges. A firm that has defaulted has an estate and no cash."""

    first_default_quarter: NDArray[np.int64]  # shape (N,); -1: none
    cash_usd: Array  # at the end of each quarter, shape (T, N)
    lines_usd: Array  # still undrawn, shape (T, N)
    gap_usd: Array  # dues beyond cash and all receipts, before lines are drawn, shape (T, N)
    received_outside_usd: Array  # receipts and new money, shape (T, N)
    raised_usd: Array  # the new money in it, shape (T, N)
    drawn_usd: Array  # on lines, shape (T, N)
    paid_outside_usd: Array  # shape (T, N)
    unpaid_outside_usd: Array  # costs, debt service and capex that were due and not paid, shape (T, N)
    cut_usd: Array  # orders and capex put off, shape (T, N)
    lost_usd: Array  # in default, to nobody: what alpha and beta take, shape (T, N)
    estate_usd: Array  # what came into the estate of a firm less what it paid, shape (T, N)
    due_usd: Array  # as planned, shape (T, E)
    paid_usd: Array  # shape (T, E)
    relet_usd: Array  # paid by others outside in place of a payer that defaulted, shape (T, E)
    payer: NDArray[np.int64]
    payee: NDArray[np.int64]

    @property
    def defaulted(self) -> Mask:
        """Who has defaulted by the end, shape (N,)."""
        out: Mask = self.first_default_quarter >= 0
        return out

    @property
    def shortfall_usd(self) -> Array:
        """Planned and paid neither by the payer nor by others in its place, shape (T, E)."""
        return np.maximum(0.0, self.due_usd - self.paid_usd - self.relet_usd)

    @property
    def first_gap_quarter(self) -> NDArray[np.int64]:
        """First quarter in which a firm needs more than cash and receipts, shape (N,); -1: none."""
        found = self.gap_usd > 0.0
        first: NDArray[np.int64] = np.where(found.any(axis=0), found.argmax(axis=0), -1).astype(np.int64)
        return first

    @property
    def low_usd(self) -> Array:
        """Least cash at the end of a quarter in which the firm still stood, shape (N,); 0 for one that defaulted."""
        out: Array = self.cash_usd.min(axis=0)
        return out

    @property
    def low_quarter(self) -> NDArray[np.int64]:
        """Quarter of the least cash, the first of several, shape (N,)."""
        found: NDArray[np.int64] = self.cash_usd.argmin(axis=0).astype(np.int64)
        return found

    def received_usd(self) -> Array:
        """What each firm, or its estate, got on contracts, others' in place of a payer included, shape (T, N)."""
        return by_firm(self.payee, self.paid_usd + self.relet_usd, self.cash_usd.shape[1])

    def unpaid_to_usd(self) -> Array:
        """What each firm had coming by contract and did not get, shape (T, N)."""
        return by_firm(self.payee, self.shortfall_usd, self.cash_usd.shape[1])


def by_firm(firm: NDArray[np.int64], usd: Array, firms: int) -> Array:
    """Sums of (T, E) by firm, shape (T, N)."""
    out = np.zeros((len(usd), firms))
    np.add.at(out.T, firm, usd.T)
    return out
