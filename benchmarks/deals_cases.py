"""Networks for `deals.py`: payments and debts drawn at random, and the textbook's way to clear them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gigawatt.deals import Flows, SparseLiabilities, listed

FIRMS, FIRM_PAYMENTS, FIRM_SEED = 60, 450, 313  # 27,754 loops of up to six payments
SHOCKS = {"mild": (0.7, 1.6), "hard": (0.3, 1.3)}  # cash over what would just do, uniform between these
SHORT = 1e-12  # of dues: less than this short is solvent


def network(parties: int, payments: int, seed: int) -> Flows:
    """Payments between parties drawn at random, amounts over three powers of ten; parallel ones become one."""
    rng = np.random.default_rng(seed)
    payer, payee = rng.integers(0, parties, payments), rng.integers(0, parties, payments)
    return listed(payer, payee, 10.0 ** rng.uniform(6, 9, payments), parties)


def firms() -> Flows:
    """Sixty firms with exactly `FIRM_PAYMENTS` payments between different ones."""
    rng = np.random.default_rng(FIRM_SEED)
    pairs = rng.choice(FIRMS * (FIRMS - 1), FIRM_PAYMENTS, replace=False)
    payer, other = pairs // (FIRMS - 1), pairs % (FIRMS - 1)
    return listed(payer, other + (other >= payer), 10.0 ** rng.uniform(6, 9, FIRM_PAYMENTS), FIRMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debts:
    """Debts among firms, debts outside, and cash with which everybody could just pay."""

    owed: SparseLiabilities | np.ndarray
    outside: np.ndarray
    enough: np.ndarray


def large(count: int, each: int) -> Debts:
    """Each firm owes about `each` others, amounts lognormal, and half as much again outside."""
    rng = np.random.default_rng(1)
    debtor, creditor = rng.integers(0, count, (2, count * each))
    debtor, creditor = debtor[debtor != creditor], creditor[debtor != creditor]
    amount = rng.lognormal(0, 1, len(debtor))
    owed, due = np.bincount(debtor, amount, count), np.bincount(creditor, amount, count)
    sparse = SparseLiabilities(size=count, debtor=debtor, creditor=creditor, amount_usd=amount)
    return Debts(owed=sparse, outside=owed * 0.5, enough=np.maximum(0.0, 1.5 * owed - due) + 0.1 * owed)


def dense(count: int, density: float) -> Debts:
    """The same as a matrix with this share of all debts."""
    rng = np.random.default_rng(2)
    matrix = rng.lognormal(0, 1, (count, count)) * (rng.random((count, count)) < density)
    np.fill_diagonal(matrix, 0)
    owed = matrix.sum(axis=1)
    enough = np.maximum(0.0, 1.5 * owed - matrix.sum(axis=0)) + 0.1 * owed
    return Debts(owed=matrix, outside=owed * 0.5, enough=enough)


def shocked(debts: Debts, shock: str, scenarios: int | None = None) -> np.ndarray:
    """Cash after a shock to each firm by itself, shape (firms,) or (scenarios, firms)."""
    low, high = SHOCKS[shock]
    shape = debts.enough.shape if scenarios is None else (scenarios, len(debts.enough))
    cash: np.ndarray = debts.enough * np.random.default_rng(3).uniform(low, high, shape)
    return cash


def by_the_textbook(debts: Debts, cash: np.ndarray, left: float) -> np.ndarray:
    """Greatest payments by fictitious default: solve for all known defaulters, add the new ones, and again.

    Eisenberg and Noe 2001, with the costs of Rogers and Veraart 2013, in NumPy.
    """
    owed = np.asarray(debts.owed)
    dues: np.ndarray = owed.sum(axis=1) + debts.outside
    share = owed / dues[:, None]
    failed = np.zeros(len(dues), dtype=bool)
    paid: np.ndarray = dues.copy()
    while True:
        fresh = (cash + share.T @ paid < dues * (1.0 - SHORT)) & ~failed
        if not fresh.any():
            return paid
        failed |= fresh
        k = np.flatnonzero(failed)
        right = left * (cash[k] + share[~failed][:, k].T @ dues[~failed])
        paid[k] = np.linalg.solve(np.eye(len(k)) - left * share[np.ix_(k, k)].T, right)
