"""Values of firms that own parts of each other and owe each other, with costs of failure.

- Shares alone: Elliott, Golub and Jackson 2014, doi:10.1257/aer.104.10.3115. A firm whose value to outside owners
  falls below its threshold loses a fixed cost.
- Shares and debts: Suzuki 2002 and Fischer 2014, doi:10.1111/j.1467-9965.2012.00526.x: debt is paid first, owners have
  what is left and never less than nothing. Here a firm that cannot pay its debts loses the same kind of cost, too.

Failure can be its own cause, so several values can hold: the greatest are those with the fewest failures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing import PROVED, require_terms
from gigawatt.deals.flows import square
from gigawatt.deals.liabilities import Array, amounts, require_amounts, triplets
from gigawatt.errors import SolveError

SHORT = 1e-12  # of the threshold or of dues: less than this short is no failure
ROUNDS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossHoldings:
    """Values in USD; arrays have shape (firms,).

    In the letters of Elliott, Golub and Jackson `equity` is V, `market_value` v, and `dependency` A.
    """

    equity: Array  # of all shares, those held by other firms included
    market_value: Array  # of the shares that are not held by other firms
    payments: Array  # on debts, to firms and to the outside
    assets: Array  # with shares and debts of other firms, before costs of failure
    failed: NDArray[np.bool_]
    costs: Array  # of failure
    dependency: Array  # [i, j]: share of j's assets that outside owners of i hold in the end, if nobody owes anything
    failed_in_round: NDArray[np.int64]  # greatest: when a firm fell, 0 first; least: 0 for all that fail; -1: never
    residual: float  # by how much the equations are missed, of the largest value
    which: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The checked inputs of a valuation."""

    shares: Array
    owed: Array  # share of the debt of j (column) that is owed to i (row)
    dues: Array
    external: Array
    costs: Array
    thresholds: Array
    debts: bool  # whether owners' values stop at 0


def cross_holdings(
    shares: ArrayLike,
    assets: ArrayLike,
    *,
    prices: ArrayLike | None = None,
    thresholds: ArrayLike | None = None,
    failure_costs: ArrayLike | None = None,
    liabilities: ArrayLike | None = None,
    external_liabilities: ArrayLike | None = None,
    which: str = "greatest",
) -> CrossHoldings:
    """Equity, market value and debt payments of each firm.

    Args:
        shares: shares[i][j] is the share of firm j that firm i owns; each column sums to less than 1.
        assets: Other assets of each firm in USD, shape (firms,); with `prices`, holdings of shape (firms, assets).
        prices: Of each asset in USD; left out if `assets` are amounts.
        thresholds: Market value below which each firm fails, in USD; 0 if left out.
        failure_costs: Lost by each firm that fails, in USD; with debts, at most all it has.
        liabilities: liabilities[i][j] is what i owes j, in USD; none if left out.
        external_liabilities: What each firm owes to the outside, of equal rank.
        which: "greatest" or "least" values.

    Raises:
        ValueError: Wrong shapes, amounts below 0, a firm that owns itself or is owned by firms alone.
        SolveError: With debts, values that do not come to rest: firms owe each other nearly all they owe.
    """
    require_terms(1.0, 1.0, which)
    terms, worth = _terms(shares, assets, prices, thresholds, failure_costs, liabilities, external_liabilities)
    rising = which == "least"
    size = len(worth)
    failed = np.full(size, rising)
    when = np.full(size, 0 if rising else -1, dtype=np.int64)
    state = np.zeros((2, size)) if rising else _ceiling(terms, worth)
    for number in range(size + 1):
        state = _valued(terms, worth, failed, state, rising)
        fails = failing(terms, worth, state) & (failed if rising else ~failed)
        turned = failed & ~fails if rising else fails
        if not turned.any():
            break
        failed = failed ^ turned
        when[turned] = -1 if rising else number
    return _answer(terms, worth, failed, state, when, which)


def _terms(
    shares: ArrayLike, assets: ArrayLike, prices: ArrayLike | None, thresholds: ArrayLike | None,
    failure_costs: ArrayLike | None, liabilities: ArrayLike | None, external_liabilities: ArrayLike | None,
) -> tuple[Terms, Array]:  # fmt: skip
    held = square(shares, "shares, [i][j] the share of j that i owns,")
    size = len(held)
    require_amounts(held.ravel(), lambda k: f"share of firm {k % size} owned by firm {k // size}")
    if np.diagonal(held).any():
        raise ValueError(f"shares: firm {int(np.flatnonzero(np.diagonal(held))[0])} owns itself")
    owned = held.sum(axis=0)
    if (owned >= 1.0).any():
        raise ValueError(f"shares: firms own {owned.max():g} of firm {int(owned.argmax())}; below 1 is needed, since "
                         "somebody outside must own a part of it")  # fmt: skip
    if prices is None:
        worth = amounts(assets, size, "assets", None)
    else:
        holdings, each = np.array(assets, dtype=np.float64), np.asarray(prices, dtype=np.float64)
        if holdings.ndim != 2 or len(holdings) != size or each.shape != (holdings.shape[1],):
            raise ValueError(f"assets: holdings {holdings.shape} and prices {each.shape} for {size} firms")
        worth = amounts(holdings @ each, size, "assets", None)
    external = amounts(external_liabilities, size, "external liabilities", None)
    debts = liabilities is not None or bool(external.any())
    owes = np.zeros((size, size)) if liabilities is None else liabilities
    owing, debtor, creditor, amount, _, _ = triplets(owes, None, None)
    if owing != size:
        raise ValueError(f"liabilities: {owing} firms, {size} in shares")
    dues = np.bincount(debtor, amount, size) + external
    owed = np.zeros((size, size))
    np.add.at(owed, (creditor, debtor), amount / dues[debtor])
    costs = amounts(failure_costs, size, "failure costs", None)
    limits = amounts(thresholds, size, "thresholds", None)
    return Terms(
        shares=held, owed=owed, dues=dues, external=external, costs=costs, thresholds=limits, debts=debts
    ), worth


def _ceiling(terms: Terms, worth: Array) -> Array:
    """Equity and payments that no solution exceeds: nobody fails and all debts are paid, shape (2, firms)."""
    means = worth + terms.owed @ terms.dues
    return np.array([np.linalg.solve(np.eye(len(worth)) - terms.shares, means), terms.dues])


def _means(terms: Terms, worth: Array, state: Array) -> Array:
    """Assets of each firm with what it holds of others, before costs of failure."""
    means: Array = worth + terms.shares @ state[0] + terms.owed @ state[1]
    return means


def failing(terms: Terms, worth: Array, state: Array) -> NDArray[np.bool_]:
    """Firms whose market value is below their threshold, or that cannot pay their debts, at these values."""
    means = _means(terms, worth, state)
    outside = 1.0 - terms.shares.sum(axis=0)
    below = outside * state[0] < terms.thresholds * (1.0 - SHORT)
    found: NDArray[np.bool_] = below | (means < terms.dues * (1.0 - SHORT))
    return found


def _map(terms: Terms, worth: Array, failed: NDArray[np.bool_], state: Array) -> Array:
    """Equity and payments that follow from those of the others."""
    left = _means(terms, worth, state) - np.where(failed, terms.costs, 0.0)
    if not terms.debts:
        return np.array([left, terms.dues])
    return np.array([np.maximum(0.0, left - terms.dues), np.clip(left, 0.0, terms.dues)])


def _valued(terms: Terms, worth: Array, failed: NDArray[np.bool_], state: Array, rising: bool) -> Array:
    """Equity and payments if exactly `failed` bear their cost, from `state` up or down."""
    for number in range(ROUNDS):
        if number % 20 == 0:
            guess = _regime(terms, worth, failed, state)
            if guess is not None and _missed(terms, worth, failed, guess) <= PROVED / 10:
                beyond = (guess - state) * (1.0 if rising else -1.0)
                if (beyond >= -1e-9 * (1.0 + np.abs(state))).all():
                    return guess
        after = _map(terms, worth, failed, state)
        if np.abs(after - state).max(initial=0.0) <= 1e-16 * np.abs(after).max(initial=0.0):
            return after
        state = after
    return state


def _regime(terms: Terms, worth: Array, failed: NDArray[np.bool_], state: Array) -> Array | None:
    """Solution of the linear equations that hold if everybody stays solvent, short, or empty as at `state`."""
    size = len(worth)
    left = _means(terms, worth, state) - np.where(failed, terms.costs, 0.0)
    solvent = left >= terms.dues if terms.debts else np.ones(size, dtype=np.bool_)
    short = ~solvent & (left >= 0.0)
    own = worth - np.where(failed, terms.costs, 0.0)
    # Unknown: equity of the solvent, payments of the short; the solvent pay all they owe, the empty nothing.
    column = np.where(solvent, terms.shares, np.where(short, terms.owed, 0.0))
    fixed = own + terms.owed @ np.where(solvent, terms.dues, 0.0) - np.where(solvent, terms.dues, 0.0)
    live = solvent | short
    try:
        found = np.linalg.solve(np.eye(size) - np.where(live[:, None], column, 0.0), np.where(live, fixed, 0.0))
    except np.linalg.LinAlgError:
        return None
    return np.array([np.where(solvent, found, 0.0), np.where(solvent, terms.dues, np.where(short, found, 0.0))])


def _missed(terms: Terms, worth: Array, failed: NDArray[np.bool_], state: Array) -> float:
    scale = max(float(np.abs(state).max(initial=0.0)), float(worth.max(initial=0.0)), 1e-300)
    return float(np.abs(_map(terms, worth, failed, state) - state).max(initial=0.0)) / scale


def _answer(
    terms: Terms, worth: Array, failed: NDArray[np.bool_], state: Array, when: NDArray[np.int64], which: str
) -> CrossHoldings:
    missed = _missed(terms, worth, failed, state)
    if missed > PROVED:
        raise SolveError(f"cross-holdings: values miss their equations by {missed:.1e}, above {PROVED:.0e}; firms owe "
                         "each other nearly all they owe")  # fmt: skip
    means = _means(terms, worth, state)
    costs = means - state[0] - state[1] if terms.debts else np.where(failed, terms.costs, 0.0)
    outside = 1.0 - terms.shares.sum(axis=0)
    dependency = outside[:, None] * np.linalg.inv(np.eye(len(outside)) - terms.shares)
    return CrossHoldings(
        equity=state[0], market_value=outside * state[0], payments=state[1], assets=means, dependency=dependency,
        failed=failed, costs=np.where(failed, costs, 0.0), failed_in_round=when, residual=missed, which=which,
    )  # fmt: skip
