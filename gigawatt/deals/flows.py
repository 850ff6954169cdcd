"""Who pays whom: a square matrix, or the same as a list of payments for thousands of parties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]


def added(place: Places, usd: Array, count: int) -> Array:
    """Sum of the amounts at each of `count` places, shape (count,)."""
    return np.bincount(place, usd, count).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Flows:
    """Payments between parties 0 to parties - 1, one for each payer and payee, in order of payer, then payee."""

    payer: Places
    payee: Places
    usd: Array
    parties: int

    @property
    def gross_usd(self) -> float:
        """All payments together."""
        return float(self.usd.sum())

    @property
    def to_oneself(self) -> NDArray[np.bool_]:
        """True where payer and payee are one party."""
        same: NDArray[np.bool_] = self.payer == self.payee
        return same

    def starts(self) -> Places:
        """Place of the first payment of each payer, and the end of the last, shape (parties + 1,)."""
        return np.searchsorted(self.payer, np.arange(self.parties + 1)).astype(np.int64)

    def paid_usd(self) -> Array:
        """What each party pays, shape (parties,)."""
        return added(self.payer, self.usd, self.parties)

    def received_usd(self) -> Array:
        """What each party gets from the others, shape (parties,)."""
        return added(self.payee, self.usd, self.parties)

    def lacking_usd(self) -> Array:
        """What each party pays beyond what it gets: the least that must come from its cash or from outside."""
        return np.maximum(self.paid_usd() - self.received_usd(), 0.0)

    def matrix(self, usd: Array | None = None) -> Array:
        """The payments, or other figures of the same payments, as a matrix: [i, j] is what i pays j."""
        out = np.zeros((self.parties, self.parties))
        out[self.payer, self.payee] = self.usd if usd is None else usd
        return out

    def between_parties(self) -> Flows:
        """The payments without those of a party to itself."""
        others = ~self.to_oneself
        return Flows(self.payer[others], self.payee[others], self.usd[others], self.parties)


def listed(payer: ArrayLike, payee: ArrayLike, usd: ArrayLike, parties: int | None = None) -> Flows:
    """Flows from a list of payments; several from one payer to one payee are added up, those of 0 left out.

    Args:
        payer: Number of each payer, 0 or more, shape (payments,).
        payee: Number of each payee.
        usd: Amounts, finite and 0 or more.
        parties: How many parties there are; by default one more than the largest number.

    Raises:
        ValueError: Lengths differ, a number is outside the parties, or an amount is negative or not finite.
    """
    source, target = np.asarray(payer, dtype=np.int64), np.asarray(payee, dtype=np.int64)
    amount = np.asarray(usd, dtype=np.float64)
    if not source.shape == target.shape == amount.shape or amount.ndim != 1:
        raise ValueError(f"flows must be lists of one length, not {source.shape}, {target.shape}, {amount.shape}")
    _check_amounts(amount)
    named = np.concatenate([source, target])
    most = int(named.max(initial=-1)) + 1
    count = most if parties is None else parties
    if named.min(initial=0) < 0 or most > count:
        raise ValueError(f"flows must be between parties 0 to {count - 1}, not {named.min()} to {most - 1}")
    pairs, place = np.unique(source * count + target, return_inverse=True)
    total = added(place.ravel(), amount, len(pairs))
    pairs, total = pairs[total > 0.0], total[total > 0.0]
    return Flows(pairs // max(count, 1), pairs % max(count, 1), total, count)


def as_flows(flows: ArrayLike | Flows) -> Flows:
    """Flows from a square matrix, in which [i, j] is what i pays j; Flows as they are.

    Raises:
        ValueError: The matrix is not square, or a payment is negative or not finite.
    """
    if isinstance(flows, Flows):
        return flows
    matrix = square(flows, "flows")
    _check_amounts(matrix)
    payer, payee = np.nonzero(matrix)
    return Flows(payer.astype(np.int64), payee.astype(np.int64), matrix[payer, payee], len(matrix))


def square(values: ArrayLike, what: str) -> Array:
    """A square matrix of its own; `[]` is that of nobody.

    Raises:
        ValueError: The matrix is not square.
    """
    found = np.array(values, dtype=np.float64)
    found = found.reshape(0, 0) if found.shape == (0,) else found
    if found.ndim != 2 or found.shape[0] != found.shape[1]:
        raise ValueError(f"{what} must be a square matrix, shape is {found.shape}")
    return found


def require_party(party: int, parties: int) -> None:
    """ValueError unless there is a party of this number."""
    if not 0 <= party < parties:
        raise ValueError(f"party must be among parties 0 to {parties - 1}, is {party}")


def in_line(values: ArrayLike) -> Array:
    """Numbers as a vector, where they are one row or one column; others as they are."""
    found = np.array(values, dtype=np.float64)
    return found.ravel() if found.ndim == 2 and 1 in found.shape else found


def from_outside(inputs: ArrayLike | None, parties: int) -> Array:
    """What each party gets from outside the network, shape (parties,); zeros if nothing is said, one number for all.

    Raises:
        ValueError: The shape does not match, or an amount is negative or not finite.
    """
    found = np.zeros(parties) if inputs is None else in_line(inputs)
    found = np.full(parties, found) if found.ndim == 0 else found
    if found.shape != (parties,):
        raise ValueError(f"inputs must have one amount for each of {parties} parties, shape is {found.shape}")
    if not np.isfinite(found).all() or (found < 0.0).any():
        raise ValueError("inputs must be finite and 0 or more")
    return found


def reached(payer: Places, payee: Places, begun: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Parties that payments lead to from those in `begun`, and those themselves, shape (parties,)."""
    found = begun.copy()
    while True:
        more = payee[found[payer] & ~found[payee]]
        if not len(more):
            return found
        found[more] = True


def _check_amounts(usd: Array) -> None:
    if not np.isfinite(usd).all() or (usd < 0.0).any():
        raise ValueError("flows must be finite and 0 or more")
