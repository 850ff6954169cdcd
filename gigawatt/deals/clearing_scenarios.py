"""Clearing of the same debts under many shocks: thousands of scenarios of a few hundred firms in a second."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing import PROVED, require_terms
from gigawatt.deals.clearing_kernels import by_creditor
from gigawatt.deals.clearing_lanes import TILE, fall_together, grounded
from gigawatt.deals.clearing_search import cleared
from gigawatt.deals.liabilities import (
    Array,
    Book,
    Index,
    SparseLiabilities,
    amounts,
    laid_out,
    require_amounts,
    summed,
    triplets,
)
from gigawatt.errors import SolveError

LARGE = 5000  # firms above which scenarios are cleared one by one
DENSE = 0.25  # share of pairs with a debt from which on shares are held as a matrix
ROUNDS = 200  # of receipts, to bound by how much they can grow
NEGLIGIBLE = 0.01  # what the last of these may add
CHUNK = 1000  # scenarios that one thread does at a time
ROUNDED = 1e-9  # of that growth: more than rounding takes from it
MAGNIFIED = 1000.0  # the most that they may grow: bounds are within rounding up to here


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingScenarios:
    """Clearing payments of each scenario, in USD; arrays have shape (scenarios, firms)."""

    payments: Array
    equity: Array
    defaulted: NDArray[np.bool_]
    dues: Array  # shape (firms,)
    residual: float  # the largest of all scenarios, of dues
    careful: int  # scenarios solved one by one, since the quick way could not be sure of them


def clearing_scenarios(
    liabilities: ArrayLike | SparseLiabilities,
    external_assets: ArrayLike,
    external_liabilities: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    which: str = "greatest",
    seniority: ArrayLike | None = None,
) -> ClearingScenarios:
    """The same as `clearing` for each row of external assets, shape (scenarios, firms).

    Most scenarios are done side by side. Those in which somebody is too near to default for that, or payments live on
    too little from elsewhere to be known to 1e-9 of themselves, are cleared one by one: `careful` of them.

    Raises:
        ValueError: As `clearing`.
        SolveError: Some scenario could not be proved to clear.
    """
    require_terms(alpha, beta, which)
    size, debtor, creditor, amount, ranks, outside = triplets(liabilities, seniority, None)
    assets = np.array(external_assets, dtype=np.float64, order="C")
    assets = assets.reshape(0, size) if assets.shape == (0,) else assets
    if assets.ndim != 2 or assets.shape[1] != size:
        raise ValueError(f"external assets: shape {assets.shape}; (scenarios, {size}) is needed")
    require_amounts(assets.ravel(), lambda k: f"external assets of firm {k % size} in scenario {k // size}")
    external = amounts(external_liabilities, size, "external liabilities", None)
    debts = laid_out(size, debtor, creditor, amount, ranks, outside, external)
    book = debts.book
    paid, failed = np.tile(book.dues, (len(assets), 1)), np.zeros(assets.shape, dtype=np.bool_)
    received, missed = np.zeros(assets.shape), np.full(len(assets), np.inf)
    if which == "greatest" and ranks is None and size <= LARGE:
        _quick(book, assets, alpha, beta, paid, failed, received, missed)
    careful = np.flatnonzero(missed > PROVED)
    for s in careful:
        (paid[s], _, failed[s]), (_, received[s], _, off) = cleared(debts, assets[s], alpha, beta, which)
        missed[s] = off.max(initial=0.0)
    if (worst := float(missed.max(initial=0.0))) > PROVED:
        raise SolveError(f"clearing: payments miss their equations by {worst:.1e} of dues, above {PROVED:.0e}")
    equity = np.where(failed, 0.0, np.maximum(0.0, assets + received - book.dues))
    return ClearingScenarios(payments=paid, equity=equity, defaulted=failed, dues=book.dues,
                             residual=worst, careful=len(careful))  # fmt: skip


def _quick(
    book: Book,
    assets: Array,
    alpha: float,
    beta: float,
    paid: Array,
    failed: NDArray[np.bool_],
    received: Array,
    missed: Array,
) -> None:
    """Fill paid, failed, received and missed by the quick kernel, in as many threads as there are cores."""
    debts = _side_by_side(book, beta)
    claims = (*debts[1:5], debts[6])

    def work(start: int) -> None:
        rows = slice(start, start + CHUNK)
        here, off = (assets[rows], alpha, beta, paid[rows], failed[rows]), missed[rows]
        thin = np.zeros(len(off), dtype=np.bool_)
        fall_together(*debts, *here, received[rows], off, thin)
        grounded(*claims, *here, off, thin)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        list(pool.map(work, range(0, len(assets), CHUNK)))


def _side_by_side(book: Book, beta: float) -> tuple[Array, Index, Index, Array, Array, Array, bool]:
    """Shares as a matrix if they are dense, claims, dues, lifts, and whether these are bounds.

    Padded with firms that owe nothing to whole tiles.
    """
    size = len(book.dues)
    padded = -(-size // TILE) * TILE
    start, debtor, claim = by_creditor(padded, book.creditor, book.out_tranche, book.out_share)
    dense = len(claim) > DENSE * padded**2
    share = np.zeros((padded, padded) if dense else (0, 0))
    if dense:
        np.add.at(share, (np.repeat(np.arange(padded), np.diff(start)), debtor), claim)
    dues = np.concatenate([book.dues, np.zeros(padded - size)])
    lift, bounded = _lift(start, debtor, claim, beta)
    return share, start, debtor, claim, dues, lift, bounded


def _lift(start: Index, debtor: Index, claim: Array, beta: float) -> tuple[Array, bool]:
    """By how much a dollar more of all payments lifts receipts in the end, at most; zeros and False if without bound.

    With u the sum of the first rounds and d < 1 the most that the next one adds, u / (1 - d) is a bound of all rounds.
    """
    firms = len(start) - 1
    owner = np.repeat(np.arange(firms), np.diff(start))
    most, last = np.ones(firms), np.inf
    for _ in range(ROUNDS):
        after = 1.0 + beta * summed(owner, claim * most[debtor], firms)
        last = float((after - most).max(initial=0.0))
        most = after
        if last < NEGLIGIBLE or most.max(initial=1.0) > MAGNIFIED:
            break
    if last >= NEGLIGIBLE or most.max(initial=1.0) > MAGNIFIED:
        return np.zeros(firms), False
    return summed(owner, claim * most[debtor], firms) / (1.0 - last) * (1.0 + ROUNDED), True
