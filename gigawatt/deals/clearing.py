"""Clearing: what each firm pays when all must pay at once from what they have and what they get from each other.

A firm that can pays all it owes; one that cannot pays alpha of its external assets and beta of its receipts. Several
payments can fit: the greatest and the least are found, and proved by their residual. See docs/explanation/contagion.md.

Source: Eisenberg and Noe 2001, doi:10.1287/mnsc.47.2.236.9835 (alpha = beta = 1); Rogers and Veraart 2013,
doi:10.1287/mnsc.1120.1569.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing_kernels import SHORT, settle, share_out, sweep, told
from gigawatt.deals.liabilities import (
    Array,
    Book,
    Debts,
    SparseLiabilities,
    amounts,
    called,
    laid_out,
    require_names,
    summed,
    triplets,
    with_claims,
)
from gigawatt.errors import SolveError

SWEEPS = 60  # turns of every firm, before the payments that still change are solved for at once
BLOCK = 2000  # firms solved for at once, at most
PATIENCE = 40  # times that more firms than that are given further turns, before the proof is asked what they are worth
POLISHED = 400  # defaulted firms up to which their payments are solved for at once in the end, whatever happened before
PROVED = 1e-12  # of dues: the most that a clearing may miss its equations by
NEAR = 1e-9  # of dues: nearer to default than this, sweeps do not say who defaults
RESTS = 3e-14  # of dues: after sweeps, payments that miss their equations by no more have come to rest

State = tuple[Array, Array, NDArray[np.bool_]]  # payments by firm, by tranche, and who defaults
Proof = tuple[Array, Array, Array, Array]  # paid on each debt; got and paid inside by firm; how far off, of dues


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """Payments that clear, in USD; arrays have shape (firms,)."""

    payments: Array
    equity: Array  # what owners keep; 0 in default
    defaulted: NDArray[np.bool_]
    received: Array  # from the other firms
    dues: Array  # to firms and to the outside
    costs: Array  # of bankruptcy: what neither creditors nor owners get
    external_payments: Array  # the part of payments that goes outside
    flows: Array  # paid on each debt, in the order of `debtor` and `creditor`
    debtor: NDArray[np.int64]
    creditor: NDArray[np.int64]
    residual: float  # by how much the equations are missed, of dues; the proof
    which: str
    names: tuple[str, ...] | None = field(default=None)

    @property
    def shortfall(self) -> Array:
        """What creditors of each firm do not get, in USD."""
        return self.dues - self.payments

    @property
    def recovery(self) -> Array:
        """Share of dues that is paid, 0 to 1; 1 for a firm that owes nothing."""
        return np.divide(self.payments, self.dues, out=np.ones_like(self.dues), where=self.dues > 0.0)

    def matrix(self) -> Array:
        """Payments between firms in USD, shape (firms, firms); [i, j] is what i pays j."""
        out = np.zeros((len(self.dues), len(self.dues)))
        np.add.at(out, (self.debtor, self.creditor), self.flows)
        return out


def clearing(
    liabilities: ArrayLike | SparseLiabilities,
    external_assets: ArrayLike,
    external_liabilities: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    which: str = "greatest",
    seniority: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Clearing:
    """Payments of each firm that clear all debts at once.

    Args:
        liabilities: liabilities[i][j] is what i owes j, in USD, shape (firms, firms); or sparse.
        external_assets: What each firm has besides claims on the others, shape (firms,).
        external_liabilities: What each firm owes to the outside, of equal rank unless `seniority` says otherwise.
        alpha: Share of external assets that is left in default, 0 to 1.
        beta: Share of receipts from other firms that is left in default, 0 to 1.
        which: "greatest" or "least" clearing payments.
        seniority: Class of each debt, shape (firms, firms + 1), the last column for debts to the outside; 0 is paid
            first, a class only after those before it are paid in full, and equally within a class.
        names: Of firms, for messages.

    Raises:
        ValueError: Wrong shapes, amounts below 0 or not finite, a firm that owes itself.
        SolveError: Payments could not be proved to clear to 1e-12 of dues.
    """
    require_terms(alpha, beta, which)
    size, debtor, creditor, amount, ranks, outside = triplets(liabilities, seniority, names)
    require_names(names, size)
    assets = amounts(external_assets, size, "external assets", names)
    external = amounts(external_liabilities, size, "external liabilities", names)
    debts = laid_out(size, debtor, creditor, amount, ranks, outside, external)
    terms = (assets, alpha, beta, which)
    state = swept(debts.book, *terms)
    proof = proved(debts, *terms, *state)
    if not _at_rest(debts.book, assets, state, proof, which):
        state = settled(with_claims(debts.book), *terms, *state)
        proof = proved(debts, *terms, *state)
    return certified(debts, assets, which, *state, proof, names)


def require_terms(alpha: float, beta: float, which: str) -> None:
    """ValueError unless alpha and beta are shares and `which` is known."""
    for name, share in (("alpha", alpha), ("beta", beta)):
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{name}: {share}; from 0 to 1")
    if which not in ("greatest", "least"):
        raise ValueError(f"which: {which!r}; 'greatest' or 'least'")


def solved(book: Book, assets: Array, alpha: float, beta: float, which: str) -> State:
    """Payments by firm and by tranche, and who defaults; the book needs its claims."""
    return settled(book, assets, alpha, beta, which, *swept(book, assets, alpha, beta, which))


def swept(book: Book, assets: Array, alpha: float, beta: float, which: str) -> State:
    """Payments by firm and by tranche, and who defaults, after a few sweeps: often all that is needed."""
    rising, n = which == "least", len(assets)
    paid = np.zeros(n) if rising else book.dues.copy()
    part = np.zeros(len(book.amount)) if rising else book.amount.copy()
    failed = np.full(n, rising)
    sweep(book, assets, alpha, beta, rising, paid, part, failed, SWEEPS)
    return paid, part, failed


def settled(
    book: Book, assets: Array, alpha: float, beta: float, which: str,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> State:  # fmt: skip
    """The same to the end: turns of single firms, and exact steps where turns are slow.

    Changes: paid, part, failed.
    """
    rising, n = which == "least", len(assets)
    polished, patience = rising, PATIENCE
    for attempt in range(3 * len(book.amount) + 10):
        moved = np.zeros(n, dtype=np.bool_)
        sweeps = SWEEPS if attempt == 0 or n <= BLOCK else 4 * SWEEPS
        left = settle(book, assets, alpha, beta, rising, paid, part, failed, moved, sweeps * n)
        if left > 0 or n == 0:
            block = np.flatnonzero(failed)
            if polished or not 0 < len(block) <= POLISHED:
                break
            polished = True
        else:
            block = np.flatnonzero(moved & failed)
        patience -= len(block) > BLOCK
        if patience < 0:
            break
        if len(block) <= BLOCK:
            _step(book, assets, alpha, beta, rising, paid, part, block)
    return paid, part, failed


def _step(
    book: Book,
    assets: Array,
    alpha: float,
    beta: float,
    rising: bool,
    paid: Array,
    part: Array,
    block: NDArray[np.int64],
) -> None:
    """Move the payments of `block` to where they come to rest if nobody else fails or recovers and no tranche ends.

    With r by how much payments miss their equations, always of one sign, the way there is v = (1 - beta A)^-1 r. If a
    tranche ends on the way, payments stop there: they are still on the safe side of the solution.
    """
    tranche = _marginal(book, paid, rising)[block]
    missed = alpha * assets[block] + beta * _received(book, part)[block]
    sign = 1.0 if rising else -1.0
    missed = np.maximum(0.0, sign * (missed - paid[block]))
    way = _way(np.eye(len(block)) - beta * _passed(book, block, tranche), missed)
    room = book.below[tranche] + book.amount[tranche] - paid[block] if rising else paid[block] - book.below[tranche]
    ratio = np.divide(room, way, out=np.full(len(block), np.inf), where=way > 0.0)
    length = min(1.0, max(0.0, float(ratio.min(initial=1.0))))
    reached = paid[block] + sign * length * way
    paid[block] = np.where(ratio <= length, paid[block] + sign * room, reached)
    for i in block:
        share_out(book, part, i, paid[i])


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


def _passed(book: Book, block: NDArray[np.int64], tranche: NDArray[np.int64]) -> Array:
    """Of one more dollar paid by each of `block` (columns), what each of `block` (rows) gets."""
    column = np.full(len(book.amount), -1)
    column[tranche] = np.arange(len(block))
    out = np.zeros((len(block), len(block)))
    for row, i in enumerate(block):
        claims = slice(book.in_start[i], book.in_start[i + 1])
        at = column[book.in_tranche[claims]]
        np.add.at(out[row], at[at >= 0], book.in_share[claims][at >= 0])
    return out


def _marginal(book: Book, paid: Array, rising: bool) -> NDArray[np.int64]:
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
    debts: Debts, assets: Array, alpha: float, beta: float, which: str,
    paid: Array, part: Array, failed: NDArray[np.bool_],
) -> Proof:  # fmt: skip
    """What is paid on each debt, what each firm gets and pays inside, and by how much payments miss their equations."""
    book = debts.book
    flows, got, inside = told(len(assets), debts.debtor, debts.creditor, debts.amount, debts.tranche, book.amount, part)
    return flows, got, inside, residual(book, assets, got, alpha, beta, paid, failed)


def _at_rest(book: Book, assets: Array, state: State, proof: Proof, which: str) -> bool:
    """Whether payments are where turns of single firms would leave them, nobody is on the edge, and no step is due."""
    defaults = int(state[2].sum())
    polish = which == "greatest" and 0 < defaults <= POLISHED
    edge = np.abs(assets + proof[1] - book.dues) <= NEAR * book.dues
    return not (polish or (edge & (book.dues > 0.0)).any()) and float(proof[3].max(initial=0.0)) <= RESTS


def certified(
    debts: Debts, assets: Array, which: str, paid: Array, part: Array, failed: NDArray[np.bool_], proof: Proof,
    names: Sequence[str] | None,
) -> Clearing:  # fmt: skip
    """The clearing with its proof; SolveError if it misses its equations."""
    book = debts.book
    flows, got, inside, missed = proof
    if missed.max(initial=0.0) > PROVED:
        worst = int(missed.argmax())
        raise SolveError(f"clearing: {called(worst, names)} misses its equation by {missed[worst]:.1e} of "
                         f"dues, above {PROVED:.0e}; over {BLOCK} firms owe each other nearly all")  # fmt: skip
    solvent_equity = np.maximum(0.0, assets + got - book.dues)
    external = np.maximum(0.0, paid - inside)
    return Clearing(
        payments=paid, equity=np.where(failed, 0.0, solvent_equity), defaulted=failed, received=got, dues=book.dues,
        costs=np.where(failed, np.maximum(0.0, assets + got - paid), 0.0), external_payments=external, flows=flows,
        debtor=debts.debtor, creditor=debts.creditor, residual=float(missed.max(initial=0.0)), which=which,
        names=None if names is None else tuple(names),
    )  # fmt: skip
