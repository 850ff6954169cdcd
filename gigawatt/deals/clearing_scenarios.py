"""Clearing of the same debts under many shocks: thousands of scenarios of a few hundred firms in a second."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing import PROVED, require_terms
from gigawatt.deals.clearing_kernels import fall_many
from gigawatt.deals.clearing_lanes import TILE, fall_together
from gigawatt.deals.clearing_search import cleared
from gigawatt.deals.leontief import settled_inverse
from gigawatt.deals.liabilities import (
    Array,
    Book,
    SparseLiabilities,
    amounts,
    laid_out,
    require_amounts,
    triplets,
)
from gigawatt.errors import SolveError

DENSE = 0.1  # share of pairs with a debt from which on scenarios are worked on side by side
CHUNK = 1000  # scenarios that one thread does at a time
ROUNDED = 1e-9  # of that growth: more than rounding takes from it
MAGNIFIED = 1000.0  # the most that a loss may grow on its way round for that: bounds are within rounding up to here


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingScenarios:
    """Clearing payments of each scenario, in USD; arrays have shape (scenarios, firms)."""

    payments: Array
    equity: Array
    defaulted: NDArray[np.bool_]
    dues: Array  # shape (firms,)
    residual: float  # the largest of all scenarios, of dues
    careful: int  # scenarios solved one by one, since somebody was too near to default for the quick way


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

    Raises:
        ValueError: As `clearing`.
        SolveError: Some scenario could not be proved to clear.
    """
    require_terms(alpha, beta, which)
    size, debtor, creditor, amount, ranks, outside = triplets(liabilities, seniority, None)
    assets = np.array(external_assets, dtype=np.float64, order="C")
    if assets.ndim != 2 or assets.shape[1] != size:
        raise ValueError(f"external assets: shape {assets.shape}; (scenarios, {size}) is needed")
    require_amounts(assets.ravel(), lambda k: f"external assets of firm {k % size} in scenario {k // size}")
    external = amounts(external_liabilities, size, "external liabilities", None)
    debts = laid_out(size, debtor, creditor, amount, ranks, outside, external)
    book = debts.book
    paid, failed = np.tile(book.dues, (len(assets), 1)), np.zeros(assets.shape, dtype=np.bool_)
    received, missed = np.zeros(assets.shape), np.full(len(assets), np.inf)
    if which == "greatest" and ranks is None:
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
    """Fill paid, failed, received and missed by the quick kernels, in as many threads as there are cores."""
    dense = _dense(book, beta) if len(book.creditor) > DENSE * len(book.dues) ** 2 else None

    def work(start: int) -> None:
        rows = slice(start, start + CHUNK)
        found = (paid[rows], failed[rows], received[rows], missed[rows])
        if dense is None:
            fall_many(book, assets[rows], alpha, beta, *found)
        else:
            fall_together(*dense, assets[rows], alpha, beta, *found)

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        list(pool.map(work, range(0, len(assets), CHUNK)))


def _dense(book: Book, beta: float) -> tuple[Array, Array, Array] | None:
    """Shares by creditor and debtor, dues, and by how much a dollar more of all payments lifts receipts in the end.

    Padded with firms that owe nothing to whole tiles; None if losses go round nearly for ever.
    """
    size = len(book.dues)
    padded = -(-size // TILE) * TILE
    share, dues = np.zeros((padded, padded)), np.zeros(padded)
    np.add.at(share, (book.creditor, np.repeat(np.arange(size), np.diff(book.out_start))), book.out_share)
    dues[:size] = book.dues
    visits = settled_inverse(beta * share)
    if visits is None or (most := visits.sum(axis=1)).max(initial=1.0) > MAGNIFIED:
        return None
    return share, dues, share @ most * (1.0 + ROUNDED)
