"""Finn's cycling index: the share of all throughflow that has been through the same party before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.deals.components import components
from gigawatt.deals.flows import Array, Flows, as_flows, from_outside
from gigawatt.deals.leontief import settled_inverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycling:
    """Throughflow of a network and how much of it has come round."""

    throughflow_usd: Array  # T: what each party gets from the others and from outside, shape (parties,)
    returned_share: Array  # (n_jj - 1) / n_jj: share of a party's throughflow that has been there before
    inputs_usd: float  # what enters from outside

    @property
    def total_throughflow_usd(self) -> float:
        """TST, the total system throughflow."""
        return float(self.throughflow_usd.sum())

    @property
    def cycled_usd(self) -> float:
        """Throughflow that has been through the same party before."""
        return float((self.throughflow_usd * self.returned_share).sum())

    @property
    def index(self) -> float:
        """FCI: cycled throughflow over all throughflow; 0 or more, below 1."""
        total_usd = self.total_throughflow_usd
        return self.cycled_usd / total_usd if total_usd > 0.0 else 0.0

    @property
    def mean_path_length(self) -> float:
        """APL: parties that a dollar from outside goes through before it leaves; nan if nothing enters."""
        return self.total_throughflow_usd / self.inputs_usd if self.inputs_usd > 0.0 else float("nan")


def finn_cycling_index(flows: ArrayLike | Flows, inputs: ArrayLike) -> float:
    """Finn's cycling index of payments in a network open to the outside; arguments and errors as for `cycled`.

    `cycled(flows, inputs)` has the figures beside it: `total_throughflow_usd` (TST), `mean_path_length` (APL),
    `cycled_usd`.
    """
    return cycled(flows, inputs).index


def cycled(flows: ArrayLike | Flows, inputs: ArrayLike) -> Cycling:
    """Throughflow of a network open to the outside, what of it is cycled, Finn's index and the mean path length.

    T = column sums + inputs; G = flows / T by row; N = (1 - G)^-1; index = sum of T_j (n_jj - 1) / n_jj over sum of T.

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or Flows.
        inputs: What each party gets from outside the matrix, in USD, shape (parties,); one number for all.

    Raises:
        ValueError: Some circle gets nothing from outside itself, or less than 1e-12 of what goes round, so that money
            would go round for ever.

    Payments without any circle have index 0, to the last bit, whatever the inputs.

    Source: Finn 1976, doi:10.1016/S0022-5193(76)80080-X.
    """
    found = as_flows(flows)
    entering = from_outside(inputs, found.parties)
    payments = found.matrix()
    through = payments.sum(axis=0) + entering
    shares = np.divide(payments, through[:, None], out=np.zeros_like(payments), where=through[:, None] > 0.0)
    times = np.maximum(_visits(found, shares), 1.0)
    return Cycling(throughflow_usd=through, returned_share=(times - 1.0) / times, inputs_usd=float(entering.sum()))


def _visits(flows: Flows, shares: Array) -> Array:
    """How often a dollar at each party is there in all, shape (parties,); 1 for whoever is on no circle."""
    part = components(flows.starts(), flows.payee)
    times = np.ones(flows.parties)
    on_circle = part[flows.payer] == part[flows.payee]
    for number in np.unique(part[flows.payer[on_circle]]):
        members = np.flatnonzero(part == number)
        visits = settled_inverse(shares[np.ix_(members, members)])
        if visits is None:
            raise ValueError("a circle gets nothing from outside, or less than float64 can tell from nothing: the "
                             "cycling index has no value")  # fmt: skip
        times[members] = np.diag(visits)
    return times
