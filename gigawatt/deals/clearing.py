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

from gigawatt.deals.clearing_search import BLOCK, Proof, State, cleared
from gigawatt.deals.liabilities import (
    Array,
    Debts,
    SparseLiabilities,
    amounts,
    called,
    laid_out,
    require_names,
    triplets,
)
from gigawatt.errors import SolveError

PROVED = 1e-12  # of dues: the most that a clearing may miss its equations by


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
    residual: float  # by how much the equations are missed, of dues: the proof, and a backward error (see `clearing`)
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

    A firm less than 1e-12 of its dues short is solvent, so that rounding does not decide. `residual` says how far the
    equations are missed: payments are exact for amounts that differ by that much of dues. Up to 2,000 defaulters are
    solved for at once, so that their payments have nearly all digits, however little leaves their circles; of more,
    those that rest on a leak of 1e-12 of dues can be off by all they are. For the greatest payments the proof also
    rules out defaulters who owe only each other, all of whose payments could be raised in proportion.

    Args:
        liabilities: liabilities[i][j] is what i owes j, in USD, shape (firms, firms); or sparse.
        external_assets: What each firm has besides claims on the others, in USD, shape (firms,); or one amount for all,
            or `{firm: amount}` with 0 for the others. None is 0 for all.
        external_liabilities: What each firm owes to the outside, in USD, in the same forms; of equal rank unless
            `seniority` says otherwise.
        alpha: Share of external assets that is left in default, 0 to 1.
        beta: Share of receipts from other firms that is left in default, 0 to 1.
        which: "greatest" or "least" clearing payments.
        seniority: Class of each debt, shape (firms, firms + 1), the last column for debts to the outside; 0 is paid
            first, a class only after those before it are paid in full, and equally within a class.
        names: Of firms, for messages.

    Raises:
        ValueError: Wrong shapes, amounts below 0 or not finite, a firm that owes itself.
        SolveError: Payments could not be proved to clear to 1e-12 of dues, or to be the greatest.
    """
    require_terms(alpha, beta, which)
    size, debtor, creditor, amount, ranks, outside = triplets(liabilities, seniority, names)
    require_names(names, size)
    assets = amounts(external_assets, size, "external assets", names)
    external = amounts(external_liabilities, size, "external liabilities", names)
    debts = laid_out(size, debtor, creditor, amount, ranks, outside, external)
    state, proof = cleared(debts, assets, alpha, beta, which)
    return certified(debts, assets, which, state, proof, names)


def require_terms(alpha: float, beta: float, which: str) -> None:
    """ValueError unless alpha and beta are shares and `which` is known."""
    for name, share in (("alpha", alpha), ("beta", beta)):
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{name}: {share}; from 0 to 1")
    if which not in ("greatest", "least"):
        raise ValueError(f"which: {which!r}; 'greatest' or 'least'")


def certified(
    debts: Debts, assets: Array, which: str, state: State, proof: Proof, names: Sequence[str] | None
) -> Clearing:
    """The clearing with its proof; SolveError if it misses its equations."""
    book, (paid, _, failed) = debts.book, state
    flows, got, inside, missed = proof
    if missed.max(initial=0.0) > PROVED:
        worst = int(missed.argmax())
        raise SolveError(f"clearing: {called(worst, names)} misses its equation by {missed[worst]:.1e} of dues, above "
                         f"{PROVED:.0e} (inf: its default is not proved); over {BLOCK} firms, or firms with debts "
                         "of several classes, owe each other nearly all")  # fmt: skip
    solvent_equity = np.maximum(0.0, assets + got - book.dues)
    external = np.maximum(0.0, paid - inside)
    return Clearing(
        payments=paid, equity=np.where(failed, 0.0, solvent_equity), defaulted=failed, received=got, dues=book.dues,
        costs=np.where(failed, np.maximum(0.0, assets + got - paid), 0.0), external_payments=external, flows=flows,
        debtor=debts.debtor, creditor=debts.creditor, residual=float(missed.max(initial=0.0)), which=which,
        names=None if names is None else tuple(names),
    )  # fmt: skip
