"""The search for clearing payments: sweeps, then turns of single firms, exact steps, and an exact end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gigawatt.deals.clearing_exact import outright, received, way
from gigawatt.deals.clearing_kernels import SHORT, settle, share_out_all, sweep, told
from gigawatt.deals.components import components
from gigawatt.deals.liabilities import Array, Book, Debts, Index, with_claims

SWEEPS = 60  # turns of every firm, before the payments that still change are solved for at once
BLOCK = 2000  # firms solved for at once, at most
PATIENCE = 40  # times that more firms than that are given further turns, before the proof is asked what they are worth
FEW = 100  # defaulted firms up to which their payments are solved for at once in the end, whatever happened before
NEAR = 1e-9  # of dues: nearer to default than this, sweeps do not say who defaults
RESTS = 3e-14  # of dues: after sweeps, payments that miss their equations by no more have come to rest
THIN = 1e-3  # of dues: where somebody pays less, what is negligible for dues is not for payments

State = tuple[Array, Array, NDArray[np.bool_]]  # payments by firm, by tranche, and who defaults
Proof = tuple[Array, Array, Array, Array]  # paid on each debt; got and paid inside by firm; how far off, of dues


def cleared(debts: Debts, assets: Array, alpha: float, beta: float, which: str) -> tuple[State, Proof]:
    """Payments by firm and by tranche, who defaults, and by how much the equations are missed."""
    book, rising, n = debts.book, which == "least", len(assets)
    paid = np.zeros(n) if rising else book.dues.copy()
    part = np.zeros(len(book.amount)) if rising else book.amount.copy()
    failed = np.full(n, rising)
    if n <= FEW and not rising and len(book.amount) == n:
        finished(book, assets, alpha, beta, rising, paid, part, failed)
        return (paid, part, failed), proved(debts, assets, alpha, beta, which, paid, part, failed)
    rested = sweep(book, assets, alpha, beta, rising, paid, part, failed, SWEEPS)
    proof = proved(debts, assets, alpha, beta, which, paid, part, failed)
    edge = bool(((np.abs(assets + proof[1] - book.dues) <= NEAR * book.dues) & (book.dues > 0.0)).any())
    if edge or not rested or float(proof[3].max(initial=0.0)) > RESTS:
        settled(with_claims(book), assets, alpha, beta, rising, paid, part, failed)
        rested = False
    count = int(failed.sum())
    if count <= FEW or (count <= BLOCK and (not rested or bool((paid < THIN * book.dues).any()))):
        finished(book, assets, alpha, beta, rising, paid, part, failed)
        rested = False
    if not rested:
        proof = proved(debts, assets, alpha, beta, which, paid, part, failed)
    return (paid, part, failed), proof


def settled(
    book: Book, assets: Array, alpha: float, beta: float, rising: bool,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Go on until no payment changes. Changes: paid, part, failed."""
    n, patience = len(assets), PATIENCE
    for attempt in range(3 * len(book.amount) + 10):
        moved = np.zeros(n, dtype=np.bool_)
        sweeps = SWEEPS if attempt == 0 or n <= BLOCK else 4 * SWEEPS
        if settle(book, assets, alpha, beta, rising, paid, part, failed, moved, sweeps * n) > 0 or n == 0:
            break
        block = np.flatnonzero(moved & failed)
        patience -= len(block) > BLOCK
        if patience < 0:
            break
        if 0 < len(block) <= BLOCK:
            _step(book, assets, alpha, beta, rising, paid, part, block)


def _step(
    book: Book, assets: Array, alpha: float, beta: float, rising: bool, paid: Array, part: Array, block: Index
) -> None:
    """Move the payments of `block` to where they come to rest if nobody else fails or recovers and no tranche ends.

    With r by how much payments miss their equations, always of one sign, the way there is v = (1 - beta A)^-1 r. If a
    tranche ends on the way, payments stop there: they are still on the safe side of the solution.
    """
    if len(book.amount) == len(paid):
        _move(book, assets, alpha, beta, rising, paid, part, block)
        return
    tranche = _marginal(book, paid, rising)[block]
    missed = alpha * assets[block] + beta * received(book, part)[block]
    sign = 1.0 if rising else -1.0
    onward = way(book, block, tranche, beta, np.maximum(0.0, sign * (missed - paid[block])))
    room = book.below[tranche] + book.amount[tranche] - paid[block] if rising else paid[block] - book.below[tranche]
    ratio = np.divide(room, onward, out=np.full(len(block), np.inf), where=onward > 0.0)
    length = min(1.0, max(0.0, float(ratio.min(initial=1.0))))
    reached = paid[block] + sign * length * onward
    paid[block] = np.where(ratio <= length, paid[block] + sign * room, reached)
    share_out_all(book, part, block, paid)


def _move(
    book: Book, assets: Array, alpha: float, beta: float, rising: bool, paid: Array, part: Array, block: Index
) -> None:
    """The same with debts of one class, where payments are solved for themselves, not how far they still move.

    If that is more than dues, all are made smaller in proportion: so they ask for no more than there is, since all
    they have is 0 or more, and still are at or below the solution in which somebody is solvent.
    """
    dues = book.dues[block]
    found = outright(book, assets, alpha, beta, part, block, block, rising)
    over = found > dues
    if over.any():
        found = np.minimum(found * float((dues[over] / found[over]).min()), dues)
        found = np.maximum(found, paid[block]) if rising else found
    paid[block] = found
    share_out_all(book, part, block, paid)


def finished(
    book: Book, assets: Array, alpha: float, beta: float, rising: bool,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Solve for the payments of all defaulters at once, see who defaults then, and again until nobody turns.

    Falling, defaulters are added. Then, as rising, those who can pay after all leave: payments of a closed circle are
    raised as far as dues allow (`outright`), and what rounding has decided is decided anew.

    Changes: paid, part, failed.
    """
    if len(book.amount) != len(paid):
        _polished(book, assets, alpha, beta, rising, paid, part, failed)
        return
    up = rising
    for _ in range(2 * len(paid) + 2):
        block = np.flatnonzero(failed)
        if len(block) > BLOCK:
            return
        _move(book, assets, alpha, beta, rising, paid, part, block)
        solvent = assets + received(book, part) >= book.dues * (1.0 - SHORT)
        fresh = ~failed & ~solvent
        up = up or not fresh.any()
        turned = failed & solvent if up else fresh
        if not turned.any():
            return
        failed ^= turned
        well = np.flatnonzero(turned & ~failed)
        paid[well] = book.dues[well]
        share_out_all(book, part, well, paid)


def _polished(
    book: Book, assets: Array, alpha: float, beta: float, rising: bool,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> None:  # fmt: skip
    """With several classes: solve for the tranches that defaulters have come to, if payments stay within them.

    Changes: paid, part.
    """
    block = np.flatnonzero(failed)
    tranche = _marginal(book, paid, rising)[block]
    found, room = outright(book, assets, alpha, beta, part, block, tranche, rising), book.amount[tranche]
    if len(block) and bool(((found >= -RESTS * room) & (found <= room * (1.0 + RESTS))).all()):
        paid[block] = book.below[tranche] + np.clip(found, 0.0, room)
        share_out_all(book, part, block, paid)


def _marginal(book: Book, paid: Array, rising: bool) -> Index:
    """The tranche in which the next dollar more (or less) of each firm's payment falls, shape (firms,)."""
    tranche = book.first[:-1].copy()
    for step in range(1, int(np.diff(book.first).max(initial=1))):
        deeper = np.minimum(book.first[:-1] + step, book.first[1:] - 1)
        beyond = paid >= book.below[deeper] if rising else paid > book.below[deeper]
        tranche = np.where(beyond & (book.amount[deeper] > 0.0), deeper, tranche)
    return tranche


def residual(
    book: Book, assets: Array, got: Array, alpha: float, beta: float, which: str, paid: Array,
    failed: NDArray[np.bool_],
) -> Array:  # fmt: skip
    """By how much each firm's payment misses its equation, of its dues; infinite where the verdict itself is wrong."""
    means = assets + got
    target = np.where(failed, np.minimum(alpha * assets + beta * got, book.dues), book.dues)
    missed = np.divide(np.abs(paid - target), book.dues, out=np.zeros_like(paid), where=book.dues > 0.0)
    wrong = np.where(failed, means > book.dues * (1.0 + SHORT), means < book.dues * (1.0 - 2.0 * SHORT))
    if which == "greatest" and beta == 1.0:
        wrong |= owing_only_each_other(book, failed)
    out: Array = np.where(wrong, np.inf, missed)
    return out


def owing_only_each_other(book: Book, failed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Defaulters of circles whose members all default and owe nobody else.

    In the greatest clearing without costs on receipts there are none: what they pay comes back to them, so that they
    could pay more, up to the first of them that is solvent.
    """
    size = len(failed)
    out = book.outside * book.amount
    inner: NDArray[np.bool_] = failed & ((out if len(out) == size else np.add.reduceat(out, book.first[:-1])) == 0.0)
    if not inner.any():
        return inner
    debtor = np.repeat(np.arange(size), np.diff(book.out_start))
    part = components(book.out_start, book.creditor)
    leaving = part[debtor] != part[book.creditor]
    leaky = np.zeros(size, dtype=np.bool_)
    leaky[part[debtor[leaving]]] = True
    leaky[part[~inner]] = True
    closed: NDArray[np.bool_] = ~leaky[part]
    return closed


def proved(
    debts: Debts, assets: Array, alpha: float, beta: float, which: str,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> Proof:  # fmt: skip
    """What is paid on each debt, what each firm gets and pays inside, and by how much payments miss their equations."""
    book = debts.book
    flows, got, inside = told(len(assets), debts.debtor, debts.creditor, debts.amount, debts.tranche, book.amount, part)
    return flows, got, inside, residual(book, assets, got, alpha, beta, which, paid, failed)
