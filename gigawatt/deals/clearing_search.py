"""The search for clearing payments: sweeps, then turns of single firms, and exact steps where turns are slow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.clearing_kernels import SHORT, passed_on, settle, share_out_all, sweep, told
from gigawatt.deals.liabilities import Array, Book, Debts, Index, summed, with_claims

SWEEPS = 60  # turns of every firm, before the payments that still change are solved for at once
BLOCK = 2000  # firms solved for at once, at most
PATIENCE = 40  # times that more firms than that are given further turns, before the proof is asked what they are worth
FEW = 32  # defaulted firms up to which their payments are solved for at once in the end, whatever happened before
POLISHED = 400  # the same where sweeps did not come to rest
NEAR = 1e-9  # of dues: nearer to default than this, sweeps do not say who defaults
RESTS = 3e-14  # of dues: after sweeps, payments that miss their equations by no more have come to rest

State = tuple[Array, Array, NDArray[np.bool_]]  # payments by firm, by tranche, and who defaults
Proof = tuple[Array, Array, Array, Array]  # paid on each debt; got and paid inside by firm; how far off, of dues


def cleared(debts: Debts, assets: Array, alpha: float, beta: float, which: str) -> tuple[State, Proof]:
    """Payments by firm and by tranche, who defaults, and by how much the equations are missed."""
    book, rising, n = debts.book, which == "least", len(assets)
    paid = np.zeros(n) if rising else book.dues.copy()
    part = np.zeros(len(book.amount)) if rising else book.amount.copy()
    failed = np.full(n, rising)
    rested = sweep(book, assets, alpha, beta, rising, paid, part, failed, SWEEPS)
    proof = proved(debts, assets, alpha, beta, paid, part, failed)
    polish = not rising and 0 < int(failed.sum()) <= (FEW if rested else POLISHED)
    edge = (np.abs(assets + proof[1] - book.dues) <= NEAR * book.dues) & (book.dues > 0.0)
    if polish or not rested or edge.any() or float(proof[3].max(initial=0.0)) > RESTS:
        settled(with_claims(book), assets, alpha, beta, rising, polish, paid, part, failed)
        proof = proved(debts, assets, alpha, beta, paid, part, failed)
    return (paid, part, failed), proof


def settled(
    book: Book, assets: Array, alpha: float, beta: float, rising: bool, polish: bool,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Go on until no payment changes; with `polish` defaulters' payments are then solved for at once.

    Changes: paid, part, failed.
    """
    n, patience = len(assets), PATIENCE
    for attempt in range(3 * len(book.amount) + 10):
        moved = np.zeros(n, dtype=np.bool_)
        sweeps = SWEEPS if attempt == 0 or n <= BLOCK else 4 * SWEEPS
        left = settle(book, assets, alpha, beta, rising, paid, part, failed, moved, sweeps * n)
        if left > 0 or n == 0:
            block = np.flatnonzero(failed)
            if not polish or not 0 < len(block) <= POLISHED:
                break
            polish = False
        else:
            block = np.flatnonzero(moved & failed)
        patience -= len(block) > BLOCK
        if patience < 0:
            break
        if len(block) <= BLOCK:
            _step(book, assets, alpha, beta, rising, paid, part, block)


def _step(
    book: Book,
    assets: Array,
    alpha: float,
    beta: float,
    rising: bool,
    paid: Array,
    part: Array,
    block: Index,
) -> None:
    """Move the payments of `block` to where they come to rest if nobody else fails or recovers and no tranche ends.

    With r by how much payments miss their equations, always of one sign, the way there is v = (1 - beta A)^-1 r. If a
    tranche ends on the way, payments stop there: they are still on the safe side of the solution.
    """
    tranche = _marginal(book, paid, rising)[block]
    missed = alpha * assets[block] + beta * _received(book, part)[block]
    sign = 1.0 if rising else -1.0
    missed = np.maximum(0.0, sign * (missed - paid[block]))
    way = _way(np.eye(len(block)) - beta * passed_on(book, block, tranche), missed)
    room = book.below[tranche] + book.amount[tranche] - paid[block] if rising else paid[block] - book.below[tranche]
    ratio = np.divide(room, way, out=np.full(len(block), np.inf), where=way > 0.0)
    length = min(1.0, max(0.0, float(ratio.min(initial=1.0))))
    reached = paid[block] + sign * length * way
    paid[block] = np.where(ratio <= length, paid[block] + sign * room, reached)
    share_out_all(book, part, block, paid)


def _way(matrix: Array, missed: Array) -> Array:
    """matrix^-1 missed, none below 0; a circle that loses nothing is given a leak of 1e-13, since it has no inverse."""
    try:
        way = np.linalg.solve(matrix, missed)
    except np.linalg.LinAlgError:
        way = np.full(len(missed), np.nan)
    if not np.isfinite(way).all() or (way < -1e-9 * np.abs(way).max(initial=0.0)).any():
        way = np.linalg.solve(matrix + 1e-13 * np.eye(len(missed)), missed)
    forward: Array = np.maximum(way, 0.0)
    return forward


def _marginal(book: Book, paid: Array, rising: bool) -> Index:
    """The tranche in which the next dollar more (or less) of each firm's payment falls, shape (firms,)."""
    tranche = book.first[:-1].copy()
    for step in range(1, int(np.diff(book.first).max(initial=1))):
        deeper = np.minimum(book.first[:-1] + step, book.first[1:] - 1)
        beyond = paid >= book.below[deeper] if rising else paid > book.below[deeper]
        tranche = np.where(beyond & (book.amount[deeper] > 0.0), deeper, tranche)
    return tranche


def _received(book: Book, part: Array) -> Array:
    """What each firm gets from its debtors in USD, shape (firms,)."""
    owner = np.repeat(np.arange(len(book.dues)), np.diff(book.in_start))
    return summed(owner, book.in_share * part[book.in_tranche], len(book.dues))


def residual(
    book: Book, assets: Array, got: Array, alpha: float, beta: float, paid: Array, failed: NDArray[np.bool_]
) -> Array:
    """By how much each firm's payment misses its equation, of its dues; infinite where the verdict itself is wrong."""
    means = assets + got
    target = np.where(failed, np.minimum(alpha * assets + beta * got, book.dues), book.dues)
    missed = np.divide(np.abs(paid - target), book.dues, out=np.zeros_like(paid), where=book.dues > 0.0)
    wrong = np.where(failed, means > book.dues * (1.0 + SHORT), means < book.dues * (1.0 - 2.0 * SHORT))
    out: Array = np.where(wrong, np.inf, missed)
    return out


def proved(
    debts: Debts, assets: Array, alpha: float, beta: float, paid: Array, part: Array, failed: NDArray[np.bool_]
) -> Proof:  # fmt: skip
    """What is paid on each debt, what each firm gets and pays inside, and by how much payments miss their equations."""
    book = debts.book
    flows, got, inside = told(len(assets), debts.debtor, debts.creditor, debts.amount, debts.tranche, book.amount, part)
    return flows, got, inside, residual(book, assets, got, alpha, beta, paid, failed)
