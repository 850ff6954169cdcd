"""How much money goes round in a circle: three definitions on a who-pays-whom matrix.

They answer different questions and are reported together, never one alone:

- **netting**: what each pair of parties pays back to each other, directly;
- **return within k steps**: the share of a dollar paid by a party that comes back to it, if every party
  passes on its payments in proportion, within k payments;
- **cycling index** (Finn 1976, doi:10.1016/S0022-5193(76)80034-X): the share of all throughflow that is there
  because it has been there before.

A matrix `flows_usd` has shape (parties, parties); flows_usd[i, j] is what i pays j. Payments to oneself are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Netting:
    """Payments before and after each pair nets, in USD."""

    gross_usd: float
    net_usd: float  # what still moves after each pair nets

    @property
    def circular_share(self) -> float:
        """Share of gross payments that each pair pays back to each other; 0 to 1."""
        return 1 - self.net_usd / self.gross_usd if self.gross_usd > 0 else 0.0


def _flows(flows_usd: ArrayLike) -> Array:
    flows = np.array(flows_usd, dtype=np.float64)
    if flows.ndim != 2 or flows.shape[0] != flows.shape[1]:
        raise ValueError(f"flows must be a square matrix, shape is {flows.shape}")
    if not np.isfinite(flows).all() or (flows < 0).any():
        raise ValueError("flows must be finite and 0 or more")
    np.fill_diagonal(flows, 0.0)
    return flows


def bilateral_netting(flows_usd: ArrayLike) -> Netting:
    """Gross payments and what is left when each pair of parties nets."""
    flows = _flows(flows_usd)
    return Netting(gross_usd=float(flows.sum()), net_usd=float(np.abs(flows - flows.T).sum() / 2))


def multilateral_net_usd(flows_usd: ArrayLike) -> float:
    """What must still move when all parties net at once: the sum of positive net positions, in USD."""
    flows = _flows(flows_usd)
    position = flows.sum(axis=0) - flows.sum(axis=1)
    return float(np.maximum(position, 0.0).sum())


def returned_share(flows_usd: ArrayLike, party: int, steps: int, outside_usd: ArrayLike | None = None) -> float:
    """Share of a dollar paid by `party` that comes back to it within `steps` payments; 0 to 1.

    Every other party passes on what it gets in proportion to its payments, those to the outside included;
    what has come back is not sent round again. A party that pays nobody keeps what it gets.

    Args:
        flows_usd: Payments, shape (parties, parties).
        party: Whose dollar.
        steps: Longest circle, 2 for there and back.
        outside_usd: What each party pays to parties not in the matrix, shape (parties,).
    """
    passed = _passed_on(_flows(flows_usd), outside_usd)
    at = np.zeros(len(passed))
    at[party] = 1.0
    returned = 0.0
    for _ in range(steps):
        at = at @ passed
        returned += float(at[party])
        at[party] = 0.0
    return returned


def _passed_on(flows: Array, outside_usd: ArrayLike | None) -> Array:
    """Share of each party's payments that goes to each other party, shape as `flows`; rows sum to 1 or less."""
    paid = flows.sum(axis=1) + (0.0 if outside_usd is None else np.asarray(outside_usd, dtype=np.float64))
    passed: Array = np.divide(flows, paid[:, None], out=np.zeros_like(flows), where=paid[:, None] > 0)
    return passed


def cycling_index(flows_usd: ArrayLike, inputs_usd: ArrayLike) -> float:
    """Finn's cycling index: cycled throughflow over all throughflow; 0 to 1.

    T = column sums + inputs; G = flows / T by row; N = (I - G)^-1; sum of T_j (n_jj - 1) / n_jj over sum of T.

    Args:
        flows_usd: Payments, shape (parties, parties).
        inputs_usd: What each party gets from outside the matrix, shape (parties,).

    Raises:
        ValueError: Some circle loses nothing to the outside, so that money would go round for ever.
    """
    flows = _flows(flows_usd)
    through = flows.sum(axis=0) + np.asarray(inputs_usd, dtype=np.float64)
    shares = np.divide(flows, through[:, None], out=np.zeros_like(flows), where=through[:, None] > 0)
    total = float(through.sum())
    if total <= 0:
        return 0.0
    try:
        visits = np.diag(np.linalg.inv(np.eye(len(flows)) - shares))
    except np.linalg.LinAlgError:
        visits = np.array([np.inf])
    if not np.isfinite(visits).all() or (visits < 1 - 1e-9).any():
        raise ValueError(
            "a party pays out more than it gets, or a circle loses nothing: the cycling index has no value"
        )
    return float((through * (visits - 1) / visits).sum() / total)
