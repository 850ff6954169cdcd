"""How much money goes round in a circle: every definition beside the others, since none of them is the circular share.

- **netting**, by pairs or of all at once: what parties pay back to each other, whichever way it came;
- **maximum circulation** (`circulation`): the largest part of all payments that can be written as circles;
- **Finn's cycling index** (`cycling`): the share of all throughflow that has been there before;
- **Helmholtz-Hodge circular share** (`hodge`): the part of squared net flows that no ranking of the parties explains;
- **return within k steps**: the share of a party's dollar that comes back to it within k payments.

A matrix of flows has shape (parties, parties); [i, j] is what i pays j. A payment to oneself is a circle of one: take
it out beforehand where parties stand for groups of companies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.deals.circulation import circulation
from gigawatt.deals.cycling import finn_cycling_index
from gigawatt.deals.flows import Array, Flows, added, as_flows, from_outside, require_party
from gigawatt.deals.hodge import hodge


@dataclass(frozen=True, slots=True, kw_only=True)
class Netting:
    """Payments before and after each pair nets, in USD."""

    gross_usd: float
    net_usd: float  # what still moves after each pair nets

    @property
    def circular_share(self) -> float:
        """Share of gross payments that each pair pays back to each other; 0 to 1."""
        return 1 - self.net_usd / self.gross_usd if self.gross_usd > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circularity:
    """Circular shares by definition; nan where a definition has no value."""

    gross_usd: float
    netted_in_pairs: float  # 1 - payments after each pair nets over gross
    circulation: float  # maximum circulation over gross
    cycling_index: float  # Finn's, over throughflow; what a party lacks comes from outside if inputs are not given
    hodge: float  # curl and harmonic part of squared net flows, pairs net first; above 0 without any circle, too
    netted_at_once: float  # 1 - sum of positive net positions over gross; above 0 without any circle, too

    def shares(self) -> dict[str, float]:
        """Share by name of its definition."""
        names = ("netted_in_pairs", "circulation", "cycling_index", "hodge", "netted_at_once")
        return {name: getattr(self, name) for name in names}


def circularity(flows: ArrayLike | Flows, inputs: ArrayLike | None = None) -> Circularity:
    """Circular shares of the same payments by each definition.

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or Flows.
        inputs: What each party gets from outside, for the cycling index; by default what it pays beyond what it gets.
    """
    found = as_flows(flows)
    gross_usd = found.gross_usd
    try:
        cycling = finn_cycling_index(found, found.lacking_usd() if inputs is None else inputs)
    except ValueError:  # a circle that gets nothing from outside
        cycling = float("nan")
    return Circularity(
        gross_usd=gross_usd,
        netted_in_pairs=bilateral_netting(found).circular_share,
        circulation=circulation(found).share,
        cycling_index=cycling,
        hodge=hodge(found).circular_share,
        netted_at_once=1.0 - multilateral_net_usd(found) / gross_usd if gross_usd > 0.0 else 0.0,
    )


def bilateral_netting(flows: ArrayLike | Flows) -> Netting:
    """Gross payments and what is left when each pair of parties nets."""
    found = as_flows(flows)
    low, high = np.minimum(found.payer, found.payee), np.maximum(found.payer, found.payee)
    signed = np.where(found.payer < found.payee, found.usd, np.where(found.to_oneself, 0.0, -found.usd))
    pairs, pair = np.unique(low * found.parties + high, return_inverse=True)
    net_usd = added(pair.ravel(), signed, len(pairs))
    # Added in the same order, so that where no pair pays back the two are equal to the last bit.
    gross_usd = float(added(pair.ravel(), found.usd, len(pairs)).sum())
    return Netting(gross_usd=gross_usd, net_usd=float(np.abs(net_usd).sum()))


def multilateral_net_usd(flows: ArrayLike | Flows) -> float:
    """What must still move when all parties net at once: the sum of positive net positions, in USD.

    Payments may then run between parties who never dealt with each other: with the links that there are, it is what
    `circulation` leaves.
    """
    found = as_flows(flows)
    return float(np.maximum(found.received_usd() - found.paid_usd(), 0.0).sum())


def returned_share(flows: ArrayLike | Flows, party: int, steps: int, outside_usd: ArrayLike | None = None) -> float:
    """Share of a dollar paid by `party` that comes back to it within `steps` payments; 0 to 1.

    Every other party passes on what it gets in proportion to its payments, those to the outside included;
    what has come back is not sent round again. A party that pays nobody keeps what it gets.

    Args:
        flows: Payments in USD, shape (parties, parties); or Flows.
        party: Whose dollar.
        steps: Longest circle, 2 for there and back.
        outside_usd: What each party pays to parties not in the matrix, shape (parties,).

    Raises:
        ValueError: The party is none of the parties.
    """
    found = as_flows(flows)
    require_party(party, found.parties)
    passed = _passed_on(found, outside_usd)
    at = np.zeros(found.parties)
    at[party] = 1.0
    returned = 0.0
    for _ in range(steps):
        at = added(found.payee, at[found.payer] * passed, found.parties)
        returned += float(at[party])
        at[party] = 0.0
    return returned


def _passed_on(flows: Flows, outside_usd: ArrayLike | None) -> Array:
    """Each payment over all payments of its payer, shape (payments,)."""
    paid = flows.paid_usd() + from_outside(outside_usd, flows.parties)
    share: Array = flows.usd / paid[flows.payer]
    return share
