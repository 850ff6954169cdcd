"""Whose money it was: how much of each party's receipts comes from a source, and who pays in the end.

Money has no name once it is in an account, so the question has a range of answers. A way to mark money as the source's
own is consistent if all that the source pays is marked, no payment is marked beyond its amount, and every other party
passes on or keeps what marked money it gets. Bounds are the least and the most marked money that a party can get; the
middle is the one way in which everybody passes on a mixture (proportional tracing, an absorbing Markov chain).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from gigawatt.deals.flows import Array, Flows, as_flows, from_outside, reached
from gigawatt.deals.network_program import greatest, network_solver, scale_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Money of the source in the receipts of each party, in USD, shape (parties,); nan where no bound was asked for."""

    receipts_usd: Array  # from the others and from outside
    lower_usd: Array
    proportional_usd: Array
    upper_usd: Array

    @property
    def lower(self) -> Array:
        """Least share of each party's receipts that is the source's money, 0 to 1."""
        return self._share(self.lower_usd)

    @property
    def proportional(self) -> Array:
        """Share of each party's receipts that is the source's money if everybody passes on a mixture, 0 to 1."""
        return self._share(self.proportional_usd)

    @property
    def upper(self) -> Array:
        """Greatest share of each party's receipts that can be the source's money, 0 to 1."""
        return self._share(self.upper_usd)

    def _share(self, usd: Array) -> Array:
        paid = self.receipts_usd > 0.0
        share: Array = np.divide(usd, self.receipts_usd, out=np.zeros_like(usd), where=paid)
        return share


@dataclass(frozen=True, slots=True, kw_only=True)
class Payers:
    """Who pays in the end for what a party gets, as shares that add up to 1 with `circle`."""

    own_cash: Array  # from each party's own cash or borrowing: what it pays beyond what it gets, shape (parties,)
    outside: Array  # from outside the network, by the party at which it came in, shape (parties,)
    circle: float  # money of a closed circle that nothing enters and nothing leaves: it has no origin


@dataclass(frozen=True, slots=True)
class _Accounts:
    """What passes through each party: receipts, own cash beside them, and what is kept or paid outside."""

    flows: Flows
    inputs: Array

    @property
    def receipts(self) -> Array:
        return self.flows.received_usd() + self.inputs

    @property
    def through(self) -> Array:
        return np.maximum(self.receipts, self.flows.paid_usd())

    @property
    def own(self) -> Array:
        own = self.through - self.receipts
        return np.where(own > 1e-12 * self.through, own, 0.0)

    def passed(self) -> Array:
        """Share of what goes through i that it pays to j, shape (parties, parties)."""
        through = self.through[:, None]
        flows = self.flows.matrix()
        share: Array = np.divide(flows, through, out=np.zeros_like(flows), where=through > 0.0)
        return share


def _accounts(flows: ArrayLike | Flows, inputs: ArrayLike | None) -> _Accounts:
    found = as_flows(flows).between_parties()
    return _Accounts(found, from_outside(inputs, found.parties))


def trace_origin(
    flows: ArrayLike | Flows,
    source: int | Sequence[int],
    inputs: ArrayLike | None = None,
    *,
    bounds_of: Sequence[int] | None = None,
) -> Origin:
    """How much of what each party gets is money of the source: at least, in proportion, and at most.

    All that the source pays is its money, wherever it got it. A party that pays more than it gets has the rest from its
    own cash; one that gets more keeps the rest or pays it to others who are not in the network. For the source itself
    the answer is what comes back to it. Payments to oneself are left out. Money that goes through a party twice is
    counted twice, as its receipts are.

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or Flows.
        source: Number of the party, or of several that count as one.
        inputs: What each party gets from outside the network, in USD; by default nothing.
        bounds_of: Parties whose bounds are wanted; by default all. Each takes two linear programs.

    Raises:
        ValueError: The source, or a party of `bounds_of`, is none of the parties.
    """
    accounts = _accounts(flows, inputs)
    parties = accounts.flows.parties
    sources = _known([source] if isinstance(source, int | np.integer) else source, parties, "source")
    wanted = _known(range(parties) if bounds_of is None else bounds_of, parties, "bounds_of")
    marked = np.zeros(parties, dtype=bool)
    marked[sources] = True
    proportional = _mixed(accounts, marked)
    lower, upper = _bounds(accounts, marked, wanted)
    # Bounds are of what others pay, and the mixture is between them: the solver's tolerance may not say otherwise.
    lower, upper = np.maximum(lower, 0.0), np.minimum(upper, accounts.flows.received_usd())
    return Origin(
        receipts_usd=accounts.receipts, proportional_usd=proportional,
        lower_usd=np.minimum(lower, proportional), upper_usd=np.maximum(upper, proportional),
    )  # fmt: skip


def _known(numbers: Sequence[int], parties: int, name: str) -> list[int]:
    found = [int(number) for number in numbers]
    strange = [number for number in found if not 0 <= number < parties]
    if strange or (not found and name == "source"):
        raise ValueError(f"{name} must be among parties 0 to {parties - 1}, is {strange or found}")
    return found


def _mixed(accounts: _Accounts, marked: np.ndarray) -> Array:
    """Marked money that each party gets if everybody passes on a mixture, in USD, shape (parties,)."""
    flows = accounts.flows
    passed, through = accounts.passed(), accounts.through
    # A circle that the source's money does not reach may be closed, so that the equations would have no one answer.
    near = np.flatnonzero(reached(flows.payer, flows.payee, marked) & ~marked)
    first = (passed[marked] * through[marked][:, None]).sum(axis=0)
    inner = np.eye(len(near)) - passed[np.ix_(near, near)].T
    got = np.zeros(flows.parties)
    got[near] = _solved(inner, first[near])
    everybody = first + got @ passed
    bounded: Array = np.minimum(np.maximum(everybody, 0.0), flows.received_usd())
    return bounded


def _solved(matrix: Array, right: Array) -> Array:
    """x with matrix x = right; the smallest where a circle leaks less than float64 can tell."""
    try:
        return np.linalg.solve(matrix, right).astype(np.float64)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(matrix, right, rcond=None)[0].astype(np.float64)


def _bounds(accounts: _Accounts, marked: np.ndarray, wanted: Sequence[int]) -> tuple[Array, Array]:
    """The least and the most marked money that each party wanted can get, in USD; nan for the others."""
    flows = accounts.flows
    lower, upper = np.full(flows.parties, np.nan), np.full(flows.parties, np.nan)
    begun = reached(flows.payer, flows.payee, marked)
    near = np.flatnonzero(begun[flows.payer])
    inner = Flows(flows.payer[near], flows.payee[near], flows.usd[near], flows.parties)
    scale = scale_of(inner.usd)
    kept = np.maximum(accounts.receipts - flows.paid_usd(), 0.0) * scale
    # Rounding of sums must not leave a party without room to keep what it cannot pass on.
    kept = np.where(marked, np.inf, kept + 1e-12 * accounts.through * scale)
    usd = inner.usd * scale
    solver = network_solver(inner, np.where(marked[inner.payer], usd, 0.0), usd, np.where(marked, -np.inf, 0.0), kept)
    for party in wanted:
        into = inner.payee == party
        for bound, sign in ((lower, -1.0), (upper, 1.0)):
            found = greatest(solver, sign * into) if into.any() else np.zeros(len(into))
            bound[party] = float(found[into].sum()) / scale
    return lower, upper


def ultimate_payers(flows: ArrayLike | Flows, party: int, inputs: ArrayLike | None = None) -> Payers:
    """Who pays in the end for what a party gets, looking through everybody who only passes money on.

    Every payment is a mixture of what its payer gets and of its own cash; money is followed back until it comes from
    somebody's own cash or from outside (proportional tracing, as in `trace_origin`).

    Args:
        flows: Payments in USD, [i, j] is what i pays j, shape (parties, parties); or Flows.
        party: Whose receipts.
        inputs: What each party gets from outside the network, in USD; by default nothing.

    Raises:
        ValueError: The party is none of the parties, or it gets nothing.
    """
    accounts = _accounts(flows, inputs)
    found, through, receipts = accounts.flows, accounts.through, accounts.receipts
    at = _known([party], found.parties, "party")[0]
    if receipts[at] <= 0.0:
        raise ValueError(f"party {party} gets nothing, so nobody pays for it")
    origin = accounts.own + accounts.inputs > 1e-12 * through.max()
    fed = reached(found.payer, found.payee, origin)
    near = np.flatnonzero(fed & (through > 0.0))
    matrix = found.matrix()
    back = (matrix[np.ix_(near, near)] / through[near]).T  # back[j, i]: share of what goes through j that i paid
    begun = matrix[near, at] / receipts[at]
    visits = np.zeros(found.parties)
    visits[near] = _solved(np.eye(len(near)) - back.T, begun)
    per_visit = np.divide(visits, through, out=np.zeros_like(visits), where=through > 0.0)
    outside = per_visit * accounts.inputs
    outside[at] += accounts.inputs[at] / receipts[at]
    own = per_visit * accounts.own
    return Payers(own_cash=own, outside=outside, circle=max(0.0, 1.0 - float(own.sum() + outside.sum())))
