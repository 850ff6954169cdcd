"""Clearing of debts of several ranks: a firm pays a rank only after those before it are paid in full.

One firm may owe another in several ranks, and the outside too. Within a rank creditors share in proportion.

Source: Elsinger 2009, Financial networks, cross holdings, and limited liability, OeNB Working Paper 156; with costs of
bankruptcy as in Rogers and Veraart 2013, doi:10.1287/mnsc.1120.1569.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gigawatt.deals.clearing import Clearing, clearing
from gigawatt.deals.liabilities import (
    Array,
    SparseLiabilities,
    amounts,
    called,
    require_amounts,
    require_names,
    triplets,
)

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingByRank:
    """Payments that clear, in USD: in all with shape (firms,), by rank with shape (ranks, firms), senior first."""

    payments: Array  # shape (firms,)
    equity: Array
    defaulted: NDArray[np.bool_]
    received: Array
    dues: Array
    costs: Array  # of bankruptcy: what neither creditors nor owners get
    paid_by_rank: Array  # shape (ranks, firms)
    dues_by_rank: Array
    external_by_rank: Array  # the part of paid_by_rank that goes outside
    flows: Array  # paid on each debt between firms, in the order of `debtor`, `creditor` and `rank`
    debtor: Index
    creditor: Index
    rank: Index
    residual: float  # by how much the equations are missed, of dues; the proof
    which: str

    @property
    def external_payments(self) -> Array:
        """The part of payments that goes outside, in USD, shape (firms,)."""
        out: Array = self.external_by_rank.sum(axis=0)
        return out

    @property
    def recovery_by_rank(self) -> Array:
        """Share of dues of each rank that is paid, 0 to 1; 1 where nothing is owed."""
        owing = self.dues_by_rank > 0.0
        return np.divide(self.paid_by_rank, self.dues_by_rank, out=np.ones_like(self.dues_by_rank), where=owing)

    @property
    def received_by_rank(self) -> Array:
        """What each firm gets from the others on debts of each rank, in USD, shape (ranks, firms)."""
        out = np.zeros_like(self.paid_by_rank)
        np.add.at(out, (self.rank, self.creditor), self.flows)
        return out

    def matrix(self, rank: int | None = None) -> Array:
        """Payments between firms in USD, of one rank or of all; [i, j] is what i pays j, shape (firms, firms)."""
        chosen = np.ones(len(self.flows), dtype=np.bool_) if rank is None else self.rank == rank
        out = np.zeros((len(self.dues), len(self.dues)))
        np.add.at(out, (self.debtor[chosen], self.creditor[chosen]), self.flows[chosen])
        return out


def clearing_by_rank(
    liabilities: Sequence[ArrayLike | SparseLiabilities],
    external_assets: ArrayLike,
    external_liabilities: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    which: str = "greatest",
    names: Sequence[str] | None = None,
) -> ClearingByRank:
    """Payments of each firm that clear the debts of all ranks at once.

    Args:
        liabilities: One matrix for each rank, the most senior first: liabilities[k][i][j] is what i owes j in rank k,
            in USD, shape (ranks, firms, firms); or a list of sparse ones.
        external_assets: What each firm has besides claims on the others, in USD, in the forms that `clearing` takes.
        external_liabilities: What each firm owes to the outside in each rank, in USD, shape (ranks, firms); where
            there is one rank, in the forms that `clearing` takes, too.
        alpha: Share of external assets that is left in default, 0 to 1.
        beta: Share of receipts from other firms that is left in default, 0 to 1.
        which: "greatest" or "least" clearing payments.
        names: Of firms, for messages.

    Raises:
        ValueError: Wrong shapes, amounts below 0 or not finite, a firm that owes itself.
        SolveError: Payments could not be proved to clear to 1e-12 of dues.
    """
    if len(liabilities) == 0:
        raise ValueError("liabilities: no rank; one matrix for each rank is needed, the most senior first")
    parts = [triplets(one, None, names)[:4] for one in liabilities]
    ranks, size = len(parts), parts[0][0]
    wrong = next((k for k, part in enumerate(parts) if part[0] != size), None)
    if wrong is not None:
        raise ValueError(f"liabilities: {parts[wrong][0]} firms in rank {wrong}, {size} in rank 0")
    require_names(names, size)
    outside = _outside(external_liabilities, ranks, size, names)
    rank = np.repeat(np.arange(ranks), [len(part[3]) for part in parts])
    debtor, creditor, amount = (np.concatenate([part[k] for part in parts]) for k in (1, 2, 3))
    # Everybody outside is one more firm, which owes nothing: so a firm can owe the outside in several ranks.
    late, owner = np.nonzero(outside)
    sparse = SparseLiabilities(
        size=size + 1, debtor=np.concatenate([debtor, owner]), seniority=np.concatenate([rank, late]),
        creditor=np.concatenate([creditor, np.full(len(owner), size)]),
        amount_usd=np.concatenate([amount, outside[late, owner]]),
    )  # fmt: skip
    assets = amounts(external_assets, size, "external assets", names)
    everybody = None if names is None else [*names, "the outside"]
    found = clearing(sparse, np.append(assets, 0.0), alpha=alpha, beta=beta, which=which, names=everybody)
    return _ranked(found, np.concatenate([rank, late]), np.asarray(sparse.amount_usd), ranks, size)


def _outside(values: ArrayLike | None, ranks: int, size: int, names: Sequence[str] | None) -> Array:
    if values is None:
        return np.zeros((ranks, size))
    if ranks == 1 and (isinstance(values, Mapping) or np.shape(values) != (1, size)):
        return amounts(values, size, "external liabilities", names)[None, :]
    found = np.array(values, dtype=np.float64)
    if found.shape != (ranks, size):
        raise ValueError(f"external liabilities: shape {found.shape} for {ranks} ranks of {size} firms; "
                         f"{(ranks, size)} is needed")  # fmt: skip
    require_amounts(found.ravel(), lambda k: f"external liabilities of {called(k % size, names)} in rank {k // size}")
    return found


def _ranked(found: Clearing, rank: Index, amount: Array, ranks: int, size: int) -> ClearingByRank:
    """The clearing without the firm that stands for the outside, and what was paid in each rank."""
    paid, dues, external = (np.zeros((ranks, size)) for _ in range(3))
    np.add.at(paid, (rank, found.debtor), found.flows)
    np.add.at(dues, (rank, found.debtor), amount)
    inner = found.creditor < size
    np.add.at(external, (rank[~inner], found.debtor[~inner]), found.flows[~inner])
    return ClearingByRank(
        payments=found.payments[:size], equity=found.equity[:size], defaulted=found.defaulted[:size],
        received=found.received[:size], dues=found.dues[:size], costs=found.costs[:size],
        paid_by_rank=paid, dues_by_rank=dues, external_by_rank=external, flows=found.flows[inner],
        debtor=found.debtor[inner], creditor=found.creditor[inner], rank=rank[inner],
        residual=found.residual, which=found.which,
    )  # fmt: skip
